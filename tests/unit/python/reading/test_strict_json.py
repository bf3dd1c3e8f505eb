"""flywheel.reading.strict_json: no name twice, no number that changes."""

import json

import pytest

from flywheel.errors import FlywheelError
from flywheel.reading import strict_json
from tests.kits import hostile


def loads(text, what=""):
    return strict_json.loads(text, "x.json", "Ask for it again", what)


def test_loads__ordinary_json__is_what_the_library_reads():
    value = {"a": [1, -2, 0.5, None, True, "é\n\U0001f600"], "b": {"a": 2**256 - 1}}
    assert loads(json.dumps(value)) == value
    assert loads(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,\n "b": 2,\n "a": 3}', "x.json, line 3: 'a' was given in line 1 already."),
        ('{"b": {"c": 1},\n"d": [{"c": 1},\n{"c": 2, "c": 3}]}', "line 3: 'c' was given in line 3"),
        ('{"a\\"": 1, "a\\"": 2}', "'a\"' was given in line 1"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": -Infinity}', "-Infinity is no number"),
        ('{"a": 1e999}', "has more digits than are kept of it"),
        # Found by an hour of the fuzzer over readers: no Decimal has such an exponent.
        ('{"a": 0.1e9991234567890123456789}', "has more digits than are kept of it"),
        ('{"a": 0.1234567890123456789}', "has more digits than are kept of it"),
        (f'{{"a": {hostile.DIGITS}}}', "is too long"),
        ('\n{"a": "\\ud800"}', "line 2: half a character is written here"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{\n"a": }', "line 2: this is not JSON"),
        ("", "line 1: this is not JSON"),
    ],
)
def test_loads__what_a_parser_would_change__is_refused(text, said):
    with pytest.raises(FlywheelError) as caught:
        loads(text)
    assert said in str(caught.value)
    assert str(caught.value).endswith("Ask for it again.")
    assert len(str(caught.value)) < 200


def test_loads__with_a_name_of_what_it_should_be__says_so():
    with pytest.raises(FlywheelError, match=r"x\.json is no voucher: line 1: this is not JSON"):
        loads("{", "is no voucher")

"""flywheel.reading.values: measurements as programs write them, without loss."""

from fractions import Fraction

import pytest

from flywheel.errors import FlywheelError
from flywheel.reading import values
from tests.kits import hostile


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0.0", 0),
        ("12", 12),
        ("12.", 12),
        ("0.1", Fraction(1, 10)),
        ("1.25e-05", Fraction(1, 80_000)),
        ("5E+2", 500),
        ("0.30000000000000004", Fraction(30_000_000_000_000_004, 10**17)),
    ],
)
def test_measurement__as_programs_write_it__is_exact(text, value):
    assert values.measurement(text, "power", 1_000) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "power '' is no number"),
        ("nan", "power 'nan' is no number"),
        ("-inf", "power '-inf' is no number"),
        ("1,5", "power '1,5' is no number"),
        ("0x12", "power '0x12' is no number"),
        (" 1", "power ' 1' is no number"),
        ("1_000", "power '1_000' is no number"),
        ("\u0661", "is no number"),
        ("-0.1", "power '-0.1' is negative"),
        ("1e999", "power '1e999' is beyond any measurement"),
        ("1e-999", "power '1e-999' is beyond any measurement"),
        (hostile.DIGITS, "is beyond any measurement"),
        ("1000.0001", "power 1000.0001 is too large. At most 1,000 makes sense."),
    ],
)
def test_measurement__what_is_none__is_refused(text, said):
    with pytest.raises(FlywheelError) as caught:
        values.measurement(text, "power", 1_000)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200


def test_measurement__the_maximum__is_taken():
    assert values.measurement("1000", "power", 1_000) == 1_000

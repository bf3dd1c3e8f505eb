"""The public names of `import flywheel`, by the examples of docs/reference/python.md."""

import re

import pytest

import flywheel
from tests.support import ROOT

PAGE = ROOT / "docs" / "reference" / "python.md"


def examples() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_examples__in_their_order__run(monkeypatch):
    monkeypatch.chdir(ROOT)
    scope: dict[str, object] = {}
    for example in examples():
        exec(compile(example, str(PAGE), "exec"), scope)
    assert scope["summary"]


@pytest.mark.parametrize("name", flywheel.__all__)
def test_public_name__each__is_documented_and_shown(name):
    assert (getattr(flywheel, name).__doc__ or "").strip()
    assert f"`{name}`" in str(flywheel.__doc__)
    assert any(f"flywheel.{name}" in example for example in examples())


def test_public_name__unknown__is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = flywheel.Nothing  # type: ignore[attr-defined]


def test_public_names__of_the_package__are_typed():
    assert (ROOT / "flywheel" / "py.typed").is_file()
    assert set(flywheel.__all__) <= set(dir(flywheel))

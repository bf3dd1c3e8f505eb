"""How the tests are laid out: what several of them share is in tests/kits, a file for each room."""

from pathlib import Path

from tests.support import ROOT


def _importers(root: Path) -> list[str]:
    """Files of tests/ that import from tests/unit."""
    found = (root / "tests").rglob("*.py")
    needles = ("from tests.unit", "import tests.unit")
    return [
        path.relative_to(root).as_posix()
        for path in found
        if any(line.startswith(needles) for line in path.read_text().splitlines())
    ]


def test_tests__nothing_imports_from_a_folder_of_tests():
    assert _importers(ROOT) == []


def test_tests__an_import_of_a_test__is_found(tmp_path):
    folder = tmp_path / "tests" / "attack"
    folder.mkdir(parents=True)
    (folder / "test_one.py").write_text("from tests.unit.treasury.test_two import HELPER\n")
    assert _importers(tmp_path) == ["tests/attack/test_one.py"]

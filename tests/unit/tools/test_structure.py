"""The rooms of the Python half: who may import whom (docs/ARCHITECTURE.md).

An import goes to the same level or a lower one, never in a circle, wherever in a file it stands.
What imports nothing of the package but the lowest level (constants, arithmetic) all may use.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.support import ROOT

PACKAGE = ROOT / "flywheel"
ROOMS = (
    "governance",
    "funding",
    "treasury",
    "grants",
    "models",
    "evaluations",
    "licensing",
    "royalties",
    "rewards",
)
LEVELS = {
    "console": 5,
    "story": 4,
    "economics": 4,
    **dict.fromkeys(ROOMS, 3),
    "energy": 3,
    "deploy": 2,
    "wording": 2,
    "statement": 2,
    "chain": 1,
    "reading": 0,
}
# Below all rooms: single modules.
BASE = 0
SCREEN = {"click", "rich"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def sources() -> dict[str, ast.Module]:
    return {
        name_of(path): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def imported(tree: ast.Module) -> set[str]:
    """The modules that a file imports, also within functions and for annotations."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {item.name for item in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for item in node.names:
                whole = f"{node.module}.{item.name}"
                found.add(whole if whole in sources() else str(node.module))
    return found


@cache
def uses() -> dict[str, set[str]]:
    """For each module the modules of the package that it imports."""
    return {name: imported(tree) & sources().keys() for name, tree in sources().items()}


def level(name: str) -> int:
    return LEVELS.get(name.split(".")[1], BASE) if "." in name else BASE


@cache
def is_plain(name: str) -> bool:
    """Whether a module needs nothing of the package but its lowest level and others such."""
    return all(level(other) == BASE or is_plain(other) for other in uses()[name])


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A way from a module back to itself; empty if there is none."""
    done: set[str] = set()

    def follow(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph[name]):
            if found := follow(other, [*way, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := follow(name, []))), [])


def test_rooms__every_folder__has_a_level():
    folders = {path.name for path in PACKAGE.iterdir() if any(path.glob("*.py"))}
    assert folders == set(LEVELS)


def test_imports__of_every_module__make_no_circle():
    assert circle(uses()) == []


def test_circle__of_three__is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]


@pytest.mark.parametrize("name", sorted(uses()))
def test_imports__of_a_module__go_down(name):
    upward = {other for other in uses()[name] if level(other) > level(name) and not is_plain(other)}
    assert upward == set()


@pytest.mark.parametrize("name", sorted(uses()))
def test_screen__anywhere_but_in_console__is_not_used(name):
    tops = {module.split(".")[0] for module in imported(sources()[name])}
    assert level(name) == LEVELS["console"] or not tops & SCREEN


def test_console__is_imported_by_scripts_alone():
    users = {name for name, others in uses().items() if any(level(item) == 5 for item in others)}
    assert all(level(name) == LEVELS["console"] for name in users)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "scripts").glob("*.py")), ids=lambda path: path.stem
)
def test_scripts__each__is_one_group_of_the_console(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (found,) = imported(tree)
    assert level(found) == LEVELS["console"]
    assert found in sources()

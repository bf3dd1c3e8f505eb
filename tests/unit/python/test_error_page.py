"""docs/reference/errors.md beside the sources: every reason, said by whom, and nothing else."""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from flywheel.chain.reverts import REMEDIES
from tests.support import ROOT

CONTRACTS = ROOT / "contracts"
PAGE = ROOT / "docs" / "reference" / "errors.md"
DOCSTRING = re.compile(r'""".*?"""', re.DOTALL)
IMPORT = re.compile(r"^from contracts\.(\w+) import (\w+)", re.MULTILINE)
# `assert ..., "reason"` and `_refuse("reason")`; signatures of functions have brackets.
REASON = re.compile(r'(?:_refuse\(|,\s*)"([a-z][^"()=#]*)"')
TYPED = re.compile(r'"([A-Z]\w*[a-z]\w*)\([a-z0-9,]*\)"')
TYPED_ROOM = "Typed errors"
# All contracts are made of these modules, so the page does not say which.
COMMON = "common"
# What assets say, the mock among them: no contract of the suite.
OF_ASSETS = {"allowance is too low", "balance is too low"}


@cache
def code(path: Path) -> str:
    return DOCSTRING.sub("", path.read_text(encoding="utf-8"))


def made_of(contract: Path) -> set[Path]:
    """The file of a contract and all modules that it is made of."""
    found: set[Path] = set()
    todo = [contract]
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += [CONTRACTS / room / f"{stem}.vy" for room, stem in IMPORT.findall(code(path))]
    return found


def reasons_of_sources() -> dict[str, dict[str, set[str]]]:
    """Room => reason => the contracts that can say it."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for contract in CONTRACTS.rglob("[A-Z]*.vy"):
        if contract.parent.name == "mocks":
            continue
        for path in made_of(contract):
            for reason in REASON.findall(code(path)):
                found[path.parent.name][reason].add(contract.stem)
    return found


def rows_of_page() -> dict[str, list[list[str]]]:
    """Section => cells of each row of its table."""
    found = {}
    for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        lines = [line for line in body.splitlines() if line.startswith("| `")]
        found[title] = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return found


def reasons_of(row: list[str]) -> list[str]:
    return re.findall(r"`([^`]+)`", row[0])


def test_reasons__of_the_page__are_those_of_the_sources():
    sources, page = reasons_of_sources(), rows_of_page()
    assert set(page) - {TYPED_ROOM} == set(sources)
    for room, said in sources.items():
        listed = [reason for row in page[room] for reason in reasons_of(row)]
        assert sorted(listed) == sorted(said), room


def test_contracts__of_the_page__are_those_that_say_it():
    sources = reasons_of_sources()
    for room, rows in rows_of_page().items():
        if room in (COMMON, TYPED_ROOM):
            continue
        for row in rows:
            who = set().union(*(sources[room][reason] for reason in reasons_of(row)))
            assert row[1] == ", ".join(sorted(who)), row[0]


def test_typed_errors__of_the_page__are_those_of_the_sources():
    paths = [path for path in CONTRACTS.rglob("*.vy") if path.parent.name != "mocks"]
    raised = {name for path in paths for name in TYPED.findall(code(path))}
    listed = [reason for row in rows_of_page()[TYPED_ROOM] for reason in reasons_of(row)]
    assert sorted(listed) == sorted(raised)


def test_rows__each__says_what_to_do():
    for rows in rows_of_page().values():
        for row in rows:
            assert len(row[-1]) > 10, row
            assert row[-1].endswith("."), row


def remedies_of_page() -> dict[str, set[str]]:
    """Reason => what to do, in each room where it stands, as commands write it."""
    found: dict[str, set[str]] = defaultdict(set)
    for rows in rows_of_page().values():
        for row in rows:
            for reason in reasons_of(row):
                found[reason].add(row[-1].replace("`", "'").removesuffix("."))
    return found


def test_remedies__that_commands_print__are_for_reasons_that_there_are():
    """A reason that was renamed would leave its users without a word."""
    assert set(REMEDIES) - set(remedies_of_page()) == OF_ASSETS


def test_remedies__that_commands_print__stand_on_the_page():
    said = remedies_of_page()
    other = {
        reason: remedy
        for reason, remedy in REMEDIES.items()
        if reason in said and remedy.removesuffix(".") not in said[reason]
    }
    assert other == {}, "copy what chain/reverts.py says to docs/reference/errors.md"

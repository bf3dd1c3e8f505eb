"""The store of events: what it keeps, and what a reorganisation takes out of it."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flywheel.statement.event_store import NOTHING, EventStore, RawLog
from tests.support import ROOT


def log(block: int, index: int = 0) -> RawLog:
    return RawLog(block, index, 1_000 + block, "0xaa", ("0x01", "0x02"), "0xff")


def hash_in(fork: str = "a", since: int = 10**9, head: int = 10**9):
    """Hashes of a chain of which another fork has the blocks from `since` on."""
    return lambda number: None if number > head else f"{fork if number >= since else 'a'}{number}"


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "events" / "kept.duckdb"


def filled(path: Path | None, *blocks: int, until: int) -> EventStore:
    store = EventStore(path)
    hashes = {number: f"a{number}" for number in (*blocks, until)}
    store.add([log(number, index) for number in blocks for index in (0, 1)], hashes)
    return store


def test_logs__opened_again__are_those_that_were_added(path):
    filled(path, 30, 5, until=40).close()
    store = EventStore(path)
    assert store.drop_changed(hash_in()) == 40
    assert store.logs() == [log(5), log(5, 1), log(30), log(30, 1)]


def test_drop_changed__new_store__has_nothing():
    assert EventStore().drop_changed(hash_in()) == NOTHING


@pytest.mark.parametrize(
    ("since", "until", "left"),
    [
        (41, 40, [5, 20, 30]),
        (40, 30, [5, 20, 30]),
        (31, 30, [5, 20, 30]),
        (30, 20, [5, 20]),
        (6, 5, [5]),
        (5, NOTHING, []),
        (0, NOTHING, []),
    ],
)
def test_drop_changed__reorganised__keeps_what_lies_below(since, until, left):
    store = filled(None, 5, 20, 30, until=40)
    assert store.drop_changed(hash_in("b", since)) == until
    assert [item.block for item in store.logs()[::2]] == left
    # What is read in its place is not mixed with what was there.
    store.add([], {50: "b50"})
    assert store.drop_changed(hash_in("b", since)) == 50


def test_drop_changed__chain_is_shorter_now__drops_what_is_above():
    store = filled(None, 5, 20, until=40)
    assert store.drop_changed(hash_in(head=25)) == 20


def test_drop_changed__nothing_changed__asks_for_one_block():
    store = filled(None, *range(100), until=200)
    asked = []
    store.drop_changed(lambda number: asked.append(number) or f"a{number}")
    assert asked == [200]


def test_add__same_log_twice__is_there_once():
    store = filled(None, 5, until=9)
    store.add([log(5)], {9: "a9"})
    assert store.logs() == [log(5), log(5, 1)]


def test_add__fails_halfway__changes_nothing():
    store = filled(None, 5, until=9)
    with pytest.raises(duckdb.Error):
        store.add([log(7)], {10: None})  # type: ignore[dict-item]
    assert store.drop_changed(hash_in()) == 9
    assert [item.block for item in store.logs()] == [5, 5]


def test_clear__then_nothing_is_left(path):
    store = filled(path, 5, until=9)
    store.clear()
    assert (store.logs(), store.drop_changed(hash_in())) == ([], NOTHING)


@pytest.mark.parametrize("junk", [b"no database", b"x" * 100_000])
def test_open__damaged__begins_anew(path, junk):
    path.parent.mkdir()
    path.write_bytes(junk)
    assert EventStore(path).logs() == []
    filled(path, 5, until=9).close()
    assert len(EventStore(path).logs()) == 2


def test_open__folder_cannot_be_made__reads_without_it(tmp_path):
    (tmp_path / "file").write_text("")
    assert filled(tmp_path / "file" / "kept.duckdb", 5, until=9).logs() == [log(5), log(5, 1)]


def test_duckdb__command_that_needs_no_store__does_not_load_it():
    code = (
        "import sys, flywheel.statement, flywheel.console.statement, flywheel.console.royalty;"
        "sys.exit('duckdb' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0

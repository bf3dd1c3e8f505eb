"""Shards: the proof of every leaf out of two small files, of which nothing is believed."""

import json
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flywheel.errors import FlywheelError
from flywheel.rewards import shards
from flywheel.rewards.leaves import Domain, keccak, leaf_hash
from flywheel.rewards.merkle import RewardTree, verify
from flywheel.rewards.shards import SHARD

DOMAIN = Domain(31_337, "0x" + "c0" * 20, 7, "0x" + "a5" * 20, 3)
SIZES = [1, 2, 3, 127, 128, 129, 1_023, 1_024, 1_025, 2_047, 2_500]
LARGEST = 2_500
INDEX = "index.json"
# Of the largest tree: the shard in the middle, and how many there are.
MIDDLE, SHARDS = "00001.json", 3


@cache
def tree_of(count: int) -> RewardTree:
    accounts = (f"0x{keccak(number.to_bytes(4, 'big'))[:20].hex()}" for number in range(count))
    return RewardTree.build(DOMAIN, {who: 3**70 + number for number, who in enumerate(accounts)})


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / shards.FOLDER).iterdir()}


@pytest.fixture
def folder(tmp_path) -> Path:
    """A publication of the largest tree."""
    shards.write(tmp_path, tree_of(LARGEST))
    return tmp_path


# --- proofs ---


@pytest.mark.parametrize("count", SIZES)
def test_find__every_account__has_the_proof_of_the_tree(tmp_path, monkeypatch, count):
    tree = tree_of(count)
    shards.write(tmp_path, tree)
    # Every shard is read and hashed once, and not for each of its accounts.
    read, hashed = shards._read_shard, shards._nodes
    known: dict[Any, Any] = {}

    def read_once(path, *rest):
        if path not in known:
            known[path] = read(path, *rest)
        return known[path]

    def hash_once(index, rows, *rest):
        if rows not in known:
            known[rows] = hashed(index, rows, *rest)
        return known[rows]

    monkeypatch.setattr(shards, "_read_shard", read_once)
    monkeypatch.setattr(shards, "_nodes", hash_once)
    index = shards._read_index(tmp_path / shards.FOLDER / INDEX)
    monkeypatch.setattr(shards, "_read_index", lambda _: index)
    for row in range(count):
        leaf = tree.leaf(row)
        found = shards.find(tmp_path, leaf.account)
        assert found == shards.ShardedLeaf(leaf, tree.proof(row), found.domain, tree.root)
        assert found.domain.encode() == DOMAIN.encode()


@settings(max_examples=20)
@given(count=st.integers(1, 3 * SHARD), data=st.data())
def test_find__any_number_of_leaves__leads_to_the_root(tmp_path_factory, count, data):
    folder, tree = tmp_path_factory.mktemp("shards"), tree_of(count)
    shards.write(folder, tree)
    row = data.draw(st.integers(0, count - 1))
    found = shards.find(folder, tree.leaf(row).account)
    assert (found.leaf, found.proof) == (tree.leaf(row), tree.proof(row))
    assert verify(tree.root, leaf_hash(found.domain, found.leaf), found.proof)


@given(count=st.integers(1, 5_000), data=st.data())
def test_frontier__any_leaves__are_the_nodes_that_their_proofs_lack(count, data):
    start = data.draw(st.integers(0, count - 1))
    rows = range(start, data.draw(st.integers(start + 1, min(count, start + 64))))
    own, beside = set(), set()
    for row in rows:
        node = 2 * count - 2 - row
        own.add(node)
        while node:
            beside.add(node + 1 if node % 2 else node - 1)
            node = (node - 1) // 2
            own.add(node)
    assert shards._frontier(count, rows) == sorted(beside - own)
    assert {node for level in shards._levels(count, rows) for node in level} == own


def test_frontier__shard_of_a_million__has_some_twenty_nodes():
    count = 1_000_000
    sizes = [
        len(shards._frontier(count, range(start, min(start + SHARD, count))))
        for start in range(0, count, SHARD)
    ]
    assert max(sizes) <= 22


def test_find__account_in_capitals__is_the_same(folder):
    account = tree_of(LARGEST).leaf(7).account
    assert shards.find(folder, f"0x{account[2:].upper()}") == shards.find(folder, account)


def test_find__one_account__reads_the_index_and_one_shard(folder, monkeypatch):
    opened, open_ = [], os.open
    monkeypatch.setattr(
        os, "open", lambda path, *args, **more: opened.append(path) or open_(path, *args, **more)
    )
    shards.find(folder, tree_of(LARGEST).leaf(SHARD + 1).account)
    assert [Path(path).name for path in opened] == [INDEX, MIDDLE]


@pytest.mark.parametrize("account", ["0x" + "00" * 19 + "01", "0x" + "ff" * 20, "0x" + "77" * 20])
def test_find__account_without_a_leaf__is_told(folder, account):
    with pytest.raises(FlywheelError, match=rf"{account} has no leaf in"):
        shards.find(folder, account)


@pytest.mark.parametrize("account", ["0x12", "", "0x" + "g" * 40])
def test_find__no_address__is_refused(folder, account):
    with pytest.raises(FlywheelError, match="is not an address"):
        shards.find(folder, account)


def test_find__slip_in_the_checksum__is_refused(folder):
    with pytest.raises(FlywheelError, match="capitals do not fit"):
        shards.find(folder, "0xC0c0c0c0C0c0c0c0C0C0C0C0C0C0C0C0C0C0C0c0")


# --- files ---


def test_write__same_tree__has_the_same_bytes_and_hashes(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    leaves = dict(reversed(list(tree_of(LARGEST).items())))
    hashes = shards.write(other, RewardTree.build(DOMAIN, leaves))
    assert files(other) == files(folder)
    assert hashes == shards.write(folder, tree_of(LARGEST))
    assert set(hashes) == {f"{shards.FOLDER}/{name}" for name in files(folder)}
    assert len(files(folder)) == SHARDS + 1
    assert list(hashes)[-1] == f"{shards.FOLDER}/{INDEX}"


def test_write__smaller_tree_over_a_larger_one__leaves_nothing_of_it(folder):
    shards.write(folder, tree_of(3))
    assert set(files(folder)) == {"00000.json", INDEX}


def test_write__stopped_before_its_end__leaves_no_index(folder, monkeypatch):
    monkeypatch.setattr(shards, "_frontier", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        shards.write(folder, tree_of(LARGEST))
    with pytest.raises(FlywheelError, match=rf"Cannot read .*{INDEX}"):
        shards.find(folder, tree_of(LARGEST).leaf(0).account)


def test_write__shard__has_whole_pages_and_amounts_as_text(folder):
    document = json.loads(files(folder)[MIDDLE])
    assert set(document) == {"format", "shard", "leaves", "frontier"}
    assert list(document["leaves"].items()) == [
        (account, str(amount))
        for account, amount in list(tree_of(LARGEST).items())[SHARD : 2 * SHARD]
    ]


# --- what is not believed ---


def refused(folder: Path, name: str, reason: str, row: int = SHARD + 1) -> None:
    """The account of `row` has no proof, and one line names the file."""
    with pytest.raises(FlywheelError, match=reason) as caught:
        shards.find(folder, tree_of(LARGEST).leaf(row).account)
    assert "\n" not in str(caught.value)
    assert str(folder / shards.FOLDER / name) in str(caught.value)


def spoil(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    path = folder / shards.FOLDER / name
    document = json.loads(path.read_text())
    changed = change(document)
    path.write_text(json.dumps(document if changed is None else changed))


def put(name: str, value: Any) -> Callable[[Any], None]:
    return lambda document: document.__setitem__(name, value)


def change_part(part: str, place: int, value: Any) -> Callable[[Any], None]:
    """Sets the value at a place of an object."""
    return lambda document: document[part].__setitem__(list(document[part])[place], value)


def turn_round(part: str) -> Callable[[Any], None]:
    return lambda document: document.__setitem__(part, dict(reversed(document[part].items())))


def rename(part: str, place: int, name: str) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        items = list(document[part].items())
        items[place] = (name, items[place][1])
        document[part] = dict(items)

    return change


FOREIGN = "0x" + "11" * 20


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _: [], "its format is not"),
        (lambda _: 7, "its format is not"),
        (put("format", "flywheel-shards-v2"), "its format is not"),
        (put("format", ["flywheel-shards-v1"]), "its format is not"),
        (lambda document: document.pop("root") and None, "'root' is missing"),
        (put("more", 1), "'more' is unknown"),
        (put("chain_id", "31337"), "chain_id is no number"),
        (put("chain_id", True), "chain_id is no number"),
        (put("chain_id", 1.0), "chain_id is no number"),
        (put("chain_id", -1), "chain_id is no number"),
        (put("chain_id", 2**256), "chain_id is no number"),
        (put("campaign_id", 2**48), "campaign_id is no number"),
        (put("number", None), "number is no number"),
        (put("leaf_count", 0), "not shards of 1024"),
        (put("leaf_count", 2**32 + 1), "leaf_count is no number"),
        (put("leaf_count", 2**32), "first account of each shard of 4294967296"),
        (put("leaf_count", 10**70), "leaf_count is no number"),
        (put("leaves_per_shard", 512), "not shards of 1024"),
        (put("leaves_per_shard", "1024"), "not shards of 1024"),
        (put("root", "0x12"), "root is no hash"),
        (put("root", 5), "root is no hash"),
        (put("contract", "0x12"), "contract '0x12' is not an address"),
        (put("contract", {}), "contract .* is not an address"),
        (put("asset", 5), "asset '5' is not an address"),
        (put("first_accounts", "all"), "does not name the first account"),
        (put("first_accounts", []), "does not name the first account"),
        (put("first_accounts", [1, 2, 3]), "'1' is no account in lower case"),
        (put("first_accounts", [FOREIGN] * 3), "repeats or is out of order"),
        (put("first_accounts", [["0x"]] * 3), "is no account in lower case"),
        (lambda document: document["first_accounts"].reverse(), "repeats or is out of order"),
    ],
)
def test_find__spoilt_index__is_refused(folder, change, reason):
    spoil(folder, INDEX, change)
    refused(folder, INDEX, reason)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (INDEX, put("root", "0x" + "00" * 32)),
        (INDEX, put("chain_id", 1)),
        (INDEX, put("campaign_id", 8)),
        (INDEX, put("number", 4)),
        (INDEX, put("contract", FOREIGN)),
        (INDEX, put("asset", FOREIGN)),
        (MIDDLE, change_part("leaves", 0, "1")),
        (MIDDLE, change_part("leaves", SHARD - 1, "1")),
        (MIDDLE, change_part("frontier", 0, "0x" + "00" * 32)),
        (MIDDLE, change_part("frontier", -1, "0x" + "00" * 32)),
        (MIDDLE, rename("leaves", SHARD - 1, "0x" + "fe" * 20)),
    ],
)
def test_find__something_of_another_tree__is_refused(folder, name, change):
    spoil(folder, name, change)
    refused(folder, MIDDLE, "are not those of the root")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _: [], "its format is not"),
        (put("format", None), "its format is not"),
        (lambda document: document.pop("frontier") and None, "'frontier' is missing"),
        (put("more", 1), "'more' is unknown"),
        (put("shard", 2), "it is not shard 1"),
        (put("shard", True), "it is not shard 1"),
        (put("leaves", []), "it has not 1024 leaves"),
        (put("leaves", {}), "it has not 1024 leaves"),
        (lambda document: document["leaves"].popitem() and None, "it has not 1024 leaves"),
        (put("leaves", None), "it has not 1024 leaves"),
        (rename("leaves", 0, "0x12"), "'0x12' is no account in lower case"),
        (rename("leaves", 0, "0X" + "A" * 40), "is no account in lower case"),
        (rename("leaves", 0, "0x" + "00" * 20), "begins at another account"),
        (turn_round("leaves"), "repeats or is out of order"),
        (change_part("leaves", 3, 5), "'5' is no amount of 0x"),
        (change_part("leaves", 3, "05"), "'05' is no amount of 0x"),
        (change_part("leaves", 3, "0"), "'0' is no amount of 0x"),
        (change_part("leaves", 3, "-1"), "'-1' is no amount of 0x"),
        (change_part("leaves", 3, "1" * 40), "is no amount of 0x"),
        (change_part("leaves", 3, "9" * 39), "is no amount of 0x"),
        (change_part("leaves", 3, "\u0661"), "is no amount of 0x"),
        (change_part("leaves", 3, None), "is no amount of 0x"),
        (change_part("leaves", 3, []), "is no amount of 0x"),
        (put("frontier", []), "frontier has other nodes"),
        (put("frontier", {}), "frontier has other nodes"),
        (rename("frontier", 0, "9"), "frontier has other nodes"),
        (turn_round("frontier"), "frontier has other nodes"),
        (change_part("frontier", 0, "0x12"), "'0x12' is no hash of node"),
        (change_part("frontier", 0, 5), "'5' is no hash of node"),
    ],
)
def test_find__spoilt_shard__is_refused(folder, change, reason):
    spoil(folder, MIDDLE, change)
    refused(folder, MIDDLE, reason)


@pytest.mark.parametrize("name", [INDEX, MIDDLE])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data[:-3], "this is not JSON"),
        (lambda data: data[: len(data) // 2], "this is not JSON"),
        (lambda _: b"", "this is not JSON"),
        (lambda data: data + b"{}", "this is not JSON"),
        (lambda data: data.replace(b":", b": NaN, ", 1), "NaN is no number"),
        (lambda _: b'{"format": NaN}', "NaN is no number"),
        (lambda _: b'{"format": 1e999}', "has more digits than are kept"),
        (lambda _: b'{"format": ' + b"9" * 5_000 + b"}", "is too long"),
        (lambda _: b'{"format":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "nested too deeply"),
        (lambda data: data.replace(b"{", b'{"format": "x",\n', 1), "'format' was given in line 1"),
        (lambda data: b"\xff\xff\xff\xff" + data, "UTF-8"),
        (lambda _: bytes(100), "UTF-16|not JSON"),
    ],
)
def test_find__file_cut_off_or_no_document__is_refused(folder, name, change, reason):
    path = folder / shards.FOLDER / name
    path.write_bytes(change(path.read_bytes()))
    refused(folder, name, reason)


def test_find__file_missing__is_refused(folder):
    (folder / shards.FOLDER / MIDDLE).unlink()
    refused(folder, MIDDLE, "Cannot read")


@pytest.mark.parametrize(
    ("name", "size"), [(INDEX, shards._MAX_INDEX_BYTES), (MIDDLE, shards._MAX_SHARD_BYTES)]
)
def test_find__file_beyond_any_of_ours__is_refused_unread(folder, name, size):
    with (folder / shards.FOLDER / name).open("r+b") as file:
        file.truncate(size + 1)
    refused(folder, name, "bytes")


@pytest.mark.parametrize("name", [INDEX, MIDDLE])
def test_find__pipe_or_endless_device__is_refused_at_once(folder, name):
    path = folder / shards.FOLDER / name
    path.unlink()
    os.mkfifo(path)
    refused(folder, name, "a pipe or a device")
    path.unlink()
    path.symlink_to("/dev/zero")
    refused(folder, name, "a pipe or a device")


def test_check__files_of_the_tree__pass_and_no_others(folder, tmp_path_factory):
    shards.check(folder, tree_of(LARGEST))
    for other in (2_499, LARGEST - SHARD):
        with pytest.raises(FlywheelError, match=r"00000\.json"):
            shards.check(folder, tree_of(other))
    for name in files(folder):
        copy = tmp_path_factory.mktemp("copy")
        shutil.copytree(folder / shards.FOLDER, copy / shards.FOLDER)
        path = copy / shards.FOLDER / name
        data = path.read_bytes()
        for spoilt in (data[:-1], data + b" ", data[:-2] + b" \n", b""):
            path.write_bytes(spoilt)
            with pytest.raises(FlywheelError, match=name):
                shards.check(copy, tree_of(LARGEST))
        path.unlink()
        with pytest.raises(FlywheelError, match=f"Cannot read .*{name}"):
            shards.check(copy, tree_of(LARGEST))


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        (INDEX, True),
        ("00000.json", True),
        ("00002.json", True),
        ("00003.json", False),
        ("0.json", False),
        ("000000.json", False),
        ("00000", False),
        ("00000.JSON", False),
        ("\u0660\u0660\u0660\u0660\u0660.json", False),
        ("notes.txt", False),
    ],
)
def test_is_file_of__name__is_of_the_tree_or_not(name, is_one):
    assert shards.is_file_of(name, LARGEST) is is_one
    assert shards.is_file_of("100000.json", 100_000 * SHARD + 1)
    assert not shards.is_file_of("100000.json", 100_000 * SHARD)


def test_find__shard_of_another_place__is_refused(folder):
    target = folder / shards.FOLDER
    (target / MIDDLE).write_bytes((target / "00000.json").read_bytes())
    refused(folder, MIDDLE, "it is not shard 1")


@pytest.mark.parametrize("count", SIZES)
def test_write__any_size__stays_below_the_limits_of_reading(tmp_path, count):
    shards.write(tmp_path, tree_of(count))
    for name, data in files(tmp_path).items():
        limit = shards._MAX_INDEX_BYTES if name == INDEX else shards._MAX_SHARD_BYTES
        assert len(data) < limit - 500

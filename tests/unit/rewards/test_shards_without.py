"""Shards: that an account has no leaf is proved as strictly as that another has one."""

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flywheel.errors import FlywheelError
from flywheel.rewards import shards
from flywheel.rewards.leaves import Domain, keccak
from flywheel.rewards.merkle import RewardTree
from flywheel.rewards.shards import SHARD

DOMAIN = Domain(31_337, "0x" + "c0" * 20, 7, "0x" + "a5" * 20, 3)
SIZES = [1, 2, 3, 127, 128, 129, 1_023, 1_024, 1_025, 2_047, 2_048, 2_500]
LARGEST = 2_500
INDEX = "index.json"
MIDDLE = "00001.json"


@cache
def tree_of(count: int) -> RewardTree:
    accounts = (f"0x{keccak(number.to_bytes(4, 'big'))[:20].hex()}" for number in range(count))
    return RewardTree.build(DOMAIN, dict.fromkeys(accounts, 5))


@pytest.fixture
def folder(tmp_path) -> Path:
    """A publication of 2,500 leaves."""
    shards.write(tmp_path, tree_of(LARGEST))
    return tmp_path


def looked_up(folder: Path, account: str, monkeypatch) -> list[str]:
    """The shards that are proved to show that the account has no leaf."""
    proved, read = [], shards._read_shard
    with monkeypatch.context() as patch:
        patch.setattr(
            shards, "_read_shard", lambda path, *rest: proved.append(path.name) or read(path, *rest)
        )
        assert shards.look_up(folder, account) is None
    return sorted(proved)


def beside(account: str, step: int) -> str:
    return f"0x{int(account, 16) + step:040x}"


def test_look_up__no_leaf__is_proved_by_the_leaves_on_either_side(folder, monkeypatch):
    accounts = [account for account, _ in tree_of(LARGEST).items()]
    first, *names = (shards._shard_file(shard) for shard in range(3))
    places = [
        (beside(accounts[0], -1), [first]),
        (beside(accounts[5], 1), [first]),
        (beside(accounts[SHARD - 1], 1), [first, MIDDLE]),
        (beside(accounts[SHARD], -1), [first, MIDDLE]),
        (beside(accounts[SHARD + 5], 1), [MIDDLE]),
        (beside(accounts[2 * SHARD - 1], 1), names),
        # 2,500 leaves: the first 904 are deeper than the others.
        (beside(accounts[-1], 1), [first, names[-1]]),
    ]
    for account, proved in places:
        assert looked_up(folder, account, monkeypatch) == proved


@pytest.mark.parametrize("account", ["0x" + "00" * 19 + "01", "0x" + "ff" * 20])
@pytest.mark.parametrize("count", SIZES)
def test_look_up__before_and_after_all_leaves_of_any_tree__has_none(tmp_path, count, account):
    shards.write(tmp_path, tree_of(count))
    assert shards.look_up(tmp_path, account) is None


@pytest.mark.parametrize("place", [1, 2])
def test_look_up__index_that_lies_where_a_shard_begins__hides_no_leaf(folder, place):
    """Whatever an index says, no account that has a leaf is told that it has none."""
    accounts = [account for account, _ in tree_of(LARGEST).items()]
    hidden = accounts[place * SHARD]
    later = accounts[place * SHARD + 300]
    path = folder / shards.FOLDER / INDEX
    document = json.loads(path.read_text())
    document["first_accounts"][place] = beside(later, 1)
    path.write_text(json.dumps(document))
    for account in (hidden, beside(hidden, 1), accounts[place * SHARD + 150], later):
        with pytest.raises(FlywheelError, match="begins at another account"):
            shards.look_up(folder, account)


@pytest.mark.parametrize(
    ("count", "said"), [(2_304, 2_176), (2_560, 2_048), (5_120, 4_224), (12_800, 10_240)]
)
def test_look_up__index_of_fewer_leaves__hides_none_of_the_others(
    tmp_path, monkeypatch, count, said
):
    """The last shard of the smaller tree consists of true leaves with true proofs."""
    tree = tree_of(count)
    shards.write(tmp_path, tree)
    target = tmp_path / shards.FOLDER
    document = json.loads((target / INDEX).read_text())
    document["leaf_count"] = said
    document["first_accounts"] = document["first_accounts"][: -(-said // SHARD)]
    (target / INDEX).write_text(json.dumps(document))
    for start in range(0, said, SHARD):
        forge(target / f"{start // SHARD:05}.json", tree, said, start)
    for row in (said, count - 1):
        account = tree.leaf(row).account
        with pytest.raises(FlywheelError, match="are not those of the root"):
            shards.look_up(tmp_path, account)
        with monkeypatch.context() as patch:
            # The leaf before the end proves nothing.
            patch.setattr(shards, "_rows_that_count", lambda leaf_count: (leaf_count - 1,))
            assert shards.look_up(tmp_path, account) is None


def forge(path: Path, tree: RewardTree, said: int, start: int) -> None:
    """A shard of the leaves as if there were only `said`, with the hashes of their true proofs."""
    rows = range(start, min(start + SHARD, said))
    frontier = dict.fromkeys(shards._frontier(said, rows), bytes(32))
    for row in rows:
        node, place = 2 * said - 2 - row, 2 * len(tree) - 2 - row
        while node and place:
            sibling = node + 1 if node % 2 else node - 1
            if sibling in frontier:
                frontier[sibling] = tree.nodes[place + 1 if place % 2 else place - 1].tobytes()
            node, place = (node - 1) // 2, (place - 1) // 2
    document = {
        "format": shards.SHARD_FORMAT,
        "shard": start // SHARD,
        "leaves": {tree.leaf(row).account: str(tree.leaf(row).amount) for row in rows},
        "frontier": {str(node): f"0x{value.hex()}" for node, value in frontier.items()},
    }
    path.write_text(json.dumps(document))


@given(count=st.integers(1, 2**20))
def test_rows_that_count__their_depths__are_of_one_size_only(count):
    def depths(leaf_count: int) -> list[int]:
        nodes = (2 * leaf_count - 2 - row for row in shards._rows_that_count(count))
        return [(node + 1).bit_length() for node in nodes]

    largest = max(shards._rows_that_count(count)) + 1
    others = {largest, count - 1, count + 1, 2 * count, 2 * count - 1, 2 * count + 1, count + 128}
    for other in others | set(range(max(1, count - 40), count + 40)):
        if other >= largest and other != count:
            assert depths(other) != depths(count)

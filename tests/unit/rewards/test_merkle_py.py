"""The tree: complete, independent of order, and strict about what goes in. What npm's library makes
of it is in tests/clients."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flywheel.errors import FlywheelError
from flywheel.rewards.leaves import (
    PAGE,
    Domain,
    Leaf,
    address_bytes,
    keccak,
    leaf_hash,
    parts_of,
)
from flywheel.rewards.merkle import MAX_RANGE, RewardTree, verify
from tests.support import ZERO_ADDRESS

CONTRACT = "0x" + "c0" * 20
ASSET = "0x" + "a5" * 20
DOMAIN = Domain(31_337, CONTRACT, 7, ASSET, 3)
LARGEST = 2**128 - 1


def account(number: int) -> str:
    return f"0x{keccak(number.to_bytes(4, 'big'))[:20].hex()}"


def leaves(count: int) -> dict[str, int]:
    return {account(number): number + 1 for number in range(count)}


# --- the tree ---


@pytest.mark.parametrize("count", [*range(1, 18), 31, 32, 33, 127, 128, 129, 1_000])
def test_build__any_number_of_leaves__proves_each(count):
    given_leaves = leaves(count)
    tree = RewardTree.build(DOMAIN, given_leaves)
    assert dict(tree.items()) == given_leaves
    assert tree.total == sum(given_leaves.values())
    for index, (who, amount) in enumerate(sorted(given_leaves.items())):
        leaf = tree.leaf_of(who)
        assert (leaf.index, leaf.account, leaf.amount) == (index, who, amount)
        proof = tree.proof(index)
        assert len(proof) <= count.bit_length()
        assert verify(tree.root, leaf_hash(DOMAIN, leaf), proof)
        more = Leaf(index, who, amount + 1, leaf.page_total)
        assert not verify(tree.root, leaf_hash(DOMAIN, more), proof)


@pytest.mark.parametrize("count", [1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])
def test_leaf__total_of_its_page__is_the_sum_of_128_neighbours(count):
    tree = RewardTree.build(DOMAIN, leaves(count))
    amounts = [amount for _, amount in tree.items()]
    for index in range(count):
        start = index // PAGE * PAGE
        assert tree.leaf(index).page_total == sum(amounts[start : start + PAGE])


@pytest.mark.parametrize("count", [*range(1, 18), 63, 64, 65, 127, 128, 129, 200, 1_000])
def test_ranges__any_number_of_leaves__prove_each_once_with_few_proofs(count):
    tree = RewardTree.build(DOMAIN, leaves(count))
    seen: list[int] = []
    calls = 0
    for group, proof in tree.ranges():
        nodes = [leaf_hash(DOMAIN, leaf) for leaf in group]
        assert len(nodes) in (1, 2, 4, 8, 16, 32, MAX_RANGE)
        while len(nodes) > 1:
            nodes = [keccak(b"".join(sorted(nodes[i : i + 2]))) for i in range(0, len(nodes), 2)]
        assert verify(tree.root, nodes[0], proof)
        seen += [leaf.index for leaf in group]
        calls += 1
    assert sorted(seen) == list(range(count))
    # Whole ranges, and what the two ends of each of two levels leave over.
    assert calls <= count // MAX_RANGE + 2 * 2 * (MAX_RANGE.bit_length() - 1)


def test_build__more_rows_than_are_hashed_at_a_time__equals_the_plain_recursion(monkeypatch):
    whole = RewardTree.build(DOMAIN, leaves(500))
    monkeypatch.setattr("flywheel.rewards.merkle._CHUNK", 7)
    in_pieces = RewardTree.build(DOMAIN, leaves(500))
    assert np.array_equal(whole.nodes, in_pieces.nodes)
    hashes = [leaf_hash(DOMAIN, whole.leaf(index)) for index in range(500)]
    nodes = [b""] * 499 + hashes[::-1]
    for index in reversed(range(499)):
        left, right = sorted(nodes[2 * index + 1 : 2 * index + 3])
        nodes[index] = keccak(left + right)
    assert whole.root == nodes[0]


@given(order=st.permutations(list(leaves(9).items())))
def test_build__any_order__same_root(order):
    assert RewardTree.build(DOMAIN, dict(order)).root == RewardTree.build(DOMAIN, leaves(9)).root


@given(
    wanted=st.dictionaries(
        st.binary(min_size=20, max_size=20).filter(any).map(lambda raw: f"0x{raw.hex()}"),
        st.integers(1, LARGEST // 40),
        min_size=1,
        max_size=40,
    )
)
def test_build__any_leaves__total_and_lookups_are_exact(wanted):
    tree = RewardTree.build(DOMAIN, wanted)
    assert tree.total == sum(wanted.values())
    for who, amount in wanted.items():
        leaf = tree.leaf_of(who)
        assert leaf.amount == amount
        assert verify(tree.root, leaf_hash(DOMAIN, leaf), tree.proof(leaf.index))


def test_root__depends_on_every_part_of_the_domain():
    domains = [
        DOMAIN,
        Domain(1, CONTRACT, 7, ASSET, 3),
        Domain(31_337, ASSET, 7, ASSET, 3),
        Domain(31_337, CONTRACT, 8, ASSET, 3),
        Domain(31_337, CONTRACT, 7, CONTRACT, 3),
        Domain(31_337, CONTRACT, 7, ASSET, 4),
    ]
    assert len({RewardTree.build(domain, leaves(3)).root for domain in domains}) == 6


def test_parts_of__id__are_those_of_its_domain():
    assert f"{DOMAIN.drop_id:#x}" == f"{ASSET}{7:012x}{3:012x}"
    campaign_id, asset, number = parts_of(DOMAIN.drop_id)
    assert (campaign_id, asset.lower(), number) == (7, ASSET, 3)
    assert Domain(31_337, CONTRACT, campaign_id, asset, number).encode() == DOMAIN.encode()


def test_lookup__any_spelling_of_the_account__is_found():
    tree = RewardTree.build(DOMAIN, leaves(5))
    shouted = "0x" + account(2)[2:].upper()
    assert tree.leaf_of(shouted) == tree.leaf_of(account(2))
    assert tree.leaf_of(shouted).amount == 3
    assert shouted in tree


@pytest.mark.parametrize("absent", [ZERO_ADDRESS, account(99), "0x" + "ff" * 20])
def test_lookup__account_without_a_leaf__has_nothing(absent):
    tree = RewardTree.build(DOMAIN, leaves(5))
    assert absent not in tree
    assert tree.index_of(absent) is None
    with pytest.raises(FlywheelError, match="has no reward in this tree"):
        tree.leaf_of(absent)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({}, "There are no rewards"),
        ({ZERO_ADDRESS: 1}, "The zero address has a reward"),
        ({CONTRACT: 1}, "The rewards contract itself has a reward"),
        ({account(1): 0}, "has nothing to claim"),
        ({account(1): -1}, "-1 cannot be an amount"),
        ({account(1): LARGEST + 1}, "cannot be an amount"),
        ({account(1): LARGEST, account(2): 1}, "sum to more than 2"),
        ({account(1): 1, "0x" + account(1)[2:].upper(): 1}, "has two leaves"),
        ({account(1)[:-2]: 1}, "is not an address"),
        ({account(1)[2:]: 1}, "is not an address"),
        ({"0x" + "zz" * 20: 1}, "is not an address"),
        ({"worker": 1}, "is not an address"),
    ],
)
def test_build__bad_leaves__are_refused_with_the_reason(bad, reason):
    with pytest.raises(FlywheelError, match=reason):
        RewardTree.build(DOMAIN, bad)


def test_from_arrays__accounts_out_of_order__are_refused():
    tree = RewardTree.build(DOMAIN, leaves(3))
    with pytest.raises(FlywheelError, match="not in ascending order"):
        RewardTree.from_arrays(DOMAIN, tree.accounts[::-1], tree.amounts)


def test_build__largest_total__is_accepted():
    tree = RewardTree.build(DOMAIN, {account(1): LARGEST - 1, account(2): 1})
    assert tree.total == LARGEST


def test_address_bytes__checksummed__is_accepted():
    assert address_bytes("0x" + "aB" * 20) == b"\xab" * 20


# --- load ---


def _swap_nodes(dump):
    dump["tree"][3], dump["tree"][4] = dump["tree"][4], dump["tree"][3]


def _raise_amount(dump):
    dump["values"][0]["value"][5] = str(int(dump["values"][0]["value"][5]) + 1)


def _raise_page(dump):
    dump["values"][0]["value"][6] = str(int(dump["values"][0]["value"][6]) + 1)


def _swap_places(dump):
    first, second = dump["values"][:2]
    first["treeIndex"], second["treeIndex"] = second["treeIndex"], first["treeIndex"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_swap_nodes, "The nodes are not those of the leaves"),
        (_raise_amount, "The nodes are not those of the leaves"),
        (_raise_page, "The nodes are not those of the leaves"),
        (_swap_places, "The nodes are not those of the leaves"),
        (lambda dump: dump["tree"].pop(), "The nodes are not those of the leaves"),
        (lambda dump: dump.update(format="simple-v1"), "not a standard-v1 dump"),
        (lambda dump: dump["leafEncoding"].pop(), "not a standard-v1 dump"),
        (lambda dump: dump["values"].append(dump["values"][0]), "An account has two leaves"),
        (lambda dump: dump["values"][0]["value"].__setitem__(0, "1"), "are not all of one chain"),
        (lambda dump: dump["values"][0]["value"].clear(), "are not all of one chain"),
        (lambda dump: dump["values"].clear(), "are not all of one chain"),
        (lambda dump: dump.pop("tree"), "are not all of one chain"),
    ],
)
def test_load__spoilt_dump__is_refused(spoil, reason):
    dump = copy.deepcopy(RewardTree.build(DOMAIN, leaves(11)).dump())
    assert RewardTree.load(copy.deepcopy(dump)).dump() == dump
    spoil(dump)
    with pytest.raises(FlywheelError, match=reason):
        RewardTree.load(dump)

"""The tree: equal to the JavaScript library's, complete, and strict about what goes in."""

import copy
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flywheel.errors import FlywheelError
from flywheel.rewards.merkle import Domain, RewardTree, address_bytes, keccak, leaf_hash, verify
from tests.support import ROOT, ZERO_ADDRESS

FIXTURE = ROOT / "tests/fixtures/openzeppelin-merkle-tree-dump.json"
FIXTURE_PROOFS = ROOT / "tests/fixtures/openzeppelin-merkle-tree-proofs.json"
CONTRACT = "0x" + "c0" * 20
ASSET = "0x" + "a5" * 20
DOMAIN = Domain(31_337, CONTRACT, 7, ASSET)
LARGEST = 2**128 - 1


def account(number: int) -> str:
    return f"0x{keccak(number.to_bytes(4, 'big'))[:20].hex()}"


def leaves(count: int) -> dict[str, int]:
    return {account(number): number + 1 for number in range(count)}


@pytest.fixture(scope="module")
def text() -> str:
    return FIXTURE.read_text()


# --- against the JavaScript library ---


def test_dump__of_the_library__is_reproduced_byte_for_byte(text):
    tree = RewardTree.load(json.loads(text))
    assert json.dumps(tree.dump(), separators=(",", ":")) == text


def test_proof_of__each_account_of_the_library__is_the_same(text):
    tree = RewardTree.load(json.loads(text))
    theirs = json.loads(FIXTURE_PROOFS.read_text())
    assert {a: [f"0x{h.hex()}" for h in tree.proof_of(a)] for a in theirs} == theirs
    assert len(theirs) == len(tree) == 11


# --- the tree ---


@pytest.mark.parametrize("count", [*range(1, 18), 31, 32, 33, 1_000])
def test_build__any_number_of_leaves__proves_each(count):
    given_leaves = leaves(count)
    tree = RewardTree.build(DOMAIN, given_leaves)
    assert dict(tree.items()) == given_leaves
    assert tree.total == sum(given_leaves.values())
    for who, cumulative in given_leaves.items():
        proof = tree.proof_of(who)
        assert len(proof) <= count.bit_length()
        assert verify(tree.root, leaf_hash(DOMAIN, who, cumulative), proof)
        assert not verify(tree.root, leaf_hash(DOMAIN, who, cumulative + 1), proof)


def test_build__more_rows_than_are_hashed_at_a_time__equals_the_plain_recursion(monkeypatch):
    whole = RewardTree.build(DOMAIN, leaves(500))
    monkeypatch.setattr("flywheel.rewards.merkle._CHUNK", 7)
    in_pieces = RewardTree.build(DOMAIN, leaves(500))
    assert np.array_equal(whole.nodes, in_pieces.nodes)
    hashes = sorted(leaf_hash(DOMAIN, a, c) for a, c in leaves(500).items())
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
        st.integers(1, LARGEST),
        min_size=1,
        max_size=40,
    )
)
def test_build__any_leaves__total_and_lookups_are_exact(wanted):
    tree = RewardTree.build(DOMAIN, wanted)
    assert tree.total == sum(wanted.values())
    for who, cumulative in wanted.items():
        assert tree.cumulative_of(who) == cumulative
        assert verify(tree.root, leaf_hash(DOMAIN, who, cumulative), tree.proof_of(who))


def test_root__depends_on_every_part_of_the_domain():
    domains = [
        DOMAIN,
        Domain(1, CONTRACT, 7, ASSET),
        Domain(31_337, ASSET, 7, ASSET),
        Domain(31_337, CONTRACT, 8, ASSET),
        Domain(31_337, CONTRACT, 7, CONTRACT),
    ]
    assert len({RewardTree.build(domain, leaves(3)).root for domain in domains}) == 5


def test_lookup__any_spelling_of_the_account__is_found():
    tree = RewardTree.build(DOMAIN, leaves(5))
    shouted = "0x" + account(2)[2:].upper()
    assert tree.cumulative_of(shouted) == 3
    assert shouted in tree
    assert tree.proof_of(shouted) == tree.proof_of(account(2))


@pytest.mark.parametrize("absent", [ZERO_ADDRESS, account(99), "0x" + "ff" * 20])
def test_lookup__account_without_a_leaf__has_nothing(absent):
    tree = RewardTree.build(DOMAIN, leaves(5))
    assert tree.cumulative_of(absent) == 0
    assert absent not in tree
    with pytest.raises(FlywheelError, match="has no reward in this tree"):
        tree.proof_of(absent)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({}, "There are no rewards"),
        ({ZERO_ADDRESS: 1}, "The zero address has a reward"),
        ({account(1): 0}, "has nothing to claim"),
        ({account(1): -1}, "-1 cannot be an amount"),
        ({account(1): LARGEST + 1}, "cannot be an amount"),
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


def test_build__largest_amount__is_accepted():
    tree = RewardTree.build(DOMAIN, {account(1): LARGEST, account(2): LARGEST})
    assert tree.total == 2 * LARGEST


def test_address_bytes__checksummed__is_accepted():
    assert address_bytes("0x" + "aB" * 20) == b"\xab" * 20


# --- load ---


def _swap_nodes(dump):
    dump["tree"][3], dump["tree"][4] = dump["tree"][4], dump["tree"][3]


def _raise_amount(dump):
    dump["values"][0]["value"][5] = str(int(dump["values"][0]["value"][5]) + 1)


def _swap_places(dump):
    first, second = dump["values"][:2]
    first["treeIndex"], second["treeIndex"] = second["treeIndex"], first["treeIndex"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_swap_nodes, "The nodes are not those of the leaves"),
        (_raise_amount, "The nodes are not those of the leaves"),
        (_swap_places, "The nodes are not those of the leaves"),
        (lambda dump: dump["tree"].pop(), "The nodes are not those of the leaves"),
        (lambda dump: dump.update(format="simple-v1"), "not a standard-v1 dump"),
        (lambda dump: dump["leafEncoding"].pop(), "not a standard-v1 dump"),
        (lambda dump: dump["values"].append(dump["values"][0]), "An account has two leaves"),
        (lambda dump: dump["values"][0]["value"].__setitem__(0, "1"), "are not all of one chain"),
        (lambda dump: dump["values"][0]["value"].pop(), "are not all of one chain"),
        (lambda dump: dump["values"].clear(), "are not all of one chain"),
        (lambda dump: dump.pop("tree"), "are not all of one chain"),
    ],
)
def test_load__spoilt_dump__is_refused(text, spoil, reason):
    dump = copy.deepcopy(json.loads(text))
    spoil(dump)
    with pytest.raises(FlywheelError, match=reason):
        RewardTree.load(dump)

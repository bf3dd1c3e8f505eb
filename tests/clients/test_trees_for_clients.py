"""npm's @openzeppelin/merkle-tree makes of a published leaf file the tree that is on chain."""

import json
import subprocess
from typing import Any

import pytest

from flywheel.rewards import publication, shares
from flywheel.rewards.leaves import Domain
from flywheel.rewards.merkle import LEAF_TYPES, RewardTree
from tests.support import ROOT

SCRIPT = ROOT / "tests" / "clients" / "tree.mjs"
DOMAIN = Domain(31_337, "0x" + "c0" * 20, 7, "0x" + "a5" * 20, 3)


def theirs(values: list[list[str]]) -> dict[str, Any]:
    """Root, dump and proofs of the library."""
    given = json.dumps({"types": LEAF_TYPES, "values": values})
    result = subprocess.run(
        ["node", SCRIPT], input=given, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout))


def published(folder, count: int) -> RewardTree:
    """A drop of `count` workers, read back from its published file."""
    names = [f"worker {number}" for number in range(count)]
    earned = {name: 10**12 + number for number, name in enumerate(names)}
    publication.publish(folder, DOMAIN, shares.leaves_of(earned, shares.addresses_of(names)))
    return publication.recompute_root(folder)


@pytest.mark.parametrize("count", [1, 2, 3, 11, 128, 129, 300])
def test_library__published_file__has_our_root_dump_and_proofs(tmp_path, count):
    tree = published(tmp_path, count)
    found = theirs([tree.values_of(tree.leaf(index)) for index in range(count)])
    assert found["root"] == f"0x{tree.root.hex()}"
    assert found["dump"] == tree.dump()
    assert found["proofs"] == [[f"0x{h.hex()}" for h in tree.proof(i)] for i in range(count)]


def test_load__dump_of_the_library__is_our_tree(tmp_path):
    tree = published(tmp_path, 11)
    found = theirs([tree.values_of(tree.leaf(index)) for index in range(11)])
    loaded = RewardTree.load(found["dump"])
    assert loaded.root == tree.root
    assert loaded.domain.encode() == tree.domain.encode()


def test_library__another_amount__has_another_root(tmp_path):
    tree = published(tmp_path, 3)
    values = [tree.values_of(tree.leaf(index)) for index in range(3)]
    values[1][5] = str(int(values[1][5]) + 1)
    assert theirs(values)["root"] != f"0x{tree.root.hex()}"

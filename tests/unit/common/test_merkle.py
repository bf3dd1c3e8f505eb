"""The proof module against the Python half."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flywheel.rewards.leaves import keccak
from flywheel.rewards.merkle import verify
from tests.support import deploy

LEAF = keccak(b"leaf")
LOW, HIGH = b"\x00" * 31 + b"\x01", b"\xff" * 32
words = st.binary(min_size=32, max_size=32)


@pytest.fixture(scope="module")
def harness():
    return deploy("MerkleHarness")


def test_is_member__no_proof__only_the_root_itself(harness):
    assert harness.is_member(LEAF, LEAF, [])
    assert not harness.is_member(HIGH, LEAF, [])


@pytest.mark.parametrize("sibling", [LOW, LEAF, HIGH])
def test_is_member__sibling_on_either_side__is_sorted_before_hashing(harness, sibling):
    root = keccak(min(LEAF, sibling) + max(LEAF, sibling))
    assert harness.is_member(root, LEAF, [sibling])
    assert harness.is_member(root, sibling, [LEAF])
    if sibling != LEAF:
        assert not harness.is_member(
            keccak(max(LEAF, sibling) + min(LEAF, sibling)), LEAF, [sibling]
        )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(leaf=words, proof=st.lists(words, max_size=32), other=words)
def test_is_member__any_proof__agrees_with_python(harness, leaf, proof, other):
    root = leaf
    for sibling in proof:
        root = keccak(min(root, sibling) + max(root, sibling))
    assert verify(root, leaf, proof)
    assert harness.is_member(root, leaf, proof)
    assert harness.is_member(other, leaf, proof) == verify(other, leaf, proof)
    assert harness.is_member(root, other, proof) == verify(root, other, proof)

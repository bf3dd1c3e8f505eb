# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Merkle proofs
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Membership of a leaf in a Merkle tree whose pairs are sorted before hashing ("standard-v1" trees).
@dev Single proofs only: with multiproofs a node of the tree can pass for a leaf. A leaf must be the keccak256 of 32
     bytes, so that no 64-byte pair of nodes can be read as one. A proof of 32 hashes suffices for 2**32 leaves.
     snekmate's module allows 255 hashes: its answers are the same, but every claim pays for more memory, see
     docs/decisions/merkle.md.
"""

# The length of the longest proof; deployables take their parameter types from here.
MAX_PROOF: constant(uint256) = 32


@internal
@pure
def _is_member(root: bytes32, leaf: bytes32, proof: DynArray[bytes32, MAX_PROOF]) -> bool:
    """
    @dev Whether hashing `leaf` upwards through `proof` ends at `root`. An empty proof fits a tree of one leaf.
    """
    node: bytes32 = leaf
    for sibling: bytes32 in proof:
        if convert(node, uint256) < convert(sibling, uint256):
            node = keccak256(abi_encode(node, sibling))
        else:
            node = keccak256(abi_encode(sibling, node))
    return node == root

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Merkle harness
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The proof module alone, for tests.
"""

from contracts.common import merkle_proofs


@external
@pure
def is_member(root: bytes32, leaf: bytes32, proof: DynArray[bytes32, merkle_proofs.MAX_PROOF]) -> bool:
    """
    @notice Whether `proof` leads `leaf` to `root`.
    """
    return merkle_proofs._is_member(root, leaf, proof)

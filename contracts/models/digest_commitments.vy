# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Digest commitments
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who registers a model first commits to a hash of its digest, so that nobody can copy the digest out of a pending
        transaction and register it before.
@dev Commit and reveal, as the Ethereum Name Service does for names.
@custom:invariant Until it is used, the time of a commitment never changes. Only the account that is hashed into it can
                  use it.
"""

# Some blocks: whoever copies a digest from a pending registration has to commit first, and comes too late by that much.
MIN_COMMIT_SECONDS: public(constant(uint256)) = 60

committed_at: public(HashMap[bytes32, uint256])


@deploy
def __init__():
    pass


@internal
def _commit(commitment: bytes32):
    assert self.committed_at[commitment] == 0, "already committed"
    self.committed_at[commitment] = block.timestamp


@internal
def _use(commitment: bytes32) -> uint256:
    """
    @dev When the commitment was made. Refuses one that was not made, or not MIN_COMMIT_SECONDS ago.
    """
    committed_at: uint256 = self.committed_at[commitment]
    is_old_enough: bool = block.timestamp >= committed_at + MIN_COMMIT_SECONDS
    assert committed_at > 0 and is_old_enough, "weights are not committed"
    self.committed_at[commitment] = 0
    return committed_at


@internal
@view
def _commitment(registrant: address, weights_digest: bytes32, salt: bytes32) -> bytes32:
    return keccak256(abi_encode(chain.id, self, registrant, weights_digest, salt))

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Signed ballots
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Ballots signed off chain, by accounts with a key or by contracts (ERC-1271).
@dev EIP-712 domain (Governor's name, "1"), OpenZeppelin's Ballot and ExtendedBallot types.
@custom:invariant A nonce grows by one with each ballot cast by signature, and never otherwise.
"""

from contracts.common import signature_checks
from contracts.governance import governor_errors as errors
from snekmate.utils import eip712_domain_separator

uses: eip712_domain_separator

BALLOT_TYPEHASH: public(constant(bytes32)) = keccak256(
    "Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)"
)
EXTENDED_BALLOT_TYPEHASH: public(constant(bytes32)) = keccak256(
    "ExtendedBallot(uint256 proposalId,uint8 support,address voter,uint256 nonce,string reason,bytes params)"
)

# Voter => nonce of its next signed ballot.
nonces: reentrant(public(HashMap[address, uint256]))


@internal
def _use_nonce(voter: address) -> uint256:
    """
    @dev Uses up the nonce that the voter must have signed, and returns it. A refused signature reverts all of this.
    """
    nonce: uint256 = self.nonces[voter]
    self.nonces[voter] = nonce + 1
    return nonce


@internal
@view
def _check(voter: address, struct_hash: bytes32, signature: Bytes[signature_checks.MAX_SIGNATURE_BYTES]):
    """
    @dev Reverts unless `signature` is the voter's own, over the ballot with that EIP-712 struct hash.
    """
    digest: bytes32 = eip712_domain_separator._hash_typed_data_v4(struct_hash)
    if not signature_checks._is_valid(voter, digest, signature):
        errors._invalid_signature(voter)

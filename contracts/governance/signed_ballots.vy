# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Signed ballots
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Ballots signed off chain, by accounts with a key or by contracts (ERC-1271).
@dev EIP-712 domain (Governor's name, "1"), OpenZeppelin's Ballot and ExtendedBallot types. Accounts with code are
     asked, all others must have signed with 65 bytes and the lower of the two possible `s`. snekmate's checker takes
     65 bytes from contracts too, which shuts out a Safe with two signers, and reverts where OpenZeppelin's says no.
@custom:invariant A nonce grows by one with each ballot cast by signature, and never otherwise.
"""

from contracts.governance import governor_errors as errors
from snekmate.utils import eip712_domain_separator

uses: eip712_domain_separator

BALLOT_TYPEHASH: public(constant(bytes32)) = keccak256(
    "Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)"
)
EXTENDED_BALLOT_TYPEHASH: public(constant(bytes32)) = keccak256(
    "ExtendedBallot(uint256 proposalId,uint8 support,address voter,uint256 nonce,string reason,bytes params)"
)

# Fifteen signers of a Safe.
MAX_SIGNATURE_BYTES: constant(uint256) = 1_024
ERC1271_MAGIC: constant(bytes4) = 0x1626ba7e
# Half of secp256k1's order.
MAX_S: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

nonces: reentrant(public(HashMap[address, uint256]))


@internal
def _use_nonce(voter: address) -> uint256:
    """
    @dev The nonce that the voter must have signed, used up by this; a refused signature reverts it.
    """
    nonce: uint256 = self.nonces[voter]
    self.nonces[voter] = nonce + 1
    return nonce


@internal
@view
def _check(voter: address, struct_hash: bytes32, signature: Bytes[MAX_SIGNATURE_BYTES]):
    """
    @dev Refuses a signature that is not the voter's own of the ballot with that hash.
    """
    digest: bytes32 = eip712_domain_separator._hash_typed_data_v4(struct_hash)
    valid: bool = False
    if voter.is_contract:
        valid = self._is_accepted(voter, digest, signature)
    else:
        valid = self._is_signed(voter, digest, signature)
    if not valid:
        errors._invalid_signature(voter)


@internal
@view
def _is_accepted(voter: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE_BYTES]) -> bool:
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        voter,
        abi_encode(digest, signature, method_id=ERC1271_MAGIC),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    return success and len(answer) == 32 and convert(answer, bytes32) == convert(ERC1271_MAGIC, bytes32)


@internal
@pure
def _is_signed(voter: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE_BYTES]) -> bool:
    if len(signature) != 65:
        return False
    r: uint256 = extract32(signature, 0, output_type=uint256)
    s: uint256 = extract32(signature, 32, output_type=uint256)
    v: uint256 = convert(slice(signature, 64, 1), uint256)
    if s > MAX_S:
        return False
    signer: address = ecrecover(digest, v, r, s)
    return signer == voter and signer != empty(address)

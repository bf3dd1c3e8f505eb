# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Signature checks
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Whether an account signed a digest: by its key, or by the answer of its contract (ERC-1271).
@dev The key is checked first, whether or not the account has code: under EIP-7702 an account with a key may have code
     that does not know ERC-1271, and what its key signed must stay valid. A deployed contract has no key, so only its
     answer can speak for it. snekmate's checker always asks an account with code, takes only signatures of 65 bytes,
     which shuts out a Safe with two signers, and reverts where this one returns False.
@custom:invariant Nobody signs for the zero address, and of the two signatures of a digest by one key only the one with
                  the lower `s` counts (EIP-2).
"""

# Room for the signatures of fifteen signers of a Safe, 65 bytes each.
MAX_SIGNATURE_BYTES: constant(uint256) = 1_024
ERC1271_MAGIC: constant(bytes4) = 0x1626ba7e
# Half of secp256k1's order, the greatest `s` that counts.
MAX_S: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168


@internal
@view
def _is_valid(account: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE_BYTES]) -> bool:
    """
    @dev Whether `signature` of `digest` is that of `account`; never reverts for what the account answers.
    """
    if self._is_signed_by_key(account, digest, signature):
        return True
    return account.is_contract and self._is_accepted_by_contract(account, digest, signature)


@internal
@pure
def _is_signed_by_key(account: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE_BYTES]) -> bool:
    if len(signature) != 65:
        return False
    r: uint256 = extract32(signature, 0, output_type=uint256)
    s: uint256 = extract32(signature, 32, output_type=uint256)
    v: uint256 = convert(slice(signature, 64, 1), uint256)
    if s > MAX_S:
        return False
    # A failed recovery gives the zero address.
    signer: address = ecrecover(digest, v, r, s)
    return signer == account and signer != empty(address)


@internal
@view
def _is_accepted_by_contract(account: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE_BYTES]) -> bool:
    """
    @dev Only the first 32 bytes of an answer are read; a shorter answer is a refusal.
    """
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        account,
        abi_encode(digest, signature, method_id=ERC1271_MAGIC),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    return success and len(answer) == 32 and convert(answer, bytes32) == convert(ERC1271_MAGIC, bytes32)

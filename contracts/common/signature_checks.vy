# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Signature checks
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Whether an account signed a digest: by its key, or by its contract's word (ERC-1271).
@dev The key is asked first, whatever stands at the address: under EIP-7702 an account with a key may have code that
     knows nothing of ERC-1271, and must not lose or void by that what its key signed. A contract that was deployed
     has no key, so only its own answer can speak for it. snekmate's checker asks a contract whenever there is code,
     takes 65 bytes only, which shuts out a Safe with two signers, and reverts where this one says no.
@custom:invariant Nobody signs for the zero address, and of the two signatures of a digest by one key only the one with
                  the lower `s` counts (EIP-2).
"""

# Fifteen signers of a Safe.
MAX_SIGNATURE_BYTES: constant(uint256) = 1_024
ERC1271_MAGIC: constant(bytes4) = 0x1626ba7e
# Half of secp256k1's order.
MAX_S: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168


@internal
@view
def _is_valid(account: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE_BYTES]) -> bool:
    """
    @dev Whether `signature` of `digest` is that of `account`; never reverts for what the account answers.
    """
    if self._is_of_key(account, digest, signature):
        return True
    return account.is_contract and self._is_accepted(account, digest, signature)


@internal
@pure
def _is_of_key(account: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE_BYTES]) -> bool:
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
def _is_accepted(account: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE_BYTES]) -> bool:
    """
    @dev A longer answer than one word is cut there; a shorter one is none.
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

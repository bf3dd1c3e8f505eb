# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Signed digests
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Whether an account signed a digest: by its key, else as a contract (ERC-1271).
@dev The key comes first: an account that has code since EIP-7702 still signs with its key. No state.
"""

# Fifteen signers of a Safe.
MAX_SIGNATURE_BYTES: constant(uint256) = 1_024
ERC1271_MAGIC: constant(bytes4) = 0x1626ba7e
# Half of secp256k1's order: of the two signatures of a message only the one with the lower s counts.
MAX_S: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168


@internal
@view
def _is_signed_by(account: address, digest: bytes32, signature: Bytes[MAX_SIGNATURE_BYTES]) -> bool:
    if self._is_signed_by_key(account, digest, signature):
        return True
    if not account.is_contract:
        return False
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
    signer: address = ecrecover(digest, v, r, s)
    return signer == account and signer != empty(address)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Vouchers
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice EIP-712 vouchers for delivered GPU time and the check of their signatures.
@dev A key's signature counts even if code stands at its address: under EIP-7702 a builder could otherwise
     void what it signed by delegating its account afterwards. A real contract has no key, so only ERC-1271 can speak
     for it, and with up to 1,024 bytes the owners of a multisig fit in.
"""

from snekmate.utils import eip712_domain_separator

initializes: eip712_domain_separator

exports: eip712_domain_separator.eip712Domain

VOUCHER_TYPEHASH: public(constant(bytes32)) = keccak256("Voucher(uint256 orderId,uint256 gpuSeconds)")
ERC1271_MAGIC: constant(bytes32) = 0x1626ba7e00000000000000000000000000000000000000000000000000000000
# The order of secp256k1 is 2**256 minus this.
ORDER_GAP: constant(uint256) = 432_420_386_565_659_656_852_420_866_394_968_145_599
# Half of the order: of the two signatures (s, order - s) EIP-2 lets only the lower one count.
MAX_S: constant(uint256) = (max_value(uint256) - ORDER_GAP + 1) // 2


@deploy
def __init__():
    eip712_domain_separator.__init__("Flywheel ComputeEscrow", "1")


@internal
@view
def _digest(order_id: uint256, gpu_seconds: uint256) -> bytes32:
    return eip712_domain_separator._hash_typed_data_v4(
        keccak256(abi_encode(VOUCHER_TYPEHASH, order_id, gpu_seconds))
    )


@internal
@view
def _is_signed_by(signer: address, digest: bytes32, signature: Bytes[1_024]) -> bool:
    if len(signature) == 65:
        s: uint256 = convert(extract32(signature, 32), uint256)
        v: uint256 = convert(slice(signature, 64, 1), uint256)
        # The zero address is what a failed recovery gives.
        if s <= MAX_S and (v == 27 or v == 28) and signer != empty(address):
            r: uint256 = convert(extract32(signature, 0), uint256)
            if ecrecover(digest, v, r, s) == signer:
                return True
    return self._is_accepted_by(signer, digest, signature)


@internal
@view
def _is_accepted_by(wallet: address, digest: bytes32, signature: Bytes[1_024]) -> bool:
    """
    @dev ERC-1271. An account without code answers with nothing; a long answer is cut at one word.
    """
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        wallet,
        abi_encode(digest, signature, method_id=method_id("isValidSignature(bytes32,bytes)")),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    return success and len(answer) == 32 and convert(answer, bytes32) == ERC1271_MAGIC

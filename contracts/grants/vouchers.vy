# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Vouchers
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice EIP-712 vouchers for delivered GPU time.
"""

from snekmate.utils import eip712_domain_separator

initializes: eip712_domain_separator

exports: eip712_domain_separator.eip712Domain

VOUCHER_TYPEHASH: public(constant(bytes32)) = keccak256("Voucher(uint256 orderId,uint256 gpuSeconds)")


@deploy
def __init__():
    eip712_domain_separator.__init__("Flywheel ComputeEscrow", "1")


@internal
@view
def _digest(order_id: uint256, gpu_seconds: uint256) -> bytes32:
    return eip712_domain_separator._hash_typed_data_v4(
        keccak256(abi_encode(VOUCHER_TYPEHASH, order_id, gpu_seconds))
    )

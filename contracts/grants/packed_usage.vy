# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed usage
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What was drawn on an order, and what is still set aside for it.
@dev No state. Money is in units of the budget's asset.
     [0..55]    gpu_seconds   delivered, by the last voucher drawn
     [56..155]  paid          for them, so far
     [156..255] reserved      the most that all its vouchers may ever come to
"""

struct Usage:
    gpu_seconds: uint256
    paid: uint256
    reserved: uint256


GPU_SECONDS_MASK: constant(uint256) = 2**56 - 1
PAID_OFFSET: constant(uint256) = 56
PAID_MASK: constant(uint256) = 2**100 - 1
RESERVED_OFFSET: constant(uint256) = 156
RESERVED_MASK: constant(uint256) = 2**100 - 1


@internal
@pure
def _pack(usage: Usage) -> uint256:
    assert usage.gpu_seconds <= GPU_SECONDS_MASK, "too many GPU-seconds"
    assert usage.paid <= PAID_MASK and usage.reserved <= RESERVED_MASK, "amount is too large"
    return (
        usage.gpu_seconds
        | (usage.paid << PAID_OFFSET)
        | (usage.reserved << RESERVED_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Usage:
    return Usage(
        gpu_seconds=self._gpu_seconds(packed),
        paid=self._paid(packed),
        reserved=self._reserved(packed),
    )


@internal
@pure
def _gpu_seconds(packed: uint256) -> uint256:
    return packed & GPU_SECONDS_MASK


@internal
@pure
def _paid(packed: uint256) -> uint256:
    return (packed >> PAID_OFFSET) & PAID_MASK


@internal
@pure
def _reserved(packed: uint256) -> uint256:
    return (packed >> RESERVED_OFFSET) & RESERVED_MASK

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed totals of a root
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What of a campaign's money in one asset may be claimed, and what was.
@dev No state.
     [0..127]   paid           units of the asset paid to contributors so far
     [128..255] active_total   units of the asset that the active root gives in all; paid is never more
"""

struct RootTotals:
    paid: uint256
    active_total: uint256


PAID_MASK: constant(uint256) = 2**128 - 1
ACTIVE_TOTAL_OFFSET: constant(uint256) = 128
ACTIVE_TOTAL_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(totals: RootTotals) -> uint256:
    assert totals.paid <= PAID_MASK and totals.active_total <= ACTIVE_TOTAL_MASK, "total is too large"
    return totals.paid | (totals.active_total << ACTIVE_TOTAL_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> RootTotals:
    return RootTotals(paid=self._paid(packed), active_total=self._active_total(packed))


@internal
@pure
def _paid(packed: uint256) -> uint256:
    return packed & PAID_MASK


@internal
@pure
def _active_total(packed: uint256) -> uint256:
    return packed >> ACTIVE_TOTAL_OFFSET


@internal
@pure
def _with_active_total(packed: uint256, active_total: uint256) -> uint256:
    """
    @dev `active_total` is bounded by what was funded, which is below 2**128.
    """
    return (packed & ~(ACTIVE_TOTAL_MASK << ACTIVE_TOTAL_OFFSET)) | (active_total << ACTIVE_TOTAL_OFFSET)


@internal
@pure
def _unpaid(packed: uint256) -> uint256:
    """
    @dev What claims may still take, in units of the asset.
    """
    return (packed >> ACTIVE_TOTAL_OFFSET) - (packed & PAID_MASK)


@internal
@pure
def _add_paid(packed: uint256, amount: uint256) -> uint256:
    """
    @dev `packed` after `amount` was paid, which is at most `_unpaid`.
    """
    return packed + amount

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Frozen terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The market's own copy of the terms under which licenses were sold, and what a period owes by them.
@dev Made at the first sale. A report reads billing and scope here, and metering if the flag METERED is set. It calls no
     other contract.
@custom:invariant A copy is written once.
"""

from contracts.common import refusals
from contracts.licensing import packed_period
from contracts.licensing import packed_terms_billing
from contracts.licensing import packed_terms_metering
from contracts.licensing import packed_terms_sale
from contracts.licensing import terms_layout

BPS: constant(uint256) = 10_000

# Terms => packed terms, as `terms_layout` packs them.
_packed_terms: HashMap[uint256, uint256[5]]


@deploy
def __init__():
    pass


@internal
def _freeze(terms_id: uint256, packed_terms: uint256[5]):
    # The billing holds the asset, which is never zero: zero means that there is no copy yet.
    if self._packed_terms[terms_id][terms_layout.BILLING] == 0:
        self._packed_terms[terms_id] = packed_terms


@internal
@view
def _load_core(terms_id: uint256) -> terms_layout.Core:
    return terms_layout._core(
        self._packed_terms[terms_id][terms_layout.BILLING], self._packed_terms[terms_id][terms_layout.SCOPE]
    )


@internal
@view
def _due(terms_id: uint256, core: terms_layout.Core, revenue: uint256, units: uint256, before: uint256) -> uint256:
    """
    @dev What a period owes by these figures: the share of `revenue`, rounded up, plus the price of `units`, at least
         the minimum, and at most what the cap leaves. `before` is what the other periods owe of the cap.
    """
    metering: packed_terms_metering.Metering = self._metering(terms_id, core)
    due: uint256 = (revenue * core.share_bps + BPS - 1) // BPS + units * metering.price_per_unit
    due = self._within_cap(max(core.minimum_per_period, due), metering.royalty_cap, before)
    if due > packed_period.DUE_MASK:
        refusals._refuse("due is too large")
    return due


@internal
@view
def _capped(terms_id: uint256, core: terms_layout.Core, due: uint256, before: uint256) -> uint256:
    """
    @dev `due`, but at most what the cap leaves beside `before`, and what fits a packed period: so this never reverts.
    """
    return self._within_cap(
        min(due, packed_period.DUE_MASK), self._metering(terms_id, core).royalty_cap, before
    )


@internal
@view
def _excess(terms_id: uint256, core: terms_layout.Core, total: uint256) -> uint256:
    """
    @dev How much of `total` is above the cap.
    """
    return total - self._within_cap(total, self._metering(terms_id, core).royalty_cap, 0)


@internal
@view
def _metering(terms_id: uint256, core: terms_layout.Core) -> packed_terms_metering.Metering:
    if core.flags & packed_terms_billing.METERED == 0:
        return empty(packed_terms_metering.Metering)
    return packed_terms_metering._unpack(self._packed_terms[terms_id][terms_layout.METERING])


@internal
@pure
def _within_cap(due: uint256, cap: uint256, before: uint256) -> uint256:
    """
    @dev The part of `due` that fits below `cap` on top of `before`; a `cap` of 0 is none.
    """
    if cap == 0:
        return due
    return min(due, cap - min(cap, before))


@internal
@view
def _fee_and_bond(terms_id: uint256) -> (uint256, uint256):
    """
    @dev The upfront fee of one term, and the bond.
    """
    sale: packed_terms_sale.Sale = packed_terms_sale._unpack(self._packed_terms[terms_id][terms_layout.SALE])
    return sale.upfront_fee, sale.bond

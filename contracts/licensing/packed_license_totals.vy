# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed totals of a license
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What all booked periods of a license owe, and what was paid of that.
@dev No state.
     [0..127]   paid  token units paid of the principal; above `due` it is credit
     [128..255] due   token units of principal that all booked periods owe
"""

from contracts.common import refusals

struct Totals:
    paid: uint256
    due: uint256


PAID_MASK: constant(uint256) = 2**128 - 1
DUE_OFFSET: constant(uint256) = 128
DUE_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(totals: Totals) -> uint256:
    if totals.paid > PAID_MASK or totals.due > DUE_MASK:
        refusals._refuse("totals are too large")
    return totals.paid | (totals.due << DUE_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Totals:
    return Totals(
        paid=packed & PAID_MASK,
        due=packed >> DUE_OFFSET,
    )

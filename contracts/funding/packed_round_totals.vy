# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed totals of a round
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What each contribution changes of its round, in one storage slot.
@dev No state. The 112 bits of an amount hold 5 * 10**9 whole tokens of 24 decimals.
     [0..111]   raised        units of the asset contributed so far
     [112..223] hard_cap      units of the asset that buy tokens at most
     [224..255] contributors  accounts that contributed
"""

from contracts.common import refusals

struct Totals:
    raised: uint256
    hard_cap: uint256
    contributors: uint256

RAISED_MASK: constant(uint256) = 2**112 - 1
HARD_CAP_OFFSET: constant(uint256) = 112
HARD_CAP_MASK: constant(uint256) = 2**112 - 1
CONTRIBUTORS_OFFSET: constant(uint256) = 224
CONTRIBUTORS_MASK: constant(uint256) = 2**32 - 1


@internal
@pure
def _pack(totals: Totals) -> uint256:
    if totals.raised > RAISED_MASK or totals.hard_cap > HARD_CAP_MASK or totals.contributors > CONTRIBUTORS_MASK:
        refusals._refuse("round is too large")
    return totals.raised | (totals.hard_cap << HARD_CAP_OFFSET) | (totals.contributors << CONTRIBUTORS_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Totals:
    return Totals(
        raised=packed & RAISED_MASK,
        hard_cap=(packed >> HARD_CAP_OFFSET) & HARD_CAP_MASK,
        contributors=packed >> CONTRIBUTORS_OFFSET,
    )

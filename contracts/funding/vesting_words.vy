# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Vesting words
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How a round vests, in one word, and what of an allotment has vested by a time. No state.
@dev Layout, lowest first: cliff 40 | vesting_seconds 40 | finalized_at 40 | vesting began 40 | vesting was ended 40. The
     last three are Unix seconds, zero before.
"""

from contracts.funding import round_terms

DURATION_SHIFT: constant(uint256) = 40
FINALIZED_SHIFT: constant(uint256) = 80
VESTS_SHIFT: constant(uint256) = 120
ENDED_SHIFT: constant(uint256) = 160


@internal
@pure
def _vested(vesting: uint256, allotted: uint256, timepoint: uint256) -> uint256:
    """
    @dev Token wei of `allotted` that had vested by `timepoint` in a round with this vesting word, rounded down.
    """
    ended_at: uint256 = vesting >> ENDED_SHIFT
    duration: uint256 = (vesting >> DURATION_SHIFT) & round_terms.TIME_MASK
    starts_at: uint256 = (vesting >> VESTS_SHIFT) & round_terms.TIME_MASK
    if duration == 0 or (ended_at != 0 and timepoint >= ended_at) or timepoint >= starts_at + duration:
        return allotted
    if timepoint < starts_at + (vesting & round_terms.TIME_MASK):
        return 0
    return allotted * (timepoint - starts_at) // duration


@internal
@pure
def _times(vesting: uint256, starts_at: uint256) -> (uint256, uint256):
    """
    @dev Until when nothing has vested and when everything has, of a vesting from `starts_at` on; zeros if all tokens
         can be claimed at once.
    """
    duration: uint256 = (vesting >> DURATION_SHIFT) & round_terms.TIME_MASK
    if duration == 0:
        return 0, 0
    return starts_at + (vesting & round_terms.TIME_MASK), starts_at + duration

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Vesting
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What of an allotment has vested by a time. No state.
"""

from contracts.funding import packed_vesting


@internal
@pure
def _vested(packed: uint256, allotted: uint256, timepoint: uint256) -> uint256:
    """
    @dev Token wei of `allotted` that had vested by `timepoint` in a round with this packed vesting, rounded down.
    """
    vesting: packed_vesting.Vesting = packed_vesting._unpack(packed)
    if vesting.vesting_seconds == 0 or timepoint >= vesting.starts_at + vesting.vesting_seconds:
        return allotted
    if vesting.ended_at != 0 and timepoint >= vesting.ended_at:
        return allotted
    if timepoint < vesting.starts_at + vesting.cliff_seconds:
        return 0
    return allotted * (timepoint - vesting.starts_at) // vesting.vesting_seconds


@internal
@pure
def _times(packed: uint256, starts_at: uint256) -> (uint256, uint256):
    """
    @dev Returns the end of the cliff and the end of a vesting that begins at `starts_at`; zeros if all tokens can be
         claimed at once.
    """
    vesting: packed_vesting.Vesting = packed_vesting._unpack(packed)
    if vesting.vesting_seconds == 0:
        return 0, 0
    return starts_at + vesting.cliff_seconds, starts_at + vesting.vesting_seconds

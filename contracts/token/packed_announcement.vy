# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed announcement
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The announcement that an account will be excluded from income, or let in again.
@dev No state.
     [0]        is_excluded   whether the account is to be excluded
     [1..64]    from_epoch    the first epoch in which it may be applied; 0 for no announcement
"""

struct Announcement:
    is_excluded: bool
    from_epoch: uint256


IS_EXCLUDED: constant(uint256) = 1
FROM_EPOCH_OFFSET: constant(uint256) = 1
FROM_EPOCH_MASK: constant(uint256) = 2**64 - 1


@internal
@pure
def _pack(announcement: Announcement) -> uint256:
    assert announcement.from_epoch <= FROM_EPOCH_MASK, "epoch is out of range"
    packed: uint256 = announcement.from_epoch << FROM_EPOCH_OFFSET
    return packed | IS_EXCLUDED if announcement.is_excluded else packed


@internal
@pure
def _unpack(packed: uint256) -> Announcement:
    return Announcement(
        is_excluded=packed & IS_EXCLUDED != 0, from_epoch=(packed >> FROM_EPOCH_OFFSET) & FROM_EPOCH_MASK
    )

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed head of a scheduled split
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The first slot of a split that waits for its notice: its first share, and the figures of the split.
@dev No state.
     [0..183]   share          the first packed share
     [184..191] share_count    shares of the split, 1 to 15
     [208..255] effective_at   unix second from which it may take effect; never zero while it waits
"""

from contracts.models import packed_split_head

struct ScheduledHead:
    share: uint256
    share_count: uint256
    effective_at: uint256


# The two lowest fields are those of the head of a split in force.
SHARE_MASK: constant(uint256) = packed_split_head.SHARE_MASK
SHARE_COUNT_OFFSET: constant(uint256) = packed_split_head.SHARE_COUNT_OFFSET
SHARE_COUNT_MASK: constant(uint256) = packed_split_head.SHARE_COUNT_MASK
EFFECTIVE_AT_OFFSET: constant(uint256) = 208
EFFECTIVE_AT_MASK: constant(uint256) = 2**48 - 1


@internal
@pure
def _pack(head: ScheduledHead) -> uint256:
    assert head.share <= SHARE_MASK and head.share_count <= SHARE_COUNT_MASK, "split is too large"
    assert head.effective_at <= EFFECTIVE_AT_MASK, "notice is too long"
    return (
        head.share
        | (head.share_count << SHARE_COUNT_OFFSET)
        | (head.effective_at << EFFECTIVE_AT_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> ScheduledHead:
    return ScheduledHead(
        share=self._share(packed),
        share_count=self._share_count(packed),
        effective_at=self._effective_at(packed),
    )


@internal
@pure
def _share(packed: uint256) -> uint256:
    return packed & SHARE_MASK


@internal
@pure
def _share_count(packed: uint256) -> uint256:
    return (packed >> SHARE_COUNT_OFFSET) & SHARE_COUNT_MASK


@internal
@pure
def _effective_at(packed: uint256) -> uint256:
    return packed >> EFFECTIVE_AT_OFFSET

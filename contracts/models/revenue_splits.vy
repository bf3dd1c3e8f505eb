# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Revenue splits of models
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How a model's own revenue is shared now, how it will be after a notice, and the protocol fee it pays.
@dev What was received must be divided before a split or a fee changes: the deployable sees to that.
@custom:invariant A split in force has 1 to 15 shares of 10_000 bps in total and a fee of MAX_FEE_BPS at most.
"""

from contracts.models import packed_scheduled_head
from contracts.models import packed_split_head

MAX_FEE_BPS: constant(uint256) = 500
# Payees see a change two weeks ahead. What came in before it takes effect is divided by the old split.
NOTICE_SECONDS: constant(uint256) = 14 * 86_400

# Packed shares, the first of them in a packed head.
_splits: HashMap[uint256, uint256[16]]
_scheduled: HashMap[uint256, uint256[16]]


@deploy
def __init__():
    pass


@internal
def _set_first(model_id: uint256, ancestor_count: uint256, fee_bps: uint256, split: DynArray[uint256, 16]):
    """
    @dev The first split of a new model.
    """
    self._write(model_id, ancestor_count, fee_bps, split)


@internal
def _set_fee(model_id: uint256, fee_bps: uint256):
    self._splits[model_id][0] = packed_split_head._with_fee_bps(self._splits[model_id][0], fee_bps)


@internal
def _set(model_id: uint256, split: DynArray[uint256, 16]):
    """
    @dev Puts a split in force. Shares of a longer one before it stay behind unread.
    """
    head: uint256 = self._splits[model_id][0]
    self._write(model_id, packed_split_head._ancestor_count(head), packed_split_head._fee_bps(head), split)


@internal
def _schedule(model_id: uint256, split: DynArray[uint256, 16]) -> uint256:
    """
    @dev Schedules `split` in place of any scheduled one; an empty one takes that back. Returns the unix second from
         which it may take effect, 0 for none.
    """
    if len(split) == 0:
        assert self._cancel_scheduled(model_id), "no split is announced"
        return 0
    effective_at: uint256 = block.timestamp + NOTICE_SECONDS
    self._scheduled[model_id][0] = packed_scheduled_head._pack(
        packed_scheduled_head.ScheduledHead(share=split[0], share_count=len(split), effective_at=effective_at)
    )
    for index: uint256 in range(1, 16):
        if index >= len(split):
            break
        self._scheduled[model_id][index] = split[index]
    return effective_at


@internal
def _cancel_scheduled(model_id: uint256) -> bool:
    """
    @dev Cancels the scheduled split. Returns whether there was one.
    """
    if self._scheduled[model_id][0] == 0:
        return False
    self._scheduled[model_id][0] = 0
    return True


@internal
def _remove_due_split(model_id: uint256) -> DynArray[uint256, 16]:
    """
    @dev Removes and returns the scheduled split if its notice is over; else returns an empty one.
    """
    effective_at: uint256 = self._effective_at(model_id)
    if effective_at == 0 or block.timestamp < effective_at:
        return []
    split: DynArray[uint256, 16] = self._scheduled_split(model_id)
    split[0] = packed_scheduled_head._share(split[0])
    self._cancel_scheduled(model_id)
    return split


@internal
@view
def _split(model_id: uint256) -> DynArray[uint256, 16]:
    """
    @dev The split in force as it is stored, with its packed head; for an unknown model one element, zero.
    """
    split: DynArray[uint256, 16] = []
    head: uint256 = self._splits[model_id][0]
    split.append(head)
    count: uint256 = packed_split_head._share_count(head)
    for index: uint256 in range(1, 16):
        if index >= count:
            break
        split.append(self._splits[model_id][index])
    return split


@internal
@view
def _scheduled_split(model_id: uint256) -> DynArray[uint256, 16]:
    """
    @dev The scheduled split as it is stored, with its packed head; empty if there is none.
    """
    split: DynArray[uint256, 16] = []
    count: uint256 = packed_scheduled_head._share_count(self._scheduled[model_id][0])
    for index: uint256 in range(16):
        if index >= count:
            break
        split.append(self._scheduled[model_id][index])
    return split


@internal
@view
def _effective_at(model_id: uint256) -> uint256:
    """
    @dev When the scheduled split may take effect, 0 when none waits.
    """
    return packed_scheduled_head._effective_at(self._scheduled[model_id][0])


@internal
def _write(model_id: uint256, ancestor_count: uint256, fee_bps: uint256, split: DynArray[uint256, 16]):
    self._splits[model_id][0] = packed_split_head._pack(
        packed_split_head.SplitHead(
            share=split[0], share_count=len(split), fee_bps=fee_bps, ancestor_count=ancestor_count
        )
    )
    for index: uint256 in range(1, 16):
        if index >= len(split):
            break
        self._splits[model_id][index] = split[index]

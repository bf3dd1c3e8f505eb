# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed head of a trace
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The last checkpoint of a trace, and how many there are.
@dev No state. The two lowest fields together are the last packed checkpoint.
     [0..95]    amount    token wei, from the last checkpoint on
     [96..127]  elapsed   seconds from the deployment to the last checkpoint, for 136 years
     [128..255] count     number of checkpoints, the last one included; at most one a second
"""

from contracts.token import packed_checkpoint

struct TraceHead:
    amount: uint256
    elapsed: uint256
    count: uint256


LAST_MASK: constant(uint256) = packed_checkpoint.MASK
AMOUNT_MASK: constant(uint256) = packed_checkpoint.AMOUNT_MASK
ELAPSED_OFFSET: constant(uint256) = packed_checkpoint.ELAPSED_OFFSET
ELAPSED_MASK: constant(uint256) = packed_checkpoint.ELAPSED_MASK
COUNT_OFFSET: constant(uint256) = packed_checkpoint.WIDTH
COUNT_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(head: TraceHead) -> uint256:
    assert head.amount <= AMOUNT_MASK and head.elapsed <= ELAPSED_MASK, "checkpoint is too large"
    assert head.count <= COUNT_MASK, "checkpoints are too many"
    return head.amount | (head.elapsed << ELAPSED_OFFSET) | (head.count << COUNT_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> TraceHead:
    return TraceHead(amount=self._amount(packed), elapsed=self._elapsed(packed), count=self._count(packed))


@internal
@pure
def _amount(packed: uint256) -> uint256:
    return packed & AMOUNT_MASK


@internal
@pure
def _elapsed(packed: uint256) -> uint256:
    return (packed >> ELAPSED_OFFSET) & ELAPSED_MASK


@internal
@pure
def _count(packed: uint256) -> uint256:
    return packed >> COUNT_OFFSET


@internal
@pure
def _last(packed: uint256) -> uint256:
    """
    @dev The last checkpoint, packed.
    """
    return packed & LAST_MASK


@internal
@pure
def _after(packed: uint256, amount: uint256, elapsed: uint256) -> uint256:
    """
    @dev The head after the amount became `amount` at `elapsed`, which is not before the last checkpoint. It counts a
         new checkpoint, unless the last one is of the same second. The caller has bounded `amount` by 96 bits.
    """
    assert elapsed <= ELAPSED_MASK, "clock is out of range"
    count: uint256 = packed >> COUNT_OFFSET
    if count == 0 or (packed >> ELAPSED_OFFSET) & ELAPSED_MASK != elapsed:
        count = unsafe_add(count, 1)
    return amount | (elapsed << ELAPSED_OFFSET) | (count << COUNT_OFFSET)

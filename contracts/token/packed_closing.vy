# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed closing
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The record that closes the epoch of a change of a holder, once it changes in a later one.
@dev No state. 20 bits of epochs last for 2,800 years of epochs of a day.
     [0..95]    eligible   balance that gained balance-seconds at the end of the epoch; token wei
     [96..214]  seconds    balance-seconds of the epoch; token wei x seconds
     [215..234] next       the epoch of the change that closed it: until then the holder did not move
     [235..255] epoch      the epoch that was closed
"""

struct Closing:
    eligible: uint256
    seconds: uint256
    next: uint256
    epoch: uint256


ELIGIBLE_MASK: constant(uint256) = 2**96 - 1
SECONDS_OFFSET: constant(uint256) = 96
SECONDS_MASK: constant(uint256) = 2**119 - 1
NEXT_OFFSET: constant(uint256) = 215
NEXT_MASK: constant(uint256) = 2**20 - 1
EPOCH_OFFSET: constant(uint256) = 235
EPOCH_MASK: constant(uint256) = 2**21 - 1


@internal
@pure
def _pack(closing: Closing) -> uint256:
    assert closing.eligible <= ELIGIBLE_MASK and closing.seconds <= SECONDS_MASK, "seconds are too many"
    assert closing.next <= NEXT_MASK and closing.epoch <= EPOCH_MASK, "epoch is out of range"
    return (
        closing.eligible
        | (closing.seconds << SECONDS_OFFSET)
        | (closing.next << NEXT_OFFSET)
        | (closing.epoch << EPOCH_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Closing:
    return Closing(
        eligible=self._eligible(packed),
        seconds=self._seconds(packed),
        next=self._next(packed),
        epoch=self._epoch(packed),
    )


@internal
@pure
def _eligible(packed: uint256) -> uint256:
    return packed & ELIGIBLE_MASK


@internal
@pure
def _seconds(packed: uint256) -> uint256:
    return (packed >> SECONDS_OFFSET) & SECONDS_MASK


@internal
@pure
def _next(packed: uint256) -> uint256:
    return (packed >> NEXT_OFFSET) & NEXT_MASK


@internal
@pure
def _epoch(packed: uint256) -> uint256:
    return packed >> EPOCH_OFFSET


@internal
@pure
def _covers(packed: uint256, epoch: uint256) -> bool:
    """
    @dev Whether the record answers for `epoch`. The empty one answers for none.
    """
    return packed >> EPOCH_OFFSET <= epoch and epoch < (packed >> NEXT_OFFSET) & NEXT_MASK


@internal
@pure
def _place(epoch: uint256, next_epoch: uint256) -> uint256:
    """
    @dev The number from `epoch` to `next_epoch` - 1 that the largest power of two divides. With the epochs before the
         first and of the last one written in binary, it is the last one with all digits cleared behind the first in
         which the two differ: of 0101 (epoch 6) and 1011 (next epoch 12) it is 1000.
    """
    last: uint256 = unsafe_sub(next_epoch, 1)
    digits: uint256 = unsafe_sub(epoch, 1) ^ last
    digits |= digits >> 1
    digits |= digits >> 2
    digits |= digits >> 4
    digits |= digits >> 8
    digits |= digits >> 16
    return last & ~(digits >> 1)

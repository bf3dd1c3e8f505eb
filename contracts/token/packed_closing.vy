# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed closing
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What is kept of a holder's last change when the holder changes again in a later epoch: the figures that answer
        for every epoch from that of the last change up to, but not including, that of the new one.
@dev No state. 20 bits of epochs last for 2,800 years of epochs of a day.
     [0..95]    eligible   balance at the end of the closed epoch, 0 if excluded; token wei
     [96..214]  seconds    balance-seconds of the closed epoch; token wei x seconds
     [215..234] next       epoch of the new change; between the two nothing changed
     [235..255] epoch      the closed epoch, that of the last change
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
    @dev Whether the record answers for `epoch`. An empty record (0) answers for no epoch.
    """
    return packed >> EPOCH_OFFSET <= epoch and epoch < (packed >> NEXT_OFFSET) & NEXT_MASK


@internal
@pure
def _place(epoch: uint256, next_epoch: uint256) -> uint256:
    """
    @dev The number from `epoch` to `next_epoch` - 1 that the largest power of two divides. To find it, write `epoch` -
         1 and `next_epoch` - 1 in binary. The place is the second number with all digits cleared that come after the
         first digit in which the two differ. Example: epoch 6 and next epoch 12 give 5 = 0101 and 11 = 1011. They
         differ from the first digit on, so the place is 1000 = 8.
    """
    last: uint256 = unsafe_sub(next_epoch, 1)
    digits: uint256 = unsafe_sub(epoch, 1) ^ last
    digits |= digits >> 1
    digits |= digits >> 2
    digits |= digits >> 4
    digits |= digits >> 8
    digits |= digits >> 16
    return last & ~(digits >> 1)

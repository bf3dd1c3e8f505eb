# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed operation
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice When an operation of the Timelock may run, and what became of it.
@dev No state.
     [0..63]    eta            Unix time from which it may run; 0 for an operation that was never scheduled
     [64]       is_done        whether it ran; it is set before the first call
     [65]       is_cancelled   whether it was cancelled since it was last scheduled
"""

struct Operation:
    eta: uint256
    is_done: bool
    is_cancelled: bool


ETA_MASK: constant(uint256) = 2**64 - 1
IS_DONE_OFFSET: constant(uint256) = 64
IS_DONE: constant(uint256) = 1 << IS_DONE_OFFSET
IS_CANCELLED_OFFSET: constant(uint256) = 65
IS_CANCELLED: constant(uint256) = 1 << IS_CANCELLED_OFFSET


@internal
@pure
def _pack(operation: Operation) -> uint256:
    assert operation.eta <= ETA_MASK, "clock is out of range"
    packed: uint256 = operation.eta
    if operation.is_done:
        packed |= IS_DONE
    if operation.is_cancelled:
        packed |= IS_CANCELLED
    return packed


@internal
@pure
def _unpack(packed: uint256) -> Operation:
    return Operation(
        eta=self._eta(packed), is_done=self._is_done(packed), is_cancelled=self._is_cancelled(packed)
    )


@internal
@pure
def _eta(packed: uint256) -> uint256:
    return packed & ETA_MASK


@internal
@pure
def _is_done(packed: uint256) -> bool:
    return packed & IS_DONE != 0


@internal
@pure
def _is_cancelled(packed: uint256) -> bool:
    return packed & IS_CANCELLED != 0


@internal
@pure
def _pack_new(eta: uint256) -> uint256:
    """
    @dev An operation just scheduled, which may run from `eta` on. 64 bits of seconds last for 500 billion years.
    """
    return eta


@internal
@pure
def _mark_done(packed: uint256) -> uint256:
    return packed | IS_DONE


@internal
@pure
def _cancel(packed: uint256) -> uint256:
    return packed | IS_CANCELLED

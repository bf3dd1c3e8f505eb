# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Operations
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice When a batch of calls may run: not before its delay, not after its grace window, and only once.
@dev States and typed errors are those of OpenZeppelin's TimelockController. Expiry is ours: an expired operation counts
     as unset, so that it may be scheduled again, but keeps its timestamp until then.
@custom:invariant An operation marked as done stays done. MIN_DELAY_FLOOR <= min_delay <= MAX_DELAY, and the floor
                  is fixed for the life of the contract.
"""

from contracts.governance import packed_operation

event MinDelayChange:
    oldDuration: uint256
    newDuration: uint256


# OpenZeppelin's `OperationState`, whose ABI type is uint8.
UNSET: constant(uint8) = 0
WAITING: constant(uint8) = 1
READY: constant(uint8) = 2
DONE: constant(uint8) = 3

# What `getTimestamp` answers for an operation that ran.
DONE_TIMESTAMP: constant(uint256) = 1

# Two weeks after it became ready, an operation that nobody ran may no longer be what people want.
GRACE_SECONDS: constant(uint256) = 14 * 86_400
# With a longer delay a vote could put every later decision out of reach.
MAX_DELAY: constant(uint256) = 30 * 86_400
# Token holders always get a day to react, unless the deployment itself chose a shorter delay (a rehearsal).
RECOMMENDED_FLOOR: constant(uint256) = 86_400

MIN_DELAY_FLOOR: immutable(uint256)

# Operation => packed operation.
operations: HashMap[bytes32, uint256]
# Shortest delay of an operation that is scheduled now, seconds.
min_delay: uint256


@deploy
def __init__(delay: uint256):
    """
    @param delay Seconds between scheduling and running, in [1, MAX_DELAY]; below a day it becomes the floor.
    """
    assert delay > 0, "delay is zero"
    MIN_DELAY_FLOOR = min(delay, RECOMMENDED_FLOOR)
    self._set_min_delay(delay)


@internal
def _set_min_delay(delay: uint256):
    assert delay >= MIN_DELAY_FLOOR, "delay is too short"
    self._check_not_too_long(delay)
    log MinDelayChange(oldDuration=self.min_delay, newDuration=delay)
    self.min_delay = delay


@internal
def _schedule(id: bytes32, delay: uint256):
    if self._state(id) != UNSET:
        self._unexpected_state(id, self._bit(UNSET))
    shortest: uint256 = self.min_delay
    if delay < shortest:
        raw_revert(abi_encode(delay, shortest, method_id=method_id("TimelockInsufficientDelay(uint256,uint256)")))
    self._check_not_too_long(delay)
    self.operations[id] = packed_operation._pack_new(block.timestamp + delay)


@internal
def _cancel(id: bytes32):
    state: uint8 = self._state(id)
    if state != WAITING and state != READY:
        self._unexpected_state(id, self._bit(WAITING) | self._bit(READY))
    self.operations[id] = packed_operation._cancel(self.operations[id])


@internal
def _mark_done(id: bytes32, predecessor: bytes32):
    """
    @dev Marks the operation as done before any of its calls is made, so that none of them can start it again.
    """
    if self._state(id) != READY:
        self._unexpected_state(id, self._bit(READY))
    if predecessor != empty(bytes32) and self._state(predecessor) != DONE:
        raw_revert(abi_encode(predecessor, method_id=method_id("TimelockUnexecutedPredecessor(bytes32)")))
    self.operations[id] = packed_operation._mark_done(self.operations[id])


@internal
@view
def _state(id: bytes32) -> uint8:
    operation: uint256 = self.operations[id]
    if operation == 0 or packed_operation._is_cancelled(operation):
        return UNSET
    if packed_operation._is_done(operation):
        return DONE
    eta: uint256 = packed_operation._eta(operation)
    if block.timestamp < eta:
        return WAITING
    if block.timestamp < eta + GRACE_SECONDS:
        return READY
    return UNSET


@internal
@view
def _timestamp(id: bytes32) -> uint256:
    operation: uint256 = self.operations[id]
    if packed_operation._is_cancelled(operation):
        return 0
    if packed_operation._is_done(operation):
        return DONE_TIMESTAMP
    return packed_operation._eta(operation)


@internal
@view
def _eta(id: bytes32) -> uint256:
    return packed_operation._eta(self.operations[id])


@internal
@pure
def _check_not_too_long(delay: uint256):
    assert delay <= MAX_DELAY, "delay is too long"


@internal
@pure
def _unexpected_state(id: bytes32, expected: uint256):
    raw_revert(
        abi_encode(id, expected, method_id=method_id("TimelockUnexpectedOperationState(bytes32,bytes32)"))
    )


@internal
@pure
def _bit(state: uint8) -> uint256:
    return 1 << convert(state, uint256)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Operations
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice When a batch of calls may run: not before its delay, not after its grace window, and only once.
@dev States and typed errors are OpenZeppelin TimelockController's; an expired operation counts as unset there, so
     that it may be scheduled again, but keeps its timestamp until then.
@custom:invariant An operation marked as done stays done. MIN_DELAY_FLOOR <= min_delay <= MAX_DELAY, and the floor
                  is fixed for the life of the contract.
"""

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

ETA_MASK: constant(uint256) = 2**64 - 1
DONE_BIT: constant(uint256) = 1 << 64
CANCELLED_BIT: constant(uint256) = 1 << 65

# A ready operation that nobody ran within two weeks no longer is what people voted for.
GRACE_SECONDS: constant(uint256) = 14 * 86_400
# Longer than this and a vote could put every later decision out of reach.
MAX_DELAY: constant(uint256) = 30 * 86_400
# Token holders always get a day to react, unless the deployment itself chose a shorter delay (a rehearsal).
RECOMMENDED_FLOOR: constant(uint256) = 86_400

MIN_DELAY_FLOOR: immutable(uint256)

# Operation => time from which it may run (64 bits), done (1), cancelled (1).
entries: HashMap[bytes32, uint256]
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
    self.entries[id] = block.timestamp + delay


@internal
def _cancel(id: bytes32):
    state: uint8 = self._state(id)
    if state != WAITING and state != READY:
        self._unexpected_state(id, self._bit(WAITING) | self._bit(READY))
    self.entries[id] |= CANCELLED_BIT


@internal
def _start(id: bytes32, predecessor: bytes32):
    """
    @dev Marks the operation as done before any of its calls is made, so that none of them can start it again.
    """
    if self._state(id) != READY:
        self._unexpected_state(id, self._bit(READY))
    if predecessor != empty(bytes32) and self._state(predecessor) != DONE:
        raw_revert(abi_encode(predecessor, method_id=method_id("TimelockUnexecutedPredecessor(bytes32)")))
    self.entries[id] |= DONE_BIT


@internal
@view
def _state(id: bytes32) -> uint8:
    entry: uint256 = self.entries[id]
    if entry == 0 or entry & CANCELLED_BIT != 0:
        return UNSET
    if entry & DONE_BIT != 0:
        return DONE
    if block.timestamp < entry:
        return WAITING
    if block.timestamp < entry + GRACE_SECONDS:
        return READY
    return UNSET


@internal
@view
def _timestamp(id: bytes32) -> uint256:
    entry: uint256 = self.entries[id]
    if entry & CANCELLED_BIT != 0:
        return 0
    if entry & DONE_BIT != 0:
        return DONE_TIMESTAMP
    return entry


@internal
@view
def _eta(id: bytes32) -> uint256:
    return self.entries[id] & ETA_MASK


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

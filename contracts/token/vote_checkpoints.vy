# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Vote checkpoints
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Traces of amounts through time, answered for any past timepoint: votes per delegate, the supply, the tokens
        held by the Treasury.
@dev A trace is a key: an account as a number, or one of the sums beyond the address range. A checkpoint is

         seconds since ORIGIN 32 | amount 96

     The last one of a trace stands in its head together with the count of all, so that a change reads one slot and
     the votes of an account that did not move lately are read from one slot. A new checkpoint moves the last one to
     the older ones, of which two share a slot. ORIGIN is the deployment, so 32 bits last for 136 years.
@custom:invariant Times of a trace strictly increase, so there is one checkpoint per timestamp.
@custom:halt 136 years after deployment no trace changes any more.
"""

from contracts.token import token_errors

# Keys of the traces that are no account's.
SUPPLY: constant(uint256) = 2**160
TREASURY_HELD: constant(uint256) = 2**160 + 1

TIME_SHIFT: constant(uint256) = 96
CHECKPOINT_BITS: constant(uint256) = 128
AMOUNT_MASK: constant(uint256) = 2**96 - 1
TIME_MASK: constant(uint256) = 2**32 - 1
CHECKPOINT_MASK: constant(uint256) = 2**128 - 1

# ERC-6372
CLOCK_MODE: public(constant(String[14])) = "mode=timestamp"

# Deployment, from which checkpoints count their seconds.
ORIGIN: immutable(uint256)

# Trace => count of its checkpoints << 128 | last checkpoint.
heads: HashMap[uint256, uint256]
# Trace => the checkpoints before the last, an even one and in the upper half the odd one that follows it.
older_pairs: HashMap[uint256, HashMap[uint256, uint256]]


@deploy
def __init__():
    ORIGIN = block.timestamp


# --- views of the deployable ---


@external
@view
def clock() -> uint48:
    return self._clock()


@external
@view
def getVotes(account: address) -> uint256:
    return self.heads[convert(account, uint256)] & AMOUNT_MASK


@external
@view
def getPastVotes(account: address, timepoint: uint256) -> uint256:
    self._check_past(timepoint)
    return self._amount_at(convert(account, uint256), timepoint)


@external
@view
def getPastTotalSupply(timepoint: uint256) -> uint256:
    self._check_past(timepoint)
    return self._amount_at(SUPPLY, timepoint)


@external
@view
def past_quorum_supply(timepoint: uint256) -> uint256:
    self._check_past(timepoint)
    return self._amount_at(SUPPLY, timepoint) - self._amount_at(TREASURY_HELD, timepoint)


@external
@view
def numCheckpoints(account: address) -> uint32:
    return convert(self.heads[convert(account, uint256)] >> CHECKPOINT_BITS, uint32)


@external
@view
def checkpoints(account: address, index: uint32) -> (uint48, uint208):
    key: uint256 = convert(account, uint256)
    position: uint256 = convert(index, uint256)
    head: uint256 = self.heads[key]
    count: uint256 = head >> CHECKPOINT_BITS
    assert position < count, "no such checkpoint"
    checkpoint: uint256 = head & CHECKPOINT_MASK
    if position + 1 < count:
        pair: uint256 = self.older_pairs[key][position // 2]
        checkpoint = pair & CHECKPOINT_MASK if position % 2 == 0 else pair >> CHECKPOINT_BITS
    return convert(ORIGIN + self._time(checkpoint), uint48), convert(checkpoint & AMOUNT_MASK, uint208)


# --- verbs ---


@internal
def _increase(key: uint256, amount: uint256) -> uint256:
    """
    @dev Adds `amount` to the trace from this second on. Amounts are parts of a supply that fits 96 bits.
    @return The amount before.
    """
    head: uint256 = self.heads[key]
    before: uint256 = head & AMOUNT_MASK
    self._write(key, head, before + amount)
    return before


@internal
def _decrease(key: uint256, amount: uint256) -> uint256:
    """
    @dev Takes `amount` off the trace from this second on.
    @return The amount before.
    """
    head: uint256 = self.heads[key]
    before: uint256 = head & AMOUNT_MASK
    self._write(key, head, before - amount)
    return before


@internal
def _set(key: uint256, amount: uint256):
    """
    @dev Lets the trace be `amount` from this second on.
    """
    self._write(key, self.heads[key], amount)


@internal
def _write(key: uint256, head: uint256, amount: uint256):
    elapsed: uint256 = block.timestamp - ORIGIN
    assert elapsed <= TIME_MASK, "clock is out of range"
    count: uint256 = head >> CHECKPOINT_BITS
    last: uint256 = head & CHECKPOINT_MASK
    if count == 0 or last >> TIME_SHIFT != elapsed:
        if count != 0:
            # `last` has the index count - 1: an even one opens a pair, an odd one fills it.
            place: uint256 = unsafe_sub(count, 1) >> 1
            if count & 1 == 1:
                self.older_pairs[key][place] = last
            else:
                self.older_pairs[key][place] |= last << CHECKPOINT_BITS
        count = unsafe_add(count, 1)
    self.heads[key] = (count << CHECKPOINT_BITS) | (elapsed << TIME_SHIFT) | amount


# --- reads ---


@internal
@view
def _clock() -> uint48:
    return convert(block.timestamp, uint48)


@internal
@view
def _check_past(timepoint: uint256):
    if timepoint >= block.timestamp:
        token_errors._future_lookup(timepoint, self._clock())


@internal
@view
def _amount_at(key: uint256, timepoint: uint256) -> uint256:
    """
    @dev Amount of the trace when `timepoint` had ended, which is final for any timepoint before now.
    """
    if timepoint < ORIGIN:
        return 0
    elapsed: uint256 = timepoint - ORIGIN
    head: uint256 = self.heads[key]
    if self._time(head) <= elapsed:
        return head & AMOUNT_MASK
    # The last pair that began by then; an even number of older checkpoints fills count // 2 pairs exactly.
    pair: uint256 = 0
    low: uint256 = 0
    high: uint256 = (head >> CHECKPOINT_BITS) // 2
    for _: uint256 in range(32):
        if low >= high:
            break
        middle: uint256 = (low + high) // 2
        candidate: uint256 = self.older_pairs[key][middle]
        if self._time(candidate) <= elapsed:
            pair = candidate
            low = middle + 1
        else:
            high = middle
    upper: uint256 = pair >> CHECKPOINT_BITS
    # Only the first checkpoint may have time 0, so an empty upper half is no checkpoint.
    if upper != 0 and self._time(upper) <= elapsed:
        return upper & AMOUNT_MASK
    return pair & AMOUNT_MASK


# --- parts of a checkpoint ---


@internal
@pure
def _time(checkpoint: uint256) -> uint256:
    return (checkpoint >> TIME_SHIFT) & TIME_MASK

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Vote checkpoints
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Traces of amounts through time, answered for any past timepoint: votes per delegate, the supply, the tokens
        held by the Treasury.
@dev A trace is a key: an account as a number, or one of the sums beyond the address range. Its last checkpoint stands
     in its head together with the count of all, so that a change reads one slot and the votes of an account that did not
     move lately are read from one slot. A new checkpoint moves the last one to the older ones, of which two share a
     slot.
@custom:invariant Times of a trace strictly increase, so there is one checkpoint per timestamp.
@custom:halt 136 years after deployment no trace changes any more.
"""

from contracts.token import packed_checkpoint
from contracts.token import packed_trace_head
from contracts.token import token_errors

# Keys of the traces that are no account's.
SUPPLY: constant(uint256) = 2**160
TREASURY_HELD: constant(uint256) = 2**160 + 1

# ERC-6372
CLOCK_MODE: public(constant(String[14])) = "mode=timestamp"

# Deployment, from which checkpoints count their seconds.
ORIGIN: immutable(uint256)

# Trace => packed head.
heads: HashMap[uint256, uint256]
# Trace => the packed checkpoints before the last, two to a word.
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
    return packed_trace_head._amount(self.heads[convert(account, uint256)])


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
    return convert(packed_trace_head._count(self.heads[convert(account, uint256)]), uint32)


@external
@view
def checkpoints(account: address, index: uint32) -> (uint48, uint208):
    key: uint256 = convert(account, uint256)
    position: uint256 = convert(index, uint256)
    head: uint256 = self.heads[key]
    count: uint256 = packed_trace_head._count(head)
    assert position < count, "no such checkpoint"
    packed: uint256 = packed_trace_head._last(head)
    if position + 1 < count:
        packed = packed_checkpoint._at(self.older_pairs[key][position // 2], position % 2)
    checkpoint: packed_checkpoint.Checkpoint = packed_checkpoint._unpack(packed)
    return convert(ORIGIN + checkpoint.elapsed, uint48), convert(checkpoint.amount, uint208)


# --- verbs ---


@internal
def _increase(key: uint256, amount: uint256) -> uint256:
    """
    @dev Adds `amount` to the trace from this second on. Amounts are parts of a supply that fits 96 bits.
    @return The amount before.
    """
    head: uint256 = self.heads[key]
    before: uint256 = packed_trace_head._amount(head)
    self._write(key, head, before + amount)
    return before


@internal
def _decrease(key: uint256, amount: uint256) -> uint256:
    """
    @dev Takes `amount` off the trace from this second on.
    @return The amount before.
    """
    head: uint256 = self.heads[key]
    before: uint256 = packed_trace_head._amount(head)
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
    if head != 0 and packed_trace_head._elapsed(head) != elapsed:
        # The last one has the index count - 1: an even one opens a pair, an odd one fills it.
        index: uint256 = unsafe_sub(packed_trace_head._count(head), 1)
        pair: uint256 = 0
        if index % 2 == 1:
            pair = self.older_pairs[key][index // 2]
        self.older_pairs[key][index // 2] = packed_checkpoint._put(pair, index % 2, head)
    self.heads[key] = packed_trace_head._after(head, amount, elapsed)


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
    if packed_trace_head._elapsed(head) <= elapsed:
        return packed_trace_head._amount(head)
    # The last pair that began by then; an even number of older checkpoints fills count // 2 pairs exactly.
    pair: uint256 = 0
    low: uint256 = 0
    high: uint256 = packed_trace_head._count(head) // 2
    for _: uint256 in range(32):
        if low >= high:
            break
        middle: uint256 = (low + high) // 2
        candidate: uint256 = self.older_pairs[key][middle]
        if packed_checkpoint._elapsed(candidate) <= elapsed:
            pair = candidate
            low = middle + 1
        else:
            high = middle
    upper: uint256 = packed_checkpoint._at(pair, 1)
    # Only the first checkpoint may have time 0, so an empty upper half is no checkpoint.
    if upper != 0 and packed_checkpoint._elapsed(upper) <= elapsed:
        return packed_checkpoint._amount(upper)
    return packed_checkpoint._amount(pair)

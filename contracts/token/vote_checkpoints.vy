# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Vote checkpoints
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Traces of amounts through time, which answer for any past second: the votes of each delegate, the supply, and
        what those held whom the quorum leaves out.
@dev A trace is known by its key: an account as a number, or SUPPLY or UNCOUNTED_HELD, above all addresses. Its head
     holds the last checkpoint and the count of all, so the past votes of an account whose last change was earlier take
     one read of storage. A new checkpoint first moves the last one to the older ones, of which two share a slot: a
     change takes one read, or two if it completes a pair.
@custom:invariant Times of a trace strictly increase, so there is one checkpoint per timestamp.
@custom:halt 136 years after the deployment every change of a trace reverts, and with it mints, burns, delegations, and
             transfers that move votes or tokens that the quorum leaves out.
"""

from contracts.token import packed_checkpoint
from contracts.token import packed_trace_head
from contracts.token import token_errors

# Keys of the traces that are no account's.
SUPPLY: constant(uint256) = 2**160
UNCOUNTED_HELD: constant(uint256) = 2**160 + 1

# ERC-6372
CLOCK_MODE: public(constant(String[14])) = "mode=timestamp"

# Deployment, from which checkpoints count their seconds.
ORIGIN: immutable(uint256)

# Trace => packed head.
heads: HashMap[uint256, uint256]
# Trace => index // 2 => two packed checkpoints; the last checkpoint is in the head only.
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
    return self._amount_at(SUPPLY, timepoint) - self._amount_at(UNCOUNTED_HELD, timepoint)


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
def _write(key: uint256, head: uint256, amount: uint256):
    elapsed: uint256 = block.timestamp - ORIGIN
    if head != 0 and packed_trace_head._elapsed(head) != elapsed:
        # The last checkpoint has index count - 1. An even index begins a new pair, an odd one completes it.
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
    @dev Amount of the trace at the end of the second `timepoint`, which is final for any second before now.
    """
    if timepoint < ORIGIN:
        return 0
    elapsed: uint256 = timepoint - ORIGIN
    head: uint256 = self.heads[key]
    if packed_trace_head._elapsed(head) <= elapsed:
        return packed_trace_head._amount(head)
    # Search for the last pair whose first checkpoint is not later. The count - 1 older checkpoints are in count // 2
    # pairs; the last pair has one only if their number is odd. 32 halvings suffice for 2**31 pairs.
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
    # Only the first checkpoint of a trace can be zero, and it is never second in a pair: a zero here is an empty place.
    if upper != 0 and packed_checkpoint._elapsed(upper) <= elapsed:
        return packed_checkpoint._amount(upper)
    return packed_checkpoint._amount(pair)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Vesting calendar
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which rounds vested at which time, so that the quorum can leave out what could not be claimed then.
@dev At most MAX_VESTING rounds of one rounds contract vest at once. Each that is finalized writes one word, for ever:

         time 40 | ids of the rounds that vest from then on, 8 x 24

     A second is answered by the last word up to it; a round of that word that has vested since counts for nothing.
@custom:invariant The words' times strictly increase. No more than MAX_VESTING ids are in a word.
"""

MAX_VESTING: constant(uint256) = 8
ID_BITS: constant(uint256) = 24
ID_MASK: constant(uint256) = 2**24 - 1
TIME_BITS: constant(uint256) = 40
TIME_MASK: constant(uint256) = 2**40 - 1
# Halvings of a list of fewer than 2**32 words.
MAX_STEPS: constant(uint256) = 33


# How one round vests: token wei, and Unix seconds.
struct Vesting:
    minted: uint256
    starts_at: uint256
    cliff_at: uint256
    full_at: uint256   # when the last would vest by the terms, which give the slope
    ends_at: uint256   # the same, or sooner if the purpose was wound down


# Rounds contract => round => how it vests.
_vesting_of: HashMap[address, HashMap[uint256, Vesting]]
# Rounds contract => its words.
_words: HashMap[address, DynArray[uint256, 2**32]]


# --- changes ---


@internal
def _begin(rounds: address, round_id: uint256, vesting: Vesting):
    """
    @dev Counts a round that is finalized now and vests until after now.
    """
    self._vesting_of[rounds][round_id] = vesting
    ids: uint256 = (self._still_vesting(rounds) << ID_BITS) | round_id
    word: uint256 = block.timestamp | (ids << TIME_BITS)
    length: uint256 = len(self._words[rounds])
    if length > 0 and self._words[rounds][length - 1] & TIME_MASK == block.timestamp:
        self._words[rounds][length - 1] = word
    else:
        self._words[rounds].append(word)


@internal
def _end(rounds: address, round_id: uint256):
    """
    @dev All of a round that vests has vested now; what was true of the past stays so.
    """
    vesting: Vesting = self._vesting_of[rounds][round_id]
    if block.timestamp < vesting.ends_at:
        vesting.ends_at = block.timestamp
        self._vesting_of[rounds][round_id] = vesting


# --- reads ---


@internal
@view
def _unvested_at(rounds: address, timepoint: uint256) -> uint256:
    """
    @dev Token wei in all rounds together. Never more than what the rounds held then.
    """
    low: uint256 = 0
    high: uint256 = len(self._words[rounds])
    for _: uint256 in range(MAX_STEPS):
        if low >= high:
            break
        middle: uint256 = (low + high) // 2
        if self._words[rounds][middle] & TIME_MASK <= timepoint:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return 0
    ids: uint256 = self._words[rounds][low - 1] >> TIME_BITS
    total: uint256 = 0
    for _: uint256 in range(MAX_VESTING):
        if ids == 0:
            break
        total += self._unvested(self._vesting_of[rounds][ids & ID_MASK], timepoint)
        ids = ids >> ID_BITS
    return total


@internal
@view
def _still_vesting(rounds: address) -> uint256:
    """
    @dev Ids of the rounds that vest now, 8 x 24.
    """
    length: uint256 = len(self._words[rounds])
    if length == 0:
        return 0
    ids: uint256 = self._words[rounds][length - 1] >> TIME_BITS
    kept: uint256 = 0
    for _: uint256 in range(MAX_VESTING):
        if ids == 0:
            break
        round_id: uint256 = ids & ID_MASK
        if block.timestamp < self._vesting_of[rounds][round_id].ends_at:
            kept = (kept << ID_BITS) | round_id
        ids = ids >> ID_BITS
    return kept


@internal
@pure
def _unvested(vesting: Vesting, timepoint: uint256) -> uint256:
    """
    @dev What nobody could claim at `timepoint`: the rest of what `vesting_words._vested` tells.
    """
    if timepoint >= vesting.ends_at:
        return 0
    if timepoint < vesting.cliff_at:
        return vesting.minted
    passed: uint256 = timepoint - vesting.starts_at
    return vesting.minted - vesting.minted * passed // (vesting.full_at - vesting.starts_at)


@internal
@pure
def _count(ids: uint256) -> uint256:
    """
    @dev How many of 8 x 24 bits are ids.
    """
    rest: uint256 = ids
    count: uint256 = 0
    for _: uint256 in range(MAX_VESTING):
        if rest == 0:
            break
        count += 1
        rest = rest >> ID_BITS
    return count

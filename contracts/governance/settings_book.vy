# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Settings book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Every version of the voting settings that ever held, and since when.
@dev A proposal notes the number of the version that it was made under, and so keeps it. What the outcome of a vote
     depends on is one word, what only a proposer needs another. Changes within one second make one version, unless
     a proposal was made in between.
@custom:invariant A version that a proposal was made under never changes, nor does one of an earlier second.
"""

BPS: constant(uint256) = 10_000

# What a proposal's record has room for. To fill the first takes 2 * 10**13 gas, the second a thousand votes.
MAX_PROPOSALS: constant(uint256) = 2**28 - 1
MAX_VERSIONS: constant(uint256) = 2**10 - 1

MASK_32: constant(uint256) = 2**32 - 1
MASK_96: constant(uint256) = 2**96 - 1
# Offsets of a rule's fields, 32 bits each: seconds from proposal to snapshot, seconds of voting, quorum share in 10,000,
# seconds that a late ballot adds. What lies above is the least quorum.
DELAY: constant(uint256) = 0
PERIOD: constant(uint256) = 32
QUORUM: constant(uint256) = 64
EXTENSION: constant(uint256) = 96
MINIMUM: constant(uint256) = 128
VERSION_USED: constant(uint256) = 1 << 64

# Proposals so far (32 bits), current version (32), whether a proposal was made under it (1).
counters: uint256
# Version, from 1 => delay (32 bits), period (32), quorum share (32), extension (32), least quorum (96).
rules: HashMap[uint256, uint256]
# Version => proposal threshold (96 bits), time from which it holds (40).
entries: HashMap[uint256, uint256]


@internal
def _next_proposal() -> (uint256, uint256):
    """
    @dev Numbers a new proposal, from 1, and freezes the current settings for it. Returns number and version.
    """
    counters: uint256 = self.counters
    number: uint256 = (counters & MASK_32) + 1
    assert number <= MAX_PROPOSALS, "too many proposals"
    self.counters = (counters + 1) | VERSION_USED
    return number, (counters >> 32) & MASK_32


@internal
def _write(rule: uint256, threshold: uint256):
    """
    @dev Makes rule and proposal threshold those of the next proposals.
    """
    counters: uint256 = self.counters
    version: uint256 = (counters >> 32) & MASK_32
    if version == 0 or counters & VERSION_USED != 0 or self._since(version) != block.timestamp:
        version += 1
        assert version <= MAX_VERSIONS, "too many settings"
        self.counters = (counters & MASK_32) | (version << 32)
    self.rules[version] = rule
    self.entries[version] = threshold | (block.timestamp << 96)


@internal
def _write_threshold(threshold: uint256) -> uint256:
    """
    @dev Changes the proposal threshold and returns the one before.
    """
    version: uint256 = self._current()
    old: uint256 = self._threshold(version)
    self._write(self.rules[version], threshold)
    return old


@internal
def _write_field(offset: uint256, new: uint256) -> uint256:
    """
    @dev Changes the field of the rule at `offset` to `new`, which fits it, and returns what it was.
    """
    version: uint256 = self._current()
    rule: uint256 = self.rules[version]
    old: uint256 = self._field(rule, offset)
    # The old value is part of the rule: taking it away clears the field.
    self._write(rule - (old << offset) + (new << offset), self._threshold(version))
    return old


@internal
@view
def _count() -> uint256:
    return self.counters & MASK_32


@internal
@view
def _current() -> uint256:
    """
    @dev The version that holds for the next proposal.
    """
    return (self.counters >> 32) & MASK_32


@internal
@view
def _current_field(offset: uint256) -> uint256:
    return self._field(self.rules[self._current()], offset)


@internal
@view
def _rule_at(timepoint: uint256) -> uint256:
    """
    @dev The rule that held when `timepoint` had ended; zero before the first one.
    """
    low: uint256 = 0
    high: uint256 = self._current()
    # Binary search: 1,023 versions take ten steps.
    for _: uint256 in range(11):
        if low >= high:
            break
        middle: uint256 = (low + high + 1) // 2
        if self._since(middle) <= timepoint:
            low = middle
        else:
            high = middle - 1
    return self.rules[low]


@internal
@pure
def _quorum(rule: uint256, counted: uint256) -> uint256:
    """
    @dev Least sum of votes for and abstentions, in token wei, of `counted` tokens that could vote: their share, rounded
         up, or the quorum minimum if that is more. The minimum is at most half of them, also rounded up: burning and
         redeeming must never leave a supply that can pass nothing. Grows with `counted`.
    """
    return max(self._share(counted, self._field(rule, QUORUM)), min(rule >> MINIMUM, (counted + 1) // 2))


@internal
@pure
def _share(counted: uint256, bps: uint256) -> uint256:
    """
    @dev `bps` parts in 10,000 of `counted`, rounded up.
    """
    return (counted * bps + BPS - 1) // BPS


@internal
@view
def _threshold(version: uint256) -> uint256:
    return self.entries[version] & MASK_96


@internal
@view
def _since(version: uint256) -> uint256:
    return self.entries[version] >> 96


@internal
@pure
def _field(rule: uint256, offset: uint256) -> uint256:
    """
    @dev The field of `rule` at `offset`. The one at MINIMUM takes all that lies above.
    """
    if offset == MINIMUM:
        return rule >> MINIMUM
    return (rule >> offset) & MASK_32

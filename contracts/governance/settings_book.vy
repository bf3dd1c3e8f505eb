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

struct Settings:
    voting_delay: uint256
    voting_period: uint256
    quorum_bps: uint256
    late_extension: uint256
    quorum_minimum: uint256
    proposal_threshold: uint256
    max_live: uint256


BPS: constant(uint256) = 10_000

# What a proposal's record has room for. To fill the first takes 4 * 10**13 gas, the second a thousand votes.
MAX_PROPOSALS: constant(uint256) = 2**29 - 1
MAX_VERSIONS: constant(uint256) = 2**10 - 1

MASK_16: constant(uint256) = 2**16 - 1
MASK_24: constant(uint256) = 2**24 - 1
MASK_32: constant(uint256) = 2**32 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_96: constant(uint256) = 2**96 - 1
VERSION_USED: constant(uint256) = 1 << 64

# Proposals so far (32 bits), current version (32), whether a proposal was made under it (1).
counters: uint256
# Version, from 1 => delay (24 bits), period (24), quorum share (16), late extension (24), least quorum (96).
rules: HashMap[uint256, uint256]
# Version => proposal threshold (96 bits), live proposals per proposer (16), time from which it holds (40).
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
def _write(settings: Settings):
    """
    @dev Makes `settings` those of the next proposals.
    """
    counters: uint256 = self.counters
    version: uint256 = (counters >> 32) & MASK_32
    if version == 0 or counters & VERSION_USED != 0 or self._since(version) != block.timestamp:
        version += 1
        assert version <= MAX_VERSIONS, "too many settings"
        self.counters = (counters & MASK_32) | (version << 32)
    self.rules[version] = (
        settings.voting_delay
        | (settings.voting_period << 24)
        | (settings.quorum_bps << 48)
        | (settings.late_extension << 64)
        | (settings.quorum_minimum << 88)
    )
    self.entries[version] = (
        settings.proposal_threshold | (settings.max_live << 96) | (block.timestamp << 112)
    )


@internal
@view
def _count() -> uint256:
    return self.counters & MASK_32


@internal
@view
def _current() -> Settings:
    return self._settings((self.counters >> 32) & MASK_32)


@internal
@view
def _settings(version: uint256) -> Settings:
    rule: uint256 = self.rules[version]
    entry: uint256 = self.entries[version]
    return Settings(
        voting_delay=rule & MASK_24,
        voting_period=(rule >> 24) & MASK_24,
        quorum_bps=self._bps(rule),
        late_extension=self._extension(rule),
        quorum_minimum=rule >> 88,
        proposal_threshold=entry & MASK_96,
        max_live=(entry >> 96) & MASK_16,
    )


@internal
@view
def _rule_at(timepoint: uint256) -> uint256:
    """
    @dev The rule that held when `timepoint` had ended; zero before the first one.
    """
    low: uint256 = 0
    high: uint256 = (self.counters >> 32) & MASK_32
    # The last version is mostly the one; then binary search: 1,023 versions take ten steps.
    if self._since(high) <= timepoint:
        return self.rules[high]
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
    share: uint256 = (counted * self._bps(rule) + BPS - 1) // BPS
    return max(share, min(rule >> 88, (counted + 1) // 2))


@internal
@view
def _threshold(version: uint256) -> uint256:
    return self.entries[version] & MASK_96


@internal
@view
def _has_lanes(version: uint256) -> bool:
    """
    @dev Whether proposals made under `version` count against a bound of live proposals.
    """
    return (self.entries[version] >> 96) & MASK_16 != 0


@internal
@view
def _since(version: uint256) -> uint256:
    return self.entries[version] >> 112


@internal
@pure
def _bps(rule: uint256) -> uint256:
    return (rule >> 48) & MASK_16


@internal
@pure
def _extension(rule: uint256) -> uint256:
    return (rule >> 64) & MASK_24

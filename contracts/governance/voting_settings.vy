# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Voting settings
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Delay, period, proposal threshold and quorum, changed by vote only; a proposal keeps the settings it was
        made under.
@dev Each version of the settings is one word, and a proposal notes the number of the version only. A version that no
     proposal was made under is overwritten by the next change.

     Where the two time settings may not go below is fixed at deployment: the recommended value, or the initial one
     if that is shorter (a rehearsal). So no vote can take away the time in which others may react.
@custom:invariant A version that a proposal was made under never changes.
"""

from contracts.governance import governor_errors as errors
from contracts.governance import governor_links as links
from interfaces import IGovernor

uses: links

struct Settings:
    voting_delay: uint256
    voting_period: uint256
    quorum_bps: uint256
    proposal_threshold: uint256
    quorum_minimum: uint256


BPS: constant(uint256) = 10_000

# A day to read a proposal, three to vote: over a weekend somebody is awake.
RECOMMENDED_DELAY: constant(uint256) = 86_400
RECOMMENDED_PERIOD: constant(uint256) = 3 * 86_400
# Longer than these and a vote could put the next one out of reach. Both fit in 23 bits.
MAX_VOTING_DELAY: constant(uint256) = 30 * 86_400
MAX_VOTING_PERIOD: constant(uint256) = 60 * 86_400
# Below 1 % a handful of accounts decides; above one half governance may never reach it again.
MIN_QUORUM_BPS: constant(uint256) = 100
MAX_QUORUM_BPS: constant(uint256) = 5_000
# Shares of the supply that a vote may set as proposal threshold and as least quorum.
MAX_THRESHOLD_BPS: constant(uint256) = 1_000
MAX_MINIMUM_BPS: constant(uint256) = 5_000

MASK_24: constant(uint256) = 2**24 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_32: constant(uint256) = 2**32 - 1
# What a proposal's record has room for. To fill the first takes 8 * 10**13 gas, the second a thousand votes.
MAX_PROPOSALS: constant(uint256) = 2**30 - 1
MAX_VERSIONS: constant(uint256) = 2**10 - 1
MASK_96: constant(uint256) = 2**96 - 1
VERSION_USED: constant(uint256) = 1 << 64

MIN_VOTING_DELAY: reentrant(public(immutable(uint256)))
MIN_VOTING_PERIOD: reentrant(public(immutable(uint256)))

# Proposals so far (32 bits), current version (32), whether a proposal was made under it (1).
counters: uint256
# Version, from 1 => delay (24 bits), period (24), quorum share (16), threshold (96), least quorum (96).
versions: HashMap[uint256, uint256]


@deploy
def __init__(initial: Settings):
    assert initial.voting_delay > 0, "voting delay is zero"
    if initial.voting_period == 0:
        errors._invalid_voting_period(0)
    self._check_threshold(initial.proposal_threshold, MASK_96)
    self._check_minimum(initial.quorum_minimum, MASK_96)
    MIN_VOTING_DELAY = min(initial.voting_delay, RECOMMENDED_DELAY)
    MIN_VOTING_PERIOD = min(initial.voting_period, RECOMMENDED_PERIOD)
    self._check_delay(initial.voting_delay)
    self._check_period(initial.voting_period)
    self._check_quorum(initial.quorum_bps)
    self._write(initial)
    log IGovernor.VotingDelaySet(oldVotingDelay=0, newVotingDelay=initial.voting_delay)
    log IGovernor.VotingPeriodSet(oldVotingPeriod=0, newVotingPeriod=initial.voting_period)
    log IGovernor.ProposalThresholdSet(oldProposalThreshold=0, newProposalThreshold=initial.proposal_threshold)
    log IGovernor.QuorumNumeratorUpdated(oldQuorumNumerator=0, newQuorumNumerator=initial.quorum_bps)
    log IGovernor.QuorumMinimumSet(old_minimum=0, new_minimum=initial.quorum_minimum)


# --- by vote; open to re-entry because the vote may be running under the Governor's own `execute` ---

@external
@reentrant
def setVotingDelay(seconds: uint48):
    links._only_timelock()
    settings: Settings = self._current()
    old_delay: uint256 = settings.voting_delay
    settings.voting_delay = convert(seconds, uint256)
    self._check_delay(settings.voting_delay)
    self._write(settings)
    log IGovernor.VotingDelaySet(oldVotingDelay=old_delay, newVotingDelay=settings.voting_delay)


@external
@reentrant
def setVotingPeriod(seconds: uint32):
    links._only_timelock()
    settings: Settings = self._current()
    old_period: uint256 = settings.voting_period
    settings.voting_period = convert(seconds, uint256)
    self._check_period(settings.voting_period)
    self._write(settings)
    log IGovernor.VotingPeriodSet(oldVotingPeriod=old_period, newVotingPeriod=settings.voting_period)


@external
@reentrant
def setProposalThreshold(votes: uint256):
    links._only_timelock()
    self._check_threshold(votes, self._share_of_supply(MAX_THRESHOLD_BPS))
    settings: Settings = self._current()
    old_threshold: uint256 = settings.proposal_threshold
    settings.proposal_threshold = votes
    self._write(settings)
    log IGovernor.ProposalThresholdSet(oldProposalThreshold=old_threshold, newProposalThreshold=votes)


@external
@reentrant
def updateQuorumNumerator(numerator: uint256):
    links._only_timelock()
    self._check_quorum(numerator)
    settings: Settings = self._current()
    old_numerator: uint256 = settings.quorum_bps
    settings.quorum_bps = numerator
    self._write(settings)
    log IGovernor.QuorumNumeratorUpdated(oldQuorumNumerator=old_numerator, newQuorumNumerator=numerator)


@external
@reentrant
def set_quorum_minimum(votes: uint256):
    links._only_timelock()
    self._check_minimum(votes, self._share_of_supply(MAX_MINIMUM_BPS))
    settings: Settings = self._current()
    old_minimum: uint256 = settings.quorum_minimum
    settings.quorum_minimum = votes
    self._write(settings)
    log IGovernor.QuorumMinimumSet(old_minimum=old_minimum, new_minimum=votes)


# --- views ---

@external
@view
@reentrant
def votingDelay() -> uint256:
    return self._current().voting_delay


@external
@view
@reentrant
def votingPeriod() -> uint256:
    return self._current().voting_period


@external
@view
@reentrant
def proposalThreshold() -> uint256:
    return self._current().proposal_threshold


@external
@view
@reentrant
def quorumNumerator() -> uint256:
    return self._current().quorum_bps


@external
@view
@reentrant
def quorumDenominator() -> uint256:
    return BPS


@external
@view
@reentrant
def quorum_minimum() -> uint256:
    return self._current().quorum_minimum


@external
@view
@reentrant
def quorum(timepoint: uint256) -> uint256:
    return self._quorum(self._current(), timepoint)


@external
@view
@reentrant
def proposal_count() -> uint256:
    return self.counters & MASK_32


# --- internals ---

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
@view
def _current() -> Settings:
    return self._settings((self.counters >> 32) & MASK_32)


@internal
@view
def _settings(version: uint256) -> Settings:
    word: uint256 = self.versions[version]
    return Settings(
        voting_delay=word & MASK_24,
        voting_period=(word >> 24) & MASK_24,
        quorum_bps=(word >> 48) & MASK_16,
        proposal_threshold=(word >> 64) & MASK_96,
        quorum_minimum=word >> 160,
    )


@internal
def _write(settings: Settings):
    """
    @dev Makes `settings` those of the next proposals.
    """
    counters: uint256 = self.counters
    version: uint256 = (counters >> 32) & MASK_32
    if version == 0 or counters & VERSION_USED != 0:
        version += 1
        assert version <= MAX_VERSIONS, "too many settings"
        self.counters = (counters & MASK_32) | (version << 32)
    self.versions[version] = (
        settings.voting_delay
        | (settings.voting_period << 24)
        | (settings.quorum_bps << 48)
        | (settings.proposal_threshold << 64)
        | (settings.quorum_minimum << 160)
    )


@internal
@view
def _quorum(settings: Settings, timepoint: uint256) -> uint256:
    """
    @dev Least sum of votes for and abstentions, in token wei: the share of the supply, rounded up, or the least
         quorum if that is more.
    """
    share: uint256 = (links._quorum_supply(timepoint) * settings.quorum_bps + BPS - 1) // BPS
    return max(share, settings.quorum_minimum)


@internal
@view
def _share_of_supply(bps: uint256) -> uint256:
    return links._quorum_supply(block.timestamp - 1) * bps // BPS


@internal
@view
def _check_delay(seconds: uint256):
    assert seconds >= MIN_VOTING_DELAY, "voting delay is too short"
    assert seconds <= MAX_VOTING_DELAY, "voting delay is too long"


@internal
@view
def _check_period(seconds: uint256):
    if seconds < MIN_VOTING_PERIOD or seconds > MAX_VOTING_PERIOD:
        errors._invalid_voting_period(seconds)


@internal
@pure
def _check_quorum(numerator: uint256):
    if numerator < MIN_QUORUM_BPS or numerator > MAX_QUORUM_BPS:
        errors._invalid_quorum(numerator, BPS)


@internal
@pure
def _check_threshold(votes: uint256, most: uint256):
    assert votes <= most, "proposal threshold is too high"


@internal
@pure
def _check_minimum(votes: uint256, most: uint256):
    assert votes > 0, "quorum minimum is zero"
    assert votes <= most, "quorum minimum is too high"

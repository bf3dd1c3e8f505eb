# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Voting settings
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Delay, period, late-quorum extension, proposal threshold, quorum, and how many live proposals an account may
        have: changed by vote only, within bounds; a proposal keeps the settings it was made under.
@dev Where the two time settings may not go below is fixed at deployment: the recommended value, or the initial one
     if that is shorter (a rehearsal). So no vote can take away the time in which others may react.
@custom:invariant The extension is never longer than the voting period.
"""

from contracts.governance import governor_errors as errors
from contracts.governance import governor_links as links
from contracts.governance import settings_book as book
from interfaces import IGovernor

uses: links
uses: book

# A day to read a proposal, three to vote: over a weekend somebody is awake.
RECOMMENDED_DELAY: constant(uint256) = 86_400
RECOMMENDED_PERIOD: constant(uint256) = 3 * 86_400
# Longer than these and a vote could put the next one out of reach. Two periods fit in 24 bits.
MAX_VOTING_DELAY: constant(uint256) = 30 * 86_400
MAX_VOTING_PERIOD: constant(uint256) = 60 * 86_400
# Below 1 % a handful of accounts decides; above one half governance may never reach it again.
MIN_QUORUM_BPS: constant(uint256) = 100
MAX_QUORUM_BPS: constant(uint256) = 5_000
# Shares of the supply that a vote may set as proposal threshold and as least quorum.
MAX_THRESHOLD_BPS: constant(uint256) = 1_000
MAX_MINIMUM_BPS: constant(uint256) = 5_000
# As many as live_proposals has room for.
MAX_LIVE_PROPOSALS: constant(uint256) = 8

MIN_VOTING_DELAY: reentrant(public(immutable(uint256)))
MIN_VOTING_PERIOD: reentrant(public(immutable(uint256)))


@deploy
def __init__(initial: book.Settings):
    assert initial.voting_delay > 0, "voting delay is zero"
    if initial.voting_period == 0:
        errors._invalid_voting_period(0)
    self._check_threshold(initial.proposal_threshold, book.MASK_96)
    self._check_minimum(initial.quorum_minimum, book.MASK_96)
    MIN_VOTING_DELAY = min(initial.voting_delay, RECOMMENDED_DELAY)
    MIN_VOTING_PERIOD = min(initial.voting_period, RECOMMENDED_PERIOD)
    self._check_delay(initial.voting_delay)
    self._check_period(initial.voting_period)
    self._check_extension(initial.late_extension, initial.voting_period)
    self._check_quorum(initial.quorum_bps)
    self._check_max_live(initial.max_live)
    book._write(initial)
    log IGovernor.VotingDelaySet(oldVotingDelay=0, newVotingDelay=initial.voting_delay)
    log IGovernor.VotingPeriodSet(oldVotingPeriod=0, newVotingPeriod=initial.voting_period)
    log IGovernor.ProposalThresholdSet(oldProposalThreshold=0, newProposalThreshold=initial.proposal_threshold)
    log IGovernor.QuorumNumeratorUpdated(oldQuorumNumerator=0, newQuorumNumerator=initial.quorum_bps)
    log IGovernor.QuorumMinimumSet(old_minimum=0, new_minimum=initial.quorum_minimum)
    self._log_extension(0, initial.late_extension)
    log IGovernor.MaxLiveProposalsSet(old_most=0, new_most=initial.max_live)


# --- by vote; open to re-entry because the vote may be running under the Governor's own `execute` ---

@external
@reentrant
def setVotingDelay(seconds: uint48):
    links._only_timelock()
    settings: book.Settings = book._current()
    old_delay: uint256 = settings.voting_delay
    settings.voting_delay = convert(seconds, uint256)
    self._check_delay(settings.voting_delay)
    book._write(settings)
    log IGovernor.VotingDelaySet(oldVotingDelay=old_delay, newVotingDelay=settings.voting_delay)


@external
@reentrant
def setVotingPeriod(seconds: uint32):
    links._only_timelock()
    settings: book.Settings = book._current()
    old_period: uint256 = settings.voting_period
    settings.voting_period = convert(seconds, uint256)
    self._check_period(settings.voting_period)
    self._check_extension(settings.late_extension, settings.voting_period)
    book._write(settings)
    log IGovernor.VotingPeriodSet(oldVotingPeriod=old_period, newVotingPeriod=settings.voting_period)


@external
@reentrant
def setLateQuorumVoteExtension(seconds: uint48):
    links._only_timelock()
    settings: book.Settings = book._current()
    old_extension: uint256 = settings.late_extension
    settings.late_extension = convert(seconds, uint256)
    self._check_extension(settings.late_extension, settings.voting_period)
    book._write(settings)
    self._log_extension(old_extension, settings.late_extension)


@external
@reentrant
def setProposalThreshold(votes: uint256):
    links._only_timelock()
    self._check_threshold(votes, self._share_of_supply(MAX_THRESHOLD_BPS))
    settings: book.Settings = book._current()
    old_threshold: uint256 = settings.proposal_threshold
    settings.proposal_threshold = votes
    book._write(settings)
    log IGovernor.ProposalThresholdSet(oldProposalThreshold=old_threshold, newProposalThreshold=votes)


@external
@reentrant
def updateQuorumNumerator(numerator: uint256):
    links._only_timelock()
    self._check_quorum(numerator)
    settings: book.Settings = book._current()
    old_numerator: uint256 = settings.quorum_bps
    settings.quorum_bps = numerator
    book._write(settings)
    log IGovernor.QuorumNumeratorUpdated(oldQuorumNumerator=old_numerator, newQuorumNumerator=numerator)


@external
@reentrant
def set_quorum_minimum(votes: uint256):
    links._only_timelock()
    self._check_minimum(votes, self._share_of_supply(MAX_MINIMUM_BPS))
    settings: book.Settings = book._current()
    old_minimum: uint256 = settings.quorum_minimum
    settings.quorum_minimum = votes
    book._write(settings)
    log IGovernor.QuorumMinimumSet(old_minimum=old_minimum, new_minimum=votes)


@external
@reentrant
def set_max_live_proposals(most: uint256):
    links._only_timelock()
    self._check_max_live(most)
    settings: book.Settings = book._current()
    old_most: uint256 = settings.max_live
    settings.max_live = most
    book._write(settings)
    log IGovernor.MaxLiveProposalsSet(old_most=old_most, new_most=most)


# --- views ---

@external
@view
@reentrant
def votingDelay() -> uint256:
    return book._current().voting_delay


@external
@view
@reentrant
def votingPeriod() -> uint256:
    return book._current().voting_period


@external
@view
@reentrant
def lateQuorumVoteExtension() -> uint48:
    return convert(book._current().late_extension, uint48)


@external
@view
@reentrant
def proposalThreshold() -> uint256:
    return book._current().proposal_threshold


@external
@view
@reentrant
def quorumNumerator(timepoint: uint256 = block.timestamp) -> uint256:
    return book._bps(book._rule_at(timepoint))


@external
@view
@reentrant
def quorumDenominator() -> uint256:
    return book.BPS


@external
@view
@reentrant
def quorum_minimum() -> uint256:
    return book._current().quorum_minimum


@external
@view
@reentrant
def max_live_proposals() -> uint256:
    return book._current().max_live


@external
@view
@reentrant
def quorum(timepoint: uint256) -> uint256:
    return book._quorum(book._rule_at(timepoint), links._counted_supply(timepoint))


@external
@view
@reentrant
def proposal_count() -> uint256:
    return book._count()


# --- internals ---

@internal
def _log_extension(old_extension: uint256, new_extension: uint256):
    log IGovernor.LateQuorumVoteExtensionSet(
        oldVoteExtension=convert(old_extension, uint64), newVoteExtension=convert(new_extension, uint64)
    )


@internal
@view
def _share_of_supply(bps: uint256) -> uint256:
    return links._counted_supply(block.timestamp - 1) * bps // book.BPS


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
def _check_extension(seconds: uint256, period: uint256):
    if seconds > period:
        errors._extension_too_large(seconds, period)


@internal
@pure
def _check_quorum(numerator: uint256):
    if numerator < MIN_QUORUM_BPS or numerator > MAX_QUORUM_BPS:
        errors._invalid_quorum(numerator, book.BPS)


@internal
@pure
def _check_threshold(votes: uint256, most: uint256):
    assert votes <= most, "proposal threshold is too high"


@internal
@pure
def _check_minimum(votes: uint256, most: uint256):
    assert votes > 0, "quorum minimum is zero"
    assert votes <= most, "quorum minimum is too high"


@internal
@pure
def _check_max_live(most: uint256):
    assert most <= MAX_LIVE_PROPOSALS, "too many live proposals allowed"

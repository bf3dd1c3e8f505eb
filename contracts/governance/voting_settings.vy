# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Voting settings
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Delay, period, extension, proposal threshold and quorum. Only a vote changes them, within bounds; a proposal
        keeps the settings it was made under.
@dev The lower bounds of delay and period are fixed at the deployment: the recommended value, or the initial one if that
     is shorter (a rehearsal). So no vote can take away the time in which others may react.
@custom:invariant The extension is never longer than the voting period, nor than 30 days.
"""

from contracts.governance import governor_errors as errors
from contracts.governance import governor_links as links
from contracts.governance import packed_threshold
from contracts.governance import packed_voting_terms
from contracts.governance import settings_book
from interfaces import IGovernor

uses: links
uses: settings_book

# A day to read a proposal and three days to vote, so that a weekend is never all the time there is.
RECOMMENDED_DELAY: constant(uint256) = 86_400
RECOMMENDED_PERIOD: constant(uint256) = 3 * 86_400
# With longer ones a vote could put the next vote out of reach. A period and three extensions fit in 24 bits of seconds.
MAX_VOTING_DELAY: constant(uint256) = 30 * 86_400
MAX_VOTING_PERIOD: constant(uint256) = 60 * 86_400
MAX_EXTENSION: constant(uint256) = 30 * 86_400
# Below 1 % a handful of accounts could decide; a quorum above one half might never be reached again.
MIN_QUORUM_BPS: constant(uint256) = 100
MAX_QUORUM_BPS: constant(uint256) = 5_000
# The most that a vote may set as proposal threshold and as quorum minimum, in basis points of what could vote.
MAX_THRESHOLD_BPS: constant(uint256) = 1_000
MAX_MINIMUM_BPS: constant(uint256) = 5_000

MIN_VOTING_DELAY: reentrant(public(immutable(uint256)))
MIN_VOTING_PERIOD: reentrant(public(immutable(uint256)))


@deploy
def __init__(
    delay: uint256, period: uint256, quorum_bps: uint256, extension: uint256, minimum: uint256, threshold: uint256
):
    assert delay > 0, "voting delay is zero"
    if period == 0:
        errors._invalid_voting_period(0)
    self._check_threshold(threshold, packed_threshold.VOTES_MASK)
    self._check_minimum(minimum, packed_threshold.VOTES_MASK)
    MIN_VOTING_DELAY = min(delay, RECOMMENDED_DELAY)
    MIN_VOTING_PERIOD = min(period, RECOMMENDED_PERIOD)
    self._check_delay(delay)
    self._check_period(period)
    self._check_extension(extension, period)
    self._check_quorum(quorum_bps)
    terms: uint256 = packed_voting_terms._pack(
        packed_voting_terms.VotingTerms(
            delay=delay, period=period, quorum_bps=quorum_bps, extension=extension, min_quorum=minimum
        )
    )
    settings_book._write(terms, threshold)
    log IGovernor.VotingDelaySet(oldVotingDelay=0, newVotingDelay=delay)
    log IGovernor.VotingPeriodSet(oldVotingPeriod=0, newVotingPeriod=period)
    log IGovernor.ProposalThresholdSet(oldProposalThreshold=0, newProposalThreshold=threshold)
    log IGovernor.QuorumNumeratorUpdated(oldQuorumNumerator=0, newQuorumNumerator=quorum_bps)
    log IGovernor.QuorumMinimumSet(old_minimum=0, new_minimum=minimum)
    self._log_extension(0, extension)


# --- setters: for the Timelock; reentrant, as they make static calls only, which leaves a lock nothing to protect ---

@external
@reentrant
def setVotingDelay(seconds: uint48):
    links._only_timelock()
    delay: uint256 = convert(seconds, uint256)
    self._check_delay(delay)
    old_delay: uint256 = settings_book._write_field(packed_voting_terms.DELAY_OFFSET, delay)
    log IGovernor.VotingDelaySet(oldVotingDelay=old_delay, newVotingDelay=delay)


@external
@reentrant
def setVotingPeriod(seconds: uint32):
    links._only_timelock()
    period: uint256 = convert(seconds, uint256)
    self._check_period(period)
    self._check_extension(settings_book._current_field(packed_voting_terms.EXTENSION_OFFSET), period)
    old_period: uint256 = settings_book._write_field(packed_voting_terms.PERIOD_OFFSET, period)
    log IGovernor.VotingPeriodSet(oldVotingPeriod=old_period, newVotingPeriod=period)


@external
@reentrant
def setLateQuorumVoteExtension(seconds: uint48):
    links._only_timelock()
    extension: uint256 = convert(seconds, uint256)
    self._check_extension(extension, settings_book._current_field(packed_voting_terms.PERIOD_OFFSET))
    old_extension: uint256 = settings_book._write_field(packed_voting_terms.EXTENSION_OFFSET, extension)
    self._log_extension(old_extension, extension)


@external
@reentrant
def setProposalThreshold(votes: uint256):
    links._only_timelock()
    self._check_threshold(votes, self._share_of_supply(MAX_THRESHOLD_BPS))
    old_threshold: uint256 = settings_book._write_threshold(votes)
    log IGovernor.ProposalThresholdSet(oldProposalThreshold=old_threshold, newProposalThreshold=votes)


@external
@reentrant
def updateQuorumNumerator(numerator: uint256):
    links._only_timelock()
    self._check_quorum(numerator)
    old_numerator: uint256 = settings_book._write_field(packed_voting_terms.QUORUM_BPS_OFFSET, numerator)
    log IGovernor.QuorumNumeratorUpdated(oldQuorumNumerator=old_numerator, newQuorumNumerator=numerator)


@external
@reentrant
def set_quorum_minimum(votes: uint256):
    links._only_timelock()
    self._check_minimum(votes, self._share_of_supply(MAX_MINIMUM_BPS))
    old_minimum: uint256 = settings_book._write_field(packed_voting_terms.MIN_QUORUM_OFFSET, votes)
    log IGovernor.QuorumMinimumSet(old_minimum=old_minimum, new_minimum=votes)


# --- views ---

@external
@view
@reentrant
def votingDelay() -> uint256:
    return settings_book._current_field(packed_voting_terms.DELAY_OFFSET)


@external
@view
@reentrant
def votingPeriod() -> uint256:
    return settings_book._current_field(packed_voting_terms.PERIOD_OFFSET)


@external
@view
@reentrant
def lateQuorumVoteExtension() -> uint48:
    return convert(settings_book._current_field(packed_voting_terms.EXTENSION_OFFSET), uint48)


@external
@view
@reentrant
def proposalThreshold() -> uint256:
    return settings_book._threshold(settings_book._current())


@external
@view
@reentrant
def quorumNumerator(timepoint: uint256 = block.timestamp) -> uint256:
    return packed_voting_terms._field(settings_book._voting_terms_at(timepoint), packed_voting_terms.QUORUM_BPS_OFFSET)


@external
@view
@reentrant
def quorumDenominator() -> uint256:
    return settings_book.BPS


@external
@view
@reentrant
def quorum_minimum() -> uint256:
    return settings_book._current_field(packed_voting_terms.MIN_QUORUM_OFFSET)


@external
@view
@reentrant
def quorum(timepoint: uint256) -> uint256:
    return settings_book._ordinary_quorum(settings_book._voting_terms_at(timepoint), links._counted_supply(timepoint))


@external
@view
@reentrant
def proposal_count() -> uint256:
    return settings_book._count()


# --- internals ---

@internal
def _log_extension(old_extension: uint256, new_extension: uint256):
    log IGovernor.LateQuorumVoteExtensionSet(
        oldVoteExtension=convert(old_extension, uint64), newVoteExtension=convert(new_extension, uint64)
    )


@internal
@view
def _share_of_supply(bps: uint256) -> uint256:
    """
    @dev `bps` parts in 10,000 of what could vote a second ago, token wei, rounded down.
    """
    return links._counted_supply(block.timestamp - 1) * bps // settings_book.BPS


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
    assert seconds <= MAX_EXTENSION, "vote extension is too long"


@internal
@pure
def _check_quorum(numerator: uint256):
    if numerator < MIN_QUORUM_BPS or numerator > MAX_QUORUM_BPS:
        errors._invalid_quorum(numerator, settings_book.BPS)


@internal
@pure
def _check_threshold(votes: uint256, max_votes: uint256):
    assert votes <= max_votes, "proposal threshold is too high"


@internal
@pure
def _check_minimum(votes: uint256, max_votes: uint256):
    assert votes > 0, "quorum minimum is zero"
    assert votes <= max_votes, "quorum minimum is too high"

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Late quorum
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice If a late ballot lets a proposal reach its quorum, or gives or takes its majority, voting goes on for a while,
        so that everybody else can answer.
@dev Reaching the quorum late is OpenZeppelin's GovernorPreventLateQuorum, without a slot of its own: votes only grow
     and the quorum is fixed at the snapshot, so at most one ballot reaches it. Turning the majority is ours: where the
     quorum was reached early, perhaps by abstentions, the last ballot could otherwise decide unanswered. A ballot long
     before the end of voting, and one against that turns nothing, cost no further call of the token or the rounds.

     All moves of a deadline together are at most three extensions long, so that nobody prolongs a vote for ever. One
     would be too few: an attacker could use it up by a swing of its own.
@custom:invariant No deadline is later than the snapshot plus the voting period plus three extensions, by the settings
                  of the proposal, and none moves back.
"""

from contracts.governance import classes
from contracts.governance import governor_errors as errors
from contracts.governance import governor_links as links
from contracts.governance import live_proposals
from contracts.governance import packed_proposal
from contracts.governance import packed_tally
from contracts.governance import packed_voting_terms
from contracts.governance import proposal_book as book
from contracts.governance import settings_book
from interfaces import IGovernor

uses: book
uses: classes
uses: links
uses: live_proposals
uses: settings_book

MAX_EXTENSIONS: constant(uint256) = 3


@internal
def _extend_if_decisive(proposal_id: uint256, record: uint256, support: uint8, weight: uint256):
    """
    @dev Moves the end of voting if a ballot was late and decisive. The ballot, of `weight`, has been recorded already;
         `record` is the packed proposal. A ballot is decisive if
         1. the proposal has its quorum with it, and
         2. did not have the quorum without it, or the ballot turns the majority.
    """
    # Votes against never help to reach the quorum.
    if support == errors.AGAINST and not self._turns_majority(proposal_id, record, support, weight):
        return
    terms: uint256 = settings_book.voting_terms[packed_proposal._version(record)]
    extension: uint256 = packed_voting_terms._field(terms, packed_voting_terms.EXTENSION_OFFSET)
    period: uint256 = packed_voting_terms._field(terms, packed_voting_terms.PERIOD_OFFSET)
    # In seconds since the Governor's deployment, as are the times of the record.
    last: uint256 = packed_proposal._snapshot(record) + period + MAX_EXTENSIONS * extension
    extended: uint256 = min(book._elapsed() + extension, last)
    deadline: uint256 = packed_proposal._deadline(record)
    if extended <= deadline:
        return
    taking_part: uint256 = packed_tally._in_favour(book.tallies[proposal_id]) + book.abstentions[proposal_id]
    quorum: uint256 = classes._quorum(
        packed_proposal._is_strict(record), terms, links._counted_supply(book._snapshot(record))
    )
    if taking_part < quorum:
        return
    if support != errors.AGAINST:
        reaches_quorum: bool = taking_part - weight < quorum
        if not (reaches_quorum or self._turns_majority(proposal_id, record, support, weight)):
            return
    live_proposals._prolong(packed_proposal._proposer(record), deadline, extended)
    book._extend(proposal_id, record, extended - deadline)
    log IGovernor.ProposalExtended(proposalId=proposal_id, extendedDeadline=convert(book.ORIGIN + extended, uint64))


@internal
@view
def _turns_majority(proposal_id: uint256, record: uint256, support: uint8, weight: uint256) -> bool:
    """
    @dev Whether that ballot, which has been recorded, gave the proposal its majority or took it away.
    """
    if support == errors.ABSTAIN:
        return False
    is_strict: bool = packed_proposal._is_strict(record)
    tally: uint256 = book.tallies[proposal_id]
    has_majority: bool = classes._has_majority(is_strict, tally)
    # Most ballots against end here: a majority that holds after one held before it.
    if has_majority and support == errors.AGAINST:
        return False
    return has_majority != classes._has_majority(is_strict, packed_tally._subtract(tally, support, weight))

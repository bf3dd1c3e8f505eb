# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Late quorum
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Whoever lets a proposal reach its quorum in the last moment, or turns its majority then, gives everybody else
        time to answer.
@dev The first is OpenZeppelin's GovernorPreventLateQuorum, without a slot of its own: votes only grow and the quorum is
     fixed at the snapshot, so exactly one ballot can be the one that reaches it. The second is ours: with the quorum
     reached early, by abstentions if need be, the last ballot would else decide unanswered. Ballots long before the
     end, and those against that turn nothing, ask nothing of the token.

     Three extensions are the most, so that nobody prolongs a vote for ever; more than one, so that the time in which
     others may react is not used up by a swing of the attacker's own.
@custom:invariant No deadline is beyond the snapshot, the voting period and three extensions that the proposal was made
                  under, and none moves back.
"""

from contracts.governance import classes
from contracts.governance import governor_errors as errors
from contracts.governance import governor_links as links
from contracts.governance import live_proposals
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
def _follow(proposal_id: uint256, record: uint256, support: uint8, weight: uint256):
    """
    @dev To be called after a ballot of `weight` was entered on a proposal whose record is `record`.
    """
    if support == errors.AGAINST and not self._swings(proposal_id, record, support, weight):
        return
    rule: uint256 = settings_book.rules[book._version(record)]
    extension: uint256 = settings_book._field(rule, settings_book.EXTENSION)
    snapshot: uint256 = book._snapshot(record)
    last: uint256 = snapshot + settings_book._field(rule, settings_book.PERIOD) + MAX_EXTENSIONS * extension
    extended: uint256 = min(block.timestamp + extension, last)
    deadline: uint256 = book._deadline(record)
    if extended <= deadline:
        return
    against: uint256 = 0
    in_favour: uint256 = 0
    against, in_favour = book._sides(proposal_id)
    taking_part: uint256 = in_favour + book.abstentions[proposal_id]
    quorum: uint256 = classes._quorum(book._is_strict(record), rule, links._counted_supply(snapshot))
    if taking_part < quorum:
        return
    reaches_quorum: bool = support != errors.AGAINST and taking_part - weight < quorum
    if not (reaches_quorum or self._swings(proposal_id, record, support, weight)):
        return
    live_proposals._prolong(book._proposer(record), book._elapsed(deadline), book._elapsed(extended))
    book._extend(proposal_id, record, extended)
    log IGovernor.ProposalExtended(proposalId=proposal_id, extendedDeadline=convert(extended, uint64))


@internal
@view
def _swings(proposal_id: uint256, record: uint256, support: uint8, weight: uint256) -> bool:
    """
    @dev Whether that ballot, which was entered, gave the proposal its majority or took it.
    """
    against: uint256 = 0
    in_favour: uint256 = 0
    against, in_favour = book._sides(proposal_id)
    is_strict: bool = book._is_strict(record)
    carries: bool = classes._carries(is_strict, in_favour, against)
    if support == errors.AGAINST:
        # Most ballots against end here: the majority holds all the same.
        if carries:
            return False
        against -= weight
    elif support != errors.ABSTAIN:
        in_favour -= weight
    return carries != classes._carries(is_strict, in_favour, against)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Late quorum
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Whoever lets a proposal reach its quorum in the last moment gives everybody else time to answer.
@dev OpenZeppelin's GovernorPreventLateQuorum, without a slot of its own: votes only grow and the quorum is fixed at
     the snapshot, so exactly one ballot can be the one that reaches it. Ballots long before the end, and those
     against, which do not count for the quorum, ask nothing of the token.
@custom:invariant A deadline moves at most once, by at most the extension that the proposal was made under.
"""

from contracts.governance import governor_errors as errors
from contracts.governance import governor_links as links
from contracts.governance import live_proposals
from contracts.governance import proposal_book as book
from contracts.governance import settings_book
from interfaces import IGovernor

uses: book
uses: links
uses: live_proposals
uses: settings_book


@internal
def _follow(proposal_id: uint256, record: uint256, support: uint8, weight: uint256):
    """
    @dev To be called after a ballot of `weight` was entered on a proposal whose record is `record`.
    """
    if support == errors.AGAINST:
        return
    rule: uint256 = settings_book.rules[book._version(record)]
    extended: uint256 = block.timestamp + settings_book._extension(rule)
    if extended <= book._deadline(record):
        return
    against: uint256 = 0
    in_favour: uint256 = 0
    against, in_favour = book._sides(proposal_id)
    total: uint256 = in_favour + book.abstentions[proposal_id]
    quorum: uint256 = settings_book._quorum(rule, links._counted_supply(book._snapshot(record)))
    if total >= quorum and total - weight < quorum:
        if settings_book._has_lanes(book._version(record)):
            ended: uint256 = book._elapsed(book._deadline(record))
            live_proposals._prolong(book._proposer(record), ended, book._elapsed(extended))
        book._extend(proposal_id, record, extended)
        log IGovernor.ProposalExtended(proposalId=proposal_id, extendedDeadline=convert(extended, uint64))

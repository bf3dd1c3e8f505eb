# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Proposal states
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The state of a proposal, from its record, its votes, the clock, and what the Timelock did with its operation.
@dev No state is stored here: it is derived on each call. Votes, end of voting and supplies no longer change once voting
     has ended; what became of the operation is asked of the Timelock each time.
@custom:invariant Defeated, executed, and cancelled in the Governor are final. The state of a queued proposal is read
                  from the Timelock: if it expired or was cancelled there, it comes back only if a holder of
                  PROPOSER_ROLE schedules the same operation there again.
"""

from contracts.governance import classes
from contracts.governance import governor_errors as errors
from contracts.governance import governor_links as links
from contracts.governance import packed_proposal
from contracts.governance import packed_tally
from contracts.governance import proposal_book as book
from contracts.governance import settings_book

uses: book
uses: classes
uses: links
uses: settings_book


# --- views of the deployable ---

@external
@view
@reentrant
def state(proposal_id: uint256) -> uint8:
    return self._state(proposal_id)


@external
@view
@reentrant
def proposalSnapshot(proposal_id: uint256) -> uint256:
    record: uint256 = book.records[proposal_id]
    if record == 0:
        return 0
    return book._snapshot(record)


@external
@view
@reentrant
def proposalDeadline(proposal_id: uint256) -> uint256:
    record: uint256 = book.records[proposal_id]
    if record == 0:
        return 0
    return book._deadline(record)


@external
@view
@reentrant
def proposalProposer(proposal_id: uint256) -> address:
    return packed_proposal._proposer(book.records[proposal_id])


@external
@view
@reentrant
def proposalEta(proposal_id: uint256) -> uint256:
    operation: bytes32 = book.operations[proposal_id]
    if operation == empty(bytes32):
        return 0
    return staticcall links.TIMELOCK.eta(operation)


@external
@pure
@reentrant
def proposalNeedsQueuing(proposal_id: uint256) -> bool:
    return True


@external
@view
@reentrant
def proposalVotes(proposal_id: uint256) -> (uint256, uint256, uint256):
    tally: uint256 = book.tallies[proposal_id]
    return packed_tally._against(tally), packed_tally._in_favour(tally), book.abstentions[proposal_id]


@external
@view
@reentrant
def proposal_quorum(proposal_id: uint256) -> uint256:
    record: uint256 = book._record_of(proposal_id)
    terms: uint256 = settings_book.voting_terms[packed_proposal._version(record)]
    return classes._quorum(packed_proposal._is_strict(record), terms, links._counted_supply(book._snapshot(record)))


@external
@view
@reentrant
def proposal_class(proposal_id: uint256) -> uint8:
    if packed_proposal._is_strict(book._record_of(proposal_id)):
        return classes.STRICT
    return classes.ORDINARY


@external
@view
@reentrant
def proposal_operation(proposal_id: uint256) -> bytes32:
    return book.operations[proposal_id]


@external
@view
@reentrant
def hasVoted(proposal_id: uint256, account: address) -> bool:
    return book._choice(proposal_id, account) != 0


@external
@view
@reentrant
def ballot(proposal_id: uint256, account: address) -> (bool, uint8):
    choice: uint256 = book._choice(proposal_id, account)
    if choice == 0:
        return False, 0
    return True, convert(choice - 1, uint8)


# --- internals ---

@internal
@view
def _state(proposal_id: uint256) -> uint8:
    return self._state_of(proposal_id, book._record_of(proposal_id))


@internal
@view
def _state_of(proposal_id: uint256, record: uint256) -> uint8:
    """
    @dev The state of a proposal whose packed form, `record`, was read already.
    """
    if packed_proposal._is_canceled(record):
        return errors.CANCELED
    elapsed: uint256 = book._elapsed()
    if elapsed <= packed_proposal._snapshot(record):
        return errors.PENDING
    deadline: uint256 = packed_proposal._deadline(record)
    if elapsed <= deadline:
        return errors.ACTIVE
    operation: bytes32 = book.operations[proposal_id]
    if operation != empty(bytes32):
        return self._queued_state(operation)
    if not self._passed(proposal_id, record):
        return errors.DEFEATED
    # A victory that nobody queued is as stale after the grace window as an operation that nobody ran.
    if elapsed <= deadline + links.GRACE_SECONDS:
        return errors.SUCCEEDED
    return errors.EXPIRED


@internal
@view
def _queued_state(operation: bytes32) -> uint8:
    """
    @dev The state of a queued proposal by its operation in the Timelock, whoever executed or cancelled it there:
         `getTimestamp` answers 0 for one that was cancelled and 1 for one that ran.
    """
    timestamp: uint256 = staticcall links.TIMELOCK.getTimestamp(operation)
    if timestamp == 0:
        return errors.CANCELED
    if timestamp == 1:
        return errors.EXECUTED
    if block.timestamp < timestamp + links.GRACE_SECONDS:
        return errors.QUEUED
    return errors.EXPIRED


@internal
@view
def _passed(proposal_id: uint256, record: uint256) -> bool:
    """
    @dev Whether the proposal has the majority of its class, and its quorum of votes for and abstentions. With a
         majority there are votes for. Unvested tokens only lower the quorum: if it is reached without asking for them,
         the call is saved.
    """
    tally: uint256 = book.tallies[proposal_id]
    is_strict: bool = packed_proposal._is_strict(record)
    if not classes._has_majority(is_strict, tally):
        return False
    terms: uint256 = settings_book.voting_terms[packed_proposal._version(record)]
    snapshot: uint256 = book._snapshot(record)
    circulating: uint256 = links._circulating_supply(snapshot)
    quorum: uint256 = classes._quorum(is_strict, terms, circulating)
    in_favour: uint256 = packed_tally._in_favour(tally)
    if in_favour >= quorum:
        return True
    # Abstentions are in another slot, which is read only if votes for do not suffice.
    taking_part: uint256 = in_favour + book.abstentions[proposal_id]
    if taking_part >= quorum:
        return True
    unvested: uint256 = links._unvested(snapshot)
    if unvested == 0:
        return False
    return taking_part >= classes._quorum(is_strict, terms, circulating - min(circulating, unvested))

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Proposal book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who proposed what and when, how the votes stand, and who voted how.
@dev A vote for or against writes two slots: the proposal's tally, and the account's ballots on 128 proposals. Once
     others have voted on this proposal, and the voter on another of these 128, neither is zero, which makes it cheap.
@custom:invariant One ballot per account and proposal; no side of a tally is more than the supply at its snapshot.
"""

from contracts.governance import governor_errors as errors
from contracts.governance import packed_ballot
from contracts.governance import packed_proposal
from contracts.governance import packed_tally

# Unix time of the deployment; the times of a packed proposal are seconds since then.
ORIGIN: immutable(uint256)

# Proposal => packed proposal; zero for one that does not exist.
records: HashMap[uint256, uint256]
# Proposal => packed tally.
tallies: HashMap[uint256, uint256]
# Proposal => votes that abstained, token wei.
abstentions: HashMap[uint256, uint256]
# Proposal => its operation in the Timelock; zero until it is queued.
operations: HashMap[uint256, bytes32]
# Account => number of a proposal // 128 => its packed ballots on the 128 proposals with that quotient.
ballots: HashMap[address, HashMap[uint256, uint256]]


@deploy
def __init__():
    ORIGIN = block.timestamp


@internal
def _record_proposal(proposal_id: uint256, record: uint256):
    self.records[proposal_id] = record


@internal
def _extend(proposal_id: uint256, record: uint256, seconds: uint256):
    """
    @dev Lets voting end `seconds` later.
    """
    self.records[proposal_id] = packed_proposal._add_duration(record, seconds)


@internal
def _cancel(proposal_id: uint256, record: uint256):
    self.records[proposal_id] = packed_proposal._cancel(record)


@internal
def _record_operation(proposal_id: uint256, operation: bytes32):
    self.operations[proposal_id] = operation


@internal
def _record_ballot(proposal_id: uint256, number: uint256, voter: address, support: uint8, weight: uint256):
    """
    @dev Records the voter's one ballot and adds its weight, token wei, to what it supports.
    """
    ballots: uint256 = self.ballots[voter][number // packed_ballot.PLACES]
    if packed_ballot._at(ballots, number) != 0:
        errors._already_cast(voter)
    if support > errors.ABSTAIN:
        errors._invalid_vote_type()
    # The support is at most ABSTAIN (2), so the choice, support + 1, fits two bits.
    self.ballots[voter][number // packed_ballot.PLACES] = packed_ballot._put(
        ballots, number, convert(support, uint256) + 1
    )
    if support == errors.ABSTAIN:
        self.abstentions[proposal_id] += weight
    else:
        self.tallies[proposal_id] = packed_tally._add(self.tallies[proposal_id], support, weight)


@internal
@view
def _choice(proposal_id: uint256, voter: address) -> uint256:
    """
    @dev 0 if the account has not voted on the proposal or the proposal does not exist, else its support + 1. No
         proposal has number 0, so the place of that number is always empty.
    """
    number: uint256 = packed_proposal._number(self.records[proposal_id])
    return packed_ballot._at(self.ballots[voter][number // packed_ballot.PLACES], number)


@internal
@view
def _record_of(proposal_id: uint256) -> uint256:
    """
    @dev The packed proposal; reverts with GovernorNonexistentProposal if there is none.
    """
    record: uint256 = self.records[proposal_id]
    if record == 0:
        errors._nonexistent(proposal_id)
    return record


# --- times ---

@internal
@view
def _elapsed() -> uint256:
    """
    @dev Seconds from the deployment to now.
    """
    return block.timestamp - ORIGIN


@internal
@view
def _snapshot(record: uint256) -> uint256:
    """
    @dev Unix time at which the votes on a proposal are read.
    """
    return unsafe_add(ORIGIN, packed_proposal._snapshot(record))


@internal
@view
def _deadline(record: uint256) -> uint256:
    """
    @dev Unix time of the last second of voting.
    """
    return unsafe_add(ORIGIN, packed_proposal._deadline(record))

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Proposal book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who proposed what and when, how the votes stand, and who voted how.
@dev Packed so that a vote for or against writes two words, both of them used before once the voter has voted on any
     of the last proposals: the tally, and one word of ballots per account and 128 proposals (2 bits each).
@custom:invariant One ballot per account and proposal; each of its tallies is at most the supply at its snapshot.
"""

from contracts.governance import governor_errors as errors

MASK_10: constant(uint256) = 2**10 - 1
MASK_24: constant(uint256) = 2**24 - 1
MASK_28: constant(uint256) = 2**28 - 1
MASK_32: constant(uint256) = 2**32 - 1
MASK_96: constant(uint256) = 2**96 - 1
MASK_160: constant(uint256) = 2**160 - 1
CANCELED_BIT: constant(uint256) = 1 << 255

# Snapshots count from here, so that 32 bits last for 136 years.
ORIGIN: immutable(uint256)

# Proposal => proposer (160 bits), snapshot (32), seconds of voting (24), number (28), whether it is strict (1), version
# of the settings (10), cancelled (1).
records: HashMap[uint256, uint256]
# Proposal => votes against (96 bits), votes for (96).
tallies: HashMap[uint256, uint256]
# Proposal => abstentions.
abstentions: HashMap[uint256, uint256]
# Proposal => its operation in the Timelock, once queued.
operations: HashMap[uint256, bytes32]
# Account => number // 128 => 2 bits per proposal: 0 none, else support + 1.
ballots: HashMap[address, HashMap[uint256, uint256]]


@deploy
def __init__():
    ORIGIN = block.timestamp


@internal
def _create(
    proposal_id: uint256,
    proposer: address,
    snapshot: uint256,
    deadline: uint256,
    number: uint256,
    version: uint256,
    is_strict: bool,
):
    # Of 32 bits are the ends of live_proposals, too.
    assert self._elapsed(deadline) <= MASK_32, "clock is out of range"
    self.records[proposal_id] = (
        convert(proposer, uint256)
        | (self._elapsed(snapshot) << 160)
        | ((deadline - snapshot) << 192)
        | (number << 216)
        | (convert(is_strict, uint256) << 244)
        | (version << 245)
    )


@internal
def _extend(proposal_id: uint256, record: uint256, deadline: uint256):
    """
    @dev Moves the end of voting to a later one; the longest period and three of the longest extensions are 150 days, below 2**24 seconds.
    """
    self.records[proposal_id] = record + ((deadline - self._deadline(record)) << 192)


@internal
def _cancel(proposal_id: uint256):
    self.records[proposal_id] |= CANCELED_BIT


@internal
def _queue(proposal_id: uint256, operation: bytes32):
    self.operations[proposal_id] = operation


@internal
def _cast(proposal_id: uint256, number: uint256, voter: address, support: uint8, weight: uint256):
    """
    @dev Enters one ballot and adds its weight.
    """
    word: uint256 = self.ballots[voter][number >> 7]
    offset: uint256 = (number & 127) << 1
    if (word >> offset) & 3 != 0:
        errors._already_cast(voter)
    if support > errors.ABSTAIN:
        errors._invalid_vote_type()
    self.ballots[voter][number >> 7] = word | (convert(support + 1, uint256) << offset)
    if support == errors.ABSTAIN:
        self.abstentions[proposal_id] += weight
        return
    tally: uint256 = self.tallies[proposal_id]
    side: uint256 = convert(support, uint256) * 96
    # No tally passes the supply, which is below 2**96, unless the token is broken; then nothing spills over.
    assert ((tally >> side) & MASK_96) + weight <= MASK_96, "more votes than tokens"
    self.tallies[proposal_id] = tally + (weight << side)


@internal
@view
def _ballot(voter: address, number: uint256) -> uint256:
    """
    @dev 0 if the account has not voted on the numbered proposal, else its support + 1.
    """
    return (self.ballots[voter][number >> 7] >> ((number & 127) << 1)) & 3


@internal
@view
def _record(proposal_id: uint256) -> uint256:
    """
    @dev The packed record of a proposal that exists.
    """
    record: uint256 = self.records[proposal_id]
    if record == 0:
        errors._nonexistent(proposal_id)
    return record


@internal
@view
def _sides(proposal_id: uint256) -> (uint256, uint256):
    """
    @dev Votes against and votes for.
    """
    tally: uint256 = self.tallies[proposal_id]
    return tally & MASK_96, (tally >> 96) & MASK_96


@internal
@view
def _elapsed(timestamp: uint256) -> uint256:
    return timestamp - ORIGIN


# --- fields of a record ---

@internal
@pure
def _proposer(record: uint256) -> address:
    return convert(record & MASK_160, address)


@internal
@view
def _snapshot(record: uint256) -> uint256:
    return ORIGIN + ((record >> 160) & MASK_32)


@internal
@view
def _deadline(record: uint256) -> uint256:
    return self._snapshot(record) + ((record >> 192) & MASK_24)


@internal
@pure
def _number(record: uint256) -> uint256:
    return (record >> 216) & MASK_28


@internal
@pure
def _version(record: uint256) -> uint256:
    return (record >> 245) & MASK_10


@internal
@pure
def _is_strict(record: uint256) -> bool:
    return (record >> 244) & 1 != 0


@internal
@pure
def _is_canceled(record: uint256) -> bool:
    return record >> 255 != 0

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed submission
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The last submission of a milestone, and what holds it up.
@dev No state. Times are Unix seconds.
     [0..15]    number             how many times the milestone was submitted
     [16..55]   submitted_at       zero before the first submission
     [56..95]   objected_at        when the objections reached the threshold, zero before
     [96..135]  held_until         until when the proposal named for it may decide, zero while none is
     [136..136] needs_vote         whether no time accepts it, only a decision
     [137..200] energy_report_id   zero for none
"""

struct Submission:
    number: uint256
    submitted_at: uint256
    objected_at: uint256
    held_until: uint256
    needs_vote: bool
    energy_report_id: uint256


NUMBER_MASK: constant(uint256) = 2**16 - 1
SUBMITTED_AT_OFFSET: constant(uint256) = 16
SUBMITTED_AT_MASK: constant(uint256) = 2**40 - 1
OBJECTED_AT_OFFSET: constant(uint256) = 56
OBJECTED_AT_MASK: constant(uint256) = 2**40 - 1
HELD_UNTIL_OFFSET: constant(uint256) = 96
HELD_UNTIL_MASK: constant(uint256) = 2**40 - 1
NEEDS_VOTE_OFFSET: constant(uint256) = 136
NEEDS_VOTE_MASK: constant(uint256) = 2**1 - 1
ENERGY_REPORT_ID_OFFSET: constant(uint256) = 137
ENERGY_REPORT_ID_MASK: constant(uint256) = 2**64 - 1


@internal
@pure
def _pack(submission: Submission) -> uint256:
    assert submission.number <= NUMBER_MASK, "too many submissions"
    assert (
        submission.submitted_at <= SUBMITTED_AT_MASK
        and submission.objected_at <= OBJECTED_AT_MASK
        and submission.held_until <= HELD_UNTIL_MASK
    ), "time is too large"
    assert submission.energy_report_id <= ENERGY_REPORT_ID_MASK, "report id is too large"
    return (
        submission.number
        | (submission.submitted_at << SUBMITTED_AT_OFFSET)
        | (submission.objected_at << OBJECTED_AT_OFFSET)
        | (submission.held_until << HELD_UNTIL_OFFSET)
        | (convert(submission.needs_vote, uint256) << NEEDS_VOTE_OFFSET)
        | (submission.energy_report_id << ENERGY_REPORT_ID_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Submission:
    return Submission(
        number=self._number(packed),
        submitted_at=self._submitted_at(packed),
        objected_at=self._objected_at(packed),
        held_until=self._held_until(packed),
        needs_vote=self._needs_vote(packed),
        energy_report_id=self._energy_report_id(packed),
    )


@internal
@pure
def _number(packed: uint256) -> uint256:
    return packed & NUMBER_MASK


@internal
@pure
def _submitted_at(packed: uint256) -> uint256:
    return (packed >> SUBMITTED_AT_OFFSET) & SUBMITTED_AT_MASK


@internal
@pure
def _objected_at(packed: uint256) -> uint256:
    return (packed >> OBJECTED_AT_OFFSET) & OBJECTED_AT_MASK


@internal
@pure
def _held_until(packed: uint256) -> uint256:
    return (packed >> HELD_UNTIL_OFFSET) & HELD_UNTIL_MASK


@internal
@pure
def _needs_vote(packed: uint256) -> bool:
    return convert((packed >> NEEDS_VOTE_OFFSET) & NEEDS_VOTE_MASK, bool)


@internal
@pure
def _energy_report_id(packed: uint256) -> uint256:
    return (packed >> ENERGY_REPORT_ID_OFFSET) & ENERGY_REPORT_ID_MASK

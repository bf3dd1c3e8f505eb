# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed progress
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How far a grant has come.
@dev No state. Times are Unix seconds.
     [0..5]     state            as `ITrainingGrants.GrantState` is encoded; zero before the approval
     [6..10]    count            milestones in all
     [11..15]   accepted         milestones accepted, for good
     [16..20]   closed           of these, how many are paid in full
     [21..21]   in_review        whether milestone accepted + 1 is submitted
     [22..61]   approved_at      when the vote took effect
     [62..101]  starts_at        due dates count from here: the approval, later by as much as votes moved dates
     [102..141] due_at           of the milestone in turn
     [142..181] ended_at         when the grant was terminated or expired, zero if it was not
     [182..205] review_seconds   how long silence takes to accept
     [206..237] grace_seconds    after a due date, in which nobody may end the grant for it
     [238..253] objection_bps    of the quorum supply that turn a review into a vote
"""

struct Progress:
    state: uint256
    count: uint256
    accepted: uint256
    closed: uint256
    in_review: bool
    approved_at: uint256
    starts_at: uint256
    due_at: uint256
    ended_at: uint256
    review_seconds: uint256
    grace_seconds: uint256
    objection_bps: uint256


STATE_MASK: constant(uint256) = 2**6 - 1
COUNT_OFFSET: constant(uint256) = 6
COUNT_MASK: constant(uint256) = 2**5 - 1
ACCEPTED_OFFSET: constant(uint256) = 11
ACCEPTED_MASK: constant(uint256) = 2**5 - 1
CLOSED_OFFSET: constant(uint256) = 16
CLOSED_MASK: constant(uint256) = 2**5 - 1
IN_REVIEW_OFFSET: constant(uint256) = 21
IN_REVIEW_MASK: constant(uint256) = 2**1 - 1
APPROVED_AT_OFFSET: constant(uint256) = 22
APPROVED_AT_MASK: constant(uint256) = 2**40 - 1
STARTS_AT_OFFSET: constant(uint256) = 62
STARTS_AT_MASK: constant(uint256) = 2**40 - 1
DUE_AT_OFFSET: constant(uint256) = 102
DUE_AT_MASK: constant(uint256) = 2**40 - 1
ENDED_AT_OFFSET: constant(uint256) = 142
ENDED_AT_MASK: constant(uint256) = 2**40 - 1
REVIEW_SECONDS_OFFSET: constant(uint256) = 182
REVIEW_SECONDS_MASK: constant(uint256) = 2**24 - 1
GRACE_SECONDS_OFFSET: constant(uint256) = 206
GRACE_SECONDS_MASK: constant(uint256) = 2**32 - 1
OBJECTION_BPS_OFFSET: constant(uint256) = 238
OBJECTION_BPS_MASK: constant(uint256) = 2**16 - 1


@internal
@pure
def _pack(progress: Progress) -> uint256:
    assert progress.state <= STATE_MASK, "state is unknown"
    assert (
        progress.count <= COUNT_MASK
        and progress.accepted <= ACCEPTED_MASK
        and progress.closed <= CLOSED_MASK
    ), "milestones are too many"
    assert (
        progress.approved_at <= APPROVED_AT_MASK
        and progress.starts_at <= STARTS_AT_MASK
        and progress.due_at <= DUE_AT_MASK
        and progress.ended_at <= ENDED_AT_MASK
        and progress.review_seconds <= REVIEW_SECONDS_MASK
        and progress.grace_seconds <= GRACE_SECONDS_MASK
    ), "time is too large"
    assert progress.objection_bps <= OBJECTION_BPS_MASK, "objection is too large"
    return (
        progress.state
        | (progress.count << COUNT_OFFSET)
        | (progress.accepted << ACCEPTED_OFFSET)
        | (progress.closed << CLOSED_OFFSET)
        | (convert(progress.in_review, uint256) << IN_REVIEW_OFFSET)
        | (progress.approved_at << APPROVED_AT_OFFSET)
        | (progress.starts_at << STARTS_AT_OFFSET)
        | (progress.due_at << DUE_AT_OFFSET)
        | (progress.ended_at << ENDED_AT_OFFSET)
        | (progress.review_seconds << REVIEW_SECONDS_OFFSET)
        | (progress.grace_seconds << GRACE_SECONDS_OFFSET)
        | (progress.objection_bps << OBJECTION_BPS_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Progress:
    return Progress(
        state=self._state(packed),
        count=self._count(packed),
        accepted=self._accepted(packed),
        closed=self._closed(packed),
        in_review=self._in_review(packed),
        approved_at=self._approved_at(packed),
        starts_at=self._starts_at(packed),
        due_at=self._due_at(packed),
        ended_at=self._ended_at(packed),
        review_seconds=self._review_seconds(packed),
        grace_seconds=self._grace_seconds(packed),
        objection_bps=self._objection_bps(packed),
    )


@internal
@pure
def _state(packed: uint256) -> uint256:
    return packed & STATE_MASK


@internal
@pure
def _count(packed: uint256) -> uint256:
    return (packed >> COUNT_OFFSET) & COUNT_MASK


@internal
@pure
def _accepted(packed: uint256) -> uint256:
    return (packed >> ACCEPTED_OFFSET) & ACCEPTED_MASK


@internal
@pure
def _closed(packed: uint256) -> uint256:
    return (packed >> CLOSED_OFFSET) & CLOSED_MASK


@internal
@pure
def _in_review(packed: uint256) -> bool:
    return convert((packed >> IN_REVIEW_OFFSET) & IN_REVIEW_MASK, bool)


@internal
@pure
def _approved_at(packed: uint256) -> uint256:
    return (packed >> APPROVED_AT_OFFSET) & APPROVED_AT_MASK


@internal
@pure
def _starts_at(packed: uint256) -> uint256:
    return (packed >> STARTS_AT_OFFSET) & STARTS_AT_MASK


@internal
@pure
def _due_at(packed: uint256) -> uint256:
    return (packed >> DUE_AT_OFFSET) & DUE_AT_MASK


@internal
@pure
def _ended_at(packed: uint256) -> uint256:
    return (packed >> ENDED_AT_OFFSET) & ENDED_AT_MASK


@internal
@pure
def _review_seconds(packed: uint256) -> uint256:
    return (packed >> REVIEW_SECONDS_OFFSET) & REVIEW_SECONDS_MASK


@internal
@pure
def _grace_seconds(packed: uint256) -> uint256:
    return (packed >> GRACE_SECONDS_OFFSET) & GRACE_SECONDS_MASK


@internal
@pure
def _objection_bps(packed: uint256) -> uint256:
    return (packed >> OBJECTION_BPS_OFFSET) & OBJECTION_BPS_MASK

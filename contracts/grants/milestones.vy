# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Milestones
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How far each grant has come, and the review of the one milestone in turn.
@dev Milestones are finished strictly in order: 1..closed are PAID, closed + 1..accepted are ACCEPTED for good,
     accepted + 1 is in turn, the others are LOCKED. Time alone accepts what nobody holds up: `_accepted_at` says when,
     from what is stored here and from nothing else, so no other contract and no later word moves the second at which a
     milestone was accepted. `_settled` is a grant as time has left it, `_settle` writes that down before anything is
     built on it.
@custom:invariant closed <= accepted <= count, and none ever falls.
                  A milestone is reviewed once per submission, and only the one in turn is.
                  paid <= earned <= amount, for every milestone.
"""

from contracts.grants import packed_acceptance
from contracts.grants import packed_progress
from contracts.grants import packed_submission
from interfaces import IGrantApplications
from interfaces import ITrainingGrants

# How long objections hold a milestone up beyond its review, for a proposal to be named that decides about it.
ESCALATION_SECONDS: constant(uint256) = 5 * 86_400
# The most that one vote adds to a due date.
MAX_DELAY_SECONDS: constant(uint256) = 365 * 86_400
# Between an acceptance, or the approval, and the next submission. Due dates alone would let a builder hand in all at
# once, and a vote on a quiet day would be paid out before the next could end it.
SPACING_SECONDS: constant(uint256) = 14 * 86_400
# What a builder has at least to submit, after a rejection or once its turn comes.
RESUBMIT_SECONDS: constant(uint256) = 14 * 86_400
BPS: constant(uint256) = 10_000

APPLICATIONS: immutable(IGrantApplications)

# Grant id => its progress, packed.
progress: HashMap[uint256, uint256]
# Grant id => milestone => its last submission, packed, and the evidence handed in with it.
submissions: HashMap[uint256, HashMap[uint256, uint256]]
evidence: HashMap[uint256, HashMap[uint256, bytes32]]
# Grant id => milestone => what it earned, packed; zero until it is accepted.
acceptances: HashMap[uint256, HashMap[uint256, uint256]]


@deploy
def __init__(applications: address):
    assert applications != empty(address), "applications is zero"
    APPLICATIONS = IGrantApplications(applications)


# --- reading ---


@internal
@view
def _progress(grant_id: uint256) -> packed_progress.Progress:
    """
    @dev As written down.
    """
    return packed_progress._unpack(self.progress[grant_id])


@internal
@view
def _submission(grant_id: uint256, milestone: uint256) -> packed_submission.Submission:
    return packed_submission._unpack(self.submissions[grant_id][milestone])


@internal
@view
def _settled(grant_id: uint256) -> packed_progress.Progress:
    """
    @dev As if settled: a submission that time has accepted counts as accepted, at its own second.
    """
    progress: packed_progress.Progress = self._progress(grant_id)
    if progress.in_review:
        accepted_at: uint256 = self._accepted_at(progress, self._submission(grant_id, progress.accepted + 1))
        if block.timestamp >= accepted_at:
            progress = self._after_acceptance(grant_id, progress, accepted_at)
    return progress


@internal
@pure
def _accepted_at(progress: packed_progress.Progress, submission: packed_submission.Submission) -> uint256:
    """
    @dev When time accepts a submission in review: at the end of its review window; ESCALATION_SECONDS later if
         objections reached the threshold; when the time of a named proposal is over, if one is. Never, if it needs a
         vote.
    """
    if submission.needs_vote:
        return max_value(uint256)
    accepted_at: uint256 = submission.submitted_at + progress.review_seconds
    if submission.objected_at != 0:
        accepted_at += ESCALATION_SECONDS
    return max(accepted_at, submission.held_until)


@internal
@view
def _after_acceptance(
    grant_id: uint256, old: packed_progress.Progress, accepted_at: uint256
) -> packed_progress.Progress:
    """
    @dev The next milestone has at least RESUBMIT_SECONDS once it may be submitted.
    """
    progress: packed_progress.Progress = old
    progress.accepted += 1
    progress.in_review = False
    if progress.accepted < progress.count:
        due_at: uint256 = self._scheduled(grant_id, progress, progress.accepted + 1)
        progress.due_at = max(due_at, accepted_at + SPACING_SECONDS + RESUBMIT_SECONDS)
    return progress


@internal
@view
def _application(grant_id: uint256) -> IGrantApplications.Application:
    return staticcall APPLICATIONS.application(grant_id)


@internal
@view
def _schedule(grant_id: uint256, milestone: uint256) -> IGrantApplications.Schedule:
    return staticcall APPLICATIONS.schedule(grant_id, milestone)


@internal
@view
def _scheduled(grant_id: uint256, progress: packed_progress.Progress, milestone: uint256) -> uint256:
    """
    @dev The due date of a milestone by its terms and the votes that moved dates.
    """
    return progress.starts_at + self._schedule(grant_id, milestone).due_seconds


@internal
@view
def _released(grant_id: uint256, milestone: uint256, until: uint256) -> (uint256, uint256):
    """
    @dev What an accepted milestone has released by `until`, rounded down, and what it earned in all; units of asset.
    """
    schedule: IGrantApplications.Schedule = self._schedule(grant_id, milestone)
    acceptance: packed_acceptance.Acceptance = self._acceptance(grant_id, milestone, schedule.amount)
    elapsed: uint256 = until - acceptance.accepted_at
    if elapsed >= schedule.stream_seconds:
        return acceptance.earned, acceptance.earned
    return acceptance.earned * elapsed // schedule.stream_seconds, acceptance.earned


@internal
@view
def _acceptance(grant_id: uint256, milestone: uint256, amount: uint256) -> packed_acceptance.Acceptance:
    """
    @dev Of an accepted milestone. One that time has accepted, and nobody settled, earned its whole amount.
    """
    packed: uint256 = self.acceptances[grant_id][milestone]
    if packed != 0:
        return packed_acceptance._unpack(packed)
    accepted_at: uint256 = self._accepted_at(self._progress(grant_id), self._submission(grant_id, milestone))
    return packed_acceptance.Acceptance(accepted_at=accepted_at, earned=amount, paid=0)


@internal
@view
def _drawable(grant_id: uint256, progress: packed_progress.Progress) -> uint256:
    """
    @dev What the accepted milestones have released and not paid. `progress` is settled.
    """
    until: uint256 = self._paid_until(progress)
    total: uint256 = 0
    for milestone: uint256 in range(progress.closed + 1, progress.accepted + 1, bound=16):
        released: uint256 = 0
        earned: uint256 = 0
        released, earned = self._released(grant_id, milestone, until)
        total += released - packed_acceptance._paid(self.acceptances[grant_id][milestone])
    return total


@internal
@view
def _paid_until(progress: packed_progress.Progress) -> uint256:
    """
    @dev Streams of an ended grant stopped with it.
    """
    if progress.ended_at != 0:
        return progress.ended_at
    return block.timestamp


@internal
@view
def _check_in_review(grant_id: uint256, milestone: uint256) -> packed_progress.Progress:
    """
    @dev Refuses what time has already accepted, whether or not that was written down.
    """
    progress: packed_progress.Progress = self._settled(grant_id)
    self._check_is_in_review(progress, milestone)
    return progress


@internal
@pure
def _check_is_in_review(progress: packed_progress.Progress, milestone: uint256):
    assert progress.in_review and milestone == progress.accepted + 1, "milestone is not in review"


@internal
@pure
def _check_not_in_review(progress: packed_progress.Progress):
    assert not progress.in_review, "milestone is under review"


@internal
@view
def _check_may_submit(grant_id: uint256, progress: packed_progress.Progress):
    self._check_not_in_review(progress)
    self._check_not_finished(progress)
    self._check_on_time(progress)
    last_step_at: uint256 = progress.approved_at
    if progress.accepted > 0:
        last_step_at = packed_acceptance._accepted_at(self.acceptances[grant_id][progress.accepted])
    assert block.timestamp >= last_step_at + SPACING_SECONDS, "milestone is too early"


@internal
@view
def _check_on_time(progress: packed_progress.Progress):
    assert block.timestamp < progress.due_at, "milestone is overdue"


@internal
@pure
def _check_not_finished(progress: packed_progress.Progress):
    assert progress.accepted < progress.count, "every milestone is accepted"


# --- steps ---


@internal
def _open(grant_id: uint256, count: uint256, review_seconds: uint256, grace_seconds: uint256, objection_bps: uint256):
    """
    @dev What is set here holds for the whole grant: what is voted later changes no grant that runs.
    """
    progress: packed_progress.Progress = packed_progress.Progress(
        state=convert(ITrainingGrants.GrantState.ACTIVE, uint256),
        count=count,
        accepted=0,
        closed=0,
        in_review=False,
        approved_at=block.timestamp,
        starts_at=block.timestamp,
        due_at=0,
        ended_at=0,
        review_seconds=review_seconds,
        grace_seconds=grace_seconds,
        objection_bps=objection_bps,
    )
    progress.due_at = self._scheduled(grant_id, progress, 1)
    self._keep(grant_id, progress)


@internal
def _keep(grant_id: uint256, progress: packed_progress.Progress):
    self.progress[grant_id] = packed_progress._pack(progress)


@internal
def _settle(grant_id: uint256) -> packed_progress.Progress:
    """
    @dev Writes down what time has accepted.
    """
    progress: packed_progress.Progress = self._settled(grant_id)
    if progress.accepted != packed_progress._accepted(self.progress[grant_id]):
        milestone: uint256 = progress.accepted
        amount: uint256 = self._schedule(grant_id, milestone).amount
        self._record(grant_id, milestone, self._acceptance(grant_id, milestone, amount))
        self._keep(grant_id, progress)
    return progress


@internal
def _record(grant_id: uint256, milestone: uint256, acceptance: packed_acceptance.Acceptance):
    self.acceptances[grant_id][milestone] = packed_acceptance._pack(acceptance)
    log ITrainingGrants.MilestoneAccepted(
        grant_id=grant_id, milestone=milestone, accepted_at=acceptance.accepted_at, earned=acceptance.earned
    )


@internal
def _submit(
    grant_id: uint256,
    old: packed_progress.Progress,
    evidence_hash: bytes32,
    energy_report_id: uint256,
    needs_vote: bool,
    is_challenged: bool,
) -> packed_submission.Submission:
    """
    @dev `old` is settled. A challenge of the report counts as an objection that was raised before.
    """
    progress: packed_progress.Progress = old
    milestone: uint256 = progress.accepted + 1
    progress.in_review = True
    submission: packed_submission.Submission = packed_submission.Submission(
        number=packed_submission._number(self.submissions[grant_id][milestone]) + 1,
        submitted_at=block.timestamp,
        objected_at=block.timestamp if is_challenged else 0,
        held_until=0,
        needs_vote=needs_vote,
        energy_report_id=energy_report_id,
    )
    self._keep(grant_id, progress)
    self._keep_submission(grant_id, milestone, submission)
    self.evidence[grant_id][milestone] = evidence_hash
    return submission


@internal
def _keep_submission(grant_id: uint256, milestone: uint256, submission: packed_submission.Submission):
    self.submissions[grant_id][milestone] = packed_submission._pack(submission)


@internal
def _decide(
    grant_id: uint256, milestone: uint256, old: packed_progress.Progress, amount: uint256, pay_bps: uint256
) -> uint256:
    """
    @dev `old` is in review. Returns what the decision leaves to the DAO of an accepted milestone, in units of asset.
    """
    if pay_bps == 0:
        progress: packed_progress.Progress = old
        progress.in_review = False
        progress.due_at = max(progress.due_at, block.timestamp + RESUBMIT_SECONDS)
        self._keep(grant_id, progress)
        return 0
    earned: uint256 = amount * pay_bps // BPS
    self._record(
        grant_id,
        milestone,
        packed_acceptance.Acceptance(accepted_at=block.timestamp, earned=earned, paid=0),
    )
    self._keep(grant_id, self._after_acceptance(grant_id, old, block.timestamp))
    return amount - earned


@internal
def _postpone(grant_id: uint256, milestone: uint256, old: packed_progress.Progress, new_due_at: uint256):
    """
    @dev `old` is settled. Only ever gives time: what a vote may take away it takes by ending the grant.
    """
    self._check_not_in_review(old)
    self._check_not_finished(old)
    assert milestone == old.accepted + 1, "milestone is not in turn"
    assert new_due_at > max(block.timestamp, old.due_at), "due date is not later"
    assert new_due_at <= old.due_at + MAX_DELAY_SECONDS, "due date is too far"
    progress: packed_progress.Progress = old
    progress.due_at = new_due_at
    progress.starts_at += new_due_at - old.due_at
    self._keep(grant_id, progress)
    log ITrainingGrants.DueMoved(
        grant_id=grant_id, milestone=milestone, old_due_at=old.due_at, new_due_at=new_due_at
    )


@internal
def _withdraw(grant_id: uint256, old: packed_progress.Progress, min_due_at: uint256):
    """
    @dev Ends the review, if there is one. The due date is never before now: what leases earned while the review ran
         stays earned.
    """
    progress: packed_progress.Progress = old
    progress.in_review = False
    progress.due_at = max(progress.due_at, min_due_at)
    self._keep(grant_id, progress)
    if old.in_review:
        milestone: uint256 = progress.accepted + 1
        log ITrainingGrants.SubmissionWithdrawn(
            grant_id=grant_id, milestone=milestone, submission=self._submission(grant_id, milestone).number
        )


@internal
def _end(
    grant_id: uint256, old: packed_progress.Progress, state: ITrainingGrants.GrantState
) -> packed_progress.Progress:
    """
    @dev A due date that has passed stays: an end revives no lease that it had stopped.
    """
    progress: packed_progress.Progress = old
    progress.state = convert(state, uint256)
    if progress.in_review or block.timestamp < progress.due_at:
        progress.due_at = block.timestamp
    progress.in_review = False
    progress.ended_at = block.timestamp
    self._keep(grant_id, progress)
    return progress


@internal
def _pay(grant_id: uint256, old: packed_progress.Progress, recipient: address) -> uint256:
    """
    @dev `old` is settled. Books what the accepted milestones have released as paid to `recipient` and returns the sum.
    """
    until: uint256 = self._paid_until(old)
    progress: packed_progress.Progress = old
    total: uint256 = 0
    for milestone: uint256 in range(progress.closed + 1, progress.accepted + 1, bound=16):
        released: uint256 = 0
        earned: uint256 = 0
        released, earned = self._released(grant_id, milestone, until)
        acceptance: packed_acceptance.Acceptance = packed_acceptance._unpack(self.acceptances[grant_id][milestone])
        if released == earned and milestone == progress.closed + 1:
            progress.closed = milestone
        amount: uint256 = released - acceptance.paid
        if amount == 0:
            continue
        acceptance.paid = released
        self.acceptances[grant_id][milestone] = packed_acceptance._pack(acceptance)
        log ITrainingGrants.MilestonePaid(
            grant_id=grant_id, milestone=milestone, recipient=recipient, amount=amount
        )
        total += amount
    if progress.closed != old.closed:
        self._keep(grant_id, progress)
    return total


# --- what everybody sees ---


@internal
@view
def _read(grant_id: uint256, milestone: uint256) -> ITrainingGrants.Milestone:
    """
    @dev The milestone now. Its objections are for the caller to add.
    """
    schedule: IGrantApplications.Schedule = self._schedule(grant_id, milestone)
    progress: packed_progress.Progress = self._settled(grant_id)
    submission: packed_submission.Submission = self._submission(grant_id, milestone)
    found: ITrainingGrants.Milestone = ITrainingGrants.Milestone(
        state=ITrainingGrants.MilestoneState.LOCKED,
        amount=schedule.amount,
        due_at=0,
        submission=submission.number,
        submitted_at=submission.submitted_at,
        accepts_at=0,
        objection_votes=0,
        energy_report_id=submission.energy_report_id,
        evidence_hash=self.evidence[grant_id][milestone],
        accepted_at=0,
        earned=0,
        paid=0,
    )
    if progress.state == 0:
        return found
    found.due_at = progress.starts_at + schedule.due_seconds
    if milestone <= progress.accepted:
        acceptance: packed_acceptance.Acceptance = self._acceptance(grant_id, milestone, schedule.amount)
        found.accepted_at = acceptance.accepted_at
        found.earned = acceptance.earned
        found.paid = acceptance.paid
        found.state = ITrainingGrants.MilestoneState.ACCEPTED
        if milestone <= progress.closed:
            found.state = ITrainingGrants.MilestoneState.PAID
    elif progress.state != convert(ITrainingGrants.GrantState.ACTIVE, uint256):
        found.state = ITrainingGrants.MilestoneState.CANCELLED
    elif milestone == progress.accepted + 1:
        found.due_at = progress.due_at
        if progress.in_review:
            found.accepts_at = self._accepted_at(progress, submission)
            found.state = ITrainingGrants.MilestoneState.SUBMITTED
            if submission.needs_vote or submission.objected_at != 0:
                found.state = ITrainingGrants.MilestoneState.OBJECTED
    return found

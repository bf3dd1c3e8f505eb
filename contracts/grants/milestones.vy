# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Milestones
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How far each grant has come, and the review of the one milestone in turn.
@dev Milestones are finished strictly in order, so two counters per grant tell most of the story: 1..paid are PAID,
     paid + 1..accepted are ACCEPTED for good, accepted + 1 is in turn, the others are LOCKED. Silence and lapsed
     objections accept by time alone. `_settle` writes that down before anything is built on it; `_standing` is the
     same thing as a view, by which `_object` and `_decide` refuse what time has decided. What time has accepted stays
     accepted, at the same second, whether or not it was written down.
@custom:invariant paid <= accepted <= number of milestones, and neither ever falls.
                  A milestone is reviewed once per submission, and only the one in turn is.
"""

from contracts.grants import grant_terms
from interfaces import IEnergyLedger
from interfaces import ITrainingGrants

uses: grant_terms

# By parameters/mainnet.yaml the vote takes 16 days, 25 with three extensions. After it silence counts as consent.
DECISION_SECONDS: public(constant(uint256)) = 30 * 86_400
# What a builder has at least to submit, after a rejection or once its turn comes.
RESUBMIT_SECONDS: public(constant(uint256)) = 14 * 86_400
# How long at least a vote can still give a late builder more time; as long as a vote takes if that is longer.
GRACE_SECONDS: public(constant(uint256)) = 14 * 86_400

ENERGY_LEDGER: public(immutable(IEnergyLedger))

struct Progress:
    approved_at: uint256
    review_seconds: uint256
    # Seconds after a due date in which nobody may end the grant for it.
    grace_seconds: uint256
    accepted: uint256
    paid: uint256
    in_review: bool

struct Submission:
    evidence_hash: bytes32
    energy_report_id: uint256
    submitted_at: uint256
    objected_at: uint256
    count: uint256                           # how many times it was submitted

struct Standing:
    state: ITrainingGrants.MilestoneState    # of the milestone in turn: LOCKED, SUBMITTED or OBJECTED
    accepted: uint256                        # as if settled
    accepted_at: uint256                     # when time accepted the last one, 0 if `_settle` has nothing to write

# Grant id => counters.
progress: HashMap[uint256, Progress]
# Grant id => milestone => its last submission.
submissions: HashMap[uint256, HashMap[uint256, Submission]]
# Grant id => milestone => due date if another one than the terms say.
moved_due_at: HashMap[uint256, HashMap[uint256, uint256]]


@deploy
def __init__(energy_ledger: address):
    assert energy_ledger != empty(address), "energy ledger is zero"
    ENERGY_LEDGER = IEnergyLedger(energy_ledger)


@internal
def _open(grant_id: uint256, review_seconds: uint256, grace_seconds: uint256):
    """
    @dev Both times hold for the whole grant: what is voted later, or which Governor is named, changes no grant that
         runs.
    """
    self.progress[grant_id].approved_at = block.timestamp
    self.progress[grant_id].review_seconds = review_seconds
    self.progress[grant_id].grace_seconds = grace_seconds


@internal
def _settle(grant_id: uint256) -> uint256:
    """
    @dev Writes down what time has accepted. Returns the due date that this moved, 0 if none.
    """
    accepted_at: uint256 = self._standing(grant_id).accepted_at
    if accepted_at == 0:
        return 0
    return self._accept(grant_id, accepted_at)


@internal
def _submit(grant_id: uint256, milestone: uint256, evidence_hash: bytes32, energy_report_id: uint256) -> uint256:
    """
    @dev Needs `_settle` first. Returns when silence will have accepted it.
    """
    assert (
        milestone == self.progress[grant_id].accepted + 1 and milestone <= grant_terms._count(grant_id)
    ), "milestone is not in turn"
    self._check_not_in_review(grant_id)
    assert block.timestamp < self._due_at(grant_id, milestone), "milestone is overdue"
    assert evidence_hash != empty(bytes32), "evidence hash is empty"
    if energy_report_id == 0:
        assert not grant_terms.terms_of[grant_id].milestones[milestone - 1].energy_required, "energy report is missing"
    else:
        assert staticcall ENERGY_LEDGER.is_valid_for(
            energy_report_id, grant_id, milestone, IEnergyLedger.Phase.TRAINING
        ), "energy report is not valid"
    self.progress[grant_id].in_review = True
    self.submissions[grant_id][milestone] = Submission(
        evidence_hash=evidence_hash,
        energy_report_id=energy_report_id,
        submitted_at=block.timestamp,
        objected_at=0,
        count=self.submissions[grant_id][milestone].count + 1,
    )
    return block.timestamp + self.progress[grant_id].review_seconds


@internal
def _object(grant_id: uint256, milestone: uint256):
    standing: Standing = self._standing(grant_id)
    assert (
        milestone == standing.accepted + 1 and standing.state == ITrainingGrants.MilestoneState.SUBMITTED
    ), "milestone is not in review"
    self.submissions[grant_id][milestone].objected_at = block.timestamp


@internal
def _decide(grant_id: uint256, milestone: uint256, accepted: bool) -> uint256:
    """
    @dev Returns the due date that this moved, 0 if none.
    """
    standing: Standing = self._standing(grant_id)
    assert (
        milestone == standing.accepted + 1 and standing.state == ITrainingGrants.MilestoneState.OBJECTED
    ), "milestone is not objected to"
    if accepted:
        return self._accept(grant_id, block.timestamp)
    self.progress[grant_id].in_review = False
    return self._grant_time(grant_id, milestone, block.timestamp)


@internal
def _accept(grant_id: uint256, accepted_at: uint256) -> uint256:
    milestone: uint256 = self.progress[grant_id].accepted + 1
    self.progress[grant_id].accepted = milestone
    self.progress[grant_id].in_review = False
    if milestone == grant_terms._count(grant_id):
        return 0
    return self._grant_time(grant_id, milestone + 1, accepted_at)


@internal
def _grant_time(grant_id: uint256, milestone: uint256, since: uint256) -> uint256:
    """
    @dev At least RESUBMIT_SECONDS from `since`. Returns the new due date, 0 if the old one stands.
    """
    new_due_at: uint256 = since + RESUBMIT_SECONDS
    if new_due_at <= self._due_at(grant_id, milestone):
        return 0
    self._move_due(grant_id, milestone, new_due_at)
    return new_due_at


@internal
def _move_due(grant_id: uint256, milestone: uint256, new_due_at: uint256):
    old_due_at: uint256 = self._due_at(grant_id, milestone)
    self.moved_due_at[grant_id][milestone] = new_due_at
    log ITrainingGrants.DueMoved(
        grant_id=grant_id, milestone=milestone, old_due_at=old_due_at, new_due_at=new_due_at
    )


@internal
def _pay(grant_id: uint256) -> (uint256, uint256):
    """
    @dev Needs `_settle` first. Marks every accepted milestone paid and returns the first and the last one.
    """
    paid: uint256 = self.progress[grant_id].paid
    accepted: uint256 = self.progress[grant_id].accepted
    assert paid < accepted, "nothing to draw"
    self.progress[grant_id].paid = accepted
    return paid + 1, accepted


@internal
def _end(grant_id: uint256) -> uint256:
    """
    @dev Needs `_settle` first. Ends the review, if one runs, and returns the sum of what is not accepted.
    """
    self.progress[grant_id].in_review = False
    return grant_terms._sum(grant_id, self.progress[grant_id].accepted, grant_terms._count(grant_id))


@internal
def _postpone(grant_id: uint256, milestone: uint256, new_due_at: uint256):
    """
    @dev Needs `_settle` first. Only ever gives time: what a vote may take away it takes by ending the grant.
    """
    assert (
        milestone > self.progress[grant_id].accepted and milestone <= grant_terms._count(grant_id)
    ), "milestone is not open"
    assert new_due_at > max(block.timestamp, self._due_at(grant_id, milestone)), "due date is not later"
    assert new_due_at <= block.timestamp + grant_terms.MAX_DUE_SECONDS, "due date is too far"
    self._move_due(grant_id, milestone, new_due_at)


@internal
@view
def _overdue(grant_id: uint256) -> uint256:
    """
    @dev Needs `_settle` first. The milestone in turn, if its grace has passed without a submission.
    """
    milestone: uint256 = self.progress[grant_id].accepted + 1
    self._check_not_in_review(grant_id)
    assert milestone <= grant_terms._count(grant_id), "every milestone is accepted"
    assert block.timestamp >= self._end_of_grace(grant_id, self._due_at(grant_id, milestone)), "grace has not passed"
    return milestone


@internal
@view
def _end_of_grace(grant_id: uint256, due_at: uint256) -> uint256:
    return due_at + self.progress[grant_id].grace_seconds


@internal
@view
def _standing(grant_id: uint256) -> Standing:
    """
    @dev The milestone in turn, with what time has decided already. A submission is accepted at the latest of: end of
         its review window; DECISION_SECONDS after an objection; DECISION_SECONDS after the first challenge of its
         report, or the moment that this challenge was cleared. A challenge counts only if it came before the others
         had accepted. A guardian who challenges thus delays, but never denies, and nobody takes back.
    """
    standing: Standing = Standing(
        state=ITrainingGrants.MilestoneState.LOCKED, accepted=self.progress[grant_id].accepted, accepted_at=0
    )
    if not self.progress[grant_id].in_review:
        return standing
    last: Submission = self.submissions[grant_id][standing.accepted + 1]
    accepted_at: uint256 = last.submitted_at + self.progress[grant_id].review_seconds
    if last.objected_at != 0:
        accepted_at = last.objected_at + DECISION_SECONDS
    is_challenged: bool = False
    if last.energy_report_id != 0:
        challenged_at: uint256 = 0
        cleared_at: uint256 = 0
        challenged_at, cleared_at = staticcall ENERGY_LEDGER.challenge_times(last.energy_report_id)
        if challenged_at != 0 and challenged_at < accepted_at:
            decided_at: uint256 = challenged_at + DECISION_SECONDS
            is_challenged = cleared_at == 0
            if not is_challenged:
                decided_at = min(decided_at, cleared_at)
            accepted_at = max(accepted_at, decided_at)
    if block.timestamp >= accepted_at:
        standing.accepted += 1
        standing.accepted_at = accepted_at
    elif last.objected_at != 0 or is_challenged:
        standing.state = ITrainingGrants.MilestoneState.OBJECTED
    else:
        standing.state = ITrainingGrants.MilestoneState.SUBMITTED
    return standing


@internal
@view
def _check_not_in_review(grant_id: uint256):
    """
    @dev Needs `_settle` first.
    """
    assert not self.progress[grant_id].in_review, "milestone is under review"


@internal
@view
def _due_at(grant_id: uint256, milestone: uint256) -> uint256:
    """
    @dev As written down, without what `_settle` would move.
    """
    moved: uint256 = self.moved_due_at[grant_id][milestone]
    if moved != 0:
        return moved
    return self.progress[grant_id].approved_at + grant_terms.terms_of[grant_id].milestones[milestone - 1].due_seconds


@internal
@view
def _read(grant_id: uint256, milestone: uint256, is_active: bool) -> ITrainingGrants.Milestone:
    """
    @dev The milestone as everybody sees it now.
    """
    standing: Standing = self._standing(grant_id)
    state: ITrainingGrants.MilestoneState = ITrainingGrants.MilestoneState.LOCKED
    if milestone <= self.progress[grant_id].paid:
        state = ITrainingGrants.MilestoneState.PAID
    elif milestone <= standing.accepted:
        state = ITrainingGrants.MilestoneState.ACCEPTED
    elif not is_active and self.progress[grant_id].approved_at != 0:
        state = ITrainingGrants.MilestoneState.CANCELLED
    elif milestone == standing.accepted + 1:
        state = standing.state
    due_at: uint256 = 0
    if self.progress[grant_id].approved_at != 0:
        due_at = self._due_at(grant_id, milestone)
        if standing.accepted_at != 0 and milestone == standing.accepted + 1:
            due_at = max(due_at, standing.accepted_at + RESUBMIT_SECONDS)
    last: Submission = self.submissions[grant_id][milestone]
    return ITrainingGrants.Milestone(
        state=state,
        amount=grant_terms.terms_of[grant_id].milestones[milestone - 1].amount,
        due_at=due_at,
        submitted_at=last.submitted_at,
        objected_at=last.objected_at,
        energy_report_id=last.energy_report_id,
        evidence_hash=last.evidence_hash,
        submissions=last.count,
    )

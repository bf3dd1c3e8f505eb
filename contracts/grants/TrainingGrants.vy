# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Training grants
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice From a vote to the last payment: `ITrainingGrants` says what each function does and refuses.
@dev Composition root. GrantApplications holds what was promised, `milestones` how far it has come, `objections` who
     holds a review up, `requirements` what a submission has to name, `recipients` who builds. The Treasury holds the
     money, ComputeEscrow leases the compute. A bond passes through here within one call; no asset rests.
@custom:invariant The Treasury's commitment to a live grant is the sum of its milestones that are not accepted, and of
                  what the accepted ones earned, less what was paid; to an ended one, what was released and not paid.
                  A milestone pays at most what it earned, to the recipient only, and only after it was accepted.
@custom:halt Nothing here can be paused. The guardian may pause new applications in GrantApplications, and object.
"""

from ethereum.ercs import IERC20

from contracts.common import governed
from contracts.common import guardians
from contracts.common import safety
from contracts.common import vote_windows
from contracts.grants import milestones
from contracts.grants import objections
from contracts.grants import packed_progress
from contracts.grants import packed_submission
from contracts.grants import recipients
from contracts.grants import requirements
from contracts.grants import review_policy
from interfaces import IComputeEscrow
from interfaces import IGrantApplications
from interfaces import IReviewPolicy
from interfaces import ITrainingGrants
from interfaces import ITreasury
from interfaces import ITreasuryLimits

implements: ITrainingGrants
implements: IReviewPolicy

initializes: governed
initializes: safety[governed := governed]
uses: guardians
initializes: vote_windows[governed := governed]
initializes: milestones
initializes: objections[
    governed := governed, guardians := guardians, vote_windows := vote_windows, milestones := milestones
]
initializes: recipients
initializes: requirements
initializes: review_policy[governed := governed]

exports: (
    governed.__interface__,
    safety.set_guardian,
    guardians.__interface__,
    vote_windows.__interface__,
    objections.TOKEN,
    requirements.__interface__,
    review_policy.__interface__,
)

# An application that nobody voted on for half a year is stale: its prices and promises are.
APPLICATION_SECONDS: constant(uint256) = 180 * 86_400
# How long the money of an approved grant waits for its bond.
BOND_SECONDS: constant(uint256) = 30 * 86_400
# How long at least a vote can still give a late builder more time; as long as a vote takes if that is longer.
GRACE_SECONDS: constant(uint256) = 14 * 86_400
BPS: constant(uint256) = 10_000

TREASURY: public(immutable(ITreasury))

# Grant id => the Treasury's commitment that pays the milestones, and the one that keeps the bond.
milestones_commitment: HashMap[uint256, uint256]
bond_commitment: HashMap[uint256, uint256]


@deploy
def __init__(
    token: address,
    applications: address,
    treasury: address,
    compute_escrow: address,
    energy_ledger: address,
    evaluations: address,
    review_seconds: uint256,
    objection_bps: uint256,
):
    """
    @notice Wires the grants. The deployer is the owner until it hands over.
    @param token Whose past votes may object.
    @param applications Where the terms are.
    @param treasury Where the money stays; a vote makes this contract a committer there.
    @param compute_escrow Where compute budgets are spent; its owner points it to this contract.
    @param energy_ledger Where energy reports are looked up, and the registry of the models they are about.
    @param evaluations Where scores are looked up.
    @param review_seconds First review window, between MIN_REVIEW_SECONDS and MAX_REVIEW_SECONDS.
    @param objection_bps First objection threshold in basis points of the quorum supply, 1 to MAX_OBJECTION_BPS.
    """
    governed.__init__()
    safety.__init__()
    vote_windows.__init__()
    milestones.__init__(applications)
    objections.__init__(token)
    recipients.__init__()
    requirements.__init__(compute_escrow, energy_ledger, evaluations)
    review_policy.__init__(review_seconds, objection_bps)
    assert treasury != empty(address), "treasury is zero"
    TREASURY = ITreasury(treasury)


# --- approval ---


@external
def approve(grant_id: uint256, terms_hash: bytes32):
    governed._only_owner()
    self._approve(grant_id, terms_hash, False)


@external
def approve_beyond_cap(grant_id: uint256, terms_hash: bytes32):
    governed._only_owner()
    self._approve(grant_id, terms_hash, True)


@external
def post_bond(grant_id: uint256):
    milestones._check_on_time(self._active(grant_id))
    assert self.bond_commitment[grant_id] == 0, "bond is posted"
    told: IGrantApplications.Application = milestones._application(grant_id)
    log ITrainingGrants.BondPosted(grant_id=grant_id, payer=msg.sender, amount=told.bond)
    asset: IERC20 = IERC20(told.asset)
    assert extcall asset.transferFrom(msg.sender, self, told.bond, default_return_value=True), "asset transfer failed"
    assert extcall asset.approve(TREASURY.address, told.bond, default_return_value=True), "asset approval failed"
    self.bond_commitment[grant_id] = extcall TREASURY.commit_deposit(told.purpose, told.asset, told.bond)


# --- reviews ---


@external
def submit(
    grant_id: uint256,
    evidence_hash: bytes32,
    evidence_uri: String[128],
    energy_report_id: uint256,
    model_id: uint256,
    claim_id: uint256,
):
    recipients._check(grant_id, msg.sender)
    progress: packed_progress.Progress = self._active(grant_id)
    assert self.bond_commitment[grant_id] != 0, "bond is not posted"
    milestones._check_may_submit(grant_id, progress)
    assert evidence_hash != empty(bytes32), "evidence hash is empty"
    milestone: uint256 = progress.accepted + 1
    terms: IGrantApplications.MilestoneTerms = staticcall milestones.APPLICATIONS.milestone_terms(grant_id, milestone)
    is_challenged: bool = requirements._check_report(grant_id, milestone, terms.energy_phase, energy_report_id)
    requirements._check_model(
        grant_id, terms.model_required, evidence_hash, model_id, governed.ownable.owner, msg.sender
    )
    if terms.benchmark_id != 0:
        requirements._check_score(
            terms, evidence_hash, claim_id, msg.sender, milestones._application(grant_id).recipient
        )
    carbon_budget_grams: uint256 = staticcall milestones.APPLICATIONS.carbon_budget_grams(grant_id)
    needs_vote: bool = requirements._is_over_budget(grant_id, carbon_budget_grams)

    submission: packed_submission.Submission = milestones._submit(
        grant_id, progress, evidence_hash, energy_report_id, needs_vote, is_challenged
    )
    log ITrainingGrants.MilestoneSubmitted(
        grant_id=grant_id,
        milestone=milestone,
        submission=submission.number,
        evidence_hash=evidence_hash,
        evidence_uri=evidence_uri,
        energy_report_id=energy_report_id,
        model_id=model_id,
        claim_id=claim_id,
        accepts_at=milestones._accepted_at(progress, submission),
    )


@external
def withdraw_submission(grant_id: uint256):
    recipients._check(grant_id, msg.sender)
    progress: packed_progress.Progress = self._active(grant_id)
    milestones._check_is_in_review(progress, progress.accepted + 1)
    milestones._withdraw(grant_id, progress, block.timestamp)


@external
def object(grant_id: uint256, milestone: uint256, reason_hash: bytes32):
    self._active(grant_id)
    objections._object(grant_id, milestone, msg.sender, reason_hash)


@external
def escalate(grant_id: uint256, milestone: uint256, pay_bps: uint256, reason_hash: bytes32, description_hash: bytes32):
    self._active(grant_id)
    objections._escalate(grant_id, milestone, pay_bps, reason_hash, description_hash)


@external
def decide(grant_id: uint256, milestone: uint256, submission: uint256, pay_bps: uint256, reason_hash: bytes32):
    governed._only_owner()
    progress: packed_progress.Progress = self._active(grant_id)
    milestones._check_is_in_review(progress, milestone)
    assert submission == milestones._submission(grant_id, milestone).number, "another submission"
    assert pay_bps <= BPS, "part is above the whole"
    log ITrainingGrants.MilestoneDecided(
        grant_id=grant_id, milestone=milestone, submission=submission, pay_bps=pay_bps, reason_hash=reason_hash
    )
    amount: uint256 = milestones._schedule(grant_id, milestone).amount
    left: uint256 = milestones._decide(grant_id, milestone, progress, amount, pay_bps)
    self._release(self.milestones_commitment[grant_id], left)


# --- payments ---


@external
def draw(grant_id: uint256) -> uint256:
    progress: packed_progress.Progress = milestones._settle(grant_id)
    recipient: address = recipients.recipient[grant_id]
    amount: uint256 = milestones._pay(grant_id, progress, recipient)
    bond: uint256 = self._complete(grant_id)
    assert amount > 0 or bond > 0, "nothing to draw"
    if amount > 0:
        extcall TREASURY.pay_commitment(self.milestones_commitment[grant_id], recipient, amount)
    if bond > 0:
        extcall TREASURY.pay_commitment(self.bond_commitment[grant_id], recipient, bond)
    return amount


# --- ends and dates ---


@external
def terminate(grant_id: uint256, reason_hash: bytes32):
    governed._only_owner()
    progress: packed_progress.Progress = self._active(grant_id)
    returned: uint256 = self._end(grant_id, progress, ITrainingGrants.GrantState.TERMINATED)
    log ITrainingGrants.GrantTerminated(grant_id=grant_id, returned=returned, reason_hash=reason_hash)


@external
def expire(grant_id: uint256):
    progress: packed_progress.Progress = self._active(grant_id)
    milestones._check_not_in_review(progress)
    milestones._check_not_finished(progress)
    ends_at: uint256 = progress.due_at + progress.grace_seconds
    if self.bond_commitment[grant_id] == 0:
        ends_at = min(ends_at, progress.approved_at + BOND_SECONDS)
    assert block.timestamp >= ends_at, "grace has not passed"
    returned: uint256 = self._end(grant_id, progress, ITrainingGrants.GrantState.EXPIRED)
    log ITrainingGrants.GrantExpired(grant_id=grant_id, milestone=progress.accepted + 1, returned=returned)


@external
def move_due(grant_id: uint256, milestone: uint256, new_due_at: uint256):
    governed._only_owner()
    progress: packed_progress.Progress = self._active(grant_id)
    milestones._postpone(grant_id, milestone, progress, new_due_at)


# --- recipients ---


@external
def propose_recipient(grant_id: uint256, new_recipient: address):
    recipients._check(grant_id, msg.sender)
    recipients._check_not_replaced(grant_id)
    recipients._propose(grant_id, new_recipient, 0)


@external
def replace_recipient(grant_id: uint256, new_recipient: address):
    governed._only_owner()
    recipients._replace(grant_id, new_recipient)


@external
def accept_recipient(grant_id: uint256):
    progress: packed_progress.Progress = milestones._settle(grant_id)
    if recipients.replaces_at[grant_id] == 0:
        milestones._check_not_in_review(progress)
    elif progress.state == convert(ITrainingGrants.GrantState.ACTIVE, uint256):
        # Who is replaced by a vote must not put it off by submitting again and again, or leave no time.
        milestones._withdraw(grant_id, progress, block.timestamp + milestones.RESUBMIT_SECONDS)
    recipients._accept(grant_id, msg.sender)


# --- views ---


@external
@view
def applications() -> address:
    return milestones.APPLICATIONS.address


@external
@view
def recipient(grant_id: uint256) -> address:
    current: address = recipients.recipient[grant_id]
    if current != empty(address):
        return current
    return milestones._application(grant_id).recipient


@external
@view
def pending_recipient(grant_id: uint256) -> (address, uint256):
    return recipients.pending[grant_id], recipients.replaces_at[grant_id]


@external
@view
def state(grant_id: uint256) -> ITrainingGrants.GrantState:
    return self._state(grant_id)


@external
@view
def milestone_in_turn(grant_id: uint256) -> uint256:
    return milestones._settled(grant_id).accepted + 1


@external
@view
def milestone(grant_id: uint256, milestone: uint256) -> ITrainingGrants.Milestone:
    found: ITrainingGrants.Milestone = milestones._read(grant_id, milestone)
    found.objection_votes = objections.votes[grant_id][milestone][found.submission]
    return found


@external
@view
def drawable(grant_id: uint256) -> uint256:
    return milestones._drawable(grant_id, milestones._settled(grant_id))


@external
@view
def commitments(grant_id: uint256) -> (uint256, uint256):
    return self.milestones_commitment[grant_id], self.bond_commitment[grant_id]


@external
@view
def approval(grant_id: uint256) -> (uint256, uint256):
    progress: uint256 = milestones.progress[grant_id]
    return packed_progress._approved_at(progress), packed_progress._grace_seconds(progress)


@external
@view
def compute_rights(grant_id: uint256) -> ITrainingGrants.ComputeRights:
    progress: packed_progress.Progress = milestones._settled(grant_id)
    stops_at: uint256 = progress.due_at
    is_finished: bool = progress.count > 0 and progress.accepted == progress.count
    if is_finished:
        stops_at = milestones._acceptance(grant_id, progress.count, 0).accepted_at
    elif progress.in_review:
        stops_at = max_value(uint256)
    return ITrainingGrants.ComputeRights(
        recipient=recipients.recipient[grant_id],
        stops_at=stops_at,
        is_over=is_finished or progress.ended_at != 0,
    )


@external
@view
def compute_unlocked(grant_id: uint256) -> uint256:
    if self.bond_commitment[grant_id] == 0:
        return 0
    in_turn: uint256 = milestones._settled(grant_id).accepted + 1
    return staticcall milestones.APPLICATIONS.compute_unlocked(grant_id, in_turn)


# Open during `submit`, which asks the registry about a model and by it this; what it reads was settled before.
@external
@view
@reentrant
def may_register_model(grant_id: uint256, account: address) -> bool:
    return (
        self.bond_commitment[grant_id] != 0
        and packed_progress._ended_at(milestones.progress[grant_id]) == 0
        and account == recipients.recipient[grant_id]
    )


# --- internals ---


@internal
def _approve(grant_id: uint256, terms_hash: bytes32, beyond_cap: bool):
    assert self._state(grant_id) == ITrainingGrants.GrantState.APPLIED, "grant is not applied for"
    told: IGrantApplications.Application = milestones._application(grant_id)
    assert terms_hash == told.terms_hash, "terms hash does not match"
    recipients._set_first(grant_id, told.recipient)
    milestones._open(
        grant_id,
        told.milestone_count,
        review_policy.review_seconds,
        vote_windows._window_seconds(GRACE_SECONDS),
        review_policy.objection_bps,
    )
    log ITrainingGrants.GrantApproved(
        grant_id=grant_id,
        recipient=told.recipient,
        terms_hash=terms_hash,
        milestones_total=told.milestones_total,
        compute_budget=told.compute_budget,
        bond=told.bond,
    )
    self.milestones_commitment[grant_id] = self._commit(told, told.milestones_total, self, beyond_cap)
    if told.compute_budget > 0:
        escrow: IComputeEscrow = requirements.COMPUTE_ESCROW
        budget_id: uint256 = self._commit(told, told.compute_budget, escrow.address, beyond_cap)
        extcall escrow.open_budget(grant_id, budget_id, told.asset, told.compute_budget)


@internal
def _commit(
    told: IGrantApplications.Application, amount: uint256, controller: address, beyond_cap: bool
) -> uint256:
    if beyond_cap:
        return extcall ITreasuryLimits(TREASURY.address).commit_beyond_cap(
            told.purpose, told.asset, amount, controller
        )
    return extcall TREASURY.commit(told.purpose, told.asset, amount, controller)


@internal
def _active(grant_id: uint256) -> packed_progress.Progress:
    """
    @dev The progress of a grant that runs, settled.
    """
    progress: packed_progress.Progress = milestones._settle(grant_id)
    assert progress.state == convert(ITrainingGrants.GrantState.ACTIVE, uint256), "grant is not active"
    return progress


@internal
def _complete(grant_id: uint256) -> uint256:
    """
    @dev Completes a grant of which all is paid, and returns its bond; zero if it is not, or has ended.
    """
    progress: packed_progress.Progress = milestones._progress(grant_id)
    is_active: bool = progress.state == convert(ITrainingGrants.GrantState.ACTIVE, uint256)
    if not is_active or progress.closed < progress.count:
        return 0
    progress.state = convert(ITrainingGrants.GrantState.COMPLETED, uint256)
    milestones._keep(grant_id, progress)
    bond: uint256 = milestones._application(grant_id).bond
    log ITrainingGrants.GrantCompleted(grant_id=grant_id, bond=bond)
    return bond


@internal
def _end(grant_id: uint256, old: packed_progress.Progress, state: ITrainingGrants.GrantState) -> uint256:
    """
    @dev An ended grant holds back nothing but what was released. Returns what the milestones give back.
    """
    progress: packed_progress.Progress = milestones._end(grant_id, old, state)
    commitment_id: uint256 = self.milestones_commitment[grant_id]
    kept: uint256 = milestones._drawable(grant_id, progress)
    returned: uint256 = (staticcall TREASURY.commitment(commitment_id)).remaining - kept
    self._release(commitment_id, returned)
    if self.bond_commitment[grant_id] != 0:
        bond: uint256 = milestones._application(grant_id).bond
        self._release(self.bond_commitment[grant_id], bond)
    return returned


@internal
def _release(commitment_id: uint256, amount: uint256):
    if amount > 0:
        extcall TREASURY.release_commitment(commitment_id, amount)


@internal
@view
def _state(grant_id: uint256) -> ITrainingGrants.GrantState:
    state: uint256 = packed_progress._state(milestones.progress[grant_id])
    if state != 0:
        return convert(state, ITrainingGrants.GrantState)
    applied_at: uint256 = milestones._application(grant_id).applied_at
    assert applied_at != 0, "no such grant"
    if block.timestamp >= applied_at + APPLICATION_SECONDS:
        return ITrainingGrants.GrantState.LAPSED
    return ITrainingGrants.GrantState.APPLIED

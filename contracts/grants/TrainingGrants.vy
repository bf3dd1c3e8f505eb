# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Training grants
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice From an application to the last milestone: `ITrainingGrants` says what each function does and refuses.
@dev Composition root. `grant_terms` holds what was promised, `milestones` how far it has come, and `review_policy` who
     may object and when. The Treasury holds the money, ComputeEscrow the compute budget. No asset ever passes through
     here.
@custom:invariant The Treasury's commitment to a live grant is the sum of its unpaid milestones; to an ended one, the
                  sum of those accepted and not drawn.
                  A milestone is paid at most once, to the recipient only, and only after it was accepted.
@custom:halt The guardian may pause `apply` for a while. Approvals, submissions, objections, decisions, draws and ends
             go on.
"""

from contracts.common import governed
from contracts.common import guardians
from contracts.common import safety
from contracts.common import vote_windows
from contracts.grants import grant_terms
from contracts.grants import milestones
from contracts.grants import review_policy
from interfaces import IComputeEscrow
from interfaces import IContributorRewards
from interfaces import ITrainingGrants
from interfaces import ITreasury
from interfaces import ITreasuryLimits

implements: ITrainingGrants

initializes: governed
initializes: safety[governed := governed]
initializes: vote_windows[governed := governed]
initializes: grant_terms
initializes: milestones[grant_terms := grant_terms]
initializes: review_policy[governed := governed, guardians := guardians]

exports: (
    governed.__interface__,
    safety.__interface__,
    grant_terms.__interface__,
    milestones.__interface__,
    vote_windows.governor,
    vote_windows.set_governor,
    review_policy.__interface__,
)

# An application that nobody voted on for half a year is stale: its prices and promises are.
APPLICATION_SECONDS: public(constant(uint256)) = 180 * 86_400

TREASURY: public(immutable(ITreasury))
COMPUTE_ESCROW: public(immutable(IComputeEscrow))
REWARDS: public(immutable(IContributorRewards))

struct Grant:
    status: ITrainingGrants.GrantState    # as written down: an APPLIED one may have lapsed
    recipient: address
    pending_recipient: address
    applied_at: uint256
    commitment_id: uint256
    objection_bps: uint256

grant_count: public(uint256)
grants: HashMap[uint256, Grant]


@deploy
def __init__(
    token: address,
    treasury: address,
    compute_escrow: address,
    energy_ledger: address,
    rewards: address,
    review_seconds: uint256,
    objection_bps: uint256,
):
    """
    @notice Wires the grants. The deployer is the owner until it hands over.
    @param token Whose past votes may object.
    @param treasury Where the money stays; a vote makes this contract a committer there.
    @param compute_escrow Where compute budgets are spent; its owner points it to this contract.
    @param energy_ledger Where energy reports are looked up.
    @param rewards Where the campaigns live that a revenue split may name.
    @param review_seconds First review window, between MIN_REVIEW_SECONDS and MAX_REVIEW_SECONDS.
    @param objection_bps First objection threshold in basis points of the quorum supply, 1 to MAX_OBJECTION_BPS.
    """
    governed.__init__()
    safety.__init__()
    vote_windows.__init__()
    grant_terms.__init__()
    milestones.__init__(energy_ledger)
    review_policy.__init__(token, review_seconds, objection_bps)
    assert treasury != empty(address), "treasury is zero"
    assert compute_escrow != empty(address), "compute escrow is zero"
    assert rewards != empty(address), "rewards is zero"
    TREASURY = ITreasury(treasury)
    COMPUTE_ESCROW = IComputeEscrow(compute_escrow)
    REWARDS = IContributorRewards(rewards)


# --- applications ---


@external
def apply(terms: ITrainingGrants.GrantTerms) -> uint256:
    safety._check_running()
    self._check_recipient(terms.recipient)
    assert staticcall TREASURY.is_accepted(terms.asset), "asset is not accepted"
    purposes: uint256 = staticcall TREASURY.purpose_count()
    assert terms.purpose > 0 and terms.purpose <= purposes, "no such purpose"
    assert len(terms.split) > 0 or terms.kind != ITrainingGrants.GrantKind.TRAINING, "training needs a split"
    # Whoever creates a campaign publishes its roots: one that does not exist yet could become anybody's.
    campaigns: uint256 = staticcall REWARDS.campaign_count()
    for share: ITrainingGrants.Share in terms.split:
        assert share.campaign_id <= campaigns, "no such campaign"

    grant_id: uint256 = self.grant_count + 1
    self.grant_count = grant_id
    terms_hash: bytes32 = grant_terms._store(grant_id, terms)
    self.grants[grant_id].status = ITrainingGrants.GrantState.APPLIED
    self.grants[grant_id].recipient = msg.sender
    self.grants[grant_id].applied_at = block.timestamp
    log ITrainingGrants.GrantApplied(grant_id=grant_id, recipient=msg.sender, terms_hash=terms_hash, terms=terms)
    return grant_id


@external
def approve(grant_id: uint256, terms_hash: bytes32):
    governed._only_owner()
    self._approve(grant_id, terms_hash)
    purpose: uint256 = grant_terms.terms_of[grant_id].purpose
    asset: address = grant_terms.terms_of[grant_id].asset
    compute_budget: uint256 = grant_terms.terms_of[grant_id].compute_budget
    self.grants[grant_id].commitment_id = extcall TREASURY.commit(purpose, asset, self._total(grant_id), self)
    if compute_budget > 0:
        budget_id: uint256 = extcall TREASURY.commit(purpose, asset, compute_budget, COMPUTE_ESCROW.address)
        self._open_budget(grant_id, budget_id, asset, compute_budget)


@external
def approve_beyond_cap(grant_id: uint256, terms_hash: bytes32):
    governed._only_owner()
    self._approve(grant_id, terms_hash)
    purpose: uint256 = grant_terms.terms_of[grant_id].purpose
    asset: address = grant_terms.terms_of[grant_id].asset
    compute_budget: uint256 = grant_terms.terms_of[grant_id].compute_budget
    limits: ITreasuryLimits = ITreasuryLimits(TREASURY.address)
    self.grants[grant_id].commitment_id = extcall limits.commit_beyond_cap(purpose, asset, self._total(grant_id), self)
    if compute_budget > 0:
        budget_id: uint256 = extcall limits.commit_beyond_cap(purpose, asset, compute_budget, COMPUTE_ESCROW.address)
        self._open_budget(grant_id, budget_id, asset, compute_budget)


# --- milestones ---


@external
def submit(
    grant_id: uint256, milestone: uint256, evidence_hash: bytes32, evidence_uri: String[128], energy_report_id: uint256
):
    self._only_active(grant_id)
    self._check_recipient(self.grants[grant_id].recipient)
    self._settle(grant_id)
    payable_at: uint256 = milestones._submit(grant_id, milestone, evidence_hash, energy_report_id)
    log ITrainingGrants.MilestoneSubmitted(
        grant_id=grant_id,
        milestone=milestone,
        evidence_hash=evidence_hash,
        evidence_uri=evidence_uri,
        energy_report_id=energy_report_id,
        payable_at=payable_at,
    )


@external
def object(grant_id: uint256, milestone: uint256, reason_hash: bytes32):
    self._only_active(grant_id)
    assert review_policy._may_object(msg.sender, self.grants[grant_id].objection_bps), "too few votes to object"
    milestones._object(grant_id, milestone)
    log ITrainingGrants.MilestoneObjected(
        grant_id=grant_id, milestone=milestone, account=msg.sender, reason_hash=reason_hash
    )


@external
def decide(grant_id: uint256, milestone: uint256, accepted: bool, reason_hash: bytes32):
    governed._only_owner()
    self._only_active(grant_id)
    moved_due_at: uint256 = milestones._decide(grant_id, milestone, accepted)
    log ITrainingGrants.MilestoneDecided(
        grant_id=grant_id, milestone=milestone, accepted=accepted, reason_hash=reason_hash
    )
    self._extend_compute(grant_id, moved_due_at)


@external
def draw(grant_id: uint256) -> uint256:
    self._settle(grant_id)
    first: uint256 = 0
    last: uint256 = 0
    first, last = milestones._pay(grant_id)
    recipient: address = self.grants[grant_id].recipient
    total: uint256 = 0
    for milestone: uint256 in range(first, last + 1, bound=16):
        amount: uint256 = grant_terms.terms_of[grant_id].milestones[milestone - 1].amount
        total += amount
        log ITrainingGrants.MilestonePaid(
            grant_id=grant_id, milestone=milestone, recipient=recipient, amount=amount
        )
    is_complete: bool = (
        last == grant_terms._count(grant_id) and self.grants[grant_id].status == ITrainingGrants.GrantState.ACTIVE
    )
    if is_complete:
        self.grants[grant_id].status = ITrainingGrants.GrantState.COMPLETED
        log ITrainingGrants.GrantCompleted(grant_id=grant_id)
        self._close_budget(grant_id)
    extcall TREASURY.pay_commitment(self.grants[grant_id].commitment_id, recipient, total)
    return total


# --- ends and dates ---


@external
def terminate(grant_id: uint256, reason_hash: bytes32):
    governed._only_owner()
    self._only_active(grant_id)
    self._settle(grant_id)
    returned: uint256 = milestones._end(grant_id)
    self.grants[grant_id].status = ITrainingGrants.GrantState.TERMINATED
    log ITrainingGrants.GrantTerminated(grant_id=grant_id, returned=returned, reason_hash=reason_hash)
    self._release(grant_id, returned)


@external
def expire(grant_id: uint256):
    self._only_active(grant_id)
    self._settle(grant_id)
    milestone: uint256 = milestones._overdue(grant_id)
    returned: uint256 = milestones._end(grant_id)
    self.grants[grant_id].status = ITrainingGrants.GrantState.EXPIRED
    log ITrainingGrants.GrantExpired(grant_id=grant_id, milestone=milestone, returned=returned)
    self._release(grant_id, returned)


@external
def move_due(grant_id: uint256, milestone: uint256, new_due_at: uint256):
    governed._only_owner()
    self._only_active(grant_id)
    self._settle(grant_id)
    milestones._postpone(grant_id, milestone, new_due_at)
    self._extend_compute(grant_id, new_due_at)


# --- recipients ---


@external
def propose_recipient(grant_id: uint256, new_recipient: address):
    self._check_recipient(self.grants[grant_id].recipient)
    assert self.grants[grant_id].status != ITrainingGrants.GrantState.APPLIED, "grant is not approved"
    self.grants[grant_id].pending_recipient = new_recipient
    log ITrainingGrants.RecipientProposed(grant_id=grant_id, new_recipient=new_recipient)


@external
def accept_recipient(grant_id: uint256):
    assert msg.sender == self.grants[grant_id].pending_recipient, "caller is not proposed"
    self._settle(grant_id)
    milestones._check_not_in_review(grant_id)
    old_recipient: address = self.grants[grant_id].recipient
    self.grants[grant_id].recipient = msg.sender
    self.grants[grant_id].pending_recipient = empty(address)
    log ITrainingGrants.RecipientChanged(
        grant_id=grant_id, old_recipient=old_recipient, new_recipient=msg.sender
    )


# --- views ---


@external
@view
def terms(grant_id: uint256) -> ITrainingGrants.GrantTerms:
    return grant_terms.terms_of[grant_id]


@external
@view
def terms_hash(grant_id: uint256) -> bytes32:
    return grant_terms.hash_of[grant_id]


@external
@view
def split(grant_id: uint256) -> DynArray[ITrainingGrants.Share, 8]:
    return grant_terms.terms_of[grant_id].split


@external
@view
def recipient(grant_id: uint256) -> address:
    return self.grants[grant_id].recipient


@external
@view
def pending_recipient(grant_id: uint256) -> address:
    return self.grants[grant_id].pending_recipient


@external
@view
def state(grant_id: uint256) -> ITrainingGrants.GrantState:
    return self._state(grant_id)


@external
@view
def milestone_count(grant_id: uint256) -> uint256:
    return grant_terms._count(grant_id)


@external
@view
def milestone(grant_id: uint256, milestone: uint256) -> ITrainingGrants.Milestone:
    assert milestone > 0 and milestone <= grant_terms._count(grant_id), "no such milestone"
    is_active: bool = self.grants[grant_id].status == ITrainingGrants.GrantState.ACTIVE
    return milestones._read(grant_id, milestone, is_active)


@external
@view
def drawable(grant_id: uint256) -> uint256:
    return grant_terms._sum(
        grant_id, milestones.progress[grant_id].paid, milestones._standing(grant_id).accepted
    )


@external
@view
def paid(grant_id: uint256) -> uint256:
    return grant_terms._sum(grant_id, 0, milestones.progress[grant_id].paid)


@external
@view
def commitment_id(grant_id: uint256) -> uint256:
    return self.grants[grant_id].commitment_id


@external
@view
def grace_seconds(grant_id: uint256) -> uint256:
    return milestones.progress[grant_id].grace_seconds


@external
@view
def may_register_model(grant_id: uint256, account: address) -> bool:
    status: ITrainingGrants.GrantState = self.grants[grant_id].status
    return (
        status in (ITrainingGrants.GrantState.ACTIVE | ITrainingGrants.GrantState.COMPLETED)
        and account == self.grants[grant_id].recipient
        and grant_terms.terms_of[grant_id].kind == ITrainingGrants.GrantKind.TRAINING
    )


# --- internals ---


@internal
def _approve(grant_id: uint256, terms_hash: bytes32):
    """
    @dev The whole of an approval but for the money, which the caller commits next.
    """
    assert self._state(grant_id) == ITrainingGrants.GrantState.APPLIED, "grant is not applied for"
    assert terms_hash == grant_terms.hash_of[grant_id], "terms hash does not match"
    self.grants[grant_id].status = ITrainingGrants.GrantState.ACTIVE
    self.grants[grant_id].objection_bps = review_policy.objection_bps
    grace_seconds: uint256 = vote_windows._window_seconds(milestones.GRACE_SECONDS)
    milestones._open(grant_id, review_policy.review_seconds, grace_seconds)
    log ITrainingGrants.GrantApproved(
        grant_id=grant_id,
        milestones_total=self._total(grant_id),
        compute_budget=grant_terms.terms_of[grant_id].compute_budget,
    )


@internal
def _open_budget(grant_id: uint256, commitment_id: uint256, asset: address, compute_budget: uint256):
    due_at: uint256 = milestones._due_at(grant_id, grant_terms._count(grant_id))
    ends_at: uint256 = milestones._end_of_grace(grant_id, due_at)
    extcall COMPUTE_ESCROW.open_budget(grant_id, commitment_id, asset, compute_budget, ends_at)


@internal
@view
def _total(grant_id: uint256) -> uint256:
    """
    @dev Sum of all milestones, in units of the grant's asset.
    """
    return grant_terms._sum(grant_id, 0, grant_terms._count(grant_id))


@internal
def _settle(grant_id: uint256):
    """
    @dev Writes down a milestone that time has accepted, before anything else looks at the grant.
    """
    moved_due_at: uint256 = milestones._settle(grant_id)
    self._extend_compute(grant_id, moved_due_at)


@internal
def _extend_compute(grant_id: uint256, due_at: uint256):
    """
    @dev A builder that has more time may order compute as long; nothing to do for zero.
    """
    if due_at > 0 and grant_terms.terms_of[grant_id].compute_budget > 0:
        extcall COMPUTE_ESCROW.extend_budget(grant_id, milestones._end_of_grace(grant_id, due_at))


@internal
def _close_budget(grant_id: uint256):
    """
    @dev Does nothing for a grant without a budget: before its first budget the escrow may have been pointed to
         another contract, and it would refuse this one.
    """
    if grant_terms.terms_of[grant_id].compute_budget > 0:
        extcall COMPUTE_ESCROW.close_budget(grant_id)


@internal
def _release(grant_id: uint256, amount: uint256):
    """
    @dev An ended grant holds back nothing but what was accepted.
    """
    self._close_budget(grant_id)
    if amount > 0:
        extcall TREASURY.release_commitment(self.grants[grant_id].commitment_id, amount)


@internal
@view
def _state(grant_id: uint256) -> ITrainingGrants.GrantState:
    assert grant_id > 0 and grant_id <= self.grant_count, "no such grant"
    status: ITrainingGrants.GrantState = self.grants[grant_id].status
    if (
        status == ITrainingGrants.GrantState.APPLIED
        and block.timestamp >= self.grants[grant_id].applied_at + APPLICATION_SECONDS
    ):
        return ITrainingGrants.GrantState.LAPSED
    return status


@internal
@view
def _only_active(grant_id: uint256):
    assert self.grants[grant_id].status == ITrainingGrants.GrantState.ACTIVE, "grant is not active"


@internal
@view
def _check_recipient(recipient: address):
    assert msg.sender == recipient, "caller is not the recipient"

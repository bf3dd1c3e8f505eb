# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Grant applications
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The terms of every grant, written once: `IGrantApplications` says what each function does and refuses.
@dev Apart from TrainingGrants, because terms are large and never change: what pays by them stays small enough to read.
     The hash covers chain and contract, so a vote on one deployment approves nothing on another.
@custom:invariant The terms of an application and their hash never change once they are stored.
@custom:halt The guardian may pause `apply` for a while.
"""

from contracts.common import governed
from contracts.common import safety
from contracts.grants import grant_bounds
from interfaces import IContributorRewards
from interfaces import IEvaluations
from interfaces import IGrantApplications
from interfaces import ITrainingGrants
from interfaces import ITreasury

implements: IGrantApplications

initializes: governed
initializes: safety[governed := governed]

exports: (governed.__interface__, safety.__interface__)

TREASURY: public(immutable(ITreasury))
EVALUATIONS: public(immutable(IEvaluations))
REWARDS: public(immutable(IContributorRewards))

application_count: public(uint256)
# Grant id => what was applied for, and in short.
terms_of: HashMap[uint256, IGrantApplications.GrantTerms]
applications: HashMap[uint256, IGrantApplications.Application]


@deploy
def __init__(treasury: address, evaluations: address, rewards: address):
    """
    @notice Wires what terms name. The deployer is the owner until it hands over.
    @param treasury Whose assets and purposes grants are paid from.
    @param evaluations Where the benchmarks are that a milestone may demand a score of.
    @param rewards Where the campaigns live that a revenue split may name.
    """
    governed.__init__()
    safety.__init__()
    assert treasury != empty(address), "treasury is zero"
    assert evaluations != empty(address), "evaluations is zero"
    assert rewards != empty(address), "rewards is zero"
    TREASURY = ITreasury(treasury)
    EVALUATIONS = IEvaluations(evaluations)
    REWARDS = IContributorRewards(rewards)


# --- applications ---


@external
def apply(terms: IGrantApplications.GrantTerms) -> uint256:
    safety._check_running()
    assert msg.sender == terms.recipient, "caller is not the recipient"
    milestones_total: uint256 = 0
    compute_budget: uint256 = 0
    benchmarks: uint256 = staticcall EVALUATIONS.benchmark_count()
    for milestone: IGrantApplications.MilestoneTerms in terms.milestones:
        assert milestone.benchmark_id <= benchmarks, "no such benchmark"
        milestones_total += milestone.amount
        compute_budget += milestone.compute_unlocked
    is_training: bool = terms.kind == IGrantApplications.GrantKind.TRAINING
    grant_bounds._check(terms, is_training, milestones_total, compute_budget)
    self._check_links(terms)

    grant_id: uint256 = self.application_count + 1
    self.application_count = grant_id
    terms_hash: bytes32 = keccak256(abi_encode(chain.id, self, grant_id, terms))
    self.terms_of[grant_id] = terms
    self.applications[grant_id] = IGrantApplications.Application(
        kind=terms.kind,
        recipient=msg.sender,
        asset=terms.asset,
        purpose=terms.purpose,
        applied_at=block.timestamp,
        milestone_count=len(terms.milestones),
        milestones_total=milestones_total,
        compute_budget=compute_budget,
        bond=terms.bond,
        terms_hash=terms_hash,
    )
    log IGrantApplications.GrantApplied(grant_id=grant_id, recipient=msg.sender, terms_hash=terms_hash, terms=terms)
    return grant_id


# --- views ---


@external
@view
def application(grant_id: uint256) -> IGrantApplications.Application:
    return self.applications[grant_id]


@external
@view
def terms(grant_id: uint256) -> IGrantApplications.GrantTerms:
    return self.terms_of[grant_id]


@external
@view
def terms_hash(grant_id: uint256) -> bytes32:
    return self.applications[grant_id].terms_hash


@external
@view
def milestone_terms(grant_id: uint256, milestone: uint256) -> IGrantApplications.MilestoneTerms:
    self._check_milestone(grant_id, milestone)
    return self.terms_of[grant_id].milestones[milestone - 1]


@external
@view
def schedule(grant_id: uint256, milestone: uint256) -> IGrantApplications.Schedule:
    self._check_milestone(grant_id, milestone)
    index: uint256 = milestone - 1
    return IGrantApplications.Schedule(
        amount=self.terms_of[grant_id].milestones[index].amount,
        due_seconds=self.terms_of[grant_id].milestones[index].due_seconds,
        stream_seconds=self.terms_of[grant_id].milestones[index].stream_seconds,
    )


@external
@view
def compute_unlocked(grant_id: uint256, upto: uint256) -> uint256:
    total: uint256 = 0
    for index: uint256 in range(min(upto, len(self.terms_of[grant_id].milestones)), bound=16):
        total += self.terms_of[grant_id].milestones[index].compute_unlocked
    return total


@external
@view
def compute_caps(grant_id: uint256) -> (uint256, uint256):
    return self.terms_of[grant_id].max_price_per_gpu_hour, self.terms_of[grant_id].max_compute_per_day


@external
@view
def carbon_budget_grams(grant_id: uint256) -> uint256:
    return self.terms_of[grant_id].carbon_budget_grams


@external
@view
def split(grant_id: uint256) -> DynArray[ITrainingGrants.Share, 8]:
    return self.terms_of[grant_id].split


@external
@view
def max_owed_bps(grant_id: uint256) -> uint256:
    return self.terms_of[grant_id].max_owed_bps


# --- internals ---


@internal
@view
def _check_links(terms: IGrantApplications.GrantTerms):
    """
    @dev All that other contracts have to be asked for.
    """
    assert staticcall TREASURY.is_accepted(terms.asset), "asset is not accepted"
    purposes: uint256 = staticcall TREASURY.purpose_count()
    assert terms.purpose > 0 and terms.purpose <= purposes, "no such purpose"
    # Whoever creates a campaign publishes its drops: one that does not exist yet could become anybody's.
    campaigns: uint256 = staticcall REWARDS.campaign_count()
    for share: ITrainingGrants.Share in terms.split:
        assert share.campaign_id <= campaigns, "no such campaign"


@internal
@view
def _check_milestone(grant_id: uint256, milestone: uint256):
    count: uint256 = len(self.terms_of[grant_id].milestones)
    assert milestone > 0 and milestone <= count, "no such milestone"

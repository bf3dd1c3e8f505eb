# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Requirements
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a submission has to name: an energy report, a model, a score, as its terms say.
@dev No state. Everything is looked at when work is submitted and never again, so that the time of an acceptance
     follows from the review alone. Who learns later that a report or a claim is false objects.
"""

from ethereum.ercs import IERC721

from interfaces import IComputeEscrow
from interfaces import IEnergyLedger
from interfaces import IEvaluations
from interfaces import IGrantApplications
from interfaces import IModelRegistry

COMPUTE_ESCROW: public(immutable(IComputeEscrow))
ENERGY_LEDGER: public(immutable(IEnergyLedger))
EVALUATIONS: public(immutable(IEvaluations))


@deploy
def __init__(compute_escrow: address, energy_ledger: address, evaluations: address):
    assert compute_escrow != empty(address), "compute escrow is zero"
    assert energy_ledger != empty(address), "energy ledger is zero"
    assert evaluations != empty(address), "evaluations is zero"
    COMPUTE_ESCROW = IComputeEscrow(compute_escrow)
    ENERGY_LEDGER = IEnergyLedger(energy_ledger)
    EVALUATIONS = IEvaluations(evaluations)


@internal
@view
def _check_report(grant_id: uint256, milestone: uint256, phase: IEnergyLedger.Phase, report_id: uint256) -> bool:
    """
    @dev Returns whether the report is challenged. One that is named has to fit, also where none is asked for; then it
         is about training.
    """
    if report_id == 0:
        assert phase == empty(IEnergyLedger.Phase), "energy report is missing"
        return False
    wanted: IEnergyLedger.Phase = phase
    if wanted == empty(IEnergyLedger.Phase):
        wanted = IEnergyLedger.Phase.TRAINING
    assert staticcall ENERGY_LEDGER.is_valid_for(report_id, grant_id, milestone, wanted), "energy report is not valid"
    return staticcall ENERGY_LEDGER.is_challenged(report_id)


@internal
@view
def _check_model(
    grant_id: uint256,
    is_required: bool,
    weights_digest: bytes32,
    model_id: uint256,
    owner: address,
    builder: address,
):
    """
    @dev A model that is named has to fit, also where none is asked for.
    """
    if model_id == 0:
        assert not is_required, "model is missing"
        return
    registry: IModelRegistry = IModelRegistry(staticcall ENERGY_LEDGER.registry())
    found: IModelRegistry.Model = staticcall registry.model(model_id)
    assert (
        found.grant_id == grant_id
        and found.weights_digest == weights_digest
        and staticcall IERC721(registry.address).ownerOf(model_id) == owner
        # Ids of an earlier TrainingGrants mean other grants: the registry lets builders report under its own one only.
        and builder != owner
        and staticcall registry.may_report_energy(model_id, builder)
    ), "model is not the grant's"


@internal
@view
def _check_score(
    terms: IGrantApplications.MilestoneTerms,
    weights_digest: bytes32,
    claim_id: uint256,
    builder: address,
    applicant: address,
):
    """
    @dev For milestones that ask for a score. `applicant`, who applied for the grant, may have handed it to another
         account of its own.
    """
    assert staticcall EVALUATIONS.meets(
        claim_id, weights_digest, terms.benchmark_id, terms.required_score, builder, applicant
    ), "score is not met"


@internal
@view
def _is_over_budget(grant_id: uint256, carbon_budget_grams: uint256) -> bool:
    """
    @dev By the larger of what was reported for training and what the compute drawn emits by its offers.
    """
    if carbon_budget_grams == 0:
        return False
    reported: uint256 = (
        staticcall ENERGY_LEDGER.footprint(
            IEnergyLedger.SubjectKind.MILESTONE, grant_id, IEnergyLedger.Phase.TRAINING
        )
    ).emissions_grams
    drawn: uint256 = staticcall COMPUTE_ESCROW.carbon_grams(grant_id)
    return max(reported, drawn) > carbon_budget_grams

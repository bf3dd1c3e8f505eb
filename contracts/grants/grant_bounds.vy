# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Grant bounds
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What the terms of a grant must keep to, as far as no other contract has to be asked.
@dev No state. Each bound gives the holders time or leaves them money: docs/decisions/grants.md says how they were
     chosen.
"""

from contracts.common import shares
from interfaces import IEnergyLedger
from interfaces import IGrantApplications

# Five years: longer than any training programme, short enough that no promise is for ever.
MAX_DUE_SECONDS: constant(uint256) = 5 * 365 * 86_400
# A vote of an ordinary proposal, by parameters/mainnet.yaml 16 days, fits between two milestones and a review.
MIN_SPACING_SECONDS: constant(uint256) = 14 * 86_400
MAX_STREAM_SECONDS: constant(uint256) = 2 * 365 * 86_400
# What is earned and what is reserved has to fit its packed word, or nothing of the grant could be written any more.
MAX_TOTAL: constant(uint256) = 2**100 - 1
# Of the whole grant: the most that one milestone pays, the most that one unlocks, and the least bond.
MAX_PART: constant(uint256) = 3
MIN_BOND_PART: constant(uint256) = 10
# The fewest days in which all compute can be spent: no lease, however steep, is cash. MPT-7B took 9.5.
MIN_COMPUTE_DAYS: constant(uint256) = 7
# What the first milestone may unlock of all compute beyond the bond.
FIRST_COMPUTE_BPS: constant(uint256) = 1_500
BPS: constant(uint256) = 10_000
# What LineageRules lets a model owe at most.
MAX_OWED_BPS: constant(uint256) = 5_000
# Of all milestones: the least that the last one pays, so that a builder has something left to finish for.
MIN_LAST_PART: constant(uint256) = 10


@internal
@pure
def _check(
    terms: IGrantApplications.GrantTerms, is_training: bool, milestones_total: uint256, compute_budget: uint256
):
    assert self._is_single(convert(terms.kind, uint256)), "unknown grant kind"
    assert terms.terms_hash != empty(bytes32), "terms hash is empty"
    assert len(terms.milestones) > 0, "no milestones"
    total: uint256 = milestones_total + compute_budget
    assert total <= MAX_TOTAL, "amount is too large"
    # The first one may be submitted MIN_SPACING_SECONDS after the approval, and has as long for it.
    due_seconds: uint256 = MIN_SPACING_SECONDS
    last_amount: uint256 = 0
    names_model: bool = False
    for milestone: IGrantApplications.MilestoneTerms in terms.milestones:
        assert milestone.amount > 0, "amount is zero"
        assert milestone.due_seconds >= due_seconds + MIN_SPACING_SECONDS, "milestones are too close"
        assert milestone.stream_seconds <= MAX_STREAM_SECONDS, "stream is too long"
        phase: uint256 = convert(milestone.energy_phase, uint256)
        assert phase == 0 or self._is_single(phase), "unknown phase"
        assert milestone.amount * MAX_PART <= total, "milestone is above a third"
        assert milestone.compute_unlocked * MAX_PART <= total, "compute is above a third"
        assert is_training or not milestone.model_required, "only training makes a model"
        due_seconds = milestone.due_seconds
        last_amount = milestone.amount
        names_model = milestone.model_required
    assert due_seconds <= MAX_DUE_SECONDS, "due date is too far"
    # Whoever pays for a training owns what came of it.
    assert names_model or not is_training, "training ends with a model"
    assert last_amount * MIN_LAST_PART >= milestones_total, "last milestone is too small"
    assert terms.bond * MIN_BOND_PART >= total, "bond is below a tenth"
    if compute_budget > 0:
        assert terms.max_price_per_gpu_hour > 0 and terms.max_compute_per_day > 0, "compute has no caps"
        assert terms.max_compute_per_day * MIN_COMPUTE_DAYS <= compute_budget, "compute is too fast"
    # Before anything is accepted a builder that leases from itself gains this part of the compute and no more.
    first_unlocked: uint256 = terms.milestones[0].compute_unlocked
    assert first_unlocked <= terms.bond + compute_budget * FIRST_COMPUTE_BPS // BPS, "first compute is too large"
    if is_training:
        assert len(terms.split) > 0, "training needs a split"
        shares._check_split(terms.split, 1)
    else:
        assert len(terms.split) == 0, "only training has a split"
    assert terms.max_owed_bps <= MAX_OWED_BPS, "owed share is too high"


@internal
@pure
def _is_single(bits: uint256) -> bool:
    """
    @dev A flag's value may combine members or be empty; whether it is exactly one.
    """
    return bits != 0 and bits & (bits - 1) == 0

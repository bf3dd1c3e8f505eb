"""What a schema cannot say of a scenario: names, shares, and what the contracts would refuse."""

from pathlib import Path

from eth_utils import keccak

from flywheel import amounts, documents
from flywheel.energy.figures import Phase
from flywheel.errors import fix
from flywheel.grants import grant_terms
from flywheel.grants.grant_terms import DAY, Share
from flywheel.states import GrantKind, ReceiverKind
from flywheel.story.parts import Job, Scenario, Serving

SUBMIT_BEFORE_DUE = 5 * DAY


def refuse(scenario: Scenario, path: Path) -> None:
    """Raises `FlywheelError` with the line, or the section, of what cannot be played."""
    _check_first_round(scenario, path)
    _check_names(scenario, str(path))
    _check_providers(scenario, str(path))
    for job in scenario.jobs:
        _check_grant(scenario, job, path)
    if scenario.serving is not None:
        _check_serving(scenario, scenario.serving, path)


def _check_first_round(scenario: Scenario, path: Path) -> None:
    """Raises `FlywheelError` with the line for terms of the first round that cannot be played."""
    first, place = scenario.suite.genesis_round, ["suite", "genesis_round"]
    if any(first.allow_list_root):
        raise documents.misfit(
            path,
            [*place, "allow_list_root"],
            "the root depends on where a story deploys: write 'allow_list: supporters' instead",
        )
    if first.vesting_seconds and scenario.grant:
        raise documents.misfit(
            path,
            [*place, "vesting"],
            "a story with vesting ends with its claims: leave grant out, or vesting",
        )


def _check_names(scenario: Scenario, origin: str) -> None:
    everybody = scenario.names
    twice = sorted({name for name in everybody if everybody.count(name) > 1})
    if twice:
        raise fix(f"{origin}: the name '{twice[0]}' is used twice", "Give everybody a name")
    grant = scenario.grant
    if grant is None:
        return
    if grant.treasury_bps + grant.builder_bps + grant.dataset_bps != amounts.BPS:
        raise fix(f"{origin}: grant.split does not sum to 10000", "Make its parts sum to 10000")
    if grant.dataset_bps and scenario.dataset is None:
        raise fix(
            f"{origin}: grant.split pays a dataset, but there is no dataset section",
            "Add the section, or set dataset_bps to 0",
        )
    percents = [milestone.compute_percent for milestone in grant.milestones]
    if percents != sorted(percents):
        raise fix(
            f"{origin}: grant.milestones compute_percent falls", "Write cumulative percentages"
        )


def _check_providers(scenario: Scenario, origin: str) -> None:
    known = {item.name for item in scenario.providers}
    for item in scenario.providers:
        if (item.dies_at_percent is None) != (not item.replaced_by):
            raise fix(
                f"{origin}: {item.name} has only one of dies_at_percent and replaced_by",
                "Give both, or neither",
            )
        if item.replaced_by and item.replaced_by not in known - {item.name}:
            raise fix(
                f"{origin}: no other provider is called '{item.replaced_by}'",
                "Name one of the section providers",
            )


# --- grants ---


def terms_of(
    scenario: Scenario, job: Job, builder: str, campaign_id: int
) -> grant_terms.GrantTerms:
    """What the builder of a story applies with: the last milestone of a training has its model."""
    grant = job.grant
    is_training = job.kind == GrantKind.TRAINING
    phase = Phase.TRAINING if is_training else Phase.SERVING
    shares = (
        Share(ReceiverKind.TREASURY, grant.treasury_bps),
        Share(ReceiverKind.ACCOUNT, grant.builder_bps, account=builder),
        Share(ReceiverKind.CAMPAIGN, grant.dataset_bps, campaign_id=campaign_id),
    )
    return grant_terms.GrantTerms(
        kind=job.kind,
        purpose=scenario.suite.genesis_round.purpose,
        bond=grant.bond,
        carbon_budget_grams=grant.carbon_budget_grams,
        max_price_per_gpu_hour=grant.max_price_per_gpu_hour,
        max_compute_per_day=grant.max_compute_per_day,
        milestones=tuple(
            grant_terms.MilestoneTerms(
                title=item.title,
                amount=item.amount,
                due_seconds=item.due_seconds,
                stream_seconds=item.stream_seconds,
                compute_unlocked=item.compute_unlocked,
                energy_phase=phase if item.energy_report else grant_terms.NO_PHASE,
                model_required=is_training and item is grant.milestones[-1],
            )
            for item in grant.milestones
        ),
        split=tuple(share for share in shares if share.bps),
        max_owed_bps=scenario.base.share_bps if scenario.base and is_training else 0,
        terms_hash=bytes(keccak(text=grant.terms_uri)),
        terms_uri=grant.terms_uri,
    )


def _place(job: Job) -> list[str | int]:
    return ["grant"] if job.kind == GrantKind.TRAINING else ["serving", "grant"]


def _check_grant(scenario: Scenario, job: Job, path: Path) -> None:
    """Raises `FlywheelError` with the line of what the contracts would refuse of the grant, and of
    compute that a milestone does not unlock."""
    grant = job.grant
    terms = terms_of(scenario, job, grant_terms.ZERO_ADDRESS, 1)
    faults = grant_terms.faults(terms, scenario.money)
    documents.refuse(path, (([*_place(job), *item.where], item.reason) for item in faults))
    costs = [
        sum(
            item.price_per_gpu_hour * item.gpu_hours * milestone.compute_percent // 100
            for item in job.providers
        )
        for milestone in grant.milestones
    ]
    _check_unlocked(scenario, job, costs, path)
    if grant.stops_after >= len(grant.milestones):
        raise documents.misfit(
            path, [*_place(job), "stops_after"], "there is no milestone after it"
        )


def _check_serving(scenario: Scenario, serving: Serving, path: Path) -> None:
    """A model that is served is there, and each milestone unlocks the machines of its time."""
    if scenario.grant is None or scenario.grant.stops_after:
        raise documents.misfit(path, ["serving"], "there is no model without a grant that ends")
    a_day = sum(24 * item.gpus * item.price_per_gpu_hour for item in serving.job.providers)
    review = scenario.suite.review_seconds
    until = [item.due_seconds - SUBMIT_BEFORE_DUE + review for item in serving.job.grant.milestones]
    costs = [a_day * seconds // DAY for seconds in until]
    _check_unlocked(scenario, serving.job, costs, path)


def _check_unlocked(scenario: Scenario, job: Job, costs: list[int], path: Path) -> None:
    """`costs`: of all compute up to each milestone."""
    unlocked = 0
    for index, (milestone, cost) in enumerate(zip(job.grant.milestones, costs, strict=True)):
        unlocked += milestone.compute_unlocked
        if cost > unlocked:
            where: list[str | int] = [*_place(job), "milestones", index, "compute"]
            told = scenario.money(cost)
            why = f"the GPU-hours up to it cost more than is unlocked: {told}"
            raise documents.misfit(path, where, why)

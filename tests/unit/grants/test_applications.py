"""GrantApplications: what may be applied for, each bound from both sides, and what is kept."""

import boa
import pytest
from eth_abi import encode
from eth_utils import keccak

from tests import support
from tests.kits.evaluations import make_benchmark
from tests.kits.grants import (
    AMOUNTS,
    BOND,
    CAMPAIGNS,
    COMPUTE_BUDGET,
    COMPUTE_DAYS,
    DATA,
    DUES,
    EVALUATION,
    GRANTS_PURPOSE,
    MAX_PER_DAY,
    MAX_TOTAL,
    PHASE_NONE,
    PHASE_SERVING,
    PHASE_TRAINING,
    SERVING,
    SPACING_SECONDS,
    TO_ACCOUNT,
    TO_CAMPAIGN,
    TO_TREASURY,
    TRAINING,
    TREASURY_FUNDS,
    UNLOCKED,
    USDC,
    logged,
    make_terms,
    milestone_terms,
)
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, reverts_silently

SPACING = SPACING_SECONDS
TERMS_TYPE = (
    "(uint256,address,address,uint256,uint256,uint256,uint256,uint256,"
    "(uint256,uint256,uint256,uint256,uint256,bool,uint256,int256,bytes32)[],"
    "(uint256,address,uint256,uint256)[],uint256,bytes32,string)"
)
MAX_DUE_SECONDS = 5 * 365 * DAY
MAX_STREAM_SECONDS = 2 * 365 * DAY
TREASURY_ONLY = [(TO_TREASURY, ZERO_ADDRESS, 0, 10_000)]


def plain(amounts, unlocked=(), **changes) -> dict:
    """Terms of a DATA grant as close together as may be, with the smallest bond."""
    unlocked = (*unlocked, *[0] * (len(amounts) - len(unlocked)))
    milestones = [
        milestone_terms(amount, SPACING * (index + 2), compute_unlocked=compute)
        for index, (amount, compute) in enumerate(zip(amounts, unlocked, strict=True))
    ]
    bond = -(-(sum(amounts) + sum(unlocked)) // 10)
    return {"kind": DATA, "split": [], "milestones": milestones, "bond": bond, **changes}


def first_with(**changes) -> dict:
    """`plain` terms whose first milestone differs."""
    terms = plain((30, 30, 30))
    terms["milestones"][0] = milestone_terms(30, **{"due_seconds": 2 * SPACING, **changes})
    return terms


# --- what is kept ---


def test_apply__valid_terms__stored_and_logged(world):
    terms = make_terms(world.builder, world.asset.address)
    grant_id = world.applications.apply(terms, sender=world.builder)
    assert logged(world.applications) == [
        (
            "GrantApplied",
            {
                "grant_id": grant_id,
                "recipient": world.builder,
                "terms_hash": world.applications.terms_hash(grant_id),
                "terms": terms,
            },
        )
    ]
    assert grant_id == world.applications.application_count() == 1
    assert world.applications.terms(grant_id) == terms
    assert world.applications.split(grant_id) == terms[9]
    told = world.applications.application(grant_id)
    assert told._asdict() == {
        "kind": TRAINING,
        "recipient": world.builder,
        "asset": world.asset.address,
        "purpose": GRANTS_PURPOSE,
        "applied_at": support.now(),
        "milestone_count": 3,
        "milestones_total": sum(AMOUNTS),
        "compute_budget": COMPUTE_BUDGET,
        "bond": BOND,
        "terms_hash": world.applications.terms_hash(grant_id),
    }
    assert world.free() == TREASURY_FUNDS


def test_apply__ids__count_up_from_one(world):
    assert [world.apply(), world.apply()] == [1, 2]
    assert world.applications.terms_hash(1) != world.applications.terms_hash(2)


def test_terms_hash__is__hash_of_chain_contract_id_and_terms(world):
    terms = make_terms(world.builder, world.asset.address)
    grant_id = world.applications.apply(terms, sender=world.builder)
    encoded = encode(
        ["uint256", "address", "uint256", TERMS_TYPE],
        [boa.env.evm.chain.chain_id, world.applications.address, grant_id, terms],
    )
    assert world.applications.terms_hash(grant_id) == keccak(encoded)


def test_terms__of_each_milestone__as_applied_for(world, application):
    terms = world.applications.terms(application)
    for number in (1, 2, 3):
        assert (
            world.applications.milestone_terms(application, number) == terms.milestones[number - 1]
        )
        assert world.applications.schedule(application, number)._asdict() == {
            "amount": AMOUNTS[number - 1],
            "due_seconds": DUES[number - 1],
            "stream_seconds": 0,
        }
    unlocked = [world.applications.compute_unlocked(application, upto) for upto in range(4)]
    assert unlocked == [sum(UNLOCKED[:upto]) for upto in range(4)]
    # Beyond the last milestone there is no more.
    for upto in (4, 16, 17, 1_000, MAX_UINT):
        assert world.applications.compute_unlocked(application, upto) == COMPUTE_BUDGET
    assert world.applications.compute_caps(application) == (2 * USDC, MAX_PER_DAY)


def test_schedule__with_a_stream__tells_it(world):
    grant_id = world.apply(**first_with(stream_seconds=77), carbon_budget_grams=5)
    assert world.applications.schedule(grant_id, 1).stream_seconds == 77
    assert world.applications.carbon_budget_grams(grant_id) == 5


@pytest.mark.parametrize("function", ["milestone_terms", "schedule"])
def test_milestone__number_out_of_range__reverts(world, application, function):
    for grant_id, number in ((application, 0), (application, 4), (0, 1), (application + 1, 1)):
        with boa.reverts("no such milestone"):
            getattr(world.applications, function)(grant_id, number)


def test_views__unknown_application__are_empty(world, application):
    for unknown in (0, application + 1):
        assert world.applications.application(unknown) == (
            *(0, ZERO_ADDRESS, ZERO_ADDRESS, 0, 0, 0, 0, 0, 0, b"\0" * 32),
        )
        assert world.applications.terms(unknown).milestones == []
        assert world.applications.terms_hash(unknown) == b"\0" * 32
        assert world.applications.split(unknown) == []
        assert world.applications.carbon_budget_grams(unknown) == 0
        assert world.applications.compute_caps(unknown) == (0, 0)
        for upto in (0, 1, MAX_UINT):
            assert world.applications.compute_unlocked(unknown, upto) == 0


@pytest.mark.parametrize("kind", [TRAINING, DATA, EVALUATION, SERVING])
def test_apply__each_kind__accepted(world, kind):
    terms = {"kind": kind}
    if kind != TRAINING:
        terms |= {"milestones": plain((30, 30, 30))["milestones"]}
    grant_id = world.apply(**terms)
    assert world.applications.application(grant_id).kind == kind


def test_apply__largest_terms__accepted(world):
    milestones = [milestone_terms(10, (i + 1) * MAX_DUE_SECONDS // 16) for i in range(15)]
    milestones.append(milestone_terms(20, MAX_DUE_SECONDS, model_required=True))
    split = [(TO_CAMPAIGN, ZERO_ADDRESS, i + 1, 1_250) for i in range(CAMPAIGNS)]
    grant_id = world.apply(milestones=milestones, split=split, terms_uri="u" * 128)
    assert world.applications.application(grant_id).milestone_count == 16
    assert world.applications.split(grant_id) == split
    assert world.applications.milestone_terms(grant_id, 16) == milestones[15]


# --- who, and what for ---


@pytest.mark.parametrize("role", ["owner", "guardian", "stranger"])
def test_apply__for_somebody_else__reverts(world, role):
    terms = make_terms(world.builder, world.asset.address)
    with boa.reverts("caller is not the recipient"):
        world.applications.apply(terms, sender=getattr(world, role))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": 0}, "unknown grant kind"),
        ({"kind": DATA | SERVING}, "unknown grant kind"),
        ({"asset": ZERO_ADDRESS}, "asset is not accepted"),
        ({"purpose": 0}, "no such purpose"),
        ({"purpose": 3}, "no such purpose"),
        ({"terms_hash": b"\x00" * 32}, "terms hash is empty"),
        ({"milestones": []}, "no milestones"),
    ],
)
def test_apply__bad_terms__reverts(world, changes, reason):
    with boa.reverts(reason):
        world.apply(**{**plain((30, 30, 30)), **changes})


def test_apply__unknown_kind_made_of_training__needs_a_kind_of_its_own(world):
    with boa.reverts("unknown grant kind"):
        world.apply(kind=TRAINING | DATA)


@pytest.mark.parametrize(
    ("split", "reason"),
    [
        ([(TO_CAMPAIGN, ZERO_ADDRESS, CAMPAIGNS + 1, 10_000)], "no such campaign"),
        ([(TO_TREASURY, ZERO_ADDRESS, 0, 9_999)], "split does not sum to 10000 bps"),
        ([*TREASURY_ONLY, (TO_CAMPAIGN, ZERO_ADDRESS, 1, 0)], "share is out of range"),
        ([(TO_TREASURY, ZERO_ADDRESS, 0, 10_001)], "share is out of range"),
        ([(0, ZERO_ADDRESS, 0, 10_000)], "share receiver is wrong"),
        ([(TO_ACCOUNT, ZERO_ADDRESS, 0, 10_000)], "share receiver is wrong"),
        ([(TO_CAMPAIGN, ZERO_ADDRESS, 0, 10_000)], "share receiver is wrong"),
        ([(TO_TREASURY, ZERO_ADDRESS, 1, 10_000)], "share receiver is wrong"),
        ([(TO_TREASURY, ZERO_ADDRESS, 0, 5_000)] * 2, "share receiver is repeated"),
        ([], "training needs a split"),
    ],
)
def test_apply__bad_split__reverts(world, split, reason):
    with boa.reverts(reason):
        world.apply(split=split)


@pytest.mark.parametrize("kind", [DATA, EVALUATION, SERVING])
def test_apply__split_of_another_kind__reverts(world, kind):
    """The registry registers models under a grant that has a split, and only a training has one."""
    with boa.reverts("only training has a split"):
        world.apply(**{**plain((30, 30, 30), kind=kind), "split": TREASURY_ONLY})
    grant_id = world.apply(**plain((30, 30, 30), kind=kind))
    assert world.applications.split(grant_id) == []


def test_apply__what_ancestors_may_get__is_half_at_most(world):
    with boa.reverts("owed share is too high"):
        world.apply(max_owed_bps=5_001)
    grant_id = world.apply(max_owed_bps=5_000)
    assert world.applications.max_owed_bps(grant_id) == 5_000
    assert world.applications.max_owed_bps(world.apply()) == 0
    assert world.applications.max_owed_bps(99) == 0


# --- bounds, each from both sides ---


def test_apply__amount__above_zero(world):
    with boa.reverts("amount is zero"):
        world.apply(**plain((30, 0, 30, 30)))
    # The smallest of all grants.
    world.apply(**plain((1, 1, 1)))


@pytest.mark.parametrize("part", [0, 1, 2])
def test_apply__milestone__is_a_third_at_most(world, part):
    world.apply(**plain((30, 30, 30)))
    amounts = [30, 30, 30]
    amounts[part] += 1
    amounts[part - 1] -= 1
    with boa.reverts("milestone is above a third"):
        world.apply(**plain(amounts))


def test_apply__milestone__is_a_third_of_milestones_and_compute(world):
    world.apply(**plain((30, 30), (10, 20)))
    with boa.reverts("milestone is above a third"):
        world.apply(**plain((30, 30), (10, 19)))


@pytest.mark.parametrize("step", [0, 1])
def test_apply__compute_of_one_milestone__is_a_third_at_most(world, step):
    unlocked = [0, 0, 0]
    unlocked[step] = 30
    world.apply(**plain((20, 20, 20), unlocked, bond=40))
    unlocked[step] = 31
    with boa.reverts("compute is above a third"):
        world.apply(**plain((20, 20, 20), unlocked, bond=40))


@pytest.mark.parametrize("count", [1, 2])
def test_apply__too_few_steps__cannot_keep_to_the_thirds(world, count):
    with boa.reverts("milestone is above a third"):
        world.apply(**plain((30,) * count))
    if count == 1:
        with boa.reverts("milestone is above a third"):
            world.apply(**plain((30,), (30,)))


def test_apply__last_milestone__is_a_tenth_of_all_milestones_at_least(world):
    world.apply(**plain((30, 30, 30, 10)))
    with boa.reverts("last milestone is too small"):
        world.apply(**plain((30, 30, 31, 9)))
    # Of the milestones alone, whatever is paid for compute.
    world.apply(**plain((30, 30, 30, 10), (20, 50, 30)))


@pytest.mark.parametrize(("amounts", "bond"), [((30, 30, 30), 9), ((30, 30, 30, 1 + 10), 11)])
def test_apply__bond__is_a_tenth_at_least_rounded_up(world, amounts, bond):
    world.apply(**plain(amounts, bond=bond))
    with boa.reverts("bond is below a tenth"):
        world.apply(**plain(amounts, bond=bond - 1))


def test_apply__bond__is_of_compute_too(world):
    world.apply(**plain((20, 20, 20), (0, 30), bond=9))
    with boa.reverts("bond is below a tenth"):
        world.apply(**plain((20, 20, 20), (0, 30), bond=8))


def test_apply__first_due__twice_the_spacing_after_the_approval(world):
    """So that the first milestone, too, may be submitted for two weeks at least."""
    world.apply(**first_with(due_seconds=2 * SPACING))
    for due_seconds in (0, SPACING, 2 * SPACING - 1):
        with boa.reverts("milestones are too close"):
            world.apply(**first_with(due_seconds=due_seconds))


def test_apply__later_due__after_the_spacing(world):
    terms = plain((30, 30, 30))
    world.apply(**terms)
    terms["milestones"][2] = milestone_terms(30, 4 * SPACING - 1)
    with boa.reverts("milestones are too close"):
        world.apply(**terms)


def test_apply__last_due__within_five_years(world):
    terms = plain((30, 30, 30))
    for due_seconds, reason in (
        (MAX_DUE_SECONDS, None),
        (MAX_DUE_SECONDS + 1, "due date is too far"),
    ):
        terms["milestones"][2] = milestone_terms(30, due_seconds)
        if reason is None:
            world.apply(**terms)
        else:
            with boa.reverts(reason):
                world.apply(**terms)


def test_apply__stream__within_two_years(world):
    world.apply(**first_with(stream_seconds=MAX_STREAM_SECONDS))
    with boa.reverts("stream is too long"):
        world.apply(**first_with(stream_seconds=MAX_STREAM_SECONDS + 1))


@pytest.mark.parametrize("phase", [PHASE_NONE, PHASE_TRAINING, PHASE_SERVING])
def test_apply__each_phase__accepted(world, phase):
    world.apply(**first_with(energy_phase=phase))


def test_apply__two_phases_at_once__reverts(world):
    with boa.reverts("unknown phase"):
        world.apply(**first_with(energy_phase=PHASE_TRAINING | PHASE_SERVING))


@pytest.mark.parametrize("kind", [DATA, EVALUATION, SERVING])
def test_apply__model_of_another_kind__reverts(world, kind):
    terms = first_with(model_required=True)
    with boa.reverts("only training makes a model"):
        world.apply(**{**terms, "kind": kind})


def test_apply__training__ends_with_a_model(world):
    terms = plain((30, 30, 30), kind=TRAINING, split=TREASURY_ONLY)
    with boa.reverts("training ends with a model"):
        world.apply(**terms)
    # One in between does not do.
    terms["milestones"][1] = milestone_terms(30, 3 * SPACING, model_required=True)
    with boa.reverts("training ends with a model"):
        world.apply(**terms)
    terms["milestones"][2] = milestone_terms(30, 4 * SPACING, model_required=True)
    world.apply(**terms)


def test_apply__benchmark__has_to_exist(world):
    with boa.reverts("no such benchmark"):
        world.apply(**first_with(benchmark_id=1, required_score=-5))
    world.evaluations.add_benchmark(make_benchmark(), sender=world.owner)
    grant_id = world.apply(**first_with(benchmark_id=1, required_score=-5))
    assert world.applications.milestone_terms(grant_id, 1).required_score == -5
    with boa.reverts("no such benchmark"):
        world.apply(**first_with(benchmark_id=2))


@pytest.mark.parametrize("cap", ["max_price_per_gpu_hour", "max_compute_per_day"])
def test_apply__compute__needs_both_caps(world, cap):
    with boa.reverts("compute has no caps"):
        world.apply(**{cap: 0})
    world.apply(**{cap: 1})
    world.apply(**plain((30, 30, 30), max_price_per_gpu_hour=0, max_compute_per_day=0))


@pytest.mark.parametrize("budget", [COMPUTE_DAYS, 30, 10 * USDC + 13])
def test_apply__compute_of_a_day__is_a_seventh_of_all_at_most(world, budget):
    """Of what all milestones unlock together, rounded down."""
    terms = plain((budget, budget, budget), (budget // 2, budget - budget // 2))
    most = budget // COMPUTE_DAYS
    world.apply(**terms, max_compute_per_day=most)
    with boa.reverts("compute is too fast"):
        world.apply(**terms, max_compute_per_day=most + 1)


def test_apply__too_little_compute_for_a_day__cannot_be_asked_for(world):
    with boa.reverts("compute is too fast"):
        world.apply(**plain((30, 30, 30), (COMPUTE_DAYS - 1,), max_compute_per_day=1))


@pytest.mark.parametrize(("bond", "most"), [(9, 9 + 6), (20, 20 + 6)])
def test_apply__first_compute__is_the_bond_and_a_part_at_most(world, bond, most):
    """15 % of all compute, rounded down: what a builder that leaves has gained."""
    world.apply(**plain((20, 20, 10), (most, 40 - most), bond=bond))
    with boa.reverts("first compute is too large"):
        world.apply(**plain((20, 20, 10), (most + 1, 40 - most - 1), bond=bond))


def test_apply__no_compute__leaves_the_day_alone(world):
    world.apply(
        **plain((30, 30, 30), max_compute_per_day=MAX_UINT, max_price_per_gpu_hour=MAX_UINT)
    )


@pytest.mark.parametrize("compute", [0, MAX_TOTAL // 4])
def test_apply__amounts__fit_a_hundred_bits_in_all(world, compute):
    """What milestones and compute add up to; nothing of the grant could be written above."""
    part, rest = divmod(MAX_TOTAL - compute, 4)
    amounts = (part, part + rest, part, part)
    grant_id = world.apply(**plain(amounts, (0, compute)))
    told = world.applications.application(grant_id)
    assert told.milestones_total + told.compute_budget == MAX_TOTAL
    with boa.reverts("amount is too large"):
        world.apply(**plain((part + 1, *amounts[1:]), (0, compute)))


def test_apply__amounts_overflow__reverts(world):
    with reverts_silently():
        world.apply(**plain((MAX_UINT, 1, 1), bond=MAX_UINT))


# --- pause and wiring ---


def test_pause__stops_apply_only(world, application, grant_id):
    world.ready(grant_id)
    world.applications.pause(sender=world.guardian)
    with boa.reverts("paused"):
        world.apply()
    # What a vote approves and what runs goes on: its operation would expire in a pause.
    world.approve(application)
    world.post_bond(application)
    world.submit(grant_id)
    world.applications.unpause(sender=world.owner)
    world.apply()


def test_constructor__zero_addresses__refused(world):
    good = [world.treasury, world.evaluations, world.rewards]
    reasons = ("treasury is zero", "evaluations is zero", "rewards is zero")
    for index, reason in enumerate(reasons):
        with boa.reverts(reason):
            support.deploy("GrantApplications", *good[:index], ZERO_ADDRESS, *good[index + 1 :])
    assert world.applications.TREASURY() == world.treasury.address
    assert world.applications.EVALUATIONS() == world.evaluations.address
    assert world.applications.REWARDS() == world.rewards.address

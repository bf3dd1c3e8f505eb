"""TrainingGrants: applications, their approval, and the policy that new grants get."""

import boa
import pytest
from eth_abi import encode
from eth_utils import keccak

from tests import support
from tests.kits.grants import (
    ACTIVE,
    AMOUNTS,
    APPLICATION_SECONDS,
    APPLIED,
    CAMPAIGNS,
    CANCELLED,
    COMPLETED,
    COMPUTE_BUDGET,
    DATA,
    DUES,
    EVALUATION,
    GRACE_SECONDS,
    GRANTS_PURPOSE,
    LAPSED,
    LOCKED,
    OBJECTION_BPS,
    PROMISED,
    REVIEW_SECONDS,
    SERVING,
    SUBMITTED,
    TERMINATED,
    TO_ACCOUNT,
    TO_CAMPAIGN,
    TO_TREASURY,
    TRAINING,
    TREASURY_FUNDS,
    logged,
    make_terms,
    milestone_terms,
)
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, reverts_silently

TERMS_TYPE = (
    "(uint256,address,address,uint256,uint256,(uint256,uint256,bool,bytes32)[],"
    "(uint256,address,uint256,uint256)[],bytes32,string)"
)
MAX_DUE_SECONDS = 5 * 365 * DAY


# --- apply ---


def test_apply__valid_terms__stored_and_logged(world):
    terms = make_terms(world.builder, world.asset.address)
    grant_id = world.grants.apply(terms, sender=world.builder)
    events = logged(world.grants)

    assert grant_id == world.grants.grant_count() == 1
    ((name, fields),) = events
    assert name == "GrantApplied"
    assert fields["grant_id"] == grant_id
    assert fields["recipient"] == world.builder
    assert fields["terms_hash"] == world.grants.terms_hash(grant_id)
    assert fields["terms"] == world.grants.terms(grant_id) == terms
    assert world.grants.state(grant_id) == APPLIED
    assert world.grants.recipient(grant_id) == world.builder
    assert world.grants.split(grant_id) == terms[6]
    assert world.grants.milestone_count(grant_id) == 3
    assert world.grants.commitment_id(grant_id) == 0
    assert world.free() == TREASURY_FUNDS
    assert world.grants.milestone(grant_id, 1) == (
        *(LOCKED, AMOUNTS[0], 0, 0, 0, 0, b"\x00" * 32, 0),
    )


def test_apply__ids__count_up_from_one(world):
    assert [world.apply(), world.apply()] == [1, 2]
    assert world.grants.terms_hash(1) != world.grants.terms_hash(2)


def test_terms_hash__is__hash_of_chain_contract_id_and_terms(world):
    terms = make_terms(world.builder, world.asset.address)
    grant_id = world.grants.apply(terms, sender=world.builder)
    encoded = encode(
        ["uint256", "address", "uint256", TERMS_TYPE],
        [boa.env.evm.chain.chain_id, world.grants.address, grant_id, terms],
    )
    assert world.grants.terms_hash(grant_id) == keccak(encoded)


@pytest.mark.parametrize("kind", [TRAINING, DATA, EVALUATION, SERVING])
def test_apply__each_kind__accepted(world, kind):
    assert world.grants.terms(world.apply(kind=kind)).kind == kind


def test_apply__largest_terms__accepted(world):
    milestones = [milestone_terms(1, (i + 1) * MAX_DUE_SECONDS // 16) for i in range(16)]
    split = [(TO_CAMPAIGN, ZERO_ADDRESS, i + 1, 1_250) for i in range(8)]
    grant_id = world.apply(milestones=milestones, split=split, terms_uri="u" * 128)
    assert world.grants.milestone_count(grant_id) == 16
    assert world.grants.split(grant_id) == split


def test_apply__no_split_and_no_compute__accepted(world):
    grant_id = world.apply(kind=DATA, split=[], compute_budget=0)
    assert world.grants.split(grant_id) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": 0}, "unknown grant kind"),
        ({"kind": TRAINING | DATA}, "unknown grant kind"),
        ({"asset": ZERO_ADDRESS}, "asset is not accepted"),
        ({"purpose": 0}, "no such purpose"),
        ({"purpose": 3}, "no such purpose"),
        ({"terms_hash": b"\x00" * 32}, "terms hash is empty"),
        ({"milestones": []}, "no milestones"),
        ({"milestones": [milestone_terms(0)]}, "amount is zero"),
        ({"milestones": [milestone_terms(due_seconds=0)]}, "due dates do not increase"),
        ({"milestones": [milestone_terms(), milestone_terms()]}, "due dates do not increase"),
        (
            {"milestones": [milestone_terms(due_seconds=MAX_DUE_SECONDS + 1)]},
            "due date is too far",
        ),
        ({"split": []}, "training needs a split"),
        ({"split": [(TO_CAMPAIGN, ZERO_ADDRESS, CAMPAIGNS + 1, 10_000)]}, "no such campaign"),
        ({"split": [(TO_TREASURY, ZERO_ADDRESS, 0, 9_999)]}, "split does not sum to 10000 bps"),
        (
            {"split": [(TO_TREASURY, ZERO_ADDRESS, 0, 10_000), (TO_CAMPAIGN, ZERO_ADDRESS, 1, 0)]},
            "share is out of range",
        ),
        ({"split": [(0, ZERO_ADDRESS, 0, 10_000)]}, "share receiver is wrong"),
        ({"split": [(TO_ACCOUNT, ZERO_ADDRESS, 0, 10_000)]}, "share receiver is wrong"),
        ({"split": [(TO_CAMPAIGN, ZERO_ADDRESS, 0, 10_000)]}, "share receiver is wrong"),
        ({"split": [(TO_TREASURY, ZERO_ADDRESS, 1, 10_000)]}, "share receiver is wrong"),
        ({"split": [(TO_TREASURY, ZERO_ADDRESS, 0, 5_000)] * 2}, "share receiver is repeated"),
    ],
)
def test_apply__bad_terms__reverts(world, changes, reason):
    with boa.reverts(reason):
        world.apply(**changes)


def test_apply__last_due_at_the_bound__accepted(world):
    world.apply(milestones=[milestone_terms(due_seconds=MAX_DUE_SECONDS)])


def test_approve__amounts_overflow__reverts(world):
    grant_id = world.apply(milestones=[milestone_terms(MAX_UINT, 1), milestone_terms(1, 2)])
    with reverts_silently():
        world.approve(grant_id)
    assert world.grants.state(grant_id) == APPLIED


def test_apply__for_somebody_else__reverts(world):
    with boa.reverts("caller is not the recipient"):
        world.grants.apply(make_terms(world.builder, world.asset.address), sender=world.stranger)


# --- approve ---


def test_approve__right_hash__money_is_committed(world, application):
    approved_at = support.now()
    world.approve(application)
    events = logged(world.grants)

    assert [name for name, _ in events] == [
        "GrantApproved",
        "Committed",
        "Committed",
        "BudgetOpened",
    ]
    assert events[0][1] == {
        "grant_id": application,
        "milestones_total": sum(AMOUNTS),
        "compute_budget": COMPUTE_BUDGET,
    }
    assert world.grants.state(application) == ACTIVE
    assert world.free() == TREASURY_FUNDS - PROMISED
    commitment = world.treasury.commitment(world.grants.commitment_id(application))
    assert commitment == (world.grants.address, GRANTS_PURPOSE, world.asset.address, sum(AMOUNTS))
    budget = world.escrow.budget(application)
    assert budget.total == COMPUTE_BUDGET
    assert budget.ends_at == approved_at + DUES[2] + GRACE_SECONDS
    assert [world.due_at(application, m) for m in (1, 2, 3)] == [approved_at + d for d in DUES]


def test_approve__no_compute__opens_no_budget(world):
    grant_id = world.active(compute_budget=0)
    assert [name for name, _ in logged(world.grants)] == ["GrantApproved", "Committed"]
    assert world.escrow.budget(grant_id).commitment_id == 0
    assert world.committed() == sum(AMOUNTS)


@pytest.mark.parametrize("role", ["builder", "guardian", "stranger"])
def test_approve__not_the_owner__reverts(world, application, role):
    terms_hash = world.grants.terms_hash(application)
    with boa.reverts("caller is not the owner"):
        world.grants.approve(application, terms_hash, sender=getattr(world, role))


def test_approve__hash_of_another_application__reverts(world, application):
    other = world.grants.terms_hash(world.apply())
    with boa.reverts("terms hash does not match"):
        world.grants.approve(application, other, sender=world.owner)


def test_approve__twice__reverts(world, grant_id):
    with boa.reverts("grant is not applied for"):
        world.approve(grant_id)


def test_approve__unknown_grant__reverts(world):
    for unknown in (0, 1):
        with boa.reverts("no such grant"):
            world.grants.approve(unknown, b"\x00" * 32, sender=world.owner)


def test_approve__last_second_before_it_lapses__works(world, application):
    support.pass_time(APPLICATION_SECONDS - 1)
    world.approve(application)
    assert world.grants.state(application) == ACTIVE


def test_approve__lapsed__reverts(world, application):
    support.pass_time(APPLICATION_SECONDS)
    assert world.grants.state(application) == LAPSED
    with boa.reverts("grant is not applied for"):
        world.approve(application)


# A quarter of what the purpose has free.
CAP = TREASURY_FUNDS // 4


@pytest.mark.parametrize("compute_budget", [0, 1, CAP - 1])
def test_approve__milestones_and_compute_at_the_cap__works(world, compute_budget):
    milestones = [milestone_terms(CAP - compute_budget)]
    grant_id = world.active(milestones=milestones, compute_budget=compute_budget)
    assert world.committed() == CAP == world.treasury.taken_lately(GRANTS_PURPOSE, world.asset)
    assert world.grants.state(grant_id) == ACTIVE


@pytest.mark.parametrize("compute_budget", [0, 1, CAP])
def test_approve__milestones_and_compute_above_the_cap__reverts_and_stays_applied(
    world, compute_budget
):
    milestones = [milestone_terms(CAP + 1 - compute_budget)]
    grant_id = world.apply(milestones=milestones, compute_budget=compute_budget)
    with boa.reverts("grant is above the cap"):
        world.approve(grant_id)
    assert (world.committed(), world.grants.state(grant_id)) == (0, APPLIED)
    # The same application passes by the other function.
    world.approve_beyond_cap(grant_id)
    assert (world.committed(), world.grants.state(grant_id)) == (CAP + 1, ACTIVE)


def test_approve__four_quarters_in_a_day__only_the_first(world):
    milestones = [milestone_terms(CAP)]
    grant_ids = [world.apply(milestones=milestones, compute_budget=0) for _ in range(4)]
    world.approve(grant_ids[0])
    for grant_id in grant_ids[1:]:
        with boa.reverts("grant is above the cap"):
            world.approve(grant_id)


def test_approve__ended_and_approved_again__counts_twice(world):
    """A grant that is ended gives its money back, and no cap."""
    milestones = [milestone_terms(CAP)]
    world.terminate(world.active(milestones=milestones, compute_budget=0))
    assert world.free() == TREASURY_FUNDS
    with boa.reverts("grant is above the cap"):
        world.active(milestones=milestones, compute_budget=0)


def test_approve_beyond_cap__all_that_is_free__does_what_approve_does(world):
    grant_id = world.apply(
        milestones=[milestone_terms(TREASURY_FUNDS - COMPUTE_BUDGET)], compute_budget=COMPUTE_BUDGET
    )
    approved_at = support.now()
    world.approve_beyond_cap(grant_id)
    events = logged(world.grants)
    assert [name for name, _ in events] == [
        "GrantApproved",
        "Committed",
        "Committed",
        "BudgetOpened",
    ]
    assert events[0][1] == {
        "grant_id": grant_id,
        "milestones_total": TREASURY_FUNDS - COMPUTE_BUDGET,
        "compute_budget": COMPUTE_BUDGET,
    }
    assert (world.free(), world.grants.state(grant_id)) == (0, ACTIVE)
    budget = world.escrow.budget(grant_id)
    assert (budget.total, world.due_at(grant_id, 1)) == (COMPUTE_BUDGET, approved_at + DUES[0])
    assert world.treasury.commitment(world.grants.commitment_id(grant_id))[3] == (
        TREASURY_FUNDS - COMPUTE_BUDGET
    )


def test_approve_beyond_cap__more_than_is_free__reverts_and_stays_applied(world):
    grant_id = world.apply(milestones=[milestone_terms(TREASURY_FUNDS + 1)], compute_budget=0)
    with boa.reverts("free money is too low"):
        world.approve_beyond_cap(grant_id)
    assert world.grants.state(grant_id) == APPLIED


def test_approve_beyond_cap__milestones_fit_but_compute_does_not__reverts(world):
    grant_id = world.apply(milestones=[milestone_terms(TREASURY_FUNDS)], compute_budget=1)
    with boa.reverts("free money is too low"):
        world.approve_beyond_cap(grant_id)
    assert world.committed() == 0


@pytest.mark.parametrize("role", ["builder", "guardian", "stranger"])
def test_approve_beyond_cap__not_the_owner__reverts(world, application, role):
    terms_hash = world.grants.terms_hash(application)
    with boa.reverts("caller is not the owner"):
        world.grants.approve_beyond_cap(application, terms_hash, sender=getattr(world, role))


def test_approve_beyond_cap__wrong_hash_or_state__reverts(world, application, grant_id):
    other = world.grants.terms_hash(grant_id)
    with boa.reverts("terms hash does not match"):
        world.grants.approve_beyond_cap(application, other, sender=world.owner)
    with boa.reverts("grant is not applied for"):
        world.approve_beyond_cap(grant_id)
    with boa.reverts("no such grant"):
        world.grants.approve_beyond_cap(0, other, sender=world.owner)
    support.pass_time(APPLICATION_SECONDS)
    with boa.reverts("grant is not applied for"):
        world.approve_beyond_cap(application)


def test_pause__stops_apply_only(world, application):
    """What a vote approved is approved: its operation would expire in a pause."""
    grant_id = world.active()
    world.grants.pause(sender=world.guardian)
    with boa.reverts("paused"):
        world.apply()
    world.approve(application)
    world.submit(grant_id)
    world.object(grant_id)
    world.decide(grant_id, True)
    world.grants.draw(grant_id)
    world.terminate(grant_id)


# --- policy ---


def test_constructor__bounds_and_addresses__checked(world):
    rewards = world.grants.REWARDS()
    good = [
        world.token,
        world.treasury,
        world.escrow,
        world.ledger,
        rewards,
        REVIEW_SECONDS,
        OBJECTION_BPS,
    ]
    reasons = {
        0: (ZERO_ADDRESS, "token is zero"),
        1: (ZERO_ADDRESS, "treasury is zero"),
        2: (ZERO_ADDRESS, "compute escrow is zero"),
        3: (ZERO_ADDRESS, "energy ledger is zero"),
        4: (ZERO_ADDRESS, "rewards is zero"),
        5: (DAY - 1, "review is out of bounds"),
        6: (0, "objection is out of bounds"),
    }
    for index, (bad, reason) in reasons.items():
        with boa.reverts(reason):
            support.deploy("TrainingGrants", *good[:index], bad, *good[index + 1 :])


def test_constants__are__what_the_documents_say(world):
    constants = {
        "APPLICATION_SECONDS": 15_552_000,
        "DECISION_SECONDS": 2_592_000,
        "RESUBMIT_SECONDS": 1_209_600,
        "GRACE_SECONDS": 1_209_600,
        "MAX_DUE_SECONDS": 157_680_000,
        "MIN_REVIEW_SECONDS": 86_400,
        "MAX_REVIEW_SECONDS": 2_592_000,
        "MAX_OBJECTION_BPS": 2_000,
    }
    for name, expected in constants.items():
        assert getattr(world.grants, name)() == expected, name
    assert world.grants.TOKEN() == world.token.address
    assert world.grants.TREASURY() == world.treasury.address
    assert world.grants.COMPUTE_ESCROW() == world.escrow.address
    assert world.grants.ENERGY_LEDGER() == world.ledger.address


@pytest.mark.parametrize("seconds", [DAY, 30 * DAY])
def test_set_review_seconds__within_bounds__logged(world, seconds):
    world.grants.set_review_seconds(seconds, sender=world.owner)
    assert logged(world.grants) == [
        (
            "ReviewSecondsChanged",
            {"old_review_seconds": REVIEW_SECONDS, "new_review_seconds": seconds},
        )
    ]
    assert world.grants.review_seconds() == seconds


@pytest.mark.parametrize("seconds", [0, DAY - 1, 30 * DAY + 1])
def test_set_review_seconds__out_of_bounds__reverts(world, seconds):
    with boa.reverts("review is out of bounds"):
        world.grants.set_review_seconds(seconds, sender=world.owner)


@pytest.mark.parametrize("bps", [1, 2_000])
def test_set_objection_bps__within_bounds__logged(world, bps):
    world.grants.set_objection_bps(bps, sender=world.owner)
    assert logged(world.grants) == [
        ("ObjectionBpsChanged", {"old_objection_bps": OBJECTION_BPS, "new_objection_bps": bps})
    ]
    assert world.grants.objection_bps() == bps


@pytest.mark.parametrize("bps", [0, 2_001])
def test_set_objection_bps__out_of_bounds__reverts(world, bps):
    with boa.reverts("objection is out of bounds"):
        world.grants.set_objection_bps(bps, sender=world.owner)


@pytest.mark.parametrize("role", ["guardian", "builder", "stranger"])
def test_setters__not_the_owner__revert(world, role):
    sender = getattr(world, role)
    with boa.reverts("caller is not the owner"):
        world.grants.set_review_seconds(DAY, sender=sender)
    with boa.reverts("caller is not the owner"):
        world.grants.set_objection_bps(1, sender=sender)


def test_set_review_seconds__running_grant__keeps_its_window(world, grant_id):
    world.grants.set_review_seconds(DAY, sender=world.owner)
    world.submit(grant_id)
    support.pass_time(DAY)
    assert world.state_of(grant_id) == SUBMITTED


# --- views ---


def test_views__unknown_grant__empty_or_revert(world):
    for unknown in (0, 1):
        with boa.reverts("no such grant"):
            world.grants.state(unknown)
        with boa.reverts("no such milestone"):
            world.grants.milestone(unknown, 1)
        assert world.grants.recipient(unknown) == ZERO_ADDRESS
        assert world.grants.drawable(unknown) == world.grants.paid(unknown) == 0
        assert not world.grants.may_register_model(unknown, ZERO_ADDRESS)


def test_milestone__number_out_of_range__reverts(world, grant_id):
    for number in (0, 4):
        with boa.reverts("no such milestone"):
            world.grants.milestone(grant_id, number)


def test_may_register_model__each_state(world, grant_id):
    may_register = world.grants.may_register_model
    assert may_register(grant_id, world.builder)
    assert not may_register(grant_id, world.stranger)
    assert not may_register(world.apply(), world.builder)
    assert not may_register(world.active(kind=DATA), world.builder)
    world.terminate(grant_id)
    assert world.grants.state(grant_id) == TERMINATED
    assert world.state_of(grant_id) == CANCELLED
    assert not may_register(grant_id, world.builder)


def test_may_register_model__completed__still(world):
    grant_id = world.active(milestones=[milestone_terms()])
    world.accept(grant_id)
    world.grants.draw(grant_id)
    assert world.grants.state(grant_id) == COMPLETED
    assert world.grants.may_register_model(grant_id, world.builder)

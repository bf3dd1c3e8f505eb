"""TrainingGrants: approval of applications, and the policy that new grants get."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    ACTIVE,
    AMOUNTS,
    APPLICATION_SECONDS,
    APPLIED,
    BOND,
    CANCELLED,
    COMPLETED,
    COMPUTE_BUDGET,
    COMPUTE_DAYS,
    DATA,
    DUES,
    GRACE_SECONDS,
    GRANTS_PURPOSE,
    LAPSED,
    LOCKED,
    OBJECTION_BPS,
    PROMISED,
    REVIEW_SECONDS,
    SUBMITTED,
    TERMINATED,
    TREASURY_FUNDS,
    event_names,
    logged,
    milestone_terms,
)
from tests.support import DAY, ZERO_ADDRESS

# A quarter of what the purpose has free.
CAP = TREASURY_FUNDS // 4


def big(total: int, compute: int = 0) -> dict:
    """A DATA grant of `total` units, `compute` of them for compute, unlocked by the second."""
    part, rest = divmod(total - compute, 4)
    milestones = [milestone_terms(part, step * 30 * DAY) for step in (1, 2, 3, 4)]
    milestones[0] = milestone_terms(part + rest, 30 * DAY)
    milestones[1] = milestone_terms(part, 60 * DAY, compute_unlocked=compute)
    return {"kind": DATA, "split": [], "milestones": milestones, "bond": -(-total // 10)}


# --- approve ---


def test_approve__right_hash__money_is_committed(world, application):
    approved_at = support.now()
    terms_hash = world.applications.terms_hash(application)
    world.approve(application)
    events = logged(world.grants)
    committed = {"purpose": GRANTS_PURPOSE, "asset": world.asset.address}
    assert events == [
        (
            "GrantApproved",
            {
                "grant_id": application,
                "recipient": world.builder,
                "terms_hash": terms_hash,
                "milestones_total": sum(AMOUNTS),
                "compute_budget": COMPUTE_BUDGET,
                "bond": BOND,
            },
        ),
        (
            "Committed",
            {
                **committed,
                "commitment_id": 1,
                "controller": world.grants.address,
                "amount": sum(AMOUNTS),
            },
        ),
        (
            "Committed",
            {
                **committed,
                "commitment_id": 2,
                "controller": world.escrow.address,
                "amount": COMPUTE_BUDGET,
            },
        ),
        (
            "BudgetOpened",
            {"grant_id": application, "asset": world.asset.address, "amount": COMPUTE_BUDGET},
        ),
    ]
    assert world.grants.state(application) == ACTIVE
    assert world.grants.milestone_in_turn(application) == 1
    assert world.free() == TREASURY_FUNDS - PROMISED
    assert world.grants.commitments(application) == (1, 0)
    assert world.escrow.budget(application).total == COMPUTE_BUDGET
    assert [world.due_at(application, m) for m in (1, 2, 3)] == [approved_at + d for d in DUES]
    assert world.grants.approval(application) == (approved_at, GRACE_SECONDS)
    assert not world.is_bonded(application)
    assert world.grants.compute_unlocked(application) == 0
    assert world.grants.compute_rights(application) == (
        *(world.builder, approved_at + DUES[0], False),
    )


def test_approve__no_compute__opens_no_budget(world):
    grant_id = world.approved(**big(90))
    assert event_names(world.grants) == ["GrantApproved", "Committed"]
    assert world.escrow.budget(grant_id).commitment_id == 0
    assert world.committed() == 90


@pytest.mark.parametrize("function", ["approve", "approve_beyond_cap"])
@pytest.mark.parametrize("role", ["builder", "guardian", "stranger"])
def test_approve__not_the_owner__reverts(world, application, role, function):
    terms_hash = world.applications.terms_hash(application)
    with boa.reverts("caller is not the owner"):
        getattr(world.grants, function)(application, terms_hash, sender=getattr(world, role))


@pytest.mark.parametrize("function", ["approve", "approve_beyond_cap"])
def test_approve__wrong_hash_or_state__reverts(world, application, grant_id, function):
    approve = getattr(world.grants, function)
    other = world.applications.terms_hash(grant_id)
    with boa.reverts("terms hash does not match"):
        approve(application, other, sender=world.owner)
    with boa.reverts("grant is not applied for"):
        approve(grant_id, other, sender=world.owner)
    for unknown in (0, 99):
        with boa.reverts("no such grant"):
            approve(unknown, b"\x00" * 32, sender=world.owner)


@pytest.mark.parametrize("function", ["approve", "approve_beyond_cap"])
def test_approve__lapsed__reverts(world, application, function):
    approve = getattr(world.grants, function)
    terms_hash = world.applications.terms_hash(application)
    support.pass_time(APPLICATION_SECONDS - 1)
    assert world.grants.state(application) == APPLIED
    with boa.env.anchor():
        approve(application, terms_hash, sender=world.owner)
        assert world.grants.state(application) == ACTIVE
    support.pass_time(1)
    assert world.grants.state(application) == LAPSED
    with boa.reverts("grant is not applied for"):
        approve(application, terms_hash, sender=world.owner)


@pytest.mark.parametrize("function", ["approve", "approve_beyond_cap"])
def test_approve__escrow_or_treasury_name_another_contract__reverts(world, application, function):
    approve = getattr(world.grants, function)
    terms_hash = world.applications.terms_hash(application)
    with boa.env.anchor():
        world.escrow.set_grants(world.stranger, sender=world.owner)
        with boa.reverts("caller is not the grants"):
            approve(application, terms_hash, sender=world.owner)
    world.treasury.set_committer(world.grants, False, sender=world.owner)
    with boa.reverts("caller is not a committer"):
        approve(application, terms_hash, sender=world.owner)


@pytest.mark.parametrize("compute", [0, COMPUTE_DAYS, CAP // 3])
def test_approve__milestones_and_compute_at_the_cap__works(world, compute):
    grant_id = world.approved(**big(CAP, compute))
    assert world.committed() == CAP == world.treasury.taken_lately(GRANTS_PURPOSE, world.asset)
    assert world.grants.state(grant_id) == ACTIVE


@pytest.mark.parametrize("compute", [0, COMPUTE_DAYS, CAP // 3])
def test_approve__above_the_cap__reverts_and_passes_by_the_other_function(world, compute):
    grant_id = world.apply(**big(CAP + 1, compute))
    with boa.reverts("grant is above the cap"):
        world.approve(grant_id)
    assert (world.committed(), world.grants.state(grant_id)) == (0, APPLIED)
    world.approve_beyond_cap(grant_id)
    assert (world.committed(), world.grants.state(grant_id)) == (CAP + 1, ACTIVE)


def test_approve__ended_and_approved_again__counts_twice(world):
    """A grant that is ended gives its money back, and no cap."""
    world.terminate(world.approved(**big(CAP)))
    assert world.free() == TREASURY_FUNDS
    with boa.reverts("grant is above the cap"):
        world.approved(**big(CAP))


def test_approve_beyond_cap__all_that_is_free__does_what_approve_does(world):
    grant_id = world.apply(**big(TREASURY_FUNDS, CAP))
    approved_at = support.now()
    world.approve_beyond_cap(grant_id)
    assert event_names(world.grants) == [
        *("GrantApproved", "Committed", "Committed", "BudgetOpened"),
    ]
    assert logged(world.grants)[0][1]["milestones_total"] == TREASURY_FUNDS - CAP
    assert (world.free(), world.grants.state(grant_id)) == (0, ACTIVE)
    assert world.escrow.budget(grant_id).total == CAP
    assert world.due_at(grant_id) == approved_at + 30 * DAY
    assert world.grants.recipient(grant_id) == world.builder


@pytest.mark.parametrize("compute", [0, TREASURY_FUNDS // 3])
def test_approve_beyond_cap__more_than_is_free__reverts_and_stays_applied(world, compute):
    grant_id = world.apply(**big(TREASURY_FUNDS + 1, compute))
    with boa.reverts("free money is too low"):
        world.approve_beyond_cap(grant_id)
    assert (world.committed(), world.grants.state(grant_id)) == (0, APPLIED)


# --- policy ---


def test_constructor__bounds_and_addresses__checked(world):
    names = ("token", "applications", "treasury", "escrow", "ledger", "evaluations")
    good = [*(getattr(world, name) for name in names), REVIEW_SECONDS, OBJECTION_BPS]
    reasons = {
        0: (ZERO_ADDRESS, "token is zero"),
        1: (ZERO_ADDRESS, "applications is zero"),
        2: (ZERO_ADDRESS, "treasury is zero"),
        3: (ZERO_ADDRESS, "compute escrow is zero"),
        4: (ZERO_ADDRESS, "energy ledger is zero"),
        5: (ZERO_ADDRESS, "evaluations is zero"),
        6: (DAY - 1, "review is out of bounds"),
        7: (0, "objection is out of bounds"),
    }
    for index, (bad, reason) in reasons.items():
        with boa.reverts(reason):
            support.deploy("TrainingGrants", *good[:index], bad, *good[index + 1 :])


def test_constants_and_links__are__what_the_documents_say(world):
    constants = {
        "MIN_REVIEW_SECONDS": 86_400,
        "MAX_REVIEW_SECONDS": 2_592_000,
        "MAX_OBJECTION_BPS": 500,
    }
    for name, expected in constants.items():
        assert getattr(world.grants, name)() == expected, name
    assert world.grants.applications() == world.applications.address
    assert world.grants.TOKEN() == world.token.address
    assert world.grants.TREASURY() == world.treasury.address
    assert world.grants.COMPUTE_ESCROW() == world.escrow.address
    assert world.grants.ENERGY_LEDGER() == world.ledger.address
    assert world.grants.EVALUATIONS() == world.evaluations.address


@pytest.mark.parametrize("seconds", [DAY, 30 * DAY])
def test_set_review_seconds__within_bounds__logged(world, seconds):
    world.grants.set_review_seconds(seconds, sender=world.owner)
    changed = {"old_review_seconds": REVIEW_SECONDS, "new_review_seconds": seconds}
    assert logged(world.grants) == [("ReviewSecondsChanged", changed)]
    assert world.grants.review_seconds() == seconds


@pytest.mark.parametrize("seconds", [0, DAY - 1, 30 * DAY + 1])
def test_set_review_seconds__out_of_bounds__reverts(world, seconds):
    with boa.reverts("review is out of bounds"):
        world.grants.set_review_seconds(seconds, sender=world.owner)


@pytest.mark.parametrize("bps", [1, 500])
def test_set_objection_bps__within_bounds__logged(world, bps):
    world.grants.set_objection_bps(bps, sender=world.owner)
    changed = {"old_objection_bps": OBJECTION_BPS, "new_objection_bps": bps}
    assert logged(world.grants) == [("ObjectionBpsChanged", changed)]
    assert world.grants.objection_bps() == bps


@pytest.mark.parametrize("bps", [0, 501])
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
    with boa.reverts("caller is not the owner"):
        world.grants.set_governor(world.token, sender=sender)


def test_policy__running_grant__keeps_its_own(world, grant_id):
    world.grants.set_review_seconds(DAY, sender=world.owner)
    world.grants.set_objection_bps(500, sender=world.owner)
    world.submit(grant_id)
    support.pass_time(REVIEW_SECONDS - 1)
    assert world.state_of(grant_id) == SUBMITTED
    other = world.active()
    world.submit(other)
    support.pass_time(DAY)
    assert world.grants.milestone_in_turn(other) == 2


# --- views ---


def test_views__unknown_grant__empty_or_revert(world):
    for unknown in (0, 1):
        with boa.reverts("no such grant"):
            world.grants.state(unknown)
        with boa.reverts("no such milestone"):
            world.grants.milestone(unknown, 1)
        assert world.grants.recipient(unknown) == ZERO_ADDRESS
        assert world.grants.pending_recipient(unknown) == (ZERO_ADDRESS, 0)
        assert world.grants.drawable(unknown) == 0
        assert world.grants.commitments(unknown) == (0, 0)
        assert world.grants.compute_rights(unknown) == (ZERO_ADDRESS, 0, False)
        assert world.grants.compute_unlocked(unknown) == 0
        assert world.grants.approval(unknown) == (0, 0)
        assert not world.is_bonded(unknown)
        assert not world.grants.may_register_model(unknown, ZERO_ADDRESS)


def test_views__application__tell_what_was_applied_for(world, application):
    assert world.grants.recipient(application) == world.builder
    assert world.grants.milestone(application, 2)._asdict() == {
        "state": LOCKED,
        "amount": AMOUNTS[1],
        "due_at": 0,
        "submission": 0,
        "submitted_at": 0,
        "accepts_at": 0,
        "objection_votes": 0,
        "energy_report_id": 0,
        "evidence_hash": b"\0" * 32,
        "accepted_at": 0,
        "earned": 0,
        "paid": 0,
    }


@pytest.mark.parametrize("view", ["is_bonded", "milestone_count", "split"])
def test_views__that_others_answer__are_gone(world, view):
    """`commitments` and GrantApplications tell; TrainingGrants has no room for them."""
    assert not hasattr(world.grants, view)


def test_milestone__number_out_of_range__reverts(world, grant_id):
    for number in (0, 4):
        with boa.reverts("no such milestone"):
            world.grants.milestone(grant_id, number)


def test_may_register_model__each_state(world, grant_id):
    may_register = world.grants.may_register_model
    assert may_register(grant_id, world.builder)
    assert not may_register(grant_id, world.stranger)
    assert not may_register(world.apply(), world.builder)
    unbonded = world.approved()
    assert not may_register(unbonded, world.builder)
    world.post_bond(unbonded)
    assert may_register(unbonded, world.builder)
    with boa.env.anchor():
        world.finish(grant_id)
        assert world.grants.state(grant_id) == COMPLETED
        assert may_register(grant_id, world.builder)
    world.terminate(grant_id)
    assert world.grants.state(grant_id) == TERMINATED
    assert world.state_of(grant_id) == CANCELLED
    assert not may_register(grant_id, world.builder)

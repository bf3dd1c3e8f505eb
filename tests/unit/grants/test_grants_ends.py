"""TrainingGrants: termination, expiry, due dates and changes of the recipient."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    ACCEPTED,
    AMOUNTS,
    CANCELLED,
    COMPUTE_BUDGET,
    DUES,
    EXPIRED,
    GRACE_SECONDS,
    LOCKED,
    PAID,
    REASON,
    REVIEW_SECONDS,
    SUBMITTED,
    TERMINATED,
    TREASURY_FUNDS,
    logged,
    milestone_terms,
)
from tests.support import DAY, ZERO_ADDRESS

MAX_DUE_SECONDS = 5 * 365 * DAY


def states(world, grant_id):
    return [world.state_of(grant_id, milestone) for milestone in (1, 2, 3)]


# --- terminate ---


def test_end__escrow_answers_to_a_later_contract__grant_without_compute_still_ends(world):
    grant_id = world.active(compute_budget=0)
    world.escrow.set_grants(world.ledger, sender=world.owner)
    world.terminate(grant_id)
    assert world.committed() == 0


def test_terminate__nothing_accepted__all_returns(world, grant_id):
    world.submit(grant_id)
    world.terminate(grant_id)
    events = logged(world.grants)
    assert [name for name, _ in events] == [
        *("GrantTerminated", "BudgetClosing", "CommitmentReleased"),
    ]
    assert events[0][1] == {
        "grant_id": grant_id,
        "returned": sum(AMOUNTS),
        "reason_hash": REASON,
    }
    assert world.grants.state(grant_id) == TERMINATED
    assert states(world, grant_id) == [CANCELLED] * 3
    assert world.committed() == COMPUTE_BUDGET
    world.escrow.return_budget(grant_id)
    assert world.free() == TREASURY_FUNDS


def test_terminate__accepted_milestone__stays_drawable(world, grant_id):
    world.accept(grant_id)
    world.terminate(grant_id)
    assert logged(world.grants)[0][1]["returned"] == sum(AMOUNTS[1:])
    assert states(world, grant_id) == [ACCEPTED, CANCELLED, CANCELLED]
    support.pass_time(1_000 * DAY)
    assert world.grants.draw(grant_id) == AMOUNTS[0]
    assert world.grants.state(grant_id) == TERMINATED
    assert states(world, grant_id) == [PAID, CANCELLED, CANCELLED]


def test_terminate__second_before_acceptance__cancels(world, grant_id):
    world.submit(grant_id)
    support.pass_time(REVIEW_SECONDS - 1)
    world.terminate(grant_id)
    support.pass_time(1)
    assert world.grants.drawable(grant_id) == 0
    assert states(world, grant_id) == [CANCELLED] * 3


def test_terminate__everything_accepted__releases_nothing(world):
    grant_id = world.active(milestones=[milestone_terms()], compute_budget=0)
    world.accept(grant_id)
    world.terminate(grant_id)
    assert [name for name, _ in logged(world.grants)] == ["GrantTerminated"]
    assert world.grants.draw(grant_id) == AMOUNTS[0]
    assert world.grants.state(grant_id) == TERMINATED


@pytest.mark.parametrize("role", ["guardian", "builder", "stranger"])
def test_terminate__not_the_owner__reverts(world, grant_id, role):
    with boa.reverts("caller is not the owner"):
        world.grants.terminate(grant_id, REASON, sender=getattr(world, role))


def test_terminate__not_active__reverts(world, application, grant_id):
    world.terminate(grant_id)
    for not_active in (application, grant_id, 99):
        with boa.reverts("grant is not active"):
            world.terminate(not_active)


def test_terminated__nothing_else_works(world, grant_id):
    world.submit(grant_id)
    world.terminate(grant_id)
    with boa.reverts("grant is not active"):
        world.submit(grant_id)
    with boa.reverts("grant is not active"):
        world.object(grant_id)
    with boa.reverts("grant is not active"):
        world.grants.expire(grant_id)
    with boa.reverts("grant is not active"):
        world.grants.move_due(grant_id, 1, support.now() + 1_000 * DAY, sender=world.owner)
    with boa.reverts("nothing to draw"):
        world.grants.draw(grant_id)


def test_terminate__challenge_afterwards__takes_nothing_back(world):
    grant_id = world.active(milestones=[milestone_terms(), milestone_terms(due_seconds=60 * DAY)])
    report_id = world.report(grant_id, 1)
    world.accept(grant_id, 1, report_id)
    world.terminate(grant_id)
    world.challenge(report_id)
    assert world.grants.draw(grant_id) == AMOUNTS[0]


# --- expire ---


def test_expire__grace_over__rest_returns(world, grant_id):
    world.accept(grant_id)
    support.warp_to(world.due_at(grant_id, 2) + GRACE_SECONDS)
    world.grants.expire(grant_id, sender=world.stranger)
    events = logged(world.grants)
    assert [name for name, _ in events] == ["GrantExpired", "BudgetClosing", "CommitmentReleased"]
    assert events[0][1] == {
        "grant_id": grant_id,
        "milestone": 2,
        "returned": sum(AMOUNTS[1:]),
    }
    assert world.grants.state(grant_id) == EXPIRED
    assert states(world, grant_id) == [ACCEPTED, CANCELLED, CANCELLED]
    assert world.grants.draw(grant_id) == AMOUNTS[0]


def test_expire__last_second_of_grace__reverts(world, grant_id):
    support.warp_to(world.due_at(grant_id) + GRACE_SECONDS - 1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id)
    support.pass_time(1)
    world.grants.expire(grant_id)


@pytest.mark.parametrize(("delay", "grace"), [(0, GRACE_SECONDS), (7 * DAY, 23 * DAY)])
def test_expire__with_a_governor__a_vote_can_move_the_date(world, delay, grace):
    """A day to the vote, five of voting, three extensions of a day, a delay, a week to notice."""
    voting = 5 * DAY if delay else DAY
    governor = support.deploy("MockVoteTimes", DAY, voting, DAY, DAY, delay)
    with boa.env.prank(world.stranger), boa.reverts("caller is not the owner"):
        world.grants.set_governor(governor.address)
    world.grants.set_governor(governor.address, sender=world.owner)
    grant_id = world.active()
    assert world.grants.grace_seconds(grant_id) == grace
    support.warp_to(world.due_at(grant_id) + grace - 1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id)
    support.pass_time(1)
    world.grants.expire(grant_id)


@pytest.mark.parametrize("voting_days", [1, 60])
def test_expire__another_governor_named__a_grant_that_runs_keeps_its_grace(world, voting_days):
    """Neither shorter, when a vote to move the date is under way, nor longer."""
    times = (DAY, 5 * DAY, DAY, DAY, 7 * DAY)
    world.grants.set_governor(support.deploy("MockVoteTimes", *times), sender=world.owner)
    grant_id = world.active()
    budget_ends_at = world.escrow.budget(grant_id).ends_at
    other = support.deploy("MockVoteTimes", 0, voting_days * DAY, 0, 0, 0)
    world.grants.set_governor(other.address, sender=world.owner)
    assert world.grants.grace_seconds(grant_id) == 23 * DAY
    assert world.escrow.budget(grant_id).ends_at == budget_ends_at
    support.warp_to(world.due_at(grant_id) + 23 * DAY - 1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id)
    support.pass_time(1)
    world.grants.expire(grant_id)


def test_budget__with_a_governor__ends_with_the_grace(world):
    """Who is given time by a vote may order compute until then, and so as long as the grace."""
    grace = 23 * DAY
    governor = support.deploy("MockVoteTimes", DAY, 5 * DAY, DAY, DAY, 7 * DAY)
    world.grants.set_governor(governor.address, sender=world.owner)
    grant_id = world.active()
    due_at = world.due_at(grant_id, len(DUES))
    assert world.escrow.budget(grant_id).ends_at == due_at + grace
    world.grants.move_due(grant_id, len(DUES), due_at + DAY, sender=world.owner)
    assert world.escrow.budget(grant_id).ends_at == due_at + DAY + grace


def test_expire__under_review__reverts(world, grant_id):
    support.pass_time(DUES[0] - 1)
    world.submit(grant_id)
    world.object(grant_id)
    support.pass_time(20 * DAY)
    with boa.reverts("milestone is under review"):
        world.grants.expire(grant_id)


def test_expire__everything_accepted__reverts(world):
    grant_id = world.active(milestones=[milestone_terms()])
    world.accept(grant_id)
    support.pass_time(1_000 * DAY)
    with boa.reverts("every milestone is accepted"):
        world.grants.expire(grant_id)


def test_expire__rejected_late__waits_for_the_new_date(world, grant_id):
    support.pass_time(DUES[0] - 1)
    world.submit(grant_id)
    world.object(grant_id)
    support.pass_time(29 * DAY)
    world.decide(grant_id, False)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id)
    assert world.state_of(grant_id) == LOCKED


def test_expire__not_active__reverts(world, application):
    for not_active in (application, 0, 99):
        with boa.reverts("grant is not active"):
            world.grants.expire(not_active)


# --- move_due ---


def test_move_due__later__logged_and_budget_extended(world, grant_id):
    old_due_at = world.due_at(grant_id, 3)
    new_due_at = old_due_at + 30 * DAY
    world.grants.move_due(grant_id, 3, new_due_at, sender=world.owner)
    events = logged(world.grants)
    assert [name for name, _ in events] == ["DueMoved", "BudgetExtended"]
    assert events[0][1] == {
        "grant_id": grant_id,
        "milestone": 3,
        "old_due_at": old_due_at,
        "new_due_at": new_due_at,
    }
    assert world.due_at(grant_id, 3) == new_due_at
    assert world.escrow.budget(grant_id).ends_at == new_due_at + GRACE_SECONDS


def test_move_due__of_a_middle_milestone__budget_stays(world, grant_id):
    ends_at = world.escrow.budget(grant_id).ends_at
    world.grants.move_due(grant_id, 1, world.due_at(grant_id) + 1, sender=world.owner)
    assert [name for name, _ in logged(world.grants)] == ["DueMoved"]
    assert world.escrow.budget(grant_id).ends_at == ends_at


def test_move_due__within_the_grace__saves_the_grant(world, grant_id):
    support.pass_time(DUES[0] + GRACE_SECONDS - 1)
    world.grants.move_due(grant_id, 1, support.now() + DAY, sender=world.owner)
    support.pass_time(1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id)
    world.submit(grant_id)
    assert world.state_of(grant_id) == SUBMITTED


def test_move_due__bounds__from_both_sides(world, grant_id):
    due_at = world.due_at(grant_id)
    last = support.now() + MAX_DUE_SECONDS
    for bad, reason in (
        (due_at - 1, "due date is not later"),
        (due_at, "due date is not later"),
        (last + 1, "due date is too far"),
    ):
        with boa.reverts(reason):
            world.grants.move_due(grant_id, 1, bad, sender=world.owner)
    world.grants.move_due(grant_id, 1, due_at + 1, sender=world.owner)
    world.grants.move_due(grant_id, 1, last, sender=world.owner)
    assert world.due_at(grant_id) == last


def test_move_due__into_the_past__reverts(world, grant_id):
    support.pass_time(DUES[0] + DAY)
    with boa.reverts("due date is not later"):
        world.grants.move_due(grant_id, 1, support.now(), sender=world.owner)
    world.grants.move_due(grant_id, 1, support.now() + 1, sender=world.owner)


def test_move_due__accepted_or_unknown_milestone__reverts(world, grant_id):
    world.accept(grant_id)
    for milestone in (0, 1, 4):
        with boa.reverts("milestone is not open"):
            world.grants.move_due(
                grant_id, milestone, support.now() + 400 * DAY, sender=world.owner
            )


@pytest.mark.parametrize("role", ["guardian", "builder", "stranger"])
def test_move_due__not_the_owner__reverts(world, grant_id, role):
    with boa.reverts("caller is not the owner"):
        world.grants.move_due(grant_id, 1, support.now() + 400 * DAY, sender=getattr(world, role))


# --- recipients ---


def test_recipient__changed_in_two_steps(world, grant_id):
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    assert logged(world.grants) == [
        ("RecipientProposed", {"grant_id": grant_id, "new_recipient": world.stranger})
    ]
    assert world.grants.recipient(grant_id) == world.builder
    assert world.grants.pending_recipient(grant_id) == world.stranger
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    assert logged(world.grants) == [
        (
            "RecipientChanged",
            {
                "grant_id": grant_id,
                "old_recipient": world.builder,
                "new_recipient": world.stranger,
            },
        )
    ]
    assert world.grants.recipient(grant_id) == world.stranger
    assert world.grants.pending_recipient(grant_id) == ZERO_ADDRESS
    assert world.grants.terms(grant_id).recipient == world.builder
    assert world.grants.may_register_model(grant_id, world.stranger)
    with boa.reverts("caller is not the recipient"):
        world.submit(grant_id)
    with boa.reverts("caller is not proposed"):
        world.grants.accept_recipient(grant_id, sender=world.stranger)


def test_propose_recipient__withdrawn__cannot_be_accepted(world, grant_id):
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    world.grants.propose_recipient(grant_id, ZERO_ADDRESS, sender=world.builder)
    with boa.reverts("caller is not proposed"):
        world.grants.accept_recipient(grant_id, sender=world.stranger)


@pytest.mark.parametrize("role", ["owner", "guardian", "stranger"])
def test_propose_recipient__not_the_recipient__reverts(world, grant_id, role):
    with boa.reverts("caller is not the recipient"):
        world.grants.propose_recipient(grant_id, world.stranger, sender=getattr(world, role))


def test_propose_recipient__before_approval__reverts(world, application):
    with boa.reverts("grant is not approved"):
        world.grants.propose_recipient(application, world.stranger, sender=world.builder)


def test_accept_recipient__under_review__reverts_until_it_is_over(world, grant_id):
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    world.submit(grant_id)
    with boa.reverts("milestone is under review"):
        world.grants.accept_recipient(grant_id, sender=world.stranger)
    world.object(grant_id)
    with boa.reverts("milestone is under review"):
        world.grants.accept_recipient(grant_id, sender=world.stranger)
    world.decide(grant_id, False)
    world.grants.accept_recipient(grant_id, sender=world.stranger)


def test_accept_recipient__accepted_by_time__takes_the_payment(world, grant_id):
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    world.accept(grant_id)
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    world.grants.draw(grant_id)
    assert world.asset.balanceOf(world.stranger) == AMOUNTS[0]


def test_accept_recipient__ended_grant__can_still_be_handed_over(world, grant_id):
    world.accept(grant_id)
    world.terminate(grant_id)
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    world.grants.draw(grant_id)
    assert world.asset.balanceOf(world.stranger) == AMOUNTS[0]

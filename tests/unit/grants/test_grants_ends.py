"""TrainingGrants: termination, expiry and due dates that a vote moves."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    ACCEPTED,
    AMOUNTS,
    BOND,
    CANCELLED,
    COMPUTE_BUDGET,
    EXPIRED,
    GRACE_SECONDS,
    LOCKED,
    PAID,
    REASON,
    REVIEW_SECONDS,
    SUBMITTED,
    TERMINATED,
    TREASURY_FUNDS,
    event_names,
    logged,
    three_milestones,
)
from tests.support import DAY, MAX_UINT

STREAM_SECONDS = 100 * DAY
MAX_DELAY_SECONDS = 365 * DAY


def states(world, grant_id) -> list[int]:
    return [world.state_of(grant_id, milestone) for milestone in (1, 2, 3)]


# --- terminate ---


def test_terminate__nothing_accepted__all_returns_with_the_bond(world, submitted):
    world.terminate(submitted)
    asset = world.asset.address
    assert logged(world.grants) == [
        ("CommitmentReleased", {"commitment_id": 1, "asset": asset, "amount": sum(AMOUNTS)}),
        ("CommitmentReleased", {"commitment_id": 3, "asset": asset, "amount": BOND}),
        (
            "GrantTerminated",
            {"grant_id": submitted, "returned": sum(AMOUNTS), "reason_hash": REASON},
        ),
    ]
    assert world.grants.state(submitted) == TERMINATED
    assert states(world, submitted) == [CANCELLED] * 3
    assert world.committed() == COMPUTE_BUDGET
    world.escrow.return_budget(submitted)
    # The builder has lost its bond to the purpose.
    assert (world.committed(), world.free()) == (0, TREASURY_FUNDS + BOND)


def test_terminate__bond_missing__returns_the_milestones(world, application):
    world.approve(application)
    world.terminate(application)
    assert event_names(world.grants) == ["CommitmentReleased", "GrantTerminated"]
    world.escrow.return_budget(application)
    assert (world.committed(), world.free()) == (0, TREASURY_FUNDS)


def test_terminate__accepted_milestone__stays_drawable(world, grant_id):
    world.accept(grant_id)
    world.terminate(grant_id)
    assert event_names(world.grants) == [
        *("MilestoneAccepted", "CommitmentReleased", "CommitmentReleased", "GrantTerminated"),
    ]
    assert logged(world.grants)[-1][1]["returned"] == sum(AMOUNTS[1:])
    assert states(world, grant_id) == [ACCEPTED, CANCELLED, CANCELLED]
    support.pass_time(1_000 * DAY)
    assert world.grants.draw(grant_id) == AMOUNTS[0]
    assert world.grants.state(grant_id) == TERMINATED
    assert states(world, grant_id) == [PAID, CANCELLED, CANCELLED]
    assert world.committed() == COMPUTE_BUDGET


def test_terminate__second_before_acceptance__cancels(world, submitted):
    support.pass_time(REVIEW_SECONDS - 1)
    with boa.env.anchor():
        world.terminate(submitted)
        support.pass_time(1)
        assert world.grants.drawable(submitted) == 0
        assert states(world, submitted) == [CANCELLED] * 3
    support.pass_time(1)
    world.terminate(submitted)
    assert world.grants.drawable(submitted) == AMOUNTS[0]


@pytest.mark.parametrize("seconds", [0, 1, STREAM_SECONDS // 2, STREAM_SECONDS - 1])
@pytest.mark.parametrize("drawn", [False, True])
def test_terminate__stream__is_cut(world, seconds, drawn):
    grant_id = world.active(milestones=three_milestones(stream_seconds=STREAM_SECONDS))
    world.accept(grant_id)
    support.pass_time(seconds)
    released = AMOUNTS[0] * seconds // STREAM_SECONDS
    if drawn and released:
        assert world.grants.draw(grant_id) == released
    world.terminate(grant_id)
    assert logged(world.grants)[-1][1]["returned"] == sum(AMOUNTS) - released
    support.pass_time(STREAM_SECONDS)
    left = 0 if drawn else released
    assert world.grants.drawable(grant_id) == left
    if left:
        assert world.grants.draw(grant_id) == left
    with boa.reverts("nothing to draw"):
        world.grants.draw(grant_id)
    found = world.grants.milestone(grant_id, 1)
    assert (found.state, found.earned, found.paid) == (ACCEPTED, AMOUNTS[0], released)
    assert world.committed() == COMPUTE_BUDGET


def test_terminate__everything_accepted__bond_and_stream_are_the_purposes(world):
    """A vote may still end what is accepted but not released."""
    grant_id = world.active(milestones=three_milestones(stream_seconds=STREAM_SECONDS))
    for _ in (1, 2):
        world.accept(grant_id)
    world.submit_model(grant_id)
    support.pass_time(REVIEW_SECONDS)
    released = world.grants.drawable(grant_id)
    world.terminate(grant_id)
    assert logged(world.grants)[-1][1]["returned"] == sum(AMOUNTS) - released
    assert world.grants.draw(grant_id) == released
    assert event_names(world.grants) == [*["MilestonePaid"] * 3, "CommitmentPaid", "Transfer"]
    assert world.asset.balanceOf(world.builder) == released
    world.escrow.return_budget(grant_id)
    assert (world.committed(), world.free()) == (0, TREASURY_FUNDS - released + BOND)


def test_terminate__all_released__still_takes_the_bond_until_it_is_drawn(world, at_last):
    world.submit_model(at_last)
    support.pass_time(REVIEW_SECONDS)
    with boa.env.anchor():
        world.grants.draw(at_last)
        with boa.reverts("grant is not active"):
            world.terminate(at_last)
    world.terminate(at_last)
    assert event_names(world.grants) == [
        *("MilestoneAccepted", "CommitmentReleased", "GrantTerminated"),
    ]
    assert logged(world.grants)[-1][1]["returned"] == 0
    assert world.grants.draw(at_last) == AMOUNTS[2]
    assert world.asset.balanceOf(world.builder) == sum(AMOUNTS)


@pytest.mark.parametrize("role", ["guardian", "builder", "stranger"])
def test_terminate__not_the_owner__reverts(world, grant_id, role):
    with boa.reverts("caller is not the owner"):
        world.grants.terminate(grant_id, REASON, sender=getattr(world, role))


def test_terminate__not_active__reverts(world, application, grant_id):
    world.terminate(grant_id)
    for not_active in (application, grant_id, 0, 99):
        with boa.reverts("grant is not active"):
            world.terminate(not_active)


# --- expire ---


def test_expire__grace_over__rest_and_bond_return(world, grant_id):
    world.accept(grant_id)
    support.warp_to(world.due_at(grant_id, 2) + GRACE_SECONDS)
    world.grants.expire(grant_id, sender=world.stranger)
    events = logged(world.grants)
    assert [name for name, _ in events] == [
        *("MilestoneAccepted", "CommitmentReleased", "CommitmentReleased", "GrantExpired"),
    ]
    assert events[-1][1] == {
        "grant_id": grant_id,
        "milestone": 2,
        "returned": sum(AMOUNTS[1:]),
    }
    assert events[2][1]["amount"] == BOND
    assert world.grants.state(grant_id) == EXPIRED
    assert states(world, grant_id) == [ACCEPTED, CANCELLED, CANCELLED]
    assert world.grants.draw(grant_id) == AMOUNTS[0]
    assert states(world, grant_id) == [PAID, CANCELLED, CANCELLED]


@pytest.mark.parametrize("role", ["owner", "builder", "stranger"])
def test_expire__last_second_of_grace__from_both_sides_by_anyone(world, grant_id, role):
    support.warp_to(world.due_at(grant_id) + GRACE_SECONDS - 1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id, sender=getattr(world, role))
    support.pass_time(1)
    world.grants.expire(grant_id, sender=getattr(world, role))


@pytest.mark.parametrize(("delay", "grace"), [(0, GRACE_SECONDS), (7 * DAY, 23 * DAY)])
def test_expire__with_a_governor__a_vote_can_move_the_date(world, delay, grace):
    """A day to the vote, five of voting, three extensions of a day, a delay, a week to notice."""
    voting = 5 * DAY if delay else DAY
    governor = support.deploy("MockVoteTimes", DAY, voting, DAY, DAY, delay)
    world.grants.set_governor(governor.address, sender=world.owner)
    grant_id = world.active()
    # Neither a shorter nor a longer vote changes a grant that runs.
    for voting_days in (1, 60):
        other = support.deploy("MockVoteTimes", 0, voting_days * DAY, 0, 0, 0)
        world.grants.set_governor(other.address, sender=world.owner)
        assert world.grants.approval(grant_id)[1] == grace
    support.warp_to(world.due_at(grant_id) + grace - 1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id)
    support.pass_time(1)
    world.grants.expire(grant_id)


def test_expire__under_review__reverts(world, grant_id):
    support.warp_to(world.due_at(grant_id) - 1)
    world.submit(grant_id)
    world.object(grant_id)
    support.pass_time(REVIEW_SECONDS)
    with boa.reverts("milestone is under review"):
        world.grants.expire(grant_id)


def test_expire__withdrawn_and_overdue__ends_the_grant(world, grant_id):
    """The due date is then at once, so a submission cannot be withdrawn to win time to submit."""
    support.warp_to(world.due_at(grant_id) - 1)
    world.submit(grant_id)
    support.pass_time(REVIEW_SECONDS - 1)
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    withdrawn_at = support.now()
    with boa.reverts("milestone is overdue"):
        world.submit(grant_id)
    support.warp_to(withdrawn_at + GRACE_SECONDS - 1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id)
    support.pass_time(1)
    world.grants.expire(grant_id)


def test_expire__everything_accepted__reverts(world, at_last):
    world.submit_model(at_last)
    support.pass_time(1_000 * DAY)
    with boa.reverts("every milestone is accepted"):
        world.grants.expire(at_last)


def test_expire__rejected_late__waits_for_the_new_date(world, grant_id):
    support.warp_to(world.due_at(grant_id) - 1)
    world.submit(grant_id)
    support.pass_time(REVIEW_SECONDS - 1)
    world.decide(grant_id, 0)
    support.warp_to(world.due_at(grant_id) + GRACE_SECONDS - 1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id)
    support.pass_time(1)
    world.grants.expire(grant_id)


def test_expire__not_active__reverts(world, application, grant_id):
    world.terminate(grant_id)
    for not_active in (application, grant_id, 0, 99):
        with boa.reverts("grant is not active"):
            world.grants.expire(not_active)


# --- when leases stop ---


def rights(world, grant_id) -> tuple:
    return tuple(world.grants.compute_rights(grant_id))


@pytest.mark.parametrize("end", ["terminate", "expire"])
@pytest.mark.parametrize("late", [0, 1, GRACE_SECONDS])
def test_end__overdue__stays_at_its_due_date(world, grant_id, end, late):
    """An end revives no lease that the date had stopped."""
    due_at = world.due_at(grant_id)
    late = late if end == "terminate" else GRACE_SECONDS + late
    support.warp_to(due_at + late)
    assert rights(world, grant_id) == (world.builder, due_at, False)
    if end == "terminate":
        world.terminate(grant_id)
    else:
        world.grants.expire(grant_id)
    assert rights(world, grant_id) == (world.builder, due_at, True)
    support.pass_time(100 * DAY)
    assert rights(world, grant_id) == (world.builder, due_at, True)


@pytest.mark.parametrize("early", [1, DAY])
def test_terminate__before_the_due_date__stops_leases_at_once(world, grant_id, early):
    support.warp_to(world.due_at(grant_id) - early)
    world.terminate(grant_id)
    assert rights(world, grant_id) == (world.builder, support.now(), True)


@pytest.mark.parametrize("late", [-DAY, 0, DAY])
def test_terminate__under_review__stops_leases_at_once_whatever_the_date(world, grant_id, late):
    due_at = world.due_at(grant_id)
    support.warp_to(due_at - 2 * DAY)
    world.submit(grant_id)
    support.warp_to(due_at + late)
    assert rights(world, grant_id) == (world.builder, MAX_UINT, False)
    world.terminate(grant_id)
    ended_at = support.now()
    support.pass_time(DAY)
    assert rights(world, grant_id) == (world.builder, ended_at, True)


def test_terminate__accepted_late_and_not_settled__stops_at_once(world, grant_id):
    """The next milestone is in turn since time accepted the first: its date counts."""
    support.warp_to(world.due_at(grant_id) - 1)
    world.accept(grant_id)
    support.pass_time(DAY)
    world.terminate(grant_id)
    assert rights(world, grant_id) == (world.builder, support.now(), True)


def test_terminate__everything_accepted__leases_stopped_with_the_last(world):
    grant_id = world.active(milestones=three_milestones(stream_seconds=STREAM_SECONDS))
    for _ in (1, 2):
        world.accept(grant_id)
    world.submit_model(grant_id)
    support.pass_time(REVIEW_SECONDS)
    finished_at = support.now()
    assert rights(world, grant_id) == (world.builder, finished_at, True)
    support.pass_time(DAY)
    world.terminate(grant_id)
    assert rights(world, grant_id) == (world.builder, finished_at, True)


# --- move_due ---


def test_move_due__later__logged_and_later_ones_move_as_far(world, grant_id):
    before = [world.due_at(grant_id, milestone) for milestone in (1, 2, 3)]
    world.grants.move_due(grant_id, 1, before[0] + 30 * DAY, sender=world.owner)
    assert logged(world.grants) == [
        (
            "DueMoved",
            {
                "grant_id": grant_id,
                "milestone": 1,
                "old_due_at": before[0],
                "new_due_at": before[0] + 30 * DAY,
            },
        )
    ]
    moved = [date + 30 * DAY for date in before]
    assert [world.due_at(grant_id, milestone) for milestone in (1, 2, 3)] == moved
    world.accept(grant_id)
    world.grants.move_due(grant_id, 2, moved[1] + DAY, sender=world.owner)
    after = [moved[1] + DAY, moved[2] + DAY]
    assert [world.due_at(grant_id, milestone) for milestone in (2, 3)] == after


def test_move_due__within_the_grace__saves_the_grant(world, grant_id):
    support.warp_to(world.due_at(grant_id) + GRACE_SECONDS - 1)
    world.grants.move_due(grant_id, 1, support.now() + DAY, sender=world.owner)
    support.pass_time(1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id)
    world.submit(grant_id)
    assert world.state_of(grant_id) == SUBMITTED


def test_move_due__bounds__from_both_sides(world, grant_id):
    due_at = world.due_at(grant_id)
    for bad, reason in (
        (due_at - 1, "due date is not later"),
        (due_at, "due date is not later"),
        (due_at + MAX_DELAY_SECONDS + 1, "due date is too far"),
    ):
        with boa.reverts(reason):
            world.grants.move_due(grant_id, 1, bad, sender=world.owner)
    with boa.env.anchor():
        world.grants.move_due(grant_id, 1, due_at + 1, sender=world.owner)
    world.grants.move_due(grant_id, 1, due_at + MAX_DELAY_SECONDS, sender=world.owner)
    assert world.due_at(grant_id) == due_at + MAX_DELAY_SECONDS


def test_move_due__into_the_past__reverts(world, grant_id):
    support.warp_to(world.due_at(grant_id) + DAY)
    with boa.reverts("due date is not later"):
        world.grants.move_due(grant_id, 1, support.now(), sender=world.owner)
    world.grants.move_due(grant_id, 1, support.now() + 1, sender=world.owner)


def test_move_due__not_in_turn__reverts(world, grant_id):
    world.accept(grant_id)
    for milestone in (0, 1, 3, 4):
        with boa.reverts("milestone is not in turn"):
            world.grants.move_due(
                grant_id, milestone, support.now() + 400 * DAY, sender=world.owner
            )


def test_move_due__everything_accepted__reverts(world, at_last):
    world.submit_model(at_last)
    support.pass_time(REVIEW_SECONDS)
    for milestone in (3, 4):
        with boa.reverts("every milestone is accepted"):
            world.grants.move_due(at_last, milestone, support.now() + DAY, sender=world.owner)


def test_move_due__under_review__reverts(world, submitted):
    due_at = world.due_at(submitted)
    with boa.reverts("milestone is under review"):
        world.grants.move_due(submitted, 1, due_at + 1, sender=world.owner)
    world.decide(submitted, 0)
    world.grants.move_due(submitted, 1, due_at + 1, sender=world.owner)
    assert world.state_of(submitted) == LOCKED


@pytest.mark.parametrize("role", ["guardian", "builder", "stranger"])
def test_move_due__not_the_owner__reverts(world, grant_id, role):
    with boa.reverts("caller is not the owner"):
        world.grants.move_due(grant_id, 1, support.now() + 400 * DAY, sender=getattr(world, role))


def test_move_due__not_active__reverts(world, application, grant_id):
    world.terminate(grant_id)
    for not_active in (application, grant_id, 0, 99):
        with boa.reverts("grant is not active"):
            world.grants.move_due(not_active, 1, support.now() + DAY, sender=world.owner)

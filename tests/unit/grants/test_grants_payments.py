"""TrainingGrants: what accepted milestones pay, at once or second by second, and completion."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    ACCEPTED,
    AMOUNTS,
    BOND,
    COMPLETED,
    COMPUTE_BUDGET,
    DUES,
    ESCALATION_SECONDS,
    LOCKED,
    PAID,
    RESUBMIT_SECONDS,
    REVIEW_SECONDS,
    SPACING_SECONDS,
    SUBMITTED,
    TREASURY_FUNDS,
    event_names,
    logged,
    milestone_terms,
    three_milestones,
)
from tests.support import DAY

STREAM_SECONDS = 100 * DAY


@pytest.fixture
def streaming(world) -> int:
    """A grant whose first milestone streams and was accepted by time just now."""
    grant_id = world.active(milestones=three_milestones(stream_seconds=STREAM_SECONDS))
    world.accept(grant_id)
    return grant_id


# --- draw ---


def test_draw__one_milestone__paid_to_the_recipient_by_anyone(world, grant_id):
    world.accept(grant_id)
    at = support.now()
    assert world.grants.draw(grant_id, sender=world.stranger) == AMOUNTS[0]
    assert logged(world.grants) == [
        (
            "MilestoneAccepted",
            {"grant_id": grant_id, "milestone": 1, "accepted_at": at, "earned": AMOUNTS[0]},
        ),
        (
            "MilestonePaid",
            {
                "grant_id": grant_id,
                "milestone": 1,
                "recipient": world.builder,
                "amount": AMOUNTS[0],
            },
        ),
        (
            "CommitmentPaid",
            {
                "commitment_id": 1,
                "receiver": world.builder,
                "asset": world.asset.address,
                "amount": AMOUNTS[0],
            },
        ),
        (
            "Transfer",
            {"sender": world.treasury.address, "receiver": world.builder, "value": AMOUNTS[0]},
        ),
    ]
    assert world.asset.balanceOf(world.builder) == AMOUNTS[0]
    found = world.grants.milestone(grant_id, 1)
    assert (found.state, found.earned, found.paid) == (PAID, AMOUNTS[0], AMOUNTS[0])
    assert world.committed() == sum(AMOUNTS[1:]) + COMPUTE_BUDGET + BOND


def test_draw__later__accepted_at_its_own_second(world, grant_id):
    world.accept(grant_id)
    at = support.now()
    support.pass_time(500 * DAY)
    assert world.grants.milestone(grant_id, 1).accepted_at == at
    world.grants.draw(grant_id)
    assert logged(world.grants)[0][1]["accepted_at"] == at
    assert world.grants.milestone(grant_id, 1).accepted_at == at


def test_draw__several_accepted__one_transfer(world, grant_id):
    world.accept(grant_id)
    world.accept(grant_id)
    assert world.grants.drawable(grant_id) == AMOUNTS[0] + AMOUNTS[1]
    assert world.grants.draw(grant_id) == AMOUNTS[0] + AMOUNTS[1]
    assert event_names(world.grants) == [
        *("MilestoneAccepted", "MilestonePaid", "MilestonePaid", "CommitmentPaid", "Transfer"),
    ]


def test_draw__nothing_accepted__reverts(world, submitted, application):
    support.pass_time(REVIEW_SECONDS - 1)
    for grant_id in (submitted, application, 0, 99):
        with boa.reverts("nothing to draw"):
            world.grants.draw(grant_id)
    support.pass_time(1)
    assert world.grants.draw(submitted) == AMOUNTS[0]
    with boa.reverts("nothing to draw"):
        world.grants.draw(submitted)


def test_draw__last__completes_and_returns_the_bond(world, at_last):
    world.submit_model(at_last)
    support.pass_time(REVIEW_SECONDS)
    assert world.grants.drawable(at_last) == AMOUNTS[2]
    assert world.grants.draw(at_last, sender=world.stranger) == AMOUNTS[2]
    events = logged(world.grants)
    assert [name for name, _ in events] == [
        *("MilestoneAccepted", "MilestonePaid", "GrantCompleted"),
        *("CommitmentPaid", "Transfer", "CommitmentPaid", "Transfer"),
    ]
    assert events[2][1] == {"grant_id": at_last, "bond": BOND}
    assert [fields["amount"] for name, fields in events if name == "CommitmentPaid"] == [
        *(AMOUNTS[2], BOND),
    ]
    assert world.grants.state(at_last) == COMPLETED
    assert world.asset.balanceOf(world.builder) == sum(AMOUNTS) + BOND
    assert world.committed() == COMPUTE_BUDGET
    world.escrow.return_budget(at_last)
    assert (world.committed(), world.free()) == (0, TREASURY_FUNDS - sum(AMOUNTS))


def test_draw__completed__nothing_else_works(world, at_last):
    world.finish(at_last)
    with boa.reverts("nothing to draw"):
        world.grants.draw(at_last)
    with boa.reverts("grant is not active"):
        world.terminate(at_last)
    with boa.reverts("grant is not active"):
        world.grants.expire(at_last)
    with boa.reverts("grant is not active"):
        world.grants.move_due(at_last, 3, support.now() + DAY, sender=world.owner)
    with boa.reverts("grant is not active"):
        world.grants.post_bond(at_last, sender=world.builder)


# --- streams ---


@pytest.mark.parametrize("seconds", [1, 2, STREAM_SECONDS // 3, STREAM_SECONDS - 1])
def test_draw__stream__second_by_second_rounded_down(world, streaming, seconds):
    assert world.grants.drawable(streaming) == 0
    with boa.reverts("nothing to draw"):
        world.grants.draw(streaming)
    support.pass_time(seconds)
    released = AMOUNTS[0] * seconds // STREAM_SECONDS
    assert world.grants.drawable(streaming) == released
    assert world.grants.draw(streaming) == released
    found = world.grants.milestone(streaming, 1)
    assert (found.state, found.earned, found.paid) == (ACCEPTED, AMOUNTS[0], released)
    support.pass_time(STREAM_SECONDS - seconds)
    assert world.grants.draw(streaming) == AMOUNTS[0] - released
    assert world.state_of(streaming) == PAID


@pytest.mark.parametrize("seconds", [STREAM_SECONDS, STREAM_SECONDS + 1, 10 * STREAM_SECONDS])
def test_draw__stream_is_over__all_of_it(world, streaming, seconds):
    support.pass_time(seconds)
    assert world.grants.draw(streaming) == AMOUNTS[0]
    assert world.state_of(streaming) == PAID


def test_draw__every_second__loses_nothing_to_rounding(world):
    grant_id = world.active(milestones=three_milestones(stream_seconds=7))
    world.accept(grant_id)
    paid = []
    for _ in range(7):
        support.pass_time(1)
        paid.append(world.grants.draw(grant_id))
    assert sum(paid) == AMOUNTS[0]
    assert max(paid) - min(paid) == 1


def test_draw__stream_and_later_milestone__paid_side_by_side(world, streaming):
    """A later one that is paid in full is PAID once the stream before it is."""
    world.accept(streaming)
    released = AMOUNTS[0] * (SPACING_SECONDS + REVIEW_SECONDS) // STREAM_SECONDS
    assert world.grants.draw(streaming) == released + AMOUNTS[1]
    assert [world.state_of(streaming, m) for m in (1, 2, 3)] == [ACCEPTED, ACCEPTED, LOCKED]
    support.pass_time(STREAM_SECONDS)
    assert world.grants.draw(streaming) == AMOUNTS[0] - released
    assert world.state_of(streaming, 1) == PAID


def test_draw__stream_of_a_grant_that_is_otherwise_done__completes_at_its_end(world):
    milestones = three_milestones(stream_seconds=STREAM_SECONDS)
    grant_id = world.active(milestones=milestones)
    world.accept(grant_id)
    world.accept(grant_id)
    world.submit_model(grant_id)
    support.pass_time(REVIEW_SECONDS)
    world.grants.draw(grant_id)
    assert "GrantCompleted" not in event_names(world.grants)
    assert world.grants.milestone_in_turn(grant_id) == 4
    # What is left of the compute is free at once.
    assert world.escrow.return_budget(grant_id) == COMPUTE_BUDGET
    support.pass_time(STREAM_SECONDS)
    world.grants.draw(grant_id)
    assert event_names(world.grants) == [
        *("MilestonePaid", "GrantCompleted"),
        *("CommitmentPaid", "Transfer", "CommitmentPaid", "Transfer"),
    ]
    assert [world.state_of(grant_id, m) for m in (1, 2, 3)] == [PAID] * 3
    assert world.grants.state(grant_id) == COMPLETED
    assert world.committed() == 0


def test_draw__stream__begins_when_time_accepted_not_when_somebody_looked(world, grant_id):
    other = world.active(milestones=three_milestones(stream_seconds=STREAM_SECONDS))
    world.submit(other)
    support.pass_time(REVIEW_SECONDS + 10)
    world.submit(grant_id, at_once=True)
    assert world.grants.drawable(other) == AMOUNTS[0] * 10 // STREAM_SECONDS


# --- late acceptance ---


def test_acceptance__late__next_milestone_keeps_time(world):
    """The first is submitted a second before its date and accepted after the next one's."""
    milestones = [
        milestone_terms(30, 28 * DAY),
        milestone_terms(30, 42 * DAY),
        milestone_terms(30, 80 * DAY),
    ]
    grant_id = world.active(kind=2, split=[], milestones=milestones, bond=9)
    third = world.due_at(grant_id, 3)
    support.warp_to(world.due_at(grant_id) - 1)
    world.submit(grant_id)
    world.object(grant_id)
    second = world.due_at(grant_id, 2)
    support.pass_time(REVIEW_SECONDS + ESCALATION_SECONDS)
    due_at = support.now() + SPACING_SECONDS + RESUBMIT_SECONDS
    assert world.due_at(grant_id, 2) == due_at > second
    support.pass_time(DAY)
    world.grants.draw(grant_id)
    assert (world.due_at(grant_id, 2), world.due_at(grant_id, 3)) == (due_at, third)
    support.warp_to(due_at - RESUBMIT_SECONDS - 1)
    with boa.reverts("milestone is too early"):
        world.submit(grant_id, at_once=True)
    support.warp_to(due_at - 1)
    world.submit(grant_id)
    assert world.state_of(grant_id, 2) == SUBMITTED


@pytest.mark.parametrize("seconds", [-1, 0, 1])
@pytest.mark.parametrize("by_vote", [False, True])
def test_acceptance__next_date__is_four_weeks_later_at_least(world, seconds, by_vote):
    """By the terms, or by as much later as the acceptance was late."""
    milestones = [milestone_terms(30, due * DAY) for due in (28, 56, 80)]
    grant_id = world.active(kind=2, split=[], milestones=milestones, bond=9)
    by_terms = world.due_at(grant_id, 2)
    accepted_at = by_terms - SPACING_SECONDS - RESUBMIT_SECONDS + seconds
    support.warp_to(accepted_at - REVIEW_SECONDS)
    world.submit(grant_id)
    if by_vote:
        support.warp_to(accepted_at - 1)
        world.decide(grant_id, 5_000)
        # A second earlier than time would have.
        assert world.due_at(grant_id, 2) == by_terms + max(0, seconds - 1)
    else:
        support.warp_to(accepted_at)
        assert world.due_at(grant_id, 2) == by_terms + max(0, seconds)


def test_acceptance__early__next_milestone_has_the_date_of_its_terms(world, grant_id):
    due_at = world.approved_at[grant_id] + DUES[1]
    world.accept(grant_id)
    assert world.due_at(grant_id, 2) == due_at
    world.grants.draw(grant_id)
    assert world.due_at(grant_id, 2) == due_at

"""TrainingGrants: what a vote about a submission does, in whole, in part or not at all."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    ACCEPTED,
    AMOUNTS,
    COMPLETED,
    COMPUTE_BUDGET,
    DUES,
    ESCALATION_SECONDS,
    LOCKED,
    NOTHING,
    PAID,
    REASON,
    RESUBMIT_SECONDS,
    REVIEW_SECONDS,
    SPACING_SECONDS,
    SUBMITTED,
    WHOLE,
    event_names,
    logged,
    milestone_terms,
    three_milestones,
)
from tests.support import DAY, MAX_UINT


@pytest.fixture
def objected(world, submitted) -> int:
    """A grant whose first milestone the guardian objected to just now."""
    world.object(submitted)
    return submitted


def decided(grant_id, pay_bps, submission=1) -> tuple:
    """The event of a decision about the first milestone."""
    fields = {
        "grant_id": grant_id,
        "milestone": 1,
        "submission": submission,
        "pay_bps": pay_bps,
        "reason_hash": REASON,
    }
    return ("MilestoneDecided", fields)


def accepted(grant_id, earned) -> tuple:
    fields = {
        "grant_id": grant_id,
        "milestone": 1,
        "accepted_at": support.now(),
        "earned": earned,
    }
    return ("MilestoneAccepted", fields)


def released(world, grant_id, amount) -> tuple:
    commitment_id, _ = world.grants.commitments(grant_id)
    fields = {
        "commitment_id": commitment_id,
        "asset": world.asset.address,
        "amount": amount,
    }
    return ("CommitmentReleased", fields)


# --- accepted ---


@pytest.mark.parametrize("pay_bps", [1, 3_333, 9_999, WHOLE])
def test_decide__accepted__earns_its_part_and_leaves_the_rest(world, objected, pay_bps):
    free = world.free()
    earned = AMOUNTS[0] * pay_bps // 10_000
    world.decide(objected, pay_bps)
    events = logged(world.grants)
    expected = [decided(objected, pay_bps), accepted(objected, earned)]
    if pay_bps < WHOLE:
        expected.append(released(world, objected, AMOUNTS[0] - earned))
    assert events == expected
    found = world.grants.milestone(objected, 1)
    assert (found.state, found.amount, found.earned, found.accepted_at) == (
        *(ACCEPTED, AMOUNTS[0], earned, support.now()),
    )
    assert world.free() == free + AMOUNTS[0] - earned
    assert world.grants.draw(objected) == earned == world.asset.balanceOf(world.builder)
    assert world.state_of(objected) == PAID
    assert world.committed() == sum(AMOUNTS[1:]) + COMPUTE_BUDGET + bond_of(world, objected)


def bond_of(world, grant_id) -> int:
    return world.applications.application(grant_id).bond


@pytest.mark.parametrize(("amount", "pay_bps"), [(1, 9_999), (3, 3_333), (9_999, 1)])
def test_decide__part_of_less_than_a_unit__earns_nothing_and_is_accepted(world, amount, pay_bps):
    milestones = [milestone_terms(amount, step * 30 * DAY) for step in (1, 2, 3, 4)]
    grant_id = world.active(kind=2, split=[], milestones=milestones, bond=amount)
    world.submit(grant_id)
    world.decide(grant_id, pay_bps)
    events = logged(world.grants)
    assert events[1:] == [accepted(grant_id, 0), released(world, grant_id, amount)]
    assert world.grants.milestone_in_turn(grant_id) == 2
    assert world.state_of(grant_id) == ACCEPTED
    assert world.grants.drawable(grant_id) == 0
    with boa.reverts("nothing to draw"):
        world.grants.draw(grant_id)
    world.accept(grant_id)
    assert world.grants.draw(grant_id) == amount
    assert [world.state_of(grant_id, m) for m in (1, 2)] == [PAID, PAID]


def test_decide__last_milestone_for_nothing_but_dust__completes_and_returns_the_bond(world):
    milestones = [milestone_terms(3, step * 30 * DAY) for step in (1, 2, 3)]
    grant_id = world.active(kind=2, split=[], milestones=milestones, bond=7)
    for _ in range(3):
        world.submit(grant_id)
        world.decide(grant_id, 1)
    before = world.asset.balanceOf(world.builder)
    assert world.grants.draw(grant_id) == 0
    assert event_names(world.grants) == ["GrantCompleted", "CommitmentPaid", "Transfer"]
    assert world.asset.balanceOf(world.builder) == before + 7
    assert world.committed() == 0


def test_decide__last_milestone_earns_nothing_after_paid_ones__draw_returns_the_bond(world):
    """Nothing is drawable then, and yet the draw completes the grant."""
    milestones = [milestone_terms(3, step * 30 * DAY) for step in (1, 2, 3)]
    grant_id = world.active(kind=2, split=[], milestones=milestones, bond=7)
    for _ in range(2):
        world.accept(grant_id)
        assert world.grants.draw(grant_id) == 3
    world.submit(grant_id)
    world.decide(grant_id, 1)
    assert world.grants.drawable(grant_id) == 0
    assert world.grants.draw(grant_id, sender=world.stranger) == 0
    assert event_names(world.grants) == ["GrantCompleted", "CommitmentPaid", "Transfer"]
    assert world.grants.state(grant_id) == COMPLETED
    assert [world.state_of(grant_id, m) for m in (1, 2, 3)] == [PAID] * 3
    assert world.asset.balanceOf(world.builder) == 6 + 7
    assert world.committed() == 0
    with boa.reverts("nothing to draw"):
        world.grants.draw(grant_id)


def test_decide__part_of_a_stream__is_released_over_the_same_time(world):
    grant_id = world.active(milestones=three_milestones(stream_seconds=1_000))
    world.submit(grant_id)
    world.decide(grant_id, 3_333)
    earned = AMOUNTS[0] * 3_333 // 10_000
    for seconds in (1, 333, 999, 1_000):
        with boa.env.anchor():
            support.pass_time(seconds)
            assert world.grants.drawable(grant_id) == earned * seconds // 1_000


def test_decide__without_objection__works(world, submitted):
    """A vote that is fast enough may decide within the review."""
    world.decide(submitted, WHOLE)
    assert logged(world.grants) == [decided(submitted, WHOLE), accepted(submitted, AMOUNTS[0])]
    assert world.due_at(submitted, 2) == world.due_at(submitted, 1) + DUES[1] - DUES[0]


def test_decide__accepted_late__next_milestone_has_time(world, grant_id):
    second = world.due_at(grant_id, 2)
    support.warp_to(world.due_at(grant_id) - 1)
    world.submit(grant_id)
    support.pass_time(REVIEW_SECONDS - 1)
    # Weeks before the second is due: it keeps its date.
    world.decide(grant_id, WHOLE)
    assert world.due_at(grant_id, 2) == second > support.now() + SPACING_SECONDS + RESUBMIT_SECONDS


@pytest.mark.parametrize("pay_bps", [1, WHOLE])
def test_decide__accepted_after_the_next_date__four_weeks_from_then(world, submitted, pay_bps):
    """Two until it may be submitted, and two to submit it."""
    third = world.due_at(submitted, 3)
    support.pass_time(REVIEW_SECONDS - 1)
    world.object(submitted)
    submission = world.grants.milestone(submitted, 1)
    support.warp_to(submission.accepts_at - 1)
    world.decide(submitted, pay_bps)
    assert world.due_at(submitted, 2) > support.now() + SPACING_SECONDS + RESUBMIT_SECONDS
    # The second is put off by a rejection, and decided about when the third is nearly due.
    support.warp_to(world.due_at(submitted, 2) - 1)
    for _ in range(3):
        world.submit(submitted)
        support.pass_time(REVIEW_SECONDS - 1)
        world.decide(submitted, NOTHING)
        support.warp_to(world.due_at(submitted, 2) - 1)
    world.submit(submitted)
    world.decide(submitted, pay_bps)
    due_at = support.now() + SPACING_SECONDS + RESUBMIT_SECONDS
    assert world.due_at(submitted, 3) == due_at > third


# --- rejected ---


def test_decide__rejected_early__locked_with_its_due_date(world, objected):
    free, due_at = world.free(), world.due_at(objected)
    world.decide(objected, NOTHING)
    assert logged(world.grants) == [decided(objected, NOTHING)]
    assert (world.state_of(objected), world.due_at(objected)) == (LOCKED, due_at)
    assert (world.grants.drawable(objected), world.free()) == (0, free)
    assert world.grants.milestone(objected, 1).submission == 1


def test_decide__rejected_late__fourteen_days_to_submit_again(world, grant_id):
    third = world.due_at(grant_id, 3)
    support.warp_to(world.due_at(grant_id) - 1)
    world.submit(grant_id)
    support.pass_time(REVIEW_SECONDS - 1)
    world.decide(grant_id, NOTHING)
    due_at = support.now() + RESUBMIT_SECONDS
    assert world.due_at(grant_id) == due_at
    # It moves nothing else.
    assert world.due_at(grant_id, 3) == third
    support.warp_to(due_at - 1)
    with boa.env.anchor():
        world.submit(grant_id)
        assert world.grants.milestone(grant_id, 1).submission == 2
    support.pass_time(1)
    with boa.reverts("milestone is overdue"):
        world.submit(grant_id)


@pytest.mark.parametrize(("seconds", "moved"), [(0, False), (1, True)])
def test_decide__rejected__moves_the_date_only_if_less_than_fourteen_days_are_left(
    world, grant_id, seconds, moved
):
    due_at = world.due_at(grant_id)
    support.warp_to(due_at - RESUBMIT_SECONDS + seconds)
    world.submit(grant_id)
    world.decide(grant_id, NOTHING)
    assert world.due_at(grant_id) == due_at + seconds
    assert (world.due_at(grant_id) > due_at) == moved


def test_decide__rejected_and_submitted_again__reviewed_and_paid(world, objected):
    world.decide(objected, NOTHING)
    world.submit(objected)
    assert world.state_of(objected) == SUBMITTED
    world.object(objected)
    world.decide(objected, NOTHING)
    world.accept(objected)
    assert world.grants.draw(objected) == AMOUNTS[0]
    assert world.grants.milestone(objected, 1).submission == 3


# --- which submission ---


@pytest.mark.parametrize("submission", [0, 1, 3, MAX_UINT])
def test_decide__another_submission__reverts(world, submitted, submission):
    """A vote about the first says nothing about the second, which was handed in meanwhile."""
    world.grants.withdraw_submission(submitted, sender=world.builder)
    world.submit(submitted)
    with boa.reverts("another submission"):
        world.grants.decide(submitted, 1, submission, WHOLE, REASON, sender=world.owner)
    world.grants.decide(submitted, 1, 2, WHOLE, REASON, sender=world.owner)
    assert logged(world.grants)[0] == decided(submitted, WHOLE, submission=2)


@pytest.mark.parametrize("pay_bps", [WHOLE + 1, MAX_UINT])
def test_decide__more_than_the_whole__reverts(world, submitted, pay_bps):
    with boa.reverts("part is above the whole"):
        world.decide(submitted, pay_bps)


@pytest.mark.parametrize("milestone", [0, 2, 3, 4, MAX_UINT])
def test_decide__another_milestone__reverts(world, submitted, milestone):
    with boa.reverts("milestone is not in review"):
        world.grants.decide(submitted, milestone, 1, WHOLE, REASON, sender=world.owner)


@pytest.mark.parametrize("role", ["guardian", "builder", "stranger"])
def test_decide__not_the_owner__reverts(world, objected, role):
    with boa.reverts("caller is not the owner"):
        world.grants.decide(objected, 1, 1, WHOLE, REASON, sender=getattr(world, role))


@pytest.mark.parametrize("pay_bps", [NOTHING, 1, WHOLE])
def test_decide__twice__reverts(world, objected, pay_bps):
    world.decide(objected, pay_bps)
    with boa.reverts("milestone is not in review"):
        world.decide(objected, WHOLE, milestone=1)


@pytest.mark.parametrize("objects", [False, True])
def test_decide__what_time_has_accepted__reverts(world, submitted, objects):
    """F1: accepted stays accepted, from that very second on, whether or not it was written down."""
    seconds = REVIEW_SECONDS
    if objects:
        world.object(submitted)
        seconds += ESCALATION_SECONDS
    support.pass_time(seconds - 1)
    with boa.env.anchor():
        world.decide(submitted, NOTHING)
        assert world.state_of(submitted) == LOCKED
    support.pass_time(1)
    with boa.reverts("milestone is not in review"):
        world.decide(submitted, NOTHING, milestone=1)
    assert world.grants.draw(submitted) == AMOUNTS[0]


def test_decide__not_active__reverts(world, application, submitted):
    world.terminate(submitted)
    for not_active in (application, submitted, 0, 99):
        with boa.reverts("grant is not active"):
            world.grants.decide(not_active, 1, 1, WHOLE, REASON, sender=world.owner)

"""TrainingGrants: payment of milestones, and what a challenged energy report does to it."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    ACCEPTED,
    AMOUNTS,
    COMPLETED,
    COMPUTE_BUDGET,
    DECISION_SECONDS,
    OBJECTED,
    PAID,
    PHASE_SERVING,
    REASON,
    RESUBMIT_SECONDS,
    REVIEW_SECONDS,
    SUBMITTED,
    logged,
    milestone_terms,
)
from tests.support import DAY

# --- draw ---


def test_draw__one_milestone__paid_to_the_recipient_by_anyone(world, grant_id):
    world.accept(grant_id)
    assert world.grants.draw(grant_id, sender=world.stranger) == AMOUNTS[0]
    events = logged(world.grants)
    assert [name for name, _ in events] == ["MilestonePaid", "CommitmentPaid", "Transfer"]
    assert events[0][1] == {
        "grant_id": grant_id,
        "milestone": 1,
        "recipient": world.builder,
        "amount": AMOUNTS[0],
    }
    assert world.asset.balanceOf(world.builder) == AMOUNTS[0]
    assert world.state_of(grant_id) == PAID
    assert world.grants.paid(grant_id) == AMOUNTS[0]
    assert world.committed() == sum(AMOUNTS[1:]) + COMPUTE_BUDGET


def test_draw__several_accepted__one_transfer(world, grant_id):
    world.accept(grant_id, 1)
    world.accept(grant_id, 2)
    assert world.grants.drawable(grant_id) == AMOUNTS[0] + AMOUNTS[1]
    assert world.grants.draw(grant_id) == AMOUNTS[0] + AMOUNTS[1]
    assert [name for name, _ in logged(world.grants)] == [
        *("MilestonePaid", "MilestonePaid", "CommitmentPaid", "Transfer"),
    ]
    assert world.grants.paid(grant_id) == AMOUNTS[0] + AMOUNTS[1]


def test_draw__nothing_accepted__reverts(world, submitted):
    for grant_id in (submitted, 0, 99):
        with boa.reverts("nothing to draw"):
            world.grants.draw(grant_id)


def test_draw__last__completes_and_closes_the_budget(world, at_last):
    world.accept(at_last, 3, world.report(at_last))
    world.grants.draw(at_last)
    assert [name for name, _ in logged(world.grants)] == [
        *("MilestonePaid", "GrantCompleted", "BudgetClosing", "CommitmentPaid", "Transfer"),
    ]
    assert world.grants.state(at_last) == COMPLETED
    assert world.escrow.budget(at_last).closed
    assert world.asset.balanceOf(world.builder) == sum(AMOUNTS)
    assert world.committed() == COMPUTE_BUDGET
    world.escrow.return_budget(at_last)
    assert world.committed() == 0


def test_draw__last_without_budget__completes(world):
    grant_id = world.active(milestones=[milestone_terms()], compute_budget=0)
    world.accept(grant_id)
    world.grants.draw(grant_id)
    assert world.grants.state(grant_id) == COMPLETED
    assert world.committed() == 0


def test_accepted_late__next_milestone_keeps_time(world):
    # The first is submitted a second before its date and accepted after the second one's date.
    terms = [milestone_terms(due_seconds=10 * DAY), milestone_terms(due_seconds=11 * DAY)]
    grant_id = world.active(milestones=terms)
    support.pass_time(10 * DAY - 1)
    world.accept(grant_id)
    accepted_at = support.now()
    due_at = accepted_at + RESUBMIT_SECONDS
    assert world.due_at(grant_id, 2) == due_at
    support.pass_time(DAY)
    world.grants.draw(grant_id)
    assert logged(world.grants)[0][0] == "DueMoved"
    assert world.due_at(grant_id, 2) == due_at
    support.warp_to(due_at - 1)
    world.submit(grant_id, 2)
    assert world.state_of(grant_id, 2) == SUBMITTED


# --- challenged energy reports ---


@pytest.fixture
def reported(world, at_last) -> tuple[int, int]:
    """A grant whose last milestone was submitted just now with a report, and the report."""
    report_id = world.report(at_last)
    world.submit(at_last, 3, report_id)
    return at_last, report_id


def test_challenge__in_review__acts_as_an_objection(world, reported):
    grant_id, report_id = reported
    world.challenge(report_id)
    assert world.state_of(grant_id, 3) == OBJECTED
    support.pass_time(REVIEW_SECONDS)
    with boa.reverts("nothing to draw"):
        world.grants.draw(grant_id)
    world.decide(grant_id, False, 3)
    with boa.reverts("energy report is not valid"):
        world.submit(grant_id, 3, report_id)
    correction = world.report(grant_id, supersedes=report_id)
    world.accept(grant_id, 3, correction)
    assert world.grants.draw(grant_id) == AMOUNTS[2]


@pytest.mark.parametrize("cleared", [False, True])
def test_challenge__accepted_and_not_drawn__changes_nothing(world, reported, cleared):
    """F1: what time has accepted stays accepted, from that very second on."""
    grant_id, report_id = reported
    support.pass_time(REVIEW_SECONDS)
    before = tuple(world.grants.milestone(grant_id, 3)), world.grants.drawable(grant_id)
    world.challenge(report_id)
    support.pass_time(DAY)
    if cleared:
        world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    after = tuple(world.grants.milestone(grant_id, 3)), world.grants.drawable(grant_id)
    assert after == before
    with boa.reverts("milestone is not objected to"):
        world.decide(grant_id, False, 3)
    world.terminate(grant_id)
    assert world.grants.draw(grant_id) == AMOUNTS[2]


def test_challenge__a_second_before_acceptance__acts_as_an_objection(world, reported):
    grant_id, report_id = reported
    support.pass_time(REVIEW_SECONDS - 1)
    world.challenge(report_id)
    support.pass_time(1)
    assert world.state_of(grant_id, 3) == OBJECTED


def test_challenge__after_an_objection_lapsed__changes_nothing(world, reported):
    grant_id, report_id = reported
    world.object(grant_id, 3)
    support.pass_time(DECISION_SECONDS)
    world.challenge(report_id)
    assert world.state_of(grant_id, 3) == ACCEPTED


@pytest.mark.parametrize("again", [False, True])
def test_challenge__lapsed_and_cleared_later__accepted_when_it_lapsed(world, again):
    """Neither a late word nor a second challenge moves the second of acceptance."""
    terms = [milestone_terms(due_seconds=10 * DAY), milestone_terms(due_seconds=11 * DAY)]
    grant_id = world.active(milestones=terms)
    report_id = world.report(grant_id, 1)
    world.submit(grant_id, 1, report_id)
    world.challenge(report_id)
    lapsed_at = support.now() + DECISION_SECONDS
    support.pass_time(DECISION_SECONDS + DAY)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    if again:
        world.ledger.challenge(report_id, REASON, sender=world.owner)
    assert world.state_of(grant_id) == ACCEPTED
    assert world.due_at(grant_id, 2) == lapsed_at + RESUBMIT_SECONDS


def test_challenge__cleared__milestone_is_accepted(world, reported):
    grant_id, report_id = reported
    world.challenge(report_id)
    support.pass_time(REVIEW_SECONDS + DAY)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    assert world.grants.draw(grant_id) == AMOUNTS[2]


def test_challenge__cleared_within_the_window__review_goes_on(world, reported):
    grant_id, report_id = reported
    world.challenge(report_id)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    assert world.state_of(grant_id, 3) == SUBMITTED


def test_challenge__undecided__lapses_like_an_objection(world, reported):
    grant_id, report_id = reported
    support.pass_time(DAY)
    world.challenge(report_id)
    support.pass_time(DECISION_SECONDS - 1)
    assert world.state_of(grant_id, 3) == OBJECTED
    support.pass_time(1)
    assert world.grants.draw(grant_id) == AMOUNTS[2]


def test_challenge__after_a_vote_accepted__does_nothing(world, reported):
    grant_id, report_id = reported
    world.object(grant_id, 3)
    world.decide(grant_id, True, 3)
    world.challenge(report_id)
    assert world.grants.draw(grant_id) == AMOUNTS[2]


def test_challenge__of_an_objected_milestone__later_one_counts(world, reported):
    grant_id, report_id = reported
    world.object(grant_id, 3)
    support.pass_time(DAY)
    world.challenge(report_id)
    support.pass_time(DECISION_SECONDS - DAY)
    assert world.state_of(grant_id, 3) == OBJECTED
    support.pass_time(DAY)
    assert world.state_of(grant_id, 3) == ACCEPTED


def test_challenge_cleared_late__next_milestone_keeps_time(world):
    terms = [milestone_terms(due_seconds=10 * DAY), milestone_terms(due_seconds=11 * DAY)]
    grant_id = world.active(milestones=terms)
    report_id = world.report(grant_id, 1)
    world.submit(grant_id, 1, report_id)
    world.challenge(report_id)
    support.pass_time(20 * DAY)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    assert world.due_at(grant_id, 2) == support.now() + RESUBMIT_SECONDS


def test_superseded_after_acceptance__still_payable(world, reported):
    grant_id, report_id = reported
    support.pass_time(REVIEW_SECONDS)
    world.report(grant_id, supersedes=report_id, energy_wh=2_000)
    assert world.grants.draw(grant_id) == AMOUNTS[2]


def test_submit__report_of_serving__is_not_valid(world, at_last):
    """F2: a rate of 1 Wh is no report of the training."""
    report_id = world.report(at_last, phase=PHASE_SERVING, energy_wh=1)
    with boa.reverts("energy report is not valid"):
        world.submit(at_last, 3, report_id)

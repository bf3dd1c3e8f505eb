"""TrainingGrants: who takes a grant over, by its own word or by a vote with notice."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    AMOUNTS,
    BOND,
    EVIDENCE,
    LOCKED,
    REPLACEMENT_SECONDS,
    RESUBMIT_SECONDS,
    REVIEW_SECONDS,
    SUBMITTED,
    event_names,
    logged,
)
from tests.support import DAY, ZERO_ADDRESS


def propose(world, grant_id, role="stranger") -> None:
    world.grants.propose_recipient(grant_id, getattr(world, role, role), sender=world.builder)


def replace(world, grant_id, role="stranger") -> None:
    world.grants.replace_recipient(grant_id, getattr(world, role, role), sender=world.owner)


def accept(world, grant_id, role="stranger") -> None:
    world.grants.accept_recipient(grant_id, sender=getattr(world, role))


# --- by its own word ---


def test_recipient__changed_in_two_steps(world, grant_id):
    propose(world, grant_id)
    assert logged(world.grants) == [
        (
            "RecipientProposed",
            {"grant_id": grant_id, "new_recipient": world.stranger, "replaces_at": 0},
        )
    ]
    assert world.grants.recipient(grant_id) == world.builder
    assert world.grants.pending_recipient(grant_id) == (world.stranger, 0)
    accept(world, grant_id)
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
    assert world.grants.pending_recipient(grant_id) == (ZERO_ADDRESS, 0)
    assert world.applications.application(grant_id).recipient == world.builder
    assert world.grants.compute_rights(grant_id).recipient == world.stranger
    assert world.grants.may_register_model(grant_id, world.stranger)
    assert not world.grants.may_register_model(grant_id, world.builder)
    with boa.reverts("caller is not the recipient"):
        world.submit(grant_id)
    with boa.reverts("caller is not proposed"):
        accept(world, grant_id)
    world.ready(grant_id)
    world.grants.submit(grant_id, EVIDENCE, "", 0, 0, 0, sender=world.stranger)


@pytest.mark.parametrize("role", ["owner", "guardian", "builder", "provider"])
def test_accept_recipient__not_proposed__reverts(world, grant_id, role):
    with boa.reverts("caller is not proposed"):
        accept(world, grant_id, role)
    propose(world, grant_id)
    with boa.reverts("caller is not proposed"):
        accept(world, grant_id, role)


def test_propose_recipient__another_or_nobody__the_first_cannot_accept(world, grant_id):
    for other in (world.provider, ZERO_ADDRESS):
        propose(world, grant_id)
        propose(world, grant_id, other)
        with boa.reverts("caller is not proposed"):
            accept(world, grant_id)


@pytest.mark.parametrize("role", ["owner", "guardian", "stranger"])
def test_propose_recipient__not_the_recipient__reverts(world, grant_id, role):
    with boa.reverts("caller is not the recipient"):
        world.grants.propose_recipient(grant_id, world.stranger, sender=getattr(world, role))


def test_propose_recipient__before_approval__nobody_is_the_recipient(world, application):
    for not_approved in (application, 0, 99):
        with boa.reverts("caller is not the recipient"):
            propose(world, not_approved)


def test_accept_recipient__under_review__reverts_until_it_is_over(world, submitted):
    propose(world, submitted)
    with boa.reverts("milestone is under review"):
        accept(world, submitted)
    world.object(submitted)
    with boa.reverts("milestone is under review"):
        accept(world, submitted)
    world.decide(submitted, 0)
    accept(world, submitted)


def test_accept_recipient__accepted_by_time__takes_the_payment(world, submitted):
    propose(world, submitted)
    support.pass_time(REVIEW_SECONDS - 1)
    with boa.reverts("milestone is under review"):
        accept(world, submitted)
    support.pass_time(1)
    accept(world, submitted)
    assert event_names(world.grants) == ["MilestoneAccepted", "RecipientChanged"]
    world.grants.draw(submitted)
    assert world.asset.balanceOf(world.stranger) == AMOUNTS[0]


def test_accept_recipient__ended_grant__can_still_be_handed_over(world, grant_id):
    world.accept(grant_id)
    world.terminate(grant_id)
    propose(world, grant_id)
    accept(world, grant_id)
    world.grants.draw(grant_id)
    assert world.asset.balanceOf(world.stranger) == AMOUNTS[0]


def test_accept_recipient__bond_goes_to_whoever_completes(world, at_last):
    world.submit_model(at_last)
    support.pass_time(REVIEW_SECONDS)
    propose(world, at_last)
    accept(world, at_last)
    world.grants.draw(at_last)
    assert world.asset.balanceOf(world.stranger) == AMOUNTS[2] + BOND


# --- by a vote ---


def test_replace_recipient__by_a_vote__after_fourteen_days(world, grant_id):
    replaces_at = support.now() + REPLACEMENT_SECONDS
    replace(world, grant_id)
    assert logged(world.grants) == [
        (
            "RecipientProposed",
            {"grant_id": grant_id, "new_recipient": world.stranger, "replaces_at": replaces_at},
        )
    ]
    assert world.grants.pending_recipient(grant_id) == (world.stranger, replaces_at)
    support.warp_to(replaces_at - 1)
    with boa.reverts("notice has not passed"):
        accept(world, grant_id)
    support.pass_time(1)
    accept(world, grant_id)
    assert world.grants.recipient(grant_id) == world.stranger
    assert world.grants.pending_recipient(grant_id) == (ZERO_ADDRESS, 0)
    # The next recipient names its own successors again.
    world.grants.propose_recipient(grant_id, world.builder, sender=world.stranger)


def test_replace_recipient__present_one__keeps_what_it_earned_until_then(world, grant_id):
    world.accept(grant_id)
    replace(world, grant_id)
    world.grants.draw(grant_id)
    assert world.asset.balanceOf(world.builder) == AMOUNTS[0]
    support.pass_time(REPLACEMENT_SECONDS)
    accept(world, grant_id)


def test_replace_recipient__present_one__cannot_stop_it(world, grant_id):
    replace(world, grant_id)
    for other in (world.provider, ZERO_ADDRESS):
        with boa.reverts("a vote named a successor"):
            propose(world, grant_id, other)
    world.submit(grant_id)
    support.pass_time(REPLACEMENT_SECONDS)
    # Its submission is over, and what time has accepted goes with the grant.
    accept(world, grant_id)
    assert world.grants.recipient(grant_id) == world.stranger


def test_replace_recipient__successor_of_its_own_is_pending__vote_comes_first(world, grant_id):
    propose(world, grant_id, "provider")
    replace(world, grant_id)
    with boa.reverts("caller is not proposed"):
        accept(world, grant_id, "provider")


def test_replace_recipient__nobody__takes_the_vote_back(world, grant_id):
    replace(world, grant_id)
    replace(world, grant_id, ZERO_ADDRESS)
    assert logged(world.grants)[0][1]["replaces_at"] == 0
    assert world.grants.pending_recipient(grant_id) == (ZERO_ADDRESS, 0)
    support.pass_time(REPLACEMENT_SECONDS)
    with boa.reverts("caller is not proposed"):
        accept(world, grant_id)
    propose(world, grant_id, "provider")
    accept(world, grant_id, "provider")


def test_replace_recipient__again__notice_begins_anew(world, grant_id):
    replace(world, grant_id)
    support.pass_time(REPLACEMENT_SECONDS)
    replace(world, grant_id)
    with boa.reverts("notice has not passed"):
        accept(world, grant_id)


@pytest.mark.parametrize("objects", [False, True])
def test_accept_recipient__by_a_vote_under_review__withdraws_the_submission(
    world, grant_id, objects
):
    """Whoever is replaced must not put it off by submitting again and again."""
    replace(world, grant_id)
    world.ready(grant_id)
    support.pass_time(REPLACEMENT_SECONDS)
    world.submit(grant_id)
    if objects:
        world.object(grant_id)
    support.pass_time(1)
    due_at, third = world.due_at(grant_id), world.due_at(grant_id, 3)
    accept(world, grant_id)
    assert logged(world.grants) == [
        ("SubmissionWithdrawn", {"grant_id": grant_id, "milestone": 1, "submission": 1}),
        (
            "RecipientChanged",
            {
                "grant_id": grant_id,
                "old_recipient": world.builder,
                "new_recipient": world.stranger,
            },
        ),
    ]
    assert world.state_of(grant_id) == LOCKED
    # Two days before its date it was handed in: the successor has two weeks.
    assert world.due_at(grant_id) == support.now() + RESUBMIT_SECONDS > due_at
    assert world.due_at(grant_id, 3) == third
    assert world.grants.compute_rights(grant_id) == (
        *(world.stranger, support.now() + RESUBMIT_SECONDS, False),
    )
    world.grants.submit(grant_id, EVIDENCE, "", 0, 0, 0, sender=world.stranger)
    assert world.grants.milestone(grant_id, 1).submission == 2


def test_accept_recipient__by_a_vote_review_just_over__what_is_accepted_stays(world, grant_id):
    replace(world, grant_id)
    world.submit(grant_id)
    support.pass_time(REVIEW_SECONDS - 1)
    with boa.env.anchor():
        accept(world, grant_id)
        assert event_names(world.grants) == ["SubmissionWithdrawn", "RecipientChanged"]
        support.pass_time(1)
        assert world.grants.drawable(grant_id) == 0
    support.pass_time(1)
    accept(world, grant_id)
    assert event_names(world.grants) == ["MilestoneAccepted", "RecipientChanged"]
    assert world.grants.drawable(grant_id) == AMOUNTS[0]


@pytest.mark.parametrize("late", [-RESUBMIT_SECONDS, 1 - RESUBMIT_SECONDS, -1, 0, DAY])
def test_accept_recipient__by_a_vote__leaves_two_weeks_to_submit(world, grant_id, late):
    """Also when none is open, and also when it is overdue already."""
    replace(world, grant_id)
    due_at, third = world.due_at(grant_id), world.due_at(grant_id, 3)
    support.warp_to(due_at + late)
    accept(world, grant_id)
    assert event_names(world.grants) == ["RecipientChanged"]
    assert world.due_at(grant_id) == due_at + late + RESUBMIT_SECONDS
    assert world.due_at(grant_id, 3) == third
    support.warp_to(world.due_at(grant_id) - 1)
    world.grants.submit(grant_id, EVIDENCE, "", 0, 0, 0, sender=world.stranger)


def test_accept_recipient__by_a_vote_long_before_the_date__leaves_it(world, grant_id):
    world.grants.move_due(grant_id, 1, world.due_at(grant_id) + 30 * DAY, sender=world.owner)
    due_at = world.due_at(grant_id)
    replace(world, grant_id)
    support.pass_time(REPLACEMENT_SECONDS)
    accept(world, grant_id)
    assert world.due_at(grant_id) == due_at


def test_accept_recipient__by_its_own_word__gives_no_time(world, grant_id):
    propose(world, grant_id)
    due_at = world.due_at(grant_id)
    support.warp_to(due_at - 1)
    accept(world, grant_id)
    assert world.due_at(grant_id) == due_at


def test_accept_recipient__by_a_vote_too_early__withdraws_nothing(world, grant_id):
    world.submit(grant_id)
    replace(world, grant_id)
    with boa.reverts("notice has not passed"):
        accept(world, grant_id)
    for role in ("owner", "builder"):
        with boa.reverts("caller is not proposed"):
            accept(world, grant_id, role)
    assert world.state_of(grant_id) == SUBMITTED


def test_accept_recipient__by_a_vote_everything_accepted__takes_the_payment(world, at_last):
    world.submit_model(at_last)
    support.pass_time(REVIEW_SECONDS)
    finished_at = support.now()
    replace(world, at_last)
    support.pass_time(REPLACEMENT_SECONDS)
    accept(world, at_last)
    assert event_names(world.grants) == ["MilestoneAccepted", "RecipientChanged"]
    assert world.grants.compute_rights(at_last) == (world.stranger, finished_at, True)
    world.grants.draw(at_last)
    assert world.asset.balanceOf(world.stranger) == AMOUNTS[2] + BOND


def test_replace_recipient__ended_grant__for_a_recipient_that_cannot_be_paid(world, grant_id):
    world.accept(grant_id)
    world.terminate(grant_id)
    replace(world, grant_id)
    support.pass_time(REPLACEMENT_SECONDS)
    stops_at = world.grants.compute_rights(grant_id).stops_at
    accept(world, grant_id)
    # The date of an ended grant is nobody's any more.
    assert world.grants.compute_rights(grant_id) == (world.stranger, stops_at, True)
    world.grants.draw(grant_id)
    assert world.asset.balanceOf(world.stranger) == AMOUNTS[0]


@pytest.mark.parametrize("role", ["guardian", "builder", "stranger"])
def test_replace_recipient__not_the_owner__reverts(world, grant_id, role):
    with boa.reverts("caller is not the owner"):
        world.grants.replace_recipient(grant_id, world.stranger, sender=getattr(world, role))


def test_replace_recipient__not_approved__reverts(world, application):
    for not_approved in (application, 0, 99):
        with boa.reverts("grant is not approved"):
            replace(world, not_approved)

"""TrainingGrants: the weeks between the steps of a grant, and the time that a next step has."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    DATA,
    NOTHING,
    RESUBMIT_SECONDS,
    REVIEW_SECONDS,
    SPACING_SECONDS,
    SUBMITTED,
    WHOLE,
    event_names,
    milestone_terms,
)
from tests.support import DAY


def test_submit__fourteen_days_after_the_approval__not_earlier(world, application):
    """Whenever the bond was posted."""
    world.approve(application)
    approved_at = support.now()
    support.pass_time(DAY)
    world.post_bond(application)
    for too_early in (approved_at + DAY, approved_at + SPACING_SECONDS - 1):
        support.warp_to(too_early)
        with boa.reverts("milestone is too early"):
            world.submit(application, at_once=True)
    support.pass_time(1)
    assert world.ready_at(application) == support.now() == approved_at + SPACING_SECONDS
    world.submit(application, at_once=True)
    assert world.state_of(application) == SUBMITTED


def test_submit__fourteen_days_after_the_acceptance__not_earlier(world, submitted):
    accepted_at = support.now() + REVIEW_SECONDS
    support.warp_to(accepted_at)
    for too_early in (accepted_at, accepted_at + SPACING_SECONDS - 1):
        support.warp_to(too_early)
        with boa.reverts("milestone is too early"):
            world.submit(submitted, at_once=True)
    # That somebody settled it later changes nothing.
    with boa.env.anchor():
        world.grants.draw(submitted)
        support.pass_time(1)
        world.submit(submitted, at_once=True)
    support.pass_time(1)
    world.submit(submitted, at_once=True)
    assert event_names(world.grants) == ["MilestoneAccepted", "MilestoneSubmitted"]


def test_submit__fourteen_days_after_a_decision__not_earlier(world, submitted):
    world.decide(submitted, WHOLE)
    support.pass_time(SPACING_SECONDS - 1)
    with boa.reverts("milestone is too early"):
        world.submit(submitted, at_once=True)
    support.pass_time(1)
    world.submit(submitted, at_once=True)


@pytest.mark.parametrize("way", ["withdrawn", "rejected"])
def test_submit__same_milestone_again__at_once(world, submitted, way):
    """What is spaced are the steps of a grant, not the attempts at one."""
    if way == "withdrawn":
        world.grants.withdraw_submission(submitted, sender=world.builder)
    else:
        world.decide(submitted, NOTHING)
    world.submit(submitted, at_once=True)
    assert world.grants.milestone(submitted, 1).submission == 2


def test_submit__dates_that_a_vote_moved__do_not_delay_it(world, grant_id):
    ready_at = world.ready_at(grant_id)
    due_at = world.due_at(grant_id)
    world.grants.move_due(grant_id, 1, due_at + 100 * DAY, sender=world.owner)
    support.warp_to(ready_at - 1)
    with boa.reverts("milestone is too early"):
        world.submit(grant_id, at_once=True)
    support.pass_time(1)
    world.submit(grant_id, at_once=True)


def test_submit__too_early_and_other_faults__overdue_comes_first(world):
    """A grant of the shortest first milestone leaves fourteen days, half open at both ends."""
    milestones = [milestone_terms(30, due * DAY) for due in (28, 42, 56)]
    grant_id = world.active(kind=DATA, split=[], milestones=milestones, bond=9)
    assert world.due_at(grant_id) - world.ready_at(grant_id) == RESUBMIT_SECONDS
    support.warp_to(world.due_at(grant_id) - 1)
    with boa.env.anchor():
        world.submit(grant_id, at_once=True)
    support.pass_time(1)
    with boa.reverts("milestone is overdue"):
        world.submit(grant_id, at_once=True)

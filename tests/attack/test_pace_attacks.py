"""Attacks on the pace of grants: nothing is paid faster than a vote can stop it, and nobody is left
without time. Each runs twice: on the contracts, and on a mutant without the defence that it aims
at.
"""

import pytest

from tests import support
from tests.attack.grant_world import (
    PART,
    SPACING_SECONDS,
    Attacks,
    data_grant,
    data_terms,
    held_at_the_due_date,
    make_world,
    submit_now,
)
from tests.kits.grants import NOTHING, REVIEW_SECONDS, WHOLE, milestone_terms
from tests.support import DAY, works

attack = Attacks()
GRANTS = "TrainingGrants"


@pytest.fixture(scope="module")
def world():
    return make_world()


@attack(
    "GrantApplications",
    (
        "grant_bounds",
        "assert milestone.due_seconds >= due_seconds + MIN_SPACING_SECONDS, "
        '"milestones are too close"',
        "pass",
    ),
)
def three_milestones_in_three_days(world):
    """All would be accepted in ten days, faster than a vote that could stop them."""
    milestones = [milestone_terms(PART, day * DAY) for day in (1, 2, 3)]
    return works(world.apply, **data_terms(milestones=milestones))


@attack(
    "GrantApplications",
    ("grant_bounds", "due_seconds: uint256 = MIN_SPACING_SECONDS", "due_seconds: uint256 = 0"),
)
def first_milestone_due_before_it_may_be_submitted(world):
    """Every such grant would end with the loss of its bond."""
    milestones = [milestone_terms(PART, day * DAY) for day in (14, 42, 70)]
    return works(world.apply, **data_terms(milestones=milestones))


@attack(
    GRANTS,
    (GRANTS, "milestones._check_on_time(self._active(grant_id))", "self._active(grant_id)"),
)
def bond_taken_for_a_grant_that_is_overdue(world):
    """Nothing can be submitted any more: the bond could only be lost."""
    milestones = [milestone_terms(PART, day * DAY) for day in (28, 60, 90)]
    grant_id = world.approved(**data_terms(milestones=milestones))
    support.pass_time(28 * DAY)
    return works(world.post_bond, grant_id)


@attack(
    GRANTS,
    (
        "milestones",
        'assert block.timestamp >= last_step_at + SPACING_SECONDS, "milestone is too early"',
        "pass",
    ),
)
def whole_grant_paid_before_a_vote_can_end_it(world):
    """Approved on a quiet day, all is handed in at once: two silent reviews take two thirds."""
    grant_id = data_grant(world)
    for _ in range(2):
        if not works(submit_now, world, grant_id):
            return False
        support.pass_time(REVIEW_SECONDS)
    return world.grants.drawable(grant_id) == 2 * PART


@attack(
    GRANTS,
    (
        "milestones",
        "last_step_at = packed_acceptance._accepted_at("
        "self.acceptances[grant_id][progress.accepted])",
        "pass",
    ),
)
def second_milestone_in_the_second_of_the_first_acceptance(world):
    """Only the first would have to wait after the approval."""
    grant_id = data_grant(world)
    world.accept(grant_id)
    support.pass_time(SPACING_SECONDS - 1)
    return works(submit_now, world, grant_id)


@attack(
    GRANTS,
    (
        "milestones",
        "max(due_at, accepted_at + SPACING_SECONDS + RESUBMIT_SECONDS)",
        "due_at",
    ),
)
def builder_left_without_time_by_a_slow_vote(world):
    """Whoever objects would cost the bond: the next due date passes while the vote takes place."""
    grant_id = held_at_the_due_date(world)
    support.pass_time(40 * DAY)
    world.decide(grant_id, WHOLE)
    support.pass_time(SPACING_SECONDS)
    return not works(submit_now, world, grant_id)


@attack(
    GRANTS,
    (
        GRANTS,
        "if recipients.replaces_at[grant_id] == 0:\n        milestones",
        "if True:\n        milestones",
    ),
)
def replaced_builder_stays_by_submitting_again_and_again(world):
    """Always under review, it could not be replaced, whatever was voted."""
    grant_id = data_grant(world)
    world.grants.replace_recipient(grant_id, world.stranger, sender=world.owner)
    world.submit(grant_id)
    return not works(world.grants.accept_recipient, grant_id, sender=world.stranger)


@attack(
    GRANTS,
    (GRANTS, "block.timestamp + milestones.RESUBMIT_SECONDS)", "block.timestamp)"),
)
def successor_left_without_time(world):
    """The builder that is replaced submits in the last second, and takes its due date along."""
    grant_id = data_grant(world)
    support.pass_time(30 * DAY - 1)
    world.grants.replace_recipient(grant_id, world.stranger, sender=world.owner)
    world.submit(grant_id)
    world.object(grant_id)
    support.pass_time(REVIEW_SECONDS)
    world.decide(grant_id, NOTHING)
    support.pass_time(14 * DAY - 1)
    submit_now(world, grant_id)
    support.pass_time(1)
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    return not works(submit_now, world, grant_id, world.stranger)


@pytest.mark.parametrize("name", attack.found)
def test_attack__contracts__hold(world, name):
    assert not attack.found[name].run(world)


@pytest.mark.parametrize("name", attack.found)
def test_attack__without_the_defence__succeeds(name):
    assert attack.found[name].gains_without_defence()

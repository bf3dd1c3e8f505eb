"""Attacks on grants: their terms, payments, bonds, ends and recipients. Each runs twice: on the
contracts, where it must fail, and on a mutant without the defence that it aims at, where it must
succeed.
"""

import pytest

from tests import support
from tests.attack.grant_world import (
    PART,
    Attacks,
    data_grant,
    data_terms,
    hand_over,
    held_at_the_due_date,
    make_world,
    replace_number,
    to_the_last,
)
from tests.kits.grants import (
    ACCEPTED,
    APPLICATION_SECONDS,
    COMPLETED,
    GRACE_SECONDS,
    NOTHING,
    REVIEW_SECONDS,
    WHOLE,
    milestone_terms,
)
from tests.support import DAY, works

attack = Attacks()
GRANTS = "TrainingGrants"
STREAM = {"stream_seconds": 100 * DAY}


@pytest.fixture(scope="module")
def world():
    return make_world()


# --- terms ---


@attack(
    GRANTS, (GRANTS, 'assert terms_hash == told.terms_hash, "terms hash does not match"', "pass")
)
def other_terms_approved_than_were_voted_on(world):
    voted_on = world.applications.terms_hash(world.apply(**data_terms()))
    greedy = world.apply()
    return works(world.grants.approve, greedy, voted_on, sender=world.owner)


@attack(
    "GrantApplications",
    ("GrantApplications", "abi_encode(chain.id, self, grant_id, terms)", "abi_encode(terms)"),
)
def one_vote_approves_every_copy_of_an_application(world):
    first, second = world.apply(**data_terms()), world.apply(**data_terms())
    voted_on = world.applications.terms_hash(first)
    return works(world.grants.approve, second, voted_on, sender=world.owner)


@attack(
    GRANTS,
    (
        GRANTS,
        "assert self._state(grant_id) == ITrainingGrants.GrantState.APPLIED, "
        '"grant is not applied for"',
        "pass",
    ),
)
def one_vote_pays_twice(world):
    """The same call of a proposal that was voted on, once more."""
    grant_id = data_grant(world)
    return works(world.approve, grant_id)


@attack(GRANTS, (GRANTS, "if block.timestamp >= applied_at + APPLICATION_SECONDS:", "if False:"))
def application_of_last_year_approved(world):
    grant_id = world.apply(**data_terms())
    support.pass_time(APPLICATION_SECONDS)
    return works(world.approve, grant_id)


@attack(
    GRANTS,
    (
        "recipients",
        'assert account == self.recipient[grant_id], "caller is not the recipient"',
        "pass",
    ),
    (
        "recipients",
        "self.recipient[grant_id] = recipient",
        "if self.recipient[grant_id] == empty(address):\n"
        "        self.recipient[grant_id] = recipient",
    ),
)
def recipient_changed_between_review_and_approval(world):
    grant_id = world.apply(**data_terms())
    works(hand_over, world, grant_id, world.stranger)
    world.approve(grant_id)
    return world.grants.recipient(grant_id) == world.stranger


@attack(
    "GrantApplications",
    (
        "grant_bounds",
        'assert milestone.amount * MAX_PART <= total, "milestone is above a third"',
        "pass",
    ),
)
def whole_grant_in_the_first_milestone(world):
    milestones = [milestone_terms(PART * 3, 30 * DAY), milestone_terms(PART, 60 * DAY)]
    return works(world.apply, **data_terms(milestones=milestones, bond=PART))


# --- payments ---


@attack(GRANTS, ("milestones", "acceptance.paid = released", "pass"))
def milestone_paid_twice(world):
    """Streams of two milestones keep it open."""
    grant_id = data_grant(world, STREAM)
    world.accept(grant_id)
    support.pass_time(50 * DAY)
    world.grants.draw(grant_id)
    works(world.grants.draw, grant_id)
    return world.asset.balanceOf(world.builder) > PART // 2


@attack(
    GRANTS,
    (
        "milestones",
        "return acceptance.earned * elapsed // schedule.stream_seconds, acceptance.earned",
        "return acceptance.earned, acceptance.earned",
    ),
)
def stream_taken_at_once(world):
    grant_id = data_grant(world, STREAM)
    world.accept(grant_id)
    support.pass_time(DAY)
    world.grants.draw(grant_id)
    return world.asset.balanceOf(world.builder) > PART // 100


@attack(
    GRANTS,
    ("milestones", "if progress.ended_at != 0:\n        return progress.ended_at\n", "pass\n"),
)
def stream_goes_on_after_the_termination(world):
    grant_id = data_grant(world, STREAM)
    world.accept(grant_id)
    support.pass_time(10 * DAY)
    world.terminate(grant_id)
    before = world.grants.drawable(grant_id)
    support.pass_time(10 * DAY)
    return world.grants.drawable(grant_id) > before


@attack(
    GRANTS,
    (
        GRANTS,
        "(staticcall TREASURY.commitment(commitment_id)).remaining - kept",
        "(staticcall TREASURY.commitment(commitment_id)).remaining",
    ),
)
def termination_takes_back_what_was_earned(world):
    grant_id = data_grant(world)
    world.accept(grant_id)
    world.terminate(grant_id)
    return not works(world.grants.draw, grant_id)


UNSETTLED = (
    "milestones",
    "progress: packed_progress.Progress = self._settled(grant_id)\n"
    "    if progress.accepted != packed_progress._accepted(self.progress[grant_id]):",
    "progress: packed_progress.Progress = self._progress(grant_id)\n"
    "    if progress.accepted != packed_progress._accepted(self.progress[grant_id]):",
)


@attack(GRANTS, UNSETTLED)
def vote_rejects_what_time_has_accepted(world):
    """F1: nobody wrote the acceptance down, and a hundred days later a vote comes."""
    grant_id = data_grant(world)
    world.accept(grant_id)
    support.pass_time(100 * DAY)
    works(world.decide, grant_id, NOTHING, 1)
    return world.state_of(grant_id) != ACCEPTED


@attack(GRANTS, UNSETTLED)
def termination_takes_what_time_has_accepted(world):
    """F1: the acceptance was never settled when the grant ends."""
    grant_id = data_grant(world)
    world.accept(grant_id)
    world.terminate(grant_id)
    return world.grants.drawable(grant_id) == 0


@attack(GRANTS, UNSETTLED)
def builder_takes_back_what_time_has_accepted(world):
    """To have the due date of the first milestone for the second."""
    grant_id = data_grant(world)
    world.accept(grant_id)
    return works(world.grants.withdraw_submission, grant_id, sender=world.builder)


@attack(
    GRANTS,
    (
        "milestones",
        "progress.in_review = False\n    progress.ended_at = block.timestamp",
        "progress.ended_at = block.timestamp",
    ),
)
def cancelled_work_accepted_after_the_termination(world):
    grant_id = data_grant(world)
    world.submit(grant_id)
    world.terminate(grant_id)
    support.pass_time(REVIEW_SECONDS)
    return world.state_of(grant_id) == ACCEPTED


@attack(
    GRANTS,
    (GRANTS, 'assert pay_bps <= BPS, "part is above the whole"', "pass"),
    ("milestones", "return amount - earned", "return 0"),
)
def vote_pays_more_than_the_terms(world):
    grant_id = data_grant(world)
    world.submit(grant_id)
    works(world.decide, grant_id, 2 * WHOLE)
    return world.grants.drawable(grant_id) > PART


@attack(
    GRANTS,
    (
        "milestones",
        "if released == earned and milestone == progress.closed + 1:",
        "if released == earned and earned > 0 and milestone == progress.closed + 1:",
    ),
)
def bond_kept_when_the_last_milestone_earned_nothing(world):
    """A vote accepts a part that rounds to nothing: all is paid, and the bond is due."""
    milestones = [milestone_terms(100, day * DAY) for day in (30, 60, 90)]
    grant_id = data_grant(world, milestones=milestones, bond=30)
    to_the_last(world, grant_id)
    world.submit(grant_id)
    world.decide(grant_id, 1)
    works(world.grants.draw, grant_id)
    return world.grants.state(grant_id) != COMPLETED or world.asset.balanceOf(world.builder) != 230


# --- bonds ---


@attack(
    GRANTS,
    (GRANTS, 'assert self.bond_commitment[grant_id] != 0, "bond is not posted"', "pass"),
)
def work_paid_without_a_bond(world):
    return works(world.submit, world.approved(**data_terms()))


@attack(GRANTS, (GRANTS, 'assert self.bond_commitment[grant_id] == 0, "bond is posted"', "pass"))
def bond_posted_twice(world):
    """The second would take the place of the first, which nobody could get back."""
    return works(world.post_bond, data_grant(world))


@attack(
    GRANTS, (GRANTS, "        self._release(self.bond_commitment[grant_id], bond)", "        pass")
)
def bond_outlives_an_ended_grant(world):
    grant_id = data_grant(world)
    world.terminate(grant_id)
    return world.committed() > 0


@attack(
    GRANTS,
    (
        GRANTS,
        "if not is_active or progress.closed < progress.count:",
        "if progress.closed < progress.count:",
    ),
)
def bond_claimed_back_after_a_termination(world):
    """Forfeited is forfeited, whichever of draw and termination comes first; what was earned is
    paid all the same."""
    grant_id = data_grant(world)
    to_the_last(world, grant_id)
    world.accept(grant_id)
    world.terminate(grant_id)
    return not works(world.grants.draw, grant_id)


@attack(
    GRANTS,
    (
        GRANTS,
        "ends_at: uint256 = progress.due_at + progress.grace_seconds",
        "ends_at: uint256 = progress.due_at",
    ),
)
def expired_before_a_vote_can_move_the_date(world):
    grant_id = data_grant(world)
    support.pass_time(30 * DAY + GRACE_SECONDS - 1)
    return works(world.grants.expire, grant_id, sender=world.stranger)


@attack(
    GRANTS,
    (
        GRANTS,
        "milestones._check_not_in_review(progress)\n"
        "    milestones._check_not_finished(progress)\n"
        "    ends_at: uint256",
        "milestones._check_not_finished(progress)\n    ends_at: uint256",
    ),
)
def expired_during_its_review(world):
    """Due date and grace pass while only a vote can accept the work."""
    grant_id = held_at_the_due_date(world)
    support.pass_time(1 + GRACE_SECONDS)
    return works(world.grants.expire, grant_id, sender=world.stranger)


@attack(
    GRANTS,
    (
        GRANTS,
        "milestones._check_not_in_review(progress)\n"
        "    milestones._check_not_finished(progress)\n"
        "    ends_at: uint256",
        "milestones._check_not_in_review(progress)\n    ends_at: uint256",
    ),
)
def stream_of_a_finished_grant_ended_by_a_stranger(world):
    milestones = [milestone_terms(PART, day * DAY) for day in (30, 60)]
    milestones.append(milestone_terms(PART, 90 * DAY, **STREAM))
    grant_id = data_grant(world, milestones=milestones)
    to_the_last(world, grant_id)
    world.accept(grant_id)
    support.pass_time(90 * DAY + GRACE_SECONDS)
    return works(world.grants.expire, grant_id, sender=world.stranger)


@attack(
    GRANTS,
    ("milestones", 'assert block.timestamp < progress.due_at, "milestone is overdue"', "pass"),
)
def overdue_work_handed_in(world):
    grant_id = data_grant(world)
    support.pass_time(30 * DAY)
    return works(world.submit, grant_id)


# --- submissions ---


@attack(
    GRANTS,
    ("milestones", 'assert not progress.in_review, "milestone is under review"', "pass"),
)
def evidence_swapped_under_review(world):
    grant_id = data_grant(world)
    world.submit(grant_id)
    world.object(grant_id)
    return works(world.submit, grant_id)


@attack(
    GRANTS,
    (
        GRANTS,
        "assert submission == milestones._submission(grant_id, milestone).number, "
        '"another submission"',
        "pass",
    ),
)
def vote_about_good_work_accepts_what_replaced_it(world):
    grant_id = data_grant(world)
    world.submit(grant_id)
    replace_number(world, grant_id)
    stale = (grant_id, 1, 1, WHOLE, b"\x02" * 32)
    return works(world.grants.decide, *stale, sender=world.owner)


# --- recipients ---


@attack(
    GRANTS,
    (
        "recipients",
        'assert block.timestamp >= self.replaces_at[grant_id], "notice has not passed"',
        "pass",
    ),
)
def recipient_replaced_without_notice(world):
    """What it has earned goes to the successor, before it can draw."""
    grant_id = data_grant(world)
    world.accept(grant_id)
    world.grants.replace_recipient(grant_id, world.stranger, sender=world.owner)
    works(world.grants.accept_recipient, grant_id, sender=world.stranger)
    world.grants.draw(grant_id)
    return world.asset.balanceOf(world.stranger) > 0


@attack(
    GRANTS,
    (
        "recipients",
        'assert self.replaces_at[grant_id] == 0, "a vote named a successor"',
        "pass",
    ),
)
def recipient_names_another_than_the_vote(world):
    grant_id, friend = data_grant(world), support.account("friend")
    world.grants.replace_recipient(grant_id, world.stranger, sender=world.owner)
    return works(hand_over, world, grant_id, friend)


@attack(
    GRANTS,
    (
        GRANTS,
        "milestones._check_not_in_review(progress)\n    elif",
        "pass\n    elif",
    ),
)
def recipient_changes_under_review(world):
    """Who attests a score may not be the builder: it would become the builder afterwards."""
    grant_id = data_grant(world)
    world.submit(grant_id)
    return works(hand_over, world, grant_id, world.stranger)


@pytest.mark.parametrize("name", attack.found)
def test_attack__contracts__hold(world, name):
    assert not attack.found[name].run(world)


@pytest.mark.parametrize("name", attack.found)
def test_attack__without_the_defence__succeeds(name):
    assert attack.found[name].gains_without_defence()

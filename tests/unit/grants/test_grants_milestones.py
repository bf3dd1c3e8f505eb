"""TrainingGrants: submission, review, objection, decision and payment of milestones."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    ACCEPTED,
    AMOUNTS,
    DECISION_SECONDS,
    DUES,
    EVIDENCE,
    LOCKED,
    OBJECTED,
    OBJECTION_BPS,
    PAID,
    REASON,
    RESUBMIT_SECONDS,
    REVIEW_SECONDS,
    SUBMITTED,
    logged,
    milestone_terms,
)
from tests.support import DAY

SUPPLY = 500_000 * 10**18


@pytest.fixture
def objected(world, submitted) -> int:
    """A grant whose first milestone the guardian objected to just now."""
    world.object(submitted)
    return submitted


# --- submit ---


def test_submit__in_turn__recorded_and_logged(world, grant_id):
    at = support.now()
    world.submit(grant_id)
    assert logged(world.grants) == [
        (
            "MilestoneSubmitted",
            {
                "grant_id": grant_id,
                "milestone": 1,
                "evidence_hash": EVIDENCE,
                "evidence_uri": "ipfs://evidence",
                "energy_report_id": 0,
                "payable_at": at + REVIEW_SECONDS,
            },
        )
    ]
    assert world.grants.milestone(grant_id, 1) == (
        *(SUBMITTED, AMOUNTS[0], at + DUES[0], at, 0, 0, EVIDENCE, 1),
    )


@pytest.mark.parametrize("role", ["owner", "guardian", "stranger"])
def test_submit__not_the_recipient__reverts(world, grant_id, role):
    with boa.reverts("caller is not the recipient"):
        world.grants.submit(grant_id, 1, EVIDENCE, "", 0, sender=getattr(world, role))


@pytest.mark.parametrize("milestone", [0, 2, 3, 4])
def test_submit__not_in_turn__reverts(world, grant_id, milestone):
    with boa.reverts("milestone is not in turn"):
        world.submit(grant_id, milestone)


def test_submit__twice__reverts(world, submitted):
    with boa.reverts("milestone is under review"):
        world.submit(submitted)


def test_submit__already_accepted__reverts(world, grant_id):
    world.accept(grant_id)
    with boa.reverts("milestone is not in turn"):
        world.submit(grant_id)


def test_submit__beyond_the_last__reverts(world):
    grant_id = world.active(milestones=[milestone_terms()])
    world.accept(grant_id)
    with boa.reverts("milestone is not in turn"):
        world.submit(grant_id, 2)


def test_submit__next_before_the_first_is_paid__works(world, grant_id):
    world.accept(grant_id)
    world.submit(grant_id, 2)
    assert [world.state_of(grant_id, m) for m in (1, 2, 3)] == [ACCEPTED, SUBMITTED, LOCKED]
    assert world.grants.draw(grant_id) == AMOUNTS[0]
    assert [world.state_of(grant_id, m) for m in (1, 2, 3)] == [PAID, SUBMITTED, LOCKED]


def test_submit__last_second__on_time(world, grant_id):
    support.pass_time(DUES[0] - 1)
    world.accept(grant_id)
    assert world.state_of(grant_id) == ACCEPTED


def test_submit__at_due__reverts(world, grant_id):
    support.pass_time(DUES[0])
    with boa.reverts("milestone is overdue"):
        world.submit(grant_id)


def test_submit__no_evidence__reverts(world, grant_id):
    with boa.reverts("evidence hash is empty"):
        world.grants.submit(grant_id, 1, b"\x00" * 32, "", 0, sender=world.builder)


def test_submit__not_active__reverts(world, application):
    for grant_id in (application, 0, 99):
        with boa.reverts("grant is not active"):
            world.submit(grant_id)


def test_submit__energy_required_without_report__reverts(world, at_last):
    with boa.reverts("energy report is missing"):
        world.submit(at_last, 3)


def test_submit__with_report__recorded(world, at_last):
    report_id = world.report(at_last)
    world.submit(at_last, 3, report_id)
    assert world.grants.milestone(at_last, 3).energy_report_id == report_id


def test_submit__voluntary_report__must_be_valid_too(world, grant_id):
    with boa.reverts("energy report is not valid"):
        world.submit(grant_id, 1, 99)
    world.submit(grant_id, 1, world.report(grant_id, 1))


# --- review and objections ---


def test_review__passes_in_silence__accepted_at_its_end(world, submitted):
    support.pass_time(REVIEW_SECONDS - 1)
    assert world.state_of(submitted) == SUBMITTED
    assert world.grants.drawable(submitted) == 0
    support.pass_time(1)
    assert world.state_of(submitted) == ACCEPTED
    assert world.grants.drawable(submitted) == AMOUNTS[0]


@pytest.mark.parametrize("role", ["guardian", "owner"])
def test_object__guardian_or_owner__recorded_and_logged(world, submitted, role):
    account = getattr(world, role)
    world.grants.object(submitted, 1, REASON, sender=account)
    assert logged(world.grants) == [
        (
            "MilestoneObjected",
            {"grant_id": submitted, "milestone": 1, "account": account, "reason_hash": REASON},
        )
    ]
    assert world.state_of(submitted) == OBJECTED
    assert world.grants.milestone(submitted, 1).objected_at == support.now()


def test_object__expired_guardian__reverts(world, submitted):
    world.grants.set_guardian(world.guardian, support.now(), sender=world.owner)
    with boa.reverts("too few votes to object"):
        world.object(submitted)


@pytest.mark.parametrize(("missing", "allowed"), [(0, True), (1, False)])
def test_object__votes_around_the_threshold__rounded_up(world, submitted, missing, allowed):
    # A supply that the threshold does not divide: the exact share is 1 % of it plus a fraction.
    rest = SUPPLY + 1
    threshold = -(-rest * OBJECTION_BPS // (10_000 - OBJECTION_BPS))
    votes = threshold - missing
    world.token.mint(world.owner, rest, sender=world.owner)
    world.give_votes(world.stranger, votes)
    assert (votes * 10_000 >= (rest + votes) * OBJECTION_BPS) == allowed
    if allowed:
        world.grants.object(submitted, 1, REASON, sender=world.stranger)
        assert world.state_of(submitted) == OBJECTED
    else:
        with boa.reverts("too few votes to object"):
            world.grants.object(submitted, 1, REASON, sender=world.stranger)


def test_object__no_tokens_at_all__nobody_may(world, submitted):
    with boa.reverts("too few votes to object"):
        world.grants.object(submitted, 1, REASON, sender=world.stranger)


def test_object__treasury_tokens__do_not_raise_the_threshold(world, submitted):
    world.token.set_treasury(world.treasury, sender=world.owner)
    world.token.mint(world.treasury, SUPPLY, sender=world.owner)
    world.give_votes(world.stranger, 1)
    world.grants.object(submitted, 1, REASON, sender=world.stranger)


def test_object__last_second_of_the_window__works(world, submitted):
    support.pass_time(REVIEW_SECONDS - 1)
    world.object(submitted)
    support.pass_time(1)
    assert world.state_of(submitted) == OBJECTED


def test_object__window_over__reverts(world, submitted):
    support.pass_time(REVIEW_SECONDS)
    with boa.reverts("milestone is not in review"):
        world.object(submitted)


def test_object__not_submitted__reverts(world, grant_id):
    for milestone in (0, 1, 2):
        with boa.reverts("milestone is not in review"):
            world.object(grant_id, milestone)


def test_object__other_milestone__reverts(world, submitted):
    with boa.reverts("milestone is not in review"):
        world.object(submitted, 2)


def test_object__twice__reverts(world, objected):
    with boa.reverts("milestone is not in review"):
        world.object(objected)


def test_object__not_active__reverts(world, application):
    with boa.reverts("grant is not active"):
        world.object(application)


# --- decide ---


def test_decide__accepted__payable_at_once(world, objected):
    world.decide(objected, True)
    assert logged(world.grants) == [
        (
            "MilestoneDecided",
            {"grant_id": objected, "milestone": 1, "accepted": True, "reason_hash": REASON},
        )
    ]
    assert world.state_of(objected) == ACCEPTED
    assert world.grants.draw(objected) == AMOUNTS[0]


def test_decide__rejected_early__locked_with_its_due_date(world, objected):
    due_at = world.due_at(objected)
    world.decide(objected, False)
    assert [name for name, _ in logged(world.grants)] == ["MilestoneDecided"]
    assert world.state_of(objected) == LOCKED
    assert world.due_at(objected) == due_at
    assert world.grants.drawable(objected) == 0


def test_decide__rejected_late__time_to_submit_again(world, grant_id):
    support.pass_time(DUES[0] - 1)
    world.submit(grant_id)
    world.object(grant_id)
    support.pass_time(DECISION_SECONDS - 1)
    old_due_at = world.due_at(grant_id)
    world.decide(grant_id, False)

    new_due_at = support.now() + RESUBMIT_SECONDS
    assert logged(world.grants)[:2] == [
        (
            "DueMoved",
            {
                "grant_id": grant_id,
                "milestone": 1,
                "old_due_at": old_due_at,
                "new_due_at": new_due_at,
            },
        ),
        (
            "MilestoneDecided",
            {"grant_id": grant_id, "milestone": 1, "accepted": False, "reason_hash": REASON},
        ),
    ]
    assert world.due_at(grant_id) == new_due_at
    support.warp_to(new_due_at - 1)
    world.submit(grant_id)
    assert world.grants.milestone(grant_id, 1).submissions == 2


def test_decide__rejected_and_submitted_again__reviewed_anew(world, objected):
    world.decide(objected, False)
    world.submit(objected)
    assert world.state_of(objected) == SUBMITTED
    assert world.grants.milestone(objected, 1).objected_at == 0
    world.object(objected)
    world.decide(objected, False)
    world.accept(objected)
    assert world.grants.draw(objected) == AMOUNTS[0]
    assert world.grants.milestone(objected, 1).submissions == 3


def test_decide__last_milestone_of_late_vote__extends_the_compute_budget(world):
    grant_id = world.active(milestones=[milestone_terms(due_seconds=DAY)])
    world.submit(grant_id)
    world.object(grant_id)
    support.pass_time(10 * DAY)
    world.decide(grant_id, False)
    assert [name for name, _ in logged(world.grants)] == [
        "DueMoved",
        "MilestoneDecided",
        "BudgetExtended",
    ]
    assert world.escrow.budget(grant_id).ends_at == world.due_at(grant_id) + 14 * DAY


@pytest.mark.parametrize("role", ["guardian", "builder", "stranger"])
def test_decide__not_the_owner__reverts(world, objected, role):
    with boa.reverts("caller is not the owner"):
        world.grants.decide(objected, 1, True, REASON, sender=getattr(world, role))


def test_decide__without_objection__reverts(world, submitted):
    for milestone in (1, 2):
        with boa.reverts("milestone is not objected to"):
            world.decide(submitted, True, milestone)


def test_decide__twice__reverts(world, objected):
    world.decide(objected, False)
    with boa.reverts("milestone is not objected to"):
        world.decide(objected, True)


def test_decide__not_active__reverts(world, application):
    with boa.reverts("grant is not active"):
        world.decide(application, True)


def test_objection__undecided__lapses_into_acceptance(world, objected):
    support.pass_time(DECISION_SECONDS - 1)
    assert world.state_of(objected) == OBJECTED
    support.pass_time(1)
    assert world.state_of(objected) == ACCEPTED
    with boa.reverts("milestone is not objected to"):
        world.decide(objected, False)
    assert world.grants.draw(objected) == AMOUNTS[0]

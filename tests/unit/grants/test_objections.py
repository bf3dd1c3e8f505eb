"""TrainingGrants: who may object with how many votes, what adds up, and how an objection lapses."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    ACCEPTED,
    AMOUNTS,
    CANCELLED,
    DECISIVE_BPS,
    ESCALATION_SECONDS,
    LOCKED,
    OBJECTED,
    OBJECTION_BPS,
    REASON,
    REVIEW_SECONDS,
    SUBMITTED,
    WHOLE,
    World,
    logged,
    make_world,
)
from tests.support import DAY, MAX_UINT

# A supply in which each threshold is a whole number of units.
SUPPLY = 500_000 * 10**18
THRESHOLD = SUPPLY * OBJECTION_BPS // 10_000
DECISIVE = SUPPLY * DECISIVE_BPS // 10_000
# Votes: a unit below the threshold, a unit, what is missing to a decision but one, a unit.
VOTES = {"below": THRESHOLD - 1, "unit": 1, "whale": DECISIVE - THRESHOLD - 1, "last": 1}


@pytest.fixture(scope="module")
def world() -> World:
    """SUPPLY tokens, some of them with voters."""
    made = make_world()
    for name, votes in VOTES.items():
        setattr(made, name, support.account(name))
        made.give_votes(getattr(made, name), votes)
    made.give_votes(support.account("rest"), SUPPLY - sum(VOTES.values()))
    assert made.token.totalSupply() == SUPPLY
    return made


@pytest.fixture
def object_by(world, submitted):
    """Objects to the first milestone in the name of each role."""

    def object_by(*roles: str) -> None:
        for role in roles:
            world.grants.object(submitted, 1, REASON, sender=getattr(world, role))

    return object_by


def accepts_at(world, grant_id) -> int:
    return world.grants.milestone(grant_id, 1).accepts_at


# --- without objections ---


def test_review__passes_in_silence__accepted_at_its_end(world, submitted):
    ends_at = support.now() + REVIEW_SECONDS
    support.warp_to(ends_at - 1)
    assert world.state_of(submitted) == SUBMITTED
    assert world.grants.drawable(submitted) == 0
    assert world.grants.milestone_in_turn(submitted) == 1
    support.pass_time(1)
    found = world.grants.milestone(submitted, 1)
    assert (found.state, found.accepts_at, found.accepted_at) == (ACCEPTED, 0, ends_at)
    assert found.earned == AMOUNTS[0] == world.grants.drawable(submitted)
    assert world.grants.milestone_in_turn(submitted) == 2


# --- who and how many ---


@pytest.mark.parametrize("role", ["guardian", "owner"])
def test_object__guardian_or_owner__reaches_the_threshold_alone(world, submitted, object_by, role):
    before = accepts_at(world, submitted)
    object_by(role)
    assert logged(world.grants) == [
        (
            "MilestoneObjected",
            {
                "grant_id": submitted,
                "milestone": 1,
                "account": getattr(world, role),
                "submission": 1,
                "votes": 0,
                "total_votes": 0,
                "reason_hash": REASON,
            },
        )
    ]
    assert world.state_of(submitted) == OBJECTED
    assert accepts_at(world, submitted) == before + ESCALATION_SECONDS


def test_object__both_officers__decide_nothing(world, submitted, object_by):
    before = accepts_at(world, submitted)
    object_by("guardian", "owner")
    assert accepts_at(world, submitted) == before + ESCALATION_SECONDS


def test_object__expired_guardian__has_no_votes(world, submitted, object_by):
    world.grants.set_guardian(world.guardian, support.now(), sender=world.owner)
    with boa.reverts("no votes to object with"):
        object_by("guardian")


@pytest.mark.parametrize("role", ["builder", "provider", "stranger"])
def test_object__no_votes__reverts(world, submitted, object_by, role):
    with boa.reverts("no votes to object with"):
        object_by(role)


def test_object__one_unit_below_the_threshold__changes_nothing_yet(world, submitted, object_by):
    before = accepts_at(world, submitted)
    object_by("below")
    fields = logged(world.grants)[0][1]
    assert (fields["votes"], fields["total_votes"]) == (THRESHOLD - 1, THRESHOLD - 1)
    found = world.grants.milestone(submitted, 1)
    assert (found.state, found.accepts_at, found.objection_votes) == (
        *(SUBMITTED, before, THRESHOLD - 1),
    )


def test_object__exactly_the_threshold_together__holds_the_review(world, submitted, object_by):
    before = accepts_at(world, submitted)
    object_by("below", "unit")
    fields = logged(world.grants)[0][1]
    assert (fields["votes"], fields["total_votes"]) == (1, THRESHOLD)
    found = world.grants.milestone(submitted, 1)
    assert (found.state, found.accepts_at, found.objection_votes) == (
        *(OBJECTED, before + ESCALATION_SECONDS, THRESHOLD),
    )


def test_object__up_to_the_decisive_part__only_a_vote_accepts(world, submitted, object_by):
    before = accepts_at(world, submitted)
    object_by("below", "unit", "whale")
    assert accepts_at(world, submitted) == before + ESCALATION_SECONDS
    object_by("last")
    assert logged(world.grants)[0][1]["total_votes"] == DECISIVE
    assert accepts_at(world, submitted) == MAX_UINT
    support.pass_time(10_000 * DAY)
    assert world.state_of(submitted) == OBJECTED
    world.decide(submitted, WHOLE)
    assert world.state_of(submitted) == ACCEPTED


@pytest.mark.parametrize("role", ["guardian", "below"])
def test_object__twice__reverts(world, submitted, object_by, role):
    object_by(role)
    with boa.reverts("account has objected"):
        object_by(role)


def test_object__next_submission__everybody_may_again(world, submitted, object_by):
    object_by("below")
    world.grants.withdraw_submission(submitted, sender=world.builder)
    world.submit(submitted)
    object_by("below")
    fields = logged(world.grants)[0][1]
    assert (fields["submission"], fields["total_votes"]) == (2, THRESHOLD - 1)


@pytest.mark.parametrize(("supply", "allowed"), [(1, True), (99, True), (100, True), (101, False)])
def test_object__threshold__is_rounded_up(supply, allowed):
    """One unit of a hundred is one per cent; of a hundred and one it is less."""
    world = make_world()
    world.give_votes(world.stranger, 1)
    world.token.mint(world.provider, supply - 1, sender=world.owner)
    grant_id = world.active()
    support.pass_time(1)
    world.submit(grant_id)
    world.grants.object(grant_id, 1, REASON, sender=world.stranger)
    assert (world.state_of(grant_id) == OBJECTED) == allowed


def test_object__treasury_tokens__do_not_raise_the_threshold(world, grant_id):
    world.token.set_treasury(world.treasury, sender=world.owner)
    world.token.mint(world.treasury, SUPPLY, sender=world.owner)
    support.pass_time(1)
    world.submit(grant_id)
    for role in ("below", "unit"):
        world.grants.object(grant_id, 1, REASON, sender=getattr(world, role))
    assert world.state_of(grant_id) == OBJECTED


def test_object__grant_with_another_threshold__keeps_its_own(world, grant_id):
    world.grants.set_objection_bps(DECISIVE_BPS, sender=world.owner)
    other = world.active()
    for one, state in ((grant_id, OBJECTED), (other, SUBMITTED)):
        world.submit(one)
        for role in ("below", "unit", "whale"):
            world.grants.object(one, 1, REASON, sender=getattr(world, role))
        assert world.state_of(one) == state
    world.grants.object(other, 1, REASON, sender=world.last)
    assert accepts_at(world, other) == MAX_UINT


# --- whose votes count: those of the second before ---


@pytest.mark.parametrize(("seconds", "counts"), [(1, True), (0, False)])
def test_object__votes_of_the_second_before_the_submission__count(world, grant_id, seconds, counts):
    world.ready(grant_id)
    world.token.mint(world.stranger, SUPPLY, sender=world.owner)
    world.token.delegate(world.stranger, sender=world.stranger)
    support.pass_time(seconds)
    world.submit(grant_id)
    support.pass_time(DAY)
    if counts:
        world.grants.object(grant_id, 1, REASON, sender=world.stranger)
        assert logged(world.grants)[0][1]["votes"] == SUPPLY
    else:
        with boa.reverts("no votes to object with"):
            world.grants.object(grant_id, 1, REASON, sender=world.stranger)


def test_object__tokens_sold_since__still_count_once(world, submitted, object_by):
    """Whoever bought them has no votes for it; whoever sold them keeps the ones it had."""
    world.token.transfer(world.stranger, VOTES["whale"], sender=world.whale)
    world.token.delegate(world.stranger, sender=world.stranger)
    support.pass_time(2)
    with boa.reverts("no votes to object with"):
        object_by("stranger")
    object_by("whale")
    assert logged(world.grants)[0][1]["votes"] == VOTES["whale"]


# --- without a Governor ---


def test_escalate__no_governor_is_named__reverts_in_words(world, submitted, object_by):
    """A suite without one: whoever objects holds the review up, and nobody can propose."""
    with boa.reverts("milestone is not objected to"):
        world.grants.escalate(submitted, 1, WHOLE, REASON, REASON)
    object_by("guardian")
    before = accepts_at(world, submitted)
    with boa.reverts("no governor is named"):
        world.grants.escalate(submitted, 1, WHOLE, REASON, REASON)
    assert accepts_at(world, submitted) == before


# --- when ---


@pytest.mark.parametrize("seconds", [0, DAY, REVIEW_SECONDS - 1])
def test_object__whenever_in_the_review__lapses_at_the_same_second(
    world, submitted, object_by, seconds
):
    """Whoever objects early uses nothing up for the others."""
    lapses_at = support.now() + REVIEW_SECONDS + ESCALATION_SECONDS
    support.pass_time(seconds)
    object_by("guardian")
    assert accepts_at(world, submitted) == lapses_at
    support.warp_to(lapses_at - 1)
    assert world.state_of(submitted) == OBJECTED
    assert world.grants.drawable(submitted) == 0
    support.pass_time(1)
    assert world.grants.milestone(submitted, 1).accepted_at == lapses_at
    assert world.grants.draw(submitted) == AMOUNTS[0]


def test_object__review_over__reverts(world, submitted, object_by):
    support.pass_time(REVIEW_SECONDS)
    with boa.reverts("milestone is not in review"):
        object_by("guardian")


def test_object__held_up_already__more_votes_still_add_up(world, submitted, object_by):
    """In the five days after the review the others may still make it a vote's matter."""
    object_by("guardian")
    support.pass_time(REVIEW_SECONDS + ESCALATION_SECONDS - 1)
    with boa.env.anchor():
        object_by("below", "unit", "whale", "last")
        assert accepts_at(world, submitted) == MAX_UINT
    support.pass_time(1)
    with boa.reverts("milestone is not in review"):
        object_by("below")


@pytest.mark.parametrize("milestone", [0, 2, 3, 4, MAX_UINT])
def test_object__another_milestone__reverts(world, submitted, milestone):
    with boa.reverts("milestone is not in review"):
        world.grants.object(submitted, milestone, REASON, sender=world.guardian)


def test_object__not_submitted__reverts(world, grant_id):
    with boa.reverts("milestone is not in review"):
        world.object(grant_id)


def test_object__not_active__reverts(world, application, grant_id):
    for not_active in (application, 0, 99):
        with boa.reverts("grant is not active"):
            world.grants.object(not_active, 1, REASON, sender=world.guardian)
    world.submit(grant_id)
    world.terminate(grant_id)
    with boa.reverts("grant is not active"):
        world.grants.object(grant_id, 1, REASON, sender=world.guardian)
    assert world.state_of(grant_id) == CANCELLED


def test_object__rejected_and_submitted_again__reviewed_anew(world, submitted, object_by):
    object_by("guardian")
    world.decide(submitted, 0)
    assert world.state_of(submitted) == LOCKED
    world.submit(submitted)
    assert world.state_of(submitted) == SUBMITTED
    object_by("guardian")
    assert world.state_of(submitted) == OBJECTED

"""TrainingGrants: the proposal that is named to decide about a submission, with a real Governor."""

import boa
import pytest
from eth_utils import keccak

from tests import support
from tests.kits import governance as kit
from tests.kits.governance import Batch, Proposal
from tests.kits.grants import (
    ACCEPTED,
    AMOUNTS,
    LOCKED,
    NOTHING,
    OBJECTED,
    OBJECTION_BPS,
    REASON,
    REVIEW_SECONDS,
    WHOLE,
    World,
    logged,
    make_world,
)
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS

OTHER_REASON = b"\x09" * 32
# Two days to the vote, five of voting, three extensions of one, two in the Timelock, a week to
# notice it.
VOTE_SECONDS = 19 * DAY
NONEXISTENT = "GovernorNonexistentProposal(uint256)"
PROPOSED = "milestone 1: reject"


@pytest.fixture(scope="module")
def world() -> World:
    """A world with a Timelock and a Governor on its token; `voter` passes any vote alone."""
    made = make_world()
    made.voter = support.account("voter")
    made.give_votes(made.voter, kit.SUPPLY)
    made.timelock = support.deploy("Timelock", kit.MIN_DELAY, [], [ZERO_ADDRESS], made.owner)
    rules = kit.governor_arguments(made.token, made.timelock, grants=made.grants.address)
    made.governor = support.deploy("Governor", *rules)
    for name in ("PROPOSER_ROLE", "CANCELLER_ROLE"):
        made.timelock.grantRole(kit.role(name), made.governor, sender=made.owner)
    made.grants.set_governor(made.governor, sender=made.owner)
    return made


@pytest.fixture
def objected(world) -> int:
    """A grant whose first milestone the guardian objected to just now."""
    grant_id = world.active()
    world.submit(grant_id)
    world.object(grant_id)
    return grant_id


def proposal(world, grant_id, submission=1, pay_bps=NOTHING, reason=REASON, batch=None) -> Proposal:
    """A proposal that nobody has made yet, to decide about the first milestone."""
    batch = batch or Batch()
    batch.add(world.grants, "decide", grant_id, 1, submission, pay_bps, reason)
    return Proposal(world.governor, batch, PROPOSED, world.voter)


def escalate(world, grant_id, pay_bps=NOTHING, reason=REASON, description=PROPOSED, milestone=1):
    description_hash = keccak(text=description)
    world.grants.escalate(
        grant_id, milestone, pay_bps, reason, description_hash, sender=world.stranger
    )


def accepts_at(world, grant_id) -> int:
    return world.grants.milestone(grant_id, 1).accepts_at


def test_vote_seconds__of_this_governor__are_nineteen_days(world):
    assert world.grants.vote_seconds() == VOTE_SECONDS
    assert world.grants.approval(world.active())[1] == VOTE_SECONDS


# --- naming a proposal ---


@pytest.mark.parametrize("pay_bps", [NOTHING, 1, WHOLE])
def test_escalate__live_proposal__holds_as_long_as_a_vote_takes(world, objected, pay_bps):
    one = proposal(world, objected, pay_bps=pay_bps).propose()
    review_ends_at = world.grants.milestone(objected, 1).submitted_at + REVIEW_SECONDS
    escalate(world, objected, pay_bps)
    held_until = review_ends_at + VOTE_SECONDS
    assert logged(world.grants) == [
        (
            "ReviewEscalated",
            {
                "grant_id": objected,
                "milestone": 1,
                "submission": 1,
                "proposal_id": one.id,
                "held_until": held_until,
            },
        )
    ]
    assert (world.state_of(objected), accepts_at(world, objected)) == (OBJECTED, held_until)
    support.warp_to(held_until - 1)
    assert world.state_of(objected) == OBJECTED
    support.pass_time(1)
    assert world.grants.milestone(objected, 1).accepted_at == held_until
    assert world.grants.draw(objected) == AMOUNTS[0]


def test_escalate__after_the_review__holds_from_now_on(world, objected):
    support.pass_time(REVIEW_SECONDS + DAY)
    proposal(world, objected).propose()
    escalate(world, objected)
    assert accepts_at(world, objected) == support.now() + VOTE_SECONDS


def test_escalate__last_second__from_both_sides(world, objected):
    support.warp_to(accepts_at(world, objected) - 1)
    proposal(world, objected).propose()
    with boa.env.anchor():
        escalate(world, objected)
        support.pass_time(1)
        assert world.state_of(objected) == OBJECTED
    support.pass_time(1)
    assert world.state_of(objected) == ACCEPTED
    with boa.reverts("milestone is not in review"):
        escalate(world, objected)


def test_escalate__longer_vote_than_the_governor_had__counts_from_now_on(world, objected):
    """The length is read when the window opens: a later change moves nothing."""
    proposal(world, objected).propose()
    escalate(world, objected)
    before = accepts_at(world, objected)
    times = support.deploy("MockVoteTimes", DAY, 60 * DAY, 0, 0, 0)
    world.grants.set_governor(times, sender=world.owner)
    assert accepts_at(world, objected) == before


# --- which proposals ---


@pytest.mark.parametrize("state", [kit.PENDING, kit.ACTIVE, kit.SUCCEEDED, kit.QUEUED])
def test_escalate__each_live_state__works(world, objected, state):
    one = proposal(world, objected).advance(state, world.voter)
    assert one.state == state
    escalate(world, objected)
    assert accepts_at(world, objected) > support.now()


@pytest.mark.parametrize("state", [kit.CANCELED, kit.DEFEATED, kit.EXPIRED])
def test_escalate__each_dead_state__reverts(world, state):
    grant_id = world.active()
    world.submit(grant_id)
    # Votes of the decisive part keep the review open for ever.
    world.grants.object(grant_id, 1, REASON, sender=world.voter)
    one = proposal(world, grant_id).advance(state, world.voter)
    assert one.state == state
    with boa.reverts("proposal is not live"):
        escalate(world, grant_id)


def test_escalate__proposal_that_nobody_made__reverts(world, objected):
    one = proposal(world, objected)
    with support.reverts_with(world.grants, NONEXISTENT, one.id):
        escalate(world, objected)
    one.propose()
    for change in (
        {"pay_bps": 1},
        {"reason": OTHER_REASON},
        {"description": "something else"},
    ):
        other = {"pay_bps": NOTHING, "reason": REASON, "description": PROPOSED, **change}
        wanted = proposal(world, objected, pay_bps=other["pay_bps"], reason=other["reason"])
        wanted.description = other["description"]
        with support.reverts_with(world.grants, NONEXISTENT, wanted.id):
            escalate(world, objected, **change)
    escalate(world, objected)


def test_escalate__proposal_with_another_call_in_it__cannot_be_named(world, objected):
    """Only what decides, and nothing else, holds a review up: its id follows from its call."""
    batch = Batch().add(world.grants, "set_objection_bps", 500)
    proposal(world, objected, batch=batch).propose()
    with support.reverts_with(world.grants, NONEXISTENT, proposal(world, objected).id):
        escalate(world, objected)


def test_escalate__proposal_about_an_earlier_submission__cannot_be_named(world, objected):
    proposal(world, objected, submission=1).propose()
    world.grants.withdraw_submission(objected, sender=world.builder)
    world.submit(objected)
    world.object(objected)
    wanted = proposal(world, objected, submission=2)
    with support.reverts_with(world.grants, NONEXISTENT, wanted.id):
        escalate(world, objected)
    wanted.propose()
    escalate(world, objected)


def test_escalate__second_proposal__reverts(world, objected):
    proposal(world, objected).propose()
    proposal(world, objected, pay_bps=WHOLE).propose()
    escalate(world, objected)
    for pay_bps in (NOTHING, WHOLE):
        with boa.reverts("a proposal was named"):
            escalate(world, objected, pay_bps)


def test_escalate__named_proposal_fails_early__holds_for_its_time(world, objected):
    one = proposal(world, objected).propose()
    escalate(world, objected)
    held_until = accepts_at(world, objected)
    one.cancel(world.voter)
    assert accepts_at(world, objected) == held_until
    # Another vote about it may still be taken.
    other = proposal(world, objected, pay_bps=5_000).propose().open().vote(world.voter)
    other.close()
    world.decide(objected, 5_000)
    assert world.grants.draw(objected) == AMOUNTS[0] // 2


def test_escalate__not_objected_to__reverts(world):
    grant_id = world.active()
    world.submit(grant_id)
    proposal(world, grant_id).propose()
    with boa.reverts("milestone is not objected to"):
        escalate(world, grant_id)


def test_escalate__too_few_votes_objected__reverts(world):
    few = support.account("few")
    below = kit.SUPPLY * OBJECTION_BPS // 10_000 - 1
    world.token.transfer(few, below, sender=world.voter)
    world.token.delegate(few, sender=few)
    support.pass_time(2)
    grant_id = world.active()
    world.submit(grant_id)
    world.grants.object(grant_id, 1, REASON, sender=few)
    proposal(world, grant_id).propose()
    with boa.reverts("milestone is not objected to"):
        escalate(world, grant_id)


def test_escalate__decisive_objections__a_proposal_may_be_named_but_moves_nothing(world):
    grant_id = world.active()
    world.submit(grant_id)
    world.grants.object(grant_id, 1, REASON, sender=world.voter)
    proposal(world, grant_id).propose()
    escalate(world, grant_id)
    assert accepts_at(world, grant_id) == MAX_UINT
    support.pass_time(10_000 * DAY)
    assert world.state_of(grant_id) == OBJECTED


def test_escalate__another_milestone_or_grant__reverts(world, objected):
    for milestone in (0, 2, 3, 4):
        with boa.reverts("milestone is not in review"):
            escalate(world, objected, milestone=milestone)
    for not_active in (0, 99, world.apply()):
        with boa.reverts("grant is not active"):
            escalate(world, not_active)


def test_escalate__named_and_withdrawn__next_submission_is_free_of_it(world, objected):
    proposal(world, objected).propose()
    escalate(world, objected)
    world.grants.withdraw_submission(objected, sender=world.builder)
    world.submit(objected)
    assert accepts_at(world, objected) == support.now() + REVIEW_SECONDS


# --- to the end ---


@pytest.mark.parametrize(("pay_bps", "state"), [(NOTHING, LOCKED), (WHOLE, ACCEPTED)])
def test_escalate__voted_and_executed__decided_within_the_time(world, objected, pay_bps, state):
    """The slowest way: named in the last second, the vote then takes its whole time."""
    world.grants.transfer_ownership(world.timelock, sender=world.owner)
    support.warp_to(accepts_at(world, objected) - 1)
    one = proposal(world, objected, pay_bps=pay_bps).propose()
    escalate(world, objected, pay_bps)
    held_until = accepts_at(world, objected)
    one.open().vote(world.voter).close().queue().wait()
    assert support.now() < held_until
    one.execute()
    assert one.state == kit.EXECUTED
    assert world.state_of(objected) == state

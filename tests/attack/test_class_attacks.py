"""Attacks by who holds an eighth of the tokens, or comes last, or first. Each runs twice: on the
Governor, where it must fail, and on one without the rule that it aims at, where it must succeed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.attack.mutants import check_changes, mutate
from tests.attack.vote_world import HELD, World
from tests.kits.governance import (
    ABSTAIN,
    AGAINST,
    EXECUTED,
    MIN_DELAY,
    SUCCEEDED,
    Batch,
    Proposal,
)
from tests.support import DAY, account, deploy, pass_time, warp_to, works

# A quorum of a tenth of 800,000 tokens, of which the attacker has an eighth.
LOW_TURNOUT = {"quorum_numerator": 1_000, "quorum_minimum": 1}
# One that the two eighths of a single person reach.
EARLY_QUORUM = {"quorum_numerator": 1_000, "quorum_minimum": 2 * HELD}


@dataclass(frozen=True)
class Attack:
    """`run` returns whether the attacker got what it wanted; `old` of `module` is the defence."""

    run: Callable[..., bool]
    module: str
    old: str
    new: str

    def __post_init__(self) -> None:
        check_changes(((self.module, self.old, self.new),))


# By name, as the decorator registers them.
ATTACKS: dict[str, Attack] = {}


def attack(module: str, old: str, new: str) -> Callable[[Callable[..., bool]], Any]:
    def register(run: Callable[..., bool]) -> Callable[..., bool]:
        ATTACKS[run.__name__] = Attack(run, module, old, new)
        return run

    return register


def strict_proposal(world: World) -> Proposal:
    """By the attacker: a call that no table lists, as are `set_policy`, `move_free`, `mint`."""
    batch = Batch().add(world.target, "store", 666)
    return Proposal(world.governor, batch, "Housekeeping", world.attacker)


# --- low turnout ---


@attack(
    "classes",
    "return max(ordinary, settings_book._share(counted, STRICT_QUORUM_BPS))",
    "return ordinary",
)
def take_over_with_an_eighth(**mutant: Any) -> bool:
    """Nobody else votes. An eighth passes a grant, and must not pass a mint."""
    world = World(**LOW_TURNOUT, **mutant)
    proposal = strict_proposal(world).propose().open().vote(world.attacker).close()
    return proposal.state == SUCCEEDED


@attack(
    "classes",
    "return not is_strict or ",
    "return True or ",
)
def outvote_a_third(**mutant: Any) -> bool:
    """Two to one is not two thirds and a bit."""
    world = World(**LOW_TURNOUT, **mutant)
    proposal = strict_proposal(world).propose().open()
    proposal.vote(world.attacker).vote(world.friend).vote(world.voter, AGAINST).close()
    return proposal.state == SUCCEEDED


@attack(
    "Governor",
    "convert(slice(calldatas[i], 0, 4), uint256)):\n            is_strict = True",
    "convert(slice(calldatas[i], 0, 4), uint256)):\n            is_strict = i == 0",
)
def hide_a_strict_call_among_payments(**mutant: Any) -> bool:
    """Nine ordinary calls before the one that matters."""
    world = World(**LOW_TURNOUT, **mutant)
    batch = Batch()
    for _ in range(9):
        batch.spend(world.target)
    batch.add(world.target, "store", 666)
    proposal = Proposal(world.governor, batch, "Nine payments", world.attacker)
    proposal.propose().open().vote(world.attacker).close()
    return proposal.state == SUCCEEDED


@attack("Governor", "if amounts[i] != 0 or len(calldatas[i]) < 4:", "if len(calldatas[i]) < 4:")
def send_the_currency_along_with_a_payment(**mutant: Any) -> bool:
    """What the Timelock holds of the native currency, as the value of a listed call."""
    world = World(**LOW_TURNOUT, **mutant)
    batch = Batch().spend(world.target)
    batch.amounts[0] = 10**18
    proposal = Proposal(world.governor, batch, "A payment", world.attacker)
    proposal.propose().open().vote(world.attacker).close()
    return proposal.state == SUCCEEDED


@attack(
    "classes",
    "return target == TREASURY and selector == convert(SPEND, uint256)",
    "return selector == convert(SPEND, uint256)",
)
def call_another_contract_by_a_listed_name(**mutant: Any) -> bool:
    """A contract of the attacker's has a `spend`, too, or one to which the DAO lent its power."""
    world = World(**LOW_TURNOUT, **mutant)
    other = deploy("GovernedTarget")
    proposal = Proposal(world.governor, Batch().spend(other), "A payment", world.attacker)
    proposal.propose().open().vote(world.attacker).close()
    return proposal.state == SUCCEEDED


@attack("classes", "return max(shortest, STRICT_DELAY)", "return shortest")
def act_before_a_minority_can_leave(**mutant: Any) -> bool:
    """A strict decision takes effect as fast as a payment."""
    world = World(strict_delay=2 * MIN_DELAY, **mutant)
    proposal = world.decided(Batch().add(world.target, "store", 666)).queue()
    pass_time(MIN_DELAY)
    works(proposal.execute)
    return proposal.state == EXECUTED


# --- the last second ---


@attack(
    "late_quorum",
    "if not (reaches_quorum or self._turns_majority(proposal_id, record, support, weight)):",
    "if not reaches_quorum:",
)
def win_in_the_last_second(**mutant: Any) -> bool:
    """An accomplice reaches the quorum early by abstaining, and the vote seems lost. The attacker
    turns it when nobody can answer any more."""
    world = World(**EARLY_QUORUM, **mutant)
    world.give(world.friend)
    proposal = world.proposal().propose().open().vote(world.friend, ABSTAIN)
    warp_to(world.governor.proposalDeadline(proposal.id))
    proposal.vote(world.attacker)
    pass_time(1)
    works(proposal.vote, world.voter, AGAINST)
    works(proposal.vote, world.proposer, AGAINST)
    proposal.close()
    return proposal.state == SUCCEEDED


@attack(
    "late_quorum",
    "if support == errors.AGAINST and not self._turns_majority("
    "proposal_id, record, support, weight):",
    "if support == errors.AGAINST:",
)
def defeat_in_the_last_second(**mutant: Any) -> bool:
    """The same against a proposal that seems won: its supporters would have had more votes."""
    world = World(**EARLY_QUORUM, **mutant)
    for person in (world.attacker, world.friend):
        world.give(person, 2 * HELD)
    proposal = world.proposal().propose().open().vote(world.voter).vote(world.proposer)
    warp_to(world.governor.proposalDeadline(proposal.id))
    proposal.vote(world.attacker, AGAINST)
    pass_time(1)
    works(proposal.vote, world.friend)
    proposal.close()
    return proposal.state != SUCCEEDED


@attack(
    "late_quorum", "MAX_EXTENSIONS: constant(uint256) = 3", "MAX_EXTENSIONS: constant(uint256) = 1"
)
def use_up_the_time_to_answer(**mutant: Any) -> bool:
    """The attacker turns the majority late with a few votes, and keeps most of them for the last
    second of the extension that this brings."""
    world, puppet = World(**EARLY_QUORUM, **mutant), account("puppet")
    for person, more in (
        (puppet, 1),
        (world.friend, HELD),
        (world.attacker, HELD),
        (world.proposer, 2 * HELD),
    ):
        world.give(person, more)
    proposal = world.proposal().propose().open().vote(world.friend, ABSTAIN)
    warp_to(world.governor.proposalDeadline(proposal.id))
    proposal.vote(puppet)
    pass_time(1)
    # Whoever watches answers what is there to see.
    proposal.vote(world.voter, AGAINST)
    warp_to(world.governor.proposalDeadline(proposal.id))
    proposal.vote(world.attacker)
    pass_time(1)
    works(proposal.vote, world.proposer, AGAINST)
    proposal.close()
    return proposal.state == SUCCEEDED


# --- the first days ---


@attack("Governor", "if block.timestamp < OPENS_AT:", "if False:")
def claim_first_and_propose(**mutant: Any) -> bool:
    """Who claims first has all votes that there are, while the others' tokens wait."""
    rounds = account("rounds")
    world = World(rounds=rounds, opens_after=90 * DAY, **mutant)
    for person in (world.owner, world.proposer, world.voter, world.friend):
        world.token.transfer(rounds, world.token.balanceOf(person), sender=person)
    pass_time(1)
    proposal = Proposal(world.governor, Batch().spend(world.target), "Mine", world.attacker)
    return works(proposal.propose)


# --- the tests ---


@pytest.mark.parametrize("name", ATTACKS)
def test_attack__with_every_rule__fails(name):
    assert not ATTACKS[name].run()


@pytest.mark.parametrize("name", ATTACKS)
def test_attack__with_its_rule_cut_out__succeeds(name):
    found = ATTACKS[name]
    assert found.run(governor=mutate("Governor", found.old, found.new, module=found.module))


def test_passing__by_who_should__is_not_stopped():
    """The rules stop an eighth alone, and neither two thirds nor the ordinary work of a few."""
    world = World(**LOW_TURNOUT)
    ordinary = Proposal(world.governor, Batch().spend(world.target), "A grant", world.attacker)
    strict = strict_proposal(world)
    for proposal in (ordinary, strict):
        proposal.propose()
    ordinary.open().vote(world.attacker)
    for person in (world.attacker, world.friend, world.proposer):
        strict.vote(person)
    strict.vote(world.voter, AGAINST)
    assert (ordinary.close().state, strict.state) == (SUCCEEDED, SUCCEEDED)

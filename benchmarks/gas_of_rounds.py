"""Contributions to a funding round: the transfer of the mock stablecoin is in them."""

from benchmarks.contracts import Contract
from benchmarks.peers_world import DAY, MEMBERS_POCKET, UNIT, World
from benchmarks.rows import FIRST, OURS, STEADY, Measured, bench

AMOUNT = 1_000 * UNIT


def open_round(world: World) -> tuple[Contract, int]:
    """FundingRounds, and the id of a round that takes contributions now."""
    rounds, now = world.suite["FundingRounds"], world.node.now()
    # As large as the minter cap of the rounds still allows.
    goal = world.token.read("minter_cap", rounds) * UNIT // 10 // 10**18
    world.token.send(world.owner, "set_minter", rounds, 10 * world.token.read("minter_cap", rounds))
    # A purpose that rounds fill takes one round.
    treasury = world.suite["Treasury"]
    treasury.send(world.owner, "create_round_purpose", "benchmark", rounds)
    purpose = treasury.read("purpose_count")
    terms = (
        *(world.asset.address, UNIT // 10, goal, 2 * goal, UNIT, 0),
        *(now + 60, now + 30 * DAY, purpose, False, b"\0" * 32, 0, 0),
        *(b"\x11" * 32, "ipfs://benchmark/round-terms"),
    )
    receipt = rounds.send(world.owner, "open_round", terms)
    world.node.pass_time(60)
    return rounds, rounds.event(receipt, "RoundOpened")[0]


@bench("contribute")
def contribute(world: World) -> Measured:
    """By somebody who has put into the round before, and whose approval lasts."""
    alice, bob = world.people(2)
    rounds, round_id = open_round(world)
    for member in (alice, bob):
        world.fund(member, "FundingRounds")
    rounds.send(bob, "contribute", round_id, AMOUNT)
    world.crowd.each(world.asset, "approve", rounds, MEMBERS_POCKET)
    world.crowd.each(rounds, "contribute", round_id, UNIT)
    rounds.send(alice, "contribute", round_id, AMOUNT)
    yield STEADY, OURS, rounds.gas(alice, "contribute", round_id, AMOUNT)


@bench("contribute_first")
def contribute_first(world: World) -> Measured:
    """By somebody new, to a round that others have put into, and to one that nobody has."""
    alice, bob = world.people(2)
    rounds, round_id = open_round(world)
    for member in (alice, bob):
        world.fund(member, "FundingRounds")
    yield "first of all in the round", OURS, rounds.gas(bob, "contribute", round_id, AMOUNT)
    yield FIRST, OURS, rounds.gas(alice, "contribute", round_id, AMOUNT)

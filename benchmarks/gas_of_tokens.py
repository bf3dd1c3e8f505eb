"""The governance token, beside OpenZeppelin's ERC20Votes."""

from statistics import mean

from benchmarks.contracts import stranger
from benchmarks.peers_world import DAY, TOKEN, World
from benchmarks.rows import FIRST, STEADY, Measured, bench

AMOUNT = 5 * TOKEN
STOCK = 1_000 * TOKEN
BLOCKS = 8


@bench("transfer_undelegated")
def transfer_undelegated(world: World) -> Measured:
    """Between two accounts that have tokens, and to one that never had any."""
    alice, bob, carol = world.people(3)
    for subject in world.subjects:
        subject.give(alice, STOCK)
        subject.give(bob, STOCK)
        subject.token.send(alice, "transfer", bob, AMOUNT)
        yield STEADY, subject.name, subject.token.gas(alice, "transfer", bob, AMOUNT)
        yield FIRST, subject.name, subject.token.gas(alice, "transfer", carol, AMOUNT)
    for state in ("first of both in an epoch, ever", "first of both in an epoch"):
        world.node.pass_time(31 * DAY)
        for subject in world.subjects:
            yield state, subject.name, subject.token.gas(alice, "transfer", bob, AMOUNT)


@bench("transfer_delegated_mean")
def transfer_delegated_mean(world: World) -> Measured:
    """Mean of consecutive blocks, so that checkpoints packed in pairs count with both halves."""
    alice, bob, carol, dave, erin = world.people(5)
    for subject in world.subjects:
        subject.delegated(alice, STOCK)
        subject.delegated(bob, STOCK)
        subject.token.send(carol, "delegate", carol)
        yield FIRST, subject.name, subject.token.gas(alice, "transfer", carol, AMOUNT)
        for _ in range(2):
            subject.token.send(alice, "transfer", bob, AMOUNT)
        runs = [subject.token.gas(alice, "transfer", bob, AMOUNT) for _ in range(BLOCKS)]
        yield STEADY, subject.name, round(mean(runs))
        subject.delegated(dave, STOCK, stranger("delegate of dave"))
        subject.delegated(erin, STOCK, stranger("delegate of erin"))
        for _ in range(2):
            subject.token.send(dave, "transfer", erin, AMOUNT)
        runs = [subject.token.gas(dave, "transfer", erin, AMOUNT) for _ in range(BLOCKS)]
        yield "steady, to delegates who are others", subject.name, round(mean(runs))


@bench("delegate_first")
def delegate_first(world: World) -> Measured:
    """A holder's first delegation, to itself; then to another who has votes, and back."""
    alice, bob = world.people(2)
    for subject in world.subjects:
        subject.delegated(bob, STOCK)
        subject.give(alice, STOCK)
        yield FIRST, subject.name, subject.token.gas(alice, "delegate", alice)
        subject.token.send(alice, "delegate", bob)
        subject.token.send(alice, "delegate", alice)
        yield "again, to another", subject.name, subject.token.gas(alice, "delegate", bob)

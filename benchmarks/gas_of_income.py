"""Holders' shares of the DAO's income, claimed without staking or delegation."""

from benchmarks.contracts import Contract
from benchmarks.gas_of_royalties import TREASURY_ONLY, add_model, router_paid
from benchmarks.peers_world import TOKEN, UNIT, World
from benchmarks.rows import FIRST, OURS, STEADY, Measured, bench

STOCK = 1_000 * TOKEN
INCOME = 100_000 * UNIT


class Epochs:
    """Epochs that each bring income, one after the other."""

    def __init__(self, world: World, payer: str) -> None:
        self.world, self.payer = world, payer
        world.fund(payer, "RoyaltyRouter")
        self.model_id = add_model(world, TREASURY_ONLY)

    def earn(self, count: int = 1) -> int:
        """Lets `count` epochs pass, the running one first, and returns the first of them."""
        world, token = self.world, self.world.token
        first = int(token.read("epoch_at", world.node.now()))
        for epoch in range(first, first + count):
            router = router_paid(world, self.model_id, self.payer, INCOME)
            router.send(self.payer, "settle", self.model_id, world.asset)
            router.send(self.payer, "forward_income", world.asset)
            world.node.warp_to(token.read("epoch_start", epoch + 1))
            world.suite["Treasury"].send(self.payer, "close_epoch", epoch, world.asset)
        return first

    def skip(self) -> None:
        """To the begin of the next epoch."""
        token, node = self.world.token, self.world.node
        node.warp_to(token.read("epoch_start", token.read("epoch_at", node.now()) + 1))


def holders_of_an_epoch(world: World) -> tuple[str, str, str, Epochs]:
    """Who pays for a model, two holders of STOCK, and the epochs from the next one on."""
    payer, alice, bob = world.people(3)
    for holder in (alice, bob):
        world.token.send(world.bank, "transfer", holder, STOCK)
    epochs = Epochs(world, payer)
    epochs.skip()
    return payer, alice, bob, epochs


def claim_gas(world: World, income: Contract, account: str, first: int, count: int) -> int:
    return income.gas(account, "claim", account, world.asset, first, count)


@bench("claim_income_1")
def claim_income_1(world: World) -> Measured:
    """One epoch, by a holder who did nothing in it, and by one who traded in every epoch."""
    payer, alice, bob, epochs = holders_of_an_epoch(world)
    income = world.suite["HolderIncome"]
    epoch = epochs.earn()
    yield FIRST, OURS, claim_gas(world, income, alice, epoch, 1)
    for _ in range(2):
        world.token.send(bob, "transfer", payer, TOKEN)
        epoch = epochs.earn()
        world.crowd.for_each(income, "claim", ..., world.asset, epoch, 1)
        gas = claim_gas(world, income, alice, epoch, 1)
        traded = claim_gas(world, income, bob, epoch, 1)
    yield STEADY, OURS, gas
    yield "steady, after a trade in every epoch", OURS, traded


@bench("claim_income_12")
def claim_income_12(world: World) -> Measured:
    """A year at once, by a holder who did nothing in it, and by one who traded in every epoch."""
    payer, alice, bob, epochs = holders_of_an_epoch(world)
    income = world.suite["HolderIncome"]
    before = epochs.earn()
    for holder in (alice, bob):
        claim_gas(world, income, holder, before, 1)
    for _ in range(12):
        world.token.send(bob, "transfer", payer, TOKEN)
        epochs.earn()
    yield STEADY, OURS, claim_gas(world, income, alice, before + 1, 12)
    yield (
        "steady, after a trade in every epoch",
        OURS,
        claim_gas(world, income, bob, before + 1, 12),
    )

"""Payments for models: the transfer of the mock stablecoin is in them."""

from itertools import count

from benchmarks.contracts import Contract, stranger
from benchmarks.peers_world import DAY, MAX_UINT, UNIT, World
from benchmarks.rows import FIRST, OURS, STEADY, Measured, bench

AMOUNT = 1_000 * UNIT
REFERENCE = b"\x5a" * 32
EVIDENCE = b"\xe1" * 32
PERIOD = 30 * DAY

# Bits of `ModelKind` and `ReceiverKind`.
FOUNDATION = 1
TREASURY, ACCOUNT = 1, 2
NOBODY = "0x" + "00" * 20
# As many receivers as a split may have.
MAX_SPLIT = 8

Share = tuple[int, str, int, int]
TREASURY_ONLY: list[Share] = [(TREASURY, NOBODY, 0, 10_000)]

_digests = count(1)


def add_model(world: World, split: list[Share]) -> int:
    """Registers a foundation model of the DAO with this split; returns its id."""
    registry = world.suite["ModelRegistry"]
    digest = next(_digests).to_bytes(2, "big").rjust(32, b"\xdd")
    terms = (FOUNDATION, 0, digest, b"\x0c" * 32, "ipfs://card", "open-7b", split)
    receipt = registry.send(world.owner, "register", terms)
    return registry.event(receipt, "ModelRegistered")[0]


def router_paid(world: World, model_id: int, payer: str, amount: int = AMOUNT) -> Contract:
    """The router, after one payment for the model."""
    router = world.suite["RoyaltyRouter"]
    router.send(payer, "pay", model_id, world.asset, amount, REFERENCE)
    return router


@bench("pay_royalty_0")
def pay_royalty_0(world: World) -> Measured:
    """For a model without parents, with and without payments before that wait to be settled."""
    alice = world.people(1)[0]
    world.fund(alice, "RoyaltyRouter")
    model_id = add_model(world, TREASURY_ONLY)
    payment = (model_id, world.asset, AMOUNT, REFERENCE)
    router = world.suite["RoyaltyRouter"]
    yield FIRST, OURS, router.gas(alice, "pay", *payment)
    # As many payments before as there are others, each from a pocket of its own.
    world.crowd.each(world.asset, "approve", router, MAX_UINT)
    world.crowd.each(router, "pay", model_id, world.asset, UNIT, REFERENCE)
    router.send(alice, "pay", *payment)
    yield STEADY, OURS, router.gas(alice, "pay", *payment)


@bench("report_and_pay")
def report_and_pay(world: World) -> Measured:
    """The first and the third period of a license that owes a share above its minimum."""
    alice, owner = world.people(1)[0], world.owner
    market = world.suite["LicenseMarket"]
    model_id = add_model(world, TREASURY_ONLY)
    terms = (
        *(model_id, world.asset.address, 1_000 * UNIT, 500, 50 * UNIT, PERIOD, 10 * DAY, 0),
        *(True, b"\x1e" * 32, "ipfs://legal"),
    )
    offered = market.event(market.send(owner, "offer_terms", terms), "TermsOffered")
    world.fund(alice, "LicenseMarket")
    bought = market.send(alice, "buy", offered[0], alice, MAX_UINT, 10_000)
    license_id = market.event(bought, "LicenseBought")[0]
    for period, state in ((1, FIRST), (2, None), (3, STEADY)):
        world.node.pass_time(PERIOD + 1)
        report = (license_id, period, 100_000 * UNIT, EVIDENCE, MAX_UINT)
        gas = market.gas(alice, "report_and_pay", *report)
        if state:
            yield state, OURS, gas


@bench("settle_8")
def settle_8(world: World) -> Measured:
    """To eight accounts, the most that one split may have, without parents."""
    alice = world.people(1)[0]
    world.fund(alice, "RoyaltyRouter")
    split = [
        (ACCOUNT, stranger(f"receiver {number}"), 0, 10_000 // MAX_SPLIT)
        for number in range(MAX_SPLIT)
    ]
    model_id = add_model(world, split)
    for state in (FIRST, STEADY):
        router = router_paid(world, model_id, alice)
        yield state, OURS, router.gas(alice, "settle", model_id, world.asset)


@bench("withdraw")
def withdraw(world: World) -> Measured:
    """By an account that has or has never had some of the asset."""
    alice, bob = world.people(2)
    world.fund(alice, "RoyaltyRouter")
    half = 5_000
    model_id = add_model(world, [(ACCOUNT, bob, 0, half), (TREASURY, NOBODY, 0, half)])
    for state in (FIRST, STEADY):
        router = router_paid(world, model_id, alice)
        router.send(alice, "settle", model_id, world.asset)
        yield state, OURS, router.gas(bob, "withdraw", bob, world.asset)

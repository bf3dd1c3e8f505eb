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
FOUNDATION, MERGE = 1, 128
TREASURY, ACCOUNT = 1, 2
NOBODY = "0x" + "00" * 20
EMPTY = b"\0" * 32
# As many receivers as a split, parents as a model and ancestors as a table may have.
MAX_SPLIT, MAX_PARENTS, MAX_ANCESTORS = 8, 4, 16
# What a merge owes each model it is made of: 16 of them are just below the half.
DERIVATION_BPS = 300

Share = tuple[int, str, int, int]
Parent = tuple[int, int]
TREASURY_ONLY: list[Share] = [(TREASURY, NOBODY, 0, 10_000)]
SPLIT_OF_8: list[Share] = [
    (ACCOUNT, stranger(f"receiver {number}"), 0, 10_000 // MAX_SPLIT) for number in range(MAX_SPLIT)
]

_digests = count(1)


def add_model(world: World, split: list[Share]) -> int:
    """Registers a foundation model of the DAO with this split; returns its id."""
    receipt = world.suite["ModelRegistry"].send(
        world.owner, "register", _model(next(_digests), FOUNDATION, split, [])
    )
    return world.suite["ModelRegistry"].event(receipt, "ModelRegistered")[0]


def add_merge(
    world: World, maker: str, parents: list[Parent], split: list[Share] | None = None
) -> tuple[int, int]:
    """Registers a model of the maker, made from parents (model, licence); its id and the gas."""
    registry, number = world.suite["ModelRegistry"], next(_digests)
    terms = _model(number, MERGE, split or SPLIT_OF_8, parents)
    registry.send(maker, "commit", registry.read("commitment", maker, _digest(number), EMPTY))
    world.node.pass_time(61)
    receipt = registry.send(maker, "register", terms)
    return registry.event(receipt, "ModelRegistered")[0], receipt.gas_used


def licensed(world: World, maker: str, model_id: int) -> Parent:
    """The model as a parent, under a new licence of the maker."""
    terms = terms_of(world, model_id, derivations=MERGE, period_seconds=0)
    return model_id, bought(world, maker, terms)


def ancient(world: World, maker: str) -> tuple[int, int]:
    """A model with four parents and sixteen ancestors below them; its id and the gas."""
    links: list[Parent] = []
    for _ in range(MAX_PARENTS):
        roots = [add_model(world, TREASURY_ONLY) for _ in range(MAX_ANCESTORS // MAX_PARENTS)]
        between = add_merge(world, maker, [licensed(world, maker, root) for root in roots])
        links.append((between[0], 0))
    return add_merge(world, maker, links)


def _model(number: int, kind: int, split: list[Share], parents: list[Parent]) -> tuple[object, ...]:
    card = (b"\x0c" * 32, "ipfs://card", "open-7b")
    return (kind, 0, _digest(number), *card, split, parents, [], EMPTY, EMPTY)


def _digest(number: int) -> bytes:
    return number.to_bytes(2, "big").rjust(32, b"\xdd")


def terms_of(world: World, model_id: int, *, derivations: int = 0, period_seconds: int) -> int:
    """Offers terms for a model of the DAO: without periods, a fee alone; returns their id."""
    share, minimum = (500, 50 * UNIT) if period_seconds else (0, 0)
    owed = [DERIVATION_BPS if derivations >> kind & 1 else 0 for kind in range(8)]
    catalog = world.suite["LicenseCatalog"]
    terms = (
        *(model_id, world.asset.address, 1_000 * UNIT, 0, share, 0, minimum, 0, 0),
        *(period_seconds, *([10 * DAY] * 2 if period_seconds else [0, 0]), 0, 0, 0, NOBODY, NOBODY),
        *(True, False, False, False, False, False, False),
        *(derivations, owed, "", b"\x1e" * 32, "ipfs://legal", EMPTY, ""),
    )
    receipt = catalog.send(world.owner, "offer_terms", terms)
    return catalog.event(receipt, "TermsOffered")[0]


def bought(world: World, licensee: str, terms_id: int) -> int:
    market = world.suite["LicenseMarket"]
    terms_hash = world.suite["LicenseCatalog"].read("terms_hash", terms_id)
    receipt = market.send(licensee, "buy", terms_id, terms_hash, MAX_UINT)
    return market.event(receipt, "LicenseBought")[0]


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


@bench("pay_royalty_16")
def pay_royalty_16(world: World) -> Measured:
    """For a model with 16 ancestors, as above."""
    alice = world.people(1)[0]
    world.fund(alice, "RoyaltyRouter", "LicenseMarket")
    model_id, _ = ancient(world, alice)
    payment = (model_id, world.asset, AMOUNT, REFERENCE)
    for state in (FIRST, STEADY):
        yield state, OURS, world.suite["RoyaltyRouter"].gas(alice, "pay", *payment)


@bench("register_4_16")
def register_4_16(world: World) -> Measured:
    """A model of four parents and sixteen ancestors, with a split of eight."""
    alice = world.people(1)[0]
    world.fund(alice, "LicenseMarket")
    for state in (FIRST, STEADY):
        yield state, OURS, ancient(world, alice)[1]


@bench("buy_license")
def buy_license(world: World) -> Measured:
    """The first licence under some terms freezes them; the next does not."""
    alice = world.people(1)[0]
    world.fund(alice, "LicenseMarket")
    terms = terms_of(world, add_model(world, TREASURY_ONLY), period_seconds=PERIOD)
    terms_hash = world.suite["LicenseCatalog"].read("terms_hash", terms)
    for state in (FIRST, STEADY):
        purchase = (terms, terms_hash, MAX_UINT)
        yield state, OURS, world.suite["LicenseMarket"].gas(alice, "buy", *purchase)


@bench("report_and_pay")
def report_and_pay(world: World) -> Measured:
    """The first period of a license that owes a share above its minimum; then the mean of the next
    twelve: each second of the first 24 writes a new word, no later one does."""
    alice = world.people(1)[0]
    market = world.suite["LicenseMarket"]
    world.fund(alice, "LicenseMarket")
    terms = terms_of(world, add_model(world, TREASURY_ONLY), period_seconds=PERIOD)
    license_id = bought(world, alice, terms)
    costs = []
    for period in range(1, 14):
        world.node.pass_time(PERIOD + 1)
        report = (license_id, period, 100_000 * UNIT, EVIDENCE, MAX_UINT)
        costs.append(market.gas(alice, "report_and_pay", *report))
    yield FIRST, OURS, costs[0]
    yield STEADY, OURS, sum(costs[1:]) // 12


@bench("settle_8")
def settle_8(world: World) -> Measured:
    """To eight accounts, the most that one split may have, without parents."""
    alice = world.people(1)[0]
    world.fund(alice, "RoyaltyRouter")
    model_id = add_model(world, SPLIT_OF_8)
    for state in (FIRST, STEADY):
        router = router_paid(world, model_id, alice)
        yield state, OURS, router.gas(alice, "settle", model_id, world.asset)


@bench("settle_10")
def settle_10(world: World) -> Measured:
    """To eight accounts and two ancestors."""
    alice = world.people(1)[0]
    world.fund(alice, "RoyaltyRouter", "LicenseMarket")
    roots = [licensed(world, alice, add_model(world, TREASURY_ONLY)) for _ in range(2)]
    model_id, _ = add_merge(world, alice, roots)
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

"""Grants from application to payment, leases and vouchers, and an energy report."""

from eth_account import Account

from benchmarks.contracts import Contract
from benchmarks.peers_world import DAY, UNIT, World
from benchmarks.rows import FIRST, OURS, STEADY, Measured, bench

HASH = b"\x22" * 32
EMPTY = b"\0" * 32
KEY = b"\x0b" * 32
HOUR = 3_600
TRAINING, DATASET, MILESTONE, PHASE_TRAINING = 1, 1, 1, 1
TO_TREASURY, TO_ACCOUNT, TO_CAMPAIGN = 1, 2, 4
NOBODY = "0x" + "00" * 20
PURPOSE = 2
REVIEW = 7 * DAY
# Until a milestone may be submitted.
SPACING = 14 * DAY
# Four milestones and a stream, as scenarios/open-20b.yaml has them; the last delivers the model.
DUES = (30, 60, 90, 120)
PART = 50_000 * UNIT
COMPUTE = 40_000 * UNIT
BOND = (4 * PART + 2 * COMPUTE) // 10
PRICE = 2 * UNIT
GPUS = 16
# Names and addresses as long as real ones.
URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"


def terms_of(world: World, builder: str) -> tuple[object, ...]:
    milestones = [
        (PART, due * DAY, 0, COMPUTE if due <= 60 else 0, 0, due == DUES[-1], 0, 0, HASH)
        for due in DUES
    ]
    split = [
        (TO_TREASURY, NOBODY, 0, 7_000),
        (TO_ACCOUNT, builder, 0, 2_000),
        (TO_CAMPAIGN, NOBODY, 1, 1_000),
    ]
    caps = (BOND, 0, PRICE, 2_000 * UNIT)
    named = (TRAINING, builder, world.asset, PURPOSE)
    return (*named, *caps, milestones, split, 0, HASH, URI)


class Granted:
    """What a row begins with: money for grants, a builder with a key, and a grant that runs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.grants, self.escrow = world.suite["TrainingGrants"], world.suite["ComputeEscrow"]
        self.applications = world.suite["GrantApplications"]
        self.payer, self.provider, self.stranger = world.people(3)
        self.builder = str(Account.from_key(KEY).address)
        world.node.impersonate(self.builder)
        world.fund(self.payer, "Treasury", "TrainingGrants")
        world.fund(self.builder, "TrainingGrants")
        world.fund(self.provider)
        deposit = (PURPOSE, world.asset, 10**6 * UNIT * 20)
        world.suite["Treasury"].send(self.payer, "deposit", *deposit)
        campaign = (self.payer, 3 * DAY, (DATASET, HASH, "ipfs://dataset"))
        world.suite["ContributorRewards"].send(self.payer, "create_campaign", *campaign)
        # The first of each is more expensive: what is measured comes after another grant's.
        self.grant(self.applied())

    def applied(self) -> int:
        terms = terms_of(self.world, self.builder)
        receipt = self.applications.send(self.builder, "apply", terms)
        return self.applications.event(receipt, "GrantApplied")[0]

    def grant(self, grant_id: int) -> int:
        terms_hash = self.applications.read("terms_hash", grant_id)
        self.grants.send(self.world.owner, "approve", grant_id, terms_hash)
        self.grants.send(self.builder, "post_bond", grant_id)
        return grant_id

    def submission(self, grant_id: int, report_id: int = 0) -> tuple[object, ...]:
        return (grant_id, HASH, URI, report_id, 0, 0)

    def offer(self) -> int:
        figures = (PRICE, 512, 700, 12_000, 400, 0, True)
        offer = (self.provider, self.world.asset, *figures, "8x H100 80GB SXM", "eu-north", URI)
        receipt = self.escrow.send(self.provider, "register_offer", offer)
        return self.escrow.event(receipt, "OfferRegistered")[0]

    def lease(self, grant_id: int, offer_id: int) -> tuple[object, ...]:
        starts_at = self.world.node.now() + 100
        return (grant_id, offer_id, GPUS, starts_at, starts_at + 20 * DAY, PRICE)

    def voucher(self, order_id: int, gpu_seconds: int) -> tuple[object, ...]:
        digest = self.escrow.read("voucher_digest", order_id, gpu_seconds)
        return order_id, gpu_seconds, bytes(Account.unsafe_sign_hash(digest, KEY).signature)


@bench("apply_grant")
def apply_grant(world: World) -> Measured:
    """Four milestones and a split of three."""
    start = Granted(world)
    terms = terms_of(world, start.builder)
    yield STEADY, OURS, start.applications.gas(start.builder, "apply", terms)


@bench("approve_grant")
def approve_grant(world: World) -> Measured:
    """With a compute budget: two commitments. What the Timelock calls, without its own part."""
    start = Granted(world)
    grant_id = start.applied()
    terms_hash = start.applications.read("terms_hash", grant_id)
    yield STEADY, OURS, start.grants.gas(world.owner, "approve", grant_id, terms_hash)


@bench("post_bond")
def post_bond(world: World) -> Measured:
    start = Granted(world)
    grant_id = start.applied()
    terms_hash = start.applications.read("terms_hash", grant_id)
    start.grants.send(world.owner, "approve", grant_id, terms_hash)
    yield STEADY, OURS, start.grants.gas(start.builder, "post_bond", grant_id)


@bench("submit_milestone")
def submit_milestone(world: World) -> Measured:
    """With an energy report, and without."""
    start = Granted(world)
    ledger = world.suite["EnergyLedger"]
    first, second = (start.grant(start.applied()) for _ in range(2))
    receipt = ledger.send(start.builder, "report", report_on(first))
    report_id = ledger.event(receipt, "Reported")[0]
    world.node.pass_time(SPACING)
    gas = start.grants.gas(start.builder, "submit", *start.submission(first, report_id))
    yield STEADY, OURS, gas
    gas = start.grants.gas(start.builder, "submit", *start.submission(second))
    yield "without a report", OURS, gas


@bench("draw_milestone")
def draw_milestone(world: World) -> Measured:
    """What time accepted: the draw writes that down, too."""
    start = Granted(world)
    grant_id = start.grant(start.applied())
    for state in ("first of the grant", STEADY):
        world.node.pass_time(SPACING)
        start.grants.send(start.builder, "submit", *start.submission(grant_id))
        world.node.pass_time(REVIEW)
        yield state, OURS, start.grants.gas(start.stranger, "draw", grant_id)


@bench("order_compute")
def order_compute(world: World) -> Measured:
    start = Granted(world)
    grant_id, offer_id = start.grant(start.applied()), start.offer()
    for state in (FIRST, STEADY):
        lease = start.lease(grant_id, offer_id)
        yield state, OURS, start.escrow.gas(start.builder, "order", *lease)


@bench("draw_voucher")
def draw_voucher(world: World) -> Measured:
    start = Granted(world)
    grant_id, offer_id = start.grant(start.applied()), start.offer()
    for _ in range(2):
        start.escrow.send(start.builder, "order", *start.lease(grant_id, offer_id))
    # The offer's provider was paid before, for another order.
    world.node.pass_time(DAY)
    start.escrow.send(start.provider, "draw", *start.voucher(1, GPUS * HOUR))
    for state, hours in ((FIRST, 7), (STEADY, 20)):
        world.node.pass_time(DAY)
        voucher = start.voucher(2, GPUS * hours * HOUR + 1)
        yield state, OURS, start.escrow.gas(start.provider, "draw", *voucher)


@bench("report_energy")
def report_energy(world: World) -> Measured:
    start = Granted(world)
    ledger: Contract = world.suite["EnergyLedger"]
    grant_id = start.grant(start.applied())
    for state in ("first of the grant", STEADY):
        yield state, OURS, ledger.gas(start.builder, "report", report_on(grant_id))


def report_on(grant_id: int) -> tuple[object, ...]:
    """A training of 100 MWh, with texts as long as real ones."""
    subject = (MILESTONE, grant_id, 1, PHASE_TRAINING)
    figures = (10**8, 4 * 10**7, False, 0, 0, EMPTY)
    run = (12_000, 20 * DAY, 0, 400, 100, True)
    words = ("8x H100 80GB SXM", "eu-north", "CodeCarbon 3.0.2, offline", "")
    return (*subject, *figures, *run, *words, HASH, URI, 0)

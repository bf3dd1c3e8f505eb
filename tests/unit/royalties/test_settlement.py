"""RoyaltyRouter: the four steps of a settlement, and that no payment can stop one."""

import boa
import pytest

from flywheel.models import lineage
from flywheel.models.lineage import TREASURY, Share
from tests.attack.mutants import mutate
from tests.kits.licensing import (
    EVIDENCE,
    MAX_UINT,
    add_campaign,
    add_model,
    deploy_suite,
)
from tests.kits.models import (
    Kind,
    account_share,
    campaign_share,
    payee,
    register,
    treasury_share,
)
from tests.kits.treasury import accept, event_rows
from tests.support import account, deploy, deploy_asset, pass_time

MOST = 2**127 - 1
NOTICE = 14 * 86_400


class World:
    """A suite, two accepted assets, a foundation of `maker` and children that owe it."""

    def __init__(self, **deployers) -> None:
        self.owner, self.maker, self.payer = map(account, ("owner", "maker", "payer"))
        self.suite = deploy_suite(self.owner, **deployers)
        self.registry, self.router = self.suite.registry, self.suite.router
        self.assets = [self.suite.asset, deploy_asset("DAI", 18)]
        accept(self.suite.treasury, self.owner, self.assets[1])
        self.rights = deploy("MockDerivations")
        self.registry.set_rights(self.rights.address, sender=self.owner)
        add_campaign(self.suite)
        add_campaign(self.suite)

    def model(self, links=(), split=None, who=None) -> int:
        who = who or self.maker
        parents = [(p, self.rights.grant(p, who, bps, 255)) for p, bps in links]
        kind = Kind.FINE_TUNE if links else Kind.FOUNDATION
        split = split or [account_share(who, 10_000)]
        return register(self.registry, who, parents=parents, split=split, kind=kind)

    def pay(self, model_id, amount, asset=None) -> None:
        asset = asset or self.assets[0]
        asset.mint(self.payer, amount)
        asset.approve(self.router, amount, sender=self.payer)
        self.router.pay(model_id, asset, amount, EVIDENCE, sender=self.payer)

    def parts(self) -> dict[int, int]:
        (row,) = (row for row in event_rows(self.router) if row[0] == "RoyaltySettled")
        return dict(row[-1])


@pytest.fixture(scope="module")
def world():
    return World()


# --- the worked example of interfaces/IRoyaltyRouter.vyi ---


def example(world, first):
    """100,900 pending and 5,000 of its own for a model with a fee of 5 % and ancestors of 10 and
    0.03 %."""
    world.registry.set_protocol_fee(500, sender=world.owner)
    g, h = world.model(), world.model()
    split = [first, campaign_share(1, 3_000)]
    model_id = world.model([(g, 1_000), (h, 3)], split)
    world.registry.set_protocol_fee(0, sender=world.owner)
    child = world.model([(model_id, 5_000)])
    # The model keeps 5,000 less the ancestors' parts of its 50 %: 4,499 of a block.
    world.pay(child, 10_000)
    world.router.settle(child, world.assets[0])
    own = world.router.own_pending(model_id, world.assets[0])
    assert own == 4_499
    world.pay(model_id, 100_900)
    return g, h, model_id


def test_settle__the_worked_example__divides_as_written(world):
    a = payee(1)
    g, h, model_id = example(world, account_share(a, 7_000))
    # 501 units of its own less than in the example, which leaves the same number of blocks.
    assert world.router.settle(model_id, world.assets[0]) == 95_030
    assert world.parts() == {
        8 << 176 | g: 10_000,
        8 << 176 | h: 30,
        2 << 176 | int(a, 16): 56_000,
        4 << 176 | 1: 24_000,
        1 << 176: 5_000,
    }
    assert world.router.pending(model_id, world.assets[0]) == 900
    assert world.router.own_pending(model_id, world.assets[0]) == 9_970 - 501
    table = lineage.table_of([lineage.Link(g, 1_000), lineage.Link(h, 3)], {g: {}, h: {}})
    split = [Share(a, 7_000), Share(1, 3_000)]
    written = lineage.divide(100_900, 5_000, table, split, 500)
    assert written.ancestors == {g: 10_000, h: 30}
    assert written.receivers == {a: 56_000, 1: 24_000, TREASURY: 5_000}
    assert (written.pending, written.own) == (900, 9_970)


def test_settle__treasury_share_and_fee__are_one_part(world):
    _, _, model_id = example(world, treasury_share(7_000))
    world.router.settle(model_id, world.assets[0])
    assert world.parts()[1 << 176] == 5_000 + 56_000


def test_divide__the_example_with_the_treasury__as_written():
    split = [Share(TREASURY, 7_000), Share(1, 3_000)]
    written = lineage.divide(100_900, 5_000, {1: 1_000, 2: 3}, split, 500)
    assert written.receivers == {TREASURY: 61_000, 1: 24_000}


def test_settle__exactly_one_block_of_its_own__is_divided(world):
    base = world.model()
    child = world.model([(base, 5_000)])
    asset, before = world.assets[0], world.router.credit(world.maker, world.assets[0])
    world.pay(child, 20_000)
    world.router.settle(child, asset)
    assert (world.router.pending(base, asset), world.router.own_pending(base, asset)) == (0, 10_000)
    assert world.router.settle(base, asset) == 10_000
    assert world.router.own_pending(base, asset) == 0
    assert world.router.credit(world.maker, asset) == before + 20_000


# --- no amount stops a settlement ---


def flooded(world) -> int:
    """The most of an accepted token is paid, settled and withdrawn again and again, by the
    ancestor's own maker; then whether everything of parent and child still settles."""
    base = world.model()
    child = world.model([(base, 5_000)])
    token = world.assets[1]
    world.registry.set_split(base, [account_share(payee(5), 10_000)], sender=world.maker)
    pass_time(NOTICE)
    for _ in range(3):
        for model_id, divisor in ((child, 2), (base, 1)):
            left = MOST - world.router.accounted(token)
            world.pay(model_id, left // divisor, token)
            world.router.settle_all(model_id)
        world.router.settle_all(base)
        world.router.withdraw(world.maker, token)
        world.router.withdraw(payee(5), token)
    before = world.router.credit(world.maker, world.assets[0])
    world.pay(child, 80_000)
    world.router.settle_all(child)
    world.registry.refresh(base)
    return int(world.router.credit(world.maker, world.assets[0]) - before)


def test_settle__flooded_with_a_token__goes_on(world):
    assert flooded(world) == 80_000


@pytest.mark.deep
def test_pay__without_the_bound_of_all_amounts__a_flood_ends_settlements():
    unbounded = mutate(
        "RoyaltyRouter",
        'assert amount <= MAX_ACCOUNTED - asset_ledger.accounted[asset], "amount is too large"',
        "pass",
    )
    world = World(router=unbounded)
    base = world.model()
    child = world.model([(base, 5_000)])
    for _ in range(2):
        world.pay(child, MOST, world.assets[1])
        world.router.settle(child, world.assets[1])
    world.pay(base, MOST, world.assets[1])
    world.pay(base, MOST, world.assets[1])
    # Its two halves ran into each other: what was paid counts as inherited.
    assert world.router.pending(base, world.assets[1]) != 2 * MOST


# --- who opens an entry ---


def _enlisted_by_a_collector(world, token):
    base = world.model()
    child = world.model([(base, 5_000)])
    world.router.set_collector(payee(9), True, sender=world.owner)
    token.mint(world.router, 10_000)
    world.router.collect(payee(9), child, token, 10_000, EVIDENCE, sender=payee(9))
    world.router.settle(child, token)
    return base, child


def test_pay__entry_opened_by_a_settlement_or_a_collector__is_looked_up_all_the_same(world):
    token = deploy_asset("XYZ", 18)
    for model_id in _enlisted_by_a_collector(world, token):
        assert token.address in world.router.assets(model_id)
        with boa.reverts("asset is not accepted"):
            world.pay(model_id, 1, token)
    token = deploy_asset("NEW", 18)
    base, child = _enlisted_by_a_collector(world, token)
    accept(world.suite.treasury, world.owner, token)
    for model_id in (base, child, base, child):
        world.pay(model_id, 1, token)
        assert world.router.assets(model_id).count(token.address) == 1


@pytest.mark.deep
def test_pay__any_used_entry_taken_for_checked__lets_a_strange_token_in():
    guarded = "if not packed_revenue._is_checked(revenue):"
    trusting = mutate("RoyaltyRouter", guarded, "if revenue == 0:")
    world = World(router=trusting)
    token = deploy_asset("XYZ", 18)
    base, _ = _enlisted_by_a_collector(world, token)
    world.pay(base, 1, token)
    assert world.router.pending(base, token) == 1


def test_settle__checked_entry__stays_checked(world):
    """The Treasury is not asked again after a settlement: an asset stays good once looked up."""
    model_id = world.model()
    world.pay(model_id, 10_000)
    world.router.settle(model_id, world.assets[0])
    idle = deploy("MockIdleTarget")
    with boa.env.anchor():
        world.router.set_targets(idle.address, idle.address, sender=world.owner)
        world.pay(model_id, 5)
        with boa.reverts("asset is not accepted"):
            world.pay(world.model(), 5)


def test_settle_all__more_assets_than_are_listed__settles_those(world):
    model_id = world.model()
    world.router.set_collector(payee(9), True, sender=world.owner)
    tokens = [deploy_asset(f"T{n}", 18) for n in range(18)]
    for token in tokens:
        token.mint(world.router, 10_000)
        world.router.collect(payee(9), model_id, token, 10_000, EVIDENCE, sender=payee(9))
    assert world.router.assets(model_id) == [token.address for token in tokens[:16]]
    world.registry.refresh(model_id)
    assert [world.router.pending(model_id, token) for token in tokens] == [0] * 16 + [
        10_000,
        10_000,
    ]
    world.router.settle(model_id, tokens[17])
    assert world.router.credit(world.maker, tokens[17]) == 10_000


# --- every pair of receiver and asset is its own ---


def _owed_to_two(world) -> list[tuple[str, object, int]]:
    """Two accounts and two campaigns, each owed two assets: `(kind, receiver, amount)` by asset."""
    shares = [
        *(account_share(payee(n), bps) for n, bps in ((1, 1_000), (2, 2_000))),
        *(campaign_share(n, bps) for n, bps in ((1, 3_000), (2, 4_000))),
    ]
    model_id = world.model(split=shares)
    for asset, amount in zip(world.assets, (10_000, 100_000), strict=True):
        world.pay(model_id, amount, asset)
        world.router.settle(model_id, asset)
    return [
        (kind, receiver, share * times)
        for kind, receiver, share in (
            ("account", payee(1), 1_000),
            ("account", payee(2), 2_000),
            ("campaign", 1, 3_000),
            ("campaign", 2, 4_000),
        )
        for times in (1, 10)
    ]


def _take(world, kind, receiver, asset) -> int:
    take = world.router.withdraw if kind == "account" else world.router.forward_campaign
    return int(take(receiver, asset))


def test_take__pairs_one_after_another__each_is_paid_once():
    world = World()
    owed = _owed_to_two(world)
    for _ in range(2):
        for (kind, receiver, amount), asset in zip(owed, world.assets * 4, strict=True):
            assert _take(world, kind, receiver, asset) == amount
        # Each earlier pair as well as the last: nothing is left to take.
        for (kind, receiver, _), asset in zip(owed, world.assets * 4, strict=True):
            assert _take(world, kind, receiver, asset) == 0
        owed = _owed_to_two(world)
    for n in (1, 2):
        for asset, times in zip(world.assets, (1, 10), strict=True):
            funded = world.suite.rewards.free(n, asset)
            assert funded == 2 * times * (2_000 + 1_000 * n)


@pytest.mark.parametrize("number", [3, 1 | 1 << 160, 1 | 2 << 176, MAX_UINT])
def test_forward_campaign__number_of_no_campaign__moves_nothing(number):
    world = World()
    _owed_to_two(world)
    asset, before = world.assets[0], world.router.accounted(world.assets[0])
    assert world.router.campaign_credit(number, asset) == 0
    assert world.router.forward_campaign(number, asset) == 0
    assert world.router.accounted(asset) == before
    assert world.router.campaign_credit(1, asset) == 3_000


def test_forward_campaign__second_campaign__logs_and_funds_that_one():
    world = World()
    _owed_to_two(world)
    world.router.forward_campaign(2, world.assets[0])
    assert event_rows(world.router)[0] == (
        "CampaignForwarded",
        2,
        world.assets[0].address,
        4_000,
    )
    assert world.suite.rewards.free(1, world.assets[0]) == 0


def test_settle__dao_model__still_divides(world):
    model_id = add_model(world.suite, [treasury_share(10_000)])
    world.pay(model_id, 10_000)
    assert world.router.settle(model_id, world.assets[0]) == 10_000

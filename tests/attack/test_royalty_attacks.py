"""Attacks on models and royalties: each gains nothing, and something without its defence."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import boa
import pytest
from boa import BoaError

from tests.attack import mutants
from tests.attack.mutants import mutate
from tests.kits.licensing import (
    EVIDENCE,
    add_campaign,
    add_model,
    deploy_suite,
    pay_router,
    three_way_split,
)
from tests.kits.models import account_share, register
from tests.odd_assets import Entry, Fault, calldata_of, deploy_odd_asset, program_reentry
from tests.support import MAX_UINT, account, deployer_of, fund_and_approve, reverts_otherwise

STEM = "RoyaltyRouter"
REGISTRY = "ModelRegistry"
AMOUNT = 10_000
BUILDER_PART = 3_000


class World:
    """A router with one paid and settled model of three receivers, and a thief."""

    def __init__(self, asset: Any = None, **deployers: Any) -> None:
        self.owner, self.payer, self.builder = map(account, ("owner", "payer", "builder"))
        self.thief = account("thief")
        self.suite = deploy_suite(self.owner, asset=asset, **deployers)
        self.router, self.registry = self.suite.router, self.suite.registry
        self.asset = self.suite.asset
        add_campaign(self.suite)
        add_model(self.suite, three_way_split(self.builder))
        self.pay_and_settle(1)

    def pay(self, model_id: int, amount: int = AMOUNT) -> None:
        pay_router(self.suite, self.payer, model_id, amount)

    def pay_and_settle(self, model_id: int, amount: int = AMOUNT) -> None:
        self.pay(model_id, amount)
        self.router.settle(model_id, self.asset.address)

    def withdraw(self, who: str) -> int:
        return int(self.router.withdraw(who, self.asset.address))

    def held(self, who: str) -> int:
        return int(self.asset.balanceOf(who))


# --- each attack returns what it gained: 0 is a failure ---


def withdrawn_twice(world: World) -> int:
    """The builder withdraws, and withdraws again what others are owed."""
    world.withdraw(world.builder)
    with suppress(BoaError):
        world.withdraw(world.builder)
    return world.held(world.builder) - BUILDER_PART


def settled_twice(world: World) -> int:
    """One payment is divided twice."""
    world.router.settle(1, world.asset.address)
    return int(world.router.credit(world.builder, world.asset.address)) - BUILDER_PART


def withdrawal_for_another_paid_to_the_caller(world: World) -> int:
    with suppress(BoaError), boa.env.prank(world.thief):
        world.withdraw(world.builder)
    return world.held(world.thief)


def donation_collected(world: World) -> int:
    """The thief books a stray transfer to a model that pays it."""
    model_id = add_model(world.suite, [account_share(world.thief, 10_000)])
    world.asset.mint(world.router.address, AMOUNT)
    with suppress(BoaError), boa.env.prank(world.thief):
        world.router.collect(world.thief, model_id, world.asset.address, AMOUNT, EVIDENCE)
    return int(world.router.pending(model_id, world.asset.address))


def others_money_collected(world: World) -> int:
    """A collector that went bad books what is owed to others."""
    model_id = add_model(world.suite, [account_share(world.thief, 10_000)])
    with boa.env.prank(world.owner):
        world.router.set_collector(world.thief, True)
    with suppress(BoaError), boa.env.prank(world.thief):
        world.router.collect(world.thief, model_id, world.asset.address, AMOUNT, EVIDENCE)
        world.router.settle(model_id, world.asset.address)
        world.withdraw(world.thief)
    return world.held(world.thief)


def donation_counted_as_income(world: World) -> int:
    """A stray transfer makes a settlement larger."""
    world.asset.mint(world.router.address, AMOUNT)
    world.pay_and_settle(1)
    return int(world.router.credit(world.builder, world.asset.address)) - 2 * BUILDER_PART


def debts_skimmed(world: World) -> int:
    """The owner takes what receivers have not withdrawn yet for a surplus."""
    with suppress(BoaError), boa.env.prank(world.owner):
        world.router.skim(world.asset.address, world.thief)
    return world.held(world.thief)


def rounding_lost(world: World) -> int:
    """Units that nobody is credited with and that do not wait either."""
    model_id = add_model(
        world.suite,
        [account_share(account(f"third {i}"), bps) for i, bps in enumerate((3_333, 6_667))],
    )
    asset, before = world.asset.address, int(world.router.accounted(world.asset.address))
    world.pay_and_settle(model_id, 19_999)
    receivers = [share.account for share in world.registry.split(model_id)]
    credited = sum(int(world.router.credit(who, asset)) for who in receivers)
    waiting = int(world.router.pending(model_id, asset) + world.router.own_pending(model_id, asset))
    return int(world.router.accounted(asset)) - before - credited - waiting


def split_over_the_whole(world: World) -> int:
    """Shares that add up to more than what is paid."""
    split = [account_share(world.thief, 10_000), account_share(world.builder, 1)]
    with suppress(BoaError):
        register(world.registry, world.owner, split=split)
    return int(world.registry.model_count()) - 1


def receiver_named_twice(world: World) -> int:
    """One receiver in two shares, so that a reader of the split sees only the smaller one."""
    split = [account_share(world.thief, 9_000), account_share(world.thief, 1_000)]
    with suppress(BoaError):
        register(world.registry, world.owner, split=split)
    return int(world.registry.model_count()) - 1


def weights_registered_again(world: World) -> int:
    """A grantee registers weights that are there already, under a split of its own."""
    world.suite.grants.set_grant(1, world.thief, [account_share(world.thief, 10_000)])
    digest = world.registry.model(1).weights_digest
    with suppress(BoaError):
        register(world.registry, world.thief, grant_id=1, split=[], weights_digest=digest)
    return int(world.registry.model_count()) - 1


def model_registered_under_anothers_grant(world: World) -> int:
    world.suite.grants.set_grant(1, world.builder, [account_share(world.builder, 10_000)])
    with suppress(BoaError):
        register(world.registry, world.thief, grant_id=1, split=[])
    return int(world.registry.model_count()) - 1


def grant_split_replaced(world: World) -> int:
    """The grantee brings a kinder split than the one its grant was approved with."""
    world.suite.grants.set_grant(1, world.builder, three_way_split(world.builder))
    with suppress(BoaError):
        split = [account_share(world.builder, 10_000)]
        register(world.registry, world.builder, grant_id=1, split=split)
    return int(world.registry.model_count()) - 1


@dataclass(frozen=True)
class Case(mutants.Case):
    stem: str = STEM

    def world(self, *, broken: bool) -> World:
        deployer = deployer_of(self.stem)
        if broken:
            deployer = self.mutant()
        role = "router" if self.stem == STEM else "registry"
        return World(**{role: deployer})


CASES = [
    Case(withdrawn_twice, "self._credits[asset][key] = packed_credit.PAID_OUT"),
    Case(settled_twice, "packed_revenue._with_rest(revenue, paid_rest, own_rest)", "revenue"),
    Case(
        withdrawal_for_another_paid_to_the_caller,
        "asset_ledger._push(asset, account, amount)",
        "asset_ledger._push(asset, msg.sender, amount)",
    ),
    Case(
        donation_collected,
        'assert self.is_collector[msg.sender], "caller is not a collector"',
    ),
    Case(
        others_money_collected,
        ' >= self.accounted[asset], "asset did not arrive"',
        " > 0",
        module="asset_ledger",
    ),
    Case(
        donation_counted_as_income,
        "own: uint256 = packed_revenue._own(revenue)\n",
        "own: uint256 = packed_revenue._own(revenue) + asset_ledger._surplus(asset)\n",
    ),
    Case(
        debts_skimmed,
        "    if held <= owed:\n        return 0\n    return held - owed",
        "    return held",
        module="asset_ledger",
        backup=(("asset_ledger", mutants.SOLVENT, "pass"),),
    ),
    Case(
        rounding_lost,
        "packed_revenue._with_rest(revenue, paid_rest, own_rest)",
        "packed_revenue._with_rest(revenue, 0, own_rest)",
    ),
    Case(
        split_over_the_whole,
        "assert total == BPS",
        "assert total >= BPS",
        module="shares",
        stem=REGISTRY,
    ),
    Case(
        receiver_named_twice,
        'assert key not in keys, "share receiver is repeated"',
        module="shares",
        stem=REGISTRY,
    ),
    Case(
        weights_registered_again,
        'assert self.model_of_digest[model.weights_digest] == 0, "weights are already registered"',
        module="model_records",
        stem=REGISTRY,
    ),
    Case(
        model_registered_under_anothers_grant,
        "assert may_register and len(split) > 0",
        "assert len(split) > 0",
        module="registry_links",
        stem=REGISTRY,
    ),
    Case(grant_split_replaced, "self._check_free(len(split) == 0)", stem=REGISTRY),
]
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.attack.__name__)


@cases
def test_attack__defences_in_place__gains_nothing(case):
    assert case.attack(case.world(broken=False)) == 0


@cases
def test_attack__without_its_defence__gains(case):
    assert case.attack(case.world(broken=True)) > 0


# --- one receiver that cannot be paid ---

PUSHING = (
    "self._credits[asset][key] += part",
    "asset_ledger._push("
    "asset, convert(convert(packed_share._receiver(share), uint160), address), part)",
)


def _paid_beside_a_blacklisted_builder(router: Any) -> int:
    """What DAO, campaign and another builder get while one builder cannot receive anything."""
    world = World(asset=deploy_odd_asset(), router=router)
    world.asset.set_blacklisted(world.builder, True)
    other = account("other builder")
    split = [account_share(world.builder, 5_000), account_share(other, 5_000)]
    model_id = add_model(world.suite, split)
    asset = world.asset.address
    for attempt in (
        lambda: world.pay_and_settle(model_id),
        lambda: world.pay_and_settle(1),
        lambda: world.withdraw(world.builder),
        lambda: world.withdraw(other),
        lambda: world.router.forward_income(asset),
        lambda: world.router.forward_campaign(1, asset),
    ):
        with suppress(BoaError):
            attempt()
    return sum(map(world.held, (other, world.suite.treasury.address, world.suite.rewards.address)))


def test_blacklisted_builder__everybody_else__is_paid_in_full():
    # Half of one model, and what is not the builder's of two payments for the other.
    assert _paid_beside_a_blacklisted_builder(deployer_of(STEM)) == 5_000 + 2 * 7_000


def test_blacklisted_builder__mutant_pushes_instead_of_crediting__blocks_the_others():
    assert _paid_beside_a_blacklisted_builder(mutate(STEM, *PUSHING)) < 5_000 + 2 * 7_000


def test_blacklisted_builder__taken_off_the_list__gets_all():
    world = World(asset=deploy_odd_asset())
    world.asset.set_blacklisted(world.builder, True)
    with boa.reverts("account is blacklisted"):
        world.withdraw(world.builder)
    world.asset.set_blacklisted(world.builder, False)
    assert world.withdraw(world.builder) == BUILDER_PART


# --- an asset that calls back ---

TRIGGERS = {
    "pay": Entry.TRANSFER_FROM,
    "withdraw": Entry.TRANSFER,
    "forward_income": Entry.APPROVE | Entry.TRANSFER_FROM,
    "forward_campaign": Entry.APPROVE | Entry.TRANSFER_FROM,
}
TARGETS = ["pay", "settle", "withdraw", "forward_income", "forward_campaign", "pending", "credit"]


def _reentered(router: Any, trigger: str, function: str, runs_first: bool) -> bool:
    """Whether `function` was entered while `trigger` moved a hostile asset."""
    world = World(asset=deploy_odd_asset(), router=router)
    asset = world.asset.address
    fund_and_approve(world.asset, asset, world.router.address, AMOUNT)
    fund_and_approve(world.asset, world.payer, world.router.address, AMOUNT)
    args = {
        "pay": (1, asset, AMOUNT, EVIDENCE),
        "settle": (1, asset),
        "withdraw": (world.builder, asset),
        "forward_income": (asset,),
        "forward_campaign": (1, asset),
        "pending": (1, asset),
        "credit": (world.builder, asset),
    }
    payload = calldata_of(world.router, function, *args[function])
    program_reentry(
        world.asset, world.router, payload, entries=TRIGGERS[trigger], runs_first=runs_first
    )
    with suppress(BoaError), boa.env.prank(world.payer):
        getattr(world.router, trigger)(*args[trigger])
    return bool(world.asset.hook_succeeded())


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("function", TARGETS)
@pytest.mark.parametrize("runs_first", [True, False], ids=["before", "after"])
def test_reentry__from_the_asset__is_locked_out(trigger, function, runs_first):
    assert not _reentered(deployer_of(STEM), trigger, function, runs_first)


@pytest.mark.parametrize("function", ["settle", "pending", "credit"])
def test_reentry__without_the_lock__gets_in(function):
    unlocked = mutate(STEM, "# pragma nonreentrancy on", "# pragma nonreentrancy off")
    assert _reentered(unlocked, "withdraw", function, True)


# --- assets that deliver less than they say ---


def _booked_without_money(router: Any, fault: Fault) -> int:
    """What is booked above what arrived."""
    world = World(asset=deploy_odd_asset(), router=router)
    before = world.held(world.router.address)
    world.asset.misbehave(fault, Entry.TRANSFER_FROM)
    with suppress(BoaError):
        world.pay(1)
    arrived = world.held(world.router.address) - before
    return int(world.router.pending(1, world.asset.address)) - arrived


SHORT = [Fault.MOVES_NOTHING, Fault.FEE_ON_RECEIVER]


@pytest.mark.parametrize("fault", [*SHORT, Fault.RETURNS_FALSE, Fault.REVERTS, Fault.PAUSED])
def test_odd_asset__delivers_too_little__is_not_booked(fault):
    assert _booked_without_money(deployer_of(STEM), fault) == 0


@pytest.mark.parametrize("fault", SHORT)
def test_odd_asset__without_the_balance_check__is_booked(fault):
    blind = mutate(
        STEM,
        "assert balance_after == balance_before + amount",
        "assert balance_after >= balance_before",
        module="asset_ledger",
    )
    assert _booked_without_money(blind, fault) > 0


@pytest.mark.parametrize(
    "fault",
    [Fault.RETURNS_NOTHING, Fault.REVERTS_ON_ZERO, Fault.REVERTS_OVER_96_BITS],
)
def test_odd_asset__odd_but_honest__goes_all_the_way(fault):
    world = World(asset=deploy_odd_asset(fault))
    assert world.withdraw(world.builder) == BUILDER_PART
    assert world.router.forward_income(world.asset.address) == 5_000
    assert world.router.forward_campaign(1, world.asset.address) == 2_000
    assert world.held(world.router.address) == 0


def test_odd_asset__charges_the_sender_on_top__others_money_stays():
    world = World(asset=deploy_odd_asset())
    world.asset.misbehave(Fault.FEE_ON_SENDER, Entry.MOVES)
    for call, *args in (
        (world.withdraw, world.builder),
        (world.router.forward_income, world.asset.address),
        (world.router.forward_campaign, 1, world.asset.address),
    ):
        with reverts_otherwise("the asset's fee is noticed by the ledger of whoever pays"):
            call(*args)
    assert world.held(world.router.address) == AMOUNT


def test_odd_asset__inflates_its_own_balance__reaches_no_other_asset():
    world = World()
    odd = deploy_odd_asset()
    odd.rebase(world.router.address, MAX_UINT)
    with boa.reverts("asset is not accepted"), boa.env.prank(world.thief):
        world.router.pay(1, odd.address, 1, EVIDENCE)
    assert world.router.accounted(world.asset.address) == AMOUNT

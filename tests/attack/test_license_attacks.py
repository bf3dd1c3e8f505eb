"""Attacks on licenses: each gains nothing, and something without its defence."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import boa
import pytest
from boa import BoaError

from tests.attack.mutants import mutate, mutate_all
from tests.odd_assets import Entry, Fault, calldata_of, deploy_odd_asset, program_reentry
from tests.support import DAY, MAX_UINT, account, deployer_of, fund_and_approve, now, warp_to
from tests.unit.licensing.market_kit import (
    DUE,
    EVIDENCE,
    FEE,
    GRACE,
    REVENUE,
    SHARE_BPS,
    TERM,
    Terms,
    add_model,
    deploy_suite,
    is_licensed,
    license_terms,
    offer,
    pay,
    period_end,
    report,
    sell,
)
from tests.unit.models.registry_kit import treasury_share

STEM = "LicenseMarket"


class World:
    """A market with one model and one license, an honest licensee, and a thief."""

    def __init__(self, market: Any, asset: Any = None) -> None:
        self.owner, self.licensee, self.thief = map(account, ("owner", "licensee", "thief"))
        self.suite = deploy_suite(self.owner, market=market, asset=asset)
        self.market, self.asset = self.suite.market, self.suite.asset
        add_model(self.suite, [treasury_share(10_000)])
        self.license_id = sell(self.suite, self.licensee)

    def end_period(self, period: int) -> None:
        warp_to(period_end(self.suite, self.license_id, period))

    def try_to_report(self, who: str, period: int, revenue: int) -> None:
        with suppress(BoaError):
            report(self.suite, who, self.license_id, period, revenue)

    @property
    def reported(self) -> int:
        return int(self.market.license(self.license_id).periods_reported)


# --- each attack returns what it gained: 0 is a failure ---


def price_raised_while_a_purchase_waits(world: World) -> int:
    """The buyer was told what the next terms will cost; dearer ones take their number first."""
    buyer, terms_id = account("buyer"), world.suite.catalog.terms_count() + 1
    fund_and_approve(world.asset, buyer, world.market.address, 10 * FEE)
    offer(world.suite, upfront_fee=10 * FEE)
    with suppress(BoaError), boa.env.prank(buyer):
        world.market.buy(terms_id, buyer, FEE, SHARE_BPS)
    return 10 * FEE - int(world.asset.balanceOf(buyer))


def share_raised_while_a_purchase_waits(world: World) -> int:
    """The same with the revenue share."""
    buyer, terms_id = account("buyer"), world.suite.catalog.terms_count() + 1
    fund_and_approve(world.asset, buyer, world.market.address, FEE)
    offer(world.suite, share_bps=2 * SHARE_BPS)
    with suppress(BoaError), boa.env.prank(buyer):
        world.market.buy(terms_id, buyer, FEE, SHARE_BPS)
    return int(world.market.balanceOf(buyer))


def terms_offered_by_a_thief(world: World) -> int:
    """Whoever may not speak for the model sells itself a free license."""
    terms: Terms = license_terms(world.suite, upfront_fee=0, share_bps=0, minimum_per_period=1)
    with suppress(BoaError), boa.env.prank(world.thief):
        terms_id = world.suite.catalog.offer_terms(terms)
        world.market.buy(terms_id, world.thief, 0, 0)
    return int(world.market.balanceOf(world.thief))


def spoofed_report(world: World) -> int:
    """A stranger closes the licensee's period at a revenue of its choice."""
    world.end_period(1)
    world.try_to_report(world.thief, 1, REVENUE)
    return world.reported


def report_replayed(world: World) -> int:
    """The licensee sends the cheap report of period 1 again, in the place of period 2's."""
    world.end_period(2)
    world.try_to_report(world.licensee, 1, 0)
    world.try_to_report(world.licensee, 1, 0)
    return world.reported - 1


def report_out_of_order(world: World) -> int:
    """The licensee leaves out the period in which it earned."""
    world.end_period(2)
    world.try_to_report(world.licensee, 2, 0)
    return world.reported


def report_ahead_of_time(world: World) -> int:
    """The licensee reports a period at nothing before it has earned in it."""
    warp_to(period_end(world.suite, world.license_id, 1) - 1)
    world.try_to_report(world.licensee, 1, 0)
    return world.reported


def report_without_payment(world: World) -> int:
    """The licensee reports faithfully, never pays, and stays licensed."""
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    warp_to(period_end(world.suite, world.license_id, 1) + GRACE)
    return int(is_licensed(world.suite, world.licensee, world.license_id))


def payment_of_the_newest_dues_only(world: World) -> int:
    """The licensee pays as much as the last period owed, and calls the older one settled."""
    for period in (1, 2):
        world.end_period(period)
        world.try_to_report(world.licensee, period, REVENUE)
    pay(world.suite, world.licensee, world.license_id, DUE)
    warp_to(period_end(world.suite, world.license_id, 2) + GRACE)
    return int(world.market.is_in_good_standing(world.license_id))


def debts_sold_with_the_license(world: World) -> int:
    """The licensee gets rid of a license with dues."""
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    with suppress(BoaError), boa.env.prank(world.licensee):
        world.market.transferFrom(world.licensee, world.thief, world.license_id)
    return int(world.market.balanceOf(world.thief))


def unreported_period_sold_with_the_license(world: World) -> int:
    """The licensee sells within the grace of a period that the buyer would have to report."""
    world.end_period(1)
    with suppress(BoaError), boa.env.prank(world.licensee):
        world.market.transferFrom(world.licensee, world.thief, world.license_id)
    return int(world.market.balanceOf(world.thief))


def late_debtor_locked_out(world: World) -> int:
    """Offer retired, model sold, market paused, term long over: the debtor still pays."""
    world.end_period(3)
    for period in (1, 2, 3):
        world.try_to_report(world.licensee, period, REVENUE)
    warp_to(now() + 10 * TERM)
    with boa.env.prank(world.owner):
        world.suite.catalog.retire_terms(1)
        world.suite.registry.transferFrom(world.owner, world.thief, 1)
        world.market.set_guardian(world.owner, now() + DAY)
        world.market.pause()
    with suppress(BoaError):
        pay(world.suite, world.licensee, world.license_id, 3 * DUE)
    return int(world.market.outstanding(world.license_id))


def more_taken_than_owed(world: World) -> int:
    """A generous payer's approval is emptied."""
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    pay(world.suite, world.licensee, world.license_id, 3 * DUE)
    return 2 * DUE - int(world.asset.balanceOf(world.licensee))


def more_taken_than_the_licensee_allowed(world: World) -> int:
    """Old dues surface in a report that was meant to pay one period."""
    world.end_period(2)
    world.try_to_report(world.licensee, 1, REVENUE)
    fund_and_approve(world.asset, world.licensee, world.market.address, 2 * DUE)
    with suppress(BoaError), boa.env.prank(world.licensee):
        world.market.report_and_pay(world.license_id, 2, REVENUE, EVIDENCE, DUE)
    return 2 * DUE - int(world.asset.balanceOf(world.licensee))


@dataclass(frozen=True)
class Case:
    """An attack, and the defence without which it gains: `old` becomes `new` in `<module>.vy`."""

    attack: Callable[[World], int]
    module: str
    old: str
    new: str = "pass"


CASES = [
    Case(
        price_raised_while_a_purchase_waits,
        STEM,
        'assert fee <= max_fee, "fee is above the maximum"',
    ),
    Case(
        share_raised_while_a_purchase_waits,
        STEM,
        'assert core.share_bps <= max_share_bps, "share is above the maximum"',
    ),
    Case(
        terms_offered_by_a_thief,
        STEM,
        "staticcall IERC721(REGISTRY).ownerOf(model_id) == msg.sender",
        "staticcall IERC721(REGISTRY).ownerOf(model_id) != empty(address)",
    ),
    Case(
        spoofed_report,
        STEM,
        "assert collection._is_approved_or_owner(msg.sender, license_id)",
        "assert license_id > 0",
    ),
    Case(
        report_replayed,
        "license_book",
        "assert period == entry.periods_reported + 1",
        "assert period <= entry.periods_reported + 1",
    ),
    Case(
        report_out_of_order,
        "license_book",
        "assert period == entry.periods_reported + 1",
        "assert period > entry.periods_reported",
    ),
    Case(
        report_ahead_of_time,
        "license_book",
        'assert block.timestamp >= ends_at, "period has not ended"',
    ),
    Case(
        report_without_payment,
        "license_book",
        "return self._through[license_id][past] & MASK_128 <= entry.paid",
        "return True",
    ),
    Case(
        payment_of_the_newest_dues_only,
        "license_book",
        "return self._through[license_id][past] & MASK_128 <= entry.paid",
        "return (self._through[license_id][past] & MASK_128)"
        " - (self._through[license_id][past - 1] & MASK_128) <= entry.paid",
    ),
    Case(
        debts_sold_with_the_license,
        STEM,
        'assert entry.paid == entry.due and is_reported, "license has arrears"',
    ),
    Case(
        unreported_period_sold_with_the_license,
        STEM,
        "entry.paid == entry.due and is_reported",
        "entry.paid == entry.due and license_book._is_in_good_standing(license_id, entry, core)",
    ),
    Case(
        late_debtor_locked_out,
        STEM,
        "    paid: uint256 = min(amount",
        "    safety._check_running()\n    paid: uint256 = min(amount",
    ),
    Case(
        more_taken_than_owed,
        STEM,
        "self._pay(license_id, entry, license_terms._core(entry.terms_id), paid)",
        "self._pay_router(license_id, license_terms._core(entry.terms_id), amount)",
    ),
    Case(
        more_taken_than_the_licensee_allowed,
        STEM,
        'assert amount <= max_amount, "amount is above the maximum"',
    ),
]
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.attack.__name__)


@cases
def test_attack__defences_in_place__gains_nothing(case):
    assert case.attack(World(deployer_of(STEM))) == 0


@cases
def test_attack__without_its_defence__gains(case):
    assert case.attack(World(mutate(STEM, case.old, case.new, module=case.module))) > 0


# --- an asset that calls back ---

UNLOCKED = (
    (STEM, "# pragma nonreentrancy on", "# pragma nonreentrancy off"),
    (STEM, "@reentrant\n", ""),
)


def _reentered(market: Any, trigger: str, runs_first: bool, function: str) -> bool:
    """Whether `function` was entered while `trigger` moved the money of a hostile asset."""
    world = World(market, asset=deploy_odd_asset())
    args = {
        "buy": (1, world.thief, MAX_UINT, 10_000),
        "pay": (world.license_id, 1),
        "report": (world.license_id, 2, 0, EVIDENCE),
        "report_and_pay": (world.license_id, 2, 0, EVIDENCE, MAX_UINT),
        "outstanding": (world.license_id,),
        "is_licensed": (1, world.licensee, world.license_id),
    }[function]
    world.end_period(2)
    with boa.env.prank(world.licensee):
        # So that only the lock, and no missing right or money, can stop what is called back.
        world.market.setApprovalForAll(world.asset.address, True)
    fund_and_approve(world.asset, world.licensee, world.market.address, 10 * FEE)
    world.asset.mint(world.asset.address, 10 * FEE)
    with boa.env.prank(world.asset.address):
        world.asset.approve(world.market.address, MAX_UINT)
    payload = calldata_of(world.market, function, *args)
    program_reentry(
        world.asset, world.market, payload, entries=Entry.TRANSFER_FROM, runs_first=runs_first
    )
    with suppress(BoaError), boa.env.prank(world.licensee):
        if trigger == "buy":
            world.market.buy(1, world.licensee, MAX_UINT, 10_000)
        else:
            world.market.report_and_pay(world.license_id, 1, REVENUE, EVIDENCE, MAX_UINT)
    return bool(world.asset.hook_succeeded())


reentries = pytest.mark.parametrize(
    "function", ["buy", "pay", "report", "report_and_pay", "outstanding", "is_licensed"]
)


@pytest.mark.parametrize("trigger", ["buy", "report_and_pay"])
@pytest.mark.parametrize("runs_first", [True, False], ids=["before", "after"])
@reentries
def test_reentry__from_a_payment__is_locked_out(trigger, runs_first, function):
    assert not _reentered(deployer_of(STEM), trigger, runs_first, function)


@pytest.mark.parametrize("function", ["report", "outstanding", "is_licensed"])
def test_reentry__without_the_lock__gets_in(function):
    assert _reentered(mutate_all(STEM, UNLOCKED), "report_and_pay", True, function)


# --- assets that deliver less than they say ---


def _debt_cleared_with_a_donation(market: Any) -> bool:
    """The asset keeps a fee, and a stray donation at the router hides the gap."""
    world = World(market, asset=deploy_odd_asset())
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    world.asset.mint(world.suite.router.address, DUE)
    world.asset.misbehave(Fault.FEE_ON_RECEIVER, Entry.TRANSFER_FROM)
    with suppress(BoaError):
        pay(world.suite, world.licensee, world.license_id, DUE)
    return world.market.outstanding(world.license_id) == 0


def test_fee_asset__donation_hides_the_gap__debt_stays():
    assert not _debt_cleared_with_a_donation(deployer_of(STEM))


def test_fee_asset__without_the_balance_check__donation_pays():
    blind = mutate(
        STEM,
        "assert balance_before + amount == balance_after",
        "assert balance_after >= balance_before",
        module="asset_ledger",
    )
    assert _debt_cleared_with_a_donation(blind)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.RETURNS_FALSE,
        Fault.MOVES_NOTHING,
        Fault.FEE_ON_RECEIVER,
        Fault.PAUSED,
        Fault.REVERTS,
        Fault.RETURNS_GARBAGE,
        Fault.RETURNS_SHORT,
    ],
)
def test_odd_asset__fails_to_deliver__nothing_is_booked(fault):
    world = World(deployer_of(STEM), asset=deploy_odd_asset())
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    world.asset.misbehave(fault, Entry.TRANSFER_FROM)
    with boa.reverts():
        pay(world.suite, world.licensee, world.license_id, DUE)
    assert world.market.outstanding(world.license_id) == DUE
    world.asset.misbehave(Fault.NONE, Entry.ALL)
    assert pay(world.suite, world.licensee, world.license_id, DUE) == DUE


@pytest.mark.parametrize(
    "fault", [Fault.RETURNS_NOTHING, Fault.REVERTS_ON_ZERO, Fault.REVERTS_OVER_96_BITS]
)
def test_odd_asset__odd_but_honest__pays(fault):
    world = World(deployer_of(STEM), asset=deploy_odd_asset())
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    world.asset.misbehave(fault, Entry.MOVES)
    assert pay(world.suite, world.licensee, world.license_id, DUE) == DUE

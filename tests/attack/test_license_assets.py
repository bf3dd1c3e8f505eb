"""Licenses that are paid in an asset which calls back or delivers less than it says."""

from contextlib import suppress
from typing import Any

import boa
import pytest
from boa import BoaError

from tests.attack.license_world import MARKET, World
from tests.attack.mutants import mutate, mutate_all
from tests.kits.licensing import (
    DUE,
    EVIDENCE,
    FEE,
    REVENUE,
    pay,
)
from tests.odd_assets import Entry, Fault, calldata_of, deploy_odd_asset, program_reentry
from tests.support import MAX_UINT, deployer_of, fund_and_approve, now, reverts_otherwise

STEM = MARKET
VIEWS = "market_views"

# --- an asset that calls back ---

# What is `reentrant` with the pragma may not say so without it.
OPEN_VIEW = "@reentrant\ndef {}("
UNLOCKED = (
    (STEM, "# pragma nonreentrancy on", "# pragma nonreentrancy off"),
    (VIEWS, "# pragma nonreentrancy on", "# pragma nonreentrancy off"),
    *(
        (VIEWS, OPEN_VIEW.format(name), f"def {name}(")
        for name in ("name", "symbol", "tokenURI", "locked")
    ),
)


def _reentered(market: Any, trigger: str, runs_first: bool, function: str) -> bool:
    """Whether `function` was entered while `trigger` moved the money of a hostile asset."""
    world = World(STEM, market, asset=deploy_odd_asset())
    terms_hash = world.catalog.terms_hash(1)
    args = {
        "buy": (1, terms_hash, MAX_UINT),
        "pay": (world.license_id, 1),
        "report": (world.license_id, 2, 0, EVIDENCE),
        "report_and_pay": (world.license_id, 2, 0, EVIDENCE, MAX_UINT),
        "outstanding": (world.license_id,),
        "lapsed_at": (world.license_id, now()),
    }[function]
    world.end_period(2)
    with boa.env.prank(world.licensee):
        # So that only the lock, and no missing right or money, can stop what is called back.
        world.market.set_reporter(world.license_id, world.asset.address)
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
            world.market.buy(1, terms_hash, MAX_UINT)
        else:
            world.market.report_and_pay(world.license_id, 1, REVENUE, EVIDENCE, MAX_UINT)
    return bool(world.asset.hook_succeeded())


reentries = pytest.mark.parametrize(
    "function", ["buy", "pay", "report", "report_and_pay", "outstanding", "lapsed_at"]
)


@pytest.mark.parametrize("trigger", ["buy", "report_and_pay"])
@pytest.mark.parametrize("runs_first", [True, False], ids=["before", "after"])
@reentries
def test_reentry__from_a_payment__is_locked_out(trigger, runs_first, function):
    assert not _reentered(deployer_of(STEM), trigger, runs_first, function)


@pytest.mark.parametrize("function", ["report", "outstanding", "lapsed_at"])
def test_reentry__without_the_lock__gets_in(function):
    assert _reentered(mutate_all(STEM, UNLOCKED), "report_and_pay", True, function)


# --- assets that deliver less than they say ---


def _debt_cleared_with_a_donation(market: Any) -> bool:
    """The asset keeps a fee, and a stray donation at the router hides the gap."""
    world = World(STEM, market, asset=deploy_odd_asset())
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
    world = World(asset=deploy_odd_asset())
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    world.asset.misbehave(fault, Entry.TRANSFER_FROM)
    with reverts_otherwise("each fault of the asset has words of its own, or none"):
        pay(world.suite, world.licensee, world.license_id, DUE)
    assert world.market.outstanding(world.license_id) == DUE
    world.asset.misbehave(Fault.NONE, Entry.ALL)
    assert pay(world.suite, world.licensee, world.license_id, DUE) == DUE


@pytest.mark.parametrize(
    "fault", [Fault.RETURNS_NOTHING, Fault.REVERTS_ON_ZERO, Fault.REVERTS_OVER_96_BITS]
)
def test_odd_asset__odd_but_honest__pays(fault):
    world = World(asset=deploy_odd_asset())
    world.end_period(1)
    world.try_to_report(world.licensee, 1, REVENUE)
    world.asset.misbehave(fault, Entry.MOVES)
    assert pay(world.suite, world.licensee, world.license_id, DUE) == DUE

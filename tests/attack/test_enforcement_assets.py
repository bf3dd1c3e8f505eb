"""Bonds and refunds in an asset that calls back."""

from typing import Any

import pytest

from tests.attack.license_world import BOND, ENFORCEMENT, World
from tests.attack.mutants import mutate
from tests.attack.test_enforcement_attacks import _dispute, _due_at
from tests.kits.licensing import (
    DUE,
    GRACE,
    PERIOD,
    REVENUE,
    period_end,
    report,
)
from tests.odd_assets import Entry, calldata_of, deploy_odd_asset, program_reentry
from tests.support import deployer_of, fund_and_approve, warp_to

# --- an asset that calls back ---


def _refund_and(world: World) -> None:
    """A bond, and a refund that waits."""
    world.sell(bond=BOND)
    _dispute(world)
    world.enforcement.decide(world.license_id, 1, world.opened_at(), 0, sender=world.owner)


def _reentered_withdrawal(enforcement: Any, function: str) -> bool:
    """Whether `function` was entered while a refund was paid out."""
    world = World(ENFORCEMENT, enforcement, asset=deploy_odd_asset())
    _refund_and(world)
    asset = world.asset.address
    args = {
        "withdraw": (world.licensee, asset),
        "enforce": (world.license_id,),
        "bond": (world.license_id,),
    }[function]
    report_later = period_end(world.suite, world.license_id, 2)
    warp_to(report_later)
    report(world.suite, world.licensee, world.license_id, 2, REVENUE)
    warp_to(report_later + PERIOD + GRACE)
    payload = calldata_of(world.enforcement, function, *args)
    program_reentry(
        world.asset, world.enforcement, payload, entries=Entry.TRANSFER, runs_first=True
    )
    world.attempt(world.thief, world.enforcement.withdraw, world.licensee, asset)
    return bool(world.asset.hook_succeeded())


# What is tried from within a refund, and where its lock is said.
ENTERED = {"withdraw": "refunds", "enforce": ENFORCEMENT, "bond": "bonds"}


@pytest.mark.parametrize("function", ENTERED)
def test_reentry__from_a_refund__is_locked_out(function):
    assert not _reentered_withdrawal(deployer_of(ENFORCEMENT), function)


@pytest.mark.parametrize("function", ENTERED)
def test_reentry__without_the_lock__gets_in(function):
    lock, none = "# pragma nonreentrancy on", "# pragma nonreentrancy off"
    unlocked = mutate(ENFORCEMENT, lock, none, module=ENTERED[function])
    assert _reentered_withdrawal(unlocked, function)


def test_hand_over__asset_pays_the_debt_in_its_approval__bond_stays():
    """The market would take less than the bond gives up: the call fails whole."""
    world = World(asset=deploy_odd_asset())
    license_id = world.sell(bond=BOND)
    world.report(1, license_id)
    warp_to(_due_at(world, license_id))
    fund_and_approve(world.asset, world.asset.address, world.market.address, DUE)
    payload = calldata_of(world.market, "pay", license_id, DUE)
    program_reentry(world.asset, world.market, payload, entries=Entry.APPROVE, runs_first=True)
    world.attempt(world.thief, world.enforcement.enforce, license_id)
    assert world.enforcement.bond(license_id) == BOND == world.held(world.enforcement.address)
    assert world.market.outstanding(license_id) == DUE

"""Everyone: the Treasury's totals, buckets, promises and policy, as rows for a table."""

from collections.abc import Iterator
from typing import Any

from flywheel import amounts
from flywheel.amounts import Unit
from flywheel.deploy.parameters import GRANTS_PURPOSE
from flywheel.deploy.suite import Suite
from flywheel.governance.proposals import Action
from flywheel.shown import Shown
from flywheel.treasury import assets
from flywheel.treasury.income import current_epoch
from flywheel.wording.describe import Words

Row = tuple[Any, ...]
PURPOSES_PER_VIEW = 32
# The running epoch and the next: what a vote of today changes begins after them.
POLICY_EPOCHS = 2
# Direct spends are counted over all purposes.
ALL_PURPOSES = 0


def _units(suite: Suite) -> list[Unit]:
    """The accepted assets, in the Treasury's order."""
    return [assets.unit_of(suite, str(asset)) for asset in suite.treasury.assets()]


def _names(units: list[Unit]) -> dict[str, Shown]:
    """Address of each asset => its symbol, or its address if two have the same symbol."""
    symbols = [unit.symbol for unit in units]
    return {
        unit.address: Shown(
            unit.symbol if symbols.count(unit.symbol) == 1 else unit.address, unit.address
        )
        for unit in units
    }


def balances(suite: Suite) -> list[Row]:
    """Address and totals of each accepted asset."""
    rows = []
    for unit in _units(suite):
        found = suite.treasury.statement(unit.address)
        held, owned = int(found.balance), int(found.accounted)
        figures = (
            held,
            found.free,
            found.committed,
            found.unclosed_income + found.waiting_income,
            found.in_kind,
            held - owned,
        )
        rows.append((unit.address, *(unit.show(int(units)) for units in figures)))
    return rows


def buckets(suite: Suite) -> list[Row]:
    """Each purpose with what it has of each asset; purposes without anything once."""
    rows: list[Row] = []
    known = _units(suite)
    names = _names(known)
    for unit in known:
        for bucket in purposes(suite, unit.address):
            money = (unit.show(int(units)) for units in (bucket.free, bucket.committed))
            rows.append((int(bucket.purpose), str(bucket.name), names[unit.address], *money))
    return sorted(rows)


def purposes(suite: Suite, asset: str) -> Iterator[Any]:
    """Each purpose with what it has of an asset, in the order of their ids."""
    for first in range(1, int(suite.treasury.purpose_count()) + 1, PURPOSES_PER_VIEW):
        yield from suite.treasury.purposes(asset, first)


def promises(suite: Suite, every: bool = False) -> list[Row]:
    """Commitments with something left, or all of them."""
    rows = []
    names = _names(_units(suite))
    for number in range(1, int(suite.treasury.commitment_count()) + 1):
        found = suite.treasury.commitment(number)
        if not found.remaining and not every:
            continue
        asset = str(found.asset)
        name = str(suite.treasury.purpose_name(found.purpose))
        left = assets.unit_of(suite, asset).show(int(found.remaining))
        rows.append((number, str(found.controller), name, names[asset], left))
    return rows


def policies(suite: Suite) -> list[Row]:
    """The split of income in the running epoch and the next: no vote can change it any more."""
    first = current_epoch(suite)
    rows = []
    for epoch in range(first, first + POLICY_EPOCHS):
        found = suite.treasury.policy_at(epoch)
        shares = (found.holders_bps, found.grants_bps, found.reserve_bps)
        rows.append((epoch, *(amounts.show_bps(int(share)) for share in shares)))
    return rows


def limits(suite: Suite) -> list[Row]:
    """What an ordinary vote may take now of each asset: by direct spends of any purpose, and by
    grants of each purpose that has something or gave something within 30 days.
    """
    treasury, rows = suite.treasury, []
    known = _units(suite)
    names = _names(known)
    for unit in known:
        asset = unit.address
        figures = [
            int(treasury.total_free(asset)),
            int(treasury.taken_lately(ALL_PURPOSES, asset)),
            int(treasury.spendable(asset)),
        ]
        rows.append(("spends", "any", names[asset], *(unit.show(units) for units in figures)))
        for bucket in purposes(suite, asset):
            purpose, free = int(bucket.purpose), int(bucket.free)
            taken = int(treasury.taken_lately(purpose, asset))
            if free or taken:
                figures = [free, taken, int(treasury.grantable(purpose, asset))]
                amounts_shown = (unit.show(units) for units in figures)
                rows.append(("grants", str(bucket.name), names[asset], *amounts_shown))
    return rows


def floors(suite: Suite) -> list[Row]:
    """Per asset the floor of the epoch that is closed next, or of the running one, and what the
    next grants have for it.
    """
    rows = []
    known = _units(suite)
    names = _names(known)
    for unit in known:
        asset = unit.address
        epoch, floor, free = map(int, suite.treasury.next_floor_check(asset))
        if epoch == 0:
            epoch = current_epoch(suite)
            floor = int(suite.treasury.holders_floor_at(epoch, asset))
            free = int(suite.treasury.free(GRANTS_PURPOSE, asset))
        said = Shown("yes" if free >= floor else "no: its income goes to the grants", free >= floor)
        rows.append((epoch, names[asset], unit.show(floor), unit.show(free), said))
    return rows


def cap_remarks(suite: Suite, actions: list[Action]) -> list[str]:
    """A sentence for each asset or purpose of which `actions`, taken as ordinary ones, ask more
    than the caps leave now.
    """
    asked: dict[tuple[int, str], int] = {}
    words = Words(suite)
    for item in actions:
        call = words.decode(item.target, item.calldata)
        if call is None:
            continue
        name, values = (call.function.contract, call.function.name), call.arguments
        if name == ("Treasury", "spend"):
            key, amount = (ALL_PURPOSES, str(values["asset"])), int(values["amount"])
        elif name == ("TrainingGrants", "approve"):
            told = suite.applications.application(values["grant_id"])
            if not int(told.applied_at):
                continue
            key = (int(told.purpose), str(told.asset))
            amount = int(told.milestones_total) + int(told.compute_budget)
        else:
            continue
        asked[key] = asked.get(key, 0) + amount
    return [
        remark
        for (purpose, asset), amount in asked.items()
        if (remark := _cap_remark(suite, purpose, asset, amount))
    ]


def _cap_remark(suite: Suite, purpose: int, asset: str, amount: int) -> str:
    """Empty within the cap."""
    if purpose == ALL_PURPOSES:
        room, verb, instead = suite.treasury.spendable(asset), "spends", "Treasury.spend_beyond_cap"
    else:
        room, verb = suite.treasury.grantable(purpose, asset), "grants"
        instead = "TrainingGrants.approve_beyond_cap"
    if amount <= int(room):
        return ""
    unit = assets.unit_of(suite, asset)
    return (
        f"This {verb} {unit.show(amount)}; an ordinary vote may take "
        f"{unit.show(int(room))} now. Unless older outflows leave the 30 days before it "
        f"is executed, it will be refused: {instead} takes a strict vote instead."
    )

"""Everyone: the Treasury's totals, buckets, promises and policy, as rows for a table."""

from collections.abc import Iterator
from typing import Any

from flywheel import amounts
from flywheel.actions.income import current_epoch
from flywheel.suite import Suite, at

Row = tuple[Any, ...]
PURPOSES_PER_VIEW = 32
# The running epoch and the next: what a vote of today changes begins after them.
POLICY_EPOCHS = 2


def show(suite: Suite, asset: str, units: int) -> str:
    """Units of any accepted asset for people."""
    if asset == str(suite.asset.address):
        return suite.money(units)
    contract = at("Asset", asset)
    return amounts.show(units, int(contract.decimals()), str(contract.symbol()))


def balances(suite: Suite) -> list[Row]:
    """Address and totals of each accepted asset."""
    rows = []
    for asset in map(str, suite.treasury.assets()):
        found = suite.treasury.statement(asset)
        held, owned = int(found.balance), int(found.accounted)
        figures = (
            held,
            found.free,
            found.committed,
            found.unclosed_income + found.waiting_income,
            found.in_kind,
            held - owned,
        )
        rows.append((asset, *(show(suite, asset, int(units)) for units in figures)))
    return rows


def buckets(suite: Suite) -> list[Row]:
    """Each purpose with what it has of each asset; purposes without anything once."""
    rows: list[Row] = []
    for asset in map(str, suite.treasury.assets()):
        for bucket in _purposes(suite, asset):
            money = (show(suite, asset, int(units)) for units in (bucket.free, bucket.committed))
            rows.append((int(bucket.purpose), str(bucket.name), asset, *money))
    return sorted(rows)


def _purposes(suite: Suite, asset: str) -> Iterator[Any]:
    for first in range(1, int(suite.treasury.purpose_count()) + 1, PURPOSES_PER_VIEW):
        yield from suite.treasury.purposes(asset, first)


def promises(suite: Suite, every: bool = False) -> list[Row]:
    """Commitments with something left, or all of them."""
    rows = []
    for number in range(1, int(suite.treasury.commitment_count()) + 1):
        found = suite.treasury.commitment(number)
        if not found.remaining and not every:
            continue
        asset = str(found.asset)
        name = str(suite.treasury.purpose_name(found.purpose))
        left = show(suite, asset, int(found.remaining))
        rows.append((number, str(found.controller), name, asset, left))
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

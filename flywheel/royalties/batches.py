"""Licensees: report and pay the periods of a file, stop at the first failure, resume."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flywheel.amounts import Unit
from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError
from flywheel.licensing import licenses
from flywheel.royalties import royalty_file
from flywheel.royalties.royalty_file import Entry, Fault, Row, Standing, State
from flywheel.treasury import assets

if TYPE_CHECKING:
    from ape.api import AccountAPI


def plan(suite: Suite, path: Path, account: str) -> tuple[list[Entry], list[Fault]]:
    """The rows of a file as `account` would report them, priced; and all its faults.

    Raises `FlywheelError` if the file cannot be read at all.
    """
    rows, faults = royalty_file.read(path)
    if faults:
        return [], faults
    mine = _owned(suite, account) if any(not row.license_id for row in rows) else {}
    return royalty_file.plan(rows, _standings(suite, account, rows, mine), mine)


def to_pay(entries: list[Entry]) -> dict[Unit, int]:
    """What the open rows take from the payer together, by asset."""
    return _sum(entries, lambda item: item.cost.to_pay)


def send(
    suite: Suite, account: "AccountAPI", entries: list[Entry], after: Callable[[Entry], None]
) -> None:
    """Reports and pays the open rows in their order; `after` is called for each.

    The allowance for all of them is set first. At the first failure the rest is left: the entries
    say what happened. A failed report paid nothing, so the same file can be sent again. A report of
    an earlier run that nobody saw the end of is waited for: the market takes none a second time.
    """
    connection.finish_earlier(account)
    for unit, amount in to_pay(entries).items():
        assets.require_balance(suite, str(account.address), amount, unit)
    for unit, amount in _sum(entries, lambda item: item.cost.max_amount).items():
        first = next(
            item for item in entries if item.state == State.OPEN and item.outlook.unit == unit
        )
        call = licenses.report_call(suite, first.license_id, first.report, first.cost.max_amount)
        assets.allow(suite, account, suite.market, amount, unit, call)
    stopped = False
    for entry in entries:
        if entry.state != State.OPEN:
            continue
        if stopped:
            entry.state = State.STOPPED
            continue
        try:
            with connection.plain_errors():
                entry.paid = licenses.send_report(
                    suite, account, entry.license_id, entry.report, entry.cost.max_amount
                )
            entry.state = State.RECORDED if connection.is_recording() else State.SENT
        except FlywheelError as error:
            if connection.is_recording():
                raise
            entry.state, entry.detail, stopped = State.FAILED, str(error), True
        after(entry)


def _sum(entries: list[Entry], amount: Callable[[Entry], int]) -> dict[Unit, int]:
    sums: dict[Unit, int] = defaultdict(int)
    for item in entries:
        if item.state == State.OPEN:
            sums[item.outlook.unit] += amount(item)
    return {unit: units for unit, units in sums.items() if units}


def _owned(suite: Suite, account: str) -> dict[int, list[int]]:
    """Licences of an account that have periods, by their model."""
    found: dict[int, list[int]] = defaultdict(list)
    for licence in licenses.of_account(suite, account):
        if licence.next_period or licence.periods_reported:
            found[licence.model_id].append(licence.license_id)
    return found


def _standings(
    suite: Suite, account: str, rows: list[Row], owned: dict[int, list[int]]
) -> dict[int, Standing]:
    count = int(suite.market.license_count())
    named = {row.license_id for row in rows if 1 <= row.license_id <= count}
    named |= {number for row in rows for number in owned.get(row.model_id, [])}
    found = {}
    for license_id in sorted(named):
        licence = licenses.get(suite, license_id)
        on_chain = {}
        if any(row.period <= licence.periods_reported for row in rows):
            on_chain = licenses.reports(suite, license_id)
        found[license_id] = Standing(
            licence,
            licenses.outlook(suite, licence),
            licenses.may_act(suite, account, licence),
            on_chain,
        )
    return found

"""Licensees: ape run royalty report | batch | pay; anyone: ape run royalty settle | withdraw."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flywheel.console import cli as shared

if TYPE_CHECKING:
    from flywheel.deploy.suite import Suite
    from flywheel.royalties.royalty_file import Entry

FILE = shared.FILE


@click.group()
def cli() -> None:
    """Licensees report revenue and pay; anyone settles what a model earned."""


@shared.command(cli)
@click.argument("license_id", metavar="LICENCE", type=int)
@click.argument("revenue")
@click.option("--units", type=click.IntRange(0), default=0, help="Metered units of the period.")
@click.option("--period", type=int, help="Number of the period; the next one if absent.")
@click.option("--evidence", type=FILE, help="File whose hash goes on chain with the report.")
def report(
    session: shared.Session,
    license_id: int,
    revenue: str,
    units: int,
    period: int | None,
    evidence: Path | None,
) -> None:
    """Report REVENUE of an ended period of LICENCE and pay all that is outstanding."""
    from eth_utils import keccak

    from flywheel.deploy.suite import Suite
    from flywheel.licensing import licenses

    suite = Suite.connected()
    licence = licenses.get(suite, license_id)
    number = period or licence.next_period
    if number != licence.next_period or not number:
        raise licenses.not_next(licence, number)
    outlook = licenses.outlook(suite, licence)
    unit = outlook.unit
    earned = unit.units(revenue)
    cost = outlook.cost(earned, units)
    account = session.account
    fields = {
        "Period": number,
        "Revenue": unit.show(earned),
        "Units": units,
        "Due": unit.show(cost.due),
        "Why": cost.why,
        "Arrears": unit.show(cost.arrears),
        "Interest": unit.show(cost.interest),
        "Credit": unit.show(cost.credit),
    }
    if session.dry_run:
        session.output.record(f"Licence {license_id}", {**fields, "To pay": unit.show(cost.to_pay)})
    if not session.confirm(
        f"Report period {number} of licence {license_id}, pay {unit.show(cost.to_pay)}"
    ):
        return
    digest = bytes(keccak(evidence.read_bytes())) if evidence else bytes(32)
    paid = licenses.report_and_pay(suite, account, license_id, number, earned, digest, units)
    session.output.record(f"Licence {license_id}", {**fields, "Paid": unit.show(paid)})


@shared.command(cli)
@click.argument("path", metavar="FILE", type=FILE)
@click.option(
    "--out",
    type=shared.NEW_FILE,
    help="Where the outcome of each row is written; beside FILE if absent.",
)
def batch(session: shared.Session, path: Path, out: Path | None) -> None:
    """Report and pay the periods of a CSV FILE: license or model, period, revenue, units, evidence.

    The whole file is checked before anything is sent. It stops at the first failure; run again, it
    goes on from there, and what is on chain already is not paid twice.
    """
    from flywheel.deploy.suite import Suite
    from flywheel.errors import FlywheelError, fix
    from flywheel.royalties import batches, royalty_file

    written = out or path.with_suffix(".result.csv")
    if written.resolve() == path.resolve():
        raise fix(f"--out would overwrite {path}", "Give another file")
    suite = Suite.connected()
    account = session.account
    entries, faults = batches.plan(suite, path, str(account.address))
    if faults:
        *others, last = royalty_file.refuse(path, faults)
        for fault in others:
            session.output.say(fault)
        if others:
            raise fix(last, f"The file has {len(faults)} faults, nothing was sent")
        raise FlywheelError(last)
    waiting = [item for item in entries if item.state == royalty_file.State.OPEN]
    total = " and ".join(unit.show(sum_) for unit, sum_ in batches.to_pay(entries).items())
    if session.dry_run or not waiting:
        _show_rows(session, entries)
        if out:
            royalty_file.write(written, entries)
    if not waiting:
        session.output.say("Every row is on chain already: there is nothing to send.")
        _say_standings(session, suite, entries)
        return
    if sys.stdin.isatty() and not (session.yes or session.dry_run or session.batch):
        for item in waiting:
            cost, row = item.cost, item.row
            session.output.say(
                f"Line {row.line}: licence {item.license_id}, period {row.period}, "
                f"{item.outlook.unit.show(cost.to_pay)} ({cost.why})"
            )
    if not session.confirm(
        f"Report {_count(len(waiting))} and pay {total or 'nothing'}", rehearse=False
    ):
        return
    # Before the first payment, so that a file that cannot be written stops none halfway.
    if session.batch is None:
        royalty_file.write(written, entries)

    def after(entry: royalty_file.Entry) -> None:
        if session.batch is None:
            royalty_file.write(written, entries)
            row = entry.row
            if entry.state == royalty_file.State.SENT:
                paid = entry.outlook.unit.show(entry.paid)
                session.output.say(f"sent line {row.line}: period {row.period}, {paid}")

    batches.send(suite, account, entries, after)
    if session.batch is not None:
        return
    royalty_file.write(written, entries)
    _show_rows(session, entries)
    _say_standings(session, suite, entries)
    session.output.say(f"Written to {written}.")
    for item in entries:
        if item.state == royalty_file.State.FAILED:
            raise fix(
                f"Stopped at {path}, line {item.row.line}: {item.detail}",
                "Mend that and run it again: rows that are on chain are not paid twice",
            )


def _count(periods: int) -> str:
    return f"{periods} period{'' if periods == 1 else 's'}"


def _show_rows(session: shared.Session, entries: "list[Entry]") -> None:
    from flywheel.royalties import royalty_file

    rows = royalty_file.table(entries)
    session.output.table("Royalties", list(rows.columns), rows.to_numpy().tolist())


def _say_standings(session: shared.Session, suite: "Suite", entries: "list[Entry]") -> None:
    """Where each licence of a batch stands afterwards."""
    from flywheel.licensing import licenses, views

    for license_id in dict.fromkeys(item.license_id for item in entries):
        licence = licenses.get(suite, license_id)
        unit = views.unit_of_licence(suite, licence)
        due = views.day(licence.next_period_due_at)
        following = f"period {licence.next_period} is due by {due}" if due else "no period is left"
        session.output.say(
            f"Licence {license_id}: {unit.show(licenses.paid_so_far(suite, license_id))} paid so "
            f"far for {_count(licence.periods_reported)}, {unit.show(licence.outstanding)} "
            f"outstanding; {following}."
        )


@shared.command(cli)
@click.argument("license_id", metavar="LICENCE", type=int)
@click.option("--amount", help="At most this much; all that is outstanding if absent.")
@click.option("--ahead", is_flag=True, help="Take all of --amount, as credit for later periods.")
def pay(session: shared.Session, license_id: int, amount: str | None, ahead: bool) -> None:
    """Pay what LICENCE owes. Anybody may, at any time."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.licensing import licenses, views

    suite = Suite.connected()
    licence = licenses.get(suite, license_id)
    unit = views.unit_of_licence(suite, licence)
    if ahead and amount is None:
        raise fix("--ahead needs to know how much", "Give --amount")
    units = unit.units(amount) if amount is not None else None
    owed = licence.outstanding
    shown = int(units or 0) if ahead else owed if units is None else min(units, owed)
    account = session.account
    if session.confirm(f"Pay {unit.show(shown)} of licence {license_id}"):
        paid = licenses.pay(suite, account, license_id, units, ahead)
        session.output.record(f"Licence {license_id}", {"Paid": unit.show(paid)})


ASSET = click.option("--asset", "wanted", help="Symbol or address; all accepted ones if absent.")


@shared.command(cli)
@click.argument("model_id", metavar="MODEL", type=int)
@ASSET
def settle(session: shared.Session, model_id: int, wanted: str | None) -> None:
    """Split what MODEL received and bring the DAO and the datasets their parts."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.models import registry
    from flywheel.royalties import router
    from flywheel.treasury import assets

    suite = Suite.connected()
    registry.require(suite, model_id)
    account = session.account
    units = assets.chosen(suite, wanted)
    waiting = [unit for unit in units if router.has_waiting(suite, model_id, unit.address)]
    if not waiting:
        raise fix(
            f"Of model {model_id} less than a block of 10,000 units waits to be divided",
            "Settle when a licensee has paid",
        )
    if not session.confirm(f"Settle model {model_id} in {', '.join(u.symbol for u in waiting)}"):
        return
    rows = []
    for unit in waiting:
        done = router.settle(suite, account, model_id, unit.address)
        rows.append(("Treasury", unit.show(done.treasury), "income of the running epoch"))
        if suite.router.treasury_credit(unit.address):
            router.forward_income(suite, account, unit.address)
        for campaign_id, amount in done.campaigns.items():
            router.forward_campaign(suite, account, campaign_id, unit.address)
            part = unit.show(amount)
            rows.append((f"campaign {campaign_id}", part, "to be shared by a root"))
        rows += [
            (receiver, unit.show(amount), "waits for 'ape run royalty withdraw'")
            for receiver, amount in done.accounts.items()
        ]
        rows += [
            (f"model {ancestor}", unit.show(amount), "waits for 'ape run royalty settle'")
            for ancestor, amount in done.ancestors.items()
        ]
    session.output.table(f"Model {model_id} is settled", ("Receiver", "Part", "Where"), rows)


@shared.command(cli)
@click.option("--for", "receiver", type=shared.ACCOUNT, help="Who is paid; you if absent.")
@ASSET
def withdraw(session: shared.Session, receiver: str | None, wanted: str | None) -> None:
    """Take what settlements credited to an account."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.royalties import router
    from flywheel.treasury import assets

    suite = Suite.connected()
    account = session.account
    owner = receiver or str(account.address)
    waiting = {
        unit: amount
        for unit in assets.chosen(suite, wanted)
        if (amount := router.credit(suite, owner, unit.address))
    }
    if not waiting:
        raise fix(f"{owner} has no royalties", "Settle its model first: ape run royalty settle")
    listed = " and ".join(unit.show(amount) for unit, amount in waiting.items())
    if session.confirm(f"Withdraw {listed} for {owner}"):
        rows = [
            (owner, unit.show(router.withdraw(suite, account, owner, unit.address)))
            for unit in waiting
        ]
        session.output.table("Royalties", ("Account", "Got"), rows)

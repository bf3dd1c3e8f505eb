"""Licensees: ape run royalty report | pay; anyone: ape run royalty settle | withdraw."""

from pathlib import Path

import click

from flywheel import cli as shared


@click.group()
def cli() -> None:
    """Licensees report revenue and pay; anyone settles what a model earned."""


@shared.command(cli)
@click.argument("license_id", metavar="LICENCE", type=int)
@click.argument("revenue")
@click.option("--units", type=click.IntRange(0), default=0, help="Metered units of the period.")
@click.option("--period", type=int, help="Number of the period; the next one if absent.")
@click.option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File whose hash goes on chain with the report.",
)
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

    from flywheel.actions import licensing
    from flywheel.suite import Suite

    suite = Suite.connected()
    licence = licensing.get(suite, license_id)
    number = period or licence.next_period
    earned = suite.units(revenue)
    due = licensing.to_pay(suite, license_id, earned, units)
    account = session.account
    if not session.confirm(
        f"Report period {number} of licence {license_id}, pay {suite.money(due)}"
    ):
        return
    digest = bytes(keccak(evidence.read_bytes())) if evidence else b"\0" * 32
    paid = licensing.report_and_pay(suite, account, license_id, number, earned, digest, units)
    session.output.record(
        f"Licence {license_id}",
        {"Period": number, "Revenue": suite.money(earned), "Paid": suite.money(paid)},
    )


@shared.command(cli)
@click.argument("license_id", metavar="LICENCE", type=int)
@click.option("--amount", help="At most this much; all that is outstanding if absent.")
def pay(session: shared.Session, license_id: int, amount: str | None) -> None:
    """Pay what LICENCE owes. Anybody may, at any time."""
    from flywheel.actions import licensing
    from flywheel.suite import Suite

    suite = Suite.connected()
    owed = licensing.get(suite, license_id).outstanding
    units = suite.units(amount) if amount is not None else owed
    account = session.account
    if session.confirm(f"Pay {suite.money(min(units, owed))} of licence {license_id}"):
        paid = licensing.pay(suite, account, license_id, units)
        session.output.record(f"Licence {license_id}", {"Paid": suite.money(paid)})


@shared.command(cli)
@click.argument("model_id", metavar="MODEL", type=int)
def settle(session: shared.Session, model_id: int) -> None:
    """Split what MODEL received and bring the DAO and the datasets their parts."""
    from flywheel.actions import royalties
    from flywheel.suite import Suite

    suite = Suite.connected()
    account = session.account
    if not session.confirm(f"Settle model {model_id}"):
        return
    done = royalties.settle(suite, account, model_id)
    rows = [("Treasury", suite.money(done.treasury), "income of the running epoch")]
    if suite.router.treasury_credit(suite.asset.address):
        royalties.forward_income(suite, account)
    for campaign_id, amount in done.campaigns.items():
        royalties.forward_campaign(suite, account, campaign_id)
        rows.append((f"campaign {campaign_id}", suite.money(amount), "to be shared by a root"))
    rows += [
        (receiver, suite.money(amount), "waits for 'ape run royalty withdraw'")
        for receiver, amount in done.accounts.items()
    ]
    session.output.table(
        f"Model {model_id}: {suite.money(done.amount)} settled", ("Receiver", "Part", "Where"), rows
    )


@shared.command(cli)
@click.option("--for", "receiver", help="Who is paid; yourself if absent.")
def withdraw(session: shared.Session, receiver: str | None) -> None:
    """Take what settlements credited to an account."""
    from flywheel.actions import royalties
    from flywheel.suite import Suite

    suite = Suite.connected()
    account = session.account
    owner = receiver or str(account.address)
    if session.confirm(f"Withdraw the royalties of {owner}"):
        got = royalties.withdraw(suite, account, owner)
        session.output.record("Royalties", {"Account": owner, "Got": suite.money(got)})

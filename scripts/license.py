"""Licensees: ape run license terms | buy | status."""

import click

from flywheel import cli as shared


@click.group()
def cli() -> None:
    """Licensees: see what is offered, buy, see where a licence stands."""


@shared.command(cli)
def terms(session: shared.Session) -> None:
    """List the terms on offer."""
    from flywheel import amounts
    from flywheel.suite import Suite

    suite = Suite.connected()
    rows = []
    for terms_id in range(1, int(suite.catalog.terms_count()) + 1):
        data = suite.catalog.terms(terms_id)
        rows.append(
            (
                terms_id,
                data.model_id,
                suite.registry.model_name(data.model_id),
                suite.money(data.upfront_fee),
                amounts.show_bps(data.share_bps),
                suite.money(data.minimum_per_period),
                amounts.show_duration(data.period_seconds),
                "yes" if suite.catalog.is_offered(terms_id) else "no",
            )
        )
    columns = ("Terms", "Model", "Name", "Fee", "Share", "Minimum", "Period", "On offer")
    session.output.table("Licence terms", columns, rows)


@shared.command(cli)
@click.argument("terms_id", metavar="TERMS", type=int)
@click.option("--licensee", help="Who gets the licence; yourself if absent.")
@click.option("--max-fee", help="Refuse a higher fee. Default: the fee as it is read now.")
@click.option("--max-share-bps", type=click.IntRange(0, 10_000), help="Refuse a higher share.")
def buy(
    session: shared.Session,
    terms_id: int,
    licensee: str | None,
    max_fee: str | None,
    max_share_bps: int | None,
) -> None:
    """Buy a licence under TERMS."""
    from flywheel.actions import licensing
    from flywheel.suite import Suite

    suite = Suite.connected()
    account = session.account
    holder = licensee or str(account.address)
    fee = suite.catalog.terms(terms_id).upfront_fee
    if not session.confirm(f"Buy a licence under terms {terms_id} for {suite.money(fee)}"):
        return
    limit = suite.units(max_fee) if max_fee is not None else None
    license_id = licensing.buy(suite, account, terms_id, holder, limit, max_share_bps)
    session.output.record(
        "Licence bought", {"Licence": license_id, "Licensee": holder, "Paid": suite.money(fee)}
    )


@shared.command(cli)
@click.argument("license_id", metavar="LICENCE", type=int)
def status(session: shared.Session, license_id: int) -> None:
    """Show what LICENCE has reported, paid and owes, and what is due next."""
    from datetime import UTC, datetime

    from flywheel.actions import licensing
    from flywheel.suite import Suite

    def day(timestamp: int) -> str:
        return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M UTC")

    suite = Suite.connected()
    licence = licensing.get(suite, license_id)
    session.output.record(
        f"Licence {license_id} of model {licence.model_id}",
        {
            "Licensee": licence.licensee,
            "In good standing": "yes" if licence.in_good_standing else "no",
            "Periods reported": licence.periods_reported,
            "Due": suite.money(licence.due),
            "Paid": suite.money(licence.paid),
            "Outstanding": suite.money(licence.outstanding),
            "Of that overdue": suite.money(licence.overdue),
            "Of that interest": suite.money(licence.interest),
            "Overdue since": day(licence.overdue_since) if licence.overdue_since else "",
            "Credit": suite.money(licence.credit),
            "Bond": suite.money(licence.bond),
            "Assessed or in dispute": "yes" if licence.held else "no",
            "Ends": "" if licence.ends_at >= 2**64 else day(licence.ends_at),
            "Next period": licence.next_period or "none",
            "It ends": day(licence.next_period_ends_at) if licence.next_period else "",
            "Report and pay by": day(licence.next_period_due_at) if licence.next_period else "",
        },
    )

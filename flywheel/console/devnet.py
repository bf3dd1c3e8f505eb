"""Developers on a test node: ape run devnet fund | pass-time."""

import click

from flywheel.console import cli as shared


@click.group()
def cli() -> None:
    """Test money and the clock of a test node."""


@shared.command(cli)
@click.argument("amount")
@click.argument("receivers", type=shared.ACCOUNT, nargs=-1)
def fund(session: shared.Session, amount: str, receivers: tuple[str, ...]) -> None:
    """Mint AMOUNT of the mock stablecoin to each of RECEIVERS (yourself if none)."""
    from flywheel.deploy.suite import Suite
    from flywheel.treasury import assets

    suite = Suite.connected()
    account = session.account
    units = suite.units(amount)
    wanted = receivers or (str(account.address),)
    if session.confirm(f"Mint {suite.money(units)} to {len(wanted)} accounts"):
        for receiver in wanted:
            assets.mint_test_money(suite, receiver, units, account)
        session.output.table(
            "Minted", ("Account", "Got"), [(item, suite.money(units)) for item in wanted]
        )


@shared.command(cli, "pass-time")
@click.argument("duration")
def pass_time(session: shared.Session, duration: str) -> None:
    """Move the node's clock forward by DURATION, such as '8 days'."""
    from flywheel import amounts
    from flywheel.chain import connection
    from flywheel.wording.lexicon import show_time

    seconds = amounts.seconds(duration)
    if session.confirm(
        f"Move the clock forward by {amounts.show_duration(seconds)}", rehearse=False
    ):
        now = connection.pass_time(seconds)
        session.output.record("Clock", {"Now": show_time(now)})

"""Everyone: ape run statement [--epoch N]. Rebuilds all balances from events; compares."""

import sys

import click

from flywheel.console import cli as shared

group = click.Group()


@shared.reading(group, "statement")
@click.option("--epoch", type=int, help="Print the Treasury's statement of this epoch.")
def cli(output: shared.Output, epoch: int | None) -> None:
    """Rebuild every balance from events and compare it with the chain; status 1 if one differs."""
    from flywheel import statement
    from flywheel.deploy.suite import Suite

    suite = Suite.connected()
    checked = statement.check(suite)
    events, book = checked.events, checked.book
    if checked.difference is not None:
        output.say(f"First difference: {checked.difference}.")
        sys.exit(1)
    if epoch is None:
        rows = sorted(statement.summary(book).items())
        output.table("Rebuilt and compared", ("Contract", "Balances"), rows)
    else:
        start, end = (int(suite.token.epoch_start(number)) for number in (epoch, epoch + 1))
        lines = statement.epoch_report(events, str(suite.asset.address), start, end)
        output.table(
            f"Treasury in epoch {epoch}",
            ("Kind", "What", "Amount"),
            [(line.kind, line.words, suite.money(line.amount)) for line in lines],
        )
    output.say(
        f"{len(events)} events, {len(book.figures)} balances as of block {checked.block:,}: all "
        "agree."
    )

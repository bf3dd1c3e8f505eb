"""Everyone: ape run treasury balances | buckets | promises | policy | limits | floor | exposure."""

import click

from flywheel.console import cli as shared


@click.group()
def cli() -> None:
    """The DAO's money: what it has, what for, what is promised, and how income is split."""


@shared.reading(cli)
def balances(output: shared.Output) -> None:
    """List the totals of every accepted asset."""
    from flywheel.deploy.suite import Suite
    from flywheel.treasury import buckets

    output.table(
        "Treasury",
        ("Asset", "Balance", "Free", "Committed", "Unclosed income", "In kind", "Surplus"),
        buckets.balances(Suite.connected()),
    )


@shared.reading(cli)
def buckets(output: shared.Output) -> None:
    """List what each purpose has free and committed."""
    from flywheel.deploy.suite import Suite
    from flywheel.treasury import buckets

    output.table(
        "Purposes",
        ("Purpose", "Name", "Asset", "Free", "Committed"),
        buckets.buckets(Suite.connected()),
    )


@shared.reading(cli)
@click.option("--all", "every", is_flag=True, help="Also those with nothing left.")
def promises(output: shared.Output, every: bool) -> None:
    """List the commitments that are neither paid nor released in full."""
    from flywheel.deploy.suite import Suite
    from flywheel.treasury import buckets

    output.table(
        "Commitments",
        ("Commitment", "Controller", "Purpose", "Asset", "Remaining"),
        buckets.promises(Suite.connected(), every),
    )


@shared.reading(cli)
def policy(output: shared.Output) -> None:
    """Show how income is split in this epoch and the next one, which no vote can change."""
    from flywheel.deploy.suite import Suite
    from flywheel.treasury import buckets

    output.table(
        "Income policy",
        ("Epoch", "Holders", "Next grants", "Reserve"),
        buckets.policies(Suite.connected()),
    )


@shared.reading(cli)
def limits(output: shared.Output) -> None:
    """Show what an ordinary vote may take now; more takes a strict one."""
    from flywheel.deploy.suite import Suite
    from flywheel.treasury import buckets

    output.table(
        "What an ordinary vote may take",
        ("By", "Purpose", "Asset", "Free", "Taken in 30 days", "May take now"),
        buckets.limits(Suite.connected()),
    )


@shared.reading(cli)
def floor(output: shared.Output) -> None:
    """Show what the next grants must have free before holders get a part of an epoch's income."""
    from flywheel.deploy.suite import Suite
    from flywheel.treasury import buckets

    output.table(
        "Floor before holders are paid",
        ("Epoch", "Asset", "Floor", "Free for grants", "Holders get their part"),
        buckets.floors(Suite.connected()),
    )


@shared.reading(cli)
def exposure(output: shared.Output) -> None:
    """Show what an attack by vote would cost at the last turnouts, and what it could take."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import attack_cost, proposals

    suite = Suite.connected()
    found = attack_cost.exposure(suite, proposals.history(suite))
    output.say(attack_cost.basis(suite, found))
    output.table(
        "An attack by vote",
        ("Class", "Tokens", "Share", "At the last price", f"Takes in {attack_cost.DAYS} days"),
        attack_cost.rows(suite, found),
    )

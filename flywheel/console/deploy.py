"""Deploys the suite from a parameters file: ape run deploy --parameters parameters/devnet.yaml."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flywheel.console import cli as shared

if TYPE_CHECKING:
    from flywheel.deploy.journal import Journal
    from flywheel.deploy.roles import Role
    from flywheel.deploy.suite import Suite

DEVNET = Path("parameters/devnet.yaml")


@click.group()
def group() -> None:
    """Collects the one command of this file."""


@shared.command(group, "deploy")
@click.option(
    "--parameters",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Checked YAML file.  [default: {DEVNET}; with --check none]",
)
@click.option(
    "--check",
    is_flag=True,
    help="Only read every role back, and every setting if --parameters is given; exit 1 if one is "
    "wrong.",
)
def cli(session: shared.Session, path: Path | None, check: bool) -> None:
    """Deploy, wire, hand over to the Timelock, read every role back.

    What is on chain and right is skipped: run it again after any interruption.
    """
    from flywheel import amounts
    from flywheel.chain import connection, transactions
    from flywheel.deploy import (
        artifacts,
        before_handover,
        compiled,
        costs,
        deployment,
        parameters,
        settings,
    )
    from flywheel.deploy.journal import Journal
    from flywheel.deploy.suite import Suite, journal_path
    from flywheel.errors import fix

    output = session.output
    journal = Journal.at(journal_path(), connection.chain_id())
    if check:
        # What is on chain is compared with it.
        compiled.require_current()
        for name in journal.contracts:
            artifacts.is_intact(journal, name)
        suite = Suite.from_journal(journal)
        lines = _read_back(suite, journal)
        if path is not None:
            wanted, first_block = parameters.load(path), journal.values.get("first_block", 0)
            lines += settings.compare(suite, wanted)
            lines += before_handover.compare(suite, wanted, first_block)
        _print_roles(session, lines)
        return
    if session.batch is not None:
        raise fix("A Safe's batch cannot deploy contracts", "Deploy with --account")
    path = path or DEVNET
    wanted = parameters.load(path)
    plan = deployment.Deployment(wanted, session.account, journal)
    if wanted.asset.address is not None:
        # The asset is real, so the rules should be.
        for sentence in parameters.cautions(wanted):
            output.say(f"Caution: {sentence}.")
    elif not connection.is_local():
        output.say(
            "Caution: no asset is named, so a mock is deployed, whose units anybody can mint. Name "
            "one with asset.address."
        )
    steps = list(plan.preview())
    cost = costs.estimate(label for label, would in steps if would == "send")
    deployer = str(session.account.address)
    held = connection.ether_of(deployer)
    output.say(f"To be sent: {cost.words}; {deployer} has {amounts.show(held, 18, 'ETH')}.")
    if session.dry_run:
        output.table("Plan, nothing is sent", ("Step", "Would"), steps)
        return
    if held < cost.wei:
        raise transactions.no_ether(deployer, held, cost.wei)
    if not session.confirm(f"Deploy {path} to chain {connection.chain_id()} from {plan.deployer}"):
        return
    plan.run(lambda step, outcome: output.say(f"{outcome:>8}  {step.label}"))
    output.table(
        f"Deployment on chain {connection.chain_id()}, journal in {journal.path}",
        ("Contract", "Address"),
        [(name, entry["address"]) for name, entry in journal.contracts.items()],
    )
    _print_roles(session, _read_back(plan.suite, journal))


def _read_back(suite: "Suite", journal: "Journal") -> list["Role"]:
    from flywheel.deploy import before_handover, roles

    first_block = journal.values.get("first_block", 0)
    return [
        *roles.read_back(suite, str(journal.deployer)),
        *roles.holders_ever(suite, first_block),
        *before_handover.read_back(suite, first_block),
    ]


def _print_roles(session: shared.Session, lines: list["Role"]) -> None:
    from flywheel.errors import fix
    from flywheel.shown import Shown

    session.output.table(
        "Roles and settings as the chain has them",
        ("Contract", "Role", "Holder", "Right"),
        [
            (
                role.contract,
                role.role,
                role.actual,
                Shown("yes" if role.right else "NO", role.right),
            )
            for role in lines
        ],
    )
    wrong = [role for role in lines if not role.right]
    if wrong:
        raise fix(
            f"{wrong[0].contract} {wrong[0].role} should be {wrong[0].expected}",
            "Deploy again, or repoint it by a vote",
        )

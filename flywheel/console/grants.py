"""Builders: ape run grants show | apply | submit | object | draw."""

from pathlib import Path

import click

from flywheel.console import cli as shared
from flywheel.states import GrantState, MilestoneState

GRANT = click.argument("grant_id", metavar="GRANT", type=int)
MILESTONE = click.argument("milestone", type=int)


@click.group()
def cli() -> None:
    """Builders: apply for a grant, deliver milestones, draw what is earned."""


@shared.reading(cli)
@click.argument("grant_id", metavar="[GRANT]", type=int, required=False)
def show(output: shared.Output, grant_id: int | None) -> None:
    """List the grants, or the milestones of one."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.treasury import assets

    suite = Suite.connected()
    if grant_id is None:
        rows = []
        for number in range(1, int(suite.grants.grant_count()) + 1):
            terms = suite.grants.terms(number)
            total = sum(item.amount for item in terms.milestones) + terms.compute_budget
            money = assets.unit_of(suite, str(terms.asset)).show
            state = GrantState(suite.grants.state(number))
            rows.append(
                (
                    number,
                    state.name,
                    terms.recipient,
                    suite.treasury.purpose_name(terms.purpose),
                    money(total),
                    money(suite.grants.paid(number)),
                    terms.terms_uri,
                )
            )
        columns = ("Grant", "State", "Recipient", "Purpose", "Total", "Paid", "Terms")
        output.table("Grants", columns, rows)
        return
    if not 1 <= grant_id <= (count := int(suite.grants.grant_count())):
        raise fix(f"There is no grant {grant_id}", f"Grants 1 to {count} exist")
    lines, terms = [], suite.grants.terms(grant_id)
    money = assets.unit_of(suite, str(terms.asset)).show
    for number in range(1, len(terms.milestones) + 1):
        item = suite.grants.milestone(grant_id, number)
        stage = MilestoneState(item.state)
        lines.append((number, stage.name, money(item.amount), item.submissions))
    headings = ("Milestone", "State", "Amount", "Submissions")
    output.table(f"Grant {grant_id}", headings, lines)


@shared.command(cli)
@click.argument("application", type=click.Path(dir_okay=False, path_type=Path))
def apply(session: shared.Session, application: Path) -> None:
    """File APPLICATION, a YAML file such as examples/application.yaml."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import milestones

    suite = Suite.connected()
    account = session.account
    terms = milestones.read_application(suite, application, str(account.address))
    if session.confirm(f"Apply for {suite.money(terms.total)} as {account}"):
        grant_id = milestones.apply(suite, account, terms)
        session.output.record(
            "Application filed",
            {
                "Grant": grant_id,
                "Total": suite.money(terms.total),
                "Milestones": len(terms.milestones),
                "Next": f"a holder proposes it: ape run vote propose-grant {grant_id}",
            },
        )


@shared.command(cli)
@GRANT
@MILESTONE
@click.option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="File whose hash goes on chain.",
)
@click.option("--uri", required=True, help="Where everybody can download it.")
@click.option("--energy-report", type=int, default=0, help="Id from 'ape run energy report'.")
def submit(
    session: shared.Session,
    grant_id: int,
    milestone: int,
    evidence: Path,
    uri: str,
    energy_report: int,
) -> None:
    """Submit MILESTONE of GRANT with its evidence."""
    from eth_utils import keccak

    from flywheel.deploy.suite import Suite
    from flywheel.grants import milestones
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    account = session.account
    digest = bytes(keccak(evidence.read_bytes()))
    if session.confirm(f"Submit milestone {milestone} of grant {grant_id}"):
        payable_at = milestones.submit(
            suite, account, grant_id, milestone, digest, uri, energy_report
        )
        session.output.record(
            f"Milestone {milestone} of grant {grant_id}",
            {
                "Evidence hash": "0x" + digest.hex(),
                "Payable from": show_time(payable_at),
            },
        )


@shared.command(cli, "object")
@GRANT
@MILESTONE
@click.option("--reason", required=True)
def object_to(session: shared.Session, grant_id: int, milestone: int, reason: str) -> None:
    """Object to a submission, so that a vote decides it."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import milestones

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Object to milestone {milestone} of grant {grant_id}"):
        milestones.object_to(suite, account, grant_id, milestone, reason)
        session.output.record(
            f"Milestone {milestone} of grant {grant_id}",
            {"State": "OBJECTED", "Next": "ape run vote propose-decision"},
        )


@shared.command(cli)
@GRANT
def draw(session: shared.Session, grant_id: int) -> None:
    """Pay the recipient of GRANT every accepted milestone."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import milestones

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Draw {suite.money(suite.grants.drawable(grant_id))} of grant {grant_id}"):
        paid = milestones.draw(suite, account, grant_id)
        session.output.record(f"Grant {grant_id}", {"Paid": suite.money(paid)})

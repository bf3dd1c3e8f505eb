"""Builders and holders: ape run grants show | apply | bond | submit | object | draw | ..."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flywheel.console import cli as shared

if TYPE_CHECKING:
    from flywheel.grants.progress import Grant

GRANT = click.argument("grant_id", metavar="GRANT", type=int)


@click.group()
def cli() -> None:
    """Builders: apply for a grant, post its bond, deliver milestones, draw what is earned."""


# --- reading ---


@shared.reading(cli)
@click.argument("grant_id", metavar="[GRANT]", type=int, required=False)
def show(output: shared.Output, grant_id: int | None) -> None:
    """List the grants, or show where one stands, what happens next, and who has to act."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import grant_views, progress

    suite = Suite.connected()
    if grant_id is None:
        output.show(grant_views.overview(progress.every(suite)))
        return
    found = progress.read(suite, grant_id)
    if output.format == "table":
        output.show(grant_views.in_full(found))
    else:
        output.record(f"Grant {grant_id}", grant_views.for_programs(found))


@shared.reading(cli)
@GRANT
@click.option("--out", type=shared.NEW_FILE, required=True, help="File to write, such as g.ics.")
def calendar(output: shared.Output, grant_id: int, out: Path) -> None:
    """Write the dates of GRANT as a calendar file (iCalendar)."""
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.grants import calendars, progress, timeline

    found = progress.read(Suite.connected(), grant_id)
    now = connection.now()
    dates = timeline.dates(found, now)
    out.parent.mkdir(parents=True, exist_ok=True)
    text = calendars.calendar(f"Grant {grant_id}", dates, now)
    out.write_text(text, encoding="utf-8", newline="")
    output.record(f"Grant {grant_id}", {"Dates": len(dates), "File": str(out)})


# --- builders ---


@shared.command(cli)
@click.argument("application", type=click.Path(dir_okay=False, path_type=Path))
def apply(session: shared.Session, application: Path) -> None:
    """File APPLICATION, a YAML file such as examples/application.yaml."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import applications, grant_views

    suite = Suite.connected()
    account = session.account
    terms = applications.read_application(suite, application, str(account.address))
    session.output.show(grant_views.terms_in_words(terms, suite.money))
    if session.confirm(
        f"Apply for {suite.money(terms.total)}, against a bond of {suite.money(terms.bond)}, as "
        f"{account}"
    ):
        grant_id = applications.apply(suite, account, terms)
        session.output.record(
            "Application filed",
            {
                "Grant": grant_id,
                "Total": suite.money(terms.total),
                "Compute": suite.money(terms.compute_budget),
                "Bond": suite.money(terms.bond),
                "Milestones": len(terms.milestones),
                "Next": f"a holder proposes it: ape run vote propose-grant {grant_id}",
            },
        )


@shared.command(cli)
@GRANT
def bond(session: shared.Session, grant_id: int) -> None:
    """Post the bond of GRANT, with the allowance that it needs. Anybody may pay it."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import milestones, progress

    suite = Suite.connected()
    account = session.account
    found = _active(progress.read(suite, grant_id))
    milestones.bond_of(suite, grant_id)
    units = found.unit.show(found.bond)
    if session.confirm(f"Post the bond of grant {grant_id}, {units}, from {account}"):
        milestones.post_bond(suite, account, grant_id)
        session.output.record(f"Grant {grant_id}", {"Bond": units, "Payer": str(account.address)})


@shared.command(cli)
@GRANT
@click.option("--evidence", type=shared.FILE, help="File whose hash goes on chain.")
@click.option("--uri", default="", help="Where everybody can download it.")
@click.option("--energy-report", type=int, default=0, help="Id from 'ape run energy report'.")
@click.option("--model", type=int, default=0, help="Id from 'ape run models register'.")
@click.option("--claim", type=int, default=0, help="Id from 'ape run evaluate claim'.")
def submit(
    session: shared.Session,
    grant_id: int,
    evidence: Path | None,
    uri: str,
    energy_report: int,
    model: int,
    claim: int,
) -> None:
    """Submit the milestone in turn of GRANT. Of a model, the evidence is its weights' digest."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import handing_in, milestones, progress
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    account = session.account
    found = _active(progress.read(suite, grant_id))
    work = handing_in.prepare(suite, found, evidence, uri, energy_report, model, claim)
    if session.confirm(f"Submit milestone {found.in_turn} of grant {grant_id}"):
        done = milestones.submit(suite, account, grant_id, work)
        accepted = "by a vote only" if done.accepts_at is None else show_time(done.accepts_at)
        session.output.record(
            f"Milestone {done.milestone} of grant {grant_id}",
            {
                "Submission": done.number,
                "Evidence hash": "0x" + work.evidence_hash.hex(),
                "Accepted from": accepted,
            },
        )


@shared.command(cli)
@GRANT
def withdraw(session: shared.Session, grant_id: int) -> None:
    """Take the submission under review of GRANT back, to mend it and submit it again."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import milestones, reviews

    suite = Suite.connected()
    account = session.account
    number, found = reviews.in_review(suite, grant_id)
    if session.confirm(
        f"Withdraw submission {found.submission} of milestone {number} of grant {grant_id}"
    ):
        milestones.withdraw(suite, account, grant_id)
        session.output.record(
            f"Milestone {number} of grant {grant_id}",
            {"State": "LOCKED", "Next": f"ape run grants submit {grant_id}"},
        )


@shared.command(cli)
@GRANT
def draw(session: shared.Session, grant_id: int) -> None:
    """Pay the recipient of GRANT what its milestones have released. Anybody may."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import milestones, progress

    suite = Suite.connected()
    account = session.account
    found = progress.read(suite, grant_id)
    if session.confirm(
        f"Draw {found.unit.show(found.drawable)} of grant {grant_id} for {found.recipient}"
    ):
        drawn = milestones.draw(suite, account, grant_id)
        fields: dict[str, Any] = {"Paid": found.unit.show(drawn.paid)}
        if drawn.bond:
            fields |= {"Bond returned": found.unit.show(drawn.bond), "State": "COMPLETED"}
        session.output.record(f"Grant {grant_id}", fields)


@shared.command(cli)
@GRANT
@click.argument("new_recipient", type=shared.ACCOUNT)
def propose_recipient(session: shared.Session, grant_id: int, new_recipient: str) -> None:
    """Offer GRANT, which is yours, to NEW_RECIPIENT, who has to accept it."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import milestones

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Offer grant {grant_id} to {new_recipient}"):
        milestones.propose_recipient(suite, account, grant_id, new_recipient)
        following = f"it accepts: ape run grants accept {grant_id}"
        session.output.record(f"Grant {grant_id}", {"Offered to": new_recipient, "Next": following})


@shared.command(cli)
@GRANT
def accept(session: shared.Session, grant_id: int) -> None:
    """Take GRANT over, which was offered to you: its payments, submissions and vouchers."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import milestones, progress
    from flywheel.states import GrantState

    suite = Suite.connected()
    account = session.account
    found = progress.read(suite, grant_id)
    if found.state == GrantState.ACTIVE and found.compute_budget:
        session.output.say(
            "Providers cannot draw any more with what the present recipient signed: sign for what "
            f"was delivered anew, see 'ape run compute status {grant_id}'."
        )
    if session.confirm(f"Take grant {grant_id} over as {account}"):
        milestones.accept_recipient(suite, account, grant_id)
        session.output.record(f"Grant {grant_id}", {"Recipient": str(account.address)})


# --- holders ---


@shared.command(cli, "object")
@GRANT
@click.option("--reason", required=True)
def object_to(session: shared.Session, grant_id: int, reason: str) -> None:
    """Object to the submission under review of GRANT with the votes of the second before it."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import reviews
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    account = session.account
    number, found = reviews.in_review(suite, grant_id)
    name = f"submission {found.submission} of milestone {number}"
    if session.confirm(f"Object to {name} of grant {grant_id}"):
        done = reviews.object_to(suite, account, grant_id, number, reason)
        when = "a vote only" if done.accepts_at is None else show_time(done.accepts_at)
        session.output.record(
            f"Milestone {number} of grant {grant_id}",
            {
                "Votes that objected": suite.tokens(done.total_votes),
                "Accepted from": when,
                "Next": f"ape run vote propose-decision {grant_id} {number}",
            },
        )


@shared.command(cli)
@GRANT
@click.option("--proposal", required=True, help="Number of 'ape run vote show', or its id.")
def escalate(session: shared.Session, grant_id: int, proposal: str) -> None:
    """Name the proposal that decides about the submission under review of GRANT: it is held as long
    as a vote takes. Anybody may."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import views
    from flywheel.grants import reviews
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    account = session.account
    found = views.find(suite, proposal)
    if session.confirm(f"Name '{found.title}' for grant {grant_id}"):
        held_until = reviews.escalate(suite, account, grant_id, found)
        session.output.record(f"Grant {grant_id}", {"Held until": show_time(held_until)})


@shared.command(cli)
@GRANT
def expire(session: shared.Session, grant_id: int) -> None:
    """End GRANT, which is overdue, or whose bond was never posted. Anybody may."""
    from flywheel.deploy.suite import Suite
    from flywheel.grants import milestones, progress

    suite = Suite.connected()
    account = session.account
    found = _active(progress.read(suite, grant_id))
    if session.confirm(f"End grant {grant_id}, whose bond is lost"):
        returned = milestones.expire(suite, account, grant_id)
        lost = found.bond if found.is_bonded else 0
        session.output.record(
            f"Grant {grant_id}",
            {"Returned": found.unit.show(returned), "Bond lost": found.unit.show(lost)},
        )


def _active(grant: "Grant") -> "Grant":
    """The grant; raises `FlywheelError` if it does not run."""
    from flywheel.errors import fix
    from flywheel.states import GrantState

    if grant.state != GrantState.ACTIVE:
        raise fix(
            f"Grant {grant.grant_id} is {grant.state.name}",
            f"See what can be done with 'ape run grants show {grant.grant_id}'",
        )
    return grant

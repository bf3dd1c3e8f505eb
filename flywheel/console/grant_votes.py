"""The commands of `ape run vote` about grants: approve, decide, terminate, move dates, replace."""

import click

from flywheel.console import cli as shared
from flywheel.console import proposing
from flywheel.console.proposing import SIMULATE, TITLE

GRANT = click.argument("grant", type=int)
REASON = click.option("--reason", required=True, help="Published; its hash goes on chain.")


def attach(group: click.Group) -> None:
    """Adds the commands to `ape run vote`."""
    for add in (_approvals, _decisions, _dates, _recipients):
        add(group)


def _approvals(group: click.Group) -> None:
    @shared.command(group)
    @GRANT
    @TITLE
    @SIMULATE
    def propose_grant(
        session: shared.Session, grant: int, title: str | None, simulate: bool
    ) -> None:
        """Propose to approve GRANT against the terms it has."""
        from flywheel.deploy.suite import Suite
        from flywheel.grants import applications

        suite = Suite.connected()
        action = applications.approval(suite, grant)
        proposing.propose(session, suite, title or f"Grant {grant}", [action], "", simulate)

    @shared.command(group)
    @GRANT
    @REASON
    @SIMULATE
    def propose_termination(
        session: shared.Session, grant: int, reason: str, simulate: bool
    ) -> None:
        """Propose to end GRANT: its bond is lost, what is released stays drawable."""
        from flywheel.deploy.suite import Suite
        from flywheel.grants import reviews

        suite = Suite.connected()
        action = reviews.termination(suite, grant, reason)
        proposing.propose(session, suite, f"End grant {grant}", [action], "", simulate)


def _decisions(group: click.Group) -> None:
    @shared.command(group)
    @GRANT
    @click.argument("milestone", type=int)
    @click.option(
        "--pay", required=True, help="Part that is accepted and paid, '100 %'; '0 %' rejects."
    )
    @REASON
    @SIMULATE
    def propose_decision(
        session: shared.Session,
        grant: int,
        milestone: int,
        pay: str,
        reason: str,
        simulate: bool,
    ) -> None:
        """Propose to accept MILESTONE of GRANT, under review, in whole or part, or to reject it."""
        from flywheel.deploy.suite import Suite
        from flywheel.grants import reviews
        from flywheel.wording import arguments

        suite = Suite.connected()
        action = reviews.decision(suite, grant, milestone, arguments.share(pay), reason)
        title = f"Milestone {milestone} of grant {grant}"
        proposing.propose(session, suite, title, [action], "", simulate)


def _dates(group: click.Group) -> None:
    @shared.command(group)
    @GRANT
    @click.argument("more", metavar="DURATION")
    @TITLE
    @SIMULATE
    def propose_delay(
        session: shared.Session, grant: int, more: str, title: str | None, simulate: bool
    ) -> None:
        """Propose to give the milestone in turn of GRANT, and all after it, DURATION more."""
        from flywheel import amounts
        from flywheel.deploy.suite import Suite
        from flywheel.grants import reviews

        suite = Suite.connected()
        action = reviews.delay(suite, grant, amounts.seconds(more))
        named = title or f"More time for grant {grant}"
        proposing.propose(session, suite, named, [action], "", simulate)


def _recipients(group: click.Group) -> None:
    @shared.command(group)
    @GRANT
    @click.argument("new_recipient", type=shared.ACCOUNT)
    @TITLE
    @SIMULATE
    def propose_recipient(
        session: shared.Session,
        grant: int,
        new_recipient: str,
        title: str | None,
        simulate: bool,
    ) -> None:
        """Propose that NEW_RECIPIENT may take GRANT over, 14 days after the vote."""
        from flywheel.deploy.suite import Suite
        from flywheel.grants import reviews

        suite = Suite.connected()
        action = reviews.replacement(suite, grant, new_recipient)
        named = title or f"Another recipient of grant {grant}"
        proposing.propose(session, suite, named, [action], "", simulate)

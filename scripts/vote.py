"""Holders: ape run vote show | propose-grant | propose-license | cast | queue | execute."""

from typing import TYPE_CHECKING

import click

from flywheel import cli as shared

if TYPE_CHECKING:
    from flywheel.actions.governance import Action, Proposal
    from flywheel.suite import Suite


@click.group()
def cli() -> None:
    """Holders: propose, vote, queue, execute. PROPOSAL is a number of 'show', or a full id."""


@shared.command(cli)
@click.argument("proposal", required=False)
def show(session: shared.Session, proposal: str | None) -> None:
    """List the proposals, or show one in full."""
    from flywheel.actions import governance
    from flywheel.suite import Suite

    suite = Suite.connected()
    if proposal is None:
        session.output.table(
            "Proposals",
            ("Number", "Title", "State", "For", "Against", "Abstain"),
            [
                _row(suite, number, found)
                for number, found in enumerate(governance.history(suite), start=1)
            ],
        )
        return
    found = _find(suite, proposal)
    counted = governance.votes(suite, found.proposal_id)
    session.output.record(
        found.title,
        {
            "Id": str(found.proposal_id),
            "State": governance.state(suite, found.proposal_id).name,
            "Proposer": found.proposer,
            "Voting starts": _time(found.vote_start),
            "Voting ends": _time(found.vote_end),
            **{side.name.capitalize(): suite.tokens(weight) for side, weight in counted.items()},
            "Quorum": _quorum(suite, found),
            "Really does": "\n".join(governance.describe(suite, found)),
            "Proposer says": found.description,
        },
    )


@shared.command(cli)
@click.argument("grant", type=int)
@click.option("--title", help="First line of the description.")
def propose_grant(session: shared.Session, grant: int, title: str | None) -> None:
    """Propose to approve GRANT against the terms it has now."""
    from flywheel.actions import grants
    from flywheel.suite import Suite

    suite = Suite.connected()
    _propose(session, suite, title or f"Grant {grant}", grants.approval(suite, grant))


@shared.command(cli)
@click.argument("model", type=int)
@click.option("--fee", required=True, help="Paid at once.")
@click.option("--share-bps", type=click.IntRange(0, 10_000), required=True, help="Of revenue.")
@click.option("--minimum", default="0", help="Per period.", show_default=True)
@click.option("--period", default="30 days", show_default=True)
@click.option("--grace", default="15 days", show_default=True)
@click.option("--legal-uri", required=True, help="Where the licence text is.")
@click.option("--title", help="First line of the description.")
def propose_license(
    session: shared.Session,
    model: int,
    fee: str,
    share_bps: int,
    minimum: str,
    period: str,
    grace: str,
    legal_uri: str,
    title: str | None,
) -> None:
    """Propose to offer licences of MODEL."""
    from flywheel import amounts
    from flywheel.actions import licensing
    from flywheel.suite import Suite

    suite = Suite.connected()
    terms = licensing.LicenceTerms(
        model_id=model,
        upfront_fee=suite.units(fee),
        share_bps=share_bps,
        minimum_per_period=suite.units(minimum),
        period_seconds=amounts.seconds(period),
        grace_seconds=amounts.seconds(grace),
        term_seconds=0,
        transferable=False,
        legal_uri=legal_uri,
    )
    _propose(session, suite, title or f"Licences of model {model}", licensing.offer(suite, terms))


@shared.command(cli)
@click.argument("grant", type=int)
@click.argument("milestone", type=int)
@click.argument("verdict", type=click.Choice(["accept", "reject"]))
@click.option("--reason", required=True)
def propose_decision(
    session: shared.Session, grant: int, milestone: int, verdict: str, reason: str
) -> None:
    """Propose to accept or reject MILESTONE of GRANT, to which somebody objected."""
    from flywheel.actions import grants
    from flywheel.suite import Suite

    suite = Suite.connected()
    decision = grants.decision(suite, grant, milestone, verdict == "accept", reason)
    _propose(session, suite, f"Milestone {milestone} of grant {grant}", decision)


@shared.command(cli)
@click.argument("proposal")
@click.argument("choice", type=click.Choice(["for", "against", "abstain"]))
@click.option("--reason", default="", help="Published with the ballot.")
def cast(session: shared.Session, proposal: str, choice: str, reason: str) -> None:
    """Cast a ballot."""
    from flywheel.actions import governance
    from flywheel.suite import Suite

    suite = Suite.connected()
    found = _find(suite, proposal)
    account = session.account
    _say_calls(session, suite, found)
    if session.confirm(f"Vote {choice} on '{found.title}' with {account}"):
        support = governance.Support[choice.upper()]
        weight = governance.cast(suite, account, found.proposal_id, support, reason)
        session.output.record(found.title, {"Vote": choice, "Weight": suite.tokens(weight)})


@shared.command(cli)
@click.argument("proposal")
def queue(session: shared.Session, proposal: str) -> None:
    """Queue a proposal that has won."""
    from flywheel.actions import governance
    from flywheel.suite import Suite

    suite = Suite.connected()
    found = _find(suite, proposal)
    account = session.account
    _say_calls(session, suite, found)
    if session.confirm(f"Queue '{found.title}'"):
        executable_at = governance.queue(suite, account, found)
        session.output.record(found.title, {"Can be executed from": _time(executable_at)})


@shared.command(cli)
@click.argument("proposal")
def execute(session: shared.Session, proposal: str) -> None:
    """Execute a queued proposal after its delay."""
    from flywheel.actions import governance
    from flywheel.suite import Suite

    suite = Suite.connected()
    found = _find(suite, proposal)
    account = session.account
    _say_calls(session, suite, found)
    if session.confirm(f"Execute '{found.title}'"):
        governance.execute(suite, account, found)
        state = governance.state(suite, found.proposal_id)
        session.output.record(found.title, {"State": state.name})


def _propose(session: shared.Session, suite: "Suite", title: str, action: "Action") -> None:
    from flywheel.actions import governance

    account = session.account
    if not session.confirm(f"Propose: {action.words}"):
        return
    made = governance.propose(suite, account, title, [action])
    session.output.record(
        title,
        {
            "Number": len(governance.history(suite)),
            "Id": str(made.proposal_id),
            "Does": action.words,
            "Voting starts": _time(made.vote_start),
            "Voting ends": _time(made.vote_end),
        },
    )


def _say_calls(session: shared.Session, suite: "Suite", proposal: "Proposal") -> None:
    """What the proposal really does, before anybody confirms."""
    from flywheel.actions import governance

    for line in governance.describe(suite, proposal):
        session.output.say(f"It calls {line}")


def _find(suite: "Suite", text: str) -> "Proposal":
    """A proposal by its number in the list or by its id."""
    from flywheel.actions import governance
    from flywheel.errors import fix

    proposals = governance.history(suite)
    if not text.isdigit():
        raise fix(f"'{text}' is no proposal", "Give its number or id from 'ape run vote show'")
    number = int(text)
    if 1 <= number <= len(proposals):
        return proposals[number - 1]
    return governance.find(suite, number)


def _row(suite: "Suite", number: int, proposal: "Proposal") -> tuple[object, ...]:
    from flywheel.actions import governance

    counted = governance.votes(suite, proposal.proposal_id)
    state = governance.state(suite, proposal.proposal_id)
    return (number, proposal.title, state.name, *map(suite.tokens, counted.values()))


def _quorum(suite: "Suite", proposal: "Proposal") -> str:
    from flywheel import chain

    if chain.now() <= proposal.vote_start:
        return "known when voting starts"
    return str(suite.tokens(suite.governor.proposal_quorum(proposal.proposal_id)))


def _time(timestamp: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

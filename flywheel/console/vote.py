"""Holders: ape run vote show | propose | cast | sign | delegate | queue | execute | cancel."""

from pathlib import Path

import click

from flywheel.console import cli as shared
from flywheel.console import grant_votes, proposing
from flywheel.console.proposing import SIMULATE, TITLE
from flywheel.states import Support

PROPOSAL = click.argument("proposal")
CHOICE = click.argument("choice", type=click.Choice(["for", "against", "abstain"]))
OUT = click.option("--out", type=shared.NEW_FILE, required=True, help="File to write.")


@click.group()
def cli() -> None:
    """Holders: propose, vote, queue, execute. PROPOSAL is a number of 'show', or a full id."""


@shared.reading(cli)
@click.argument("proposal", required=False)
@click.option("--simulate", is_flag=True, help="Show what PROPOSAL would change.")
def show(output: shared.Output, proposal: str | None, simulate: bool) -> None:
    """List the proposals, or show one in full, or what it would change."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.governance import effects, proposals, views

    suite = Suite.connected()
    if proposal is None:
        if simulate:
            raise fix("--simulate needs a proposal", "Give its number")
        output.show(views.overview(suite))
        return
    found = views.find(suite, proposal)
    if simulate:
        said = proposals.describe(suite, found)
        changed = effects.of_proposal(suite, found)
        output.show(views.changes(found.title, said, changed))
    else:
        output.show(views.in_full(suite, found))


# --- proposing ---


@shared.command(cli)
@click.argument("actions", type=click.Path(dir_okay=False, path_type=Path))
@SIMULATE
def propose(session: shared.Session, actions: Path, simulate: bool) -> None:
    """Propose the actions of a YAML file such as examples/actions.yaml."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import named

    suite = Suite.connected()
    title, text, found = named.read(suite, actions)
    proposing.propose(session, suite, title, found, text, simulate)


@shared.command(cli)
@click.argument("call")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@TITLE
@SIMULATE
def propose_call(
    session: shared.Session,
    call: str,
    arguments: tuple[str, ...],
    title: str | None,
    simulate: bool,
) -> None:
    """Propose one CALL: Treasury.spend purpose=grants asset=USDC receiver=0x... amount='5 USDC'."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import named
    from flywheel.wording.arguments import parse_pairs

    suite = Suite.connected()
    action = named.from_pairs(suite, call, parse_pairs(arguments))
    proposing.propose(
        session, suite, title or proposing.sentence(action.words), [action], "", simulate
    )


@shared.command(cli)
@click.argument("purpose")
@click.argument("amount")
@click.argument("receiver")
@TITLE
@SIMULATE
def propose_payment(
    session: shared.Session,
    purpose: str,
    amount: str,
    receiver: str,
    title: str | None,
    simulate: bool,
) -> None:
    """Propose to pay AMOUNT, such as '12.5 USDC', of PURPOSE to RECEIVER."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import named

    suite = Suite.connected()
    written = {
        "purpose": purpose,
        "asset": str(suite.asset.address),
        "receiver": receiver,
        "amount": amount,
    }
    action = named.from_pairs(suite, "Treasury.spend", written)
    proposing.propose(
        session, suite, title or proposing.sentence(action.words), [action], "", simulate
    )


# --- voting ---


@shared.command(cli)
@PROPOSAL
@CHOICE
@click.option("--reason", default="", help="Published with the ballot.")
def cast(session: shared.Session, proposal: str, choice: str, reason: str) -> None:
    """Cast a ballot."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import proposals, readiness, views

    suite = Suite.connected()
    found = views.find(suite, proposal)
    account = session.account
    weight = readiness.require_ballot(suite, found, str(account.address))
    if not weight:
        session.insist(
            f"{account.address} has no votes on this proposal: it held none, or had delegated "
            "them, when voting started",
            "Delegate for later ones with 'ape run vote delegate'",
        )
    session.output.show(views.calls(proposals.describe(suite, found)))
    if session.confirm(
        f"Vote {choice} on '{found.title}' with {account}, {suite.tokens(weight)} of votes"
    ):
        support = Support[choice.upper()]
        weight = proposals.cast(suite, account, found.proposal_id, support, reason)
        session.output.record(found.title, {"Vote": choice, "Weight": suite.tokens(weight)})


@shared.command(cli)
@PROPOSAL
@CHOICE
@OUT
@click.option("--nonce", type=int, help="Of a later ballot, to sign several ahead.")
def sign(session: shared.Session, proposal: str, choice: str, out: Path, nonce: int | None) -> None:
    """Sign a ballot into a file, which anybody may submit. It costs the voter no gas.

    Nonces are used in order: a ballot signed ahead is void until those before it are submitted, and
    for good where the proposal of one of those is cancelled first. Look again, and sign again.
    """
    from flywheel.deploy.suite import Suite
    from flywheel.governance import ballots, proposals, views

    suite = Suite.connected()
    found = views.find(suite, proposal)
    account = session.account
    session.output.show(views.calls(proposals.describe(suite, found)))
    if session.confirm(f"Sign {choice} on '{found.title}' with {account}", rehearse=False):
        support = Support[choice.upper()]
        signed = ballots.sign_ballot(suite, account, found.proposal_id, support, nonce)
        signed.save(out)
        session.output.record(
            found.title,
            {
                "Vote": choice,
                "Voter": signed.signer,
                "Nonce": signed.message["nonce"],
                "File": str(out),
                "Next": f"anybody: ape run vote submit-ballots {out}",
            },
        )


@shared.command(cli)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def submit_ballots(session: shared.Session, files: tuple[Path, ...]) -> None:
    """Submit signed ballots and delegations. Anybody may; one that is refused stops no other."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import FlywheelError, fix
    from flywheel.governance import ballots

    suite = Suite.connected()
    account = session.account
    signed = ballots.in_order([(path, ballots.load(path)) for path in files])
    if not session.confirm(f"Submit {len(signed)} signed by others"):
        return
    rows, refused = [], []
    for path, item in signed:
        try:
            done = ballots.submit(suite, account, item)
        except FlywheelError as error:
            refused.append(error)
            done = str(error)
        rows.append((path.name, item.signer, f"{item.kind}: {done}"))
    if len(refused) == len(signed) == 1:
        raise refused[0]
    session.output.table("Submitted", ("File", "Signer", "Result"), rows)
    if len(refused) == len(signed):
        raise fix("None was taken", "See the reasons above")


@shared.command(cli)
@click.argument("delegatee", type=shared.ACCOUNT, required=False)
def delegate(session: shared.Session, delegatee: str | None) -> None:
    """Give the votes of your tokens to DELEGATEE; to yourself if absent."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import proposals

    suite = Suite.connected()
    account = session.account
    to = delegatee or str(account.address)
    if session.confirm(f"Delegate the votes of {account} to {to}"):
        moved = proposals.delegate(suite, account, to)
        session.output.record("Delegated", {"To": to, "Votes": suite.tokens(moved)})


@shared.command(cli)
@click.argument("delegatee", type=shared.ACCOUNT)
@OUT
@click.option("--valid", default="7 days", show_default=True, help="How long it can be submitted.")
def sign_delegation(session: shared.Session, delegatee: str, out: Path, valid: str) -> None:
    """Sign a delegation to DELEGATEE into a file for 'submit-ballots'."""
    from flywheel import amounts
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.governance import ballots
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    account = session.account
    expiry = connection.now() + amounts.seconds(valid)
    if session.confirm(
        f"Sign a delegation of the votes of {account} to {delegatee}", rehearse=False
    ):
        ballots.sign_delegation(suite, account, delegatee, expiry).save(out)
        session.output.record(
            "Delegation signed",
            {
                "Holder": str(account.address),
                "To": delegatee,
                "Valid until": show_time(expiry),
                "File": str(out),
                "Next": f"anybody: ape run vote submit-ballots {out}",
            },
        )


# --- after the vote ---


@shared.command(cli)
@PROPOSAL
def queue(session: shared.Session, proposal: str) -> None:
    """Queue a proposal that has won."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import proposals, readiness, views
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    found = views.find(suite, proposal)
    readiness.require_won(suite, found)
    account = session.account
    session.output.show(views.calls(proposals.describe(suite, found)))
    if session.confirm(f"Queue '{found.title}'"):
        executable_at = proposals.queue(suite, account, found)
        session.output.record(found.title, {"Can be executed from": show_time(executable_at)})


@shared.command(cli)
@PROPOSAL
def execute(session: shared.Session, proposal: str) -> None:
    """Execute a queued proposal after its delay."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import proposals, readiness, views

    suite = Suite.connected()
    found = views.find(suite, proposal)
    readiness.require_due(suite, found)
    account = session.account
    session.output.show(views.calls(proposals.describe(suite, found)))
    if session.confirm(f"Execute '{found.title}'"):
        proposals.execute(suite, account, found)
        state = proposals.state(suite, found.proposal_id)
        session.output.record(found.title, {"State": state.name})


@shared.command(cli)
@PROPOSAL
def cancel(session: shared.Session, proposal: str) -> None:
    """Cancel a proposal: its proposer, the guardian, or anyone if the proposer lost its votes."""
    from flywheel.deploy.suite import Suite
    from flywheel.governance import proposals, views

    suite = Suite.connected()
    found = views.find(suite, proposal)
    account = session.account
    if session.confirm(f"Cancel '{found.title}'"):
        proposals.cancel(suite, account, found)
        state = proposals.state(suite, found.proposal_id)
        session.output.record(found.title, {"State": state.name})


grant_votes.attach(cli)

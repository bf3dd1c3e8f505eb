"""Supporters: ape run raise show | contribute | finalize | claim | refund."""

import click

from flywheel import cli as shared

ROUND = click.option("--round", "round_id", default=1, show_default=True, help="Id of the round.")
FOR_ACCOUNT = click.option(
    "--for", "receiver", help="Contributor to do it for; yourself if absent."
)


@click.group()
def cli() -> None:
    """Supporters: pay into a round, take the tokens or the refund."""


@shared.command(cli)
@ROUND
def show(session: shared.Session, round_id: int) -> None:
    """Show a round: goal, raised, time left."""
    from flywheel import amounts, chain
    from flywheel.actions import funding
    from flywheel.suite import Suite

    suite = Suite.connected()
    terms = funding.get_round(suite, round_id)
    now = chain.now()
    waits_for = terms.starts_at if now < terms.starts_at else terms.ends_at
    session.output.record(
        f"Round {round_id}",
        {
            "State": terms.state.name,
            "Raised": suite.money(terms.raised),
            "Soft goal": suite.money(terms.soft_goal),
            "Hard cap": suite.money(terms.hard_cap),
            "Price of a token": suite.money(terms.price),
            "Opens in" if now < terms.starts_at else "Ends in": amounts.show_duration(
                max(0, waits_for - now)
            ),
            "Terms": terms.terms_uri,
        },
    )


@shared.command(cli)
@click.argument("amount")
@ROUND
@click.option("--permit", is_flag=True, help="Sign an allowance instead of sending one.")
def contribute(session: shared.Session, amount: str, round_id: int, permit: bool) -> None:
    """Pay AMOUNT, such as 250.50, into a round."""
    from flywheel.actions import funding
    from flywheel.suite import Suite

    suite = Suite.connected()
    units = suite.units(amount)
    funding.get_round(suite, round_id)
    account = session.account
    if not session.confirm(f"Contribute {suite.money(units)} to round {round_id} from {account}"):
        return
    taken = funding.contribute(suite, account, round_id, units, permit)
    session.output.record(
        f"Contribution to round {round_id}",
        {"Account": str(account.address), "Asked": suite.money(units), "Taken": suite.money(taken)},
    )


@shared.command(cli)
@ROUND
def finalize(session: shared.Session, round_id: int) -> None:
    """Close a successful round: mint its tokens, bring its money to the Treasury."""
    from flywheel.actions import funding
    from flywheel.suite import Suite

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Finalize round {round_id}"):
        minted = funding.finalize(suite, account, round_id)
        session.output.record(f"Round {round_id} finalized", {"Minted": suite.tokens(minted)})


@shared.command(cli)
@ROUND
@FOR_ACCOUNT
def claim(session: shared.Session, round_id: int, receiver: str | None) -> None:
    """Take the tokens of a successful round (they delegate to their owner, ready to vote)."""
    from flywheel.actions import funding
    from flywheel.suite import Suite

    suite = Suite.connected()
    account = session.account
    owner = receiver or str(account.address)
    if session.confirm(f"Claim the tokens of {owner} from round {round_id}"):
        got = funding.claim(suite, account, round_id, owner)
        session.output.record(f"Round {round_id}", {"Account": owner, "Got": suite.tokens(got)})


@shared.command(cli)
@ROUND
@FOR_ACCOUNT
def refund(session: shared.Session, round_id: int, receiver: str | None) -> None:
    """Take back what was paid into a failed or cancelled round."""
    from flywheel.actions import funding
    from flywheel.suite import Suite

    suite = Suite.connected()
    account = session.account
    owner = receiver or str(account.address)
    if session.confirm(f"Refund {owner} from round {round_id}"):
        back = funding.refund(suite, account, round_id, owner)
        session.output.record(f"Round {round_id}", {"Account": owner, "Got": suite.money(back)})

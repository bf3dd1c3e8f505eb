"""The commands of `ape run raise` about a purpose that a vote gives back to who paid it in."""

import click

from flywheel.console import cli as shared

ROUND = click.option("--round", "round_id", default=1, show_default=True, help="Id of the round.")
FOR_ACCOUNT = click.option(
    "--for",
    "receiver",
    type=shared.ACCOUNT,
    help="Contributor to do it for; you if absent.",
)


def attach(cli: click.Group) -> None:
    """Adds the commands to a script's group."""

    @shared.command(cli, "propose-wind-down")
    @ROUND
    @click.option(
        "--least", required=True, help="Money that must be free by then, such as 250_000."
    )
    def propose_wind_down(session: shared.Session, round_id: int, least: str) -> None:
        """Propose to give the free money of a round's purpose back to those who paid it in."""
        from flywheel import amounts
        from flywheel.deploy.suite import Suite
        from flywheel.funding import redemptions, rounds

        suite = Suite.connected()
        account = session.account
        unit = rounds.unit_of(suite, rounds.get_round(suite, round_id))
        if session.confirm(f"Propose to wind round {round_id} down"):
            units = amounts.to_units(least, unit.decimals)
            proposal = redemptions.propose_wind_down(suite, account, round_id, units)
            session.output.record(
                "Proposed", {"Proposal": str(proposal.proposal_id), "Title": proposal.title}
            )

    @shared.command(cli, "wind-down")
    @ROUND
    def wind_down(session: shared.Session, round_id: int) -> None:
        """Take the money of an abandoned purpose back after the notice, and what came free."""
        from flywheel.deploy.suite import Suite
        from flywheel.funding import redemptions, rounds

        suite = Suite.connected()
        account = session.account
        money = rounds.unit_of(suite, rounds.get_round(suite, round_id)).show
        if session.confirm(f"Take the money of round {round_id} back for who paid it in"):
            taken = redemptions.wind_down(suite, account, round_id)
            pool = redemptions.wind_down_of(suite, round_id).pool
            session.output.record(
                f"Wind-down of round {round_id}", {"Taken": money(taken), "Pool": money(pool)}
            )

    @shared.command(cli, "close-wind-down")
    @ROUND
    def close_wind_down(session: shared.Session, round_id: int) -> None:
        """Give what nobody redeemed in time back to the purpose of a round."""
        from flywheel.deploy.suite import Suite
        from flywheel.funding import redemptions, rounds

        suite = Suite.connected()
        account = session.account
        terms = rounds.get_round(suite, round_id)
        if session.confirm(f"Give what nobody redeemed back to purpose {terms.purpose}"):
            returned = redemptions.close_wind_down(suite, account, round_id)
            money = rounds.unit_of(suite, terms).show
            session.output.record(f"Wind-down of round {round_id}", {"Returned": money(returned)})

    @shared.command(cli)
    @ROUND
    @FOR_ACCOUNT
    @click.option("--to", "elsewhere", type=shared.ACCOUNT, help="Another address to pay.")
    @click.option("--tokens", help="How many to burn; all that may be if absent.")
    @click.option("--min-out", help="Least money to accept; what they are worth now if absent.")
    def redeem(
        session: shared.Session,
        round_id: int,
        receiver: str | None,
        elsewhere: str | None,
        tokens: str | None,
        min_out: str | None,
    ) -> None:
        """Burn tokens of a round for its part of a purpose that was wound down."""
        from flywheel import amounts
        from flywheel.deploy.parameters import TOKEN_DECIMALS
        from flywheel.deploy.suite import Suite
        from flywheel.errors import fix
        from flywheel.funding import redemptions, rounds

        suite = Suite.connected()
        account = session.account
        me = str(account.address)
        owner, target = receiver or me, elsewhere or me
        unit = rounds.unit_of(suite, rounds.get_round(suite, round_id))
        most, worth = redemptions.redeemable(suite, round_id, owner, me)
        wei = amounts.to_units(tokens, TOKEN_DECIMALS) if tokens else most
        if tokens:
            worth = redemptions.worth_of(suite, round_id, owner, wei)
        least = amounts.to_units(min_out, unit.decimals) if min_out else worth
        if not worth:
            raise fix(
                f"{suite.tokens(wei)} of round {round_id} are worth nothing: its purpose is not "
                "wound down, or they are redeemed",
                "See 'ape run raise show --round'",
            )
        if session.confirm(f"Burn {suite.tokens(wei)} for at least {unit.show(least)}"):
            paid = redemptions.redeem(suite, account, round_id, wei, least, owner, target)
            session.output.record(
                f"Round {round_id}", {"Burned": suite.tokens(wei), "Got": unit.show(paid)}
            )

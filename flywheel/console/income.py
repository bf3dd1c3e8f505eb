"""Holders: ape run income show | history | close | claim | set-claimer | recycle."""

import click

from flywheel.console import cli as shared


@click.group()
def cli() -> None:
    """Holders: the DAO's income by epoch, and each holder's share of it."""


@shared.reading(cli)
@click.option("--for", "holder", type=shared.ACCOUNT, help="Show what this account can claim.")
def show(output: shared.Output, holder: str | None) -> None:
    """List the epochs with income."""
    from flywheel.deploy.suite import Suite
    from flywheel.shown import yes
    from flywheel.treasury import income

    suite = Suite.connected()
    asset = suite.asset.address
    rows = []
    for epoch in range(1, income.current_epoch(suite) + 1):
        received = suite.treasury.income(epoch, asset)
        if not received:
            continue
        share = suite.income.claimable(holder, asset, epoch, 1) if holder else 0
        rows.append(
            (
                epoch,
                suite.money(received),
                yes(suite.treasury.is_closed(epoch, asset)),
                suite.money(suite.income.pot(epoch, asset)),
                suite.money(share) if holder else "",
            )
        )
    output.table("Income", ("Epoch", "Received", "Closed", "Pot", "Claimable"), rows)


@shared.command(cli)
@click.argument("epoch", type=int, required=False)
def close(session: shared.Session, epoch: int | None) -> None:
    """Split the income of EPOCH, or of every ended one, among holders, grants and reserve."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.treasury import income

    suite = Suite.connected()
    account = session.account
    epochs = [epoch] if epoch is not None else income.closable_epochs(suite)
    if not epochs:
        raise fix("No ended epoch has income to split", "See 'ape run income show'")
    if not session.confirm(f"Close epoch {', '.join(map(str, epochs))}"):
        return
    closings = [income.close_epoch(suite, account, number) for number in epochs]
    session.output.table(
        "Epochs closed",
        ("Epoch", "To holders", "To grants", "To reserve"),
        [
            (done.epoch, *map(suite.money, (done.holders, done.grants, done.reserve)))
            for done in closings
        ],
    )


@shared.command(cli)
@click.option("--for", "holder", type=shared.ACCOUNT, help="Who is paid; you if absent.")
@click.option(
    "--to",
    "receiver",
    type=shared.ACCOUNT,
    help="Who gets it instead; for the holder or its claimer only.",
)
@click.option("--first", default=1, show_default=True, help="First epoch.")
@click.option("--last", type=int, help="Last epoch; the latest ended one if absent.")
def claim(
    session: shared.Session,
    holder: str | None,
    receiver: str | None,
    first: int,
    last: int | None,
) -> None:
    """Take the share of a holder in closed epochs."""
    from flywheel.deploy.suite import Suite
    from flywheel.treasury import income

    suite = Suite.connected()
    account = session.account
    owner = holder or str(account.address)
    until = last if last is not None else income.current_epoch(suite) - 1
    paid = receiver or owner
    if session.confirm(f"Claim the income of {owner} in epochs {first} to {until} for {paid}"):
        if receiver:
            got = income.claim_to(suite, account, owner, first, until, receiver)
        else:
            got = income.claim(suite, account, owner, first, until)
        fields = {"Account": owner, "Paid to": paid, "Got": suite.money(got)}
        session.output.record("Income", fields)


@shared.reading(cli)
@click.argument("holder", type=shared.ACCOUNT)
def history(output: shared.Output, holder: str) -> None:
    """List what HOLDER earned of each pot, and whether it was claimed."""
    from flywheel.deploy.suite import Suite
    from flywheel.treasury import income

    suite = Suite.connected()
    output.table(
        "Income",
        ("Epoch", "Pot", "Share", "State"),
        [
            (share.epoch, suite.money(share.pot), suite.money(share.amount), share.state)
            for share in income.history(suite, holder)
        ],
    )


@shared.command(cli)
@click.argument("claimer", type=shared.ACCOUNT, required=False)
@click.option("--none", "nobody", is_flag=True, help="End it.")
def set_claimer(session: shared.Session, claimer: str | None, nobody: bool) -> None:
    """Let CLAIMER have your income paid out, to whom it likes."""
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.treasury import income

    suite = Suite.connected()
    account = session.account
    if nobody == (claimer is not None):
        raise fix("Either a claimer or nobody may take it", "Give an account, or --none")
    shown = claimer or "nobody else"
    if session.confirm(f"Let {shown} take the income of {account.address}"):
        income.set_claimer(suite, account, claimer or connection.ZERO_ADDRESS)
        session.output.record("Claimer", {"Account": str(account.address), "Claimer": shown})


@shared.command(cli)
@click.argument("epoch", type=int, required=False)
def recycle(session: shared.Session, epoch: int | None) -> None:
    """Give what nobody claimed of EPOCH's pot, or of all old ones, to the next grants."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.treasury import income

    suite = Suite.connected()
    account = session.account
    epochs = [epoch] if epoch is not None else income.recyclable_epochs(suite)
    if not epochs:
        raise fix("No pot has waited for two years", "See 'ape run income show'")
    if not session.confirm(f"Recycle the pots of epochs {', '.join(map(str, epochs))}"):
        return
    rows = [(number, suite.money(income.recycle(suite, account, number))) for number in epochs]
    session.output.table("Pots recycled", ("Epoch", "To grants"), rows)

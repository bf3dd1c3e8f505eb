"""Holders: ape run income show | history | close | claim | set-claimer | roll | recycle."""

from typing import TYPE_CHECKING, Any

import click

from flywheel.console import cli as shared

if TYPE_CHECKING:
    from flywheel.amounts import Unit
    from flywheel.deploy.suite import Suite


@click.group()
def cli() -> None:
    """Holders: the DAO's income by epoch, and each holder's share of it."""


ASSET = click.option("--asset", "wanted", help="Symbol or address; all accepted ones if absent.")


@shared.reading(cli)
@click.option("--for", "holder", type=shared.ACCOUNT, help="Show what this account can claim.")
@ASSET
def show(output: shared.Output, holder: str | None, wanted: str | None) -> None:
    """List the epochs with income, asset by asset."""
    from flywheel.deploy.suite import Suite
    from flywheel.shown import yes
    from flywheel.treasury import assets, income

    suite = Suite.connected()
    rows = []
    for unit in assets.chosen(suite, wanted):
        for epoch in range(1, income.current_epoch(suite) + 1):
            received = int(suite.treasury.income(epoch, unit.address))
            if not received:
                continue
            row: tuple[Any, ...] = (
                epoch,
                unit.show(received),
                yes(suite.treasury.is_closed(epoch, unit.address)),
                unit.show(int(suite.income.pot(epoch, unit.address))),
            )
            if holder:
                share = int(suite.income.claimable(holder, unit.address, epoch, 1))
                row = (*row, unit.show(share))
            rows.append(row)
    mine = ("Claimable",) if holder else ()
    output.table("Income", ("Epoch", "Received", "Closed", "Pot", *mine), rows)


@shared.command(cli)
@click.argument("epoch", type=int, required=False)
@ASSET
def close(session: shared.Session, epoch: int | None, wanted: str | None) -> None:
    """Split the income of EPOCH, or of every ended one, among holders, grants and reserve."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.treasury import assets, income

    suite = Suite.connected()
    account = session.account
    todo = [
        (number, unit)
        for unit in assets.chosen(suite, wanted)
        for number in income.closable_epochs(suite, unit.address)
        if epoch in (None, number)
    ]
    if not todo:
        raise fix(_nothing_to_close(suite, epoch), "See 'ape run income show'")
    if not session.confirm(f"Close {_listed(todo)}"):
        return
    rows = []
    for number, unit in todo:
        done = income.close_epoch(suite, account, number, unit.address)
        parts = (done.holders, done.grants, done.reserve)
        rows.append((number, *map(unit.show, parts)))
    session.output.table("Epochs closed", ("Epoch", "To holders", "To grants", "To reserve"), rows)


def _nothing_to_close(suite: "Suite", epoch: int | None) -> str:
    from flywheel.chain import connection
    from flywheel.treasury import income
    from flywheel.wording.lexicon import in_time

    if epoch is None:
        return "No ended epoch has income to split"
    if epoch >= income.current_epoch(suite):
        ends = int(suite.token.epoch_start(epoch + 1))
        return f"Epoch {epoch} ends {in_time(ends, connection.now())}"
    return f"Epoch {epoch} has no income that waits to be split"


def _listed(todo: "list[tuple[int, Unit]]") -> str:
    return ", ".join(f"epoch {number} in {unit.symbol}" for number, unit in todo)


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
@ASSET
def claim(
    session: shared.Session,
    holder: str | None,
    receiver: str | None,
    first: int,
    last: int | None,
    wanted: str | None,
) -> None:
    """Take the share of a holder in closed epochs, in every asset that has one."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.treasury import assets, income

    suite = Suite.connected()
    account = session.account
    owner = holder or str(account.address)
    until = last if last is not None else income.current_epoch(suite) - 1
    paid = receiver or owner
    waiting = {
        unit: amount
        for unit in assets.chosen(suite, wanted)
        if (amount := income.claimable(suite, owner, unit.address, first, until))
    }
    if not waiting:
        raise fix(
            f"{owner} has no income to claim in epochs {first} to {until}",
            "See 'ape run income history'",
        )
    listed = " and ".join(unit.show(amount) for unit, amount in waiting.items())
    if session.confirm(f"Claim {listed} of {owner}, epochs {first} to {until}, for {paid}"):
        rows = []
        for unit in waiting:
            got = income.claim(suite, account, owner, unit.address, first, until, receiver)
            rows.append((owner, paid, unit.show(got)))
        session.output.table("Income", ("Account", "Paid to", "Got"), rows)


@shared.reading(cli)
@click.argument("holder", type=shared.ACCOUNT)
@ASSET
def history(output: shared.Output, holder: str, wanted: str | None) -> None:
    """List what HOLDER earned of each pot, and whether it was claimed."""
    from flywheel.deploy.suite import Suite
    from flywheel.treasury import assets, income

    suite = Suite.connected()
    rows = [
        (share.epoch, unit.show(share.pot), unit.show(share.amount), share.state)
        for unit in assets.chosen(suite, wanted)
        for share in income.history(suite, holder, unit.address)
    ]
    output.table("Income", ("Epoch", "Pot", "Share", "State"), rows)


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
@ASSET
def roll(session: shared.Session, wanted: str | None) -> None:
    """Move pots that nobody could claim on to the next epoch that makes one."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.treasury import assets, income

    suite = Suite.connected()
    account = session.account
    waiting = {unit: income.carried(suite, unit.address) for unit in assets.chosen(suite, wanted)}
    todo = {unit: amount for unit, amount in waiting.items() if amount}
    if not todo:
        raise fix("No pot waits to be moved on", "See 'ape run income show'")
    if not session.confirm(f"Move on {', '.join(unit.show(left) for unit, left in todo.items())}"):
        return
    rows = []
    for unit in todo:
        settled = income.roll(suite, account, unit.address)
        rows.append((unit.symbol, settled, unit.show(income.carried(suite, unit.address))))
    session.output.table("Pots moved on", ("Asset", "Settled to epoch", "Still waiting"), rows)


@shared.command(cli)
@click.argument("epoch", type=int, required=False)
@ASSET
def recycle(session: shared.Session, epoch: int | None, wanted: str | None) -> None:
    """Give what nobody claimed of EPOCH's pot, or of all old ones, to the next grants."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.treasury import assets, income

    suite = Suite.connected()
    account = session.account
    todo = [
        (number, unit)
        for unit in assets.chosen(suite, wanted)
        for number in income.recyclable_epochs(suite, unit.address)
        if epoch in (None, number)
    ]
    if not todo:
        pot = "No pot" if epoch is None else f"No pot of epoch {epoch}"
        raise fix(f"{pot} has waited for two years", "See 'ape run income show'")
    if not session.confirm(f"Recycle the pots of {_listed(todo)}"):
        return
    rows = [
        (number, unit.show(income.recycle(suite, account, number, unit.address)))
        for number, unit in todo
    ]
    session.output.table("Pots recycled", ("Epoch", "To grants"), rows)

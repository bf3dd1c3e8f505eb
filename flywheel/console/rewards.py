"""Data contributors: ape run rewards create | publish | activate | claim | show, and the files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flywheel.console import cli as shared
from flywheel.console import datasets, labelling
from flywheel.console.labelling import CAMPAIGN, FOLDER
from flywheel.states import CampaignKind

if TYPE_CHECKING:
    from flywheel.deploy.suite import Suite

KINDS = {kind.label: kind for kind in CampaignKind}


@click.group()
def cli() -> None:
    """Contributors: what a dataset, a pool or a competition earned, shared by accepted work."""


for group in (labelling.group, datasets.group):
    for command in group.commands.values():
        cli.add_command(command)


@shared.command(cli)
@click.argument("uri")
@click.option("--kind", type=click.Choice(list(KINDS)), default="dataset", show_default=True)
@click.option("--challenge", default="7 days", show_default=True, help="Before a drop is active.")
@click.option(
    "--describes",
    type=labelling.FILE,
    help="Croissant metadata of the dataset, whose hash the chain keeps; see 'describe'.",
)
def create(
    session: shared.Session, uri: str, kind: str, challenge: str, describes: Path | None
) -> None:
    """Create the campaign that URI describes; you publish its drops."""
    from flywheel import amounts
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns, describing

    suite = Suite.connected()
    account = session.account
    seconds = amounts.seconds(challenge)
    content_hash = describing.content_hash(describes) if describes else None
    if session.confirm(f"Create a campaign for {uri}"):
        campaign_id = campaigns.create_campaign(
            suite, account, KINDS[kind], seconds, uri, content_hash
        )
        fields = {"Campaign": campaign_id, "Kind": kind, "Describes": uri}
        session.output.record("Campaign created", fields)


@shared.command(cli)
@FOLDER
@click.option("--uri", required=True, help="Where everybody can download the folder.")
def publish(session: shared.Session, folder: Path, uri: str) -> None:
    """Propose the drop of FOLDER after recomputing its root."""
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    account = session.account
    tree = campaigns.checked_tree(suite, folder)
    total = suite.money(tree.total)
    if session.confirm(f"Propose a drop of {total} to {len(tree)}, root 0x{tree.root.hex()}"):
        opens_at = campaigns.publish(suite, account, tree, folder, uri)
        session.output.record(
            f"Drop {tree.domain.number} of campaign {tree.domain.campaign_id}",
            {
                "Total": total,
                "Root": f"0x{tree.root.hex()}",
                "Can be activated from": show_time(opens_at),
            },
        )


@shared.command(cli)
@FOLDER
def withdraw(session: shared.Session, folder: Path) -> None:
    """Take the pending drop of FOLDER back: its money is free again."""
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns, publication

    suite = Suite.connected()
    account = session.account
    drop = publication.read_manifest(folder).domain
    campaigns.require_here(suite, drop, folder)
    if session.confirm(f"Withdraw drop {drop.number} of campaign {drop.campaign_id}"):
        returned = campaigns.withdraw(suite, account, drop)
        fields = {"Free again": suite.money(returned)}
        session.output.record(f"Drop {drop.number} of campaign {drop.campaign_id}", fields)


@shared.command(cli)
@FOLDER
def activate(session: shared.Session, folder: Path) -> None:
    """Open the drop of FOLDER for its claims after its challenge window. Anybody may."""
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    account = session.account
    tree = campaigns.checked_tree(suite, folder)
    campaigns.require_pending(suite, tree)
    drop = tree.domain
    if session.confirm(f"Activate drop {drop.number} of campaign {drop.campaign_id}"):
        ends_at = campaigns.activate(suite, account, drop)
        session.output.record(
            f"Drop {drop.number} of campaign {drop.campaign_id}",
            {"Total": suite.money(tree.total), "Can be claimed until": show_time(ends_at)},
        )


@shared.command(cli)
@CAMPAIGN
@click.argument("amount")
def fund(session: shared.Session, campaign_id: int, amount: str) -> None:
    """Give AMOUNT of the asset to CAMPAIGN, whose publisher then shares it by drops."""
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns
    from flywheel.treasury import assets

    suite = Suite.connected()
    units = suite.units(amount)
    campaigns.require(suite, campaign_id)
    account = session.account
    assets.require_balance(suite, str(account.address), units)
    if session.confirm(f"Give {suite.money(units)} to campaign {campaign_id}, for good"):
        campaigns.fund(suite, account, campaign_id, units)
        free = suite.money(campaigns.free(suite, campaign_id))
        session.output.record(
            f"Campaign {campaign_id}", {"Given": suite.money(units), "Free": free}
        )


@shared.reading(cli)
@CAMPAIGN
def show(output: shared.Output, campaign_id: int) -> None:
    """What CAMPAIGN has free, and its drops."""
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaign_views

    output.show(campaign_views.in_full(Suite.connected(), campaign_id))


@shared.command(cli)
@click.argument(
    "folders",
    metavar="FOLDER...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--for",
    "receivers",
    type=shared.ACCOUNT,
    multiple=True,
    help="Whom to pay; you if absent.",
)
@click.option("--all", "everybody", is_flag=True, help="Pay every contributor.")
def claim(
    session: shared.Session,
    folders: tuple[Path, ...],
    receivers: tuple[str, ...],
    everybody: bool,
) -> None:
    """Pay contributors what they have earned by the drops in each FOLDER, or in the folders below
    it; anybody may pay for anybody."""
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.rewards import claims

    if everybody and receivers:
        raise fix("--all and --for exclude each other", "Give one of them")
    suite = Suite.connected()
    places = claims.publications(folders)
    if everybody:
        paid = _claim_all(session, suite, places)
    else:
        paid = _claim_some(session, suite, places, receivers or (str(session.account.address),))
    rows = [(receiver, suite.money(amount)) for receiver, amount in paid.items()]
    if rows:
        session.output.table("Paid", ("Contributor", "Got"), rows)


def _claim_some(
    session: shared.Session, suite: "Suite", places: list[Path], receivers: tuple[str, ...]
) -> dict[str, int]:
    from flywheel.rewards import claims

    account = session.account
    found, reasons = claims.waiting(suite, places, receivers)
    _say_why_not(session, bool(found), reasons)
    total = suite.money(sum(item.leaf.amount for item in found))
    if not session.confirm(f"Claim {total} for {len({item.leaf.account for item in found})}"):
        return {}
    with _bar(session, "Paying", len(found)) as heard:
        return claims.pay(suite, account, found, heard)


def _claim_all(session: shared.Session, suite: "Suite", places: list[Path]) -> dict[str, int]:
    from collections import Counter

    from flywheel.rewards import claims

    account = session.account
    trees, reasons = claims.payable(suite, places)
    _say_why_not(session, bool(trees), reasons)
    owed = [(tree, set(claims.unpaid(suite, tree))) for tree in trees]
    count = sum(len(left) for _, left in owed)
    paid: Counter[str] = Counter()
    if session.confirm(f"Claim for {count} contributors"):
        with _bar(session, "Paying", count) as heard:
            for tree, left in owed:
                paid.update(claims.pay_all(suite, account, tree, heard, left))
    return dict(paid)


def _say_why_not(session: shared.Session, is_any: bool, reasons: list[str]) -> None:
    """Tells what is not claimed. Raises `FlywheelError` if nothing is."""
    from flywheel.errors import fix

    if not is_any:
        raise fix(f"Nothing can be claimed: {'; '.join(reasons)}", "Claim when there is something")
    for reason in reasons:
        session.output.say(f"Not claimed: {reason}.")


@contextmanager
def _bar(session: shared.Session, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, for long work; the function that it gives hears what is done."""
    from rich.progress import Progress

    remarks = session.output.remarks
    is_shown = remarks.is_terminal and total > 50
    with Progress(console=remarks, transient=True, disable=not is_shown) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)

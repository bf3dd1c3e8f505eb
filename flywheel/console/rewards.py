"""Data contributors: ape run rewards create | build | publish | activate | claim | show."""

from collections import Counter
from pathlib import Path

import click

from flywheel.console import cli as shared
from flywheel.states import CampaignKind

FOLDER = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
CAMPAIGN = click.argument("campaign_id", metavar="CAMPAIGN", type=int)
KINDS = {kind.label: kind for kind in CampaignKind}


@click.group()
def cli() -> None:
    """Contributors: what a dataset, a pool or a competition earned, shared by accepted work."""


@shared.command(cli)
@click.argument("uri")
@click.option("--kind", type=click.Choice(list(KINDS)), default="dataset", show_default=True)
@click.option("--challenge", default="7 days", show_default=True, help="Before a drop is active.")
def create(session: shared.Session, uri: str, kind: str, challenge: str) -> None:
    """Create the campaign that URI describes; you publish its drops."""
    from flywheel import amounts
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns

    suite = Suite.connected()
    account = session.account
    seconds = amounts.seconds(challenge)
    if session.confirm(f"Create a campaign for {uri}"):
        campaign_id = campaigns.create_campaign(suite, account, KINDS[kind], seconds, uri)
        fields = {"Campaign": campaign_id, "Kind": kind, "Describes": uri}
        session.output.record("Campaign created", fields)


@shared.reading(cli)
@CAMPAIGN
@click.argument("labels", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@FOLDER
@click.option(
    "--addresses",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with columns worker,address. Without it stand-in accounts (test chains only).",
)
def build(
    output: shared.Output,
    campaign_id: int,
    labels: Path,
    folder: Path,
    addresses: Path | None,
) -> None:
    """Share what CAMPAIGN has free by the accepted work in LABELS, as its next drop; write to
    FOLDER."""
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.errors import fix
    from flywheel.rewards import campaigns

    suite = Suite.connected()
    if addresses is None and not connection.is_test():
        raise fix(
            "Stand-in accounts have no keys; they are for test chains",
            "Give the workers' accounts with --addresses",
        )
    manifest, by_worker = campaigns.build(suite, campaign_id, labels, folder, addresses)
    output.record(
        f"Drop {manifest.number} of campaign {campaign_id}",
        {
            "Contributors": manifest.leaf_count,
            "Accepted judgements": sum(by_worker.values()),
            "Total": suite.money(manifest.total),
            "Root": manifest.root,
            "Written to": str(folder),
        },
    )


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
    from flywheel.rewards import campaigns

    suite = Suite.connected()
    account = session.account
    drop = campaigns.checked_tree(suite, folder).domain
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
    drop = tree.domain
    if session.confirm(f"Activate drop {drop.number} of campaign {drop.campaign_id}"):
        ends_at = campaigns.activate(suite, account, drop)
        session.output.record(
            f"Drop {drop.number} of campaign {drop.campaign_id}",
            {"Total": suite.money(tree.total), "Can be claimed until": show_time(ends_at)},
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
    type=click.Path(file_okay=False, path_type=Path),
)
@click.option(
    "--for",
    "receivers",
    type=shared.ACCOUNT,
    multiple=True,
    help="Whom to pay; you if absent.",
)
@click.option("--all", "everybody", is_flag=True, help="Pay every contributor of the folder.")
def claim(
    session: shared.Session,
    folders: tuple[Path, ...],
    receivers: tuple[str, ...],
    everybody: bool,
) -> None:
    """Pay contributors what they have earned in each FOLDER; anybody may pay for anybody."""
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns

    suite = Suite.connected()
    account = session.account
    trees = [campaigns.checked_tree(suite, folder) for folder in folders]
    wanted = list(receivers) or [str(account.address)]
    count = sum(map(len, trees)) if everybody else len(wanted)
    if not session.confirm(f"Claim for {count} contributors"):
        return
    paid: Counter[str] = Counter()
    if everybody:
        for tree in trees:
            paid.update(campaigns.claim_all(suite, account, tree))
    elif len(trees) == 1:
        paid.update(campaigns.claim(suite, account, trees[0], wanted))
    else:
        paid.update({item: campaigns.claim_drops(suite, account, trees, item) for item in wanted})
    session.output.table(
        "Paid",
        ("Contributor", "Got"),
        [(receiver, suite.money(amount)) for receiver, amount in paid.items()],
    )

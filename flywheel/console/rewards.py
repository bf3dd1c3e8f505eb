"""Data contributors: ape run rewards create | build | publish | activate | claim."""

from pathlib import Path

import click

from flywheel.console import cli as shared

FOLDER = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))


@click.group()
def cli() -> None:
    """Data contributors: what a dataset earned, shared by accepted work."""


@shared.command(cli)
@click.argument("uri")
@click.option("--challenge", default="7 days", show_default=True, help="Before a root is active.")
def create(session: shared.Session, uri: str, challenge: str) -> None:
    """Create the campaign of the dataset described at URI; you publish its roots."""
    from flywheel import amounts
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns

    suite = Suite.connected()
    account = session.account
    if session.confirm(f"Create a campaign for {uri}"):
        seconds = amounts.seconds(challenge)
        kind = campaigns.CampaignKind.DATASET
        campaign_id = campaigns.create_campaign(suite, account, kind, seconds, uri)
        session.output.record("Campaign created", {"Campaign": campaign_id, "Dataset": uri})


@shared.reading(cli)
@click.argument("campaign_id", metavar="CAMPAIGN", type=int)
@click.argument("labels", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@FOLDER
@click.option(
    "--addresses",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with columns worker,address. Without it stand-in accounts (test chains only).",
)
@click.option(
    "--previous",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the last publication, to which this one adds.",
)
def build(
    output: shared.Output,
    campaign_id: int,
    labels: Path,
    folder: Path,
    addresses: Path | None,
    previous: Path | None,
) -> None:
    """Share what CAMPAIGN has newly received by the accepted work in LABELS; write to FOLDER."""
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
    manifest, by_worker = campaigns.build(suite, campaign_id, labels, folder, addresses, previous)
    output.record(
        f"Campaign {campaign_id}",
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
    """Propose the root of FOLDER after recomputing it."""
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns, labelling
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    account = session.account
    manifest = labelling.read_manifest(folder)
    if session.confirm(f"Propose root {manifest.root} with {suite.money(manifest.total)}"):
        activates_at = campaigns.publish(suite, account, folder, uri)
        session.output.record(
            f"Campaign {manifest.campaign_id}",
            {"Root": manifest.root, "Can be activated from": show_time(activates_at)},
        )


@shared.command(cli)
@FOLDER
def activate(session: shared.Session, folder: Path) -> None:
    """Activate the root of FOLDER after its challenge window."""
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns, labelling

    suite = Suite.connected()
    account = session.account
    tree = labelling.recompute_root(folder)
    campaign_id = tree.domain.campaign_id
    if session.confirm(f"Activate root 0x{tree.root.hex()}"):
        total = campaigns.activate(suite, account, campaign_id, tree.root)
        session.output.record(f"Campaign {campaign_id}", {"Active total": suite.money(total)})


@shared.command(cli)
@FOLDER
@click.option(
    "--for",
    "receivers",
    type=shared.ACCOUNT,
    multiple=True,
    help="Whom to pay; you if absent.",
)
@click.option("--all", "everybody", is_flag=True, help="Pay every contributor of the folder.")
def claim(
    session: shared.Session, folder: Path, receivers: tuple[str, ...], everybody: bool
) -> None:
    """Pay contributors of FOLDER what they have earned; anybody may pay for anybody."""
    from flywheel.deploy.suite import Suite
    from flywheel.rewards import campaigns, labelling

    suite = Suite.connected()
    account = session.account
    tree = labelling.recompute_root(folder)
    wanted = [item for item, _ in tree.items()] if everybody else list(receivers)
    wanted = wanted or [str(account.address)]
    if session.confirm(f"Claim for {len(wanted)} contributors"):
        paid = campaigns.claim(suite, account, tree, wanted)
        session.output.table(
            f"Campaign {tree.domain.campaign_id}",
            ("Contributor", "Got"),
            [(receiver, suite.money(amount)) for receiver, amount in paid.items()],
        )

"""Builders: ape run models register | show | lineage."""

from pathlib import Path

import click

from flywheel import cli as shared


@click.group()
def cli() -> None:
    """Builders: register what a grant has trained."""


@shared.command(cli)
@click.argument("grant_id", metavar="GRANT", type=int)
@click.argument("name")
@click.argument("weights", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--card-uri", required=True, help="Where the model card is.")
@click.option(
    "--kind",
    type=click.Choice(["foundation", "version", "fine_tune", "adapter"]),
    default="foundation",
    show_default=True,
)
def register(
    session: shared.Session, grant_id: int, name: str, weights: Path, card_uri: str, kind: str
) -> None:
    """Register model NAME of GRANT; WEIGHTS is the file whose SHA-256 identifies it."""
    import hashlib

    from flywheel.actions import models
    from flywheel.suite import Suite

    suite = Suite.connected()
    account = session.account
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    if session.confirm(f"Register {name} of grant {grant_id} with SHA-256 {digest.hex()}"):
        model_id = models.register(
            suite,
            account,
            grant_id,
            models.ModelKind[kind.upper()],
            name,
            digest,
            card_uri,
        )
        session.output.record(
            "Model registered",
            {"Model": model_id, "Owner": str(suite.registry.ownerOf(model_id))},
        )


@shared.command(cli)
def show(session: shared.Session) -> None:
    """List the models."""
    from flywheel.actions import models
    from flywheel.suite import Suite

    suite = Suite.connected()
    rows = []
    for model_id in range(1, int(suite.registry.model_count()) + 1):
        model = suite.registry.model(model_id)
        rows.append(
            (
                model_id,
                suite.registry.model_name(model_id),
                models.ModelKind(model.kind).name,
                model.grant_id or "",
                str(suite.registry.ownerOf(model_id)),
            )
        )
    session.output.table("Models", ("Model", "Name", "Kind", "Grant", "Owner"), rows)


@shared.command(cli)
@click.argument("model_id", metavar="MODEL", type=int)
def lineage(session: shared.Session, model_id: int) -> None:
    """What MODEL was made from, and what it owes its ancestors."""
    from flywheel import amounts, chain
    from flywheel.suite import Suite

    suite = Suite.connected()
    parents = {item.model_id for item in chain.call(suite.registry.parents, model_id)}
    rows = [
        (
            item.model_id,
            suite.registry.model_name(item.model_id),
            "parent" if item.model_id in parents else "ancestor",
            amounts.show_bps(item.share_bps),
        )
        for item in chain.call(suite.registry.ancestors, model_id)
    ]
    session.output.table(f"Model {model_id} owes", ("Model", "Name", "Relation", "Share"), rows)

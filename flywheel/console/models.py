"""Builders: ape run models register | show | lineage | set-split | refresh."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flywheel.console import cli as shared
from flywheel.errors import fix
from flywheel.models.kinds import KINDS, ModelKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flywheel.console.output import Output


@click.group()
def cli() -> None:
    """Builders: register models, see what they were made from and who shares what they earn."""


@shared.command(cli)
@click.argument("card", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("weights", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="Name of the model; that of the card if absent.")
@click.option("--kind", type=click.Choice(KINDS), help="How the weights came to be.")
@click.option("--card-uri", help="Where the card is, at most 128 characters.")
@click.option("--grant", "grant_id", type=click.IntRange(1), help="The grant that paid for it.")
@click.option("--license", "licenses", multiple=True, type=int, help="Licence of a parent.")
@click.option("--parent", "parents", multiple=True, help="NAME=MODEL: which model a parent is.")
@click.option("--leave-out", multiple=True, help="A base model of the card that gets no link.")
@click.option("--dataset", "datasets", multiple=True, help="CAMPAIGN=WEIGHT in bps, sum 10000.")
@click.option("--split", multiple=True, help="RECEIVER=BPS, such as treasury=1000; sum 10000.")
@click.option(
    "--salts",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/commitments"),
    show_default=True,
    help="Where the salt is kept until the model is registered.",
)
def register(
    session: shared.Session,
    card: Path,
    weights: tuple[Path, ...],
    name: str | None,
    kind: str | None,
    card_uri: str | None,
    grant_id: int | None,
    licenses: tuple[int, ...],
    parents: tuple[str, ...],
    leave_out: tuple[str, ...],
    datasets: tuple[str, ...],
    split: tuple[str, ...],
    salts: Path,
) -> None:
    """Register the model of CARD (README.md of Hugging Face, or YAML) with its WEIGHTS.

    WEIGHTS are files, or a folder of them. One file is identified by its SHA-256, several by the
    SHA-256 over the sorted lines "<sha256>  <name>". Committing and registering are a minute apart;
    started again, the command goes on where it was. With --safe the first run writes the
    commitment, and the second, after the Safe has sent it, the registration.
    """
    from dataclasses import replace

    from flywheel.deploy.suite import Suite
    from flywheel.models import cards, registering

    described = cards.read(card, name, ModelKind[kind.upper()] if kind else None)
    described = replace(
        described,
        card_uri=card_uri or described.card_uri,
        grant_id=grant_id or described.grant_id,
        weights=weights or described.weights,
        datasets=registering.dataset_weights(datasets) or described.datasets,
        split=split or described.split,
        parents=registering.kept(described.parents, leave_out),
    )
    suite = Suite.connected()
    plan = registering.prepare(
        suite,
        str(session.account.address),
        described,
        licenses,
        registering.parent_ids(parents),
        lambda files: hash_weights(files, session.output),
    )
    for remark in described.remarks:
        session.output.say(f"{remark}.")
    if session.confirm(plan.words, rehearse=False):
        registering.carry_out(
            suite, session.account, plan, salts, lambda part: session.output.show([part])
        )


def hash_weights(weights: "Sequence[Path]", output: "Output") -> bytes:
    """The digest of the weights; on a terminal a bar tells how far it is."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from flywheel.models.weights import digest_of, weight_files

    files = weight_files(weights)
    total = sum(item.stat().st_size for item in files)
    columns = (TextColumn("Hashing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=output.remarks, transient=True, disable=not output.remarks.is_terminal
    ) as bar:
        task = bar.add_task("", total=total)
        return digest_of(files, lambda count: bar.advance(task, count))


@shared.reading(cli)
@click.argument("model_id", metavar="[MODEL]", type=int, required=False)
def show(output: shared.Output, model_id: int | None) -> None:
    """List the models, or show what is registered of MODEL."""
    from flywheel import amounts
    from flywheel.deploy.suite import Suite
    from flywheel.evaluations import claims
    from flywheel.models import registry, revenue_shares
    from flywheel.wording.lexicon import show_time

    suite = Suite.connected()
    if model_id is None:
        rows = []
        for number in range(1, int(suite.registry.model_count()) + 1):
            data = suite.registry.model(number)
            rows.append(
                (
                    number,
                    suite.registry.model_name(number),
                    ModelKind(data.kind).word,
                    data.grant_id or "",
                    str(suite.registry.ownerOf(number)),
                )
            )
        output.table("Models", ("Model", "Name", "Kind", "Grant", "Owner"), rows)
        return
    model = registry.get(suite, model_id)
    output.record(
        f"Model {model_id}: {model.name}",
        {
            "Name": model.name,
            "Kind": model.kind.word,
            "Owner": model.owner,
            "Registered by": model.registrant,
            "Registered at": show_time(model.registered_at),
            "Grant": model.grant_id or "",
            "SHA-256 of the weights": model.weights_digest.hex(),
            "Card": model.card_uri,
            "Keccak-256 of the card": f"0x{model.card_hash.hex()}",
            "Fingerprint": f"0x{model.fingerprint.hex()}" if any(model.fingerprint) else "",
            "Parents": ", ".join(str(parent) for parent, _, _ in model.parents),
            "Owes its ancestors": amounts.show_bps(sum(model.ancestors.values())),
            "Protocol fee": amounts.show_bps(model.fee_bps),
            "Floor": amounts.show_bps(model.floor_bps) if model.floor_bps else "",
            "Split": revenue_shares.show(model.split),
            "Announced split": revenue_shares.show(model.announced),
            "In force from": show_time(model.announced_for) if model.announced_for else "",
            "Measured": claims.listed(claims.about(suite, model.weights_digest)),
        },
    )


@shared.reading(cli)
@click.argument("model_id", metavar="MODEL", type=int)
@click.option(
    "--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw it into this file, too."
)
def lineage(output: shared.Output, model_id: int, svg: Path | None) -> None:
    """What MODEL was made from, and what it owes its ancestors."""
    from flywheel import amounts
    from flywheel.deploy.suite import Suite
    from flywheel.models import lineage_picture, parents

    tree = parents.family(Suite.connected(), model_id)
    if svg is not None:
        svg.parent.mkdir(parents=True, exist_ok=True)
        svg.write_text(lineage_picture.svg(tree), encoding="utf-8")
        output.say(f"Picture in {svg}")
    if output.format == "json":
        output.json(tree.as_data())
        return
    if output.format == "table":
        output.tree(tree.branch())
    near = {link.parent for link in tree.members[model_id].links}
    rows = [
        (
            ancestor,
            tree.members[ancestor].name,
            "parent" if ancestor in near else "ancestor",
            amounts.show_bps(share),
        )
        for ancestor, share in tree.table.items()
    ]
    output.table(f"Model {model_id} owes", ("Model", "Name", "Relation", "Share"), rows)


@shared.command(cli, "set-split")
@click.argument("model_id", metavar="MODEL", type=int)
@click.argument("shares", metavar="[RECEIVER=BPS]...", nargs=-1)
@click.option("--take-back", is_flag=True, help="Forget the split that was announced.")
def set_split(
    session: shared.Session, model_id: int, shares: tuple[str, ...], take_back: bool
) -> None:
    """Announce how MODEL's own revenue divides from now on.

    RECEIVER is treasury, an address, campaign:NUMBER, or datasets. After the notice anybody puts it
    in force with 'ape run models refresh'.
    """
    from flywheel import amounts
    from flywheel.deploy.suite import Suite
    from flywheel.models import registry, revenue_shares

    if take_back == bool(shares):
        raise fix("Either a split or --take-back is needed", f"Write {revenue_shares.FORMS}")
    split = revenue_shares.read_all(shares)
    suite = Suite.connected()
    model = registry.get(suite, model_id)
    account = session.account
    if model.grant_id:
        raise fix(f"Model {model_id} has the split its grant was approved with", "Leave it")
    if model.owner != str(account.address):
        raise fix(f"Model {model_id} belongs to {model.owner}", "Have its owner announce the split")
    notice = int(suite.registry.SPLIT_NOTICE_SECONDS())
    words = f"Announce for model {model_id}: {revenue_shares.show(split)}"
    if take_back:
        words = f"Take back the split announced for model {model_id}"
    if not session.confirm(words):
        return
    registry.set_split(suite, account, model_id, split)
    session.output.record(
        f"Split of model {model_id}",
        {
            "Announced": revenue_shares.show(split),
            "May be put in force after": amounts.show_duration(notice) if split else "",
        },
    )


@shared.command(cli)
@click.argument("model_id", metavar="MODEL", type=int)
def refresh(session: shared.Session, model_id: int) -> None:
    """Put MODEL's announced split in force, if its notice is over, and today's protocol fee."""
    from flywheel import amounts
    from flywheel.chain import connection
    from flywheel.deploy.suite import Suite
    from flywheel.models import registry, revenue_shares

    suite = Suite.connected()
    model = registry.get(suite, model_id)
    if model.announced_for > connection.now():
        left = amounts.show_duration(model.announced_for - connection.now())
        session.output.say(f"The announced split waits for {left} more; only the fee is renewed.")
    account = session.account
    if session.confirm(f"Divide what model {model_id} received and refresh its split and fee"):
        registry.refresh(suite, account, model_id)
        now = registry.get(suite, model_id)
        session.output.record(
            f"Model {model_id}",
            {
                "Split": revenue_shares.show(now.split),
                "Protocol fee": amounts.show_bps(now.fee_bps),
            },
        )


@shared.command(cli)
@click.argument("model_id", metavar="MODEL", type=int)
@click.argument("commitment", metavar="COMMITMENT")
@click.option("--take-back", is_flag=True, help="Take an approval back.")
def approve(session: shared.Session, model_id: int, commitment: str, take_back: bool) -> None:
    """Let the model of COMMITMENT be derived from MODEL, whose licence asks for your approval."""
    import re

    from flywheel.deploy.suite import Suite
    from flywheel.models import registry

    if not re.fullmatch("0x[0-9a-fA-F]{64}", commitment):
        raise fix(f"'{commitment}' is no commitment", "Write 0x and 64 hexadecimal digits")
    suite = Suite.connected()
    model, account = registry.get(suite, model_id), session.account
    if model.owner != str(account.address):
        raise fix(f"Model {model_id} belongs to {model.owner}", "Have its owner approve")
    verb = "Refuse" if take_back else "Let"
    if session.confirm(f"{verb} the model of commitment {commitment} be derived from {model.name}"):
        registry.approve_derivation(
            suite, account, model_id, bytes.fromhex(commitment[2:]), not take_back
        )


@shared.command(cli, name="end-exclusivity")
@click.argument("model_id", metavar="MODEL", type=int)
@click.argument("license_id", metavar="LICENSE", type=int)
def end_exclusivity(session: shared.Session, model_id: int, license_id: int) -> None:
    """Let licences of MODEL be sold again: its exclusive LICENSE has ended."""
    from flywheel.deploy.suite import Suite
    from flywheel.models import registry

    suite = Suite.connected()
    if session.confirm(f"End the exclusivity of licence {license_id} for model {model_id}"):
        registry.end_exclusivity(suite, session.account, model_id, license_id)

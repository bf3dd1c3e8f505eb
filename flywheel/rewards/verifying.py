"""A publication beside the chain: is what is paid what the published work is worth?"""

from collections.abc import Iterator
from pathlib import Path

from eth_utils import keccak

from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.rewards import campaigns, drop_files, inputs, publication
from flywheel.shown import Part, Record


def verify(suite: Suite, folder: Path) -> list[tuple[str, str]]:
    """What was compared, and what was found. Raises `FlywheelError` for the first difference.

    The amounts are computed again from the inputs, which say of scores what the chain says; root
    and total are those of the drop on chain, and so are the hashes of leaf file and manifest that
    were proposed with it.
    """
    manifest = publication.read_manifest(folder)
    campaigns.require_here(suite, manifest.domain, folder)
    verified = drop_files.verify(folder)
    path = folder / publication.MANIFEST_FILE if folder.is_dir() else folder
    verified.work.check(suite, path.parent / inputs.FOLDER / inputs.ADDRESSES)
    terms = campaigns.proposed_terms(suite, manifest.domain)
    state = campaigns.state_of(suite, manifest.domain)
    if terms is None or state.state == "NONE":
        raise fix(
            f"The {verified.files} files of {folder} agree, but drop {manifest.number} of campaign "
            f"{manifest.campaign_id} is not on the chain: nobody proposed it, or it was withdrawn",
            "Publish it, or wait until its publisher does",
        )
    compared: list[tuple[str, bytes | int, bytes | int]] = [
        ("root", verified.tree.root, terms.root),
        ("total", verified.tree.total, terms.total),
        ("hash of the leaf file", bytes.fromhex(manifest.keccak256[2:]), terms.leaves_hash),
        ("hash of the manifest", bytes(keccak(path.read_bytes())), terms.manifest_hash),
    ]
    for what, here, there in compared:
        if here != there:
            raise fix(
                f"The {what} of {folder} is {_text(here)}, on the chain it is {_text(there)}",
                "Download it again; if it stays so, tell the guardian",
            )
    return [
        ("Files", f"{verified.files}, all with the hashes of the manifest"),
        ("Kind of work", verified.work.kind),
        ("Workers", f"{len(verified.earned.points)}, {verified.earned.workers} with points"),
        ("Amounts", f"{len(verified.tree)} accounts, equal to the unit"),
        ("Total", suite.money(verified.tree.total)),
        ("Root", f"0x{verified.tree.root.hex()}"),
        ("On the chain", f"{state.state}, with this root, total, leaf file and manifest"),
    ]


def in_full(suite: Suite, folder: Path) -> Iterator[Part]:
    """`verify` as a record."""
    manifest = publication.read_manifest(folder)
    found = verify(suite, folder)
    yield Record(f"Drop {manifest.number} of campaign {manifest.campaign_id}", dict(found))


def _text(value: bytes | int) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else f"{value:,}"

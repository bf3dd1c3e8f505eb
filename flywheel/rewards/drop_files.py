"""A drop's publication, made from files of work, and checked again by whoever doubts it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flywheel.errors import fix
from flywheel.reading import texts
from flywheel.rewards import earnings, inputs, kinds, publication, shares
from flywheel.rewards.earnings import Earned, Files
from flywheel.rewards.leaves import Domain
from flywheel.rewards.merkle import RewardTree
from flywheel.rewards.publication import Manifest

_REMEDY = "Tell the guardian before the drop is active: it can hold it until a vote throws it out"


def build(
    folder: Path, domain: Domain, budget: int, files: Files, addresses: Path | None = None
) -> tuple[Manifest, Earned]:
    """Shares `budget` units by the work in `files` and writes the publication to `folder`.

    `addresses`: CSV worker,address; without it stand-in accounts that nobody has the keys of. An
    older publication in `folder` is replaced as a whole, anything else in it is refused. Raises
    `FlywheelError`, and leaves the folder as it was, if there is no work to pay for.
    """
    with _drafted(folder) as draft:
        files.stage(draft / inputs.FOLDER, domain)
        earned = earnings.earn(kinds.published(draft / inputs.FOLDER), domain)
        units = {name: part for name, part in shares.split(earned.points, budget).items() if part}
        accounts = shares.addresses_of(units, addresses)
        inputs.write_addresses(draft / inputs.FOLDER / inputs.ADDRESSES, accounts.items())
        (draft / earned.table_file).write_bytes(earned.table)
        manifest = publication.publish(draft, domain, shares.leaves_of(units, accounts))
    return manifest, earned


@dataclass(frozen=True)
class Verified:
    """What was computed again and found to be as published."""

    tree: RewardTree
    earned: Earned
    files: int
    work: Files


def verify(folder: Path) -> Verified:
    """Computes a publication again from its inputs, believing nothing of it.

    Raises `FlywheelError` for the first thing that differs: a file and its hash, the leaves and the
    root, the points of a worker, the amount of an account. What remains to be compared is the
    manifest with the chain.
    """
    manifest = publication.read_manifest(folder)
    tree = publication.recompute_root(folder)
    publication.check_files(folder, manifest)
    folder = folder if folder.is_dir() else folder.parent
    files = kinds.published(folder / inputs.FOLDER)
    earned = earnings.earn(files, manifest.domain)
    table = folder / earned.table_file
    if texts.read_bytes(table) != earned.table:
        raise fix(f"{table} is not what the inputs give", _REMEDY)
    units = {name: part for name, part in shares.split(earned.points, tree.total).items() if part}
    accounts = shares.addresses_of(units, folder / inputs.FOLDER / inputs.ADDRESSES)
    leaves = shares.leaves_of(units, accounts)
    for account, amount in tree.items():
        if leaves.pop(account, 0) != amount:
            raise fix(f"The inputs do not give {account} its {amount} units", _REMEDY)
    for account, amount in leaves.items():
        raise fix(f"The inputs give {account} {amount} units, the leaves nothing", _REMEDY)
    return Verified(tree, earned, len(manifest.files), files)


@contextmanager
def _drafted(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` that takes its place if the block ends well."""
    is_used = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if is_used and not (folder / publication.MANIFEST_FILE).is_file():
        raise fix(f"{folder} holds something else", "Give a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        draft = room / "draft"
        draft.mkdir()
        yield draft
        if folder.exists():
            folder.rename(room / "before")
        draft.rename(folder)
    finally:
        shutil.rmtree(room)

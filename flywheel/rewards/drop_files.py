"""A drop's publication, made from files of work, and checked again by whoever doubts it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flywheel.errors import FlywheelError, fix
from flywheel.reading import texts
from flywheel.rewards import consent, earnings, inputs, kinds, publication, shards, shares
from flywheel.rewards.earnings import Earned, Files
from flywheel.rewards.inputs import JobFiles
from flywheel.rewards.leaves import Domain
from flywheel.rewards.merkle import RewardTree
from flywheel.rewards.publication import Manifest

_REMEDY = "Tell the guardian before the drop is active: it can hold it until a vote throws it out"


def build(
    folder: Path, domain: Domain, budget: int, files: Files, addresses: Path | None = None
) -> tuple[Manifest, Earned]:
    """Shares `budget` units by the work in `files` and writes the publication to `folder`.

    `addresses`: CSV worker,address; without it stand-in accounts that nobody has the keys of. An
    older publication of the same drop in `folder` is replaced as a whole, anything else in it, also
    beside one, is refused. Raises `FlywheelError`, and leaves the folder as it was, if there is no
    work to pay for.
    """
    with _drafted(folder, domain) as draft:
        files.stage(draft / inputs.FOLDER, domain)
        earned = earnings.earn(kinds.published(draft / inputs.FOLDER), domain)
        accounts, leaves = _shared(earned, budget, addresses)
        inputs.write_addresses(draft / inputs.FOLDER / inputs.ADDRESSES, accounts.items())
        (draft / earned.table_file).write_bytes(earned.table)
        manifest = publication.publish(draft, domain, leaves)
    return manifest, earned


def _shared(
    earned: Earned, budget: int, addresses: Path | None
) -> tuple[dict[str, str], dict[str, int]]:
    """The account of each worker who gets something of the budget, and the leaves."""
    units = {name: part for name, part in shares.split(earned.points, budget).items() if part}
    accounts = shares.addresses_of(units, addresses)
    return accounts, shares.leaves_of(units, accounts)


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
    root, the shards, the points of a worker, the amount of an account; and for a file that nothing
    reads. What remains to be compared is the manifest with the chain.
    """
    manifest = publication.read_manifest(folder)
    publication.check_files(folder, manifest)
    tree = publication.recompute_root(folder)
    folder = folder if folder.is_dir() else folder.parent
    shards.check(folder, tree)
    if f"{inputs.FOLDER}/{inputs.RULE}" not in manifest.files:
        raise fix(f"{folder} has no rule of its amounts", "Ask the publisher for it")
    files = kinds.published(folder / inputs.FOLDER)
    _refuse_others(folder / inputs.FOLDER, manifest, files)
    earned = earnings.earn(files, manifest.domain)
    _refuse_other_tables(folder, manifest, earned)
    table = folder / earned.table_file
    if texts.read_bytes(table) != earned.table:
        raise fix(f"{table} is not what the inputs give", _REMEDY)
    _, leaves = _shared(earned, tree.total, folder / inputs.FOLDER / inputs.ADDRESSES)
    for account, amount in tree.items():
        if leaves.pop(account, 0) != amount:
            raise fix(f"The inputs do not give {account} its {amount} units", _REMEDY)
    for account, amount in leaves.items():
        raise fix(f"The inputs give {account} {amount} units, the leaves nothing", _REMEDY)
    return Verified(tree, earned, len(manifest.files), files)


def _refuse_others(folder: Path, manifest: Manifest, files: Files) -> None:
    """Raises `FlywheelError` unless just those inputs are published that the kind of work reads:
    others would be taken for what decides."""
    read = {path.name for path in vars(files).values() if isinstance(path, Path)}
    read.add(inputs.ADDRESSES)
    if isinstance(files, JobFiles) and (folder / inputs.SUPPRESSION).is_file():
        consent.read_suppression(folder / inputs.SUPPRESSION)
        read.add(inputs.SUPPRESSION)
    for name in sorted(manifest.files):
        room, _, file = name.rpartition("/")
        if room == inputs.FOLDER and file not in read:
            raise fix(f"No work of the kind {files.kind} reads {folder / file}", _REMEDY)


def _refuse_other_tables(folder: Path, manifest: Manifest, earned: Earned) -> None:
    for name in sorted(manifest.files):
        if name != earned.table_file and not name.startswith(f"{inputs.FOLDER}/"):
            raise fix(f"{folder / name} is no file of a publication", _REMEDY)


# --- a folder in the place of another ---


@contextmanager
def _drafted(folder: Path, domain: Domain) -> Iterator[Path]:
    """A folder beside `folder` that takes its place if the block ends well."""
    try:
        _refuse_loss(folder, domain)
        folder.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=".drop-", dir=folder.parent))
    except (OSError, ValueError) as error:
        raise _cannot_write(folder, error) from None
    draft, before = room / "draft", room / "before"
    try:
        draft.mkdir()
        yield draft
        try:
            # Somebody may have put something there in the meantime.
            _refuse_loss(folder, domain)
            if folder.exists():
                folder.rename(before)
            draft.rename(folder)
        except (OSError, ValueError) as error:
            raise _cannot_write(folder, error) from None
    finally:
        if before.exists() and draft.exists():
            _put_back(before, folder)
        shutil.rmtree(room, ignore_errors=True)


def _refuse_loss(folder: Path, domain: Domain) -> None:
    """Raises `FlywheelError` unless a new publication may take the place of what is in `folder`:
    nothing, or a publication of the same drop and not one file more."""
    if folder.name in ("", "..") or folder.is_symlink():
        raise fix(f"{folder} is no name of a folder of its own", "Give a new folder")
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    other = fix(f"{folder} holds something else", "Give a new folder")
    try:
        manifest = publication.read_manifest(folder) if folder.is_dir() else None
    except FlywheelError:
        manifest = None
    if manifest is None:
        raise other
    if manifest.domain.encode() != domain.encode():
        raise fix(
            f"{folder} holds drop {manifest.number} of campaign {manifest.campaign_id}, "
            "another one",
            "Give a new folder",
        )
    for name in publication.entries(folder):
        if not publication.is_named(manifest, name):
            raise fix(f"{folder / name} is no part of the publication there", "Give a new folder")


def _put_back(before: Path, folder: Path) -> None:
    try:
        before.rename(folder)
    except OSError as error:
        raise fix(
            f"Cannot write {folder}: {error.strerror}. What was there is in {before}", "Move it"
        ) from None


def _cannot_write(folder: Path, error: OSError | ValueError) -> FlywheelError:
    reason = error.strerror if isinstance(error, OSError) else error
    return fix(f"Cannot write {folder}: {reason}", "Give a new folder")

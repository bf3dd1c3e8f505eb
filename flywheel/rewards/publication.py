"""What a publisher puts where everybody can read it: the leaves of a drop and its manifest.

`publish` writes them; `recompute_root` believes nothing of them and builds the tree again.
"""

import hashlib
import io
import json
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from eth_utils import to_checksum_address

from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_json, texts, values
from flywheel.reading.texts import shown
from flywheel.rewards import shards
from flywheel.rewards.leaves import Domain, address_bytes, keccak
from flywheel.rewards.merkle import RewardTree

FORMAT = "flywheel-drop-v2"
LEAF_FILE = "leaves.csv"
MANIFEST_FILE = "manifest.json"
# More bytes than any manifest of ours has.
_MAX_MANIFEST_BYTES = 1_000_000
_LEAF_HEADER = "account,amount"
# Of a chain's id, a campaign's, and a drop's number in it, as a drop's id packs them.
_LIMITS = (2**256, 2**48, 2**48)
# One way to write each leaf, so that a set of leaves has one file and one hash.
_LEAF_LINE = re.compile(r"0x[0-9a-f]{40},[1-9][0-9]{0,38}")
# A file of the folder itself or of one in it, which no name leaves.
_FILE = re.compile(r"(?:[a-z]+/)?[a-z][a-z0-9_-]*\.[a-z]+")
_HASH = re.compile(r"0x[0-9a-f]{64}")


@dataclass(frozen=True)
class Manifest:
    """What a publisher says about a leaf file. Numbers that exceed 53 bits are text in the JSON."""

    chain_id: int
    contract: str
    campaign_id: int
    asset: str
    number: int  # of the drop in its campaign
    root: str
    total: int
    leaf_count: int
    leaf_file: str
    sha256: str
    keccak256: str  # goes on chain as `leaves_hash`
    files: dict[str, str]  # of what else is published, by path: 0x and its SHA-256

    @property
    def domain(self) -> Domain:
        return Domain(self.chain_id, self.contract, self.campaign_id, self.asset, self.number)

    def to_json(self) -> str:
        document = {"format": FORMAT, **asdict(self), "total": str(self.total)}
        return json.dumps(document, indent=2) + "\n"


def publish(folder: Path, domain: Domain, leaves: Mapping[str, int]) -> Manifest:
    """Writes `leaves.csv` (account,amount; ascending), the shards and `manifest.json` into
    `folder`, which is made if it is missing, and returns the manifest. It has the hashes of all
    other files there."""
    tree = RewardTree.build(domain, leaves)
    data = _leaf_file(tree)
    folder.mkdir(parents=True, exist_ok=True)
    manifest = _manifest_of(domain, tree, data, _hashes(folder))
    (folder / LEAF_FILE).write_bytes(data)
    shards.write(folder, tree)
    (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest in `path`, a JSON file or the folder that `publish` wrote. Believes nothing."""
    path = path / MANIFEST_FILE if path.is_dir() else path
    texts.refuse_large(path, _MAX_MANIFEST_BYTES)
    document = strict_json.read(path, "Publish it again", "is no manifest")
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise fix(f"{path} is not a '{FORMAT}' manifest", "Give the manifest.json of a publication")
    try:
        manifest = Manifest(
            **{**document, "total": values.whole_number(document["total"], "total")}
        )
        _check_types(manifest)
    except (KeyError, TypeError, ValueError, FlywheelError) as error:
        raise fix(f"{path}: {error}", "Publish it again") from None
    return manifest


def read_leaves(path: Path) -> dict[str, int]:
    """Account (lower case) -> units of a leaf file, in its order, which is that of the indexes.

    Strict, as a set of leaves has one spelling only: `FlywheelError` with file and line for any
    other header, spelling or order.
    """
    return _parse_leaves(path, texts.read_bytes(path))


def recompute_root(path: Path) -> RewardTree:
    """The tree of a publication, rebuilt from its leaf file; `path` is its folder or manifest.

    Raises `FlywheelError` if hashes, number of leaves, total or root of the file are not those of
    the manifest. What remains to be compared is the manifest with the chain: chain id, contract,
    campaign, asset, number, root, total and `keccak256` with the event DropProposed.
    """
    manifest = read_manifest(path)
    leaf_path = (path if path.is_dir() else path.parent) / LEAF_FILE
    data = texts.read_bytes(leaf_path)
    tree = RewardTree.build(manifest.domain, _parse_leaves(leaf_path, data))
    found = asdict(_manifest_of(manifest.domain, tree, data, manifest.files))
    for name, said in asdict(manifest).items():
        if name not in ("leaf_file", "contract", "asset") and found[name] != said:
            raise fix(
                f"{leaf_path} has the {name} {found[name]}, its manifest says {said}",
                "Do not pay under this root; ask the publisher for the right file",
            )
    return tree


def check_files(folder: Path, manifest: Manifest) -> None:
    """Raises `FlywheelError` for the first file that is missing, another one or not named there,
    and for a link or a pipe before any file is read. The shards are compared by `shards.check`."""
    folder = folder if folder.is_dir() else folder.parent
    if not manifest.files:
        raise fix(f"{folder} does not say how its amounts came about", "Ask the publisher for it")
    for name in entries(folder):
        if not is_named(manifest, name):
            raise _not_named(folder / name)
    for name, said in sorted(manifest.files.items()):
        if _sha256(folder / name) != said:
            raise _not_named(folder / name)


def entries(folder: Path) -> list[str]:
    """The paths of all that lies in the folder of a publication, those of folders with a slash at
    their end. Raises `FlywheelError` for a link, a pipe or a folder in a folder, which none has."""
    found = []
    for name, mode in _children(folder):
        if stat.S_ISREG(mode):
            found.append(name)
            continue
        if not stat.S_ISDIR(mode):
            raise _no_file(folder / name)
        found.append(f"{name}/")
        for inner, inner_mode in _children(folder / name):
            if not stat.S_ISREG(inner_mode):
                raise _no_file(folder / name / inner)
            found.append(f"{name}/{inner}")
    return found


def is_named(manifest: Manifest, name: str) -> bool:
    """Whether what `entries` found belongs to the publication."""
    room, _, file = name.rpartition("/")
    if room == shards.FOLDER:
        return not file or shards.is_file_of(file, manifest.leaf_count)
    if not file:
        return any(other.startswith(name) for other in manifest.files)
    return name in manifest.files or _is_own(name)


def _is_own(name: str) -> bool:
    """Whether a manifest describes the file otherwise than among its `files`."""
    return name in (LEAF_FILE, MANIFEST_FILE) or name.startswith(f"{shards.FOLDER}/")


def _children(folder: Path) -> Iterator[tuple[str, int]]:
    """Name and mode of what lies in the folder; links are not followed."""
    try:
        for path in sorted(folder.iterdir()):
            yield path.name, path.lstat().st_mode
    except OSError as error:
        raise fix(f"Cannot read {folder}: {error.strerror}", "Check the path") from None


def _no_file(path: Path) -> FlywheelError:
    return fix(
        f"{path} is a link, a pipe or a folder, which no publication has there", "Download it again"
    )


def _not_named(path: Path) -> FlywheelError:
    return fix(f"{path} is not the file that its manifest names", "Download it again")


def _leaf_file(tree: RewardTree) -> bytes:
    """Written line by line: a list of a million texts would be 100 MB."""
    file = io.BytesIO()
    file.write(f"{_LEAF_HEADER}\n".encode())
    file.writelines(f"{account},{amount}\n".encode() for account, amount in tree.items())
    return file.getvalue()


def _hashes(folder: Path) -> dict[str, str]:
    """Of all files in the folder but those that the manifest describes otherwise."""
    found = [name for name in entries(folder) if not name.endswith("/")]
    return {name: _sha256(folder / name) for name in found if not _is_own(name)}


def _sha256(path: Path) -> str:
    try:
        with texts.open_file(path) as file:
            return f"0x{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise fix(f"Cannot read {path}: {error.strerror}", "Download it again") from None


def _manifest_of(domain: Domain, tree: RewardTree, data: bytes, files: dict[str, str]) -> Manifest:
    return Manifest(
        chain_id=domain.chain_id,
        contract=to_checksum_address(domain.contract),
        campaign_id=domain.campaign_id,
        asset=to_checksum_address(domain.asset),
        number=domain.number,
        root=f"0x{tree.root.hex()}",
        total=tree.total,
        leaf_count=len(tree),
        leaf_file=LEAF_FILE,
        sha256=f"0x{hashlib.sha256(data).hexdigest()}",
        keccak256=f"0x{keccak(data).hex()}",
        files=files,
    )


def _check_types(manifest: Manifest) -> None:
    for name, kind in Manifest.__annotations__.items():
        if name != "files" and type(getattr(manifest, name)) is not kind:
            raise ValueError(f"{name} is not {'a number' if kind is int else 'text'}")
    _check_names(manifest.files)
    if manifest.leaf_file != LEAF_FILE:
        raise ValueError(f"leaf_file is not {LEAF_FILE}")
    numbers = (manifest.chain_id, manifest.campaign_id, manifest.number)
    if not all(0 <= number < limit for number, limit in zip(numbers, _LIMITS, strict=True)):
        raise ValueError("a number is negative or too large")
    for address in (manifest.contract, manifest.asset):
        address_bytes(address)


def _check_names(files: object) -> None:
    if not isinstance(files, dict):
        raise ValueError("files is no list of names and hashes")
    for name, said in files.items():
        if (
            _is_own(name)
            or not _FILE.fullmatch(name)
            or not isinstance(said, str)
            or not _HASH.fullmatch(said)
        ):
            raise ValueError(f"'{shown(name)}' is no file of a publication, or has no hash")


def _parse_leaves(path: Path, data: bytes) -> dict[str, int]:
    lines = data.decode("ascii", errors="replace").split("\n")
    if lines[0] != _LEAF_HEADER:
        raise fix(f"{path}, line 1: the header is not '{_LEAF_HEADER}'", "Give a leaf file")
    if lines.pop() != "":
        raise fix(f"{path}, line {len(lines) + 1}: the file is cut off", "Download it again")
    leaves = {}
    before = ""
    for number, line in enumerate(lines[1:], start=2):
        if not _LEAF_LINE.fullmatch(line):
            raise fix(
                f"{path}, line {number}: '{shown(line)}' is not a leaf",
                "Write 0x and 40 lower-case digits, a comma, a positive whole number",
            )
        account = line[:42]
        if account <= before:
            raise fix(
                f"{path}, line {number}: {account} repeats or is out of order",
                "Sort the accounts and name each once",
            )
        leaves[account] = int(line[43:])
        before = account
    return leaves

"""What a publisher puts where everybody can read it: the leaves of a drop and its manifest.

`publish` writes them; `recompute_root` believes nothing of them and builds the tree again.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from eth_utils import to_checksum_address

from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_json, texts, values
from flywheel.reading.texts import shown
from flywheel.rewards.leaves import Domain, address_bytes, keccak
from flywheel.rewards.merkle import RewardTree

FORMAT = "flywheel-drop-v1"
LEAF_FILE = "leaves.csv"
MANIFEST_FILE = "manifest.json"
_LEAF_HEADER = "account,amount"
# Of a chain's id, a campaign's, and a drop's number in it, as a drop's id packs them.
_LIMITS = (2**256, 2**48, 2**48)
# One way to write each leaf, so that a set of leaves has one file and one hash.
_LEAF_LINE = re.compile(r"0x[0-9a-f]{40},[1-9][0-9]{0,38}")


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

    @property
    def domain(self) -> Domain:
        return Domain(self.chain_id, self.contract, self.campaign_id, self.asset, self.number)

    def to_json(self) -> str:
        document = {"format": FORMAT, **asdict(self), "total": str(self.total)}
        return json.dumps(document, indent=2) + "\n"


def publish(folder: Path, domain: Domain, leaves: Mapping[str, int]) -> Manifest:
    """Writes `leaves.csv` (account,amount; ascending) and `manifest.json` into `folder`, which
    is made if it is missing, and returns the manifest."""
    tree = RewardTree.build(domain, leaves)
    lines = [_LEAF_HEADER, *(f"{account},{amount}" for account, amount in tree.items())]
    data = ("\n".join(lines) + "\n").encode()
    manifest = _manifest_of(domain, tree, data)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LEAF_FILE).write_bytes(data)
    (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest in `path`, a JSON file or the folder that `publish` wrote. Believes nothing."""
    path = path / MANIFEST_FILE if path.is_dir() else path
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
    leaf_path = (path if path.is_dir() else path.parent) / manifest.leaf_file
    data = texts.read_bytes(leaf_path)
    tree = RewardTree.build(manifest.domain, _parse_leaves(leaf_path, data))
    found = asdict(_manifest_of(manifest.domain, tree, data))
    for name, said in asdict(manifest).items():
        if name not in ("leaf_file", "contract", "asset") and found[name] != said:
            raise fix(
                f"{leaf_path} has the {name} {found[name]}, its manifest says {said}",
                "Do not pay under this root; ask the publisher for the right file",
            )
    return tree


def _manifest_of(domain: Domain, tree: RewardTree, data: bytes) -> Manifest:
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
    )


def _check_types(manifest: Manifest) -> None:
    for name, kind in Manifest.__annotations__.items():
        if type(getattr(manifest, name)) is not kind:
            raise ValueError(f"{name} is not {'a number' if kind is int else 'text'}")
    if Path(manifest.leaf_file).name != manifest.leaf_file:
        raise ValueError("leaf_file names another folder")
    numbers = (manifest.chain_id, manifest.campaign_id, manifest.number)
    if not all(0 <= number < limit for number, limit in zip(numbers, _LIMITS, strict=True)):
        raise ValueError("a number is negative or too large")
    for address in (manifest.contract, manifest.asset):
        address_bytes(address)


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

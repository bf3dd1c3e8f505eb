"""A published tree in pieces: whoever claims one leaf of a million reads two small files.

`shards/index.json` says of which drop the tree is, its root, and at which account each shard
begins. A shard has `SHARD` neighbouring leaves and its frontier: those nodes of the tree beside
them from which, with their own hashes, all their proofs follow; some twenty of a million leaves.
Nodes have their numbers in the flattened tree of merkle.py: 0 is the root, 2n + 1 and 2n + 2 are
below n, and the leaf of index i is 2 * leaf_count - 2 - i.
"""

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from eth_utils import to_checksum_address

from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_json, texts, values
from flywheel.reading.texts import shown
from flywheel.rewards.leaves import PAGE, Domain, Leaf, keccak, leaf_hash
from flywheel.rewards.merkle import MAX_LEAVES, RewardTree, verify

FOLDER = "shards"
INDEX_FILE = "index.json"
INDEX_FORMAT = "flywheel-shards-v1"
SHARD_FORMAT = "flywheel-shard-v1"
# Leaves of a shard: whole pages, whose totals follow from them.
SHARD = 8 * PAGE
# More bytes than any index and any shard of ours have.
_MAX_INDEX_BYTES = 1_000 + 50 * (MAX_LEAVES // SHARD)
_MAX_SHARD_BYTES = 1_000 + 90 * SHARD + 200 * MAX_LEAVES.bit_length()
# What the numbers of an index are below; those of the domain as a drop's id packs them.
_LIMITS = {
    "chain_id": 2**256,
    "campaign_id": 2**48,
    "number": 2**48,
    "leaf_count": MAX_LEAVES + 1,
}
_INDEX_FIELDS = {*_LIMITS, "contract", "asset", "root", "leaves_per_shard", "first_accounts"}
_SHARD_FIELDS = {"shard", "leaves", "frontier"}
_ACCOUNT = re.compile(r"0x[0-9a-f]{40}")
_AMOUNT = re.compile(r"[1-9][0-9]{0,38}")
_HASH = re.compile(r"0x[0-9a-f]{64}")
_MAX_AMOUNT = 2**128 - 1
_REMEDY = "Download it again, and claim nothing with it"


@dataclass(frozen=True)
class ShardedLeaf:
    """A leaf and its proof, hashes from the leaf's sibling upwards, which ends at `root`."""

    leaf: Leaf
    proof: list[bytes]
    domain: Domain
    root: bytes


@dataclass(frozen=True)
class _Index:
    path: Path
    domain: Domain
    root: bytes
    leaf_count: int
    first_accounts: list[str]

    def rows_of(self, shard: int) -> range:
        """The indexes of a shard's leaves."""
        return range(shard * SHARD, min((shard + 1) * SHARD, self.leaf_count))

    def path_of(self, shard: int) -> Path:
        return self.path.parent / _shard_file(shard)


# --- writing ---


def write(folder: Path, tree: RewardTree) -> dict[str, str]:
    """Writes the shards of `tree` into `folder`/shards, and their index when all are there; what
    an earlier tree left goes first. Returns the SHA-256 of each file, 0x..., by its path in
    `folder`. The same tree gives the same bytes.
    """
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for old in (target / INDEX_FILE, *target.glob("[0-9]*.json")):
        old.unlink(missing_ok=True)
    hashes = {}
    for name, text in _files_of(tree):
        data = text.encode("ascii")
        (target / name).write_bytes(data)
        hashes[f"{FOLDER}/{name}"] = f"0x{hashlib.sha256(data).hexdigest()}"
    return hashes


def _files_of(tree: RewardTree) -> Iterator[tuple[str, str]]:
    """Name and text of each file, made one at a time."""
    first_accounts = []
    for shard, start in enumerate(range(0, len(tree), SHARD)):
        leaves = _leaves_text(tree, start)
        first_accounts.append(leaves[1:43])
        places = _frontier(len(tree), range(start, min(start + SHARD, len(tree))))
        frontier = ",\n".join(f'"{p}":"0x{tree.nodes[p].tobytes().hex()}"' for p in places)
        yield (
            _shard_file(shard),
            f'{{"format":"{SHARD_FORMAT}",\n"shard":{shard},\n"leaves":{{\n{leaves}\n}},\n'
            f'"frontier":{{\n{frontier}\n}}}}\n',
        )
    document = {
        "format": INDEX_FORMAT,
        **asdict(tree.domain),
        "contract": to_checksum_address(tree.domain.contract),
        "asset": to_checksum_address(tree.domain.asset),
        "root": f"0x{tree.root.hex()}",
        "leaf_count": len(tree),
        "leaves_per_shard": SHARD,
        "first_accounts": first_accounts,
    }
    yield INDEX_FILE, json.dumps(document, indent=0) + "\n"


def _leaves_text(tree: RewardTree, start: int) -> str:
    """A line for each leaf of the shard that begins at the index `start`."""
    accounts = tree.accounts[start : start + SHARD].tobytes().hex()
    amounts = tree.amounts[start : start + SHARD].tobytes()
    return ",\n".join(
        f'"0x{accounts[40 * row : 40 * row + 40]}":'
        f'"{int.from_bytes(amounts[16 * row : 16 * row + 16], "big")}"'
        for row in range(len(accounts) // 40)
    )


def _shard_file(shard: int) -> str:
    return f"{shard:05}.json"


def is_file_of(name: str, leaf_count: int) -> bool:
    """Whether a tree with as many leaves has a file of this name in its folder of shards."""
    number = name.removesuffix(".json")
    if not re.fullmatch(r"[0-9]{5,7}", number):
        return name == INDEX_FILE
    return name == _shard_file(int(number)) and int(number) * SHARD < leaf_count


def check(folder: Path, tree: RewardTree) -> None:
    """Raises `FlywheelError` for the first file that is not, byte for byte, what `write` makes of
    `tree`. Of others in the folder it knows nothing."""
    for name, text in _files_of(tree):
        path = folder / FOLDER / name
        texts.refuse_large(path, len(text))
        if texts.read_bytes(path) != text.encode("ascii"):
            raise _corrupt(path, "it is not what the leaves give")


# --- the nodes of a shard ---


def _levels(leaf_count: int, rows: range) -> list[range]:
    """Nodes that are a leaf of `rows` or above one: the leaves, what is above these, to the root.

    Where the leaves are not all equally deep, one node may be in two levels.
    """
    low, high = 2 * leaf_count - 1 - rows.stop, 2 * leaf_count - 2 - rows.start
    levels = [range(low, high + 1)]
    while high:
        low, high = max(0, (low - 1) // 2), (high - 1) // 2
        levels.append(range(low, high + 1))
    return levels


def _frontier(leaf_count: int, rows: range) -> list[int]:
    """Nodes beside those of `_levels` and not among them, ascending."""
    levels = _levels(leaf_count, rows)
    # A left child has an odd number; its sibling follows it.
    beside = {level[0] - 1 for level in levels if level[0] and level[0] % 2 == 0}
    beside |= {level[-1] + 1 for level in levels if level[-1] % 2}
    return sorted(node for node in beside if not any(node in level for level in levels))


def _nodes(
    index: _Index, rows: range, leaves: Mapping[str, int], frontier: Mapping[int, bytes]
) -> dict[int, bytes]:
    """The hashes of all nodes of `_levels` and of the frontier, by number."""
    nodes = dict(frontier)
    last = 2 * index.leaf_count - 2
    prefix, pad = index.domain.encode(), bytes(12)
    amounts = list(leaves.values())
    for row, account, amount in zip(rows, leaves, amounts, strict=True):
        if row % PAGE == 0:
            place = row - rows.start
            page_total = sum(amounts[place : place + PAGE]).to_bytes(32, "big")
        nodes[last - row] = keccak(
            keccak(
                prefix
                + row.to_bytes(32, "big")
                + pad
                + bytes.fromhex(account[2:])
                + amount.to_bytes(32, "big")
                + page_total
            )
        )
    inner = {node for level in _levels(index.leaf_count, rows)[1:] for node in level}
    for node in sorted(inner, reverse=True):
        left, right = nodes[2 * node + 1], nodes[2 * node + 2]
        nodes[node] = keccak(left + right if left < right else right + left)
    return nodes


# --- reading ---


def find(folder: Path, account: str) -> ShardedLeaf:
    """As `look_up`, for an account that has a leaf: `FlywheelError` if it has none."""
    found = look_up(folder, account)
    if found is None:
        raise fix(f"{account} has no leaf in {folder}", "Check the account and the drop")
    return found


def look_up(folder: Path, account: str) -> ShardedLeaf | None:
    """The leaf of `account` and its proof, out of the index and one shard of a publication; None if
    it has none.

    Believes nothing: every leaf of the shard has to be in the tree of the index's root, and where
    an account is missing, so have the leaves between which it would be. What is left is to compare
    root and domain with the drop on chain. `FlywheelError` with the file if it is not as `write`
    makes it.
    """
    wanted = values.address(account, "account").lower()
    index = _read_index(folder / FOLDER / INDEX_FILE)
    shard = max(0, bisect_right(index.first_accounts, wanted) - 1)
    leaves, nodes = _proved(index, shard)
    if wanted not in leaves:
        _prove_absence(index, shard, list(leaves)[-1], wanted)
        return None
    path, rows = index.path_of(shard), index.rows_of(shard)
    place = list(leaves).index(wanted)
    page = place // PAGE * PAGE
    page_total = sum(list(leaves.values())[page : page + PAGE])
    leaf = Leaf(rows[place], wanted, leaves[wanted], page_total)
    proof = _proof(nodes, 2 * index.leaf_count - 2 - leaf.index)
    if not verify(index.root, leaf_hash(index.domain, leaf), proof):
        raise _corrupt(path, f"the proof of {wanted} does not end at the root")
    return ShardedLeaf(leaf, proof, index.domain, index.root)


def _proved(index: _Index, shard: int) -> tuple[dict[str, int], dict[int, bytes]]:
    """The leaves of a shard, of which each is in the tree of the root, in its place, and the hashes
    from them to the root."""
    path = index.path_of(shard)
    leaves, frontier = _read_shard(path, index, shard)
    nodes = _nodes(index, index.rows_of(shard), leaves, frontier)
    if nodes[0] != index.root:
        raise _corrupt(path, f"its leaves are not those of the root in {index.path}")
    return leaves, nodes


def _prove_absence(index: _Index, shard: int, last: str, wanted: str) -> None:
    """Raises `FlywheelError` unless `wanted` is between two neighbouring leaves of the tree, before
    its first or after its last. `shard`, whose last account is `last`, is proved already.

    A leaf's hash has its index, so two leaves that are proved are known to be neighbours.
    """
    if wanted < last:
        return
    if shard + 1 < len(index.first_accounts):
        # It begins where the index says, or is refused; so it does beyond `wanted`.
        _proved(index, shard + 1)
        return
    for other in {row // SHARD for row in _rows_that_count(index.leaf_count)} - {shard}:
        _proved(index, other)


def _rows_that_count(leaf_count: int) -> tuple[int, int]:
    """The indexes of two leaves that are there, as deep as they are, in trees of this size only.

    The first leaves of a tree are one node deeper than the others: these two are where that ends.
    Of a power of two all leaves are equally deep: then the first and the last.
    """
    deeper = 2 * (leaf_count - (1 << (leaf_count.bit_length() - 1)))
    return (deeper - 1, deeper) if deeper else (0, leaf_count - 1)


def _proof(nodes: Mapping[int, bytes], node: int) -> list[bytes]:
    found = []
    while node:
        found.append(nodes[node + 1 if node % 2 else node - 1])
        node = (node - 1) // 2
    return found


def _read_index(path: Path) -> _Index:
    document = _document(path, _MAX_INDEX_BYTES, INDEX_FORMAT, _INDEX_FIELDS)
    for name, limit in _LIMITS.items():
        # Python takes True for 1.
        if type(document[name]) is not int or not 0 <= document[name] < limit:
            raise _corrupt(path, f"{name} is no number of ours")
    if not _is_text(_HASH, document["root"]):
        raise _corrupt(path, "root is no hash")
    count, first_accounts = document["leaf_count"], document["first_accounts"]
    if document["leaves_per_shard"] != SHARD or not count:
        raise _corrupt(path, f"these are not shards of {SHARD} leaves")
    if not isinstance(first_accounts, list) or len(first_accounts) != -(-count // SHARD):
        raise _corrupt(path, f"it does not name the first account of each shard of {count} leaves")
    _check_accounts(path, first_accounts)
    try:
        contract, asset = (values.address(document[name], name) for name in ("contract", "asset"))
    except FlywheelError as error:
        raise _corrupt(path, str(error)) from None
    numbers = document["chain_id"], document["campaign_id"], document["number"]
    domain = Domain(numbers[0], contract, numbers[1], asset, numbers[2])
    return _Index(path, domain, bytes.fromhex(document["root"][2:]), count, first_accounts)


def _read_shard(path: Path, index: _Index, shard: int) -> tuple[dict[str, int], dict[int, bytes]]:
    """Amounts by account, and hashes by node, which are exactly those that belong there."""
    document = _document(path, _MAX_SHARD_BYTES, SHARD_FORMAT, _SHARD_FIELDS)
    if type(document["shard"]) is not int or document["shard"] != shard:
        raise _corrupt(path, f"it is not shard {shard}")
    leaves, frontier, rows = document["leaves"], document["frontier"], index.rows_of(shard)
    if not isinstance(leaves, dict) or len(leaves) != len(rows):
        raise _corrupt(path, f"it has not {len(rows)} leaves")
    _check_accounts(path, leaves)
    if next(iter(leaves)) != index.first_accounts[shard]:
        raise _corrupt(path, f"it begins at another account than {index.path} says")
    for account, amount in leaves.items():
        if not _is_text(_AMOUNT, amount) or int(amount) > _MAX_AMOUNT:
            raise _corrupt(path, f"'{shown(amount)}' is no amount of {account}")
    places = _frontier(index.leaf_count, rows)
    if not isinstance(frontier, dict) or list(frontier) != list(map(str, places)):
        raise _corrupt(path, "its frontier has other nodes than its leaves need")
    for node, value in frontier.items():
        if not _is_text(_HASH, value):
            raise _corrupt(path, f"'{shown(value)}' is no hash of node {node}")
    return (
        {account: int(amount) for account, amount in leaves.items()},
        {int(node): bytes.fromhex(value[2:]) for node, value in frontier.items()},
    )


def _document(path: Path, limit: int, form: str, fields: set[str]) -> dict[str, Any]:
    texts.refuse_large(path, limit)
    document = strict_json.read(path, _REMEDY)
    if not isinstance(document, dict) or document.pop("format", None) != form:
        raise _corrupt(path, f"its format is not '{form}'")
    if set(document) != fields:
        odd = sorted(fields ^ set(document))[0]
        raise _corrupt(path, f"'{shown(odd)}' is {'missing' if odd in fields else 'unknown'}")
    return document


def _check_accounts(path: Path, accounts: Iterable[Any]) -> None:
    found = list(accounts)
    for account in found:
        if not _is_text(_ACCOUNT, account):
            raise _corrupt(path, f"'{shown(account)}' is no account in lower case")
    for before, account in pairwise(found):
        if account <= before:
            raise _corrupt(path, f"{account} repeats or is out of order")


def _is_text(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _corrupt(path: Path, problem: str) -> FlywheelError:
    return fix(f"{path}: {problem}", _REMEDY)

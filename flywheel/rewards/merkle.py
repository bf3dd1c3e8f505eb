"""Merkle trees of cumulative rewards, as ContributorRewards verifies them, for a million accounts.

A tree equals the "standard-v1" tree that @openzeppelin/merkle-tree builds for the types
`LEAF_TYPES`, byte for byte: leaf hashes sorted, written from the end of the node array backwards,
pairs sorted before hashing. The nodes are one numpy array, so a million leaves need tens of
megabytes and not an object per node.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import sha3
from numpy.typing import NDArray

from flywheel.errors import fix

LEAF_TYPES = ("uint256", "address", "uint256", "address", "address", "uint256")
FORMAT = "standard-v1"
# The contract packs totals in 128 bits and takes proofs of at most 32 hashes.
CUMULATIVE_BYTES = 16
MAX_LEAVES = 2**32
# Rows hashed at a time: keeps what is temporary below some twenty megabytes.
_CHUNK = 1 << 16
_WORD = 32

Bytes2D = NDArray[np.uint8]


def keccak(data: bytes) -> bytes:
    """keccak256 as the EVM has it (not the later SHA-3)."""
    return bytes(sha3.keccak_256(data).digest())


@dataclass(frozen=True)
class Domain:
    """What all leaves of a tree have in common: where they are claimed, and in which asset."""

    chain_id: int
    contract: str
    campaign_id: int
    asset: str

    def encode(self) -> bytes:
        """The first four words of a leaf's ABI encoding."""
        return (
            self.chain_id.to_bytes(_WORD, "big")
            + address_bytes(self.contract).rjust(_WORD, b"\0")
            + self.campaign_id.to_bytes(_WORD, "big")
            + address_bytes(self.asset).rjust(_WORD, b"\0")
        )


def address_bytes(address: str) -> bytes:
    """The 20 bytes of a hexadecimal address in any case. `FlywheelError` if it is not one."""
    try:
        data = bytes.fromhex(address.removeprefix("0x"))
    except (ValueError, AttributeError):
        data = b""
    if len(data) != 20 or not address.startswith("0x"):
        raise fix(f"'{address}' is not an address", "Write 0x and 40 hexadecimal digits")
    return data


def leaf_hash(domain: Domain, account: str, cumulative: int) -> bytes:
    """What `ContributorRewards.leaf` returns: the double hash of the six encoded values."""
    encoded = domain.encode() + address_bytes(account).rjust(_WORD, b"\0")
    return keccak(keccak(encoded + cumulative.to_bytes(_WORD, "big")))


def verify(root: bytes, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether hashing `leaf` (32 bytes) upwards through `proof` ends at `root`."""
    node = leaf
    for sibling in proof:
        node = keccak(node + sibling if node < sibling else sibling + node)
    return node == root


@dataclass(frozen=True, eq=False)
class RewardTree:
    """A tree over (account, cumulative) leaves. Make one with `build` or `load`.

    accounts: (n, 20) bytes and cumulatives: (n, 16) big-endian bytes, both in the order given;
    nodes: (2n - 1, 32) bytes, the root first; places: (n,) index in `nodes` of each leaf.
    """

    domain: Domain
    accounts: Bytes2D
    cumulatives: Bytes2D
    nodes: Bytes2D = field(repr=False)
    places: NDArray[np.int64] = field(repr=False)

    @classmethod
    def build(cls, domain: Domain, leaves: Mapping[str, int]) -> "RewardTree":
        """The tree over `leaves`, account -> units of the asset it ever earned.

        Raises `FlywheelError` without leaves, for what is not an address, for the zero address,
        for an account given twice in different spellings, and for an amount outside 1..2^128 - 1.
        """
        if not leaves:
            raise fix("There are no rewards to publish", "Give at least one account an amount")
        return cls.from_arrays(
            domain, _pack_accounts(leaves), _pack_cumulatives(list(leaves.values()))
        )

    @classmethod
    def from_arrays(cls, domain: Domain, accounts: Bytes2D, cumulatives: Bytes2D) -> "RewardTree":
        """The tree over rows of `accounts` (n, 20) and `cumulatives` (n, 16, big endian)."""
        count = len(accounts)
        if not 0 < count <= MAX_LEAVES:
            raise fix(f"A tree cannot have {count} leaves", f"Give 1 to {MAX_LEAVES} accounts")
        _check_leaves(accounts, cumulatives)
        hashes = _hash_leaves(domain, accounts, cumulatives)
        nodes = np.empty((2 * count - 1, _WORD), np.uint8)
        order = _sorted_rows(hashes)
        nodes[count - 1 :] = hashes[order[::-1]]
        places = np.empty(count, np.int64)
        places[order] = np.arange(2 * count - 2, count - 2, -1)
        _hash_pairs(nodes, count)
        return cls(domain, accounts, cumulatives, nodes, places)

    @property
    def root(self) -> bytes:
        """32 bytes."""
        return self.nodes[0].tobytes()

    @property
    def total(self) -> int:
        """Sum of all leaves, in units of the asset."""
        # Columns first: each is a sum of bytes and fits a machine word.
        columns = self.cumulatives.sum(axis=0, dtype=np.uint64)
        return sum(int(column) << (8 * power) for power, column in enumerate(columns[::-1]))

    def __len__(self) -> int:
        return len(self.accounts)

    def __contains__(self, account: str) -> bool:
        return self._row_of(account) is not None

    def items(self) -> Iterator[tuple[str, int]]:
        """(account, cumulative) of each leaf, accounts in lower case, in the order given."""
        for account, cumulative in zip(self.accounts, self.cumulatives, strict=True):
            yield _address(account), int.from_bytes(cumulative.tobytes(), "big")

    def cumulative_of(self, account: str) -> int:
        """Units of the asset that `account` ever earned; 0 if it has no leaf."""
        row = self._row_of(account)
        return 0 if row is None else int.from_bytes(self.cumulatives[row].tobytes(), "big")

    def proof_of(self, account: str) -> list[bytes]:
        """Hashes from the account's sibling upwards. `FlywheelError` if it has no leaf."""
        row = self._row_of(account)
        if row is None:
            raise fix(
                f"{account} has no reward in this tree", "Check the account and the leaf file"
            )
        proof = []
        index = int(self.places[row])
        while index > 0:
            sibling = index + 1 if index % 2 else index - 1
            proof.append(self.nodes[sibling].tobytes())
            index = (index - 1) // 2
        return proof

    def dump(self) -> dict[str, Any]:
        """What `StandardMerkleTree.dump()` gives for the same values, ready for `json.dumps`."""
        common = [
            str(self.domain.chain_id),
            _lower(self.domain.contract),
            str(self.domain.campaign_id),
            _lower(self.domain.asset),
        ]
        return {
            "format": FORMAT,
            "leafEncoding": list(LEAF_TYPES),
            "tree": [f"0x{node.tobytes().hex()}" for node in self.nodes],
            "values": [
                {"value": [*common, account, str(cumulative)], "treeIndex": int(place)}
                for (account, cumulative), place in zip(self.items(), self.places, strict=True)
            ],
        }

    @classmethod
    def load(cls, dump: Mapping[str, Any]) -> "RewardTree":
        """The tree of a dump by this module or by the JavaScript library.

        Nothing in it is believed: the tree is built again from its values, and `FlywheelError`
        tells what differs.
        """
        remedy = "Publish the tree again"
        if dump.get("format") != FORMAT or tuple(dump.get("leafEncoding", ())) != LEAF_TYPES:
            raise fix(f"This is not a {FORMAT} dump of {','.join(LEAF_TYPES)}", remedy)
        try:
            nodes = list(dump["tree"])
            places = [entry["treeIndex"] for entry in dump["values"]]
            values = [tuple(map(str, entry["value"])) for entry in dump["values"]]
            ((chain_id, contract, campaign_id, asset),) = {value[:4] for value in values}
            leaves = {account: int(amount) for *_, account, amount in values}
            domain = Domain(int(chain_id), contract, int(campaign_id), asset)
        except (KeyError, TypeError, ValueError):
            raise fix(
                "The leaves are not all of one chain, contract, campaign and asset", remedy
            ) from None
        if len(leaves) != len(values):
            raise fix("An account has two leaves", remedy)
        tree = cls.build(domain, leaves)
        if tree.dump()["tree"] != nodes or tree.places.tolist() != places:
            raise fix("The nodes are not those of the leaves", remedy)
        return tree

    @cached_property
    def _by_account(self) -> NDArray[np.int64]:
        return _sorted_rows(self.accounts)

    def _row_of(self, account: str) -> int | None:
        wanted = address_bytes(account)
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.accounts[self._by_account[middle]].tobytes() < wanted:
                low = middle + 1
            else:
                high = middle
        if low == len(self):
            return None
        row = int(self._by_account[low])
        return row if self.accounts[row].tobytes() == wanted else None


def _lower(address: str) -> str:
    return f"0x{address_bytes(address).hex()}"


def _address(row: Bytes2D) -> str:
    return f"0x{row.tobytes().hex()}"


def _pack_accounts(accounts: Mapping[str, int]) -> Bytes2D:
    packed = b"".join(map(address_bytes, accounts))
    return np.frombuffer(packed, np.uint8).reshape(-1, 20)


def _pack_cumulatives(cumulatives: Sequence[int]) -> Bytes2D:
    try:
        packed = b"".join(amount.to_bytes(CUMULATIVE_BYTES, "big") for amount in cumulatives)
    except OverflowError:
        bad = next(amount for amount in cumulatives if not 0 <= amount < 2**128)
        raise fix(f"{bad} cannot be an amount", "Give 1 to 2^128 - 1 units") from None
    return np.frombuffer(packed, np.uint8).reshape(-1, CUMULATIVE_BYTES)


def _check_leaves(accounts: Bytes2D, cumulatives: Bytes2D) -> None:
    empty = np.flatnonzero(~cumulatives.any(axis=1))
    if len(empty):
        raise fix(f"{_address(accounts[empty[0]])} has nothing to claim", "Leave it out")
    if not accounts.any(axis=1).all():
        raise fix("The zero address has a reward", "Map its worker to an account")
    ordered = accounts[_sorted_rows(accounts)]
    twice = np.flatnonzero((ordered[1:] == ordered[:-1]).all(axis=1))
    if len(twice):
        raise fix(f"{_address(ordered[twice[0]])} has two leaves", "Add its amounts up")


def _sorted_rows(rows: Bytes2D) -> NDArray[np.int64]:
    """Row numbers in ascending order of the rows' bytes."""
    words = _as_words(rows)
    return np.lexsort([words[:, column] for column in reversed(range(words.shape[1]))])


def _as_words(rows: Bytes2D) -> NDArray[Any]:
    """Rows as big-endian 32-bit words, which compare as their bytes do."""
    return np.ascontiguousarray(rows).view(">u4").astype(np.uint32)


def _hash_leaves(domain: Domain, accounts: Bytes2D, cumulatives: Bytes2D) -> Bytes2D:
    prefix = np.frombuffer(domain.encode(), np.uint8)
    width = len(prefix) + 2 * _WORD
    hashes = np.empty((len(accounts), _WORD), np.uint8)
    for start in range(0, len(accounts), _CHUNK):
        stop = min(start + _CHUNK, len(accounts))
        encoded = np.zeros((stop - start, width), np.uint8)
        encoded[:, : len(prefix)] = prefix
        encoded[:, width - _WORD - 20 : width - _WORD] = accounts[start:stop]
        encoded[:, width - CUMULATIVE_BYTES :] = cumulatives[start:stop]
        hashes[start:stop] = _hash_rows(_hash_rows(encoded))
    return hashes


def _hash_pairs(nodes: Bytes2D, leaves: int) -> None:
    """Fills the inner nodes, from the last to the root, in runs whose children are all known."""
    last = leaves - 2
    while last >= 0:
        first = max((last + 1) // 2, last + 1 - _CHUNK)
        left = nodes[2 * first + 1 : 2 * last + 2 : 2]
        right = nodes[2 * first + 2 : 2 * last + 3 : 2]
        swapped = _is_less(right, left)[:, None]
        pairs = np.empty((last - first + 1, 2 * _WORD), np.uint8)
        pairs[:, :_WORD] = np.where(swapped, right, left)
        pairs[:, _WORD:] = np.where(swapped, left, right)
        nodes[first : last + 1] = _hash_rows(pairs)
        last = first - 1


def _is_less(a: Bytes2D, b: Bytes2D) -> NDArray[np.bool_]:
    """Row by row, whether the bytes of `a` come before those of `b`."""
    first, second = _as_words(a), _as_words(b)
    differs = (first != second).argmax(axis=1)
    rows = np.arange(len(first))
    return np.asarray(first[rows, differs] < second[rows, differs])


def _hash_rows(rows: Bytes2D) -> Bytes2D:
    width = rows.shape[1]
    data = rows.tobytes()
    hashes = [
        sha3.keccak_256(data[start : start + width]).digest()
        for start in range(0, len(data), width)
    ]
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, _WORD)

"""Merkle trees of the drops of ContributorRewards, for a million accounts.

A tree equals the "standard-v1" tree that @openzeppelin/merkle-tree builds for the types
`LEAF_TYPES` with `sortLeaves: false`, byte for byte: leaves in the order of their accounts, which
is that of their indexes, written from the end of the node array backwards, pairs sorted before
hashing. So neighbours have one node above them, and one page. The nodes are one numpy array: a
million leaves need tens of megabytes and not an object per node.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sha3
from numpy.typing import NDArray

from flywheel.errors import fix
from flywheel.rewards.leaves import (
    PAGE,
    Domain,
    Leaf,
    address_bytes,
    keccak,
    packed,
    parts_of,
)

LEAF_TYPES = ("uint256", "address", "uint256", "uint256", "address", "uint256", "uint256")
FORMAT = "standard-v1"
AMOUNT_BYTES = 16
MAX_LEAVES = 2**32
# How many leaves one proof of their common node pays.
MAX_RANGE = 64
# Rows hashed at a time: keeps what is temporary below some twenty megabytes.
_CHUNK = 1 << 16
_WORD = 32

Bytes2D = NDArray[np.uint8]


def verify(root: bytes, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether hashing `leaf` (32 bytes) upwards through `proof` ends at `root`."""
    node = leaf
    for sibling in proof:
        node = keccak(node + sibling if node < sibling else sibling + node)
    return node == root


@dataclass(frozen=True, eq=False)
class RewardTree:
    """A tree over the leaves of a drop. Make one with `build`, `from_arrays` or `load`.

    accounts: (n, 20) bytes, ascending; amounts: (n, 16) and page_totals: (pages, 16) big-endian
    bytes; nodes: (2n - 1, 32) bytes, the root first. Row i is the leaf of index i.
    """

    domain: Domain
    accounts: Bytes2D
    amounts: Bytes2D
    page_totals: Bytes2D
    nodes: Bytes2D = field(repr=False)

    @classmethod
    def build(cls, domain: Domain, leaves: Mapping[str, int]) -> "RewardTree":
        """The tree over `leaves`, account -> units of the asset, in any order.

        Raises `FlywheelError` without leaves, for what is not an address, for the zero address,
        for an account given twice in different spellings, and for an amount outside 1..2^128 - 1.
        """
        if not leaves:
            raise fix("There are no rewards to publish", "Give at least one account an amount")
        accounts, amounts = _pack_accounts(leaves), _pack_amounts(list(leaves.values()))
        order = _sorted_rows(accounts)
        return cls.from_arrays(domain, accounts[order], amounts[order])

    @classmethod
    def from_arrays(cls, domain: Domain, accounts: Bytes2D, amounts: Bytes2D) -> "RewardTree":
        """The tree over ascending rows of `accounts` (n, 20) and `amounts` (n, 16, big endian)."""
        count = len(accounts)
        if not 0 < count <= MAX_LEAVES:
            raise fix(f"A tree cannot have {count} leaves", f"Give 1 to {MAX_LEAVES} accounts")
        _check_leaves(accounts, amounts)
        own = np.frombuffer(address_bytes(domain.contract), np.uint8)
        if (accounts == own).all(axis=1).any():
            raise fix("The rewards contract itself has a reward", "Map its worker to an account")
        page_totals = _page_totals(amounts)
        nodes = np.empty((2 * count - 1, _WORD), np.uint8)
        nodes[count - 1 :] = _hash_leaves(domain, accounts, amounts, page_totals)[::-1]
        _hash_pairs(nodes, count)
        return cls(domain, accounts, amounts, page_totals, nodes)

    @property
    def root(self) -> bytes:
        """32 bytes."""
        return self.nodes[0].tobytes()

    @property
    def total(self) -> int:
        """Sum of all leaves, in units of the asset."""
        return sum(int.from_bytes(row.tobytes(), "big") for row in self.page_totals)

    def __len__(self) -> int:
        return len(self.accounts)

    def __contains__(self, account: str) -> bool:
        return self.index_of(account) is not None

    def items(self) -> Iterator[tuple[str, int]]:
        """(account, amount) of each leaf, accounts in lower case, in the order of their indexes."""
        for start in range(0, len(self), _CHUNK):
            rows = slice(start, start + _CHUNK)
            # All digits of a chunk at once: a call for each account costs three times as much.
            digits = self.accounts[rows].tobytes().hex()
            for place, amount in enumerate(_numbers(self.amounts[rows])):
                yield f"0x{digits[40 * place : 40 * place + 40]}", amount

    def leaf(self, index: int) -> Leaf:
        """The leaf of an index from 0 to the number of leaves, excluded."""
        return Leaf(
            index,
            _address(self.accounts[index]),
            int.from_bytes(self.amounts[index].tobytes(), "big"),
            int.from_bytes(self.page_totals[index // PAGE].tobytes(), "big"),
        )

    def leaf_of(self, account: str) -> Leaf:
        """An account's leaf. `FlywheelError` if it has none."""
        index = self.index_of(account)
        if index is None:
            raise fix(
                f"{account} has no reward in this tree", "Check the account and the leaf file"
            )
        return self.leaf(index)

    def index_of(self, account: str) -> int | None:
        """An account's index; None if it has no leaf."""
        wanted = address_bytes(account)
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.accounts[middle].tobytes() < wanted:
                low = middle + 1
            else:
                high = middle
        found = low < len(self) and self.accounts[low].tobytes() == wanted
        return low if found else None

    def proof(self, index: int) -> list[bytes]:
        """Hashes from the leaf's sibling upwards."""
        return self._proof_at(2 * len(self) - 2 - index)

    def ranges(self) -> Iterator[tuple[list[Leaf], list[bytes]]]:
        """All leaves, as many at a time as `claim_range` takes: those below one node, in the order
        of the tree, with that node's proof."""
        last = 2 * len(self) - 2
        start = len(self) - 1
        while start <= last:
            # As high as everything below is a leaf and begins at `start`: a left child's parent.
            place, size = start, 1
            while size < MAX_RANGE and place % 2 and (place + 3) * size - 2 <= last:
                place, size = (place - 1) // 2, 2 * size
            leaves = [self.leaf(last - node) for node in range(start, start + size)]
            yield leaves, self._proof_at(place)
            start += size

    def _proof_at(self, place: int) -> list[bytes]:
        found = []
        while place > 0:
            found.append(self.nodes[place + 1 if place % 2 else place - 1].tobytes())
            place = (place - 1) // 2
        return found

    def dump(self) -> dict[str, Any]:
        """What `StandardMerkleTree.dump()` gives for the same values, ready for `json.dumps`."""
        last = 2 * len(self) - 2
        return {
            "format": FORMAT,
            "leafEncoding": list(LEAF_TYPES),
            "tree": [f"0x{node.tobytes().hex()}" for node in self.nodes],
            "values": [
                {"value": self.values_of(self.leaf(index)), "treeIndex": last - index}
                for index in range(len(self))
            ],
        }

    def values_of(self, leaf: Leaf) -> list[str]:
        """A leaf's seven values as the JavaScript library takes them."""
        return [
            str(self.domain.chain_id),
            _lower(self.domain.contract),
            str(self.domain.drop_id),
            str(leaf.index),
            leaf.account,
            str(leaf.amount),
            str(leaf.page_total),
        ]

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
            rows = [tuple(map(str, entry["value"])) for entry in dump["values"]]
            places = [entry["treeIndex"] for entry in dump["values"]]
            ((chain_id, contract, drop_id),) = {row[:3] for row in rows}
            leaves = {row[4]: int(row[5]) for row in rows}
            domain = Domain(int(chain_id), contract, *parts_of(int(drop_id)))
        except (KeyError, TypeError, ValueError, IndexError):
            raise fix("The leaves are not all of one chain, contract and drop", remedy) from None
        if len(leaves) != len(rows):
            raise fix("An account has two leaves", remedy)
        tree = cls.build(domain, leaves)
        found = tree.dump()
        if (found["tree"], found["values"]) != (
            nodes,
            [
                {"value": list(row), "treeIndex": place}
                for row, place in zip(rows, places, strict=True)
            ],
        ):
            raise fix("The nodes are not those of the leaves", remedy)
        return tree


def _lower(address: str) -> str:
    return f"0x{address_bytes(address).hex()}"


def _address(row: Bytes2D) -> str:
    return f"0x{row.tobytes().hex()}"


def _pack_accounts(accounts: Mapping[str, int]) -> Bytes2D:
    data = packed(accounts) or b"".join(map(address_bytes, accounts))
    return np.frombuffer(data, np.uint8).reshape(-1, 20)


def _pack_amounts(amounts: Sequence[int]) -> Bytes2D:
    try:
        packed = b"".join(amount.to_bytes(AMOUNT_BYTES, "big") for amount in amounts)
    except OverflowError:
        bad = next(amount for amount in amounts if not 0 <= amount < 2**128)
        raise fix(f"{bad} cannot be an amount", "Give 1 to 2^128 - 1 units") from None
    return np.frombuffer(packed, np.uint8).reshape(-1, AMOUNT_BYTES)


def _numbers(amounts: Bytes2D) -> list[int]:
    """What `_pack_amounts` packed."""
    high, low = np.ascontiguousarray(amounts).view(">u8").T
    if not high.any():
        return list(low.tolist())
    return [left << 64 | right for left, right in zip(high.tolist(), low.tolist(), strict=True)]


def _page_totals(amounts: Bytes2D) -> Bytes2D:
    """(pages, 16) big-endian bytes: the sum of each page. `FlywheelError` beyond 2^128 - 1."""
    starts = np.arange(0, len(amounts), PAGE)
    # Columns first: each is a sum of 32-bit words and fits a machine word.
    columns = np.add.reduceat(_as_words(amounts).astype(np.uint64), starts, axis=0)
    totals = [
        sum(int(word) << (32 * power) for power, word in enumerate(row[::-1])) for row in columns
    ]
    if sum(totals) >= 2**128:
        raise fix("The amounts sum to more than 2^128 - 1", "Make several drops of them")
    return _pack_amounts(totals)


def _check_leaves(accounts: Bytes2D, amounts: Bytes2D) -> None:
    empty = np.flatnonzero(~amounts.any(axis=1))
    if len(empty):
        raise fix(f"{_address(accounts[empty[0]])} has nothing to claim", "Leave it out")
    if not accounts.any(axis=1).all():
        raise fix("The zero address has a reward", "Map its worker to an account")
    twice = np.flatnonzero((accounts[1:] == accounts[:-1]).all(axis=1))
    if len(twice):
        raise fix(f"{_address(accounts[twice[0]])} has two leaves", "Add its amounts up")
    if len(accounts) > 1 and _is_less(accounts[1:], accounts[:-1]).any():
        raise fix("The accounts are not in ascending order", "Sort them")


def _sorted_rows(rows: Bytes2D) -> NDArray[np.int64]:
    """Row numbers in ascending order of the rows' bytes."""
    words = _as_words(rows)
    return np.lexsort([words[:, column] for column in reversed(range(words.shape[1]))])


def _as_words(rows: Bytes2D) -> NDArray[Any]:
    """Rows as big-endian 32-bit words, which compare as their bytes do."""
    return np.ascontiguousarray(rows).view(">u4").astype(np.uint32)


def _hash_leaves(
    domain: Domain, accounts: Bytes2D, amounts: Bytes2D, page_totals: Bytes2D
) -> Bytes2D:
    prefix = np.frombuffer(domain.encode(), np.uint8)
    index, account, amount, page = (len(prefix) + number * _WORD for number in range(1, 5))
    hashes = np.empty((len(accounts), _WORD), np.uint8)
    for start in range(0, len(accounts), _CHUNK):
        stop = min(start + _CHUNK, len(accounts))
        rows = np.arange(start, stop)
        encoded = np.zeros((stop - start, page), np.uint8)
        encoded[:, : len(prefix)] = prefix
        encoded[:, index - 4 : index] = rows.astype(">u4").view(np.uint8).reshape(-1, 4)
        encoded[:, account - 20 : account] = accounts[start:stop]
        encoded[:, amount - AMOUNT_BYTES : amount] = amounts[start:stop]
        encoded[:, page - AMOUNT_BYTES : page] = page_totals[rows // PAGE]
        hashes[start:stop] = _hash_rows_twice(encoded)
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


def _hash_rows_twice(rows: Bytes2D) -> Bytes2D:
    """The hash of each row's hash."""
    width, keccak_256 = rows.shape[1], sha3.keccak_256
    data = rows.tobytes()
    hashes = [
        keccak_256(keccak_256(data[start : start + width]).digest()).digest()
        for start in range(0, len(data), width)
    ]
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, _WORD)


def _hash_rows(rows: Bytes2D) -> Bytes2D:
    width, keccak_256 = rows.shape[1], sha3.keccak_256
    data = rows.tobytes()
    hashes = [
        keccak_256(data[start : start + width]).digest() for start in range(0, len(data), width)
    ]
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, _WORD)

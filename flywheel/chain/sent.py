"""What a command has sent so far, and what it cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

# Where the best known explorers show a transaction, by chain id.
EXPLORERS = {
    1: "https://etherscan.io/tx/",
    10: "https://optimistic.etherscan.io/tx/",
    8453: "https://basescan.org/tx/",
    42161: "https://arbiscan.io/tx/",
    84532: "https://sepolia.basescan.org/tx/",
    11155111: "https://sepolia.etherscan.io/tx/",
}
_collected: list[list["Sent"]] = []


@dataclass(frozen=True)
class Sent:
    """A transaction in a block. `gas` is what it used, `cost` in wei; `url` empty if unknown."""

    hash: str
    block: int
    gas: int
    cost: int
    url: str


@contextmanager
def collecting() -> Iterator[list[Sent]]:
    """The transactions that the block sends, as they get into blocks."""
    found: list[Sent] = []
    _collected.append(found)
    try:
        yield found
    finally:
        _collected.pop()


def is_collecting() -> bool:
    return bool(_collected)


def note(receipt: Any, chain_id: int) -> None:
    """Adds a transaction to what its command has sent."""
    gas = int(receipt.gas_used)
    digest = str(receipt.txn_hash)
    explorer = EXPLORERS.get(chain_id)
    url = f"{explorer}{digest}" if explorer else ""
    cost = gas * int(receipt.gas_price or 0)
    _collected[-1].append(Sent(digest, int(receipt.block_number), gas, cost, url))

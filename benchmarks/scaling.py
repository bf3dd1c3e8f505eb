"""The same operations among more and more others: nothing may grow with their number."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from benchmarks.peers_world import World
from benchmarks.rows import BENCHES, OURS, STEADY, Row

OPERATIONS = (
    "transfer_undelegated",
    "transfer_delegated_mean",
    "cast_vote_repeat",
    "contribute",
    "claim_income_1",
    "pay_royalty_0",
    "claim_reward_1m",
)
SIZES = (10, 100, 1_000)
# Takes minutes, so `make bench` leaves it to `make bench-scaling`.
LARGE = 10_000


def measure(world: World, sizes: Iterable[int]) -> Iterator[tuple[str, int, int]]:
    """(operation, others, gas) of ours in the steady state."""
    for size in sizes:
        mine = replace(world, subjects=[one for one in world.subjects if one.name == OURS])
        with world.node.undone():
            mine.gather(size)
            for operation in OPERATIONS:
                with world.node.undone():
                    (gas,) = (gas for state, _, gas in BENCHES[operation](mine) if state == STEADY)
                yield operation, size, gas


def state(size: int) -> str:
    """State of a row that was measured among `size` others."""
    return f"{size:,} others"


def size_of(row: Row) -> int | None:
    """How many others there were, if the row is one of scaling."""
    number, _, word = row.state.partition(" ")
    return int(number.replace(",", "")) if word == "others" else None


def by_size(rows: Iterable[Row]) -> dict[str, dict[int, int]]:
    """Operation -> others -> gas, of the rows of scaling."""
    found: dict[str, dict[int, int]] = {}
    for row in rows:
        size = size_of(row)
        if size is not None:
            found.setdefault(row.operation, {})[size] = row.gas
    return found

"""What a benchmark is: a function per operation that yields measured states."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.peers_world import World

OURS = "ours"
# The states that most operations have.
FIRST = "first"
STEADY = "steady"
ELSEWHERE = "measured elsewhere"


@dataclass(frozen=True)
class Row:
    """Gas of one operation in one state. `limit`: what no contract can go below, if known."""

    operation: str
    state: str
    subject: str
    gas: int
    limit: int | None

    def plain(self) -> dict[str, Any]:
        return asdict(self)


Measured = Iterator[tuple[str, str, int]]
Bench = Callable[["World"], Measured]
BENCHES: dict[str, Bench] = {}


def bench(operation: str) -> Callable[[Bench], Bench]:
    """Registers a function that yields (state, subject, gas).

    It starts from the freshly deployed world, and what it does there is undone after it.
    """

    def register(function: Bench) -> Bench:
        assert operation not in BENCHES, operation
        BENCHES[operation] = function
        return function

    return register

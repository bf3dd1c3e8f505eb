"""Logs of the chain, in ranges of blocks that the node answers for.

Some nodes answer for 2,000 blocks at a time, some for 10,000 logs, and each refuses in words and
codes of its own. A range that is refused is asked for in halves, and what was answered tells how
much to ask for next.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flywheel.chain import node
from flywheel.errors import fix

T = TypeVar("T")

# JSON-RPC's code of a method that the node does not have: no smaller range helps.
METHOD_NOT_FOUND = -32601
# Answers after which a larger range is tried. Each refusal doubles the figure, up to this one, so
# that a fixed limit costs a refusal for every so many answers.
MOST_PATIENCE = 16


def of_event(
    event: Any, first: int, last: int | None = None, topics: dict[str, Any] | None = None
) -> list[Any]:
    """The logs of a contract's event (`suite.rounds.Contributed`) in the blocks from `first` to
    `last`, both included; to the latest unless given. `topics`: values of indexed fields.

    Raises `FlywheelError` if the node answers for no single block.
    """
    last = int(node.provider().get_block("latest").number) if last is None else last
    if node.is_embedded():
        return list(event.range(first, last + 1, search_topics=topics))
    from ape.types import LogFilter

    wanted = LogFilter.from_event(event, topics or {}, [event.contract.address], first, last)
    filtered = dict(wanted.model_dump(mode="json"))
    raw = in_ranges(lambda start, end: _ask(filtered, start, end), first, last)
    return list(node.provider().network.ecosystem.decode_logs(raw, event.abi))


def of_contracts(addresses: Sequence[str], first: int, last: int) -> list[dict[str, Any]]:
    """All logs of some contracts in the blocks from `first` to `last`, as JSON-RPC has them."""
    filtered = {"address": list(addresses)}
    return in_ranges(lambda start, end: _ask(filtered, start, end), first, last)


def _ask(filtered: dict[str, Any], first: int, last: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = node.result(
        "eth_getLogs", {**filtered, "fromBlock": hex(first), "toBlock": hex(last)}
    )
    return found


def in_ranges(ask: Callable[[int, int], list[T]], first: int, last: int) -> list[T]:
    """`ask(start, end)` for ranges of blocks that lead from `first` to `last`, in their order.

    A range that raises `node.Refused`, or gets no answer in time, is asked for in halves. After
    some answers twice as many blocks are asked for: the range may have been dense, not the limit.
    """
    from requests import Timeout

    from flywheel.chain.patient import NodeGaveUp

    found: list[T] = []
    span, patience, answers = last - first + 1, 1, 0
    while first <= last:
        end = min(first + span - 1, last)
        try:
            found += ask(first, end)
        except (node.Refused, NodeGaveUp, Timeout) as error:
            if getattr(error, "code", None) == METHOD_NOT_FOUND or end == first:
                raise fix(
                    f"The node gives no logs of blocks {first:,} to {end:,} "
                    f"({node.first_line(error)})",
                    "Run it again later, or use another node",
                ) from error
            span = max(1, (end - first + 1) // 2)
            patience, answers = min(2 * patience, MOST_PATIENCE), 0
            continue
        first, answers = end + 1, answers + 1
        if answers >= patience:
            span, answers = 2 * span, 0
    return found

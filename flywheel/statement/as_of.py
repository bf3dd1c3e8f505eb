"""A statement as of one block: events and views are read there, however the node moves meanwhile.

On a public network some blocks lie above it, so that the parts of a node that answer have all seen
it, and no reorganisation takes it away. An alarm is raised only by what was read anew: neither a
store that is wrong nor a node that left something out once is a reason for one.
"""

from dataclasses import dataclass

from flywheel.chain import connection, node
from flywheel.deploy.suite import CONTRACTS, Suite, first_block
from flywheel.errors import FlywheelError, fix
from flywheel.statement import chain_events, reads, report
from flywheel.statement.book import Book, Event
from flywheel.statement.reads import Difference

# Blocks that lie above the one that is read, on a public network.
CONFIRMATIONS = 12
# Readings during which a reorganisation may change the block, before it is given up.
TRIES = 3


@dataclass(frozen=True)
class Checked:
    """What was read as of `block`; `difference` is the first figure that does not agree."""

    block: int
    events: list[Event]
    book: Book
    difference: Difference | None


def check(suite: Suite) -> Checked:
    """Rebuilds every balance from events and compares it with the chain, as of one block.

    Raises `FlywheelError` if the deployment is too young, if events are missing, or if the block
    changes again and again while it is read.
    """
    for _ in range(TRIES):
        block = _block_to_read(suite)
        before = _hash_of(block)
        found = _read_twice(suite, block)
        if _hash_of(block) == before:
            return found
    raise fix(
        f"The chain was reorganised {TRIES} times while it was read", "Run the command again later"
    )


def _block_to_read(suite: Suite) -> int:
    latest = int(connection.provider().get_block("latest").number)
    if node.is_embedded() or connection.is_local():
        return latest
    block = latest - CONFIRMATIONS
    if block < first_block() or not all(_is_there(suite, name, block) for name in CONTRACTS):
        raise fix(
            f"The deployment is younger than {CONFIRMATIONS} blocks", "Wait until it is older"
        )
    return block


def _is_there(suite: Suite, name: str, block: int) -> bool:
    return bool(node.result("eth_getCode", str(suite[name].address), hex(block)) != "0x")


def _hash_of(block: int) -> bytes:
    return bytes(connection.provider().get_block(block).hash)


def _read_twice(suite: Suite, block: int) -> Checked:
    """Once with what the store has, and if that does not agree, once without."""
    try:
        found = _read(suite, block, anew=False)
    except FlywheelError:
        return _read(suite, block, anew=True)
    return found if found.difference is None else _read(suite, block, anew=True)


def _read(suite: Suite, block: int, anew: bool) -> Checked:
    events = chain_events.fetch(suite, until=block, anew=anew)
    book = report.rebuild(events)
    with connection.reading_at(block):
        difference = next(reads.differences(suite, book), None)
    return Checked(block, events, book, difference)

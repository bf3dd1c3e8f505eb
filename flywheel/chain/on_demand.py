"""A connection that is made when something first asks for the chain.

What needs no node, a file that is wrong or a text to show, so does not wait for one.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

# The innermost connection that was promised and not made yet comes last.
_promised: list[Callable[[], Any]] = []


@contextmanager
def connecting(connect: Callable[[], AbstractContextManager[Any]]) -> Iterator[None]:
    """Within the block, enters `connect()` when the chain is asked for; leaves it at the end."""
    with ExitStack() as stack:

        def make() -> None:
            stack.enter_context(connect())

        _promised.append(make)
        try:
            yield
        finally:
            if make in _promised:
                _promised.remove(make)


def connect_now() -> None:
    """Makes the connection that was promised last, if it was not made yet."""
    if _promised:
        _promised.pop()()

"""A dry run: what a command would send is recorded, and tried on a copy of the chain's state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flywheel.chain import connection, reverts, simulation
from flywheel.chain.unsent import Unsent, carries_unknown
from flywheel.errors import FlywheelError
from flywheel.shown import Part, Remark


class _Entangled(Exception):
    """A call needs the result of one before it, which only the chain can tell."""


@dataclass
class Rehearsal:
    """Takes the calls of a command. `sender` is who would send them, known once it is asked for."""

    sender: str = connection.ZERO_ADDRESS
    texts: list[str] = field(default_factory=list)
    calls: list[tuple[str, bytes, int]] = field(default_factory=list)
    was_read: bool = False

    def record(self, method: Any, args: tuple[Any, ...], value: int = 0) -> Unsent:
        data = bytes(method.encode_input(*args))
        if self.was_read and carries_unknown(data):
            raise _Entangled
        self.calls.append((str(method.contract.address), data, value))
        return Unsent(self)


@contextmanager
def rehearsing(rehearsal: Rehearsal, tell: Callable[[Part], None]) -> Iterator[None]:
    """Records what the block sends and tries it, in its order; tells what would happen.

    Raises `FlywheelError` with the reason where the chain would refuse it.
    """
    whole = True
    with connection.recorder(rehearsal):
        try:
            yield
        except FlywheelError:
            raise
        except Exception:
            if not rehearsal.calls:
                raise
            whole = False
    if not rehearsal.texts:
        return
    verdict = f" {_tried(rehearsal, whole)}" if rehearsal.calls else ""
    tell(Remark(f"Dry run, not sent: {'; '.join(rehearsal.texts)}.{verdict}"))


def _tried(rehearsal: Rehearsal, whole: bool) -> str:
    calls = [simulation.Call(rehearsal.sender, *call) for call in rehearsal.calls]
    tried = simulation.attempt(calls)
    if tried.refused:
        raise FlywheelError(reverts.explain_reason(tried.reason))
    if not tried.together and len(calls) > 1:
        return "The chain would accept the first transaction; this node cannot try the others."
    count = f"{len(calls)} transactions" if len(calls) > 1 else "the transaction"
    if not whole:
        return f"The chain would accept {count}; what follows needs their results."
    return f"The chain would accept {count}."

"""What stands for the receipt of a transaction that is recorded and not sent."""

from collections.abc import Iterator
from typing import Any, Protocol

from eth_utils import keccak

# Stand for what only the receipt of a transaction could tell: an address, and a number that passes
# for a time. Neither, nor a number near it, may ever reach a calldata.
UNKNOWN_ADDRESS = bytes(keccak(text="flywheel: known when the Safe has sent it")[:20])
UNKNOWN_NUMBER = 252_917_345_681
NEAR = 1_000_000


class Recording(Protocol):
    """Who records: told when a result was read that nobody knows yet."""

    was_read: bool


class Unsent:
    """Stands for the receipt of a transaction that is not sent, and for all that is read from it.

    It tells its batch when somebody makes a number, an address or bytes of it, so that a later
    transaction that would carry one of them is refused.
    """

    logs: tuple[Any, ...] = ()

    def __init__(self, batch: "Recording") -> None:
        self._batch = batch

    def __getattr__(self, name: str) -> "Unsent":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: Any) -> "Unsent":
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __int__(self) -> int:
        self._batch.was_read = True
        return UNKNOWN_NUMBER

    __index__ = __int__

    def __bytes__(self) -> bytes:
        self._batch.was_read = True
        return UNKNOWN_ADDRESS

    def __str__(self) -> str:
        self._batch.was_read = True
        return "0x" + UNKNOWN_ADDRESS.hex()


def carries_unknown(data: bytes) -> bool:
    words = (int.from_bytes(data[at : at + 32], "big") for at in range(4, len(data), 32))
    return UNKNOWN_ADDRESS in data or any(abs(word - UNKNOWN_NUMBER) <= NEAR for word in words)

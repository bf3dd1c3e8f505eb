"""The book: one figure per contract, account and ids."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Contract, account, then ids such as a purpose, an epoch, an asset.
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Event:
    """One log of a contract of the suite, decoded."""

    contract: str
    name: str
    arguments: dict[str, Any]
    block: int
    index: int
    timestamp: int

    def __getattr__(self, name: str) -> Any:
        """Arguments by name."""
        try:
            return self.arguments[name]
        except KeyError:
            raise AttributeError(f"{self.contract}.{self.name} has no '{name}'") from None


class Book:
    """Figures by key; amounts in the unit of what they count. Absent is zero."""

    def __init__(self) -> None:
        self.figures: Counter[Key] = Counter()
        # What a later event refers to by an id alone.
        self.memory: dict[Key, Any] = {}

    def add(self, amount: int, *key: Any) -> None:
        self.figures[key] += amount

    def put(self, amount: int, *key: Any) -> None:
        self.figures[key] = amount

    def take_all(self, *key: Any) -> int:
        """Empties a figure and returns what it was."""
        amount = self.figures[key]
        self.figures[key] = 0
        return amount


# Enters one event of a kind.
Applier = Callable[[Book, Event], None]

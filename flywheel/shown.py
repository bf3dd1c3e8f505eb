"""What commands show: texts for people that know what programs get, and tables of them.

Rooms return these, `console/` prints them. A `Shown` is an ordinary text wherever text is wanted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


class Shown(str):
    """A text for people, such as "12.5 USDC", with the value that programs get instead.

    `data`: units, basis points, seconds, an ISO time, true or false, a list.
    `symbol`: of the asset that `data` counts, if it is money.
    """

    data: Any
    symbol: str

    def __new__(cls, text: str, data: Any, symbol: str = "") -> "Shown":
        made = super().__new__(cls, text)
        made.data = data
        made.symbol = symbol
        return made


NONE = Shown("none", None)
NEVER = Shown("never", None)


def yes(value: Any) -> Shown:
    return Shown("yes" if value else "no", bool(value))


def numbered(lines: Sequence[str]) -> Shown:
    """Lines below each other, with numbers if there are several; a list for programs."""
    if len(lines) == 1:
        return Shown(lines[0], list(lines))
    text = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
    return Shown(text, list(lines))


@dataclass(frozen=True)
class Table:
    """Rows under named columns."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True)
class Record:
    """One thing: its values by their names."""

    title: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Remark:
    """A sentence beside the result, for people."""

    text: str


Part = Table | Record | Remark
# A line of a tree, and the branches below it.
Branch = tuple[str, list["Branch"]]

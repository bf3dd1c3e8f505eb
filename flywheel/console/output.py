"""One output layer for all commands: a table for people, JSON or CSV for programs.

Results go to standard output, progress and remarks to standard error: a pipe stays clean. Programs
get the value of a `Shown` and not its text: integers in units, ISO times, true and false.
"""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from flywheel.printable import on_lines, on_one_line
from flywheel.shown import Branch, Part, Record, Remark, Shown
from flywheel.shown import Table as Rows

if TYPE_CHECKING:
    from flywheel.chain.sent import Sent

# What the frame of a table with two columns takes beside its texts.
BORDERS = 7
# Columns that no table needs.
UNBOUNDED = 10_000
FORMATS = ("table", "json", "csv")
# What makes a spreadsheet read a cell as a formula, at its beginning.
FORMULA_MARKS = ("=", "+", "-", "@")
# Transactions that are listed one by one; of more the sum is told.
MOST_LISTED = 5


class Output:
    """Prints in one of `FORMATS`. Values are printed as given: format amounts before."""

    def __init__(self, output_format: str = "table") -> None:
        self.format = output_format
        self.console = Console(file=sys.stdout, highlight=False, soft_wrap=False)
        self.remarks = Console(file=sys.stderr, highlight=False, soft_wrap=True)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Prints rows under named columns; numbers and amounts are aligned to the right.

        People whose terminal is too narrow for the longest word of every column get each row as a
        table of its own instead, with the names of the columns before its values.
        """
        listed = [list(row) for row in rows]
        if self.format == "table":
            table = _rich_table(title, columns, listed)
            if not listed:
                self.console.print(Text(f"{on_one_line(title)}: none", style="bold"))
            elif self._fits(table):
                self.console.print(table)
            else:
                self._print_one_by_one(title, columns, listed)
            return
        objects = [with_assets(dict(zip(map(_key, columns), row, strict=True))) for row in listed]
        if self.format == "json":
            self.json(objects)
        else:
            # Columns that only some rows have stand behind the others.
            self._csv([*map(_key, columns)], objects)

    def _csv(self, columns: Sequence[str], objects: Sequence[dict[str, Any]]) -> None:
        """The objects as lines. Columns that only some of them have stand behind `columns`."""
        rows = [_flat(item) for item in objects]
        heads = list(dict.fromkeys(key for row in rows for key in row)) if rows else columns
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows([_cell(row.get(head)) for head in heads] for row in rows)

    def show(self, parts: Iterable[Part]) -> None:
        """Prints what a room made, in its order."""
        for part in parts:
            match part:
                case Rows():
                    self.table(part.title, part.columns, part.rows)
                case Record():
                    self.record(part.title, part.fields)
                case Remark():
                    self.say(part.text)

    def _fits(self, table: Table) -> bool:
        """Whether no word of it has to be broken."""
        unbounded = self.console.options.update(width=UNBOUNDED)
        return self.console.measure(table, options=unbounded).minimum <= self.console.width

    def _print_one_by_one(self, title: str, columns: Sequence[str], rows: list[Any]) -> None:
        self.console.print(Text(on_one_line(title), style="bold"))
        for first, *others in rows:
            fields = list(zip(columns[1:], others, strict=True))
            self._print_fields(f"{columns[0]} {first}", fields)

    def _print_fields(self, title: str, fields: list[tuple[str, Any]]) -> None:
        """Names and values as two columns. A hash that the second is too narrow for stands below
        the table, whole, so that it can be copied."""
        room = self.console.width - max((len(name) for name, _ in fields), default=0) - BORDERS
        whole = [(name, value) for name, value in fields if self._is_cut(value, room)]
        listed = [item for item in fields if item not in whole]
        if listed or not whole:
            self.console.print(_rich_table(title, ("", ""), listed, header=False))
        for name, value in whole:
            self.console.print(Text(f"{name}:"))
            self.console.print(Text(on_one_line(value)))

    def _is_cut(self, value: Any, room: int) -> bool:
        """Whether a single word would be cut in two, and need not be on a line of its own."""
        words = str(value).split()
        return len(words) == 1 and room < len(words[0]) <= self.console.width

    def record(self, title: str, fields: dict[str, Any]) -> None:
        """Prints one thing: names and values below each other."""
        if self.format == "table":
            self._print_fields(title, list(fields.items()))
            return
        found = with_assets({_key(name): value for name, value in fields.items()})
        if self.format == "json":
            self.json(found)
        else:
            self._csv(list(found), [found])

    def tree(self, root: Branch) -> None:
        """Prints a tree for people: programs get tables and JSON."""
        self.console.print(_rich_tree(root))

    def json(self, value: Any) -> None:
        sys.stdout.write(json.dumps(_data(value), indent=2, default=str) + "\n")

    def say(self, text: str) -> None:
        """A remark or a line of progress, to standard error."""
        # A program that reads along gets a sentence as one line.
        self.remarks.print(Text(on_lines(text)), soft_wrap=not self.remarks.is_terminal)

    def heading(self, text: str) -> None:
        """The start of a stage, to standard error."""
        self.remarks.print(Text(on_one_line(text), style="bold"))


class SendingOutput(Output):
    """Of a command that sends: what it sent belongs to its result.

    People read it on standard error. In JSON a record has `transactions`, and a table is an object
    with its `rows` and `transactions`; CSV has the result alone.
    """

    def __init__(self, output_format: str = "table") -> None:
        super().__init__(output_format)
        self._kept: list[Any] = []

    def json(self, value: Any) -> None:
        self._kept.append(value)

    def finish(self, sent: "Sequence[Sent] | None") -> None:
        """Prints what is left to print once everything is sent; None: this run sends nothing."""
        kept, self._kept = self._kept, []
        for value in kept if sent is None else [_with_sent(kept, sent)] if kept else []:
            super().json(value)
        if not sent or self.format != "table":
            return
        if len(sent) > MOST_LISTED:
            gas, cost = sum(item.gas for item in sent), sum(item.cost for item in sent)
            first, last = sent[0], sent[-1]
            self.say(
                f"{len(sent)} transactions, blocks {first.block:,} to {last.block:,}: {gas:,} gas, "
                f"{_ether(cost)}. The last: {last.hash}"
            )
            return
        for item in sent:
            spent = f"{item.gas:,} gas, {_ether(item.cost)}"
            link = f"  {item.url}" if item.url else ""
            self.say(f"Sent {item.hash}: block {item.block:,}, {spent}{link}")


def _with_sent(results: list[Any], sent: "Sequence[Sent]") -> dict[str, Any]:
    """What a command told programs, as one object with its transactions."""
    listed = [asdict(item) for item in sent]
    if len(results) > 1:
        return {"results": results, "transactions": listed}
    (result,) = results
    found = {"rows": result} if isinstance(result, list) else result
    return {**found, "transactions": listed}


def _ether(wei: int) -> str:
    """To a millionth of an ether, upwards."""
    return f"{-(-wei // 10**12) / 10**6:f}".rstrip("0").rstrip(".") + " ETH"


def with_assets(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, and which asset their money is in: `asset` if it is the same for all of it (its
    address, where the fields have that), else one `<field>_asset` for each."""
    money = {
        key: item.symbol for key, item in fields.items() if isinstance(item, Shown) and item.symbol
    }
    if not money:
        return fields
    if len(set(money.values())) == 1:
        return {**fields, "asset": fields.get("asset") or next(iter(money.values()))}
    return fields | {f"{key}_asset": symbol for key, symbol in money.items()}


def _data(value: Any) -> Any:
    """What programs get of a value."""
    if isinstance(value, Shown):
        return value.data
    if isinstance(value, dict):
        return {key: _data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_data(item) for item in value]
    return value


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields for CSV, those within a field by both names: `votes_for`."""
    found: dict[str, Any] = {}
    for key, value in fields.items():
        data = _data(value)
        if isinstance(data, dict):
            found |= {f"{key}_{name}": item for name, item in data.items()}
        else:
            found[key] = data
    return found


def _cell(found: Any) -> Any:
    """A cell of CSV: lists are joined, and no text of others is a formula or a code."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, list):
        found = "\n".join(map(str, found))
    if not isinstance(found, str):
        return found
    text = on_lines(found)
    return f"'{text}" if text.startswith(FORMULA_MARKS) else text


def _key(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")


def _rich_table(title: str, columns: Sequence[str], rows: list[Any], header: bool = True) -> Table:
    table = Table(
        title=Text(on_one_line(title)), title_justify="left", show_header=header, title_style="bold"
    )
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(_is_numeric(row[index]) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(on_lines(value)) for value in row))
    return table


def _rich_tree(branch: Branch) -> Tree:
    text, below = branch
    tree = Tree(Text(on_lines(text)))
    for item in below:
        tree.children.append(_rich_tree(item))
    return tree


def _is_numeric(value: Any) -> bool:
    return value is None or value == "" or str(value).lstrip("-")[:1].isdigit()

"""One output layer for all commands: a table for people, JSON or CSV for programs.

Results go to standard output, progress and remarks to standard error: a pipe stays clean.
"""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from flywheel.printable import on_lines, on_one_line

# Columns that no table needs.
UNBOUNDED = 10_000
FORMATS = ("table", "json", "csv")
# A line of a tree, and the branches below it.
Branch = tuple[str, list["Branch"]]


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
        if self.format == "json":
            self.json([dict(zip(map(_key, columns), row, strict=True)) for row in listed])
        elif self.format == "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(map(_key, columns))
            writer.writerows(listed)
        else:
            table = _rich_table(title, columns, listed)
            if not listed or self._fits(table):
                self.console.print(table)
            else:
                self._print_one_by_one(title, columns, listed)

    def _fits(self, table: Table) -> bool:
        """Whether no word of it has to be broken."""
        unbounded = self.console.options.update(width=UNBOUNDED)
        return self.console.measure(table, options=unbounded).minimum <= self.console.width

    def _print_one_by_one(self, title: str, columns: Sequence[str], rows: list[Any]) -> None:
        self.console.print(Text(on_one_line(title), style="bold"))
        for first, *others in rows:
            fields = list(zip(columns[1:], others, strict=True))
            name = f"{columns[0]} {first}"
            self.console.print(_rich_table(name, ("", ""), fields, header=False))

    def record(self, title: str, fields: dict[str, Any]) -> None:
        """Prints one thing: names and values below each other."""
        if self.format == "json":
            self.json({_key(name): value for name, value in fields.items()})
        elif self.format == "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(map(_key, fields))
            writer.writerow(fields.values())
        else:
            self.console.print(_rich_table(title, ("", ""), list(fields.items()), header=False))

    def tree(self, root: Branch) -> None:
        """Prints a tree for people: programs get tables and JSON."""
        self.console.print(_rich_tree(root))

    def json(self, value: Any) -> None:
        sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")

    def say(self, text: str) -> None:
        """A remark or a line of progress, to standard error."""
        self.remarks.print(Text(on_lines(text)))

    def heading(self, text: str) -> None:
        """The start of a stage, to standard error."""
        self.remarks.print(Text(on_one_line(text), style="bold"))


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

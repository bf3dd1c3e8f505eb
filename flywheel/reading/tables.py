"""Tables in CSV files, in the strict form of RFC 4180 with one difference: a row is one line.

A quotation mark that is not closed in its line would swallow the lines after it, whether by
accident or on purpose, and the wrong people would be paid. So each line is read for itself, the
faults of all lines are found at once, and their numbers are those of the file.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flywheel.errors import FlywheelError, fix
from flywheel.reading import texts, values
from flywheel.reading.texts import LINE_BREAK, shown
from flywheel.reading.values import Fault

# A cell is in quotation marks, those in it doubled, or has none.
_CELL = r'(?:"(?:[^"]|"")*"|[^",]*)'
_ROW = re.compile(f"{_CELL}(?:,{_CELL})*")
# What the fault of a row says that has more or fewer fields than the first line.
MISCOUNTED = "not as many fields as the first line"
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "strokes"}


@dataclass(frozen=True)
class Row:
    """One line that has values: its number in the file, and its cells by column, stripped."""

    line: int
    cells: dict[str, str]


@dataclass
class Table:
    """A file as `read` found it. `faults` are those of single lines, which are not in `rows`."""

    path: Path
    columns: tuple[str, ...]
    header_line: int
    rows: list[Row]
    faults: list[Fault] = field(default_factory=list)

    def require_rows(self, remedy: str) -> None:
        """Raises `FlywheelError`, ending in `remedy`, if there is nothing below the first line."""
        if not self.rows and not self.faults:
            raise fix(f"{self.path} has no rows", remedy)

    def each(self, read_row: Callable[[Row], None]) -> None:
        """Hands over every row; a `FlywheelError` becomes a fault of its line."""
        for row in self.rows:
            try:
                read_row(row)
            except FlywheelError as error:
                self.faults.append(Fault(row.line, str(error)))

    def refuse_faults(self) -> None:
        """Raises one `FlywheelError` with all faults, if there are any."""
        values.refuse_all(self.path, self.faults)


def read(path: Path, remedy: str, name_of: Callable[[str], str] = str) -> Table:
    """Reads a table; `name_of` turns a written heading into the name of its column.

    Lines without any value, such as those of commas alone that spreadsheets leave at the end, are
    passed over. Raises `FlywheelError`, ending in `remedy`, for what is no table at all; faults of
    single lines are left to the caller, who has more to find in the others.
    """
    return parse(path, texts.read_text(path), remedy, name_of)


def parse(path: Path, text: str, remedy: str, name_of: Callable[[str], str] = str) -> Table:
    """As `read`, for a caller that has the text of the file already."""
    lines = LINE_BREAK.split(text)
    filled = (number for number, line in enumerate(lines, start=1) if line.strip(", \t"))
    header_line = next(filled, 1)
    columns = _columns(path, header_line, lines[header_line - 1], remedy, name_of)
    table = Table(path, columns, header_line, [])
    for number, line in enumerate(lines[header_line:], start=header_line + 1):
        try:
            cells = _cells(line)
            if any(cells):
                table.rows.append(Row(number, _named(columns, cells)))
        except FlywheelError as error:
            table.faults.append(Fault(number, str(error)))
    return table


def _columns(
    path: Path, number: int, line: str, remedy: str, name_of: Callable[[str], str]
) -> tuple[str, ...]:
    for separator, word in OTHER_SEPARATORS.items():
        if separator in line.strip() and "," not in line:
            raise fix(
                f"{path}, line {number}: its columns are separated by {word}",
                "Save it with commas between the columns",
            )
    try:
        written = _cells(line)
    except FlywheelError as error:
        raise FlywheelError(f"{path}, line {number}: {error}") from None
    columns = tuple(map(name_of, written)) if any(written) else ()
    for name, count in Counter(columns).items():
        if name and count > 1:
            raise fix(f"{path}, line {number}: column '{shown(name)}' is there twice", remedy)
    return columns


def _cells(line: str) -> list[str]:
    """The cells of a line, without white space around them. Raises `FlywheelError`."""
    cells = [cell.strip() for cell in (_unquoted(line) if '"' in line else line.split(","))]
    if not line.isprintable():
        for cell in cells:
            hidden = texts.unseen(cell)
            if hidden:
                raise fix(
                    f"'{shown(cell)}' holds a character that cannot be seen, {hidden}",
                    "Write the value again by hand",
                )
    return cells


def _unquoted(line: str) -> list[str]:
    if not _ROW.fullmatch(line):
        raise fix(
            "a quotation mark stands in the middle of a value, or is not closed in this line",
            "Take it out; or put the whole value in quotation marks, those in it doubled, and the "
            "whole row in one line",
        )
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error:
        raise fix("a value is longer than any we know", "Shorten it") from None


def _named(columns: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(columns):
        raise fix(
            f"the row has {len(cells)} fields, {MISCOUNTED}, {len(columns)}",
            "Add or remove commas; a value with a comma in it stands in quotation marks",
        )
    return dict(zip(columns, cells, strict=True))

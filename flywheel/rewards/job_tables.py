"""CSV files of a job, as text: one spelling for each name, all faults at once."""

import unicodedata
from pathlib import Path

import pandas as pd

from flywheel.errors import fix
from flywheel.reading import tables
from flywheel.reading.texts import shown
from flywheel.rewards import plain_csv


def spelling(text: str) -> str:
    """The one spelling of a name: no white space around it, accents composed (NFC)."""
    return unicodedata.normalize("NFC", text.strip())


def read_table(
    path: Path, columns: tuple[str, ...], key: str = "", optional: str = ""
) -> pd.DataFrame:
    """A CSV file of exactly `columns`, as text, no value empty; the index is the line of each row.
    It may have one further column, `optional`, at its end.

    White space around a value does not count, nor how its accents are composed: two spellings
    that nobody can tell apart are one worker, one label. No two rows may have the same `key`.
    Raises `FlywheelError` with all faults of the file and their lines.
    """
    plain = plain_csv.read_plain(path, columns)
    if plain is not None and not (key and plain[key].duplicated().any()):
        return plain
    remedy = f"Write a CSV file with the columns {','.join(columns)}"
    table = tables.read(path, remedy)
    if optional and table.columns == (*columns, optional):
        columns = table.columns
    if table.columns != columns:
        raise fix(
            f"{path}, line {table.header_line}: the columns are {shown(','.join(table.columns))}",
            remedy,
        )
    table.require_rows(remedy)
    lines: list[int] = []
    rows: list[list[str]] = []
    before: dict[str, int] = {}

    def read_row(row: tables.Row) -> None:
        cells = [spelling(row.cells[column]) for column in columns]
        for column, cell in zip(columns, cells, strict=True):
            if not cell:
                raise fix(f"no {column}", "Fill it in or delete the line")
        if key:
            value = cells[columns.index(key)]
            if before.setdefault(value, row.line) != row.line:
                raise fix(
                    f"{key} '{shown(value)}' is there already, in line {before[value]}",
                    "Delete one of the two lines",
                )
        lines.append(row.line)
        rows.append(cells)

    table.each(read_row)
    table.refuse_faults()
    return pd.DataFrame(rows, columns=list(columns), index=lines, dtype=str)

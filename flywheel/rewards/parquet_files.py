"""Parquet files as tables: that one file, and not more of it than its bytes can tell.

DuckDB takes a path for a pattern and reads columns out of the names of folders. And a few bytes of
a file may stand for billions of equal rows.
"""

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

from flywheel.errors import fix
from flywheel.reading import texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

# Whole numbers stand for rows and names.
_MOST_ROWS = 2**31
# Of a byte of the file. Every row says who judged what, and how: a sixteenth of a bit for that is
# too little. Two million judgements of 200 workers, of which 998 in 1,000 are the same, sorted, in
# dictionaries and compressed by zstd, have 24 rows a byte and 27 times its size unpacked.
_ROWS_A_BYTE = 128
_UNPACKED_A_BYTE = 256
# Of the texts of all rows: names of 30 letters in as many rows as there may be.
_LETTERS_A_BYTE = 4_096
# What any machine reads, of however few bytes.
_ROWS, _UNPACKED, _LETTERS = 2**20, 2**26, 2**28


def table(database: "DuckDBPyConnection", path: Path) -> "DuckDBPyRelation":
    """The rows of the file. Raises `FlywheelError` for one that is larger unpacked than it can be
    by honest means, and `duckdb.Error` for no Parquet file."""
    size = _size(path)
    # DuckDB takes paths in UTF-8 only; a path is a pattern.
    pattern = glob.escape(str(path.absolute()))
    query = """
        SELECT (SELECT max(num_rows) FROM parquet_file_metadata($1)),
            (SELECT sum(row_group_num_rows) FROM parquet_metadata($1) WHERE column_id = 0),
            (SELECT sum(total_uncompressed_size) FROM parquet_metadata($1))
    """
    (found,) = database.execute(query, [pattern]).fetchall()
    rows, grouped, unpacked = (int(number or 0) for number in found)
    _refuse_more(path, max(rows, grouped), min(_MOST_ROWS, max(_ROWS, _ROWS_A_BYTE * size)), "rows")
    _refuse_more(path, unpacked, max(_UNPACKED, _UNPACKED_A_BYTE * size), "bytes unpacked")
    return database.read_parquet(pattern, hive_partitioning=False, union_by_name=False)


def refuse_long(relation: "DuckDBPyRelation", path: Path) -> None:
    """Raises `FlywheelError` if the texts of all rows, of which a dictionary has one copy, are
    longer than by honest means. Nothing of them is kept."""
    lengths = " + ".join(f"sum(strlen({name}))" for name in relation.columns)
    ((found,),) = relation.aggregate(lengths).fetchall()
    limit = max(_LETTERS, _LETTERS_A_BYTE * _size(path))
    _refuse_more(path, int(found or 0), limit, "bytes of text")


def _size(path: Path) -> int:
    """The bytes of the file. Raises `FlywheelError` for what is none."""
    try:
        str(path).encode()
        with texts.open_file(path) as file:
            return os.fstat(file.fileno()).st_size
    except OSError as error:
        raise fix(f"Cannot read {path}: {error.strerror}", "Check the path") from None
    except ValueError:
        raise fix(f"'{texts.shown(path)}' is no path of a file", "Check the path") from None


def _refuse_more(path: Path, found: int, limit: int, what: str) -> None:
    if found > limit:
        raise fix(
            f"{path} has {found:,} {what}, more than so small a file can tell of ({limit:,})",
            "Save the labels as CSV",
        )

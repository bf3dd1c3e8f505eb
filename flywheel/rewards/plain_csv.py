"""Large CSV files that nobody could read in two ways, read fast.

A file is plain if it is printable ASCII in lines that end in "\\n", its first line names exactly
the wanted columns, and every row has as many cells, none of them empty, without a quotation mark
and without a space at either end. Of such a file the strict way, `job_tables.read_table`, makes
nothing but the cells as they are written. Every other file goes that way, which alone explains
faults.
"""

import glob
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flywheel.reading import texts

if TYPE_CHECKING:
    import pandas as pd

# Bytes that are looked at together; a line that is longer is not plain.
_BLOCK = 1 << 20
_COMMA, _SPACE, _END = b", \n"
# What may stand in a cell. Whatever else a block holds must be its separators.
_WRITTEN = bytes(byte for byte in range(ord(" "), ord("~") + 1) if byte not in b',"')


class _NotPlain(Exception):
    """The strict way has to read the file."""


def is_plain(path: Path, columns: tuple[str, ...]) -> bool:
    """Whether the file has exactly `columns`, one row at least, and is plain. Reads all of it, a
    block at a time."""
    try:
        return sum(1 for _ in _blocks(path, columns)) > 0
    except _NotPlain:
        return False


def relation(path: Path, columns: tuple[str, ...]) -> str:
    """SQL of DuckDB for the table of a file that `is_plain`, all columns text: what follows FROM.

    Nothing is guessed from the file, its name or its folder.
    """
    kinds = ", ".join(f"{_quoted(column)}: 'VARCHAR'" for column in columns)
    return (
        f"read_csv({_quoted(glob.escape(str(path.absolute())))}, columns={{{kinds}}}, "
        "header=true, delim=',', quote='', escape='', new_line='\\n', compression='none', "
        f"auto_detect=false, hive_partitioning=false, max_line_size={2 * _BLOCK})"
    )


def read_plain(path: Path, columns: tuple[str, ...]) -> "pd.DataFrame | None":
    """What `read_table` makes of the file without a key, or None if the file is not plain.

    Every cell is an object of some 60 bytes: millions of labels are better left to `relation`.
    """
    import pandas as pd

    cells: list[list[str]] = [[] for _ in columns]
    try:
        for block in _blocks(path, columns):
            found = block.decode("ascii").replace(",", "\n").split("\n")
            found.pop()
            for number, column in enumerate(cells):
                column += found[number :: len(columns)]
    except _NotPlain:
        return None
    if not cells[0]:
        return None
    # The first line is the header, so the rows begin in the second.
    lines = pd.RangeIndex(2, len(cells[0]) + 2)
    return pd.DataFrame(dict(zip(columns, cells, strict=True)), index=lines, dtype=object)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _blocks(path: Path, columns: tuple[str, ...]) -> Iterator[bytes]:
    """The rows of a plain file in blocks of whole lines. Raises `_NotPlain`, also for a file that
    cannot be read: the strict way says why."""
    header = ",".join(columns).encode() + b"\n"
    pattern = b"," * (len(columns) - 1) + b"\n"
    try:
        # DuckDB takes paths in UTF-8 only.
        str(path).encode()
        with texts.open_file(path) as file:
            if file.read(len(header)) != header:
                raise _NotPlain
            rest = b""
            while data := file.read(_BLOCK):
                data = rest + data
                end = data.rfind(b"\n") + 1
                block, rest = data[:end], data[end:]
                if len(rest) > _BLOCK:
                    raise _NotPlain
                if block:
                    _refuse_unusual(block, pattern)
                    yield block
            if rest:
                # The last line may lack its end.
                block = rest + b"\n"
                _refuse_unusual(block, pattern)
                yield block
    except (OSError, ValueError):
        raise _NotPlain from None


def _refuse_unusual(block: bytes, pattern: bytes) -> None:
    """`pattern`: the separators of one line."""
    separators = block.translate(None, _WRITTEN)
    if separators != pattern * (len(separators) // len(pattern)):
        raise _NotPlain
    codes = np.frombuffer(block, np.uint8)
    is_edge = (codes == _COMMA) | (codes == _END)
    if block[0] in b",\n " or (is_edge[1:] & is_edge[:-1]).any():
        raise _NotPlain
    if b" " in block:
        is_space = codes == _SPACE
        if ((is_edge[1:] & is_space[:-1]) | (is_space[1:] & is_edge[:-1])).any():
            raise _NotPlain

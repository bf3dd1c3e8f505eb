"""The CSV file of a logger: read once, so that its hash is that of what was read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from flywheel.energy.figures import evidence_of
from flywheel.errors import fix
from flywheel.reading import tables, texts
from flywheel.reading.tables import Table
from flywheel.reading.texts import shown


@dataclass(frozen=True)
class MeasuredFile:
    """A table and the hash of the bytes that it was read from."""

    table: Table
    evidence_hash: bytes


def read(path: Path, remedy: str, name_of: Callable[[str], str] = str.lower) -> MeasuredFile:
    """Reads the file; columns by their names in small letters. Raises `FlywheelError`.

    A last line that does not end may have lost digits of its last figure: it is refused.
    """
    data = texts.read_bytes(path)
    text = texts.decode(data, path)
    table = tables.parse(path, text, remedy, name_of)
    if text and text[-1] not in "\r\n":
        raise fix(
            f"{path}, line {texts.line_at(text)}: the last line does not end, so it may be cut off",
            "Let the logger finish it, or delete the line",
        )
    return MeasuredFile(table, evidence_of(data))


def require(table: Table, columns: Sequence[str], remedy: str) -> None:
    """Raises `FlywheelError` with the columns that are missing, and what is there that is like."""
    missing = [name for name in columns if name not in table.columns]
    if not missing:
        return
    near = []
    for name in missing:
        close = get_close_matches(name, table.columns, n=1)
        near += [f"'{shown(close[0])}' is like '{name}'"] if close else []
    hint = f" ({'; '.join(near)})" if near else ""
    names = ", ".join(f"'{name}'" for name in missing)
    columns_are = f"columns {names} are" if len(missing) > 1 else f"column {names} is"
    raise fix(f"{table.path}, line {table.header_line}: {columns_are} missing{hint}", remedy)

"""Files of a job to which people add rows: replaced as a whole, by one writer at a time."""

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from flywheel.errors import FlywheelError, fix
from flywheel.reading import texts
from flywheel.reading.texts import shown
from flywheel.rewards.job_tables import read_table, spelling

# Characters of a value that somebody adds; more than a name or a reason needs.
MAX_VALUE = 2_000


def value_of(text: str, what: str) -> str:
    """`text` in its one spelling. Raises `FlywheelError` if a row of a table could not hold it."""
    found = spelling(text)
    if not found:
        raise fix(f"The {what} is empty", f"Give a {what}")
    if len(found) > MAX_VALUE:
        raise fix(f"The {what} has {len(found):,} characters", f"Give at most {MAX_VALUE:,}")
    hidden = texts.unseen(found)
    if hidden:
        raise fix(
            f"The {what} '{shown(found)}' holds a character that cannot be seen, {hidden}",
            "Write it again by hand",
        )
    return found


def read_rows(path: Path, columns: tuple[str, ...], key: str = "") -> pd.DataFrame:
    """As `read_table`, and a file of nothing but its header has no rows: nobody asked yet."""
    if texts.read_text(path).strip() == ",".join(columns):
        return pd.DataFrame(columns=list(columns), dtype=str)
    return read_table(path, columns, key)


def with_row(path: Path, columns: tuple[str, ...], cells: Sequence[str]) -> bytes:
    """What the file holds, its header if it is not there yet, and below it one row more."""
    before = texts.read_text(path) if path.exists() else ",".join(columns)
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(cells)
    gap = "" if before.endswith(("\n", "\r")) else "\n"
    return f"{before}{gap}{row.getvalue()}".encode()


@contextmanager
def replaced(path: Path, is_private: bool = False) -> Iterator[BinaryIO]:
    """A file for what `path` shall hold. It takes the place of `path` if the block ends well.

    Whoever reads `path` finds the old text or the new one, also after a loss of power. The draft
    lies beside it as `.NAME.part`. Whoever has it is the only writer, and reads `path` inside the
    block, so no row of another is lost. A file that was there keeps its permissions; a new one
    that `is_private` can be read by its owner only. Raises `FlywheelError`.
    """
    try:
        target = path.resolve()
        draft = target.with_name(f".{target.name}.part")
        target.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise fix(
            f"Somebody else writes {path}, or was stopped while doing so",
            f"Try again; if it stays so, delete {draft}",
        ) from None
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from None
    try:
        with file:
            yield file
            os.fchmod(file.fileno(), _permissions(target, is_private))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    except BaseException as error:
        # Not once it has taken its place: the draft of that name is the next writer's then.
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _cannot_write(path, error) from None
        raise


def _permissions(path: Path, is_private: bool) -> int:
    if path.exists():
        return path.stat().st_mode & 0o777
    # The mask of a process can only be read by setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o600 if is_private else 0o666 & ~mask


def _cannot_write(path: Path, error: OSError | ValueError) -> FlywheelError:
    reason = getattr(error, "strerror", None) or str(error)
    return fix(f"Cannot write '{shown(path, 200)}': {reason}", "Check the path and its permissions")

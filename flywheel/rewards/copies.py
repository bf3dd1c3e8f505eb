"""A file as it is at one moment, whatever becomes of it while somebody looks at it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flywheel.errors import FlywheelError
from flywheel.reading import texts


@contextmanager
def frozen(path: Path) -> Iterator[Path]:
    """A copy of the file, which is read once. A `FlywheelError` of the block names `path`."""
    with tempfile.TemporaryDirectory() as room:
        copy = Path(room) / "copy.csv"
        copy.write_bytes(texts.read_bytes(path))
        try:
            yield copy
        except FlywheelError as error:
            raise FlywheelError(str(error).replace(str(copy), str(path))) from None

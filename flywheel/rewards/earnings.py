"""What each worker of a drop earned: points out of the files in a folder `inputs`.

The publisher and whoever verifies a drop call the same function on the same files. Each kind of
work has a class of files: inputs.py, report_files.py, ranking_files.py and unit_files.py.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from flywheel.deploy.suite import Suite
from flywheel.rewards import scoring
from flywheel.rewards.leaves import Domain

# Of an accepted appeal, as of a judgement of full quality.
APPEAL_POINTS = scoring.FULL
# Of a labelling job, and of all other kinds of work.
QUALITY_FILE = "quality.csv"
POINTS_FILE = "points.csv"


@dataclass(frozen=True)
class Earned:
    """Points by worker, and the table that says how they came about, as bytes of a CSV file."""

    points: dict[str, int]
    table: bytes
    table_file: str = QUALITY_FILE

    @property
    def workers(self) -> int:
        """How many have any points."""
        return sum(1 for points in self.points.values() if points)


class Files(Protocol):
    """The files of one kind of work, as somebody gives them or as they were published."""

    kind: ClassVar[str]

    def stage(self, folder: Path, drop: Domain) -> None:
        """Writes what is published of them to the new folder `folder`."""

    def earn(self, drop: Domain | None) -> Earned:
        """Raises `FlywheelError` with all faults of a file and their lines. `drop` is what
        signatures have to be for."""

    def check(self, suite: Suite, addresses: Path | None) -> "Files":
        """The files with what the chain says of them. Raises `FlywheelError` if it is not what
        they say. `addresses`: CSV worker,address."""


def earn(files: Files, drop: Domain | None = None) -> Earned:
    """Raises `FlywheelError` with all faults of a file and their lines."""
    return files.earn(drop)


def table_of(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file of the rows, in their order."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()

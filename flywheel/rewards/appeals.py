"""Appeals of workers: judgements of theirs that the rule did not pay and that a person read again.

`appeals.csv` has a line for each worker and task: what the curator ruled, and why. An appeal that
was accepted earns points like a judgement of full quality (docs/reference/rewards.md).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from flywheel.errors import FlywheelError, fix
from flywheel.reading import values
from flywheel.reading.texts import shown
from flywheel.rewards import job_files

COLUMNS = ("worker", "task", "ruling", "reason")
OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"
RULINGS = (ACCEPTED, REFUSED, OPEN)


@dataclass(frozen=True)
class Appeal:
    """One line of the file. `reason` is the worker's while it is open, then the curator's."""

    worker: str
    task: str
    ruling: str
    reason: str


def read_appeals(path: Path) -> list[Appeal]:
    """The appeals of a CSV file with the columns worker, task, ruling, reason, in its order.

    Raises `FlywheelError` with the lines of all faults: a value that is missing or cannot be read,
    and, once there is none of these, a ruling of another word and a worker's second line of a task.
    """
    table = job_files.read_rows(path, COLUMNS)
    appeals, faults = [], []
    before: dict[tuple[str, str], int] = {}
    for row in table.itertuples():
        appeal = Appeal(*row[1:])
        line = int(row[0])
        first = before.setdefault((appeal.worker, appeal.task), line)
        if appeal.ruling not in RULINGS:
            faults.append(values.Fault(line, str(_bad_ruling(appeal.ruling))))
        if first != line:
            faults.append(values.Fault(line, str(_is_there(appeal, f"in line {first}"))))
        appeals.append(appeal)
    values.refuse_all(path, faults)
    return appeals


def accepted(appeals: Iterable[Appeal]) -> dict[str, int]:
    """Worker -> number of its appeals that were accepted, by name; who has none is left out."""
    counts = Counter(appeal.worker for appeal in appeals if appeal.ruling == ACCEPTED)
    return dict(sorted(counts.items()))


def new_appeal(path: Path, worker: str, task: str, reason: str, ruling: str = OPEN) -> Appeal:
    """Adds a line to the file, which is made if it is missing, and returns what the line says.

    The file is replaced as a whole. Raises `FlywheelError`, and leaves it as it is, if a value
    cannot be read or the worker has a line of this task already.
    """
    if ruling not in RULINGS:
        raise _bad_ruling(ruling)
    appeal = Appeal(
        worker=job_files.value_of(worker, "worker"),
        task=job_files.value_of(task, "task"),
        ruling=ruling,
        reason=job_files.value_of(reason, "reason"),
    )
    with job_files.replaced(path) as file:
        for other in read_appeals(path) if path.exists() else ():
            if (other.worker, other.task) == (appeal.worker, appeal.task):
                raise _is_there(appeal, f"in {path}")
        file.write(job_files.with_row(path, COLUMNS, astuple(appeal)))
    return appeal


def _bad_ruling(ruling: str) -> FlywheelError:
    return fix(f"the ruling '{shown(ruling)}' is unknown", f"Write {', '.join(RULINGS)}")


def _is_there(appeal: Appeal, place: str) -> FlywheelError:
    return fix(
        f"worker '{shown(appeal.worker)}' has an appeal of task '{shown(appeal.task)}' already, "
        f"{place}",
        "Change that line; one worker and task have one ruling",
    )

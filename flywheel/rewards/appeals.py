"""Appeals of workers: judgements of theirs that the rule did not pay and that a person read again.

`appeals.csv` has a line for each worker and task: of which drop, what the curator ruled, and why.
An appeal that was accepted earns points like a judgement of full quality, in the drop after the one
that it is about and in no other (docs/reference/rewards.md).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

from flywheel.errors import FlywheelError, fix
from flywheel.reading import values
from flywheel.reading.texts import shown
from flywheel.rewards import job_files

COLUMNS = ("worker", "task", "drop", "ruling", "reason")
OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"
RULINGS = (ACCEPTED, REFUSED, OPEN)


@dataclass(frozen=True)
class Appeal:
    """One line of the file. `drop` is the number of the one that did not pay the judgement;
    `reason` is the worker's while it is open, then the curator's."""

    worker: str
    task: str
    drop: int
    ruling: str
    reason: str


def read_appeals(
    path: Path, paid_in: int | None = None, person_of: Mapping[str, str] | None = None
) -> list[Appeal]:
    """The appeals of a CSV file with the columns worker, task, drop, ruling, reason, in its order.

    `paid_in`: the drop that pays them; each has to be of the one before it. `person_of`: workers
    who are somebody else. Raises `FlywheelError` with the lines of all faults: a value that is
    missing or cannot be read, and, once there is none of these, another drop, a ruling of another
    word and a person's second line of a task.
    """
    table = job_files.read_rows(path, COLUMNS)
    known = {} if person_of is None else person_of
    appeals, faults = [], []
    before: dict[tuple[str, str], int] = {}
    for number, worker, task, drop, ruling, reason in table.itertuples():
        line = int(number)
        if ruling not in RULINGS:
            faults.append(values.Fault(line, str(_bad_ruling(ruling))))
        first = before.setdefault((known.get(worker, worker), task), line)
        if first != line:
            faults.append(values.Fault(line, str(_is_there(worker, task, f"in line {first}"))))
        try:
            appeals.append(Appeal(worker, task, _drop_of(drop, paid_in), ruling, reason))
        except FlywheelError as error:
            faults.append(values.Fault(line, str(error)))
    values.refuse_all(path, faults)
    return appeals


def accepted(
    appeals: Iterable[Appeal], person_of: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Person -> number of its appeals that were accepted, by name; who has none is left out."""
    known = {} if person_of is None else person_of
    counts = Counter(
        known.get(appeal.worker, appeal.worker) for appeal in appeals if appeal.ruling == ACCEPTED
    )
    return dict(sorted(counts.items()))


def new_appeal(
    path: Path, worker: str, task: str, drop: int, reason: str, ruling: str = OPEN
) -> Appeal:
    """Adds a line to the file, which is made if it is missing, and returns what the line says.

    The file is replaced as a whole. Raises `FlywheelError`, and leaves it as it is, if a value
    cannot be read, the worker has a line of this task already, or the file's lines are of another
    drop.
    """
    if ruling not in RULINGS:
        raise _bad_ruling(ruling)
    appeal = Appeal(
        worker=job_files.value_of(worker, "worker"),
        task=job_files.value_of(task, "task"),
        drop=_drop_of(str(drop)),
        ruling=ruling,
        reason=job_files.value_of(reason, "reason"),
    )
    with job_files.replaced(path) as file:
        for other in read_appeals(path) if path.exists() else ():
            if (other.worker, other.task) == (appeal.worker, appeal.task):
                raise _is_there(appeal.worker, appeal.task, f"in {path}")
            if other.drop != appeal.drop:
                raise fix(
                    f"{path} has appeals of drop {other.drop}, which are paid in another drop",
                    f"Write those of drop {appeal.drop} to a file of their own",
                )
        file.write(job_files.with_row(path, COLUMNS, [str(cell) for cell in astuple(appeal)]))
    return appeal


def _drop_of(text: str, paid_in: int | None = None) -> int:
    """The number of a drop. Raises `FlywheelError` if it is none, or `paid_in` does not pay it."""
    number = values.whole_number(text, "drop")
    if not number or str(number) != text:
        raise fix(f"drop '{shown(text)}' is no number of a drop", "Write 1 or more in digits")
    if paid_in == 1:
        raise fix("no drop was before the first, so nothing of it can be appealed", "Take it out")
    if paid_in is not None and number != paid_in - 1:
        raise fix(
            f"it is of drop {number}; drop {paid_in} pays appeals of drop {paid_in - 1} only",
            "Take it out: the drop after the one that it is about pays it, or none",
        )
    return number


def _bad_ruling(ruling: str) -> FlywheelError:
    return fix(f"the ruling '{shown(ruling)}' is unknown", f"Write {', '.join(RULINGS)}")


def _is_there(worker: str, task: str, place: str) -> FlywheelError:
    return fix(
        f"worker '{shown(worker)}' has an appeal of task '{shown(task)}' already, {place}",
        "Change that line; one person and task have one ruling",
    )

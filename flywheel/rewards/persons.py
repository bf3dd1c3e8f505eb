"""Workers who are one and the same person, as a curator's file says it."""

from pathlib import Path

from flywheel.reading import values
from flywheel.reading.texts import shown
from flywheel.rewards.job_tables import read_table

COLUMNS = ("worker", "person")


def read_persons(path: Path | None) -> dict[str, str]:
    """Worker -> its person, of a CSV file with the columns worker, person; nobody without one.

    A person is no worker of another person. Raises `FlywheelError` with the lines of all faults.
    """
    if path is None:
        return {}
    table = read_table(path, COLUMNS, "worker")
    person_of = dict(zip(table["worker"], table["person"], strict=True))
    values.refuse_all(
        path,
        [
            values.Fault(
                int(line),
                f"'{shown(person)}' is said to be '{shown(person_of[person])}' itself. "
                "Name that one.",
            )
            for line, person in zip(table.index, table["person"], strict=True)
            if person_of.get(person, person) != person
        ],
    )
    return person_of

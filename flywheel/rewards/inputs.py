"""The files from which a drop's amounts are computed, as they lie in the folder `inputs` of a
publication; those of a labelling job. docs/reference/rewards.md says what each holds.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import ClassVar

from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.rewards import appeals, consent, earnings, persons, rules, scoring
from flywheel.rewards.appeals import Appeal
from flywheel.rewards.earnings import Earned
from flywheel.rewards.judgements import PARQUET, Job
from flywheel.rewards.leaves import Domain
from flywheel.rewards.persons import read_persons
from flywheel.rewards.rules import LabelRule

FOLDER = "inputs"
RULE = "rule.yaml"
ADDRESSES = "addresses.csv"
SUPPRESSION = "suppression.csv"


@dataclass(frozen=True)
class JobFiles:
    """The files of a labelling job; None for what there is none of. `consent` is private: of it
    only the salted list is published."""

    kind: ClassVar[str] = rules.LABELS
    labels: Path
    rule: Path | None = None
    gold: Path | None = None
    tasks: Path | None = None
    persons: Path | None = None
    appeals: Path | None = None
    consent: Path | None = None

    @classmethod
    def published(cls, folder: Path) -> "JobFiles":
        """Those of a publication's folder `inputs`."""
        return cls(
            labels=known(folder, f"labels{PARQUET}") or folder / "labels.csv",
            rule=known(folder, RULE),
            gold=known(folder, "gold.csv"),
            tasks=known(folder, "tasks.csv"),
            persons=known(folder, "persons.csv"),
            appeals=known(folder, "appeals.csv"),
        )

    def read_rule(self) -> LabelRule:
        return LabelRule() if self.rule is None else rules.read_as(self.rule, LabelRule)

    def open(self) -> Job:
        """The job, without the workers who withdrew their consent."""
        requests = [] if self.consent is None else consent.read_requests(self.consent)
        rule = self.read_rule()
        job = Job(
            self.labels,
            self.gold,
            self.tasks,
            self.persons,
            frozenset(request.worker for request in requests),
        )
        try:
            if self.consent is not None:
                consent.refuse_unknown(self.consent, requests, job.strangers)
            if rule.most_judges and not job.has_times:
                raise fix(
                    f"{self.rule}: most_judges needs to know who came first",
                    f"Give {self.labels} a column time, or leave most_judges out",
                )
        except FlywheelError:
            job.close()
            raise
        return job

    def stage(self, folder: Path, drop: Domain | None = None) -> None:
        """As `earnings.Files` has it. Of who left no line is published."""
        rule = self.read_rule()
        person_of = read_persons(self.persons)
        listed = self._appeals(drop, person_of)
        begin(folder, rule)
        names = ["gold", "tasks"] + (["persons", "appeals"] if self.consent is None else [])
        for name in names:
            path = getattr(self, name)
            if path is not None:
                copy(path, folder / f"{name}.csv")
        if self.consent is None:
            copy(self.labels, folder / f"labels{_ending(self.labels)}")
            return
        with self.open() as job:
            job.write(folder / "labels.csv")
        requests = consent.read_requests(self.consent)
        consent.write_suppression(folder / SUPPRESSION, requests)
        gone = consent.leaving(requests, person_of)
        stay = [pair for pair in person_of.items() if pair[1] not in gone]
        _write(folder / "persons.csv", persons.COLUMNS, stay)
        contested = [
            astuple(item) for item in listed if person_of.get(item.worker, item.worker) not in gone
        ]
        _write(folder / "appeals.csv", appeals.COLUMNS, contested)

    def _appeals(self, drop: Domain | None, person_of: dict[str, str]) -> list[Appeal]:
        """All that `drop` may pay. Raises `FlywheelError` with the lines of all others."""
        if self.appeals is None:
            return []
        if drop is None:
            raise fix(f"{self.appeals} is for one drop", "Say which one pays the appeals")
        return appeals.read_appeals(self.appeals, drop.number, person_of)

    def earn(self, drop: Domain | None = None) -> Earned:
        """As `earnings.Files` has it."""
        person_of = read_persons(self.persons)
        granted = appeals.accepted(self._appeals(drop, person_of), person_of)
        with self.open() as job:
            workers = scoring.score(job, self.read_rule()).workers
        points = {item.worker: item.points for item in workers}
        for worker, count in granted.items():
            points[worker] = points.get(worker, 0) + count * earnings.APPEAL_POINTS
        return Earned(points, _table(workers, granted, points))

    def check(self, suite: Suite, addresses: Path | None) -> "JobFiles":
        """As `earnings.Files` has it: the chain knows nothing of labels."""
        return self


def _table(
    workers: list[scoring.WorkerScore], granted: dict[str, int], points: dict[str, int]
) -> bytes:
    found = {item.worker: (item.counted, item.quality) for item in workers}
    return earnings.table_of(
        ("worker", "judgements", "quality", "appeals", "points"),
        (
            (worker, *found.get(worker, (0, 0)), granted.get(worker, 0), points[worker])
            for worker in sorted(points)
        ),
    )


def _write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Writes a CSV file, if there is a row."""
    if rows:
        path.write_bytes(earnings.table_of(columns, rows))


def write_addresses(path: Path, accounts: Iterable[tuple[str, str]]) -> None:
    """Writes worker,address in the order of the workers' names."""
    path.write_bytes(earnings.table_of(("worker", "address"), sorted(accounts)))


# --- for all kinds of work ---


def known(folder: Path, name: str) -> Path | None:
    """A file of a folder; None if it is not there."""
    return folder / name if (folder / name).is_file() else None


def begin(folder: Path, rule: rules.Rule) -> None:
    """Makes the folder `inputs`, with the rule in it."""
    folder.mkdir(parents=True)
    (folder / RULE).write_text(rules.text_of(rule), encoding="utf-8")


def copy(source: Path, target: Path) -> None:
    """Copies a file, byte for byte. Raises `FlywheelError`."""
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise FlywheelError(f"Cannot copy {source}: {error.strerror}.") from None


def _ending(path: Path) -> str:
    return PARQUET if path.suffix == PARQUET else ".csv"

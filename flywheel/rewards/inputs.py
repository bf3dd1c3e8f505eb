"""The files from which a drop's amounts are computed, as they lie in the folder `inputs` of a
publication; those of a labelling job. docs/reference/rewards.md says what each holds.
"""

import csv
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.rewards import appeals, consent, earnings, rules, scoring
from flywheel.rewards.earnings import Earned
from flywheel.rewards.judgements import PARQUET, Job
from flywheel.rewards.leaves import Domain
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
        gone = () if self.consent is None else consent.read_requests(self.consent)
        rule = self.read_rule()
        job = Job(
            self.labels,
            self.gold,
            self.tasks,
            self.persons,
            frozenset(request.worker for request in gone),
        )
        if rule.most_judges and not job.has_times:
            job.close()
            raise fix(
                f"{self.rule}: most_judges needs to know who came first",
                f"Give {self.labels} a column time, or leave most_judges out",
            )
        return job

    def stage(self, folder: Path, drop: Domain | None = None) -> None:
        """As `earnings.Files` has it; what is staged is the same for every drop."""
        begin(folder, self.read_rule())
        for name in ("gold", "tasks", "persons", "appeals"):
            path = getattr(self, name)
            if path is not None:
                copy(path, folder / f"{name}.csv")
        if self.consent is None:
            copy(self.labels, folder / f"labels{_ending(self.labels)}")
            return
        requests = consent.read_requests(self.consent)
        consent.write_suppression(folder / SUPPRESSION, requests)
        with self.open() as job:
            job.write(folder / "labels.csv")

    def earn(self, drop: Domain | None = None) -> Earned:
        """As `earnings.Files` has it."""
        granted = {}
        if self.appeals is not None:
            granted = appeals.accepted(appeals.read_appeals(self.appeals))
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


def write_addresses(path: Path, accounts: Iterable[tuple[str, str]]) -> None:
    """Writes worker,address in the order of the workers' names."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("worker", "address"))
        writer.writerows(sorted(accounts))


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

"""Testing: who found what, how severe it is, and what was ruled; points by severity.

docs/reference/rewards.md says what each file holds.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.reading import values
from flywheel.reading.texts import shown
from flywheel.rewards import earnings, inputs, rules
from flywheel.rewards.earnings import Earned
from flywheel.rewards.job_tables import read_table
from flywheel.rewards.leaves import Domain
from flywheel.rewards.persons import read_persons
from flywheel.rewards.rules import ReportRule

COLUMNS = ("worker", "report", "severity", "ruling", "reason")
ACCEPTED = "accepted"
RULINGS = (ACCEPTED, "refused", "duplicate", "open")
REPORTS, PERSONS = "reports.csv", "persons.csv"


@dataclass(frozen=True)
class Report:
    """One line of the file; the reason is for people."""

    worker: str
    report: str
    severity: str
    ruling: str


@dataclass(frozen=True)
class ReportFiles:
    """The files of a testing campaign. `persons`: workers who are one and the same."""

    kind: ClassVar[str] = rules.REPORTS
    reports: Path
    rule: Path
    persons: Path | None = None

    @classmethod
    def published(cls, folder: Path) -> "ReportFiles":
        """Those of a publication's folder `inputs`."""
        return cls(folder / REPORTS, folder / inputs.RULE, inputs.known(folder, PERSONS))

    def stage(self, folder: Path, drop: Domain) -> None:
        """As `earnings.Files` has it; faults are told of the files that were given."""
        self.earn(drop)
        inputs.begin(folder, rules.read_as(self.rule, ReportRule))
        inputs.copy(self.reports, folder / REPORTS)
        if self.persons is not None:
            inputs.copy(self.persons, folder / PERSONS)

    def earn(self, drop: Domain | None) -> Earned:
        """As `earnings.Files` has it: the points of all accepted reports of a worker."""
        rule = rules.read_as(self.rule, ReportRule)
        person_of = read_persons(self.persons)
        points: Counter[str] = Counter()
        accepted: Counter[str] = Counter()
        for report in read_reports(self.reports, rule):
            worker = person_of.get(report.worker, report.worker)
            is_accepted = report.ruling == ACCEPTED
            accepted[worker] += is_accepted
            points[worker] += rule.points[report.severity] if is_accepted else 0
        table = earnings.table_of(
            ("worker", "accepted", "points"),
            [(worker, accepted[worker], points[worker]) for worker in sorted(points)],
        )
        return Earned(dict(points), table, earnings.POINTS_FILE)

    def check(self, suite: Suite, addresses: Path | None) -> "ReportFiles":
        """As `earnings.Files` has it: the chain knows nothing of reports."""
        return self


def read_reports(path: Path, rule: ReportRule) -> list[Report]:
    """The reports of a CSV file, in its order, each id once. Raises `FlywheelError` with the lines
    of all faults; a severity that the rule does not know is one."""
    table = read_table(path, COLUMNS, "report")
    reports, faults = [], []
    for line, *cells in table.itertuples():
        report = Report(*cells[:-1])
        for what, value, allowed in [
            ("severity", report.severity, tuple(rule.points)),
            ("ruling", report.ruling, RULINGS),
        ]:
            if value not in allowed:
                error = fix(
                    f"the {what} '{shown(value)}' is unknown", f"Write one of {', '.join(allowed)}"
                )
                faults.append(values.Fault(int(line), str(error)))
        reports.append(report)
    values.refuse_all(path, faults)
    return reports

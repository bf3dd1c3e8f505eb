"""From measured rows to verdicts and to the page. Nothing here needs a node."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import yaml

from benchmarks.rows import ELSEWHERE, OURS, Row

HERE = Path(__file__).resolve().parent
# Growth with the number of others that counts as none: hashes and addresses differ in zero bytes.
TOLERANCE = 0.01

REACHED, MISSED, ACCEPTED, OPEN = "yes", "no", "no, accepted", ""


@dataclass(frozen=True)
class Operation:
    """A line of operations.yaml."""

    operation: str
    title: str
    state: str
    limit: int | None
    must_reach: int | None
    elsewhere: dict[str, int]


@dataclass(frozen=True)
class Exceptions:
    """exceptions.yaml: targets that are known to be missed, and by how much, and what is left out.

    `misses`: operation -> (most gas that is accepted, reason). `unmeasured`: operation -> reason.
    """

    misses: dict[str, tuple[int, str]] = field(default_factory=dict)
    unmeasured: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What came of one operation. `ours` is None if it was not measured."""

    operation: Operation
    ours: int | None
    peers: dict[str, int]
    reached: str

    @property
    def best_peer(self) -> int | None:
        return min(self.peers.values(), default=None)

    @property
    def ratio(self) -> float | None:
        """Ours over the cheapest of the others."""
        if self.ours is None or self.best_peer is None:
            return None
        return self.ours / self.best_peer


def load_operations(path: Path = HERE / "operations.yaml") -> list[Operation]:
    return [Operation(**line) for line in yaml.safe_load(path.read_text(encoding="utf-8"))]


def load_exceptions(path: Path = HERE / "exceptions.yaml") -> Exceptions:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Exceptions(
        {one["operation"]: (one["at_most"], one["reason"]) for one in found["misses"]},
        {one["operation"]: one["reason"] for one in found["unmeasured"]},
    )


def to_rows(
    operations: Sequence[Operation], measured: Iterable[tuple[str, str, str, int]]
) -> list[Row]:
    """Rows of what was measured, (operation, state, subject, gas), and of what others measured."""
    known = {one.operation: one for one in operations}
    rows = []
    for operation, state, subject, gas in measured:
        line = known[operation]
        limit = line.limit if state == line.state else None
        rows.append(Row(operation, state, subject, gas, limit))
    rows += [
        Row(one.operation, ELSEWHERE, subject, gas, one.limit)
        for one in operations
        for subject, gas in one.elsewhere.items()
    ]
    return rows


def judge(
    operations: Sequence[Operation], rows: Sequence[Row], exceptions: Exceptions
) -> list[Verdict]:
    verdicts = []
    for one in operations:
        of_target = [
            row
            for row in rows
            if row.operation == one.operation and row.state in (one.state, ELSEWHERE)
        ]
        gas = {row.subject: row.gas for row in of_target}
        ours = gas.pop(OURS, None)
        verdicts.append(Verdict(one, ours, gas, _reached(one, ours, exceptions)))
    return verdicts


def _reached(operation: Operation, ours: int | None, exceptions: Exceptions) -> str:
    if ours is None or operation.must_reach is None:
        return OPEN
    if ours <= operation.must_reach:
        return REACHED
    most, _ = exceptions.misses.get(operation.operation, (0, ""))
    return ACCEPTED if ours <= most else MISSED


def faults(verdicts: Sequence[Verdict], exceptions: Exceptions) -> list[str]:
    """Why the run fails: a target missed that nobody accepted, one not measured, a wrong name."""
    found = []
    for verdict in verdicts:
        name, target = verdict.operation.operation, verdict.operation.must_reach
        if verdict.reached == MISSED:
            most = exceptions.misses.get(name, (target, ""))[0]
            found.append(f"{name}: {verdict.ours:,} gas, at most {most:,} allowed")
        if verdict.ours is None and name not in exceptions.unmeasured:
            found.append(f"{name}: was not measured")
    known = {verdict.operation.operation for verdict in verdicts}
    named = (*exceptions.misses, *exceptions.unmeasured)
    return [
        *found,
        *(f"{name}: is excepted, but no operation" for name in named if name not in known),
    ]


def stale(verdicts: Sequence[Verdict], exceptions: Exceptions) -> list[str]:
    """Exceptions that are none any more: their lines can go."""
    reached = {one.operation.operation for one in verdicts if one.reached == REACHED}
    measured = {one.operation.operation for one in verdicts if one.ours is not None}
    return [
        *(name for name in exceptions.misses if name in reached),
        *(name for name in exceptions.unmeasured if name in measured),
    ]


# --- scaling ---


Scaling = dict[str, dict[int, int]]


def growth(gas_by_size: dict[int, int]) -> float:
    """Largest relative difference from the smallest number of others."""
    base = gas_by_size[min(gas_by_size)]
    return max(abs(gas - base) / base for gas in gas_by_size.values())


def scaling_faults(scaling: Scaling) -> list[str]:
    return [
        f"{operation}: differs by {growth(gas):.2%} among {min(gas):,} and {max(gas):,} others"
        for operation, gas in scaling.items()
        if growth(gas) > TOLERANCE
    ]


def scaling_table(small: Scaling, large: Scaling) -> list[dict[str, Any]]:
    """Lines of the page. `large` was measured by another run, from a smallest size of its own."""
    lines = []
    for operation, gas in small.items():
        others = large.get(operation, {})
        is_current = bool(others) and others[min(others)] == gas.get(min(others))
        sizes = gas | others if is_current else gas
        lines.append({"operation": operation, "gas": sizes, "growth": growth(sizes)})
    return lines


# --- page ---


def render(
    verdicts: Sequence[Verdict],
    rows: Sequence[Row],
    exceptions: Exceptions,
    scaling: Sequence[dict[str, Any]],
    versions: dict[str, str],
) -> str:
    """RESULTS.md."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["gas"] = lambda gas: "" if gas is None else f"{gas:,}"
    environment.filters["ratio"] = lambda ratio: "" if ratio is None else f"{ratio:.2f}"
    environment.filters["percent"] = lambda share: f"{share:.2%}"
    sizes = sorted({size for line in scaling for size in line["gas"]})
    measured = [row for row in rows if row.state != ELSEWHERE]
    return environment.get_template("RESULTS.md.j2").render(
        verdicts=verdicts,
        measured=measured,
        exceptions=exceptions,
        scaling=scaling,
        sizes=sizes,
        versions=versions,
        tolerance=TOLERANCE,
        here=[row.subject for row in measured if row.subject != OURS][:1],
    )

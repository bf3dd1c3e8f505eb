"""A licensee's periods from a CSV file: read, checked as a whole, priced row by row.

Columns: `license` or `model`, `period`, `revenue`, and if wanted `units` and `evidence`. Nothing
here reads or sends anything on a chain: what the chain knows of the licences is handed in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import pandas as pd
from eth_utils import keccak

from flywheel.errors import FlywheelError, fix
from flywheel.licensing.dues import Cost, Outlook
from flywheel.licensing.licenses import Licence, Report
from flywheel.reading import tables, values
from flywheel.reading.texts import shown
from flywheel.reading.values import Fault
from flywheel.wording.lexicon import show_time

COLUMNS = ("license", "model", "period", "revenue", "units", "evidence")
ALIASES = {"licence": "license"}
# What the market takes.
MAX_REVENUE = 2**112 - 1
MAX_UNITS = 2**64 - 1
# 34 digits, 36 decimals, and what groups them.
LONGEST_REVENUE = 100


@dataclass(frozen=True)
class Row:
    """One line. Of `license_id` and `model_id` one may be 0, which is "not given"."""

    line: int
    license_id: int
    model_id: int
    period: int
    revenue: str
    units: int
    evidence_hash: bytes


class State(Enum):
    OPEN = "to report"
    DONE = "on chain already"
    SENT = "reported and paid"
    RECORDED = "in the Safe's file"
    FAILED = "failed"
    STOPPED = "not sent"


@dataclass
class Entry:
    """One row with its licence and its price; `paid` is known once it is sent."""

    row: Row
    license_id: int
    model_id: int
    revenue: int
    outlook: Outlook
    cost: Cost
    state: State
    paid: int = 0
    detail: str = ""

    @property
    def report(self) -> Report:
        row = self.row
        return Report(row.period, self.revenue, row.units, row.evidence_hash, self.cost.due, False)


@dataclass
class Standing:
    """What the chain knows of one licence: where it stands, and its reports by period."""

    licence: Licence
    outlook: Outlook
    may_act: bool
    history: dict[int, Report] = field(default_factory=dict)


# --- reading ---


def read(path: Path) -> tuple[list[Row], list[Fault]]:
    """All rows of the file that can be read, and the faults of the others.

    Raises `FlywheelError` if there is no such file, or its columns are not those of a batch.
    """
    remedy = "Give one row for each period to report"
    table = tables.read(path, remedy, lambda name: ALIASES.get(name.lower(), name.lower()))
    _check_columns(path, table)
    table.require_rows(remedy)
    rows: list[Row] = []
    table.each(lambda row: rows.append(_row(row.line, row.cells, path.parent)))
    return rows, table.faults


def _check_columns(path: Path, table: tables.Table) -> None:
    where = f"{path}, line {table.header_line}"
    known = f"Columns are {', '.join(COLUMNS)}; license or model, the last two may be left out"
    for name in table.columns:
        if name not in COLUMNS:
            raise fix(f"{where}: there is no column '{shown(name)}'", known)
    for needed in ("period", "revenue"):
        if needed not in table.columns:
            raise fix(f"{where}: column '{needed}' is missing", known)
    if "license" not in table.columns and "model" not in table.columns:
        raise fix(f"{where}: column 'license' or 'model' is missing", known)


def _row(line: int, cells: dict[str, str], folder: Path) -> Row:
    license_id, model_id = (_number(cells, name) for name in ("license", "model"))
    if not license_id and not model_id:
        raise fix("neither license nor model is given", "Write the number of one")
    period = _number(cells, "period")
    if not period:
        raise fix("the period is missing", "Periods are counted from 1")
    revenue = cells["revenue"]
    if not revenue:
        raise fix("the revenue is missing", "Write 0 if there was none")
    if len(revenue) > LONGEST_REVENUE:
        raise fix(f"revenue {shown(revenue)} is too long", "Check the figure")
    units = _number(cells, "units")
    if units > MAX_UNITS:
        raise fix(f"{shown(units)} units are too many", "Check the figure")
    digest = _evidence(cells.get("evidence", ""), folder)
    return Row(line, license_id, model_id, period, revenue, units, digest)


def _number(cells: dict[str, str], name: str) -> int:
    text = cells.get(name, "")
    return values.whole_number(text, name) if text else 0


def _evidence(name: str, folder: Path) -> bytes:
    """keccak256 of an evidence file beside the CSV file; zeros if none is named."""
    if not name:
        return bytes(32)
    try:
        return bytes(keccak((folder / name).read_bytes()))
    except OSError as error:
        raise fix(
            f"evidence {shown(name)}: {error.strerror}", f"Paths count from the folder {folder}"
        ) from None


# --- checking ---


def plan(
    rows: Iterable[Row], standings: dict[int, Standing], owned: dict[int, list[int]]
) -> tuple[list[Entry], list[Fault]]:
    """The rows priced in their order, and the faults of those that cannot be reported.

    `standings` by licence; `owned` the licences of a model that the sender may report for.
    """
    entries: list[Entry] = []
    faults: list[Fault] = []
    lines: dict[tuple[int, int], int] = {}
    broken: set[int] = set()
    for row in rows:
        license_id = 0
        try:
            license_id = _license_of(row, standings, owned)
            _refuse_repeats(row, license_id, lines)
            if license_id in broken:
                continue
            entries.append(_entry(row, license_id, standings[license_id]))
        except FlywheelError as error:
            faults.append(Fault(row.line, str(error)))
            # What follows in the same licence would only repeat the fault.
            broken.add(license_id)
    return entries, faults


def _license_of(row: Row, standings: dict[int, Standing], owned: dict[int, list[int]]) -> int:
    license_id = row.license_id
    if not license_id:
        found = owned.get(row.model_id, [])
        if not found:
            raise fix(f"you hold no licence of model {row.model_id}", "Give the account that does")
        if len(found) > 1:
            listed = ", ".join(map(str, found))
            raise fix(
                f"you hold licences {listed} of model {row.model_id}",
                "Say which in a column 'license'",
            )
        license_id = found[0]
    standing = standings.get(license_id)
    if standing is None:
        raise fix(f"there is no licence {license_id}", "See 'ape run license status'")
    if row.model_id and row.model_id != standing.licence.model_id:
        raise fix(
            f"licence {license_id} is of model {standing.licence.model_id}, not {row.model_id}",
            "Correct one of them",
        )
    if not standing.may_act:
        raise fix(
            f"licence {license_id} belongs to {standing.licence.licensee}",
            "Give its account with --account, or let it name yours: ape run license set-reporter",
        )
    return license_id


def _refuse_repeats(row: Row, license_id: int, lines: dict[tuple[int, int], int]) -> None:
    before = lines.setdefault((license_id, row.period), row.line)
    if before != row.line:
        raise fix(
            f"period {row.period} of licence {license_id} is in line {before} already",
            "Keep one of them",
        )
    latest = max(period for number, period in lines if number == license_id)
    if latest > row.period:
        raise fix(
            f"period {row.period} of licence {license_id} comes after period {latest}",
            "Order the rows by period",
        )


def _entry(row: Row, license_id: int, standing: Standing) -> Entry:
    outlook = standing.outlook
    revenue = outlook.unit.units(row.revenue)
    if revenue > MAX_REVENUE:
        raise fix(f"revenue {row.revenue} is too large", "Check the figure")
    model_id = standing.licence.model_id
    if row.period <= standing.licence.periods_reported:
        known = _same_on_chain(row, revenue, standing)
        done = Cost(known.due, 0, 0, 0, 0, 0, "")
        return Entry(row, license_id, model_id, revenue, outlook, done, State.DONE)
    if not outlook.next_period:
        raise fix(
            f"licence {license_id} has no period {row.period}",
            "Renew it with 'ape run license renew'",
        )
    if row.period != outlook.next_period:
        missing = outlook.next_period
        raise fix(
            f"period {missing} of licence {license_id} is missing before period {row.period}",
            "Add its row",
        )
    if outlook.now < outlook.next_ends_at:
        raise fix(
            f"period {row.period} of licence {license_id} has not ended",
            f"Report it from {show_time(outlook.next_ends_at)} on",
        )
    cost = outlook.report(revenue, row.units)
    return Entry(row, license_id, model_id, revenue, outlook, cost, State.OPEN)


def _same_on_chain(row: Row, revenue: int, standing: Standing) -> Report:
    """The report that is on chain. Raises `FlywheelError` if it says something else."""
    unit = standing.outlook.unit
    known = standing.history.get(row.period)
    what = f"period {row.period} of licence {standing.licence.license_id}"
    if known is None or known.estimated:
        raise fix(f"{what} is on chain, but its report is not to be found", "Ask a full node")
    differs = []
    if known.revenue != revenue:
        differs.append(f"revenue {unit.show(known.revenue)}")
    if known.units != row.units:
        differs.append(f"{known.units:,} units")
    if known.evidence_hash != row.evidence_hash:
        differs.append(f"evidence 0x{known.evidence_hash.hex()}")
    if differs:
        raise fix(
            f"{what} is on chain with {', '.join(differs)}",
            "Correct the row: only an assessment by vote changes a report",
        )
    return known


def refuse(path: Path, faults: Iterable[Fault]) -> list[str]:
    """The faults as lines for people, in the order of the file."""
    return [f"{path}, line {item.line}: {item.text}" for item in sorted(faults, key=_line)]


def _line(fault: Fault) -> int:
    return fault.line


# --- results ---


def table(entries: Iterable[Entry]) -> pd.DataFrame:
    """The rows with what each owes and why, amounts as text with their asset."""
    return pd.DataFrame(
        [
            {
                "Line": item.row.line,
                "Licence": item.license_id,
                "Model": item.model_id,
                "Period": item.row.period,
                "Revenue": item.outlook.unit.show(item.revenue),
                "Units": item.row.units,
                "Due": item.outlook.unit.show(item.cost.due),
                "Interest": item.outlook.unit.show(item.cost.interest),
                "Arrears": item.outlook.unit.show(item.cost.arrears),
                "Credit": item.outlook.unit.show(item.cost.credit),
                "To pay": item.outlook.unit.show(item.cost.to_pay),
                "Paid": item.outlook.unit.show(item.paid),
                "State": item.state.value,
                "Why": item.detail or item.cost.why,
            }
            for item in entries
        ]
    )


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Writes `table` as CSV, as a whole or not at all."""
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        table(entries).to_csv(partial, index=False, lineterminator="\n")
        partial.replace(path)
    except OSError as error:
        raise fix(f"Cannot write {path}: {error.strerror}", "Give another --out") from None

"""The `emissions.csv` of CodeCarbon, versions 2 and 3.

Each row holds the totals since its run began: `flush()` and `stop()` append another one with the
same `run_id`. So the last row of a run counts, and the runs of a file are summed.

Since 2.2.3, which brought the column `pue`, the energies and the emissions have the PUE in them
(`energy *= self._pue` in `_do_measurements` of codecarbon/emissions_tracker.py, in 2.2.3 to 3.3.2).
Its default is 1, which is no data centre's: then the caller may give the real one.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from flywheel.amounts import BPS
from flywheel.energy import figures, measured_file
from flywheel.energy.estimate import joined
from flywheel.energy.figures import Figures, Filing
from flywheel.errors import fix
from flywheel.reading import tables, texts, values
from flywheel.reading.tables import Row, Table
from flywheel.reading.texts import shown
from flywheel.reading.values import Fault

REMEDY = "Give the emissions.csv of CodeCarbon 2 or 3"
NEEDED = (
    "timestamp",
    "run_id",
    "duration",
    "emissions",
    "cpu_energy",
    "gpu_energy",
    "ram_energy",
    "energy_consumed",
    "country_iso_code",
    "region",
    "cpu_model",
    "gpu_count",
    "gpu_model",
)
# The grid may change while a run goes on, and is rounded up to whole grams.
TOLERANCE_BPS = 500
_TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_MAX_KWH = figures.MAX_ENERGY_WH // 1_000
_MAX_KG = figures.MAX_EMISSIONS_GRAMS // 1_000
_MAX_GPUS = 1_000_000
_VERSION = re.compile(r"[0-9A-Za-z.+-]{0,16}")
_NAMED_VERSIONS = 3
# By how much the parts of an energy may differ from their sum: CodeCarbon adds floats.
_SLACK = Fraction(1, 1_000)


@dataclass(frozen=True)
class Run:
    """What one run took in all: its last row. `rows`: how many it has."""

    line: int
    rows: int
    run_id: str
    version: str
    ended: datetime
    seconds: Fraction
    energy_kwh: Fraction
    gpu_kwh: Fraction
    emissions_kg: Fraction
    pue: Fraction
    gpus: Fraction
    hardware: str
    region: str


@dataclass(frozen=True)
class Tracked:
    """One report, the runs that it sums, and what somebody who checks it should know."""

    figures: Figures
    runs: tuple[Run, ...]
    remarks: tuple[str, ...]


def read(path: Path, filing: Filing, pue_bps: int | None = None) -> Tracked:
    """The report of all runs in the file.

    `pue_bps`: of the data centre, if the tracker was not told it. Raises `FlywheelError`.
    """
    file = measured_file.read(path, REMEDY)
    table = file.table
    if "task_name" in table.columns:
        raise fix(f"{path} holds tasks, which overlap", "Give emissions.csv of the same folder")
    measured_file.require(table, NEEDED, REMEDY)
    table.require_rows(REMEDY)
    runs = _runs(table)
    if pue_bps is not None and any(run.pue != 1 for run in runs):
        raise fix(f"{path} has the PUE in its figures already", "Leave the PUE out")
    factor = Fraction(BPS if pue_bps is None else pue_bps, BPS)
    found = _figures(runs, factor, file.evidence_hash, filing)
    return Tracked(found.filed(filing), runs, tuple(_remarks(runs, pue_bps)))


def _figures(
    runs: tuple[Run, ...], factor: Fraction, evidence_hash: bytes, filing: Filing
) -> Figures:
    """The sum of the runs, their energy times `factor`."""
    energy = sum((run.energy_kwh for run in runs), Fraction(0)) * factor * 1_000
    emissions = sum((run.emissions_kg for run in runs), Fraction(0)) * factor * 1_000
    gpu_energy = sum((run.gpu_kwh for run in runs), Fraction(0)) * factor * 1_000
    grid = emissions * 1_000 / energy if energy else Fraction(0)
    versions = sorted({run.version for run in runs if run.version}) or ["2"]
    named = "+".join(versions) if len(versions) <= _NAMED_VERSIONS else "of several versions"
    return Figures(
        phase=filing.phase,
        energy_wh=math.ceil(energy),
        emissions_grams=math.ceil(emissions),
        pue_bps=math.ceil(max(run.pue for run in runs) * factor * BPS),
        duration_seconds=_wall_clock(runs),
        gpu_seconds=math.ceil(sum((run.seconds * run.gpus for run in runs), Fraction(0))),
        grid_grams_per_kwh=math.ceil(grid),
        # GPUs are measured by their sensors. Of CPU and memory the file does not say whether they
        # were measured or modelled.
        measured=gpu_energy * 2 >= energy,
        hardware=joined(run.hardware for run in runs),
        region=joined(run.region for run in runs),
        method=f"CodeCarbon {named}: GPU by NVML, CPU by RAPL or TDP, memory by size",
        tolerance_bps=TOLERANCE_BPS,
        evidence_hash=evidence_hash,
        evidence_uri=filing.evidence_uri,
    ).explained(grid)


def _wall_clock(runs: Iterable[Run]) -> int:
    """Seconds in which at least one run went on, rounded up: runs of several nodes overlap."""
    spans = sorted((run.ended - _whole_seconds(run), run.ended) for run in runs)
    total, until = 0, spans[0][0]
    for begun, ended in spans:
        total += max(0, int((ended - max(begun, until)).total_seconds()))
        until = max(until, ended)
    return total


def _whole_seconds(run: Run) -> timedelta:
    return timedelta(seconds=math.ceil(run.seconds))


def _remarks(runs: tuple[Run, ...], pue_bps: int | None) -> list[str]:
    found = []
    if pue_bps is None and all(run.pue == 1 for run in runs):
        found.append("The PUE is CodeCarbon's default of 1.0: give that of the data centre")
    # Times are whole seconds: a run that follows another seems to begin up to two before its end.
    in_a_row = sum(math.ceil(run.seconds) for run in runs) - 2 * len(runs)
    if in_a_row > _wall_clock(runs):
        found.append(
            "Runs overlap in time: if two of them tracked one machine as a whole, it counts twice"
        )
    return found


# --- rows ---


def _runs(table: Table) -> tuple[Run, ...]:
    """The runs in the order of the file. Raises one `FlywheelError` with all faults."""
    runs: dict[str, Run] = {}
    table.faults = [_explained(fault) for fault in table.faults]

    def add(row: Row) -> None:
        run = _run(row)
        before = runs.get(run.run_id)
        runs[run.run_id] = _continued(before, run) if before else run

    table.each(add)
    table.refuse_faults()
    return tuple(runs.values())


def _explained(fault: Fault) -> Fault:
    """A fault of the number of fields with what causes it."""
    if tables.MISCOUNTED not in fault.text:
        return fault
    cause = (
        "CodeCarbon 3.2.9 and 3.3.0 leave out empty columns when they append: have each run "
        "written to a file of its own."
    )
    return Fault(fault.line, f"{fault.text} {cause}")


def _continued(before: Run, run: Run) -> Run:
    """The run with a further row. Raises `FlywheelError` if a total fell."""
    for what, old, new in (
        ("duration", before.seconds, run.seconds),
        ("energy_consumed", before.energy_kwh, run.energy_kwh),
        ("emissions", before.emissions_kg, run.emissions_kg),
    ):
        if new < old:
            raise fix(
                f"{what} of run {shown(run.run_id)} falls below that of line {before.line}",
                "Rows of a run are running totals: give the file as CodeCarbon wrote it",
            )
    return Run(**{**vars(run), "rows": before.rows + 1})


def _run(row: Row) -> Run:
    cells = row.cells
    if not cells["run_id"]:
        raise fix("run_id is empty, so the row may repeat another", "Write the id of its run")
    energy = _number(cells, "energy_consumed", _MAX_KWH)
    parts = [_number(cells, f"{part}_energy", _MAX_KWH) for part in ("cpu", "gpu", "ram")]
    if abs(sum(parts, Fraction(0)) - energy) > energy * _SLACK:
        raise fix(
            f"energy_consumed {cells['energy_consumed']} is not cpu_energy + gpu_energy + "
            "ram_energy",
            "Give the file as CodeCarbon wrote it",
        )
    version = cells.get("codecarbon_version", "")
    if not _VERSION.fullmatch(version):
        raise fix(f"codecarbon_version '{shown(version)}' is none", "Write it as 2.8.5")
    pue = _number(cells, "pue", 10) if cells.get("pue") else Fraction(1)
    if pue < 1:
        raise fix(f"pue {cells['pue']} is below 1", "A data centre takes what its machines take")
    gpus = _number(cells, "gpu_count", _MAX_GPUS) if cells["gpu_count"] else Fraction(0)
    return Run(
        line=row.line,
        rows=1,
        run_id=cells["run_id"],
        version=version,
        ended=_time(cells["timestamp"]),
        seconds=_number(cells, "duration", figures.MAX_DURATION_SECONDS),
        energy_kwh=energy,
        gpu_kwh=parts[1],
        emissions_kg=_number(cells, "emissions", _MAX_KG),
        pue=pue,
        gpus=gpus,
        hardware=cells["gpu_model"] if gpus else cells["cpu_model"],
        region=_place(cells["country_iso_code"], cells["region"]),
    )


def _place(country: str, region: str) -> str:
    """Country and region, or the country alone where the chain has no room for both."""
    whole = f"{country} {region}".strip()
    return whole if texts.utf8_bytes(whole) <= figures.MAX_REGION else country


def _number(cells: dict[str, str], name: str, maximum: int) -> Fraction:
    if not cells[name]:
        raise fix(f"{name} is empty", "Give the file as CodeCarbon wrote it")
    return values.measurement(cells[name], name, maximum)


def _time(text: str) -> datetime:
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise fix(f"timestamp '{shown(text)}' is no time", "Write it as 2024-05-31T10:39:13")

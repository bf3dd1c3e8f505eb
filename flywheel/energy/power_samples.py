"""Samples of GPU power as nvidia-smi writes them into a CSV file:

    nvidia-smi --query-gpu=timestamp,index,uuid,name,power.draw --format=csv -l 1

Between two samples of a GPU the power is taken to go straight from one to the other (the
trapezoidal rule); all sums are of whole milliseconds and microwatts, without loss. Where the
samples are further apart than a limit there is a gap: it is counted, and its energy is left out
unless the caller says with which power to fill it.

What a sample is worth: the sensor of a board is accurate to some 5 W, and on A100 and H100 it sees
a quarter of the time (Yang et al. 2023, arXiv:2312.02741).
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path

from flywheel.amounts import BPS, show_bps
from flywheel.energy import figures, measured_file
from flywheel.energy.estimate import joined
from flywheel.energy.figures import Figures, Filing
from flywheel.errors import FlywheelError, fix
from flywheel.reading.tables import Row, Table
from flywheel.reading.texts import shown
from flywheel.reading.values import MAX_DIGITS, Fault

REMEDY = (
    "Write the file with: nvidia-smi --query-gpu=timestamp,index,uuid,name,power.draw "
    "--format=csv -l 1"
)
# Emissions are energy x grid by construction.
TOLERANCE_BPS = 100
METHOD = "GPU power by nvidia-smi, trapezoidal, {server} on top for the server, PUE"
# Power of the rest of a server beside that of its GPUs. A node of eight H100 drew 8.4 kW with its
# GPUs near full load, which is 5.6 kW: half as much again (Latif et al. 2025, arXiv:2412.08602).
SERVER_BPS = 5_000
MAX_SERVER_BPS = 40_000
LIMIT_SECONDS = 60

_POWER = re.compile(r"power\.draw(\.average|\.instant)?(?: ?\[(.*)\])?")
_VALUE = re.compile(r"([0-9]+)(?:\.([0-9]*))?(?: ?(W|mW|kW))?")
# What nvidia-smi writes instead of a value: [N/A], [Not Supported], [Unknown Error].
_NONE = re.compile(r"\[[A-Za-z /]+\]|N/A|ERR!")
_TIME = re.compile(
    r"(20[0-9]{2})/([0-9]{2})/([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,3}))?"
)
_MICROWATTS = {"mW": 10**3, "W": 10**6, "kW": 10**9}
_MILLISECONDS_PER_DAY = 86_400_000
_MICROWATT_MILLISECONDS_PER_WH = 10**6 * 1_000 * figures.SECONDS_PER_HOUR


class Filling(Enum):
    """With which power a gap is filled."""

    NONE = "left out"
    MAXIMUM = "the most that the GPU drew"
    RATED = "the rated power"


@dataclass(frozen=True)
class Gaps:
    """From how many seconds between two samples on there is a gap, and what is done with it."""

    limit_seconds: int = LIMIT_SECONDS
    filling: Filling = Filling.NONE
    rated_watts: int = 0


@dataclass(frozen=True)
class Site:
    """What the samples do not tell: where the GPUs are, and what runs beside them.

    `server_bps`: power of the rest of the server, as a share of that of its GPUs.
    """

    pue_bps: int
    grid_grams_per_kwh: int
    region: str
    server_bps: int = SERVER_BPS


@dataclass(frozen=True)
class Gpu:
    """What one GPU drew. `missing`: lines in which its sensor gave no value."""

    key: str
    name: str
    samples: int
    missing: int
    measured_milliseconds: int
    gap_milliseconds: int
    maximum_microwatts: int
    energy_wh: Fraction


@dataclass(frozen=True)
class Sampled:
    """One report, its GPUs, and what somebody who checks it should know."""

    figures: Figures
    gpus: tuple[Gpu, ...]
    measured_seconds: int
    gap_seconds: int
    remarks: tuple[str, ...]


@dataclass
class _Series:
    """The samples of one GPU: milliseconds since the year 1, microwatts, lines."""

    name: str
    times: list[int] = field(default_factory=list)
    powers: list[int] = field(default_factory=list)
    missing: int = 0
    last_line: int = 0
    last_time: int = 0


def read(path: Path, site: Site, filing: Filing, gaps: Gaps | None = None) -> Sampled:
    """The report of a file of samples. Raises `FlywheelError` with file and lines."""
    gaps = gaps or Gaps()
    _refuse_settings(site, gaps)
    file = measured_file.read(path, REMEDY)
    series = _series(file.table)
    begun = min(item.times[0] for item in series.values())
    ended = max(item.times[-1] for item in series.values())
    gpus = tuple(_gpu(key, item, begun, ended, gaps) for key, item in series.items())
    measured = sum(gpu.measured_milliseconds for gpu in gpus)
    missing = sum(gpu.gap_milliseconds for gpu in gpus)
    if not measured and not (missing and gaps.filling != Filling.NONE):
        raise fix(f"{path} has no two samples within {gaps.limit_seconds} s of one GPU", REMEDY)
    filled = 0 if gaps.filling == Filling.NONE else missing
    energy = sum((gpu.energy_wh for gpu in gpus), Fraction(0))
    energy *= Fraction((BPS + site.server_bps) * site.pue_bps, BPS * BPS)
    energy_wh = -(-energy.numerator // energy.denominator)
    found = Figures(
        phase=filing.phase,
        energy_wh=energy_wh,
        emissions_grams=-(-energy_wh * site.grid_grams_per_kwh // 1_000),
        pue_bps=site.pue_bps,
        duration_seconds=_seconds(ended - begun),
        gpu_seconds=_seconds(measured + filled),
        grid_grams_per_kwh=site.grid_grams_per_kwh,
        measured=filled <= measured,
        hardware=joined(gpu.name for gpu in gpus),
        region=site.region,
        method=METHOD.format(server=show_bps(site.server_bps)),
        tolerance_bps=TOLERANCE_BPS,
        evidence_hash=file.evidence_hash,
        evidence_uri=filing.evidence_uri,
        note=_note(missing, gaps),
    )
    remarks = tuple(_remarks(gpus, gaps))
    return Sampled(found.filed(filing), gpus, _seconds(measured), _seconds(missing), remarks)


def _refuse_settings(site: Site, gaps: Gaps) -> None:
    """Raises `FlywheelError` for what the caller cannot mean."""
    if gaps.limit_seconds <= 0:
        raise fix(f"A gap of more than {gaps.limit_seconds} s is no gap", "Give 1 s or more")
    if gaps.filling == Filling.RATED and not 0 < gaps.rated_watts <= figures.MAX_GPU_WATTS:
        raise fix("The rated power of a gap is not given", "Give watts of one GPU")
    if not 0 <= site.server_bps <= MAX_SERVER_BPS:
        raise fix(
            f"The rest of the server draws {site.server_bps:,} basis points of its GPUs' power",
            f"Give 0 to {MAX_SERVER_BPS:,}, which is four times it",
        )


def _seconds(milliseconds: int) -> int:
    """Whole seconds, rounded up."""
    return -(-milliseconds // 1_000)


def _note(missing: int, gaps: Gaps) -> str:
    if not missing:
        return ""
    if gaps.filling == Filling.NONE:
        return f"{_seconds(missing):,} GPU-seconds without samples are left out"
    return f"{_seconds(missing):,} GPU-seconds without samples count with {gaps.filling.value}"


def _remarks(gpus: tuple[Gpu, ...], gaps: Gaps) -> list[str]:
    found = []
    for gpu in gpus:
        if gpu.gap_milliseconds:
            seconds = _seconds(gpu.gap_milliseconds)
            found.append(f"GPU {shown(gpu.key)}: {seconds:,} s of gaps, {gaps.filling.value}")
        if gpu.missing:
            found.append(f"GPU {shown(gpu.key)}: {gpu.missing:,} lines without a value")
    return found


def _gpu(key: str, series: _Series, begun: int, ended: int, gaps: Gaps) -> Gpu:
    """Integrates one GPU between `begun` and `ended`, the first and last sample of all GPUs."""
    limit = gaps.limit_seconds * 1_000
    most = max(series.powers)
    # Twice the energy, which is whole; without the halves of the trapezoids.
    doubled = measured = missing = 0
    for index in range(1, len(series.times)):
        span = series.times[index] - series.times[index - 1]
        if span > limit:
            missing += span
        else:
            measured += span
            doubled += span * (series.powers[index] + series.powers[index - 1])
    # A GPU that begins late or ends early has a gap there.
    for span in (series.times[0] - begun, ended - series.times[-1]):
        missing += span if span > limit else 0
    if gaps.filling != Filling.NONE:
        power = most if gaps.filling == Filling.MAXIMUM else gaps.rated_watts * 10**6
        doubled += 2 * missing * power
    return Gpu(
        key=key,
        name=series.name,
        samples=len(series.times),
        missing=series.missing,
        measured_milliseconds=measured,
        gap_milliseconds=missing,
        maximum_microwatts=most,
        energy_wh=Fraction(doubled, 2 * _MICROWATT_MILLISECONDS_PER_WH),
    )


# --- rows ---


def _series(table: Table) -> dict[str, _Series]:
    """The samples by GPU, in the order of the file. Raises `FlywheelError` with all faults."""
    power, unit = _power_column(table)
    key = next((name for name in ("uuid", "gpu_uuid", "index") if name in table.columns), "")
    measured_file.require(table, ("timestamp", key or "uuid"), REMEDY)
    table.require_rows(REMEDY)
    header = dict(zip(table.columns, table.columns, strict=True))
    found: dict[str, _Series] = {}

    def add(row: Row) -> None:
        cells = row.cells
        if cells["timestamp"].lower() == "timestamp":
            # A logger that was started again into the same file writes its header again.
            if {name: cell.lower() for name, cell in cells.items()} != header:
                raise fix("the columns change here", "Give a file of its own for the rest")
            return
        _add(found, row, cells[key], cells[power], unit)

    table.each(add)
    table.refuse_faults()
    _refuse_silent(table, found)
    return found


def _refuse_silent(table: Table, found: dict[str, _Series]) -> None:
    if not found:
        raise fix(f"{table.path} has no samples", REMEDY)
    for name, series in found.items():
        if not series.times:
            table.faults.append(
                Fault(
                    series.last_line,
                    f"GPU {shown(name)} has no value of power in the whole file. Take its lines "
                    "out, and estimate it.",
                )
            )
    table.refuse_faults()


def _power_column(table: Table) -> tuple[str, str]:
    """The column of the power, and the unit that its heading states, if any."""
    named = {name: match for name in table.columns if (match := _POWER.fullmatch(name))}
    # `power.draw` is what all drivers have; others tell it as average or at one moment.
    order = ("", ".average", ".instant")
    for name, match in sorted(named.items(), key=lambda item: order.index(item[1][1] or "")):
        if match[2] is None:
            return name, ""
        unit = {key.lower(): key for key in _MICROWATTS}.get(match[2])
        if unit is None:
            raise fix(
                f"{table.path}, line {table.header_line}: '{shown(match[2])}' is no unit of power",
                "Use W, mW or kW",
            )
        return name, unit
    measured_file.require(table, ("power.draw [w]",), REMEDY)
    raise AssertionError("a column of that name matches")


def _add(found: dict[str, _Series], row: Row, key: str, text: str, unit: str) -> None:
    """Adds the sample of one line. Raises `FlywheelError`."""
    if not key:
        raise fix("the line does not say which GPU it is of", REMEDY)
    name = row.cells.get("name", "")
    series = found.setdefault(key, _Series(name))
    if name != series.name:
        raise fix(
            f"GPU {shown(key)} is '{shown(name)}' here and '{shown(series.name)}' before",
            "Two GPUs have one index: add uuid to the query, or give a file for each machine",
        )
    time = _time(row.cells["timestamp"])
    if series.last_line and time <= series.last_time:
        raise _backwards(key, series, time)
    series.last_line, series.last_time = row.line, time
    if _NONE.fullmatch(text):
        series.missing += 1
        return
    series.powers.append(_microwatts(text, unit))
    series.times.append(time)


def _backwards(key: str, series: _Series, time: int) -> FlywheelError:
    """Why a sample that is not later than the one before it is refused."""
    if time == series.last_time:
        return fix(
            f"GPU {shown(key)} has a sample of the same time in line {series.last_line} already",
            "If two GPUs have one index, add uuid to the query",
        )
    back = (series.last_time - time) / 1_000
    return fix(
        f"the clock goes back by {back:,.3f} s for GPU {shown(key)}, after line {series.last_line}",
        "Give the lines from here on as a file of its own; log with TZ=UTC",
    )


def _microwatts(text: str, unit: str) -> int:
    """A power, whose unit its heading or itself states. Raises `FlywheelError`."""
    match = _VALUE.fullmatch(text)
    if match is None or len(text) > MAX_DIGITS:
        raise fix(f"power '{shown(text)}' is no number", "Write watts, such as 123.45 W")
    own = match[3] or unit
    if not own:
        raise fix(f"power '{shown(text)}' has no unit", "Write it, here or in the heading")
    if unit and own != unit:
        raise fix(f"power '{shown(text)}' is not in {unit} as the heading says", "Correct one")
    fraction = match[2] or ""
    scale = 10 ** len(fraction)
    whole, rest = divmod(int(match[1] + fraction) * _MICROWATTS[own], scale)
    # A part of a microwatt counts as one.
    power = whole + bool(rest)
    if power > figures.MAX_GPU_WATTS * 10**6:
        raise fix(
            f"power '{shown(text)}' is above {figures.MAX_GPU_WATTS:,} W for one GPU",
            "Check the unit",
        )
    return power


def _time(text: str) -> int:
    """Milliseconds since the year 1, in the zone of whoever logged. Raises `FlywheelError`."""
    match = _TIME.fullmatch(text)
    if match:
        year, month, day, hour, minute, second = map(int, match.groups()[:6])
        days = _day(year, month, day)
        if days and hour < 24 and minute < 60 and second < 60:
            part = int((match[7] or "").ljust(3, "0"))
            seconds = (hour * 60 + minute) * 60 + second
            return days * _MILLISECONDS_PER_DAY + seconds * 1_000 + part
    raise fix(f"timestamp '{shown(text)}' is no time", "Write it as 2024/05/01 12:00:00.123")


@cache
def _day(year: int, month: int, day: int) -> int:
    """The number of a day, 0 if there is none."""
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return 0

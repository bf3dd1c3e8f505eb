"""A file of any kind that a report can be made of, recognised by what is in it."""

from dataclasses import dataclass
from pathlib import Path

from flywheel.energy import codecarbon, estimate, power_samples
from flywheel.energy.figures import Figures, Filing
from flywheel.errors import fix
from flywheel.reading import texts

ESTIMATE, CODECARBON, SAMPLES = "estimate", "codecarbon", "nvidia-smi"
KINDS = (ESTIMATE, CODECARBON, SAMPLES)


@dataclass(frozen=True)
class Place:
    """What a file may not tell of its data centre; None and "" are not stated."""

    pue_bps: int | None = None
    grid_grams_per_kwh: int | None = None


@dataclass(frozen=True)
class Imported:
    """One report, the kind of its file, and what somebody who checks it should know."""

    kind: str
    figures: Figures
    remarks: tuple[str, ...]


def kind_of(path: Path) -> str:
    """Which of KINDS the file is, by its headings. Raises `FlywheelError` if it is none."""
    text = texts.decode(texts.read_bytes(path), path)
    heading = next((line for line in text.splitlines() if line.strip()), "")
    if "power.draw" in heading:
        return SAMPLES
    if "energy_consumed" in heading:
        return CODECARBON
    if any(line.startswith("parts:") for line in text.splitlines()):
        return ESTIMATE
    raise fix(
        f"{path} is neither an estimate nor a file of CodeCarbon or nvidia-smi",
        f"Name what it is with --kind {' | '.join(KINDS)} to see what it lacks",
    )


def read(path: Path, filing: Filing, place: Place, kind: str | None = None) -> Imported:
    """The report of a file. Raises `FlywheelError` with file and line, or with what is missing or
    given twice: a figure that the file states is not overruled.
    """
    kind = kind or kind_of(path)
    if kind == SAMPLES:
        if place.pue_bps is None or place.grid_grams_per_kwh is None or not filing.region:
            raise fix(
                f"{path} says nothing of its data centre", "Give --pue, --grid-grams and --region"
            )
        site = power_samples.Site(place.pue_bps, place.grid_grams_per_kwh, filing.region)
        sampled = power_samples.read(path, site, filing)
        return Imported(kind, sampled.figures, sampled.remarks)
    if place.grid_grams_per_kwh is not None:
        raise fix(f"{path} states its grid", "Leave out --grid-grams")
    if kind == CODECARBON:
        tracked = codecarbon.read(path, filing, place.pue_bps)
        return Imported(kind, tracked.figures, tracked.remarks)
    if place.pue_bps is not None:
        raise fix(f"{path} states its PUE", "Leave out --pue")
    estimated = estimate.read(path, filing)
    return Imported(kind, estimated.figures, estimated.basis)

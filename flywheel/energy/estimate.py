"""Energy and emissions of a run whose power nobody measured: from its hardware and its hours.

energy [Wh] = GPU-hours x rated power of a GPU [W] x load x PUE
emissions [gCO2e] = energy [Wh] x grid intensity [gCO2e/kWh] / 1000

Lacoste et al. 2019 (arXiv:1910.09700), with the PUE as in Patterson et al. 2021 (arXiv:2104.10350).
The rated power of the GPUs stands for the whole server, as in the published footprints of BLOOM,
LLaMA and Llama 2. Everything is rounded up: an estimate never understates.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from flywheel import amounts, documents
from flywheel.amounts import BPS
from flywheel.energy import figures, sources
from flywheel.energy.figures import Figures, Filing, Phase
from flywheel.errors import FlywheelError, fix
from flywheel.reading import texts

METHOD = "GPU-hours x TDP x PUE (arXiv 1910.09700, 2104.10350)"
# Emissions are energy x grid by construction; the mean grid of several sites is rounded up.
TOLERANCE_BPS = 100
_HOUR_DECIMALS = 6


@dataclass(frozen=True)
class Estimate:
    """Energy and emissions of GPU time in one place, estimated from its rated power.

    `load_bps`: the power that was drawn on average, as a share of the rated one. It is not what
    tools show as utilisation of a GPU, with which the power does not grow in proportion.
    """

    gpu_seconds: int
    gpu_watts: int
    pue_bps: int
    grid_grams_per_kwh: int
    load_bps: int = BPS

    @property
    def energy_wh(self) -> int:
        product = self.gpu_seconds * self.gpu_watts * self.load_bps * self.pue_bps
        return -(-product // (figures.SECONDS_PER_HOUR * BPS * BPS))

    @property
    def emissions_grams(self) -> int:
        return -(-self.energy_wh * self.grid_grams_per_kwh // 1_000)


@dataclass(frozen=True)
class Total:
    """Sum of estimates over regions.

    The grid intensity of several is their mean, weighted by energy and rounded up.
    """

    parts: tuple[Estimate, ...]

    @property
    def gpu_seconds(self) -> int:
        return sum(part.gpu_seconds for part in self.parts)

    @property
    def energy_wh(self) -> int:
        return sum(part.energy_wh for part in self.parts)

    @property
    def emissions_grams(self) -> int:
        return sum(part.emissions_grams for part in self.parts)

    @property
    def pue_bps(self) -> int:
        return max(part.pue_bps for part in self.parts)

    @property
    def grid_grams_per_kwh(self) -> int:
        grids = {part.grid_grams_per_kwh for part in self.parts if part.gpu_seconds}
        if len(grids) == 1:
            return grids.pop()
        return -(-self.emissions_grams * 1_000 // self.energy_wh) if self.energy_wh else 0


@dataclass(frozen=True)
class Estimated:
    """One report, what it is the sum of, and where each of its assumptions comes from."""

    figures: Figures
    total: Total
    basis: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    """One entry of a file: an estimate with its names."""

    estimate: Estimate
    hardware: str
    region: str
    basis: tuple[str, ...]


def read(path: Path, filing: Filing) -> Estimated:
    """The report of a file that says what hardware ran where for how long.

    The schema is `flywheel/schemas/energy_estimate.json`; hardware and grids that are not stated
    with their source are looked up in `sources.yaml`. Raises `FlywheelError` with file and line.
    """
    evidence = figures.evidence_of(texts.read_bytes(path))
    data = documents.load(path, "energy_estimate")
    duration = amounts.seconds(data["duration"])
    parts = []
    for number, item in enumerate(data["parts"]):
        try:
            parts.append(_part(item, duration))
        except FlywheelError as error:
            raise documents.misfit(path, ["parts", number], str(error)) from None
    total = Total(tuple(part.estimate for part in parts))
    found = figures_of(
        total,
        duration,
        hardware=joined(part.hardware for part in parts),
        region=joined(part.region for part in parts),
        method=METHOD,
        evidence_hash=evidence,
        evidence_uri=filing.evidence_uri,
    )
    basis = dict.fromkeys(line for part in parts for line in part.basis)
    return Estimated(found.filed(filing), total, tuple(basis))


def figures_of(total: Estimate | Total, duration_seconds: int, **told: Any) -> Figures:
    """The figures of a training run out of an estimate; `told`: the texts and the evidence."""
    exact = Fraction(total.emissions_grams * 1_000, max(total.energy_wh, 1))
    return Figures(
        phase=Phase.TRAINING,
        energy_wh=total.energy_wh,
        emissions_grams=total.emissions_grams,
        pue_bps=total.pue_bps,
        duration_seconds=duration_seconds,
        gpu_seconds=total.gpu_seconds,
        grid_grams_per_kwh=total.grid_grams_per_kwh,
        measured=False,
        tolerance_bps=TOLERANCE_BPS,
        **told,
    ).explained(exact)


def joined(names: Any) -> str:
    """Different names as one text."""
    return "+".join(dict.fromkeys(name for name in names if name))


def _part(item: dict[str, Any], duration: int) -> _Part:
    _refuse_half(item, "watts", "watts_source")
    _refuse_half(item["grid"], "grams_per_kwh", "source")
    if ("gpus" in item) == ("gpu_hours" in item):
        raise fix("gpus or gpu_hours must be given, and not both", "Give one of them")
    hardware, watts, watts_source = _power(item)
    region, grams, grid_source = _grid(item["grid"])
    if "gpu_hours" in item:
        units = amounts.to_units(item["gpu_hours"], _HOUR_DECIMALS)
        seconds = -(-units * figures.SECONDS_PER_HOUR // 10**_HOUR_DECIMALS)
    else:
        seconds = item["gpus"] * duration
    load_bps = amounts.to_units(item.get("load_percent", 100), 2)
    if load_bps > BPS:
        raise fix(
            f"load_percent {item['load_percent']} is above 100", "Give the mean power / rated"
        )
    estimate = Estimate(
        gpu_seconds=seconds,
        gpu_watts=watts,
        pue_bps=amounts.to_units(item["pue"], 4),
        grid_grams_per_kwh=grams,
        load_bps=load_bps,
    )
    basis = (
        f"{watts} W for {hardware}: {watts_source}",
        f"{grams} gCO2e/kWh for {region}: {grid_source}",
        f"PUE {item['pue']} for {region}: {item['pue_source']}",
    )
    return _Part(estimate, hardware, region, basis)


def _refuse_half(item: dict[str, Any], figure: str, source: str) -> None:
    """Raises `FlywheelError` if a figure comes without its source, or the other way round."""
    given = [name for name in (figure, source) if name in item]
    if len(given) == 1:
        raise fix(f"{given[0]} stands alone", f"Give {figure} and {source}, or neither")


def _power(item: dict[str, Any]) -> tuple[str, int, str]:
    """Name, rated watts of one piece, and their source."""
    if "watts" in item:
        return item["hardware"], item["watts"], item["watts_source"]
    known = sources.hardware(item["hardware"])
    return known.name, known.watts, known.source


def _grid(item: dict[str, Any]) -> tuple[str, int, str]:
    """Region, gCO2e/kWh, and their source."""
    if "grams_per_kwh" in item:
        return item["region"], item["grams_per_kwh"], item["source"]
    known = sources.grid(item["region"])
    return known.region, known.grams_per_kwh, f"{known.year}, {known.source}"

"""The figures of one report of energy and carbon, and the bounds within which they lie.

Emissions have two figures, the two methods of the GHG Protocol's Scope 2 Guidance (2015): the
location-based one counts the average of the grid that the energy came from, the market-based one
what contracts (certificates, power purchase agreements) say of it. The first is always there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntFlag
from fractions import Fraction

from eth_utils import keccak

from flywheel.amounts import BPS
from flywheel.errors import FlywheelError, fix
from flywheel.reading import texts

# Bounds that EnergyLedger has as well. The energy is two million times what BLOOM 176B took.
MAX_ENERGY_WH = 10**15
MAX_PUE_BPS = 3 * BPS
# Twice what CodeCarbon counts for electricity of coal alone, 995.
MAX_GRID_GRAMS = 2_000
MAX_EMISSIONS_GRAMS = MAX_ENERGY_WH * MAX_GRID_GRAMS // 1_000
MAX_DURATION_SECONDS = 5 * 365 * 86_400
# What one GPU draws on average, with its share of the server; above it times the PUE.
MIN_GPU_WATTS, MAX_GPU_WATTS = 1, 5_000
MAX_TOLERANCE_BPS = 5_000
# Bytes of what the chain keeps.
MAX_HARDWARE, MAX_REGION, MAX_METHOD, MAX_NOTE, MAX_URI = 64, 32, 128, 128, 128
SECONDS_PER_HOUR = 3_600
HASH_BYTES = 32
NO_HASH = bytes(HASH_BYTES)


class Phase(IntFlag):
    """The numbers are those of EnergyLedger."""

    TRAINING = 1
    SERVING = 2


@dataclass(frozen=True)
class Market:
    """Market-based emissions, and the share of the energy that contracts or certificates cover.

    `proof`: keccak256 of the published proof, such as the statement of cancelled certificates.
    """

    grams: int
    renewable_bps: int
    proof: bytes


@dataclass(frozen=True)
class Filing:
    """What whoever files a report says beside its file.

    An empty `hardware` or `region` stands for what the file says.
    """

    evidence_uri: str
    phase: Phase = Phase.TRAINING
    hardware: str = ""
    region: str = ""
    note: str = ""
    market: Market | None = None


@dataclass(frozen=True)
class Figures:
    """One report. Energy is counted at the meter of the data centre: the PUE is in it.

    `emissions_grams`: location-based, gCO2e.     `market_grams`: market-based, None if not stated.
    `tolerance_bps`: how far emissions may be from energy x grid before `note` has to say why.
    `evidence_hash`: keccak256 of the bytes of the file that the figures were read from.
    """

    phase: Phase
    energy_wh: int
    emissions_grams: int
    pue_bps: int
    duration_seconds: int
    gpu_seconds: int
    grid_grams_per_kwh: int
    measured: bool
    hardware: str
    region: str
    method: str
    tolerance_bps: int
    evidence_hash: bytes
    evidence_uri: str
    note: str = ""
    market_grams: int | None = None
    renewable_bps: int = 0
    renewable_proof: bytes = NO_HASH

    @property
    def expected_grams(self) -> int:
        """Energy x grid, rounded up."""
        return -(-self.energy_wh * self.grid_grams_per_kwh // 1_000)

    @property
    def is_within_tolerance(self) -> bool:
        """Whether emissions are energy x grid, as closely as the method states."""
        difference = abs(self.emissions_grams - self.expected_grams)
        return difference * BPS <= self.expected_grams * self.tolerance_bps

    def filed(self, filing: Filing) -> "Figures":
        """These figures with what `filing` says. Raises `FlywheelError` if they are refused."""
        changed = replace(
            self,
            phase=filing.phase,
            evidence_uri=filing.evidence_uri,
            hardware=filing.hardware or self.hardware,
            region=filing.region or self.region,
            note=filing.note or self.note,
        )
        if filing.market is not None:
            changed = replace(
                changed,
                market_grams=filing.market.grams,
                renewable_bps=filing.market.renewable_bps,
                renewable_proof=filing.market.proof,
            )
        refuse(changed)
        return changed

    def explained(self, grid: Fraction) -> "Figures":
        """With a note if whole grams alone put emissions outside the tolerance.

        `grid`: the exact intensity. Where it is low, rounding it up to whole grams is much of it.
        """
        if self.is_within_tolerance or self.note:
            return self
        whole, thousandths = divmod(round(grid * 1_000), 1_000)
        note = f"The grid is {whole}.{thousandths:03d} g/kWh, told as {self.grid_grams_per_kwh}"
        return replace(self, note=note)


def evidence_of(data: bytes) -> bytes:
    """The hash by which a report names its file."""
    return bytes(keccak(data))


# --- bounds ---


def refuse(figures: Figures) -> None:
    """Raises one `FlywheelError` with a sentence for each figure that is out of its bounds."""
    faults = [*_quantities(figures), *_consistency(figures), *_texts(figures), *_market(figures)]
    if faults:
        raise FlywheelError("\n".join(map(str, faults)))


def _quantities(figures: Figures) -> Iterator[FlywheelError]:
    if figures.phase not in (Phase.TRAINING, Phase.SERVING):
        yield fix("The phase is neither training nor serving", "Name one")
    if figures.energy_wh <= 0:
        yield fix("The energy is zero", "Give a file that measures some")
    if figures.energy_wh > MAX_ENERGY_WH:
        yield fix(
            f"The energy is {figures.energy_wh:,} Wh",
            f"At most {MAX_ENERGY_WH:,} Wh are taken: check the unit",
        )
    if not 0 <= figures.emissions_grams <= MAX_EMISSIONS_GRAMS:
        yield fix(
            f"The emissions are {figures.emissions_grams:,} gCO2e",
            f"From 0 to {MAX_EMISSIONS_GRAMS:,} are taken: check the unit",
        )
    if not BPS <= figures.pue_bps <= MAX_PUE_BPS:
        yield fix(f"The PUE is {figures.pue_bps / BPS}", "A data centre has 1.0 to 3.0")
    if not 0 <= figures.grid_grams_per_kwh <= MAX_GRID_GRAMS:
        yield fix(
            f"The grid has {figures.grid_grams_per_kwh:,} gCO2e/kWh",
            f"Grids have 0 to {MAX_GRID_GRAMS:,}: check the unit",
        )
    if not 0 <= figures.duration_seconds <= MAX_DURATION_SECONDS:
        yield fix(
            f"The duration is {figures.duration_seconds:,} s",
            f"At most five years, {MAX_DURATION_SECONDS:,} s, are taken",
        )
    if not 0 <= figures.tolerance_bps <= MAX_TOLERANCE_BPS:
        yield fix(
            f"The tolerance is {figures.tolerance_bps:,} basis points",
            f"At most {MAX_TOLERANCE_BPS:,} are taken",
        )


def _consistency(figures: Figures) -> Iterator[FlywheelError]:
    joules, seconds = figures.energy_wh * SECONDS_PER_HOUR, figures.gpu_seconds
    most = seconds * MAX_GPU_WATTS * figures.pue_bps
    if seconds < 0:
        yield fix("The GPU time is negative", "Give 0 if no GPU was used")
    elif seconds and not (seconds * MIN_GPU_WATTS <= joules and joules * BPS <= most):
        yield fix(
            f"A GPU drew {joules / seconds:,.1f} W on average",
            f"GPUs draw {MIN_GPU_WATTS} W to {MAX_GPU_WATTS:,} W times the PUE: check the units",
        )
    if not figures.is_within_tolerance and not figures.note:
        yield fix(
            f"The emissions are {figures.emissions_grams:,} g, but energy x grid is "
            f"{figures.expected_grams:,} g",
            "Say why in a note",
        )


def _texts(figures: Figures) -> Iterator[FlywheelError]:
    for what, text, limit, is_needed in (
        ("hardware", figures.hardware, MAX_HARDWARE, True),
        ("region", figures.region, MAX_REGION, True),
        ("method", figures.method, MAX_METHOD, True),
        ("note", figures.note, MAX_NOTE, False),
        ("URI of the evidence", figures.evidence_uri, MAX_URI, True),
    ):
        size, hidden = texts.utf8_bytes(text), texts.unseen(text)
        if is_needed and not text.strip():
            yield fix(f"The {what} is not named", "Name it")
        if size > limit:
            yield fix(
                f"The {what} '{texts.shown(text)}' has {size} bytes", f"Give at most {limit} bytes"
            )
        if hidden:
            yield fix(
                f"The {what} '{texts.shown(text)}' holds a character that cannot be seen, {hidden}",
                "Write it again by hand",
            )
    if len(figures.evidence_hash) != HASH_BYTES or figures.evidence_hash == NO_HASH:
        yield fix("The evidence has no hash", "Give the file that was measured")


def _market(figures: Figures) -> Iterator[FlywheelError]:
    grams = figures.market_grams
    if grams is not None and not 0 <= grams <= MAX_EMISSIONS_GRAMS:
        yield fix(
            f"The market-based emissions are {grams:,} gCO2e",
            f"From 0 to {MAX_EMISSIONS_GRAMS:,} are taken: check the unit",
        )
    if not 0 <= figures.renewable_bps <= BPS:
        yield fix(
            f"The renewable share is {figures.renewable_bps:,} basis points",
            f"Give 0 to {BPS:,}, which is all of the energy",
        )
    if len(figures.renewable_proof) != HASH_BYTES:
        yield fix("The renewable proof is no hash of 32 bytes", "Give its keccak256")
    elif figures.renewable_proof == NO_HASH and (grams is not None or figures.renewable_bps):
        yield fix(
            "Market-based figures come without a proof",
            "Publish the certificates or the contract, and give the hash of the file",
        )

"""Energy and carbon of a training run: the formula, and the report on chain."""

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

from eth_utils import keccak

from flywheel import amounts
from flywheel.chain import connection
from flywheel.deploy.suite import Suite

if TYPE_CHECKING:
    from ape.api import AccountAPI


METHOD = "GPU-hours x TDP x PUE (arXiv 1910.09700, 2104.10350)"


class SubjectKind(IntFlag):
    MILESTONE = 1
    MODEL = 2


class Phase(IntFlag):
    TRAINING = 1
    SERVING = 2


@dataclass(frozen=True)
class Estimate:
    """Energy and emissions of GPU time in one region, estimated from its rated power.

    energy [Wh] = GPU-hours x rated power of a GPU [W] x PUE
    emissions [gCO2e] = energy [Wh] x grid intensity [gCO2e/kWh] / 1000
    (Lacoste et al. 2019, arXiv:1910.09700; with PUE as in Patterson et al. 2021, arXiv:2104.10350.)
    Both are rounded up: an estimate never understates.
    """

    gpu_seconds: int
    gpu_watts: int
    pue_bps: int
    grid_grams_per_kwh: int

    @property
    def energy_wh(self) -> int:
        return -(-self.gpu_seconds * self.gpu_watts * self.pue_bps // (3_600 * amounts.BPS))

    @property
    def emissions_grams(self) -> int:
        return -(-self.energy_wh * self.grid_grams_per_kwh // 1_000)


def report(
    suite: Suite,
    reporter: "AccountAPI",
    subject_kind: SubjectKind,
    subject_id: int,
    milestone: int,
    estimate: "Estimate | Total",
    duration_seconds: int,
    hardware: str,
    region: str,
    method: str,
    evidence_uri: str,
) -> int:
    """Files an estimated report of a training run; returns its id."""
    receipt = connection.send(
        suite.energy.report,
        (
            int(subject_kind),
            subject_id,
            milestone,
            int(Phase.TRAINING),
            estimate.energy_wh,
            estimate.emissions_grams,
            estimate.pue_bps,
            duration_seconds,
            estimate.gpu_seconds,
            estimate.grid_grams_per_kwh,
            False,
            hardware,
            region,
            method,
            bytes(keccak(text=evidence_uri)),
            evidence_uri,
            0,
        ),
        sender=reporter,
    )
    return int(connection.event_of(receipt, suite.energy.Reported).report_id)


@dataclass(frozen=True)
class Total:
    """Sum of estimates over regions; its grid intensity is the energy-weighted mean, rounded up."""

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
        return -(-self.emissions_grams * 1_000 // self.energy_wh) if self.energy_wh else 0

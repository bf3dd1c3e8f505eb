"""Reports of energy and carbon on chain: filed, read, challenged. Its figures are of `energy/`."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import IntFlag
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.energy import card_block, figures
from flywheel.energy.estimate import Estimate, Total, figures_of, joined
from flywheel.energy.figures import Figures, Phase
from flywheel.errors import fix, unknown

if TYPE_CHECKING:
    from ape.api import AccountAPI


class SubjectKind(IntFlag):
    MILESTONE = 1
    MODEL = 2


@dataclass(frozen=True)
class Subject:
    """What a report is on: a milestone of a grant, or (milestone 0) a model."""

    kind: SubjectKind
    subject_id: int
    milestone: int = 0

    def __str__(self) -> str:
        if self.kind == SubjectKind.MODEL:
            return f"model {self.subject_id}"
        return f"milestone {self.milestone} of grant {self.subject_id}"


@dataclass(frozen=True)
class Filed:
    """One report as the chain has it."""

    report_id: int
    subject: Subject
    figures: Figures
    reporter: str
    supersedes: int
    superseded_by: int
    is_challenged: bool
    attestations: int


@dataclass(frozen=True)
class Footprint:
    """Energy in Wh, emissions in gCO2e by location and by market."""

    energy_wh: int
    emissions_grams: int
    market_grams: int


def estimated(
    total: Estimate | Total,
    duration_seconds: int,
    hardware: str,
    region: str,
    method: str,
    evidence_uri: str,
) -> Figures:
    """A report of training out of an estimate; its evidence is known by its URI alone."""
    found = figures_of(
        total,
        duration_seconds,
        hardware=hardware,
        region=region,
        method=method,
        evidence_hash=bytes(keccak(text=evidence_uri)),
        evidence_uri=evidence_uri,
    )
    figures.refuse(found)
    return found


def report(
    suite: Suite, reporter: "AccountAPI", subject: Subject, told: Figures, supersedes: int = 0
) -> int:
    """Files a report; returns its id. Raises `FlywheelError` for figures out of their bounds."""
    figures.refuse(told)
    data = (
        int(subject.kind),
        subject.subject_id,
        subject.milestone,
        int(told.phase),
        told.energy_wh,
        told.emissions_grams,
        told.market_grams is not None,
        told.market_grams or 0,
        told.renewable_bps,
        told.renewable_proof,
        told.pue_bps,
        told.duration_seconds,
        told.gpu_seconds,
        told.grid_grams_per_kwh,
        told.tolerance_bps,
        told.measured,
        told.hardware,
        told.region,
        told.method,
        told.note,
        told.evidence_hash,
        told.evidence_uri,
        supersedes,
    )
    receipt = connection.send(suite.energy.report, data, sender=reporter)
    return int(connection.event_of(receipt, suite.energy.Reported).report_id)


# --- reading ---


def read(suite: Suite, report_id: int) -> Filed:
    """One report. Raises `FlywheelError` if there is none of this number."""
    count = int(connection.call(suite.energy.report_count))
    if not 1 <= report_id <= count:
        raise unknown("energy report", report_id, count)
    return _filed(suite, report_id, connection.call(suite.energy.report_of, report_id))


def _filed(suite: Suite, report_id: int, data: Any) -> Filed:
    """`data`: what `report_of` returns."""
    ledger = suite.energy
    return Filed(
        report_id,
        Subject(SubjectKind(data.subject_kind), int(data.subject_id), int(data.milestone)),
        _figures(data),
        str(connection.call(ledger.reporter, report_id)),
        int(data.supersedes),
        int(connection.call(ledger.superseded_by, report_id)),
        bool(connection.call(ledger.is_challenged, report_id)),
        int(connection.call(ledger.attestations, report_id)),
    )


def _figures(data: Any) -> Figures:
    return Figures(
        phase=Phase(data.phase),
        energy_wh=int(data.energy_wh),
        emissions_grams=int(data.emissions_grams),
        pue_bps=int(data.pue_bps),
        duration_seconds=int(data.duration_seconds),
        gpu_seconds=int(data.gpu_seconds),
        grid_grams_per_kwh=int(data.grid_grams_per_kwh),
        measured=bool(data.measured),
        hardware=str(data.hardware),
        region=str(data.region),
        method=str(data.method),
        tolerance_bps=int(data.tolerance_bps),
        evidence_hash=bytes(data.evidence_hash),
        evidence_uri=str(data.evidence_uri),
        note=str(data.note),
        market_grams=int(data.market_grams) if data.has_market else None,
        renewable_bps=int(data.renewable_bps),
        renewable_proof=bytes(data.renewable_proof),
    )


def reports_on(suite: Suite, kind: SubjectKind, subject_id: int) -> Iterator[Filed]:
    """All reports on a grant's milestones or on a model, oldest first."""
    for report_id in range(1, int(connection.call(suite.energy.report_count)) + 1):
        data = connection.call(suite.energy.report_of, report_id)
        if (data.subject_kind, data.subject_id) == (int(kind), subject_id):
            yield _filed(suite, report_id, data)


def footprint(suite: Suite, kind: SubjectKind, subject_id: int, phase: Phase) -> Footprint:
    """What the ledger counts for a subject alone."""
    found = connection.call(suite.energy.footprint, int(kind), subject_id, int(phase))
    return Footprint(int(found.energy_wh), int(found.emissions_grams), int(found.market_grams))


def footprint_with_ancestors(suite: Suite, model_id: int) -> Footprint:
    """TRAINING of a model and all that it was made of."""
    found = connection.call(suite.energy.footprint_with_ancestors, model_id)
    return Footprint(int(found.energy_wh), int(found.emissions_grams), int(found.market_grams))


def card_emissions(suite: Suite, model_id: int, training_type: str) -> card_block.Emissions:
    """What a card says: the live training reports on the model or, if there are none, on the
    milestones of the grant that made it. Raises `FlywheelError` if nobody reported.
    """
    live = _live_training(suite, SubjectKind.MODEL, model_id)
    grant_id = int(connection.call(suite.registry.model, model_id).grant_id)
    if not live and grant_id:
        live = _live_training(suite, SubjectKind.MILESTONE, grant_id)
    if not live:
        raise fix(f"Nobody reported the training of model {model_id}", "File a report first")
    if len(live) == 1:
        return card_block.emissions_of(live[0].figures, training_type)
    numbers = ", ".join(str(item.report_id) for item in live)
    return card_block.Emissions(
        Decimal(sum(item.figures.emissions_grams for item in live)),
        f"reports {numbers} of EnergyLedger {suite.energy.address}; location-based",
        training_type,
        joined(item.figures.region for item in live),
        joined(item.figures.hardware for item in live),
    )


def _live_training(suite: Suite, kind: SubjectKind, subject_id: int) -> list[Filed]:
    return [
        item
        for item in reports_on(suite, kind, subject_id)
        if item.superseded_by == 0 and item.figures.phase == Phase.TRAINING
    ]


# --- challenges ---


def challenge(suite: Suite, guardian: "AccountAPI", report_id: int, reason: str) -> None:
    """Marks a report as doubted, as the guardian."""
    reason_hash = bytes(keccak(text=reason))
    connection.send(suite.energy.challenge, report_id, reason_hash, sender=guardian)

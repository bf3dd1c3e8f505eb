"""The report of a training run's energy and carbon on chain; what is in it is of `energy/`."""

from enum import IntFlag
from typing import TYPE_CHECKING

from eth_utils import keccak

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.energy.estimate import METHOD, Estimate, Total
from flywheel.energy.figures import Phase

if TYPE_CHECKING:
    from ape.api import AccountAPI


__all__ = ["METHOD", "Estimate", "Phase", "SubjectKind", "Total", "report"]


class SubjectKind(IntFlag):
    MILESTONE = 1
    MODEL = 2


def report(
    suite: Suite,
    reporter: "AccountAPI",
    subject_kind: SubjectKind,
    subject_id: int,
    milestone: int,
    estimate: Estimate | Total,
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

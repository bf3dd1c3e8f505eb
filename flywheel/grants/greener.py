"""What a region, or a fine-tune in place of a training from scratch, would save.

All figures are the chain's: offers state watts, PUE and grid, reports what earlier runs took.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.energy.figures import Phase
from flywheel.errors import fix
from flywheel.grants import energy
from flywheel.grants.compute import Offer, Registered
from flywheel.models import registry
from flywheel.models.kinds import ModelKind


@dataclass(frozen=True)
class Run:
    """The training of a model, as reported on the model and on the grant that made it."""

    model_id: int
    kind: ModelKind
    energy_wh: int
    emissions_grams: int


def run_of(suite: Suite, model_id: int) -> Run:
    """Raises `FlywheelError` if there is no such model, or nobody reported its training."""
    registry.require(suite, model_id)
    data = connection.call(suite.registry.model, model_id)
    found = [energy.footprint(suite, energy.SubjectKind.MODEL, model_id, Phase.TRAINING)]
    if data.grant_id:
        milestones = energy.SubjectKind.MILESTONE
        found.append(energy.footprint(suite, milestones, int(data.grant_id), Phase.TRAINING))
    run = Run(
        model_id,
        ModelKind(data.kind),
        sum(item.energy_wh for item in found),
        sum(item.emissions_grams for item in found),
    )
    if not run.energy_wh:
        raise fix(
            f"Nobody reported the training of model {model_id}",
            "Leave it out, or name a model whose reports, or those of its grant, are on chain",
        )
    return run


def emissions_on(run: Run, offer: Offer) -> int:
    """Grams of a run that takes the same energy at the meter, on the grid of an offer."""
    return -(-run.energy_wh * offer.grams_per_kwh // 1_000)


def advice(found: Sequence[Registered], runs: Sequence[Run]) -> Iterator[str]:
    """A sentence for the cleanest offer beside the dirtiest one, and one for each run that takes
    less than the largest."""
    if len({item.offer.grams_per_gpu_hour for item in found}) > 1:
        clean = min(found, key=lambda item: item.offer.grams_per_gpu_hour)
        dirty = max(found, key=lambda item: item.offer.grams_per_gpu_hour)
        less = _less(clean.offer.grams_per_gpu_hour, dirty.offer.grams_per_gpu_hour)
        yield (
            f"A GPU-hour of offer {clean.offer_id} ({clean.offer.region}) emits {less} less "
            f"than one of offer {dirty.offer_id} ({dirty.offer.region})."
        )
    largest = max(runs, key=lambda run: run.energy_wh, default=None)
    for run in runs:
        if largest is not None and run.energy_wh < largest.energy_wh:
            less = _less(Fraction(run.energy_wh), Fraction(largest.energy_wh))
            yield (
                f"Model {run.model_id} ({run.kind.label}) took {less} less energy than model "
                f"{largest.model_id} ({largest.kind.label})."
            )


def _less(small: Fraction, large: Fraction) -> str:
    """How much less, in per cent, rounded down."""
    tenths = (large - small) * 1_000 // large
    return f"{tenths // 10}.{tenths % 10} %"

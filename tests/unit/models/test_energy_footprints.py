"""EnergyLedger: what counts in a footprint, in both figures of emissions, alone and with ancestors.

The model of hypothesis is written from the interface: it keeps all reports and looks through them.
"""

from dataclasses import dataclass

import boa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kits.grants import (
    MILESTONE,
    MODEL,
    PHASE_SERVING,
    PHASE_TRAINING,
    World,
    make_report,
    make_world,
)
from tests.kits.models import Kind, register
from tests.support import ZERO_ADDRESS

MARKET = {"has_market": True, "renewable_proof": b"\x07" * 32}
NOTE = {"note": "any figures"}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture
def grant_id(world) -> int:
    return world.active()


def own_model(world, **changes) -> int:
    return register(world.registry, world.builder, **changes)


def report_model(world, model_id: int, **changes) -> int:
    data = make_report(model_id, **{"subject_kind": MODEL, "milestone": 0, **changes})
    return world.ledger.report(data, sender=world.builder)


# --- training ---


def test_footprint__training__sums_milestones_and_reporters(world, grant_id):
    world.report(grant_id, 1)
    world.report(grant_id, 1)
    world.report(grant_id, 2, energy_wh=5, emissions_grams=2)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (2_005, 802, 802)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_SERVING) == (0, 0, 0)
    assert world.ledger.footprint(MILESTONE, grant_id + 1, PHASE_TRAINING) == (0, 0, 0)


def test_footprint__market_based__stated_or_the_location_based_one(world, grant_id):
    """A report on renewable power states 0 g; one without contracts counts as the grid."""
    stated = world.report(grant_id, renewable_bps=10_000, **MARKET)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (1_000, 400, 0)
    world.report(grant_id)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (2_000, 800, 400)
    world.report(grant_id, supersedes=stated)
    assert world.ledger.footprint(MILESTONE, grant_id, PHASE_TRAINING) == (2_000, 800, 800)


def test_footprint__unknown_kind_or_phase__reverts(world):
    with boa.reverts("unknown subject kind"):
        world.ledger.footprint(MILESTONE | MODEL, 1, PHASE_TRAINING)
    with boa.reverts("unknown subject kind"):
        world.ledger.serving_report(0, 1)
    for phase in (0, PHASE_TRAINING | PHASE_SERVING):
        with boa.reverts("unknown phase"):
            world.ledger.footprint(MODEL, 1, phase)


# --- serving ---


def test_footprint__serving__is_the_newest_rate(world):
    model_id = own_model(world)
    serving = {"phase": PHASE_SERVING, **NOTE}
    assert world.ledger.serving_report(MODEL, model_id) == 0
    report_model(world, model_id, energy_wh=9, **serving)
    newest = report_model(world, model_id, energy_wh=3, market_grams=1, **MARKET, **serving)
    assert world.ledger.serving_report(MODEL, model_id) == newest
    assert world.ledger.footprint(MODEL, model_id, PHASE_SERVING) == (3, 2, 1)
    assert world.ledger.footprint(MODEL, model_id, PHASE_TRAINING) == (0, 0, 0)


def test_footprint__serving__correction_stands_where_the_old_report_stood(world):
    """M3: a correction of an old rate does not outdo the newer one."""
    model_id = own_model(world)
    serving = {"phase": PHASE_SERVING, **NOTE}
    first = report_model(world, model_id, energy_wh=9, **serving)
    second = report_model(world, model_id, energy_wh=500, **serving)
    third = report_model(world, model_id, energy_wh=1, supersedes=first, **serving)
    assert world.ledger.serving_report(MODEL, model_id) == second
    fourth = report_model(world, model_id, energy_wh=400, supersedes=second, **serving)
    assert world.ledger.footprint(MODEL, model_id, PHASE_SERVING).energy_wh == 400
    report_model(world, model_id, energy_wh=2, supersedes=third, **serving)
    assert world.ledger.serving_report(MODEL, model_id) == fourth


# --- with ancestors ---


def test_footprint_with_ancestors__a_diamond__each_ancestor_once(world):
    """Base, two fine-tunes of it, and their merge: the base is in the sum once."""
    base = own_model(world, kind=Kind.FOUNDATION)
    left = own_model(world, kind=Kind.FINE_TUNE, parents=[(base, 0)])
    right = own_model(world, kind=Kind.FINE_TUNE, parents=[(base, 0)])
    merge = own_model(world, kind=Kind.MERGE, parents=[(left, 0), (right, 0)])
    for model_id, energy in ((base, 10**6), (left, 10**3), (right, 10**4), (merge, 10)):
        report_model(world, model_id, energy_wh=energy, **MARKET, market_grams=1)
        report_model(world, model_id, phase=PHASE_SERVING)
    whole = world.ledger.footprint_with_ancestors(merge)
    assert whole == (1_011_010, 404_404, 4)
    assert world.ledger.footprint_with_ancestors(base) == (10**6, 400_000, 1)
    assert world.ledger.footprint(MODEL, merge, PHASE_TRAINING) == (10, 4, 1)


def test_footprint_with_ancestors__of_one_owner__table_leaves_out_what_the_sum_has(world):
    """Own models owe each other nothing, so the table of who is paid does not name them."""
    base = own_model(world, kind=Kind.FINE_TUNE)
    child = own_model(world, kind=Kind.QUANTIZATION, parents=[(base, 0)])
    report_model(world, base, energy_wh=7)
    assert world.registry.ancestors(child) == []
    assert world.ledger.footprint_with_ancestors(child).energy_wh == 7


def test_footprint_with_ancestors__long_lineage__refused_beyond_64(world):
    model_id = own_model(world)
    for _ in range(63):
        model_id = own_model(world, kind=Kind.FINE_TUNE, parents=[(model_id, 0)])
        report_model(world, model_id, energy_wh=1)
    assert world.ledger.footprint_with_ancestors(model_id).energy_wh == 63
    model_id = own_model(world, kind=Kind.FINE_TUNE, parents=[(model_id, 0)])
    with boa.reverts("too many ancestors"):
        world.ledger.footprint_with_ancestors(model_id)


def test_footprint_with_ancestors__unknown_model_or_no_registry__reverts(world):
    with boa.reverts("unknown model"):
        world.ledger.footprint_with_ancestors(99)
    world.ledger.set_sources(world.grants, ZERO_ADDRESS, sender=world.owner)
    with boa.reverts("no registry"):
        world.ledger.footprint_with_ancestors(1)


# --- any history ---


@dataclass
class Told:
    """A report as the interface describes it."""

    report_id: int
    phase: int
    figures: tuple[int, int, int]
    corrects: "Told | None"
    is_live: bool = True

    @property
    def stands_at(self) -> int:
        """The place in time of the first report of its chain."""
        return self.report_id if self.corrects is None else self.corrects.stands_at


def expected(history: list[Told]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    live = [told for told in history if told.is_live]
    training = [told.figures for told in live if told.phase == PHASE_TRAINING]
    serving = [told for told in live if told.phase == PHASE_SERVING]
    newest = max(serving, key=lambda told: told.stands_at, default=None)
    return (
        tuple(sum(figures[i] for figures in training) for i in range(3)),
        newest.figures if newest else (0, 0, 0),
    )


STEPS = st.lists(
    st.tuples(
        st.sampled_from([PHASE_TRAINING, PHASE_SERVING]),
        st.integers(1, 10**15),
        st.integers(0, 2 * 10**15),
        st.one_of(st.none(), st.integers(0, 2 * 10**15)),
        st.one_of(st.none(), st.integers(0, 9)),
    ),
    max_size=10,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_footprint__any_history__is_that_of_the_interface(world, grant_id, steps):
    with boa.env.anchor():
        history: list[Told] = []
        for phase, energy, grams, market, pick in steps:
            live = [told for told in history if told.is_live and told.phase == phase]
            old = live[pick % len(live)] if live and pick is not None else None
            stated = {} if market is None else {"market_grams": market, **MARKET}
            report_id = world.report(
                grant_id,
                phase=phase,
                energy_wh=energy,
                emissions_grams=grams,
                supersedes=old.report_id if old else 0,
                **stated,
                **NOTE,
            )
            if old:
                old.is_live = False
            figures = (energy, grams, grams if market is None else market)
            history.append(Told(report_id, phase, figures, old))
        found = [
            tuple(world.ledger.footprint(MILESTONE, grant_id, phase))
            for phase in (PHASE_TRAINING, PHASE_SERVING)
        ]
        assert found == list(expected(history))

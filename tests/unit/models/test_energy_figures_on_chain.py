"""EnergyLedger: the bounds of a report's figures, the same as those of the package."""

import boa
import pytest

from flywheel.energy import figures
from flywheel.energy.figures import Figures, Phase
from flywheel.errors import FlywheelError
from tests.kits.grants import (
    MILESTONE,
    MODEL,
    PHASE_SERVING,
    PHASE_TRAINING,
    REPORT_FIELDS,
    World,
    make_report,
    make_world,
)

MAX_WH, MAX_GRAMS = 10**15, 2 * 10**15
PROOF = b"\x07" * 32
# Fields of a report that the package's Figures have under the same name.
SAME_NAMES = [
    name
    for name in REPORT_FIELDS
    if name in Figures.__dataclass_fields__ and name not in ("phase", "market_grams")
]


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture
def grant_id(world) -> int:
    return world.active()


# What fits the figures of the kit: 1,000 Wh at 400 g/kWh, 7,200 GPU-seconds, PUE 1.2.
BAD_FIGURES = [
    ({"subject_kind": 0}, "unknown subject kind"),
    ({"subject_kind": MILESTONE | MODEL}, "unknown subject kind"),
    ({"phase": 0}, "unknown phase"),
    ({"phase": PHASE_TRAINING | PHASE_SERVING}, "unknown phase"),
    ({"energy_wh": 0}, "energy is zero"),
    ({"energy_wh": MAX_WH + 1}, "energy is too large"),
    ({"emissions_grams": MAX_GRAMS + 1}, "emissions are too large"),
    ({"pue_bps": 9_999}, "pue is below one"),
    ({"pue_bps": 30_001}, "pue is above three"),
    ({"grid_grams_per_kwh": 2_001}, "grid is above 2,000 g/kWh"),
    ({"duration_seconds": 157_680_001}, "duration is above five years"),
    ({"tolerance_bps": 5_001}, "tolerance is too large"),
    ({"hardware": ""}, "hardware is not named"),
    ({"region": ""}, "region is not named"),
    ({"method": ""}, "method is not named"),
    ({"evidence_uri": ""}, "evidence uri is empty"),
    ({"evidence_hash": b"\x00" * 32}, "evidence hash is empty"),
    ({"gpu_seconds": 3_600_001}, "gpu power is below 1 W"),
    ({"gpu_seconds": 2**256 - 1}, "gpu power is below 1 W"),
    # 3,600,000 J over 600 s are 6,000 W, which is 5,000 W x 1.2.
    ({"gpu_seconds": 599}, "gpu power is above 5,000 W"),
    ({"emissions_grams": 395}, "emissions need a note"),
    ({"emissions_grams": 405}, "emissions need a note"),
    ({"emissions_grams": 0}, "emissions need a note"),
    ({"grid_grams_per_kwh": 0, "emissions_grams": 1}, "emissions need a note"),
    ({"market_grams": 1}, "market figure is not stated"),
    ({"has_market": True, "market_grams": MAX_GRAMS + 1}, "market figure is too large"),
    ({"renewable_bps": 10_001}, "renewable share is above one"),
    ({"renewable_bps": 1}, "renewable proof is missing"),
    ({"has_market": True}, "renewable proof is missing"),
    ({"supersedes": 99}, "superseded report differs"),
]
GOOD_FIGURES = [
    {"energy_wh": MAX_WH, "emissions_grams": MAX_GRAMS, "grid_grams_per_kwh": 2_000},
    {"energy_wh": 1, "emissions_grams": 1},
    {"pue_bps": 10_000},
    {"pue_bps": 30_000},
    {"duration_seconds": 157_680_000},
    {"duration_seconds": 0},
    {"gpu_seconds": 0},
    {"gpu_seconds": 3_600_000},
    {"gpu_seconds": 600},
    # 1 % of 400 g.
    {"emissions_grams": 396},
    {"emissions_grams": 404},
    {"emissions_grams": 200, "tolerance_bps": 5_000},
    {"emissions_grams": 0, "note": "own turbine, metered"},
    {"emissions_grams": 400, "tolerance_bps": 0},
    {"grid_grams_per_kwh": 0, "emissions_grams": 0},
    # 1 Wh at 400 g/kWh is 0.4 g, and a gram when it is rounded up.
    {"energy_wh": 1, "tolerance_bps": 0},
    {"has_market": True, "renewable_proof": PROOF},
    {"has_market": True, "market_grams": MAX_GRAMS, "renewable_proof": PROOF},
    {"renewable_bps": 10_000, "renewable_proof": PROOF},
    {"renewable_proof": PROOF},
]


@pytest.mark.parametrize(("changes", "reason"), BAD_FIGURES)
def test_report__bad_data__reverts(world, grant_id, changes, reason):
    with boa.reverts(reason):
        world.report(grant_id, **changes)


@pytest.mark.parametrize("changes", GOOD_FIGURES)
def test_report__figures_at_their_bounds__accepted(world, grant_id, changes):
    report_id = world.report(grant_id, **changes)
    assert tuple(world.ledger.report_of(report_id)) == make_report(grant_id, **changes)


@pytest.mark.parametrize(
    "changes", [*(changes for changes, _ in BAD_FIGURES[4:-1]), *GOOD_FIGURES], ids=str
)
def test_report__figures__chain_and_package_refuse_the_same(world, grant_id, changes):
    data = make_report(grant_id, **changes)
    values = dict(zip(REPORT_FIELDS, data, strict=True))
    told = Figures(
        **{name: values[name] for name in SAME_NAMES},
        phase=Phase(values["phase"]),
        market_grams=values["market_grams"] if values["has_market"] else None,
    )
    if not values["has_market"] and values["market_grams"]:
        # The package has no word for it: its market figure is there or it is not.
        return
    try:
        figures.refuse(told)
        expected = True
    except FlywheelError:
        expected = False
    try:
        world.report(grant_id, **changes)
        found = True
    except boa.BoaError:
        found = False
    assert found == expected


def test_bounds__are_those_of_the_package(world):
    ledger = world.ledger
    assert (
        ledger.MAX_ENERGY_WH(),
        ledger.MAX_EMISSIONS_GRAMS(),
        ledger.MAX_GRID_GRAMS(),
        ledger.MAX_PUE_BPS(),
        ledger.MAX_DURATION_SECONDS(),
        ledger.MAX_TOLERANCE_BPS(),
        ledger.MAX_GPU_WATTS(),
    ) == (
        figures.MAX_ENERGY_WH,
        figures.MAX_EMISSIONS_GRAMS,
        figures.MAX_GRID_GRAMS,
        figures.MAX_PUE_BPS,
        figures.MAX_DURATION_SECONDS,
        figures.MAX_TOLERANCE_BPS,
        figures.MAX_GPU_WATTS,
    )

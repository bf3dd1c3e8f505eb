# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Energy figures
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The bounds of a report's figures, and how they fit each other; `flywheel/energy/figures.py` has the same.
@dev No state. Energy is counted at the meter of the data centre, with the PUE in it.
"""

from interfaces import IEnergyLedger

BPS: constant(uint256) = 10_000
# Two million times what BLOOM 176B took.
MAX_ENERGY_WH: public(constant(uint256)) = 10**15
# All of that energy at the greatest intensity.
MAX_EMISSIONS_GRAMS: public(constant(uint256)) = 2 * 10**15
# Twice what electricity of coal alone is counted with.
MAX_GRID_GRAMS: public(constant(uint256)) = 2_000
MAX_PUE_BPS: public(constant(uint256)) = 30_000
MAX_DURATION_SECONDS: public(constant(uint256)) = 5 * 365 * 86_400
MAX_TOLERANCE_BPS: public(constant(uint256)) = 5_000
# What one GPU draws on average, with its share of the server, from 1 W on; above it times the PUE.
MAX_GPU_WATTS: public(constant(uint256)) = 5_000
SECONDS_PER_HOUR: constant(uint256) = 3_600


@internal
@pure
def _check(data: IEnergyLedger.Report):
    assert data.energy_wh > 0, "energy is zero"
    assert data.energy_wh <= MAX_ENERGY_WH, "energy is too large"
    assert data.emissions_grams <= MAX_EMISSIONS_GRAMS, "emissions are too large"
    assert data.pue_bps >= BPS, "pue is below one"
    assert data.pue_bps <= MAX_PUE_BPS, "pue is above three"
    assert data.grid_grams_per_kwh <= MAX_GRID_GRAMS, "grid is above 2,000 g/kWh"
    assert data.duration_seconds <= MAX_DURATION_SECONDS, "duration is above five years"
    assert data.tolerance_bps <= MAX_TOLERANCE_BPS, "tolerance is too large"
    assert len(data.hardware) > 0, "hardware is not named"
    assert len(data.region) > 0, "region is not named"
    assert len(data.method) > 0, "method is not named"
    assert len(data.evidence_uri) > 0, "evidence uri is empty"
    assert data.evidence_hash != empty(bytes32), "evidence hash is empty"
    self._check_power(data.energy_wh, data.gpu_seconds, data.pue_bps)
    is_near: bool = self._is_near(
        data.emissions_grams, data.energy_wh * data.grid_grams_per_kwh, data.tolerance_bps
    )
    assert is_near or len(data.note) > 0, "emissions need a note"
    self._check_market(data)


@internal
@pure
def _check_power(energy_wh: uint256, gpu_seconds: uint256, pue_bps: uint256):
    """
    @dev The mean power of one GPU, by products instead of quotients. Without GPU time there is none.
    """
    if gpu_seconds == 0:
        return
    joules: uint256 = energy_wh * SECONDS_PER_HOUR
    assert gpu_seconds <= joules, "gpu power is below 1 W"
    assert joules * BPS <= gpu_seconds * MAX_GPU_WATTS * pue_bps, "gpu power is above 5,000 W"


@internal
@pure
def _is_near(emissions_grams: uint256, milligrams: uint256, tolerance_bps: uint256) -> bool:
    """
    @dev Whether emissions are energy x grid, rounded up to grams, within the tolerance that the method states.
    """
    expected: uint256 = (milligrams + 999) // 1_000
    difference: uint256 = max(emissions_grams, expected) - min(emissions_grams, expected)
    return difference * BPS <= expected * tolerance_bps


@internal
@pure
def _check_market(data: IEnergyLedger.Report):
    assert data.has_market or data.market_grams == 0, "market figure is not stated"
    assert data.market_grams <= MAX_EMISSIONS_GRAMS, "market figure is too large"
    assert data.renewable_bps <= BPS, "renewable share is above one"
    states_market: bool = data.has_market or data.renewable_bps > 0
    assert not states_market or data.renewable_proof != empty(bytes32), "renewable proof is missing"

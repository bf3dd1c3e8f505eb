# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed power
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Price of a GPU-hour, and what it draws and emits.
@dev No state.
     [0..95]    price_per_gpu_hour   units of the asset
     [96..111]  watts_per_gpu        with its share of the node
     [112..135] pue_bps              power usage effectiveness in ten-thousandths: 10_000 is 1.0
     [136..159] grams_per_kwh        gCO2e of the grid
"""

struct Power:
    price_per_gpu_hour: uint256
    watts_per_gpu: uint256
    pue_bps: uint256
    grams_per_kwh: uint256


PRICE_PER_GPU_HOUR_MASK: constant(uint256) = 2**96 - 1
WATTS_PER_GPU_OFFSET: constant(uint256) = 96
WATTS_PER_GPU_MASK: constant(uint256) = 2**16 - 1
PUE_BPS_OFFSET: constant(uint256) = 112
PUE_BPS_MASK: constant(uint256) = 2**24 - 1
GRAMS_PER_KWH_OFFSET: constant(uint256) = 136
GRAMS_PER_KWH_MASK: constant(uint256) = 2**24 - 1


@internal
@pure
def _pack(power: Power) -> uint256:
    assert power.price_per_gpu_hour <= PRICE_PER_GPU_HOUR_MASK, "price is too large"
    assert (
        power.watts_per_gpu <= WATTS_PER_GPU_MASK
        and power.pue_bps <= PUE_BPS_MASK
        and power.grams_per_kwh <= GRAMS_PER_KWH_MASK
    ), "power is too large"
    return (
        power.price_per_gpu_hour
        | (power.watts_per_gpu << WATTS_PER_GPU_OFFSET)
        | (power.pue_bps << PUE_BPS_OFFSET)
        | (power.grams_per_kwh << GRAMS_PER_KWH_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Power:
    return Power(
        price_per_gpu_hour=self._price_per_gpu_hour(packed),
        watts_per_gpu=self._watts_per_gpu(packed),
        pue_bps=self._pue_bps(packed),
        grams_per_kwh=self._grams_per_kwh(packed),
    )


@internal
@pure
def _price_per_gpu_hour(packed: uint256) -> uint256:
    return packed & PRICE_PER_GPU_HOUR_MASK


@internal
@pure
def _watts_per_gpu(packed: uint256) -> uint256:
    return (packed >> WATTS_PER_GPU_OFFSET) & WATTS_PER_GPU_MASK


@internal
@pure
def _pue_bps(packed: uint256) -> uint256:
    return (packed >> PUE_BPS_OFFSET) & PUE_BPS_MASK


@internal
@pure
def _grams_per_kwh(packed: uint256) -> uint256:
    return (packed >> GRAMS_PER_KWH_OFFSET) & GRAMS_PER_KWH_MASK

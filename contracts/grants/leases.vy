# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Leases
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What machines have earned, may earn and have emitted.
@dev No state. price: units of the asset per GPU-hour.
"""

from contracts.grants import packed_lease
from contracts.grants import packed_power

SECONDS_PER_HOUR: constant(uint256) = 3_600
HOURS_PER_DAY: constant(uint256) = 24
BPS: constant(uint256) = 10_000
# Watt-seconds of a kilowatt-hour.
JOULES_PER_KWH: constant(uint256) = 3_600_000


@internal
@pure
def _earned(price_per_gpu_hour: uint256, gpu_seconds: uint256) -> uint256:
    """
    @dev Units of the asset for what was delivered, rounded down.
    """
    return price_per_gpu_hour * gpu_seconds // SECONDS_PER_HOUR


@internal
@pure
def _reserve(price_per_gpu_hour: uint256, gpu_seconds: uint256) -> uint256:
    """
    @dev The same rounded up: the most that vouchers for it ever come to.
    """
    return (price_per_gpu_hour * gpu_seconds + SECONDS_PER_HOUR - 1) // SECONDS_PER_HOUR


@internal
@pure
def _rate_per_day(price_per_gpu_hour: uint256, gpus: uint256) -> uint256:
    """
    @dev Units of the asset that all machines of a lease cost a day.
    """
    return price_per_gpu_hour * gpus * HOURS_PER_DAY


@internal
@pure
def _gpu_seconds(lease: packed_lease.Lease, until: uint256) -> uint256:
    """
    @dev GPU-seconds from the start to `until`; none before the start.
    """
    return lease.gpus * (max(until, lease.starts_at) - lease.starts_at)


@internal
@pure
def _carbon_grams(power: packed_power.Power, gpu_seconds: uint256) -> uint256:
    """
    @dev gCO2e at the full power of the offer, rounded down.
    """
    joules: uint256 = gpu_seconds * power.watts_per_gpu * power.pue_bps // BPS
    return joules * power.grams_per_kwh // JOULES_PER_KWH

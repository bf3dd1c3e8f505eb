# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed budget
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How much of a grant's compute budget is promised.
@dev No state. Money is in units of the budget's asset.
     [0..103]   ordered        reserved by open orders and paid by closed ones
     [104..191] rate_per_day   what all running orders cost a day
     [192..255] carbon_grams   gCO2e of what was drawn and may still be, by the figures of the offers
"""

struct Budget:
    ordered: uint256
    rate_per_day: uint256
    carbon_grams: uint256


ORDERED_MASK: constant(uint256) = 2**104 - 1
RATE_PER_DAY_OFFSET: constant(uint256) = 104
RATE_PER_DAY_MASK: constant(uint256) = 2**88 - 1
CARBON_GRAMS_OFFSET: constant(uint256) = 192
CARBON_GRAMS_MASK: constant(uint256) = 2**64 - 1


@internal
@pure
def _pack(budget: Budget) -> uint256:
    assert budget.ordered <= ORDERED_MASK and budget.rate_per_day <= RATE_PER_DAY_MASK, "amount is too large"
    assert budget.carbon_grams <= CARBON_GRAMS_MASK, "carbon is too large"
    return (
        budget.ordered
        | (budget.rate_per_day << RATE_PER_DAY_OFFSET)
        | (budget.carbon_grams << CARBON_GRAMS_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Budget:
    return Budget(
        ordered=self._ordered(packed),
        rate_per_day=self._rate_per_day(packed),
        carbon_grams=self._carbon_grams(packed),
    )


@internal
@pure
def _ordered(packed: uint256) -> uint256:
    return packed & ORDERED_MASK


@internal
@pure
def _rate_per_day(packed: uint256) -> uint256:
    return (packed >> RATE_PER_DAY_OFFSET) & RATE_PER_DAY_MASK


@internal
@pure
def _carbon_grams(packed: uint256) -> uint256:
    return (packed >> CARBON_GRAMS_OFFSET) & CARBON_GRAMS_MASK

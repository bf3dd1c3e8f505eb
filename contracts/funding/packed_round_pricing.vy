# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed pricing of a round
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What the tokens of a round cost, and how much must come in.
@dev No state.
     [0..127]   price      units of the asset for 10**18 token wei
     [128..255] soft_goal  units of the asset below which the round fails
"""

from contracts.common import refusals

struct Pricing:
    price: uint256
    soft_goal: uint256

PRICE_MASK: constant(uint256) = 2**128 - 1
SOFT_GOAL_OFFSET: constant(uint256) = 128
SOFT_GOAL_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(pricing: Pricing) -> uint256:
    if pricing.price > PRICE_MASK or pricing.soft_goal > SOFT_GOAL_MASK:
        refusals._refuse("round is too large")
    return pricing.price | (pricing.soft_goal << SOFT_GOAL_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Pricing:
    return Pricing(
        price=packed & PRICE_MASK,
        soft_goal=packed >> SOFT_GOAL_OFFSET,
    )

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Round terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which terms a funding round may have, and what its tokens cost.
@dev No state. Amounts are bounded by the packed modules that store them.
"""

from contracts.funding import packed_round_pricing
from contracts.funding import packed_round_totals
from interfaces import IFundingRounds

TOKEN_UNIT: constant(uint256) = 10**18

# The longest that a round may last, and the longest that it may wait for its start.
MAX_ROUND_SECONDS: public(constant(uint256)) = 366 * 86_400
# Ten years.
MAX_VESTING_SECONDS: public(constant(uint256)) = 3_660 * 86_400


@internal
@view
def _check(terms: IFundingRounds.RoundTerms):
    assert terms.price > 0 and terms.price <= packed_round_pricing.PRICE_MASK, "price is out of bounds"
    assert (
        terms.soft_goal > 0
        and terms.soft_goal <= terms.hard_cap
        and terms.hard_cap <= packed_round_totals.HARD_CAP_MASK
    ), "goal or cap is out of bounds"
    now: uint256 = block.timestamp
    assert terms.starts_at >= now and terms.starts_at <= now + MAX_ROUND_SECONDS, "start is out of bounds"
    # A start is below 2^40 here, so the sum cannot overflow.
    last_end: uint256 = terms.starts_at + MAX_ROUND_SECONDS
    assert terms.ends_at > terms.starts_at and terms.ends_at <= last_end, "end is out of bounds"
    # The smallest contribution must buy something when it is used in full.
    mints: uint256 = self._tokens_for(min(terms.min_contribution, terms.hard_cap), terms.price)
    assert terms.min_contribution <= terms.hard_cap and mints > 0, "minimum is out of bounds"
    maximum: uint256 = terms.max_contribution
    assert maximum == 0 or (
        maximum >= terms.min_contribution and maximum <= packed_round_totals.HARD_CAP_MASK
    ), "maximum is out of bounds"
    assert (
        terms.vesting_seconds <= MAX_VESTING_SECONDS and terms.cliff_seconds <= terms.vesting_seconds
    ), "vesting is out of bounds"


@internal
@pure
def _tokens_for(amount: uint256, price: uint256) -> uint256:
    """
    @dev Token wei for `amount` units of the asset, rounded down.
    """
    return amount * TOKEN_UNIT // price

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Round terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which terms a funding round may have, and their form in a few words of storage.
@dev No state. Amounts have 112 bits (of 24 decimals, five thousand million units), so that what a contribution writes
     fits one word: the total, the cap and the number of contributors.
"""

from interfaces import IFundingRounds

# Flags in the schedule word.
FINALIZED_FLAG: constant(uint256) = 1 << 240
CANCELLED_FLAG: constant(uint256) = 1 << 241
# The minter allowance that was set aside for the round is free again.
RELEASED_FLAG: constant(uint256) = 1 << 242
PRO_RATA_FLAG: constant(uint256) = 1 << 243
ALLOW_LIST_FLAG: constant(uint256) = 1 << 244
# The first pause that may move the round's end. 11 bits last for 78 years of pauses.
PAUSE_SHIFT: constant(uint256) = 245

ADDRESS_MASK: constant(uint256) = 2**160 - 1
TIME_MASK: constant(uint256) = 2**40 - 1
AMOUNT_BITS: constant(uint256) = 112
AMOUNT_MASK: constant(uint256) = 2**112 - 1
HALF: constant(uint256) = 128
HALF_MASK: constant(uint256) = 2**128 - 1

TOKEN_UNIT: constant(uint256) = 10**18

# Longest round, and longest wait for its start.
MAX_ROUND_SECONDS: public(constant(uint256)) = 366 * 86_400
# Ten years.
MAX_VESTING_SECONDS: public(constant(uint256)) = 3_660 * 86_400


@internal
@view
def _check(terms: IFundingRounds.RoundTerms):
    assert terms.price > 0 and terms.price <= HALF_MASK, "price is out of bounds"
    assert (
        terms.soft_goal > 0 and terms.soft_goal <= terms.hard_cap and terms.hard_cap <= AMOUNT_MASK
    ), "goal or cap is out of bounds"
    now: uint256 = block.timestamp
    assert terms.starts_at >= now and terms.starts_at <= now + MAX_ROUND_SECONDS, "start is out of bounds"
    # A start is below 2^40 here, so that neither sum nor difference can overflow.
    last_end: uint256 = terms.starts_at + MAX_ROUND_SECONDS
    assert terms.ends_at > terms.starts_at and terms.ends_at <= last_end, "end is out of bounds"
    # Each contribution must mint something.
    mints: uint256 = self._tokens_for(min(terms.min_contribution, terms.hard_cap), terms.price)
    assert terms.min_contribution <= terms.hard_cap and mints > 0, "minimum is out of bounds"
    maximum: uint256 = terms.max_contribution
    assert maximum == 0 or (
        maximum >= terms.min_contribution and maximum <= AMOUNT_MASK
    ), "maximum is out of bounds"
    assert (
        terms.vesting_seconds <= MAX_VESTING_SECONDS and terms.cliff_seconds <= terms.vesting_seconds
    ), "vesting is out of bounds"


@internal
@pure
def _schedule(terms: IFundingRounds.RoundTerms, first_pause: uint256) -> uint256:
    """
    @dev asset 160 | starts_at 40 | ends_at 40 | flags 5 | first pause 11.
    """
    assert first_pause < 2**11, "too many pauses"
    schedule: uint256 = convert(terms.asset, uint256) | (terms.starts_at << 160) | (terms.ends_at << 200)
    schedule |= first_pause << PAUSE_SHIFT
    if terms.is_pro_rata:
        schedule |= PRO_RATA_FLAG
    if terms.allow_list_root != empty(bytes32):
        schedule |= ALLOW_LIST_FLAG
    return schedule


@internal
@pure
def _tokens_for(amount: uint256, price: uint256) -> uint256:
    """
    @dev Token wei for `amount` units of the asset, rounded down.
    """
    return amount * TOKEN_UNIT // price

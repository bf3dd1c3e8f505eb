# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Round book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What every funding round agreed, raised and settled, and the state that follows from it and from the clock.
@dev Amounts are packed two to a slot of 128 bits each; `_open` refuses what would not fit. Moves no money.
@custom:invariant raised <= hard_cap. The sum of the contributions not yet settled == raised - paid_settled.
     tokens_reserved == the sum of `_tokens_for(hard_cap)` over the rounds not flagged RELEASED.
     A round that is FINALIZED, FAILED or CANCELLED stays so.
"""

from interfaces import IFundingRounds

# Flags in the schedule word.
FINALIZED_FLAG: constant(uint256) = 1 << 240
CANCELLED_FLAG: constant(uint256) = 1 << 241
# The minter allowance that was set aside for the round is free again.
RELEASED_FLAG: constant(uint256) = 1 << 242

ADDRESS_MASK: constant(uint256) = 2**160 - 1
TIME_MASK: constant(uint256) = 2**40 - 1
AMOUNT_MASK: constant(uint256) = 2**128 - 1

TOKEN_UNIT: constant(uint256) = 10**18

# From the end of a round on; afterwards a success that nobody could finalize pays back instead.
FINALIZE_SECONDS: public(constant(uint256)) = 30 * 86_400
# Longest round, and longest wait for its start.
MAX_ROUND_SECONDS: public(constant(uint256)) = 366 * 86_400


struct PackedRound:
    schedule: uint256  # asset 160 | starts_at 40 | ends_at 40 | flags 16
    totals: uint256  # raised 128 | hard_cap 128
    pricing: uint256  # price 128 | soft_goal 128
    bounds: uint256  # min_contribution 128 | max_contribution 128
    settled: uint256  # paid_settled 128 | tokens_claimed 128
    purpose: uint256
    terms_hash: bytes32
    terms_uri: String[128]


# What decides the state of a round, unpacked.
struct Live:
    schedule: uint256
    asset: address
    starts_at: uint256
    ends_at: uint256
    raised: uint256
    hard_cap: uint256
    price: uint256
    soft_goal: uint256


round_count: public(uint256)
# Token wei that rounds which may still succeed would mint at their hard caps.
tokens_reserved: public(uint256)

_rounds: HashMap[uint256, PackedRound]
# Round => account => asset units paid and neither claimed nor refunded.
_contributions: HashMap[uint256, HashMap[address, uint256]]


@deploy
def __init__():
    pass


# --- changes ---


@internal
def _open(terms: IFundingRounds.RoundTerms) -> uint256:
    """
    @dev Freezes `terms` under the next id and reserves the tokens of the hard cap. The caller has checked the asset,
         the purpose and the room for the tokens.
    """
    self._check_terms(terms)
    round_id: uint256 = self.round_count + 1
    self.round_count = round_id
    self.tokens_reserved += self._tokens_for(terms.hard_cap, terms.price)
    self._rounds[round_id] = PackedRound(
        schedule=convert(terms.asset, uint256) | (terms.starts_at << 160) | (terms.ends_at << 200),
        totals=terms.hard_cap << 128,
        pricing=terms.price | (terms.soft_goal << 128),
        bounds=terms.min_contribution | (terms.max_contribution << 128),
        settled=0,
        purpose=terms.purpose,
        terms_hash=terms.terms_hash,
        terms_uri=terms.terms_uri,
    )
    return round_id


@internal
def _add_contribution(round_id: uint256, live: Live, account: address, amount: uint256) -> (uint256, uint256):
    """
    @dev Books what of `amount` still fits under the hard cap. Returns it, and the new total of the round.
    """
    assert self._state_of(live) == IFundingRounds.RoundState.OPEN, "round is not open"
    room: uint256 = live.hard_cap - live.raised
    taken: uint256 = min(amount, room)
    bounds: uint256 = self._rounds[round_id].bounds
    # Filling the cap is always allowed, else the minimum could put it out of reach. No accepted contribution mints
    # nothing: neither the minimum nor the room of an open round does.
    assert taken == room or taken >= bounds & AMOUNT_MASK, "contribution is too small"
    paid: uint256 = self._contributions[round_id][account] + taken
    maximum: uint256 = bounds >> 128
    assert maximum == 0 or paid <= maximum, "account maximum exceeded"
    raised: uint256 = live.raised + taken
    self._contributions[round_id][account] = paid
    self._rounds[round_id].totals = raised | (live.hard_cap << 128)
    return taken, raised


@internal
def _settle(round_id: uint256, account: address) -> (uint256, uint256):
    """
    @dev Takes the contribution of `account` off the book. Returns it, and what of the round is still unsettled.
    """
    paid: uint256 = self._contributions[round_id][account]
    assert paid > 0, "nothing to settle"
    self._contributions[round_id][account] = 0
    # The low half cannot overflow into the high one: paid_settled never exceeds raised.
    settled: uint256 = self._rounds[round_id].settled + paid
    self._rounds[round_id].settled = settled
    return paid, (self._rounds[round_id].totals & AMOUNT_MASK) - (settled & AMOUNT_MASK)


@internal
def _add_tokens_claimed(round_id: uint256, amount: uint256) -> uint256:
    """
    @dev Returns all tokens of the round claimed so far.
    """
    settled: uint256 = self._rounds[round_id].settled + (amount << 128)
    self._rounds[round_id].settled = settled
    return settled >> 128


@internal
def _mark_finalized(round_id: uint256, live: Live):
    assert self._state_of(live) == IFundingRounds.RoundState.SUCCEEDED, "round has not succeeded"
    self._rounds[round_id].schedule = live.schedule | FINALIZED_FLAG | RELEASED_FLAG
    self.tokens_reserved -= self._tokens_for(live.hard_cap, live.price)


@internal
def _mark_cancelled(round_id: uint256, live: Live):
    state: IFundingRounds.RoundState = self._state_of(live)
    assert state in (
        IFundingRounds.RoundState.PENDING | IFundingRounds.RoundState.OPEN | IFundingRounds.RoundState.SUCCEEDED
    ), "round is over"
    self._rounds[round_id].schedule = live.schedule | CANCELLED_FLAG | RELEASED_FLAG
    self.tokens_reserved -= self._tokens_for(live.hard_cap, live.price)


@internal
def _release(round_id: uint256, live: Live) -> uint256:
    """
    @dev Frees what is reserved for a round that can no longer mint. Returns the token wei, zero when that was done.
    """
    if live.schedule & RELEASED_FLAG != 0:
        return 0
    self._rounds[round_id].schedule = live.schedule | RELEASED_FLAG
    reserved: uint256 = self._tokens_for(live.hard_cap, live.price)
    self.tokens_reserved -= reserved
    return reserved


# --- reads ---


@internal
@view
def _load(round_id: uint256) -> Live:
    schedule: uint256 = self._rounds[round_id].schedule
    assert schedule != 0, "round is unknown"
    totals: uint256 = self._rounds[round_id].totals
    pricing: uint256 = self._rounds[round_id].pricing
    return Live(
        schedule=schedule,
        asset=convert(schedule & ADDRESS_MASK, address),
        starts_at=(schedule >> 160) & TIME_MASK,
        ends_at=(schedule >> 200) & TIME_MASK,
        raised=totals & AMOUNT_MASK,
        hard_cap=totals >> 128,
        price=pricing & AMOUNT_MASK,
        soft_goal=pricing >> 128,
    )


@internal
@view
def _state_of(live: Live) -> IFundingRounds.RoundState:
    if live.schedule & CANCELLED_FLAG != 0:
        return IFundingRounds.RoundState.CANCELLED
    if live.schedule & FINALIZED_FLAG != 0:
        return IFundingRounds.RoundState.FINALIZED
    if block.timestamp < live.starts_at:
        return IFundingRounds.RoundState.PENDING
    # The cap counts as reached when what is missing would mint nothing, so that no rest can be too small to fill.
    is_full: bool = self._tokens_for(live.hard_cap - live.raised, live.price) == 0
    if block.timestamp < live.ends_at and not is_full:
        return IFundingRounds.RoundState.OPEN
    if not is_full and live.raised < live.soft_goal:
        return IFundingRounds.RoundState.FAILED
    if block.timestamp < live.ends_at + FINALIZE_SECONDS:
        return IFundingRounds.RoundState.SUCCEEDED
    return IFundingRounds.RoundState.FAILED


@internal
@view
def _is_refundable(live: Live) -> bool:
    return self._state_of(live) in (IFundingRounds.RoundState.FAILED | IFundingRounds.RoundState.CANCELLED)


@internal
@view
def _contribution(round_id: uint256, account: address) -> uint256:
    return self._contributions[round_id][account]


@internal
@view
def _purpose(round_id: uint256) -> uint256:
    return self._rounds[round_id].purpose


@internal
@view
def _round(round_id: uint256) -> IFundingRounds.Round:
    live: Live = self._load(round_id)
    packed: PackedRound = self._rounds[round_id]
    finalized: bool = live.schedule & FINALIZED_FLAG != 0
    tokens_minted: uint256 = 0
    if finalized:
        tokens_minted = self._tokens_for(live.raised, live.price)
    return IFundingRounds.Round(
        terms=IFundingRounds.RoundTerms(
            asset=live.asset,
            price=live.price,
            soft_goal=live.soft_goal,
            hard_cap=live.hard_cap,
            min_contribution=packed.bounds & AMOUNT_MASK,
            max_contribution=packed.bounds >> 128,
            starts_at=live.starts_at,
            ends_at=live.ends_at,
            purpose=packed.purpose,
            terms_hash=packed.terms_hash,
            terms_uri=packed.terms_uri,
        ),
        raised=live.raised,
        tokens_minted=tokens_minted,
        paid_settled=packed.settled & AMOUNT_MASK,
        finalized=finalized,
        cancelled=live.schedule & CANCELLED_FLAG != 0,
    )


# --- pure helpers ---


@internal
@view
def _check_terms(terms: IFundingRounds.RoundTerms):
    assert terms.price > 0 and terms.price <= AMOUNT_MASK, "price is out of bounds"
    assert terms.hard_cap <= AMOUNT_MASK, "hard cap is too large"
    assert terms.soft_goal > 0 and terms.soft_goal <= terms.hard_cap, "soft goal is out of bounds"
    assert terms.starts_at >= block.timestamp, "start has passed"
    assert terms.starts_at <= block.timestamp + MAX_ROUND_SECONDS, "start is too far"
    assert terms.ends_at > terms.starts_at, "end is not after the start"
    assert terms.ends_at - terms.starts_at <= MAX_ROUND_SECONDS, "round is too long"
    assert terms.min_contribution <= terms.hard_cap, "minimum is above the hard cap"
    assert self._tokens_for(terms.min_contribution, terms.price) > 0, "minimum mints nothing"
    assert terms.max_contribution <= AMOUNT_MASK, "maximum is too large"
    assert (
        terms.max_contribution == 0 or terms.max_contribution >= terms.min_contribution
    ), "maximum is below the minimum"


@internal
@pure
def _tokens_for(amount: uint256, price: uint256) -> uint256:
    """
    @dev Token wei for `amount` units of the asset, rounded down.
    """
    return amount * TOKEN_UNIT // price

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Round book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What every funding round agreed, raised and settled, and the state that follows from it and from the clock.
@dev Moves no money. Of what an account paid, its used part buys tokens and the surplus is `paid - used`, never a second
     ratio. The used parts round down, so that together they may miss the cap by less than a unit per contributor: that
     much of an over-subscribed round is held back from the Treasury until everybody is settled.
@custom:invariant Unless the round is pro rata, raised <= hard_cap. The sum of the contributions not yet settled ==
     raised - paid_settled. The sum of the used parts <= the lesser of raised and hard_cap.
     tokens_reserved == the sum of `_tokens_for(hard_cap)` over the rounds not flagged RELEASED.
     A round that is FINALIZED, FAILED or CANCELLED stays so. Of the rounds of one purpose all but the last are FAILED or
     CANCELLED, so that all money that rounds brought to it is one round's.
"""

from contracts.funding import pauses
from contracts.funding import round_terms
from contracts.funding import vesting_words
from interfaces import IFundingRounds

uses: pauses

# From the end of a round on; afterwards a success that nobody could finalize pays back instead.
FINALIZE_SECONDS: public(constant(uint256)) = 30 * 86_400

# An account's word: paid 112 | tokens claimed 96 | these flags.
TOKENS_SHIFT: constant(uint256) = 112
TOKENS_MASK: constant(uint256) = 2**96 - 1
SURPLUS_FLAG: constant(uint256) = 1 << 208
SETTLED_FLAG: constant(uint256) = 1 << 209
# Somebody else than the account holds its position, see `_holders`.
MOVED_FLAG: constant(uint256) = 1 << 210

struct PackedRound:
    schedule: uint256  # asset 160 | starts_at 40 | ends_at 40 | flags 5 | first pause 11
    totals: uint256  # raised 112 | hard_cap 112 | contributors 32
    pricing: uint256  # price 128 | soft_goal 128
    bounds: uint256  # min_contribution 128 | max_contribution 128
    settled: uint256  # paid_settled 128 | tokens_claimed 128
    vesting: uint256  # cliff 40 | vesting_seconds 40 | finalized_at 40 | vesting began 40 | was ended 40
    surplus: uint256  # units of the asset kept back by `finalize` and not refunded yet
    allow_list_root: bytes32
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
    contributors: uint256
    price: uint256
    soft_goal: uint256


round_count: public(uint256)
# Token wei that rounds which may still succeed would mint at their hard caps.
tokens_reserved: public(uint256)

_rounds: HashMap[uint256, PackedRound]
# Purpose => its latest round, 0 before the first.
round_of: public(HashMap[uint256, uint256])
# Round => account => its word; empty again once a failed round has refunded it.
_contributions: HashMap[uint256, HashMap[address, uint256]]
# Round => account => who holds the position that the account paid for, if its word has the MOVED_FLAG.
_holders: HashMap[uint256, HashMap[address, address]]


@deploy
def __init__():
    pass


# --- changes ---


@internal
def _open(terms: IFundingRounds.RoundTerms) -> uint256:
    """
    @dev Freezes `terms` under the next id and reserves the tokens of the hard cap. The rules have admitted them.
    """
    previous: uint256 = self.round_of[terms.purpose]
    assert previous == 0 or self._is_refundable(self._load(previous)), "purpose has a round"
    round_id: uint256 = self.round_count + 1
    self.round_count = round_id
    self.round_of[terms.purpose] = round_id
    self.tokens_reserved += round_terms._tokens_for(terms.hard_cap, terms.price)
    self._rounds[round_id] = PackedRound(
        schedule=round_terms._schedule(terms, pauses._count()),
        totals=terms.hard_cap << round_terms.AMOUNT_BITS,
        pricing=terms.price | (terms.soft_goal << round_terms.HALF),
        bounds=terms.min_contribution | (terms.max_contribution << round_terms.HALF),
        settled=0,
        vesting=terms.cliff_seconds | (terms.vesting_seconds << vesting_words.DURATION_SHIFT),
        surplus=0,
        allow_list_root=terms.allow_list_root,
        purpose=terms.purpose,
        terms_hash=terms.terms_hash,
        terms_uri=terms.terms_uri,
    )
    return round_id


@internal
def _add_contribution(
    round_id: uint256, live: Live, account: address, amount: uint256, min_amount: uint256
) -> (uint256, uint256):
    """
    @dev Books what of `amount` still fits under the hard cap, or all of it if the round is pro rata, but nothing below
         `min_amount`. Returns it, and the new total of the round.
    """
    assert self._state_of(live) == IFundingRounds.RoundState.OPEN, "round is not open"
    taken: uint256 = amount
    fills_cap: bool = False
    if live.schedule & round_terms.PRO_RATA_FLAG == 0:
        room: uint256 = live.hard_cap - live.raised
        taken = min(amount, room)
        fills_cap = taken == room
    else:
        assert amount <= round_terms.AMOUNT_MASK - live.raised, "round total is too large"
    assert taken >= min_amount, "less than the minimum is left"
    bounds: uint256 = self._rounds[round_id].bounds
    # Filling the cap is always allowed, else the minimum could put it out of reach. No accepted contribution mints
    # nothing: neither the minimum nor the room of an open round does.
    assert fills_cap or taken >= bounds & round_terms.HALF_MASK, "contribution is too small"
    before: uint256 = self._contributions[round_id][account]
    paid: uint256 = before + taken
    maximum: uint256 = bounds >> round_terms.HALF
    assert maximum == 0 or paid <= maximum, "account maximum exceeded"
    contributors: uint256 = live.contributors
    if before == 0:
        contributors += 1
    raised: uint256 = live.raised + taken
    self._contributions[round_id][account] = paid
    self._rounds[round_id].totals = (
        raised | (live.hard_cap << round_terms.AMOUNT_BITS) | (contributors << (2 * round_terms.AMOUNT_BITS))
    )
    return taken, raised


@internal
def _mark_finalized(round_id: uint256, live: Live):
    assert self._state_of(live) == IFundingRounds.RoundState.SUCCEEDED, "round has not succeeded"
    self._rounds[round_id].schedule = live.schedule | round_terms.FINALIZED_FLAG | round_terms.RELEASED_FLAG
    # Whoever calls, and when, changes nothing of what vests when.
    self._rounds[round_id].vesting |= (block.timestamp << vesting_words.FINALIZED_SHIFT) | (live.ends_at << vesting_words.VESTS_SHIFT)
    surplus: uint256 = live.raised - self._proceeds(live)
    if surplus > 0:
        self._rounds[round_id].surplus = surplus
    self.tokens_reserved -= round_terms._tokens_for(live.hard_cap, live.price)


@internal
def _mark_cancelled(round_id: uint256, live: Live):
    state: IFundingRounds.RoundState = self._state_of(live)
    assert state in (
        IFundingRounds.RoundState.PENDING | IFundingRounds.RoundState.OPEN | IFundingRounds.RoundState.SUCCEEDED
    ), "round is over"
    self._rounds[round_id].schedule = live.schedule | round_terms.CANCELLED_FLAG | round_terms.RELEASED_FLAG
    self.tokens_reserved -= round_terms._tokens_for(live.hard_cap, live.price)


@internal
def _end_vesting(round_id: uint256) -> bool:
    """
    @dev Lets all tokens of a finalized round vest now. False if they have, or if that was done before.
    """
    vesting: uint256 = self._rounds[round_id].vesting
    if vesting_words._vested(vesting, 1, block.timestamp) == 1:
        return False
    self._rounds[round_id].vesting = vesting | (block.timestamp << vesting_words.ENDED_SHIFT)
    return True


@internal
def _move(round_id: uint256, live: Live, account: address, new_holder: address) -> address:
    """
    @dev Gives the caller's position, which `account` paid for, to `new_holder`. Returns the holder before.
    """
    word: uint256 = self._contributions[round_id][account]
    holder: address = self._holder(round_id, account, word)
    assert msg.sender == holder, "caller holds no such position"
    assert word & round_terms.AMOUNT_MASK != 0, "position is empty"
    assert new_holder != empty(address), "holder is zero"
    assert new_holder != self, "holder is the rounds"
    # A contribution of the account to a running round would be one to its own position.
    assert self._state_of(live) not in (
        IFundingRounds.RoundState.PENDING | IFundingRounds.RoundState.OPEN
    ), "round is not over"
    self._contributions[round_id][account] = word | MOVED_FLAG
    self._holders[round_id][account] = new_holder
    return holder


@internal
def _release(round_id: uint256, live: Live) -> uint256:
    """
    @dev Frees what is reserved for a round that can no longer mint. Returns the token wei, zero when that was done.
    """
    # Read anew: in a batch `live` is as old as its first refund.
    schedule: uint256 = self._rounds[round_id].schedule
    if schedule & round_terms.RELEASED_FLAG != 0:
        return 0
    self._rounds[round_id].schedule = schedule | round_terms.RELEASED_FLAG
    reserved: uint256 = round_terms._tokens_for(live.hard_cap, live.price)
    self.tokens_reserved -= reserved
    return reserved


# --- settlement ---


@internal
def _take_refund(round_id: uint256, live: Live, account: address) -> uint256:
    """
    @dev Takes off the book what a failed round owes `account` in full, or a finalized one as surplus, and returns it;
         zero if it has nothing to get.
    """
    if self._is_finalized(live):
        surplus: uint256 = self._surplus_of(round_id, live, account)
        if surplus > 0:
            self._contributions[round_id][account] += SURPLUS_FLAG
            self._rounds[round_id].surplus -= surplus
        return surplus
    paid: uint256 = self._contributions[round_id][account] & round_terms.AMOUNT_MASK
    self._contributions[round_id][account] = 0
    # The low half cannot overflow into the high one: paid_settled never exceeds raised.
    self._rounds[round_id].settled += paid
    return paid


@internal
def _put_back(round_id: uint256, live: Live, account: address, word: uint256, amount: uint256):
    """
    @dev Undoes `_take_refund`, before which the account's word was `word`, when the asset would not move.
    """
    self._contributions[round_id][account] = word
    if self._is_finalized(live):
        self._rounds[round_id].surplus += amount
        return
    self._rounds[round_id].settled -= amount


@internal
def _take_tokens(round_id: uint256, account: address, amount: uint256):
    """
    @dev Books `amount` of what the round holds for `account` as handed out. The caller has checked that it is there.
    """
    self._contributions[round_id][account] += amount << TOKENS_SHIFT
    self._rounds[round_id].settled += amount << round_terms.HALF


@internal
def _settle(round_id: uint256, live: Live, account: address) -> (uint256, uint256):
    """
    @dev Counts `account` as settled once it has had all its tokens and its surplus. After the last one, returns the
         token wei and the units of the asset that rounding left over; else zeros.
    """
    word: uint256 = self._contributions[round_id][account]
    if word & SETTLED_FLAG != 0 or self._held_of(live, word) > 0:
        return 0, 0
    if self._surplus_of(round_id, live, account) > 0:
        return 0, 0
    self._contributions[round_id][account] = word | SETTLED_FLAG
    settled: uint256 = self._rounds[round_id].settled + (word & round_terms.AMOUNT_MASK)
    self._rounds[round_id].settled = settled
    if settled & round_terms.HALF_MASK != live.raised:
        return 0, 0
    rest: uint256 = self._rounds[round_id].surplus
    if rest > 0:
        self._rounds[round_id].surplus = 0
    return self._minted(live) - (settled >> round_terms.HALF), rest


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
        asset=convert(schedule & round_terms.ADDRESS_MASK, address),
        starts_at=(schedule >> 160) & round_terms.TIME_MASK,
        ends_at=self._end_of(schedule),
        raised=totals & round_terms.AMOUNT_MASK,
        hard_cap=(totals >> round_terms.AMOUNT_BITS) & round_terms.AMOUNT_MASK,
        contributors=totals >> (2 * round_terms.AMOUNT_BITS),
        price=pricing & round_terms.HALF_MASK,
        soft_goal=pricing >> round_terms.HALF,
    )


@internal
@view
def _state_of(live: Live) -> IFundingRounds.RoundState:
    if live.schedule & round_terms.CANCELLED_FLAG != 0:
        return IFundingRounds.RoundState.CANCELLED
    if live.schedule & round_terms.FINALIZED_FLAG != 0:
        return IFundingRounds.RoundState.FINALIZED
    if block.timestamp < live.starts_at:
        return IFundingRounds.RoundState.PENDING
    is_full: bool = False
    if live.schedule & round_terms.PRO_RATA_FLAG == 0:
        # Full when what is missing would mint nothing, so that no rest can be too small to fill.
        is_full = round_terms._tokens_for(live.hard_cap - live.raised, live.price) == 0
    if block.timestamp < live.ends_at and not is_full:
        return IFundingRounds.RoundState.OPEN
    if not is_full and live.raised < live.soft_goal:
        return IFundingRounds.RoundState.FAILED
    if block.timestamp < live.ends_at + FINALIZE_SECONDS:
        return IFundingRounds.RoundState.SUCCEEDED
    return IFundingRounds.RoundState.FAILED


@internal
@view
def _end_of(schedule: uint256) -> uint256:
    """
    @dev First second that takes no contributions, by the pauses so far.
    """
    return pauses._end(
        (schedule >> 160) & round_terms.TIME_MASK,
        (schedule >> 200) & round_terms.TIME_MASK,
        schedule >> round_terms.PAUSE_SHIFT,
    )


@internal
@view
def _is_finalized(live: Live) -> bool:
    return self._state_of(live) == IFundingRounds.RoundState.FINALIZED


@internal
@view
def _is_refundable(live: Live) -> bool:
    return self._state_of(live) in (IFundingRounds.RoundState.FAILED | IFundingRounds.RoundState.CANCELLED)


@internal
@view
def _claimable(round_id: uint256, live: Live, account: address) -> uint256:
    """
    @dev Token wei of a finalized round that have vested and are still here.
    """
    word: uint256 = self._contributions[round_id][account]
    allotted: uint256 = self._allotted(live, word)
    vested: uint256 = vesting_words._vested(self._rounds[round_id].vesting, allotted, block.timestamp)
    had: uint256 = (word >> TOKENS_SHIFT) & TOKENS_MASK
    return vested - had


@internal
@view
def _surplus_of(round_id: uint256, live: Live, account: address) -> uint256:
    """
    @dev What a finalized round still has to refund to `account`.
    """
    word: uint256 = self._contributions[round_id][account]
    if word & SURPLUS_FLAG != 0:
        return 0
    paid: uint256 = word & round_terms.AMOUNT_MASK
    return paid - self._used(live, paid)


@internal
@view
def _word(round_id: uint256, account: address) -> uint256:
    return self._contributions[round_id][account]


@internal
@view
def _purpose(round_id: uint256) -> uint256:
    return self._rounds[round_id].purpose


@internal
@view
def _holder(round_id: uint256, account: address, word: uint256) -> address:
    """
    @dev Who holds the position of an account with this word.
    """
    if word & MOVED_FLAG != 0:
        return self._holders[round_id][account]
    return account


@internal
@view
def _vesting(round_id: uint256) -> uint256:
    return self._rounds[round_id].vesting


@internal
@view
def _allow_list_root(round_id: uint256) -> bytes32:
    return self._rounds[round_id].allow_list_root


@internal
@view
def _round(round_id: uint256) -> IFundingRounds.Round:
    live: Live = self._load(round_id)
    packed: PackedRound = self._rounds[round_id]
    tokens_minted: uint256 = 0
    proceeds: uint256 = 0
    if live.schedule & round_terms.FINALIZED_FLAG != 0:
        tokens_minted = self._minted(live)
        proceeds = self._proceeds(live)
    return IFundingRounds.Round(
        terms=IFundingRounds.RoundTerms(
            asset=live.asset,
            price=live.price,
            soft_goal=live.soft_goal,
            hard_cap=live.hard_cap,
            min_contribution=packed.bounds & round_terms.HALF_MASK,
            max_contribution=packed.bounds >> round_terms.HALF,
            starts_at=live.starts_at,
            ends_at=live.ends_at,
            purpose=packed.purpose,
            is_pro_rata=live.schedule & round_terms.PRO_RATA_FLAG != 0,
            allow_list_root=packed.allow_list_root,
            cliff_seconds=packed.vesting & round_terms.TIME_MASK,
            vesting_seconds=(packed.vesting >> vesting_words.DURATION_SHIFT) & round_terms.TIME_MASK,
            terms_hash=packed.terms_hash,
            terms_uri=packed.terms_uri,
        ),
        raised=live.raised,
        contributors=live.contributors,
        proceeds=proceeds,
        tokens_minted=tokens_minted,
        paid_settled=packed.settled & round_terms.HALF_MASK,
        surplus_left=packed.surplus,
        finalized_at=(packed.vesting >> vesting_words.FINALIZED_SHIFT) & round_terms.TIME_MASK,
        vesting_starts_at=(packed.vesting >> vesting_words.VESTS_SHIFT) & round_terms.TIME_MASK,
        vesting_ended_at=packed.vesting >> vesting_words.ENDED_SHIFT,
        cancelled=live.schedule & round_terms.CANCELLED_FLAG != 0,
    )


# --- pure helpers ---


@internal
@pure
def _used(live: Live, paid: uint256) -> uint256:
    """
    @dev The part of `paid` that buys tokens, rounded down.
    """
    if live.raised <= live.hard_cap:
        return paid
    return paid * live.hard_cap // live.raised


@internal
@pure
def _allotted(live: Live, word: uint256) -> uint256:
    """
    @dev Token wei that an account with this word gets from a finalized round in all.
    """
    return round_terms._tokens_for(self._used(live, word & round_terms.AMOUNT_MASK), live.price)


@internal
@pure
def _held_of(live: Live, word: uint256) -> uint256:
    """
    @dev Token wei that the round still holds for an account with this word, vested or not.
    """
    return self._allotted(live, word) - ((word >> TOKENS_SHIFT) & TOKENS_MASK)


@internal
@pure
def _minted(live: Live) -> uint256:
    return round_terms._tokens_for(min(live.raised, live.hard_cap), live.price)


@internal
@pure
def _proceeds(live: Live) -> uint256:
    """
    @dev What the Treasury gets: of an over-subscribed round the cap less what rounding may have to give back.
    """
    if live.raised <= live.hard_cap:
        return live.raised
    return live.hard_cap - min(live.hard_cap, live.contributors - 1)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Round book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The terms of each funding round, what it raised and settled, and the state that follows from that and the clock.
@dev Moves no money, and knows no account: see `positions`.
@custom:invariant Unless the round is pro rata, raised <= hard_cap.
     tokens_reserved == the sum of `_tokens_for(hard_cap)` over the rounds not flagged RELEASED.
     A round that is FINALIZED, FAILED or CANCELLED stays so. Of the rounds of one purpose all but the last are FAILED
     or CANCELLED, so that all money that rounds brought to it is one round's.
"""

from contracts.common import refusals
from contracts.funding import packed_round_bounds
from contracts.funding import packed_round_pricing
from contracts.funding import packed_round_schedule
from contracts.funding import packed_round_settled
from contracts.funding import packed_round_totals
from contracts.funding import packed_vesting
from contracts.funding import pauses
from contracts.funding import round_terms
from contracts.funding import vesting
from interfaces import IFundingRounds

uses: pauses

# How long after its end a successful round may be finalized. After that it has failed and pays back.
FINALIZE_SECONDS: public(constant(uint256)) = 30 * 86_400

struct PackedRound:
    schedule: uint256                # see packed_round_schedule; likewise down to `vesting`
    totals: uint256
    pricing: uint256
    bounds: uint256
    settled: uint256
    vesting: uint256
    surplus: uint256                 # units of the asset kept back by `finalize` and not refunded yet
    allow_list_root: bytes32
    purpose: uint256
    terms_hash: bytes32
    terms_uri: String[128]

# The fields of a round that decide its state, unpacked. They are not written back, and go stale in a batch.
struct Core:
    asset: address
    starts_at: uint256
    ends_at: uint256                 # with the pauses so far
    flags: uint256                   # of packed_round_schedule
    raised: uint256
    hard_cap: uint256
    contributors: uint256
    price: uint256
    soft_goal: uint256


round_count: public(uint256)
# Token wei that all rounds not flagged RELEASED would mint at their hard caps.
tokens_reserved: public(uint256)

_rounds: HashMap[uint256, PackedRound]
# Purpose => its latest round, 0 before the first.
round_of: public(HashMap[uint256, uint256])


@deploy
def __init__():
    pass


# --- changes ---


@internal
def _open(terms: IFundingRounds.RoundTerms) -> uint256:
    """
    @dev Freezes `terms`, which RoundRules has admitted, under the next id, and reserves the tokens of the hard cap.
    """
    previous: uint256 = self.round_of[terms.purpose]
    if previous != 0 and not self._is_refundable(self._load(previous)):
        refusals._refuse("purpose has a round")
    round_id: uint256 = self.round_count + 1
    self.round_count = round_id
    self.round_of[terms.purpose] = round_id
    self.tokens_reserved += round_terms._tokens_for(terms.hard_cap, terms.price)
    self._rounds[round_id] = PackedRound(
        schedule=self._schedule_of(terms),
        totals=packed_round_totals._pack(
            packed_round_totals.Totals(raised=0, hard_cap=terms.hard_cap, contributors=0)
        ),
        pricing=packed_round_pricing._pack(
            packed_round_pricing.Pricing(price=terms.price, soft_goal=terms.soft_goal)
        ),
        bounds=packed_round_bounds._pack(
            packed_round_bounds.Bounds(
                min_contribution=terms.min_contribution, max_contribution=terms.max_contribution
            )
        ),
        settled=0,
        vesting=packed_vesting._pack_terms(terms.cliff_seconds, terms.vesting_seconds),
        surplus=0,
        allow_list_root=terms.allow_list_root,
        purpose=terms.purpose,
        terms_hash=terms.terms_hash,
        terms_uri=terms.terms_uri,
    )
    return round_id


@internal
def _add_contribution(
    round_id: uint256, core: Core, paid_before: uint256, amount: uint256, min_amount: uint256
) -> (uint256, uint256):
    """
    @dev Adds a contribution of an account that has paid `paid_before` so far. A first-come round accepts what fits
         under the hard cap, a pro-rata round all of `amount`; less than `min_amount` is refused. Returns what was
         accepted, and the new total of the round.
    """
    if self._state_of(core) != IFundingRounds.RoundState.OPEN:
        refusals._refuse("round is not open")
    taken: uint256 = amount
    fills_cap: bool = False
    if core.flags & packed_round_schedule.PRO_RATA == 0:
        room: uint256 = core.hard_cap - core.raised
        taken = min(amount, room)
        fills_cap = taken == room
    elif amount > packed_round_totals.RAISED_MASK - core.raised:
        refusals._refuse("round total is too large")
    if taken < min_amount:
        refusals._refuse("less than the minimum is left")
    bounds: packed_round_bounds.Bounds = packed_round_bounds._unpack(self._rounds[round_id].bounds)
    # What fills the cap may be below the minimum, else a small rest could never be sold. In a first-come round each
    # accepted contribution mints something: the minimum does, and so does the rest of an open round.
    if not fills_cap and taken < bounds.min_contribution:
        refusals._refuse("contribution is too small")
    if bounds.max_contribution != 0 and paid_before + taken > bounds.max_contribution:
        refusals._refuse("account maximum exceeded")
    totals: packed_round_totals.Totals = packed_round_totals.Totals(
        raised=core.raised + taken, hard_cap=core.hard_cap, contributors=core.contributors
    )
    if paid_before == 0:
        totals.contributors += 1
    self._rounds[round_id].totals = packed_round_totals._pack(totals)
    return taken, totals.raised


@internal
def _mark_finalized(round_id: uint256, core: Core):
    self._check_succeeded(core)
    self._add_flags(round_id, packed_round_schedule.FINALIZED | packed_round_schedule.RELEASED)
    # Vesting counts from the end of the round, so neither the caller nor the time of `finalize` changes it.
    self._rounds[round_id].vesting = packed_vesting._begin(
        self._rounds[round_id].vesting, block.timestamp, core.ends_at
    )
    surplus: uint256 = core.raised - self._proceeds(core)
    if surplus > 0:
        self._rounds[round_id].surplus = surplus
    self.tokens_reserved -= round_terms._tokens_for(core.hard_cap, core.price)


@internal
def _mark_cancelled(round_id: uint256, core: Core):
    if self._state_of(core) not in (
        IFundingRounds.RoundState.PENDING | IFundingRounds.RoundState.OPEN | IFundingRounds.RoundState.SUCCEEDED
    ):
        refusals._refuse("round is over")
    self._add_flags(round_id, packed_round_schedule.CANCELLED | packed_round_schedule.RELEASED)
    self.tokens_reserved -= round_terms._tokens_for(core.hard_cap, core.price)


@internal
def _end_vesting(round_id: uint256) -> bool:
    """
    @dev Lets all tokens of a finalized round vest now. Returns False if all had vested before.
    """
    packed: uint256 = self._rounds[round_id].vesting
    # Of an allotment of one token wei, rounded down, 1 has vested only once everything has.
    if vesting._vested(packed, 1, block.timestamp) == 1:
        return False
    self._rounds[round_id].vesting = packed_vesting._end(packed, block.timestamp)
    return True


@internal
def _release(round_id: uint256, core: Core) -> uint256:
    """
    @dev Frees what is reserved for a round that can no longer mint. Returns the token wei, zero if it was done before.
    """
    # Not `core.flags`: in a batch `core` was loaded before the first refund.
    flags: uint256 = packed_round_schedule._flags(self._rounds[round_id].schedule)
    if flags & packed_round_schedule.RELEASED != 0:
        return 0
    self._add_flags(round_id, packed_round_schedule.RELEASED)
    reserved: uint256 = round_terms._tokens_for(core.hard_cap, core.price)
    self.tokens_reserved -= reserved
    return reserved


@internal
def _add_flags(round_id: uint256, flags: uint256):
    self._rounds[round_id].schedule = packed_round_schedule._add_flags(self._rounds[round_id].schedule, flags)


# --- what is settled ---


@internal
def _record_refund(round_id: uint256, amount: uint256):
    """
    @dev Counts as settled what a failed or cancelled round refunds.
    """
    self._rounds[round_id].settled = packed_round_settled._add_paid(self._rounds[round_id].settled, amount)


@internal
def _undo_refund(round_id: uint256, amount: uint256):
    self._rounds[round_id].settled = packed_round_settled._subtract_paid(self._rounds[round_id].settled, amount)


@internal
def _record_surplus_refund(round_id: uint256, amount: uint256):
    self._rounds[round_id].surplus -= amount


@internal
def _undo_surplus_refund(round_id: uint256, amount: uint256):
    self._rounds[round_id].surplus += amount


@internal
def _record_tokens_out(round_id: uint256, amount: uint256):
    self._rounds[round_id].settled = packed_round_settled._add_tokens(self._rounds[round_id].settled, amount)


@internal
def _add_settled(round_id: uint256, core: Core, paid: uint256) -> (uint256, uint256):
    """
    @dev Counts an account that paid `paid` as settled. With the last account of the round it returns the token wei and
         the units of the asset that rounding left over, and sets the surplus to zero; before that, zeros.
    """
    settled: uint256 = packed_round_settled._add_paid(self._rounds[round_id].settled, paid)
    self._rounds[round_id].settled = settled
    if packed_round_settled._paid(settled) != core.raised:
        return 0, 0
    rest: uint256 = self._rounds[round_id].surplus
    if rest > 0:
        self._rounds[round_id].surplus = 0
    return self._minted(core) - packed_round_settled._tokens_out(settled), rest


# --- reads ---


@internal
@view
def _load(round_id: uint256) -> Core:
    packed: uint256 = self._rounds[round_id].schedule
    if packed == 0:
        refusals._refuse("round is unknown")
    schedule: packed_round_schedule.Schedule = packed_round_schedule._unpack(packed)
    totals: packed_round_totals.Totals = packed_round_totals._unpack(self._rounds[round_id].totals)
    pricing: packed_round_pricing.Pricing = packed_round_pricing._unpack(self._rounds[round_id].pricing)
    return Core(
        asset=schedule.asset,
        starts_at=schedule.starts_at,
        ends_at=pauses._end_with_pauses(schedule.starts_at, schedule.ends_at, schedule.first_pause),
        flags=schedule.flags,
        raised=totals.raised,
        hard_cap=totals.hard_cap,
        contributors=totals.contributors,
        price=pricing.price,
        soft_goal=pricing.soft_goal,
    )


@internal
@view
def _state_of(core: Core) -> IFundingRounds.RoundState:
    if core.flags & packed_round_schedule.CANCELLED != 0:
        return IFundingRounds.RoundState.CANCELLED
    if core.flags & packed_round_schedule.FINALIZED != 0:
        return IFundingRounds.RoundState.FINALIZED
    if block.timestamp < core.starts_at:
        return IFundingRounds.RoundState.PENDING
    is_full: bool = False
    if core.flags & packed_round_schedule.PRO_RATA == 0:
        # Full once the rest up to the cap would mint nothing: no round stays open for a rest that buys nothing.
        is_full = round_terms._tokens_for(core.hard_cap - core.raised, core.price) == 0
    if block.timestamp < core.ends_at and not is_full:
        return IFundingRounds.RoundState.OPEN
    if not is_full and core.raised < core.soft_goal:
        return IFundingRounds.RoundState.FAILED
    if block.timestamp < core.ends_at + FINALIZE_SECONDS:
        return IFundingRounds.RoundState.SUCCEEDED
    return IFundingRounds.RoundState.FAILED


@internal
@view
def _check_succeeded(core: Core):
    if self._state_of(core) != IFundingRounds.RoundState.SUCCEEDED:
        refusals._refuse("round has not succeeded")


@internal
@view
def _is_finalized(core: Core) -> bool:
    return self._state_of(core) == IFundingRounds.RoundState.FINALIZED


@internal
@view
def _is_refundable(core: Core) -> bool:
    return self._state_of(core) in (IFundingRounds.RoundState.FAILED | IFundingRounds.RoundState.CANCELLED)


@internal
@view
def _vested(round_id: uint256, allotted: uint256) -> uint256:
    """
    @dev Token wei of `allotted` that have vested by now, in a finalized round.
    """
    return vesting._vested(self._rounds[round_id].vesting, allotted, block.timestamp)


@internal
@view
def _vesting_times(round_id: uint256, starts_at: uint256) -> (uint256, uint256):
    """
    @dev The end of the cliff and of the vesting of a round that ends at `starts_at`; zeros without a vesting.
    """
    return vesting._times(self._rounds[round_id].vesting, starts_at)


@internal
@view
def _purpose(round_id: uint256) -> uint256:
    return self._rounds[round_id].purpose


@internal
@view
def _allow_list_root(round_id: uint256) -> bytes32:
    return self._rounds[round_id].allow_list_root


@internal
@view
def _schedule_of(terms: IFundingRounds.RoundTerms) -> uint256:
    """
    @dev The packed schedule of a round that opens now.
    """
    flags: uint256 = 0
    if terms.is_pro_rata:
        flags |= packed_round_schedule.PRO_RATA
    if terms.allow_list_root != empty(bytes32):
        flags |= packed_round_schedule.ALLOW_LIST
    return packed_round_schedule._pack(
        packed_round_schedule.Schedule(
            asset=terms.asset,
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
            flags=flags,
            first_pause=pauses._first_pause_of_new_round(),
        )
    )


@internal
@view
def _round(round_id: uint256) -> IFundingRounds.Round:
    core: Core = self._load(round_id)
    packed: PackedRound = self._rounds[round_id]
    bounds: packed_round_bounds.Bounds = packed_round_bounds._unpack(packed.bounds)
    vests: packed_vesting.Vesting = packed_vesting._unpack(packed.vesting)
    tokens_minted: uint256 = 0
    proceeds: uint256 = 0
    if core.flags & packed_round_schedule.FINALIZED != 0:
        tokens_minted = self._minted(core)
        proceeds = self._proceeds(core)
    return IFundingRounds.Round(
        terms=IFundingRounds.RoundTerms(
            asset=core.asset,
            price=core.price,
            soft_goal=core.soft_goal,
            hard_cap=core.hard_cap,
            min_contribution=bounds.min_contribution,
            max_contribution=bounds.max_contribution,
            starts_at=core.starts_at,
            ends_at=core.ends_at,
            purpose=packed.purpose,
            is_pro_rata=core.flags & packed_round_schedule.PRO_RATA != 0,
            allow_list_root=packed.allow_list_root,
            cliff_seconds=vests.cliff_seconds,
            vesting_seconds=vests.vesting_seconds,
            terms_hash=packed.terms_hash,
            terms_uri=packed.terms_uri,
        ),
        raised=core.raised,
        contributors=core.contributors,
        proceeds=proceeds,
        tokens_minted=tokens_minted,
        paid_settled=packed_round_settled._paid(packed.settled),
        surplus_left=packed.surplus,
        finalized_at=vests.finalized_at,
        vesting_starts_at=vests.starts_at,
        vesting_ended_at=vests.ended_at,
        cancelled=core.flags & packed_round_schedule.CANCELLED != 0,
    )


# --- pure helpers ---


@internal
@pure
def _minted(core: Core) -> uint256:
    return round_terms._tokens_for(min(core.raised, core.hard_cap), core.price)


@internal
@pure
def _proceeds(core: Core) -> uint256:
    """
    @dev Units that go to the Treasury. An over-subscribed round keeps one back for each contributor but one: each used
         part is rounded down by less than a unit, so together they may miss the cap by that much.
    """
    if core.raised <= core.hard_cap:
        return core.raised
    return core.hard_cap - min(core.hard_cap, core.contributors - 1)

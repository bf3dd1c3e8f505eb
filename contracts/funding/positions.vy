# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Positions
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What each account paid into a round, who holds that position now, and what of it is settled.
@dev Moves no money. The used part of what an account paid buys tokens. The surplus is always `paid - used` and has no
     division of its own, so the two sum to `paid`. Used parts round down: together they may miss the cap by less than
     a unit per contributor. An over-subscribed round keeps that much back until every account is settled.
@custom:invariant The sum of the contributions not yet settled == raised - paid_settled. The sum of the used parts <=
     the lesser of raised and hard_cap.
"""

from contracts.common import refusals
from contracts.funding import packed_position
from contracts.funding import round_book
from contracts.funding import round_terms
from interfaces import IFundingRounds

uses: round_book

# Round => account => its packed position; empty again once a failed or cancelled round has refunded it.
_positions: HashMap[uint256, HashMap[address, uint256]]
# Round => account => holder of its position. Read only if the position has the flag MOVED.
_holders: HashMap[uint256, HashMap[address, address]]


@deploy
def __init__():
    pass


# --- changes ---


@internal
def _add_contribution(
    round_id: uint256, core: round_book.Core, account: address, amount: uint256, min_amount: uint256
) -> (uint256, uint256):
    """
    @dev Returns what was accepted of `amount`, and the new total of the round. Tokens and flags of the position are
         zero: they come after the round only.
    """
    paid: uint256 = packed_position._paid(self._positions[round_id][account])
    taken: uint256 = 0
    raised: uint256 = 0
    taken, raised = round_book._add_contribution(round_id, core, paid, amount, min_amount)
    self._positions[round_id][account] = packed_position._pack(
        packed_position.Position(paid=paid + taken, tokens_out=0, flags=0)
    )
    return taken, raised


@internal
def _move(round_id: uint256, core: round_book.Core, account: address, new_holder: address) -> address:
    """
    @dev Gives the caller's position, which `account` paid for, to `new_holder`. Returns the previous holder.
    """
    packed: uint256 = self._positions[round_id][account]
    holder: address = self._holder_of(round_id, account, packed)
    if msg.sender != holder:
        refusals._refuse("caller holds no such position")
    if packed_position._paid(packed) == 0:
        refusals._refuse("position is empty")
    if new_holder == empty(address):
        refusals._refuse("holder is zero")
    if new_holder == self:
        refusals._refuse("holder is the rounds")
    # Before that the account could still contribute, to a position that is no longer its own.
    if round_book._state_of(core) in (IFundingRounds.RoundState.PENDING | IFundingRounds.RoundState.OPEN):
        refusals._refuse("round is not over")
    self._positions[round_id][account] = packed_position._add_flag(packed, packed_position.MOVED)
    self._holders[round_id][account] = new_holder
    return holder


@internal
def _record_refund(round_id: uint256, core: round_book.Core, account: address) -> uint256:
    """
    @dev Marks as refunded what is due to `account`: all that it paid to a failed or cancelled round, the surplus of a
         finalized one. Returns that amount, zero if nothing is due.
    """
    packed: uint256 = self._positions[round_id][account]
    if round_book._is_finalized(core):
        surplus: uint256 = self._surplus_of(core, packed)
        if surplus > 0:
            self._positions[round_id][account] = packed_position._add_flag(packed, packed_position.SURPLUS_PAID)
            round_book._record_surplus_refund(round_id, surplus)
        return surplus
    paid: uint256 = packed_position._paid(packed)
    self._positions[round_id][account] = 0
    round_book._record_refund(round_id, paid)
    return paid


@internal
def _undo_refund(round_id: uint256, core: round_book.Core, account: address, packed: uint256, amount: uint256):
    """
    @dev Undoes `_record_refund` after a transfer that failed. `packed` is the position as it was before.
    """
    self._positions[round_id][account] = packed
    if round_book._is_finalized(core):
        round_book._undo_surplus_refund(round_id, amount)
    else:
        round_book._undo_refund(round_id, amount)


@internal
def _record_tokens_out(round_id: uint256, account: address, amount: uint256):
    """
    @dev Counts `amount` token wei as handed out to `account`. The caller has made sure that as many are claimable.
    """
    self._positions[round_id][account] = packed_position._add_tokens(self._positions[round_id][account], amount)
    round_book._record_tokens_out(round_id, amount)


@internal
def _mark_settled(round_id: uint256, core: round_book.Core, account: address) -> (uint256, uint256):
    """
    @dev Counts `account` as settled once it has had all its tokens and its surplus. Returns what rounding left over of
         the round: see `round_book._add_settled`.
    """
    packed: uint256 = self._positions[round_id][account]
    if packed_position._has(packed, packed_position.SETTLED):
        return 0, 0
    if self._unclaimed_of(core, packed) > 0 or self._surplus_of(core, packed) > 0:
        return 0, 0
    self._positions[round_id][account] = packed_position._add_flag(packed, packed_position.SETTLED)
    return round_book._add_settled(round_id, core, packed_position._paid(packed))


# --- reads ---


@internal
@view
def _packed(round_id: uint256, account: address) -> uint256:
    return self._positions[round_id][account]


@internal
@view
def _paid(round_id: uint256, account: address) -> uint256:
    return packed_position._paid(self._positions[round_id][account])


@internal
@view
def _holder(round_id: uint256, account: address) -> address:
    return self._holder_of(round_id, account, self._positions[round_id][account])


@internal
@view
def _holder_of(round_id: uint256, account: address, packed: uint256) -> address:
    """
    @dev Who holds the position of an account, which is `packed`.
    """
    if packed_position._has(packed, packed_position.MOVED):
        return self._holders[round_id][account]
    return account


@internal
@view
def _position(round_id: uint256, account: address) -> IFundingRounds.Position:
    core: round_book.Core = round_book._load(round_id)
    packed: uint256 = self._positions[round_id][account]
    paid: uint256 = packed_position._paid(packed)
    return IFundingRounds.Position(
        paid=paid,
        used=self._used(core, paid),
        tokens=self._allotted(core, packed),
        tokens_out=packed_position._tokens_out(packed),
        holder=self._holder_of(round_id, account, packed),
    )


@internal
@view
def _claimable(round_id: uint256, core: round_book.Core, account: address) -> uint256:
    """
    @dev Token wei of a finalized round that have vested for `account` and were not handed out yet.
    """
    packed: uint256 = self._positions[round_id][account]
    vested: uint256 = round_book._vested(round_id, self._allotted(core, packed))
    return vested - packed_position._tokens_out(packed)


@internal
@view
def _refundable(round_id: uint256, core: round_book.Core, account: address) -> uint256:
    """
    @dev Units of the asset that a failed or cancelled round, or a finalized one as surplus, has yet to pay back; zero
         while nothing can be refunded.
    """
    packed: uint256 = self._positions[round_id][account]
    if round_book._is_finalized(core):
        return self._surplus_of(core, packed)
    if not round_book._is_refundable(core):
        return 0
    return packed_position._paid(packed)


# --- of a packed position ---


@internal
@pure
def _surplus_of(core: round_book.Core, packed: uint256) -> uint256:
    """
    @dev Surplus of the position that a finalized round has not refunded yet.
    """
    if packed_position._has(packed, packed_position.SURPLUS_PAID):
        return 0
    paid: uint256 = packed_position._paid(packed)
    return paid - self._used(core, paid)


@internal
@pure
def _used(core: round_book.Core, paid: uint256) -> uint256:
    """
    @dev The part of `paid` that buys tokens, rounded down.
    """
    if core.raised <= core.hard_cap:
        return paid
    return paid * core.hard_cap // core.raised


@internal
@pure
def _allotted(core: round_book.Core, packed: uint256) -> uint256:
    """
    @dev Token wei that a finalized round allots to the position in all.
    """
    return round_terms._tokens_for(self._used(core, packed_position._paid(packed)), core.price)


@internal
@pure
def _unclaimed_of(core: round_book.Core, packed: uint256) -> uint256:
    """
    @dev Token wei allotted to the position and not handed out, vested or not.
    """
    return self._allotted(core, packed) - packed_position._tokens_out(packed)

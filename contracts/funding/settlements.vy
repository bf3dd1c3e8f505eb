# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Settlements
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Pays the holders of positions their tokens, their surplus or their money back. Anybody may ask for it.
@dev If the asset refuses a payment, a batch goes on with the next account, and a claim still hands out the tokens. What
     was refused stays owed.
"""

from contracts.common import asset_ledger
from contracts.common import refusals
from contracts.funding import positions
from contracts.funding import round_book
from interfaces import IFundingRounds
from interfaces import IGovernanceToken

uses: asset_ledger
uses: positions
uses: round_book

MAX_BATCH: constant(uint256) = 50

TOKEN: public(immutable(address))

# May redirect the refund of a holder that signed, and end the vesting of a round. Set once.
redemptions: public(address)


@deploy
def __init__(token: address):
    TOKEN = token


# --- open to anybody ---


@external
def claim(round_id: uint256, account: address) -> uint256:
    core: round_book.Core = self._load_finalized(round_id)
    tokens: uint256 = 0
    surplus: uint256 = 0
    tokens, surplus = self._claim(round_id, core, account)
    self._check_due(tokens + surplus)
    return tokens


@external
def claim_batch(round_id: uint256, accounts: DynArray[address, MAX_BATCH]) -> uint256:
    core: round_book.Core = self._load_finalized(round_id)
    total: uint256 = 0
    for account: address in accounts:
        tokens: uint256 = 0
        surplus: uint256 = 0
        tokens, surplus = self._claim(round_id, core, account)
        total += tokens
    return total


@external
def refund(round_id: uint256, account: address) -> uint256:
    core: round_book.Core = self._load_refundable(round_id)
    holder: address = positions._holder(round_id, account)
    return self._refund(round_id, core, account, holder)


@external
def refund_batch(round_id: uint256, accounts: DynArray[address, MAX_BATCH]) -> uint256:
    core: round_book.Core = self._load_refundable(round_id)
    total: uint256 = 0
    for account: address in accounts:
        total += self._try_refund(round_id, core, account)
    return total


@external
def release_reservation(round_id: uint256) -> uint256:
    core: round_book.Core = self._load_refundable(round_id)
    return self._release(round_id, core)


# --- of a position's holder ---


@external
def refund_to(round_id: uint256, account: address, receiver: address) -> uint256:
    core: round_book.Core = self._load_refundable(round_id)
    holder: address = positions._holder(round_id, account)
    if msg.sender not in [holder, self.redemptions]:
        refusals._refuse("caller holds no such position")
    asset_ledger._check_receiver(receiver)
    log IFundingRounds.RefundRedirected(round_id=round_id, account=account, holder=holder, receiver=receiver)
    return self._refund(round_id, core, account, receiver)


@external
def move_position(round_id: uint256, account: address, new_holder: address):
    core: round_book.Core = round_book._load(round_id)
    old_holder: address = positions._move(round_id, core, account, new_holder)
    log IFundingRounds.PositionMoved(
        round_id=round_id, account=account, old_holder=old_holder, new_holder=new_holder
    )


# --- internals ---


@internal
def _set_redemptions(redemptions: address):
    """
    @dev Once, because it can redirect refunds: no later vote may name another one.
    """
    if self.redemptions != empty(address):
        refusals._refuse("redemptions are set")
    self.redemptions = redemptions
    log IFundingRounds.RedemptionsSet(redemptions=redemptions)


@internal
def _claim(round_id: uint256, core: round_book.Core, account: address) -> (uint256, uint256):
    """
    @dev Returns the token wei and the units of surplus that were paid. A surplus that the asset refuses stays owed, and
         the tokens are paid all the same.
    """
    surplus: uint256 = self._try_refund(round_id, core, account)
    tokens: uint256 = positions._claimable(round_id, core, account)
    if tokens > 0:
        holder: address = positions._holder(round_id, account)
        positions._record_tokens_out(round_id, account, tokens)
        log IFundingRounds.TokensClaimed(round_id=round_id, account=account, amount=tokens)
        # May fail: this contract may have lost its minter role. It comes before the transfer so that no caller can
        # starve it of gas: the 1/64 that would be left is not enough for the transfer.
        is_delegated: bool = raw_call(
            TOKEN, abi_encode(holder, method_id=method_id("delegate_default(address)")), revert_on_failure=False
        )
        asset_ledger._push(TOKEN, holder, tokens)
        self._close_out(round_id, core, account)
    return tokens, surplus


@internal
def _refund(round_id: uint256, core: round_book.Core, account: address, receiver: address) -> uint256:
    amount: uint256 = positions._record_refund(round_id, core, account)
    self._check_due(amount)
    asset_ledger._push(core.asset, receiver, amount)
    self._conclude_refund(round_id, core, account, amount)
    return amount


@internal
def _try_refund(round_id: uint256, core: round_book.Core, account: address) -> uint256:
    """
    @dev Returns what was refunded: zero if nothing is due, or if the asset refuses, in which case it stays due.
    """
    packed: uint256 = positions._packed(round_id, account)
    amount: uint256 = positions._record_refund(round_id, core, account)
    if amount == 0:
        return 0
    holder: address = positions._holder_of(round_id, account, packed)
    is_paid: bool = asset_ledger._try_push(core.asset, holder, amount)
    if not is_paid:
        positions._undo_refund(round_id, core, account, packed, amount)
        return 0
    self._conclude_refund(round_id, core, account, amount)
    return amount


@internal
def _conclude_refund(round_id: uint256, core: round_book.Core, account: address, amount: uint256):
    """
    @dev After a refund was recorded and paid: logs it, then closes out the account of a finalized round, or releases
         what is reserved for one that can no longer mint.
    """
    log IFundingRounds.Refunded(round_id=round_id, account=account, amount=amount)
    if round_book._is_finalized(core):
        self._close_out(round_id, core, account)
    else:
        self._release(round_id, core)


@internal
def _close_out(round_id: uint256, core: round_book.Core, account: address):
    """
    @dev Counts `account` as settled if nothing is due to it any more. With the last account of the round the tokens
         that rounding left over are burned, and a vote may skim the units.
    """
    tokens: uint256 = 0
    units: uint256 = 0
    tokens, units = positions._mark_settled(round_id, core, account)
    if units > 0:
        asset_ledger._disown(core.asset, units)
        log IFundingRounds.SurplusLeft(round_id=round_id, amount=units)
    if tokens > 0:
        log IFundingRounds.RemainderBurned(round_id=round_id, amount=tokens)
        asset_ledger._release_burned(TOKEN, tokens)
        extcall IGovernanceToken(TOKEN).burn(tokens)


@internal
def _release(round_id: uint256, core: round_book.Core) -> uint256:
    released: uint256 = round_book._release(round_id, core)
    if released > 0:
        log IFundingRounds.ReservationReleased(round_id=round_id, amount=released)
    return released


@internal
@view
def _load_finalized(round_id: uint256) -> round_book.Core:
    core: round_book.Core = round_book._load(round_id)
    if not round_book._is_finalized(core):
        refusals._refuse("round is not finalized")
    return core


@internal
@view
def _load_refundable(round_id: uint256) -> round_book.Core:
    """
    @dev A failed or cancelled round, or a finalized one that was over-subscribed.
    """
    core: round_book.Core = round_book._load(round_id)
    has_surplus: bool = round_book._is_finalized(core) and core.raised > core.hard_cap
    if not has_surplus and not round_book._is_refundable(core):
        refusals._refuse("round is not refundable")
    return core


@internal
@pure
def _check_due(amount: uint256):
    if amount == 0:
        refusals._refuse("nothing to settle")

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Settlements
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How who holds a position in a funding round gets its tokens, its surplus, or its money back, whoever asks for it.
@dev In a batch, and in a claim that has a surplus to pay as well, an account that the asset refuses is passed over: it
     stays owed and holds up nobody else.
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

# Speaks for holders that signed, and may end the vesting of a round; set once.
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
    self._check_something(tokens + surplus)
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


# --- governed ---


@internal
def _set_redemptions(redemptions: address):
    """
    @dev Once: it speaks for holders that signed, which no vote may do.
    """
    if self.redemptions != empty(address):
        refusals._refuse("redemptions are set")
    self.redemptions = redemptions
    log IFundingRounds.RedemptionsSet(redemptions=redemptions)


# --- of a position's holder ---


@external
def refund_to(round_id: uint256, account: address, receiver: address) -> uint256:
    core: round_book.Core = self._load_refundable(round_id)
    holder: address = positions._holder(round_id, account)
    if msg.sender not in [holder, self.redemptions]:
        refusals._refuse("caller holds no such position")
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
def _claim(round_id: uint256, core: round_book.Core, account: address) -> (uint256, uint256):
    """
    @dev The token wei and the units of surplus that `account` got. An asset that refuses leaves the surplus owed and
         does not keep the tokens from their owner.
    """
    surplus: uint256 = self._try_refund(round_id, core, account)
    tokens: uint256 = positions._claimable(round_id, core, account)
    if tokens > 0:
        holder: address = positions._holder(round_id, account)
        positions._take_tokens(round_id, account, tokens)
        log IFundingRounds.TokensClaimed(round_id=round_id, account=account, amount=tokens)
        # Its failure (this contract may have lost its minter role since) must not keep the tokens from their owner. It
        # comes first so that a caller cannot starve it of gas: the transfer needs more than the 1/64 that would be left.
        is_delegated: bool = raw_call(
            TOKEN, abi_encode(holder, method_id=method_id("delegate_default(address)")), revert_on_failure=False
        )
        asset_ledger._push(TOKEN, holder, tokens)
        self._settle(round_id, core, account)
    return tokens, surplus


@internal
def _refund(round_id: uint256, core: round_book.Core, account: address, receiver: address) -> uint256:
    amount: uint256 = positions._take_refund(round_id, core, account)
    self._check_something(amount)
    asset_ledger._push(core.asset, receiver, amount)
    self._book_refund(round_id, core, account, amount)
    return amount


@internal
def _try_refund(round_id: uint256, core: round_book.Core, account: address) -> uint256:
    """
    @dev What `account` got back of what it paid: zero if it has nothing to get or the asset refuses, and then it may
         ask again.
    """
    packed: uint256 = positions._packed(round_id, account)
    amount: uint256 = positions._take_refund(round_id, core, account)
    if amount == 0:
        return 0
    holder: address = positions._holder_of(round_id, account, packed)
    is_paid: bool = asset_ledger._try_push(core.asset, holder, amount)
    if not is_paid:
        positions._put_back(round_id, core, account, packed, amount)
        return 0
    self._book_refund(round_id, core, account, amount)
    return amount


@internal
def _book_refund(round_id: uint256, core: round_book.Core, account: address, amount: uint256):
    log IFundingRounds.Refunded(round_id=round_id, account=account, amount=amount)
    if round_book._is_finalized(core):
        self._settle(round_id, core, account)
    else:
        self._release(round_id, core)


@internal
def _settle(round_id: uint256, core: round_book.Core, account: address):
    """
    @dev After the last of a round, what rounding left over is burned, or left to a vote to skim.
    """
    tokens: uint256 = 0
    units: uint256 = 0
    tokens, units = positions._settle(round_id, core, account)
    if units > 0:
        asset_ledger._disown(core.asset, units)
        log IFundingRounds.SurplusLeft(round_id=round_id, amount=units)
    if tokens > 0:
        log IFundingRounds.RemainderBurned(round_id=round_id, amount=tokens)
        asset_ledger._unbook_burned(TOKEN, tokens)
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
    @dev Also a finalized round, if it was over-subscribed.
    """
    core: round_book.Core = round_book._load(round_id)
    has_surplus: bool = round_book._is_finalized(core) and core.raised > core.hard_cap
    if not has_surplus and not round_book._is_refundable(core):
        refusals._refuse("round is not refundable")
    return core


@internal
@pure
def _check_something(amount: uint256):
    if amount == 0:
        refusals._refuse("nothing to settle")

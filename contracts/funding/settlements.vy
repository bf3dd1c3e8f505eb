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
from contracts.funding import round_book
from interfaces import IFundingRounds
from interfaces import IGovernanceToken

uses: asset_ledger
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
    live: round_book.Live = self._load_finalized(round_id)
    tokens: uint256 = 0
    surplus: uint256 = 0
    tokens, surplus = self._claim(round_id, live, account)
    self._check_something(tokens + surplus)
    return tokens


@external
def claim_batch(round_id: uint256, accounts: DynArray[address, MAX_BATCH]) -> uint256:
    live: round_book.Live = self._load_finalized(round_id)
    total: uint256 = 0
    for account: address in accounts:
        tokens: uint256 = 0
        surplus: uint256 = 0
        tokens, surplus = self._claim(round_id, live, account)
        total += tokens
    return total


@external
def refund(round_id: uint256, account: address) -> uint256:
    live: round_book.Live = self._load_refundable(round_id)
    holder: address = round_book._holder(round_id, account, round_book._word(round_id, account))
    return self._refund(round_id, live, account, holder)


@external
def refund_batch(round_id: uint256, accounts: DynArray[address, MAX_BATCH]) -> uint256:
    live: round_book.Live = self._load_refundable(round_id)
    total: uint256 = 0
    for account: address in accounts:
        total += self._try_refund(round_id, live, account)
    return total


@external
def release_reservation(round_id: uint256) -> uint256:
    live: round_book.Live = self._load_refundable(round_id)
    return self._release(round_id, live)


# --- of a position's holder ---


@external
def refund_to(round_id: uint256, account: address, receiver: address) -> uint256:
    live: round_book.Live = self._load_refundable(round_id)
    holder: address = round_book._holder(round_id, account, round_book._word(round_id, account))
    assert msg.sender in [holder, self.redemptions], "caller holds no such position"
    log IFundingRounds.RefundRedirected(round_id=round_id, account=account, holder=holder, receiver=receiver)
    return self._refund(round_id, live, account, receiver)


@external
def move_position(round_id: uint256, account: address, new_holder: address):
    live: round_book.Live = round_book._load(round_id)
    old_holder: address = round_book._move(round_id, live, account, new_holder)
    log IFundingRounds.PositionMoved(
        round_id=round_id, account=account, old_holder=old_holder, new_holder=new_holder
    )


# --- internals ---


@internal
def _claim(round_id: uint256, live: round_book.Live, account: address) -> (uint256, uint256):
    """
    @dev The token wei and the units of surplus that `account` got. An asset that refuses leaves the surplus owed and
         does not keep the tokens from their owner.
    """
    surplus: uint256 = self._try_refund(round_id, live, account)
    tokens: uint256 = round_book._claimable(round_id, live, account)
    if tokens > 0:
        holder: address = round_book._holder(round_id, account, round_book._word(round_id, account))
        round_book._take_tokens(round_id, account, tokens)
        log IFundingRounds.TokensClaimed(round_id=round_id, account=account, amount=tokens)
        # Its failure (this contract may have lost its minter role since) must not keep the tokens from their owner. It
        # comes first so that a caller cannot starve it of gas: the transfer needs more than the 1/64 that would be left.
        is_delegated: bool = raw_call(
            TOKEN, abi_encode(holder, method_id=method_id("delegate_default(address)")), revert_on_failure=False
        )
        asset_ledger._push(TOKEN, holder, tokens)
        self._settle(round_id, live, account)
    return tokens, surplus


@internal
def _refund(round_id: uint256, live: round_book.Live, account: address, receiver: address) -> uint256:
    amount: uint256 = round_book._take_refund(round_id, live, account)
    self._check_something(amount)
    asset_ledger._push(live.asset, receiver, amount)
    self._book_refund(round_id, live, account, amount)
    return amount


@internal
def _try_refund(round_id: uint256, live: round_book.Live, account: address) -> uint256:
    """
    @dev What `account` got back of what it paid: zero if it has nothing to get or the asset refuses, and then it may
         ask again.
    """
    word: uint256 = round_book._word(round_id, account)
    amount: uint256 = round_book._take_refund(round_id, live, account)
    if amount == 0:
        return 0
    is_paid: bool = asset_ledger._try_push(live.asset, round_book._holder(round_id, account, word), amount)
    if not is_paid:
        round_book._put_back(round_id, live, account, word, amount)
        return 0
    self._book_refund(round_id, live, account, amount)
    return amount


@internal
def _book_refund(round_id: uint256, live: round_book.Live, account: address, amount: uint256):
    log IFundingRounds.Refunded(round_id=round_id, account=account, amount=amount)
    if round_book._is_finalized(live):
        self._settle(round_id, live, account)
    else:
        self._release(round_id, live)


@internal
def _settle(round_id: uint256, live: round_book.Live, account: address):
    """
    @dev After the last of a round, what rounding left over is burned, or left to a vote to skim.
    """
    tokens: uint256 = 0
    units: uint256 = 0
    tokens, units = round_book._settle(round_id, live, account)
    if units > 0:
        asset_ledger._disown(live.asset, units)
        log IFundingRounds.SurplusLeft(round_id=round_id, amount=units)
    if tokens > 0:
        log IFundingRounds.RemainderBurned(round_id=round_id, amount=tokens)
        asset_ledger._unbook_burned(TOKEN, tokens)
        extcall IGovernanceToken(TOKEN).burn(tokens)


@internal
def _release(round_id: uint256, live: round_book.Live) -> uint256:
    released: uint256 = round_book._release(round_id, live)
    if released > 0:
        log IFundingRounds.ReservationReleased(round_id=round_id, amount=released)
    return released


@internal
@view
def _load_finalized(round_id: uint256) -> round_book.Live:
    live: round_book.Live = round_book._load(round_id)
    assert round_book._is_finalized(live), "round is not finalized"
    return live


@internal
@view
def _load_refundable(round_id: uint256) -> round_book.Live:
    """
    @dev Also a finalized round, if it was over-subscribed.
    """
    live: round_book.Live = round_book._load(round_id)
    has_surplus: bool = round_book._is_finalized(live) and live.raised > live.hard_cap
    assert has_surplus or round_book._is_refundable(live), "round is not refundable"
    return live


@internal
@pure
def _check_something(amount: uint256):
    assert amount > 0, "nothing to settle"

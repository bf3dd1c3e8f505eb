# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Funding rounds
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Sells governance tokens at a fixed price to raise money for one purpose of the Treasury, or pays back.
@dev Terms are frozen at opening and states derive from the clock and the totals (see round_book), so that nobody is
     needed to fail a round or to pay back. Nobody holds tokens, or votes, of a round before it is finalized. An asset
     that loses balances by itself would leave the last to be refunded short; the Treasury must not accept such.
@custom:invariant balanceOf(self) >= accounted(asset) == what the unsettled contributions to rounds in that asset that
     are not finalized sum to; for the governance token, what finalized rounds have yet to hand out.
     Each contribution is settled once: by its refund in full, or by its tokens.
@custom:halt The guardian's pause stops `open_round` and the two `contribute` functions for a while; `cancel` stops a
     round for good. Neither stops `finalize`, `claim` or `refund`, and no role can.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import safety
from contracts.funding import round_book
from interfaces import IFundingRounds
from interfaces import IGovernanceToken
from interfaces import ITreasury

implements: IFundingRounds

initializes: governed
initializes: safety[governed := governed]
initializes: asset_ledger
initializes: round_book

exports: (
    governed.__interface__,
    safety.__interface__,
    asset_ledger.accounted,
    round_book.round_count,
    round_book.tokens_reserved,
    round_book.FINALIZE_SECONDS,
    round_book.MAX_ROUND_SECONDS,
)

# The governance token keeps its supply in 96 bits.
SUPPLY_LIMIT: constant(uint256) = 2**96

TOKEN: public(immutable(address))
TREASURY: public(immutable(address))


@deploy
def __init__(token: address, treasury: address):
    """
    @param token The governance token; this contract needs a minter cap there.
    @param treasury Says which assets and purposes exist, and receives the proceeds.
    """
    assert token != empty(address), "token is zero"
    assert treasury != empty(address), "treasury is zero"
    governed.__init__()
    safety.__init__()
    round_book.__init__()
    TOKEN = token
    TREASURY = treasury


# --- contributions ---


@external
def contribute(round_id: uint256, amount: uint256) -> uint256:
    return self._contribute(round_id, amount)


@external
def contribute_with_permit(
    round_id: uint256, amount: uint256, permit_amount: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32
) -> uint256:
    """
    @dev The permit is tried and its outcome ignored: whoever front-runs it has set the same allowance.
    """
    permit_call: Bytes[228] = abi_encode(
        msg.sender,
        self,
        permit_amount,
        deadline,
        v,
        r,
        s,
        method_id=method_id("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"),
    )
    asset: address = round_book._load(round_id).asset
    is_permitted: bool = raw_call(asset, permit_call, revert_on_failure=False)
    return self._contribute(round_id, amount)


# --- outcome ---


@external
def finalize(round_id: uint256):
    live: round_book.Live = round_book._load(round_id)
    tokens: uint256 = round_book._tokens_for(live.raised, live.price)
    round_book._mark_finalized(round_id, live)
    log IFundingRounds.RoundFinalized(round_id=round_id, raised=live.raised, tokens_minted=tokens)
    extcall IGovernanceToken(TOKEN).mint(self, tokens)
    asset_ledger._book_arrived(TOKEN, tokens)
    asset_ledger._hand_over_begin(live.asset, TREASURY, live.raised)
    extcall ITreasury(TREASURY).deposit(round_book._purpose(round_id), live.asset, live.raised)
    asset_ledger._hand_over_end(live.asset, live.raised)


@external
def claim(round_id: uint256, account: address) -> uint256:
    live: round_book.Live = round_book._load(round_id)
    assert round_book._state_of(live) == IFundingRounds.RoundState.FINALIZED, "round is not finalized"
    paid: uint256 = 0
    unsettled: uint256 = 0
    paid, unsettled = round_book._settle(round_id, account)
    tokens: uint256 = round_book._tokens_for(paid, live.price)
    claimed: uint256 = round_book._add_tokens_claimed(round_id, tokens)
    log IFundingRounds.TokensClaimed(round_id=round_id, account=account, amount=tokens)
    # Its failure (this contract may have lost its minter role since) must not keep the tokens from their owner. It
    # comes first so that a caller cannot starve it of gas: the transfer needs more than the 1/64 that would be left.
    is_delegated: bool = raw_call(
        TOKEN, abi_encode(account, method_id=method_id("delegate_default(address)")), revert_on_failure=False
    )
    asset_ledger._push(TOKEN, account, tokens)
    if unsettled == 0:
        self._burn_remainder(round_id, round_book._tokens_for(live.raised, live.price) - claimed)
    return tokens


@external
def refund(round_id: uint256, account: address) -> uint256:
    live: round_book.Live = round_book._load(round_id)
    assert round_book._is_refundable(live), "round is not refundable"
    paid: uint256 = 0
    unsettled: uint256 = 0
    paid, unsettled = round_book._settle(round_id, account)
    log IFundingRounds.Refunded(round_id=round_id, account=account, amount=paid)
    self._release(round_id, live)
    asset_ledger._push(live.asset, account, paid)
    return paid


@external
def release_reservation(round_id: uint256) -> uint256:
    live: round_book.Live = round_book._load(round_id)
    assert round_book._is_refundable(live), "nothing to release"
    return self._release(round_id, live)


# --- governed ---


@external
def open_round(terms: IFundingRounds.RoundTerms) -> uint256:
    governed._only_owner()
    safety._check_running()
    assert terms.asset != TOKEN, "asset is the governance token"
    assert staticcall ITreasury(TREASURY).is_accepted(terms.asset), "asset is not accepted"
    purpose_count: uint256 = staticcall ITreasury(TREASURY).purpose_count()
    assert terms.purpose > 0 and terms.purpose <= purpose_count, "purpose is unknown"
    round_id: uint256 = round_book._open(terms)
    self._check_reserved()
    log IFundingRounds.RoundOpened(round_id=round_id, asset=terms.asset, purpose=terms.purpose, terms=terms)
    return round_id


@external
def cancel(round_id: uint256):
    governed._only_owner()
    round_book._mark_cancelled(round_id, round_book._load(round_id))
    log IFundingRounds.RoundCancelled(round_id=round_id)


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    amount: uint256 = asset_ledger._skim(asset, receiver)
    log IFundingRounds.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ---


@external
@view
def round(round_id: uint256) -> IFundingRounds.Round:
    return round_book._round(round_id)


@external
@view
def state(round_id: uint256) -> IFundingRounds.RoundState:
    return round_book._state_of(round_book._load(round_id))


@external
@view
def contribution(round_id: uint256, account: address) -> uint256:
    return round_book._contribution(round_id, account)


@external
@view
def claimable(round_id: uint256, account: address) -> uint256:
    live: round_book.Live = round_book._load(round_id)
    if round_book._state_of(live) != IFundingRounds.RoundState.FINALIZED:
        return 0
    return round_book._tokens_for(round_book._contribution(round_id, account), live.price)


@external
@view
def refundable(round_id: uint256, account: address) -> uint256:
    if not round_book._is_refundable(round_book._load(round_id)):
        return 0
    return round_book._contribution(round_id, account)


# --- internals ---


@internal
def _contribute(round_id: uint256, amount: uint256) -> uint256:
    safety._check_running()
    live: round_book.Live = round_book._load(round_id)
    taken: uint256 = 0
    raised: uint256 = 0
    taken, raised = round_book._add_contribution(round_id, live, msg.sender, amount)
    log IFundingRounds.Contributed(round_id=round_id, account=msg.sender, amount=taken, raised=raised)
    asset_ledger._pull(live.asset, msg.sender, taken)
    return taken


@internal
def _burn_remainder(round_id: uint256, amount: uint256):
    if amount == 0:
        return
    asset_ledger._unbook_burned(TOKEN, amount)
    log IFundingRounds.RemainderBurned(round_id=round_id, amount=amount)
    extcall IGovernanceToken(TOKEN).burn(amount)


@internal
def _release(round_id: uint256, live: round_book.Live) -> uint256:
    released: uint256 = round_book._release(round_id, live)
    if released > 0:
        log IFundingRounds.ReservationReleased(round_id=round_id, amount=released)
    return released


@internal
@view
def _check_reserved():
    """
    @dev All rounds together must be able to mint, within the minter cap and the supply that are left today.
    """
    reserved: uint256 = round_book.tokens_reserved
    minter_cap: uint256 = staticcall IGovernanceToken(TOKEN).minter_cap(self)
    minted: uint256 = staticcall IGovernanceToken(TOKEN).minted_by(self)
    assert minted + reserved <= minter_cap, "minter cap exceeded"
    supply: uint256 = staticcall IGovernanceToken(TOKEN).totalSupply()
    assert supply + reserved < SUPPLY_LIMIT, "token supply exceeded"

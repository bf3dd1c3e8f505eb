# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Funding rounds
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Sells governance tokens at a fixed price to raise money for one purpose of the Treasury, or pays back; and pays
        back what is left of a purpose that a vote abandons.
@dev Terms are frozen at opening and states derive from the clock and the totals (see round_book), so that nobody is
     needed to fail a round or to pay back. Nobody holds tokens, or votes, of a round before it is finalized; tokens
     that have not vested stay here, where they earn no income and have no votes. An asset that loses balances by itself
     would leave the last to be refunded short; the Treasury must not accept such.
@custom:invariant balanceOf(self) >= accounted(asset) == what the unsettled contributions to rounds in that asset that
     are not finalized sum to, plus the surplus of finalized ones, plus what wind-downs have yet to pay; for the
     governance token, what finalized rounds have yet to hand out.
     Each contribution is settled once: by its refund in full, or by its tokens and its surplus.
@custom:halt The guardian's pause stops `open_round` and the `contribute` functions for a while; `cancel` stops a round
     for good. Neither stops `finalize`, `claim`, `refund` or `redeem`, and no role can.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import merkle_proofs
from contracts.common import safety
from contracts.funding import round_book
from contracts.funding import round_terms
from contracts.funding import settlements
from contracts.funding import wind_downs
from interfaces import IFundingRounds
from interfaces import IGovernanceToken
from interfaces import ITreasury

implements: IFundingRounds

initializes: governed
initializes: safety[governed := governed]
initializes: asset_ledger
initializes: round_book
initializes: settlements[asset_ledger := asset_ledger, round_book := round_book]
initializes: wind_downs

exports: (
    governed.__interface__,
    safety.__interface__,
    asset_ledger.accounted,
    round_book.round_count,
    round_book.tokens_reserved,
    round_book.FINALIZE_SECONDS,
    round_terms.MAX_ROUND_SECONDS,
    round_terms.MAX_VESTING_SECONDS,
    settlements.__interface__,
    wind_downs.__interface__,
)


# The governance token keeps its supply in 96 bits.
SUPPLY_LIMIT: constant(uint256) = 2**96

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
    settlements.__init__(token)
    wind_downs.__init__()
    TREASURY = treasury


# --- contributions ---


@external
def contribute(round_id: uint256, amount: uint256) -> uint256:
    return self._contribute(round_id, amount, [])


@external
def contribute_with_proof(
    round_id: uint256, amount: uint256, proof: DynArray[bytes32, merkle_proofs.MAX_PROOF]
) -> uint256:
    return self._contribute(round_id, amount, proof)


@external
def contribute_with_permit(
    round_id: uint256,
    amount: uint256,
    permit_amount: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
    proof: DynArray[bytes32, merkle_proofs.MAX_PROOF],
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
    return self._contribute(round_id, amount, proof)


# --- outcome ---


@external
def finalize(round_id: uint256):
    live: round_book.Live = round_book._load(round_id)
    purpose: uint256 = round_book._purpose(round_id)
    tokens: uint256 = round_book._minted(live)
    proceeds: uint256 = round_book._proceeds(live)
    wind_down_id: uint256 = wind_downs._add_raised(purpose, live.asset, proceeds)
    round_book._mark_finalized(round_id, live, wind_down_id)
    log IFundingRounds.RoundFinalized(
        round_id=round_id, raised=live.raised, proceeds=proceeds, tokens_minted=tokens
    )
    extcall IGovernanceToken(settlements.TOKEN).mint(self, tokens)
    asset_ledger._book_arrived(settlements.TOKEN, tokens)
    self._deposit(purpose, live.asset, proceeds)


# --- wind-down of a purpose ---


@external
def wind_down(wind_down_id: uint256) -> uint256:
    purpose: uint256 = wind_downs.wind_down_of[wind_down_id].purpose
    asset: address = wind_downs.wind_down_of[wind_down_id].asset
    free: uint256 = staticcall ITreasury(TREASURY).free(purpose, asset)
    pool: uint256 = wind_downs._start(wind_down_id, free)
    log IFundingRounds.WoundDown(wind_down_id=wind_down_id, pool=pool)
    extcall ITreasury(TREASURY).release_for_wind_down(purpose, asset, pool)
    asset_ledger._book_arrived(asset, pool)
    return pool


@external
def redeem(round_id: uint256, tokens: uint256, min_out: uint256) -> uint256:
    live: round_book.Live = settlements._load_finalized(round_id)
    word: uint256 = round_book._word(round_id, msg.sender)
    amount: uint256 = self._worth(round_id, live, tokens)
    assert amount > 0 and amount >= min_out, "payment is below the minimum"
    wind_downs._redeem(
        round_book._wind_down_id(round_id), round_id, msg.sender, tokens, round_book._allotted(live, word), amount
    )
    # What the round still holds for the account goes first: it needs no allowance.
    from_round: uint256 = min(tokens, round_book._held_of(live, word))
    log IFundingRounds.Redeemed(round_id=round_id, account=msg.sender, tokens=tokens, amount=amount)
    if from_round > 0:
        round_book._take_tokens(round_id, msg.sender, from_round)
        settlements._burn_held(from_round)
        settlements._settle(round_id, live, msg.sender)
    if from_round < tokens:
        extcall IGovernanceToken(settlements.TOKEN).burnFrom(msg.sender, tokens - from_round)
    asset_ledger._push(live.asset, msg.sender, amount)
    return amount


@external
def close_wind_down(wind_down_id: uint256) -> uint256:
    rest: uint256 = wind_downs._close(wind_down_id)
    log IFundingRounds.WindDownClosed(wind_down_id=wind_down_id, returned=rest)
    purpose: uint256 = wind_downs.wind_down_of[wind_down_id].purpose
    self._deposit(purpose, wind_downs.wind_down_of[wind_down_id].asset, rest)
    return rest


# --- governed ---


@external
def open_round(terms: IFundingRounds.RoundTerms) -> uint256:
    governed._only_owner()
    safety._check_running()
    assert terms.asset != settlements.TOKEN, "asset is the governance token"
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


@external
def announce_wind_down(purpose: uint256, asset: address, least: uint256):
    governed._only_owner()
    starts_at: uint256 = wind_downs._announce(purpose, asset, least)
    log IFundingRounds.WindDownAnnounced(purpose=purpose, asset=asset, least=least, starts_at=starts_at)


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
def position(round_id: uint256, account: address) -> IFundingRounds.Position:
    live: round_book.Live = round_book._load(round_id)
    word: uint256 = round_book._word(round_id, account)
    paid: uint256 = word & round_terms.AMOUNT_MASK
    position: IFundingRounds.Position = IFundingRounds.Position(
        paid=paid,
        used=round_book._used(live, paid),
        tokens=round_book._allotted(live, word),
        tokens_out=(word >> round_book.TOKENS_SHIFT) & round_book.TOKENS_MASK,
        tokens_redeemed=wind_downs._redeemed[round_id][account],
    )
    return position


@external
@view
def contribution(round_id: uint256, account: address) -> uint256:
    return round_book._word(round_id, account) & round_terms.AMOUNT_MASK


@external
@view
def claimable(round_id: uint256, account: address) -> uint256:
    live: round_book.Live = round_book._load(round_id)
    if not round_book._is_finalized(live):
        return 0
    return round_book._claimable(round_id, live, account)


@external
@view
def refundable(round_id: uint256, account: address) -> uint256:
    live: round_book.Live = round_book._load(round_id)
    if round_book._is_finalized(live):
        return round_book._surplus_of(round_id, live, account)
    if not round_book._is_refundable(live):
        return 0
    return round_book._word(round_id, account) & round_terms.AMOUNT_MASK


@external
@view
def redemption_value(round_id: uint256, tokens: uint256) -> uint256:
    return self._worth(round_id, round_book._load(round_id), tokens)


@external
@view
def allow_list_leaf(round_id: uint256, account: address) -> bytes32:
    return self._leaf(round_id, account)


# --- internals ---


@internal
def _contribute(
    round_id: uint256, amount: uint256, proof: DynArray[bytes32, merkle_proofs.MAX_PROOF]
) -> uint256:
    safety._check_running()
    live: round_book.Live = round_book._load(round_id)
    if live.schedule & round_terms.ALLOW_LIST_FLAG != 0:
        root: bytes32 = round_book._allow_list_root(round_id)
        leaf: bytes32 = self._leaf(round_id, msg.sender)
        assert merkle_proofs._is_member(root, leaf, proof), "account is not allowed"
    taken: uint256 = 0
    raised: uint256 = 0
    taken, raised = round_book._add_contribution(round_id, live, msg.sender, amount)
    log IFundingRounds.Contributed(round_id=round_id, account=msg.sender, amount=taken, raised=raised)
    asset_ledger._pull(live.asset, msg.sender, taken)
    return taken


@internal
def _deposit(purpose: uint256, asset: address, amount: uint256):
    # Rounding may claim all of a cap of a few units.
    if amount == 0:
        return
    asset_ledger._hand_over_begin(asset, TREASURY, amount)
    extcall ITreasury(TREASURY).deposit(purpose, asset, amount)
    asset_ledger._hand_over_end(asset, amount)


@internal
@view
def _leaf(round_id: uint256, account: address) -> bytes32:
    """
    @dev Hashed twice, so that no node of a tree, which is the hash of 64 bytes, can pass for a leaf. Chain, contract
         and round keep an allow-list from being used elsewhere.
    """
    return keccak256(abi_encode(keccak256(abi_encode(chain.id, self, round_id, account))))


@internal
@view
def _worth(round_id: uint256, live: round_book.Live, tokens: uint256) -> uint256:
    wind_down_id: uint256 = round_book._wind_down_id(round_id)
    return wind_downs._worth(wind_down_id, round_book._proceeds(live), tokens, round_book._minted(live))


@internal
@view
def _check_reserved():
    """
    @dev All rounds together must be able to mint, within the minter cap and the supply that are left today.
    """
    reserved: uint256 = round_book.tokens_reserved
    minter_cap: uint256 = staticcall IGovernanceToken(settlements.TOKEN).minter_cap(self)
    minted: uint256 = staticcall IGovernanceToken(settlements.TOKEN).minted_by(self)
    assert minted + reserved <= minter_cap, "minter cap exceeded"
    supply: uint256 = staticcall IGovernanceToken(settlements.TOKEN).totalSupply()
    assert supply + reserved < SUPPLY_LIMIT, "token supply exceeded"

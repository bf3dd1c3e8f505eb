# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Funding rounds
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Sells governance tokens at a fixed price. Each round raises money for one purpose of the Treasury, or pays back.
@dev Terms are frozen at opening. The state of a round follows from the clock and its totals (see round_book), so a
     failed round needs no call before it pays back. Tokens are minted by `finalize` and stay here until they have
     vested: here they have no votes and earn no income. The Treasury must not accept an asset whose balances shrink
     by themselves: the last to be refunded would find too little. Redemptions pays back what is left of a purpose that
     a vote abandons. Here it may end a vesting, and redirect a refund for a holder that signed.
@custom:invariant balanceOf(self) >= accounted(asset). Of an asset, accounted is what rounds that are not finalized have
     received and not refunded, plus the surplus that finalized rounds still keep. Of the governance token, it is what
     finalized rounds have yet to hand out.
     A contribution is settled once: refunded in full, or by its tokens and its surplus.
@custom:halt The guardian's pause stops the `contribute` functions, but not for the owner. The end of a round that is
     not over moves by as much of its time as the pause takes. `cancel` stops a round that is not finalized for good.
     No role can stop `claim` and `refund`, and a pause does not stop `finalize`.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import guardians
from contracts.common import merkle_proofs
from contracts.common import refusals
from contracts.common import safety
from contracts.funding import packed_round_schedule
from contracts.funding import pauses
from contracts.funding import positions
from contracts.funding import round_book
from contracts.funding import round_terms
from contracts.funding import settlements
from interfaces import IFundingRounds
from interfaces import IGovernanceToken
from interfaces import IRoundRules
from interfaces import ITreasury

implements: IFundingRounds

initializes: governed
initializes: safety[governed := governed]
uses: guardians
initializes: asset_ledger
initializes: pauses[safety := safety]
initializes: round_book[pauses := pauses]
initializes: positions[round_book := round_book]
initializes: settlements[asset_ledger := asset_ledger, positions := positions, round_book := round_book]

exports: (
    governed.__interface__,
    pauses.__interface__,
    safety.MAX_PAUSE_SECONDS,
    guardians.MAX_GUARDIAN_SECONDS,
    guardians.guardian,
    guardians.guardian_expires_at,
    safety.paused_until,
    safety.set_guardian,
    asset_ledger.accounted,
    round_book.round_count,
    round_book.round_of,
    round_book.tokens_reserved,
    round_book.FINALIZE_SECONDS,
    round_terms.MAX_ROUND_SECONDS,
    round_terms.MAX_VESTING_SECONDS,
    settlements.__interface__,
)


RULES: public(immutable(address))
TREASURY: public(immutable(address))


@deploy
def __init__(rules: address):
    """
    @param rules The RoundRules. Their token is what the rounds sell, their Treasury gets the proceeds. Before a round
           can open, votes give this contract a minter cap and a purpose of the Treasury whose source it is.
    """
    governed.__init__()
    safety.__init__()
    round_book.__init__()
    positions.__init__()
    settlements.__init__(staticcall IRoundRules(rules).TOKEN())
    RULES = rules
    TREASURY = staticcall IRoundRules(rules).TREASURY()


# --- contributions ---


@external
def contribute(round_id: uint256, amount: uint256, min_amount: uint256 = 0) -> uint256:
    return self._contribute(round_id, amount, [], min_amount)


@external
def contribute_with_proof(
    round_id: uint256,
    amount: uint256,
    proof: DynArray[bytes32, merkle_proofs.MAX_PROOF],
    min_amount: uint256 = 0,
) -> uint256:
    return self._contribute(round_id, amount, proof, min_amount)


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
    min_amount: uint256 = 0,
) -> uint256:
    """
    @dev A permit that fails is ignored: somebody may have sent it first, and then the allowance is set already.
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
    return self._contribute(round_id, amount, proof, min_amount)


# --- outcome ---


@external
def finalize(round_id: uint256):
    core: round_book.Core = round_book._load(round_id)
    purpose: uint256 = round_book._purpose(round_id)
    tokens: uint256 = round_book._minted(core)
    proceeds: uint256 = round_book._proceeds(core)
    round_book._mark_finalized(round_id, core)
    log IFundingRounds.RoundFinalized(
        round_id=round_id, raised=core.raised, proceeds=proceeds, tokens_minted=tokens
    )
    extcall IGovernanceToken(settlements.TOKEN).mint(self, tokens)
    asset_ledger._record_arrived(settlements.TOKEN, tokens)
    cliff_at: uint256 = 0
    full_at: uint256 = 0
    cliff_at, full_at = round_book._vesting_times(round_id, core.ends_at)
    if block.timestamp < full_at:
        extcall IRoundRules(RULES).begin_vesting(round_id, tokens, core.ends_at, cliff_at, full_at)
    self._pass_on_proceeds(purpose, core.asset, proceeds)


@external
def cancel_unmintable(round_id: uint256):
    core: round_book.Core = round_book._load(round_id)
    round_book._check_succeeded(core)
    if round_book._minted(core) <= staticcall IRoundRules(RULES).room(self):
        refusals._refuse("round can be minted")
    round_book._mark_cancelled(round_id, core)
    log IFundingRounds.RoundCancelled(round_id=round_id)


@external
def end_vesting(round_id: uint256):
    if msg.sender != settlements.redemptions:
        refusals._refuse("caller is not the redemptions")
    settlements._load_finalized(round_id)
    if round_book._end_vesting(round_id):
        log IFundingRounds.VestingEnded(round_id=round_id)
        extcall IRoundRules(RULES).end_vesting(round_id)


# --- governed ---


@external
def open_round(terms: IFundingRounds.RoundTerms) -> uint256:
    governed._only_owner()
    extcall IRoundRules(RULES).admit(terms, round_book.round_count + 1, round_book.tokens_reserved)
    round_id: uint256 = round_book._open(terms)
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
    amount: uint256 = asset_ledger._skim(asset, receiver, TREASURY)
    log IFundingRounds.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


@external
def set_redemptions(redemptions: address):
    governed._only_owner()
    settlements._set_redemptions(redemptions)


# --- views ---


@external
@view
def round(round_id: uint256) -> IFundingRounds.Round:
    return round_book._round(round_id)


@external
@view
@reentrant
def state(round_id: uint256) -> IFundingRounds.RoundState:
    return round_book._state_of(round_book._load(round_id))


@external
@view
def position(round_id: uint256, account: address) -> IFundingRounds.Position:
    return positions._position(round_id, account)


@external
@view
def contribution(round_id: uint256, account: address) -> uint256:
    return positions._paid(round_id, account)


@external
@view
def claimable(round_id: uint256, account: address) -> uint256:
    core: round_book.Core = round_book._load(round_id)
    if not round_book._is_finalized(core):
        return 0
    return positions._claimable(round_id, core, account)


@external
@view
def refundable(round_id: uint256, account: address) -> uint256:
    return positions._refundable(round_id, round_book._load(round_id), account)


@external
@view
def outcome(round_id: uint256) -> IFundingRounds.Outcome:
    core: round_book.Core = settlements._load_finalized(round_id)
    return IFundingRounds.Outcome(
        purpose=round_book._purpose(round_id),
        asset=core.asset,
        proceeds=round_book._proceeds(core),
        tokens_minted=round_book._minted(core),
    )


@external
@view
def unvested_at(timepoint: uint256) -> uint256:
    return staticcall IRoundRules(RULES).unvested_at(self, timepoint)


@external
@view
def allow_list_leaf(round_id: uint256, account: address) -> bytes32:
    return self._leaf(round_id, account)


# --- internals ---


@internal
def _contribute(
    round_id: uint256, amount: uint256, proof: DynArray[bytes32, merkle_proofs.MAX_PROOF], min_amount: uint256
) -> uint256:
    safety._check_running()
    core: round_book.Core = round_book._load(round_id)
    if core.flags & packed_round_schedule.ALLOW_LIST != 0:
        root: bytes32 = round_book._allow_list_root(round_id)
        leaf: bytes32 = self._leaf(round_id, msg.sender)
        if not merkle_proofs._is_member(root, leaf, proof):
            refusals._refuse("account is not allowed")
    taken: uint256 = 0
    raised: uint256 = 0
    taken, raised = positions._add_contribution(round_id, core, msg.sender, amount, min_amount)
    log IFundingRounds.Contributed(round_id=round_id, account=msg.sender, amount=taken, raised=raised)
    asset_ledger._pull(core.asset, msg.sender, taken)
    return taken


@internal
def _pass_on_proceeds(purpose: uint256, asset: address, amount: uint256):
    # Zero if the cap has no more units than are kept back for rounding: see `round_book._proceeds`.
    if amount == 0:
        return
    asset_ledger._begin_hand_over(asset, TREASURY, amount)
    extcall ITreasury(TREASURY).deposit(purpose, asset, amount)
    asset_ledger._end_hand_over(asset, amount)


@internal
@view
def _leaf(round_id: uint256, account: address) -> bytes32:
    """
    @dev Hashed twice, so that no node of a tree, which is the hash of 64 bytes, can pass for a leaf. Chain, contract
         and round are hashed in, so that a list is valid for one round only.
    """
    return keccak256(abi_encode(keccak256(abi_encode(chain.id, self, round_id, account))))

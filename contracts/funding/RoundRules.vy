# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Round rules
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which funding rounds may be opened, and how many of their tokens had not vested at a given time.
@dev State is kept per calling contract, so a caller can spoil its own calendar only. The quorum leaves out tokens that
     had not vested: otherwise a large vesting round could make every quorum unreachable. For the same reason a round of
     which nothing may vest for a while is refused while no other token could vote.
@custom:invariant At most MAX_VESTING_ROUNDS rounds of one caller vest or may still be finalized with a vesting.
@custom:halt Nothing halts it; it holds nothing.
"""

from contracts.funding import packed_calendar_entry
from contracts.funding import round_terms
from contracts.funding import vesting_calendar
from interfaces import IFundingRounds
from interfaces import IGovernanceToken
from interfaces import IRoundRules
from interfaces import ITreasury

implements: IRoundRules

initializes: vesting_calendar

# The governance token keeps its supply in 96 bits.
MAX_SUPPLY: constant(uint256) = 2**96 - 1

TOKEN: public(immutable(address))
TREASURY: public(immutable(address))

# Rounds contract => packed ids (see packed_calendar_entry) of its rounds with a vesting that were admitted and not yet
# found to be over.
_admitted_ids: HashMap[address, uint256]


@deploy
def __init__(token: address, treasury: address):
    """
    @param token The governance token.
    @param treasury Says which assets and purposes exist.
    """
    assert token != empty(address), "token is zero"
    assert treasury != empty(address), "treasury is zero"
    TOKEN = token
    TREASURY = treasury


# --- for a rounds contract ---


@external
def admit(terms: IFundingRounds.RoundTerms, round_id: uint256, reserved: uint256):
    assert terms.asset != TOKEN, "asset is the governance token"
    assert staticcall ITreasury(TREASURY).is_accepted(terms.asset), "asset is not accepted"
    # Nothing but its rounds fills such a purpose: what is in it is what a round brought, and never income.
    source: address = staticcall ITreasury(TREASURY).purpose_source(terms.purpose)
    assert source == msg.sender, "purpose takes no rounds"
    round_terms._check(terms)
    # The vesting begins at the end of the round, which may be long after a round that is not pro rata was filled.
    if terms.cliff_seconds > 0 or (terms.vesting_seconds > 0 and not terms.is_pro_rata):
        self._check_somebody_can_vote(msg.sender)
    if terms.vesting_seconds > 0:
        self._reserve_place(msg.sender, round_id)
    needed: uint256 = round_terms._tokens_for(terms.hard_cap, terms.price)
    assert reserved + needed <= self._room(msg.sender), "minter cap or supply exceeded"


@external
def begin_vesting(round_id: uint256, minted: uint256, starts_at: uint256, cliff_at: uint256, full_at: uint256):
    if block.timestamp >= full_at:
        return
    vesting: vesting_calendar.RoundVesting = vesting_calendar.RoundVesting(
        minted=minted, starts_at=starts_at, cliff_at=cliff_at, full_at=full_at, ends_at=full_at
    )
    vesting_calendar._begin(msg.sender, round_id, vesting)


@external
def end_vesting(round_id: uint256):
    vesting_calendar._end(msg.sender, round_id)


# --- views ---


@external
@view
def unvested_at(rounds: address, timepoint: uint256) -> uint256:
    return vesting_calendar._unvested_at(rounds, timepoint)


@external
@view
def room(rounds: address) -> uint256:
    return self._room(rounds)


# --- internals ---


@internal
def _reserve_place(rounds: address, round_id: uint256):
    """
    @dev Reserves one of the MAX_VESTING_ROUNDS places for a new round with a vesting; refuses it if none is free.
    """
    ids: uint256 = self._admitted_ids[rounds]
    kept: uint256 = 0
    for _: uint256 in range(vesting_calendar.MAX_VESTING_ROUNDS):
        if ids == 0:
            break
        other: uint256 = packed_calendar_entry._lowest_id(ids)
        if staticcall IFundingRounds(rounds).state(other) in (
            IFundingRounds.RoundState.PENDING | IFundingRounds.RoundState.OPEN | IFundingRounds.RoundState.SUCCEEDED
        ):
            kept = packed_calendar_entry._add_id(kept, other)
        ids = packed_calendar_entry._without_lowest(ids)
    taken: uint256 = packed_calendar_entry._count_ids(kept)
    taken += packed_calendar_entry._count_ids(vesting_calendar._still_vesting(rounds))
    assert taken < vesting_calendar.MAX_VESTING_ROUNDS, "too many rounds vest"
    self._admitted_ids[rounds] = packed_calendar_entry._add_id(kept, round_id)


@internal
@view
def _room(rounds: address) -> uint256:
    minter_cap: uint256 = staticcall IGovernanceToken(TOKEN).minter_cap(rounds)
    minted: uint256 = staticcall IGovernanceToken(TOKEN).minted_by(rounds)
    supply: uint256 = staticcall IGovernanceToken(TOKEN).totalSupply()
    return min(max(minter_cap, minted) - minted, MAX_SUPPLY - supply)


@internal
@view
def _check_somebody_can_vote(rounds: address):
    """
    @dev Somebody must be able to vote before anything of the round vests, else nobody could reach a quorum.
    """
    supply: uint256 = staticcall IGovernanceToken(TOKEN).totalSupply()
    treasury: address = staticcall IGovernanceToken(TOKEN).treasury()
    rewards: address = staticcall IGovernanceToken(TOKEN).rewards()
    mute: uint256 = staticcall IGovernanceToken(TOKEN).balanceOf(treasury)
    mute += staticcall IGovernanceToken(TOKEN).balanceOf(rewards)
    assert supply > mute + vesting_calendar._unvested_at(rounds, block.timestamp), "nobody could vote"

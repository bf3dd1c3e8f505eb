# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Wind-downs
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What rounds brought to each purpose, and what of it is paid back once a vote abandons the purpose.
@dev Rounds of one purpose and asset that are finalized between two wind-downs are paid back
     together: each has a part of the pool as large as its part of what they brought. Nothing here grows with their
     number. Moves no money.
@custom:invariant For each wind-down: paid + returned <= pool <= raised, and pool is set once. No account burns more
     tokens for a round than the round allotted to it.
"""

from interfaces import IFundingRounds

# Between the vote and the first redemption: longer than a vote that would take it back.
NOTICE_SECONDS: public(constant(uint256)) = 14 * 86_400
# How long contributors may redeem: as long as holders may claim income.
REDEEM_SECONDS: public(constant(uint256)) = 730 * 86_400

# Id, from 1 => which rounds' money, its notice, its pool.
wind_down_of: public(HashMap[uint256, IFundingRounds.WindDown])
# Purpose => asset => the one that rounds finalized now belong to, 0 before the first.
running_wind_down: public(HashMap[uint256, HashMap[address, uint256]])
_count: uint256
# Round => account => token wei burned.
_redeemed: HashMap[uint256, HashMap[address, uint256]]


@deploy
def __init__():
    pass


# --- changes ---


@internal
def _add_raised(purpose: uint256, asset: address, amount: uint256) -> uint256:
    """
    @dev Counts what a round brings to its purpose and returns the wind-down that would pay it back.
    """
    wind_down_id: uint256 = self.running_wind_down[purpose][asset]
    if wind_down_id == 0:
        wind_down_id = self._count + 1
        self._count = wind_down_id
        self.running_wind_down[purpose][asset] = wind_down_id
        self.wind_down_of[wind_down_id].purpose = purpose
        self.wind_down_of[wind_down_id].asset = asset
    self.wind_down_of[wind_down_id].raised += amount
    return wind_down_id


@internal
def _announce(purpose: uint256, asset: address, least: uint256) -> uint256:
    """
    @dev A second announcement begins the notice anew.
    """
    wind_down_id: uint256 = self.running_wind_down[purpose][asset]
    assert wind_down_id != 0, "no round brought money"
    starts_at: uint256 = block.timestamp + NOTICE_SECONDS
    self.wind_down_of[wind_down_id].starts_at = starts_at
    self.wind_down_of[wind_down_id].least = least
    return starts_at


@internal
def _start(wind_down_id: uint256, free: uint256) -> uint256:
    """
    @dev Turns what is free, up to what the rounds brought, into the pool and returns it. Rounds that are finalized
         later belong to another wind-down.
    """
    record: IFundingRounds.WindDown = self.wind_down_of[wind_down_id]
    assert record.starts_at != 0 and block.timestamp >= record.starts_at, "no notice has ended"
    pool: uint256 = min(free, record.raised)
    assert pool > 0 and pool >= record.least, "too little money is free"
    self.running_wind_down[record.purpose][record.asset] = 0
    # It starts once.
    self.wind_down_of[wind_down_id].starts_at = 0
    self.wind_down_of[wind_down_id].pool = pool
    self.wind_down_of[wind_down_id].closes_at = block.timestamp + REDEEM_SECONDS
    return pool


@internal
def _redeem(
    wind_down_id: uint256, round_id: uint256, account: address, tokens: uint256, allotted: uint256, amount: uint256
):
    """
    @dev Counts tokens that `account` burns against what the round allotted to it, and what it gets against the pool.
    """
    assert block.timestamp < self.wind_down_of[wind_down_id].closes_at, "redemption is not open"
    redeemed: uint256 = self._redeemed[round_id][account] + tokens
    assert redeemed <= allotted, "more than the round allotted"
    self._redeemed[round_id][account] = redeemed
    self.wind_down_of[wind_down_id].paid += amount


@internal
def _close(wind_down_id: uint256) -> uint256:
    """
    @dev Books what nobody redeemed in time as returned and returns it.
    """
    record: IFundingRounds.WindDown = self.wind_down_of[wind_down_id]
    assert block.timestamp >= record.closes_at, "redemption is open"
    rest: uint256 = record.pool - record.paid - record.returned
    assert rest > 0, "nothing to return"
    self.wind_down_of[wind_down_id].returned = rest
    return rest


# --- reads ---


@internal
@view
def _worth(wind_down_id: uint256, brought: uint256, tokens: uint256, minted: uint256) -> uint256:
    """
    @dev What `tokens` of a round that brought `brought` and minted `minted` are paid. Rounded down: first the round's
         part of the pool, then the tokens' part of that.
    """
    pool: uint256 = self.wind_down_of[wind_down_id].pool
    if pool == 0:
        return 0
    return pool * brought // self.wind_down_of[wind_down_id].raised * tokens // minted

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Wind-downs
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice For each round whose purpose is wound down: the pool, the tokens burned for it, and what was paid out. Moves no
        money.
@dev Example: a round minted 4,000 tokens, and 1,000 units are free at the beginning. A burns 1,000 tokens and gets 250.
     Then 400 more come free. A is now due 350 in all and may collect 100. B, who burns 1,000 now, gets 350 at once.
@custom:invariant For each round: paid + returned <= pool <= what the round brought; pool never falls. What is paid on a
     position <= pool * burned // minted, and what is burned on it <= what the round allotted to it.
"""

from interfaces import IRedemptions

# Least time between announcement and beginning. Redemptions makes it longer if a vote takes longer.
NOTICE_SECONDS: public(constant(uint256)) = 14 * 86_400
# How long after the notice it may begin. An announcement that nobody used by then has lapsed.
EXPIRY_SECONDS: public(constant(uint256)) = 30 * 86_400
# How long holders may redeem from the beginning on: two years, as for income.
REDEEM_SECONDS: public(constant(uint256)) = 730 * 86_400
# How long they may redeem at least after money was added.
TOP_UP_SECONDS: public(constant(uint256)) = 180 * 86_400

# Round => its wind-down.
wind_down: public(HashMap[uint256, IRedemptions.WindDown])
# Round => account => token wei burned on its position.
burned: public(HashMap[uint256, HashMap[address, uint256]])
# Round => account => units of the asset paid on its position.
_paid: HashMap[uint256, HashMap[address, uint256]]


@deploy
def __init__():
    pass


# --- changes ---


@internal
def _announce(round_id: uint256, min_pool: uint256, brought: uint256, notice: uint256) -> (uint256, uint256):
    """
    @dev Begins a notice of `notice` seconds. If one was announced already, the new one does not end before it. Returns
         the first second at which the wind-down may begin and the first at which it may not begin any more.
    """
    self._check_not_begun(round_id)
    assert min_pool > 0 and min_pool <= brought, "minimum is out of bounds"
    starts_at: uint256 = max(block.timestamp + notice, self.wind_down[round_id].starts_at)
    self.wind_down[round_id].starts_at = starts_at
    self.wind_down[round_id].expires_at = starts_at + EXPIRY_SECONDS
    self.wind_down[round_id].min_pool = min_pool
    return starts_at, starts_at + EXPIRY_SECONDS


@internal
def _withdraw(round_id: uint256):
    assert self.wind_down[round_id].starts_at != 0, "no wind-down is announced"
    self._check_not_begun(round_id)
    self.wind_down[round_id] = empty(IRedemptions.WindDown)


@internal
def _begin(round_id: uint256, available: uint256) -> uint256:
    """
    @dev Makes the pool of `available`, and returns when the redemption closes.
    """
    record: IRedemptions.WindDown = self.wind_down[round_id]
    self._check_not_begun(round_id)
    assert record.starts_at != 0 and block.timestamp >= record.starts_at, "no notice has ended"
    assert block.timestamp < record.expires_at, "announcement has expired"
    assert available >= record.min_pool, "too little money is free"
    closes_at: uint256 = block.timestamp + REDEEM_SECONDS
    self.wind_down[round_id].pool = available
    self.wind_down[round_id].closes_at = closes_at
    return closes_at


@internal
def _add_to_pool(round_id: uint256, amount: uint256) -> (uint256, uint256):
    """
    @dev Adds to the pool. Returns it, and when the redemption closes.
    """
    self._check_open(round_id)
    assert amount > 0, "nothing to add"
    pool: uint256 = self.wind_down[round_id].pool + amount
    closes_at: uint256 = max(self.wind_down[round_id].closes_at, block.timestamp + TOP_UP_SECONDS)
    self.wind_down[round_id].pool = pool
    self.wind_down[round_id].closes_at = closes_at
    return pool, closes_at


@internal
def _record_burn(round_id: uint256, account: address, tokens: uint256, allotted: uint256):
    """
    @dev Counts tokens that are burned on a position against what the round allotted to it.
    """
    self._check_open(round_id)
    total: uint256 = self.burned[round_id][account]
    assert tokens <= allotted - total, "more than the round allotted"
    self.burned[round_id][account] = total + tokens
    self.wind_down[round_id].tokens_burned += tokens


@internal
def _record_payment(round_id: uint256, account: address, amount: uint256):
    self._paid[round_id][account] += amount
    self.wind_down[round_id].paid += amount


@internal
def _close(round_id: uint256, minted: uint256) -> uint256:
    """
    @dev Counts the part of the pool that no burned token is due as given back, and returns that amount.
    """
    record: IRedemptions.WindDown = self.wind_down[round_id]
    assert block.timestamp >= record.closes_at, "redemption is open"
    rest: uint256 = record.pool - self._worth(round_id, record.tokens_burned, minted)
    assert rest > record.returned, "nothing to return"
    self.wind_down[round_id].returned = rest
    return rest


# --- reads ---


@internal
@view
def _check_not_begun(round_id: uint256):
    assert self.wind_down[round_id].pool == 0, "wind-down has begun"


@internal
@view
def _check_open(round_id: uint256):
    assert block.timestamp < self.wind_down[round_id].closes_at, "redemption is not open"


@internal
@view
def _worth(round_id: uint256, tokens: uint256, minted: uint256) -> uint256:
    """
    @dev What `tokens` of a round that minted `minted` are due in all. Rounded down.
    """
    return self.wind_down[round_id].pool * tokens // minted


@internal
@view
def _due(round_id: uint256, account: address, minted: uint256) -> uint256:
    """
    @dev What the tokens burned on a position are due and were not paid yet.
    """
    return self._worth(round_id, self.burned[round_id][account], minted) - self._paid[round_id][account]

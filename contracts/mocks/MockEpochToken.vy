# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Mock epoch token
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The calendar of the governance token, with balance-seconds that anybody may set: for figures that real balances
        reach only with difficulty (nobody eligible, sums that do not add up, more than 120 bits).
"""

GENESIS: public(immutable(uint256))
EPOCH_SECONDS: public(immutable(uint256))

balance_seconds: public(HashMap[address, HashMap[uint256, uint256]])
eligible_balance_seconds: public(HashMap[uint256, uint256])
_supply_balance_seconds: HashMap[uint256, uint256]


@deploy
def __init__(genesis: uint256, epoch_seconds: uint256):
    GENESIS = genesis
    EPOCH_SECONDS = epoch_seconds


@external
def set_balance_seconds(account: address, epoch: uint256, balance_seconds: uint256):
    """
    @notice Sets an account's balance-seconds and moves the sum along.
    """
    self.eligible_balance_seconds[epoch] = (
        self.eligible_balance_seconds[epoch] + balance_seconds - self.balance_seconds[account][epoch]
    )
    self.balance_seconds[account][epoch] = balance_seconds


@external
def set_eligible_balance_seconds(epoch: uint256, eligible: uint256):
    """
    @notice Sets the sum alone, whatever the accounts have.
    """
    self.eligible_balance_seconds[epoch] = eligible


@external
def set_supply_balance_seconds(epoch: uint256, supply: uint256):
    """
    @notice Sets what the supply has in all; the eligible sum if that is more.
    """
    self._supply_balance_seconds[epoch] = supply


@external
@view
def supply_balance_seconds(epoch: uint256) -> uint256:
    return max(self._supply_balance_seconds[epoch], self.eligible_balance_seconds[epoch])


@external
@view
def epoch_at(timestamp: uint256) -> uint256:
    return (timestamp - GENESIS) // EPOCH_SECONDS + 1


@external
@view
def epoch_start(epoch: uint256) -> uint256:
    return GENESIS + (epoch - 1) * EPOCH_SECONDS


@external
@view
def balance_seconds_range(account: address, first_epoch: uint256, epoch_count: uint256) -> DynArray[uint256, 26]:
    found: DynArray[uint256, 26] = []
    for i: uint256 in range(epoch_count, bound=26):
        found.append(self.balance_seconds[account][first_epoch + i])
    return found


@external
@view
def eligible_balance_seconds_range(first_epoch: uint256, epoch_count: uint256) -> DynArray[uint256, 26]:
    found: DynArray[uint256, 26] = []
    for i: uint256 in range(epoch_count, bound=26):
        found.append(self.eligible_balance_seconds[first_epoch + i])
    return found

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Epoch income
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Model income by the epoch it arrived in, until that epoch is closed and the money has an owner; and the holders'
        parts of closed epochs until they are pushed on.
@dev Epochs are closed oldest first: HolderIncome makes pots in that order. Epochs with income form a linked list, so
     those without need no closing.
@custom:invariant unclosed_income(asset) = sum of income(epoch, asset) over epochs that are not closed.
                  first_unclosed(asset) is the oldest of them.
                  waiting_income(asset) = sum of the holders' parts of closed epochs that were not pushed.
"""

# Epoch => asset => units received in it, closed or not.
income: public(HashMap[uint256, HashMap[address, uint256]])
# Asset => units received in epochs that wait for their closing.
unclosed_income: public(HashMap[address, uint256])
is_closed: public(HashMap[uint256, HashMap[address, bool]])
# Asset => oldest epoch with income that is not closed; zero for none.
first_unclosed: public(HashMap[address, uint256])
# Asset => units of the holders' parts of closed epochs that wait for their push.
waiting_income: public(HashMap[address, uint256])
# Epoch => asset => the holders' part that waits.
waiting_part: public(HashMap[uint256, HashMap[address, uint256]])
# Asset => oldest epoch whose part waits; zero for none.
first_waiting: public(HashMap[address, uint256])
# Asset => latest epoch whose part ever waited.
_last_waiting: HashMap[address, uint256]
# Asset => epoch whose part waited => the next such epoch.
_next_waiting: HashMap[address, HashMap[uint256, uint256]]
# Asset => latest epoch with income.
_last_earning: HashMap[address, uint256]
# Asset => epoch with income => the next one with income.
_next_earning: HashMap[address, HashMap[uint256, uint256]]


@deploy
def __init__():
    pass


@internal
def _record(epoch: uint256, asset: address, amount: uint256) -> bool:
    """
    @dev Records income of `epoch`, the running one, which cannot be closed yet; `amount` is above zero. Returns whether
         it is the first income of the epoch.
    """
    earned: uint256 = self.income[epoch][asset]
    if earned == 0:
        if self.first_unclosed[asset] == 0:
            self.first_unclosed[asset] = epoch
        else:
            self._next_earning[asset][self._last_earning[asset]] = epoch
        self._last_earning[asset] = epoch
    self.unclosed_income[asset] += amount
    # Cannot overflow: it is a part of `unclosed_income`, whose sum is checked.
    self.income[epoch][asset] = unsafe_add(earned, amount)
    return earned == 0


@internal
def _close(epoch: uint256, asset: address, current_epoch: uint256) -> uint256:
    """
    @dev Closes a past epoch for `asset`, once, and returns what came in, in units of the asset.
    """
    assert epoch > 0, "epoch is unknown"
    assert epoch < current_epoch, "epoch is not over"
    assert not self.is_closed[epoch][asset], "epoch is closed already"
    amount: uint256 = self.income[epoch][asset]
    assert amount > 0, "epoch has no income"
    assert epoch == self.first_unclosed[asset], "an older epoch is not closed"
    self.is_closed[epoch][asset] = True
    self.first_unclosed[asset] = self._next_earning[asset][epoch]
    self.unclosed_income[asset] -= amount
    return amount


@internal
def _record_waiting(epoch: uint256, asset: address, amount: uint256):
    """
    @dev Records the holders' part of an epoch that is closed now, above zero, behind those that wait already.
    """
    self.waiting_part[epoch][asset] = amount
    self.waiting_income[asset] += amount
    if self.first_waiting[asset] == 0:
        self.first_waiting[asset] = epoch
    else:
        self._next_waiting[asset][self._last_waiting[asset]] = epoch
    self._last_waiting[asset] = epoch


@internal
@view
def _has_earned(asset: address) -> bool:
    return self._last_earning[asset] != 0


@internal
def _release_waiting(epoch: uint256, asset: address) -> uint256:
    """
    @dev Releases the oldest part that waits, that of `epoch`, and returns it.
    """
    amount: uint256 = self.waiting_part[epoch][asset]
    self.waiting_part[epoch][asset] = 0
    self.waiting_income[asset] -= amount
    self.first_waiting[asset] = self._next_waiting[asset][epoch]
    return amount

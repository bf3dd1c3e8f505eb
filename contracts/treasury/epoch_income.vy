# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Epoch income
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Model income by the epoch it arrived in, until that epoch is closed and the money has an owner.
@custom:invariant unclosed_income(asset) = sum of income(epoch, asset) over epochs that are not closed.
"""

# Epoch => asset => units received in it, closed or not.
income: public(HashMap[uint256, HashMap[address, uint256]])
# Asset => units received in epochs that wait for their closing.
unclosed_income: public(HashMap[address, uint256])
is_closed: public(HashMap[uint256, HashMap[address, bool]])


@deploy
def __init__():
    pass


@internal
def _book(epoch: uint256, asset: address, amount: uint256):
    """
    @dev `epoch` is the running one, which nobody can have closed.
    """
    self.income[epoch][asset] += amount
    self.unclosed_income[asset] += amount


@internal
def _close(epoch: uint256, asset: address, current_epoch: uint256) -> uint256:
    """
    @dev Closes a past epoch for `asset`, once, and returns what came in, in units of the asset.
    """
    assert epoch > 0, "epoch is unknown"
    assert epoch < current_epoch, "epoch is not over"
    assert not self.is_closed[epoch][asset], "epoch is closed already"
    self.is_closed[epoch][asset] = True
    amount: uint256 = self.income[epoch][asset]
    self.unclosed_income[asset] -= amount
    return amount

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Wind-down permits
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which contract may take the free money of an abandoned purpose to pay it back.
@custom:invariant A permit is for one purpose, one asset and one controller. It stands until a vote takes it back, for
                  money that comes free later as well.
"""

# Purpose => asset => who may take its free money.
wind_down_controller: public(HashMap[uint256, HashMap[address, address]])


@deploy
def __init__():
    pass


@internal
def _allow(purpose: uint256, asset: address, controller: address):
    self.wind_down_controller[purpose][asset] = controller


@internal
@view
def _check(purpose: uint256, asset: address):
    """
    @dev Refuses everybody but the controller. Nobody is the controller where no vote named one.
    """
    assert msg.sender == self.wind_down_controller[purpose][asset], "wind-down is not allowed"


@internal
@view
def _is_allowed(purpose: uint256, asset: address) -> bool:
    """
    @dev Whether a vote has allowed the free money of the purpose to be paid back.
    """
    return self.wind_down_controller[purpose][asset] != empty(address)

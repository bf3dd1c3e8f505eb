# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Safety harness
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice An owner, a guardian, one function that a pause stops and one that it does not.
"""

from contracts.common import governed
from contracts.common import guardians
from contracts.common import safety

initializes: governed
initializes: safety[governed := governed]
uses: guardians

exports: (governed.__interface__, safety.__interface__)

obligations: public(uint256)


@deploy
def __init__():
    governed.__init__()
    safety.__init__()


@external
def oblige():
    """
    @notice Stops under a pause, like everything that creates an obligation.
    """
    safety._check_running()
    self.obligations += 1


@external
def discharge():
    """
    @notice Never stops, like every exit.
    """
    self.obligations -= 1


@external
@view
def is_guardian(account: address) -> bool:
    return guardians._is_guardian(account)

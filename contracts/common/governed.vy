# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Governed
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice One owner: the deployer while it wires the suite, the Timelock from then on.
@dev snekmate's `ownable` behind the reentrancy lock. Renouncing is left out on purpose: without an owner a contract
     could never be given another address to work with.
"""

from snekmate.auth import ownable

initializes: ownable

exports: ownable.owner


@deploy
def __init__():
    ownable.__init__()


@external
def transfer_ownership(new_owner: address):
    """
    @notice Hands every governed power of this contract to `new_owner`, at once.
    @dev Authority: the owner.
    @param new_owner The account that governs from now on, not zero.
    @custom:reverts `caller is not the owner`, `new owner is zero`.
    """
    self._only_owner()
    assert new_owner != empty(address), "new owner is zero"
    ownable._transfer_ownership(new_owner)


@internal
@view
def _only_owner():
    """
    @dev Own phrase instead of snekmate's: a colon in a reason is cut off by some clients.
    """
    assert msg.sender == ownable.owner, "caller is not the owner"


@internal
@view
def _is_owner() -> bool:
    return msg.sender == ownable.owner

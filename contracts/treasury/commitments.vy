# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Commitments
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Money of a purpose that is set aside for one controller contract, which pays it out or gives it back.
@custom:invariant For each purpose and asset, committed = sum of `remaining` over its commitments.
                  `remaining` never rises.
"""

from contracts.treasury import buckets
from interfaces import ITreasury

uses: buckets

commitment_count: public(uint256)
# Commitment id, counting from 1 => record. It stays when nothing remains.
commitment: public(HashMap[uint256, ITreasury.Commitment])


@deploy
def __init__():
    pass


@internal
def _open(purpose: uint256, asset: address, amount: uint256, controller: address) -> uint256:
    """
    @dev Promises `amount` of free money and returns the id of the new commitment.
    """
    assert controller != empty(address), "controller is zero"
    buckets._promise(purpose, asset, amount)
    commitment_id: uint256 = self.commitment_count + 1
    self.commitment_count = commitment_id
    self.commitment[commitment_id] = ITreasury.Commitment(
        controller=controller, purpose=purpose, asset=asset, remaining=amount
    )
    return commitment_id


@internal
def _debit(commitment_id: uint256, amount: uint256) -> (uint256, address):
    """
    @dev Lowers a commitment, and the committed money of its purpose, by `amount`. Returns purpose and asset.
    """
    remaining: uint256 = self.commitment[commitment_id].remaining
    assert remaining >= amount, "commitment is too low"
    purpose: uint256 = self.commitment[commitment_id].purpose
    asset: address = self.commitment[commitment_id].asset
    self.commitment[commitment_id].remaining = unsafe_sub(remaining, amount)
    buckets._debit_committed(purpose, asset, amount)
    return purpose, asset


@internal
@view
def _only_controller(commitment_id: uint256):
    """
    @dev The controller of an unknown commitment is the zero address, which sends no transaction.
    """
    assert msg.sender == self.commitment[commitment_id].controller, "caller is not the controller"

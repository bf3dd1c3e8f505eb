# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Refunds
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Credits of accounts: escrow that was not owed, and costs of audits paid out of forfeited bonds.
@dev Nothing is sent when it is credited: an account that the asset refuses to pay cannot block a decision.
@custom:invariant What is credited is accounted for, and leaves once, to the account it was credited to.
"""

from contracts.common import asset_ledger
from interfaces import ILicenseEnforcement

uses: asset_ledger

# Account => asset => units of it that the account can withdraw.
refund: public(HashMap[address, HashMap[address, uint256]])


@deploy
def __init__():
    pass


@external
def withdraw(account: address, asset: address) -> uint256:
    amount: uint256 = self.refund[account][asset]
    if amount == 0:
        return 0
    self.refund[account][asset] = 0
    log ILicenseEnforcement.Refunded(account=account, asset=asset, amount=amount)
    asset_ledger._push(asset, account, amount)
    return amount


@internal
def _credit(account: address, asset: address, amount: uint256):
    """
    @dev `amount`, which is accounted for already, waits for `account`. Zero changes nothing.
    """
    if amount == 0:
        return
    self.refund[account][asset] += amount

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Bonds
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The bonds of licenses, and since when each is below that of its terms because it paid dues or was forfeited.
@dev A bond must be filled up again: otherwise a licensee could let it pay the dues and have nothing to lose by an
     audit.
@custom:invariant From the receipt of a bond to its return bond_short_since is set if and only if the bond is below that
                  of the terms. It is the first second of that, not the last.
"""

from contracts.common import asset_ledger
from interfaces import ILicenseEnforcement

uses: asset_ledger

# Time to fill a bond up again before anybody may terminate the license.
REFILL_SECONDS: public(constant(uint256)) = 14 * 86_400

# License => units of its terms' asset.
bond: public(HashMap[uint256, uint256])
# License => unix second from which on its bond has been short; 0: it is not.
bond_short_since: public(HashMap[uint256, uint256])


@deploy
def __init__():
    pass


@internal
def _receive(license_id: uint256, asset: address, amount: uint256):
    """
    @dev Records a payment that the market has just sent. It always fills the bond up: a purchase sends all of it, a
         renewal what is missing.
    """
    self._add(license_id, asset, amount)
    asset_ledger._record_arrived(asset, amount)


@internal
def _fill(license_id: uint256, asset: address, full_bond: uint256, max_amount: uint256) -> uint256:
    """
    @dev Takes what is missing of `full_bond` from the caller. Returns the units.
    """
    bond: uint256 = self.bond[license_id]
    assert bond < full_bond, "bond is full"
    amount: uint256 = full_bond - bond
    assert amount <= max_amount, "amount is above the maximum"
    self._add(license_id, asset, amount)
    asset_ledger._pull(asset, msg.sender, amount)
    return amount


@internal
def _reduce(license_id: uint256, amount: uint256, full_bond: uint256):
    """
    @dev Reduces the bond by `amount`, above zero. `full_bond` is what the terms ask for.
    """
    left: uint256 = self.bond[license_id] - amount
    self.bond[license_id] = left
    if left < full_bond and self.bond_short_since[license_id] == 0:
        self.bond_short_since[license_id] = block.timestamp


@internal
def _pay_back(license_id: uint256, asset: address, licensee: address) -> uint256:
    """
    @dev Pays the whole bond back. Returns the units, 0 where nothing is left.
    """
    amount: uint256 = self.bond[license_id]
    if amount == 0:
        return 0
    self.bond[license_id] = 0
    log ILicenseEnforcement.BondReturned(license_id=license_id, licensee=licensee, amount=amount)
    asset_ledger._push(asset, licensee, amount)
    return amount


@internal
@view
def _is_refill_overdue(license_id: uint256) -> bool:
    """
    @dev Whether the time to fill the bond up is over.
    """
    since: uint256 = self.bond_short_since[license_id]
    return since != 0 and block.timestamp >= since + REFILL_SECONDS


@internal
def _add(license_id: uint256, asset: address, amount: uint256):
    """
    @dev Adds `amount`, which fills the bond up.
    """
    if self.bond_short_since[license_id] != 0:
        self.bond_short_since[license_id] = 0
    self.bond[license_id] += amount
    log ILicenseEnforcement.BondReceived(license_id=license_id, asset=asset, amount=amount)

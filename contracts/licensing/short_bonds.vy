# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Short bonds
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Since when the bond of a license is below that of its terms, because it paid what was overdue or was lost by an
        audit. It has to be filled up again: a licensee that let its bond pay its dues would have nothing to lose by the
        next audit, at no cost.
@custom:invariant Since when a bond is short is told if and only if it is; the first payment counts, not the last.
"""

# To fill a bond up again before anybody may end the license.
REFILL_SECONDS: public(constant(uint256)) = 14 * 86_400

# License => unix second from which on its bond has been short; 0: it is not.
bond_short_since: public(HashMap[uint256, uint256])


@deploy
def __init__():
    pass


@internal
def _note_payment(license_id: uint256, bond: uint256, full_bond: uint256):
    """
    @dev `bond` is left of what the terms ask for.
    """
    if bond < full_bond and self.bond_short_since[license_id] == 0:
        self.bond_short_since[license_id] = block.timestamp


@internal
def _note_full(license_id: uint256):
    if self.bond_short_since[license_id] != 0:
        self.bond_short_since[license_id] = 0


@internal
@view
def _is_late(license_id: uint256) -> bool:
    """
    @dev Whether the time to fill it up is over.
    """
    since: uint256 = self.bond_short_since[license_id]
    return since != 0 and block.timestamp >= since + REFILL_SECONDS

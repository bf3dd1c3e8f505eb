# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Minters
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who may mint, and how much: each minter has a cap on the sum of all its mints.
@custom:invariant A minter's lifetime sum never falls, and no mint takes it above the cap it has at that time.
"""

from contracts.common import governed
from interfaces import IGovernanceToken

uses: governed

# Minter => cap on the sum of all its mints, token wei; zero for an account that may not mint.
minter_cap: public(HashMap[address, uint256])
# Minter => sum of all its mints, token wei.
minted_by: public(HashMap[address, uint256])


@external
def set_minter(minter: address, cap: uint256):
    governed._only_owner()
    old_cap: uint256 = self.minter_cap[minter]
    self.minter_cap[minter] = cap
    log IGovernanceToken.MinterChanged(minter=minter, old_cap=old_cap, new_cap=cap)


@internal
def _record_mint(minter: address, amount: uint256):
    """
    @dev Counts a mint of `amount` against the minter's cap.
    """
    cap: uint256 = self._cap_of(minter)
    minted: uint256 = self.minted_by[minter]
    # A cap may have been lowered below what was minted.
    assert minted <= cap and amount <= cap - minted, "mint is above the cap"
    self.minted_by[minter] = minted + amount


@internal
@view
def _cap_of(account: address) -> uint256:
    """
    @dev The cap of a minter; reverts for an account that is not one.
    """
    cap: uint256 = self.minter_cap[account]
    assert cap != 0, "caller is not a minter"
    return cap

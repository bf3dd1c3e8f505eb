# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Links of the market
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The contracts that the market calls: a catalog for ever, a router and an enforcement that the owner may replace.
"""

from contracts.common import governed
from contracts.common import refusals
from interfaces import ILicenseCatalog
from interfaces import ILicenseMarket

uses: governed

CATALOG: public(immutable(ILicenseCatalog))

router: public(address)
enforcement: public(address)


@deploy
def __init__(catalog: address, router_: address):
    """
    @param catalog The LicenseCatalog whose terms are sold, not zero.
    @param router_ The RoyaltyRouter that is paid, not zero.
    """
    assert catalog != empty(address), "catalog is zero"
    CATALOG = ILicenseCatalog(catalog)
    self._set_router(router_)


@external
def set_router(new_router: address):
    governed._only_owner()
    self._set_router(new_router)


@external
def set_enforcement(new_enforcement: address):
    governed._only_owner()
    old_enforcement: address = self.enforcement
    self.enforcement = new_enforcement
    log ILicenseMarket.EnforcementChanged(old_enforcement=old_enforcement, new_enforcement=new_enforcement)


@external
def open_strays(asset: address):
    governed._only_owner()
    # A revert of the asset is passed on. An answer of false is ignored: `skim_market` then fails.
    raw_call(asset, abi_encode(self.enforcement, max_value(uint256), method_id=method_id("approve(address,uint256)")))


@internal
@view
def _only_enforcement():
    if msg.sender != self.enforcement:
        refusals._refuse("caller is not the enforcement")


@internal
def _set_router(new_router: address):
    if new_router == empty(address):
        refusals._refuse("router is zero")
    old_router: address = self.router
    self.router = new_router
    log ILicenseMarket.RouterChanged(old_router=old_router, new_router=new_router)

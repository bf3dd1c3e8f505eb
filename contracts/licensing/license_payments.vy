# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License payments
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How money goes from who pays through the market: royalties and fees to the router, bonds to the enforcement.
@dev Nothing rests in the market: each payment is pulled and handed on in one step.
"""

from contracts.common import asset_ledger
from contracts.licensing import license_book
from contracts.licensing import market_links
from contracts.licensing import standing
from interfaces import ILicenseEnforcement
from interfaces import ILicenseMarket
from interfaces import IRoyaltyRouter

uses: market_links
uses: standing


@deploy
def __init__():
    pass


@internal
def _pay(record: license_book.Record, position: standing.Position, outstanding: uint256, amount: uint256):
    """
    @dev Applies a payment of `amount` by the caller, before which `outstanding` was owed: stores the record and moves
         the money from the caller to the router.
    """
    updated: license_book.Record = standing._apply_payment(record, position, amount)
    standing._store(updated)
    log ILicenseMarket.RoyaltyPaid(
        license_id=record.id,
        payer=msg.sender,
        amount=amount,
        outstanding=outstanding - min(outstanding, amount),
    )
    self._pay_router(record.id, record.core.model_id, record.core.asset, amount)


@internal
def _pay_router(license_id: uint256, model_id: uint256, asset: address, amount: uint256):
    if amount == 0:
        return
    router: address = market_links.router
    asset_ledger._forward(asset, msg.sender, router, amount)
    extcall IRoyaltyRouter(router).collect(msg.sender, model_id, asset, amount, convert(license_id, bytes32))


@internal
def _pass_bond(license_id: uint256, asset: address, amount: uint256):
    if amount == 0:
        return
    enforcement: address = market_links.enforcement
    asset_ledger._forward(asset, msg.sender, enforcement, amount)
    extcall ILicenseEnforcement(enforcement).receive_bond(license_id, asset, amount)

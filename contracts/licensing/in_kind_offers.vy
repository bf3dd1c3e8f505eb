# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title In-kind offers
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What licensees offer instead of money: tokens of their own, for a part of what a license owes.
@dev One offer per license. Whoever accepts repeats what it read, so an offer cannot be exchanged under a vote.
@custom:invariant An offer ends once: accepted as it was made, or taken back by who made it.
"""

from interfaces import ILicenseEnforcement

_offers: HashMap[uint256, ILicenseEnforcement.InKindOffer]


@deploy
def __init__():
    pass


@internal
def _make(license_id: uint256, offer: ILicenseEnforcement.InKindOffer):
    assert offer.amount > 0 and offer.credit > 0, "offer is empty"
    assert self._offers[license_id].amount == 0, "an offer is open"
    self._offers[license_id] = offer


@internal
def _end(license_id: uint256) -> ILicenseEnforcement.InKindOffer:
    offer: ILicenseEnforcement.InKindOffer = self._offers[license_id]
    assert offer.amount > 0, "no offer is open"
    self._offers[license_id] = empty(ILicenseEnforcement.InKindOffer)
    return offer

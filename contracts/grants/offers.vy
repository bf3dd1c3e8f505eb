# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Offers
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What providers offer. A draw reads two words of an offer, so that is how they are kept.
@custom:invariant Nothing of an offer changes but whether it takes orders, and that only once.
"""

from contracts.grants import packed_offer_head
from contracts.grants import packed_power
from interfaces import IComputeEscrow

MIN_PUE_BPS: constant(uint256) = 10_000

offer_count: public(uint256)
# Offer id => provider, payee and size; price and power; the asset; and what people read.
heads: HashMap[uint256, uint256]
powers: HashMap[uint256, uint256]
assets: HashMap[uint256, address]
hardware: HashMap[uint256, String[64]]
region: HashMap[uint256, String[32]]
uri: HashMap[uint256, String[128]]


@deploy
def __init__():
    pass


@internal
def _register(offer: IComputeEscrow.Offer) -> uint256:
    self._check_active(offer.is_active)
    assert offer.price_per_gpu_hour > 0, "price is zero"
    assert offer.gpus > 0, "no GPUs"
    assert offer.pue_bps >= MIN_PUE_BPS, "pue is below one"
    assert len(offer.hardware) > 0, "hardware is not named"
    offer_id: uint256 = self.offer_count + 1
    self.offer_count = offer_id
    self.heads[offer_id] = packed_offer_head._pack(
        packed_offer_head.OfferHead(
            provider=offer.provider, campaign_id=offer.campaign_id, gpus=offer.gpus, is_active=True
        )
    )
    self.powers[offer_id] = packed_power._pack(
        packed_power.Power(
            price_per_gpu_hour=offer.price_per_gpu_hour,
            watts_per_gpu=offer.watts_per_gpu,
            pue_bps=offer.pue_bps,
            grams_per_kwh=offer.grams_per_kwh,
        )
    )
    self.assets[offer_id] = offer.asset
    self.hardware[offer_id] = offer.hardware
    self.region[offer_id] = offer.region
    self.uri[offer_id] = offer.uri
    return offer_id


@internal
def _withdraw(offer_id: uint256, account: address):
    head: packed_offer_head.OfferHead = self._head(offer_id)
    assert account == head.provider, "caller is not the provider"
    self._check_active(head.is_active)
    head.is_active = False
    self.heads[offer_id] = packed_offer_head._pack(head)


@internal
@view
def _head(offer_id: uint256) -> packed_offer_head.OfferHead:
    return packed_offer_head._unpack(self.heads[offer_id])


@internal
@view
def _power(offer_id: uint256) -> packed_power.Power:
    return packed_power._unpack(self.powers[offer_id])


@internal
@view
def _read(offer_id: uint256) -> IComputeEscrow.Offer:
    head: packed_offer_head.OfferHead = self._head(offer_id)
    power: packed_power.Power = self._power(offer_id)
    return IComputeEscrow.Offer(
        provider=head.provider,
        asset=self.assets[offer_id],
        price_per_gpu_hour=power.price_per_gpu_hour,
        gpus=head.gpus,
        watts_per_gpu=power.watts_per_gpu,
        pue_bps=power.pue_bps,
        grams_per_kwh=power.grams_per_kwh,
        campaign_id=head.campaign_id,
        is_active=head.is_active,
        hardware=self.hardware[offer_id],
        region=self.region[offer_id],
        uri=self.uri[offer_id],
    )


# --- pure helpers ---


@internal
@pure
def _check_active(is_active: bool):
    assert is_active, "offer is not active"

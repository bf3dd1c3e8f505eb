# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed offer head
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What each order and each draw need of an offer.
@dev No state.
     [0..159]   provider      who delivers; zero for an unknown offer
     [160..223] campaign_id   of ContributorRewards, which is paid in the provider's place; zero for the provider
     [224..247] gpus          the most of one order
     [248..248] is_active     whether it takes orders
"""

struct OfferHead:
    provider: address
    campaign_id: uint256
    gpus: uint256
    is_active: bool


PROVIDER_MASK: constant(uint256) = 2**160 - 1
CAMPAIGN_ID_OFFSET: constant(uint256) = 160
CAMPAIGN_ID_MASK: constant(uint256) = 2**64 - 1
GPUS_OFFSET: constant(uint256) = 224
GPUS_MASK: constant(uint256) = 2**24 - 1
IS_ACTIVE_OFFSET: constant(uint256) = 248
IS_ACTIVE_MASK: constant(uint256) = 2**1 - 1


@internal
@pure
def _pack(head: OfferHead) -> uint256:
    assert head.campaign_id <= CAMPAIGN_ID_MASK, "campaign id is too large"
    assert head.gpus <= GPUS_MASK, "too many GPUs"
    return (
        convert(head.provider, uint256)
        | (head.campaign_id << CAMPAIGN_ID_OFFSET)
        | (head.gpus << GPUS_OFFSET)
        | (convert(head.is_active, uint256) << IS_ACTIVE_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> OfferHead:
    return OfferHead(
        provider=self._provider(packed),
        campaign_id=self._campaign_id(packed),
        gpus=self._gpus(packed),
        is_active=self._is_active(packed),
    )


@internal
@pure
def _provider(packed: uint256) -> address:
    return convert(convert(packed & PROVIDER_MASK, uint160), address)


@internal
@pure
def _campaign_id(packed: uint256) -> uint256:
    return (packed >> CAMPAIGN_ID_OFFSET) & CAMPAIGN_ID_MASK


@internal
@pure
def _gpus(packed: uint256) -> uint256:
    return (packed >> GPUS_OFFSET) & GPUS_MASK


@internal
@pure
def _is_active(packed: uint256) -> bool:
    return convert((packed >> IS_ACTIVE_OFFSET) & IS_ACTIVE_MASK, bool)

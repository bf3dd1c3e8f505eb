# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed id of a drop
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A drop's id says what it pays, of which campaign it is, and which of that campaign's drops.
@dev No state. A claim needs no slot to know the asset, and a leaf, which names the id, is bound to all three.
     [0..47]   number       of the drop in its campaign, from 1
     [48..95]  campaign_id  from 1
     [96..255] asset        the ERC-20 that it pays
"""

struct DropId:
    number: uint256
    campaign_id: uint256
    asset: address


NUMBER_MASK: constant(uint256) = 2**48 - 1
CAMPAIGN_ID_OFFSET: constant(uint256) = 48
CAMPAIGN_ID_MASK: constant(uint256) = 2**48 - 1
ASSET_OFFSET: constant(uint256) = 96


@internal
@pure
def _pack(drop: DropId) -> uint256:
    assert drop.number <= NUMBER_MASK and drop.campaign_id <= CAMPAIGN_ID_MASK, "drop id is too large"
    return (
        drop.number
        | (drop.campaign_id << CAMPAIGN_ID_OFFSET)
        | (convert(drop.asset, uint256) << ASSET_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> DropId:
    return DropId(
        number=packed & NUMBER_MASK,
        campaign_id=(packed >> CAMPAIGN_ID_OFFSET) & CAMPAIGN_ID_MASK,
        asset=self._asset(packed),
    )


@internal
@pure
def _asset(packed: uint256) -> address:
    return convert(packed >> ASSET_OFFSET, address)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Campaign book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The campaigns: who publishes each, what it is, and its money that no drop has.
@dev Knows nothing of tokens and of drops but their number.
@custom:invariant A campaign's free money changes by what is funded, by what drops take and return, and by what a vote
                  sends elsewhere. It is below 2**128, as much as a drop can take.
"""

from contracts.rewards import packed_campaign_head
from contracts.rewards import packed_drop_head
from interfaces import IContributorRewards

# Three days let a watcher recompute a drop and a guardian look; beyond sixty contributors would wait without need.
MIN_CHALLENGE_SECONDS: constant(uint256) = 3 * 86_400
MAX_CHALLENGE_SECONDS: constant(uint256) = 60 * 86_400
# After so long without a proposal nobody is working for a campaign's free money.
DORMANT_SECONDS: constant(uint256) = 2 * 365 * 86_400
# As much as a drop's head holds.
MAX_FREE: constant(uint256) = packed_drop_head.UNOPENED_MASK

# Number of campaigns; ids start at 1.
campaign_count: public(uint256)
# Campaign => packed_campaign_head, and what of its terms no drop needs.
heads: HashMap[uint256, uint256]
descriptions: HashMap[uint256, IContributorRewards.Description]
# Campaign => asset => units that no drop has.
free: public(HashMap[uint256, HashMap[address, uint256]])


@internal
def _create(
    publisher: address, challenge_seconds: uint256, description: IContributorRewards.Description
) -> uint256:
    kind: uint256 = convert(description.kind, uint256)
    assert kind != 0 and kind & (kind - 1) == 0, "campaign kind is unknown"
    self._check_publisher(publisher)
    assert (
        challenge_seconds >= MIN_CHALLENGE_SECONDS and challenge_seconds <= MAX_CHALLENGE_SECONDS
    ), "challenge time out of bounds"
    assert description.content_hash != empty(bytes32), "content hash is empty"

    campaign_id: uint256 = self.campaign_count + 1
    self.campaign_count = campaign_id
    self.heads[campaign_id] = packed_campaign_head._pack(
        packed_campaign_head.CampaignHead(
            publisher=publisher, drop_count=0, active_at=block.timestamp, challenge_seconds=challenge_seconds
        )
    )
    self.descriptions[campaign_id] = description
    return campaign_id


@internal
def _set_publisher(campaign_id: uint256, new_publisher: address):
    self._check_publisher(new_publisher)
    head: packed_campaign_head.CampaignHead = self._head(campaign_id)
    head.publisher = new_publisher
    self.heads[campaign_id] = packed_campaign_head._pack(head)


@internal
def _take_for_drop(campaign_id: uint256, number: uint256, asset: address, total: uint256) -> uint256:
    """
    @dev Takes the total of a campaign's next drop, which must have that number: its leaves name it, and under another
         one none of them could be proved. Returns the earliest second of its activation.
    """
    head: packed_campaign_head.CampaignHead = self._head(campaign_id)
    assert number == head.drop_count + 1, "not the next drop"
    free: uint256 = self.free[campaign_id][asset]
    assert total <= free, "total is above the free money"
    head.drop_count = number
    head.active_at = block.timestamp
    self.heads[campaign_id] = packed_campaign_head._pack(head)
    self.free[campaign_id][asset] = free - total
    return block.timestamp + head.challenge_seconds


@internal
def _add_free(campaign_id: uint256, asset: address, amount: uint256):
    free: uint256 = self.free[campaign_id][asset]
    # Written as a difference, which cannot overflow.
    assert amount <= MAX_FREE - free, "amount is too large"
    self.free[campaign_id][asset] = free + amount


@internal
def _take_dormant(campaign_id: uint256, asset: address) -> uint256:
    """
    @dev Returns all free money of a campaign that is dormant, which has none afterwards.
    """
    assert block.timestamp >= self._head(campaign_id).active_at + DORMANT_SECONDS, "campaign is not dormant"
    amount: uint256 = self.free[campaign_id][asset]
    assert amount > 0, "nothing is free"
    self.free[campaign_id][asset] = 0
    return amount


@internal
@view
def _campaign(campaign_id: uint256) -> IContributorRewards.Campaign:
    """
    @dev All empty for an unknown id.
    """
    head: packed_campaign_head.CampaignHead = packed_campaign_head._unpack(self.heads[campaign_id])
    return IContributorRewards.Campaign(
        publisher=head.publisher,
        challenge_seconds=head.challenge_seconds,
        drop_count=head.drop_count,
        active_at=head.active_at,
        description=self.descriptions[campaign_id],
    )


@internal
@view
def _only_publisher(campaign_id: uint256):
    assert msg.sender == self._head(campaign_id).publisher, "caller is not the publisher"


@internal
@view
def _head(campaign_id: uint256) -> packed_campaign_head.CampaignHead:
    packed: uint256 = self.heads[campaign_id]
    assert packed != 0, "campaign is unknown"
    return packed_campaign_head._unpack(packed)


@internal
@pure
def _check_publisher(publisher: address):
    assert publisher != empty(address), "publisher is zero"

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Contributor rewards
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Pays the contributors of datasets and compute pools, each by one Merkle proof, out of what was funded.
@dev Whoever publishes a root decides who earned what. Contributors trust the publisher for the leaves, and the guardian
     and the vote to stop a wrong root. The contract bounds the sums: a root can only misdirect money of its own
     campaign and asset that no earlier claim has paid out.
@custom:invariant For each (campaign, asset): paid <= active_total <= funded, none of the three ever falls.
     accounted(asset) = sum over campaigns of funded - paid <= balanceOf(self).
@custom:halt The guardian's pause stops `propose_root` and nothing else; the guardian or the owner throws out a
     pending root with `cancel_root`. Funding, activation and claims go on always.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import guardians
from contracts.common import merkle_proofs
from contracts.common import safety
from contracts.rewards import root_book
from interfaces import IContributorRewards

implements: IContributorRewards

initializes: governed
initializes: safety[governed := governed]
uses: guardians
initializes: asset_ledger
initializes: root_book

exports: (
    governed.__interface__,
    safety.__interface__,
    asset_ledger.accounted,
)

# An hour still lets a watcher's machine recompute a root; beyond thirty days contributors would wait without need.
MIN_CHALLENGE_SECONDS: public(constant(uint256)) = 3_600
MAX_CHALLENGE_SECONDS: public(constant(uint256)) = 30 * 86_400
MAX_BATCH: constant(uint256) = 50

# Number of campaigns; ids start at 1.
campaign_count: public(uint256)
campaigns: HashMap[uint256, IContributorRewards.Campaign]


@deploy
def __init__():
    """
    @notice The deployer is the owner until it hands over to the Timelock.
    """
    governed.__init__()
    safety.__init__()


# --- campaigns ---


@external
def create_campaign(campaign: IContributorRewards.Campaign) -> uint256:
    assert (
        campaign.kind == IContributorRewards.CampaignKind.DATASET
        or campaign.kind == IContributorRewards.CampaignKind.COMPUTE_POOL
    ), "campaign kind is unknown"
    self._check_publisher(campaign.publisher)
    assert (
        campaign.challenge_seconds >= MIN_CHALLENGE_SECONDS and campaign.challenge_seconds <= MAX_CHALLENGE_SECONDS
    ), "challenge time out of bounds"

    campaign_id: uint256 = self.campaign_count + 1
    self.campaign_count = campaign_id
    self.campaigns[campaign_id] = campaign
    log IContributorRewards.CampaignCreated(
        campaign_id=campaign_id, publisher=campaign.publisher, campaign=campaign
    )
    return campaign_id


@external
def set_publisher(campaign_id: uint256, new_publisher: address):
    old_publisher: address = self._publisher_of(campaign_id)
    if msg.sender != governed.ownable.owner:
        self._only_publisher(old_publisher)
    self._check_publisher(new_publisher)
    self.campaigns[campaign_id].publisher = new_publisher
    log IContributorRewards.PublisherChanged(
        campaign_id=campaign_id, old_publisher=old_publisher, new_publisher=new_publisher
    )


@external
def fund(campaign_id: uint256, asset: address, amount: uint256):
    self._publisher_of(campaign_id)
    root_book._fund(campaign_id, asset, amount)
    log IContributorRewards.CampaignFunded(campaign_id=campaign_id, asset=asset, payer=msg.sender, amount=amount)
    asset_ledger._pull(asset, msg.sender, amount)


# --- roots ---


@external
def propose_root(
    campaign_id: uint256, asset: address, root: bytes32, total: uint256, leaves_hash: bytes32, uri: String[128]
):
    safety._check_running()
    self._only_publisher(self._publisher_of(campaign_id))
    activates_at: uint256 = block.timestamp + self.campaigns[campaign_id].challenge_seconds
    root_book._propose(campaign_id, asset, root, total, activates_at)
    log IContributorRewards.RootProposed(
        campaign_id=campaign_id,
        asset=asset,
        root=root,
        total=total,
        leaves_hash=leaves_hash,
        uri=uri,
        activates_at=activates_at,
    )


@external
def cancel_root(campaign_id: uint256, asset: address, root: bytes32, reason_hash: bytes32):
    assert guardians._is_guardian(msg.sender) or msg.sender == governed.ownable.owner, "caller may not cancel"
    root_book._cancel(campaign_id, asset, root)
    log IContributorRewards.RootCancelled(campaign_id=campaign_id, asset=asset, root=root, reason_hash=reason_hash)


@external
def activate_root(campaign_id: uint256, asset: address, root: bytes32):
    total: uint256 = root_book._activate(campaign_id, asset, root)
    log IContributorRewards.RootActivated(campaign_id=campaign_id, asset=asset, root=root, total=total)


# --- claims ---


@external
def claim(
    campaign_id: uint256,
    asset: address,
    account: address,
    cumulative: uint256,
    proof: DynArray[bytes32, merkle_proofs.MAX_PROOF],
) -> uint256:
    amount: uint256 = self._claim(campaign_id, asset, account, cumulative, proof)
    assert amount > 0, "nothing to claim"
    return amount


@external
def claim_batch(
    campaign_id: uint256, asset: address, claims: DynArray[IContributorRewards.Claim, MAX_BATCH]
) -> uint256:
    paid: uint256 = 0
    for item: IContributorRewards.Claim in claims:
        paid += self._claim(campaign_id, asset, item.account, item.cumulative, item.proof)
    return paid


# --- governed ---


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    # It knows no Treasury, whose list would say which other assets may be owed.
    amount: uint256 = asset_ledger._skim(asset, receiver, empty(address))
    log IContributorRewards.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ---


@external
@view
def campaign(campaign_id: uint256) -> IContributorRewards.Campaign:
    return self.campaigns[campaign_id]


@external
@view
def distribution(campaign_id: uint256, asset: address) -> IContributorRewards.Distribution:
    return root_book._distribution(campaign_id, asset)


@external
@view
def claimed(campaign_id: uint256, asset: address, account: address) -> uint256:
    return root_book.claimed[campaign_id][asset][account]


@external
@view
def leaf(campaign_id: uint256, asset: address, account: address, cumulative: uint256) -> bytes32:
    return root_book._leaf(campaign_id, asset, account, cumulative)


# --- internals ---


@internal
def _claim(
    campaign_id: uint256,
    asset: address,
    account: address,
    cumulative: uint256,
    proof: DynArray[bytes32, merkle_proofs.MAX_PROOF],
) -> uint256:
    """
    @dev Zero, with no event, when the account has got all of `cumulative` already.
    """
    amount: uint256 = root_book._collect(campaign_id, asset, account, cumulative, proof)
    if amount > 0:
        log IContributorRewards.RewardClaimed(campaign_id=campaign_id, asset=asset, account=account, amount=amount)
        asset_ledger._push(asset, account, amount)
    return amount


@internal
@view
def _publisher_of(campaign_id: uint256) -> address:
    publisher: address = self.campaigns[campaign_id].publisher
    assert publisher != empty(address), "campaign is unknown"
    return publisher


@internal
@view
def _only_publisher(publisher: address):
    assert msg.sender == publisher, "caller is not the publisher"


@internal
@pure
def _check_publisher(publisher: address):
    assert publisher != empty(address), "publisher is zero"

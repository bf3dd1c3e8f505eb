# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Royalty router
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Takes what models earn and divides it between the DAO, their ancestors and those their splits name.
@dev A payment costs one transfer and writes two slots, at any depth of lineage: the revenue of the model and what is
     accounted for. Dividing is a later, permissionless call, so a payer never pays for the number of receivers. A slot
     that was used once costs the same ever after.
@custom:invariant accounted(asset) = sum of pending, own_pending and the credits of accounts, campaigns and the
                  Treasury. It stays below 2**127, so no sum of these overflows and no amount that anybody can pay makes
                  a settlement revert. The parts of a settlement sum to the amount settled. Each receiver can be paid
                  without the others.
@custom:halt Cannot be paused: it only takes payments and pays what is owed. A vote can repoint the Treasury and
             ContributorRewards and end a collector; nothing can withhold the credit of an account.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import packed_share
from contracts.models import packed_ancestor
from contracts.models import packed_split_head
from contracts.royalties import packed_credit
from contracts.royalties import packed_revenue
from interfaces import IContributorRewards
from interfaces import IModelRegistry
from interfaces import IRoyaltyRouter
from interfaces import ITreasury
from interfaces import ITreasuryAccounts

implements: IRoyaltyRouter

initializes: governed
initializes: asset_ledger

exports: (governed.owner, governed.transfer_ownership)
exports: asset_ledger.accounted

BPS: constant(uint256) = 10_000
# Assets that are listed of a model: as many as two Treasuries accept, eight each.
MAX_ASSETS: constant(uint256) = 16
# Sixteen ancestors, sixteen shares (the room of a list; a split has 15 at most) and the Treasury.
MAX_RECEIVERS: constant(uint256) = 33
# Bound of accounted(asset), and so of every amount in that asset.
MAX_ACCOUNTED: constant(uint256) = packed_revenue.MAX_AMOUNT

REGISTRY: public(immutable(IModelRegistry))

treasury: public(address)
rewards: public(address)
is_collector: public(HashMap[address, bool])

# Model => asset => packed revenue.
_revenues: HashMap[uint256, HashMap[address, uint256]]
# Model => assets in which it ever had revenue, the first MAX_ASSETS.
_assets: HashMap[uint256, DynArray[address, MAX_ASSETS]]
# Asset => key of an account, a campaign or the Treasury, as in a packed share => packed credit.
_credits: HashMap[address, HashMap[uint256, uint256]]


@deploy
def __init__(registry: address, treasury: address, rewards: address):
    """
    @param registry The ModelRegistry whose ids and splits count here, for ever.
    @param treasury Where the DAO's part goes.
    @param rewards The ContributorRewards in which campaigns are funded.
    """
    assert registry != empty(address), "registry is zero"
    governed.__init__()
    REGISTRY = IModelRegistry(registry)
    self._set_targets(treasury, rewards)


# --- open ---


@external
def pay(model_id: uint256, asset: address, amount: uint256, reference: bytes32):
    revenue: uint256 = self._revenues[model_id][asset]
    # One look at the first payment is enough: no model and no acceptance is ever taken back, and what an earlier
    # Treasury accepted stays accepted here. What a collector or a settlement brought before does not stand for it.
    if not packed_revenue._is_checked(revenue):
        self._check_model(model_id)
        assert staticcall ITreasury(self.treasury).is_accepted(asset), "asset is not accepted"
        if revenue == 0:
            self._list_asset(model_id, asset)
        revenue = packed_revenue._with_is_checked(revenue)
    self._record_payment(revenue, model_id, asset, msg.sender, amount, reference)
    asset_ledger._pull(asset, msg.sender, amount)


@external
def settle(model_id: uint256, asset: address) -> uint256:
    return self._settle(model_id, asset)


@external
def settle_all(model_id: uint256):
    assets: DynArray[address, MAX_ASSETS] = self._assets[model_id]
    for asset: address in assets:
        self._settle(model_id, asset)


@external
def withdraw(account: address, asset: address) -> uint256:
    amount: uint256 = self._close_credit(asset, self._account_key(account))
    if amount == 0:
        return 0
    log IRoyaltyRouter.Withdrawn(account=account, asset=asset, amount=amount)
    asset_ledger._push(asset, account, amount)
    return amount


@external
def forward_income(asset: address) -> uint256:
    amount: uint256 = self._close_credit(asset, packed_share.TREASURY_KEY)
    if amount == 0:
        return 0
    log IRoyaltyRouter.IncomeForwarded(asset=asset, amount=amount)
    treasury: address = self.treasury
    asset_ledger._begin_hand_over(asset, treasury, amount)
    if staticcall ITreasury(treasury).is_accepted(asset):
        extcall ITreasury(treasury).receive_income(asset, amount)
    else:
        # In kind it is no income of an epoch, so only the owner may choose that: anybody else could call just before a
        # vote accepts the asset.
        assert governed._is_owner(), "asset is not accepted yet"
        extcall ITreasuryAccounts(treasury).receive_in_kind(asset, amount)
    asset_ledger._end_hand_over(asset, amount)
    return amount


@external
def forward_campaign(campaign_id: uint256, asset: address) -> uint256:
    amount: uint256 = self._close_credit(asset, self._campaign_key(campaign_id))
    if amount == 0:
        return 0
    log IRoyaltyRouter.CampaignForwarded(campaign_id=campaign_id, asset=asset, amount=amount)
    rewards: address = self.rewards
    asset_ledger._begin_hand_over(asset, rewards, amount)
    extcall IContributorRewards(rewards).fund(campaign_id, asset, amount)
    asset_ledger._end_hand_over(asset, amount)
    return amount


# --- gated ---


@external
def collect(payer: address, model_id: uint256, asset: address, amount: uint256, reference: bytes32):
    assert self.is_collector[msg.sender], "caller is not a collector"
    revenue: uint256 = self._revenues[model_id][asset]
    if revenue == 0:
        self._check_model(model_id)
        self._list_asset(model_id, asset)
    self._record_payment(revenue, model_id, asset, payer, amount, reference)
    asset_ledger._record_arrived(asset, amount)


@external
def set_targets(treasury: address, rewards: address):
    governed._only_owner()
    self._set_targets(treasury, rewards)


@external
def set_collector(account: address, allowed: bool):
    governed._only_owner()
    self.is_collector[account] = allowed
    log IRoyaltyRouter.CollectorChanged(account=account, allowed=allowed)


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    amount: uint256 = asset_ledger._skim(asset, receiver, self.treasury)
    log IRoyaltyRouter.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ---


@external
@view
def pending(model_id: uint256, asset: address) -> uint256:
    return packed_revenue._paid(self._revenues[model_id][asset])


@external
@view
def own_pending(model_id: uint256, asset: address) -> uint256:
    return packed_revenue._own(self._revenues[model_id][asset])


@external
@view
def assets(model_id: uint256) -> DynArray[address, 16]:
    return self._assets[model_id]


@external
@view
def credit(account: address, asset: address) -> uint256:
    return packed_credit._amount(self._credits[asset][self._account_key(account)])


@external
@view
def treasury_credit(asset: address) -> uint256:
    return packed_credit._amount(self._credits[asset][packed_share.TREASURY_KEY])


@external
@view
def campaign_credit(campaign_id: uint256, asset: address) -> uint256:
    return packed_credit._amount(self._credits[asset][self._campaign_key(campaign_id)])


# --- internals ---


@internal
def _record_payment(
    revenue: uint256, model_id: uint256, asset: address, payer: address, amount: uint256, reference: bytes32
):
    """
    @dev Adds `amount` to the packed `revenue` of the model and stores it.
    """
    assert amount > 0, "amount is zero"
    assert amount <= MAX_ACCOUNTED - asset_ledger.accounted[asset], "amount is too large"
    self._revenues[model_id][asset] = packed_revenue._add_paid(revenue, amount)
    log IRoyaltyRouter.RoyaltyReceived(
        model_id=model_id, asset=asset, payer=payer, amount=amount, reference=reference
    )


@internal
def _list_asset(model_id: uint256, asset: address):
    """
    @dev Lists an asset with the model's first revenue in it, for `settle_all`. A full list blocks no payment: what
         comes in a further asset is settled by `settle` alone.
    """
    if len(self._assets[model_id]) < MAX_ASSETS:
        self._assets[model_id].append(asset)


@internal
def _settle(model_id: uint256, asset: address) -> uint256:
    """
    @dev Divides what waits for the model, in blocks of 10_000 units, so that every share of a block is exact:
         1. The protocol fee and the ancestors get their shares of the whole blocks that were paid.
         2. What is left of them becomes the model's own.
         3. The whole blocks of its own go to the receivers of its split.
         What is below a block stays pending, paid and own apart. Of 25_000 paid, with a fee of 200 bps and one ancestor
         of 1_000 bps: 400 to the fee, 2_000 to the ancestor, 17_600 are its own; 10_000 of these are split, 7_600 and
         the 5_000 that were paid above two blocks wait.
    """
    revenue: uint256 = self._revenues[model_id][asset]
    paid: uint256 = packed_revenue._paid(revenue)
    own: uint256 = packed_revenue._own(revenue)
    blocks: uint256 = paid // BPS
    if blocks == 0 and own < BPS:
        return 0
    table: DynArray[uint256, 4] = []
    split: DynArray[uint256, 16] = []
    table, split = staticcall REGISTRY.distribution(model_id)
    fee: uint256 = blocks * packed_split_head._fee_bps(split[0])
    inherited: uint256 = 0
    parts: DynArray[IRoyaltyRouter.Part, MAX_RECEIVERS] = []
    if blocks > 0 and len(table) > 0:
        inherited, parts = self._credit_ancestors(table, asset, blocks)
    own += blocks * BPS - fee - inherited
    paid_rest: uint256 = paid - blocks * BPS
    own_rest: uint256 = own % BPS
    self._revenues[model_id][asset] = packed_revenue._with_rest(revenue, paid_rest, own_rest)
    parts = self._credit_split(split, asset, own // BPS, fee, parts)
    amount: uint256 = fee + inherited + own - own_rest
    log IRoyaltyRouter.RoyaltySettled(
        model_id=model_id, asset=asset, amount=amount, pending=paid_rest, own=own_rest, parts=parts
    )
    return amount


@internal
def _credit_ancestors(
    table: DynArray[uint256, 4], asset: address, blocks: uint256
) -> (uint256, DynArray[IRoyaltyRouter.Part, MAX_RECEIVERS]):
    """
    @dev Adds to the own revenue of each ancestor its share of `blocks` of 10_000 units. It is divided by the ancestor's
         split alone: nobody further up has a part in it. Returns the sum of the parts, and these.
    """
    total: uint256 = 0
    parts: DynArray[IRoyaltyRouter.Part, MAX_RECEIVERS] = []
    for row: uint256 in table:
        for place: uint256 in range(packed_ancestor.PLACES):
            ancestor: uint256 = packed_ancestor._at(row, place)
            if ancestor == 0:
                break
            part: uint256 = blocks * packed_ancestor._share_bps(ancestor)
            if part == 0:
                continue
            ancestor_id: uint256 = packed_ancestor._model_id(ancestor)
            revenue: uint256 = self._revenues[ancestor_id][asset]
            if revenue == 0:
                self._list_asset(ancestor_id, asset)
            self._revenues[ancestor_id][asset] = packed_revenue._add_own(revenue, part)
            total += part
            parts.append(IRoyaltyRouter.Part(receiver=packed_share.MODEL_KEY | ancestor_id, amount=part))
    return total, parts


@internal
def _credit_split(
    split: DynArray[uint256, 16],
    asset: address,
    blocks: uint256,
    fee: uint256,
    before: DynArray[IRoyaltyRouter.Part, MAX_RECEIVERS],
) -> DynArray[IRoyaltyRouter.Part, MAX_RECEIVERS]:
    """
    @dev Gives each share of the split its part of `blocks` of 10_000 units. The Treasury's share and the fee are one
         part. Returns the parts, those of `before` first.
    """
    parts: DynArray[IRoyaltyRouter.Part, MAX_RECEIVERS] = before
    treasury: uint256 = fee
    if blocks > 0:
        for share: uint256 in split:
            # No overflow: `blocks` is below 2**127 / 10_000 and the share at most 10_000.
            part: uint256 = unsafe_mul(blocks, packed_share._bps(share))
            key: uint256 = packed_share._key(share)
            if key == packed_share.TREASURY_KEY:
                treasury += part
            else:
                self._credits[asset][key] += part
                parts.append(IRoyaltyRouter.Part(receiver=key, amount=part))
    if treasury > 0:
        self._credits[asset][packed_share.TREASURY_KEY] += treasury
        parts.append(IRoyaltyRouter.Part(receiver=packed_share.TREASURY_KEY, amount=treasury))
    return parts


@internal
def _close_credit(asset: address, key: uint256) -> uint256:
    """
    @dev Sets the credit of a receiver to zero and returns what it was.
    """
    amount: uint256 = packed_credit._amount(self._credits[asset][key])
    if amount > 0:
        self._credits[asset][key] = packed_credit.PAID_OUT
    return amount


@internal
@pure
def _account_key(account: address) -> uint256:
    return packed_share.ACCOUNT_KEY | convert(account, uint256)


@internal
@pure
def _campaign_key(campaign_id: uint256) -> uint256:
    """
    @dev An id above RECEIVER_MASK counts as RECEIVER_MASK, a campaign that does not exist, so that no id reaches the
         bits of the kind.
    """
    return packed_share.CAMPAIGN_KEY | min(campaign_id, packed_share.RECEIVER_MASK)


@internal
@view
def _check_model(model_id: uint256):
    assert staticcall REGISTRY.exists(model_id), "unknown model"


@internal
def _set_targets(treasury: address, rewards: address):
    assert treasury != empty(address) and rewards != empty(address), "target is zero"
    self.treasury = treasury
    self.rewards = rewards
    log IRoyaltyRouter.TargetsChanged(treasury=treasury, rewards=rewards)

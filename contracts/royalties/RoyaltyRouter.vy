# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Royalty router
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Takes what models earn and divides it between their ancestors and those their splits name.
@dev A payment costs one transfer and one entry, at any depth of lineage; dividing is a later, permissionless call, so a
     payer never pays for the number of receivers. An entry that was used once costs the same ever after.
@custom:invariant accounted(asset) = sum of pending + credits of accounts, campaigns and the Treasury, per asset.
                  It stays below 2**127, so no sum of these overflows and no amount that anybody can pay makes a
                  settlement revert. The parts of a settlement sum to the amount settled. Each receiver can be paid
                  without the others.
@custom:halt Cannot be paused: it only takes payments and pays what is owed. A vote can repoint the Treasury and
             ContributorRewards and end a collector; nothing can withhold the credit of an account.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import shares
from contracts.models import ancestor_words
from contracts.royalties import open_credits
from contracts.royalties import unsettled
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
# The Treasury accepts eight; a model lives to see another Treasury once, and then some.
MAX_ASSETS: constant(uint256) = 16
# Sixteen ancestors, sixteen shares and the Treasury.
MAX_RECEIVERS: constant(uint256) = 33
# Of what this contract accounts for in one asset, and so of every amount in it.
MAX_ACCOUNTED: constant(uint256) = unsettled.MAX_AMOUNT
FEE_SHIFT: constant(uint256) = 192
MASK_16: constant(uint256) = 2**16 - 1
# Kinds of receivers, in events and credits: those of `shares`, and of an ancestor.
TREASURY_KEY: constant(uint256) = 1 << 176
ACCOUNT_KEY: constant(uint256) = 2 << 176
CAMPAIGN_KEY: constant(uint256) = 4 << 176
MODEL_KEY: constant(uint256) = 8 << 176
# Of a packed share: its kind and its receiver.
RECEIVER_MASK: constant(uint256) = (2**8 - 1) << 176 | 2**160 - 1

REGISTRY: public(immutable(IModelRegistry))

treasury: public(address)
rewards: public(address)
is_collector: public(HashMap[address, bool])

# What waits to be divided, a word of `unsettled` each, and the assets a model has such a word of.
_models: HashMap[uint256, HashMap[address, uint256]]
_assets: HashMap[uint256, DynArray[address, MAX_ASSETS]]
# What an account, a campaign or the Treasury is owed, by its kind << 176 | id: a word of `open_credits`.
_credits: HashMap[address, HashMap[uint256, uint256]]


@deploy
def __init__(registry: address, treasury: address, rewards: address):
    """
    @param registry The ModelRegistry whose ids and splits count here, for ever.
    @param treasury Where the DAO's part goes.
    @param rewards The ContributorRewards that campaigns' parts go to.
    """
    assert registry != empty(address), "registry is zero"
    governed.__init__()
    REGISTRY = IModelRegistry(registry)
    self._set_targets(treasury, rewards)


# --- open ---


@external
def pay(model_id: uint256, asset: address, amount: uint256, reference: bytes32):
    entry: uint256 = self._models[model_id][asset]
    # Neither a model nor an acceptance is ever taken back, so one look at the first payment is enough. What a collector
    # or a settlement brought before does not stand for it.
    if entry & unsettled.CHECKED == 0:
        self._check_model(model_id)
        assert staticcall ITreasury(self.treasury).is_accepted(asset), "asset is not accepted"
        if entry == 0:
            self._enlist(model_id, asset)
        entry |= unsettled.CHECKED
    self._book(entry, model_id, asset, msg.sender, amount, reference)
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
    amount: uint256 = self._take(asset, ACCOUNT_KEY | convert(account, uint256))
    if amount == 0:
        return 0
    log IRoyaltyRouter.Withdrawn(account=account, asset=asset, amount=amount)
    asset_ledger._push(asset, account, amount)
    return amount


@external
def forward_income(asset: address) -> uint256:
    amount: uint256 = self._take(asset, TREASURY_KEY)
    if amount == 0:
        return 0
    log IRoyaltyRouter.IncomeForwarded(asset=asset, amount=amount)
    treasury: address = self.treasury
    asset_ledger._hand_over_begin(asset, treasury, amount)
    if staticcall ITreasury(treasury).is_accepted(asset):
        extcall ITreasury(treasury).receive_income(asset, amount)
    else:
        # In kind it is never income of an epoch: else anybody could see to that before a vote accepts the asset.
        assert governed._is_owner(), "asset is not accepted yet"
        extcall ITreasuryAccounts(treasury).receive_in_kind(asset, amount)
    asset_ledger._hand_over_end(asset, amount)
    return amount


@external
def forward_campaign(campaign_id: uint256, asset: address) -> uint256:
    amount: uint256 = self._take(asset, self._campaign(campaign_id))
    if amount == 0:
        return 0
    log IRoyaltyRouter.CampaignForwarded(campaign_id=campaign_id, asset=asset, amount=amount)
    rewards: address = self.rewards
    asset_ledger._hand_over_begin(asset, rewards, amount)
    extcall IContributorRewards(rewards).fund(campaign_id, asset, amount)
    asset_ledger._hand_over_end(asset, amount)
    return amount


# --- gated ---


@external
def collect(payer: address, model_id: uint256, asset: address, amount: uint256, reference: bytes32):
    assert self.is_collector[msg.sender], "caller is not a collector"
    entry: uint256 = self._models[model_id][asset]
    if entry == 0:
        self._check_model(model_id)
        self._enlist(model_id, asset)
    self._book(entry, model_id, asset, payer, amount, reference)
    asset_ledger._book_arrived(asset, amount)


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
    return unsettled._paid(self._models[model_id][asset])


@external
@view
def own_pending(model_id: uint256, asset: address) -> uint256:
    return unsettled._own(self._models[model_id][asset])


@external
@view
def assets(model_id: uint256) -> DynArray[address, 16]:
    return self._assets[model_id]


@external
@view
def credit(account: address, asset: address) -> uint256:
    return open_credits._amount(self._credits[asset][ACCOUNT_KEY | convert(account, uint256)])


@external
@view
def treasury_credit(asset: address) -> uint256:
    return open_credits._amount(self._credits[asset][TREASURY_KEY])


@external
@view
def campaign_credit(campaign_id: uint256, asset: address) -> uint256:
    return open_credits._amount(self._credits[asset][self._campaign(campaign_id)])


# --- internals ---


@internal
def _book(entry: uint256, model_id: uint256, asset: address, payer: address, amount: uint256, reference: bytes32):
    """
    @dev Adds `amount` to the model's entry.
    """
    assert amount > 0, "amount is zero"
    assert amount <= MAX_ACCOUNTED - asset_ledger.accounted[asset], "amount is too large"
    self._models[model_id][asset] = unsettled._pay(entry, amount)
    log IRoyaltyRouter.RoyaltyReceived(
        model_id=model_id, asset=asset, payer=payer, amount=amount, reference=reference
    )


@internal
def _enlist(model_id: uint256, asset: address):
    """
    @dev Notes the first money of a model in an asset, so that all of it can be found. A full list blocks no payment:
         it would take more assets than two Treasuries accept.
    """
    if len(self._assets[model_id]) < MAX_ASSETS:
        self._assets[model_id].append(asset)


@internal
def _settle(model_id: uint256, asset: address) -> uint256:
    """
    @dev Divides the whole blocks of what waits for the model: fee, ancestors, own part, split, as the interface says.
    """
    entry: uint256 = self._models[model_id][asset]
    blocks: uint256 = unsettled._paid(entry) // BPS
    own: uint256 = unsettled._own(entry)
    if blocks == 0 and own < BPS:
        return 0
    lineage: DynArray[uint256, 4] = []
    split: DynArray[uint256, 16] = []
    lineage, split = staticcall REGISTRY.distribution(model_id)
    # An exact share of a block, so no sum of parts can pass the whole.
    fee: uint256 = blocks * ((split[0] >> FEE_SHIFT) & MASK_16)
    parts: DynArray[IRoyaltyRouter.Part, MAX_RECEIVERS] = []
    inherited: uint256 = 0
    if blocks > 0 and len(lineage) > 0:
        inherited, parts = self._pay_ancestors(lineage, asset, blocks)
    own += blocks * BPS - fee - inherited
    rest: uint256 = own % BPS
    self._models[model_id][asset] = unsettled._leave(entry, blocks * BPS, rest)
    parts = self._pay_split(split, asset, own // BPS, fee, parts)
    amount: uint256 = fee + inherited + own - rest
    log IRoyaltyRouter.RoyaltySettled(
        model_id=model_id,
        asset=asset,
        amount=amount,
        pending=unsettled._paid(entry) - blocks * BPS,
        own=rest,
        parts=parts,
    )
    return amount


@internal
def _pay_ancestors(
    lineage: DynArray[uint256, 4], asset: address, blocks: uint256
) -> (uint256, DynArray[IRoyaltyRouter.Part, MAX_RECEIVERS]):
    """
    @dev Gives the ancestors their shares of `blocks` of 10_000 units. Returns the sum of their parts, and these.
    """
    total: uint256 = 0
    parts: DynArray[IRoyaltyRouter.Part, MAX_RECEIVERS] = []
    for word: uint256 in lineage:
        for index: uint256 in range(4):
            ancestor: uint256 = word >> (ancestor_words.ENTRY_WIDTH * index)
            ancestor_id: uint256 = ancestor & ancestor_words.ID_MASK
            if ancestor_id == 0:
                break
            part: uint256 = blocks * ancestor_words._share(ancestor)
            if part > 0:
                total += part
                self._bequeath(ancestor_id, asset, part)
                parts.append(IRoyaltyRouter.Part(receiver=MODEL_KEY | ancestor_id, amount=part))
    return total, parts


@internal
def _pay_split(
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
        for word: uint256 in split:
            # Below 2**127 / 10_000 times at most 10_000.
            part: uint256 = unsafe_mul(blocks, (word >> shares.RECEIVER_BITS) & MASK_16)
            receiver: uint256 = word & RECEIVER_MASK
            if receiver == TREASURY_KEY:
                treasury += part
            else:
                self._credits[asset][receiver] += part
                parts.append(IRoyaltyRouter.Part(receiver=receiver, amount=part))
    if treasury > 0:
        self._credits[asset][TREASURY_KEY] += treasury
        parts.append(IRoyaltyRouter.Part(receiver=TREASURY_KEY, amount=treasury))
    return parts


@internal
def _bequeath(ancestor_id: uint256, asset: address, part: uint256):
    """
    @dev Adds `part` to what is an ancestor's own. It is a share already: nobody further up has a part in it.
    """
    entry: uint256 = self._models[ancestor_id][asset]
    if entry == 0:
        self._enlist(ancestor_id, asset)
    self._models[ancestor_id][asset] = unsettled._add_own(entry, part)


@internal
def _take(asset: address, receiver: uint256) -> uint256:
    """
    @dev All that the receiver is owed, which it is owed no more.
    """
    amount: uint256 = open_credits._amount(self._credits[asset][receiver])
    if amount > 0:
        self._credits[asset][receiver] = open_credits.USED
    return amount


@internal
@pure
def _campaign(campaign_id: uint256) -> uint256:
    """
    @dev The campaign as a receiver. A number that no share can name stands for one that does not exist.
    """
    return CAMPAIGN_KEY | min(campaign_id, shares.MAX_RECEIVER)


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

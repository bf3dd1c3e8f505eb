# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Royalty router
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Takes what models earn and divides it between those their splits name.
@dev A payment costs one transfer and one entry; dividing is a later, permissionless call, so a payer never pays for
     the number of receivers. Entries are running totals, so an entry that was used once costs the same ever after.
@custom:invariant accounted(asset) = sum of pending + credits of accounts, campaigns and the Treasury, per asset.
                  The credits of a settlement sum to the amount settled. Each receiver can be paid without the others.
@custom:halt Cannot be paused: it only takes payments and pays what is owed. A vote can repoint the Treasury and
             ContributorRewards and end a collector; nothing can withhold the credit of an account.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import shares
from contracts.royalties import running_totals
from interfaces import IContributorRewards
from interfaces import IModelRegistry
from interfaces import IRoyaltyRouter
from interfaces import ITreasury

implements: IRoyaltyRouter

initializes: governed
initializes: asset_ledger

exports: (governed.owner, governed.transfer_ownership)
exports: asset_ledger.accounted

REGISTRY: public(immutable(IModelRegistry))

treasury: public(address)
rewards: public(address)
is_collector: public(HashMap[address, bool])

# Each entry is a word of `running_totals`: received and settled, or credited and paid out.
_models: HashMap[uint256, HashMap[address, uint256]]
_accounts: HashMap[address, HashMap[address, uint256]]
_campaigns: HashMap[uint256, HashMap[address, uint256]]
_treasury: HashMap[address, uint256]


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
    # Neither a model nor an acceptance is ever taken back, so one look at the first payment is enough.
    if entry == 0:
        self._check_model(model_id)
        assert staticcall ITreasury(self.treasury).is_accepted(asset), "asset is not accepted"
    self._book(entry, model_id, asset, msg.sender, amount, reference)
    asset_ledger._pull(asset, msg.sender, amount)


@external
def settle(model_id: uint256, asset: address) -> uint256:
    entry: uint256 = self._models[model_id][asset]
    amount: uint256 = running_totals._open(entry)
    if amount == 0:
        return 0
    self._models[model_id][asset] = running_totals._close(entry)
    words: DynArray[uint256, 8] = staticcall REGISTRY.packed_split(model_id)
    parts: DynArray[uint256, 8] = shares._amounts(amount, words)
    index: uint256 = 0
    for word: uint256 in words:
        part: uint256 = parts[index]
        index += 1
        if part > 0:
            self._credit(model_id, asset, word, part)
    log IRoyaltyRouter.RoyaltySettled(model_id=model_id, asset=asset, amount=amount)
    return amount


@external
def withdraw(account: address, asset: address) -> uint256:
    entry: uint256 = self._accounts[account][asset]
    amount: uint256 = running_totals._open(entry)
    if amount == 0:
        return 0
    self._accounts[account][asset] = running_totals._close(entry)
    log IRoyaltyRouter.Withdrawn(account=account, asset=asset, amount=amount)
    asset_ledger._push(asset, account, amount)
    return amount


@external
def forward_income(asset: address) -> uint256:
    entry: uint256 = self._treasury[asset]
    amount: uint256 = running_totals._open(entry)
    if amount == 0:
        return 0
    self._treasury[asset] = running_totals._close(entry)
    log IRoyaltyRouter.IncomeForwarded(asset=asset, amount=amount)
    treasury: address = self.treasury
    asset_ledger._hand_over_begin(asset, treasury, amount)
    extcall ITreasury(treasury).receive_income(asset, amount)
    asset_ledger._hand_over_end(asset, amount)
    return amount


@external
def forward_campaign(campaign_id: uint256, asset: address) -> uint256:
    entry: uint256 = self._campaigns[campaign_id][asset]
    amount: uint256 = running_totals._open(entry)
    if amount == 0:
        return 0
    self._campaigns[campaign_id][asset] = running_totals._close(entry)
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
    amount: uint256 = asset_ledger._skim(asset, receiver)
    log IRoyaltyRouter.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ---


@external
@view
def pending(model_id: uint256, asset: address) -> uint256:
    return running_totals._open(self._models[model_id][asset])


@external
@view
def received(model_id: uint256, asset: address) -> uint256:
    return running_totals._total(self._models[model_id][asset])


@external
@view
def credit(account: address, asset: address) -> uint256:
    return running_totals._open(self._accounts[account][asset])


@external
@view
def treasury_credit(asset: address) -> uint256:
    return running_totals._open(self._treasury[asset])


@external
@view
def campaign_credit(campaign_id: uint256, asset: address) -> uint256:
    return running_totals._open(self._campaigns[campaign_id][asset])


# --- internals ---


@internal
def _book(entry: uint256, model_id: uint256, asset: address, payer: address, amount: uint256, reference: bytes32):
    """
    @dev Adds `amount` to the model's entry.
    """
    assert amount > 0, "amount is zero"
    self._models[model_id][asset] = running_totals._grow(entry, amount)
    log IRoyaltyRouter.RoyaltyReceived(
        model_id=model_id, asset=asset, payer=payer, amount=amount, reference=reference
    )


@internal
def _credit(model_id: uint256, asset: address, share: uint256, part: uint256):
    """
    @dev Adds `part` to what the receiver of the packed `share` is owed.
    """
    kind: uint256 = shares._kind(share)
    if kind == shares.ACCOUNT:
        account: address = shares._account(share)
        self._accounts[account][asset] = running_totals._grow(self._accounts[account][asset], part)
        log IRoyaltyRouter.AccountCredited(model_id=model_id, asset=asset, account=account, amount=part)
    elif kind == shares.CAMPAIGN:
        campaign_id: uint256 = shares._campaign_id(share)
        self._campaigns[campaign_id][asset] = running_totals._grow(self._campaigns[campaign_id][asset], part)
        log IRoyaltyRouter.CampaignCredited(model_id=model_id, asset=asset, campaign_id=campaign_id, amount=part)
    else:
        self._treasury[asset] = running_totals._grow(self._treasury[asset], part)
        log IRoyaltyRouter.TreasuryCredited(model_id=model_id, asset=asset, amount=part)


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

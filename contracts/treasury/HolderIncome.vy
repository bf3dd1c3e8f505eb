# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Holder income
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Shares the holders' part of the DAO's income out, per epoch and asset, by time-weighted balance.
@dev An epoch makes a pot if at least a tenth of the supply was eligible, by balance-seconds. Else whoever claims first
     after a cliff would take the income of all. Money of an epoch without a pot is carried to the next epoch that makes
     one, with or without income of its own and whatever is closed first. After twelve such epochs it goes to the
     purpose "grants", and so does what a pot still holds two years after it was made.
@custom:invariant claimed_total(epoch, asset) <= pot(epoch, asset), and each account is paid once per pot.
                  balance >= accounted(asset) = sum of pot - claimed_total over all pots that are not recycled,
                  + carried(asset) + lapsed(asset).
@custom:halt There is no pause and no role that could stop a claim. The Treasury alone funds pots.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.treasury import income_pots
from contracts.treasury import packed_pot
from interfaces import IGovernanceToken
from interfaces import IHolderIncome
from interfaces import ITreasury

implements: IHolderIncome

initializes: asset_ledger
initializes: governed
initializes: income_pots

exports: asset_ledger.accounted
exports: (governed.owner, governed.transfer_ownership)
exports: (income_pots.carried, income_pots.lapsed, income_pots.settled_to)

# Epochs per call.
MAX_RANGE: constant(uint256) = income_pots.MAX_RANGE
# As many as the Treasury accepts: accepted_assets.MAX_ASSETS.
MAX_ASSETS: constant(uint256) = 8
# Purpose of the Treasury that unclaimed pots and lapsed money go to: buckets.GRANTS.
GRANTS: constant(uint256) = 2
# An epoch makes a pot if its eligible balance-seconds are at least the supply's divided by this.
SUPPLY_PARTS: constant(uint256) = 10
# Two years, counted from when the pot was made: nobody loses time by a late closing.
RECYCLE_SECONDS: public(constant(uint256)) = 730 * 86_400

TOKEN: public(immutable(address))
TREASURY: public(immutable(address))

# Account => who else may have its income paid out; zero: nobody.
claimer: public(HashMap[address, address])


@deploy
def __init__(token: address, treasury: address):
    """
    @param token Governance token with the balance-seconds.
    @param treasury The one account that funds pots, for ever.
    """
    governed.__init__()
    income_pots.__init__()
    TOKEN = token
    TREASURY = treasury


# --- claims -----------------------------------------------------------------------------------------------------------


@external
def claim(account: address, asset: address, first_epoch: uint256, epoch_count: uint256) -> uint256:
    balance_seconds: DynArray[uint256, MAX_RANGE] = staticcall IGovernanceToken(TOKEN).balance_seconds_range(
        account, first_epoch, epoch_count
    )
    return self._claim(account, asset, first_epoch, balance_seconds, account)


@external
def claim_assets(
    account: address, assets: DynArray[address, MAX_ASSETS], first_epoch: uint256, epoch_count: uint256
) -> DynArray[uint256, MAX_ASSETS]:
    return self._claim_assets(account, assets, first_epoch, epoch_count, account)


@external
def claim_to(
    account: address,
    assets: DynArray[address, MAX_ASSETS],
    first_epoch: uint256,
    epoch_count: uint256,
    receiver: address,
) -> DynArray[uint256, MAX_ASSETS]:
    assert msg.sender == account or msg.sender == self.claimer[account], "caller may not claim"
    asset_ledger._check_receiver(receiver)
    log IHolderIncome.ClaimRedirected(account=account, caller=msg.sender, receiver=receiver)
    return self._claim_assets(account, assets, first_epoch, epoch_count, receiver)


@external
def set_claimer(new_claimer: address):
    old_claimer: address = self.claimer[msg.sender]
    self.claimer[msg.sender] = new_claimer
    log IHolderIncome.ClaimerChanged(account=msg.sender, old_claimer=old_claimer, new_claimer=new_claimer)


# --- pots -------------------------------------------------------------------------------------------------------------


@external
def roll(asset: address) -> uint256:
    # Only up to the first epoch that the Treasury may still fund: its pot must take the carried money along.
    until: uint256 = self._current_epoch()
    open_epoch: uint256 = staticcall ITreasury(TREASURY).first_unclosed(asset)
    if open_epoch != 0:
        until = min(until, open_epoch)
    waiting_epoch: uint256 = staticcall ITreasury(TREASURY).first_waiting(asset)
    if waiting_epoch != 0:
        until = min(until, waiting_epoch)
    self._roll(asset, until)
    lapsed: uint256 = income_pots._release_lapsed(asset)
    if lapsed > 0:
        log IHolderIncome.LapsedReturned(asset=asset, amount=lapsed)
        self._give_to_grants(asset, lapsed)
    return income_pots.settled_to[asset]


@external
def recycle(epoch: uint256, asset: address) -> uint256:
    made_at: uint256 = income_pots._made_at(asset, epoch)
    assert made_at != 0, "pot is unknown"
    assert block.timestamp >= made_at + RECYCLE_SECONDS, "pot is too young"
    amount: uint256 = income_pots._recycle(asset, epoch)
    log IHolderIncome.PotRecycled(epoch=epoch, asset=asset, amount=amount)
    self._give_to_grants(asset, amount)
    return amount


# --- gated ------------------------------------------------------------------------------------------------------------


@external
def fund(epoch: uint256, asset: address, amount: uint256):
    assert msg.sender == TREASURY, "caller is not the treasury"
    assert epoch < self._current_epoch(), "epoch is not over"
    assert epoch > income_pots.settled_to[asset], "pot is funded already"
    assert amount > 0, "pot is empty"
    self._roll(asset, epoch)
    # Cannot fail: `_roll` got to the epoch before, or nothing is carried any more, as MAX_ROLLS is below MAX_RANGE.
    assert income_pots.carried[asset] == 0 or income_pots.settled_to[asset] + 1 == epoch, "carried money is behind"
    eligible: uint256 = staticcall IGovernanceToken(TOKEN).eligible_balance_seconds(epoch)
    if not self._makes_pot(epoch, eligible):
        self._carry(asset, epoch, amount)
    else:
        self._make_pot(asset, epoch, amount, eligible)
    asset_ledger._pull(asset, msg.sender, amount)


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    amount: uint256 = asset_ledger._skim(asset, receiver, TREASURY)
    log IHolderIncome.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ------------------------------------------------------------------------------------------------------------


@external
@view
def claimable(account: address, asset: address, first_epoch: uint256, epoch_count: uint256) -> uint256:
    balance_seconds: DynArray[uint256, MAX_RANGE] = staticcall IGovernanceToken(TOKEN).balance_seconds_range(
        account, first_epoch, epoch_count
    )
    return income_pots._due(account, asset, first_epoch, balance_seconds)


@external
@view
def history(
    account: address, asset: address, first_epoch: uint256, epoch_count: uint256
) -> DynArray[IHolderIncome.Share, MAX_RANGE]:
    balance_seconds: DynArray[uint256, MAX_RANGE] = staticcall IGovernanceToken(TOKEN).balance_seconds_range(
        account, first_epoch, epoch_count
    )
    shares: DynArray[IHolderIncome.Share, MAX_RANGE] = []
    for i: uint256 in range(len(balance_seconds), bound=MAX_RANGE):
        epoch: uint256 = first_epoch + i
        packed: uint256 = income_pots._pot(asset, epoch)
        shares.append(
            IHolderIncome.Share(
                epoch=epoch,
                pot=packed_pot._amount(packed),
                eligible_balance_seconds=packed_pot._eligible(packed),
                balance_seconds=balance_seconds[i],
                amount=packed_pot._part(packed, balance_seconds[i]),
                claimed=income_pots._is_claimed(account, asset, epoch),
                recycled=packed_pot._is_recycled(packed),
            )
        )
    return shares


@external
@view
def is_claimed(account: address, epoch: uint256, asset: address) -> bool:
    return income_pots._is_claimed(account, asset, epoch)


@external
@view
def pot(epoch: uint256, asset: address) -> uint256:
    return packed_pot._amount(income_pots._pot(asset, epoch))


@external
@view
def claimed_total(epoch: uint256, asset: address) -> uint256:
    return packed_pot._amount(income_pots._pot(asset, epoch)) - income_pots._rest_of(asset, epoch)


@external
@view
def is_recycled(epoch: uint256, asset: address) -> bool:
    return packed_pot._is_recycled(income_pots._pot(asset, epoch))


@external
@view
def recyclable_at(epoch: uint256, asset: address) -> uint256:
    made_at: uint256 = income_pots._made_at(asset, epoch)
    if made_at == 0:
        return 0
    return made_at + RECYCLE_SECONDS


# --- internals --------------------------------------------------------------------------------------------------------


@internal
def _claim_assets(
    account: address,
    assets: DynArray[address, MAX_ASSETS],
    first_epoch: uint256,
    epoch_count: uint256,
    receiver: address,
) -> DynArray[uint256, MAX_ASSETS]:
    balance_seconds: DynArray[uint256, MAX_RANGE] = staticcall IGovernanceToken(TOKEN).balance_seconds_range(
        account, first_epoch, epoch_count
    )
    totals: DynArray[uint256, MAX_ASSETS] = []
    for asset: address in assets:
        total: uint256 = self._claim(account, asset, first_epoch, balance_seconds, receiver)
        totals.append(total)
    return totals


@internal
def _claim(
    account: address,
    asset: address,
    first_epoch: uint256,
    balance_seconds: DynArray[uint256, MAX_RANGE],
    receiver: address,
) -> uint256:
    amounts: DynArray[uint256, MAX_RANGE] = []
    total: uint256 = 0
    amounts, total = income_pots._pay(account, asset, first_epoch, balance_seconds)
    if total == 0:
        return 0
    log IHolderIncome.IncomeClaimed(account=account, asset=asset, first_epoch=first_epoch, amounts=amounts)
    asset_ledger._push(asset, receiver, total)
    return total


@internal
def _roll(asset: address, until: uint256):
    """
    @dev Carries money on, epoch by epoch, until one before `until` makes a pot; at most MAX_RANGE epochs.
    """
    if income_pots.carried[asset] == 0:
        return
    first_epoch: uint256 = income_pots.settled_to[asset] + 1
    if first_epoch >= until:
        return
    eligible: DynArray[uint256, MAX_RANGE] = staticcall IGovernanceToken(TOKEN).eligible_balance_seconds_range(
        first_epoch, min(until - first_epoch, MAX_RANGE)
    )
    for i: uint256 in range(len(eligible), bound=MAX_RANGE):
        if self._makes_pot(first_epoch + i, eligible[i]):
            self._make_pot(asset, first_epoch + i, 0, eligible[i])
            return
        self._carry(asset, first_epoch + i, 0)
        if income_pots.carried[asset] == 0:
            return


@internal
def _carry(asset: address, epoch: uint256, amount: uint256):
    lapsed: uint256 = income_pots._carry(asset, epoch, amount)
    log IHolderIncome.PotCarried(epoch=epoch, asset=asset, amount=amount)
    if lapsed > 0:
        log IHolderIncome.IncomeLapsed(epoch=epoch - income_pots.MAX_ROLLS, asset=asset, amount=lapsed)


@internal
def _give_to_grants(asset: address, amount: uint256):
    if amount == 0:
        return
    asset_ledger._begin_hand_over(asset, TREASURY, amount)
    extcall ITreasury(TREASURY).deposit(GRANTS, asset, amount)
    asset_ledger._end_hand_over(asset, amount)


@internal
def _make_pot(asset: address, epoch: uint256, amount: uint256, eligible: uint256):
    pot: uint256 = income_pots._make(asset, epoch, amount, eligible)
    log IHolderIncome.PotFunded(epoch=epoch, asset=asset, amount=pot, eligible_balance_seconds=eligible)


@internal
@view
def _makes_pot(epoch: uint256, eligible: uint256) -> bool:
    if eligible == 0:
        return False
    supply: uint256 = staticcall IGovernanceToken(TOKEN).supply_balance_seconds(epoch)
    return eligible >= (supply + SUPPLY_PARTS - 1) // SUPPLY_PARTS


@internal
@view
def _current_epoch() -> uint256:
    return staticcall IGovernanceToken(TOKEN).epoch_at(block.timestamp)

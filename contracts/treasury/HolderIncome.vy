# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Holder income
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Shares the holders' part of the DAO's income out, per epoch and asset, by time-weighted balance.
@dev The rounding rest of a pot (fewer units than it has claimants) stays in it, and belongs to the purpose "grants".
     Carried money joins the next pot that is funded. Epochs may be closed in any order, so that can be the pot of an
     older epoch than the one it was carried from; nobody was eligible in that one, so nobody loses by it.
@custom:invariant claimed_total(epoch, asset) <= pot(epoch, asset), and each account is paid once per pot.
                  balance >= accounted(asset) = sum of pot - claimed_total over all epochs, + carried(asset).
@custom:halt There is no pause and no role that could stop a claim. The Treasury alone funds pots.
"""

from contracts.common import asset_ledger
from contracts.common import governed
from interfaces import IGovernanceToken
from interfaces import IHolderIncome

implements: IHolderIncome

initializes: asset_ledger
initializes: governed

exports: asset_ledger.accounted
exports: (governed.owner, governed.transfer_ownership)

# Two years of 30-day epochs and a bit: one claim catches up with everything that is ever claimable.
MAX_EPOCHS_PER_CLAIM: constant(uint256) = 26
EPOCHS_PER_WORD: constant(uint256) = 256

# Layout of a pot: amount 136 bits | eligible balance-seconds 120 bits (a supply below 2**96 for less than 2**24
# seconds, far more than an epoch may have). So the product in an entitlement stays below 2**256.
ELIGIBLE_BITS: constant(uint256) = 120
ELIGIBLE_MASK: constant(uint256) = 2**120 - 1
AMOUNT_BITS: constant(uint256) = 136

TOKEN: public(immutable(address))
TREASURY: public(immutable(address))

# Asset => units that wait for a pot with claimants.
carried: public(HashMap[address, uint256])
# Epoch => asset => packed pot. Without eligible balance-seconds the amount is the one that was carried.
_pots: HashMap[uint256, HashMap[address, uint256]]
# Epoch => asset => units of the pot not paid out yet. Counts down, so that the first claimer pays for no fresh slot.
_remaining: HashMap[uint256, HashMap[address, uint256]]
# Account => asset => epoch // 256 => one bit per epoch that was paid.
_claimed: HashMap[address, HashMap[address, HashMap[uint256, uint256]]]


@deploy
def __init__(token: address, treasury: address):
    """
    @param token Governance token with the balance-seconds.
    @param treasury The one account that funds pots, for ever.
    """
    governed.__init__()
    TOKEN = token
    TREASURY = treasury


# --- claims -----------------------------------------------------------------------------------------------------------


@external
def claim(account: address, asset: address, first_epoch: uint256, epoch_count: uint256) -> uint256:
    self._check_count(epoch_count)
    total: uint256 = 0
    word_index: uint256 = first_epoch // EPOCHS_PER_WORD
    word: uint256 = self._claimed[account][asset][word_index]
    for i: uint256 in range(epoch_count, bound=MAX_EPOCHS_PER_CLAIM):
        epoch: uint256 = first_epoch + i
        if epoch // EPOCHS_PER_WORD != word_index:
            self._claimed[account][asset][word_index] = word
            word_index = epoch // EPOCHS_PER_WORD
            word = self._claimed[account][asset][word_index]
        if self._has_bit(word, epoch):
            continue
        packed: uint256 = self._pots[epoch][asset]
        amount: uint256 = self._entitlement(packed, account, epoch)
        if amount == 0:
            continue
        word |= 1 << (epoch % EPOCHS_PER_WORD)
        total += amount
        remaining: uint256 = self._remaining[epoch][asset]
        # Cannot fail while balance-seconds sum to what the token says; keeps a fault of it in one pot.
        assert amount <= remaining, "pot is exhausted"
        self._remaining[epoch][asset] = remaining - amount
        log IHolderIncome.IncomeClaimed(account=account, epoch=epoch, asset=asset, amount=amount)
    if total == 0:
        return 0
    self._claimed[account][asset][word_index] = word
    asset_ledger._push(asset, account, total)
    return total


# --- gated ------------------------------------------------------------------------------------------------------------


@external
def fund(epoch: uint256, asset: address, amount: uint256):
    assert msg.sender == TREASURY, "caller is not the treasury"
    assert epoch < staticcall IGovernanceToken(TOKEN).epoch_at(block.timestamp), "epoch is not over"
    assert self._pots[epoch][asset] == 0, "pot is funded already"
    eligible: uint256 = staticcall IGovernanceToken(TOKEN).eligible_balance_seconds(epoch)
    if eligible == 0:
        self.carried[asset] += amount
        self._pots[epoch][asset] = self._pack(amount, 0)
        log IHolderIncome.PotCarried(epoch=epoch, asset=asset, amount=amount)
    else:
        pot: uint256 = amount + self.carried[asset]
        self.carried[asset] = 0
        self._pots[epoch][asset] = self._pack(pot, eligible)
        self._remaining[epoch][asset] = pot
        log IHolderIncome.PotFunded(epoch=epoch, asset=asset, amount=pot, eligible_balance_seconds=eligible)
    asset_ledger._pull(asset, msg.sender, amount)


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    assert receiver != empty(address), "receiver is zero"
    amount: uint256 = asset_ledger._skim(asset, receiver)
    log IHolderIncome.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ------------------------------------------------------------------------------------------------------------


@external
@view
def claimable(account: address, asset: address, first_epoch: uint256, epoch_count: uint256) -> uint256:
    self._check_count(epoch_count)
    total: uint256 = 0
    for i: uint256 in range(epoch_count, bound=MAX_EPOCHS_PER_CLAIM):
        epoch: uint256 = first_epoch + i
        if not self._is_claimed(account, epoch, asset):
            total += self._entitlement(self._pots[epoch][asset], account, epoch)
    return total


@external
@view
def is_claimed(account: address, epoch: uint256, asset: address) -> bool:
    return self._is_claimed(account, epoch, asset)


@external
@view
def pot(epoch: uint256, asset: address) -> uint256:
    return self._pot(epoch, asset)


@external
@view
def claimed_total(epoch: uint256, asset: address) -> uint256:
    return self._pot(epoch, asset) - self._remaining[epoch][asset]


# --- internals --------------------------------------------------------------------------------------------------------


@internal
@view
def _entitlement(packed: uint256, account: address, epoch: uint256) -> uint256:
    """
    @dev What `account` earned of a packed pot, rounded down. The token is asked only where there is something to share.
    """
    eligible: uint256 = packed & ELIGIBLE_MASK
    amount: uint256 = packed >> ELIGIBLE_BITS
    if eligible == 0 or amount == 0:
        return 0
    held: uint256 = staticcall IGovernanceToken(TOKEN).balance_seconds(account, epoch)
    return amount * held // eligible


@internal
@view
def _pot(epoch: uint256, asset: address) -> uint256:
    packed: uint256 = self._pots[epoch][asset]
    if packed & ELIGIBLE_MASK == 0:
        return 0
    return packed >> ELIGIBLE_BITS


@internal
@view
def _is_claimed(account: address, epoch: uint256, asset: address) -> bool:
    return self._has_bit(self._claimed[account][asset][epoch // EPOCHS_PER_WORD], epoch)


@internal
@pure
def _check_count(epoch_count: uint256):
    assert epoch_count <= MAX_EPOCHS_PER_CLAIM, "too many epochs"


@internal
@pure
def _has_bit(word: uint256, epoch: uint256) -> bool:
    return (word >> (epoch % EPOCHS_PER_WORD)) & 1 == 1


@internal
@pure
def _pack(amount: uint256, eligible: uint256) -> uint256:
    assert amount >> AMOUNT_BITS == 0 and eligible <= ELIGIBLE_MASK, "pot does not fit"
    return (amount << ELIGIBLE_BITS) | eligible

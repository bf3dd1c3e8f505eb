# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Income pots
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A pot per epoch and asset: what is in it, what it is shared by, what was paid out of it and to whom.
@dev Pots of an asset are made in the order of their epochs, so money of an epoch that makes no pot has one place to go:
     the first later epoch that makes one, if that is among the next MAX_ROLLS. Moves no money.
@custom:invariant What is paid out of a pot never exceeds it, and each account is paid once per pot. carried(asset) is
                  the sum of what its epochs after the last pot carry.
"""

from contracts.treasury import packed_pot
from contracts.treasury import packed_pot_rests

# The most epochs that one call pays: a little more than two years of 30-day epochs, as many as the token tells at once.
MAX_RANGE: constant(uint256) = 26
# Later epochs in which carried money may still find a pot: about a year of 30-day epochs.
MAX_ROLLS: constant(uint256) = 12
# One slot of `_claimed` has one bit for each of so many epochs.
EPOCHS_PER_SLOT: constant(uint256) = 256

# Length of the arrays below: an epoch lasts a day at least, so this many never pass. Unused elements cost nothing, and
# an array in a map takes one hash less than a map in a map.
MAX_EPOCHS: constant(uint256) = 2**40

# Value of `rests_index` while no slot of `_rests` is loaded.
UNLOADED: constant(uint256) = max_value(uint256)

# Asset => units that wait for the first epoch after `settled_to` that makes a pot.
carried: public(HashMap[address, uint256])
# Asset => units that no pot was made of in time, and that go to the purpose "grants".
lapsed: public(HashMap[address, uint256])
# Asset => last epoch that has its pot, or was found to make none.
settled_to: public(HashMap[address, uint256])
# Asset => last epoch that has its pot. What epochs up to it carried is in that pot.
_last_pot: HashMap[address, uint256]
# Asset => epoch that made no pot => units that it added to what is carried.
_carried_of: HashMap[address, HashMap[uint256, uint256]]
# Asset => epoch => packed_pot; zero where there is none.
_pots: HashMap[address, uint256[MAX_EPOCHS]]
# Asset => epoch // 2 => packed_pot_rests. They count down, so that the first claimer pays for no fresh slot.
_rests: HashMap[address, uint256[MAX_EPOCHS]]
# Asset => epoch => Unix time at which the pot was made.
_made_at_of: HashMap[address, HashMap[uint256, uint256]]
# Account => asset => epoch // EPOCHS_PER_SLOT => one bit per epoch that was paid.
_claimed: HashMap[address, HashMap[address, HashMap[uint256, uint256]]]


@deploy
def __init__():
    pass


# --- verbs ------------------------------------------------------------------------------------------------------------


@internal
def _carry(asset: address, epoch: uint256, amount: uint256) -> uint256:
    """
    @dev `epoch` makes no pot: carries its `amount` on with what was carried before. What has waited MAX_ROLLS epochs
         lapses. Returns that part.
    """
    total: uint256 = amount + self.carried[asset]
    packed_pot._check_fits(total, 0)
    if amount > 0:
        self._carried_of[asset][epoch] = amount
    over: uint256 = 0
    if epoch > self._last_pot[asset] + MAX_ROLLS:
        over = self._carried_of[asset][epoch - MAX_ROLLS]
    if over > 0:
        self.lapsed[asset] += over
    self.carried[asset] = total - over
    self.settled_to[asset] = epoch
    return over


@internal
def _make(asset: address, epoch: uint256, amount: uint256, eligible: uint256) -> uint256:
    """
    @dev Makes the pot of an epoch, which takes along what is carried. Returns what is in it.
    """
    total: uint256 = amount + self.carried[asset]
    pot: packed_pot.Pot = packed_pot.Pot(eligible=eligible, amount=total, is_recycled=False)
    self.carried[asset] = 0
    self.settled_to[asset] = epoch
    self._last_pot[asset] = epoch
    self._pots[asset][epoch] = packed_pot._pack(pot)
    self._rests[asset][epoch // 2] = packed_pot_rests._credit(self._rests[asset][epoch // 2], epoch, total)
    self._made_at_of[asset][epoch] = block.timestamp
    return total


@internal
def _pay(
    account: address, asset: address, first_epoch: uint256, balance_seconds: DynArray[uint256, MAX_RANGE]
) -> (DynArray[uint256, MAX_RANGE], uint256):
    """
    @dev Records as paid, and returns, what `_due` tells: the parts of the pots from `first_epoch` on, and their sum.
         `balance_seconds` are those of the account in these epochs.
    """
    amounts: DynArray[uint256, MAX_RANGE] = []
    total: uint256 = 0
    slot_index: uint256 = first_epoch // EPOCHS_PER_SLOT
    claimed: uint256 = self._claimed[account][asset][slot_index]
    rests_index: uint256 = UNLOADED
    rests: uint256 = 0
    epoch: uint256 = first_epoch
    bit: uint256 = self._bit(first_epoch)
    for seconds: uint256 in balance_seconds:
        # The bit of the last epoch of a slot, doubled, is zero.
        if bit == 0:
            self._claimed[account][asset][slot_index] = claimed
            slot_index = epoch // EPOCHS_PER_SLOT
            claimed = self._claimed[account][asset][slot_index]
            bit = 1
        amount: uint256 = 0
        # Nested, not joined by `and`, which costs more in a loop.
        if seconds != 0:
            if claimed & bit == 0:
                amount = packed_pot._part(self._pots[asset][epoch], seconds)
        if amount != 0:
            claimed |= bit
            total = unsafe_add(total, amount)
            if epoch // 2 != rests_index:
                if rests_index != UNLOADED:
                    self._rests[asset][rests_index] = rests
                rests_index = epoch // 2
                rests = self._rests[asset][rests_index]
            rests = packed_pot_rests._debit(rests, epoch, amount)
        amounts.append(amount)
        bit = unsafe_mul(bit, 2)
        epoch = unsafe_add(epoch, 1)
    if total != 0:
        self._claimed[account][asset][slot_index] = claimed
        self._rests[asset][rests_index] = rests
    return amounts, total


@internal
def _release_lapsed(asset: address) -> uint256:
    amount: uint256 = self.lapsed[asset]
    self.lapsed[asset] = 0
    return amount


@internal
def _recycle(asset: address, epoch: uint256) -> uint256:
    """
    @dev Closes a pot for good. Returns what nobody was paid, in units of the asset.
    """
    packed: uint256 = self._pots[asset][epoch]
    assert not packed_pot._is_recycled(packed), "pot is recycled already"
    self._pots[asset][epoch] = packed_pot._with_is_recycled(packed)
    return self._rest_of(asset, epoch)


# --- reads ------------------------------------------------------------------------------------------------------------


@internal
@view
def _due(
    account: address, asset: address, first_epoch: uint256, balance_seconds: DynArray[uint256, MAX_RANGE]
) -> uint256:
    """
    @dev What is due to an account with these `balance_seconds` in the epochs from `first_epoch` on, each part rounded
         down. Nothing where it was paid, or where the pot is not made yet or recycled.
    """
    total: uint256 = 0
    for i: uint256 in range(len(balance_seconds), bound=MAX_RANGE):
        if not self._is_claimed(account, asset, first_epoch + i):
            total += packed_pot._part(self._pots[asset][first_epoch + i], balance_seconds[i])
    return total


@internal
@view
def _pot(asset: address, epoch: uint256) -> uint256:
    return self._pots[asset][epoch]


@internal
@view
def _rest_of(asset: address, epoch: uint256) -> uint256:
    """
    @dev What of the pot of `epoch` was not paid to anybody yet.
    """
    return packed_pot_rests._rest(self._rests[asset][epoch // 2], epoch)


@internal
@view
def _made_at(asset: address, epoch: uint256) -> uint256:
    """
    @dev Zero if there is no pot.
    """
    return self._made_at_of[asset][epoch]


@internal
@view
def _is_claimed(account: address, asset: address, epoch: uint256) -> bool:
    return self._claimed[account][asset][epoch // EPOCHS_PER_SLOT] & self._bit(epoch) != 0


# --- pure helpers -----------------------------------------------------------------------------------------------------


@internal
@pure
def _bit(epoch: uint256) -> uint256:
    """
    @dev The bit of `epoch` in the slot of `_claimed` that tells of it.
    """
    return 1 << (epoch % EPOCHS_PER_SLOT)

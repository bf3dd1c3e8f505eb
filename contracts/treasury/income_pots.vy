# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Income pots
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A pot per epoch and asset: what is in it, what it is shared by, what was paid out of it and to whom.
@dev Pots of an asset are made in the order of their epochs, so money of an epoch that makes no pot has one place to go:
     the first later epoch that makes one, if that is among the next MAX_ROLLS. Moves no money.
@custom:invariant What is paid out of a pot never exceeds it, and each account is paid once per pot. carried(asset) is the
                  sum of what its epochs after the last pot carry.
"""

MAX_RANGE: constant(uint256) = 26
# How many later epochs may make the pot of an epoch's money. A year.
MAX_ROLLS: constant(uint256) = 12
# 256 epochs to a word of bits.
WORD_BITS: constant(uint256) = 8
WORD_MASK: constant(uint256) = 255

# Layout of a pot: recycled 1 bit | amount 128 | eligible balance-seconds 120 (a supply below 2**96 for less than
# 2**24 seconds, far more than an epoch may have). So the product in an entitlement stays below 2**256.
ELIGIBLE_BITS: constant(uint256) = 120
ELIGIBLE_MASK: constant(uint256) = 2**120 - 1
AMOUNT_MASK: constant(uint256) = 2**128 - 1
# An odd epoch's half of a pair is 2**7 bits up.
HALF_BITS: constant(uint256) = 7
RECYCLED: constant(uint256) = 1 << 248

# Epochs are days at least, so this many never pass. A list of that length costs no more than what is used of it, and a
# list in a map one hash less than a map in a map.
MAX_EPOCHS: constant(uint256) = 2**40

# No epoch: no pair of sums is loaded yet.
UNLOADED: constant(uint256) = max_value(uint256)

# Asset => units that wait for the first epoch after `settled_to` that makes a pot.
carried: public(HashMap[address, uint256])
# Asset => units that no pot was made of in time; the next grants'.
lapsed: public(HashMap[address, uint256])
# Asset => last epoch that has its pot, or was found to make none.
settled_to: public(HashMap[address, uint256])
# Asset => last epoch that has its pot. What epochs up to it carried is in that pot.
_last_pot: HashMap[address, uint256]
# Asset => epoch => units of its own that it carries.
_carried_of: HashMap[address, HashMap[uint256, uint256]]
# Asset => epoch => packed pot; zero where there is none.
_pots: HashMap[address, uint256[MAX_EPOCHS]]
# Asset => epoch // 2 => units not paid out yet of the pots of an even (low half) and of an odd epoch (high half). Two to
# a slot: these writes are most of what a claim of many epochs costs. They count down, so that the first claimer pays
# for no fresh slot.
_left: HashMap[address, uint256[MAX_EPOCHS]]
# Asset => epoch => Unix time at which the pot was made.
_funded_at: HashMap[address, HashMap[uint256, uint256]]
# Account => asset => epoch // 256 => one bit per epoch that was paid.
_claimed: HashMap[address, HashMap[address, HashMap[uint256, uint256]]]


@deploy
def __init__():
    pass


# --- verbs ------------------------------------------------------------------------------------------------------------


@internal
def _carry(asset: address, epoch: uint256, amount: uint256) -> uint256:
    """
    @dev `epoch` makes no pot: its `amount` and what was carried before wait on, but for what has waited long enough. That
         lapses and is returned.
    """
    total: uint256 = amount + self.carried[asset]
    self._check_fits(total, 0)
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
    self._check_fits(total, eligible)
    self.carried[asset] = 0
    self.settled_to[asset] = epoch
    self._last_pot[asset] = epoch
    self._pots[asset][epoch] = (total << ELIGIBLE_BITS) | eligible
    self._left[asset][epoch // 2] += total << self._half_shift(epoch)
    self._funded_at[asset][epoch] = block.timestamp
    return total


@internal
def _take(
    account: address, asset: address, first_epoch: uint256, held: DynArray[uint256, MAX_RANGE]
) -> (DynArray[uint256, MAX_RANGE], uint256):
    """
    @dev Books as paid, and returns, what `_entitlements` tells.
    """
    amounts: DynArray[uint256, MAX_RANGE] = []
    total: uint256 = 0
    word_index: uint256 = first_epoch >> WORD_BITS
    word: uint256 = self._claimed[account][asset][word_index]
    pair_index: uint256 = UNLOADED
    pair: uint256 = 0
    epoch: uint256 = first_epoch
    bit: uint256 = 1 << (first_epoch & WORD_MASK)
    for seconds: uint256 in held:
        if bit == 0:
            self._claimed[account][asset][word_index] = word
            word_index = epoch >> WORD_BITS
            word = self._claimed[account][asset][word_index]
            bit = 1
        amount: uint256 = 0
        # Nested, not joined by `and`, which costs more in a loop.
        if seconds != 0:
            if word & bit == 0:
                packed: uint256 = self._pots[asset][epoch]
                if packed < RECYCLED:
                    # Without a pot this is 0 / 0, which is 0. The product fits: see the layout.
                    amount = unsafe_div(unsafe_mul(packed >> ELIGIBLE_BITS, seconds), packed & ELIGIBLE_MASK)
        if amount != 0:
            word |= bit
            total = unsafe_add(total, amount)
            if epoch >> 1 != pair_index:
                if pair_index != UNLOADED:
                    self._left[asset][pair_index] = pair
                pair_index = epoch >> 1
                pair = self._left[asset][pair_index]
            # Cannot fail while balance-seconds sum to what the token says; keeps a fault of it in one pot.
            bits: uint256 = (epoch & 1) << HALF_BITS
            assert amount <= (pair >> bits) & AMOUNT_MASK, "pot is exhausted"
            pair = unsafe_sub(pair, amount << bits)
        amounts.append(amount)
        bit <<= 1
        epoch = unsafe_add(epoch, 1)
    if total != 0:
        self._claimed[account][asset][word_index] = word
        self._left[asset][pair_index] = pair
    return amounts, total


@internal
def _take_lapsed(asset: address) -> uint256:
    amount: uint256 = self.lapsed[asset]
    self.lapsed[asset] = 0
    return amount


@internal
def _recycle(asset: address, epoch: uint256) -> uint256:
    """
    @dev Closes a pot for good. Returns what nobody was paid, in units of the asset.
    """
    packed: uint256 = self._pots[asset][epoch]
    assert packed & RECYCLED == 0, "pot is recycled already"
    self._pots[asset][epoch] = packed | RECYCLED
    return self._left_of(asset, epoch)


# --- reads ------------------------------------------------------------------------------------------------------------


@internal
@view
def _entitlements(
    account: address, asset: address, first_epoch: uint256, held: DynArray[uint256, MAX_RANGE]
) -> (DynArray[uint256, MAX_RANGE], uint256):
    """
    @dev What is due to an account with `held` balance-seconds in the epochs from `first_epoch` on, each rounded
         down, and the sum. Nothing where it was paid, or where the pot is not made yet or recycled.
    """
    amounts: DynArray[uint256, MAX_RANGE] = []
    total: uint256 = 0
    word_index: uint256 = first_epoch >> WORD_BITS
    word: uint256 = self._claimed[account][asset][word_index]
    for i: uint256 in range(len(held), bound=MAX_RANGE):
        epoch: uint256 = first_epoch + i
        if epoch >> WORD_BITS != word_index:
            word_index = epoch >> WORD_BITS
            word = self._claimed[account][asset][word_index]
        amount: uint256 = 0
        if held[i] != 0 and not self._has_bit(word, epoch):
            amount = self._share(self._pots[asset][epoch], held[i])
        amounts.append(amount)
        total += amount
    return amounts, total


@internal
@view
def _pot(asset: address, epoch: uint256) -> uint256:
    return self._pots[asset][epoch]


@internal
@view
def _left_of(asset: address, epoch: uint256) -> uint256:
    return self._half(self._left[asset][epoch // 2], epoch)


@internal
@view
def _made_at(asset: address, epoch: uint256) -> uint256:
    """
    @dev Zero if there is no pot.
    """
    return self._funded_at[asset][epoch]


@internal
@view
def _is_claimed(account: address, asset: address, epoch: uint256) -> bool:
    return self._has_bit(self._claimed[account][asset][epoch >> WORD_BITS], epoch)


# --- parts of a word --------------------------------------------------------------------------------------------------


@internal
@pure
def _check_fits(amount: uint256, eligible: uint256):
    assert amount <= AMOUNT_MASK and eligible <= ELIGIBLE_MASK, "pot does not fit"


@internal
@pure
def _share(packed: uint256, held: uint256) -> uint256:
    """
    @dev Part of a packed pot for `held` balance-seconds, rounded down.
    """
    if packed == 0 or packed & RECYCLED != 0:
        return 0
    return (packed >> ELIGIBLE_BITS) * held // (packed & ELIGIBLE_MASK)


@internal
@pure
def _amount(packed: uint256) -> uint256:
    return (packed >> ELIGIBLE_BITS) & AMOUNT_MASK


@internal
@pure
def _eligible(packed: uint256) -> uint256:
    return packed & ELIGIBLE_MASK


@internal
@pure
def _is_recycled(packed: uint256) -> bool:
    return packed & RECYCLED != 0


@internal
@pure
def _has_bit(word: uint256, epoch: uint256) -> bool:
    return (word >> (epoch & WORD_MASK)) & 1 == 1


@internal
@pure
def _half(pair: uint256, epoch: uint256) -> uint256:
    return (pair >> self._half_shift(epoch)) & AMOUNT_MASK


@internal
@pure
def _half_shift(epoch: uint256) -> uint256:
    return (epoch & 1) << HALF_BITS

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Time-weighted balances
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Balances, and for every account and epoch the exact number of balance-seconds that earn income.
@dev A holder is a key: an account as a number, or one of the two sums beyond the address range. One slot per holder:

         balance 96 | last change 37 | balance-seconds of the epoch of the last change, up to it 119 | tags 4

     96 bits hold the supply. 119 bits hold a supply kept for 2^23 seconds (97 days), more than MAX_EPOCH_SECONDS.
     37 bits of Unix time reach the year 6325. The tags are one bit of this module (an excluded holder gains no
     balance-seconds while it is tagged) and three of the deployable, which learns them from the slot that a transfer
     reads anyhow.
     When a holder changes in a later epoch than before, the epoch of the last change is closed by one record:

         epoch 41 | balance-seconds 119 | eligible balance at its end 96

     An epoch without a record is one in which the holder did not change: the record before it tells its balance.
@custom:invariant (1) In every epoch the balance-seconds of all accounts add up to those of ELIGIBLE, to the last
        unit. (2) The records of a holder have strictly increasing epochs, all before that of its last change.
"""

from contracts.token import token_errors

MIN_EPOCH_SECONDS: constant(uint256) = 86_400
MAX_EPOCH_SECONDS: constant(uint256) = 90 * 86_400

# 96 bits, in token wei.
MAX_SUPPLY: constant(uint256) = 2**96 - 1

# Keys of the sums: all balances, and the balances that are not excluded.
SUPPLY: constant(uint256) = 2**160
ELIGIBLE: constant(uint256) = 2**160 + 1

EXCLUDED: constant(uint256) = 1
TAGS: constant(uint256) = 2**4 - 1

SECONDS_SHIFT: constant(uint256) = 4
TIME_SHIFT: constant(uint256) = 123
BALANCE_SHIFT: constant(uint256) = 160
SECONDS_MASK: constant(uint256) = 2**119 - 1
TIME_MASK: constant(uint256) = 2**37 - 1
BALANCE_MASK: constant(uint256) = MAX_SUPPLY
# All of a slot that the passing of time leaves alone.
TIMELESS: constant(uint256) = (BALANCE_MASK << BALANCE_SHIFT) | TAGS

RECORD_SECONDS_SHIFT: constant(uint256) = 96
RECORD_EPOCH_SHIFT: constant(uint256) = 215

# Epochs that one view tells at most: two years of 30-day epochs and a bit.
MAX_RANGE: constant(uint256) = 26

# One record per epoch at most, so the bound is never met: it costs nothing, as records are never copied as a list.
MAX_RECORDS: constant(uint256) = 2**32

# Unix time at which epoch 1 began.
GENESIS: public(immutable(uint256))
EPOCH_SECONDS: public(immutable(uint256))

slots: HashMap[uint256, uint256]
records: HashMap[uint256, DynArray[uint256, MAX_RECORDS]]


@deploy
def __init__(genesis: uint256, epoch_seconds: uint256):
    """
    @param genesis Unix time at which epoch 1 begins; not in the future, so every balance falls into an epoch.
    @param epoch_seconds Length of an epoch in seconds, between MIN_EPOCH_SECONDS and MAX_EPOCH_SECONDS.
    """
    assert genesis <= block.timestamp, "genesis is in the future"
    assert epoch_seconds >= MIN_EPOCH_SECONDS, "epoch is too short"
    assert epoch_seconds <= MAX_EPOCH_SECONDS, "epoch is too long"
    GENESIS = genesis
    EPOCH_SECONDS = epoch_seconds


# --- views of the deployable ---


@external
@view
def balanceOf(account: address) -> uint256:
    return self._balance(convert(account, uint256))


@external
@view
def totalSupply() -> uint256:
    return self._balance(SUPPLY)


@external
@view
def is_excluded(account: address) -> bool:
    return self._tags(account) & EXCLUDED != 0


@external
@view
def epoch_at(timestamp: uint256) -> uint256:
    return self._epoch_at(timestamp)


@external
@view
def epoch_start(epoch: uint256) -> uint256:
    if epoch == 0:
        return 0
    return GENESIS + (epoch - 1) * EPOCH_SECONDS


@external
@view
def balance_seconds(account: address, epoch: uint256) -> uint256:
    return self._balance_seconds(convert(account, uint256), epoch)


@external
@view
def eligible_balance_seconds(epoch: uint256) -> uint256:
    return self._balance_seconds(ELIGIBLE, epoch)


@external
@view
def balance_seconds_range(account: address, first_epoch: uint256, epoch_count: uint256) -> DynArray[uint256, MAX_RANGE]:
    return self._balance_seconds_range(convert(account, uint256), first_epoch, epoch_count)


@external
@view
def eligible_balance_seconds_range(first_epoch: uint256, epoch_count: uint256) -> DynArray[uint256, MAX_RANGE]:
    return self._balance_seconds_range(ELIGIBLE, first_epoch, epoch_count)


@external
@view
def supply_balance_seconds(epoch: uint256) -> uint256:
    return self._balance_seconds(SUPPLY, epoch)


# --- verbs ---


@internal
def _move(sender: address, receiver: address, amount: uint256) -> (uint256, uint256):
    """
    @dev Moves `amount` between two different accounts.
    @return The tags of the sender and of the receiver.
    """
    epoch_began: uint256 = self._running_epoch_began()
    sender_key: uint256 = convert(sender, uint256)
    receiver_key: uint256 = convert(receiver, uint256)
    sender_slot: uint256 = self._brought_to_now(sender_key, epoch_began)
    self._check_covered(sender, sender_slot >> BALANCE_SHIFT, amount)
    receiver_slot: uint256 = self._brought_to_now(receiver_key, epoch_began)
    shifted: uint256 = amount << BALANCE_SHIFT
    # The sender's balance covers it, and no balance exceeds the supply, which fits its 96 bits.
    self.slots[sender_key] = unsafe_sub(sender_slot, shifted)
    self.slots[receiver_key] = unsafe_add(receiver_slot, shifted)
    if (sender_slot ^ receiver_slot) & EXCLUDED != 0:
        if sender_slot & EXCLUDED != 0:
            self._grow(ELIGIBLE, amount, epoch_began)
        else:
            self._shrink(ELIGIBLE, amount, epoch_began)
    return sender_slot & TAGS, receiver_slot & TAGS


@internal
def _create(receiver: address, amount: uint256) -> uint256:
    """
    @dev Adds `amount` to the receiver and to the supply, which must stay within MAX_SUPPLY.
    @return The tags of the receiver.
    """
    increased: uint256 = self._balance(SUPPLY) + amount
    if increased > MAX_SUPPLY:
        token_errors._exceeded_safe_supply(increased, MAX_SUPPLY)
    epoch_began: uint256 = self._running_epoch_began()
    slot: uint256 = self._grow(convert(receiver, uint256), amount, epoch_began)
    self._grow(SUPPLY, amount, epoch_began)
    if slot & EXCLUDED == 0:
        self._grow(ELIGIBLE, amount, epoch_began)
    return slot & TAGS


@internal
def _destroy(owner: address, amount: uint256) -> uint256:
    """
    @dev Takes `amount` from the owner and from the supply.
    @return The tags of the owner.
    """
    self._check_covered(owner, self._balance(convert(owner, uint256)), amount)
    epoch_began: uint256 = self._running_epoch_began()
    slot: uint256 = self._shrink(convert(owner, uint256), amount, epoch_began)
    self._shrink(SUPPLY, amount, epoch_began)
    if slot & EXCLUDED == 0:
        self._shrink(ELIGIBLE, amount, epoch_began)
    return slot & TAGS


@internal
def _set_excluded(account: address, excluded: bool):
    """
    @dev Toggles the exclusion from now on; the seconds before count as they did. The state must differ.
    """
    epoch_began: uint256 = self._running_epoch_began()
    key: uint256 = convert(account, uint256)
    slot: uint256 = self._brought_to_now(key, epoch_began)
    self.slots[key] = slot ^ EXCLUDED
    held: uint256 = slot >> BALANCE_SHIFT
    if held == 0:
        return
    if excluded:
        self._shrink(ELIGIBLE, held, epoch_began)
    else:
        self._grow(ELIGIBLE, held, epoch_began)


@internal
def _set_tags(account: address, mask: uint256, tags: uint256) -> (uint256, uint256):
    """
    @dev Sets the bits of `mask`, none of which is EXCLUDED, to those of `tags`; time-weighted sums do not change.
    @return The balance, and the tags before.
    """
    key: uint256 = convert(account, uint256)
    slot: uint256 = self.slots[key]
    self.slots[key] = (slot & ~mask) | tags
    return slot >> BALANCE_SHIFT, slot & TAGS


# --- reads ---


@internal
@view
def _check_covered(account: address, held: uint256, needed: uint256):
    if held < needed:
        token_errors._insufficient_balance(account, held, needed)


@internal
@view
def _balance(key: uint256) -> uint256:
    return self.slots[key] >> BALANCE_SHIFT


@internal
@view
def _tags(account: address) -> uint256:
    return self.slots[convert(account, uint256)] & TAGS


@internal
@view
def _epoch_at(timestamp: uint256) -> uint256:
    """
    @dev Epoch that `timestamp` belongs to; 0 is the time before GENESIS.
    """
    if timestamp < GENESIS:
        return 0
    return unsafe_add(unsafe_div(unsafe_sub(timestamp, GENESIS), EPOCH_SECONDS), 1)


@internal
@view
def _balance_seconds(key: uint256, epoch: uint256) -> uint256:
    """
    @dev Token wei x seconds of the part of `epoch` that has passed.
    """
    if epoch == 0 or epoch > self._epoch_at(block.timestamp):
        return 0
    began: uint256 = GENESIS + (epoch - 1) * EPOCH_SECONDS
    ended: uint256 = began + EPOCH_SECONDS
    slot: uint256 = self.slots[key]
    changed_at: uint256 = self._changed_at(slot)
    if changed_at >= ended:
        return self._recorded_seconds(key, epoch)
    until: uint256 = min(ended, block.timestamp)
    if changed_at >= began:
        return self._accrued(slot) + self._eligible(slot) * (until - changed_at)
    return self._eligible(slot) * (until - began)


@internal
@view
def _balance_seconds_range(key: uint256, first_epoch: uint256, epoch_count: uint256) -> DynArray[uint256, MAX_RANGE]:
    """
    @dev `_balance_seconds` of consecutive epochs, with one search: from there on the records are walked.
    """
    assert epoch_count <= MAX_RANGE, "too many epochs"
    found: DynArray[uint256, MAX_RANGE] = []
    running: uint256 = self._epoch_at(block.timestamp)
    slot: uint256 = self.slots[key]
    changed_in: uint256 = self._epoch_at(self._changed_at(slot))
    # Of every epoch since, up to the running one. Below 2^119.
    untouched: uint256 = unsafe_mul(self._eligible(slot), EPOCH_SECONDS)
    if first_epoch > changed_in and first_epoch + epoch_count <= running:
        for _: uint256 in range(epoch_count, bound=MAX_RANGE):
            found.append(untouched)
        return found
    # How many records are passed, of how many, and the last of them.
    passed: uint256 = 0
    recorded: uint256 = 0
    record: uint256 = 0
    if first_epoch < changed_in:
        recorded = len(self.records[key])
        passed = self._records_up_to(key, first_epoch)
        if passed > 0:
            record = self.records[key][passed - 1]
    epoch: uint256 = first_epoch
    for _: uint256 in range(epoch_count, bound=MAX_RANGE):
        if epoch > changed_in and epoch < running:
            found.append(untouched)
        elif epoch >= running:
            found.append(self._balance_seconds(key, epoch))
        elif epoch == changed_in:
            rest: uint256 = GENESIS + epoch * EPOCH_SECONDS - self._changed_at(slot)
            found.append(self._accrued(slot) + self._eligible(slot) * rest)
        else:
            if passed < recorded:
                following: uint256 = self.records[key][passed]
                if following >> RECORD_EPOCH_SHIFT <= epoch:
                    record = following
                    passed += 1
            found.append(self._seconds_by_record(record, epoch))
        epoch = unsafe_add(epoch, 1)
    return found


@internal
@view
def _recorded_seconds(key: uint256, epoch: uint256) -> uint256:
    """
    @dev Balance-seconds of an epoch before that of the last change: the last record up to `epoch` tells them.
    """
    passed: uint256 = self._records_up_to(key, epoch)
    if passed == 0:
        return 0
    return self._seconds_by_record(self.records[key][passed - 1], epoch)


@internal
@view
def _records_up_to(key: uint256, epoch: uint256) -> uint256:
    """
    @dev How many records are of `epoch` or of one before, by binary search.
    """
    low: uint256 = 0
    high: uint256 = len(self.records[key])
    for _: uint256 in range(33):
        if low >= high:
            break
        middle: uint256 = (low + high) // 2
        if self.records[key][middle] >> RECORD_EPOCH_SHIFT <= epoch:
            low = middle + 1
        else:
            high = middle
    return low


@internal
@view
def _seconds_by_record(record: uint256, epoch: uint256) -> uint256:
    """
    @dev Balance-seconds of `epoch` by the last record up to it; nothing before the first one.
    """
    if record >> RECORD_EPOCH_SHIFT == epoch:
        return (record >> RECORD_SECONDS_SHIFT) & SECONDS_MASK
    return (record & BALANCE_MASK) * EPOCH_SECONDS


# --- internals ---


@internal
def _grow(key: uint256, amount: uint256, epoch_began: uint256) -> uint256:
    slot: uint256 = self._brought_to_now(key, epoch_began) + (amount << BALANCE_SHIFT)
    self.slots[key] = slot
    return slot


@internal
def _shrink(key: uint256, amount: uint256, epoch_began: uint256) -> uint256:
    slot: uint256 = self._brought_to_now(key, epoch_began) - (amount << BALANCE_SHIFT)
    self.slots[key] = slot
    return slot


@internal
def _brought_to_now(key: uint256, epoch_began: uint256) -> uint256:
    """
    @dev The holder's slot with its balance-seconds up to now. The caller stores it; a record that closes an
         earlier epoch is stored here.
    """
    slot: uint256 = self.slots[key]
    changed_at: uint256 = self._changed_at(slot)
    eligible: uint256 = self._eligible(slot)
    accrued: uint256 = 0
    # Nothing overflows: an epoch has fewer than 2^23 seconds and a balance fewer than 96 bits.
    if changed_at >= epoch_began:
        accrued = unsafe_add(self._accrued(slot), unsafe_mul(eligible, unsafe_sub(block.timestamp, changed_at)))
    else:
        if changed_at != 0:
            epoch: uint256 = self._epoch_at(changed_at)
            ended: uint256 = GENESIS + epoch * EPOCH_SECONDS
            total: uint256 = self._accrued(slot) + eligible * (ended - changed_at)
            self.records[key].append(
                (epoch << RECORD_EPOCH_SHIFT) | (total << RECORD_SECONDS_SHIFT) | eligible
            )
        accrued = unsafe_mul(eligible, unsafe_sub(block.timestamp, epoch_began))
    return (slot & TIMELESS) | (block.timestamp << TIME_SHIFT) | (accrued << SECONDS_SHIFT)


@internal
@view
def _running_epoch_began() -> uint256:
    return unsafe_sub(block.timestamp, unsafe_sub(block.timestamp, GENESIS) % EPOCH_SECONDS)


# --- parts of a slot ---


@internal
@pure
def _changed_at(slot: uint256) -> uint256:
    return (slot >> TIME_SHIFT) & TIME_MASK


@internal
@pure
def _accrued(slot: uint256) -> uint256:
    return (slot >> SECONDS_SHIFT) & SECONDS_MASK


@internal
@pure
def _eligible(slot: uint256) -> uint256:
    if slot & EXCLUDED != 0:
        return 0
    return slot >> BALANCE_SHIFT

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Time-weighted balances
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Balances, and for every account and epoch the exact number of balance-seconds that earn income.
@dev A holder is an account, or one of two sums: all balances, and all that are not excluded. It is known by its key:
     the account as a number, or a number above all addresses. Each has one slot, a packed balance. When a holder
     changes for the first time in an epoch, one record (a packed closing) is written about the epoch of its change
     before. The record answers for every epoch from that one up to the one before the new change: in between nothing
     changed.

     Where a record is stored. A record answers for the epochs [epoch, next). It is stored at the number among them that
     the largest power of two divides. No two records of a holder answer for the same epoch, so no two are stored at the
     same place, and no count of records is kept. To find the record for epoch T, read place T, then the nearest
     multiples of 1, 2, 4, 8, ... below and above T: the place of any range that includes T is one of them. This reads
     at most two places more than the length of the range has binary digits.
     Example. A holder changes in the epochs 6, 12 and 13. The record of [6, 12) is at 8, that of [12, 13) at 12. For
     epoch 10 the places 10, 11, 12 are looked at and do not answer; 8 does.
@custom:invariant (1) In every epoch the balance-seconds of all accounts add up to those of ELIGIBLE, to the last
        unit. (2) For every epoch from that of a holder's first change to the one before that of its last change,
        exactly one record answers.
"""

from contracts.token import packed_balance
from contracts.token import packed_closing
from contracts.token import token_errors

MIN_EPOCH_SECONDS: constant(uint256) = 86_400
MAX_EPOCH_SECONDS: constant(uint256) = 90 * 86_400

# In token wei.
MAX_SUPPLY: constant(uint256) = packed_balance.BALANCE_MASK

# Keys of the sums: all balances, and the balances that are not excluded.
SUPPLY: constant(uint256) = 2**160
ELIGIBLE: constant(uint256) = 2**160 + 1

EXCLUDED: constant(uint256) = packed_balance.EXCLUDED

# The most epochs that one view answers for: a little more than two years of 30-day epochs.
MAX_RANGE: constant(uint256) = 26

# Epochs that the 20 bits of packed_closing's `next` can name, and the reads, after that of the epoch's own place, that
# find a record among so many.
MAX_EPOCHS: constant(uint256) = 2**20
MAX_LOOKS: constant(uint256) = 21

# Unix time at which epoch 1 began.
GENESIS: public(immutable(uint256))
EPOCH_SECONDS: public(immutable(uint256))

# Key => packed balance.
slots: HashMap[uint256, uint256]
# Key => place => packed closing.
records: HashMap[uint256, uint256[MAX_EPOCHS]]


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
    self._check_covered(sender, packed_balance._balance(sender_slot), amount)
    receiver_slot: uint256 = self._brought_to_now(receiver_key, epoch_began)
    self.slots[sender_key] = packed_balance._subtract_balance(sender_slot, amount)
    self.slots[receiver_key] = packed_balance._add_balance(receiver_slot, amount)
    if (sender_slot ^ receiver_slot) & EXCLUDED != 0:
        if sender_slot & EXCLUDED != 0:
            self._grow(ELIGIBLE, amount, epoch_began)
        else:
            self._shrink(ELIGIBLE, amount, epoch_began)
    return sender_slot & packed_balance.TAGS_MASK, receiver_slot & packed_balance.TAGS_MASK


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
    return packed_balance._tags(slot)


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
    return packed_balance._tags(slot)


@internal
def _set_excluded(account: address, excluded: bool):
    """
    @dev Sets the exclusion from now on; balance-seconds gained before stay. `excluded` must differ from what it is now.
    """
    epoch_began: uint256 = self._running_epoch_began()
    key: uint256 = convert(account, uint256)
    slot: uint256 = self._brought_to_now(key, epoch_began)
    self.slots[key] = slot ^ EXCLUDED
    held: uint256 = packed_balance._balance(slot)
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
    before: uint256 = packed_balance._tags(slot)
    self.slots[key] = packed_balance._with_tags(slot, (before & ~mask) | tags)
    return packed_balance._balance(slot), before


# --- reads ---


@internal
@view
def _check_covered(account: address, held: uint256, needed: uint256):
    if held < needed:
        token_errors._insufficient_balance(account, held, needed)


@internal
@view
def _balance(key: uint256) -> uint256:
    return packed_balance._balance(self.slots[key])


@internal
@view
def _tags(account: address) -> uint256:
    return packed_balance._tags(self.slots[convert(account, uint256)])


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
    return self._balance_seconds_range(key, epoch, 1)[0]


@internal
@view
def _balance_seconds_range(key: uint256, first_epoch: uint256, epoch_count: uint256) -> DynArray[uint256, MAX_RANGE]:
    """
    @dev `_balance_seconds` of consecutive epochs: from the slot for the epoch of the last change and later ones, from
         records for earlier ones.
    """
    assert epoch_count <= MAX_RANGE, "too many epochs"
    found: DynArray[uint256, MAX_RANGE] = []
    slot: uint256 = self.slots[key]
    # 0 for a holder that never changed.
    changed_in: uint256 = self._epoch_at(packed_balance._changed_at(slot))
    running: uint256 = self._epoch_at(block.timestamp)
    # What each whole epoch since the last change gained: below 2**96 token wei x 2**23 seconds, so nothing overflows.
    untouched: uint256 = unsafe_mul(packed_balance._eligible(slot), EPOCH_SECONDS)
    for _: uint256 in range(epoch_count, bound=MAX_RANGE):
        found.append(0)
    # From the last epoch backwards: if no record answers for an epoch, it and all earlier ones are before the first
    # change.
    record: uint256 = 0
    # The sum is checked, so that a range never wraps around to the first epochs.
    epoch: uint256 = unsafe_add(first_epoch + (max(epoch_count, 1) - 1), 1)
    for _: uint256 in range(epoch_count, bound=MAX_RANGE):
        epoch = unsafe_sub(epoch, 1)
        if epoch < changed_in:
            if not packed_closing._covers(record, epoch):
                record = self._record_of(key, epoch, changed_in)
                if record == 0:
                    break
            found[unsafe_sub(epoch, first_epoch)] = self._seconds_by_record(record, epoch)
        elif epoch > changed_in and epoch < running:
            found[unsafe_sub(epoch, first_epoch)] = untouched
        elif epoch <= running:
            found[unsafe_sub(epoch, first_epoch)] = self._seconds_by_slot(slot, epoch)
    return found


@internal
@view
def _seconds_by_slot(slot: uint256, epoch: uint256) -> uint256:
    """
    @dev Balance-seconds, up to now, of an epoch that has begun and is not before the epoch of the last change.
    """
    if epoch == 0:
        return 0
    began: uint256 = GENESIS + (epoch - 1) * EPOCH_SECONDS
    until: uint256 = min(began + EPOCH_SECONDS, block.timestamp)
    return packed_balance._seconds(packed_balance._brought_to(slot, until, began))


@internal
@view
def _seconds_by_record(record: uint256, epoch: uint256) -> uint256:
    """
    @dev Balance-seconds of an epoch that `record` answers for; 0 for an empty record.
    """
    if packed_closing._epoch(record) == epoch:
        return packed_closing._seconds(record)
    return unsafe_mul(packed_closing._eligible(record), EPOCH_SECONDS)


@internal
@view
def _record_of(key: uint256, epoch: uint256, changed_in: uint256) -> uint256:
    """
    @dev The record that answers for `epoch`, which is before `changed_in`, the epoch of the last change; 0 before the
         first change.
    """
    record: uint256 = self.records[key][epoch]
    if packed_closing._covers(record, epoch):
        return record
    # The nearest multiples of `step` below and above `epoch`. When `step` doubles, one of the two is new.
    below: uint256 = epoch
    above: uint256 = epoch + 1
    place: uint256 = above
    step: uint256 = 1
    for _: uint256 in range(MAX_LOOKS):
        if place > 0 and place < changed_in:
            record = self.records[key][place]
            if packed_closing._covers(record, epoch):
                return record
        if below == 0 and above >= changed_in:
            break
        if epoch & step == 0:
            above = below + 2 * step
            place = above
        else:
            below = unsafe_sub(below, step)
            place = below
        step = 2 * step
    return 0


# --- internals ---


@internal
def _grow(key: uint256, amount: uint256, epoch_began: uint256) -> uint256:
    slot: uint256 = packed_balance._add_balance(self._brought_to_now(key, epoch_began), amount)
    self.slots[key] = slot
    return slot


@internal
def _shrink(key: uint256, amount: uint256, epoch_began: uint256) -> uint256:
    slot: uint256 = packed_balance._subtract_balance(self._brought_to_now(key, epoch_began), amount)
    self.slots[key] = slot
    return slot


@internal
def _brought_to_now(key: uint256, epoch_began: uint256) -> uint256:
    """
    @dev The holder's slot with its balance-seconds up to now. The caller stores it; a record that closes an
         earlier epoch is stored here.
    """
    slot: uint256 = self.slots[key]
    changed_at: uint256 = packed_balance._changed_at(slot)
    if changed_at < epoch_began and changed_at > 0:
        self._close(key, slot, changed_at, epoch_began)
    return packed_balance._brought_to(slot, block.timestamp, epoch_began)


@internal
def _close(key: uint256, slot: uint256, changed_at: uint256, epoch_began: uint256):
    """
    @dev Stores the record of the epoch of the last change, which had ended by `epoch_began`.
    """
    epoch: uint256 = self._epoch_at(changed_at)
    began: uint256 = unsafe_add(GENESIS, unsafe_mul(unsafe_sub(epoch, 1), EPOCH_SECONDS))
    whole: uint256 = packed_balance._brought_to(slot, unsafe_add(began, EPOCH_SECONDS), began)
    running: uint256 = self._epoch_at(epoch_began)
    self.records[key][packed_closing._place(epoch, running)] = packed_closing._pack(
        packed_closing.Closing(
            eligible=packed_balance._eligible(slot),
            seconds=packed_balance._seconds(whole),
            next=running,
            epoch=epoch,
        )
    )


@internal
@view
def _running_epoch_began() -> uint256:
    return unsafe_sub(block.timestamp, unsafe_sub(block.timestamp, GENESIS) % EPOCH_SECONDS)

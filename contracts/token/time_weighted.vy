# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Time-weighted balances
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Balances, and for every account and epoch the exact number of balance-seconds that earn income.
@dev A holder is a key: an account as a number, or one of the two sums beyond the address range. Each has one slot, a
     packed balance. When a holder changes in a later epoch than before, one record (a packed closing) closes the epoch
     of the last change, and answers for every epoch from that one up to the change: in between the holder did not move.

     Where a record stands. The epochs that a record answers for are [epoch, next). It is kept at the roundest number
     among them, the one that the largest power of two divides. No two records of a holder answer for one epoch, so no
     two have one place, and no count of records is kept. Who asks for epoch T looks at T, then at the nearest multiples
     of 2, 4, 8, ... below and above T: the roundest number of a range that T lies in is one of them. It takes as many
     looks as the untouched stretch has binary digits, and two.
     Example. A holder changes in the epochs 6, 12 and 13. The record of [6, 12) is at 8, that of [12, 13) at 12. For
     epoch 10 the places 10, 11, 12 are looked at and do not answer; 8 does.
@custom:invariant (1) In every epoch the balance-seconds of all accounts add up to those of ELIGIBLE, to the last
        unit. (2) The records of a holder answer for every epoch from that of its first change to that before its last,
        each for its own.
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

# Epochs that one view tells at most: two years of 30-day epochs and a bit.
MAX_RANGE: constant(uint256) = 26

# As many as a record tells apart, and the looks that find a record among them.
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
    @dev Toggles the exclusion from now on; the seconds before count as they did. The state must differ.
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
    @dev `_balance_seconds` of consecutive epochs: by the slot from the epoch of the last change on, by records before.
    """
    assert epoch_count <= MAX_RANGE, "too many epochs"
    found: DynArray[uint256, MAX_RANGE] = []
    slot: uint256 = self.slots[key]
    # 0 of one that never changed.
    changed_in: uint256 = self._epoch_at(packed_balance._changed_at(slot))
    running: uint256 = self._epoch_at(block.timestamp)
    # Of each whole epoch since. Nothing overflows: an epoch has fewer than 2**23 seconds, a balance fewer than 96 bits.
    untouched: uint256 = unsafe_mul(packed_balance._eligible(slot), EPOCH_SECONDS)
    for _: uint256 in range(epoch_count, bound=MAX_RANGE):
        found.append(0)
    # From the last epoch back: one without a record is before the first change, and so are all before it.
    record: uint256 = 0
    # The last epoch of the range is a number, so that it does not wrap around to the first ones.
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
    @dev Balance-seconds up to now of an epoch that has begun, not before that of the last change.
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
    @dev Balance-seconds of an epoch that `record` answers for; 0 of the empty one.
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
    @dev Stores the record of the epoch of the last change, which ended before `epoch_began`.
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

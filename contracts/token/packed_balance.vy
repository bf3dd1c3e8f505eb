# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed balance
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A balance of the token, with what the sums of balance-seconds need.
@dev No state. The supply fits 96 bits. The whole supply held for 2**23 seconds (97 days) fits 119 bits, and an epoch is
     shorter. 37 bits of Unix time reach the year 6325.
     [0..3]     tags         EXCLUDED, and three bits for the deployable, which a transfer reads with the balance
     [4..122]   seconds      balance-seconds gained up to changed_at in the epoch of changed_at; token wei x seconds
     [123..159] changed_at   unix second of the last change; 0 before the first
     [160..255] balance      token wei
"""

struct Balance:
    tags: uint256
    seconds: uint256
    changed_at: uint256
    balance: uint256


TAGS_MASK: constant(uint256) = 2**4 - 1
# The tag of a holder that gains no balance-seconds.
EXCLUDED: constant(uint256) = 1
SECONDS_OFFSET: constant(uint256) = 4
SECONDS_MASK: constant(uint256) = 2**119 - 1
CHANGED_AT_OFFSET: constant(uint256) = 123
CHANGED_AT_MASK: constant(uint256) = 2**37 - 1
BALANCE_OFFSET: constant(uint256) = 160
BALANCE_MASK: constant(uint256) = 2**96 - 1
# The fields that do not change as time passes.
TIMELESS_MASK: constant(uint256) = (BALANCE_MASK << BALANCE_OFFSET) | TAGS_MASK


@internal
@pure
def _pack(holder: Balance) -> uint256:
    assert holder.tags <= TAGS_MASK and holder.seconds <= SECONDS_MASK, "seconds are too many"
    assert holder.changed_at <= CHANGED_AT_MASK and holder.balance <= BALANCE_MASK, "balance is too large"
    return (
        holder.tags
        | (holder.seconds << SECONDS_OFFSET)
        | (holder.changed_at << CHANGED_AT_OFFSET)
        | (holder.balance << BALANCE_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Balance:
    return Balance(
        tags=self._tags(packed),
        seconds=self._seconds(packed),
        changed_at=self._changed_at(packed),
        balance=self._balance(packed),
    )


@internal
@pure
def _tags(packed: uint256) -> uint256:
    return packed & TAGS_MASK


@internal
@pure
def _seconds(packed: uint256) -> uint256:
    return (packed >> SECONDS_OFFSET) & SECONDS_MASK


@internal
@pure
def _changed_at(packed: uint256) -> uint256:
    return (packed >> CHANGED_AT_OFFSET) & CHANGED_AT_MASK


@internal
@pure
def _balance(packed: uint256) -> uint256:
    return packed >> BALANCE_OFFSET


@internal
@pure
def _eligible(packed: uint256) -> uint256:
    """
    @dev The balance, as far as it gains balance-seconds.
    """
    if packed & EXCLUDED != 0:
        return 0
    return packed >> BALANCE_OFFSET


@internal
@pure
def _add_balance(packed: uint256, amount: uint256) -> uint256:
    """
    @dev Adds `amount`, which the caller has bounded by 96 bits. Reverts if the sum has more than 96 bits.
    """
    return packed + (amount << BALANCE_OFFSET)


@internal
@pure
def _subtract_balance(packed: uint256, amount: uint256) -> uint256:
    """
    @dev Subtracts `amount`, which the caller has bounded by 96 bits. Reverts if it is above the balance.
    """
    return packed - (amount << BALANCE_OFFSET)


@internal
@pure
def _with_tags(packed: uint256, tags: uint256) -> uint256:
    return (packed & ~TAGS_MASK) | tags


@internal
@pure
def _brought_to(packed: uint256, timestamp: uint256, epoch_began: uint256) -> uint256:
    """
    @dev `packed` brought up to `timestamp`, which lies in an epoch that began at `epoch_began` or at its end: its
         seconds are those of that epoch only. Nothing overflows: an epoch has fewer than 2**23 seconds, a balance 96
         bits.
    """
    changed_at: uint256 = (packed >> CHANGED_AT_OFFSET) & CHANGED_AT_MASK
    since: uint256 = epoch_began
    seconds: uint256 = 0
    if changed_at >= epoch_began:
        since = changed_at
        seconds = (packed >> SECONDS_OFFSET) & SECONDS_MASK
    if packed & EXCLUDED == 0:
        seconds = unsafe_add(seconds, unsafe_mul(packed >> BALANCE_OFFSET, unsafe_sub(timestamp, since)))
    return (packed & TIMELESS_MASK) | (timestamp << CHANGED_AT_OFFSET) | (seconds << SECONDS_OFFSET)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Income policy
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who gets which share of an epoch's income, and through which contract the holders get theirs: a history of
        policies, each in force from an epoch on.
@custom:invariant `from_epoch` strictly increases along the history, and a policy, once in force, never changes. Every
                  policy is within the hard bounds and its three shares sum to 10_000 basis points.
"""

from interfaces import ITreasury

BPS: constant(uint256) = 10_000
# The wheel: at least two fifths of what models earn pay for the next ones, and holders get half at most.
MIN_GRANTS_BPS: constant(uint256) = 4_000
MAX_HOLDERS_BPS: constant(uint256) = 5_000
# Halvings that a search through any history of fewer than 2**40 policies needs; one epoch adds one at most.
MAX_SEARCH_STEPS: constant(uint256) = 40

# Layout of a packed policy: holder income 160 bits | from_epoch 64 | holders_bps 16 | grants_bps 16.
HOLDERS_SHIFT: constant(uint256) = 16
EPOCH_SHIFT: constant(uint256) = 32
ADDRESS_SHIFT: constant(uint256) = 96
BPS_MASK: constant(uint256) = 2**16 - 1
EPOCH_MASK: constant(uint256) = 2**64 - 1

# Index, from 0 => packed policy.
_policies: HashMap[uint256, uint256]
_count: uint256
# The first contract that holders were to be paid through, for all policies that name none.
_first_holder_income: address


@deploy
def __init__(holders_bps: uint256, grants_bps: uint256):
    """
    @dev The first policy is in force from epoch 1.
    """
    self._set(1, holders_bps, grants_bps, empty(address))


# --- views ------------------------------------------------------------------------------------------------------------


@external
@view
def policy_at(epoch: uint256) -> ITreasury.Policy:
    return self._policy(self._at(epoch))


@external
@view
def holder_income_at(epoch: uint256) -> address:
    return self._holder_income(self._at(epoch))


# --- internals --------------------------------------------------------------------------------------------------------


@internal
def _set_shares(from_epoch: uint256, holders_bps: uint256, grants_bps: uint256):
    """
    @dev Adds a policy that keeps the holder income of the last one.
    """
    self._set(from_epoch, holders_bps, grants_bps, convert(self._last() >> ADDRESS_SHIFT, address))


@internal
def _set_holder_income(from_epoch: uint256, holder_income: address) -> uint256:
    """
    @dev Adds a policy that keeps the shares of the last one. The very first holder income is that of all epochs so far:
         nobody was promised another. Returns the first epoch it is for.
    """
    if self._first_holder_income == empty(address):
        self._first_holder_income = holder_income
        return 1
    last: ITreasury.Policy = self._policy(self._last())
    self._set(from_epoch, last.holders_bps, last.grants_bps, holder_income)
    return from_epoch


@internal
def _set(from_epoch: uint256, holders_bps: uint256, grants_bps: uint256, holder_income: address):
    """
    @dev Adds the policy in force from `from_epoch`; replaces the last one only if that has the very same first
         epoch, so a policy that was announced earlier still takes effect when it said it would.
    """
    assert holders_bps <= MAX_HOLDERS_BPS, "holders share is too high"
    assert grants_bps >= MIN_GRANTS_BPS, "grants share is too low"
    # Bounds `grants_bps` first: the sum of two unbounded shares could overflow without a reason.
    assert grants_bps <= BPS - holders_bps, "shares exceed the whole"
    index: uint256 = self._count
    if index > 0 and (self._policies[index - 1] >> EPOCH_SHIFT) & EPOCH_MASK == from_epoch:
        index -= 1
    else:
        self._count = index + 1
    packed: uint256 = (convert(holder_income, uint256) << ADDRESS_SHIFT) | (from_epoch << EPOCH_SHIFT)
    self._policies[index] = packed | (holders_bps << HOLDERS_SHIFT) | grants_bps


@internal
@view
def _at(epoch: uint256) -> uint256:
    """
    @dev The last packed policy with from_epoch <= `epoch`, by binary search.
    """
    assert epoch > 0, "epoch is unknown"
    # Policy `low` is in force by `epoch`, policy `high` is not.
    low: uint256 = 0
    high: uint256 = self._count
    for _: uint256 in range(MAX_SEARCH_STEPS):
        if high - low == 1:
            break
        middle: uint256 = (low + high) // 2
        if (self._policies[middle] >> EPOCH_SHIFT) & EPOCH_MASK <= epoch:
            low = middle
        else:
            high = middle
    return self._policies[low]


@internal
@view
def _last() -> uint256:
    return self._policies[self._count - 1]


@internal
@view
def _holder_income(packed: uint256) -> address:
    """
    @dev Whom a policy pays the holders' part to; zero while nobody was ever named.
    """
    named: address = convert(packed >> ADDRESS_SHIFT, address)
    if named == empty(address):
        return self._first_holder_income
    return named


@internal
@pure
def _policy(packed: uint256) -> ITreasury.Policy:
    holders_bps: uint256 = (packed >> HOLDERS_SHIFT) & BPS_MASK
    grants_bps: uint256 = packed & BPS_MASK
    return ITreasury.Policy(
        holders_bps=holders_bps, grants_bps=grants_bps, reserve_bps=BPS - holders_bps - grants_bps
    )

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

from contracts.treasury import packed_policy
from interfaces import ITreasury

BPS: constant(uint256) = 10_000
# At least two fifths of what models earn pay for the next models, and holders get half of it at most.
MIN_GRANTS_BPS: constant(uint256) = 4_000
MAX_HOLDERS_BPS: constant(uint256) = 5_000
# Halvings that a search through any history of fewer than 2**40 policies needs; one epoch adds one at most.
MAX_SEARCH_STEPS: constant(uint256) = 40

# Index, from 0 => packed_policy.
_policies: HashMap[uint256, uint256]
_count: uint256
# The first HolderIncome that was named. It serves all policies that name none, those of past epochs too.
_first_holder_income: address


@deploy
def __init__(holders_bps: uint256, grants_bps: uint256):
    """
    @dev The first policy is in force from epoch 1.
    """
    self._append(1, self._with_shares(0, holders_bps, grants_bps))


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
    self._append(from_epoch, self._with_shares(self._last(), holders_bps, grants_bps))


@internal
def _set_holder_income(from_epoch: uint256, holder_income: address) -> uint256:
    """
    @dev Adds a policy that keeps the shares of the last one. The first contract ever named serves all epochs from 1 on:
         nobody was promised another. Returns the first epoch it is for.
    """
    if self._first_holder_income == empty(address):
        self._first_holder_income = holder_income
        return 1
    self._append(from_epoch, packed_policy._with_holder_income(self._last(), holder_income))
    return from_epoch


@internal
def _append(from_epoch: uint256, packed: uint256):
    """
    @dev Adds the packed policy, to be in force from `from_epoch` on. It replaces the last one only if that has the very
         same first epoch, so a policy that was announced earlier still takes effect when it said it would.
    """
    index: uint256 = self._count
    if index > 0 and packed_policy._from_epoch(self._policies[unsafe_sub(index, 1)]) == from_epoch:
        index = unsafe_sub(index, 1)
    else:
        self._count = unsafe_add(index, 1)
    self._policies[index] = packed_policy._with_from_epoch(packed, from_epoch)


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
        if unsafe_sub(high, low) == 1:
            break
        middle: uint256 = unsafe_add(low, high) // 2
        if packed_policy._from_epoch(self._policies[middle]) <= epoch:
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
    @dev The HolderIncome of a policy; zero if none was ever named.
    """
    named: address = packed_policy._holder_income(packed)
    if named == empty(address):
        return self._first_holder_income
    return named


@internal
@pure
def _with_shares(packed: uint256, holders_bps: uint256, grants_bps: uint256) -> uint256:
    """
    @dev The packed policy with these shares, if they are within the bounds.
    """
    assert holders_bps <= MAX_HOLDERS_BPS, "holders share is too high"
    assert grants_bps >= MIN_GRANTS_BPS, "grants share is too low"
    # Written as a difference: the sum of two unbounded shares could overflow without a reason.
    assert grants_bps <= BPS - holders_bps, "shares exceed the whole"
    return packed_policy._with_shares(packed, holders_bps, grants_bps)


@internal
@pure
def _policy(packed: uint256) -> ITreasury.Policy:
    holders_bps: uint256 = packed_policy._holders_bps(packed)
    grants_bps: uint256 = packed_policy._grants_bps(packed)
    return ITreasury.Policy(
        holders_bps=holders_bps, grants_bps=grants_bps, reserve_bps=self._reserve_bps(holders_bps, grants_bps)
    )


@internal
@pure
def _reserve_bps(holders_bps: uint256, grants_bps: uint256) -> uint256:
    """
    @dev What two shares that a policy may have leave for the reserve.
    """
    return unsafe_sub(unsafe_sub(BPS, holders_bps), grants_bps)

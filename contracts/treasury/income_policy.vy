# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Income policy
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who gets which share of an epoch's income: a history of policies, each in force from an epoch on.
@custom:invariant `from_epoch` strictly increases along the history, and a policy, once in force, never changes.
                  Every policy is within the hard bounds and its three shares sum to 10_000 basis points.
"""

from interfaces import ITreasury

BPS: constant(uint256) = 10_000
# The wheel: at least a tenth of what models earn pays for the next ones.
MIN_GRANTS_BPS: constant(uint256) = 1_000
MAX_HOLDERS_BPS: constant(uint256) = 7_000
# Halvings that a search through any history of fewer than 2**40 policies needs; one epoch adds one at most.
MAX_SEARCH_STEPS: constant(uint256) = 40

# Layout of a packed policy: from_epoch in the high bits | holders_bps 16 bits | grants_bps 16 bits.
EPOCH_SHIFT: constant(uint256) = 32
HOLDERS_SHIFT: constant(uint256) = 16
BPS_MASK: constant(uint256) = 2**16 - 1

# Index, from 0 => packed policy.
_policies: HashMap[uint256, uint256]
_count: uint256


@deploy
def __init__(holders_bps: uint256, grants_bps: uint256):
    """
    @dev The first policy is in force from epoch 1.
    """
    self._set(1, holders_bps, grants_bps)


# --- views ------------------------------------------------------------------------------------------------------------


@external
@view
def policy_at(epoch: uint256) -> ITreasury.Policy:
    return self._at(epoch)


# --- internals --------------------------------------------------------------------------------------------------------


@internal
def _set(from_epoch: uint256, holders_bps: uint256, grants_bps: uint256):
    """
    @dev Adds the policy in force from `from_epoch`; replaces the last one only if that has the very same first
         epoch, so a policy that was announced earlier still takes effect when it said it would.
    """
    assert holders_bps <= MAX_HOLDERS_BPS, "holders share is too high"
    assert grants_bps >= MIN_GRANTS_BPS, "grants share is too low"
    # Bounds `grants_bps` first: the sum of two unbounded shares could overflow without a reason.
    assert grants_bps <= BPS - holders_bps, "shares exceed the whole"
    index: uint256 = self._count
    if index > 0 and self._policies[index - 1] >> EPOCH_SHIFT == from_epoch:
        index -= 1
    else:
        self._count = index + 1
    self._policies[index] = (from_epoch << EPOCH_SHIFT) | (holders_bps << HOLDERS_SHIFT) | grants_bps


@internal
@view
def _at(epoch: uint256) -> ITreasury.Policy:
    """
    @dev The last policy with from_epoch <= `epoch`, by binary search.
    """
    assert epoch > 0, "epoch is unknown"
    # Policy `low` is in force by `epoch`, policy `high` is not.
    low: uint256 = 0
    high: uint256 = self._count
    for _: uint256 in range(MAX_SEARCH_STEPS):
        if high - low == 1:
            break
        middle: uint256 = (low + high) // 2
        if self._policies[middle] >> EPOCH_SHIFT <= epoch:
            low = middle
        else:
            high = middle
    packed: uint256 = self._policies[low]
    holders_bps: uint256 = (packed >> HOLDERS_SHIFT) & BPS_MASK
    grants_bps: uint256 = packed & BPS_MASK
    return ITreasury.Policy(
        holders_bps=holders_bps, grants_bps=grants_bps, reserve_bps=BPS - holders_bps - grants_bps
    )

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Holders' floors
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Floors per asset: what the grants must have free at the end of an epoch for holders to get a part of its income.
        A history of them, each in force from an epoch on.
@custom:invariant Along the history of an asset `from_epoch` strictly increases, and a floor, once in force, never
                  changes.
"""

from contracts.common import governed
from contracts.treasury import accepted_assets
from contracts.treasury import buckets
from contracts.treasury import epoch_ends
from contracts.treasury import epoch_income
from contracts.treasury import packed_floor
from interfaces import ITreasuryLimits

uses: governed
uses: accepted_assets
uses: buckets
uses: epoch_ends
uses: epoch_income

# Halvings that a search through any history of fewer than 2**40 floors needs; one epoch adds one at most.
MAX_SEARCH_STEPS: constant(uint256) = 40

# Asset => index, from 0 => packed_floor.
_floors: HashMap[address, HashMap[uint256, uint256]]
_count: HashMap[address, uint256]


@deploy
def __init__():
    pass


# --- gated ------------------------------------------------------------------------------------------------------------


@external
def set_holders_floor(asset: address, holders_floor: uint256) -> uint256:
    governed._only_owner()
    accepted_assets._check(asset)
    index: uint256 = self._count[asset]
    from_epoch: uint256 = epoch_ends._first_after_notice()
    old_floor: uint256 = 0
    if index > 0:
        last: uint256 = self._floors[asset][index - 1]
        old_floor = packed_floor._amount(last)
        # A floor announced in the same epoch is replaced. One announced earlier still takes effect.
        if packed_floor._from_epoch(last) == from_epoch:
            index -= 1
    elif not epoch_income._has_earned(asset):
        # No income has come in yet, so nobody was promised a part of it and no notice is needed.
        from_epoch = 1
    self._floors[asset][index] = packed_floor._pack(
        packed_floor.Floor(amount=holders_floor, from_epoch=from_epoch)
    )
    self._count[asset] = index + 1
    log ITreasuryLimits.HoldersFloorChanged(
        asset=asset, from_epoch=from_epoch, old_floor=old_floor, new_floor=holders_floor
    )
    return from_epoch


# --- views ------------------------------------------------------------------------------------------------------------


@external
@view
def holders_floor_at(epoch: uint256, asset: address) -> uint256:
    return self._at(epoch, asset)


@external
@view
def next_floor_check(asset: address) -> (uint256, uint256, uint256):
    epoch: uint256 = epoch_income.first_unclosed[asset]
    if epoch == 0:
        return 0, 0, 0
    return epoch, self._at(epoch, asset), self._grants_free(epoch, asset)


# --- internals --------------------------------------------------------------------------------------------------------


@internal
def _is_below_floor(epoch: uint256, asset: address, to_holders: uint256) -> bool:
    """
    @dev Whether the grants had less than the floor at the end of `epoch`. If so, logs that holders lose `to_holders`.
    """
    holders_floor: uint256 = self._at(epoch, asset)
    if holders_floor == 0:
        return False
    grants_free: uint256 = self._grants_free(epoch, asset)
    if grants_free >= holders_floor:
        return False
    log ITreasuryLimits.HoldersSkipped(
        epoch=epoch, asset=asset, holders_floor=holders_floor, grants_free=grants_free, amount=to_holders
    )
    return True


@internal
@view
def _grants_free(epoch: uint256, asset: address) -> uint256:
    return epoch_ends._free_at_end(epoch, asset, buckets.free[buckets.GRANTS][asset])


@internal
@view
def _at(epoch: uint256, asset: address) -> uint256:
    """
    @dev The floor of the last entry with from_epoch <= `epoch`, by binary search; zero if there is none.
    """
    # Entry `low - 1` is in force by `epoch`, or low is zero; entry `high` is not.
    low: uint256 = 0
    high: uint256 = self._count[asset]
    for _: uint256 in range(MAX_SEARCH_STEPS):
        if low == high:
            break
        middle: uint256 = unsafe_add(low, high) // 2
        if packed_floor._from_epoch(self._floors[asset][middle]) <= epoch:
            low = unsafe_add(middle, 1)
        else:
            high = middle
    if low == 0:
        return 0
    return packed_floor._amount(self._floors[asset][unsafe_sub(low, 1)])

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Buckets
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What each purpose has, per asset: money that is free, and money promised to somebody.
@dev Amounts are units of the asset. Only `_credit`, `_debit` and `_debit_committed` change what a purpose has in all.
@custom:invariant total_committed(asset) = sum of committed(purpose, asset) over all purposes.
"""

from contracts.treasury import epoch_ends

uses: epoch_ends

RESERVE: constant(uint256) = 1
GRANTS: constant(uint256) = 2

purpose_count: public(uint256)
purpose_name: public(HashMap[uint256, String[64]])
# Purpose => the contract that fills it, beside its wind-down controller; zero where anybody may.
purpose_source: public(HashMap[uint256, address])
# Purpose => asset => units.
free: public(HashMap[uint256, HashMap[address, uint256]])
committed: public(HashMap[uint256, HashMap[address, uint256]])
# Asset => units promised out of any purpose.
total_committed: public(HashMap[address, uint256])


@deploy
def __init__():
    pass


@internal
def _create(name: String[64], source: address) -> uint256:
    """
    @dev Opens a purpose that only `source` fills, or everybody if that is zero. Returns its id, counting from 1.
    """
    assert len(name) > 0, "purpose has no name"
    purpose: uint256 = self.purpose_count + 1
    self.purpose_count = purpose
    self.purpose_name[purpose] = name
    if source != empty(address):
        self.purpose_source[purpose] = source
    return purpose


@internal
def _credit(purpose: uint256, asset: address, amount: uint256):
    """
    @dev Adds to the free money of a purpose, which the caller has checked to exist.
    """
    available: uint256 = self.free[purpose][asset]
    if purpose == GRANTS:
        epoch_ends._touch(asset, available)
    self.free[purpose][asset] = available + amount


@internal
def _debit(purpose: uint256, asset: address, amount: uint256):
    """
    @dev Takes from the free money of a purpose. An unknown purpose has none.
    """
    available: uint256 = self.free[purpose][asset]
    assert available >= amount, "free money is too low"
    if purpose == GRANTS:
        epoch_ends._touch(asset, available)
    self.free[purpose][asset] = unsafe_sub(available, amount)


@internal
def _promise(purpose: uint256, asset: address, amount: uint256):
    """
    @dev Free money becomes committed.
    """
    self._debit(purpose, asset, amount)
    self.committed[purpose][asset] += amount
    self.total_committed[asset] += amount


@internal
def _debit_committed(purpose: uint256, asset: address, amount: uint256):
    """
    @dev Committed money leaves. The commitment it belongs to bounds `amount`.
    """
    self.committed[purpose][asset] -= amount
    self.total_committed[asset] -= amount


@internal
@view
def _check_exists(purpose: uint256):
    assert purpose > 0 and purpose <= self.purpose_count, "purpose is unknown"

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed credit
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What an account, a campaign or the Treasury is owed in one asset.
@dev No state. An amount is added to the packed credit as it is: it is part of what the router accounts for in the
     asset, which stays below 2**127, so it cannot reach the flag.
     [0..126]   amount       token units owed and not paid out yet
     [255]      is_used      set by the first payout, so that the slot never returns to zero and later credits cost less
"""

struct Credit:
    amount: uint256
    is_used: bool


AMOUNT_MASK: constant(uint256) = 2**127 - 1
USED: constant(uint256) = 1 << 255
# What a credit is once it is paid out.
PAID_OUT: constant(uint256) = USED


@internal
@pure
def _pack(credit: Credit) -> uint256:
    assert credit.amount <= AMOUNT_MASK, "credit is too large"
    return credit.amount | USED if credit.is_used else credit.amount


@internal
@pure
def _unpack(packed: uint256) -> Credit:
    return Credit(amount=self._amount(packed), is_used=packed & USED != 0)


@internal
@pure
def _amount(packed: uint256) -> uint256:
    return packed & AMOUNT_MASK

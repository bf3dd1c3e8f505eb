# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed day of outflows
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What was taken on one calendar day (UTC).
@dev No state. An amount is added to the packed day as it is: the total of the window bounds the sum.
     [0..191]   amount   units of the asset taken on the day
     [192..255] day      days since 1970
"""

struct OutflowDay:
    amount: uint256
    day: uint256


AMOUNT_MASK: constant(uint256) = 2**192 - 1
DAY_OFFSET: constant(uint256) = 192
DAY_MASK: constant(uint256) = 2**64 - 1


@internal
@pure
def _pack(one: OutflowDay) -> uint256:
    assert one.amount <= AMOUNT_MASK and one.day <= DAY_MASK, "outflow of a day is too large"
    return one.amount | (one.day << DAY_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> OutflowDay:
    return OutflowDay(amount=self._amount(packed), day=self._day(packed))


@internal
@pure
def _amount(packed: uint256) -> uint256:
    return packed & AMOUNT_MASK


@internal
@pure
def _day(packed: uint256) -> uint256:
    return packed >> DAY_OFFSET


@internal
@pure
def _empty_of(day: uint256) -> uint256:
    """
    @dev The packed `day`, before anything was taken on it.
    """
    return day << DAY_OFFSET

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed period
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a period of a license owes, and what is known of its report. Two packed periods share a
        storage slot.
@dev No state.
     [0..111]   due        token units that the period owes
     [112..113] marks      members of the constants below
     [114..127] days_late  days from the due time to the licensee's own report, rounded up
"""

from contracts.common import refusals

struct Period:
    due: uint256
    marks: uint256
    days_late: uint256


# A decision set `due`. A first own report that comes after it can only raise it, and clears this mark.
ASSESSED: constant(uint256) = 1
# The report reached the royalty cap and may say less than was earned, so that it is never short.
CAPPED: constant(uint256) = 2

DUE_MASK: constant(uint256) = 2**112 - 1
MARKS_OFFSET: constant(uint256) = 112
MARKS_MASK: constant(uint256) = 2**2 - 1
DAYS_LATE_OFFSET: constant(uint256) = 114
DAYS_LATE_MASK: constant(uint256) = 2**14 - 1
# Bits of a packed period. Of two that share a slot the one with the even number is the lower half.
WIDTH: constant(uint256) = 128
MASK: constant(uint256) = 2**WIDTH - 1


@internal
@pure
def _pack(period: Period) -> uint256:
    if period.due > DUE_MASK or period.marks > MARKS_MASK or period.days_late > DAYS_LATE_MASK:
        refusals._refuse("period is too large")
    return period.due | (period.marks << MARKS_OFFSET) | (period.days_late << DAYS_LATE_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Period:
    return Period(
        due=packed & DUE_MASK,
        marks=(packed >> MARKS_OFFSET) & MARKS_MASK,
        days_late=(packed >> DAYS_LATE_OFFSET) & DAYS_LATE_MASK,
    )


@internal
@pure
def _of_pair(pair: uint256, number: uint256) -> uint256:
    """
    @dev The packed period of that number out of the two in a slot.
    """
    return (pair >> (WIDTH * (number % 2))) & MASK


@internal
@pure
def _in_pair(pair: uint256, number: uint256, packed: uint256) -> uint256:
    """
    @dev `pair` with `packed` as the period of that number.
    """
    place: uint256 = WIDTH * (number % 2)
    return (pair & ~(MASK << place)) | (packed << place)

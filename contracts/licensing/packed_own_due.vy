# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed own due
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What the licensee's own report of a period said, kept from its first assessment on.
@dev No state.
     [0..254] due_plus_one  1 + token units that the period owed by it; 0: no audit has looked at it
     [255]    is_capped     the report reached the royalty cap, so that it is never short
"""

struct OwnDue:
    due_plus_one: uint256
    is_capped: bool


DUE_PLUS_ONE_MASK: constant(uint256) = 2**255 - 1
IS_CAPPED: constant(uint256) = 1 << 255


@internal
@pure
def _pack(due: OwnDue) -> uint256:
    assert due.due_plus_one <= DUE_PLUS_ONE_MASK, "due is too large"
    packed: uint256 = due.due_plus_one
    if due.is_capped:
        packed |= IS_CAPPED
    return packed


@internal
@pure
def _unpack(packed: uint256) -> OwnDue:
    return OwnDue(
        due_plus_one=packed & DUE_PLUS_ONE_MASK,
        is_capped=packed & IS_CAPPED != 0,
    )


@internal
@pure
def _due_plus_one(packed: uint256) -> uint256:
    return packed & DUE_PLUS_ONE_MASK


@internal
@pure
def _is_capped(packed: uint256) -> bool:
    return packed & IS_CAPPED != 0

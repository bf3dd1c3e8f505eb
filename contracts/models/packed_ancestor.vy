# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed ancestor
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a model owes one of its ancestors.
@dev No state. Tables hold four of these to a slot, each WIDTH bits wide.
     [0..39]    model_id        of the ancestor; never zero
     [40..54]   share_bps       basis points of what is paid for the child; 5_000 at most in a table
     [55]       is_foundation   the ancestor is a FOUNDATION; only such an entry may have a share of 0
"""

struct Ancestor:
    model_id: uint256
    share_bps: uint256
    is_foundation: bool


WIDTH: constant(uint256) = 56
# Packed ancestors per slot.
PLACES: constant(uint256) = 4
# Packed ancestors per table, which has four slots.
MAX_ANCESTORS: constant(uint256) = 16
MASK: constant(uint256) = 2**WIDTH - 1
MODEL_ID_MASK: constant(uint256) = 2**40 - 1
SHARE_BPS_OFFSET: constant(uint256) = 40
SHARE_BPS_MASK: constant(uint256) = 2**15 - 1
IS_FOUNDATION: constant(uint256) = 1 << 55


@internal
@pure
def _pack(ancestor: Ancestor) -> uint256:
    """
    @dev A share is bounded by LineageRules, which refuses a table of more than 5_000 bps in total.
    """
    assert ancestor.model_id <= MODEL_ID_MASK and ancestor.share_bps <= SHARE_BPS_MASK, "ancestor is too large"
    packed: uint256 = ancestor.model_id | (ancestor.share_bps << SHARE_BPS_OFFSET)
    return packed | IS_FOUNDATION if ancestor.is_foundation else packed


@internal
@pure
def _unpack(packed: uint256) -> Ancestor:
    return Ancestor(
        model_id=self._model_id(packed),
        share_bps=self._share_bps(packed),
        is_foundation=packed & IS_FOUNDATION != 0,
    )


@internal
@pure
def _model_id(packed: uint256) -> uint256:
    return packed & MODEL_ID_MASK


@internal
@pure
def _share_bps(packed: uint256) -> uint256:
    return (packed >> SHARE_BPS_OFFSET) & SHARE_BPS_MASK


@internal
@pure
def _at(row: uint256, place: uint256) -> uint256:
    """
    @dev The packed ancestor at `place` 0 to 3 of a row of a table; 0 for none.
    """
    return (row >> (WIDTH * place)) & MASK


@internal
@pure
def _put(row: uint256, place: uint256, packed: uint256) -> uint256:
    """
    @dev `row` with `packed` at `place`, which was empty.
    """
    return row | (packed << (WIDTH * place))


@internal
@pure
def _entries(table: uint256[4]) -> DynArray[uint256, MAX_ANCESTORS]:
    """
    @dev The packed ancestors of a table: lowest place of the first row first, until a place is empty.
    """
    entries: DynArray[uint256, MAX_ANCESTORS] = []
    for row: uint256 in table:
        for place: uint256 in range(PLACES):
            packed: uint256 = self._at(row, place)
            if packed == 0:
                return entries
            entries.append(packed)
    return entries

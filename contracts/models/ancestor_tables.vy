# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Ancestor tables
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The models that each model was made from, what it owes its ancestors, and the floors of foundations.
@dev LineageRules computes the table when a model is registered; it never changes, so a settlement reads one list
     however deep the lineage is. A table has four slots of four packed ancestors each, lowest first; the first slot is
     a packed head. Parents are packed two to a slot.
@custom:invariant Parents and table of a model are written once. The count of floors is that of floors above zero.
"""

from contracts.models import packed_ancestor
from contracts.models import packed_parent
from contracts.models import packed_table_head

# Ten such floors use up all that a model may owe, 5_000 basis points.
MAX_FLOOR_BPS: constant(uint256) = 500

_tables: HashMap[uint256, uint256[4]]
_parents: HashMap[uint256, uint256[2]]
_floors: HashMap[uint256, uint256]
# Models with a floor, so that nobody looks for floors where there are none.
_floor_count: uint256


@deploy
def __init__():
    pass


# --- views of the deployable ---


@external
@view
@reentrant
def ancestor_table(model_id: uint256) -> uint256[4]:
    return self._tables[model_id]


@external
@view
@reentrant
def floor_bps(model_id: uint256) -> uint256:
    return self._floors[model_id]


@external
@view
@reentrant
def floor_count() -> uint256:
    return self._floor_count


# --- internals ---


@internal
def _record(model_id: uint256, parents: DynArray[uint256, 4], table: uint256[4]):
    """
    @dev Writes the packed parents and the table of a new model.
    """
    if len(parents) == 0:
        return
    self._tables[model_id][0] = packed_table_head._with_parent_count(table[0], len(parents))
    for index: uint256 in range(1, 4):
        if table[index] == 0:
            break
        self._tables[model_id][index] = table[index]
    pairs: uint256[2] = empty(uint256[2])
    place: uint256 = 0
    for parent: uint256 in parents:
        pairs[place // 2] = packed_parent._put(pairs[place // 2], place % 2, parent)
        place += 1
    for index: uint256 in range(2):
        if pairs[index] > 0:
            self._parents[model_id][index] = pairs[index]


@internal
def _set_floor(model_id: uint256, floor_bps: uint256):
    assert floor_bps <= MAX_FLOOR_BPS, "floor is too high"
    if self._floors[model_id] > 0:
        self._floor_count -= 1
    if floor_bps > 0:
        self._floor_count += 1
    self._floors[model_id] = floor_bps


@internal
@view
def _table(model_id: uint256, ancestor_count: uint256) -> DynArray[uint256, 4]:
    """
    @dev The slots that hold the `ancestor_count` entries of the table.
    """
    table: DynArray[uint256, 4] = []
    for index: uint256 in range(4):
        if index * 4 >= ancestor_count:
            break
        table.append(self._tables[model_id][index])
    return table


@internal
@view
def _parents_of(model_id: uint256) -> DynArray[uint256, 4]:
    """
    @dev The packed parents, in the order in which they were named.
    """
    parents: DynArray[uint256, 4] = []
    count: uint256 = packed_table_head._parent_count(self._tables[model_id][0])
    for place: uint256 in range(count, bound=4):
        parents.append(packed_parent._at(self._parents[model_id][place // 2], place % 2))
    return parents


@internal
@view
def _ancestors_of(model_id: uint256) -> DynArray[uint256, 16]:
    """
    @dev The packed ancestors, in the order of the table.
    """
    return packed_ancestor._entries(self._tables[model_id])


@internal
@view
def _owed_bps(model_id: uint256) -> uint256:
    """
    @dev What the model owes its ancestors in all, in basis points.
    """
    return packed_table_head._owed_bps(self._tables[model_id][0])

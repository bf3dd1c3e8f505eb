# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Ancestor tables
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The parents of each model, what it owes its ancestors and which floors were granted: as LineageRules worked it
        out when it was registered, flat ever after.
@custom:invariant Parents and table of a model are written once. The count of floors is that of floors above zero.
"""

from contracts.models import ancestor_words

# A floor is for the few: more than ten at this level could not be ancestors of one model.
MAX_FLOOR_BPS: constant(uint256) = 500

_tables: HashMap[uint256, uint256[4]]
# model_id | license_id << 40 | share_bps << 104
_parents: HashMap[uint256, DynArray[uint256, 4]]
_floors: HashMap[uint256, uint256]
# Models with a floor, so that nobody looks for floors where there are none.
_floor_count: uint256


@deploy
def __init__():
    pass


@internal
def _record(model_id: uint256, parents: DynArray[uint256, 4], words: uint256[4]):
    """
    @dev Writes parents and table of a new model.
    """
    self._parents[model_id] = parents
    for slot: uint256 in range(4):
        if words[slot] > 0:
            self._tables[model_id][slot] = words[slot]


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
def _words(model_id: uint256, count: uint256) -> DynArray[uint256, 4]:
    """
    @dev The table of `count` entries as it is stored.
    """
    words: DynArray[uint256, 4] = []
    for slot: uint256 in range(4):
        if slot * 4 >= count:
            break
        words.append(self._tables[model_id][slot])
    return words


@internal
@view
def _ancestors(model_id: uint256) -> DynArray[uint256, 16]:
    """
    @dev The entries of the table, in its order.
    """
    return ancestor_words._entries(self._tables[model_id])


@internal
@view
def _owed(model_id: uint256) -> uint256:
    """
    @dev Sum of the table.
    """
    return ancestor_words._owed(self._tables[model_id][0])

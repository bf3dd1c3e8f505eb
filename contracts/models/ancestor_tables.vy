# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Ancestor tables
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a model owes its ancestors, worked out once when it is registered and flat ever after.
@dev A child owes the sum of its links. A link of L bps to parent p gives each ancestor a of p, whose share there is b,
     the part L * b / 10_000, rounded down, and p the rest. A link to a parent of the registrant's own gives p nothing
     and each of p's ancestors all of b. What reaches a model on several ways is added up. Of more than MAX_ANCESTORS
     the smallest goes, the first of equals, and its part returns to the direct parent that led to it first, or, if that
     one has no entry, to the ancestor with most. Direct parents and models with a floor stay. Last, who has a floor is
     topped up to it. An entry is model_id | share_bps << 40; four of them and, in the first word, their number and sum
     share a slot. docs/ARCHITECTURE.md has an example, flywheel/lineage.py the same rule again.
@custom:invariant A table is written once. It has at most MAX_ANCESTORS entries, all of smaller ids than the child's,
                  each of its own id, of MAX_OWED_BPS in total at most.
"""

from interfaces import IModelRegistry

struct Link:
    model_id: uint256
    license_id: uint256
    share_bps: uint256
    is_own: bool

# Parents times a full table and the parent itself.
MAX_CANDIDATES: constant(uint256) = 4 * 17
MAX_ANCESTORS: constant(uint256) = 16
MAX_OWED_BPS: constant(uint256) = 5_000
# A floor is for the few: more than ten at this level could not be ancestors of one model.
MAX_FLOOR_BPS: constant(uint256) = 500
BPS: constant(uint256) = 10_000

MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_40: constant(uint256) = 2**40 - 1
ENTRY_BITS: constant(uint256) = 56
ENTRY_MASK: constant(uint256) = 2**56 - 1
SHARE_SHIFT: constant(uint256) = 40
COUNT_SHIFT: constant(uint256) = 224
OWED_SHIFT: constant(uint256) = 232
# While a table is worked out an entry also has the index of its first link, its floor and whether it is a parent.
VIA_SHIFT: constant(uint256) = 56
FLOOR_SHIFT: constant(uint256) = 64
IS_PARENT: constant(uint256) = 2**80

_tables: HashMap[uint256, uint256[4]]
# model_id | license_id << 40 | share_bps << 104
_parents: HashMap[uint256, DynArray[uint256, 4]]
_floors: HashMap[uint256, uint256]


@deploy
def __init__():
    pass


@internal
def _record(model_id: uint256, links: DynArray[Link, 4]):
    """
    @dev Writes parents and table of a new model. Refuses a parent named twice.
    """
    parents: DynArray[uint256, 4] = []
    named: DynArray[uint256, 4] = []
    for link: Link in links:
        assert link.model_id not in named, "parent is repeated"
        # Alone already, so that what follows fits its bits.
        self._check_owed(link.share_bps)
        named.append(link.model_id)
        parents.append(link.model_id | (link.license_id << 40) | (link.share_bps << 104))
    self._parents[model_id] = parents
    entries: DynArray[uint256, MAX_ANCESTORS] = self._shorten(self._merge(links), named)
    words: uint256[4] = empty(uint256[4])
    owed: uint256 = 0
    index: uint256 = 0
    for entry: uint256 in entries:
        share: uint256 = max(self._share(entry), (entry >> FLOOR_SHIFT) & MASK_16)
        owed += share
        slot: uint256 = index // 4
        words[slot] |= ((entry & MASK_40) | (share << SHARE_SHIFT)) << (ENTRY_BITS * (index % 4))
        index += 1
    self._check_owed(owed)
    words[0] |= (index << COUNT_SHIFT) | (owed << OWED_SHIFT)
    for slot: uint256 in range(4):
        if words[slot] > 0:
            self._tables[model_id][slot] = words[slot]


@internal
def _set_floor(model_id: uint256, floor_bps: uint256):
    assert floor_bps <= MAX_FLOOR_BPS, "floor is too high"
    self._floors[model_id] = floor_bps


@internal
@pure
def _check_owed(share_bps: uint256):
    assert share_bps <= MAX_OWED_BPS, "ancestors exceed 5000 bps"


@internal
@view
def _count(model_id: uint256) -> uint256:
    return (self._tables[model_id][0] >> COUNT_SHIFT) & MASK_8


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
def _ancestors(model_id: uint256) -> DynArray[uint256, MAX_ANCESTORS]:
    """
    @dev The entries of the table, in its order.
    """
    entries: DynArray[uint256, MAX_ANCESTORS] = []
    words: DynArray[uint256, 4] = self._words(model_id, self._count(model_id))
    for word: uint256 in words:
        for index: uint256 in range(4):
            entry: uint256 = (word >> (ENTRY_BITS * index)) & ENTRY_MASK
            if entry == 0:
                break
            entries.append(entry)
    return entries


@internal
@view
def _owed(model_id: uint256) -> uint256:
    """
    @dev Sum of the table.
    """
    return self._tables[model_id][0] >> OWED_SHIFT


@internal
@pure
def _share(entry: uint256) -> uint256:
    return (entry >> SHARE_SHIFT) & MASK_16


@internal
@view
def _merge(links: DynArray[Link, 4]) -> DynArray[uint256, MAX_CANDIDATES]:
    """
    @dev Everybody whom the links lead to, once each. A part of zero makes no entry, but for a model with a floor.
    """
    entries: DynArray[uint256, MAX_CANDIDATES] = []
    via: uint256 = 0
    for link: Link in links:
        parts: DynArray[uint256, 17] = []
        rest: uint256 = link.share_bps
        grandparents: DynArray[uint256, MAX_ANCESTORS] = self._ancestors(link.model_id)
        for entry: uint256 in grandparents:
            part: uint256 = self._share(entry)
            if not link.is_own:
                part = link.share_bps * part // BPS
                rest -= part
            parts.append((entry & MASK_40) | (part << SHARE_SHIFT))
        if not link.is_own:
            parts.append(link.model_id | (rest << SHARE_SHIFT) | IS_PARENT)
        for part: uint256 in parts:
            index: uint256 = 0
            for entry: uint256 in entries:
                if entry & MASK_40 == part & MASK_40:
                    break
                index += 1
            if index < len(entries):
                entries[index] = (entries[index] + (self._share(part) << SHARE_SHIFT)) | (part & IS_PARENT)
                continue
            floor_bps: uint256 = self._floors[part & MASK_40]
            if self._share(part) > 0 or floor_bps > 0:
                entries.append(part | (via << VIA_SHIFT) | (floor_bps << FLOOR_SHIFT))
        via += 1
    return entries


@internal
@pure
def _shorten(
    candidates: DynArray[uint256, MAX_CANDIDATES], parents: DynArray[uint256, 4]
) -> DynArray[uint256, MAX_ANCESTORS]:
    """
    @dev The entries that stay, in the order in which they were found.
    """
    entries: DynArray[uint256, MAX_CANDIDATES] = candidates
    surplus: uint256 = 0
    if len(entries) > MAX_ANCESTORS:
        surplus = len(entries) - MAX_ANCESTORS
    for _: uint256 in range(surplus, bound=MAX_CANDIDATES):
        smallest: uint256 = MAX_CANDIDATES
        least: uint256 = max_value(uint256)
        index: uint256 = 0
        for entry: uint256 in entries:
            # A dropped entry is zero until the end: it never counts as a candidate again.
            is_droppable: bool = entry != 0 and entry >> FLOOR_SHIFT == 0
            if is_droppable and self._share(entry) < least:
                smallest = index
                least = self._share(entry)
            index += 1
        assert smallest < MAX_CANDIDATES, "too many ancestors"
        parent: uint256 = parents[(entries[smallest] >> VIA_SHIFT) & MASK_8]
        entries[smallest] = 0
        heir: uint256 = 0
        index = 0
        for entry: uint256 in entries:
            if entry & MASK_40 == parent:
                heir = index
                break
            if entries[heir] == 0 or self._share(entry) > self._share(entries[heir]):
                heir = index
            index += 1
        entries[heir] += least << SHARE_SHIFT
    kept: DynArray[uint256, MAX_ANCESTORS] = []
    for entry: uint256 in entries:
        if entry != 0:
            kept.append(entry)
    return kept

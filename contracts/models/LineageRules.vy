# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Lineage rules
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a new model owes its ancestors, worked out from its links. The rule, with an example, is in the interface.
@dev No state, no owner, no money; a contract of its own because the registry has no room for it. It is called once per
     registration with parents and reads the registry back. flywheel/lineage.py has the rule again, over dictionaries.
@custom:invariant A table has at most 16 entries, each of its own id, of 5_000 bps in total at most.
@custom:halt Cannot be paused: it only answers.
"""

from contracts.models import ancestor_words
from interfaces import ILineageRules
from interfaces import IModelRegistry

implements: ILineageRules

# Parents times a full table and the parent itself.
MAX_CANDIDATES: constant(uint256) = 4 * 17
MAX_ANCESTORS: constant(uint256) = ancestor_words.MAX_ANCESTORS
MAX_OWED_BPS: constant(uint256) = 5_000
BPS: constant(uint256) = 10_000

# While a table is worked out, a candidate is a word of its own.
#   [0..39]    model_id
#   [40..54]   share          what links under licenses give it, in bps; in the end all that it gets
#   [55]       is_foundation
#   [56..63]   via            index of the link that made the entry
#   [64..79]   floor          of its model, in bps
#   [80]       is_parent      a direct parent under a license
#   [96..111]  own_share      the most that a link to an own parent gives it, in bps
MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_40: constant(uint256) = ancestor_words.ID_MASK
SHARE_OFFSET: constant(uint256) = ancestor_words.SHARE_OFFSET
FOUNDATION: constant(uint256) = ancestor_words.FOUNDATION
VIA_OFFSET: constant(uint256) = 56
FLOOR_OFFSET: constant(uint256) = 64
IS_PARENT: constant(uint256) = 2**80
OWN_SHARE_OFFSET: constant(uint256) = 96
# Of a candidate that has a floor or is a direct parent: those two fields, above everything that an entry has.
KEPT_MASK: constant(uint256) = (2**17 - 1) << 64


@deploy
def __init__():
    pass


@external
@view
def table_of(registry: address, links: DynArray[ILineageRules.Link, 4]) -> uint256[4]:
    named: DynArray[uint256, 4] = []
    for link: ILineageRules.Link in links:
        assert link.model_id not in named, "parent is repeated"
        named.append(link.model_id)
        if not link.is_own:
            # Alone already, so that what follows fits its bits.
            self._check_owed(link.share_bps)
    candidates: DynArray[uint256, MAX_CANDIDATES] = []
    has_floors: bool = staticcall IModelRegistry(registry).floor_count() > 0
    via: uint256 = 0
    for link: ILineageRules.Link in links:
        candidates = self._add_link(candidates, IModelRegistry(registry), link, via, has_floors)
        via += 1
    return self._pack(self._shorten(self._sum_up(candidates), named))


# --- the steps ---


@internal
@view
def _add_link(
    before: DynArray[uint256, MAX_CANDIDATES],
    registry: IModelRegistry,
    link: ILineageRules.Link,
    via: uint256,
    has_floors: bool,
) -> DynArray[uint256, MAX_CANDIDATES]:
    """
    @dev Step 1 for one link: the candidates with what it gives each model.
    """
    parts: DynArray[uint256, 17] = []
    rest: uint256 = link.share_bps
    table: uint256[4] = staticcall registry.ancestor_table(link.model_id)
    grandparents: DynArray[uint256, MAX_ANCESTORS] = ancestor_words._entries(table)
    for entry: uint256 in grandparents:
        part: uint256 = ancestor_words._share(entry)
        if not link.is_own:
            part = link.share_bps * part // BPS
            rest -= part
        parts.append((entry & (MASK_40 | FOUNDATION)) | (part << SHARE_OFFSET))
    parent: uint256 = link.model_id
    if link.is_foundation:
        parent |= FOUNDATION
    if not link.is_own:
        parts.append(parent | (rest << SHARE_OFFSET) | IS_PARENT)
    elif link.is_foundation:
        parts.append(parent)
    return self._add_parts(before, parts, registry, link.is_own, via, has_floors)


@internal
@view
def _add_parts(
    before: DynArray[uint256, MAX_CANDIDATES],
    parts: DynArray[uint256, 17],
    registry: IModelRegistry,
    is_own: bool,
    via: uint256,
    has_floors: bool,
) -> DynArray[uint256, MAX_CANDIDATES]:
    """
    @dev Steps 2 and 3: the candidates with the parts that one link gives, new ones at their end.
    """
    candidates: DynArray[uint256, MAX_CANDIDATES] = before
    for part: uint256 in parts:
        share: uint256 = ancestor_words._share(part)
        index: uint256 = 0
        for candidate: uint256 in candidates:
            if candidate & MASK_40 == part & MASK_40:
                break
            index += 1
        if index == len(candidates):
            if share == 0 and part & FOUNDATION == 0:
                continue
            fresh: uint256 = (part & (MASK_40 | FOUNDATION)) | (via << VIA_OFFSET)
            if has_floors and part & FOUNDATION != 0:
                fresh |= staticcall registry.floor_bps(part & MASK_40) << FLOOR_OFFSET
            candidates.append(fresh)
        candidate: uint256 = candidates[index]
        if is_own:
            own_share: uint256 = (candidate >> OWN_SHARE_OFFSET) & MASK_16
            candidates[index] = candidate + ((max(own_share, share) - own_share) << OWN_SHARE_OFFSET)
        else:
            candidates[index] = (candidate + (share << SHARE_OFFSET)) | (part & IS_PARENT)
    return candidates


@internal
@pure
def _sum_up(before: DynArray[uint256, MAX_CANDIDATES]) -> DynArray[uint256, MAX_CANDIDATES]:
    """
    @dev The end of step 2: what licenses give and the most that own parents give, together. Of four links of 5_000 bps
         at most, 25_000 bps would fit the 15 bits of a share; a table that owes so much is refused in the end.
    """
    candidates: DynArray[uint256, MAX_CANDIDATES] = []
    for candidate: uint256 in before:
        own_share: uint256 = (candidate >> OWN_SHARE_OFFSET) & MASK_16
        candidates.append((candidate & (2**OWN_SHARE_OFFSET - 1)) + (own_share << SHARE_OFFSET))
    return candidates


@internal
@pure
def _shorten(
    before: DynArray[uint256, MAX_CANDIDATES], parents: DynArray[uint256, 4]
) -> DynArray[uint256, MAX_ANCESTORS]:
    """
    @dev Step 4: the candidates that stay, in the order in which they were found.
    """
    candidates: DynArray[uint256, MAX_CANDIDATES] = before
    surplus: uint256 = 0
    if len(candidates) > MAX_ANCESTORS:
        surplus = len(candidates) - MAX_ANCESTORS
    for _: uint256 in range(surplus, bound=MAX_CANDIDATES):
        smallest: uint256 = MAX_CANDIDATES
        least: uint256 = max_value(uint256)
        index: uint256 = 0
        for candidate: uint256 in candidates:
            # A dropped candidate is zero until the end: it never counts again.
            is_droppable: bool = candidate != 0 and candidate & KEPT_MASK == 0
            if is_droppable and ancestor_words._share(candidate) < least:
                smallest = index
                least = ancestor_words._share(candidate)
            index += 1
        assert smallest < MAX_CANDIDATES, "too many ancestors"
        parent: uint256 = parents[(candidates[smallest] >> VIA_OFFSET) & MASK_8]
        candidates[smallest] = 0
        candidates[self._heir(candidates, parent)] += least << SHARE_OFFSET
    kept: DynArray[uint256, MAX_ANCESTORS] = []
    for candidate: uint256 in candidates:
        if candidate != 0:
            kept.append(candidate)
    return kept


@internal
@pure
def _heir(candidates: DynArray[uint256, MAX_CANDIDATES], parent: uint256) -> uint256:
    """
    @dev Index of the entry that inherits: the parent's or, if it has none, the first of the largest.
    """
    heir: uint256 = 0
    index: uint256 = 0
    for candidate: uint256 in candidates:
        if candidate & MASK_40 == parent:
            return index
        if candidates[heir] == 0 or ancestor_words._share(candidate) > ancestor_words._share(candidates[heir]):
            heir = index
        index += 1
    return heir


@internal
@pure
def _pack(candidates: DynArray[uint256, MAX_ANCESTORS]) -> uint256[4]:
    """
    @dev Steps 5 and 6: the table of the candidates, each raised to its floor.
    """
    words: uint256[4] = empty(uint256[4])
    owed: uint256 = 0
    index: uint256 = 0
    for candidate: uint256 in candidates:
        share: uint256 = max(ancestor_words._share(candidate), (candidate >> FLOOR_OFFSET) & MASK_16)
        owed += share
        # Else a share could be wider than its field.
        self._check_owed(owed)
        entry: uint256 = (candidate & (MASK_40 | FOUNDATION)) | (share << SHARE_OFFSET)
        words[index // 4] |= entry << (ancestor_words.ENTRY_WIDTH * (index % 4))
        index += 1
    words[0] |= ancestor_words._head(index, owed)
    return words


@internal
@pure
def _check_owed(share_bps: uint256):
    assert share_bps <= MAX_OWED_BPS, "ancestors exceed 5000 bps"

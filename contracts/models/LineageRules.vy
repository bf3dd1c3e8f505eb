# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Lineage rules
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a new model owes its ancestors, worked out from its links. The rule, with an example, is in the interface.
@dev No state, no owner, no money; a contract of its own because the registry has no room for it. It is called once per
     registration with parents and reads the registry back. flywheel/models/lineage.py has the rule again, over dictionaries.
@custom:invariant A table has at most 16 entries, each of its own id, of 5_000 bps in total at most.
@custom:halt Cannot be paused: it only answers.
"""

from contracts.models import packed_ancestor
from contracts.models import packed_candidate
from contracts.models import packed_table_head
from interfaces import ILineageRules
from interfaces import IModelRegistry

implements: ILineageRules

# Four parents, each with itself and up to 16 ancestors.
MAX_CANDIDATES: constant(uint256) = 4 * 17
MAX_ANCESTORS: constant(uint256) = packed_ancestor.MAX_ANCESTORS
MAX_OWED_BPS: constant(uint256) = 5_000
BPS: constant(uint256) = 10_000


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
            # Checked for each link alone, so that the sums below fit their fields.
            self._check_owed(link.share_bps)
    candidates: DynArray[uint256, MAX_CANDIDATES] = []
    has_floors: bool = staticcall IModelRegistry(registry).floor_count() > 0
    index: uint256 = 0
    for link: ILineageRules.Link in links:
        candidates = self._add_link(candidates, IModelRegistry(registry), link, index, has_floors)
        index += 1
    return self._table(self._shorten(self._sum_up(candidates), named))


# --- the steps ---


@internal
@view
def _add_link(
    before: DynArray[uint256, MAX_CANDIDATES],
    registry: IModelRegistry,
    link: ILineageRules.Link,
    link_index: uint256,
    has_floors: bool,
) -> DynArray[uint256, MAX_CANDIDATES]:
    """
    @dev Step 1 for one link: the candidates with what it gives each model.
    """
    parts: DynArray[uint256, 17] = []
    rest: uint256 = link.share_bps
    table: uint256[4] = staticcall registry.ancestor_table(link.model_id)
    grandparents: DynArray[uint256, MAX_ANCESTORS] = packed_ancestor._entries(table)
    for ancestor: uint256 in grandparents:
        share_bps: uint256 = packed_ancestor._share_bps(ancestor)
        if not link.is_own:
            share_bps = link.share_bps * share_bps // BPS
            rest -= share_bps
        parts.append(packed_candidate._as_ancestor(ancestor, share_bps))
    parent: packed_candidate.Candidate = empty(packed_candidate.Candidate)
    parent.model_id = link.model_id
    parent.is_foundation = link.is_foundation
    if not link.is_own:
        parent.share_bps = rest
        parent.is_parent = True
    if not link.is_own or link.is_foundation:
        parts.append(packed_candidate._pack(parent))
    return self._add_parts(before, parts, registry, link.is_own, link_index, has_floors)


@internal
@view
def _add_parts(
    before: DynArray[uint256, MAX_CANDIDATES],
    parts: DynArray[uint256, 17],
    registry: IModelRegistry,
    is_own: bool,
    link_index: uint256,
    has_floors: bool,
) -> DynArray[uint256, MAX_CANDIDATES]:
    """
    @dev Steps 2 and 3: the candidates with the parts that one link gives, new ones at their end.
    """
    candidates: DynArray[uint256, MAX_CANDIDATES] = before
    for part: uint256 in parts:
        model_id: uint256 = packed_candidate._model_id(part)
        share_bps: uint256 = packed_candidate._share_bps(part)
        index: uint256 = 0
        for candidate: uint256 in candidates:
            if packed_candidate._model_id(candidate) == model_id:
                break
            index += 1
        if index == len(candidates):
            fresh: packed_candidate.Candidate = empty(packed_candidate.Candidate)
            fresh.model_id = model_id
            fresh.is_foundation = packed_candidate._is_foundation(part)
            fresh.link = link_index
            if share_bps == 0 and not fresh.is_foundation:
                continue
            if has_floors and fresh.is_foundation:
                fresh.floor_bps = staticcall registry.floor_bps(model_id)
            candidates.append(packed_candidate._pack(fresh))
        candidate: uint256 = candidates[index]
        if is_own:
            max_bps: uint256 = max(packed_candidate._own_share_bps(candidate), share_bps)
            candidates[index] = packed_candidate._with_own_share_bps(candidate, max_bps)
        else:
            candidates[index] = packed_candidate._add_share(candidate, share_bps) | (part & packed_candidate.IS_PARENT)
    return candidates


@internal
@pure
def _sum_up(before: DynArray[uint256, MAX_CANDIDATES]) -> DynArray[uint256, MAX_CANDIDATES]:
    """
    @dev The end of step 2: what licenses give and the most that own parents give, together. Four links give 20_000 bps
         at most, which fit a share; a table that owes so much is refused in the end.
    """
    candidates: DynArray[uint256, MAX_CANDIDATES] = []
    for candidate: uint256 in before:
        own_share_bps: uint256 = packed_candidate._own_share_bps(candidate)
        candidates.append(packed_candidate._add_share(candidate, own_share_bps))
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
        smallest_bps: uint256 = max_value(uint256)
        index: uint256 = 0
        for candidate: uint256 in candidates:
            # A dropped candidate is set to zero and skipped from then on.
            is_droppable: bool = candidate != 0 and not packed_candidate._is_kept(candidate)
            if is_droppable and packed_candidate._share_bps(candidate) < smallest_bps:
                smallest = index
                smallest_bps = packed_candidate._share_bps(candidate)
            index += 1
        assert smallest < MAX_CANDIDATES, "too many ancestors"
        parent: uint256 = parents[packed_candidate._link(candidates[smallest])]
        candidates[smallest] = 0
        receiver: uint256 = self._receiver_of_dropped(candidates, parent)
        candidates[receiver] = packed_candidate._add_share(candidates[receiver], smallest_bps)
    kept: DynArray[uint256, MAX_ANCESTORS] = []
    for candidate: uint256 in candidates:
        if candidate != 0:
            kept.append(candidate)
    return kept


@internal
@pure
def _receiver_of_dropped(candidates: DynArray[uint256, MAX_CANDIDATES], parent: uint256) -> uint256:
    """
    @dev Index of the candidate that gets the share of a dropped one: the parent it was found through or, if that has no
         entry itself, the first of the largest.
    """
    largest: uint256 = 0
    index: uint256 = 0
    for candidate: uint256 in candidates:
        if packed_candidate._model_id(candidate) == parent:
            return index
        share_bps: uint256 = packed_candidate._share_bps(candidate)
        if candidates[largest] == 0 or share_bps > packed_candidate._share_bps(candidates[largest]):
            largest = index
        index += 1
    return largest


@internal
@pure
def _table(candidates: DynArray[uint256, MAX_ANCESTORS]) -> uint256[4]:
    """
    @dev Steps 5 and 6: the table of the candidates, each raised to its floor.
    """
    table: uint256[4] = empty(uint256[4])
    owed_bps: uint256 = 0
    index: uint256 = 0
    for candidate: uint256 in candidates:
        share_bps: uint256 = max(packed_candidate._share_bps(candidate), packed_candidate._floor_bps(candidate))
        owed_bps += share_bps
        # Else a share could be wider than its field.
        self._check_owed(owed_bps)
        ancestor: uint256 = packed_candidate._as_ancestor(candidate, share_bps)
        row: uint256 = index // packed_ancestor.PLACES
        table[row] = packed_ancestor._put(table[row], index % packed_ancestor.PLACES, ancestor)
        index += 1
    table[0] = packed_table_head._pack(
        packed_table_head.TableHead(entries=table[0], ancestor_count=index, owed_bps=owed_bps, parent_count=0)
    )
    return table


@internal
@pure
def _check_owed(share_bps: uint256):
    assert share_bps <= MAX_OWED_BPS, "ancestors exceed 5000 bps"

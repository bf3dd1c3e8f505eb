# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Shortfalls
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice For each period what the licensee's own report said before any decision, and up to which due a shortfall was
        already judged.
@dev The raises of one audit count together: lowering, raising and disputing in between makes no second shortfall.
     Example. Reported 5_000, assessed 9_000, of which 3_000 are disputed: 6_000 stand, the report is short by 1_000,
     more than 600, and the bond is forfeited. If the 3_000 are upheld later, no bond is lost: the next shortfall counts
     from 9_000.
@custom:invariant What a report said is written once. One audit of a period costs one bond at most.
"""

from contracts.licensing import packed_own_due

# A report that is short by more than 1 / SHORTFALL_PARTS of the due costs the bond.
SHORTFALL_PARTS: constant(uint256) = 10

# License => period => packed_own_due, written once.
_own_dues: HashMap[uint256, HashMap[uint256, uint256]]
# License => period => 1 + the due up to which an audit has judged; 0: none has, the own report counts.
_judged_dues: HashMap[uint256, HashMap[uint256, uint256]]
# License => period => the highest due before a decision lowered it in good standing: nothing of it was overdue.
_paid_dues: HashMap[uint256, HashMap[uint256, uint256]]


@deploy
def __init__():
    pass


@internal
def _record_own_due(license_id: uint256, period: uint256, due: uint256, is_capped: bool):
    """
    @dev Remembers `due` as what the own report said, unless something is remembered.
    """
    if self._own_dues[license_id][period] == 0:
        self._own_dues[license_id][period] = packed_own_due._pack(
            packed_own_due.OwnDue(due_plus_one=due + 1, is_capped=is_capped)
        )


@internal
def _set_judged_due(license_id: uint256, period: uint256, due: uint256):
    """
    @dev From now on a shortfall counts from `due`.
    """
    self._judged_dues[license_id][period] = due + 1


@internal
def _lower_judged_due(license_id: uint256, period: uint256, due: uint256):
    """
    @dev The part of an assessment above `due` was refused, so a later audit that proves it counts from `due`.
    """
    if self._judged_dues[license_id][period] > due + 1:
        self._judged_dues[license_id][period] = due + 1


@internal
def _record_paid_due(license_id: uint256, period: uint256, due: uint256):
    """
    @dev Records `due`, of which nothing is overdue, before a decision lowers it.
    """
    self._paid_dues[license_id][period] = max(self._paid_dues[license_id][period], due)


@internal
@view
def _own_or_paid_due(license_id: uint256, period: uint256) -> uint256:
    """
    @dev The highest of the own report and the recorded dues that a decision lowered; 0 if there is neither.
    """
    due_plus_one: uint256 = packed_own_due._due_plus_one(self._own_dues[license_id][period])
    return max(due_plus_one - min(due_plus_one, 1), self._paid_dues[license_id][period])


@internal
@view
def _is_short(license_id: uint256, period: uint256, due: uint256) -> bool:
    """
    @dev Whether the own report, or what an audit has judged since if that is more, is short of `due` by more than a
         tenth of it. A period without either, and a report at the cap, are never short.
    """
    packed: uint256 = self._own_dues[license_id][period]
    known_plus_one: uint256 = max(packed_own_due._due_plus_one(packed), self._judged_dues[license_id][period])
    if known_plus_one == 0 or packed_own_due._is_capped(packed):
        return False
    return (due - min(due, known_plus_one - 1)) * SHORTFALL_PARTS > due

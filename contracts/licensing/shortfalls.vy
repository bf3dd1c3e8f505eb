# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Shortfalls
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What own reports said before any decision changed what their periods owe, and from what on a report was short:
        all raises of a period by one audit are one shortfall, whatever was lowered, raised and disputed in between.
@custom:invariant What a report said is written once. One audit of a period costs one bond at most.
"""

from contracts.licensing import packed_own_due

# A report that is short by more than one part in ten costs the bond.
SHORTFALL_PARTS: constant(uint256) = 10

# License => period => packed_own_due, written once.
_own_dues: HashMap[uint256, HashMap[uint256, uint256]]
# License => period => 1 + what an audit said, if the next shortfall counts from that; 0: from the own report alone.
_known_dues: HashMap[uint256, HashMap[uint256, uint256]]
# License => period => the most that the period owed when a decision lowered it in good standing: that was paid.
_paid_dues: HashMap[uint256, HashMap[uint256, uint256]]


@deploy
def __init__():
    pass


@internal
def _note(license_id: uint256, period: uint256, due: uint256, is_cut: bool):
    """
    @dev Remembers `due` as what the own report said, unless something is remembered.
    """
    if self._own_dues[license_id][period] == 0:
        self._own_dues[license_id][period] = packed_own_due._pack(
            packed_own_due.OwnDue(due_plus_one=due + 1, is_cut=is_cut)
        )


@internal
def _count_from(license_id: uint256, period: uint256, due: uint256):
    """
    @dev `due` is known: only what a later audit finds above it is hidden.
    """
    self._known_dues[license_id][period] = due + 1


@internal
def _refuse_above(license_id: uint256, period: uint256, due: uint256):
    """
    @dev What an audit asked for above `due` was refused: whoever finds it later finds what was hidden.
    """
    if self._known_dues[license_id][period] > due + 1:
        self._known_dues[license_id][period] = due + 1


@internal
def _note_paid(license_id: uint256, period: uint256, due: uint256):
    """
    @dev A decision lowers `due`, which was paid.
    """
    self._paid_dues[license_id][period] = max(self._paid_dues[license_id][period], due)


@internal
@view
def _paid_once(license_id: uint256, period: uint256) -> uint256:
    """
    @dev What the period owed before decisions took it off: by its own report, or as far as it was paid; 0 if none did.
    """
    own_due: uint256 = packed_own_due._due_plus_one(self._own_dues[license_id][period])
    return max(own_due - min(own_due, 1), self._paid_dues[license_id][period])


@internal
@view
def _is_short(license_id: uint256, period: uint256, due: uint256) -> bool:
    """
    @dev Whether what was known, by the own report or an audit, is short by more than a tenth of `due`.
    """
    own_due: uint256 = self._own_dues[license_id][period]
    known: uint256 = max(packed_own_due._due_plus_one(own_due), self._known_dues[license_id][period])
    if known == 0 or packed_own_due._is_cut(own_due):
        return False
    return (due - min(due, known - 1)) * SHORTFALL_PARTS > due

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Shortfalls
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What own reports said before any decision changed what their periods owe, so that all raises of a period are one
        shortfall, whatever was lowered and raised in between.
@custom:invariant What a report said is written once.
"""

# A report that is short by more than one part in ten costs the bond.
SHORTFALL_PARTS: constant(uint256) = 10

# License => period => 1 + what its own report said, since it was first looked at.
_own_dues: HashMap[uint256, HashMap[uint256, uint256]]


@deploy
def __init__():
    pass


@internal
def _note(license_id: uint256, period: uint256, due: uint256, is_none: bool):
    """
    @dev Remembers `due` as what the own report said; nothing of an estimate, nor where the cap cut the report.
    """
    if not is_none and self._own_dues[license_id][period] == 0:
        self._own_dues[license_id][period] = due + 1


@internal
@view
def _is_short(license_id: uint256, period: uint256, due: uint256) -> bool:
    """
    @dev Whether the own report was short by more than a tenth of `due`; no, if none is known.
    """
    own_due: uint256 = self._own_dues[license_id][period]
    return own_due > 0 and (due - min(due, own_due - 1)) * SHORTFALL_PARTS > due

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Shortfalls
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What own reports said before any decision changed what their periods owe, so that all raises of a period are one
        shortfall, whatever was lowered and raised in between.
@custom:invariant What a report said is written once. One shortfall costs one bond: the next is measured from what the
                  period owes after it.
"""

# A report that is short by more than one part in ten costs the bond.
SHORTFALL_PARTS: constant(uint256) = 10

# What the royalty cap cut is no report that was short.
IS_CUT: constant(uint256) = 1 << 255

# License => period => 1 + what its own report said, since it was first looked at | IS_CUT
_own_dues: HashMap[uint256, HashMap[uint256, uint256]]


@deploy
def __init__():
    pass


@internal
def _note(license_id: uint256, period: uint256, due: uint256, is_cut: bool):
    """
    @dev Remembers `due` as what the own report said, unless something is remembered.
    """
    if self._own_dues[license_id][period] == 0:
        self._own_dues[license_id][period] = (due + 1) | (IS_CUT if is_cut else 0)


@internal
@view
def _own_due(license_id: uint256, period: uint256) -> uint256:
    """
    @dev What is remembered; 0 if nothing is.
    """
    own_due: uint256 = self._own_dues[license_id][period] & ~IS_CUT
    return own_due - min(own_due, 1)


@internal
def _take_short(license_id: uint256, period: uint256, due: uint256) -> bool:
    """
    @dev Whether the own report was short by more than a tenth of `due`; no, if none is known. Then `due` is what counts
         from now on.
    """
    own_due: uint256 = self._own_dues[license_id][period]
    if own_due == 0 or own_due >= IS_CUT or (due - min(due, own_due - 1)) * SHORTFALL_PARTS <= due:
        return False
    self._own_dues[license_id][period] = due + 1
    return True

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Arrears harness
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice For tests: when arrears are free of interest, as a function.
"""

from contracts.licensing import arrears

initializes: arrears


@deploy
def __init__():
    arrears.__init__()


@external
@pure
def free_at(
    interest_paid: uint256, meter: int256, owed: int256, offset: int256, late_bps: uint256, not_before: uint256
) -> uint256:
    """
    @notice `arrears._interest_free_from` of a lapse with that meter, of which so much interest was paid.
    """
    lapse: arrears.Lapse = arrears.Lapse(since=1, interest_paid=interest_paid, meter=meter, past=0)
    return arrears._interest_free_from(lapse, owed, offset, late_bps, not_before)

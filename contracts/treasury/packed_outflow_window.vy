# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed window of outflows
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Sum of the outflows in the window, and which places of the ring of days it covers.
@dev No state.
     [0..191]   total   units of the asset taken on the days of the window
     [192..199] first   place of the oldest of these days in the ring
     [200..207] count   days of the window with an outflow; 0 if it is empty
"""

struct OutflowWindow:
    total: uint256
    first: uint256
    count: uint256


TOTAL_MASK: constant(uint256) = 2**192 - 1
FIRST_OFFSET: constant(uint256) = 192
FIRST_MASK: constant(uint256) = 2**8 - 1
COUNT_OFFSET: constant(uint256) = 200
COUNT_MASK: constant(uint256) = 2**8 - 1


@internal
@pure
def _pack(window: OutflowWindow) -> uint256:
    assert (
        window.total <= TOTAL_MASK and window.first <= FIRST_MASK and window.count <= COUNT_MASK
    ), "outflow is too large"
    return (
        window.total
        | (window.first << FIRST_OFFSET)
        | (window.count << COUNT_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> OutflowWindow:
    return OutflowWindow(
        total=packed & TOTAL_MASK,
        first=(packed >> FIRST_OFFSET) & FIRST_MASK,
        count=(packed >> COUNT_OFFSET) & COUNT_MASK,
    )

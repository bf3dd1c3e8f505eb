# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Running totals
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What ever came in and what ever went out, in one word: in << 128 | out.
@dev No state. Both totals only grow, so a word never returns to zero: after its first use every entry costs the same.
     Adding `amount << HALF` credits; what does not fit overflows the word. Adding `_open` pays all that is open.
@custom:invariant out <= in < 2**128.
"""

HALF: constant(uint256) = 128
MAX_TOTAL: constant(uint256) = 2**128 - 1


@internal
@pure
def _open(word: uint256) -> uint256:
    """
    @dev What came in and did not go out yet.
    """
    return (word >> HALF) - (word & MAX_TOTAL)

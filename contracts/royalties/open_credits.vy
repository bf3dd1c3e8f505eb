# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Open credits
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a receiver is owed, in one word.
@dev No state.
     [0..126]   amount   owed and not paid out yet
     [255]      used     set when it is paid out, so that a word never returns to zero: after its first use every entry
                         costs the same
     A credit is added to the word as it is. The amount is part of what the router accounts for in the asset, which stays below 2**127: however often money goes
     round, it cannot overflow.
"""

MAX_AMOUNT: constant(uint256) = 2**127 - 1
USED: constant(uint256) = 2**255


@internal
@pure
def _amount(word: uint256) -> uint256:
    return word & MAX_AMOUNT

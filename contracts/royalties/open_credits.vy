# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Open credits
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a receiver is owed, in one word.
@dev No state.
     [0..126]   amount   owed and not paid out yet
     [255]      used     keeps a word from returning to zero: after its first use every entry costs the same
     The amount is part of what the router accounts for in the asset, which stays below 2**127: however often money goes
     round, it cannot overflow.
"""

MAX_AMOUNT: constant(uint256) = 2**127 - 1
USED: constant(uint256) = 2**255


@internal
@pure
def _add(word: uint256, amount: uint256) -> uint256:
    """
    @dev `word` after `amount` was credited.
    """
    return (word + amount) | USED


@internal
@pure
def _amount(word: uint256) -> uint256:
    return word & MAX_AMOUNT

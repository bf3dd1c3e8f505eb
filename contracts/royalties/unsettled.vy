# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Unsettled money
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What waits for a model to be divided, in one word: paid for it | inherited from descendants << 127 | 1 << 254.
@dev No state. The mark in the highest bit used keeps a word from returning to zero: after its first use every entry
     costs the same. Ancestors and the protocol fee have their parts in what was paid, not in what was inherited.
@custom:invariant Both amounts stay below 2**127.
"""

INHERITED_SHIFT: constant(uint256) = 127
MAX_AMOUNT: constant(uint256) = 2**127 - 1
MARK: constant(uint256) = 2**254


@internal
@pure
def _pay(word: uint256, amount: uint256) -> uint256:
    """
    @dev `word` after `amount` was paid.
    """
    assert amount <= MAX_AMOUNT - (word & MAX_AMOUNT), "amount is too large"
    return (word + amount) | MARK


@internal
@pure
def _inherit(word: uint256, amount: uint256) -> uint256:
    """
    @dev `word` after `amount` came from a descendant.
    """
    assert amount <= MAX_AMOUNT - self._inherited(word), "inheritance is too large"
    return (word + (amount << INHERITED_SHIFT)) | MARK


@internal
@pure
def _paid(word: uint256) -> uint256:
    return word & MAX_AMOUNT


@internal
@pure
def _inherited(word: uint256) -> uint256:
    return (word >> INHERITED_SHIFT) & MAX_AMOUNT

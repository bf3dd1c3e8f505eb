# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Unsettled money
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What waits for a model to be divided, in one word. Ancestors and the protocol fee have their parts in what was
        paid, not in what is the model's own.
@dev No state.
     [0..126]   paid      for the model
     [127..253] own       its part of earlier divisions, and what descendants brought it
     [254]      used      keeps a word from returning to zero: after its first use every entry costs the same
     [255]      checked   a payment looked up that the asset is accepted; nothing else sets it
     Both amounts are part of what the router accounts for in the asset, which stays below 2**127: they cannot overflow.
"""

OWN_OFFSET: constant(uint256) = 127
MAX_AMOUNT: constant(uint256) = 2**127 - 1
USED: constant(uint256) = 2**254
CHECKED: constant(uint256) = 2**255


@internal
@pure
def _pay(word: uint256, amount: uint256) -> uint256:
    """
    @dev `word` after `amount` was paid.
    """
    return (word + amount) | USED


@internal
@pure
def _add_own(word: uint256, amount: uint256) -> uint256:
    """
    @dev `word` after `amount` came from a descendant.
    """
    return (word + (amount << OWN_OFFSET)) | USED


@internal
@pure
def _leave(word: uint256, divided: uint256, own: uint256) -> uint256:
    """
    @dev `word` after `divided` of what was paid was divided; `own` is left of the model's own.
    """
    return (word & CHECKED) | USED | (self._paid(word) - divided) | (own << OWN_OFFSET)


@internal
@pure
def _paid(word: uint256) -> uint256:
    return word & MAX_AMOUNT


@internal
@pure
def _own(word: uint256) -> uint256:
    return (word >> OWN_OFFSET) & MAX_AMOUNT

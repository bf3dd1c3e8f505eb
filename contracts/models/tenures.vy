# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Tenures
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How often the token of each model has moved, and when last: what an owner announced counts in its tenure alone.
@dev A word per model: [0..39] unix second of the last move, [40..103] number of moves; zero before the first move, so
     that a registration writes nothing here: a model that never moved was always its owner's.
@custom:invariant The number grows by one with each move of the token and never otherwise.
"""

NUMBER_OFFSET: constant(uint256) = 40
SINCE_MASK: constant(uint256) = 2**40 - 1

_words: HashMap[uint256, uint256]


@deploy
def __init__():
    pass


@internal
def _begin(model_id: uint256):
    """
    @dev The token moves: another tenure begins.
    """
    number: uint256 = self._number(model_id) + 1
    self._words[model_id] = (number << NUMBER_OFFSET) | block.timestamp


@internal
@view
def _number(model_id: uint256) -> uint256:
    return self._words[model_id] >> NUMBER_OFFSET


@internal
@view
def _since(model_id: uint256) -> uint256:
    """
    @dev Unix second of the last move, 0 before the first.
    """
    return self._words[model_id] & SINCE_MASK

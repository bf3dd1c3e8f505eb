# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Frozen terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The market's own copy of the terms under which licenses were sold.
@dev Made at the first sale. A report reads two words here and calls nobody.
@custom:invariant A copy is written once.
"""

from contracts.licensing import terms_words

_words: HashMap[uint256, uint256[5]]


@deploy
def __init__():
    pass


@internal
def _freeze(terms_id: uint256, words: uint256[5]):
    # The first word holds the asset, so a copy that exists is not zero.
    if self._words[terms_id][0] == 0:
        self._words[terms_id] = words


@internal
@view
def _core(terms_id: uint256) -> terms_words.Core:
    return terms_words._core(self._words[terms_id][0], self._words[terms_id][1])


@internal
@view
def _due(terms_id: uint256, core: terms_words.Core, revenue: uint256, units: uint256, before: uint256) -> uint256:
    """
    @dev What a period owes by these figures beside `before`, which the other periods owe.
    """
    return terms_words._due(core, self._metering(terms_id, core), revenue, units, before)


@internal
@view
def _capped(terms_id: uint256, core: terms_words.Core, due: uint256, before: uint256) -> uint256:
    """
    @dev `due`, but at most what the cap leaves beside `before` and what a word holds: this never reverts.
    """
    return terms_words._capped(min(due, terms_words.MASK_112), self._metering(terms_id, core), before)


@internal
@view
def _excess(terms_id: uint256, core: terms_words.Core, total: uint256) -> uint256:
    """
    @dev How much of `total` is above the cap.
    """
    cap: uint256 = terms_words._cap(self._metering(terms_id, core))
    if cap == 0:
        return 0
    return total - min(total, cap)


@internal
@view
def _metering(terms_id: uint256, core: terms_words.Core) -> uint256:
    if core.flags & terms_words.METERED == 0:
        return 0
    return self._words[terms_id][2]

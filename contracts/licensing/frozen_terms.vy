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
    @dev What a period owes beside `before`, which the other periods owe.
    """
    metering: uint256 = 0
    if core.flags & terms_words.METERED != 0:
        metering = self._words[terms_id][2]
    return terms_words._due(core, metering, revenue, units, before)


@internal
@view
def _estimate(terms_id: uint256, core: terms_words.Core, last_due: uint256, before: uint256) -> uint256:
    """
    @dev What a period without a report owes: `last_due`, but at least the minimum, within the cap.
    """
    metering: uint256 = 0
    if core.flags & terms_words.METERED != 0:
        metering = self._words[terms_id][2]
    return terms_words._capped(max(core.minimum_per_period, last_due), metering, before)

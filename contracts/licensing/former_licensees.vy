# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Former licensees
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which accounts lost licenses of which models by a breach, and what their next ones cost.
@dev What a license costs by its terms is their upfront fee; of terms without one their minimum per period; of terms
     without either their bond. An account that lost a license of a model by a breach has a mark for it, by asset: the
     most that a license which it lost costs by its terms. While it has one, each license of that model costs it
     FEES_AFTER_TERMINATION times that in place of the fee. A purchase takes the mark of its asset away if its terms cost
     no less: else the cheapest license of a model would buy off the mark of the dearest.
     Example. Licenses of a model cost 25_000 (A), 500 (B) and nothing (C) in one asset. An account loses one of A. C is
     still free and B costs 1_500, as often as it is bought; A costs 75_000 once, and from then on all three are as
     before.
@custom:invariant A mark begins with a breach and ends with a purchase that cost FEES_AFTER_TERMINATION times it or more.
"""

from contracts.licensing import license_terms
from contracts.licensing import terms_words

uses: license_terms

# Whoever is thrown out and comes back at once at the price of all others has lost nothing. Twice the fee would be the
# price of one period's rest where terms are short; three is more than any honest renewal pays.
FEES_AFTER_TERMINATION: public(constant(uint256)) = 3

# Account => model => number of assets in which the account has a mark.
_marks: HashMap[address, HashMap[uint256, uint256]]
# Account => model => asset => 1 + the most that a license which was lost costs by its terms; 0: no mark.
_lost_prices: HashMap[address, HashMap[uint256, HashMap[address, uint256]]]


@deploy
def __init__():
    pass


@internal
def _note(account: address, terms_id: uint256):
    """
    @dev The account lost a license under these terms by a breach.
    """
    words: uint256[5] = license_terms._terms[terms_id].words
    core: terms_words.Core = terms_words._core(words[0], words[1])
    mark: uint256 = self._lost_prices[account][core.model_id][core.asset]
    if mark == 0:
        self._marks[account][core.model_id] += 1
    self._lost_prices[account][core.model_id][core.asset] = max(mark, 1 + self._price(words))
    license_terms._note_breach(core.model_id)


@internal
def _charge(account: address, words: uint256[5]) -> uint256:
    """
    @dev An account with a mark buys a license under the terms of these words. Returns the fee, which may take the mark.
    """
    core: terms_words.Core = terms_words._core(words[0], words[1])
    price: uint256 = self._price(words)
    mark: uint256 = self._lost_prices[account][core.model_id][core.asset]
    if mark > 0 and price + 1 >= mark:
        self._lost_prices[account][core.model_id][core.asset] = 0
        self._marks[account][core.model_id] -= 1
    return FEES_AFTER_TERMINATION * price


@internal
@view
def _fee_for(account: address, terms_id: uint256) -> uint256:
    """
    @dev What the account would be charged for a license under these terms.
    """
    words: uint256[5] = license_terms._terms[terms_id].words
    if self._has_mark(account, terms_words._model_id(words[1])):
        return FEES_AFTER_TERMINATION * self._price(words)
    return terms_words._fee(words[3])


@internal
@view
def _has_mark(account: address, model_id: uint256) -> bool:
    """
    @dev Whether a license of the model costs the account more than its fee.
    """
    # Of most models nobody ever lost a license: buyers read no slot for what never was.
    return license_terms._had_breach(model_id) and self._marks[account][model_id] > 0


@internal
@pure
def _price(words: uint256[5]) -> uint256:
    """
    @dev What a license costs by its terms; 0 where they ask for nothing.
    """
    fee: uint256 = terms_words._fee(words[3])
    if fee > 0:
        return fee
    core: terms_words.Core = terms_words._core(words[0], words[1])
    if core.minimum_per_period > 0:
        return core.minimum_per_period
    return terms_words._bond(words[3])

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
from contracts.licensing import packed_terms_scope
from contracts.licensing import terms_layout

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
def _record_breach(account: address, terms_id: uint256):
    """
    @dev The account lost a license under these terms by a breach.
    """
    packed_terms: uint256[5] = license_terms._packed_terms(terms_id)
    model_id: uint256 = terms_layout._model_id(packed_terms)
    asset: address = terms_layout._asset(packed_terms)
    mark: uint256 = self._lost_prices[account][model_id][asset]
    if mark == 0:
        self._marks[account][model_id] += 1
    self._lost_prices[account][model_id][asset] = max(mark, 1 + self._price(packed_terms))
    license_terms._record_breach(model_id)


@internal
def _charge(account: address, packed_terms: uint256[5]) -> uint256:
    """
    @dev An account with a mark buys a license under these terms. Returns the fee, which may take the mark away.
    """
    model_id: uint256 = terms_layout._model_id(packed_terms)
    asset: address = terms_layout._asset(packed_terms)
    price: uint256 = self._price(packed_terms)
    mark: uint256 = self._lost_prices[account][model_id][asset]
    if mark > 0 and price + 1 >= mark:
        self._lost_prices[account][model_id][asset] = 0
        self._marks[account][model_id] -= 1
    return FEES_AFTER_TERMINATION * price


@internal
@view
def _fee_for(account: address, terms_id: uint256) -> uint256:
    """
    @dev What the account would be charged for a license under these terms.
    """
    packed_terms: uint256[5] = license_terms._packed_terms(terms_id)
    if self._has_mark(account, terms_layout._model_id(packed_terms)):
        return FEES_AFTER_TERMINATION * self._price(packed_terms)
    return terms_layout._upfront_fee(packed_terms)


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
def _price(packed_terms: uint256[5]) -> uint256:
    """
    @dev What a license costs by its terms; 0 where they ask for nothing.
    """
    fee: uint256 = terms_layout._upfront_fee(packed_terms)
    if fee > 0:
        return fee
    minimum: uint256 = packed_terms_scope._minimum_per_period(packed_terms[terms_layout.SCOPE])
    if minimum > 0:
        return minimum
    return terms_layout._bond(packed_terms)

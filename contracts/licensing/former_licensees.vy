# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Former licensees
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which accounts lost licenses of which models by a breach, and what their next ones cost.
@dev PRICE of a license: the upfront fee of its terms, else their minimum per period, else their bond.
     MARK of an account, per model and asset: the highest price of a license of the model that it lost by a breach.
     1. While an account has a mark of a model, in any asset, each license of the model costs it FEES_AFTER_TERMINATION
        times its price in place of the upfront fee.
     2. A purchase deletes the mark of its own asset if its price is not below the mark. Otherwise the cheapest license
        of a model would pay off the dearest.
     Example. Licenses of a model cost 25_000 (A), 500 (B) and nothing (C) in one asset. An account loses one of A. C is
     still free and B costs 1_500, as often as it is bought; A costs 75_000 once, and from then on all three are as
     before.
@custom:invariant A mark begins with a breach and ends with a purchase that cost FEES_AFTER_TERMINATION times it or
                  more.
"""

from contracts.licensing import license_terms
from contracts.licensing import packed_terms_scope
from contracts.licensing import terms_layout

uses: license_terms

# At the price of everybody else a breach would cost nothing. Twice the price is what an honest licensee of a short term
# pays that renews once; so three.
FEES_AFTER_TERMINATION: public(constant(uint256)) = 3

# Account => model => number of assets in which the account has a mark.
_mark_count: HashMap[address, HashMap[uint256, uint256]]
# Account => model => asset => 1 + the mark (see above); 0: none.
_marks: HashMap[address, HashMap[uint256, HashMap[address, uint256]]]


@deploy
def __init__():
    pass


@internal
def _record_breach(account: address, terms_id: uint256):
    """
    @dev Records that the account lost a license under these terms by a breach.
    """
    packed_terms: uint256[5] = license_terms._packed_terms(terms_id)
    model_id: uint256 = terms_layout._model_id(packed_terms)
    asset: address = terms_layout._asset(packed_terms)
    mark: uint256 = self._marks[account][model_id][asset]
    if mark == 0:
        self._mark_count[account][model_id] += 1
    self._marks[account][model_id][asset] = max(mark, 1 + self._price(packed_terms))
    license_terms._flag_breach(model_id)


@internal
def _charge(account: address, packed_terms: uint256[5]) -> uint256:
    """
    @dev Records that an account with a mark buys a license under these terms. Deletes the mark of their asset if the
         price is not below it. Returns the fee.
    """
    model_id: uint256 = terms_layout._model_id(packed_terms)
    asset: address = terms_layout._asset(packed_terms)
    price: uint256 = self._price(packed_terms)
    mark: uint256 = self._marks[account][model_id][asset]
    if mark > 0 and price + 1 >= mark:
        self._marks[account][model_id][asset] = 0
        self._mark_count[account][model_id] -= 1
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
    @dev Whether the account has a mark of the model, in any asset.
    """
    # The flag is in a slot that a sale reads anyway, so that most buyers are spared the second one.
    return license_terms._had_breach(model_id) and self._mark_count[account][model_id] > 0


@internal
@pure
def _price(packed_terms: uint256[5]) -> uint256:
    """
    @dev The price of a license (see the header); 0 where the terms ask for nothing.
    """
    fee: uint256 = terms_layout._upfront_fee(packed_terms)
    if fee > 0:
        return fee
    minimum: uint256 = packed_terms_scope._minimum_per_period(packed_terms[terms_layout.SCOPE])
    if minimum > 0:
        return minimum
    return terms_layout._bond(packed_terms)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Layout of license terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice License terms as five packed values: the catalog packs them, the market copies and reads them.
@dev No state. A report of terms without METERED reads the billing and the scope alone.
     [0] billing     packed_terms_billing
     [1] scope       packed_terms_scope
     [2] metering    packed_terms_metering
     [3] sale        packed_terms_sale
     [4] derivation  packed_terms_derivation
"""

from contracts.licensing import packed_terms_billing
from contracts.licensing import packed_terms_derivation
from contracts.licensing import packed_terms_metering
from contracts.licensing import packed_terms_sale
from contracts.licensing import packed_terms_scope
from interfaces import ILicenseCatalog

BILLING: constant(uint256) = 0
SCOPE: constant(uint256) = 1
METERING: constant(uint256) = 2
SALE: constant(uint256) = 3
DERIVATION: constant(uint256) = 4

# The unpacked billing and scope: all that a payment needs of the terms, and a report of terms without METERED.
struct Core:
    asset: address
    share_bps: uint256
    period_seconds: uint256
    grace_seconds: uint256
    flags: uint256
    minimum_per_period: uint256
    model_id: uint256
    term_seconds: uint256
    late_bps: uint256


@internal
@pure
def _pack(terms: ILicenseCatalog.Terms) -> uint256[5]:
    """
    @dev The five packed values of terms that `license_terms` has checked.
    """
    return [
        packed_terms_billing._pack(
            packed_terms_billing.Billing(
                asset=terms.asset,
                share_bps=terms.share_bps,
                period_seconds=terms.period_seconds,
                grace_seconds=terms.grace_seconds,
                flags=self._flags_of(terms),
            )
        ),
        packed_terms_scope._pack(
            packed_terms_scope.Scope(
                minimum_per_period=terms.minimum_per_period,
                model_id=terms.model_id,
                term_seconds=terms.term_seconds,
                late_bps=terms.late_bps_per_year,
            )
        ),
        packed_terms_metering._pack(
            packed_terms_metering.Metering(price_per_unit=terms.price_per_unit, royalty_cap=terms.royalty_cap)
        ),
        packed_terms_sale._pack(packed_terms_sale.Sale(upfront_fee=terms.upfront_fee, bond=terms.bond)),
        packed_terms_derivation._pack(
            packed_terms_derivation.Derivation(
                shares=packed_terms_derivation._pack_shares(terms.derivation_share_bps),
                kinds=terms.derivations,
                cure_seconds=terms.cure_seconds,
            )
        ),
    ]


@internal
@pure
def _flags_of(terms: ILicenseCatalog.Terms) -> uint256:
    """
    @dev The field `flags` of the billing.
    """
    flags: uint256 = 0
    if terms.transferable:
        flags |= packed_terms_billing.TRANSFERABLE
    if terms.sublicensable:
        flags |= packed_terms_billing.SUBLICENSABLE
    if terms.renewable:
        flags |= packed_terms_billing.RENEWABLE
    if terms.price_per_unit > 0 or terms.royalty_cap > 0:
        flags |= packed_terms_billing.METERED
    if terms.max_licenses > 0 or terms.offered_until > 0 or terms.licensee != empty(address):
        flags |= packed_terms_billing.LIMITED
    if terms.exclusive:
        flags |= packed_terms_billing.EXCLUSIVE
    if terms.approval_required:
        flags |= packed_terms_billing.APPROVAL
    if terms.share_alike:
        flags |= packed_terms_billing.SHARE_ALIKE
    if terms.attribution:
        flags |= packed_terms_billing.ATTRIBUTION
    return flags


@internal
@pure
def _core(packed_billing: uint256, packed_scope: uint256) -> Core:
    billing: packed_terms_billing.Billing = packed_terms_billing._unpack(packed_billing)
    scope: packed_terms_scope.Scope = packed_terms_scope._unpack(packed_scope)
    return Core(
        asset=billing.asset,
        share_bps=billing.share_bps,
        period_seconds=billing.period_seconds,
        grace_seconds=billing.grace_seconds,
        flags=billing.flags,
        minimum_per_period=scope.minimum_per_period,
        model_id=scope.model_id,
        term_seconds=scope.term_seconds,
        late_bps=scope.late_bps,
    )


@internal
@pure
def _has(packed_terms: uint256[5], flag: uint256) -> bool:
    """
    @dev Whether `flag`, one of packed_terms_billing, is set.
    """
    return packed_terms_billing._flags(packed_terms[BILLING]) & flag != 0


@internal
@pure
def _model_id(packed_terms: uint256[5]) -> uint256:
    return packed_terms_scope._model_id(packed_terms[SCOPE])


@internal
@pure
def _asset(packed_terms: uint256[5]) -> address:
    return packed_terms_billing._asset(packed_terms[BILLING])


@internal
@pure
def _upfront_fee(packed_terms: uint256[5]) -> uint256:
    return packed_terms_sale._upfront_fee(packed_terms[SALE])


@internal
@pure
def _bond(packed_terms: uint256[5]) -> uint256:
    return packed_terms_sale._bond(packed_terms[SALE])

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The terms under which models are licensed: checked once, never changed. With each the offer of it, and how many
        licenses were sold under it.
@dev The content hash of terms is not stored: they never change, so it can be computed at any time, and `_id_of_hash`
     leads back to their id. An offer remembers the tenure of the model's token in which it was made and counts in that
     tenure alone.
@custom:invariant Of `Stored` everything but `offer` is written once. One content has one id. No more licenses are sold
                  under terms than their limit.
"""

from contracts.licensing import packed_model_sales
from contracts.licensing import packed_offer
from contracts.licensing import packed_offer_limits
from contracts.licensing import packed_terms_billing
from contracts.licensing import packed_terms_derivation
from contracts.licensing import packed_terms_metering
from contracts.licensing import packed_terms_scope
from contracts.licensing import terms_layout
from interfaces import ILicenseCatalog

BPS: constant(uint256) = 10_000
# A vote on an audit takes weeks: shorter periods would pile up meanwhile. Longer ones would hide for over a year that a
# licensee is gone.
MIN_PERIOD_SECONDS: constant(uint256) = 28 * 86_400
MAX_PERIOD_SECONDS: constant(uint256) = 366 * 86_400
# A period can be reported only after its end. Without grace every licensee would be late in that second.
MIN_GRACE_SECONDS: constant(uint256) = 7 * 86_400
MAX_GRACE_SECONDS: constant(uint256) = 90 * 86_400
# Nobody loses a license in the second in which it becomes overdue.
MIN_CURE_SECONDS: constant(uint256) = 7 * 86_400
MAX_CURE_SECONDS: constant(uint256) = 366 * 86_400
# A hundred years. Who wants longer sells perpetual licenses (0).
MAX_TERM_SECONDS: constant(uint256) = 100 * 366 * 86_400
# 3 % a month: high enough to deter late payment, too low to live on.
MAX_LATE_BPS: constant(uint256) = 3_600
# One link may ask for no more than a model may owe all its ancestors together (LineageRules).
MAX_DERIVATION_BPS: constant(uint256) = 5_000
# Totals of a license have 128 bits, so 65,536 periods of this size fit: more than a license can have (packed_license).
MAX_PER_PERIOD: constant(uint256) = packed_terms_scope.MINIMUM_PER_PERIOD_MASK
MAX_PRICE: constant(uint256) = packed_terms_metering.PRICE_PER_UNIT_MASK
MAX_AMOUNT: constant(uint256) = 2**128 - 1

struct Stored:
    packed_terms: uint256[5]         # see terms_layout
    offer: uint256                   # packed_offer
    limits: uint256                  # packed_offer_limits
    arbiter: address
    legal_hash: bytes32
    summary_hash: bytes32
    field_of_use: String[64]
    legal_uri: String[128]
    summary_uri: String[128]

# The last sale of an exclusive license of a model. With `terms_id` 0 no license keeps others from being sold.
struct Exclusive:
    market: address
    terms_id: uint256
    sold_at: uint256

_last_id: uint256
_terms: HashMap[uint256, Stored]
_id_of_hash: HashMap[bytes32, uint256]
# Model => its packed_model_sales.
_model_sales: HashMap[uint256, uint256]
# Model => the market that sold its last exclusive license.
_exclusive_markets: HashMap[uint256, address]
# Model => market => id of the exclusive license that was released last. Only one with a larger id can be exclusive now.
_last_released: HashMap[uint256, HashMap[address, uint256]]


@deploy
def __init__():
    pass


@internal
def _offer(terms: ILicenseCatalog.Terms, tenure: uint256) -> uint256:
    """
    @dev Stores `terms` as offered in the tenure of that number and returns their id: a new one, or that of the same
         terms offered before. LicenseCatalog has checked the model, its owner and the asset.
    """
    digest: bytes32 = self._hash(terms)
    terms_id: uint256 = self._id_of_hash[digest]
    if terms_id != 0:
        assert not self._is_offered_in(terms_id, tenure), "terms are already offered"
        offer: uint256 = self._terms[terms_id].offer
        self._terms[terms_id].offer = packed_offer._with_tenure(offer, tenure + 1)
        return terms_id
    self._check_terms(terms)
    terms_id = self._last_id + 1
    self._last_id = terms_id
    self._id_of_hash[digest] = terms_id
    self._terms[terms_id] = Stored(
        packed_terms=terms_layout._pack(terms),
        offer=packed_offer._pack(packed_offer.Offer(sold=0, tenure=tenure + 1)),
        limits=packed_offer_limits._pack(
            packed_offer_limits.OfferLimits(
                licensee=terms.licensee, until=terms.offered_until, max_licenses=terms.max_licenses
            )
        ),
        arbiter=terms.arbiter,
        legal_hash=terms.legal_hash,
        summary_hash=terms.summary_hash,
        field_of_use=terms.field_of_use,
        legal_uri=terms.legal_uri,
        summary_uri=terms.summary_uri,
    )
    return terms_id


@internal
def _retire(terms_id: uint256, tenure: uint256):
    self._check_offered(terms_id, tenure)
    self._terms[terms_id].offer = packed_offer._with_tenure(self._terms[terms_id].offer, 0)


@internal
def _record_sale(terms_id: uint256, licensee: address, tenure: uint256) -> uint256[5]:
    """
    @dev Checks and records the sale of one license by msg.sender, the market. Sales are counted only under terms with a
         maximum. Returns the packed terms.
    """
    packed_terms: uint256[5] = self._terms[terms_id].packed_terms
    model_id: uint256 = terms_layout._model_id(packed_terms)
    flags: uint256 = packed_terms_billing._flags(packed_terms[terms_layout.BILLING])
    self._check_offered(terms_id, tenure)
    assert not self._is_exclusive(model_id), "model is licensed exclusively"
    if flags & packed_terms_billing.LIMITED != 0:
        limits: uint256 = self._terms[terms_id].limits
        assert self._is_before_end(limits), "offer has ended"
        if packed_offer_limits._max_licenses(limits) > 0:
            assert self._is_below_maximum(terms_id, limits), "all licenses are sold"
            self._terms[terms_id].offer = packed_offer._add_sold(self._terms[terms_id].offer)
        only: address = packed_offer_limits._licensee(limits)
        assert only == empty(address) or only == licensee, "offer is for another account"
    if flags & packed_terms_billing.EXCLUSIVE != 0:
        sales: uint256 = self._model_sales[model_id]
        self._model_sales[model_id] = packed_model_sales._with_exclusive(sales, terms_id, block.timestamp)
        self._exclusive_markets[model_id] = msg.sender
    return packed_terms


@internal
def _release(model_id: uint256, license_id: uint256):
    """
    @dev Ends the exclusivity of the model. `license_id` is the exclusive license, in the market that sold it.
    """
    self._last_released[model_id][self._exclusive_markets[model_id]] = license_id
    self._model_sales[model_id] = packed_model_sales._without_exclusive(self._model_sales[model_id])


@internal
def _flag_breach(model_id: uint256):
    self._model_sales[model_id] = packed_model_sales._with_had_breach(self._model_sales[model_id])


@internal
@view
def _had_breach(model_id: uint256) -> bool:
    return packed_model_sales._had_breach(self._model_sales[model_id])


@internal
@view
def _exclusive(model_id: uint256) -> Exclusive:
    """
    @dev The sale that keeps other licenses of the model from being sold; without terms there is none.
    """
    sales: uint256 = self._model_sales[model_id]
    return Exclusive(
        market=self._exclusive_markets[model_id],
        terms_id=packed_model_sales._terms_id(sales),
        sold_at=packed_model_sales._sold_at(sales),
    )


@internal
@view
def _is_exclusive(model_id: uint256) -> bool:
    return packed_model_sales._terms_id(self._model_sales[model_id]) != 0


@internal
@view
def _is_on_sale(terms_id: uint256, tenure: uint256) -> bool:
    """
    @dev Whether `_record_sale` would sell now, to the account that the terms name or, if they name none, to anybody.
    """
    if not self._is_offered_in(terms_id, tenure):
        return False
    if self._is_exclusive(self._model_of(terms_id)):
        return False
    limits: uint256 = self._terms[terms_id].limits
    return self._is_before_end(limits) and self._is_below_maximum(terms_id, limits)


@internal
@view
def _may_return(terms_id: uint256, starts_at: uint256) -> bool:
    """
    @dev Whether a license may be renewed after its end: an exclusive one while the exclusivity is still its own, any
         other one while the model is not licensed exclusively.
    """
    packed_terms: uint256[5] = self._terms[terms_id].packed_terms
    sale: Exclusive = self._exclusive(terms_layout._model_id(packed_terms))
    if not terms_layout._has(packed_terms, packed_terms_billing.EXCLUSIVE):
        return sale.terms_id == 0
    return sale.terms_id == terms_id and sale.sold_at == starts_at


@internal
@view
def _check_offered(terms_id: uint256, tenure: uint256):
    assert self._is_offered_in(terms_id, tenure), "terms are not offered"


@internal
@view
def _is_offered_in(terms_id: uint256, tenure: uint256) -> bool:
    return packed_offer._tenure(self._terms[terms_id].offer) == tenure + 1


@internal
@view
def _is_before_end(limits: uint256) -> bool:
    until: uint256 = packed_offer_limits._until(limits)
    return until == 0 or block.timestamp < until


@internal
@view
def _is_below_maximum(terms_id: uint256, limits: uint256) -> bool:
    max_licenses: uint256 = packed_offer_limits._max_licenses(limits)
    return max_licenses == 0 or self._sold(terms_id) < max_licenses


@internal
@view
def _sold(terms_id: uint256) -> uint256:
    return packed_offer._sold(self._terms[terms_id].offer)


@internal
@view
def _packed_terms(terms_id: uint256) -> uint256[5]:
    """
    @dev Terms as `terms_layout` packs them; zeros for unknown ones.
    """
    return self._terms[terms_id].packed_terms


@internal
@view
def _model_of(terms_id: uint256) -> uint256:
    """
    @dev The model that terms license, 0 for unknown ones.
    """
    return packed_terms_scope._model_id(self._terms[terms_id].packed_terms[terms_layout.SCOPE])


@internal
@view
def _load(terms_id: uint256) -> ILicenseCatalog.Terms:
    """
    @dev The terms as they were offered.
    """
    self._check_exists(terms_id)
    packed_terms: uint256[5] = self._terms[terms_id].packed_terms
    core: terms_layout.Core = terms_layout._core(
        packed_terms[terms_layout.BILLING], packed_terms[terms_layout.SCOPE]
    )
    metering: uint256 = packed_terms[terms_layout.METERING]
    derivation: uint256 = packed_terms[terms_layout.DERIVATION]
    limits: uint256 = self._terms[terms_id].limits
    return ILicenseCatalog.Terms(
        model_id=core.model_id,
        asset=core.asset,
        upfront_fee=terms_layout._upfront_fee(packed_terms),
        bond=terms_layout._bond(packed_terms),
        share_bps=core.share_bps,
        price_per_unit=packed_terms_metering._price_per_unit(metering),
        minimum_per_period=core.minimum_per_period,
        royalty_cap=packed_terms_metering._royalty_cap(metering),
        late_bps_per_year=core.late_bps,
        period_seconds=core.period_seconds,
        grace_seconds=core.grace_seconds,
        cure_seconds=packed_terms_derivation._cure_seconds(derivation),
        term_seconds=core.term_seconds,
        max_licenses=packed_offer_limits._max_licenses(limits),
        offered_until=packed_offer_limits._until(limits),
        licensee=packed_offer_limits._licensee(limits),
        arbiter=self._terms[terms_id].arbiter,
        transferable=core.flags & packed_terms_billing.TRANSFERABLE != 0,
        sublicensable=core.flags & packed_terms_billing.SUBLICENSABLE != 0,
        renewable=core.flags & packed_terms_billing.RENEWABLE != 0,
        exclusive=core.flags & packed_terms_billing.EXCLUSIVE != 0,
        approval_required=core.flags & packed_terms_billing.APPROVAL != 0,
        share_alike=core.flags & packed_terms_billing.SHARE_ALIKE != 0,
        attribution=core.flags & packed_terms_billing.ATTRIBUTION != 0,
        derivations=packed_terms_derivation._kinds(derivation),
        derivation_share_bps=packed_terms_derivation._unpack_shares(derivation),
        field_of_use=self._terms[terms_id].field_of_use,
        legal_hash=self._terms[terms_id].legal_hash,
        legal_uri=self._terms[terms_id].legal_uri,
        summary_hash=self._terms[terms_id].summary_hash,
        summary_uri=self._terms[terms_id].summary_uri,
    )


@internal
@view
def _check_exists(terms_id: uint256):
    assert terms_id > 0 and terms_id <= self._last_id, "unknown terms"


@internal
@view
def _hash(terms: ILicenseCatalog.Terms) -> bytes32:
    return keccak256(abi_encode(chain.id, self, terms))


@internal
@pure
def _check_terms(terms: ILicenseCatalog.Terms):
    """
    @dev Refuses terms that cannot be packed, billed or enforced.
    """
    assert terms.upfront_fee <= MAX_AMOUNT, "fee is too large"
    assert terms.bond <= MAX_AMOUNT, "bond is too large"
    assert terms.share_bps <= BPS, "share is above 10000 bps"
    assert terms.price_per_unit <= MAX_PRICE, "price is too large"
    assert terms.minimum_per_period <= MAX_PER_PERIOD, "minimum is too large"
    assert terms.royalty_cap <= MAX_AMOUNT, "cap is too large"
    assert terms.late_bps_per_year <= MAX_LATE_BPS, "late rate is too high"
    assert terms.grace_seconds <= MAX_GRACE_SECONDS, "grace is too long"
    assert terms.cure_seconds <= MAX_CURE_SECONDS, "cure is too long"
    assert terms.term_seconds <= MAX_TERM_SECONDS, "term is too long"
    assert terms.legal_hash != empty(bytes32), "legal hash is empty"
    assert (terms.summary_hash == empty(bytes32)) == (len(terms.summary_uri) == 0), "summary is incomplete"
    assert terms.max_licenses <= packed_offer_limits.MAX_LICENSES_MASK, "limit is too large"
    assert terms.offered_until <= packed_offer_limits.UNTIL_MASK, "offer ends too late"
    self._check_derivations(terms)
    if terms.share_bps == 0 and terms.price_per_unit == 0 and terms.minimum_per_period == 0:
        assert terms.period_seconds == 0 and terms.grace_seconds == 0, "periods without a royalty"
        assert terms.bond == 0 and terms.royalty_cap == 0, "bond without a royalty"
    else:
        assert terms.cure_seconds >= MIN_CURE_SECONDS, "cure is too short"
        assert terms.period_seconds >= MIN_PERIOD_SECONDS, "period is too short"
        assert terms.period_seconds <= MAX_PERIOD_SECONDS, "period is too long"
        assert terms.grace_seconds >= MIN_GRACE_SECONDS, "grace is too short"
        # At most one period is then in its grace at a time: what is overdue follows from that period and the totals.
        assert terms.grace_seconds <= terms.period_seconds, "grace is longer than a period"
        assert terms.term_seconds % terms.period_seconds == 0, "term is not whole periods"
        # Without a minimum and a bond it would cost nothing never to report.
        assert terms.minimum_per_period > 0 or terms.bond > 0, "no minimum and no bond"


@internal
@pure
def _check_derivations(terms: ILicenseCatalog.Terms):
    """
    @dev Only kinds that may be derived can have a share, which may be zero.
    """
    assert terms.derivations <= packed_terms_derivation.KINDS_MASK, "unknown model kind"
    is_plain: bool = not terms.approval_required and not terms.share_alike
    assert terms.derivations != 0 or is_plain, "nothing may be derived"
    kind: uint256 = 1
    for share_bps: uint256 in terms.derivation_share_bps:
        assert share_bps <= MAX_DERIVATION_BPS, "derivation share is too high"
        assert share_bps == 0 or terms.derivations & kind != 0, "share of a kind not allowed"
        kind *= 2

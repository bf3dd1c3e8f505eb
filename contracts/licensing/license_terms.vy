# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The terms under which models are licensed: checked once, never changed, offered or not, sold so many times.
@dev Terms keep their content hash by being immutable: it is computed on demand, and leads back to their id. An offer
     remembers the tenure of the model's token in which it was made and counts in that tenure alone.
@custom:invariant Everything but `offer` is written once. One content has one id. No more licenses are sold under terms
                  than their limit.
"""

from contracts.licensing import terms_words
from interfaces import ILicenseCatalog

# offer:   [0..31]    sold        licenses sold under these terms, counted up to their limit; 0 without one
#          [32..95]   tenure      1 + number of the tenure in which the terms were offered last; 0: not offered
# limits:  [0..159]   licensee    the only account that may hold a license; 0: anybody
#          [160..199] until       unix second from which none is sold; 0: no end
#          [200..231] max         most licenses that are ever sold; 0: no limit
struct Stored:
    words: uint256[5]
    offer: uint256
    limits: uint256
    arbiter: address
    legal_hash: bytes32
    summary_hash: bytes32
    field_of_use: String[64]
    legal_uri: String[128]
    summary_uri: String[128]

# What a sale asks about its model, in one word: an exclusive license that runs, and whether there ever was a breach.
#          [0..63]    terms_id    terms of the exclusive license that keeps others from being sold; 0: none
#          [64..103]  sold_at     unix second in which it was sold
#          [104]      had_breach  1 once anybody lost a license of the model by a breach, for ever
# The sale that keeps other licenses of a model from being sold.
struct Exclusive:
    market: address
    terms_id: uint256
    sold_at: uint256

BPS: constant(uint256) = 10_000
# Below four weeks a vote on an audit comes after many further periods; above a year nobody notices that a licensee is
# gone.
MIN_PERIOD_SECONDS: constant(uint256) = 28 * 86_400
MAX_PERIOD_SECONDS: constant(uint256) = 366 * 86_400
# A period can be reported from its end on: without a week for it every licensee would be late at once.
MIN_GRACE_SECONDS: constant(uint256) = 7 * 86_400
MAX_GRACE_SECONDS: constant(uint256) = 90 * 86_400
# So that nobody loses a licence in the second in which a debt is found.
MIN_CURE_SECONDS: constant(uint256) = 7 * 86_400
MAX_CURE_SECONDS: constant(uint256) = 366 * 86_400
# A century; longer is perpetual.
MAX_TERM_SECONDS: constant(uint256) = 100 * 366 * 86_400
# 3 % a month: a debt must hurt, it must not become the business.
MAX_LATE_BPS: constant(uint256) = 3_600
# What all links of a derived model may owe together, too (ModelRegistry).
MAX_DERIVATION_BPS: constant(uint256) = 5_000
# Totals of a license are 128 bits wide: at this bound 65,536 periods fit, five thousand years.
MAX_PER_PERIOD: constant(uint256) = 2**112 - 1
MAX_PRICE: constant(uint256) = 2**96 - 1
MAX_AMOUNT: constant(uint256) = 2**128 - 1
SOLD_MASK: constant(uint256) = 2**32 - 1
TENURE_SHIFT: constant(uint256) = 32
UNTIL_SHIFT: constant(uint256) = 160
UNTIL_MASK: constant(uint256) = 2**40 - 1
MAX_SHIFT: constant(uint256) = 200
SOLD_AT_SHIFT: constant(uint256) = 64
HAD_BREACH: constant(uint256) = 1 << 104

_last_id: uint256
_terms: HashMap[uint256, Stored]
_id_of_hash: HashMap[bytes32, uint256]
# Model => its word, see above.
_models: HashMap[uint256, uint256]
# Model => the market that sold its last exclusive license.
_exclusive_markets: HashMap[uint256, address]
# Model => market => the last exclusive license that ended: a later one has a larger id.
_released: HashMap[uint256, HashMap[address, uint256]]


@deploy
def __init__():
    pass


@internal
def _offer(terms: ILicenseCatalog.Terms, tenure: uint256) -> uint256:
    """
    @dev Stores `terms` as offered in that tenure and returns their id: a new one, or that of the same terms offered
         before. The deployable checks model and asset.
    """
    digest: bytes32 = self._hash(terms)
    terms_id: uint256 = self._id_of_hash[digest]
    if terms_id != 0:
        assert not self._is_of_tenure(terms_id, tenure), "terms are already offered"
        sold: uint256 = self._sold(terms_id)
        self._terms[terms_id].offer = sold | ((tenure + 1) << TENURE_SHIFT)
        return terms_id
    self._check(terms)
    terms_id = self._last_id + 1
    self._last_id = terms_id
    self._id_of_hash[digest] = terms_id
    self._terms[terms_id] = Stored(
        words=terms_words._pack(terms),
        offer=(tenure + 1) << TENURE_SHIFT,
        limits=(
            convert(terms.licensee, uint256)
            | (terms.offered_until << UNTIL_SHIFT)
            | (terms.max_licenses << MAX_SHIFT)
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
    self._terms[terms_id].offer = self._sold(terms_id)


@internal
def _sell(terms_id: uint256, licensee: address, tenure: uint256) -> uint256[5]:
    """
    @dev One license is sold by the caller, a market, under the terms. Counts it if they have a limit; returns their words.
    """
    words: uint256[5] = self._terms[terms_id].words
    model_id: uint256 = terms_words._model_id(words[1])
    flags: uint256 = terms_words._flags(words[0])
    self._check_offered(terms_id, tenure)
    assert not self._is_exclusive(model_id), "model is licensed exclusively"
    if flags & terms_words.LIMITED != 0:
        limits: uint256 = self._terms[terms_id].limits
        assert self._is_in_time(limits), "offer has ended"
        if limits >> MAX_SHIFT > 0:
            assert self._is_left(terms_id, limits), "all licenses are sold"
            self._terms[terms_id].offer += 1
        only: address = convert(convert(limits & terms_words.MASK_160, uint160), address)
        assert only == empty(address) or only == licensee, "offer is for another account"
    if flags & terms_words.EXCLUSIVE != 0:
        self._models[model_id] |= terms_id | (block.timestamp << SOLD_AT_SHIFT)
        self._exclusive_markets[model_id] = msg.sender
    return words


@internal
def _release(model_id: uint256, license_id: uint256):
    """
    @dev Lets licenses of the model be sold again after the exclusive one, of that id in its market.
    """
    self._released[model_id][self._exclusive_markets[model_id]] = license_id
    self._models[model_id] &= HAD_BREACH


@internal
def _note_breach(model_id: uint256):
    self._models[model_id] |= HAD_BREACH


@internal
@view
def _had_breach(model_id: uint256) -> bool:
    return self._models[model_id] & HAD_BREACH != 0


@internal
@view
def _exclusive(model_id: uint256) -> Exclusive:
    """
    @dev The sale that keeps other licenses of the model from being sold; without terms there is none.
    """
    word: uint256 = self._models[model_id]
    return Exclusive(
        market=self._exclusive_markets[model_id],
        terms_id=word & terms_words.MASK_64,
        sold_at=(word >> SOLD_AT_SHIFT) & terms_words.MASK_40,
    )


@internal
@view
def _is_exclusive(model_id: uint256) -> bool:
    return self._models[model_id] & terms_words.MASK_64 != 0


@internal
@view
def _is_on_sale(terms_id: uint256, tenure: uint256) -> bool:
    """
    @dev Whether `_sell` would sell to the account that the terms name.
    """
    if not self._is_of_tenure(terms_id, tenure):
        return False
    words: uint256[5] = self._terms[terms_id].words
    if self._is_exclusive(terms_words._model_id(words[1])):
        return False
    limits: uint256 = self._terms[terms_id].limits
    return self._is_in_time(limits) and self._is_left(terms_id, limits)


@internal
@view
def _may_return(terms_id: uint256, starts_at: uint256) -> bool:
    """
    @dev An exclusive license that has ended comes back only while it is still the one that keeps others out; any other
         only while none is.
    """
    words: uint256[5] = self._terms[terms_id].words
    sale: Exclusive = self._exclusive(terms_words._model_id(words[1]))
    if terms_words._flags(words[0]) & terms_words.EXCLUSIVE == 0:
        return sale.terms_id == 0
    return sale.terms_id == terms_id and sale.sold_at == starts_at


@internal
@view
def _check_offered(terms_id: uint256, tenure: uint256):
    assert self._is_of_tenure(terms_id, tenure), "terms are not offered"


@internal
@view
def _is_of_tenure(terms_id: uint256, tenure: uint256) -> bool:
    return self._terms[terms_id].offer >> TENURE_SHIFT == tenure + 1


@internal
@view
def _is_in_time(limits: uint256) -> bool:
    until: uint256 = (limits >> UNTIL_SHIFT) & UNTIL_MASK
    return until == 0 or block.timestamp < until


@internal
@view
def _is_left(terms_id: uint256, limits: uint256) -> bool:
    most: uint256 = limits >> MAX_SHIFT
    return most == 0 or self._sold(terms_id) < most


@internal
@view
def _sold(terms_id: uint256) -> uint256:
    return self._terms[terms_id].offer & SOLD_MASK


@internal
@view
def _model_of(terms_id: uint256) -> uint256:
    """
    @dev The model that terms license, 0 for unknown ones.
    """
    return terms_words._model_id(self._terms[terms_id].words[1])


@internal
@view
def _load(terms_id: uint256) -> ILicenseCatalog.Terms:
    """
    @dev The terms as they were offered.
    """
    self._check_exists(terms_id)
    words: uint256[5] = self._terms[terms_id].words
    core: terms_words.Core = terms_words._core(words[0], words[1])
    limits: uint256 = self._terms[terms_id].limits
    shares: uint256[8] = empty(uint256[8])
    allowed: uint256 = (words[4] >> 128) & terms_words.MASK_8
    for kind: uint256 in range(terms_words.KINDS):
        shares[kind] = (words[4] >> (16 * kind)) & terms_words.MASK_16
    return ILicenseCatalog.Terms(
        model_id=core.model_id,
        asset=core.asset,
        upfront_fee=terms_words._fee(words[3]),
        bond=terms_words._bond(words[3]),
        share_bps=core.share_bps,
        price_per_unit=terms_words._price(words[2]),
        minimum_per_period=core.minimum_per_period,
        royalty_cap=terms_words._cap(words[2]),
        late_bps_per_year=core.late_bps,
        period_seconds=core.period_seconds,
        grace_seconds=core.grace_seconds,
        cure_seconds=terms_words._cure_seconds(words[4]),
        term_seconds=core.term_seconds,
        max_licenses=limits >> MAX_SHIFT,
        offered_until=(limits >> UNTIL_SHIFT) & UNTIL_MASK,
        licensee=convert(convert(limits & terms_words.MASK_160, uint160), address),
        arbiter=self._terms[terms_id].arbiter,
        transferable=core.flags & terms_words.TRANSFERABLE != 0,
        sublicensable=core.flags & terms_words.SUBLICENSABLE != 0,
        renewable=core.flags & terms_words.RENEWABLE != 0,
        exclusive=core.flags & terms_words.EXCLUSIVE != 0,
        approval_required=core.flags & terms_words.APPROVAL != 0,
        share_alike=core.flags & terms_words.SHARE_ALIKE != 0,
        attribution=core.flags & terms_words.ATTRIBUTION != 0,
        derivations=allowed,
        derivation_share_bps=shares,
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
def _check(terms: ILicenseCatalog.Terms):
    """
    @dev Every bound that keeps the arithmetic, the calendar and the packing exact.
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
    assert terms.max_licenses <= SOLD_MASK, "limit is too large"
    assert terms.offered_until <= UNTIL_MASK, "offer ends too late"
    self._check_derivations(terms)
    if terms.share_bps == 0 and terms.price_per_unit == 0 and terms.minimum_per_period == 0:
        assert terms.period_seconds == 0 and terms.grace_seconds == 0, "periods without a royalty"
        assert terms.bond == 0 and terms.royalty_cap == 0, "bond without a royalty"
    else:
        assert terms.cure_seconds >= MIN_CURE_SECONDS, "cure is too short"
        assert terms.period_seconds >= MIN_PERIOD_SECONDS, "period is too short"
        assert terms.period_seconds <= MAX_PERIOD_SECONDS, "period is too long"
        assert terms.grace_seconds >= MIN_GRACE_SECONDS, "grace is too short"
        # So that at most one period is in its grace at a time: what is overdue follows from the totals.
        assert terms.grace_seconds <= terms.period_seconds, "grace is longer than a period"
        assert terms.term_seconds % terms.period_seconds == 0, "term is not whole periods"
        # Who owes nothing without a report and has nothing at stake never reports.
        assert terms.minimum_per_period > 0 or terms.bond > 0, "no minimum and no bond"


@internal
@pure
def _check_derivations(terms: ILicenseCatalog.Terms):
    """
    @dev A share for each kind that is allowed, zero included, and for no other.
    """
    assert terms.derivations <= terms_words.MASK_8, "unknown model kind"
    is_plain: bool = not terms.approval_required and not terms.share_alike
    assert terms.derivations != 0 or is_plain, "nothing may be derived"
    for kind: uint256 in range(terms_words.KINDS):
        share_bps: uint256 = terms.derivation_share_bps[kind]
        assert share_bps <= MAX_DERIVATION_BPS, "derivation share is too high"
        assert share_bps == 0 or terms.derivations & (1 << kind) != 0, "share of a kind not allowed"

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The terms under which models are licensed: checked once, never changed, offered or not.
@dev Terms keep their content hash by being immutable: it is computed on demand, and leads back to their id.
@custom:invariant Everything but `offered` is written once. One content has one id.
"""

from contracts.licensing import terms_words
from interfaces import ILicenseCatalog

struct Stored:
    words: uint256[5]
    offered: bool
    legal_hash: bytes32
    field_of_use: String[64]
    legal_uri: String[128]

BPS: constant(uint256) = 10_000
# Below a day a period could end before its report is mined; above a year nobody notices that a licensee is gone.
MIN_PERIOD_SECONDS: constant(uint256) = 86_400
MAX_PERIOD_SECONDS: constant(uint256) = 366 * 86_400
MAX_GRACE_SECONDS: constant(uint256) = 90 * 86_400
MAX_CURE_SECONDS: constant(uint256) = 366 * 86_400
# A century; longer is perpetual.
MAX_TERM_SECONDS: constant(uint256) = 100 * 366 * 86_400
# 3 % a month: a debt must hurt, it must not become the business.
MAX_LATE_BPS: constant(uint256) = 3_600
# What all links of a derived model may owe together, too (ModelRegistry).
MAX_DERIVATION_BPS: constant(uint256) = 5_000
# Totals of a license are 128 bits wide: at this bound 65,536 periods fit, nearly two centuries of days.
MAX_PER_PERIOD: constant(uint256) = 2**112 - 1
MAX_PRICE: constant(uint256) = 2**96 - 1
MAX_AMOUNT: constant(uint256) = 2**128 - 1

_last_id: uint256
_terms: HashMap[uint256, Stored]
_id_of_hash: HashMap[bytes32, uint256]


@deploy
def __init__():
    pass


@internal
def _offer(terms: ILicenseCatalog.Terms) -> uint256:
    """
    @dev Stores `terms` as offered and returns their id: a new one, or that of the same terms offered before. The
         deployable checks model and asset.
    """
    digest: bytes32 = self._hash(terms)
    terms_id: uint256 = self._id_of_hash[digest]
    if terms_id != 0:
        assert not self._terms[terms_id].offered, "terms are already offered"
        self._terms[terms_id].offered = True
        return terms_id
    self._check(terms)
    terms_id = self._last_id + 1
    self._last_id = terms_id
    self._id_of_hash[digest] = terms_id
    self._terms[terms_id] = Stored(
        words=terms_words._pack(terms),
        offered=True,
        legal_hash=terms.legal_hash,
        field_of_use=terms.field_of_use,
        legal_uri=terms.legal_uri,
    )
    return terms_id


@internal
def _retire(terms_id: uint256):
    assert self._terms[terms_id].offered, "terms are not offered"
    self._terms[terms_id].offered = False


@internal
@view
def _load(terms_id: uint256) -> ILicenseCatalog.Terms:
    """
    @dev The terms as they were offered.
    """
    self._check_exists(terms_id)
    words: uint256[5] = self._terms[terms_id].words
    core: terms_words.Core = terms_words._core(words[0], words[1])
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
        transferable=core.flags & terms_words.TRANSFERABLE != 0,
        sublicensable=core.flags & terms_words.SUBLICENSABLE != 0,
        renewable=core.flags & terms_words.RENEWABLE != 0,
        derivations=allowed,
        derivation_share_bps=shares,
        field_of_use=self._terms[terms_id].field_of_use,
        legal_hash=self._terms[terms_id].legal_hash,
        legal_uri=self._terms[terms_id].legal_uri,
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
    self._check_derivations(terms)
    if terms.share_bps == 0 and terms.price_per_unit == 0 and terms.minimum_per_period == 0:
        assert terms.period_seconds == 0 and terms.grace_seconds == 0, "periods without a royalty"
        assert terms.bond == 0 and terms.royalty_cap == 0, "bond without a royalty"
    else:
        assert terms.period_seconds >= MIN_PERIOD_SECONDS, "period is too short"
        assert terms.period_seconds <= MAX_PERIOD_SECONDS, "period is too long"
        # So that at most one period is in its grace at a time: what is overdue follows from the totals.
        assert terms.grace_seconds <= terms.period_seconds, "grace is longer than a period"
        assert terms.term_seconds % terms.period_seconds == 0, "term is not whole periods"


@internal
@pure
def _check_derivations(terms: ILicenseCatalog.Terms):
    """
    @dev A share for each kind that is allowed, zero included, and for no other.
    """
    assert terms.derivations <= terms_words.MASK_8, "unknown model kind"
    for kind: uint256 in range(terms_words.KINDS):
        share_bps: uint256 = terms.derivation_share_bps[kind]
        assert share_bps <= MAX_DERIVATION_BPS, "derivation share is too high"
        assert share_bps == 0 or terms.derivations & (1 << kind) != 0, "share of a kind not allowed"

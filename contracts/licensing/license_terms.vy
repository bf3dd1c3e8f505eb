# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The terms under which models are licensed: checked once, never changed, retired at most.
@dev What a payment reads fits in two words. Terms keep their content hash by being immutable: it is computed on demand.
@custom:invariant Everything but `offered` is written once; `offered` only falls.
"""

from interfaces import ILicenseMarket

# The terms of one license as a payment needs them.
struct Core:
    asset: address
    share_bps: uint256
    period_seconds: uint256
    grace_seconds: uint256
    transferable: bool
    model_id: uint256
    term_seconds: uint256
    minimum_per_period: uint256

struct Stored:
    # asset | share_bps << 160 | period_seconds << 176 | grace_seconds << 208 | transferable << 240
    billing: uint256
    # minimum_per_period | model_id << 128 | term_seconds << 192
    scope: uint256
    # upfront_fee | offered << 128
    offer: uint256
    legal_hash: bytes32
    legal_uri: String[128]

BPS: constant(uint256) = 10_000
# Below a day a period could end before its report is mined; above a year nobody notices that a licensee is gone.
MIN_PERIOD_SECONDS: constant(uint256) = 86_400
MAX_PERIOD_SECONDS: constant(uint256) = 366 * 86_400
MAX_GRACE_SECONDS: constant(uint256) = 90 * 86_400
# A century; longer is perpetual.
MAX_TERM_SECONDS: constant(uint256) = 100 * 366 * 86_400
# Totals of a license are 128 bits wide: at this bound 65,536 periods fit, nearly two centuries of days.
MAX_PER_PERIOD: constant(uint256) = 2**112 - 1
MAX_FEE: constant(uint256) = 2**128 - 1

OFFERED: constant(uint256) = 1 << 128
MASK_16: constant(uint256) = 2**16 - 1
MASK_32: constant(uint256) = 2**32 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_128: constant(uint256) = 2**128 - 1
MASK_160: constant(uint256) = 2**160 - 1

_last_id: uint256
_terms: HashMap[uint256, Stored]


@deploy
def __init__():
    pass


@internal
def _add(terms: ILicenseMarket.Terms) -> uint256:
    """
    @dev Stores checked `terms` as offered and returns their id. The deployable checks model and asset.
    """
    self._check(terms)
    terms_id: uint256 = self._last_id + 1
    self._last_id = terms_id
    transferable: uint256 = convert(terms.transferable, uint256)
    self._terms[terms_id] = Stored(
        billing=(
            convert(terms.asset, uint256)
            | (terms.share_bps << 160)
            | (terms.period_seconds << 176)
            | (terms.grace_seconds << 208)
            | (transferable << 240)
        ),
        scope=terms.minimum_per_period | (terms.model_id << 128) | (terms.term_seconds << 192),
        offer=terms.upfront_fee | OFFERED,
        legal_hash=terms.legal_hash,
        legal_uri=terms.legal_uri,
    )
    return terms_id


@internal
def _retire(terms_id: uint256):
    assert self._is_offered(terms_id), "terms are not offered"
    self._terms[terms_id].offer = self._fee(terms_id)


@internal
@view
def _is_offered(terms_id: uint256) -> bool:
    return self._terms[terms_id].offer & OFFERED != 0


@internal
@view
def _fee(terms_id: uint256) -> uint256:
    return self._terms[terms_id].offer & MASK_128


@internal
@view
def _core(terms_id: uint256) -> Core:
    """
    @dev What a payment needs of terms that exist.
    """
    billing: uint256 = self._terms[terms_id].billing
    scope: uint256 = self._terms[terms_id].scope
    return Core(
        asset=convert(convert(billing & MASK_160, uint160), address),
        share_bps=(billing >> 160) & MASK_16,
        period_seconds=(billing >> 176) & MASK_32,
        grace_seconds=(billing >> 208) & MASK_32,
        transferable=billing >> 240 != 0,
        model_id=(scope >> 128) & MASK_64,
        term_seconds=scope >> 192,
        minimum_per_period=scope & MASK_128,
    )


@internal
@view
def _load(terms_id: uint256) -> ILicenseMarket.Terms:
    """
    @dev The terms as they were offered.
    """
    self._check_exists(terms_id)
    core: Core = self._core(terms_id)
    return ILicenseMarket.Terms(
        model_id=core.model_id,
        asset=core.asset,
        upfront_fee=self._fee(terms_id),
        share_bps=core.share_bps,
        minimum_per_period=core.minimum_per_period,
        period_seconds=core.period_seconds,
        grace_seconds=core.grace_seconds,
        term_seconds=core.term_seconds,
        transferable=core.transferable,
        legal_hash=self._terms[terms_id].legal_hash,
        legal_uri=self._terms[terms_id].legal_uri,
    )


@internal
@view
def _check_exists(terms_id: uint256):
    assert terms_id > 0 and terms_id <= self._last_id, "unknown terms"


@internal
@pure
def _due(core: Core, revenue: uint256) -> uint256:
    """
    @dev What a period of `revenue` owes: the share, rounded up, but at least the minimum.
    """
    share: uint256 = (revenue * core.share_bps + BPS - 1) // BPS
    return max(core.minimum_per_period, share)


@internal
@view
def _hash(terms: ILicenseMarket.Terms) -> bytes32:
    return keccak256(abi_encode(chain.id, self, terms))


@internal
@pure
def _check(terms: ILicenseMarket.Terms):
    """
    @dev Every bound that keeps the arithmetic, the calendar and the packing exact.
    """
    assert terms.upfront_fee <= MAX_FEE, "fee is too large"
    assert terms.share_bps <= BPS, "share is above 10000 bps"
    assert terms.minimum_per_period <= MAX_PER_PERIOD, "minimum is too large"
    assert terms.grace_seconds <= MAX_GRACE_SECONDS, "grace is too long"
    assert terms.term_seconds <= MAX_TERM_SECONDS, "term is too long"
    assert terms.legal_hash != empty(bytes32), "legal hash is empty"
    if terms.share_bps == 0 and terms.minimum_per_period == 0:
        assert terms.period_seconds == 0 and terms.grace_seconds == 0, "periods without a royalty"
    else:
        assert terms.period_seconds >= MIN_PERIOD_SECONDS, "period is too short"
        assert terms.period_seconds <= MAX_PERIOD_SECONDS, "period is too long"

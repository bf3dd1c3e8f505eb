# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License catalog
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Immutable, content-addressed license terms of models, offered by whoever owns the model's token.
@dev Holds no money. The LicenseMarket copies packed terms when they are first sold, so no call here changes what a sold
     license owes. What can change is whether it may be renewed and, where its terms name no arbiter, who that is.
@custom:invariant Terms never change after their first offer; one content has one id. An offer ends when the
                  model's token moves.
@custom:halt A guardian can pause offers and purchases for MAX_PAUSE_SECONDS, apart from those of the owner. Renewals,
             views and ends of exclusivity go on for everybody.
"""

from ethereum.ercs import IERC721

from contracts.common import governed
from contracts.common import guardians
from contracts.common import safety
from contracts.licensing import former_licensees
from contracts.licensing import license_terms
from contracts.licensing import packed_terms_billing
from contracts.licensing import terms_layout
from interfaces import ILicenseCatalog
from interfaces import ILicenseMarket
from interfaces import IModelRegistry
from interfaces import ITreasury

implements: ILicenseCatalog

initializes: governed
initializes: safety[governed := governed]
uses: guardians
initializes: license_terms
initializes: former_licensees[license_terms := license_terms]

exports: (governed.owner, governed.transfer_ownership)
exports: former_licensees.FEES_AFTER_TERMINATION
exports: (
    safety.MAX_PAUSE_SECONDS,
    guardians.MAX_GUARDIAN_SECONDS,
    guardians.guardian,
    guardians.guardian_expires_at,
    safety.paused_until,
    safety.set_guardian,
    safety.pause,
    safety.unpause,
)

REGISTRY: public(immutable(address))

treasury: public(address)
market: public(address)
# Every market that was ever set: the enforcement of each may report a breach (`note_end`).
_was_market: HashMap[address, bool]


@deploy
def __init__(registry: address, treasury_: address):
    """
    @param registry The ModelRegistry whose models are licensed, for ever.
    @param treasury_ The Treasury that says which assets are accepted.
    """
    assert registry != empty(address), "registry is zero"
    governed.__init__()
    safety.__init__()
    license_terms.__init__()
    former_licensees.__init__()
    REGISTRY = registry
    self._set_treasury(treasury_)


# --- open ---


@external
def end_exclusivity(model_id: uint256, license_id: uint256):
    sale: license_terms.Exclusive = license_terms._exclusive(model_id)
    assert sale.terms_id != 0, "model has no exclusive license"
    state: ILicenseMarket.License = staticcall ILicenseMarket(sale.market).license(license_id)
    # A sale is known by its terms and its second. Two sales share both only if the first license ended in that second
    # and was released, so ids up to the last released one do not count.
    is_it: bool = state.terms_id == sale.terms_id and state.starts_at == sale.sold_at
    is_it = is_it and license_id > license_terms._last_released[model_id][sale.market]
    assert is_it, "not the exclusive license"
    assert block.timestamp >= state.ends_at, "license has not ended"
    license_terms._release(model_id, license_id)
    log ILicenseCatalog.ExclusivityEnded(model_id=model_id, license_id=license_id)


# --- gated ---


@external
def offer_terms(terms: ILicenseCatalog.Terms) -> uint256:
    safety._check_running()
    assert staticcall IModelRegistry(REGISTRY).exists(terms.model_id), "unknown model"
    self._only_model_owner(terms.model_id)
    assert staticcall ITreasury(self.treasury).is_accepted(terms.asset), "asset is not accepted"
    is_of_the_dao: bool = msg.sender == governed.ownable.owner
    assert terms.arbiter == empty(address) or not is_of_the_dao, "the DAO is its own arbiter"
    terms_id: uint256 = license_terms._offer(terms, self._tenure(terms.model_id))
    log ILicenseCatalog.TermsOffered(
        terms_id=terms_id, model_id=terms.model_id, terms_hash=license_terms._hash(terms), terms=terms
    )
    return terms_id


@external
def retire_terms(terms_id: uint256):
    license_terms._check_exists(terms_id)
    model_id: uint256 = license_terms._model_of(terms_id)
    self._only_model_owner(model_id)
    license_terms._retire(terms_id, self._tenure(model_id))
    log ILicenseCatalog.TermsRetired(terms_id=terms_id)


@external
def record_sale(terms_id: uint256, licensee: address, terms_hash: bytes32) -> (uint256[5], uint256):
    assert msg.sender == self.market, "caller is not the market"
    is_known: bool = terms_id != 0 and license_terms._id_of_hash[terms_hash] == terms_id
    assert is_known, "terms hash does not match"
    # No pause stops the owner; `_check_running` would look at the caller, which is the market here.
    assert block.timestamp >= safety.paused_until or licensee == governed.ownable.owner, "paused"
    model_id: uint256 = license_terms._model_of(terms_id)
    packed_terms: uint256[5] = license_terms._record_sale(terms_id, licensee, self._tenure(model_id))
    if terms_layout._has(packed_terms, packed_terms_billing.EXCLUSIVE):
        log ILicenseCatalog.ExclusivityBegan(model_id=model_id, terms_id=terms_id)
    fee: uint256 = terms_layout._upfront_fee(packed_terms)
    if former_licensees._has_mark(licensee, model_id):
        fee = former_licensees._charge(licensee, packed_terms)
    return packed_terms, fee


@external
def note_end(market: address, license_id: uint256):
    is_enforcement: bool = self._was_market[market]
    if is_enforcement:
        is_enforcement = msg.sender == staticcall ILicenseMarket(market).enforcement()
    assert is_enforcement, "caller is not the enforcement"
    state: ILicenseMarket.License = staticcall ILicenseMarket(market).license(license_id)
    # A license can be sent to an account unasked, so only a holder that bought it itself is marked.
    if staticcall ILicenseMarket(market).move_count(license_id) > 0:
        return
    licensee: address = staticcall IERC721(market).ownerOf(license_id)
    former_licensees._record_breach(licensee, state.terms_id)
    log ILicenseCatalog.LicenseLost(
        model_id=state.model_id, licensee=licensee, terms_id=state.terms_id, license_id=license_id
    )


@external
def set_market(new_market: address):
    governed._only_owner()
    old_market: address = self.market
    self.market = new_market
    self._was_market[new_market] = True
    log ILicenseCatalog.MarketChanged(old_market=old_market, new_market=new_market)


@external
def set_treasury(new_treasury: address):
    governed._only_owner()
    self._set_treasury(new_treasury)


# --- views ---


@external
@view
def terms_count() -> uint256:
    return license_terms._last_id


@external
@view
def terms(terms_id: uint256) -> ILicenseCatalog.Terms:
    return license_terms._load(terms_id)


@external
@view
def terms_hash(terms_id: uint256) -> bytes32:
    return license_terms._hash(license_terms._load(terms_id))


@external
@view
def id_of_hash(terms_hash_: bytes32) -> uint256:
    return license_terms._id_of_hash[terms_hash_]


@external
@view
def is_offered(terms_id: uint256) -> bool:
    model_id: uint256 = license_terms._model_of(terms_id)
    return model_id != 0 and license_terms._is_on_sale(terms_id, self._tenure(model_id))


@external
@view
def sold(terms_id: uint256) -> uint256:
    return license_terms._sold(terms_id)


@external
@view
def fee_for(terms_id: uint256, account: address) -> uint256:
    license_terms._check_exists(terms_id)
    return former_licensees._fee_for(account, terms_id)


@external
@view
def arbiter_of(terms_id: uint256) -> address:
    license_terms._check_exists(terms_id)
    arbiter: address = license_terms._terms[terms_id].arbiter
    if arbiter == empty(address):
        return governed.ownable.owner
    return arbiter


@external
@view
def exclusive_terms(model_id: uint256) -> uint256:
    return license_terms._exclusive(model_id).terms_id


@external
@view
def may_return(terms_id: uint256, starts_at: uint256) -> bool:
    license_terms._check_exists(terms_id)
    return license_terms._may_return(terms_id, starts_at)


@external
@view
def packed(terms_id: uint256) -> uint256[5]:
    license_terms._check_exists(terms_id)
    return license_terms._packed_terms(terms_id)


@external
@view
def legal_uri(terms_id: uint256) -> String[128]:
    license_terms._check_exists(terms_id)
    return license_terms._terms[terms_id].legal_uri


# --- internals ---


@internal
@view
def _only_model_owner(model_id: uint256):
    assert staticcall IERC721(REGISTRY).ownerOf(model_id) == msg.sender, "caller does not own the model"


@internal
@view
def _tenure(model_id: uint256) -> uint256:
    """
    @dev Number of the present tenure of the model's token.
    """
    number: uint256 = 0
    since: uint256 = 0
    number, since = staticcall IModelRegistry(REGISTRY).tenure(model_id)
    return number


@internal
def _set_treasury(new_treasury: address):
    assert new_treasury != empty(address), "treasury is zero"
    old_treasury: address = self.treasury
    self.treasury = new_treasury
    log ILicenseCatalog.TreasuryChanged(old_treasury=old_treasury, new_treasury=new_treasury)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License catalog
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Immutable, content-addressed license terms of models, offered by whoever owns the model's token.
@dev Holds no money. The LicenseMarket copies the words of terms when they are first sold, so nothing here can reach a
     license that was sold.
@custom:invariant Terms never change after their first offer; one content has one id.
@custom:halt A guardian can pause new offers for a while.
"""

from ethereum.ercs import IERC721

from contracts.common import governed
from contracts.common import safety
from contracts.licensing import license_terms
from interfaces import ILicenseCatalog
from interfaces import IModelRegistry
from interfaces import ITreasury

implements: ILicenseCatalog

initializes: governed
initializes: safety[governed := governed]
initializes: license_terms

exports: (governed.owner, governed.transfer_ownership)
exports: (
    safety.MAX_PAUSE_SECONDS,
    safety.MAX_GUARDIAN_SECONDS,
    safety.guardian,
    safety.guardian_expires_at,
    safety.paused_until,
    safety.set_guardian,
    safety.pause,
    safety.unpause,
)

REGISTRY: public(immutable(address))

treasury: public(address)


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
    REGISTRY = registry
    self._set_treasury(treasury_)


# --- gated ---


@external
def offer_terms(terms: ILicenseCatalog.Terms) -> uint256:
    safety._check_running()
    assert staticcall IModelRegistry(REGISTRY).exists(terms.model_id), "unknown model"
    self._only_model_owner(terms.model_id)
    assert staticcall ITreasury(self.treasury).is_accepted(terms.asset), "asset is not accepted"
    terms_id: uint256 = license_terms._offer(terms)
    log ILicenseCatalog.TermsOffered(
        terms_id=terms_id, model_id=terms.model_id, terms_hash=license_terms._hash(terms), terms=terms
    )
    return terms_id


@external
def retire_terms(terms_id: uint256):
    self._only_model_owner(license_terms._load(terms_id).model_id)
    license_terms._retire(terms_id)
    log ILicenseCatalog.TermsRetired(terms_id=terms_id)


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
    return license_terms._terms[terms_id].offered


@external
@view
def packed(terms_id: uint256) -> uint256[5]:
    license_terms._check_exists(terms_id)
    return license_terms._terms[terms_id].words


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
def _set_treasury(new_treasury: address):
    assert new_treasury != empty(address), "treasury is zero"
    old_treasury: address = self.treasury
    self.treasury = new_treasury
    log ILicenseCatalog.TreasuryChanged(old_treasury=old_treasury, new_treasury=new_treasury)

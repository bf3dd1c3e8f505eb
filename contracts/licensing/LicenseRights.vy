# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License rights
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who may use a model or derive from it, now and at any time in the past; sublicenses.
@dev No money, no owner. Answers for the past come from what the market keeps anyway: owners, lapses, ends. Each search
     is logarithmic in the history of one license. An account chooses by `present` which of its
     licenses of a model counts: licenses that others send to it change nothing.
@custom:invariant A sublicense covers only while the license it was granted under stands. An answer for a second that is
                  over never changes.
@custom:halt Cannot be paused: it only answers, and a sublicense never covers more than the license above it.
"""

from ethereum.ercs import IERC721

from contracts.licensing import packed_presentation
from contracts.licensing import packed_terms_billing
from contracts.licensing import packed_terms_derivation
from contracts.licensing import terms_layout
from interfaces import ILicenseCatalog
from interfaces import ILicenseMarket
from interfaces import ILicenseRights

implements: ILicenseRights

# Bit that is set in the id of a sublicense; the rest is its number.
SUBLICENSE: constant(uint256) = 2**63

MARKET: public(immutable(ILicenseMarket))
CATALOG: public(immutable(ILicenseCatalog))
REGISTRY: immutable(IERC721)

# Model => account => number, from 1 => packed presentation.
_presented: HashMap[uint256, HashMap[address, HashMap[uint256, uint256]]]
# Model => account => presentations so far.
_presented_count: HashMap[uint256, HashMap[address, uint256]]
_sublicenses: HashMap[uint256, ILicenseRights.Sublicense]
sublicense_count: public(uint256)
# Model => commitment of a derived model => whether the model's owner approved it.
_is_approved: HashMap[uint256, HashMap[bytes32, bool]]


@deploy
def __init__(market: address, catalog: address):
    """
    @param market The LicenseMarket whose licenses count, for ever.
    @param catalog The LicenseCatalog whose terms it sells.
    """
    assert market != empty(address), "market is zero"
    assert catalog != empty(address), "catalog is zero"
    MARKET = ILicenseMarket(market)
    CATALOG = ILicenseCatalog(catalog)
    REGISTRY = IERC721(staticcall ILicenseCatalog(catalog).REGISTRY())


# --- licensors ---


@external
def approve_derivation(model_id: uint256, commitment: bytes32, approved: bool):
    assert staticcall REGISTRY.ownerOf(model_id) == msg.sender, "caller does not own the model"
    self._is_approved[model_id][commitment] = approved
    log ILicenseRights.DerivationApproved(model_id=model_id, commitment=commitment, approved=approved)


# --- licensees ---


@external
def present(license_id: uint256):
    self._check_licensee(self._holder_at(license_id, block.timestamp) == msg.sender)
    model_id: uint256 = (staticcall MARKET.license(self._parent(license_id))).model_id
    number: uint256 = self._presented_count[model_id][msg.sender]

    last: uint256 = self._presented[model_id][msg.sender][number]
    if packed_presentation._license_id(last) == license_id:
        return
    number += 1
    self._presented_count[model_id][msg.sender] = number
    self._presented[model_id][msg.sender][number] = packed_presentation._pack(
        packed_presentation.Presentation(license_id=license_id, since=block.timestamp)
    )
    log ILicenseRights.LicensePresented(license_id=license_id, model_id=model_id, licensee=msg.sender)


@external
def sublicense(license_id: uint256, licensee: address) -> uint256:
    covered: bool = license_id & SUBLICENSE == 0 and self._covers(license_id, msg.sender, 0, block.timestamp)
    assert covered, "license is not in standing"
    packed_terms: uint256[5] = self._packed_terms(license_id)
    is_sublicensable: bool = terms_layout._has(packed_terms, packed_terms_billing.SUBLICENSABLE)
    assert is_sublicensable, "license is not sublicensable"
    assert licensee != empty(address), "licensee is zero"
    number: uint256 = self.sublicense_count + 1
    self.sublicense_count = number
    self._sublicenses[number] = ILicenseRights.Sublicense(
        parent_id=license_id, licensee=licensee, starts_at=block.timestamp, ends_at=max_value(uint256)
    )
    log ILicenseRights.Sublicensed(sublicense_id=number | SUBLICENSE, parent_id=license_id, licensee=licensee)
    return number | SUBLICENSE


@external
def end_sublicense(sublicense_id: uint256):
    number: uint256 = self._number(sublicense_id)
    granted: ILicenseRights.Sublicense = self._sublicenses[number]
    holder: address = staticcall MARKET.owner_at(granted.parent_id, block.timestamp)
    self._check_licensee(msg.sender == holder or msg.sender == granted.licensee)
    assert granted.ends_at == max_value(uint256), "sublicense has ended"
    self._sublicenses[number].ends_at = block.timestamp
    log ILicenseRights.SublicenseEnded(sublicense_id=sublicense_id, account=msg.sender)


# --- views ---


@external
@view
def is_licensed(model_id: uint256, account: address, kind: uint256, at: uint256) -> bool:
    self._check_past(at)
    license_id: uint256 = self._presented_at(model_id, account, at)
    return license_id != 0 and self._covers(license_id, account, kind, at)


@external
@view
def is_covered(license_id: uint256, account: address, kind: uint256, at: uint256) -> bool:
    self._check_past(at)
    return self._covers(license_id, account, kind, at)


@external
@view
def presented(model_id: uint256, account: address, at: uint256) -> uint256:
    return self._presented_at(model_id, account, at)


@external
@view
def sublicense_of(sublicense_id: uint256) -> ILicenseRights.Sublicense:
    return self._sublicenses[self._number(sublicense_id)]


@external
@view
def is_derivation_approved(model_id: uint256, commitment: bytes32) -> bool:
    return self._is_approved[model_id][commitment]


@external
@view
def derivation_share(
    license_id: uint256, account: address, kind: uint256, commitment: bytes32
) -> (uint256, uint256):
    allowed: bool = kind != 0 and self._covers(license_id, account, kind, block.timestamp)
    assert allowed, "license does not allow it"
    packed_terms: uint256[5] = self._packed_terms(license_id)
    model_id: uint256 = terms_layout._model_id(packed_terms)
    is_free: bool = not terms_layout._has(packed_terms, packed_terms_billing.APPROVAL)
    assert is_free or self._is_approved[model_id][commitment], "derivation is not approved"
    return model_id, packed_terms_derivation._share_of_kind(packed_terms[terms_layout.DERIVATION], kind)


# --- internals ---


@internal
@pure
def _check_licensee(is_licensee: bool):
    assert is_licensee, "caller is not the licensee"


@internal
@view
def _check_past(at: uint256):
    assert at <= block.timestamp, "time is in the future"


@internal
@view
def _covers(license_id: uint256, account: address, kind: uint256, at: uint256) -> bool:
    """
    @dev Whether the license or sublicense let `account` use the model at `at`, and derive `kind` (0: use alone).
    """
    if account == empty(address) or self._holder_at(license_id, at) != account:
        return False
    if kind != 0 and not self._allows(license_id, kind):
        return False
    parent_id: uint256 = self._parent(license_id)
    state: ILicenseMarket.License = staticcall MARKET.license(parent_id)
    if at < state.starts_at or at >= state.ends_at:
        return False
    if state.overdue_since != 0 and at >= state.overdue_since:
        return False
    return not staticcall MARKET.lapsed_at(parent_id, at)


@internal
@view
def _holder_at(license_id: uint256, at: uint256) -> address:
    """
    @dev Who held the license or sublicense at `at`; zero for one that is unknown or was not running.
    """
    if license_id & SUBLICENSE == 0:
        return staticcall MARKET.owner_at(license_id, at)
    granted: ILicenseRights.Sublicense = self._sublicenses[license_id ^ SUBLICENSE]
    if at < granted.starts_at or at >= granted.ends_at:
        return empty(address)
    return granted.licensee


@internal
@view
def _parent(license_id: uint256) -> uint256:
    """
    @dev The market's license behind a license or sublicense.
    """
    if license_id & SUBLICENSE == 0:
        return license_id
    return self._sublicenses[license_id ^ SUBLICENSE].parent_id


@internal
@view
def _allows(license_id: uint256, kind: uint256) -> bool:
    """
    @dev Whether the terms behind the license or sublicense let models of that kind be derived.
    """
    packed_terms: uint256[5] = self._packed_terms(license_id)
    return packed_terms_derivation._allows(packed_terms[terms_layout.DERIVATION], kind)


@internal
@view
def _packed_terms(license_id: uint256) -> uint256[5]:
    """
    @dev The terms behind the license or sublicense, as `terms_layout` packs them.
    """
    state: ILicenseMarket.License = staticcall MARKET.license(self._parent(license_id))
    return staticcall CATALOG.packed(state.terms_id)


@internal
@view
def _number(sublicense_id: uint256) -> uint256:
    number: uint256 = sublicense_id ^ SUBLICENSE
    assert number > 0 and number <= self.sublicense_count, "unknown sublicense"
    return number


@internal
@view
def _presented_at(model_id: uint256, account: address, at: uint256) -> uint256:
    """
    @dev The license that `account` presented at `at`, 0 if none: found by search.
    """
    low: uint256 = 0
    high: uint256 = self._presented_count[model_id][account]
    for _: uint256 in range(256):
        if low == high:
            break
        middle: uint256 = (low + high + 1) // 2
        if packed_presentation._since(self._presented[model_id][account][middle]) <= at:
            low = middle
        else:
            high = middle - 1
    return packed_presentation._license_id(self._presented[model_id][account][low])

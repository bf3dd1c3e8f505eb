# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License market
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Licenses for models: immutable terms, ERC-721 license tokens, revenue reports and royalties per period.
@dev No money rests here. A payment moves from the payer to the router, which books it; nothing a license or a model
     can be in keeps a debtor from paying.
@custom:invariant A license keeps the terms it was bought under. paid <= due; what is due follows from the reports
                  alone. This contract owes no asset to anybody.
@custom:halt A guardian can pause new offers and purchases for a while. Reports and payments cannot be stopped.
"""

from ethereum.ercs import IERC165
from ethereum.ercs import IERC721
from snekmate.auth import ownable
from snekmate.tokens import erc721

from contracts.common import asset_ledger
from contracts.common import collection
from contracts.common import governed
from contracts.common import safety
from contracts.licensing import license_book
from contracts.licensing import license_terms
from contracts.licensing import periods
from interfaces import ILicenseMarket
from interfaces import IModelRegistry
from interfaces import IRoyaltyRouter
from interfaces import ITreasury

implements: IERC165

initializes: governed
initializes: safety[governed := governed]
initializes: asset_ledger
initializes: erc721[ownable := ownable]
initializes: collection[erc721 := erc721]
initializes: license_terms
initializes: license_book

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
exports: asset_ledger.accounted
# Moving a license has conditions: see transferFrom below.
exports: (
    collection.approve,
    collection.setApprovalForAll,
    collection.name,
    collection.symbol,
    collection.balanceOf,
    collection.ownerOf,
    collection.getApproved,
    collection.isApprovedForAll,
    collection.supportsInterface,
)

REGISTRY: public(immutable(address))

treasury: public(address)
router: public(address)


@deploy
def __init__(registry: address, treasury: address, router: address):
    """
    @param registry The ModelRegistry whose models are licensed, for ever.
    @param treasury The Treasury that says which assets are accepted.
    @param router The RoyaltyRouter that is paid; this contract must be a collector there.
    """
    assert registry != empty(address), "registry is zero"
    governed.__init__()
    safety.__init__()
    # The base URI stays empty; the domain of permits has a name, but permits cannot be reached.
    erc721.__init__("Flywheel Licenses", "FWLIC", "", "Flywheel Licenses", "1")
    collection.__init__()
    license_terms.__init__()
    license_book.__init__()
    REGISTRY = registry
    self._set_treasury(treasury)
    self._set_router(router)


# --- open ---


@external
def buy(terms_id: uint256, licensee: address, max_fee: uint256, max_share_bps: uint256) -> uint256:
    safety._check_running()
    assert license_terms._is_offered(terms_id), "terms are not offered"
    core: license_terms.Core = license_terms._core(terms_id)
    fee: uint256 = license_terms._fee(terms_id)
    assert fee <= max_fee, "fee is above the maximum"
    assert core.share_bps <= max_share_bps, "share is above the maximum"
    assert licensee != empty(address), "licensee is zero"

    license_id: uint256 = collection._mint(licensee)
    license_book._open(license_id, terms_id)
    log ILicenseMarket.LicenseBought(
        license_id=license_id,
        terms_id=terms_id,
        licensee=licensee,
        payer=msg.sender,
        fee=fee,
        starts_at=block.timestamp,
        ends_at=periods._term_end(block.timestamp, core.term_seconds),
    )
    if fee > 0:
        self._pay_router(license_id, core, fee)
    return license_id


# --- gated ---


@external
def offer_terms(terms: ILicenseMarket.Terms) -> uint256:
    safety._check_running()
    assert staticcall IModelRegistry(REGISTRY).exists(terms.model_id), "unknown model"
    self._only_model_owner(terms.model_id)
    assert staticcall ITreasury(self.treasury).is_accepted(terms.asset), "asset is not accepted"
    terms_id: uint256 = license_terms._add(terms)
    log ILicenseMarket.TermsOffered(
        terms_id=terms_id, model_id=terms.model_id, terms_hash=license_terms._hash(terms), terms=terms
    )
    return terms_id


@external
def retire_terms(terms_id: uint256):
    license_terms._check_exists(terms_id)
    self._only_model_owner(license_terms._core(terms_id).model_id)
    license_terms._retire(terms_id)
    log ILicenseMarket.TermsRetired(terms_id=terms_id)


@external
def report(license_id: uint256, period: uint256, revenue: uint256, evidence_hash: bytes32) -> uint256:
    entry: license_book.Entry = license_book._load(license_id)
    core: license_terms.Core = license_terms._core(entry.terms_id)
    updated: license_book.Entry = self._report(license_id, entry, core, period, revenue, evidence_hash)
    return updated.due - entry.due


@external
def report_and_pay(
    license_id: uint256, period: uint256, revenue: uint256, evidence_hash: bytes32, max_amount: uint256
) -> uint256:
    entry: license_book.Entry = license_book._load(license_id)
    core: license_terms.Core = license_terms._core(entry.terms_id)
    updated: license_book.Entry = self._report(license_id, entry, core, period, revenue, evidence_hash)
    amount: uint256 = updated.due - updated.paid
    assert amount <= max_amount, "amount is above the maximum"
    if amount > 0:
        self._pay(license_id, updated, core, amount)
    return amount


@external
def transferFrom(owner: address, to: address, token_id: uint256):
    """
    @notice Moves a license from `owner` to `to`, its reports and its obligations with it.
    @dev Authority: the licensee, its approved account or its operator, where the terms allow it and nothing is owed.
    @custom:reverts `unknown license`, `license is not transferable`, `license has arrears`,
                    ERC721InsufficientApproval, ERC721IncorrectOwner, ERC721InvalidReceiver.
    """
    self._check_transferable(token_id)
    collection._transfer_from(owner, to, token_id)


@external
def safeTransferFrom(owner: address, to: address, token_id: uint256, data: Bytes[1_024] = b""):
    """
    @notice Moves a license from `owner` to `to`, which must accept it if it is a contract.
    @dev As transferFrom. The lock holds during the receiver's call.
    @custom:reverts As transferFrom, and ERC721InvalidReceiver when the receiver does not answer as it must.
    """
    self._check_transferable(token_id)
    collection._safe_transfer_from(owner, to, token_id, data)


@external
def set_router(new_router: address):
    governed._only_owner()
    self._set_router(new_router)


@external
def set_treasury(new_treasury: address):
    governed._only_owner()
    self._set_treasury(new_treasury)


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    amount: uint256 = asset_ledger._skim(asset, receiver)
    log ILicenseMarket.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ---


@external
@view
def terms_count() -> uint256:
    return license_terms._last_id


@external
@view
def terms(terms_id: uint256) -> ILicenseMarket.Terms:
    return license_terms._load(terms_id)


@external
@view
def terms_hash(terms_id: uint256) -> bytes32:
    return license_terms._hash(license_terms._load(terms_id))


@external
@view
def is_offered(terms_id: uint256) -> bool:
    return license_terms._is_offered(terms_id)


@external
@view
def license_count() -> uint256:
    return collection._count()


@external
@view
def license(license_id: uint256) -> ILicenseMarket.License:
    entry: license_book.Entry = license_book._load(license_id)
    core: license_terms.Core = license_terms._core(entry.terms_id)
    return ILicenseMarket.License(
        terms_id=entry.terms_id,
        model_id=core.model_id,
        starts_at=entry.starts_at,
        ends_at=periods._term_end(entry.starts_at, core.term_seconds),
        periods_reported=entry.periods_reported,
        revenue=entry.revenue,
        due=entry.due,
        paid=entry.paid,
    )


@external
@view
def outstanding(license_id: uint256) -> uint256:
    entry: license_book.Entry = license_book._load(license_id)
    return entry.due - entry.paid


@external
@view
def next_period(license_id: uint256) -> (uint256, uint256, uint256):
    entry: license_book.Entry = license_book._load(license_id)
    core: license_terms.Core = license_terms._core(entry.terms_id)
    return license_book._next_period(entry, core)


@external
@view
def is_in_good_standing(license_id: uint256) -> bool:
    entry: license_book.Entry = license_book._load(license_id)
    return license_book._is_in_good_standing(license_id, entry, license_terms._core(entry.terms_id))


@external
@view
def is_licensed(model_id: uint256, account: address, license_id: uint256) -> bool:
    if not collection._exists(license_id):
        return False
    entry: license_book.Entry = license_book._load(license_id)
    core: license_terms.Core = license_terms._core(entry.terms_id)
    if core.model_id != model_id or collection._owner_of(license_id) != account:
        return False
    if block.timestamp >= periods._term_end(entry.starts_at, core.term_seconds):
        return False
    return license_book._is_in_good_standing(license_id, entry, core)


@external
@view
@reentrant
def tokenURI(token_id: uint256) -> String[128]:
    """
    @notice Where the legal text of the license is. Open during a call: whoever is handed the token may read it.
    @custom:reverts ERC721NonexistentToken.
    """
    collection._owner_of(token_id)
    return license_terms._load(license_book._load(token_id).terms_id).legal_uri


# --- internals ---


@internal
def _report(
    license_id: uint256,
    entry: license_book.Entry,
    core: license_terms.Core,
    period: uint256,
    revenue: uint256,
    evidence_hash: bytes32,
) -> license_book.Entry:
    """
    @dev Books the next period. Only who acts for the licensee reports, so that nobody else can close a period at zero.
    """
    assert collection._is_approved_or_owner(msg.sender, license_id), "caller is not the licensee"
    updated: license_book.Entry = license_book._report(license_id, entry, core, period, revenue)
    log ILicenseMarket.PeriodReported(
        license_id=license_id,
        period=period,
        revenue=revenue,
        due=updated.due - entry.due,
        evidence_hash=evidence_hash,
    )
    return updated


@internal
def _pay(license_id: uint256, entry: license_book.Entry, core: license_terms.Core, amount: uint256):
    """
    @dev Pays `amount` of what `entry` owes out of the caller's pocket.
    """
    license_book._pay(license_id, entry, amount)
    log ILicenseMarket.RoyaltyPaid(
        license_id=license_id, payer=msg.sender, amount=amount, outstanding=entry.due - entry.paid - amount
    )
    self._pay_router(license_id, core, amount)


@internal
def _pay_router(license_id: uint256, core: license_terms.Core, amount: uint256):
    router: address = self.router
    asset_ledger._forward(core.asset, msg.sender, router, amount)
    extcall IRoyaltyRouter(router).collect(
        msg.sender, core.model_id, core.asset, amount, convert(license_id, bytes32)
    )


@internal
@view
def _check_transferable(license_id: uint256):
    """
    @dev Whoever receives a license must not find debts in it.
    """
    entry: license_book.Entry = license_book._load(license_id)
    core: license_terms.Core = license_terms._core(entry.terms_id)
    assert core.transferable, "license is not transferable"
    # A period that has ended but is still within its grace is the seller's to report, too.
    next_period: uint256 = 0
    ends_at: uint256 = 0
    due_at: uint256 = 0
    next_period, ends_at, due_at = license_book._next_period(entry, core)
    is_reported: bool = next_period == 0 or block.timestamp < ends_at
    assert entry.paid == entry.due and is_reported, "license has arrears"


@internal
@view
def _only_model_owner(model_id: uint256):
    assert staticcall IERC721(REGISTRY).ownerOf(model_id) == msg.sender, "caller does not own the model"


@internal
def _set_router(new_router: address):
    assert new_router != empty(address), "router is zero"
    old_router: address = self.router
    self.router = new_router
    log ILicenseMarket.RouterChanged(old_router=old_router, new_router=new_router)


@internal
def _set_treasury(new_treasury: address):
    assert new_treasury != empty(address), "treasury is zero"
    old_treasury: address = self.treasury
    self.treasury = new_treasury
    log ILicenseMarket.TreasuryChanged(old_treasury=old_treasury, new_treasury=new_treasury)


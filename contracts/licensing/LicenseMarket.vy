# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License market
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Licenses for models: ERC-721 license tokens under frozen terms, reports and royalties per period.
@dev No money rests here. A payment moves from the payer to the router, a bond to LicenseEnforcement; nothing a license or
     a model can be in keeps a debtor from paying.
@custom:invariant A license keeps the terms it was bought under. What is due follows from reports, terms, time and voted
                  assessments alone. This contract owes no asset to anybody.
@custom:halt A guardian can pause purchases and renewals for a while. Reports and payments cannot be stopped.
"""

from ethereum.ercs import IERC165

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import safety
from contracts.licensing import arrears
from contracts.licensing import frozen_terms
from contracts.licensing import license_book
from contracts.licensing import license_tokens
from contracts.licensing import periods
from contracts.licensing import terms_words
from interfaces import ILicenseCatalog
from interfaces import ILicenseEnforcement
from interfaces import ILicenseMarket
from interfaces import IRoyaltyRouter

implements: IERC165
implements: ILicenseMarket

initializes: governed
initializes: safety[governed := governed]
initializes: asset_ledger
initializes: arrears
initializes: frozen_terms
initializes: license_tokens
initializes: license_book[arrears := arrears, license_tokens := license_tokens]

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
    license_tokens.approve,
    license_tokens.setApprovalForAll,
    license_tokens.balanceOf,
    license_tokens.ownerOf,
    license_tokens.getApproved,
    license_tokens.isApprovedForAll,
    license_tokens.supportsInterface,
)

MAX_UNITS: constant(uint256) = 2**64 - 1
BPS: constant(uint256) = 10_000
# What a missing report is taken to be: a quarter above the last period that was reported.
ESTIMATE_BPS: constant(uint256) = 12_500

CATALOG: public(immutable(ILicenseCatalog))

router: public(address)
enforcement: public(address)


@deploy
def __init__(catalog: address, router: address):
    """
    @param catalog The LicenseCatalog whose terms are sold, for ever.
    @param router The RoyaltyRouter that is paid; this contract must be a collector there.
    """
    assert catalog != empty(address), "catalog is zero"
    governed.__init__()
    safety.__init__()
    arrears.__init__()
    frozen_terms.__init__()
    license_tokens.__init__()
    license_book.__init__()
    CATALOG = ILicenseCatalog(catalog)
    self._set_router(router)


# --- open ---


@external
def buy(
    terms_id: uint256, licensee: address, max_fee: uint256, max_share_bps: uint256, max_price: uint256 = 0
) -> uint256:
    safety._check_running()
    self._check_offered(terms_id)
    words: uint256[5] = staticcall CATALOG.packed(terms_id)
    core: terms_words.Core = terms_words._core(words[0], words[1])
    fee: uint256 = terms_words._fee(words[3])
    bond: uint256 = terms_words._bond(words[3])
    assert fee + bond <= max_fee, "fee is above the maximum"
    assert core.share_bps <= max_share_bps, "share is above the maximum"
    assert terms_words._price(words[2]) <= max_price, "price is above the maximum"
    assert licensee != empty(address), "licensee is zero"

    frozen_terms._freeze(terms_id, words)
    entry: license_book.Entry = empty(license_book.Entry)
    entry.terms_id = terms_id
    entry.origin = block.timestamp
    entry.terms_bought = 1
    license_id: uint256 = license_tokens._mint(licensee, license_book._tag(entry))
    log ILicenseMarket.LicenseBought(
        license_id=license_id,
        terms_id=terms_id,
        licensee=licensee,
        payer=msg.sender,
        fee=fee,
        starts_at=block.timestamp,
        ends_at=periods._term_end(block.timestamp, core.term_seconds, 1),
    )
    self._pass_bond(license_id, core.asset, bond)
    self._pay_router(license_id, core, fee)
    return license_id


@external
def pay(license_id: uint256, amount: uint256) -> uint256:
    return self._pay(license_id, amount, False)


@external
def prepay(license_id: uint256, amount: uint256) -> uint256:
    return self._pay(license_id, amount, True)


@external
def estimate(license_id: uint256) -> uint256:
    entry: license_book.Entry = license_book._load(license_id)
    core: terms_words.Core = frozen_terms._core(entry.terms_id)
    assert license_book._is_missing(license_id, entry, core, core.grace_seconds), "no report is missing"
    entry = license_book._accrue(license_id, entry, core)
    last_due: uint256 = license_book._due_of(license_id, entry.reported)
    # An estimate is not raised again.
    if not license_book._is_estimated(license_id, entry.reported):
        last_due = (last_due * ESTIMATE_BPS + BPS - 1) // BPS
    due: uint256 = frozen_terms._estimate(entry.terms_id, core, last_due, entry.due)
    entry = license_book._book(license_id, entry, core, due, license_book.ESTIMATED)
    entry = license_book._cure(license_id, entry, core)
    license_book._store(license_id, entry)
    log ILicenseMarket.PeriodEstimated(license_id=license_id, period=entry.reported, due=due)
    return due


# --- the licensee's ---


@external
def report(
    license_id: uint256, period: uint256, revenue: uint256, evidence_hash: bytes32, units: uint256 = 0
) -> uint256:
    entry: license_book.Entry = license_book._load(license_id)
    core: terms_words.Core = frozen_terms._core(entry.terms_id)
    moved: license_book.Entry = self._report(license_id, entry, core, period, revenue, evidence_hash, units)
    license_book._store(license_id, moved)
    return moved.due - entry.due


@external
def report_and_pay(
    license_id: uint256,
    period: uint256,
    revenue: uint256,
    evidence_hash: bytes32,
    max_amount: uint256,
    units: uint256 = 0,
) -> uint256:
    entry: license_book.Entry = license_book._load(license_id)
    core: terms_words.Core = frozen_terms._core(entry.terms_id)
    entry = self._report(license_id, entry, core, period, revenue, evidence_hash, units)
    amount: uint256 = self._outstanding(license_id, entry, core)
    assert amount <= max_amount, "amount is above the maximum"
    self._settle(license_id, entry, core, amount)
    return amount


@external
def renew(license_id: uint256, max_cost: uint256) -> uint256:
    safety._check_running()
    entry: license_book.Entry = license_book._load(license_id)
    core: terms_words.Core = frozen_terms._core(entry.terms_id)
    self._only_licensee(license_id, entry)
    assert core.term_seconds > 0, "license is perpetual"
    assert entry.flags & license_book.ENDED == 0, "license has ended"
    if core.flags & terms_words.RENEWABLE == 0:
        self._check_offered(entry.terms_id)
    self._check_clear(license_id, entry, core)
    sale: uint256 = frozen_terms._words[entry.terms_id][3]
    fee: uint256 = terms_words._fee(sale)
    bond: uint256 = terms_words._bond(sale)
    # Without a bond it takes no enforcement to renew.
    refill: uint256 = bond
    if bond > 0:
        refill -= min(bond, self._bond(license_id))
    assert fee + refill <= max_cost, "cost is above the maximum"

    ends_at: uint256 = license_book._ends_at(license_id, entry, core)
    if block.timestamp > ends_at:
        entry = self._shift(license_id, entry, ends_at)
    entry.terms_bought += 1
    license_book._store(license_id, entry)
    ends_at = license_book._ends_at(license_id, entry, core)
    log ILicenseMarket.LicenseRenewed(license_id=license_id, payer=msg.sender, fee=fee, ends_at=ends_at)
    self._pass_bond(license_id, core.asset, refill)
    self._pay_router(license_id, core, fee)
    return ends_at


@external
def transferFrom(owner: address, to: address, token_id: uint256):
    """
    @notice Moves a license from `owner` to `to`, its reports, its bond and its obligations with it.
    @dev Authority: the licensee, its approved account or its operator, where the terms allow it and nothing is owed.
    @custom:reverts `unknown license`, `license is not transferable`, `license has arrears`, `license is in dispute`,
                    ERC721InsufficientApproval, ERC721IncorrectOwner, ERC721InvalidReceiver.
    """
    self._transfer(owner, to, token_id)


@external
def safeTransferFrom(owner: address, to: address, token_id: uint256, data: Bytes[1_024] = b""):
    """
    @notice Moves a license from `owner` to `to`, which must accept it if it is a contract.
    @dev As transferFrom. The lock holds during the receiver's call.
    @custom:reverts As transferFrom, and ERC721InvalidReceiver when the receiver does not answer as it must.
    """
    self._transfer(owner, to, token_id)
    license_tokens._check_receiver(owner, to, token_id, data)


# --- for LicenseEnforcement ---


@external
def end(license_id: uint256, ends_at: uint256):
    self._only_enforcement()
    entry: license_book.Entry = license_book._load(license_id)
    entry = license_book._accrue(license_id, entry, frozen_terms._core(entry.terms_id))
    entry.flags |= license_book.ENDED
    license_book._ended[license_id] = ends_at
    license_book._store(license_id, entry)
    log ILicenseMarket.LicenseEnded(license_id=license_id, ends_at=ends_at)


# --- wiring ---


@external
def decide(
    license_id: uint256,
    period: uint256,
    raised: uint256,
    lowered: uint256,
    escrowed: uint256,
    returned: uint256,
    held: bool,
):
    self._only_enforcement()
    entry: license_book.Entry = license_book._load(license_id)
    core: terms_words.Core = frozen_terms._core(entry.terms_id)
    entry = license_book._accrue(license_id, entry, core)
    entry = license_book._decide(license_id, entry, period, raised, lowered)
    entry.paid = entry.paid + escrowed - returned
    entry.flags &= ~license_book.HELD
    if held:
        entry.flags |= license_book.HELD
    entry = license_book._cure(license_id, entry, core)
    entry = license_book._mark(license_id, entry, core)
    license_book._store(license_id, entry)
    log ILicenseMarket.PeriodDecided(
        license_id=license_id,
        period=period,
        raised=raised,
        lowered=lowered,
        escrowed=escrowed,
        returned=returned,
        held=held,
    )


@external
def set_router(new_router: address):
    governed._only_owner()
    self._set_router(new_router)


@external
def set_enforcement(new_enforcement: address):
    governed._only_owner()
    old_enforcement: address = self.enforcement
    self.enforcement = new_enforcement
    log ILicenseMarket.EnforcementChanged(old_enforcement=old_enforcement, new_enforcement=new_enforcement)


@external
def skim(asset: address, receiver: address) -> uint256:
    governed._only_owner()
    amount: uint256 = asset_ledger._skim(asset, receiver, staticcall CATALOG.treasury())
    log ILicenseMarket.Skimmed(asset=asset, receiver=receiver, amount=amount)
    return amount


# --- views ---


@external
@pure
@reentrant
def name() -> String[25]:
    """
    @notice Name of the collection.
    """
    return "Flywheel Licenses"


@external
@pure
@reentrant
def symbol() -> String[5]:
    """
    @notice Symbol of the collection.
    """
    return "FWLIC"


@external
@view
def license_count() -> uint256:
    return license_tokens._count()


@external
@view
def license(license_id: uint256) -> ILicenseMarket.License:
    entry: license_book.Entry = license_book._load(license_id)
    core: terms_words.Core = frozen_terms._core(entry.terms_id)
    position: license_book.Position = license_book._position(license_id, entry, core)
    starts_at: uint256 = entry.origin
    if entry.flags & license_book.SHIFTED != 0:
        starts_at = license_book._starts[license_id]
    return ILicenseMarket.License(
        terms_id=entry.terms_id,
        model_id=core.model_id,
        starts_at=starts_at,
        ends_at=license_book._ends_at(license_id, entry, core),
        ended_early=entry.flags & license_book.ENDED != 0,
        periods_reported=entry.reported,
        due=entry.due,
        paid=entry.paid,
        overdue=position.overdue,
        interest=position.interest,
        overdue_since=position.since,
        held=entry.flags & license_book.HELD != 0,
    )


@external
@view
def outstanding(license_id: uint256) -> uint256:
    entry: license_book.Entry = license_book._load(license_id)
    return self._outstanding(license_id, entry, frozen_terms._core(entry.terms_id))


@external
@view
def next_period(license_id: uint256) -> (uint256, uint256, uint256):
    entry: license_book.Entry = license_book._load(license_id)
    core: terms_words.Core = frozen_terms._core(entry.terms_id)
    period: uint256 = entry.reported + 1
    if period > license_book._period_count(license_id, entry, core):
        return 0, 0, 0
    return period, periods._end(entry.origin, core, period), periods._due_at(entry.origin, core, period)


@external
@view
def reported(license_id: uint256, period: uint256) -> (uint256, bool):
    entry: license_book.Entry = license_book._load(license_id)
    assert license_book._is_recent(entry, period), "period is out of statute"
    return license_book._due_of(license_id, period), license_book._is_estimated(license_id, period)


@external
@view
def owner_at(license_id: uint256, at: uint256) -> address:
    return license_tokens._owner_at(license_id, at)


@external
@view
def lapsed_at(license_id: uint256, at: uint256) -> bool:
    return arrears._lapsed_at(license_id, at) or arrears._lapsed_at(license_id | arrears.BETWEEN_TERMS, at)


@external
@view
def is_in_good_standing(license_id: uint256) -> bool:
    entry: license_book.Entry = license_book._load(license_id)
    core: terms_words.Core = frozen_terms._core(entry.terms_id)
    return license_book._position(license_id, entry, core).since == 0


@external
@view
@reentrant
def tokenURI(token_id: uint256) -> String[128]:
    """
    @notice Where the legal text of the license is. Open during a call: whoever is handed the token may read it.
    @custom:reverts ERC721NonexistentToken.
    """
    license_tokens._owner_of(token_id)
    return staticcall CATALOG.legal_uri(license_book._load(token_id).terms_id)


# --- internals ---


@internal
def _report(
    license_id: uint256,
    entry: license_book.Entry,
    core: terms_words.Core,
    period: uint256,
    revenue: uint256,
    evidence_hash: bytes32,
    units: uint256,
) -> license_book.Entry:
    """
    @dev Books the next period. Only who acts for the licensee reports, so that nobody else can close a period at zero.
    """
    self._only_licensee(license_id, entry)
    assert period == entry.reported + 1, "period is not the next one"
    assert period <= license_book._period_count(license_id, entry, core), "no period is left"
    assert block.timestamp >= periods._end(entry.origin, core, period), "period has not ended"
    self._check_figures(revenue, units)
    moved: license_book.Entry = license_book._accrue(license_id, entry, core)
    due: uint256 = frozen_terms._due(entry.terms_id, core, revenue, units, entry.due)
    moved = license_book._book(license_id, moved, core, due, 0)
    log ILicenseMarket.PeriodReported(
        license_id=license_id, period=period, revenue=revenue, due=due, evidence_hash=evidence_hash
    )
    if units > 0:
        log ILicenseMarket.UnitsReported(license_id=license_id, period=period, units=units)
    return license_book._cure(license_id, moved, core)


@internal
def _pay(license_id: uint256, amount: uint256, ahead: bool) -> uint256:
    entry: license_book.Entry = license_book._load(license_id)
    core: terms_words.Core = frozen_terms._core(entry.terms_id)
    entry = license_book._accrue(license_id, entry, core)
    paid: uint256 = amount
    if not ahead:
        paid = min(amount, self._outstanding(license_id, entry, core))
    if paid > 0:
        self._settle(license_id, entry, core, paid)
    return paid


@internal
def _settle(license_id: uint256, entry: license_book.Entry, core: terms_words.Core, amount: uint256):
    """
    @dev Stores an accrued entry with a payment of `amount` out of the caller's pocket.
    """
    moved: license_book.Entry = entry
    interest: uint256 = 0
    if amount > 0:
        moved, interest = license_book._take(license_id, entry, core, amount)
    license_book._store(license_id, moved)
    if amount > 0:
        log ILicenseMarket.RoyaltyPaid(
            license_id=license_id,
            payer=msg.sender,
            amount=amount,
            outstanding=self._outstanding(license_id, moved, core),
        )
        if interest > 0:
            log ILicenseMarket.InterestPaid(license_id=license_id, amount=interest)
        self._pay_router(license_id, core, amount)


@internal
def _pay_router(license_id: uint256, core: terms_words.Core, amount: uint256):
    if amount == 0:
        return
    router: address = self.router
    asset_ledger._forward(core.asset, msg.sender, router, amount)
    extcall IRoyaltyRouter(router).collect(
        msg.sender, core.model_id, core.asset, amount, convert(license_id, bytes32)
    )


@internal
def _pass_bond(license_id: uint256, asset: address, amount: uint256):
    if amount == 0:
        return
    enforcement: address = self.enforcement
    asset_ledger._forward(asset, msg.sender, enforcement, amount)
    extcall ILicenseEnforcement(enforcement).receive_bond(license_id, asset, amount)


@internal
def _shift(license_id: uint256, entry: license_book.Entry, ends_at: uint256) -> license_book.Entry:
    """
    @dev Moves the calendar on over the time between the end and a late renewal, which is not licensed.
    """
    moved: license_book.Entry = entry
    if entry.flags & license_book.SHIFTED == 0:
        license_book._starts[license_id] = entry.origin
        moved.flags |= license_book.SHIFTED
    moved.origin += block.timestamp - ends_at
    arrears._add_lapse(license_id | arrears.BETWEEN_TERMS, ends_at, block.timestamp)
    return moved


@internal
def _transfer(owner: address, to: address, license_id: uint256):
    """
    @dev Whoever receives a license must not find debts in it. A period within its grace is the seller's to report, too.
    """
    entry: license_book.Entry = license_book._load(license_id)
    core: terms_words.Core = frozen_terms._core(entry.terms_id)
    assert core.flags & terms_words.TRANSFERABLE != 0, "license is not transferable"
    self._check_clear(license_id, entry, core)
    license_tokens._move(owner, to, license_id)


@internal
@view
def _outstanding(license_id: uint256, entry: license_book.Entry, core: terms_words.Core) -> uint256:
    if entry.flags & license_book.LATE == 0 and entry.due <= entry.paid:
        return 0
    return license_book._outstanding(entry, license_book._position(license_id, entry, core))


@internal
@view
def _bond(license_id: uint256) -> uint256:
    return staticcall ILicenseEnforcement(self.enforcement).bond(license_id)


@internal
@view
def _check_offered(terms_id: uint256):
    assert staticcall CATALOG.is_offered(terms_id), "terms are not offered"


@internal
@view
def _only_enforcement():
    assert msg.sender == self.enforcement, "caller is not the enforcement"


@internal
@view
def _check_clear(license_id: uint256, entry: license_book.Entry, core: terms_words.Core):
    """
    @dev Nothing is owed, every period that has ended is reported, nothing is open.
    """
    assert entry.flags & license_book.HELD == 0, "license is in dispute"
    owes: bool = self._outstanding(license_id, entry, core) > 0
    assert not owes and not license_book._is_missing(license_id, entry, core, 0), "license has arrears"


@internal
@pure
def _check_figures(revenue: uint256, units: uint256):
    assert revenue <= terms_words.MASK_112, "revenue is too large"
    assert units <= MAX_UNITS, "units are too many"


@internal
@view
def _only_licensee(license_id: uint256, entry: license_book.Entry):
    assert license_tokens._acts_for(msg.sender, entry.owner, license_id), "caller is not the licensee"


@internal
def _set_router(new_router: address):
    assert new_router != empty(address), "router is zero"
    old_router: address = self.router
    self.router = new_router
    log ILicenseMarket.RouterChanged(old_router=old_router, new_router=new_router)

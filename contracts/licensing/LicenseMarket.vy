# pragma version 0.4.3
# pragma nonreentrancy on
# pragma optimize codesize
"""
@title License market
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Licenses for models: ERC-721 license tokens under frozen terms, reports and royalties per period.
@dev No money rests here. A payment moves from the payer to the router, a bond to LicenseEnforcement; nothing a license or
     a model can be in keeps a debtor from paying.
     Compiled for size: docs/decisions/licences.md says what that costs.
@custom:invariant A license keeps the terms it was bought under. What is due follows from reports, terms, time and voted
                  assessments alone. This contract owes no asset to anybody.
@custom:halt A pause of the LicenseCatalog stops purchases. Reports, payments and renewals cannot be stopped.
"""

from ethereum.ercs import IERC165
from ethereum.ercs import IERC20

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import token_receivers
from contracts.licensing import arrears
from contracts.licensing import frozen_terms
from contracts.licensing import license_book
from contracts.licensing import license_tokens
from contracts.licensing import periods
from contracts.licensing import standing
from contracts.licensing import terms_words
from interfaces import ILicenseCatalog
from interfaces import ILicenseEnforcement
from interfaces import ILicenseMarket
from interfaces import IRoyaltyRouter

implements: IERC165
implements: ILicenseMarket

initializes: governed
initializes: asset_ledger
initializes: arrears
initializes: frozen_terms
initializes: license_tokens
initializes: license_book[frozen_terms := frozen_terms, license_tokens := license_tokens]
initializes: standing[arrears := arrears, frozen_terms := frozen_terms, license_book := license_book]

exports: (governed.owner, governed.transfer_ownership)
# Moving a license has conditions: see transferFrom below.
exports: (
    license_tokens.approve,
    license_tokens.setApprovalForAll,
    license_tokens.balanceOf,
    license_tokens.ownerOf,
    license_tokens.getApproved,
    license_tokens.isApprovedForAll,
    license_tokens.supportsInterface,
    license_tokens.move_count,
)

MAX_UNITS: constant(uint256) = 2**64 - 1

CATALOG: public(immutable(ILicenseCatalog))

router: public(address)
enforcement: public(address)
reporter: public(HashMap[uint256, address])


@deploy
def __init__(catalog: address, router: address):
    """
    @param catalog The LicenseCatalog whose terms are sold, for ever.
    @param router The RoyaltyRouter that is paid; this contract must be a collector there.
    """
    assert catalog != empty(address), "catalog is zero"
    governed.__init__()
    arrears.__init__()
    frozen_terms.__init__()
    license_tokens.__init__()
    license_book.__init__()
    standing.__init__()
    CATALOG = ILicenseCatalog(catalog)
    self._set_router(router)


# --- open ---


@external
def buy(terms_id: uint256, terms_hash: bytes32, max_cost: uint256) -> uint256:
    words: uint256[5] = empty(uint256[5])
    fee: uint256 = 0
    words, fee = extcall CATALOG.record_sale(terms_id, msg.sender, terms_hash)
    bond: uint256 = terms_words._bond(words[3])
    self._check_cost(fee + bond, max_cost)

    frozen_terms._freeze(terms_id, words)
    entry: license_book.Entry = empty(license_book.Entry)
    entry.terms_id = terms_id
    entry.core = terms_words._core(words[0], words[1])
    entry.origin = block.timestamp
    entry.terms_bought = 1
    # Nobody buys for somebody else: no account becomes a debtor by what it did not sign.
    entry.id = license_tokens._mint(msg.sender, license_book._tag(entry))
    if entry.core.flags & terms_words.TRANSFERABLE == 0:
        log ILicenseMarket.Locked(token_id=entry.id)
    log ILicenseMarket.LicenseBought(
        license_id=entry.id,
        terms_id=terms_id,
        licensee=msg.sender,
        fee=fee,
        starts_at=block.timestamp,
        ends_at=periods._term_end(block.timestamp, entry.core.term_seconds, 1),
    )
    self._pass_bond(entry, bond)
    self._pay_router(entry, fee)
    return entry.id


@external
def pay(license_id: uint256, max_amount: uint256) -> uint256:
    entry: license_book.Entry = standing._load(license_id)
    position: standing.Position = standing._position(entry)
    amount: uint256 = min(max_amount, standing._outstanding(entry, position))
    # Nothing that is not moved is written.
    if amount > 0:
        self._take(entry, position, amount)
    return amount


@external
def prepay(license_id: uint256, amount: uint256) -> uint256:
    entry: license_book.Entry = standing._load(license_id)
    assert entry.lapse.since == 0, "license is late"
    if amount > 0:
        self._take(entry, empty(standing.Position), amount)
    return amount


@external
def estimate(license_id: uint256) -> uint256:
    entry: license_book.Entry = standing._load(license_id)
    moved: license_book.Entry = standing._estimate(entry)
    if moved.booked > entry.booked:
        standing._store(moved)
    return moved.booked - entry.booked


# --- the licensee's ---


@external
def report(
    license_id: uint256, period: uint256, revenue: uint256, evidence_hash: bytes32, units: uint256 = 0
) -> uint256:
    entry: license_book.Entry = standing._load(license_id)
    due: uint256 = 0
    entry, due = self._report(entry, period, revenue, evidence_hash, units)
    standing._store(entry)
    return due


@external
def report_and_pay(
    license_id: uint256,
    period: uint256,
    revenue: uint256,
    evidence_hash: bytes32,
    max_amount: uint256,
    units: uint256 = 0,
) -> uint256:
    entry: license_book.Entry = standing._load(license_id)
    due: uint256 = 0
    entry, due = self._report(entry, period, revenue, evidence_hash, units)
    position: standing.Position = standing._position(entry)
    amount: uint256 = standing._outstanding(entry, position)
    assert amount <= max_amount, "amount is above the maximum"
    if amount > 0:
        self._take(entry, position, amount)
    else:
        standing._store(entry)
    return amount


@external
def renew(license_id: uint256, max_cost: uint256) -> uint256:
    entry: license_book.Entry = self._held_entry(license_id)
    assert entry.core.term_seconds > 0, "license is perpetual"
    self._check_runs(entry)
    if entry.core.flags & terms_words.RENEWABLE == 0:
        assert staticcall CATALOG.is_offered(entry.terms_id), "terms are not offered"
    if block.timestamp >= license_book._ends_at(entry):
        may_return: bool = staticcall CATALOG.may_return(entry.terms_id, license_book._starts_at(entry))
        assert may_return, "model is licensed exclusively"
    self._check_clear(entry)
    sale: uint256 = frozen_terms._words[entry.terms_id][3]
    fee: uint256 = terms_words._fee(sale)
    refill: uint256 = terms_words._bond(sale)
    # Without a bond it takes no enforcement to renew.
    if refill > 0:
        refill -= min(refill, staticcall ILicenseEnforcement(self.enforcement).bond(license_id))
    self._check_cost(fee + refill, max_cost)

    entry = self._add_term(entry)
    standing._store(entry)
    ends_at: uint256 = license_book._ends_at(entry)
    log ILicenseMarket.LicenseRenewed(license_id=license_id, payer=msg.sender, fee=fee, ends_at=ends_at)
    self._pass_bond(entry, refill)
    self._pay_router(entry, fee)
    return ends_at


@external
def set_reporter(license_id: uint256, new_reporter: address):
    self._held_entry(license_id)
    self._set_reporter(license_id, new_reporter)


@external
def transferFrom(owner: address, to: address, token_id: uint256):
    """
    @notice Moves a license from `owner` to `to`, its bond and its obligations with it. Its reporter stays behind.
    @dev Authority: the licensee, its approved account or its operator, where the terms allow it and nothing is owed,
         missing or open.
    @custom:reverts ERC721NonexistentToken, `license is not transferable`, `license has ended`,
                    `license has arrears`, `license is in dispute`, ERC721InsufficientApproval, ERC721IncorrectOwner,
                    ERC721InvalidReceiver.
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
    token_receivers._check_received(owner, to, token_id, data)


# --- for LicenseEnforcement ---


@external
def end(license_id: uint256, ends_at: uint256):
    self._only_enforcement()
    self._end(standing._load(license_id), ends_at)


@external
def set_due(
    license_id: uint256, period: uint256, due: uint256, own_due: uint256, escrow: uint256, escrow_since: uint256
) -> uint256:
    self._only_enforcement()
    entry: license_book.Entry = self._booked_entry(license_id, period)
    entry = standing._decide(entry, period, due, own_due, escrow, escrow_since)
    standing._store(entry)
    return license_book._due_of(entry, period)


# --- wiring ---


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
def open_strays(asset: address):
    governed._only_owner()
    # Whatever the asset answers: `skim_market` fails if it did not open.
    raw_call(asset, abi_encode(self.enforcement, max_value(uint256), method_id=method_id("approve(address,uint256)")))


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
    entry: license_book.Entry = standing._load(license_id)
    position: standing.Position = standing._position(entry)
    return ILicenseMarket.License(
        terms_id=entry.terms_id,
        model_id=entry.core.model_id,
        starts_at=license_book._starts_at(entry),
        ends_at=license_book._ends_at(entry),
        ended_early=entry.flags & license_book.ENDED != 0,
        periods_reported=entry.reported,
        periods_booked=entry.booked,
        due=entry.due,
        paid=entry.paid,
        overdue=position.overdue,
        interest=position.interest,
        overdue_since=entry.lapse.since,
    )


@external
@view
def outstanding(license_id: uint256) -> uint256:
    entry: license_book.Entry = standing._load(license_id)
    return standing._outstanding(entry, standing._position(entry))


@external
@view
def next_period(license_id: uint256) -> (uint256, uint256, uint256):
    entry: license_book.Entry = standing._load(license_id)
    period: uint256 = entry.reported + 1
    if period > license_book._count(entry):
        return 0, 0, 0
    opens_at: uint256 = license_book._opens_at(entry, period)
    return period, opens_at, license_book._due_at(entry, period)


@external
@view
def reported(license_id: uint256, period: uint256) -> (uint256, bool, bool):
    entry: license_book.Entry = self._booked_entry(license_id, period)
    is_cut: bool = license_book._is_marked(license_id, period, license_book.CUT)
    return license_book._due_of(entry, period), period > entry.reported, is_cut


@external
@view
def due_for(license_id: uint256, period: uint256, revenue: uint256, units: uint256) -> uint256:
    entry: license_book.Entry = self._booked_entry(license_id, period)
    assert license_book._is_in_statute(entry, period), "period is out of statute"
    self._check_figures(revenue, units)
    return standing._due_for(entry, period, revenue, units)


@external
@view
def owner_at(license_id: uint256, at: uint256) -> address:
    return license_tokens._owner_at(license_id, at)


@external
@view
def lapsed_at(license_id: uint256, at: uint256) -> bool:
    past: uint256 = standing._load(license_id).lapse.past
    return arrears._lapsed_at(license_id, at, past) or arrears._lapsed_at(license_id | arrears.BETWEEN_TERMS, at)


@external
@view
def is_in_good_standing(license_id: uint256) -> bool:
    return standing._load(license_id).lapse.since == 0


@external
@view
@reentrant
def locked(token_id: uint256) -> bool:
    license_tokens._owner_of(token_id)
    return license_book._load(token_id).core.flags & terms_words.TRANSFERABLE == 0


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
    entry: license_book.Entry,
    period: uint256,
    revenue: uint256,
    evidence_hash: bytes32,
    units: uint256,
) -> (license_book.Entry, uint256):
    """
    @dev Books the next period or replaces its estimate. Only who acts for the licensee reports, so that nobody else can
         close a period at zero.
    """
    if msg.sender != entry.owner:
        self._check_licensee(msg.sender == self.reporter[entry.id])
    assert period == entry.reported + 1, "period is not the next one"
    assert period <= license_book._count(entry), "no period is left"
    assert block.timestamp >= license_book._opens_at(entry, period), "period has not ended"
    self._check_figures(revenue, units)
    moved: license_book.Entry = entry
    due: uint256 = 0
    moved, due = standing._report(entry, revenue, units)
    log ILicenseMarket.PeriodReported(
        license_id=entry.id, period=period, revenue=revenue, due=due, evidence_hash=evidence_hash
    )
    if units > 0:
        log ILicenseMarket.UnitsReported(license_id=entry.id, period=period, units=units)
    return moved, due


@internal
def _take(entry: license_book.Entry, position: standing.Position, amount: uint256):
    """
    @dev Stores the entry with a payment of `amount` out of the caller's pocket.
    """
    moved: license_book.Entry = standing._pay(entry, position, amount)
    standing._store(moved)
    outstanding: uint256 = standing._outstanding(entry, position)
    log ILicenseMarket.RoyaltyPaid(
        license_id=entry.id,
        payer=msg.sender,
        amount=amount,
        outstanding=outstanding - min(outstanding, amount),
    )
    self._pay_router(entry, amount)


@internal
def _pay_router(entry: license_book.Entry, amount: uint256):
    if amount == 0:
        return
    router: address = self.router
    asset_ledger._forward(entry.core.asset, msg.sender, router, amount)
    extcall IRoyaltyRouter(router).collect(
        msg.sender, entry.core.model_id, entry.core.asset, amount, convert(entry.id, bytes32)
    )


@internal
def _pass_bond(entry: license_book.Entry, amount: uint256):
    if amount == 0:
        return
    enforcement: address = self.enforcement
    asset_ledger._forward(entry.core.asset, msg.sender, enforcement, amount)
    extcall ILicenseEnforcement(enforcement).receive_bond(entry.id, entry.core.asset, amount)


@internal
def _end(entry: license_book.Entry, ends_at: uint256):
    moved: license_book.Entry = entry
    moved.flags |= license_book.ENDED
    license_book._ended[entry.id] = ends_at
    standing._store(moved)
    log ILicenseMarket.LicenseEnded(license_id=entry.id, ends_at=ends_at)


@internal
def _add_term(entry: license_book.Entry) -> license_book.Entry:
    """
    @dev One term more. After a late renewal the calendar moves on over the time since the end, which is not licensed.
         Without periods only the end matters: it is counted anew each time, so that no count can be used up.
    """
    moved: license_book.Entry = entry
    ends_at: uint256 = license_book._ends_at(entry)
    gap: uint256 = block.timestamp - min(block.timestamp, ends_at)
    if entry.flags & license_book.SHIFTED == 0 and (gap > 0 or entry.core.period_seconds == 0):
        license_book._starts[entry.id] = entry.origin
        moved.flags |= license_book.SHIFTED
    if gap > 0:
        arrears._add_lapse(entry.id | arrears.BETWEEN_TERMS, ends_at, block.timestamp)
    if entry.core.period_seconds == 0:
        moved.origin = ends_at + gap
    else:
        moved.origin += gap
        moved.terms_bought += 1
    return moved


@internal
def _transfer(owner: address, to: address, license_id: uint256):
    """
    @dev Whoever receives a license finds no debts, no open decision and no early end in it, and no reporter. A period
         within its grace is the seller's to report, too.
    """
    license_tokens._owner_of(license_id)
    entry: license_book.Entry = standing._load(license_id)
    assert entry.core.flags & terms_words.TRANSFERABLE != 0, "license is not transferable"
    self._check_runs(entry)
    self._check_clear(entry)
    enforcement: address = self.enforcement
    if enforcement != empty(address):
        assert not staticcall ILicenseEnforcement(enforcement).is_held(license_id), "license is in dispute"
    license_tokens._move(owner, to, license_id)
    if self.reporter[license_id] != empty(address):
        self._set_reporter(license_id, empty(address))


@internal
def _set_reporter(license_id: uint256, new_reporter: address):
    old_reporter: address = self.reporter[license_id]
    self.reporter[license_id] = new_reporter
    log ILicenseMarket.ReporterChanged(
        license_id=license_id, old_reporter=old_reporter, new_reporter=new_reporter
    )


@internal
@pure
def _check_cost(cost: uint256, max_cost: uint256):
    assert cost <= max_cost, "cost is above the maximum"


@internal
@view
def _only_enforcement():
    assert msg.sender == self.enforcement, "caller is not the enforcement"


@internal
@pure
def _check_runs(entry: license_book.Entry):
    assert entry.flags & license_book.ENDED == 0, "license has ended"


@internal
@view
def _check_clear(entry: license_book.Entry):
    """
    @dev Nothing is owed, every period that has ended is reported.
    """
    clear: bool = entry.due <= entry.paid and entry.lapse.since == 0
    period: uint256 = entry.reported + 1
    if clear and period <= license_book._count(entry):
        clear = block.timestamp < license_book._opens_at(entry, period)
    assert clear, "license has arrears"


@internal
@pure
def _check_figures(revenue: uint256, units: uint256):
    assert revenue <= terms_words.MASK_112, "revenue is too large"
    assert units <= MAX_UNITS, "units are too many"


@internal
@view
def _held_entry(license_id: uint256) -> license_book.Entry:
    """
    @dev The entry of a license that the caller holds.
    """
    entry: license_book.Entry = standing._load(license_id)
    self._check_licensee(msg.sender == entry.owner)
    return entry


@internal
@view
def _booked_entry(license_id: uint256, period: uint256) -> license_book.Entry:
    """
    @dev The entry of a license that has booked the period.
    """
    entry: license_book.Entry = standing._load(license_id)
    assert license_book._is_booked(entry, period), "period is not booked"
    return entry


@internal
@pure
def _check_licensee(is_licensee: bool):
    assert is_licensee, "caller is not the licensee"


@internal
def _set_router(new_router: address):
    assert new_router != empty(address), "router is zero"
    old_router: address = self.router
    self.router = new_router
    log ILicenseMarket.RouterChanged(old_router=old_router, new_router=new_router)

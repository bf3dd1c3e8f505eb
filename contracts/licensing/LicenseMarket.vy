# pragma version 0.4.3
# pragma nonreentrancy on
# pragma optimize codesize
"""
@title License market
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Licenses for models: ERC-721 license tokens under frozen terms, reports and royalties per period.
@dev No money rests here: a payment moves from the payer to the router, a bond to LicenseEnforcement. No state of a
     license or a model stops a payment.
     Compiled for size: docs/decisions/licences.md says what that costs.
@custom:invariant A license keeps the terms it was bought under. What is due follows from reports, terms, time and the
                  arbiter's decisions alone. This contract owes no asset to anybody.
@custom:halt A pause of the LicenseCatalog stops purchases of all but its owner. Reports, payments and renewals cannot
             be stopped.
"""

from ethereum.ercs import IERC165

from contracts.common import asset_ledger
from contracts.common import governed
from contracts.common import receiver_checks
from contracts.common import refusals
from contracts.common import tagged_tokens
from contracts.licensing import arrears
from contracts.licensing import frozen_terms
from contracts.licensing import license_book
from contracts.licensing import license_payments
from contracts.licensing import license_tokens
from contracts.licensing import market_views
from contracts.licensing import market_links
from contracts.licensing import packed_license
from contracts.licensing import packed_terms_billing
from contracts.licensing import periods
from contracts.licensing import standing
from contracts.licensing import terms_layout
from interfaces import ILicenseEnforcement
from interfaces import ILicenseMarket

implements: IERC165
implements: ILicenseMarket

initializes: governed
initializes: asset_ledger
initializes: arrears
initializes: frozen_terms
initializes: tagged_tokens
initializes: license_tokens[tagged_tokens := tagged_tokens]
initializes: license_book[frozen_terms := frozen_terms, tagged_tokens := tagged_tokens]
initializes: standing[arrears := arrears, frozen_terms := frozen_terms, license_book := license_book]
initializes: market_links[governed := governed]
initializes: license_payments[market_links := market_links, standing := standing]
initializes: market_views[
    arrears := arrears,
    license_book := license_book,
    license_tokens := license_tokens,
    market_links := market_links,
    standing := standing,
    tagged_tokens := tagged_tokens,
]

exports: (governed.owner, governed.transfer_ownership)
# transferFrom is not exported: it has conditions of its own, see below.
exports: (
    tagged_tokens.approve,
    tagged_tokens.setApprovalForAll,
    tagged_tokens.balanceOf,
    tagged_tokens.ownerOf,
    tagged_tokens.getApproved,
    tagged_tokens.isApprovedForAll,
    license_tokens.supportsInterface,
    license_tokens.move_count,
)
exports: (
    market_links.CATALOG,
    market_links.router,
    market_links.enforcement,
    market_links.set_router,
    market_links.set_enforcement,
    market_links.open_strays,
)
exports: (
    market_views.name,
    market_views.symbol,
    market_views.license_count,
    market_views.license,
    market_views.outstanding,
    market_views.next_period,
    market_views.reported,
    market_views.due_for,
    market_views.owner_at,
    market_views.lapsed_at,
    market_views.is_in_good_standing,
    market_views.locked,
    market_views.tokenURI,
)

# License => the account that may report for its holder.
reporter: public(HashMap[uint256, address])


@deploy
def __init__(catalog: address, router: address):
    """
    @param catalog The LicenseCatalog whose terms are sold, for ever.
    @param router The RoyaltyRouter that is paid; this contract must be a collector there.
    """
    governed.__init__()
    arrears.__init__()
    frozen_terms.__init__()
    tagged_tokens.__init__()
    license_tokens.__init__()
    license_book.__init__()
    standing.__init__()
    market_links.__init__(catalog, router)
    license_payments.__init__()
    market_views.__init__()


# --- open ---


@external
def buy(terms_id: uint256, terms_hash: bytes32, max_cost: uint256) -> uint256:
    packed_terms: uint256[5] = empty(uint256[5])
    fee: uint256 = 0
    packed_terms, fee = extcall market_links.CATALOG.record_sale(terms_id, msg.sender, terms_hash)
    bond: uint256 = terms_layout._bond(packed_terms)
    self._check_cost(fee + bond, max_cost)

    frozen_terms._freeze(terms_id, packed_terms)
    core: terms_layout.Core = terms_layout._core(
        packed_terms[terms_layout.BILLING], packed_terms[terms_layout.SCOPE]
    )
    packed: uint256 = packed_license._pack(
        packed_license.License(
            origin=block.timestamp, reported=0, ahead=0, terms_bought=1, flags=0, terms_id=terms_id
        )
    )
    # The caller is the licensee: nobody can make another account a debtor.
    license_id: uint256 = tagged_tokens._mint(msg.sender, packed)
    if core.flags & packed_terms_billing.TRANSFERABLE == 0:
        log ILicenseMarket.Locked(token_id=license_id)
    log ILicenseMarket.LicenseBought(
        license_id=license_id,
        terms_id=terms_id,
        licensee=msg.sender,
        fee=fee,
        starts_at=block.timestamp,
        ends_at=periods._term_end(block.timestamp, core.term_seconds, 1),
    )
    license_payments._pass_bond(license_id, core.asset, bond)
    license_payments._pay_router(license_id, core.model_id, core.asset, fee)
    return license_id


@external
def pay(license_id: uint256, max_amount: uint256) -> uint256:
    record: license_book.Record = standing._load(license_id)
    position: standing.Position = standing._position(record)
    outstanding: uint256 = standing._outstanding(record, position)
    amount: uint256 = min(max_amount, outstanding)
    # Nothing is stored when nothing is paid.
    if amount > 0:
        license_payments._pay(record, position, outstanding, amount)
    return amount


@external
def prepay(license_id: uint256, amount: uint256) -> uint256:
    record: license_book.Record = standing._load(license_id)
    if record.lapse.since != 0:
        refusals._refuse("license is late")
    if amount > 0:
        position: standing.Position = empty(standing.Position)
        license_payments._pay(record, position, standing._outstanding(record, position), amount)
    return amount


@external
def estimate(license_id: uint256) -> uint256:
    record: license_book.Record = standing._load(license_id)
    updated: license_book.Record = standing._apply_estimates(record)
    if updated.booked > record.booked:
        standing._store(updated)
    return updated.booked - record.booked


# --- the licensee's ---


@external
def report(
    license_id: uint256, period: uint256, revenue: uint256, evidence_hash: bytes32, units: uint256 = 0
) -> uint256:
    record: license_book.Record = standing._load(license_id)
    due: uint256 = 0
    record, due = self._report(record, period, revenue, evidence_hash, units)
    standing._store(record)
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
    record: license_book.Record = standing._load(license_id)
    due: uint256 = 0
    record, due = self._report(record, period, revenue, evidence_hash, units)
    position: standing.Position = standing._position(record)
    amount: uint256 = standing._outstanding(record, position)
    if amount > max_amount:
        refusals._refuse("amount is above the maximum")
    if amount > 0:
        license_payments._pay(record, position, amount, amount)
    else:
        standing._store(record)
    return amount


@external
def renew(license_id: uint256, max_cost: uint256) -> uint256:
    record: license_book.Record = self._load_own(license_id)
    if record.core.term_seconds == 0:
        refusals._refuse("license is perpetual")
    self._check_not_ended_early(record)
    if record.core.flags & packed_terms_billing.RENEWABLE == 0:
        if not staticcall market_links.CATALOG.is_offered(record.terms_id):
            refusals._refuse("terms are not offered")
    if block.timestamp >= license_book._ends_at(record):
        if not staticcall market_links.CATALOG.may_return(record.terms_id, license_book._starts_at(record)):
            refusals._refuse("model is licensed exclusively")
    self._check_clear(record)
    fee: uint256 = 0
    refill: uint256 = 0
    fee, refill = frozen_terms._fee_and_bond(record.terms_id)
    # Terms without a bond can be renewed while no enforcement contract is set.
    if refill > 0:
        refill -= min(refill, staticcall ILicenseEnforcement(market_links.enforcement).bond(license_id))
    self._check_cost(fee + refill, max_cost)

    record = standing._add_term(record)
    standing._store(record)
    ends_at: uint256 = license_book._ends_at(record)
    log ILicenseMarket.LicenseRenewed(license_id=license_id, payer=msg.sender, fee=fee, ends_at=ends_at)
    license_payments._pass_bond(license_id, record.core.asset, refill)
    license_payments._pay_router(license_id, record.core.model_id, record.core.asset, fee)
    return ends_at


@external
def set_reporter(license_id: uint256, new_reporter: address):
    self._load_own(license_id)
    self._set_reporter(license_id, new_reporter)


@external
def transferFrom(owner: address, to: address, token_id: uint256):
    """
    @notice Moves a license from `owner` to `to`, its bond and its obligations with it. Its reporter is removed.
    @dev Authority: the licensee, its approved account or its operator, where the terms allow it, nothing is owed, due
         or not, every period that has ended is reported and nothing is open in LicenseEnforcement.
    @custom:reverts ERC721NonexistentToken, `license is not transferable`, `license has ended` (early: terminated,
                    surrendered or misused), `license has arrears`, `license is in dispute`,
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
    receiver_checks._check_received(owner, to, token_id, data)


# --- for LicenseEnforcement ---


@external
def end(license_id: uint256, ends_at: uint256):
    market_links._only_enforcement()
    standing._apply_end(standing._load(license_id), ends_at)


@external
def set_due(
    license_id: uint256, period: uint256, due: uint256, own_due: uint256, escrow: uint256, escrow_since: uint256
) -> uint256:
    market_links._only_enforcement()
    record: license_book.Record = standing._load_booked(license_id, period)
    record = standing._apply_decision(record, period, due, own_due, escrow, escrow_since)
    standing._store(record)
    return license_book._due_of(record, period)


# --- internals ---


@internal
def _report(
    record: license_book.Record,
    period: uint256,
    revenue: uint256,
    evidence_hash: bytes32,
    units: uint256,
) -> (license_book.Record, uint256):
    """
    @dev Checks and applies the licensee's own report. Only its holder and its reporter may report: anybody else could
         report zero.
    """
    if msg.sender != record.owner:
        self._check_licensee(msg.sender == self.reporter[record.id])
    if period != record.reported + 1:
        refusals._refuse("period is not the next one")
    if period > license_book._count(record):
        refusals._refuse("no period is left")
    if block.timestamp < license_book._opens_at(record, period):
        refusals._refuse("period has not ended")
    standing._check_figures(revenue, units)
    updated: license_book.Record = record
    due: uint256 = 0
    updated, due = standing._apply_report(record, revenue, units)
    log ILicenseMarket.PeriodReported(
        license_id=record.id, period=period, revenue=revenue, due=due, evidence_hash=evidence_hash
    )
    if units > 0:
        log ILicenseMarket.UnitsReported(license_id=record.id, period=period, units=units)
    return updated, due


@internal
def _transfer(owner: address, to: address, license_id: uint256):
    """
    @dev A license moves only without debts, open decisions and an early end, and with every ended period reported: the
         seller reports also the period that is in its grace. Its reporter is removed.
    """
    tagged_tokens._owner_of(license_id)
    record: license_book.Record = standing._load(license_id)
    if record.core.flags & packed_terms_billing.TRANSFERABLE == 0:
        refusals._refuse("license is not transferable")
    self._check_not_ended_early(record)
    self._check_clear(record)
    enforcement: address = market_links.enforcement
    if enforcement != empty(address):
        if staticcall ILicenseEnforcement(enforcement).is_held(license_id):
            refusals._refuse("license is in dispute")
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
    if cost > max_cost:
        refusals._refuse("cost is above the maximum")


@internal
@pure
def _check_not_ended_early(record: license_book.Record):
    if record.flags & packed_license.ENDED != 0:
        refusals._refuse("license has ended")


@internal
@view
def _check_clear(record: license_book.Record):
    """
    @dev Refuses unless nothing is owed, due or not, and every period that has ended is reported.
    """
    clear: bool = record.due <= record.paid and record.lapse.since == 0
    period: uint256 = record.reported + 1
    if clear and period <= license_book._count(record):
        clear = block.timestamp < license_book._opens_at(record, period)
    if not clear:
        refusals._refuse("license has arrears")


@internal
@view
def _load_own(license_id: uint256) -> license_book.Record:
    """
    @dev The record of a license that the caller holds.
    """
    record: license_book.Record = standing._load(license_id)
    self._check_licensee(msg.sender == record.owner)
    return record


@internal
@pure
def _check_licensee(is_licensee: bool):
    if not is_licensee:
        refusals._refuse("caller is not the licensee")

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Views of the market
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What anybody reads of a license: its state, its periods, its owners and its lapses.
"""

from contracts.common import refusals
from contracts.common import tagged_tokens
from contracts.licensing import arrears
from contracts.licensing import license_book
from contracts.licensing import license_tokens
from contracts.licensing import market_links
from contracts.licensing import packed_license
from contracts.licensing import packed_period
from contracts.licensing import packed_terms_billing
from contracts.licensing import standing
from interfaces import ILicenseMarket

uses: arrears
uses: license_book
uses: license_tokens
uses: market_links
uses: standing
uses: tagged_tokens


@deploy
def __init__():
    pass


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
    return tagged_tokens._count()


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
        ended_early=entry.flags & packed_license.ENDED != 0,
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
    entry: license_book.Entry = standing._load_booked(license_id, period)
    is_cut: bool = license_book._is_marked(license_id, period, packed_period.CUT)
    return license_book._due_of(entry, period), period > entry.reported, is_cut


@external
@view
def due_for(license_id: uint256, period: uint256, revenue: uint256, units: uint256) -> uint256:
    entry: license_book.Entry = standing._load_booked(license_id, period)
    if not license_book._is_in_statute(entry, period):
        refusals._refuse("period is out of statute")
    standing._check_figures(revenue, units)
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
    tagged_tokens._owner_of(token_id)
    return license_book._load(token_id).core.flags & packed_terms_billing.TRANSFERABLE == 0


@external
@view
@reentrant
def tokenURI(token_id: uint256) -> String[128]:
    """
    @notice Where the legal text of the license is. Reentrant: a receiver may read it while it is handed the
            token.
    @custom:reverts ERC721NonexistentToken.
    """
    tagged_tokens._owner_of(token_id)
    return staticcall market_links.CATALOG.legal_uri(license_book._load(token_id).terms_id)

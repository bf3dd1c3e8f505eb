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
    record: license_book.Record = standing._load(license_id)
    position: standing.Position = standing._position(record)
    return ILicenseMarket.License(
        terms_id=record.terms_id,
        model_id=record.core.model_id,
        starts_at=license_book._starts_at(record),
        ends_at=license_book._ends_at(record),
        ended_early=record.flags & packed_license.ENDED != 0,
        periods_reported=record.reported,
        periods_booked=record.booked,
        due=record.due,
        paid=record.paid,
        overdue=position.overdue,
        interest=position.interest,
        overdue_since=record.lapse.since,
    )


@external
@view
def outstanding(license_id: uint256) -> uint256:
    record: license_book.Record = standing._load(license_id)
    return standing._outstanding(record, standing._position(record))


@external
@view
def next_period(license_id: uint256) -> (uint256, uint256, uint256):
    record: license_book.Record = standing._load(license_id)
    period: uint256 = record.reported + 1
    if period > license_book._count(record):
        return 0, 0, 0
    opens_at: uint256 = license_book._opens_at(record, period)
    return period, opens_at, license_book._due_at(record, period)


@external
@view
def reported(license_id: uint256, period: uint256) -> (uint256, bool, bool):
    record: license_book.Record = standing._load_booked(license_id, period)
    is_capped: bool = license_book._is_marked(license_id, period, packed_period.CAPPED)
    return license_book._due_of(record, period), period > record.reported, is_capped


@external
@view
def due_for(license_id: uint256, period: uint256, revenue: uint256, units: uint256) -> uint256:
    record: license_book.Record = standing._load_booked(license_id, period)
    if not license_book._is_in_statute(record, period):
        refusals._refuse("period is out of statute")
    standing._check_figures(revenue, units)
    return standing._due_for(record, period, revenue, units)


@external
@view
def owner_at(license_id: uint256, at: uint256) -> address:
    return license_tokens._owner_at(license_id, at)


@external
@view
def lapsed_at(license_id: uint256, at: uint256) -> bool:
    past: uint256 = standing._load(license_id).lapse.past
    return (
        arrears._is_in_past_lapse(license_id, at, past)
        or arrears._is_in_past_lapse(license_id | arrears.GAP_BIT, at)
    )


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

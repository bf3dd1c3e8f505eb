# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What each license has reported, owes and has paid.
@dev The totals through each period are kept, one word a report. So the question whether what had to be paid by now is
     paid has an exact answer at a bounded cost, dues being paid oldest first.
@custom:invariant paid <= due through the last reported period; totals never fall.
"""

from contracts.licensing import license_terms
from contracts.licensing import periods

struct Entry:
    terms_id: uint256
    starts_at: uint256
    periods_reported: uint256
    paid: uint256
    due: uint256
    revenue: uint256

# 2**24 periods of a day are 45,000 years.
MASK_24: constant(uint256) = 2**24 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_128: constant(uint256) = 2**128 - 1

# paid | starts_at << 128 | periods_reported << 168 | terms_id << 192
_licenses: HashMap[uint256, uint256]
# License => period => totals through that period: due | revenue << 128
_through: HashMap[uint256, HashMap[uint256, uint256]]


@deploy
def __init__():
    pass


@internal
def _open(license_id: uint256, terms_id: uint256):
    """
    @dev Begins the license now.
    """
    self._licenses[license_id] = (block.timestamp << 128) | (terms_id << 192)


@internal
@view
def _load(license_id: uint256) -> Entry:
    word: uint256 = self._licenses[license_id]
    assert word != 0, "unknown license"
    periods_reported: uint256 = (word >> 168) & MASK_24
    totals: uint256 = self._through[license_id][periods_reported]
    return Entry(
        terms_id=word >> 192,
        starts_at=(word >> 128) & MASK_40,
        periods_reported=periods_reported,
        paid=word & MASK_128,
        due=totals & MASK_128,
        revenue=totals >> 128,
    )


@internal
def _report(license_id: uint256, entry: Entry, core: license_terms.Core, period: uint256, revenue: uint256) -> Entry:
    """
    @dev Books the next period, which must have ended, to `entry`, which is what `_load` said. Returns what `_load` says
         from now on.
    """
    assert period == entry.periods_reported + 1, "period is not the next one"
    assert period <= periods._count(core.term_seconds, core.period_seconds), "no period is left"
    ends_at: uint256 = periods._end(entry.starts_at, core.term_seconds, core.period_seconds, period)
    assert block.timestamp >= ends_at, "period has not ended"
    assert revenue <= license_terms.MAX_PER_PERIOD, "revenue is too large"
    updated: Entry = entry
    updated.periods_reported = period
    updated.due += license_terms._due(core, revenue)
    updated.revenue += revenue
    assert updated.due <= MASK_128 and updated.revenue <= MASK_128, "totals are too large"
    self._licenses[license_id] += 1 << 168
    self._through[license_id][period] = updated.due | (updated.revenue << 128)
    return updated


@internal
def _pay(license_id: uint256, entry: Entry, amount: uint256):
    """
    @dev Counts `amount`, which is no more than `entry` owes.
    """
    assert amount <= entry.due - entry.paid, "nothing so large is outstanding"
    self._licenses[license_id] += amount


@internal
@view
def _is_in_good_standing(license_id: uint256, entry: Entry, core: license_terms.Core) -> bool:
    """
    @dev Every period past its grace is reported, and what was due through the last of them is paid.
    """
    past: uint256 = periods._past_grace(
        entry.starts_at, core.term_seconds, core.period_seconds, core.grace_seconds, block.timestamp
    )
    if past > entry.periods_reported:
        return False
    return self._through[license_id][past] & MASK_128 <= entry.paid


@internal
@pure
def _next_period(entry: Entry, core: license_terms.Core) -> (uint256, uint256, uint256):
    """
    @dev The next period to report: its number, its end and when it becomes overdue. Zeros when none is left.
    """
    period: uint256 = entry.periods_reported + 1
    if period > periods._count(core.term_seconds, core.period_seconds):
        return 0, 0, 0
    ends_at: uint256 = periods._end(entry.starts_at, core.term_seconds, core.period_seconds, period)
    return period, ends_at, ends_at + core.grace_seconds

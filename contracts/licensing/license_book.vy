# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The stored state of each license: its periods, what they owe, what was paid of that, and its calendar.
@dev `standing` loads a `Record`, makes changed copies of it and stores the last one.
@custom:invariant Periods are booked and reported in order, once. reported <= booked <= reported + 16.
"""

from contracts.common import refusals
from contracts.common import tagged_tokens
from contracts.licensing import arrears
from contracts.licensing import frozen_terms
from contracts.licensing import packed_license
from contracts.licensing import packed_license_totals
from contracts.licensing import packed_period
from contracts.licensing import periods
from contracts.licensing import terms_layout

uses: frozen_terms
uses: tagged_tokens

# At most so many periods are estimated after the last one that the licensee reported.
MAX_AHEAD: constant(uint256) = 16
# A reported period can be assessed for so long after its due time, or after its report if that came later.
STATUTE_SECONDS: constant(uint256) = 400 * 86_400
DAY: constant(uint256) = 86_400

struct Record:
    id: uint256
    owner: address
    terms_id: uint256
    origin: uint256                  # periods count from here
    reported: uint256                # periods that the licensee reported itself
    booked: uint256                  # periods reported or estimated
    terms_bought: uint256
    flags: uint256                   # of packed_license
    due: uint256                     # principal of all booked periods
    paid: uint256                    # principal paid; above `due` it is credit
    core: terms_layout.Core          # the terms it was bought under
    lapse: arrears.Lapse             # the open lapse, which `standing` fills in; empty here

# License => packed totals.
_totals: HashMap[uint256, uint256]
# License => period // 2 => two packed periods.
_period_pairs: HashMap[uint256, HashMap[uint256, uint256]]
# License => its end, if it was ended early (flag ENDED).
_ended: HashMap[uint256, uint256]
# License => its first start, if its origin was moved (flag SHIFTED).
_starts: HashMap[uint256, uint256]


@deploy
def __init__():
    pass


# --- loaded and stored ---


@internal
@view
def _load(license_id: uint256) -> Record:
    owner: address = empty(address)
    tag: uint256 = 0
    owner, tag = tagged_tokens._owner_and_tag(license_id)
    if owner == empty(address):
        refusals._refuse("unknown license")
    license: packed_license.License = packed_license._unpack(tag)
    totals: packed_license_totals.Totals = packed_license_totals._unpack(self._totals[license_id])
    return Record(
        id=license_id,
        owner=owner,
        terms_id=license.terms_id,
        origin=license.origin,
        reported=license.reported,
        booked=license.reported + license.ahead,
        terms_bought=license.terms_bought,
        flags=license.flags,
        due=totals.due,
        paid=totals.paid,
        core=frozen_terms._load_core(license.terms_id),
        lapse=empty(arrears.Lapse),
    )


@internal
def _store(record: Record):
    license: packed_license.License = packed_license.License(
        origin=record.origin,
        reported=record.reported,
        ahead=record.booked - record.reported,
        terms_bought=record.terms_bought,
        flags=record.flags,
        terms_id=record.terms_id,
    )
    tagged_tokens._set_tag(record.id, record.owner, packed_license._pack(license))
    # Only `paid` can be too large: `due` is the sum of at most 4,095 + 16 periods below 2**112 each.
    self._totals[record.id] = packed_license_totals._pack(
        packed_license_totals.Totals(paid=record.paid, due=record.due)
    )


# --- its periods ---


@internal
@view
def _due_of(record: Record, period: uint256) -> uint256:
    """
    @dev What a period owes.
    """
    return self._period(record.id, period).due


@internal
@view
def _is_marked(license_id: uint256, period: uint256, mark: uint256) -> bool:
    """
    @dev `mark` is one of packed_period.
    """
    return self._period(license_id, period).marks & mark != 0


@internal
@view
def _period(license_id: uint256, period: uint256) -> packed_period.Period:
    """
    @dev Zeros for period 0 and for one that is not booked yet.
    """
    return packed_period._unpack(packed_period._of_pair(self._period_pairs[license_id][period // 2], period))


@internal
def _set_period(license_id: uint256, period: uint256, new_period: packed_period.Period):
    self._period_pairs[license_id][period // 2] = packed_period._in_pair(
        self._period_pairs[license_id][period // 2], period, packed_period._pack(new_period)
    )


@internal
@view
def _is_in_statute(record: Record, period: uint256) -> bool:
    """
    @dev Whether a booked period can be assessed: always while it is not reported, then for STATUTE_SECONDS. Who reports
         late can be audited for as long as who reports in time.
    """
    days_late: uint256 = self._period(record.id, period).days_late
    until: uint256 = self._due_at(record, period) + days_late * DAY + STATUTE_SECONDS
    return period > record.reported or block.timestamp < until


@internal
@view
def _days_late(record: Record, period: uint256) -> uint256:
    """
    @dev Days by which a report in this second is late, rounded up; 0 up to the due time, at most 16,383 (44 years).
    """
    due_at: uint256 = self._due_at(record, period)
    late: uint256 = block.timestamp - min(block.timestamp, due_at)
    return min((late + DAY - 1) // DAY, packed_period.DAYS_LATE_MASK)


# --- the calendar ---


@internal
def _set_end(license_id: uint256, ends_at: uint256):
    """
    @dev Stores the end of a license that is ended early.
    """
    self._ended[license_id] = ends_at


@internal
def _set_start(license_id: uint256, starts_at: uint256):
    """
    @dev Keeps the start of a license whose origin is moved for the first time.
    """
    self._starts[license_id] = starts_at


@internal
@view
def _ends_at(record: Record) -> uint256:
    if record.flags & packed_license.ENDED != 0:
        return self._ended[record.id]
    return periods._term_end(record.origin, record.core.term_seconds, record.terms_bought)


@internal
@view
def _starts_at(record: Record) -> uint256:
    if record.flags & packed_license.SHIFTED != 0:
        return self._starts[record.id]
    return record.origin


@internal
@view
def _count(record: Record) -> uint256:
    return periods._count(record.origin, record.core.period_seconds, self._ends_at(record))


@internal
@view
def _seconds_cut_off(record: Record, period: uint256) -> uint256:
    """
    @dev Seconds of `period` that lie after an early end; more than a period for one that begins after it.
    """
    if record.flags & packed_license.ENDED == 0:
        return 0
    end: uint256 = periods._end(record.origin, record.core.period_seconds, period)
    return end - min(end, self._ended[record.id])


@internal
@view
def _opens_at(record: Record, period: uint256) -> uint256:
    """
    @dev First second in which a period may be reported: its end. A shortened one waits for the due time of the period
         before it, so that at most one booked period is in its grace.
    """
    end: uint256 = periods._end(record.origin, record.core.period_seconds, period)
    cut: uint256 = self._seconds_cut_off(record, period)
    if cut == 0:
        return end
    return max(end - cut, end - record.core.period_seconds + record.core.grace_seconds)


@internal
@view
def _due_at(record: Record, period: uint256) -> uint256:
    """
    @dev First second in which `period` is overdue.
    """
    end: uint256 = periods._end(record.origin, record.core.period_seconds, period)
    return end - self._seconds_cut_off(record, period) + record.core.grace_seconds


@internal
@view
def _is_missing(record: Record) -> bool:
    """
    @dev Whether the due time of a period has come that the licensee has not reported itself.
    """
    if block.timestamp < self._due_at(record, record.reported + 1):
        return False
    return record.reported < self._count(record)


@internal
@view
def _prorated(record: Record, period: uint256, amount: uint256) -> uint256:
    """
    @dev `amount`, which is for a whole period, in proportion to the length of this one, rounded up.
    """
    cut: uint256 = self._seconds_cut_off(record, period)
    if cut == 0:
        return amount
    return (amount * (record.core.period_seconds - cut) + record.core.period_seconds - 1) // record.core.period_seconds

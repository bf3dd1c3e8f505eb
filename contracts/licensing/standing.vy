# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Standing
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a license owes now, whether it is in good standing, and how reports, estimates, payments and decisions
        change that. The rules are those of ILicenseMarket.
@dev Whether a license is in good standing follows from what is stored and from the time; nothing accrues.
     1. A lapse that no call has stored yet begins with the due time of the last booked or of the first missing period.
     2. A lapse that credit has paid off ends in the second that `_lapse_ends_at` computes, without a call.
     A record is loaded with its open lapse; each change returns a new record, and `_store` writes the last one.
@custom:invariant A record is marked LATE if and only if, when last stored, principal was overdue, interest was owed or
                  a report was missing.
"""

from contracts.common import refusals
from contracts.licensing import arrears
from contracts.licensing import frozen_terms
from contracts.licensing import license_book
from contracts.licensing import packed_license
from contracts.licensing import packed_past_lapse
from contracts.licensing import packed_period
from contracts.licensing import packed_terms_billing
from contracts.licensing import terms_layout
from interfaces import ILicenseMarket

uses: arrears
uses: frozen_terms
uses: license_book

MAX_UNITS: constant(uint256) = 2**64 - 1

struct Position:
    overdue: uint256                 # principal whose due time has come
    accrued: uint256                 # interest of the lapse, paid or not
    interest: uint256                # part of `accrued` that is not paid


@deploy
def __init__():
    pass


# --- where it stands ---


@internal
@view
def _load(license_id: uint256) -> license_book.Record:
    """
    @dev A record with its open lapse. If none is stored, or the stored one is over, a new one can have begun in two
         ways only: the due time of the last booked period passed unpaid, or that of the first missing period.
    """
    record: license_book.Record = license_book._load(license_id)
    if record.flags & packed_license.LATE != 0:
        stored_at: uint256 = 0
        record.lapse, stored_at = arrears._load(license_id)
        over_at: uint256 = self._lapse_ends_at(record, stored_at)
        if over_at == 0:
            return record
        past: uint256 = packed_past_lapse._pack(
            packed_past_lapse.PastLapse(since=record.lapse.since, until=over_at)
        )
        record.lapse = empty(arrears.Lapse)
        record.lapse.past = past
    since: uint256 = 0
    if record.due > record.paid:
        since = license_book._due_at(record, record.booked)
        if block.timestamp < since:
            since = 0
    if since == 0 and license_book._is_missing(record):
        since = license_book._due_at(record, record.reported + 1)
    record.lapse.since = since
    record.lapse.meter = self._unit_seconds(self._owed(record), since)
    return record


@internal
@view
def _load_booked(license_id: uint256, period: uint256) -> license_book.Record:
    """
    @dev The record of a license that has booked the period.
    """
    record: license_book.Record = self._load(license_id)
    if period == 0 or period > record.booked:
        refusals._refuse("period is not booked")
    return record


@internal
@view
def _lapse_ends_at(record: license_book.Record, stored_at: uint256) -> uint256:
    """
    @dev First second, at most the present one, in which the lapse of a record that was stored late at `stored_at` was
         over; 0: it is open. Only credit can end it between two calls. Two lines have to be looked at: one before the
         due time of the last booked period, one from it on. Neither counts from the second on in which the next report
         is missing; if periods are estimated, that second is before `stored_at` and the lapse is open.
    """
    until: uint256 = block.timestamp + 1
    if record.reported < license_book._count(record):
        until = min(until, license_book._due_at(record, record.reported + 1))
    owed: int256 = self._owed(record)
    due_at: uint256 = license_book._due_at(record, record.booked)
    if stored_at < due_at:
        due: int256 = convert(license_book._due_of(record, record.booked), int256)
        offset: int256 = self._unit_seconds(due, due_at)
        over_at: uint256 = arrears._interest_free_from(
            record.lapse, owed - due, offset, record.core.late_bps, stored_at
        )
        if over_at < min(due_at, until):
            return over_at
    at: uint256 = arrears._interest_free_from(record.lapse, owed, 0, record.core.late_bps, max(stored_at, due_at))
    return at if at < until else 0


@internal
def _store(record: license_book.Record):
    """
    @dev Stores a record. Its lapse is stored as open, or as past if nothing is overdue, no interest is owed and no
         report is missing.
    """
    if record.lapse.past > 0:
        past: packed_past_lapse.PastLapse = packed_past_lapse._unpack(record.lapse.past)
        arrears._add_lapse(record.id, past.since, past.until)
    updated: license_book.Record = record
    updated.flags &= ~packed_license.LATE
    if record.lapse.since != 0:
        position: Position = self._position(record)
        if position.overdue == 0 and position.interest == 0 and not license_book._is_missing(record):
            arrears._add_lapse(record.id, record.lapse.since, block.timestamp)
        else:
            updated.flags |= packed_license.LATE
            arrears._store(record.id, record.lapse)
    license_book._store(updated)


@internal
@view
def _position(record: license_book.Record) -> Position:
    """
    @dev Overdue principal and interest in this second; zeros in good standing.
    """
    position: Position = empty(Position)
    if record.lapse.since == 0:
        return position
    owed: int256 = 0
    meter_now: int256 = 0
    owed, meter_now = self._overdue(record)
    if owed > 0:
        position.overdue = convert(owed, uint256)
    position.accrued = arrears._interest_of(meter_now - record.lapse.meter, record.core.late_bps)
    position.interest = position.accrued - min(position.accrued, record.lapse.interest_paid)
    return position


@internal
@pure
def _outstanding(record: license_book.Record, position: Position) -> uint256:
    return record.due - min(record.due, record.paid) + position.interest


@internal
@pure
def _owed(record: license_book.Record) -> int256:
    """
    @dev Principal of all booked periods that is not paid; below zero: credit.
    """
    return convert(record.due, int256) - convert(record.paid, int256)


@internal
@view
def _overdue(record: license_book.Record) -> (int256, int256):
    """
    @dev Returns the principal whose due time has come and that is not paid (below zero: credit), and the meter of a
         line that begins now: on it that is owed from this second on, and what a last booked period in its grace owes
         from its due time on. This meter less that of a lapse is the debt-seconds of the lapse.
    """
    owed: int256 = self._owed(record)
    due_at: uint256 = license_book._due_at(record, record.booked)
    in_grace: int256 = 0
    if block.timestamp < due_at:
        in_grace = convert(license_book._due_of(record, record.booked), int256)
        owed -= in_grace
    return owed, self._unit_seconds(owed, block.timestamp) + self._unit_seconds(in_grace, due_at)


@internal
@pure
def _unit_seconds(amount: int256, seconds: uint256) -> int256:
    return amount * convert(seconds, int256)


# --- changes ---


@internal
@pure
def _check_figures(revenue: uint256, units: uint256):
    if revenue > packed_period.DUE_MASK:
        refusals._refuse("revenue is too large")
    if units > MAX_UNITS:
        refusals._refuse("units are too many")


@internal
@view
def _due_for(record: license_book.Record, period: uint256, revenue: uint256, units: uint256) -> uint256:
    """
    @dev What a period owes by these figures. The minimum of a shortened period is in proportion to
         its length.
    """
    rates: terms_layout.Core = record.core
    rates.minimum_per_period = license_book._prorated(record, period, rates.minimum_per_period)
    return frozen_terms._due(record.terms_id, rates, revenue, units, self._firm_dues_except(record, period))


@internal
@view
def _firm_dues_except(record: license_book.Record, period: uint256) -> uint256:
    """
    @dev What all other periods owe by report or decision. Estimates shrink for both, so they use up no
         cap.
    """
    # Without the flag METERED there is no cap, and this is not used.
    if record.core.flags & packed_terms_billing.METERED == 0:
        return 0
    firm: uint256 = record.due - license_book._due_of(record, period)
    for other: uint256 in range(record.reported + 1, record.booked + 1, bound=license_book.MAX_AHEAD):
        if other != period and not license_book._is_marked(record.id, other, packed_period.ASSESSED):
            firm -= license_book._due_of(record, other)
    return firm


@internal
def _apply_report(record: license_book.Record, revenue: uint256, units: uint256) -> (license_book.Record, uint256):
    """
    @dev Applies the licensee's own report of its next period. Returns the new record and what the period owes.
    """
    period: uint256 = record.reported + 1
    due: uint256 = self._due_for(record, period, revenue, units)
    old: packed_period.Period = license_book._period(record.id, period)
    if old.marks & packed_period.ASSESSED != 0:
        due = max(due, old.due)
    new_period: packed_period.Period = packed_period.Period(due=due, marks=0, days_late=0)
    # In good standing no report can be late: its due time has not come.
    if record.lapse.since != 0:
        new_period.days_late = license_book._days_late(record, period)
    # Without a cap nothing is cut. The report reached the cap if one unit more would not fit below it.
    if record.core.flags & packed_terms_billing.METERED != 0:
        if frozen_terms._capped(record.terms_id, record.core, due + 1, self._firm_dues_except(record, period)) == due:
            new_period.marks = packed_period.CAPPED
    updated: license_book.Record = record
    updated.reported = period
    updated.booked = max(updated.booked, period)
    return self._change_due(updated, period, old.due, new_period), due


@internal
def _apply_estimates(record: license_book.Record) -> license_book.Record:
    """
    @dev Estimates every period whose due time has come and that is not booked, up to MAX_AHEAD beyond the reports.
    """
    updated: license_book.Record = record
    count: uint256 = license_book._count(record)
    due: uint256 = license_book._due_of(record, record.booked)
    for _: uint256 in range(license_book.MAX_AHEAD):
        period: uint256 = updated.booked + 1
        due_at: uint256 = license_book._due_at(record, period)
        is_full: bool = updated.booked == record.reported + license_book.MAX_AHEAD
        if is_full or period > count or block.timestamp < due_at:
            break
        # A quarter above the period before, rounded up.
        due = max(record.core.minimum_per_period, (due * 5 + 3) // 4)
        due = license_book._prorated(record, period, due)
        due = frozen_terms._capped(record.terms_id, record.core, due, updated.due)
        updated.booked = period
        updated = self._set_due(updated, period, 0, packed_period.Period(due=due, marks=0, days_late=0))
        log ILicenseMarket.PeriodEstimated(license_id=record.id, period=period, due=due)
    return updated


@internal
def _apply_payment(record: license_book.Record, position: Position, amount: uint256) -> license_book.Record:
    """
    @dev Applies a payment: first overdue principal, then interest, then other principal.
    """
    interest: uint256 = min(amount - min(amount, position.overdue), position.interest)
    updated: license_book.Record = record
    updated.paid += amount - interest
    if record.lapse.since > 0:
        updated.lapse.meter -= self._unit_seconds(convert(amount - interest, int256), block.timestamp)
        if interest > 0:
            updated.lapse.interest_paid += interest
            log ILicenseMarket.InterestPaid(license_id=record.id, amount=interest)
    return updated


@internal
def _apply_decision(
    record: license_book.Record,
    period: uint256,
    due: uint256,
    own_due: uint256,
    escrow: uint256,
    escrow_since: uint256,
) -> license_book.Record:
    """
    @dev Makes a period owe `due`, at most what the cap leaves. A lapse that this begins, begins now.
         1. Interest of a change counts from the due time of the period,
         2. but of the part up to `own_due` from the begin of the lapse, if that is later: before, that part was paid or
            a decision had taken it off.
         3. The last `escrow` units of a raise bear no interest since `escrow_since`.
    """
    new_period: packed_period.Period = license_book._period(record.id, period)
    old_due: uint256 = new_period.due
    new_due: uint256 = frozen_terms._capped(record.terms_id, record.core, due, self._firm_dues_except(record, period))
    updated: license_book.Record = record
    if record.lapse.since == 0 and new_due > old_due:
        owed: int256 = 0
        updated.lapse.since = block.timestamp
        owed, updated.lapse.meter = self._overdue(record)
    # Where `since` is still 0 the due does not rise: `escrowed` is 0, too, and nothing is added to the meter.
    since: uint256 = updated.lapse.since
    due_at: uint256 = license_book._due_at(record, period)
    escrowed: uint256 = min(escrow, new_due - min(new_due, old_due))
    escrowed_from: uint256 = min(block.timestamp, max(escrow_since, due_at))
    # The parts of the escrow (the end of a raise) and of the whole change that lie below `own_due`.
    own_escrowed: uint256 = min(new_due, own_due) - min(new_due - escrowed, own_due)
    own_change: int256 = convert(min(new_due, own_due), int256) - convert(min(old_due, own_due), int256)
    updated.lapse.meter += self._unit_seconds(own_change, since - min(since, due_at))
    updated.lapse.meter += self._unit_seconds(convert(escrowed, int256), block.timestamp - escrowed_from)
    updated.lapse.meter -= self._unit_seconds(convert(own_escrowed, int256), since - min(since, escrowed_from))
    if new_due != old_due:
        log ILicenseMarket.PeriodDecided(license_id=record.id, period=period, old_due=old_due, new_due=new_due)
    new_period.due = new_due
    new_period.marks |= packed_period.ASSESSED
    return self._change_due(updated, period, old_due, new_period)


@internal
def _change_due(
    record: license_book.Record, period: uint256, old_due: uint256, new_period: packed_period.Period
) -> license_book.Record:
    """
    @dev Changes what a period owes. In a lapse it then shrinks estimates above the cap, the last one first, turns paid
         interest that is owed no longer into credit, and lets credit pay interest that is owed.
    """
    updated: license_book.Record = self._set_due(record, period, old_due, new_period)
    # In good standing there are no estimates and no interest.
    if record.lapse.since == 0:
        return updated
    for back: uint256 in range(record.booked - record.reported, bound=license_book.MAX_AHEAD):
        excess: uint256 = frozen_terms._excess(record.terms_id, record.core, updated.due)
        other: uint256 = record.booked - back
        if excess > 0 and not license_book._is_marked(record.id, other, packed_period.ASSESSED):
            due: uint256 = license_book._due_of(record, other)
            shrunk: uint256 = due - min(due, excess)
            updated = self._set_due(updated, other, due, packed_period.Period(due=shrunk, marks=0, days_late=0))
    position: Position = self._position(updated)
    # Interest that was paid and is owed no longer.
    returned: uint256 = updated.lapse.interest_paid - min(updated.lapse.interest_paid, position.accrued)
    # Interest that credit pays.
    part: uint256 = min(updated.paid - min(updated.paid, updated.due), position.interest)
    updated.lapse.interest_paid = updated.lapse.interest_paid + part - returned
    updated.lapse.meter += self._unit_seconds(
        convert(part, int256) - convert(returned, int256), block.timestamp
    )
    updated.paid = updated.paid + returned - part
    if returned > 0:
        log ILicenseMarket.InterestReturned(license_id=record.id, amount=returned)
    if part > 0:
        log ILicenseMarket.InterestPaid(license_id=record.id, amount=part)
    return updated


@internal
def _set_due(
    record: license_book.Record, period: uint256, old_due: uint256, new_period: packed_period.Period
) -> license_book.Record:
    """
    @dev Stores a period, and counts the difference of its due in the totals and in the meter of an open lapse.
    """
    license_book._set_period(record.id, period, new_period)
    updated: license_book.Record = record
    updated.due = record.due + new_period.due - old_due
    if record.lapse.since != 0:
        due_at: uint256 = license_book._due_at(record, period)
        updated.lapse.meter += self._unit_seconds(convert(new_period.due, int256) - convert(old_due, int256), due_at)
    return updated


@internal
def _add_term(record: license_book.Record) -> license_book.Record:
    """
    @dev Adds one term. A late renewal moves the origin on by the time since the end, which stays unlicensed. Without
         periods the origin becomes the begin of the new term, so that `terms_bought` never runs out.
    """
    updated: license_book.Record = record
    ends_at: uint256 = license_book._ends_at(record)
    gap: uint256 = block.timestamp - min(block.timestamp, ends_at)
    if record.flags & packed_license.SHIFTED == 0 and (gap > 0 or record.core.period_seconds == 0):
        license_book._set_start(record.id, record.origin)
        updated.flags |= packed_license.SHIFTED
    if gap > 0:
        arrears._add_lapse(record.id | arrears.GAP_BIT, ends_at, block.timestamp)
    if record.core.period_seconds == 0:
        updated.origin = ends_at + gap
    else:
        updated.origin += gap
        updated.terms_bought += 1
    return updated


@internal
def _apply_end(record: license_book.Record, ends_at: uint256):
    """
    @dev Ends a license early. What it owes and has to report stays.
    """
    updated: license_book.Record = record
    updated.flags |= packed_license.ENDED
    license_book._set_end(record.id, ends_at)
    self._store(updated)
    log ILicenseMarket.LicenseEnded(license_id=record.id, ends_at=ends_at)

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
     2. A lapse that credit has paid off ends in the second that `_over_at` computes, without a call.
     An entry is loaded with its open lapse; each change returns a new entry, and `_store` writes the last one.
@custom:invariant An entry is marked LATE if and only if, when last stored, principal was overdue, interest was owed or
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
def _load(license_id: uint256) -> license_book.Entry:
    """
    @dev An entry with its open lapse. If none is stored, or the stored one is over, a new one can have begun in two
         ways only: the due time of the last booked period passed unpaid, or that of the first missing period.
    """
    entry: license_book.Entry = license_book._load(license_id)
    if entry.flags & packed_license.LATE != 0:
        stored_at: uint256 = 0
        entry.lapse, stored_at = arrears._load(license_id)
        over_at: uint256 = self._over_at(entry, stored_at)
        if over_at == 0:
            return entry
        past: uint256 = packed_past_lapse._pack(
            packed_past_lapse.PastLapse(since=entry.lapse.since, until=over_at)
        )
        entry.lapse = empty(arrears.Lapse)
        entry.lapse.past = past
    since: uint256 = 0
    if entry.due > entry.paid:
        since = license_book._due_at(entry, entry.booked)
        if block.timestamp < since:
            since = 0
    if since == 0 and license_book._is_missing(entry):
        since = license_book._due_at(entry, entry.reported + 1)
    entry.lapse.since = since
    entry.lapse.meter = self._unit_seconds(self._owed(entry), since)
    return entry


@internal
@view
def _load_booked(license_id: uint256, period: uint256) -> license_book.Entry:
    """
    @dev The entry of a license that has booked the period.
    """
    entry: license_book.Entry = self._load(license_id)
    if period == 0 or period > entry.booked:
        refusals._refuse("period is not booked")
    return entry


@internal
@view
def _over_at(entry: license_book.Entry, stored_at: uint256) -> uint256:
    """
    @dev First second, at most the present one, in which the lapse of an entry that was stored late at `stored_at` was
         over; 0: it is open. Only credit can end it between two calls. Two lines have to be looked at: one before the
         due time of the last booked period, one from it on. Neither counts from the second on in which the next report
         is missing; if periods are estimated, that second is before `stored_at` and the lapse is open.
    """
    until: uint256 = block.timestamp + 1
    if entry.reported < license_book._count(entry):
        until = min(until, license_book._due_at(entry, entry.reported + 1))
    owed: int256 = self._owed(entry)
    due_at: uint256 = license_book._due_at(entry, entry.booked)
    if stored_at < due_at:
        due: int256 = convert(license_book._due_of(entry, entry.booked), int256)
        offset: int256 = self._unit_seconds(due, due_at)
        over_at: uint256 = arrears._free_at(entry.lapse, owed - due, offset, entry.core.late_bps, stored_at)
        if over_at < min(due_at, until):
            return over_at
    at: uint256 = arrears._free_at(entry.lapse, owed, 0, entry.core.late_bps, max(stored_at, due_at))
    return at if at < until else 0


@internal
def _store(entry: license_book.Entry):
    """
    @dev Stores an entry. Its lapse is stored as open, or as past if nothing is overdue, no interest is owed and no
         report is missing.
    """
    if entry.lapse.past > 0:
        past: packed_past_lapse.PastLapse = packed_past_lapse._unpack(entry.lapse.past)
        arrears._add_lapse(entry.id, past.since, past.until)
    moved: license_book.Entry = entry
    moved.flags &= ~packed_license.LATE
    if entry.lapse.since != 0:
        position: Position = self._position(entry)
        if position.overdue == 0 and position.interest == 0 and not license_book._is_missing(entry):
            arrears._add_lapse(entry.id, entry.lapse.since, block.timestamp)
        else:
            moved.flags |= packed_license.LATE
            arrears._store(entry.id, entry.lapse)
    license_book._store(moved)


@internal
@view
def _position(entry: license_book.Entry) -> Position:
    """
    @dev Overdue principal and interest in this second; zeros in good standing.
    """
    position: Position = empty(Position)
    if entry.lapse.since == 0:
        return position
    owed: int256 = 0
    line: int256 = 0
    owed, line = self._overdue(entry)
    if owed > 0:
        position.overdue = convert(owed, uint256)
    position.accrued = arrears._interest_of(line - entry.lapse.meter, entry.core.late_bps)
    position.interest = position.accrued - min(position.accrued, entry.lapse.interest_paid)
    return position


@internal
@pure
def _outstanding(entry: license_book.Entry, position: Position) -> uint256:
    return entry.due - min(entry.due, entry.paid) + position.interest


@internal
@pure
def _owed(entry: license_book.Entry) -> int256:
    """
    @dev Principal of all booked periods that is not paid; below zero: credit.
    """
    return convert(entry.due, int256) - convert(entry.paid, int256)


@internal
@view
def _overdue(entry: license_book.Entry) -> (int256, int256):
    """
    @dev Returns the principal whose due time has come and that is not paid (below zero: credit), and the meter of a
         line that begins now: on it that is owed from this second on, and what a last booked period in its grace owes
         from its due time on. This meter less that of a lapse is the debt-seconds of the lapse.
    """
    owed: int256 = self._owed(entry)
    due_at: uint256 = license_book._due_at(entry, entry.booked)
    in_grace: int256 = 0
    if block.timestamp < due_at:
        in_grace = convert(license_book._due_of(entry, entry.booked), int256)
        owed -= in_grace
    return owed, self._unit_seconds(owed, block.timestamp) + self._unit_seconds(in_grace, due_at)


@internal
@pure
def _unit_seconds(amount: int256, seconds: uint256) -> int256:
    return amount * convert(seconds, int256)


# --- moves ---


@internal
@pure
def _check_figures(revenue: uint256, units: uint256):
    if revenue > packed_period.DUE_MASK:
        refusals._refuse("revenue is too large")
    if units > MAX_UNITS:
        refusals._refuse("units are too many")


@internal
@view
def _due_for(entry: license_book.Entry, period: uint256, revenue: uint256, units: uint256) -> uint256:
    """
    @dev What a period owes by these figures. The minimum of a shortened period is in proportion to
         its length.
    """
    rates: terms_layout.Core = entry.core
    rates.minimum_per_period = license_book._cut_of(entry, period, rates.minimum_per_period)
    return frozen_terms._due(entry.terms_id, rates, revenue, units, self._firm_beside(entry, period))


@internal
@view
def _firm_beside(entry: license_book.Entry, period: uint256) -> uint256:
    """
    @dev What all other periods owe by report or decision. Estimates shrink for both, so they use up no
         cap.
    """
    # Without the flag METERED there is no cap, and this is not used.
    if entry.core.flags & packed_terms_billing.METERED == 0:
        return 0
    firm: uint256 = entry.due - license_book._due_of(entry, period)
    for other: uint256 in range(entry.reported + 1, entry.booked + 1, bound=license_book.MAX_AHEAD):
        if other != period and not license_book._is_marked(entry.id, other, packed_period.ASSESSED):
            firm -= license_book._due_of(entry, other)
    return firm


@internal
def _report(entry: license_book.Entry, revenue: uint256, units: uint256) -> (license_book.Entry, uint256):
    """
    @dev Applies the licensee's own report of its next period. Returns the new entry and what the period owes.
    """
    period: uint256 = entry.reported + 1
    due: uint256 = self._due_for(entry, period, revenue, units)
    old: packed_period.Period = license_book._period(entry.id, period)
    if old.marks & packed_period.ASSESSED != 0:
        due = max(due, old.due)
    booked: packed_period.Period = packed_period.Period(due=due, marks=0, days_late=0)
    # In good standing no report can be late: its due time has not come.
    if entry.lapse.since != 0:
        booked.days_late = license_book._days_late(entry, period)
    # Without a cap nothing is cut. The report reached the cap if one unit more would not fit below it.
    if entry.core.flags & packed_terms_billing.METERED != 0:
        if frozen_terms._capped(entry.terms_id, entry.core, due + 1, self._firm_beside(entry, period)) == due:
            booked.marks = packed_period.CUT
    moved: license_book.Entry = entry
    moved.reported = period
    moved.booked = max(moved.booked, period)
    return self._change(moved, period, old.due, booked), due


@internal
def _estimate(entry: license_book.Entry) -> license_book.Entry:
    """
    @dev Estimates every period whose due time has come and that is not booked, up to MAX_AHEAD beyond the reports.
    """
    moved: license_book.Entry = entry
    count: uint256 = license_book._count(entry)
    due: uint256 = license_book._due_of(entry, entry.booked)
    for _: uint256 in range(license_book.MAX_AHEAD):
        period: uint256 = moved.booked + 1
        due_at: uint256 = license_book._due_at(entry, period)
        is_full: bool = moved.booked == entry.reported + license_book.MAX_AHEAD
        if is_full or period > count or block.timestamp < due_at:
            break
        # A quarter above the period before, rounded up.
        due = max(entry.core.minimum_per_period, (due * 5 + 3) // 4)
        due = license_book._cut_of(entry, period, due)
        due = frozen_terms._capped(entry.terms_id, entry.core, due, moved.due)
        moved.booked = period
        moved = self._replace(moved, period, 0, packed_period.Period(due=due, marks=0, days_late=0))
        log ILicenseMarket.PeriodEstimated(license_id=entry.id, period=period, due=due)
    return moved


@internal
def _pay(entry: license_book.Entry, position: Position, amount: uint256) -> license_book.Entry:
    """
    @dev Applies a payment: first overdue principal, then interest, then other principal.
    """
    interest: uint256 = min(amount - min(amount, position.overdue), position.interest)
    moved: license_book.Entry = entry
    moved.paid += amount - interest
    if entry.lapse.since > 0:
        moved.lapse.meter -= self._unit_seconds(convert(amount - interest, int256), block.timestamp)
        if interest > 0:
            moved.lapse.interest_paid += interest
            log ILicenseMarket.InterestPaid(license_id=entry.id, amount=interest)
    return moved


@internal
def _decide(
    entry: license_book.Entry,
    period: uint256,
    due: uint256,
    own_due: uint256,
    escrow: uint256,
    escrow_since: uint256,
) -> license_book.Entry:
    """
    @dev Makes a period owe `due`, at most what the cap leaves. A lapse that this begins, begins now.
         1. Interest of a change counts from the due time of the period,
         2. but of the part up to `own_due` from the begin of the lapse, if that is later: before, that part was paid or
            a decision had taken it off.
         3. The last `escrow` units of a raise bear no interest since `escrow_since`.
    """
    booked: packed_period.Period = license_book._period(entry.id, period)
    old_due: uint256 = booked.due
    new_due: uint256 = frozen_terms._capped(entry.terms_id, entry.core, due, self._firm_beside(entry, period))
    moved: license_book.Entry = entry
    if entry.lapse.since == 0 and new_due > old_due:
        owed: int256 = 0
        moved.lapse.since = block.timestamp
        owed, moved.lapse.meter = self._overdue(entry)
    # In good standing the due does not rise: `since` and `held` are 0, and nothing is added to the meter.
    since: uint256 = moved.lapse.since
    due_at: uint256 = license_book._due_at(entry, period)
    held: uint256 = min(escrow, new_due - min(new_due, old_due))
    held_from: uint256 = min(block.timestamp, max(escrow_since, due_at))
    # The parts of the escrow (the end of a raise) and of the whole change that lie below `own_due`.
    own_held: uint256 = min(new_due, own_due) - min(new_due - held, own_due)
    own_change: int256 = convert(min(new_due, own_due), int256) - convert(min(old_due, own_due), int256)
    moved.lapse.meter += self._unit_seconds(own_change, since - min(since, due_at))
    moved.lapse.meter += self._unit_seconds(convert(held, int256), block.timestamp - held_from)
    moved.lapse.meter -= self._unit_seconds(convert(own_held, int256), since - min(since, held_from))
    if new_due != old_due:
        log ILicenseMarket.PeriodDecided(license_id=entry.id, period=period, old_due=old_due, new_due=new_due)
    booked.due = new_due
    booked.marks |= packed_period.ASSESSED
    return self._change(moved, period, old_due, booked)


@internal
def _change(
    entry: license_book.Entry, period: uint256, old_due: uint256, booked: packed_period.Period
) -> license_book.Entry:
    """
    @dev Changes what a period owes. In a lapse it then shrinks estimates above the cap, the last one first, turns paid
         interest that is owed no longer into credit, and lets credit pay interest that is owed.
    """
    moved: license_book.Entry = self._replace(entry, period, old_due, booked)
    # In good standing there are no estimates and no interest.
    if entry.lapse.since == 0:
        return moved
    for back: uint256 in range(entry.booked - entry.reported, bound=license_book.MAX_AHEAD):
        excess: uint256 = frozen_terms._excess(entry.terms_id, entry.core, moved.due)
        other: uint256 = entry.booked - back
        if excess > 0 and not license_book._is_marked(entry.id, other, packed_period.ASSESSED):
            due: uint256 = license_book._due_of(entry, other)
            shrunk: uint256 = due - min(due, excess)
            moved = self._replace(moved, other, due, packed_period.Period(due=shrunk, marks=0, days_late=0))
    position: Position = self._position(moved)
    # Interest that was paid and is owed no longer.
    returned: uint256 = moved.lapse.interest_paid - min(moved.lapse.interest_paid, position.accrued)
    # Interest that credit pays.
    part: uint256 = min(moved.paid - min(moved.paid, moved.due), position.interest)
    moved.lapse.interest_paid = moved.lapse.interest_paid + part - returned
    moved.lapse.meter += self._unit_seconds(
        convert(part, int256) - convert(returned, int256), block.timestamp
    )
    moved.paid = moved.paid + returned - part
    if returned > 0:
        log ILicenseMarket.InterestReturned(license_id=entry.id, amount=returned)
    if part > 0:
        log ILicenseMarket.InterestPaid(license_id=entry.id, amount=part)
    return moved


@internal
def _replace(
    entry: license_book.Entry, period: uint256, old_due: uint256, booked: packed_period.Period
) -> license_book.Entry:
    """
    @dev Stores a period, and counts the difference of its due in the totals and in the meter of an open lapse.
    """
    license_book._set_period(entry.id, period, booked)
    moved: license_book.Entry = entry
    moved.due = entry.due + booked.due - old_due
    if entry.lapse.since != 0:
        due_at: uint256 = license_book._due_at(entry, period)
        moved.lapse.meter += self._unit_seconds(convert(booked.due, int256) - convert(old_due, int256), due_at)
    return moved


@internal
def _add_term(entry: license_book.Entry) -> license_book.Entry:
    """
    @dev Adds one term. A late renewal moves the origin on by the time since the end, which stays unlicensed. Without
         periods the origin becomes the begin of the new term, so that `terms_bought` never runs out.
    """
    moved: license_book.Entry = entry
    ends_at: uint256 = license_book._ends_at(entry)
    gap: uint256 = block.timestamp - min(block.timestamp, ends_at)
    if entry.flags & packed_license.SHIFTED == 0 and (gap > 0 or entry.core.period_seconds == 0):
        license_book._set_start(entry.id, entry.origin)
        moved.flags |= packed_license.SHIFTED
    if gap > 0:
        arrears._add_lapse(entry.id | arrears.BETWEEN_TERMS, ends_at, block.timestamp)
    if entry.core.period_seconds == 0:
        moved.origin = ends_at + gap
    else:
        moved.origin += gap
        moved.terms_bought += 1
    return moved


@internal
def _end(entry: license_book.Entry, ends_at: uint256):
    """
    @dev Ends a license early. What it owes and has to report stays.
    """
    moved: license_book.Entry = entry
    moved.flags |= packed_license.ENDED
    license_book._set_end(entry.id, ends_at)
    self._store(moved)
    log ILicenseMarket.LicenseEnded(license_id=entry.id, ends_at=ends_at)

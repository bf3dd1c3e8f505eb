# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What each license has reported, owes and has paid, in three words: its tag, its totals, its last periods.
@dev An `Entry` is loaded, moved on by the functions below and stored once. Payments go to overdue principal first, then
     to interest, then to what is not overdue yet, then they are credit. At most one reported period is in its grace, so
     overdue principal = due - (due of that period) - paid.
@custom:invariant Periods are reported in order, once. Not marked late: nothing was overdue when last stored.
"""

from contracts.licensing import arrears
from contracts.licensing import license_tokens
from contracts.licensing import periods
from contracts.licensing import terms_words

uses: arrears
uses: license_tokens

struct Entry:
    owner: address
    terms_id: uint256
    origin: uint256                  # periods count from here
    reported: uint256                # periods
    terms_bought: uint256
    flags: uint256
    due: uint256                     # principal of all periods
    paid: uint256                    # of that; above it is credit

# Where a license stands at a time: overdue principal, interest unpaid, overdue since (0: not), and what arrears store.
struct Position:
    overdue: uint256
    interest: uint256
    since: uint256
    debt_seconds: uint256
    interest_paid: uint256

# Overdue when last stored.
LATE: constant(uint256) = 1
# Ended by termination or surrender: `_ended` says when.
ENDED: constant(uint256) = 2
# An assessment or a dispute is open.
HELD: constant(uint256) = 4
# Renewed after its end: `_starts` says when it began.
SHIFTED: constant(uint256) = 8

# Periods that can be assessed: their dues are kept, two to a word.
STATUTE: constant(uint256) = 8
HALF: constant(uint256) = 128
# Booked without a report: the mark in a half.
ESTIMATED: constant(uint256) = 1 << 127
MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_28: constant(uint256) = 2**28 - 1
MASK_36: constant(uint256) = 2**36 - 1
MASK_127: constant(uint256) = 2**127 - 1
MASK_128: constant(uint256) = 2**128 - 1

# paid | due << 128. The tag is origin | reported << 36 | terms_bought << 52 | flags << 60 | terms_id << 68.
_totals: HashMap[uint256, uint256]
# License => (period % STATUTE) // 2 => of the even period: due | mark; of the odd one: the same << HALF
_last: HashMap[uint256, HashMap[uint256, uint256]]
_ended: HashMap[uint256, uint256]
_starts: HashMap[uint256, uint256]


@deploy
def __init__():
    pass


# --- words ---


@internal
@view
def _load(license_id: uint256) -> Entry:
    owner: address = empty(address)
    tag: uint256 = 0
    owner, tag = license_tokens._owner_and_tag(license_id)
    assert owner != empty(address), "unknown license"
    totals: uint256 = self._totals[license_id]
    return Entry(
        owner=owner,
        terms_id=tag >> 68,
        origin=tag & MASK_36,
        reported=(tag >> 36) & MASK_16,
        terms_bought=(tag >> 52) & MASK_8,
        flags=(tag >> 60) & MASK_8,
        due=totals >> 128,
        paid=totals & MASK_128,
    )


@internal
def _store(license_id: uint256, entry: Entry):
    assert entry.due <= MASK_127 and entry.paid <= MASK_128, "totals are too large"
    license_tokens._set_tag(entry.owner, license_id, self._tag(entry))
    self._totals[license_id] = entry.paid | (entry.due << 128)


@internal
@pure
def _tag(entry: Entry) -> uint256:
    assert entry.reported <= MASK_16 and entry.terms_bought <= MASK_8, "license is too old"
    assert entry.terms_id <= MASK_28, "too many terms"
    counts: uint256 = (entry.reported << 36) | (entry.terms_bought << 52)
    return entry.origin | counts | (entry.flags << 60) | (entry.terms_id << 68)


@internal
@view
def _due_of(license_id: uint256, period: uint256) -> uint256:
    """
    @dev What one of the last periods owes; 0 for period 0.
    """
    if period == 0:
        return 0
    return self._half(license_id, period) & MASK_127


@internal
@view
def _is_estimated(license_id: uint256, period: uint256) -> bool:
    return self._half(license_id, period) & ESTIMATED != 0


@internal
@view
def _half(license_id: uint256, period: uint256) -> uint256:
    """
    @dev Due and mark of one of the last periods.
    """
    return (self._last[license_id][period % STATUTE // 2] >> (HALF * (period % 2))) & MASK_128


@internal
def _set_half(license_id: uint256, period: uint256, half: uint256):
    place: uint256 = HALF * (period % 2)
    other: uint256 = self._last[license_id][period % STATUTE // 2] & (MASK_128 << (HALF - place))
    self._last[license_id][period % STATUTE // 2] = other | (half << place)


# --- the calendar ---


@internal
@view
def _ends_at(license_id: uint256, entry: Entry, core: terms_words.Core) -> uint256:
    if entry.flags & ENDED != 0:
        return self._ended[license_id]
    return periods._term_end(entry.origin, core.term_seconds, entry.terms_bought)


@internal
@view
def _period_count(license_id: uint256, entry: Entry, core: terms_words.Core) -> uint256:
    return periods._count(entry.origin, core.period_seconds, self._ends_at(license_id, entry, core))


@internal
@view
def _is_missing(license_id: uint256, entry: Entry, core: terms_words.Core, delay: uint256) -> bool:
    """
    @dev Whether the next period ended `delay` seconds ago or longer and is not reported.
    """
    if entry.reported >= self._period_count(license_id, entry, core):
        return False
    return block.timestamp >= periods._end(entry.origin, core, entry.reported + 1) + delay


# --- where it stands ---


@internal
@view
def _position(license_id: uint256, entry: Entry, core: terms_words.Core) -> Position:
    """
    @dev Now.
    """
    position: Position = empty(Position)
    is_late: bool = entry.flags & LATE != 0
    owed: uint256 = entry.due - min(entry.due, entry.paid)
    if is_late or owed > 0:
        due_at: uint256 = periods._due_at(entry.origin, core, entry.reported)
        # What was owed apart from the last period was overdue all the time since the last accrual.
        older: uint256 = owed - min(owed, self._due_of(license_id, entry.reported))
        position.overdue = older
        if block.timestamp >= due_at:
            position.overdue = owed
        if not is_late and position.overdue == 0:
            # Nothing was overdue when last stored, and nothing is: interest was paid and none has come since.
            return position
        accrued_to: uint256 = 0
        position.debt_seconds, accrued_to, position.interest_paid, position.since = arrears._load(license_id)
        if not is_late:
            # Only the last period can have become overdue since then.
            accrued_to = due_at
            position.since = 0
            if position.overdue > 0:
                position.since = due_at
        if accrued_to < due_at:
            position.debt_seconds += older * (min(due_at, block.timestamp) - accrued_to)
            accrued_to = due_at
        if block.timestamp > accrued_to:
            position.debt_seconds += owed * (block.timestamp - accrued_to)
        interest: uint256 = arrears._interest_of(position.debt_seconds, core.late_bps)
        position.interest = interest - position.interest_paid
    if position.since == 0 and self._is_missing(license_id, entry, core, core.grace_seconds):
        position.since = periods._due_at(entry.origin, core, entry.reported + 1)
    return position


@internal
@view
def _outstanding(entry: Entry, position: Position) -> uint256:
    return entry.due - min(entry.due, entry.paid) + position.interest


# --- moves: each takes an entry and returns it moved on; the caller stores it ---


@internal
def _accrue(license_id: uint256, entry: Entry, core: terms_words.Core) -> Entry:
    """
    @dev Counts interest up to now and marks what is overdue. Every other move of money comes after this one.
    """
    moved: Entry = entry
    if entry.flags & LATE == 0 and entry.due <= entry.paid:
        if not self._is_missing(license_id, entry, core, core.grace_seconds):
            return moved
    position: Position = self._position(license_id, entry, core)
    if position.since != 0:
        moved.flags |= LATE
        self._keep(license_id, position)
    return moved


@internal
def _keep(license_id: uint256, position: Position):
    """
    @dev Stores debt-seconds up to now. Those of a license that was late before and is now late by a report alone are
         not in `position`, which then looked at no money: they must not be forgotten.
    """
    debt_seconds: uint256 = position.debt_seconds
    interest_paid: uint256 = position.interest_paid
    if debt_seconds == 0:
        accrued_to: uint256 = 0
        since: uint256 = 0
        debt_seconds, accrued_to, interest_paid, since = arrears._load(license_id)
    arrears._store(license_id, debt_seconds, interest_paid, position.since)


@internal
def _book(
    license_id: uint256, entry: Entry, core: terms_words.Core, due: uint256, marks: uint256
) -> Entry:
    """
    @dev Books the next period, which has ended. When it is overdue already, its interest counts from when it became so.
    """
    moved: Entry = entry
    moved.reported += 1
    moved.due += due
    self._set_half(license_id, moved.reported, due | marks)
    due_at: uint256 = periods._due_at(entry.origin, core, moved.reported)
    if due > 0 and block.timestamp > due_at:
        owed_before: uint256 = entry.due - min(entry.due, entry.paid)
        owed: uint256 = moved.due - min(moved.due, moved.paid)
        self._add_debt(license_id, (owed - owed_before) * (block.timestamp - due_at))
    return moved


@internal
def _add_debt(license_id: uint256, debt_seconds: uint256):
    """
    @dev More debt-seconds for a license that is marked late and accrued to now.
    """
    before: uint256 = 0
    accrued_to: uint256 = 0
    interest_paid: uint256 = 0
    since: uint256 = 0
    before, accrued_to, interest_paid, since = arrears._load(license_id)
    arrears._store(license_id, before + debt_seconds, interest_paid, since)


@internal
def _take(license_id: uint256, entry: Entry, core: terms_words.Core, amount: uint256) -> (Entry, uint256):
    """
    @dev Counts a payment of `amount`. Returns how much of it was interest.
    """
    moved: Entry = entry
    interest: uint256 = 0
    if entry.flags & LATE != 0:
        position: Position = self._position(license_id, entry, core)
        interest = min(amount - min(amount, position.overdue), position.interest)
        if interest > 0:
            arrears._store(
                license_id, position.debt_seconds, position.interest_paid + interest, position.since
            )
    moved.paid += amount - interest
    return self._cure(license_id, moved, core), interest


@internal
def _cure(license_id: uint256, entry: Entry, core: terms_words.Core) -> Entry:
    """
    @dev Takes the mark back when nothing is overdue any more, and remembers the lapse.
    """
    moved: Entry = entry
    if entry.flags & LATE == 0:
        return moved
    position: Position = self._position(license_id, entry, core)
    missing: bool = self._is_missing(license_id, entry, core, core.grace_seconds)
    if position.overdue == 0 and position.interest == 0 and not missing:
        moved.flags ^= LATE
        arrears._add_lapse(license_id, position.since, block.timestamp)
    return moved


@internal
def _mark(license_id: uint256, entry: Entry, core: terms_words.Core) -> Entry:
    """
    @dev Marks what became overdue in this second by a decision and not by the calendar.
    """
    moved: Entry = entry
    if entry.flags & LATE != 0:
        return moved
    # As if marked, nothing accrued: `_position` of an unmarked license would blame the last period.
    owed: uint256 = entry.due - min(entry.due, entry.paid)
    if block.timestamp < periods._due_at(entry.origin, core, entry.reported):
        owed -= min(owed, self._due_of(license_id, entry.reported))
    if owed > 0:
        moved.flags |= LATE
        position: Position = empty(Position)
        position.since = block.timestamp
        self._keep(license_id, position)
    return moved


# --- the last periods ---


@internal
@pure
def _is_recent(entry: Entry, period: uint256) -> bool:
    return period > 0 and period <= entry.reported and period + STATUTE > entry.reported


@internal
def _decide(
    license_id: uint256,
    entry: Entry,
    period: uint256,
    raised: uint256,
    lowered: uint256,
) -> Entry:
    """
    @dev Changes what a reported period owes. More is overdue now, unless the period is still in its grace.
    """
    if self._is_recent(entry, period):
        self._set_half(license_id, period, self._half(license_id, period) + raised - lowered)
    moved: Entry = entry
    moved.due = entry.due + raised - lowered
    return moved

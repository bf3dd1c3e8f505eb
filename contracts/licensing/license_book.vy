# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title License book
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What each license has booked, owes and has paid: its tag, its totals, its periods two to a word; and its calendar.
@dev An `Entry` is loaded, moved on by `standing` and stored once.
@custom:invariant Periods are booked and reported in order, once. reported <= booked <= reported + 16.
"""

from contracts.licensing import arrears
from contracts.licensing import frozen_terms
from contracts.licensing import license_tokens
from contracts.licensing import periods
from contracts.licensing import terms_words

uses: frozen_terms
uses: license_tokens

struct Entry:
    id: uint256
    owner: address
    terms_id: uint256
    origin: uint256                  # periods count from here
    reported: uint256                # periods that the licensee reported itself
    booked: uint256                  # with those that were estimated
    terms_bought: uint256
    flags: uint256
    due: uint256                     # principal of all booked periods
    paid: uint256                    # of that; above it is credit
    core: terms_words.Core           # the terms it was bought under
    lapse: arrears.Lapse             # open now; `standing` fills it in

# Out of good standing when last stored.
LATE: constant(uint256) = 1
# Ended early: `_ended` says when.
ENDED: constant(uint256) = 2
# Renewed after its end: `_starts` says when it began.
SHIFTED: constant(uint256) = 4

# Periods that may be booked by estimate beyond the last own report.
MAX_AHEAD: constant(uint256) = 16
# For so long after its due time, or after the report if that came later, a reported period can be assessed.
STATUTE_SECONDS: constant(uint256) = 400 * 86_400
DAY: constant(uint256) = 86_400
# The tag beside the token's owner, lowest first.
# [0..33]  origin        unix seconds
# [34..45] reported      periods
# [46..50] ahead         booked - reported
# [51..63] terms bought  terms
# [64..69] flags
# [70..95] terms id
REPORTED_OFFSET: constant(uint256) = 34
AHEAD_OFFSET: constant(uint256) = 46
TERMS_BOUGHT_OFFSET: constant(uint256) = 51
FLAGS_OFFSET: constant(uint256) = 64
TERMS_ID_OFFSET: constant(uint256) = 70
MASK_5: constant(uint256) = 2**5 - 1
MASK_6: constant(uint256) = 2**6 - 1
MASK_12: constant(uint256) = 2**12 - 1
MASK_13: constant(uint256) = 2**13 - 1
MASK_26: constant(uint256) = 2**26 - 1
MASK_34: constant(uint256) = 2**34 - 1
# A period's half of a word, lowest first.
# [0..111]   due         units
# [112]      assessed: a decision said what it owes, and an own report can only raise that
# [113]      cut: the cap cut what was reported, so that it is no report that was short
# [114..127] days late   days from the due time to the own report, begun ones counted whole
HALF: constant(uint256) = 128
ASSESSED: constant(uint256) = 1 << 112
CUT: constant(uint256) = 1 << 113
DAYS_LATE_OFFSET: constant(uint256) = 114
MASK_14: constant(uint256) = 2**14 - 1
MASK_112: constant(uint256) = 2**112 - 1
MASK_128: constant(uint256) = 2**128 - 1

# paid | due << 128
_totals: HashMap[uint256, uint256]
# License => period // 2 => half of the even period | half of the odd one << HALF
_halves: HashMap[uint256, HashMap[uint256, uint256]]
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
    reported: uint256 = (tag >> REPORTED_OFFSET) & MASK_12
    terms_id: uint256 = tag >> TERMS_ID_OFFSET
    return Entry(
        id=license_id,
        owner=owner,
        terms_id=terms_id,
        origin=tag & MASK_34,
        reported=reported,
        booked=reported + ((tag >> AHEAD_OFFSET) & MASK_5),
        terms_bought=(tag >> TERMS_BOUGHT_OFFSET) & MASK_13,
        flags=(tag >> FLAGS_OFFSET) & MASK_6,
        due=totals >> 128,
        paid=totals & MASK_128,
        core=frozen_terms._core(terms_id),
        lapse=empty(arrears.Lapse),
    )


@internal
def _store(entry: Entry):
    # Dues cannot get there: 4,095 periods of less than 2**112 each.
    assert entry.paid <= MASK_128, "totals are too large"
    license_tokens._set_tag(entry.owner, entry.id, self._tag(entry))
    self._totals[entry.id] = entry.paid | (entry.due << 128)


@internal
@pure
def _tag(entry: Entry) -> uint256:
    """
    @dev `ahead` is bounded by MAX_AHEAD, flags by their constants, the origin by the year 2514.
    """
    assert entry.reported <= MASK_12 and entry.terms_bought <= MASK_13, "license is too old"
    assert entry.terms_id <= MASK_26, "too many terms"
    counts: uint256 = (entry.reported << REPORTED_OFFSET) | ((entry.booked - entry.reported) << AHEAD_OFFSET)
    return (
        entry.origin
        | counts
        | (entry.terms_bought << TERMS_BOUGHT_OFFSET)
        | (entry.flags << FLAGS_OFFSET)
        | (entry.terms_id << TERMS_ID_OFFSET)
    )


# --- its periods ---


@internal
@view
def _due_of(entry: Entry, period: uint256) -> uint256:
    """
    @dev What a period owes; 0 for period 0 and for one that is not booked yet.
    """
    return self._half(entry.id, period) & MASK_112


@internal
@view
def _is_marked(license_id: uint256, period: uint256, mark: uint256) -> bool:
    return self._half(license_id, period) & mark != 0


@internal
@view
def _half(license_id: uint256, period: uint256) -> uint256:
    """
    @dev Due, marks and days late.
    """
    return (self._halves[license_id][period // 2] >> (HALF * (period % 2))) & MASK_128


@internal
def _set_half(license_id: uint256, period: uint256, due: uint256, marks: uint256):
    place: uint256 = HALF * (period % 2)
    other: uint256 = self._halves[license_id][period // 2] & (MASK_128 << (HALF - place))
    self._halves[license_id][period // 2] = other | ((due | marks) << place)


@internal
@pure
def _is_booked(entry: Entry, period: uint256) -> bool:
    return period > 0 and period <= entry.booked


@internal
@view
def _is_in_statute(entry: Entry, period: uint256) -> bool:
    """
    @dev Whether a booked period can be assessed: always before the own report, so that who reports late is audited
         for as long as who reports in time.
    """
    days_late: uint256 = self._half(entry.id, period) >> DAYS_LATE_OFFSET
    until: uint256 = self._due_at(entry, period) + days_late * DAY + STATUTE_SECONDS
    return period > entry.reported or block.timestamp < until


@internal
@view
def _days_late(entry: Entry, period: uint256) -> uint256:
    """
    @dev Of a report that comes now, at its place in the half: 0 before the due time, at most 44 years.
    """
    due_at: uint256 = self._due_at(entry, period)
    return min((block.timestamp - min(block.timestamp, due_at) + DAY - 1) // DAY, MASK_14) << DAYS_LATE_OFFSET


# --- the calendar ---


@internal
@view
def _ends_at(entry: Entry) -> uint256:
    if entry.flags & ENDED != 0:
        return self._ended[entry.id]
    return periods._term_end(entry.origin, entry.core.term_seconds, entry.terms_bought)


@internal
@view
def _starts_at(entry: Entry) -> uint256:
    if entry.flags & SHIFTED != 0:
        return self._starts[entry.id]
    return entry.origin


@internal
@view
def _count(entry: Entry) -> uint256:
    return periods._count(entry.origin, entry.core.period_seconds, self._ends_at(entry))


@internal
@view
def _cut(entry: Entry, period: uint256) -> uint256:
    """
    @dev Seconds by which an early end made the period shorter.
    """
    if entry.flags & ENDED == 0:
        return 0
    end: uint256 = periods._end(entry.origin, entry.core.period_seconds, period)
    return end - min(end, self._ended[entry.id])


@internal
@view
def _opens_at(entry: Entry, period: uint256) -> uint256:
    """
    @dev From when on a period may be reported. A shortened one not before the due time of the period before it, so that
         at most one period is in its grace.
    """
    end: uint256 = periods._end(entry.origin, entry.core.period_seconds, period)
    cut: uint256 = self._cut(entry, period)
    if cut == 0:
        return end
    return max(end - cut, end - entry.core.period_seconds + entry.core.grace_seconds)


@internal
@view
def _due_at(entry: Entry, period: uint256) -> uint256:
    """
    @dev First second in which `period` is overdue.
    """
    end: uint256 = periods._end(entry.origin, entry.core.period_seconds, period)
    return end - self._cut(entry, period) + entry.core.grace_seconds


@internal
@view
def _is_missing(entry: Entry) -> bool:
    """
    @dev Whether the due time of a period has come that the licensee has not reported itself.
    """
    if block.timestamp < self._due_at(entry, entry.reported + 1):
        return False
    return entry.reported < self._count(entry)


@internal
@view
def _cut_of(entry: Entry, period: uint256, amount: uint256) -> uint256:
    """
    @dev What `amount` per whole period is for this one, rounded up.
    """
    cut: uint256 = self._cut(entry, period)
    if cut == 0:
        return amount
    return (amount * (entry.core.period_seconds - cut) + entry.core.period_seconds - 1) // entry.core.period_seconds

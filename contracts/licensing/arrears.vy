# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Arrears
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What being late costs, and when a license was not in good standing.
@dev Only licenses that were late, or renewed late, have anything here: who pays in time never touches it. Interest is
     simple and exact: debt-seconds are overdue principal times seconds, without rounding. They are kept as a line,
         debt-seconds at t = owed * t - meter
         meter = sum of (due * its due time) - sum of (payment * its second).
     Example. 100 due at 10 and 40 paid at 15: owed 60, meter 100 * 10 - 40 * 15 = 400. At 20 there are 60 * 20 - 400 =
     800 debt-seconds: 100 for 5 seconds and 60 for 5.
     The meter changes with a due or a payment only. With credit (`owed` below zero) the line falls, and a lapse can end
     by time alone, without a call.
@custom:invariant Past lapses are only added or extended. They are in the order of time and do not overlap.
"""

from contracts.licensing import packed_open_lapse
from contracts.licensing import packed_past_lapse

# 365 days: the year of the late rate.
YEAR: constant(uint256) = 365 * 86_400
BPS: constant(uint256) = 10_000
# Set in the id under which the times between an end and a late renewal of a license are kept.
GAP_BIT: constant(uint256) = 2**255

# A lapse that is not over. The stored values are valid only while the license has the flag LATE.
struct Lapse:
    since: uint256                   # its first second; 0: none
    interest_paid: uint256           # interest paid since then
    meter: int256                    # of the line, see above
    past: uint256                    # packed past lapse that ended by time and is not stored yet; 0: none

_meters: HashMap[uint256, int256]
# A packed open lapse each.
_open: HashMap[uint256, uint256]
# License => number, from 1 => packed past lapse.
_lapses: HashMap[uint256, HashMap[uint256, uint256]]
_lapse_count: HashMap[uint256, uint256]


@deploy
def __init__():
    pass


@internal
@view
def _load(license_id: uint256) -> (Lapse, uint256):
    """
    @dev The stored open lapse, and the second in which it was stored.
    """
    stored: packed_open_lapse.OpenLapse = packed_open_lapse._unpack(self._open[license_id])
    lapse: Lapse = Lapse(
        since=stored.since, interest_paid=stored.interest_paid, meter=self._meters[license_id], past=0
    )
    return lapse, stored.stored_at


@internal
def _store(license_id: uint256, lapse: Lapse):
    self._meters[license_id] = lapse.meter
    self._open[license_id] = packed_open_lapse._pack(
        packed_open_lapse.OpenLapse(
            since=lapse.since, interest_paid=lapse.interest_paid, stored_at=block.timestamp
        )
    )


@internal
def _add_lapse(license_id: uint256, since: uint256, until: uint256):
    """
    @dev Remembers that the license was not in good standing in [since, until). Adjacent lapses become one.
    """
    if since == until:
        return
    lapse: packed_past_lapse.PastLapse = packed_past_lapse.PastLapse(since=since, until=until)
    number: uint256 = self._lapse_count[license_id]
    last: packed_past_lapse.PastLapse = packed_past_lapse._unpack(self._lapses[license_id][number])
    if number > 0 and last.until >= since:
        lapse.since = last.since
    else:
        number += 1
        self._lapse_count[license_id] = number
    self._lapses[license_id][number] = packed_past_lapse._pack(lapse)


@internal
@view
def _is_in_past_lapse(license_id: uint256, at: uint256, past: uint256 = 0) -> bool:
    """
    @dev Whether `at` lies in a lapse that is over: in `past`, which is not written yet, or found by search.
    """
    low: uint256 = 0
    high: uint256 = self._lapse_count[license_id]
    # The last lapse that began at or before `at` is number low in the end.
    for _: uint256 in range(256):
        if low == high:
            break
        middle: uint256 = (low + high + 1) // 2
        if packed_past_lapse._since(self._lapses[license_id][middle]) <= at:
            low = middle
        else:
            high = middle - 1
    last: uint256 = self._lapses[license_id][low]
    if past != 0 and at >= packed_past_lapse._since(past):
        last = past
    return at < packed_past_lapse._until(last)


@internal
@pure
def _interest_free_from(lapse: Lapse, owed: int256, offset: int256, late_bps: uint256, not_before: uint256) -> uint256:
    """
    @dev First second from `not_before` on in which owed * t - meter + offset leaves no interest unpaid;
         max_value(uint256) if there is none. No interest is unpaid while what has accrued is below `interest_paid` + 1.
         With a rate of 0 a lapse never ends by time: only a report, a payment or a decision ends it.
    """
    if owed > 0 or late_bps == 0:
        return max_value(uint256)
    max_debt_seconds: uint256 = ((lapse.interest_paid + 1) * BPS * YEAR - 1) // late_bps
    excess: int256 = offset - lapse.meter - convert(max_debt_seconds, int256)
    if excess <= 0:
        return not_before
    # `owed` is 0: the debt-seconds stay as they are, above the bound.
    if owed == 0:
        return max_value(uint256)
    fall: uint256 = convert(-owed, uint256)
    return max(not_before, (convert(excess, uint256) + fall - 1) // fall)


@internal
@pure
def _interest_of(debt_seconds: int256, late_bps: uint256) -> uint256:
    """
    @dev Interest of debt-seconds, rounded down; none of what is below zero.
    """
    if debt_seconds <= 0:
        return 0
    return convert(debt_seconds, uint256) * late_bps // (BPS * YEAR)

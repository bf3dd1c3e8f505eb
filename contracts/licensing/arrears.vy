# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Arrears
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What being late costs, and when a license was not in good standing.
@dev Only late licenses have anything here: who pays in time never touches it. Interest is simple and exact: overdue
     principal times seconds is summed without rounding, so nobody gains or loses by paying often or by being accrued often.
@custom:invariant Debt-seconds, interest paid and lapses only grow; lapses are in the order of time and do not overlap.
"""

# 365 days: the year of the late rate.
YEAR: constant(uint256) = 365 * 86_400
BPS: constant(uint256) = 10_000
# Where the times between an end and a late renewal are kept, by license | this.
BETWEEN_TERMS: constant(uint256) = 2**255
MASK_128: constant(uint256) = 2**128 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_208: constant(uint256) = 2**208 - 1

# License => debt-seconds | accrued to << 208
_debts: HashMap[uint256, uint256]
# License => interest paid | overdue since << 128
_interest: HashMap[uint256, uint256]
# License => number, from 1 => first second out of good standing | first second back << 40
_lapses: HashMap[uint256, HashMap[uint256, uint256]]
_lapse_count: HashMap[uint256, uint256]


@deploy
def __init__():
    pass


@internal
@view
def _load(license_id: uint256) -> (uint256, uint256, uint256, uint256):
    """
    @dev Debt-seconds, the time they count up to, interest paid, overdue since. The two times mean something only while
         the license is marked late.
    """
    debts: uint256 = self._debts[license_id]
    interest: uint256 = self._interest[license_id]
    return debts & MASK_208, debts >> 208, interest & MASK_128, interest >> 128


@internal
def _store(license_id: uint256, debt_seconds: uint256, interest_paid: uint256, since: uint256):
    """
    @dev Accrued to now.
    """
    assert debt_seconds <= MASK_208, "debt is too large"
    assert interest_paid <= MASK_128, "totals are too large"
    self._debts[license_id] = debt_seconds | (block.timestamp << 208)
    self._interest[license_id] = interest_paid | (since << 128)


@internal
def _add_lapse(license_id: uint256, since: uint256, until: uint256):
    """
    @dev Remembers that the license was not in good standing in [since, until). Adjacent lapses become one.
    """
    if since == until:
        return
    number: uint256 = self._lapse_count[license_id]
    last: uint256 = self._lapses[license_id][number]
    if number > 0 and last >> 40 >= since:
        self._lapses[license_id][number] = (last & MASK_40) | (until << 40)
        return
    self._lapse_count[license_id] = number + 1
    self._lapses[license_id][number + 1] = since | (until << 40)


@internal
@view
def _lapsed_at(license_id: uint256, at: uint256) -> bool:
    """
    @dev Whether `at` lies in a lapse that is over: found by search.
    """
    low: uint256 = 0
    high: uint256 = self._lapse_count[license_id]
    # The last lapse that began at or before `at` is number low in the end.
    for _: uint256 in range(256):
        if low == high:
            break
        middle: uint256 = (low + high + 1) // 2
        if self._lapses[license_id][middle] & MASK_40 <= at:
            low = middle
        else:
            high = middle - 1
    return low > 0 and at < self._lapses[license_id][low] >> 40


@internal
@pure
def _interest_of(debt_seconds: uint256, late_bps: uint256) -> uint256:
    """
    @dev Interest of all debt-seconds so far, rounded down.
    """
    return debt_seconds * late_bps // (BPS * YEAR)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Periods
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The calendar of a license: when its terms end, how many periods it has and when each is over.
@dev No state. Period n, from 1, is [origin + (n - 1) * P, origin + n * P). A term is a whole number of
     periods and the grace is at most one period: while a whole period is in its grace, that of the earlier ones is
     over.
     P = 0 means that there are no periods, a term of 0 that there is no end. A time that never comes is
     max_value(uint256).
"""


@internal
@pure
def _term_end(origin: uint256, term_seconds: uint256, terms_bought: uint256) -> uint256:
    """
    @dev First second after the terms bought so far.
    """
    if term_seconds == 0:
        return max_value(uint256)
    return origin + terms_bought * term_seconds


@internal
@pure
def _count(origin: uint256, period_seconds: uint256, ends_at: uint256) -> uint256:
    """
    @dev Number of periods from `origin` to `ends_at`, the last one included that an early end made shorter.
    """
    if period_seconds == 0:
        return 0
    if ends_at == max_value(uint256):
        return max_value(uint256)
    return (ends_at - origin + period_seconds - 1) // period_seconds


@internal
@pure
def _end(origin: uint256, period_seconds: uint256, period: uint256) -> uint256:
    """
    @dev First second after a whole `period`.
    """
    return origin + period * period_seconds

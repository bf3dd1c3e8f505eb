# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Periods
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The calendar of a license: which periods it has, when each ends, how many are past their grace.
@dev No state. Period n, from 1, is [start + (n - 1) * P, start + n * P), cut off at the end of the term: when the term
     is no multiple of P, the last period is shorter. P = 0 means no periods, a term of 0 no end.
"""


@internal
@pure
def _count(term_seconds: uint256, period_seconds: uint256) -> uint256:
    """
    @dev Number of periods, max_value(uint256) without an end.
    """
    if period_seconds == 0:
        return 0
    if term_seconds == 0:
        return max_value(uint256)
    return (term_seconds + period_seconds - 1) // period_seconds


@internal
@pure
def _term_end(starts_at: uint256, term_seconds: uint256) -> uint256:
    """
    @dev First second after the license, max_value(uint256) without an end.
    """
    if term_seconds == 0:
        return max_value(uint256)
    return starts_at + term_seconds


@internal
@pure
def _end(starts_at: uint256, term_seconds: uint256, period_seconds: uint256, period: uint256) -> uint256:
    """
    @dev First second after `period`.
    """
    return min(starts_at + period * period_seconds, self._term_end(starts_at, term_seconds))


@internal
@pure
def _past_grace(
    starts_at: uint256, term_seconds: uint256, period_seconds: uint256, grace_seconds: uint256, at: uint256
) -> uint256:
    """
    @dev Number of periods n with end(n) + grace <= `at`: those that had to be reported and paid before `at`.
    """
    if period_seconds == 0 or at < starts_at + grace_seconds:
        return 0
    elapsed: uint256 = at - starts_at - grace_seconds
    if term_seconds > 0 and elapsed >= term_seconds:
        return self._count(term_seconds, period_seconds)
    return elapsed // period_seconds

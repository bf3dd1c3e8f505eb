"""A lapse whose interest credit has paid is over by time alone, to the second."""

import boa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kits.licensing import (
    CURE,
    DUE,
    EVIDENCE,
    GRACE,
    MAX_UINT,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.kits.treasury import event_rows
from tests.support import DAY, deploy, fund_and_approve, now, warp_to

BOND = 5_000
RATE = 3_600
# Of the last period, paid early in its grace: what counts against the interest.
LARGE = 1_000_000


def lives(suite, licensee, assess, prepaid, conclude_at=None, **terms):
    """Six periods, reported and paid; in the grace of the last one an audit finds 1,000 more in the
    first, and the licensee accepts at once or when `conclude_at` says."""
    terms = {"late_bps_per_year": RATE, "bond": BOND, "upfront_fee": 0, **terms}
    license_id = sell(suite, licensee, **terms)
    report_next(suite, licensee, license_id, 1, revenue=400_000)
    pay(suite, licensee, license_id, MAX_UINT // 4)
    for period in range(2, 6):
        report_next(suite, licensee, license_id, period)
        pay(suite, licensee, license_id, DUE)
    report_next(suite, licensee, license_id, 6, revenue=20 * LARGE)
    pay(suite, licensee, license_id, MAX_UINT // 4)
    warp_to(now() + DAY)
    assess(license_id, 1, 21_000)
    if prepaid:
        fund_and_approve(suite.asset, licensee, suite.market.address, 1_000)
        suite.market.prepay(license_id, 1_000, sender=licensee)
    if conclude_at:
        warp_to(conclude_at(license_id))
    suite.enforcement.conclude(license_id, 1, sender=licensee)
    return license_id


@pytest.fixture(params=[True, False])
def lapsed(request, suite, licensee, assess):
    return lives(suite, licensee, assess, request.param, term_seconds=0)


def first_free(market, license_id, low, high):
    """By search, the first second in which the license is in good standing."""
    while high - low > 1:
        middle = (low + high) // 2
        with boa.env.anchor():
            warp_to(middle)
            low, high = (low, middle) if market.is_in_good_standing(license_id) else (middle, high)
    return high


def test_lapse__paid_by_credit__is_over_in_that_second(suite, market, lapsed, licensee):
    since = now()
    state = market.license(lapsed)
    assert (state.overdue, state.overdue_since) == (0, since)
    assert state.interest > 0
    over_at = first_free(market, lapsed, since, since + DAY)
    warp_to(over_at - 1)
    assert market.license(lapsed).interest == 1
    assert not market.is_in_good_standing(lapsed)
    warp_to(over_at)
    assert market.license(lapsed).interest == 0
    assert market.license(lapsed).overdue_since == 0
    assert market.lapsed_at(lapsed, since)
    assert market.lapsed_at(lapsed, over_at - 1)
    assert not market.lapsed_at(lapsed, over_at)
    assert not market.lapsed_at(lapsed, since - 1)


def test_lapse__over_by_time__ends_nothing_and_nobody_need_write_it(
    suite, market, enforcement, lapsed, licensee, stranger
):
    since = now()
    over_at = first_free(market, lapsed, since, since + DAY)
    warp_to(over_at + DAY)
    if market.outstanding(lapsed) > 0:
        pay(suite, licensee, lapsed, MAX_UINT // 4)
    # Still in the grace of the last period, and long before the next one is missing.
    with boa.reverts("nothing is overdue"):
        enforcement.terminate(lapsed, sender=stranger)
    fund_and_approve(suite.asset, licensee, market.address, 1)
    assert market.prepay(lapsed, 1, sender=licensee) == 1
    # Written now: the same history.
    for at, lapsing in ((since - 1, False), (since, True), (over_at - 1, True), (over_at, False)):
        assert market.lapsed_at(lapsed, at) == lapsing
    assert market.is_in_good_standing(lapsed)


def test_lapse__over_by_time__is_followed_by_the_next_one(suite, market, lapsed):
    """Nobody wrote anything between the two: the next report is missing."""
    since = now()
    over_at = first_free(market, lapsed, since, since + DAY)
    missing_at = period_end(suite, lapsed, 7) + GRACE
    warp_to(missing_at - 1)
    late_at_grace = market.license(lapsed).overdue_since
    # 1,000 of the first audit came due with the last period, where they were not prepaid.
    due_at = period_end(suite, lapsed, 6) + GRACE
    assert late_at_grace in (0, due_at)
    warp_to(missing_at)
    assert market.license(lapsed).overdue_since == (late_at_grace or missing_at)
    market.estimate(lapsed)
    for at, lapsing in ((since, True), (over_at - 1, True), (over_at, False), (due_at - 1, False)):
        assert market.lapsed_at(lapsed, at) == lapsing
    assert market.license(lapsed).overdue_since == (late_at_grace or missing_at)


def test_renew__after_a_lapse_that_credit_paid__is_possible_for_ever(
    suite, market, enforcement, licensee, assess
):
    """Six periods and an end: no report is left that could end a lapse."""
    license_id = lives(suite, licensee, assess, True, term_seconds=6 * 30 * DAY, renewable=True)
    since = now()
    over_at = first_free(market, license_id, since, since + DAY)
    warp_to(now() + 400 * DAY)
    assert market.is_in_good_standing(license_id)
    assert market.lapsed_at(license_id, over_at - 1)
    assert not market.lapsed_at(license_id, over_at)
    ends_at = market.license(license_id).ends_at
    assert market.renew(license_id, MAX_UINT, sender=licensee) == now() + 6 * 30 * DAY
    # The time after the term is not licensed afterwards; the lapse lay in it.
    assert market.lapsed_at(license_id, ends_at)
    assert market.lapsed_at(license_id, now() - 1)
    assert market.is_in_good_standing(license_id)
    assert market.license(license_id).overdue_since == 0


def test_terminate__in_a_lapse_that_credit_has_not_paid__still_ends(
    suite, market, enforcement, licensee, assess, stranger
):
    """Credit too small to pay the interest before the last period is due."""
    license_id = sell(
        suite, licensee, late_bps_per_year=RATE, upfront_fee=0, term_seconds=0, bond=0
    )
    report_next(suite, licensee, license_id, 1, revenue=400_000)
    pay(suite, licensee, license_id, MAX_UINT // 4)
    report_next(suite, licensee, license_id, 2, revenue=20 * DUE)
    pay(suite, licensee, license_id, DUE)
    assess(license_id, 1, 40_000)
    suite.enforcement.conclude(license_id, 1, sender=licensee)
    warp_to(now() + CURE)
    assert enforcement.terminate(license_id, sender=stranger)


def test_pay__nothing_after_the_end_by_time__changes_nothing(market, lapsed, suite, payer):
    since = now()
    warp_to(first_free(market, lapsed, since, since + DAY))
    before = market.license(lapsed)
    market.pay(lapsed, 0, sender=payer)
    assert event_rows(market) == []
    assert market.license(lapsed) == before


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_lapse__free_in_the_due_time_of_what_frees_it__is_over(
    suite, market, enforcement, licensee, assess, stranger, shift
):
    """The line falls to nothing in the very second in which it becomes level."""

    def conclude_at(license_id):
        first_due = period_end(suite, license_id, 1) + GRACE
        last_due = period_end(suite, license_id, 6) + GRACE
        # Debt-seconds that bear no unit yet.
        most = (10_000 * 365 * DAY - 1) // RATE
        for second in range(now() + 1, last_due):
            above = 1_000 * (second - first_due) - most - LARGE * (last_due - second)
            if -LARGE < above <= 0:
                found = second
        return found + shift

    license_id = lives(suite, licensee, assess, True, conclude_at, term_seconds=0)
    last_due = period_end(suite, license_id, 6) + GRACE
    since = now()
    assert market.license(license_id).overdue_since == since
    for at in range(last_due - 2, last_due + 3):
        warp_to(at)
        state = market.license(license_id)
        left = state.interest + state.overdue
        assert market.is_in_good_standing(license_id) == (left == 0)
    warp_to(last_due + CURE)
    if left == 0:
        with boa.reverts("nothing is overdue"):
            enforcement.terminate(license_id, sender=stranger)


def test_lapse__all_paid_while_another_report_is_missing__is_the_same_one(suite, market, licensee):
    """On day 75 the first report comes and all is paid; the second is missing since day 70."""
    license_id = sell(suite, licensee, late_bps_per_year=RATE, upfront_fee=0, term_seconds=0)
    since = period_end(suite, license_id, 1) + GRACE
    warp_to(since + 35 * DAY)
    market.report(license_id, 1, 0, EVIDENCE, sender=licensee)
    pay(suite, licensee, license_id, 10**9)
    assert market.outstanding(license_id) == 0
    assert market.license(license_id).overdue_since == since
    market.report(license_id, 2, 0, EVIDENCE, sender=licensee)
    pay(suite, licensee, license_id, 10**9)
    assert market.is_in_good_standing(license_id)
    for at, lapsing in ((since - 1, False), (since, True), (now() - 1, True), (now(), False)):
        assert market.lapsed_at(license_id, at) == lapsing


@pytest.fixture(scope="module")
def harness():
    return deploy("ArrearsHarness")


YEAR_BPS = 10_000 * 365 * DAY


@given(
    paid=st.integers(0, 3),
    owed=st.integers(-(10**9), 3) | st.integers(-5, 0),
    rate=st.sampled_from([0, 1, 3_599, 3_600]),
    begin=st.integers(0, 2_000),
    free=st.integers(-3, 12),
    rest=st.integers(-3, 3) | st.integers(-(10**9), 10**9),
    offset=st.integers(-(10**9), 10**9),
)
def test_free_at__is_the_first_second_of_a_search(
    harness, paid, owed, rate, begin, free, rest, offset
):
    """The meter is made so that the line meets its bound about `free` seconds after `begin`."""
    bound = ((paid + 1) * YEAR_BPS - 1) // rate if rate else 0
    meter = owed * (begin + free) + offset - bound + rest
    # What is overdue is never free, and without a rate nothing was ever owed.
    expected = 2**256 - 1
    if owed <= 0 < rate:
        for second in range(begin, begin + 60):
            debt_seconds = owed * second - meter + offset
            if max(0, debt_seconds) * rate // YEAR_BPS <= paid:
                expected = second
                break
    got = harness.free_at(paid, meter, owed, offset, rate, begin)
    assert got == expected if expected < 2**256 - 1 else got >= begin + 60

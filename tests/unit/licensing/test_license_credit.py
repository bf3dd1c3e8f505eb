"""A lapse whose interest credit has paid is over by time alone, to the second."""

import boa
import pytest

from tests.support import DAY, fund_and_approve, now, warp_to
from tests.unit.licensing.market_kit import (
    CURE,
    DUE,
    GRACE,
    MAX_UINT,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.unit.treasury.kit import event_rows

BOND = 5_000
RATE = 3_600
# Of the last period, paid early in its grace: what counts against the interest.
LARGE = 1_000_000


def lives(suite, licensee, assess, prepaid, **terms):
    """Six periods, reported and paid; in the grace of the last one an audit finds 1,000 more in the
    first, and the licensee accepts."""
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

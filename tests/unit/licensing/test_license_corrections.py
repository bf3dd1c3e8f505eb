"""What assessments take off, put back and add: its interest is that of the time in which it was
owed and not paid."""

import pytest

from tests.kits.disputes import decide, dispute, late_at
from tests.kits.licensing import (
    EVIDENCE,
    GRACE,
    MINIMUM,
    PERIOD,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.support import DAY, now, warp_to

BOND = 100_000
# Perpetual, with interest.
LATE = {"late_bps_per_year": 3_600, "term_seconds": 0}


def serve(suite, licensee, license_id, *dues):
    """Reports and pays the first periods in time; a due of 0 is the minimum."""
    for period, due in enumerate(dues, 1):
        report_next(suite, licensee, license_id, period, revenue=20 * due)
        pay(suite, licensee, license_id, max(due, MINIMUM))


def test_assess__lowered_by_mistake_and_put_back__costs_neither_bond_nor_interest(
    suite, market, enforcement, licensee, assess
):
    terms = {"bond": BOND, "late_bps_per_year": 3_600, "term_seconds": 0}
    license_id = sell(suite, licensee, **terms)
    report_next(suite, licensee, license_id, 1, revenue=20 * 100_000)
    pay(suite, licensee, license_id, 100_000)
    warp_to(now() + PERIOD - 1)
    assess(license_id, 1, 50_000)
    assert market.license(license_id).paid - market.license(license_id).due == 50_000
    warp_to(now() + 9 * DAY)
    assess(license_id, 1, 100_000)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == BOND
    assert (market.outstanding(license_id), market.license(license_id).due) == (0, 100_000)
    assert market.is_in_good_standing(license_id)


def test_conclude__report_that_the_cap_cut__spares_only_what_it_said(
    suite, market, enforcement, licensee, assess
):
    license_id = sell(suite, licensee, royalty_cap=10_000, **LATE)
    serve(suite, licensee, license_id, 9_000, 6_000)
    warp_to(now() + PERIOD - 1)
    assess(license_id, 1, 9_000 - 5_000)
    assess(license_id, 2, 6_000)
    enforcement.conclude(license_id, 2, sender=licensee)
    seconds = now() - period_end(suite, license_id, 2) - GRACE
    # The credit of 5,000 pays the dues; the interest is left.
    assert market.license(license_id).due == 10_000
    assert market.outstanding(license_id) == 5_000 * seconds * 3_600 // (10_000 * 365 * DAY)


@pytest.mark.parametrize("lowered", [0, 1, 50_000])
def test_assess__lowered_and_raised_far__spares_only_what_it_gives_back(
    suite, market, licensee, enforcement, assess, lowered
):
    """A correction of one unit spares the interest of one unit, not of a lie."""
    license_id = sell(suite, licensee, **LATE)
    serve(suite, licensee, license_id, 100_000, *[0] * 11)
    if lowered:
        assess(license_id, 1, 100_000 - lowered)
    assess(license_id, 1, 1_000_000)
    enforcement.conclude(license_id, 1, sender=licensee)
    seconds = now() - period_end(suite, license_id, 1) - GRACE
    interest = 900_000 * seconds * 3_600 // (10_000 * 365 * DAY)
    assert market.outstanding(license_id) == 900_000 + interest


def test_assess__unpaid_and_lowered_and_put_back__keeps_its_interest(
    suite, market, licensee, enforcement, assess
):
    late = LATE | {"cure_seconds": 366 * DAY}
    license_id = sell(suite, licensee, **late)
    report_next(suite, licensee, license_id, 1, revenue=20 * 100_000)
    for period in range(2, 12):
        report_next(suite, licensee, license_id, period, revenue=0)
    owed = market.outstanding(license_id)
    assess(license_id, 1, MINIMUM)
    assess(license_id, 1, 100_000)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert market.outstanding(license_id) == owed


def test_assess__lowered_before_another_lapse_and_put_back__costs_nothing(
    suite, market, licensee, enforcement, assess
):
    """What was paid is credit of the lapse from its first second; before it nothing was owed."""
    license_id = sell(suite, licensee, **LATE)
    serve(suite, licensee, license_id, 100_000, *[0] * 9)
    assess(license_id, 1, 50_000)
    late_at(suite, license_id, 11)
    warp_to(now() + 5 * DAY)
    assess(license_id, 1, 100_000)
    enforcement.conclude(license_id, 1, sender=licensee)
    market.report(license_id, 11, 0, EVIDENCE, sender=licensee)
    state = market.license(license_id)
    assert (state.overdue, state.interest) == (MINIMUM, 0)


@pytest.mark.parametrize("pairs", [1, 3])
def test_assess__lowered_and_put_back_in_one_lapse__changes_nothing(
    suite, market, licensee, enforcement, assess, pairs
):
    """What was paid in time does not pay the interest of another debt."""
    late = LATE | {"cure_seconds": 366 * DAY}
    license_id = sell(suite, licensee, **late)
    for period in range(1, 13):
        is_large = period in (1, 10)
        report_next(suite, licensee, license_id, period, revenue=20 * 100_000 if is_large else 0)
        if period < 10:
            pay(suite, licensee, license_id, 10**6)
    before = market.license(license_id)
    for _ in range(pairs):
        assess(license_id, 1, MINIMUM)
        assess(license_id, 1, 100_000)
        enforcement.conclude(license_id, 1, sender=licensee)
    assert market.license(license_id) == before
    assert before.interest > 0


@pytest.mark.parametrize("in_grace", [False, True])
@pytest.mark.parametrize("reported", [MINIMUM, 30_000, 100_000])
def test_decide__escrow_in_a_lapse__bears_no_interest_whatever_was_reported(
    suite, market, licensee, enforcement, owner, assess, reported, in_grace
):
    """99,950 lie in escrow for 100 days: a slow decision costs nothing."""
    late = LATE | {"cure_seconds": 366 * DAY}
    license_id = sell(suite, licensee, **late)
    report_next(suite, licensee, license_id, 1, revenue=20 * 1_000_000)
    report_next(suite, licensee, license_id, 2, revenue=20 * reported)
    if not in_grace:
        warp_to(period_end(suite, license_id, 2) + GRACE)
    if reported > MINIMUM:
        assess(license_id, 2, MINIMUM)
    assess(license_id, 2, 100_000)
    dispute(suite, licensee, license_id, 100_000 - MINIMUM, period=2)
    warp_to(period_end(suite, license_id, 2) + GRACE + 100 * DAY)
    interest = market.license(license_id).interest
    decide(enforcement, license_id, 100_000 - MINIMUM, owner, period=2)
    assert market.license(license_id).interest == interest


def test_decide__disputed_again_after_it_was_lowered__spares_what_was_in_escrow(
    suite, market, licensee, enforcement, owner, assess
):
    """Own report 1,000; lowered to 400; assessed at 3,000, of which 2,500 wait 100 days."""
    license_id = sell(suite, licensee, **LATE)
    serve(suite, licensee, license_id, 1_000)
    warp_to(period_end(suite, license_id, 2) - 1)
    assess(license_id, 1, 400)
    assess(license_id, 1, 3_000)
    disputed_at = now()
    dispute(suite, licensee, license_id, 2_500)
    # 500 stand: 100 of the credit of 600 are left, and no second was unpaid.
    assert market.license(license_id).interest == 0
    for period in range(2, 5):
        report_next(suite, licensee, license_id, period, revenue=0)
        pay(suite, licensee, license_id, 10**6)
    warp_to(disputed_at + 100 * DAY)
    decide(enforcement, license_id, 2_500, owner)
    # 500 are given back from the report; 2,000 count from their due time to the escrow.
    seconds = disputed_at - period_end(suite, license_id, 1) - GRACE
    interest = 2_000 * seconds * 3_600 // (10_000 * 365 * DAY)
    # The credit of 350 that was left pays its part.
    assert enforcement.refund(licensee, suite.asset.address) == 350 - interest
    assert market.outstanding(license_id) == 0


@pytest.mark.parametrize("pairs", [1, 3])
@pytest.mark.parametrize("is_late_then", [False, True])
def test_assess__paid_raise_taken_off_and_put_back__is_not_charged_again(
    suite, market, licensee, enforcement, assess, pairs, is_late_then
):
    """What was assessed above the report and paid, with its interest, bears none a second time."""
    license_id = sell(suite, licensee, **LATE)
    serve(suite, licensee, license_id, *[0] * 11)
    assess(license_id, 1, 100_000)
    enforcement.conclude(license_id, 1, sender=licensee)
    pay(suite, licensee, license_id, 10**6)
    assert market.is_in_good_standing(license_id)
    due, paid = market.license(license_id).due, market.license(license_id).paid
    for _ in range(pairs):
        assess(license_id, 1, MINIMUM)
        if is_late_then and market.is_in_good_standing(license_id):
            late_at(suite, license_id, 12)
            due += market.reported(license_id, 12)[0]
        assess(license_id, 1, 100_000)
        enforcement.conclude(license_id, 1, sender=licensee)
    state = market.license(license_id)
    assert (state.due, state.paid, state.interest) == (due, paid, 0)


@pytest.mark.parametrize("is_late", [False, True])
def test_assess__paid_and_lowered_and_put_back__costs_nothing_unless_lowered_in_a_lapse(
    suite, market, licensee, enforcement, assess, is_late
):
    """A lapse gives back at most what it has borne, so what it took off was not paid before."""
    license_id = sell(suite, licensee, **LATE)
    serve(suite, licensee, license_id, *[0] * 11)
    warp_to(period_end(suite, license_id, 11) + GRACE)
    assess(license_id, 1, 100_050)
    enforcement.conclude(license_id, 1, sender=licensee)
    pay(suite, licensee, license_id, 10**6)
    warp_to(period_end(suite, license_id, 12) + GRACE - (not is_late))
    assess(license_id, 1, MINIMUM)
    market.report(license_id, 12, 0, EVIDENCE, sender=licensee)
    assert market.outstanding(license_id) == 0
    warp_to(now() + 1)
    assess(license_id, 1, 100_050)
    enforcement.conclude(license_id, 1, sender=licensee)
    seconds = now() - period_end(suite, license_id, 1) - GRACE
    interest = 100_000 * seconds * 3_600 // (10_000 * 365 * DAY)
    # The credit paid the minimum of period 12, which is missing now.
    assert market.outstanding(license_id) == MINIMUM + interest * is_late

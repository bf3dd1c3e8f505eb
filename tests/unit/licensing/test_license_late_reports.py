"""Late reports and silence: how long a period can be assessed, and that every assessment can be
answered."""

import boa
import pytest

from tests.kits.disputes import ANSWER, decide, dispute, late_at
from tests.kits.licensing import (
    EVIDENCE,
    GRACE,
    MINIMUM,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.support import DAY, now, warp_to


@pytest.mark.parametrize("silence", [0, GRACE, GRACE + 1, GRACE + 399 * DAY, 3_000 * DAY])
def test_report__however_late__can_be_assessed_for_400_days(suite, market, licensee, silence):
    license_id = sell(suite, licensee, term_seconds=0)
    report_next(suite, licensee, license_id, 1, revenue=20 * 80_000)
    pay(suite, licensee, license_id, 80_000)
    reported_at = period_end(suite, license_id, 2) + silence
    warp_to(reported_at)
    market.estimate(license_id)
    # The estimate gives way, and so do those after it.
    for period in range(2, market.license(license_id).periods_booked + 1):
        assert market.report(license_id, period, 0, EVIDENCE, sender=licensee) == MINIMUM
    due_at = period_end(suite, license_id, 2) + GRACE
    days_late = -(-max(0, reported_at - due_at) // DAY)
    warp_to(due_at + days_late * DAY + 400 * DAY - 1)
    if silence == 0:
        market.report(license_id, 2, 0, EVIDENCE, sender=licensee)
    assert market.due_for(license_id, 2, 20 * 7_000, 0) == 7_000
    warp_to(now() + 1)
    if silence:
        with boa.reverts("period is out of statute"):
            market.due_for(license_id, 2, 0, 0)


def test_assess__late_report_once_more__is_still_within_its_statute(
    suite, market, licensee, assess
):
    """A decision keeps the days by which the report was late."""
    license_id = sell(suite, licensee, term_seconds=0)
    due_at = period_end(suite, license_id, 1) + GRACE
    warp_to(due_at + 50 * DAY)
    market.report(license_id, 1, 20 * 7_000, EVIDENCE, sender=licensee)
    assess(license_id, 1, 6_000)
    warp_to(due_at + 450 * DAY - 1)
    assert assess(license_id, 1, 5_000) == 5_000


def test_assess__period_without_a_report__has_no_statute(suite, market, licensee, assess):
    license_id = sell(suite, licensee, term_seconds=0)
    late_at(suite, license_id, 1)
    warp_to(now() + 3_000 * DAY)
    assert assess(license_id, 1, 7_000) == 7_000


def test_report__century_late__is_still_booked(suite, market, licensee):
    """The days that a word has room for are 44 years; then the statute is over at once."""
    license_id = sell(suite, licensee, term_seconds=0)
    late_at(suite, license_id, 1)
    warp_to(now() + 100 * 365 * DAY)
    assert market.report(license_id, 1, 20 * 70, EVIDENCE, sender=licensee) == 70
    assert market.reported(license_id, 1) == (70, False, False)
    with boa.reverts("period is out of statute"):
        market.due_for(license_id, 1, 0, 0)


@pytest.mark.parametrize("due", [99_999, 100_000, 100_001])
@pytest.mark.parametrize("is_first", [False, True])
def test_assess__period_without_a_report__can_be_answered_whatever_the_estimate(
    suite, market, enforcement, owner, licensee, assess, due, is_first
):
    """Which of the two comes first in a second makes no difference."""
    license_id = sell(suite, licensee, term_seconds=0)
    report_next(suite, licensee, license_id, 1, revenue=20 * 80_000)
    pay(suite, licensee, license_id, 80_000)
    late_at(suite, license_id, 2)
    if is_first:
        market.report(license_id, 2, 0, EVIDENCE, sender=licensee)
        assess(license_id, 2, due)
    else:
        assess(license_id, 2, due)
        market.report(license_id, 2, 0, EVIDENCE, sender=licensee)
    assert market.reported(license_id, 2)[0] == MINIMUM
    dispute(suite, licensee, license_id, due - MINIMUM, period=2)
    decide(enforcement, license_id, 0, owner, period=2)
    assert market.reported(license_id, 2)[0] == MINIMUM


@pytest.mark.parametrize("due", [99_999, 100_000, 100_001])
def test_conclude__period_without_a_report__binds_the_late_report(
    suite, market, enforcement, licensee, stranger, assess, due
):
    license_id = sell(suite, licensee, term_seconds=0)
    report_next(suite, licensee, license_id, 1, revenue=20 * 80_000)
    pay(suite, licensee, license_id, 80_000)
    late_at(suite, license_id, 2)
    assess(license_id, 2, due)
    warp_to(now() + ANSWER - 1)
    with boa.reverts("answer window is open"):
        enforcement.conclude(license_id, 2, sender=stranger)
    warp_to(now() + 1)
    enforcement.conclude(license_id, 2, sender=stranger)
    assert market.reported(license_id, 2) == (due, True, False)
    with boa.env.anchor():
        assert market.report(license_id, 2, 0, EVIDENCE, sender=licensee) == due
    assert market.report(license_id, 2, 20 * 200_000, EVIDENCE, sender=licensee) == 200_000


def test_conclude__reported_higher_in_the_answer_window__leaves_the_report(
    suite, market, enforcement, licensee, assess
):
    license_id = sell(suite, licensee, term_seconds=0)
    late_at(suite, license_id, 1)
    assess(license_id, 1, 1_000)
    market.report(license_id, 1, 20 * 1_500, EVIDENCE, sender=licensee)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert market.reported(license_id, 1)[0] == 1_500


def test_conclude__decision_that_the_cap_stops__binds_all_the_same(
    suite, market, enforcement, licensee, assess
):
    license_id = sell(suite, licensee, term_seconds=0, royalty_cap=10_000)
    late_at(suite, license_id, 2)
    assess(license_id, 2, 2_000)
    market.report(license_id, 1, 20 * 9_940, EVIDENCE, sender=licensee)
    enforcement.conclude(license_id, 2, sender=licensee)
    assert market.reported(license_id, 2)[0] == 60
    assert market.report(license_id, 2, 0, EVIDENCE, sender=licensee) == 60

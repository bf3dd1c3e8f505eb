"""LicenseMarket: royalty caps. Reports and decisions come first, estimates get what they leave."""

import pytest

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
from tests.support import now, warp_to

CAP = 10_000


@pytest.fixture
def capped(suite, licensee):
    """A perpetual license with a cap; period 1 owes 1,000 and is paid."""
    license_id = sell(suite, licensee, term_seconds=0, royalty_cap=CAP, late_bps_per_year=3_600)
    report_next(suite, licensee, license_id, 1, revenue=20_000)
    pay(suite, licensee, license_id, 1_000)
    return license_id


def dues(market, license_id, last):
    return [market.reported(license_id, period)[0] for period in range(1, last + 1)]


def is_late(suite, license_id, periods):
    """Nothing is reported until the due time of `periods`, all of them are estimated."""
    warp_to(period_end(suite, license_id, periods) + GRACE)
    suite.market.estimate(license_id)


def test_report__estimates_have_used_up_the_cap__owes_what_it_owes_in_time(
    suite, market, capped, licensee
):
    is_late(suite, capped, 6)
    assert dues(market, capped, 6) == [1_000, 1_250, 1_563, 1_954, 2_443, 1_790]
    assert market.report(capped, 2, 180_000, EVIDENCE, sender=licensee) == 9_000
    assert dues(market, capped, 6) == [1_000, 9_000, 0, 0, 0, 0]
    for period in range(3, 7):
        assert market.report(capped, period, 180_000, EVIDENCE, sender=licensee) == 0
    assert market.license(capped).due == CAP
    assert market.license(capped).overdue == 9_000


def test_report__part_of_the_cap_is_left__the_last_estimates_shrink_first(
    suite, market, capped, licensee
):
    is_late(suite, capped, 6)
    assert market.report(capped, 2, 80_000, EVIDENCE, sender=licensee) == 4_000
    assert dues(market, capped, 6) == [1_000, 4_000, 1_563, 1_954, 1_483, 0]


def test_report__lower_than_its_estimate__leaves_the_others(suite, market, capped, licensee):
    is_late(suite, capped, 4)
    assert market.report(capped, 2, 0, EVIDENCE, sender=licensee) == MINIMUM
    assert dues(market, capped, 4) == [1_000, MINIMUM, 1_563, 1_954]


def test_report__estimate_that_gave_way_was_paid__is_credit(suite, market, capped, licensee):
    """Its interest is returned, too: the period never owed it."""
    is_late(suite, capped, 3)
    warp_to(now() + PERIOD - 1)
    owed = market.outstanding(capped)
    pay(suite, licensee, capped, owed)
    assert market.license(capped).paid < 1_000 + owed
    market.report(capped, 2, 180_000, EVIDENCE, sender=licensee)
    assert dues(market, capped, 3) == [1_000, 9_000, 0]
    assert market.outstanding(capped) >= CAP - 1_000 - owed
    pay(suite, licensee, capped, CAP)
    market.report(capped, 3, 180_000, EVIDENCE, sender=licensee)
    assert market.license(capped).due == CAP


def test_assess__estimates_have_used_up_the_cap__decision_comes_first(
    suite, market, enforcement, owner, capped, licensee
):
    is_late(suite, capped, 6)
    assert market.due_for(capped, 3, 100_000, 0) == 5_000
    enforcement.assess(capped, 3, 100_000, 0, EVIDENCE, sender=owner)
    enforcement.conclude(capped, 3, sender=licensee)
    assert dues(market, capped, 6) == [1_000, 1_250, 5_000, 1_954, 796, 0]
    # What was decided counts against the cap, and no estimate takes it back.
    assert market.report(capped, 2, 180_000, EVIDENCE, sender=licensee) == CAP - 6_000
    assert dues(market, capped, 6) == [1_000, 4_000, 5_000, 0, 0, 0]


def test_estimate__cap_is_used_up__owes_nothing(suite, market, capped, licensee):
    report_next(suite, licensee, capped, 2, revenue=180_000)
    is_late(suite, capped, 4)
    assert dues(market, capped, 4) == [1_000, 9_000, 0, 0]

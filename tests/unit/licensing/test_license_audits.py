"""LicenseEnforcement: whoever is hostile or wrong, an audit costs what was owed and hidden, no more
and no less."""

import boa
import pytest

from tests.support import DAY, now, warp_to
from tests.unit.licensing.dispute_kit import ANSWER, DECISION, EXTRA, decide, dispute
from tests.unit.licensing.market_kit import (
    DUE,
    EVIDENCE,
    GRACE,
    MINIMUM,
    PERIOD,
    pay,
    period_end,
    report_next,
    sell,
)

BOND = 100_000


@pytest.fixture
def assess(enforcement, owner):
    """The arbiter says what a period really owes, with the usual share of 5 %."""

    def assess(license_id, period, due):
        return enforcement.assess(license_id, period, 20 * due, 0, EVIDENCE, sender=owner)

    return assess


def late_at(suite, license_id, period):
    """The due time of a period passes without a report, and it is estimated."""
    warp_to(period_end(suite, license_id, period) + GRACE)
    suite.market.estimate(license_id)


# --- what a shortfall is measured from ---


def test_dispute__of_an_estimate__needs_the_own_report_first(suite, enforcement, licensee, assess):
    """So that nothing depends on which of the two comes first."""
    license_id = sell(suite, licensee, bond=BOND)
    late_at(suite, license_id, 1)
    assess(license_id, 1, 1_000)
    with boa.reverts("period is not reported"):
        dispute(suite, licensee, license_id, 950)
    suite.market.report(license_id, 1, 20 * 999, EVIDENCE, sender=licensee)
    with boa.reverts("amount cannot be disputed"):
        dispute(suite, licensee, license_id, 2)
    dispute(suite, licensee, license_id, 1)


def test_decide__report_short_by_one_unit__keeps_the_bond(
    suite, enforcement, owner, licensee, assess
):
    license_id = sell(suite, licensee, bond=BOND)
    late_at(suite, license_id, 1)
    assess(license_id, 1, 1_000)
    suite.market.report(license_id, 1, 20 * 999, EVIDENCE, sender=licensee)
    dispute(suite, licensee, license_id, 1)
    decide(enforcement, license_id, 1, owner)
    assert suite.market.reported(license_id, 1)[0] == 1_000
    assert enforcement.bond(license_id) == BOND


def test_conclude__a_lie_in_the_answer_window__costs_the_bond(suite, enforcement, licensee, assess):
    license_id = sell(suite, licensee, bond=BOND)
    report_next(suite, licensee, license_id, 1, revenue=20 * 80_000)
    pay(suite, licensee, license_id, 80_000)
    late_at(suite, license_id, 2)
    assess(license_id, 2, 110_000)
    suite.market.report(license_id, 2, 0, EVIDENCE, sender=licensee)
    enforcement.conclude(license_id, 2, sender=licensee)
    assert enforcement.bond(license_id) == 0


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


def test_conclude__raised_above_a_lowered_report__is_measured_from_the_report(
    suite, enforcement, licensee, assess
):
    license_id = sell(suite, licensee, bond=BOND)
    report_next(suite, licensee, license_id, 1, revenue=20 * 1_000)
    pay(suite, licensee, license_id, 1_000)
    for due, bond in ((500, BOND), (1_111, BOND), (1_112, 0)):
        assess(license_id, 1, due)
        if due > 500:
            enforcement.conclude(license_id, 1, sender=licensee)
        assert enforcement.bond(license_id) == bond


def test_conclude__report_that_the_cap_cut__is_not_short(
    suite, market, enforcement, licensee, assess
):
    license_id = sell(suite, licensee, bond=BOND, royalty_cap=10_000)
    report_next(suite, licensee, license_id, 1, revenue=20 * 9_000)
    report_next(suite, licensee, license_id, 2, revenue=20 * 6_000)
    assert market.reported(license_id, 2) == (1_000, False, True)
    pay(suite, licensee, license_id, 10_000)
    assess(license_id, 1, 4_000)
    assess(license_id, 2, 6_000)
    enforcement.conclude(license_id, 2, sender=licensee)
    assert market.license(license_id).due == 10_000
    assert enforcement.bond(license_id) == BOND


# --- the bond is a pledge, too ---


@pytest.mark.parametrize("disputed", [False, True])
def test_enforce__audit_is_open__leaves_the_bond_whole(
    suite, market, enforcement, owner, licensee, assess, disputed
):
    """Else the licensee lets the bond pay its dues before it is forfeited."""
    license_id = sell(suite, licensee, bond=BOND, term_seconds=0)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    assess(license_id, 1, 5_000)
    if disputed:
        dispute(suite, licensee, license_id, 4_500)
    report_next(suite, licensee, license_id, 2, revenue=20 * 3_300)
    warp_to(period_end(suite, license_id, 2) + GRACE)
    with boa.reverts("nothing to enforce"):
        enforcement.enforce(license_id)
    late_at(suite, license_id, 3)
    assert enforcement.bond(license_id) == BOND
    if disputed:
        decide(enforcement, license_id, 4_500, owner)
    else:
        enforcement.conclude(license_id, 1)
    assert enforcement.bond(license_id) == 0
    assert suite.router.pending(1, suite.asset) >= BOND


def test_terminate__audit_is_open__ends_and_keeps_the_bond(suite, enforcement, licensee, assess):
    license_id = sell(suite, licensee, bond=BOND, term_seconds=0)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    assess(license_id, 1, 5_000)
    dispute(suite, licensee, license_id, 4_500)
    late_at(suite, license_id, 3)
    assert enforcement.terminate(license_id)
    assert enforcement.bond(license_id) == BOND


# --- estimates that bind ---


def test_report__when_nobody_can_audit_it_any_more__owes_the_estimate(suite, market, licensee):
    license_id = sell(suite, licensee, term_seconds=0)
    report_next(suite, licensee, license_id, 1, revenue=20 * 80_000)
    pay(suite, licensee, license_id, 80_000)
    warp_to(period_end(suite, license_id, 2) + 400 * DAY)
    assert market.license(license_id).periods_booked == 1
    assert market.report(license_id, 2, 0, EVIDENCE, sender=licensee) == 100_000
    assert market.license(license_id).periods_booked == 15
    # The next one can be audited still.
    assert market.report(license_id, 3, 0, EVIDENCE, sender=licensee) == MINIMUM


def test_report__barred_but_higher_than_the_estimate__owes_what_it_says(suite, market, licensee):
    license_id = sell(suite, licensee, term_seconds=0)
    warp_to(period_end(suite, license_id, 1) + 400 * DAY)
    assert market.report(license_id, 1, 20 * 7_000, EVIDENCE, sender=licensee) == 7_000


def test_assess__estimate_is_right__binds_the_late_report(
    suite, market, enforcement, licensee, assess
):
    license_id = sell(suite, licensee, term_seconds=0)
    report_next(suite, licensee, license_id, 1, revenue=20 * 80_000)
    pay(suite, licensee, license_id, 80_000)
    late_at(suite, license_id, 2)
    assert assess(license_id, 2, 100_000) == 100_000
    assert not enforcement.is_held(license_id)
    assert market.report(license_id, 2, 0, EVIDENCE, sender=licensee) == 100_000
    with boa.reverts("nothing changes"):
        assess(license_id, 2, 100_000)


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


# --- one answer at a time ---


def test_decide__after_its_time__reverts(suite, enforcement, assessed, owner, licensee):
    """From then on all of the escrow was owed, whoever calls first."""
    dispute(suite, licensee, assessed, EXTRA)
    opened_at = now()
    warp_to(opened_at + DECISION - 1)
    with boa.env.anchor():
        enforcement.decide(assessed, 1, opened_at, 0, sender=owner)
    warp_to(opened_at + DECISION)
    with boa.reverts("dispute is expired"):
        enforcement.decide(assessed, 1, opened_at, 0, sender=owner)
    enforcement.expire(assessed, 1)


def test_conclude__long_forgotten__still_ends(suite, market, enforcement, licensee, assess):
    """Of a period that is not kept any more nothing changes, and the licence is free again."""
    license_id = sell(suite, licensee, term_seconds=0)
    report_next(suite, licensee, license_id, 1)
    assess(license_id, 1, 2 * DUE)
    for period in range(2, 27):
        report_next(suite, licensee, license_id, period)
    pay(suite, licensee, license_id, 10**9)
    assert now() > market.license(license_id).starts_at + ANSWER
    enforcement.conclude(license_id, 1)
    assert not enforcement.is_held(license_id)
    assert market.license(license_id).due == 26 * DUE

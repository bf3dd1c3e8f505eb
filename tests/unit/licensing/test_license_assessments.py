"""LicenseEnforcement: assessments after audits, and how they come to stand."""

import boa
import pytest

from tests.kits.disputes import (
    ANSWER,
    DECISION,
    EXTRA,
    NONE,
    decide,
    dispute,
    sell_metered,
    totals,
)
from tests.kits.licensing import (
    DUE,
    EVIDENCE,
    GRACE,
    MAX_PER_PERIOD,
    MINIMUM,
    REVENUE,
    is_licensed,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.kits.treasury import event_rows
from tests.support import DAY, fund_and_approve, now, warp_to

# --- assess ---


def test_assess__more_was_owed__waits_for_the_answer(
    suite, market, enforcement, audited, owner, licensee
):
    due = enforcement.assess(audited, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    until = now() + ANSWER
    assert event_rows(enforcement) == [("Assessed", audited, 1, DUE, DUE + EXTRA, until, EVIDENCE)]
    assert due == DUE + EXTRA
    assert enforcement.assessment(audited, 1) == (DUE + EXTRA, until)
    assert enforcement.is_held(audited)
    assert totals(market, audited) == (DUE, DUE)
    assert market.outstanding(audited) == 0
    assert is_licensed(suite, licensee, audited)


def test_assess__less_was_owed__is_credit_at_once(market, enforcement, audited, owner):
    assert enforcement.assess(audited, 1, 2_000, 0, EVIDENCE, sender=owner) == 100
    assert event_rows(enforcement) == [
        ("Assessed", audited, 1, DUE, 100, now(), EVIDENCE),
        ("PeriodDecided", audited, 1, DUE, 100),
    ]
    assert totals(market, audited) == (100, DUE)
    assert market.reported(audited, 1)[0] == 100
    assert enforcement.assessment(audited, 1) == NONE
    assert not enforcement.is_held(audited)


def test_assess__less_was_owed__cures_what_was_overdue(suite, market, enforcement, owner, licensee):
    license_id = sell(suite, licensee, renewable=True, late_bps_per_year=3_600)
    report_next(suite, licensee, license_id, 1, 10**9)
    pay(suite, licensee, license_id, 100)
    lapsed = period_end(suite, license_id, 1) + GRACE
    warp_to(lapsed + DAY)
    assert market.license(license_id).interest > 0
    enforcement.assess(license_id, 1, 2_000, 0, EVIDENCE, sender=owner)
    assert market.is_in_good_standing(license_id)
    assert market.outstanding(license_id) == 0
    assert market.lapsed_at(license_id, lapsed)
    assert not market.lapsed_at(license_id, now())


def test_assess__metered_units__are_priced(suite, enforcement, owner, licensee):
    license_id = sell_metered(suite, licensee)
    report_next(suite, licensee, license_id, 1)
    due = enforcement.assess(license_id, 1, REVENUE, 10, EVIDENCE, sender=owner)
    assert due == DUE + 10 * 7


def test_assess__within_a_cap__owes_what_the_cap_leaves(suite, enforcement, owner, licensee):
    license_id = sell_metered(suite, licensee, cap=DUE + 30)
    report_next(suite, licensee, license_id, 1)
    due = enforcement.assess(license_id, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    assert due == DUE + 30


@pytest.mark.parametrize("answer", ["conclude", "dispute"])
def test_assess__period_reported_meanwhile__cap_holds_all_the_same(
    suite, market, enforcement, owner, licensee, answer
):
    license_id = sell(suite, licensee, royalty_cap=1_000, term_seconds=0)
    report_next(suite, licensee, license_id, 1, 2_000)
    warp_to(period_end(suite, license_id, 2) - 5 * DAY)
    enforcement.assess(license_id, 1, 18_000, 0, EVIDENCE, sender=owner)
    report_next(suite, licensee, license_id, 2, 20_000)
    if answer == "dispute":
        dispute(suite, licensee, license_id, 1)
        boa.env.time_travel(seconds=DECISION)
        enforcement.expire(license_id, 1)
        # The cap is used up: what was in escrow goes back.
        assert enforcement.refund(licensee, suite.asset.address) == 1
    else:
        boa.env.time_travel(seconds=ANSWER)
        enforcement.conclude(license_id, 1)
    assert market.license(license_id).due == 1_000


@pytest.mark.parametrize("role", ["guardian", "licensee", "stranger"])
def test_arbiter_functions__not_the_arbiter__revert(enforcement, audited, request, role):
    with boa.env.prank(request.getfixturevalue(role)):
        for call, *args in (
            (enforcement.assess, 1, 0, 0, EVIDENCE),
            (enforcement.decide, 1, 1, 0),
            (enforcement.accuse, EVIDENCE),
            (enforcement.end_for_misuse, EVIDENCE),
        ):
            with boa.reverts("caller is not the arbiter"):
                call(audited, *args)


@pytest.mark.parametrize(
    ("period", "revenue", "units", "reason"),
    [
        (0, 0, 0, "period is not booked"),
        (2, 0, 0, "period is not booked"),
        (1, MAX_PER_PERIOD + 1, 0, "revenue is too large"),
        (1, 0, 2**64, "units are too many"),
        (1, REVENUE, 0, "nothing changes"),
        (1, REVENUE - 19, 2**64 - 1, "nothing changes"),
    ],
)
def test_assess__invalid__reverts(enforcement, audited, owner, period, revenue, units, reason):
    with boa.env.prank(owner), boa.reverts(reason):
        enforcement.assess(audited, period, revenue, units, EVIDENCE)


def test_assess__due_above_a_period_s__reverts(suite, enforcement, owner, licensee):
    license_id = sell_metered(suite, licensee, price=2**96 - 1)
    report_next(suite, licensee, license_id, 1)
    with boa.env.prank(owner), boa.reverts("due is too large"):
        enforcement.assess(license_id, 1, 0, 2**64 - 1, EVIDENCE)


def test_assess__one_is_open__blocks_that_period_and_no_other(
    suite, enforcement, audited, owner, licensee
):
    assessed = audited
    report_next(suite, licensee, assessed, 2)
    enforcement.assess(assessed, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    with boa.env.prank(owner), boa.reverts("period is in dispute"):
        enforcement.assess(assessed, 1, 3 * REVENUE, 0, EVIDENCE)
    enforcement.assess(assessed, 2, 3 * REVENUE, 0, EVIDENCE, sender=owner)
    dispute(suite, licensee, assessed, 1)
    with boa.env.prank(owner), boa.reverts("period is in dispute"):
        enforcement.assess(assessed, 1, 3 * REVENUE, 0, EVIDENCE)
    enforcement.conclude(assessed, 2, sender=licensee)
    assert enforcement.is_held(assessed)
    decide(enforcement, assessed, 0, owner)
    assert not enforcement.is_held(assessed)


def test_assess__statute__is_400_days_from_the_due_time(suite, enforcement, owner, licensee):
    license_id = sell(suite, licensee, term_seconds=0)
    for period in range(1, 15):
        report_next(suite, licensee, license_id, period)
    warp_to(period_end(suite, license_id, 1) + GRACE + 400 * DAY - 1)
    assert enforcement.assess(license_id, 1, 0, 0, EVIDENCE, sender=owner) == MINIMUM
    boa.env.time_travel(seconds=1)
    with boa.env.prank(owner), boa.reverts("period is out of statute"):
        enforcement.assess(license_id, 1, REVENUE, 0, EVIDENCE)


def test_assess__estimated_period__binds_the_late_report_from_below(
    suite, market, enforcement, owner, licensee
):
    license_id = sell(suite, licensee, term_seconds=0)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    market.estimate(license_id)
    enforcement.assess(license_id, 1, REVENUE, 0, EVIDENCE, sender=owner)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert market.report(license_id, 1, 0, EVIDENCE, sender=licensee) == DUE
    assert market.license(license_id).due == DUE


# --- conclude ---


def test_conclude__answer_window_is_over__is_due_at_once(
    suite, market, enforcement, assessed, licensee, stranger
):
    until = enforcement.assessment(assessed, 1).answer_until
    warp_to(until - 1)
    with boa.env.prank(stranger), boa.reverts("answer window is open"):
        enforcement.conclude(assessed, 1)
    warp_to(until)
    enforcement.conclude(assessed, 1, sender=stranger)
    assert event_rows(enforcement) == [
        ("PeriodDecided", assessed, 1, DUE, DUE + EXTRA),
        ("AssessmentConcluded", assessed, 1, EXTRA),
    ]
    assert totals(market, assessed) == (DUE + EXTRA, DUE)
    state = market.license(assessed)
    assert (state.overdue, state.overdue_since) == (EXTRA, now())
    assert not is_licensed(suite, licensee, assessed)
    pay(suite, licensee, assessed, EXTRA)
    assert is_licensed(suite, licensee, assessed)
    with boa.reverts("no assessment is open"):
        enforcement.conclude(assessed, 1)


def test_conclude__licensee_accepts__need_not_wait(market, enforcement, assessed, licensee):
    enforcement.conclude(assessed, 1, sender=licensee)
    assert totals(market, assessed) == (DUE + EXTRA, DUE)
    assert enforcement.assessment(assessed, 1) == NONE


def test_conclude__interest__counts_from_the_due_time_and_credit_pays_it(
    suite, market, enforcement, owner, licensee
):
    license_id = sell(suite, licensee, late_bps_per_year=3_600, term_seconds=0)
    report_next(suite, licensee, license_id, 1, 10**9)
    pay(suite, licensee, license_id, 10**9)
    warp_to(period_end(suite, license_id, 1) + GRACE + 10 * DAY)
    enforcement.assess(license_id, 1, 2 * 10**9, 0, EVIDENCE, sender=owner)
    extra = 10**9 * 500 // 10_000
    interest = extra * 3_600 * 10 // 365 // 10_000
    fund_and_approve(suite.asset, licensee, market.address, extra + interest - 1)
    market.prepay(license_id, extra + interest - 1, sender=licensee)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert market.outstanding(license_id) == 1
    pay(suite, licensee, license_id, 1)
    assert market.is_in_good_standing(license_id)


def test_conclude__period_in_its_grace__is_due_with_it(suite, market, enforcement, owner, licensee):
    license_id = sell(suite, licensee, late_bps_per_year=3_600)
    report_next(suite, licensee, license_id, 1)
    enforcement.assess(license_id, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert market.is_in_good_standing(license_id)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    assert market.license(license_id).overdue == DUE + EXTRA
    assert market.license(license_id).overdue_since == now()


@pytest.mark.parametrize(("revenue", "forfeited"), [(11_100, False), (11_120, True)])
def test_conclude__report_short_by_more_than_a_tenth__costs_the_bond(
    suite, market, enforcement, owner, licensee, revenue, forfeited
):
    license_id = sell(suite, licensee, bond=700)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    before = suite.router.pending(1, suite.asset.address)
    enforcement.assess(license_id, 1, revenue, 0, EVIDENCE, sender=owner)
    enforcement.conclude(license_id, 1, sender=licensee)
    names = [row[0] for row in event_rows(enforcement)]
    assert ("BondForfeited" in names) == forfeited
    assert enforcement.bond(license_id) == (0 if forfeited else 700)
    gained = suite.router.pending(1, suite.asset.address) - before
    assert gained == (700 if forfeited else 0)
    assert market.outstanding(license_id) == revenue // 20 - DUE
    assert enforcement.accounted(suite.asset.address) == 700 - gained


@pytest.mark.parametrize(("short_by", "forfeited"), [(0, False), (1, True)])
def test_conclude__report_short_by_a_tenth_to_the_unit__keeps_the_bond(
    suite, enforcement, owner, licensee, short_by, forfeited
):
    license_id = sell(suite, licensee, bond=700)
    report_next(suite, licensee, license_id, 1, revenue=20 * 900)
    pay(suite, licensee, license_id, 900)
    enforcement.assess(license_id, 1, 20 * (1_000 + short_by), 0, EVIDENCE, sender=owner)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == (0 if forfeited else 700)


def test_conclude__several_raises_of_one_report__are_one_shortfall(
    suite, enforcement, owner, licensee
):
    """Each is below a tenth of what the period then owes, together they are not."""
    license_id = sell(suite, licensee, bond=700)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    for due, bond in ((530, 700), (555, 700), (580, 0)):
        enforcement.assess(license_id, 1, 20 * due, 0, EVIDENCE, sender=owner)
        enforcement.conclude(license_id, 1, sender=licensee)
        assert enforcement.bond(license_id) == bond


def test_conclude__estimate_was_short__costs_no_bond(suite, enforcement, market, owner, licensee):
    license_id = sell(suite, licensee, bond=700)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    market.estimate(license_id)
    enforcement.assess(license_id, 1, REVENUE, 0, EVIDENCE, sender=owner)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == 700

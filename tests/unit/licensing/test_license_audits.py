"""LicenseEnforcement: whoever is hostile or wrong, an audit costs what was owed and hidden, no more
and no less."""

import boa
import pytest

from tests.support import DAY, fund_and_approve, now, warp_to
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


@pytest.mark.parametrize("reported_at", [0, ANSWER - 1, ANSWER])
@pytest.mark.parametrize("is_first", [False, True])
def test_conclude__report_after_its_assessment__is_not_short(
    suite, enforcement, licensee, assess, reported_at, is_first
):
    """It hides nothing from an audit that was there before, whoever is faster after the window."""
    license_id = sell(suite, licensee, bond=BOND)
    late_at(suite, license_id, 1)
    assess(license_id, 1, 50_000)
    warp_to(now() + reported_at)
    if is_first and reported_at == ANSWER:
        enforcement.conclude(license_id, 1)
    suite.market.report(license_id, 1, 0, EVIDENCE, sender=licensee)
    if not (is_first and reported_at == ANSWER):
        enforcement.conclude(license_id, 1, sender=licensee)
    assert suite.market.reported(license_id, 1)[0] == 50_000
    assert enforcement.bond(license_id) == BOND
    # What a later audit finds above that was hidden.
    for due, bond in ((55_555, BOND), (55_556, 0)):
        assess(license_id, 1, due)
        enforcement.conclude(license_id, 1, sender=licensee)
        assert enforcement.bond(license_id) == bond


def test_conclude__report_above_its_assessment__is_what_the_next_audit_counts_from(
    suite, enforcement, licensee, assess
):
    license_id = sell(suite, licensee, bond=BOND)
    late_at(suite, license_id, 1)
    assess(license_id, 1, 1_000)
    suite.market.report(license_id, 1, 20 * 5_000, EVIDENCE, sender=licensee)
    enforcement.conclude(license_id, 1, sender=licensee)
    assess(license_id, 1, 5_500)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == BOND


@pytest.mark.parametrize("disputed", [1, 400, 870, 900])
@pytest.mark.parametrize("part", [0, 2, 1])
def test_decide__part_of_an_audit_that_took_the_bond__takes_no_second_one(
    suite, market, enforcement, owner, licensee, assess, disputed, part
):
    license_id = sell(suite, licensee, bond=BOND, upfront_fee=0, renewable=True)
    report_next(suite, licensee, license_id, 1, revenue=20 * 100)
    assess(license_id, 1, 1_000)
    dispute(suite, licensee, license_id, disputed)
    pay(suite, licensee, license_id, 10**6)
    fund_and_approve(suite.asset, licensee, market.address, BOND)
    market.renew(license_id, BOND, sender=licensee)
    upheld = disputed // part if part else 0
    decide(enforcement, license_id, upheld, owner)
    assert market.reported(license_id, 1)[0] == 1_000 - disputed + upheld
    lost = suite.router.pending(1, suite.asset) // BOND
    assert lost == (1 if disputed < 900 or upheld else 0)


@pytest.mark.parametrize("is_disputed", [False, True])
def test_conclude__cap_that_the_licensee_used_up_meanwhile__does_not_save_the_bond(
    suite, market, enforcement, owner, licensee, assess, is_disputed
):
    license_id = sell(suite, licensee, bond=BOND, royalty_cap=10_000, term_seconds=0)
    report_next(suite, licensee, license_id, 1, revenue=20 * 7_950)
    report_next(suite, licensee, license_id, 2, revenue=0)
    assess(license_id, 2, 1_500)
    if is_disputed:
        dispute(suite, licensee, license_id, 1_450, period=2)
    report_next(suite, licensee, license_id, 3, revenue=20 * 2_000)
    if is_disputed:
        decide(enforcement, license_id, 1_450, owner, period=2)
    else:
        enforcement.conclude(license_id, 2)
    assert market.license(license_id).due == 10_000
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


def test_conclude__report_that_the_cap_cut_in_the_answer_window__is_not_short(
    suite, market, enforcement, licensee, assess
):
    license_id = sell(suite, licensee, bond=BOND, royalty_cap=10_000)
    report_next(suite, licensee, license_id, 1, revenue=20 * 9_000)
    pay(suite, licensee, license_id, 9_000)
    late_at(suite, license_id, 2)
    assess(license_id, 2, 1_000)
    market.report(license_id, 2, 20 * 6_000, EVIDENCE, sender=licensee)
    enforcement.conclude(license_id, 2, sender=licensee)
    assess(license_id, 1, 4_000)
    assess(license_id, 2, 6_000)
    enforcement.conclude(license_id, 2, sender=licensee)
    assert market.license(license_id).due == 10_000
    assert enforcement.bond(license_id) == BOND


def test_conclude__report_that_the_cap_cut__spares_only_what_it_said(
    suite, market, enforcement, licensee, assess
):
    late = {"late_bps_per_year": 3_600, "term_seconds": 0}
    license_id = sell(suite, licensee, royalty_cap=10_000, **late)
    for period, due in ((1, 9_000), (2, 6_000)):
        report_next(suite, licensee, license_id, period, revenue=20 * due)
        pay(suite, licensee, license_id, due)
    warp_to(now() + PERIOD - 1)
    assess(license_id, 1, 9_000 - 5_000)
    assess(license_id, 2, 6_000)
    enforcement.conclude(license_id, 2, sender=licensee)
    seconds = now() - period_end(suite, license_id, 2) - GRACE
    # The credit of 5,000 pays the dues; the interest is left.
    assert market.license(license_id).due == 10_000
    assert market.outstanding(license_id) == 5_000 * seconds * 3_600 // (10_000 * 365 * DAY)


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


def test_terminate__bond_would_pay_but_for_an_audit__waits_for_that(
    suite, market, enforcement, licensee, assess
):
    """An audit of one unit ends no licence whose bond is full."""
    license_id = sell(suite, licensee, bond=BOND, term_seconds=0, cure_seconds=7 * DAY)
    report_next(suite, licensee, license_id, 1, revenue=20 * 100)
    warp_to(period_end(suite, license_id, 1) + GRACE + 7 * DAY)
    assess(license_id, 1, 101)
    with boa.reverts("bond waits for an audit"):
        enforcement.terminate(license_id)
    with boa.env.anchor():
        enforcement.conclude(license_id, 1, sender=licensee)
        assert not enforcement.terminate(license_id)
        assert enforcement.bond(license_id) == BOND - 101
    report_next(suite, licensee, license_id, 2, revenue=20 * (BOND - 100))
    warp_to(period_end(suite, license_id, 2) + GRACE)
    with boa.env.anchor(), boa.reverts("bond waits for an audit"):
        enforcement.terminate(license_id)
    # A unit of principal more than the bond, and it is of no use.
    report_next(suite, licensee, license_id, 3, revenue=0)
    warp_to(period_end(suite, license_id, 3) + GRACE)
    assert enforcement.terminate(license_id)
    assert enforcement.bond(license_id) == BOND


def test_terminate__interest_of_the_wait_for_an_audit__does_not_count(
    suite, market, enforcement, licensee, assess
):
    late = {"late_bps_per_year": 3_600, "term_seconds": 0, "cure_seconds": 7 * DAY}
    license_id = sell(suite, licensee, bond=1_001, **late)
    report_next(suite, licensee, license_id, 1, revenue=20 * 1_000)
    assess(license_id, 1, 1_001)
    dispute(suite, licensee, license_id, 1)
    warp_to(period_end(suite, license_id, 1) + GRACE + 19 * DAY)
    assert market.license(license_id).interest > 1
    with boa.reverts("bond waits for an audit"):
        enforcement.terminate(license_id)


def test_terminate__audit_is_open_and_a_report_missing__ends_and_keeps_the_bond(
    suite, enforcement, licensee, assess
):
    license_id = sell(suite, licensee, bond=BOND, term_seconds=0)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    assess(license_id, 1, 5_000)
    dispute(suite, licensee, license_id, 4_500)
    late_at(suite, license_id, 3)
    assert enforcement.terminate(license_id)
    assert enforcement.bond(license_id) == BOND


# --- a shortfall is taken once ---


@pytest.mark.parametrize("is_disputed", [False, True])
def test_conclude__bond_filled_up_after_a_forfeit__is_not_lost_for_the_next_unit(
    suite, market, enforcement, owner, licensee, assess, is_disputed
):
    license_id = sell(suite, licensee, bond=BOND, upfront_fee=0, renewable=True)
    report_next(suite, licensee, license_id, 1, revenue=20 * 899)
    pay(suite, licensee, license_id, 899)
    assess(license_id, 1, 1_000)
    if is_disputed:
        dispute(suite, licensee, license_id, 1)
    else:
        enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == 0
    pay(suite, licensee, license_id, 10**6)
    fund_and_approve(suite.asset, licensee, market.address, BOND)
    market.renew(license_id, BOND, sender=licensee)
    if is_disputed:
        decide(enforcement, license_id, 1, owner)
    else:
        assess(license_id, 1, 1_111)
        enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == BOND
    # More than a tenth above what it owes now is another shortfall.
    owed = market.reported(license_id, 1)[0]
    assess(license_id, 1, owed * 10 // 9 + 1)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == 0


# --- late reports and silence ---


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


# --- what is given back ---


@pytest.mark.parametrize("lowered", [0, 1, 50_000])
def test_assess__lowered_and_raised_far__spares_only_what_it_gives_back(
    suite, market, licensee, enforcement, assess, lowered
):
    """A correction of one unit spares the interest of one unit, not of a lie."""
    late = {"late_bps_per_year": 3_600, "term_seconds": 0}
    license_id = sell(suite, licensee, **late)
    report_next(suite, licensee, license_id, 1, revenue=20 * 100_000)
    pay(suite, licensee, license_id, 100_000)
    for period in range(2, 13):
        report_next(suite, licensee, license_id, period, revenue=0)
        pay(suite, licensee, license_id, MINIMUM)
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
    late = {"late_bps_per_year": 3_600, "term_seconds": 0, "cure_seconds": 366 * DAY}
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
    late = {"late_bps_per_year": 3_600, "term_seconds": 0}
    license_id = sell(suite, licensee, **late)
    report_next(suite, licensee, license_id, 1, revenue=20 * 100_000)
    pay(suite, licensee, license_id, 100_000)
    for period in range(2, 11):
        report_next(suite, licensee, license_id, period, revenue=0)
        pay(suite, licensee, license_id, MINIMUM)
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
    late = {"late_bps_per_year": 3_600, "term_seconds": 0, "cure_seconds": 366 * DAY}
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
    late = {"late_bps_per_year": 3_600, "term_seconds": 0, "cure_seconds": 366 * DAY}
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
    late = {"late_bps_per_year": 3_600, "term_seconds": 0}
    license_id = sell(suite, licensee, **late)
    report_next(suite, licensee, license_id, 1, revenue=20 * 1_000)
    pay(suite, licensee, license_id, 1_000)
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
    """However many periods came meanwhile."""
    license_id = sell(suite, licensee, term_seconds=0)
    report_next(suite, licensee, license_id, 1)
    assess(license_id, 1, 2 * DUE)
    for period in range(2, 27):
        report_next(suite, licensee, license_id, period)
    pay(suite, licensee, license_id, 10**9)
    assert now() > market.license(license_id).starts_at + ANSWER
    enforcement.conclude(license_id, 1)
    assert not enforcement.is_held(license_id)
    assert market.license(license_id).due == 27 * DUE

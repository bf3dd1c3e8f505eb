"""LicenseEnforcement: whoever is hostile or wrong, an audit costs what was owed and hidden, no more
and no less."""

import boa
import pytest

from tests.kits.disputes import ANSWER, DECISION, EXTRA, decide, dispute, late_at
from tests.kits.licensing import (
    DUE,
    EVIDENCE,
    GRACE,
    MINIMUM,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.support import DAY, fund_and_approve, now, warp_to

BOND = 100_000


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


@pytest.mark.parametrize("is_reported_first", [False, True])
def test_decide__refused__does_not_stay_known(
    suite, market, enforcement, owner, licensee, assess, is_reported_first
):
    """Who was asked for too much once is not free to hide as much ever after."""
    terms = {"bond": BOND, "upfront_fee": 0, "renewable": True}
    license_id = sell(suite, licensee, **terms)
    if is_reported_first:
        report_next(suite, licensee, license_id, 1, revenue=0)
    else:
        late_at(suite, license_id, 1)
    assess(license_id, 1, 1_000_000)
    if not is_reported_first:
        suite.market.report(license_id, 1, 0, EVIDENCE, sender=licensee)
    # Of the first row 100 stand, which is short of 50: that bond is lost.
    disputed = 1_000_000 - (100 if is_reported_first else MINIMUM)
    dispute(suite, licensee, license_id, disputed)
    decide(enforcement, license_id, 0, owner)
    pay(suite, licensee, license_id, 10**6)
    fund_and_approve(suite.asset, licensee, market.address, BOND)
    market.renew(license_id, BOND, sender=licensee)
    assess(license_id, 1, 900_000)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == 0


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


def test_terminate__bond_is_empty__does_not_wait_for_an_audit(
    suite, market, enforcement, licensee, assess
):
    late = {"late_bps_per_year": 3_600, "term_seconds": 0, "cure_seconds": 7 * DAY}
    license_id = sell(suite, licensee, share_bps=500, **late)
    report_next(suite, licensee, license_id, 1, revenue=20 * 10**6)
    warp_to(period_end(suite, license_id, 1) + GRACE + 7 * DAY)
    pay(suite, licensee, license_id, 10**6)
    assert market.license(license_id).overdue == 0
    assess(license_id, 1, 10**6 + 1)
    assert enforcement.terminate(license_id)


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

"""LicenseEnforcement: bonds, missing reports, ends."""

import boa
import pytest

from tests.kits.licensing import (
    CURE,
    DUE,
    EVIDENCE,
    FEE,
    GRACE,
    MINIMUM,
    PERIOD,
    TERM,
    fund_and_approve,
    is_licensed,
    offer,
    pay,
    period_end,
    report_next,
    sell,
    wait_for_end,
)
from tests.kits.treasury import event_rows, transfer_row
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, deploy_asset, deployer_of, now, warp_to

BOND = 700
UNKNOWN = 99


@pytest.fixture(scope="module")
def enforcement(suite):
    return suite.enforcement


@pytest.fixture
def bonded(suite, licensee):
    """A license with a bond, that starts now."""
    return sell(suite, licensee, bond=BOND)


def due_at(suite, license_id, period):
    return period_end(suite, license_id, period) + GRACE


def serve(suite, licensee, license_id, periods):
    for period in range(1, periods + 1):
        report_next(suite, licensee, license_id, period)
        pay(suite, licensee, license_id, DUE)


# --- receive_bond ---


def test_buy__terms_with_a_bond__puts_it_into_enforcement(suite, market, enforcement, licensee):
    asset, terms_id = suite.asset, offer(suite, bond=BOND)
    fund_and_approve(asset, licensee, market.address, FEE + BOND)
    terms_hash = suite.catalog.terms_hash(terms_id)
    with boa.env.prank(licensee), boa.reverts("cost is above the maximum"):
        market.buy(terms_id, terms_hash, FEE + BOND - 1)
    license_id = market.buy(terms_id, terms_hash, FEE + BOND, sender=licensee)
    rows = event_rows(market)
    assert rows[2:4] == [
        transfer_row(licensee, enforcement, BOND),
        ("BondReceived", license_id, asset.address, BOND),
    ]
    assert enforcement.bond(license_id) == enforcement.accounted(asset.address) == BOND
    assert asset.balanceOf(enforcement.address) == BOND
    assert suite.router.pending(1, asset.address) == FEE


@pytest.mark.parametrize("role", ["owner", "licensee", "stranger"])
def test_receive_bond__not_the_market__reverts(suite, enforcement, bonded, request, role):
    suite.asset.mint(enforcement.address, BOND)
    with (
        boa.env.prank(request.getfixturevalue(role)),
        boa.reverts("caller is not the market"),
    ):
        enforcement.receive_bond(bonded, suite.asset.address, BOND)


def test_receive_bond__nothing_came__reverts(suite, market, enforcement, bonded):
    with boa.env.prank(market.address), boa.reverts("asset did not arrive"):
        enforcement.receive_bond(bonded, suite.asset.address, 1)


# --- enforce ---


def test_enforce__overdue_dues__pays_from_the_bond(suite, market, enforcement, bonded, licensee):
    asset = suite.asset
    report_next(suite, licensee, bonded, 1)
    warp_to(due_at(suite, bonded, 1) - 1)
    with boa.reverts("nothing to enforce"):
        enforcement.enforce(bonded)
    boa.env.time_travel(seconds=1)
    assert not is_licensed(suite, licensee, bonded)
    caller = boa.env.eoa
    assert enforcement.enforce(bonded) == (0, DUE)
    reference = bonded.to_bytes(32, "big")
    assert event_rows(enforcement) == [
        ("Enforced", bonded, caller, 0, DUE),
        ("Approval", enforcement.address, market.address, DUE),
        ("RoyaltyPaid", bonded, enforcement.address, DUE, 0),
        transfer_row(enforcement, suite.router, DUE),
        ("RoyaltyReceived", 1, asset.address, enforcement.address, DUE, reference),
    ]
    assert enforcement.bond(bonded) == enforcement.accounted(asset.address) == BOND - DUE
    assert market.outstanding(bonded) == 0
    assert is_licensed(suite, licensee, bonded)
    assert asset.allowance(enforcement.address, market.address) == 0


def test_enforce__bond_is_too_small__pays_what_there_is(
    suite, market, enforcement, bonded, licensee
):
    for period in (1, 2):
        report_next(suite, licensee, bonded, period)
    warp_to(due_at(suite, bonded, 2))
    assert enforcement.enforce(bonded) == (0, BOND)
    assert market.outstanding(bonded) == 2 * DUE - BOND
    assert not market.is_in_good_standing(bonded)
    with boa.reverts("nothing to enforce"):
        enforcement.enforce(bonded)


def test_enforce__missing_reports__are_booked_and_paid(
    suite, market, enforcement, bonded, licensee
):
    serve(suite, licensee, bonded, 1)
    warp_to(due_at(suite, bonded, 3) - 1)
    estimate = DUE * 5 // 4
    assert enforcement.enforce(bonded) == (1, estimate)
    assert market.reported(bonded, 2) == (estimate, True, False)
    boa.env.time_travel(seconds=1)
    # Silence is dearer each period; the bond has less left than it asks for.
    dearer = -(-estimate * 5 // 4)
    assert enforcement.enforce(bonded) == (1, BOND - estimate)
    assert market.reported(bonded, 3) == (dearer, True, False)
    assert market.outstanding(bonded) == estimate + dearer - BOND


def test_enforce__no_bond__only_books(suite, market, enforcement, license_id):
    warp_to(due_at(suite, license_id, 1))
    assert enforcement.enforce(license_id) == (1, 0)
    assert [row[0] for row in event_rows(enforcement)] == ["PeriodEstimated", "Enforced"]
    assert market.outstanding(license_id) == MINIMUM


def test_enforce__years_without_a_report__books_sixteen_periods(suite, enforcement, licensee):
    license_id = sell(suite, licensee, term_seconds=0)
    warp_to(due_at(suite, license_id, 20))
    assert enforcement.enforce(license_id) == (16, 0)
    with boa.reverts("nothing to enforce"):
        enforcement.enforce(license_id)


def test_enforce__interest__is_paid_from_the_bond_too(suite, market, enforcement, licensee):
    license_id = sell(suite, licensee, bond=BOND, late_bps_per_year=3_600)
    report_next(suite, licensee, license_id, 1)
    warp_to(due_at(suite, license_id, 1) + 73 * DAY)
    # No report is missing in the reference: only money is overdue.
    for period in (2, 3):
        boa.env.time_travel(seconds=0)
        with boa.env.prank(licensee):
            market.report(license_id, period, 0, EVIDENCE)
    state = market.license(license_id)
    owed = state.overdue + state.interest
    assert state.interest >= DUE * 3_600 * 73 // 365 // 10_000
    assert enforcement.enforce(license_id) == (0, owed)
    assert market.license(license_id).overdue_since == 0
    assert enforcement.bond(license_id) == BOND - owed


def test_enforcement__unknown_license__says_so(suite, enforcement, owner, license_id):
    for call, *args in (
        (enforcement.enforce,),
        (enforcement.release_bond,),
        (enforcement.terminate,),
        (enforcement.surrender,),
        (enforcement.assess, 1, 0, 0, EVIDENCE),
        (enforcement.dispute, 1, 1, EVIDENCE),
        (enforcement.decide, 1, 1, 0),
        (enforcement.accuse, EVIDENCE),
        (enforcement.answer, EVIDENCE),
        (enforcement.end_for_misuse, EVIDENCE),
    ):
        for unknown in (0, UNKNOWN):
            with boa.env.prank(owner), boa.reverts("unknown license"):
                call(unknown, *args)


# --- release_bond ---


def test_release_bond__a_period_after_the_end__returns_all_to_the_licensee(
    suite, enforcement, bonded, licensee
):
    serve(suite, licensee, bonded, 3)
    warp_to(period_end(suite, bonded, 4) - 1)
    with boa.reverts("bond is still held"):
        enforcement.release_bond(bonded)
    boa.env.time_travel(seconds=1)
    assert enforcement.release_bond(bonded) == BOND
    assert event_rows(enforcement) == [
        ("BondReturned", bonded, licensee, BOND),
        transfer_row(enforcement, licensee, BOND),
    ]
    assert suite.asset.balanceOf(licensee) == BOND
    assert enforcement.bond(bonded) == enforcement.accounted(suite.asset.address) == 0
    assert enforcement.release_bond(bonded) == 0


def test_release_bond__arrears_or_reports_left__reverts(suite, enforcement, bonded, licensee):
    serve(suite, licensee, bonded, 2)
    warp_to(period_end(suite, bonded, 4))
    with boa.reverts("license has arrears"):
        enforcement.release_bond(bonded)
    suite.market.report(bonded, 3, 0, EVIDENCE, sender=licensee)
    with boa.reverts("license has arrears"):
        enforcement.release_bond(bonded)
    pay(suite, licensee, bonded, MINIMUM)
    assert enforcement.release_bond(bonded) == BOND


def test_release_bond__perpetual__never_while_it_runs(suite, enforcement, licensee):
    license_id = sell(suite, licensee, bond=BOND, term_seconds=0)
    boa.env.time_travel(seconds=10 * TERM)
    with boa.reverts("bond is still held"):
        enforcement.release_bond(license_id)


def test_release_bond__assessment_is_open__waits(suite, enforcement, bonded, owner, licensee):
    serve(suite, licensee, bonded, 3)
    warp_to(period_end(suite, bonded, 4))
    enforcement.assess(bonded, 3, 0, 0, EVIDENCE, sender=owner)
    enforcement.assess(bonded, 3, 1_020, 0, EVIDENCE, sender=owner)
    with boa.reverts("bond is still held"):
        enforcement.release_bond(bonded)
    boa.env.time_travel(seconds=14 * DAY)
    enforcement.conclude(bonded, 3)
    # The credit of the first finding covers the second.
    assert enforcement.release_bond(bonded) == BOND


# --- terminate ---


def test_terminate__cure_is_over__ends_now_and_debts_stay(
    suite, market, enforcement, license_id, licensee, stranger
):
    report_next(suite, licensee, license_id, 1)
    warp_to(due_at(suite, license_id, 1) - 1)
    with boa.reverts("nothing is overdue"):
        enforcement.terminate(license_id)
    warp_to(due_at(suite, license_id, 1) + CURE - 1)
    with boa.reverts("license can still be cured"):
        enforcement.terminate(license_id)
    boa.env.time_travel(seconds=1)
    # Period 2 has ended and is in its grace.
    assert enforcement.terminate(license_id, sender=stranger)
    assert event_rows(enforcement) == [
        ("Terminated", license_id, stranger),
        ("LicenseEnded", license_id, now()),
        ("LicenseLost", 1, licensee, 1, license_id),
    ]
    state = market.license(license_id)
    assert (state.ended_early, state.ends_at, state.due) == (True, now(), DUE)
    with boa.reverts("license has ended"):
        enforcement.terminate(license_id)
    assert pay(suite, stranger, license_id, 10 * DUE) == DUE
    assert not is_licensed(suite, licensee, license_id)
    market.report(license_id, 2, 0, EVIDENCE, sender=licensee)
    assert market.next_period(license_id) == (0, 0, 0)
    assert pay(suite, stranger, license_id, 10 * DUE) == MINIMUM
    assert market.is_in_good_standing(license_id)
    with boa.env.prank(licensee), boa.reverts("license has ended"):
        market.renew(license_id, MAX_UINT)


def test_terminate__report_is_missing__books_it_and_ends(suite, market, enforcement, license_id):
    warp_to(due_at(suite, license_id, 1) + CURE)
    assert enforcement.terminate(license_id)
    assert [row[0] for row in event_rows(enforcement)][:2] == ["PeriodEstimated", "Enforced"]
    assert market.license(license_id).due == MINIMUM


def test_terminate__running_period__is_owed_for_its_part(suite, market, enforcement, licensee):
    license_id = sell(suite, licensee, term_seconds=0, grace_seconds=7 * DAY)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    starts_at = market.license(license_id).starts_at
    warp_to(starts_at + 2 * PERIOD + 7 * DAY + CURE)
    assert enforcement.terminate(license_id)
    # 27 of 30 days of period 3, at the estimates of periods 2 and 3.
    opens_at = starts_at + 2 * PERIOD + 27 * DAY
    assert market.next_period(license_id) == (2, starts_at + 2 * PERIOD, starts_at + 67 * DAY)
    warp_to(opens_at + 7 * DAY - 1)
    assert market.estimate(license_id) == 0
    warp_to(opens_at + 7 * DAY)
    assert market.estimate(license_id) == 1
    second = DUE * 5 // 4
    third = -(-second * 5 // 4)
    assert market.reported(license_id, 3) == (-(-third * 27 // 30), True, False)
    assert market.estimate(license_id) == 0
    market.report(license_id, 2, 0, EVIDENCE, sender=licensee)
    assert market.report(license_id, 3, 0, EVIDENCE, sender=licensee) == MINIMUM * 27 // 30


def test_end__in_the_grace_of_the_last_period__is_reported_after_that(
    suite, market, licensee, owner
):
    """So that at most one period is in its grace: what is overdue follows from the totals."""
    license_id = sell(suite, licensee, term_seconds=0)
    starts_at = market.license(license_id).starts_at
    report_next(suite, licensee, license_id, 1)
    warp_to(starts_at + PERIOD + DAY)
    market.set_enforcement(owner, sender=owner)
    market.end(license_id, now(), sender=owner)
    opens_at = starts_at + PERIOD + GRACE
    assert market.next_period(license_id) == (2, opens_at, starts_at + PERIOD + DAY + GRACE)
    warp_to(opens_at - 1)
    with boa.reverts("period has not ended"):
        market.report(license_id, 2, 0, EVIDENCE, sender=licensee)
    warp_to(opens_at)
    market.report(license_id, 2, 0, EVIDENCE, sender=licensee)


def test_terminate__bond_is_left__is_used_first(suite, market, enforcement, licensee):
    bonded = sell(suite, licensee, bond=BOND, term_seconds=0)
    for period in (1, 2):
        report_next(suite, licensee, bonded, period)
    warp_to(due_at(suite, bonded, 1) + CURE)
    # It pays all that is overdue: cured.
    assert not enforcement.terminate(bonded)
    assert market.is_in_good_standing(bonded)
    assert enforcement.bond(bonded) == BOND - DUE
    warp_to(due_at(suite, bonded, 2) + CURE)
    assert enforcement.terminate(bonded)
    assert enforcement.bond(bonded) == 0


def test_terminate__bond_and_no_report__ends_and_keeps_the_bond(
    suite, market, enforcement, licensee
):
    license_id = sell(suite, licensee, bond=BOND, minimum_per_period=0, term_seconds=0)
    warp_to(due_at(suite, license_id, 1) + CURE)
    assert enforcement.terminate(license_id)
    assert enforcement.bond(license_id) == BOND
    boa.env.time_travel(seconds=10 * PERIOD)
    with boa.reverts("license has arrears"):
        enforcement.release_bond(license_id)
    for period in (1, 2):
        warp_to(max(now(), market.next_period(license_id)[1]))
        market.report(license_id, period, 0, EVIDENCE, sender=licensee)
    assert enforcement.release_bond(license_id) == BOND


def test_terminate__cured__reverts(suite, enforcement, license_id, licensee):
    report_next(suite, licensee, license_id, 1)
    warp_to(due_at(suite, license_id, 1) + CURE)
    pay(suite, licensee, license_id, DUE)
    with boa.reverts("nothing is overdue"):
        enforcement.terminate(license_id)


def test_terminate__term_is_over__reverts(suite, enforcement, license_id, licensee):
    for period in (1, 2, 3):
        report_next(suite, licensee, license_id, period)
    boa.env.time_travel(seconds=CURE + TERM)
    with boa.reverts("license has ended"):
        enforcement.terminate(license_id)


# --- surrender ---


def test_surrender__perpetual__ends_with_the_running_period(
    suite, market, enforcement, licensee, stranger
):
    license_id = sell(suite, licensee, term_seconds=0, bond=BOND)
    ends_at = period_end(suite, license_id, 2)
    warp_to(period_end(suite, license_id, 1))
    with boa.env.prank(stranger), boa.reverts("caller is not the licensee"):
        enforcement.surrender(license_id)
    assert enforcement.surrender(license_id, sender=licensee) == ends_at
    assert event_rows(enforcement) == [
        ("Surrendered", license_id, licensee, ends_at),
        ("LicenseEnded", license_id, ends_at),
    ]
    assert market.license(license_id).ended_early
    assert is_licensed(suite, licensee, license_id)
    with boa.env.prank(licensee), boa.reverts("term is not over"):
        enforcement.surrender(license_id)
    serve(suite, licensee, license_id, 2)
    assert market.next_period(license_id) == (0, 0, 0)
    assert not is_licensed(suite, licensee, license_id)
    warp_to(ends_at + PERIOD)
    assert enforcement.release_bond(license_id) == BOND


def test_surrender__last_second_of_a_period__ends_with_it(suite, enforcement, licensee):
    license_id = sell(suite, licensee, term_seconds=0)
    warp_to(period_end(suite, license_id, 1) - 1)
    assert enforcement.surrender(license_id, sender=licensee) == now() + 1


def test_surrender__no_periods__ends_at_once(suite, enforcement, licensee):
    free = {"share_bps": 0, "minimum_per_period": 0, "period_seconds": 0, "grace_seconds": 0}
    license_id = sell(suite, licensee, term_seconds=0, **free)
    assert enforcement.surrender(license_id, sender=licensee) == now()
    assert not is_licensed(suite, licensee, license_id)


def test_surrender__fixed_term__reverts(enforcement, license_id, licensee):
    with boa.env.prank(licensee), boa.reverts("term is not over"):
        enforcement.surrender(license_id)


# --- wiring ---


def test_skim__stray_tokens__leave_bonds_alone(suite, enforcement, bonded, owner, payer, stranger):
    suite.asset.mint(enforcement.address, 5)
    with boa.env.prank(stranger), boa.reverts("caller is not the owner"):
        enforcement.skim(suite.asset.address, stranger)
    assert enforcement.skim(suite.asset.address, payer, sender=owner) == 5
    assert event_rows(enforcement)[-1] == ("Skimmed", suite.asset.address, payer, 5)
    assert enforcement.skim(suite.asset.address, payer, sender=owner) == 0
    assert suite.asset.balanceOf(enforcement.address) == enforcement.bond(bonded) == BOND


def test_skim__another_asset__goes_whole(suite, enforcement, owner, payer):
    other = deploy_asset("EURX", 2)
    other.mint(enforcement.address, 9)
    assert enforcement.skim(other.address, payer, sender=owner) == 9


@pytest.mark.parametrize("missing", ["market", "catalog"])
def test_deploy__zero_address__reverts(market, catalog, missing):
    links = {"market": market.address, "catalog": catalog.address, missing: ZERO_ADDRESS}
    for stem in ("LicenseEnforcement", "LicenseRights"):
        with boa.reverts(f"{missing} is zero"):
            deployer_of(stem).deploy(*links.values())


def test_receive_bond__enforcement_taken_away__no_sale_with_a_bond(
    suite, market, owner, licensee, terms_id
):
    market.set_enforcement(ZERO_ADDRESS, sender=owner)
    hashes = suite.catalog.terms_hash
    bonded_terms = offer(suite, bond=BOND + 1)
    fund_and_approve(suite.asset, licensee, market.address, 2 * FEE + BOND + 1)
    with boa.env.prank(licensee), boa.reverts("receiver is zero"):
        market.buy(bonded_terms, hashes(bonded_terms), MAX_UINT)
    license_id = market.buy(terms_id, hashes(terms_id), FEE, sender=licensee)
    wait_for_end(suite, license_id, 1)
    assert is_licensed(suite, licensee, license_id)

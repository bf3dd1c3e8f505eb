"""LicenseMarket: renewals, money ahead, money for licenses that have ended."""

import boa
import pytest

from tests.kits.licensing import (
    DUE,
    EVIDENCE,
    FEE,
    GRACE,
    MAX_TOTAL,
    MINIMUM,
    PERIOD,
    TERM,
    buy,
    is_licensed,
    pay,
    period_end,
    report_and_pay,
    report_next,
    sell,
    wait_for_end,
)
from tests.kits.treasury import event_rows, transfer_row
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS, fund_and_approve, now, warp_to

BOND = 700


def serve(suite, licensee, license_id, first=1, last=3):
    for period in range(first, last + 1):
        wait_for_end(suite, license_id, period)
        report_and_pay(suite, licensee, license_id, period, DUE)


def renew(suite, licensee, license_id, cost=FEE):
    fund_and_approve(suite.asset, licensee, suite.market.address, cost)
    return suite.market.renew(license_id, cost, sender=licensee)


# --- renew ---


def test_renew__before_the_end__adds_a_term_to_it(suite, market, license_id, licensee):
    ends_at = market.license(license_id).ends_at
    assert renew(suite, licensee, license_id) == ends_at + TERM
    assert event_rows(market) == [
        ("LicenseRenewed", license_id, licensee, FEE, ends_at + TERM),
        transfer_row(licensee, suite.router, FEE),
        (
            "RoyaltyReceived",
            1,
            suite.asset.address,
            licensee,
            FEE,
            license_id.to_bytes(32, "big"),
        ),
    ]
    assert market.license(license_id).ends_at == ends_at + TERM
    serve(suite, licensee, license_id, 1, 6)
    assert market.next_period(license_id) == (0, 0, 0)


def test_renew__in_the_second_of_the_end__leaves_no_gap(suite, market, license_id, licensee):
    ends_at = market.license(license_id).ends_at
    serve(suite, licensee, license_id)
    assert now() == ends_at
    assert renew(suite, licensee, license_id) == ends_at + TERM
    assert is_licensed(suite, licensee, license_id)
    assert market.license(license_id).starts_at == ends_at - TERM


def test_renew__long_after_the_end__begins_now_and_leaves_the_gap(
    suite, market, license_id, licensee
):
    starts_at, ends_at = market.license(license_id)[2:4]
    serve(suite, licensee, license_id)
    warp_to(ends_at + 5 * TERM)
    assert renew(suite, licensee, license_id) == now() + TERM
    covers = suite.rights.is_covered
    assert market.license(license_id).starts_at == starts_at
    for at, covered in (
        (starts_at - 1, False),
        (starts_at, True),
        (ends_at - 1, True),
        (ends_at, False),
        (now() - 1, False),
        (now(), True),
    ):
        assert covers(license_id, licensee, 0, at) is covered, at
        assert market.lapsed_at(license_id, at) is (ends_at <= at < now())
    assert market.next_period(license_id) == (4, now() + PERIOD, now() + PERIOD + GRACE)
    warp_to(now() + PERIOD)
    assert report_and_pay(suite, licensee, license_id, 4, DUE) == DUE


def test_renew__twice_late__keeps_both_gaps(suite, market, license_id, licensee):
    gaps, first = [], 1
    for _ in range(2):
        for period in range(first, first + 3):
            warp_to(market.next_period(license_id)[1])
            report_and_pay(suite, licensee, license_id, period, DUE)
        first += 3
        gaps.append(now())
        boa.env.time_travel(seconds=DAY)
        renew(suite, licensee, license_id)
    for gap in gaps:
        assert not suite.rights.is_covered(license_id, licensee, 0, gap)
        assert suite.rights.is_covered(license_id, licensee, 0, gap - 1)
        if gap + DAY <= now():
            assert suite.rights.is_covered(license_id, licensee, 0, gap + DAY)


def test_renew__part_of_the_bond_is_used__fills_it_up(suite, market, licensee):
    license_id = sell(suite, licensee, bond=BOND)
    report_next(suite, licensee, license_id, 1)
    warp_to(now() + GRACE)
    suite.enforcement.enforce(license_id)
    with boa.reverts("cost is above the maximum"):
        renew(suite, licensee, license_id, FEE + DUE - 1)
    renew(suite, licensee, license_id, FEE + DUE)
    assert suite.enforcement.bond(license_id) == BOND
    assert suite.asset.balanceOf(suite.enforcement.address) == BOND


def test_renew__no_enforcement__works_without_a_bond(suite, market, owner, license_id, licensee):
    market.set_enforcement(ZERO_ADDRESS, sender=owner)
    assert renew(suite, licensee, license_id) == market.license(license_id).ends_at


def test_renew__terms_retired__only_with_a_right_to_it(suite, market, owner, licensee):
    plain = sell(suite, licensee, upfront_fee=FEE - 1)
    granted = sell(suite, licensee, renewable=True)
    for license_id in (plain, granted):
        suite.catalog.retire_terms(market.license(license_id).terms_id, sender=owner)
    with boa.reverts("terms are not offered"):
        renew(suite, licensee, plain)
    assert renew(suite, licensee, granted) == now() + 2 * TERM


def test_renew__arrears_or_reports_left__reverts(suite, license_id, licensee):
    wait_for_end(suite, license_id, 1)
    with boa.reverts("license has arrears"):
        renew(suite, licensee, license_id)
    suite.market.report(license_id, 1, 0, EVIDENCE, sender=licensee)
    pay(suite, licensee, license_id, MINIMUM - 1)
    with boa.reverts("license has arrears"):
        renew(suite, licensee, license_id)
    pay(suite, licensee, license_id, 1)
    renew(suite, licensee, license_id)


def test_renew__assessment_is_open__renews_but_does_not_move(suite, owner, license_id, licensee):
    serve(suite, licensee, license_id, 1, 1)
    suite.enforcement.assess(license_id, 1, 20_000, 0, EVIDENCE, sender=owner)
    renew(suite, licensee, license_id)
    with boa.env.prank(licensee), boa.reverts("license is in dispute"):
        suite.market.transferFrom(licensee, owner, license_id)


@pytest.mark.parametrize("renewable", [False, True])
def test_renew__exclusive__ended_for_all__reverts(suite, market, catalog, licensee, renewable):
    """Nobody pays for exclusivity and gets none, whatever right to renewal the terms give."""
    free = {"share_bps": 0, "minimum_per_period": 0, "period_seconds": 0, "grace_seconds": 0}
    license_id = sell(suite, licensee, exclusive=True, renewable=renewable, **free)
    terms_id = catalog.exclusive_terms(1)
    warp_to(market.license(license_id).ends_at)
    catalog.end_exclusivity(1, license_id)
    assert catalog.is_offered(terms_id)
    with boa.reverts("model is licensed exclusively"):
        renew(suite, licensee, license_id)
    again = buy(suite, licensee, terms_id)
    assert (catalog.exclusive_terms(1), market.license(again).starts_at) == (terms_id, now())


def test_renew__perpetual_or_strangers__reverts_and_no_pause_stops_it(
    suite, market, owner, license_id, licensee, stranger
):
    perpetual = sell(suite, licensee, term_seconds=0)
    with boa.reverts("license is perpetual"):
        renew(suite, licensee, perpetual)
    with boa.reverts("caller is not the licensee"):
        renew(suite, stranger, license_id)
    with boa.reverts("unknown license"):
        renew(suite, licensee, 99)
    suite.catalog.set_guardian(owner, now() + DAY, sender=owner)
    suite.catalog.pause(sender=owner)
    ends_at = market.license(license_id).ends_at
    assert renew(suite, licensee, license_id) == ends_at + TERM


@pytest.mark.parametrize("periods", [False, True])
def test_renew__hundreds_of_times__never_grows_too_old(suite, market, licensee, periods):
    free = {"share_bps": 0, "minimum_per_period": 0, "period_seconds": 0, "grace_seconds": 0}
    terms = {"upfront_fee": 0, "term_seconds": PERIOD, **({} if periods else free)}
    license_id = sell(suite, licensee, **terms)
    starts_at = now()
    for count in range(2, 300):
        assert market.renew(license_id, 0, sender=licensee) == starts_at + count * PERIOD
    assert market.license(license_id).starts_at == starts_at
    assert suite.rights.is_covered(license_id, licensee, 0, starts_at)


def test_renew__without_periods_long_after_the_end__leaves_the_gap(suite, market, licensee):
    free = {"share_bps": 0, "minimum_per_period": 0, "period_seconds": 0, "grace_seconds": 0}
    license_id = sell(suite, licensee, upfront_fee=0, term_seconds=PERIOD, **free)
    starts_at = now()
    market.renew(license_id, 0, sender=licensee)
    warp_to(starts_at + 5 * PERIOD)
    assert market.renew(license_id, 0, sender=licensee) == starts_at + 6 * PERIOD
    covers = suite.rights.is_covered
    for periods, covered in ((0, True), (1, True), (2, False), (4, False), (5, True)):
        at = starts_at + periods * PERIOD
        assert covers(license_id, licensee, 0, at) == covered


# --- prepay ---


def test_prepay__nothing_owed__is_credit_for_later_periods(suite, market, license_id, licensee):
    asset = suite.asset
    fund_and_approve(asset, licensee, market.address, DUE + 1)
    assert market.prepay(license_id, DUE + 1, sender=licensee) == DUE + 1
    assert market.license(license_id).paid == DUE + 1
    assert suite.router.pending(1, asset.address) == FEE + DUE + 1
    wait_for_end(suite, license_id, 1)
    assert report_and_pay(suite, licensee, license_id, 1, 0) == 0
    wait_for_end(suite, license_id, 2)
    assert report_and_pay(suite, licensee, license_id, 2, DUE - 1) == DUE - 1
    assert market.outstanding(license_id) == 0


def test_prepay__above_what_is_owed__pays_that_first(suite, market, license_id, licensee):
    report_next(suite, licensee, license_id, 1)
    fund_and_approve(suite.asset, licensee, market.address, DUE + 7)
    market.prepay(license_id, DUE + 7, sender=licensee)
    assert event_rows(market)[0] == ("RoyaltyPaid", license_id, licensee, DUE + 7, 0)
    assert market.license(license_id).paid == DUE + 7


def test_prepay__nothing__moves_nothing(market, license_id, payer):
    assert market.prepay(license_id, 0, sender=payer) == 0
    assert event_rows(market) == []


def test_prepay__more_than_totals_hold__reverts(suite, market, license_id, payer):
    fund_and_approve(suite.asset, payer, market.address, MAX_TOTAL + 1)
    with boa.env.prank(payer), boa.reverts("totals are too large"):
        market.prepay(license_id, MAX_TOTAL + 1)


# --- estimate ---


def test_estimate__boundary_of_the_grace__is_exact(suite, market, license_id, stranger):
    warp_to(period_end(suite, license_id, 1) + GRACE - 1)
    assert market.estimate(license_id, sender=stranger) == 0
    boa.env.time_travel(seconds=1)
    assert market.estimate(license_id, sender=stranger) == 1
    assert event_rows(market) == [("PeriodEstimated", license_id, 1, MINIMUM)]
    assert market.reported(license_id, 1) == (MINIMUM, True, False)
    assert market.estimate(license_id) == 0
    assert event_rows(market) == []


def test_estimate__silence__is_dearer_each_period_up_to_sixteen(suite, market, licensee):
    license_id = sell(suite, licensee, term_seconds=0, minimum_per_period=0, bond=1)
    report_next(suite, licensee, license_id, 1, 2_000)
    pay(suite, licensee, license_id, 100)
    warp_to(period_end(suite, license_id, 30))
    assert market.estimate(license_id) == 16
    dues, last = [], 100
    for _ in range(16):
        last = -(-last * 5 // 4)
        dues.append(last)
    assert [market.reported(license_id, n)[0] for n in range(2, 18)] == dues
    assert market.estimate(license_id) == 0
    market.report(license_id, 2, 0, EVIDENCE, sender=licensee)
    assert market.estimate(license_id) == 1


def test_estimate__nothing_to_estimate_from__is_late_all_the_same(suite, market, licensee):
    license_id = sell(suite, licensee, term_seconds=0, minimum_per_period=0, bond=1)
    since = period_end(suite, license_id, 1) + GRACE
    for period in range(1, 5):
        warp_to(period_end(suite, license_id, period) + GRACE)
        assert market.estimate(license_id, sender=licensee) == 1
        assert not market.is_in_good_standing(license_id)
    assert market.license(license_id).overdue_since == since
    boa.env.time_travel(seconds=20 * DAY)
    assert suite.enforcement.terminate(license_id)


def test_estimate__huge_own_report__saturates(suite, market, licensee):
    license_id = sell(suite, licensee, term_seconds=0, share_bps=10_000, bond=5_000)
    report_next(suite, licensee, license_id, 1, 2**112 - 1)
    warp_to(period_end(suite, license_id, 2) + GRACE + 20 * DAY)
    assert tuple(suite.enforcement.enforce(license_id)) == (1, 5_000)
    assert market.reported(license_id, 2) == (2**112 - 1, True, False)
    assert suite.enforcement.terminate(license_id)


def test_report__of_an_estimated_period__replaces_the_estimate(suite, market, licensee):
    license_id = sell(suite, licensee, term_seconds=0, bond=BOND)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    suite.enforcement.enforce(license_id)
    assert suite.enforcement.bond(license_id) == BOND - MINIMUM
    assert not market.is_in_good_standing(license_id)
    assert market.report(license_id, 1, 10_000, EVIDENCE, sender=licensee) == DUE
    assert market.reported(license_id, 1) == (DUE, False, False)
    # What the bond paid stays paid.
    assert market.outstanding(license_id) == DUE - MINIMUM
    pay(suite, licensee, license_id, DUE)
    assert market.is_in_good_standing(license_id)


def test_prepay__late__reverts_so_that_no_interest_is_spared(suite, market, licensee):
    license_id = sell(suite, licensee, term_seconds=0, late_bps_per_year=3_600)
    warp_to(period_end(suite, license_id, 1) + GRACE + 73 * DAY)
    fund_and_approve(suite.asset, licensee, market.address, 10**12)
    with boa.env.prank(licensee):
        with boa.reverts("license is late"):
            market.prepay(license_id, 10**9)
        paid = market.report_and_pay(license_id, 1, 20 * 10**9, EVIDENCE, 10**12)
    assert paid == 10**9 + 10**9 * 3_600 * 73 // 365 // 10_000


# --- money for what has ended ---


@pytest.mark.parametrize("end", ["terminated", "surrendered", "expired"])
def test_pay__license_has_ended__late_money_is_accepted(suite, market, licensee, payer, end):
    term = {"expired": TERM}.get(end, 0)
    license_id = sell(suite, licensee, term_seconds=term, late_bps_per_year=3_600)
    report_next(suite, licensee, license_id, 1)
    if end == "surrendered":
        suite.enforcement.surrender(license_id, sender=licensee)
    for period in (2, 3):
        if end == "surrendered" and period == 3:
            break
        report_next(suite, licensee, license_id, period)
    boa.env.time_travel(seconds=GRACE + 11 * DAY)
    if end == "terminated":
        # Long enough for the cure after period 1.
        assert suite.enforcement.terminate(license_id)
        boa.env.time_travel(seconds=GRACE)
        market.report(license_id, 4, 0, EVIDENCE, sender=licensee)
    boa.env.time_travel(seconds=10 * TERM)
    owed = market.outstanding(license_id)
    before = suite.router.pending(1, suite.asset.address)
    assert owed > market.license(license_id).due
    assert pay(suite, payer, license_id, MAX_UINT // 2) == owed
    assert suite.router.pending(1, suite.asset.address) == before + owed
    assert market.outstanding(license_id) == 0
    assert not is_licensed(suite, licensee, license_id)

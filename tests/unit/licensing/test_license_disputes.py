"""LicenseEnforcement: assessments after audits, answers, disputes, refunds."""

import boa
import pytest

from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import DAY, ZERO_ADDRESS, fund_and_approve, now, warp_to
from tests.unit.licensing.market_kit import (
    CURE,
    DUE,
    EVIDENCE,
    GRACE,
    MAX_PER_PERIOD,
    MINIMUM,
    REVENUE,
    add_model,
    deploy_suite,
    is_licensed,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.unit.models.registry_kit import treasury_share
from tests.unit.treasury.kit import event_rows, transfer_row

ANSWER = 14 * DAY
# Without a Governor to ask.
DECISION = 120 * DAY
# An audit that doubles the revenue of a period.
EXTRA = DUE
NONE = (0, 0, 0)
NO_DISPUTE = (0, 0, 0, ZERO_ADDRESS, 0)


@pytest.fixture(scope="module")
def enforcement(suite):
    return suite.enforcement


@pytest.fixture
def audited(suite, license_id, licensee):
    """A license with one period reported and paid, its grace over."""
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    return license_id


@pytest.fixture
def assessed(suite, enforcement, audited, owner):
    enforcement.assess(audited, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    return audited


def dispute(suite, who, license_id, amount, period=1):
    fund_and_approve(suite.asset, who, suite.enforcement.address, amount)
    suite.enforcement.dispute(license_id, period, amount, EVIDENCE, sender=who)


def sell_metered(suite, licensee, price=7, cap=0):
    return sell(suite, licensee, price_per_unit=price, royalty_cap=cap)


def totals(market, license_id):
    state = market.license(license_id)
    return state.due, state.paid


# --- assess ---


def test_assess__more_was_owed__waits_for_the_answer(
    suite, market, enforcement, audited, owner, licensee
):
    due = enforcement.assess(audited, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    until = now() + ANSWER
    assert event_rows(enforcement) == [("Assessed", audited, 1, DUE, DUE + EXTRA, until, EVIDENCE)]
    assert due == DUE + EXTRA
    assert enforcement.assessment(audited, 1) == (DUE + EXTRA, DUE, until)
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
        (0, 0, 0, "period is out of statute"),
        (2, 0, 0, "period is out of statute"),
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
    enforcement.decide(assessed, 1, 1, 0, sender=owner)
    assert not enforcement.is_held(assessed)


def test_assess__statute__is_400_days(suite, enforcement, owner, licensee):
    license_id = sell(suite, licensee, term_seconds=0)
    for period in range(1, 15):
        report_next(suite, licensee, license_id, period)
    warp_to(period_end(suite, license_id, 1) + 400 * DAY - 1)
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


def test_conclude__estimate_was_short__costs_no_bond(suite, enforcement, market, owner, licensee):
    license_id = sell(suite, licensee, bond=700)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    market.estimate(license_id)
    enforcement.assess(license_id, 1, REVENUE, 0, EVIDENCE, sender=owner)
    enforcement.conclude(license_id, 1, sender=licensee)
    assert enforcement.bond(license_id) == 700


# --- dispute ---


def test_dispute__whole_assessment__waits_in_escrow_and_is_not_owed(
    suite, market, enforcement, assessed, licensee
):
    dispute(suite, licensee, assessed, EXTRA)
    until = now() + DECISION
    assert event_rows(enforcement) == [
        ("Disputed", assessed, 1, licensee, EXTRA, until, EVIDENCE),
        transfer_row(licensee, enforcement, EXTRA),
    ]
    assert enforcement.open_dispute(assessed, 1) == (EXTRA, DUE + EXTRA, DUE, licensee, until)
    assert enforcement.assessment(assessed, 1) == NONE
    assert totals(market, assessed) == (DUE, DUE)
    assert enforcement.accounted(suite.asset.address) == EXTRA
    assert is_licensed(suite, licensee, assessed)
    with boa.reverts("no assessment is open"):
        dispute(suite, licensee, assessed, 1)


def test_dispute__part_of_an_assessment__rest_is_due_at_once(
    suite, market, enforcement, assessed, licensee
):
    dispute(suite, licensee, assessed, 200)
    assert suite.asset.balanceOf(enforcement.address) == 200
    assert market.outstanding(assessed) == EXTRA - 200
    assert market.license(assessed).overdue_since == now()


@pytest.mark.parametrize("amount", [0, EXTRA + 1])
def test_dispute__nothing_or_too_much__reverts(suite, assessed, licensee, amount):
    with boa.reverts("amount cannot be disputed"):
        dispute(suite, licensee, assessed, amount)


def test_dispute__answer_window__ends_to_the_second(suite, enforcement, assessed, licensee):
    until = enforcement.assessment(assessed, 1).answer_until
    warp_to(until)
    with boa.reverts("answer window is over"):
        dispute(suite, licensee, assessed, EXTRA)
    boa.env.timestamp = until - 1
    dispute(suite, licensee, assessed, EXTRA)


@pytest.mark.parametrize("period", [0, 2])
def test_dispute__another_period_than_assessed__reverts(suite, assessed, licensee, period):
    with boa.reverts("no assessment is open"):
        dispute(suite, licensee, assessed, 1, period=period)


@pytest.mark.parametrize("role", ["owner", "operator", "stranger"])
def test_dispute__not_the_licensee__reverts(suite, market, assessed, licensee, request, role):
    sender = request.getfixturevalue(role)
    market.approve(request.getfixturevalue("operator"), assessed, sender=licensee)
    with boa.reverts("caller is not the licensee"):
        dispute(suite, sender, assessed, 1)


def test_dispute__own_report__reverts(suite, audited, licensee):
    with boa.reverts("no assessment is open"):
        dispute(suite, licensee, audited, 1)


def test_dispute__in_dispute__periods_go_on(suite, market, assessed, licensee):
    dispute(suite, licensee, assessed, EXTRA)
    assert report_next(suite, licensee, assessed, 2) == DUE
    assert pay(suite, licensee, assessed, 2 * DUE) == DUE
    assert market.is_in_good_standing(assessed)


def test_dispute__at_the_end_of_the_statute__is_still_heard(
    suite, market, enforcement, owner, licensee
):
    license_id = sell(suite, licensee, term_seconds=0)
    for period in range(1, 14):
        report_next(suite, licensee, license_id, period)
    pay(suite, licensee, license_id, 10**9)
    warp_to(period_end(suite, license_id, 1) + 400 * DAY - 1)
    enforcement.assess(license_id, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    boa.env.time_travel(seconds=ANSWER - 1)
    dispute(suite, licensee, license_id, EXTRA)
    boa.env.time_travel(seconds=DECISION)
    for period in range(14, 19):
        market.report(license_id, period, REVENUE, EVIDENCE, sender=licensee)
    enforcement.expire(license_id, 1)
    assert market.reported(license_id, 1)[0] == DUE + EXTRA


ODD = {
    Fault.RETURNS_FALSE: "asset transfer failed",
    Fault.FEE_ON_RECEIVER: "asset took a fee",
    Fault.MOVES_NOTHING: "asset took a fee",
}


@pytest.mark.parametrize("fault", list(ODD))
def test_dispute__asset_does_not_deliver__reverts(owner, licensee, fault):
    suite = deploy_suite(owner, asset=deploy_odd_asset())
    add_model(suite, [treasury_share(10_000)])
    license_id = sell(suite, licensee, minimum_per_period=DUE)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    suite.market.estimate(license_id)
    suite.enforcement.assess(license_id, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    suite.asset.misbehave(fault, Entry.TRANSFER_FROM)
    with boa.reverts(ODD[fault]):
        dispute(suite, licensee, license_id, EXTRA)
    suite.asset.misbehave(Fault.NONE, Entry.ALL)
    dispute(suite, licensee, license_id, EXTRA)


# --- decide, expire ---


@pytest.mark.parametrize("upheld", [0, 1, EXTRA - 1, EXTRA])
def test_decide__any_part__goes_to_the_model_the_rest_back(
    suite, market, enforcement, assessed, owner, licensee, upheld
):
    asset, router = suite.asset, suite.router
    dispute(suite, licensee, assessed, EXTRA)
    before = router.pending(1, asset.address)
    enforcement.decide(assessed, 1, EXTRA, upheld, sender=owner)
    rest = EXTRA - upheld
    rows = event_rows(enforcement)
    assert ("DisputeDecided", assessed, 1, upheld, rest) in rows
    assert (("PeriodDecided", assessed, 1, DUE, DUE + upheld) in rows) is (upheld > 0)
    assert ("RoyaltyReceived" in [row[0] for row in rows]) is (upheld > 0)
    assert router.pending(1, asset.address) == before + upheld
    assert enforcement.refund(licensee, asset.address) == rest
    assert enforcement.accounted(asset.address) == asset.balanceOf(enforcement.address) == rest
    assert enforcement.open_dispute(assessed, 1) == NO_DISPUTE
    assert totals(market, assessed) == (DUE + upheld, DUE + upheld)
    assert market.is_in_good_standing(assessed)
    with boa.env.prank(owner), boa.reverts("no dispute is open"):
        enforcement.decide(assessed, 1, EXTRA, 0)


def test_decide__more_than_the_escrow__reverts(suite, enforcement, assessed, owner, licensee):
    dispute(suite, licensee, assessed, 200)
    with boa.env.prank(owner), boa.reverts("more than is in escrow"):
        enforcement.decide(assessed, 1, 200, 201)


def test_decide__of_a_dispute_that_ended__reverts_on_the_next(
    suite, enforcement, assessed, owner, licensee
):
    """A vote on one dispute does not decide another one of the same licence."""
    dispute(suite, licensee, assessed, 1)
    boa.env.time_travel(seconds=DECISION)
    enforcement.expire(assessed, 1)
    suite.market.report(assessed, 2, REVENUE, EVIDENCE, sender=licensee)
    enforcement.assess(assessed, 2, 3 * REVENUE, 0, EVIDENCE, sender=owner)
    dispute(suite, licensee, assessed, 300, period=2)
    with boa.env.prank(owner):
        with boa.reverts("no dispute is open"):
            enforcement.decide(assessed, 1, 1, 0)
        with boa.reverts("dispute is another"):
            enforcement.decide(assessed, 2, 1, 0)
    assert enforcement.refund(licensee, suite.asset.address) == 0


def test_decide__credit_covers_what_was_upheld__escrow_goes_back(
    suite, market, enforcement, assessed, owner, licensee
):
    dispute(suite, licensee, assessed, EXTRA)
    fund_and_approve(suite.asset, licensee, market.address, EXTRA)
    market.prepay(assessed, EXTRA, sender=licensee)
    enforcement.decide(assessed, 1, EXTRA, EXTRA, sender=owner)
    assert enforcement.refund(licensee, suite.asset.address) == EXTRA
    assert totals(market, assessed) == (DUE + EXTRA, DUE + EXTRA)


def test_decide__terminated_meanwhile__pays_all_the_same(
    suite, market, enforcement, owner, licensee
):
    license_id = sell(suite, licensee, term_seconds=0)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    enforcement.assess(license_id, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    dispute(suite, licensee, license_id, EXTRA)
    report_next(suite, licensee, license_id, 2)
    warp_to(period_end(suite, license_id, 2) + GRACE + CURE)
    assert enforcement.terminate(license_id)
    assert enforcement.is_held(license_id)
    enforcement.decide(license_id, 1, EXTRA, 100, sender=owner)
    assert enforcement.refund(licensee, suite.asset.address) == EXTRA - 100
    assert totals(market, license_id) == (2 * DUE + 100, DUE + 100)
    assert market.license(license_id).ended_early


def test_expire__nobody_decided__model_gets_all(suite, enforcement, assessed, licensee, stranger):
    with boa.reverts("no dispute is open"):
        enforcement.expire(assessed, 1)
    dispute(suite, licensee, assessed, EXTRA)
    before = suite.router.pending(1, suite.asset.address)
    boa.env.time_travel(seconds=DECISION - 1)
    with boa.reverts("dispute is not expired"):
        enforcement.expire(assessed, 1)
    boa.env.time_travel(seconds=1)
    enforcement.expire(assessed, 1, sender=stranger)
    assert ("DisputeDecided", assessed, 1, EXTRA, 0) in event_rows(enforcement)
    assert suite.router.pending(1, suite.asset.address) == before + EXTRA
    assert enforcement.accounted(suite.asset.address) == 0


# --- withdraw ---


def test_withdraw__anyone__pays_who_disputed(
    suite, enforcement, assessed, owner, licensee, stranger
):
    asset = suite.asset
    dispute(suite, licensee, assessed, EXTRA)
    assert enforcement.withdraw(licensee, asset.address) == 0
    enforcement.decide(assessed, 1, EXTRA, 100, sender=owner)
    assert enforcement.withdraw(licensee, asset.address, sender=stranger) == EXTRA - 100
    assert event_rows(enforcement) == [
        ("Refunded", licensee, asset.address, EXTRA - 100),
        transfer_row(enforcement, licensee, EXTRA - 100),
    ]
    assert asset.balanceOf(licensee) == EXTRA - 100
    assert enforcement.refund(licensee, asset.address) == 0
    assert enforcement.withdraw(licensee, asset.address) == 0


def test_withdraw__license_sold_after_the_decision__pays_the_seller(
    suite, market, enforcement, assessed, owner, licensee, holder
):
    dispute(suite, licensee, assessed, EXTRA)
    enforcement.decide(assessed, 1, EXTRA, 0, sender=owner)
    market.transferFrom(licensee, holder, assessed, sender=licensee)
    assert enforcement.withdraw(holder, suite.asset.address) == 0
    assert enforcement.withdraw(licensee, suite.asset.address) == EXTRA

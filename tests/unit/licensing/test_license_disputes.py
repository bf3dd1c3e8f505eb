"""LicenseEnforcement: disputes, decisions, refunds."""

import boa
import pytest

from tests.kits.disputes import (
    ANSWER,
    DECISION,
    EXTRA,
    NO_DISPUTE,
    NONE,
    decide,
    dispute,
    totals,
)
from tests.kits.licensing import (
    CURE,
    DUE,
    EVIDENCE,
    GRACE,
    REVENUE,
    add_model,
    deploy_suite,
    is_licensed,
    pay,
    period_end,
    report_next,
    sell,
)
from tests.kits.models import treasury_share
from tests.kits.treasury import event_rows, transfer_row
from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import DAY, fund_and_approve, now, warp_to

# --- dispute ---


def test_dispute__whole_assessment__waits_in_escrow_and_is_not_owed(
    suite, market, enforcement, assessed, licensee
):
    dispute(suite, licensee, assessed, EXTRA)
    since, until = now(), now() + DECISION
    assert event_rows(enforcement) == [
        ("Disputed", assessed, 1, licensee, EXTRA, until, EVIDENCE),
        transfer_row(licensee, enforcement, EXTRA),
    ]
    opened = (EXTRA, DUE + EXTRA, licensee, since, until)
    assert enforcement.open_dispute(assessed, 1) == opened
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
    warp_to(period_end(suite, license_id, 1) + GRACE + 400 * DAY - 1)
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
    report_next(suite, licensee, license_id, 1)
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
    decide(enforcement, assessed, upheld, owner)
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
        enforcement.decide(assessed, 1, now(), 0)


def test_decide__more_than_the_escrow__reverts(suite, enforcement, assessed, owner, licensee):
    dispute(suite, licensee, assessed, 200)
    with boa.env.prank(owner), boa.reverts("more than is in escrow"):
        enforcement.decide(assessed, 1, now(), 201)


def test_decide__of_a_dispute_that_ended__reverts_on_the_next(
    suite, enforcement, assessed, owner, licensee
):
    """A vote on one dispute does not decide another one of the same licence."""
    dispute(suite, licensee, assessed, 1)
    first = now()
    boa.env.time_travel(seconds=DECISION)
    enforcement.expire(assessed, 1)
    suite.market.report(assessed, 2, REVENUE, EVIDENCE, sender=licensee)
    enforcement.assess(assessed, 2, 3 * REVENUE, 0, EVIDENCE, sender=owner)
    dispute(suite, licensee, assessed, 300, period=2)
    with boa.env.prank(owner):
        with boa.reverts("no dispute is open"):
            enforcement.decide(assessed, 1, first, 0)
        with boa.reverts("dispute is another"):
            enforcement.decide(assessed, 2, first, 0)
    assert enforcement.refund(licensee, suite.asset.address) == 0


def test_decide__credit_covers_what_was_upheld__escrow_goes_back(
    suite, market, enforcement, assessed, owner, licensee
):
    dispute(suite, licensee, assessed, EXTRA)
    fund_and_approve(suite.asset, licensee, market.address, EXTRA)
    market.prepay(assessed, EXTRA, sender=licensee)
    decide(enforcement, assessed, EXTRA, owner)
    assert enforcement.refund(licensee, suite.asset.address) == EXTRA
    assert totals(market, assessed) == (DUE + EXTRA, DUE + EXTRA)


@pytest.mark.parametrize("days", [0, 1, 99])
@pytest.mark.parametrize("late", [False, True], ids=["good", "late"])
def test_decide__however_late__escrow_bears_no_interest(
    suite, market, enforcement, owner, licensee, days, late
):
    """Interest of what is upheld runs from the due time to the escrow, however long a vote takes;
    whatever else the licence owes goes on."""
    license_id = sell(suite, licensee, late_bps_per_year=3_600, term_seconds=0)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, DUE)
    due_at = period_end(suite, license_id, 1) + GRACE
    if late:
        report_next(suite, licensee, license_id, 2)
    warp_to(due_at + 40 * DAY)
    raised = 10**9
    enforcement.assess(license_id, 1, 20 * (DUE + raised), 0, EVIDENCE, sender=owner)
    dispute(suite, licensee, license_id, raised)
    boa.env.time_travel(seconds=days * DAY)
    before = market.license(license_id)
    decide(enforcement, license_id, raised, owner)
    after = market.license(license_id)
    assert enforcement.refund(licensee, suite.asset.address) == 0
    assert after.paid - before.paid == raised
    assert after.interest - before.interest in (raised * 3_600 * 40 // (10_000 * 365), 39_452_055)


def test_decide__before_the_due_time__escrow_bears_no_interest_at_all(
    suite, market, enforcement, owner, licensee
):
    license_id = sell(suite, licensee, late_bps_per_year=3_600, term_seconds=0)
    report_next(suite, licensee, license_id, 1)
    enforcement.assess(license_id, 1, 20 * 10**9, 0, EVIDENCE, sender=owner)
    pay(suite, licensee, license_id, DUE)
    dispute(suite, licensee, license_id, 10**9 - DUE)
    warp_to(period_end(suite, license_id, 1) + GRACE + 15 * DAY)
    decide(enforcement, license_id, 10**9 - DUE, owner)
    assert market.outstanding(license_id) == 0
    assert market.is_in_good_standing(license_id)


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
    decide(enforcement, license_id, 100, owner)
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
    decide(enforcement, assessed, 100, owner)
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
    decide(enforcement, assessed, 0, owner)
    market.transferFrom(licensee, holder, assessed, sender=licensee)
    assert enforcement.withdraw(holder, suite.asset.address) == 0
    assert enforcement.withdraw(licensee, suite.asset.address) == EXTRA

"""LicenseEnforcement: assessments after audits, answers, disputes, refunds."""

import boa
import pytest

from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import DAY, fund_and_approve, now, warp_to
from tests.unit.licensing.market_kit import (
    CURE,
    DUE,
    EVIDENCE,
    GRACE,
    MAX_PER_PERIOD,
    MINIMUM,
    PERIOD,
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
DECISION = 60 * DAY
# An audit that doubles the revenue of a period.
EXTRA = DUE
NONE = (0, 0, 0)
NO_DISPUTE = (0, 0, "0x0000000000000000000000000000000000000000", 0)


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


@pytest.fixture
def estimated(suite, market, license_id):
    """A license whose first period was booked without a report."""
    warp_to(period_end(suite, license_id, 1) + GRACE)
    market.estimate(license_id)
    return license_id


def dispute(suite, who, license_id, amount, period=1):
    fund_and_approve(suite.asset, who, suite.enforcement.address, amount)
    suite.enforcement.dispute(license_id, period, amount, EVIDENCE, sender=who)


def sell_metered(suite, licensee, price=7, cap=0):
    return sell(suite, licensee, price_per_unit=price, royalty_cap=cap)


def totals(market, license_id):
    state = market.license(license_id)
    return state.due, state.paid, state.held


# --- assess ---


def test_assess__more_was_owed__waits_for_the_answer(
    suite, market, enforcement, audited, owner, licensee
):
    due = enforcement.assess(audited, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    until = now() + ANSWER
    assert event_rows(enforcement) == [
        ("Assessed", audited, 1, DUE, DUE + EXTRA, until, EVIDENCE),
        ("PeriodDecided", audited, 1, 0, 0, 0, 0, True),
    ]
    assert due == DUE + EXTRA
    assert enforcement.assessment(audited) == (1, EXTRA, until)
    assert totals(market, audited) == (DUE, DUE, True)
    assert market.outstanding(audited) == 0
    assert is_licensed(suite, licensee, audited)


def test_assess__less_was_owed__is_credit_at_once(market, enforcement, audited, owner):
    assert enforcement.assess(audited, 1, 2_000, 0, EVIDENCE, sender=owner) == 100
    assert event_rows(enforcement) == [
        ("Assessed", audited, 1, DUE, 100, now(), EVIDENCE),
        ("PeriodDecided", audited, 1, 0, DUE - 100, 0, 0, False),
    ]
    assert totals(market, audited) == (100, DUE, False)
    assert market.reported(audited, 1)[0] == 100
    assert enforcement.assessment(audited) == NONE


def test_assess__less_was_owed__cures_what_was_overdue(suite, market, enforcement, owner, licensee):
    license_id = sell(suite, licensee, renewable=True)
    report_next(suite, licensee, license_id, 1)
    pay(suite, licensee, license_id, 100)
    lapsed = period_end(suite, license_id, 1) + GRACE
    warp_to(lapsed + DAY)
    assert not market.is_in_good_standing(license_id)
    enforcement.assess(license_id, 1, 2_000, 0, EVIDENCE, sender=owner)
    assert market.is_in_good_standing(license_id)
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


@pytest.mark.parametrize("role", ["guardian", "licensee", "stranger"])
def test_assess__not_the_owner__reverts(enforcement, audited, request, role):
    with boa.env.prank(request.getfixturevalue(role)), boa.reverts("caller is not the owner"):
        enforcement.assess(audited, 1, 0, 0, EVIDENCE)


@pytest.mark.parametrize(
    ("period", "revenue", "units", "reason"),
    [
        (0, 0, 0, "period is out of statute"),
        (2, 0, 0, "period is out of statute"),
        (1, MAX_PER_PERIOD + 1, 0, "figures are too large"),
        (1, 0, 2**64, "figures are too large"),
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


def test_assess__one_is_open__reverts(enforcement, assessed, owner):
    with boa.env.prank(owner), boa.reverts("license is in dispute"):
        enforcement.assess(assessed, 1, 3 * REVENUE, 0, EVIDENCE)


def test_assess__eighth_last_period__is_the_last_that_can_be(suite, enforcement, owner, licensee):
    license_id = sell(suite, licensee, term_seconds=0)
    for period in range(1, 10):
        report_next(suite, licensee, license_id, period)
    with boa.env.prank(owner), boa.reverts("period is out of statute"):
        enforcement.assess(license_id, 1, 0, 0, EVIDENCE)
    assert enforcement.assess(license_id, 2, 0, 0, EVIDENCE, sender=owner) == MINIMUM


# --- conclude ---


def test_conclude__answer_window_is_over__is_due_at_once(
    suite, market, enforcement, assessed, licensee, stranger
):
    until = enforcement.assessment(assessed).answer_until
    warp_to(until - 1)
    with boa.env.prank(stranger), boa.reverts("answer window is open"):
        enforcement.conclude(assessed)
    warp_to(until)
    enforcement.conclude(assessed, sender=stranger)
    assert event_rows(enforcement) == [
        ("AssessmentConcluded", assessed, 1, EXTRA),
        ("PeriodDecided", assessed, 1, EXTRA, 0, 0, 0, False),
    ]
    assert totals(market, assessed) == (DUE + EXTRA, DUE, False)
    state = market.license(assessed)
    assert (state.overdue, state.overdue_since) == (EXTRA, now())
    assert not is_licensed(suite, licensee, assessed)
    pay(suite, licensee, assessed, EXTRA)
    assert is_licensed(suite, licensee, assessed)
    with boa.reverts("no assessment is open"):
        enforcement.conclude(assessed)


def test_conclude__licensee_accepts__need_not_wait(market, enforcement, assessed, licensee):
    enforcement.conclude(assessed, sender=licensee)
    assert totals(market, assessed) == (DUE + EXTRA, DUE, False)
    assert enforcement.assessment(assessed) == NONE


def test_conclude__period_in_its_grace__is_due_with_it(suite, market, enforcement, owner, licensee):
    license_id = sell(suite, licensee, late_bps_per_year=3_600)
    report_next(suite, licensee, license_id, 1)
    enforcement.assess(license_id, 1, 2 * REVENUE, 0, EVIDENCE, sender=owner)
    enforcement.conclude(license_id, sender=licensee)
    assert market.is_in_good_standing(license_id)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    assert market.license(license_id).overdue == DUE + EXTRA
    assert market.license(license_id).overdue_since == now()


def test_conclude__after_eight_more_periods__still_counts(
    suite, market, enforcement, owner, licensee
):
    license_id = sell(suite, licensee, term_seconds=0)
    origin = now()
    for period in range(1, 13):
        warp_to(origin + period * PERIOD)
        market.report(license_id, period, 0, EVIDENCE, sender=licensee)
        if period == 1:
            enforcement.assess(license_id, 1, REVENUE, 0, EVIDENCE, sender=owner)
    kept = [market.reported(license_id, period)[0] for period in range(5, 13)]
    enforcement.conclude(license_id, sender=licensee)
    assert market.license(license_id).due == 11 * MINIMUM + DUE
    assert [market.reported(license_id, period)[0] for period in range(5, 13)] == kept


# --- dispute ---


def test_dispute__whole_assessment__waits_in_escrow_and_counts_as_paid(
    suite, market, enforcement, assessed, licensee
):
    dispute(suite, licensee, assessed, EXTRA)
    assert event_rows(enforcement) == [
        ("AssessmentConcluded", assessed, 1, EXTRA),
        ("Disputed", assessed, 1, licensee, EXTRA, EVIDENCE),
        transfer_row(licensee, enforcement, EXTRA),
        ("PeriodDecided", assessed, 1, EXTRA, 0, EXTRA, 0, True),
    ]
    assert enforcement.open_dispute(assessed) == (1, EXTRA, licensee, now() + DECISION)
    assert enforcement.assessment(assessed) == NONE
    assert totals(market, assessed) == (DUE + EXTRA, DUE + EXTRA, True)
    assert enforcement.accounted(suite.asset.address) == EXTRA
    assert is_licensed(suite, licensee, assessed)
    with boa.reverts("dispute is open"):
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
    until = enforcement.assessment(assessed).answer_until
    warp_to(until)
    with boa.reverts("answer window is over"):
        dispute(suite, licensee, assessed, EXTRA)
    boa.env.timestamp = until - 1
    dispute(suite, licensee, assessed, EXTRA)


def test_dispute__another_period_than_assessed__reverts(suite, assessed, licensee):
    with boa.reverts("period cannot be disputed"):
        dispute(suite, licensee, assessed, 1, period=2)


@pytest.mark.parametrize("role", ["owner", "operator", "stranger"])
def test_dispute__not_the_licensee__reverts(suite, market, assessed, licensee, request, role):
    sender = request.getfixturevalue(role)
    market.approve(request.getfixturevalue("operator"), assessed, sender=licensee)
    with boa.reverts("caller is not the licensee"):
        dispute(suite, sender, assessed, 1)


def test_dispute__own_report__reverts(suite, audited, licensee):
    with boa.reverts("period cannot be disputed"):
        dispute(suite, licensee, audited, 1)


def test_dispute__unknown_period__reverts(suite, audited, licensee):
    for period in (0, 2):
        with boa.reverts("period is out of statute"):
            dispute(suite, licensee, audited, 1, period=period)


def test_dispute__estimated_period__once_and_what_is_outstanding(
    suite, market, enforcement, estimated, licensee, owner
):
    pay(suite, licensee, estimated, 20)
    with boa.reverts("amount cannot be disputed"):
        dispute(suite, licensee, estimated, MINIMUM - 19)
    dispute(suite, licensee, estimated, MINIMUM - 20)
    assert event_rows(enforcement)[0][0] == "Disputed"
    assert is_licensed(suite, licensee, estimated)
    enforcement.decide(estimated, 0, sender=owner)
    assert totals(market, estimated) == (20, 20, False)
    with boa.reverts("period cannot be disputed"):
        dispute(suite, licensee, estimated, 1)


def test_dispute__in_dispute__periods_go_on(suite, market, assessed, licensee):
    dispute(suite, licensee, assessed, EXTRA)
    assert report_next(suite, licensee, assessed, 2) == DUE
    assert pay(suite, licensee, assessed, 2 * DUE) == DUE
    assert market.is_in_good_standing(assessed)


@pytest.mark.parametrize("fault", [Fault.RETURNS_FALSE, Fault.FEE_ON_RECEIVER, Fault.MOVES_NOTHING])
def test_dispute__asset_does_not_deliver__reverts(owner, licensee, fault):
    suite = deploy_suite(owner, asset=deploy_odd_asset())
    add_model(suite, [treasury_share(10_000)])
    license_id = sell(suite, licensee, minimum_per_period=DUE)
    warp_to(period_end(suite, license_id, 1) + GRACE)
    suite.market.estimate(license_id)
    suite.asset.misbehave(fault, Entry.TRANSFER_FROM)
    with boa.reverts():
        dispute(suite, licensee, license_id, DUE)
    suite.asset.misbehave(Fault.NONE, Entry.ALL)
    dispute(suite, licensee, license_id, DUE)


# --- decide, expire ---


@pytest.mark.parametrize("upheld", [0, 1, EXTRA - 1, EXTRA])
def test_decide__any_part__goes_to_the_model_the_rest_back(
    suite, market, enforcement, assessed, owner, licensee, upheld
):
    asset, router = suite.asset, suite.router
    dispute(suite, licensee, assessed, EXTRA)
    before = router.pending(1, asset.address)
    enforcement.decide(assessed, upheld, sender=owner)
    rest = EXTRA - upheld
    rows = event_rows(enforcement)
    assert rows[:2] == [
        ("DisputeDecided", assessed, 1, upheld, rest),
        ("PeriodDecided", assessed, 1, 0, rest, 0, rest, False),
    ]
    assert ("RoyaltyReceived" in [row[0] for row in rows]) is (upheld > 0)
    assert router.pending(1, asset.address) == before + upheld
    assert enforcement.refund(licensee, asset.address) == rest
    assert enforcement.accounted(asset.address) == asset.balanceOf(enforcement.address) == rest
    assert enforcement.open_dispute(assessed) == NO_DISPUTE
    assert totals(market, assessed) == (DUE + upheld, DUE + upheld, False)
    with boa.env.prank(owner), boa.reverts("no dispute is open"):
        enforcement.decide(assessed, 0)


def test_decide__more_than_the_escrow__reverts(suite, enforcement, assessed, owner, licensee):
    dispute(suite, licensee, assessed, 200)
    with boa.env.prank(owner), boa.reverts("more than is in escrow"):
        enforcement.decide(assessed, 201)
    with boa.env.prank(licensee), boa.reverts("caller is not the owner"):
        enforcement.decide(assessed, 0)


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
    enforcement.terminate(license_id)
    assert market.license(license_id).held
    enforcement.decide(license_id, 100, sender=owner)
    assert enforcement.refund(licensee, suite.asset.address) == EXTRA - 100
    assert totals(market, license_id) == (2 * DUE + 100, DUE + 100, False)
    assert market.license(license_id).ended_early


def test_expire__nobody_decided__model_gets_all(suite, enforcement, assessed, licensee, stranger):
    with boa.reverts("no dispute is open"):
        enforcement.expire(assessed)
    dispute(suite, licensee, assessed, EXTRA)
    before = suite.router.pending(1, suite.asset.address)
    boa.env.time_travel(seconds=DECISION - 1)
    with boa.reverts("dispute is not expired"):
        enforcement.expire(assessed)
    boa.env.time_travel(seconds=1)
    enforcement.expire(assessed, sender=stranger)
    assert event_rows(enforcement)[0] == ("DisputeDecided", assessed, 1, EXTRA, 0)
    assert suite.router.pending(1, suite.asset.address) == before + EXTRA
    assert enforcement.accounted(suite.asset.address) == 0


# --- withdraw ---


def test_withdraw__anyone__pays_who_disputed(
    suite, enforcement, assessed, owner, licensee, stranger
):
    asset = suite.asset
    dispute(suite, licensee, assessed, EXTRA)
    assert enforcement.withdraw(licensee, asset.address) == 0
    enforcement.decide(assessed, 100, sender=owner)
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
    enforcement.decide(assessed, 0, sender=owner)
    market.transferFrom(licensee, holder, assessed, sender=licensee)
    assert enforcement.withdraw(holder, suite.asset.address) == 0
    assert enforcement.withdraw(licensee, suite.asset.address) == EXTRA

"""LicenseMarket: buying, reporting and paying."""

import boa
import pytest

from tests.kits.licensing import (
    DUE,
    EVIDENCE,
    FEE,
    MAX_PER_PERIOD,
    MINIMUM,
    PERIOD,
    REVENUE,
    SHARE_BPS,
    TERM,
    buy,
    is_licensed,
    offer,
    pay,
    period_end,
    report,
    report_and_pay,
    report_next,
    sell,
    wait_for_end,
)
from tests.kits.treasury import event_rows, transfer_row
from tests.support import (
    CAPS,
    DAY,
    MAX_UINT,
    ZERO_ADDRESS,
    deploy,
    fund_and_approve,
    now,
    reverts_with,
    warp_to,
)

UNKNOWN = 99
REFERENCE = (1).to_bytes(32, "big")
RECEIVED = bytes.fromhex("150b7a02")


# --- buy ---


def test_buy__anyone__pays_the_model_and_mints_to_the_licensee(suite, market, terms_id, licensee):
    asset, router = suite.asset, suite.router
    fund_and_approve(asset, licensee, market.address, FEE)
    with boa.env.prank(licensee):
        license_id = market.buy(terms_id, suite.catalog.terms_hash(terms_id), FEE)
    assert event_rows(market) == [
        ("Transfer", ZERO_ADDRESS, licensee, 1),
        ("LicenseBought", 1, terms_id, licensee, FEE, now(), now() + TERM),
        transfer_row(licensee, router, FEE),
        ("RoyaltyReceived", 1, asset.address, licensee, FEE, REFERENCE),
    ]
    assert license_id == market.license_count() == 1
    assert market.ownerOf(1) == licensee
    times = (now(), now() + TERM)
    assert market.license(1) == (terms_id, 1, *times, False, 0, 0, 0, 0, 0, 0, 0)
    assert market.outstanding(1) == 0
    assert is_licensed(suite, licensee, 1)
    assert market.tokenURI(1) == "ipfs://legal"
    assert router.pending(1, asset.address) == router.accounted(asset.address) == FEE
    assert (asset.balanceOf(licensee), asset.balanceOf(market.address)) == (0, 0)
    assert asset.balanceOf(market) == 0


def test_buy__free_terms__need_no_money(suite, market, licensee):
    terms_id = offer(suite, upfront_fee=0)
    with boa.env.prank(licensee):
        market.buy(terms_id, suite.catalog.terms_hash(terms_id), 0)
    assert [row[0] for row in event_rows(market)] == ["Transfer", "LicenseBought"]
    assert is_licensed(suite, licensee, 1)


def test_buy__perpetual__never_ends(suite, market, licensee):
    license_id = sell(suite, licensee, term_seconds=0)
    assert market.license(license_id).ends_at == MAX_UINT


def test_buy__dearer_or_other_than_the_buyer_read__reverts(suite, market, terms_id, licensee):
    fund_and_approve(suite.asset, licensee, market.address, FEE)
    terms_hash = suite.catalog.terms_hash(terms_id)
    with boa.env.prank(licensee):
        with boa.reverts("cost is above the maximum"):
            market.buy(terms_id, terms_hash, FEE - 1)
        with boa.reverts("terms hash does not match"):
            market.buy(terms_id, terms_hash[:-1] + bytes([terms_hash[-1] ^ 1]), FEE)
    assert suite.asset.balanceOf(licensee) == FEE


@pytest.mark.parametrize("unknown", [0, 2])
def test_buy__unknown_terms__reverts(market, terms_id, payer, unknown):
    with boa.env.prank(payer), boa.reverts("terms hash does not match"):
        market.buy(unknown, EVIDENCE, FEE)


def test_buy__market_is_no_collector__takes_nothing(suite, market, terms_id, owner, licensee):
    with boa.env.prank(owner):
        suite.router.set_collector(market.address, False)
    with boa.reverts("caller is not a collector"):
        buy(suite, licensee, terms_id)
    assert suite.asset.balanceOf(licensee) == FEE
    assert market.license_count() == 0


def test_buy__second_license__is_apart_from_the_first(suite, market, terms_id, licensee, holder):
    first = buy(suite, licensee, terms_id)
    boa.env.time_travel(seconds=PERIOD)
    second = buy(suite, holder, terms_id)
    report(suite, licensee, first, 1, REVENUE)
    assert market.outstanding(first) == DUE
    assert market.outstanding(second) == 0
    assert market.license(second).starts_at == now()


# --- report ---


def test_report__licensee_after_the_period__books_what_is_due(suite, market, license_id, licensee):
    wait_for_end(suite, license_id, 1)
    assert report(suite, licensee, license_id, 1, REVENUE) == DUE
    assert event_rows(market) == [("PeriodReported", license_id, 1, REVENUE, DUE, EVIDENCE)]
    entry = market.license(license_id)
    assert (entry.periods_reported, entry.due, entry.paid) == (1, DUE, 0)
    assert market.reported(license_id, 1) == (DUE, False, False)
    assert market.outstanding(license_id) == DUE


@pytest.mark.parametrize(
    ("revenue", "due"),
    [
        (0, MINIMUM),
        (1_000, MINIMUM),
        (1_001, MINIMUM + 1),
        (1_020, MINIMUM + 1),
        (1_021, MINIMUM + 2),
        (MAX_PER_PERIOD, -(-MAX_PER_PERIOD * SHARE_BPS // 10_000)),
    ],
)
def test_report__any_revenue__owes_the_share_rounded_up_or_the_minimum(
    suite, license_id, licensee, revenue, due
):
    assert report_next(suite, licensee, license_id, 1, revenue) == due


def test_report__share_of_everything__owes_exactly_the_revenue(suite, licensee):
    license_id = sell(suite, licensee, share_bps=10_000)
    assert report_next(suite, licensee, license_id, 1, MAX_PER_PERIOD) == MAX_PER_PERIOD


def test_report__several_periods__add_up(suite, market, license_id, licensee):
    for period, revenue in ((1, REVENUE), (2, 0), (3, 2 * REVENUE)):
        report_next(suite, licensee, license_id, period, revenue)
    entry = market.license(license_id)
    assert (entry.periods_reported, entry.due) == (3, 3 * DUE + MINIMUM)


def test_report__one_second_early__reverts(suite, market, license_id, licensee):
    warp_to(period_end(suite, license_id, 1) - 1)
    with boa.reverts("period has not ended"):
        report(suite, licensee, license_id, 1, REVENUE)
    boa.env.time_travel(seconds=1)
    assert report(suite, licensee, license_id, 1, REVENUE) == DUE


@pytest.mark.parametrize("period", [0, 1, 3, MAX_UINT])
def test_report__not_the_next_period__reverts(suite, license_id, licensee, period):
    wait_for_end(suite, license_id, 3)
    report(suite, licensee, license_id, 1, REVENUE)
    with boa.reverts("period is not the next one"):
        report(suite, licensee, license_id, period, REVENUE)


def test_report__after_the_last_period__reverts(suite, license_id, licensee):
    for period in (1, 2, 3):
        report_next(suite, licensee, license_id, period)
    boa.env.time_travel(seconds=2 * PERIOD)
    with boa.reverts("no period is left"):
        report(suite, licensee, license_id, 4, REVENUE)


def test_report__license_without_periods__reverts(suite, market, licensee):
    license_id = sell(
        suite, licensee, share_bps=0, minimum_per_period=0, period_seconds=0, grace_seconds=0
    )
    boa.env.time_travel(seconds=TERM)
    with boa.reverts("no period is left"):
        report(suite, licensee, license_id, 1, REVENUE)
    assert market.next_period(license_id) == (0, 0, 0)
    assert market.is_in_good_standing(license_id)


def test_report__all_late_at_once__is_accepted(suite, market, license_id, licensee):
    boa.env.time_travel(seconds=10 * TERM)
    for period in (1, 2, 3):
        report(suite, licensee, license_id, period, REVENUE)
    assert market.outstanding(license_id) == 3 * DUE


def test_report__revenue_over_the_limit__reverts(suite, license_id, licensee):
    wait_for_end(suite, license_id, 1)
    with boa.reverts("revenue is too large"):
        report(suite, licensee, license_id, 1, MAX_PER_PERIOD + 1)


def test_report__reporter_named_by_the_licensee__may(suite, market, license_id, licensee, operator):
    wait_for_end(suite, license_id, 2)
    market.set_reporter(license_id, operator, sender=licensee)
    assert event_rows(market) == [("ReporterChanged", license_id, ZERO_ADDRESS, operator)]
    assert market.reporter(license_id) == operator
    assert report(suite, operator, license_id, 1, REVENUE) == DUE
    with boa.env.prank(operator), boa.reverts("caller is not the licensee"):
        market.set_reporter(license_id, operator)
    market.set_reporter(license_id, ZERO_ADDRESS, sender=licensee)
    with boa.reverts("caller is not the licensee"):
        report(suite, operator, license_id, 2, REVENUE)


@pytest.mark.parametrize("approval", ["token", "all"])
def test_report__account_approved_to_move_the_token__reverts(
    suite, market, license_id, licensee, operator, approval
):
    wait_for_end(suite, license_id, 1)
    with boa.env.prank(licensee):
        if approval == "token":
            market.approve(operator, license_id)
        else:
            market.setApprovalForAll(operator, True)
    with boa.reverts("caller is not the licensee"):
        report(suite, operator, license_id, 1, REVENUE)
    with boa.env.prank(operator):
        for call, *args in ((market.renew, MAX_UINT), (market.set_reporter, operator)):
            with boa.reverts("caller is not the licensee"):
                call(license_id, *args)


@pytest.mark.parametrize("role", ["owner", "payer", "builder", "guardian", "stranger"])
@pytest.mark.parametrize("function", ["report", "report_and_pay"])
def test_report__not_the_licensee__reverts(suite, market, license_id, request, role, function):
    sender = request.getfixturevalue(role)
    wait_for_end(suite, license_id, 1)
    max_amount = (MAX_UINT,) if function == "report_and_pay" else ()
    with boa.env.prank(sender), boa.reverts("caller is not the licensee"):
        getattr(market, function)(license_id, 1, 0, EVIDENCE, *max_amount)
    assert market.license(license_id).periods_reported == 0


@pytest.mark.parametrize("unknown", [0, UNKNOWN])
def test_license_functions__unknown_license__say_so(suite, market, license_id, licensee, unknown):
    with boa.env.prank(licensee):
        for call, *args in (
            (market.report, 1, 0, EVIDENCE),
            (market.report_and_pay, 1, 0, EVIDENCE, 0),
            (market.pay, 1),
            (market.license,),
            (market.outstanding,),
            (market.next_period,),
            (market.is_in_good_standing,),
            (market.prepay, 1),
            (market.estimate,),
            (market.renew, 1),
            (market.set_reporter, licensee),
            (market.reported, 1),
            (market.due_for, 1, 0, 0),
        ):
            with boa.reverts("unknown license"):
                call(unknown, *args)
        missing = "ERC721NonexistentToken(uint256)"
        for transfer in (market.transferFrom, market.safeTransferFrom):
            with reverts_with(market, missing, unknown):
                transfer(licensee, licensee, unknown)
        for view in (market.tokenURI, market.locked, market.ownerOf, market.getApproved):
            with reverts_with(market, missing, unknown):
                view(unknown)
    assert not is_licensed(suite, licensee, unknown)


# --- pay ---


def test_pay__anyone__pays_a_part_to_the_model(suite, market, license_id, licensee, stranger):
    asset, router = suite.asset, suite.router
    report_next(suite, licensee, license_id, 1)
    fund_and_approve(asset, stranger, market.address, 200)
    with boa.env.prank(stranger):
        assert market.pay(license_id, 200) == 200
    assert event_rows(market) == [
        ("RoyaltyPaid", license_id, stranger, 200, DUE - 200),
        transfer_row(stranger, router, 200),
        ("RoyaltyReceived", 1, asset.address, stranger, 200, REFERENCE),
    ]
    assert market.license(license_id).paid == 200
    assert market.outstanding(license_id) == DUE - 200
    assert router.pending(1, asset.address) == router.accounted(asset.address) == FEE + 200
    assert asset.balanceOf(market.address) == 0


@pytest.mark.parametrize(("amount", "taken"), [(DUE - 1, DUE - 1), (DUE, DUE), (DUE + 1, DUE)])
def test_pay__around_what_is_owed__takes_no_more(
    suite, market, license_id, licensee, payer, amount, taken
):
    report_next(suite, licensee, license_id, 1)
    assert pay(suite, payer, license_id, amount) == taken
    assert suite.asset.balanceOf(payer) == amount - taken
    assert market.outstanding(license_id) == DUE - taken


def test_pay__nothing_is_owed__takes_nothing(suite, market, license_id, payer):
    assert pay(suite, payer, license_id, MAX_UINT // 2) == 0
    assert event_rows(market) == []
    assert suite.asset.balanceOf(payer) == MAX_UINT // 2


def test_pay__license_and_offer_are_over__is_accepted(
    suite, market, license_id, terms_id, owner, guardian, licensee, payer
):
    for period in (1, 2, 3):
        report_next(suite, licensee, license_id, period)
    with boa.env.prank(owner):
        suite.catalog.retire_terms(terms_id)
        suite.catalog.set_guardian(guardian, now() + 300 * DAY)
        suite.registry.transferFrom(owner, guardian, 1)
    boa.env.time_travel(seconds=200 * DAY)
    with boa.env.prank(guardian):
        suite.catalog.pause()
    assert not market.is_in_good_standing(license_id)
    assert pay(suite, payer, license_id, MAX_UINT // 2) == 3 * DUE
    assert market.is_in_good_standing(license_id)


def test_set_router__new_router__gets_only_later_payments(
    suite, market, license_id, owner, licensee, payer
):
    report_next(suite, licensee, license_id, 1)
    second = deploy(
        "RoyaltyRouter",
        suite.registry.address,
        suite.treasury.address,
        suite.rewards.address,
        sender=owner,
    )
    with boa.env.prank(owner):
        second.set_collector(market.address, True)
        market.set_router(second.address)
    pay(suite, payer, license_id, DUE)
    assert suite.router.pending(1, suite.asset.address) == FEE
    assert second.pending(1, suite.asset.address) == DUE


def test_set_treasury__old_asset_not_accepted_any_more__debts_stay_payable(
    suite, market, license_id, owner, licensee, payer
):
    new_treasury = deploy("Treasury", suite.treasury.TOKEN(), 0, 10_000, *CAPS, sender=owner)
    with boa.env.prank(owner):
        suite.catalog.set_treasury(new_treasury.address)
        suite.router.set_targets(new_treasury.address, suite.rewards.address)
    with boa.reverts("asset is not accepted"):
        offer(suite, upfront_fee=1)
    report_next(suite, licensee, license_id, 1)
    assert pay(suite, payer, license_id, DUE) == DUE


# --- report_and_pay ---


def test_report_and_pay__licensee__settles_the_period(suite, market, license_id, licensee):
    wait_for_end(suite, license_id, 1)
    assert report_and_pay(suite, licensee, license_id, 1, DUE) == DUE
    assert event_rows(market) == [
        ("PeriodReported", license_id, 1, REVENUE, DUE, EVIDENCE),
        ("RoyaltyPaid", license_id, licensee, DUE, 0),
        transfer_row(licensee, suite.router, DUE),
        ("RoyaltyReceived", 1, suite.asset.address, licensee, DUE, REFERENCE),
    ]
    assert market.license(license_id)[5:9] == (1, 1, DUE, DUE)
    assert market.outstanding(license_id) == 0


def test_report_and_pay__older_dues__are_paid_too(suite, market, license_id, licensee):
    report_next(suite, licensee, license_id, 1)
    wait_for_end(suite, license_id, 2)
    with boa.reverts("amount is above the maximum"):
        report_and_pay(suite, licensee, license_id, 2, 2 * DUE - 1)
    assert market.license(license_id).periods_reported == 1
    assert report_and_pay(suite, licensee, license_id, 2, 2 * DUE) == 2 * DUE


def test_report_and_pay__nothing_due__only_reports(suite, market, licensee):
    license_id = sell(suite, licensee, minimum_per_period=0, bond=1)
    wait_for_end(suite, license_id, 1)
    assert report_and_pay(suite, licensee, license_id, 1, 0, revenue=0) == 0
    assert [row[0] for row in event_rows(market)] == ["PeriodReported"]


def test_report_and_pay__too_early_or_again__reverts(suite, license_id, licensee):
    with boa.reverts("period has not ended"):
        report_and_pay(suite, licensee, license_id, 1, DUE)
    wait_for_end(suite, license_id, 1)
    report_and_pay(suite, licensee, license_id, 1, DUE)
    with boa.reverts("period is not the next one"):
        report_and_pay(suite, licensee, license_id, 1, DUE)

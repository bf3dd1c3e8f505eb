"""LicenseMarket: when a license is in good standing, and when it may change hands."""

import boa
import pytest

from tests.support import deploy, warp_to
from tests.unit.licensing.market_kit import (
    DUE,
    FEE,
    GRACE,
    MINIMUM,
    PERIOD,
    SHARE_BPS,
    TERM,
    is_licensed,
    pay,
    period_end,
    report,
    report_next,
    sell,
)
from tests.unit.token.token_support import reverts_with
from tests.unit.treasury.kit import event_rows

RECEIVED = bytes.fromhex("150b7a02")

LEAST_GRACE = 7 * 86_400


# --- standing ---


def test_next_period__as_reports_come_in__moves_on(suite, market, license_id, licensee):
    starts_at = market.license(license_id).starts_at
    for period in (1, 2, 3):
        ends_at = starts_at + period * PERIOD
        assert market.next_period(license_id) == (period, ends_at, ends_at + GRACE)
        report_next(suite, licensee, license_id, period)
    assert market.next_period(license_id) == (0, 0, 0)


def test_next_period__perpetual_license__always_has_one(suite, market, licensee):
    license_id = sell(suite, licensee, term_seconds=0)
    for period in range(1, 6):
        report_next(suite, licensee, license_id, period)
    assert market.next_period(license_id)[0] == 6


def test_is_in_good_standing__unreported__until_the_grace_ends(suite, market, license_id, licensee):
    warp_to(period_end(suite, license_id, 1) + GRACE - 1)
    assert market.is_in_good_standing(license_id)
    assert is_licensed(suite, licensee, license_id)
    boa.env.time_travel(seconds=1)
    assert not market.is_in_good_standing(license_id)
    assert not is_licensed(suite, licensee, license_id)


def test_is_in_good_standing__reported_not_paid__until_the_grace_ends(
    suite, market, license_id, licensee, payer
):
    report_next(suite, licensee, license_id, 1)
    pay(suite, payer, license_id, DUE - 1)
    warp_to(period_end(suite, license_id, 1) + GRACE - 1)
    assert market.is_in_good_standing(license_id)
    boa.env.time_travel(seconds=1)
    assert not market.is_in_good_standing(license_id)
    pay(suite, payer, license_id, 1)
    assert market.is_in_good_standing(license_id)
    assert is_licensed(suite, licensee, license_id)


def test_is_in_good_standing__least_grace__overdue_when_it_ends(suite, market, licensee):
    license_id = sell(suite, licensee, grace_seconds=LEAST_GRACE)
    warp_to(period_end(suite, license_id, 1) + LEAST_GRACE - 1)
    assert market.is_in_good_standing(license_id)
    boa.env.time_travel(seconds=1)
    assert not market.is_in_good_standing(license_id)


def test_is_in_good_standing__all_paid_long_after_the_term__stays(
    suite, market, license_id, licensee, payer
):
    for period in (1, 2, 3):
        report_next(suite, licensee, license_id, period)
        pay(suite, payer, license_id, DUE)
    boa.env.time_travel(seconds=100 * TERM)
    assert market.is_in_good_standing(license_id)
    assert not is_licensed(suite, licensee, license_id)


def test_is_covered__other_account__is_not(suite, license_id, licensee, stranger):
    assert is_licensed(suite, licensee, license_id)
    assert not is_licensed(suite, stranger, license_id)


def test_is_licensed__end_of_the_term__is_exact(suite, market, licensee):
    license_id = sell(
        suite, licensee, share_bps=0, minimum_per_period=0, period_seconds=0, grace_seconds=0
    )
    warp_to(market.license(license_id).ends_at - 1)
    assert is_licensed(suite, licensee, license_id)
    boa.env.time_travel(seconds=1)
    assert not is_licensed(suite, licensee, license_id)


# --- moving licenses ---


@pytest.mark.parametrize("function", ["transferFrom", "safeTransferFrom"])
def test_transfer__nothing_owed__moves_license_and_duties(
    suite, market, license_id, licensee, holder, payer, function
):
    report_next(suite, licensee, license_id, 1)
    pay(suite, payer, license_id, DUE)
    with boa.env.prank(licensee):
        getattr(market, function)(licensee, holder, license_id)
    assert event_rows(market) == [("Transfer", licensee, holder, license_id)]
    assert is_licensed(suite, holder, license_id)
    assert not is_licensed(suite, licensee, license_id)
    assert report_next(suite, holder, license_id, 2) == DUE
    boa.env.time_travel(seconds=PERIOD)
    with boa.reverts("caller is not the licensee"):
        report(suite, licensee, license_id, 3, 0)


@pytest.mark.parametrize("function", ["transferFrom", "safeTransferFrom"])
def test_transfer__terms_forbid_it__reverts(suite, market, licensee, holder, function):
    license_id = sell(suite, licensee, transferable=False)
    with boa.env.prank(licensee), boa.reverts("license is not transferable"):
        getattr(market, function)(licensee, holder, license_id)


@pytest.mark.parametrize("function", ["transferFrom", "safeTransferFrom"])
def test_transfer__arrears__reverts_until_paid(
    suite, market, license_id, licensee, holder, payer, function
):
    transfer = getattr(market, function)
    report_next(suite, licensee, license_id, 1)
    pay(suite, payer, license_id, DUE - 1)
    with boa.env.prank(licensee), boa.reverts("license has arrears"):
        transfer(licensee, holder, license_id)
    pay(suite, payer, license_id, 1)
    warp_to(period_end(suite, license_id, 2) + GRACE)
    with boa.env.prank(licensee), boa.reverts("license has arrears"):
        transfer(licensee, holder, license_id)
    report(suite, licensee, license_id, 2, 0)
    pay(suite, payer, license_id, MINIMUM)
    with boa.env.prank(licensee):
        transfer(licensee, holder, license_id)
    assert market.ownerOf(license_id) == holder


def test_transfer__ended_period_not_reported__reverts_also_within_its_grace(
    suite, market, license_id, licensee, holder
):
    warp_to(period_end(suite, license_id, 1))
    with boa.env.prank(licensee), boa.reverts("license has arrears"):
        market.transferFrom(licensee, holder, license_id)


def test_transfer__last_second_of_an_open_period__moves(
    suite, market, license_id, licensee, holder
):
    warp_to(period_end(suite, license_id, 1) - 1)
    market.transferFrom(licensee, holder, license_id, sender=licensee)
    assert market.ownerOf(license_id) == holder


@pytest.mark.parametrize("function", ["transferFrom", "safeTransferFrom"])
def test_transfer__stranger__reverts(market, license_id, licensee, stranger, function):
    error = "ERC721InsufficientApproval(address,uint256)"
    with boa.env.prank(stranger), reverts_with(market, error, stranger, license_id):
        getattr(market, function)(licensee, stranger, license_id)


def test_safe_transfer_from__contract_receiver__is_asked(market, license_id, licensee):
    unwilling = deploy("MockTokenReceiver", bytes(4)).address
    with (
        boa.env.prank(licensee),
        reverts_with(market, "ERC721InvalidReceiver(address)", unwilling),
    ):
        market.safeTransferFrom(licensee, unwilling, license_id)
    willing = deploy("MockTokenReceiver", RECEIVED)
    with boa.env.prank(licensee):
        market.safeTransferFrom(licensee, willing.address, license_id, b"note")
    assert market.ownerOf(license_id) == willing.address
    assert willing.received_data() == b"note"


def test_supports_interface__erc721_and_metadata__only(market):
    for interface_id, supported in (("80ac58cd", True), ("5b5e139f", True), ("780e9d63", False)):
        assert market.supportsInterface(bytes.fromhex(interface_id)) is supported


def test_calls_with_ether__every_payment__revert(market, license_id, terms_id, licensee):
    for call, *args in (
        (market.buy, terms_id, licensee, FEE, SHARE_BPS),
        (market.pay, license_id, 1),
        (market.transferFrom, licensee, licensee, license_id),
    ):
        with boa.env.prank(licensee), boa.reverts():
            call(*args, value=1)

"""LicenseMarket: when a license is in good standing, and when it may change hands."""

import boa
import pytest

from tests.kits.licensing import (
    DUE,
    FEE,
    GRACE,
    MINIMUM,
    PERIOD,
    TERM,
    is_licensed,
    pay,
    period_end,
    report,
    report_next,
    sell,
)
from tests.kits.treasury import event_rows
from tests.support import DAY, ZERO_ADDRESS, deploy, reverts_otherwise, reverts_with, warp_to

# Of a refusal whose words are not told.
WHY = "the compiler refuses ether without a word"

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


@pytest.mark.parametrize("answer", ["no receiver", "nothing", "garbage", "short"])
def test_safe_transfer_from__contract_that_is_no_receiver__says_so(
    suite, market, license_id, licensee, answer
):
    """Whatever it answers, or nothing at all, the reason is ERC-721's."""
    receivers = {
        "no receiver": suite.asset.address,
        "nothing": raw_contract("5f5ff3"),
        "garbage": raw_contract("7f" + "ff" * 32 + "5f5260205ff3"),
        "short": raw_contract("63150b7a0260e01b5f5260045ff3"),
    }
    with boa.env.prank(licensee):
        error = "ERC721InvalidReceiver(address)"
        with reverts_with(market, error, receivers[answer]):
            market.safeTransferFrom(licensee, receivers[answer], license_id)


def test_locked__as_the_terms_say__with_its_event(suite, market, license_id, licensee, holder):
    assert not market.locked(license_id)
    bound = sell(suite, licensee, transferable=False)
    assert ("Locked", bound) in event_rows(market)
    assert market.locked(bound)


def test_set_approval_for_all__oneself__is_allowed(market, licensee):
    market.setApprovalForAll(licensee, True, sender=licensee)
    assert market.isApprovedForAll(licensee, licensee)


def test_transfer__surrendered__reverts_so_that_nobody_buys_what_was_given_up(
    suite, market, licensee, holder
):
    license_id = sell(suite, licensee, term_seconds=0)
    market.approve(holder, license_id, sender=licensee)
    suite.enforcement.surrender(license_id, sender=licensee)
    with boa.env.prank(holder), boa.reverts("license has ended"):
        market.transferFrom(licensee, holder, license_id)


def test_transfer__with_a_reporter__leaves_it_behind(
    suite, market, license_id, licensee, holder, operator
):
    market.set_reporter(license_id, operator, sender=licensee)
    market.transferFrom(licensee, holder, license_id, sender=licensee)
    assert event_rows(market)[-1] == ("ReporterChanged", license_id, operator, ZERO_ADDRESS)
    warp_to(period_end(suite, license_id, 1))
    for former in (licensee, operator):
        with boa.reverts("caller is not the licensee"):
            report(suite, former, license_id, 1, 0)
    report(suite, holder, license_id, 1, 0)


def test_is_in_good_standing__one_unit_of_interest__keeps_it_out(suite, market, licensee):
    """Good standing means that principal, interest and reports are all there."""
    license_id = sell(suite, licensee, term_seconds=0, late_bps_per_year=3_600)
    report_next(suite, licensee, license_id, 1, 10**9)
    warp_to(period_end(suite, license_id, 1) + GRACE + 5 * DAY)
    owed = market.outstanding(license_id)
    pay(suite, licensee, license_id, owed - 1)
    state = market.license(license_id)
    assert (state.overdue, state.interest) == (0, 1)
    assert not market.is_in_good_standing(license_id)
    assert not is_licensed(suite, licensee, license_id)
    boa.env.time_travel(seconds=DAY)
    assert pay(suite, licensee, license_id, 10**9) == 1
    assert market.is_in_good_standing(license_id)


def raw_contract(code: str) -> str:
    """A contract whose code is `code` in hex."""
    size = len(code) // 2
    init = f"60{size:02x}600c60003960{size:02x}6000f3{code}"
    address, _ = boa.env.deploy_code(bytecode=bytes.fromhex(init))
    return str(address)


def test_supports_interface__erc721_and_metadata__only(market):
    ids = (("80ac58cd", True), ("5b5e139f", True), ("b45a3c0e", True), ("780e9d63", False))
    for interface_id, supported in ids:
        assert market.supportsInterface(bytes.fromhex(interface_id)) is supported


def test_calls_with_ether__every_payment__revert(market, license_id, terms_id, licensee):
    for call, *args in (
        (market.buy, terms_id, bytes(32), FEE),
        (market.pay, license_id, 1),
        (market.transferFrom, licensee, licensee, license_id),
    ):
        with boa.env.prank(licensee), reverts_otherwise(WHY):
            call(*args, value=1)

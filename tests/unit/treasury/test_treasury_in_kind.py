"""Treasury: tokens held in kind, and the views that tell all of one asset."""

import boa
import pytest

from tests.kits.treasury import (
    GRANTS,
    RESERVE,
    accept,
    deposit,
    earn,
    event_rows,
    transfer_row,
)
from tests.support import deploy_asset, fund_and_approve


@pytest.fixture
def given(treasury, stranger):
    """500 units of some project's token."""
    token = deploy_asset("PRJ", 18)
    fund_and_approve(token, stranger, treasury.address, 500)
    treasury.receive_in_kind(token.address, 500, sender=stranger)
    return token


def test_receive_in_kind__is_held_and_no_income(treasury, given, stranger):
    assert event_rows(treasury) == [
        ("ReceivedInKind", given.address, stranger, 500),
        transfer_row(stranger, treasury, 500),
    ]
    assert treasury.in_kind(given.address) == 500 == treasury.accounted(given.address)
    assert treasury.total_free(given.address) == 0 == treasury.unclosed_income(given.address)


def test_receive_in_kind__accepted_asset__reverts(treasury, usdc, payer):
    fund_and_approve(usdc, payer, treasury.address, 1)
    with boa.reverts("asset is accepted"):
        treasury.receive_in_kind(usdc.address, 1, sender=payer)


def test_receive_in_kind__nothing__reverts(treasury, given):
    with boa.reverts("amount is zero"):
        treasury.receive_in_kind(given.address, 0)


def test_skim__leaves_what_is_held_in_kind(treasury, given, owner):
    given.mint(treasury.address, 3)
    assert treasury.skim(given.address, owner, sender=owner) == 3


def test_spend_in_kind__by_vote__pays(treasury, given, owner, payer):
    treasury.spend_in_kind(given.address, payer, 200, sender=owner)
    assert event_rows(treasury) == [
        ("SpentInKind", given.address, payer, 200),
        transfer_row(treasury, payer, 200),
    ]
    assert treasury.in_kind(given.address) == 300 == treasury.accounted(given.address)
    with boa.reverts("held in kind is too low"):
        treasury.spend_in_kind(given.address, payer, 301, sender=owner)
    treasury.spend_in_kind(given.address, payer, 300, sender=owner)
    assert given.balanceOf(payer) == 500


def test_spend_in_kind__bad_arguments__revert(treasury, given, owner, payer):
    with boa.reverts("receiver is the treasury"):
        treasury.spend_in_kind(given.address, treasury.address, 1, sender=owner)
    with boa.reverts("amount is zero"):
        treasury.spend_in_kind(given.address, payer, 0, sender=owner)


def test_accept_asset__held_in_kind__stays_apart_from_the_buckets(treasury, given, owner, payer):
    accept(treasury, owner, given)
    deposit(treasury, given, payer, GRANTS, 7)
    with boa.reverts("free money is too low"):
        treasury.spend_beyond_cap(GRANTS, given.address, payer, 8, sender=owner)
    assert treasury.total_free(given.address) == 7
    treasury.spend_in_kind(given.address, payer, 500, sender=owner)
    assert treasury.accounted(given.address) == 7


def test_statement__tells_all_of_an_asset(
    treasury, usdc, router, committer, controller, owner, payer
):
    deposit(treasury, usdc, payer, GRANTS, 50)
    deposit(treasury, usdc, payer, RESERVE, 5)
    earn(treasury, usdc, router, 100)
    treasury.commit_beyond_cap(GRANTS, usdc.address, 20, controller, sender=committer)
    usdc.mint(treasury.address, 9)
    assert tuple(treasury.statement(usdc.address)) == (164, 155, 35, 20, 100, 0, 0)
    treasury.create_purpose("compute", sender=owner)
    rows = [tuple(row) for row in treasury.purposes(usdc.address, 1)]
    assert rows == [(1, "reserve", 5, 0), (2, "grants", 30, 20), (3, "compute", 0, 0)]
    assert [tuple(row) for row in treasury.purposes(usdc.address, 3)] == rows[2:]
    assert treasury.purposes(usdc.address, 4) == []


def test_purposes__more_than_32__are_told_in_pages(treasury, usdc, owner):
    for number in range(3, 40):
        treasury.create_purpose(f"purpose {number}", sender=owner)
    assert [row.purpose for row in treasury.purposes(usdc.address, 1)] == list(range(1, 33))
    assert [row.purpose for row in treasury.purposes(usdc.address, 33)] == list(range(33, 40))


def test_statement__of_what_is_in_kind(treasury, given):
    assert tuple(treasury.statement(given.address)) == (500, 500, 0, 0, 0, 0, 500)

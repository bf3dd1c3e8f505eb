"""LicenseEnforcement: what licensees pay in tokens of their own, and who gets these."""

import boa
import pytest

from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import account, fund_and_approve
from tests.unit.licensing.market_kit import DUE, add_model, offer, report_next, three_way_split
from tests.unit.licensing.market_kit import buy as buy_license
from tests.unit.treasury.kit import event_rows, transfer_row

AMOUNT = 10_000
CREDIT = DUE
NONE = ("0x" + "00" * 20, 0, 0, "0x" + "00" * 20)


@pytest.fixture(scope="module")
def enforcement(suite):
    return suite.enforcement


@pytest.fixture
def token():
    """The licensee's own: a sound one until it misbehaves."""
    return deploy_odd_asset(Fault.RETURNS_NOTHING)


@pytest.fixture
def owing(suite, license_id, licensee):
    """A license that owes for its first period."""
    report_next(suite, licensee, license_id, 1)
    return license_id


@pytest.fixture
def offered(enforcement, owing, token, licensee):
    fund_and_approve(token, licensee, enforcement.address, AMOUNT)
    enforcement.offer_in_kind(owing, token, AMOUNT, CREDIT, sender=licensee)
    return owing


def test_offer_in_kind__licensee__waits_here(enforcement, market, owing, token, licensee):
    fund_and_approve(token, licensee, enforcement.address, AMOUNT)
    enforcement.offer_in_kind(owing, token, AMOUNT, CREDIT, sender=licensee)
    assert event_rows(enforcement)[0] == (
        *("InKindOffered", owing, token.address, licensee, AMOUNT, CREDIT),
    )
    assert tuple(enforcement.in_kind_offer(owing)) == (token.address, AMOUNT, CREDIT, licensee)
    assert enforcement.accounted(token.address) == token.balanceOf(enforcement.address) == AMOUNT
    assert market.outstanding(owing) == DUE


@pytest.mark.parametrize(("amount", "credit"), [(0, 1), (1, 0)])
def test_offer_in_kind__empty__reverts(enforcement, owing, token, licensee, amount, credit):
    with boa.reverts("offer is empty"):
        enforcement.offer_in_kind(owing, token, amount, credit, sender=licensee)


def test_offer_in_kind__a_second__reverts(enforcement, offered, token, licensee):
    with boa.reverts("an offer is open"):
        enforcement.offer_in_kind(offered, token, 1, 1, sender=licensee)


def test_offer_in_kind__unknown_license_or_stranger__reverts(
    enforcement, owing, token, licensee, stranger
):
    with boa.reverts("unknown license"):
        enforcement.offer_in_kind(99, token, 1, 1, sender=licensee)
    with boa.reverts("caller is not the licensee"):
        enforcement.offer_in_kind(owing, token, 1, 1, sender=stranger)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.FEE_ON_RECEIVER, "asset took a fee"),
        (Fault.RETURNS_FALSE, "asset transfer failed"),
    ],
)
def test_offer_in_kind__token_that_does_not_arrive__reverts(
    enforcement, owing, licensee, fault, said
):
    odd = deploy_odd_asset(fault)
    fund_and_approve(odd, licensee, enforcement.address, AMOUNT)
    with boa.reverts(said):
        enforcement.offer_in_kind(owing, odd, AMOUNT, CREDIT, sender=licensee)
    assert tuple(enforcement.in_kind_offer(owing)) == NONE


def test_withdraw_in_kind__offerer__gets_it_back_once(enforcement, offered, token, licensee):
    enforcement.withdraw_in_kind(offered, sender=licensee)
    assert event_rows(enforcement) == [
        ("InKindWithdrawn", offered, token.address, AMOUNT),
        transfer_row(enforcement, licensee, AMOUNT),
    ]
    assert token.balanceOf(licensee) == AMOUNT
    assert enforcement.accounted(token.address) == 0
    with boa.reverts("no offer is open"):
        enforcement.withdraw_in_kind(offered, sender=licensee)


def test_withdraw_in_kind__of_another__reverts(enforcement, offered, stranger, owner):
    for sender in (stranger, owner):
        with boa.reverts("caller did not offer it"):
            enforcement.withdraw_in_kind(offered, sender=sender)


def test_withdraw_in_kind__license_passed_on__is_still_the_offerers(
    suite, enforcement, market, licensee, stranger, token
):
    license_id = buy_license(suite, licensee, offer(suite, transferable=True, upfront_fee=1))
    fund_and_approve(token, licensee, enforcement.address, AMOUNT)
    enforcement.offer_in_kind(license_id, token, AMOUNT, CREDIT, sender=licensee)
    market.transferFrom(licensee, stranger, license_id, sender=licensee)
    with boa.reverts("caller did not offer it"):
        enforcement.withdraw_in_kind(license_id, sender=stranger)
    enforcement.withdraw_in_kind(license_id, sender=licensee)
    assert token.balanceOf(licensee) == AMOUNT


def test_accept_in_kind__by_vote__is_shared_like_money(
    suite, enforcement, market, offered, token, owner, builder
):
    """The model's split is 50 % Treasury, 30 % builder, 20 % campaign."""
    enforcement.accept_in_kind(offered, token, AMOUNT, CREDIT, sender=owner)
    assert event_rows(enforcement)[0] == (
        *("InKindAccepted", offered, token.address, AMOUNT, CREDIT),
    )
    assert market.outstanding(offered) == 0
    assert market.license(offered).paid == CREDIT
    assert tuple(enforcement.in_kind_offer(offered)) == NONE
    assert enforcement.accounted(token.address) == token.balanceOf(enforcement.address) == 0
    assert suite.router.pending(1, token.address) == AMOUNT
    suite.router.settle(1, token.address)
    suite.router.withdraw(builder, token.address)
    suite.router.forward_income(token.address)
    assert token.balanceOf(builder) == 3_000
    assert suite.treasury.in_kind(token.address) == 5_000
    assert suite.router.campaign_credit(1, token.address) == 2_000


def test_accept_in_kind__more_than_owed__is_credit_for_later(
    suite, enforcement, market, owing, token, licensee, owner
):
    fund_and_approve(token, licensee, enforcement.address, 1)
    enforcement.offer_in_kind(owing, token, 1, 3 * DUE, sender=licensee)
    enforcement.accept_in_kind(owing, token, 1, 3 * DUE, sender=owner)
    report_next(suite, licensee, owing, 2)
    assert market.outstanding(owing) == 0
    assert market.license(owing).paid - market.license(owing).due == DUE


def test_accept_in_kind__another_offer_than_was_voted__reverts(enforcement, offered, token, owner):
    for changed in ((owner, AMOUNT, CREDIT), (token, AMOUNT + 1, CREDIT), (token, AMOUNT, 1)):
        with boa.reverts("offer is another"):
            enforcement.accept_in_kind(offered, *changed, sender=owner)


def test_accept_in_kind__none_open_or_not_the_owner__reverts(
    enforcement, owing, token, owner, licensee
):
    with boa.reverts("no offer is open"):
        enforcement.accept_in_kind(owing, token, AMOUNT, CREDIT, sender=owner)
    with boa.reverts("caller is not the owner"):
        enforcement.accept_in_kind(owing, token, AMOUNT, CREDIT, sender=licensee)


def test_accept_in_kind__model_of_somebody_else__reverts(
    suite, enforcement, token, licensee, owner, builder
):
    """What the DAO does not own it cannot sell for tokens."""
    model_id = add_model(suite, three_way_split(builder))
    license_id = buy_license(suite, licensee, offer(suite, model_id=model_id, upfront_fee=1))
    suite.registry.transferFrom(owner, account("maker"), model_id, sender=owner)
    fund_and_approve(token, licensee, enforcement.address, AMOUNT)
    enforcement.offer_in_kind(license_id, token, AMOUNT, CREDIT, sender=licensee)
    with boa.reverts("caller does not own the model"):
        enforcement.accept_in_kind(license_id, token, AMOUNT, CREDIT, sender=owner)


def test_accept_in_kind__license_in_dispute__stays_held(
    suite, enforcement, market, offered, token, owner
):
    enforcement.assess(offered, 1, 30_000, 0, b"\xe1" * 32, sender=owner)
    assert market.license(offered).held
    enforcement.accept_in_kind(offered, token, AMOUNT, CREDIT, sender=owner)
    assert market.license(offered).held


def test_accept_in_kind__token_turned_bad__changes_nothing(
    enforcement, market, offered, token, owner
):
    token.misbehave(Fault.RETURNS_FALSE, Entry.ALL)
    with boa.reverts():
        enforcement.accept_in_kind(offered, token, AMOUNT, CREDIT, sender=owner)
    assert market.outstanding(offered) == DUE
    assert enforcement.in_kind_offer(offered).amount == AMOUNT


def test_skim__leaves_what_is_offered(enforcement, offered, token, owner):
    token.mint(enforcement.address, 7)
    assert enforcement.skim(token, owner, sender=owner) == 7
    assert token.balanceOf(enforcement.address) == AMOUNT

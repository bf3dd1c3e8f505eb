"""The asset ledger against every token of tests/odd_assets.py: exact amounts or nothing."""

from typing import Any

import boa
import pytest

from tests.odd_assets import (
    HARMLESS_FAULTS,
    REFUSED_FAULTS,
    Entry,
    Fault,
    calldata_of,
    deploy_odd_asset,
    program_reentry,
)
from tests.support import ZERO_ADDRESS, deploy, fund_and_approve, reverts_silently

AMOUNT = 1_000_000
DONATION = 777


@pytest.fixture
def ledger() -> Any:
    return deploy("AssetLedgerHarness")


@pytest.fixture
def target() -> Any:
    """Another contract of the suite, the receiving end of a hand-over."""
    return deploy("AssetLedgerHarness")


@pytest.fixture
def asset(payer, ledger) -> Any:
    """A plain odd asset of which `payer` lets the ledger take AMOUNT."""
    asset = deploy_odd_asset()
    fund_and_approve(asset, payer, ledger, AMOUNT)
    return asset


@pytest.fixture
def pulled(asset, payer, ledger) -> Any:
    """The same asset once the ledger holds AMOUNT and the surplus DONATION."""
    ledger.pull(asset, payer, AMOUNT)
    asset.mint(ledger, DONATION)
    return asset


def assert_unmoved(ledger: Any, asset: Any, owed: int, surplus: int) -> None:
    assert ledger.accounted(asset) == owed
    assert asset.balanceOf(ledger) == owed + surplus
    assert ledger.surplus(asset) == surplus


def reverts(reason: str | None) -> Any:
    return boa.reverts(reason) if reason else reverts_silently()


# --- pull ---


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_pull__harmless_token__takes_and_accounts_exactly(ledger, asset, payer, fault):
    asset.misbehave(fault, Entry.ALL)
    ledger.pull(asset, payer, AMOUNT)
    assert_unmoved(ledger, asset, owed=AMOUNT, surplus=0)
    assert asset.balanceOf(payer) == 0


@pytest.mark.parametrize(("fault", "reason"), REFUSED_FAULTS.items())
def test_pull__faulty_token__reverts_and_accounts_nothing(ledger, asset, payer, fault, reason):
    asset.misbehave(fault, Entry.TRANSFER_FROM)
    with reverts(reason):
        ledger.pull(asset, payer, AMOUNT)
    assert_unmoved(ledger, asset, owed=0, surplus=0)


def test_pull__fee_on_receiver__reverts(ledger, asset, payer):
    asset.misbehave(Fault.FEE_ON_RECEIVER, Entry.ALL)
    with boa.reverts("asset took a fee"):
        ledger.pull(asset, payer, AMOUNT)


def test_pull__fee_on_sender__is_the_senders_affair(ledger, asset, payer):
    asset.misbehave(Fault.FEE_ON_SENDER, Entry.ALL)
    asset.mint(payer, AMOUNT)
    ledger.pull(asset, payer, AMOUNT)
    assert_unmoved(ledger, asset, owed=AMOUNT, surplus=0)


def test_pull__blacklisted_payer__reverts(ledger, asset, payer):
    asset.set_blacklisted(payer, True)
    with boa.reverts("account is blacklisted"):
        ledger.pull(asset, payer, AMOUNT)


def test_pull__zero__moves_nothing(ledger, asset, payer):
    asset.misbehave(Fault.REVERTS_ON_ZERO, Entry.ALL)
    ledger.pull(asset, payer, 0)
    assert_unmoved(ledger, asset, owed=0, surplus=0)


def test_pull__from_itself__reverts(ledger, pulled):
    with boa.env.prank(ledger.address):
        pulled.approve(ledger, AMOUNT)
    with boa.reverts("asset took a fee"):
        ledger.pull(pulled, ledger, 1)
    assert_unmoved(ledger, pulled, owed=AMOUNT, surplus=DONATION)


def test_pull__asset_without_code__reverts(ledger, stranger, payer):
    with reverts_silently():
        ledger.pull(stranger, payer, 1)
    with reverts_silently():
        ledger.pull(ZERO_ADDRESS, payer, 1)


def test_pull__balance_falls_on_the_way__names_the_fault(ledger, pulled, payer):
    """A rebase inside the transfer must fail the check, not underflow."""
    fund_and_approve(pulled, payer, ledger, AMOUNT)
    program_reentry(pulled, pulled, calldata_of(pulled, "rebase", ledger.address, 0))
    with boa.reverts("asset took a fee"):
        ledger.pull(pulled, payer, AMOUNT)


def test_pull__donation_before__is_not_accounted(ledger, asset, payer):
    asset.mint(ledger, DONATION)
    ledger.pull(asset, payer, AMOUNT)
    assert_unmoved(ledger, asset, owed=AMOUNT, surplus=DONATION)


@pytest.mark.parametrize("runs_first", [True, False])
@pytest.mark.parametrize("function", ["pull", "push", "hand_over", "skim"])
def test_pull__reentered__is_locked(ledger, asset, payer, stranger, function, runs_first):
    arguments = {
        "pull": (asset.address, payer, 1),
        "push": (asset.address, stranger, 1),
        "hand_over": (asset.address, stranger, 1, 1),
        "skim": (asset.address, stranger),
    }[function]
    payload = calldata_of(ledger, function, *arguments)
    program_reentry(asset, ledger, payload, runs_first=runs_first)
    ledger.pull(asset, payer, AMOUNT)
    assert asset.hook_calls_left() == 0
    assert not asset.hook_succeeded()
    assert_unmoved(ledger, asset, owed=AMOUNT, surplus=0)


# --- push ---


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_push__harmless_token__pays_exactly(ledger, pulled, stranger, fault):
    pulled.misbehave(fault, Entry.ALL)
    ledger.push(pulled, stranger, AMOUNT)
    assert pulled.balanceOf(stranger) == AMOUNT
    assert_unmoved(ledger, pulled, owed=0, surplus=DONATION)


@pytest.mark.parametrize(("fault", "reason"), REFUSED_FAULTS.items())
def test_push__faulty_token__reverts_and_still_owes(ledger, pulled, stranger, fault, reason):
    pulled.misbehave(fault, Entry.TRANSFER)
    with reverts(reason):
        ledger.push(pulled, stranger, AMOUNT)
    assert_unmoved(ledger, pulled, owed=AMOUNT, surplus=DONATION)


def test_push__fee_on_sender__reverts(ledger, pulled, stranger):
    pulled.misbehave(Fault.FEE_ON_SENDER, Entry.ALL)
    with boa.reverts("asset took a fee"):
        ledger.push(pulled, stranger, AMOUNT // 2)


def test_push__fee_on_receiver__is_the_receivers_affair(ledger, pulled, stranger):
    pulled.misbehave(Fault.FEE_ON_RECEIVER, Entry.ALL)
    ledger.push(pulled, stranger, AMOUNT)
    assert pulled.balanceOf(stranger) == AMOUNT - AMOUNT * pulled.FEE_BPS() // 10_000
    assert_unmoved(ledger, pulled, owed=0, surplus=DONATION)


def test_push__blacklisted_receiver__blocks_nobody_else(ledger, pulled, stranger, holder):
    pulled.set_blacklisted(stranger, True)
    with boa.reverts("account is blacklisted"):
        ledger.push(pulled, stranger, 1)
    ledger.push(pulled, holder, 1)
    assert pulled.balanceOf(holder) == 1


def test_push__one_over_what_is_owed__reverts(ledger, pulled, stranger):
    """The donation covers it, but it is not owed to anybody."""
    with reverts_silently():
        ledger.push(pulled, stranger, AMOUNT + 1)


def test_push__of_another_asset__cannot_use_this_ones_ledger(ledger, pulled, stranger):
    other = deploy_odd_asset(symbol="OTHER")
    other.mint(ledger, AMOUNT)
    with reverts_silently():
        ledger.push(other, stranger, 1)


def test_push__to_itself__reverts(ledger, pulled):
    with boa.reverts("asset took a fee"):
        ledger.push(pulled, ledger, 1)


def test_push__zero__moves_nothing(ledger, pulled, stranger):
    pulled.misbehave(Fault.REVERTS_ON_ZERO, Entry.ALL)
    ledger.push(pulled, stranger, 0)
    assert_unmoved(ledger, pulled, owed=AMOUNT, surplus=DONATION)


def test_push__reentered__pays_once(ledger, pulled, stranger):
    program_reentry(
        pulled, ledger, calldata_of(ledger, "push", pulled.address, stranger, 1), runs_first=True
    )
    ledger.push(pulled, stranger, 1)
    assert not pulled.hook_succeeded()
    assert pulled.balanceOf(stranger) == 1


# --- a push that may fail ---

# Tokens that refuse in so many words, or move nothing and do not say that they did.
REFUSALS = (
    Fault.RETURNS_FALSE | Fault.MOVES_NOTHING,
    Fault.RETURNS_GARBAGE | Fault.MOVES_NOTHING,
    Fault.RETURNS_SHORT | Fault.MOVES_NOTHING,
    Fault.PAUSED,
    Fault.REVERTS,
    Fault.BURNS_GAS,
)
# Tokens that move otherwise than they say.
LIES = (
    Fault.RETURNS_FALSE,
    Fault.RETURNS_GARBAGE,
    Fault.RETURNS_SHORT,
    Fault.MOVES_NOTHING,
    Fault.FEE_ON_SENDER,
)


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_try_push__harmless_token__pays_exactly(ledger, pulled, stranger, fault):
    pulled.misbehave(fault, Entry.ALL)
    assert ledger.try_push(pulled, stranger, AMOUNT - 1)
    assert pulled.balanceOf(stranger) == AMOUNT - 1
    assert_unmoved(ledger, pulled, owed=1, surplus=DONATION)


@pytest.mark.parametrize("fault", REFUSALS)
def test_try_push__token_refuses__says_so_and_still_owes(ledger, pulled, stranger, fault):
    pulled.misbehave(fault, Entry.TRANSFER)
    assert not ledger.try_push(pulled, stranger, AMOUNT)
    assert pulled.balanceOf(stranger) == 0
    assert_unmoved(ledger, pulled, owed=AMOUNT, surplus=DONATION)


@pytest.mark.parametrize("fault", LIES)
def test_try_push__token_lies__reverts(ledger, pulled, stranger, fault):
    pulled.misbehave(fault, Entry.TRANSFER)
    with boa.reverts("asset took a fee"):
        ledger.try_push(pulled, stranger, AMOUNT // 2)
    assert_unmoved(ledger, pulled, owed=AMOUNT, surplus=DONATION)


def test_try_push__fee_on_receiver__is_the_receivers_affair(ledger, pulled, stranger):
    pulled.misbehave(Fault.FEE_ON_RECEIVER, Entry.ALL)
    assert ledger.try_push(pulled, stranger, AMOUNT)
    assert_unmoved(ledger, pulled, owed=0, surplus=DONATION)


def test_try_push__blacklisted_receiver__is_owed_until_it_works(ledger, pulled, stranger):
    pulled.set_blacklisted(stranger, True)
    assert not ledger.try_push(pulled, stranger, AMOUNT)
    assert_unmoved(ledger, pulled, owed=AMOUNT, surplus=DONATION)
    pulled.set_blacklisted(stranger, False)
    assert ledger.try_push(pulled, stranger, AMOUNT)


def test_try_push__gas_burner__leaves_the_caller_its_gas(ledger, pulled, stranger):
    pulled.misbehave(Fault.BURNS_GAS, Entry.TRANSFER)
    assert not ledger.try_push(pulled, stranger, AMOUNT, gas=400_000)


def test_try_push__one_over_what_is_owed__reverts(ledger, pulled, stranger):
    with reverts_silently():
        ledger.try_push(pulled, stranger, AMOUNT + 1)


def test_try_push__to_itself__reverts(ledger, pulled):
    with boa.reverts("asset took a fee"):
        ledger.try_push(pulled, ledger, 1)


def test_try_push__asset_without_code__reverts(ledger, stranger):
    with reverts_silently():
        ledger.try_push(stranger, stranger, 0)


@pytest.mark.parametrize("runs_first", [True, False])
def test_try_push__reentered__pays_once(ledger, pulled, stranger, runs_first):
    payload = calldata_of(ledger, "try_push", pulled.address, stranger, 1)
    program_reentry(pulled, ledger, payload, runs_first=runs_first)
    assert ledger.try_push(pulled, stranger, 1)
    assert not pulled.hook_succeeded()
    assert pulled.balanceOf(stranger) == 1


# --- hand-over ---


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_hand_over__harmless_token__moves_the_debt_to_the_target(ledger, target, pulled, fault):
    pulled.misbehave(fault, Entry.ALL)
    for _ in range(2):
        ledger.hand_over(pulled, target, AMOUNT // 2, AMOUNT // 2)
    assert_unmoved(ledger, pulled, owed=0, surplus=DONATION)
    assert_unmoved(target, pulled, owed=AMOUNT, surplus=0)
    assert pulled.allowance(ledger, target) == 0


@pytest.mark.parametrize("accepted", [0, AMOUNT - 1])
def test_hand_over__target_takes_less__reverts(ledger, target, pulled, accepted):
    with boa.reverts("asset was not handed over"):
        ledger.hand_over(pulled, target, AMOUNT, accepted)


def test_hand_over__target_takes_more__reverts(ledger, target, pulled):
    with boa.reverts("allowance is too low"):
        ledger.hand_over(pulled, target, AMOUNT - 1, AMOUNT)


def test_hand_over__more_than_owed__reverts(ledger, target, pulled):
    with reverts_silently():
        ledger.hand_over(pulled, target, AMOUNT + 1, AMOUNT + 1)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.RETURNS_FALSE, "asset approval failed"),
        (Fault.RETURNS_GARBAGE, None),
        (Fault.RETURNS_SHORT, None),
        (Fault.MOVES_NOTHING, "allowance is too low"),
        (Fault.PAUSED, "asset is paused"),
        (Fault.REVERTS, None),
        (Fault.BURNS_GAS, None),
    ],
)
def test_hand_over__faulty_approval__reverts(ledger, target, pulled, fault, reason):
    pulled.misbehave(fault, Entry.APPROVE)
    with reverts(reason):
        ledger.hand_over(pulled, target, AMOUNT, AMOUNT)
    assert_unmoved(ledger, pulled, owed=AMOUNT, surplus=DONATION)


def test_hand_over__fee_on_sender__reverts(ledger, target, pulled):
    """The target got its amount, but the fee came out of what this contract holds."""
    pulled.misbehave(Fault.FEE_ON_SENDER, Entry.ALL)
    with boa.reverts("asset was not handed over"):
        ledger.hand_over(pulled, target, 100, 100)


# --- forwarding ---


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_forward__harmless_token__passes_by_this_ledger(ledger, target, asset, payer, fault):
    asset.misbehave(fault, Entry.ALL)
    ledger.forward(asset, payer, target, AMOUNT)
    assert_unmoved(ledger, asset, owed=0, surplus=0)
    assert_unmoved(target, asset, owed=0, surplus=AMOUNT)
    target.book_arrived(asset, AMOUNT)
    assert_unmoved(target, asset, owed=AMOUNT, surplus=0)


@pytest.mark.parametrize(
    ("fault", "reason"), (REFUSED_FAULTS | {Fault.FEE_ON_RECEIVER: "asset took a fee"}).items()
)
def test_forward__faulty_token__reverts(ledger, target, asset, payer, fault, reason):
    asset.misbehave(fault, Entry.TRANSFER_FROM)
    with reverts(reason):
        ledger.forward(asset, payer, target, AMOUNT)
    assert_unmoved(target, asset, owed=0, surplus=0)


def test_forward__to_the_payer__reverts(ledger, asset, payer):
    with boa.reverts("asset took a fee"):
        ledger.forward(asset, payer, payer, AMOUNT)


# --- arrived and burned ---


def test_book_arrived__balance_covers_it__is_owed(ledger, pulled):
    ledger.book_arrived(pulled, DONATION)
    assert_unmoved(ledger, pulled, owed=AMOUNT + DONATION, surplus=0)


def test_book_arrived__one_over_the_surplus__reverts(ledger, pulled):
    """What is owed already cannot be booked a second time."""
    with boa.reverts("asset did not arrive"):
        ledger.book_arrived(pulled, DONATION + 1)


def test_unbook_burned__what_is_owed__is_surplus_until_burned(ledger, pulled):
    ledger.unbook_burned(pulled, AMOUNT)
    assert_unmoved(ledger, pulled, owed=0, surplus=AMOUNT + DONATION)


def test_unbook_burned__one_over_what_is_owed__reverts(ledger, pulled):
    with reverts_silently():
        ledger.unbook_burned(pulled, AMOUNT + 1)


def test_disown__what_is_owed__is_surplus_that_can_be_skimmed(ledger, pulled, stranger):
    ledger.disown(pulled, AMOUNT - 1)
    assert_unmoved(ledger, pulled, owed=1, surplus=AMOUNT - 1 + DONATION)
    assert ledger.skim(pulled, stranger) == AMOUNT - 1 + DONATION


def test_disown__one_over_what_is_owed__reverts(ledger, pulled):
    with reverts_silently():
        ledger.disown(pulled, AMOUNT + 1)


# --- skim ---


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_skim__donation__sends_only_that(ledger, pulled, stranger, fault):
    pulled.misbehave(fault, Entry.ALL)
    assert ledger.skim(pulled, stranger) == DONATION
    assert pulled.balanceOf(stranger) == DONATION
    assert_unmoved(ledger, pulled, owed=AMOUNT, surplus=0)


def test_skim__no_surplus__sends_nothing(ledger, pulled, stranger):
    ledger.skim(pulled, stranger)
    pulled.misbehave(Fault.REVERTS, Entry.ALL)
    assert ledger.skim(pulled, stranger) == 0
    assert_unmoved(ledger, pulled, owed=AMOUNT, surplus=0)


def test_skim__balance_below_what_is_owed__sends_nothing(ledger, pulled, stranger):
    pulled.rebase(ledger, AMOUNT - 1)
    assert ledger.surplus(pulled) == 0
    assert ledger.skim(pulled, stranger) == 0
    assert ledger.accounted(pulled) == AMOUNT


def test_skim__fee_on_sender__reverts(ledger, pulled, stranger):
    pulled.misbehave(Fault.FEE_ON_SENDER, Entry.ALL)
    with boa.reverts("asset took a fee"):
        ledger.skim(pulled, stranger)


@pytest.mark.parametrize("fault", [Fault.RETURNS_FALSE, Fault.RETURNS_FALSE | Fault.MOVES_NOTHING])
def test_skim__false__reverts(ledger, pulled, stranger, fault):
    pulled.misbehave(fault, Entry.TRANSFER)
    with boa.reverts("asset transfer failed"):
        ledger.skim(pulled, stranger)

"""Treasury: income per epoch, and its split when the epoch is closed."""

import boa
import pytest

from tests.kits.treasury import (
    GRANTS,
    RESERVE,
    accept,
    deposit,
    earn,
    end_epoch,
    event_rows,
    income_source,
    pass_epochs,
    transfer_row,
)
from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import CAPS, account, deploy, deploy_asset, fund_and_approve, warp_to

FIRST = 1


def _close(treasury, epoch, asset, caller) -> None:
    with boa.env.prank(caller):
        treasury.close_epoch(epoch, asset.address)


@pytest.fixture
def eligible(token, holder):
    """Somebody holds tokens in the first epochs."""
    for epoch in range(1, 8):
        token.set_balance_seconds(holder, epoch, 1_000)


# --- receive_income ---


def test_receive_income__is_booked_to_the_running_epoch(treasury, usdc, router):
    assert earn(treasury, usdc, router, 100) == FIRST
    assert event_rows(treasury) == [
        ("IncomeReceived", FIRST, usdc.address, router, 100),
        transfer_row(router, treasury, 100),
    ]
    earn(treasury, usdc, router, 5)
    assert treasury.income(FIRST, usdc.address) == 105
    assert treasury.unclosed_income(usdc.address) == 105
    assert treasury.accounted(usdc.address) == 105
    assert treasury.total_free(usdc.address) == 0


def test_receive_income__boundary_second__belongs_to_the_later_epoch(treasury, token, usdc, router):
    warp_to(token.epoch_start(2) - 1)
    earn(treasury, usdc, router, 1)
    warp_to(token.epoch_start(2))
    earn(treasury, usdc, router, 10)
    assert (treasury.income(1, usdc.address), treasury.income(2, usdc.address)) == (1, 10)


@pytest.mark.parametrize("role", ["owner", "stranger", "committer", "controller"])
def test_receive_income__no_income_source__reverts(treasury, usdc, role, role_accounts):
    caller = role_accounts[role]
    fund_and_approve(usdc, caller, treasury.address, 1)
    with boa.env.prank(caller), boa.reverts("caller is no income source"):
        treasury.receive_income(usdc.address, 1)


def test_receive_income__revoked_source__reverts_but_may_deposit(treasury, usdc, router, owner):
    with boa.env.prank(owner):
        treasury.set_income_source(router, False)
    with boa.reverts("caller is no income source"):
        earn(treasury, usdc, router, 1)
    deposit(treasury, usdc, router, RESERVE, 1)
    assert treasury.free(RESERVE, usdc.address) == 1


def test_receive_income__asset_not_accepted__reverts(treasury, router):
    with boa.reverts("asset is not accepted"):
        earn(treasury, deploy_asset(), router, 1)


def test_receive_income__zero__reverts(treasury, usdc, router):
    with boa.reverts("amount is zero"):
        earn(treasury, usdc, router, 0)


# --- close_epoch ---


def test_close_epoch__splits_by_policy_to_the_last_unit(
    treasury, income, eligible, usdc, router, stranger
):
    earn(treasury, usdc, router, 109)
    end_epoch(treasury)
    _close(treasury, FIRST, usdc, stranger)
    # 40 % of 109 is 43.6, for holders and for grants: rounded down, the reserve gets the rest.
    assert event_rows(treasury) == [
        ("EpochClosed", FIRST, usdc.address, 43, 43, 23),
        ("Approval", treasury.address, income.address, 43),
        ("PotFunded", FIRST, usdc.address, 43, 1_000),
        transfer_row(treasury, income, 43),
    ]
    assert treasury.free(GRANTS, usdc.address) == 43
    assert treasury.free(RESERVE, usdc.address) == 23
    assert treasury.unclosed_income(usdc.address) == 0
    assert treasury.accounted(usdc.address) == 66 == usdc.balanceOf(treasury.address)
    assert income.accounted(usdc.address) == 43 == usdc.balanceOf(income.address)
    assert usdc.allowance(treasury.address, income.address) == 0
    assert treasury.income(FIRST, usdc.address) == 109
    assert treasury.is_closed(FIRST, usdc.address)


@pytest.mark.parametrize("amount", [1, 2, 3, 9_999, 10_001, 10**30 + 7])
@pytest.mark.parametrize("policy", [(5_000, 4_000), (5_000, 5_000), (0, 4_000), (3_333, 4_333)])
def test_close_epoch__any_amount__loses_no_unit(
    treasury, income, eligible, usdc, router, owner, policy, amount
):
    with boa.env.prank(owner):
        epoch = treasury.set_policy(*policy)
    pass_epochs(2)
    assert earn(treasury, usdc, router, amount) == epoch
    end_epoch(treasury)
    _close(treasury, epoch, usdc, owner)
    to_holders, to_grants = (amount * share // 10_000 for share in policy)
    assert usdc.balanceOf(income.address) == to_holders
    assert treasury.free(GRANTS, usdc.address) == to_grants
    assert treasury.free(RESERVE, usdc.address) == amount - to_holders - to_grants
    # Nothing of it is kept below what the named shares come to, but the rest of two divisions.
    assert treasury.free(RESERVE, usdc.address) - amount * (10_000 - sum(policy)) // 10_000 <= 2


def test_close_epoch__last_second__reverts_and_first_after_succeeds(
    treasury, eligible, token, usdc, router, stranger
):
    earn(treasury, usdc, router, 100)
    warp_to(token.epoch_start(2) - 1)
    with boa.reverts("epoch is not over"):
        _close(treasury, FIRST, usdc, stranger)
    warp_to(token.epoch_start(2))
    _close(treasury, FIRST, usdc, stranger)
    assert treasury.is_closed(FIRST, usdc.address)


@pytest.mark.parametrize(
    ("epoch", "reason"),
    [(0, "epoch is unknown"), (2, "epoch is not over"), (2**256 - 1, "epoch is not over")],
)
def test_close_epoch__not_a_past_epoch__reverts(treasury, usdc, stranger, epoch, reason):
    end_epoch(treasury)
    with boa.reverts(reason):
        _close(treasury, epoch, usdc, stranger)


def test_close_epoch__twice__reverts(treasury, eligible, usdc, router, stranger):
    earn(treasury, usdc, router, 100)
    end_epoch(treasury)
    _close(treasury, FIRST, usdc, stranger)
    with boa.reverts("epoch is closed already"):
        _close(treasury, FIRST, usdc, stranger)


def test_close_epoch__asset_not_accepted__reverts(treasury, stranger):
    end_epoch(treasury)
    with boa.reverts("asset is not accepted"):
        _close(treasury, FIRST, deploy_asset(), stranger)


def test_close_epoch__other_asset__is_its_own_matter(
    treasury, eligible, usdc, dai, router, stranger
):
    earn(treasury, usdc, router, 100)
    earn(treasury, dai, router, 1_000)
    end_epoch(treasury)
    _close(treasury, FIRST, dai, stranger)
    assert not treasury.is_closed(FIRST, usdc.address)
    assert treasury.unclosed_income(usdc.address) == 100
    assert treasury.unclosed_income(dai.address) == 0
    assert treasury.free(GRANTS, dai.address) == 400


def test_close_epoch__no_income__reverts(treasury, eligible, usdc, stranger):
    end_epoch(treasury)
    with boa.reverts("epoch has no income"):
        _close(treasury, FIRST, usdc, stranger)


def test_close_epoch__older_one_waits__reverts(treasury, income, eligible, usdc, router, stranger):
    """Epochs without income are no part of the order."""
    for epoch, amount in ((1, 100), (2, 0), (3, 300), (4, 400)):
        if amount:
            assert earn(treasury, usdc, router, amount) == epoch
        end_epoch(treasury)
    for epoch, later in ((1, (3, 4)), (3, (4,))):
        assert treasury.first_unclosed(usdc.address) == epoch
        for other in later:
            with boa.reverts("an older epoch is not closed"):
                _close(treasury, other, usdc, stranger)
        _close(treasury, epoch, usdc, stranger)
    _close(treasury, 4, usdc, stranger)
    assert treasury.first_unclosed(usdc.address) == 0
    assert [income.pot(epoch, usdc.address) for epoch in (1, 2, 3, 4)] == [40, 0, 120, 160]
    assert treasury.unclosed_income(usdc.address) == 0
    assert earn(treasury, usdc, router, 5) == treasury.first_unclosed(usdc.address) == 5


def test_close_epoch__too_little_for_the_holders__makes_no_pot(
    treasury, income, eligible, usdc, router, stranger
):
    earn(treasury, usdc, router, 2)
    end_epoch(treasury)
    _close(treasury, FIRST, usdc, stranger)
    assert event_rows(treasury) == [("EpochClosed", FIRST, usdc.address, 0, 0, 2)]
    assert income.settled_to(usdc.address) == 0


def test_close_epoch__closed_long_after__uses_the_policy_of_its_time(
    treasury, eligible, usdc, router, owner, stranger
):
    earn(treasury, usdc, router, 100)
    with boa.env.prank(owner):
        treasury.set_policy(0, 10_000)
    pass_epochs(5)
    _close(treasury, FIRST, usdc, stranger)
    assert treasury.free(GRANTS, usdc.address) == 40


def test_close_epoch__holder_income_unset__credits_the_rest_and_waits(
    token, usdc, owner, holder, stranger
):
    treasury = deploy("Treasury", token.address, 4_000, 4_000, *CAPS, sender=owner)
    income = deploy("HolderIncome", token.address, treasury.address, sender=owner)
    accept(treasury, owner, usdc)
    router = income_source(treasury, owner)
    token.set_balance_seconds(holder, FIRST, 1_000)
    earn(treasury, usdc, router, 100)
    end_epoch(treasury)
    _close(treasury, FIRST, usdc, stranger)
    assert event_rows(treasury) == [
        ("EpochClosed", FIRST, usdc.address, 40, 40, 20),
        ("HoldersWait", FIRST, usdc.address, 40),
    ]
    assert (treasury.free(GRANTS, usdc), treasury.free(RESERVE, usdc)) == (40, 20)
    assert (treasury.waiting_income(usdc), treasury.waiting_part(FIRST, usdc)) == (40, 40)
    assert (treasury.first_waiting(usdc), treasury.accounted(usdc)) == (FIRST, 100)
    assert treasury.total_free(usdc) == 60
    with boa.reverts("holder income is not set"):
        treasury.push_holders(usdc, sender=stranger)
    treasury.set_holder_income(income, sender=owner)
    assert treasury.push_holders(usdc, sender=stranger) == 40
    assert event_rows(treasury)[0] == ("HoldersPushed", FIRST, usdc.address, 40)
    assert income.pot(FIRST, usdc.address) == 40
    assert treasury.first_waiting(usdc) == treasury.waiting_income(usdc) == 0
    with boa.reverts("nothing waits"):
        treasury.push_holders(usdc)


def test_push_from_closing__anybody_but_the_treasury__reverts(treasury, usdc, owner, stranger):
    for caller in (owner, stranger):
        with boa.reverts("caller is not the treasury"):
            treasury.push_from_closing(FIRST, usdc, 1, sender=caller)


# What an asset may do to the push of the holders' part.
REFUSALS = [
    (Fault.FEE_ON_RECEIVER, Entry.TRANSFER_FROM),
    (Fault.FEE_ON_SENDER, Entry.TRANSFER_FROM),
    (Fault.PAUSED, Entry.TRANSFER_FROM),
    (Fault.RETURNS_FALSE, Entry.APPROVE),
    (Fault.REVERTS, Entry.APPROVE),
    (Fault.BURNS_GAS, Entry.TRANSFER_FROM),
]


@pytest.mark.parametrize(("fault", "entries"), REFUSALS)
def test_close_epoch__asset_refuses_the_push__carried_money_waits_with_it(
    money, token, owner, holder, fault, entries
):
    """A roll would else make the pot of the epoch whose part waits, and shut that part out."""
    treasury, income, asset = money.treasury, money.income, deploy_odd_asset()
    accept(treasury, owner, asset)
    router = income_source(treasury, owner)
    token.set_balance_seconds(holder, 2, 1_000)
    for epoch, amount in ((1, 100), (2, 1_000)):
        earn(treasury, asset, router, amount)
        end_epoch(treasury)
        if epoch == 2:
            asset.misbehave(fault, entries)
        treasury.close_epoch(epoch, asset)
    pass_epochs(1)
    assert treasury.first_waiting(asset) == 2
    assert (income.carried(asset), income.roll(asset)) == (40, 1)
    asset.misbehave(Fault.NONE, Entry.ALL)
    treasury.push_holders(asset)
    assert income.pot(2, asset) == 440


@pytest.mark.parametrize(("fault", "entries"), REFUSALS)
def test_close_epoch__asset_refuses_the_push__locks_nothing_else(
    money, token, owner, holder, stranger, fault, entries
):
    """The holders' part used to lock the grants' and the reserve's; in order once it works."""
    treasury, income, asset = money.treasury, money.income, deploy_odd_asset()
    accept(treasury, owner, asset)
    router = income_source(treasury, owner)
    for epoch in (1, 2, 3):
        token.set_balance_seconds(holder, epoch, 1_000)
        earn(treasury, asset, router, 10**6 * epoch)
        end_epoch(treasury)
    asset.mint(treasury.address, 10**6)  # out of which a fee on top could be paid
    asset.misbehave(fault, entries)
    treasury.close_epoch(1, asset, sender=stranger)
    assert (treasury.free(GRANTS, asset), treasury.free(RESERVE, asset)) == (400_000, 200_000)
    assert treasury.unclosed_income(asset) == 5 * 10**6
    assert asset.balanceOf(treasury) == 7 * 10**6
    assert income.roll(asset) == 0
    asset.misbehave(Fault.NONE, Entry.ALL)
    # Behind one that waits, the next one waits.
    treasury.close_epoch(2, asset, sender=stranger)
    assert (treasury.first_waiting(asset), treasury.waiting_income(asset)) == (1, 1_200_000)
    treasury.spend_beyond_cap(GRANTS, asset, stranger, 1_200_000, sender=owner)
    assert [treasury.push_holders(asset) for _ in range(2)] == [400_000, 800_000]
    treasury.close_epoch(3, asset, sender=stranger)
    assert [income.pot(epoch, asset) for epoch in (1, 2, 3)] == [400_000, 800_000, 1_200_000]
    # All of the reserve's, and the grants' of the third.
    assert treasury.accounted(asset) == 2_400_000
    assert asset.allowance(treasury, income) == 0


@pytest.mark.parametrize("gas", range(150_000, 500_000, 25_000))
def test_close_epoch__little_gas__starves_the_push_only(
    money, token, usdc, router, holder, stranger, gas
):
    """Nobody gains by it: anybody pushes the part later, into the same pot."""
    treasury, income = money.treasury, money.income
    token.set_balance_seconds(holder, FIRST, 1_000)
    earn(treasury, usdc, router, 100)
    end_epoch(treasury)
    try:
        treasury.close_epoch(FIRST, usdc, sender=stranger, gas=gas)
    except boa.BoaError:
        assert treasury.unclosed_income(usdc) == 100
        treasury.close_epoch(FIRST, usdc, sender=stranger)
    assert treasury.free(GRANTS, usdc) == 40
    if treasury.first_waiting(usdc):
        treasury.push_holders(usdc)
    assert income.pot(FIRST, usdc) == 40


def test_push_holders__replaced_holder_income__goes_to_that_of_the_epoch(
    money, eligible, usdc, router, owner, stranger
):
    """Repointing used to take the pot of the running epoch."""
    treasury, old = money.treasury, money.income
    new = deploy("HolderIncome", money.token.address, treasury.address, sender=owner)
    earn(treasury, usdc, router, 100)
    warp_to(money.token.epoch_start(2) - 1)
    treasury.set_holder_income(new, sender=owner)
    for _ in range(2):
        end_epoch(treasury)
        earn(treasury, usdc, router, 100)
    end_epoch(treasury)
    for epoch in (1, 2, 3):
        _close(treasury, epoch, usdc, stranger)
    assert [old.pot(epoch, usdc) for epoch in (1, 2, 3)] == [40, 40, 0]
    assert new.pot(3, usdc) == 40


def test_push_holders__refused_for_twelve_epochs__goes_to_the_one_in_force(
    money, owner, token, holder
):
    treasury, old, asset = money.treasury, money.income, deploy_odd_asset()
    accept(treasury, owner, asset)
    router = income_source(treasury, owner)
    token.set_balance_seconds(holder, 1, 1_000)
    earn(treasury, asset, router, 100)
    end_epoch(treasury)
    asset.set_blacklisted(old.address, True)
    treasury.close_epoch(1, asset)
    new = deploy("HolderIncome", money.token.address, treasury.address, sender=owner)
    treasury.set_holder_income(new, sender=owner)
    warp_to(token.epoch_start(14) - 1)
    with boa.reverts("account is blacklisted"):
        treasury.push_holders(asset)
    warp_to(token.epoch_start(14))
    treasury.push_holders(asset)
    assert new.pot(1, asset) == 40


def test_close_epoch__no_holders_share__needs_no_holder_income(token, usdc, owner, stranger):
    treasury = deploy("Treasury", token.address, 0, 4_000, *CAPS, sender=owner)
    accept(treasury, owner, usdc)
    router = income_source(treasury, owner)
    epoch = earn(treasury, usdc, router, 100)
    end_epoch(treasury)
    _close(treasury, epoch, usdc, stranger)
    assert event_rows(treasury) == [("EpochClosed", epoch, usdc.address, 0, 40, 60)]


def test_close_epoch__nobody_eligible__is_carried(treasury, income, token, usdc, router, stranger):
    earn(treasury, usdc, router, 100)
    end_epoch(treasury)
    _close(treasury, FIRST, usdc, stranger)
    assert event_rows(treasury)[2] == ("PotCarried", FIRST, usdc.address, 40)
    assert income.carried(usdc.address) == 40


def test_close_epoch__donation__is_no_income(treasury, eligible, usdc, router, stranger):
    earn(treasury, usdc, router, 100)
    usdc.mint(treasury.address, 1_000)
    end_epoch(treasury)
    _close(treasury, FIRST, usdc, stranger)
    assert treasury.accounted(usdc.address) == 60
    assert usdc.balanceOf(treasury.address) == 1_060


def test_totals__split_the_ledger(treasury, eligible, usdc, router, payer, committer, stranger):
    deposit(treasury, usdc, payer, GRANTS, 50)
    earn(treasury, usdc, router, 100)
    with boa.env.prank(committer):
        treasury.commit_beyond_cap(GRANTS, usdc.address, 20, account("controller"))
    assert treasury.total_free(usdc.address) == 30
    assert treasury.total_committed(usdc.address) == 20
    assert treasury.unclosed_income(usdc.address) == 100
    assert treasury.accounted(usdc.address) == 150
    end_epoch(treasury)
    _close(treasury, FIRST, usdc, stranger)
    assert treasury.total_free(usdc.address) == 90

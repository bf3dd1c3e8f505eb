"""HolderIncome: several assets at once, named claimers, carried money, recycled pots, history."""

import boa
import pytest

from tests.kits.treasury import (
    GRANTS,
    earn,
    end_epoch,
    event_rows,
    pass_epochs,
    transfer_row,
)
from tests.support import ZERO_ADDRESS, account, now, warp_to

RECYCLE_SECONDS = 730 * 86_400
MAX_EPOCHS = 26


@pytest.fixture(scope="module")
def other():
    return account("other")


@pytest.fixture
def two_pots(money, token, usdc, dai, router, holder, other):
    """Epoch 1: pots of 40 USDC and 400 DAI for two holders, 3 : 1."""
    token.set_balance_seconds(holder, 1, 3)
    token.set_balance_seconds(other, 1, 1)
    earn(money.treasury, usdc, router, 100)
    earn(money.treasury, dai, router, 1_000)
    end_epoch(money.treasury)
    for asset in (usdc, dai):
        money.treasury.close_epoch(1, asset.address)
    return money.income


def _claim_usdc(income, usdc, holder) -> int:
    return income.claim(holder, usdc.address, 1, 1)


# --- claim_assets ---


def test_claim_assets__two__pays_both(two_pots, usdc, dai, holder, stranger):
    assets = [usdc.address, dai.address]
    assert two_pots.claim_assets(holder, assets, 1, 1, sender=stranger) == [30, 300]
    assert event_rows(two_pots) == [
        ("IncomeClaimed", holder, usdc.address, 1, [30]),
        transfer_row(two_pots, holder, 30),
        ("IncomeClaimed", holder, dai.address, 1, [300]),
        transfer_row(two_pots, holder, 300),
    ]
    assert two_pots.claim_assets(holder, assets, 1, 1) == [0, 0]


def test_claim_assets__same_asset_twice__pays_once(two_pots, usdc, holder):
    assert two_pots.claim_assets(holder, [usdc.address] * 8, 1, MAX_EPOCHS) == [30] + [0] * 7


def test_claim_assets__no_assets__pays_nothing(two_pots, holder):
    assert two_pots.claim_assets(holder, [], 1, 1) == []


# --- claim_to and set_claimer ---


def test_claim_to__by_the_holder__pays_the_receiver(two_pots, usdc, dai, holder, stranger):
    assets = [usdc.address, dai.address]
    assert two_pots.claim_to(holder, assets, 1, 1, stranger, sender=holder) == [30, 300]
    assert event_rows(two_pots)[:3] == [
        ("ClaimRedirected", holder, holder, stranger),
        ("IncomeClaimed", holder, usdc.address, 1, [30]),
        transfer_row(two_pots, stranger, 30),
    ]
    assert usdc.balanceOf(holder) == 0
    assert two_pots.is_claimed(holder, 1, usdc.address)


def test_set_claimer__named__may_redirect_until_replaced(two_pots, usdc, holder, payer, stranger):
    two_pots.set_claimer(payer, sender=holder)
    assert event_rows(two_pots) == [("ClaimerChanged", holder, ZERO_ADDRESS, payer)]
    assert two_pots.claimer(holder) == payer
    two_pots.set_claimer(ZERO_ADDRESS, sender=holder)
    with boa.reverts("caller may not claim"):
        two_pots.claim_to(holder, [usdc.address], 1, 1, payer, sender=payer)
    two_pots.set_claimer(payer, sender=holder)
    assert two_pots.claim_to(holder, [usdc.address], 1, 1, stranger, sender=payer) == [30]
    assert usdc.balanceOf(stranger) == 30


def test_claim_to__anybody_else__reverts(two_pots, usdc, holder, owner, stranger):
    for caller in (owner, stranger):
        with boa.reverts("caller may not claim"):
            two_pots.claim_to(holder, [usdc.address], 1, 1, caller, sender=caller)


def test_claim_to__zero_receiver__reverts(two_pots, usdc, holder):
    with boa.reverts("receiver is zero"):
        two_pots.claim_to(holder, [usdc.address], 1, 1, ZERO_ADDRESS, sender=holder)


# --- roll ---


def test_roll__nothing_carried__does_nothing(two_pots, usdc):
    assert two_pots.roll(usdc.address) == 1
    assert event_rows(two_pots) == []


def test_roll__first_epoch_with_holders__gets_the_pot(money, token, usdc, router, holder):
    """Without any further income: carried money does not depend on it."""
    income = money.income
    earn(money.treasury, usdc, router, 100)
    token.set_balance_seconds(holder, 3, 1)
    end_epoch(money.treasury)
    money.treasury.close_epoch(1, usdc.address)
    assert income.roll(usdc.address) == 1
    warp_to(token.epoch_start(4) - 1)
    assert income.roll(usdc.address) == 2
    assert event_rows(income) == [("PotCarried", 2, usdc.address, 0)]
    warp_to(token.epoch_start(4))
    assert income.roll(usdc.address) == 3
    assert event_rows(income) == [("PotFunded", 3, usdc.address, 40, 1)]
    assert income.claim(holder, usdc.address, 1, MAX_EPOCHS) == 40
    assert income.carried(usdc.address) == 0 == income.accounted(usdc.address)


def test_roll__epoch_whose_income_waits__is_not_overtaken(money, token, usdc, router, holder):
    income, treasury = money.income, money.treasury
    earn(treasury, usdc, router, 100)
    end_epoch(treasury)
    treasury.close_epoch(1, usdc.address)
    pass_epochs(1)
    token.set_balance_seconds(holder, 3, 1)
    earn(treasury, usdc, router, 1_000)
    end_epoch(treasury)
    assert income.roll(usdc.address) == 2
    treasury.close_epoch(3, usdc.address)
    assert income.pot(3, usdc.address) == 440


def test_roll__twelve_epochs_made_no_pot__goes_to_grants(money, token, usdc, router):
    income, treasury = money.income, money.treasury
    earn(treasury, usdc, router, 100)
    end_epoch(treasury)
    treasury.close_epoch(1, usdc.address)
    free = treasury.free(GRANTS, usdc.address)
    warp_to(token.epoch_start(14) - 1)
    assert income.roll(usdc.address) == 12
    assert (income.carried(usdc), income.lapsed(usdc)) == (40, 0)
    pass_epochs(1)
    assert income.roll(usdc.address) == 13
    rows = event_rows(income)
    assert rows[0] == ("PotCarried", 13, usdc.address, 0)
    assert rows[1] == ("IncomeLapsed", 1, usdc.address, 40)
    assert treasury.free(GRANTS, usdc.address) == free + 40
    assert income.accounted(usdc) == income.lapsed(usdc) == income.carried(usdc) == 0
    pass_epochs(60)
    assert income.roll(usdc.address) == 13
    assert event_rows(income) == []


# --- recycle ---


def test_recycle__after_two_years__goes_to_grants(two_pots, money, usdc, holder, other, stranger):
    _claim_usdc(two_pots, usdc, holder)
    free = money.treasury.free(GRANTS, usdc.address)
    assert two_pots.recyclable_at(1, usdc.address) == now() + RECYCLE_SECONDS
    warp_to(now() + RECYCLE_SECONDS)
    assert two_pots.recycle(1, usdc.address, sender=stranger) == 10
    assert event_rows(two_pots) == [
        ("PotRecycled", 1, usdc.address, 10),
        ("Approval", two_pots.address, money.treasury.address, 10),
        ("Deposited", two_pots.address, GRANTS, usdc.address, 10),
        transfer_row(two_pots, money.treasury, 10),
    ]
    assert money.treasury.free(GRANTS, usdc.address) == free + 10
    assert two_pots.accounted(usdc.address) == 0 == usdc.balanceOf(two_pots.address)
    assert two_pots.is_recycled(1, usdc.address)
    assert (two_pots.pot(1, usdc.address), two_pots.claimed_total(1, usdc.address)) == (40, 30)
    assert two_pots.claim(other, usdc.address, 1, 1) == 0
    assert two_pots.claimable(other, usdc.address, 1, 1) == 0


def test_recycle__a_second_too_early__reverts(two_pots, usdc):
    warp_to(now() + RECYCLE_SECONDS - 1)
    with boa.reverts("pot is too young"):
        two_pots.recycle(1, usdc.address)


def test_recycle__closed_late__counts_from_when_the_pot_was_made(
    money, token, usdc, router, holder
):
    token.set_balance_seconds(holder, 1, 1)
    earn(money.treasury, usdc, router, 100)
    pass_epochs(30)
    money.treasury.close_epoch(1, usdc.address)
    made_at = now()
    warp_to(made_at + RECYCLE_SECONDS - 1)
    with boa.reverts("pot is too young"):
        money.income.recycle(1, usdc.address)
    assert money.income.claim(holder, usdc.address, 1, 1) == 40


def test_recycle__twice__reverts(two_pots, usdc):
    warp_to(now() + RECYCLE_SECONDS)
    two_pots.recycle(1, usdc.address)
    with boa.reverts("pot is recycled already"):
        two_pots.recycle(1, usdc.address)


def test_recycle__no_pot__reverts(two_pots, usdc):
    assert two_pots.recyclable_at(2, usdc.address) == 0
    warp_to(now() + 2 * RECYCLE_SECONDS)
    with boa.reverts("pot is unknown"):
        two_pots.recycle(2, usdc.address)


def test_recycle__all_claimed__moves_nothing(two_pots, usdc, holder, other):
    _claim_usdc(two_pots, usdc, holder)
    _claim_usdc(two_pots, usdc, other)
    warp_to(now() + RECYCLE_SECONDS)
    assert two_pots.recycle(1, usdc.address) == 0
    assert event_rows(two_pots) == [("PotRecycled", 1, usdc.address, 0)]


@pytest.mark.parametrize("claims_first", [True, False])
def test_recycle__race_with_the_last_claim__one_of_them_gets_it(
    two_pots, money, usdc, holder, claims_first
):
    free = money.treasury.free(GRANTS, usdc.address)
    warp_to(now() + RECYCLE_SECONDS)
    claimed = _claim_usdc(two_pots, usdc, holder) if claims_first else 0
    recycled = two_pots.recycle(1, usdc.address)
    claimed += 0 if claims_first else _claim_usdc(two_pots, usdc, holder)
    assert (claimed, recycled) == ((30, 10) if claims_first else (0, 40))
    assert money.treasury.free(GRANTS, usdc.address) - free + usdc.balanceOf(holder) == 40
    assert two_pots.accounted(usdc.address) == 0


def test_recycle__neighbour_in_the_same_word__is_untouched(money, token, usdc, router, holder):
    """Pots of 2 and 3 share a storage slot."""
    income = money.income
    for epoch in (1, 2, 3):
        token.set_balance_seconds(holder, epoch, 1)
        earn(money.treasury, usdc, router, 100 * epoch)
        end_epoch(money.treasury)
        money.treasury.close_epoch(epoch, usdc.address)
    warp_to(income.recyclable_at(2, usdc.address))
    assert income.recycle(2, usdc.address) == 80
    assert income.claim(holder, usdc.address, 1, 3) == 40 + 120
    assert income.accounted(usdc.address) == 0


# --- history ---


def test_history__tells_each_epoch(two_pots, money, token, usdc, router, holder):
    token.set_balance_seconds(holder, 3, 5)
    pass_epochs(1)
    earn(money.treasury, usdc, router, 1_000)
    end_epoch(money.treasury)
    money.treasury.close_epoch(3, usdc.address)
    _claim_usdc(two_pots, usdc, holder)
    rows = [tuple(row) for row in two_pots.history(holder, usdc.address, 1, 4)]
    assert rows == [
        (1, 40, 4, 3, 30, True, False),
        (2, 0, 0, 0, 0, False, False),
        (3, 400, 5, 5, 400, False, False),
        (4, 0, 0, 0, 0, False, False),
    ]
    warp_to(two_pots.recyclable_at(3, usdc.address))
    two_pots.recycle(3, usdc.address)
    (last,) = two_pots.history(holder, usdc.address, 3, 1)
    assert tuple(last) == (3, 400, 5, 5, 0, False, True)

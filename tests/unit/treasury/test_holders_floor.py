"""Holders get no part of an epoch as which ended the next grants had too little free."""

from itertools import pairwise

import boa
import pytest

from tests.kits.treasury import (
    GRANTS,
    RESERVE,
    deposit,
    earn,
    end_epoch,
    event_rows,
    pass_epochs,
    running_epoch,
)
from tests.support import warp_to

FLOOR = 1_000
# 40 % for holders, 40 % for grants, 20 % for the reserve.
EARNED, PART = 1_000, 400


@pytest.fixture
def floored(treasury, usdc, token, owner, holder):
    """A floor of 1,000 from epoch 1 on, and somebody to pay."""
    for epoch in range(1, 12):
        token.set_balance_seconds(holder, epoch, 1_000)
    treasury.set_holders_floor(usdc, FLOOR, sender=owner)
    return treasury


def _close(treasury, asset, epoch):
    """What holders, grants and reserve got of it."""
    treasury.close_epoch(epoch, asset)
    (row,) = (row for row in event_rows(treasury) if row[0] == "EpochClosed")
    return row[3:]


def _take(treasury, asset, amount, owner):
    treasury.spend_beyond_cap(GRANTS, asset, owner, amount, sender=owner)


# --- the floor at a closing ---


def test_close_epoch__grants_at_the_floor__pays_holders(floored, usdc, router, payer):
    deposit(floored, usdc, payer, GRANTS, FLOOR)
    earn(floored, usdc, router, EARNED)
    assert tuple(floored.next_floor_check(usdc)) == (1, FLOOR, FLOOR)
    end_epoch(floored)
    assert _close(floored, usdc, 1) == (PART, PART, 200)
    assert floored.free(GRANTS, usdc) == FLOOR + PART


def test_close_epoch__one_unit_below_the_floor__gives_holders_part_to_grants(
    floored, income, usdc, router, payer
):
    deposit(floored, usdc, payer, GRANTS, FLOOR - 1)
    earn(floored, usdc, router, EARNED)
    end_epoch(floored)
    floored.close_epoch(1, usdc)
    assert event_rows(floored) == [
        ("HoldersSkipped", 1, usdc.address, FLOOR, FLOOR - 1, PART),
        ("EpochClosed", 1, usdc.address, 0, 2 * PART, 200),
    ]
    assert floored.free(GRANTS, usdc) == FLOOR - 1 + 2 * PART
    assert floored.free(RESERVE, usdc) == 200
    assert income.settled_to(usdc) == 0
    assert tuple(floored.next_floor_check(usdc)) == (0, 0, 0)


def test_close_epoch__own_part_of_the_epoch__does_not_count(floored, usdc, router):
    earn(floored, usdc, router, 10 * FLOOR)
    end_epoch(floored)
    assert _close(floored, usdc, 1)[0] == 0


def test_close_epoch__other_purposes_and_promises__do_not_count(
    floored, usdc, router, payer, committer, controller
):
    deposit(floored, usdc, payer, RESERVE, FLOOR)
    deposit(floored, usdc, payer, GRANTS, FLOOR)
    floored.commit(GRANTS, usdc, 1, controller, sender=committer)
    earn(floored, usdc, router, EARNED)
    end_epoch(floored)
    assert _close(floored, usdc, 1)[0] == 0


def test_close_epoch__floor_of_another_asset__does_not_matter(floored, dai, router):
    earn(floored, dai, router, EARNED)
    end_epoch(floored)
    assert _close(floored, dai, 1) == (PART, PART, 200)


def test_close_epoch__holders_without_a_share__no_word_of_the_floor(
    floored, usdc, router, owner, token
):
    floored.set_policy(0, 4_000, sender=owner)
    warp_to(token.epoch_start(3))
    earn(floored, usdc, router, EARNED)
    end_epoch(floored)
    floored.close_epoch(3, usdc)
    assert [row[0] for row in event_rows(floored)] == ["EpochClosed"]


def test_close_epoch__what_was_paid_and_what_waits__stays(
    floored, income, usdc, router, payer, owner, holder
):
    """A floor that is missed later takes nothing back."""
    deposit(floored, usdc, payer, GRANTS, FLOOR)
    earn(floored, usdc, router, EARNED)
    end_epoch(floored)
    _close(floored, usdc, 1)
    before = income.claimable(holder, usdc, 1, 1)
    _take(floored, usdc, FLOOR + PART, owner)
    earn(floored, usdc, router, EARNED)
    end_epoch(floored)
    assert _close(floored, usdc, 2)[0] == 0
    assert income.claimable(holder, usdc, 1, 1) == before == PART
    assert income.claim(holder, usdc, 1, 2) == PART


# --- which moment counts ---


def test_close_epoch__money_that_comes_after_the_end__does_not_count(floored, usdc, router, payer):
    earn(floored, usdc, router, EARNED)
    end_epoch(floored)
    deposit(floored, usdc, payer, GRANTS, 10 * FLOOR)
    assert tuple(floored.next_floor_check(usdc)) == (1, FLOOR, 0)
    assert _close(floored, usdc, 1)[0] == 0


def test_close_epoch__money_that_leaves_after_the_end__still_counts(
    floored, usdc, router, payer, owner
):
    deposit(floored, usdc, payer, GRANTS, FLOOR)
    earn(floored, usdc, router, EARNED)
    end_epoch(floored)
    _take(floored, usdc, FLOOR, owner)
    assert _close(floored, usdc, 1)[0] == PART


def test_close_epoch__last_second_and_first_second__are_two_epochs(
    floored, usdc, router, payer, owner, token
):
    earn(floored, usdc, router, EARNED)
    warp_to(token.epoch_start(2) - 1)
    deposit(floored, usdc, payer, GRANTS, FLOOR)
    earn(floored, usdc, router, EARNED)
    warp_to(token.epoch_start(2))
    _take(floored, usdc, FLOOR, owner)
    earn(floored, usdc, router, EARNED)
    end_epoch(floored)
    # Epoch 1 made its part; epoch 2 had what epoch 1 brought only.
    assert _close(floored, usdc, 1) == (2 * PART, 2 * PART, 400)
    assert _close(floored, usdc, 2) == (0, 2 * PART, 200)


def test_close_epoch__epochs_without_movement_between__keep_the_figure(
    floored, usdc, router, payer, owner
):
    deposit(floored, usdc, payer, GRANTS, FLOOR)
    pass_epochs(4)
    epoch = earn(floored, usdc, router, EARNED)
    pass_epochs(3)
    _take(floored, usdc, FLOOR, owner)
    assert _close(floored, usdc, epoch)[0] == PART


# Per epoch: what is earned, given to the grants, and taken from them by a vote, in that order.
LIFE = ((1_000, 0, 0), (1_000, 300, 0), (2_000, 0, 0), (0, 0, 500), (3_000, 1, 900), (500, 0, 0))


def _live(treasury, usdc, router, payer, owner, closes_after):
    """Sums of the parts, with each epoch closed `closes_after(epoch)` epochs after its end."""
    parts, waiting = [], []
    for earned, given, taken in (*LIFE, *((0, 0, 0),) * 6):
        epoch = running_epoch(treasury)
        if earned:
            waiting.append(epoch)
            earn(treasury, usdc, router, earned)
        if given:
            deposit(treasury, usdc, payer, GRANTS, given)
        if taken:
            _take(treasury, usdc, taken, owner)
        end_epoch(treasury)
        while waiting and waiting[0] + closes_after(waiting[0]) <= epoch:
            parts.append(_close(treasury, usdc, waiting.pop(0)))
    assert not waiting
    return parts


@pytest.fixture
def rich(treasury, usdc, payer, token, owner, holder):
    """Enough to take what LIFE takes, whatever is closed by then; half of a floor of 3,000."""
    for epoch in range(1, 12):
        token.set_balance_seconds(holder, epoch, 1_000)
    treasury.set_holders_floor(usdc, 3 * FLOOR, sender=owner)
    deposit(treasury, usdc, payer, GRANTS, 1_500)
    return treasury


SCHEDULES = {
    "at once": lambda epoch: 0,
    "one late": lambda epoch: 1 if epoch == 2 else 0,
    "all one late": lambda epoch: 1,
    "every other late": lambda epoch: epoch % 2,
    "all together": lambda epoch: 11 - epoch,
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_close_epoch__early_late_or_together__gives_equal_parts(
    rich, usdc, router, payer, owner, name
):
    """P2: who closes what when decides nothing."""
    parts = _live(rich, usdc, router, payer, owner, SCHEDULES[name])
    free, expected = 1_500, []
    for earned, given, taken in LIFE:
        free += given - taken
        if earned:
            to_holders = earned * 4 // 10 if free >= 3 * FLOOR else 0
            to_grants = earned * 4 // 5 - to_holders
            expected.append((to_holders, to_grants, earned - to_holders - to_grants))
            free += to_grants
    assert parts == expected
    assert [part[0] > 0 for part in parts] == [False, False, True, False, True]
    assert rich.free(GRANTS, usdc) == free


# --- notice ---


def test_set_holders_floor__first_of_an_asset_without_income__holds_from_the_first_epoch(
    treasury, usdc, owner
):
    pass_epochs(3)
    assert treasury.set_holders_floor(usdc, 7, sender=owner) == 1
    assert event_rows(treasury) == [("HoldersFloorChanged", usdc.address, 1, 0, 7)]
    assert [treasury.holders_floor_at(epoch, usdc) for epoch in (0, 1, 4, 2**64)] == [0, 7, 7, 7]


def test_set_holders_floor__first_of_an_asset_that_earned__has_notice(
    treasury, usdc, router, owner
):
    earn(treasury, usdc, router, 1)
    assert treasury.set_holders_floor(usdc, 7, sender=owner) == 3
    assert [treasury.holders_floor_at(epoch, usdc) for epoch in (1, 2, 3)] == [0, 0, 7]


def test_set_holders_floor__last_and_first_second_of_an_epoch__one_full_epoch_of_notice(
    floored, usdc, owner, token
):
    warp_to(token.epoch_start(6) - 1)
    assert floored.set_holders_floor(usdc, 1, sender=owner) == 7
    warp_to(token.epoch_start(6))
    assert floored.set_holders_floor(usdc, 2, sender=owner) == 8
    assert event_rows(floored) == [("HoldersFloorChanged", usdc.address, 8, 1, 2)]
    found = [floored.holders_floor_at(epoch, usdc) for epoch in (6, 7, 8, 9)]
    assert found == [FLOOR, 1, 2, 2]


def test_set_holders_floor__twice_in_one_epoch__last_one_counts(floored, usdc, owner):
    for floor in (5, 6):
        assert floored.set_holders_floor(usdc, floor, sender=owner) == 3
    pass_epochs(1)
    floored.set_holders_floor(usdc, 9, sender=owner)
    assert [floored.holders_floor_at(epoch, usdc) for epoch in (2, 3, 4)] == [FLOOR, 6, 9]


def test_close_epoch__long_after__uses_the_floor_of_its_time(floored, usdc, router, payer, owner):
    deposit(floored, usdc, payer, GRANTS, FLOOR)
    earn(floored, usdc, router, EARNED)
    floored.set_holders_floor(usdc, 10 * FLOOR, sender=owner)
    pass_epochs(2)
    assert earn(floored, usdc, router, EARNED) == 3
    pass_epochs(3)
    floored.set_holders_floor(usdc, 0, sender=owner)
    assert _close(floored, usdc, 1)[0] == PART
    assert _close(floored, usdc, 3)[0] == 0


def test_holders_floor_at__long_history__finds_the_one_in_force(floored, usdc, owner):
    expected = {1: FLOOR}
    for step in range(13):
        expected[floored.set_holders_floor(usdc, step * 10, sender=owner)] = step * 10
        pass_epochs(1 + step % 3)
    assert all(later > earlier for earlier, later in pairwise(expected))
    in_force = 0
    for epoch in range(max(expected) + 3):
        in_force = expected.get(epoch, in_force)
        assert floored.holders_floor_at(epoch, usdc) == in_force


@pytest.mark.parametrize("floor", [0, 2**192 - 1])
def test_set_holders_floor__at_the_bounds__is_kept(treasury, usdc, owner, floor):
    treasury.set_holders_floor(usdc, floor, sender=owner)
    assert treasury.holders_floor_at(1, usdc) == floor


def test_set_holders_floor__too_high__reverts(treasury, usdc, owner):
    with boa.reverts("floor is too high"):
        treasury.set_holders_floor(usdc, 2**192, sender=owner)


def test_set_holders_floor__asset_not_accepted__reverts(treasury, owner, stranger):
    with boa.reverts("asset is not accepted"):
        treasury.set_holders_floor(stranger, 1, sender=owner)


@pytest.mark.parametrize("role", ["stranger", "committer", "controller", "router"])
def test_set_holders_floor__not_the_owner__reverts(treasury, usdc, role, role_accounts):
    with boa.reverts("caller is not the owner"):
        treasury.set_holders_floor(usdc, 1, sender=role_accounts[role])


@pytest.mark.parametrize("amount", [2**255, 2**256 - 1])
def test_close_epoch__as_much_as_a_ledger_can_hold__is_closed(floored, usdc, router, payer, amount):
    """No amount of a hostile asset stops a closing, nor a payment."""
    earn(floored, usdc, router, 1)
    deposit(floored, usdc, payer, GRANTS, amount - 1)
    end_epoch(floored)
    assert _close(floored, usdc, 1)[0] == 0  # 40 % of one unit
    assert floored.free(GRANTS, usdc) == amount - 1

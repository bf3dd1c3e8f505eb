"""ComputeEscrow: how leases are stopped and closed, by whom, and what that frees."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    COMPUTE_BUDGET,
    DRAW_SECONDS,
    GPUS,
    GRACE_SECONDS,
    HOUR,
    LEASE_SECONDS,
    PRICE,
    UNLOCKED,
    logged,
)
from tests.support import DAY

RESERVED = PRICE * GPUS * LEASE_SECONDS // HOUR
RATE = PRICE * GPUS * 24


def due(gpu_seconds: int) -> int:
    """The most that vouchers for it come to, rounded up."""
    return -(-PRICE * gpu_seconds // HOUR)


# --- give_notice ---


@pytest.mark.parametrize("role", ["provider", "builder"])
def test_give_notice__by_either_side__frees_what_is_not_due_at_once(
    world, grant_id, order_id, role
):
    support.pass_time(1_001)
    at = support.now()
    account = getattr(world, role)
    world.escrow.give_notice(order_id, sender=account)
    released = RESERVED - due(GPUS * 1_001)
    assert logged(world.escrow) == [
        (
            "OrderStopped",
            {"order_id": order_id, "account": account, "ends_at": at, "released": released},
        )
    ]
    found = world.escrow.order_of(order_id)
    assert (found.ends_at, found.reserved, found.is_stopped, found.is_closed) == (
        *(at, due(GPUS * 1_001), True, False),
    )
    assert world.escrow.lease_ends_at(order_id) == at
    budget = world.escrow.budget(grant_id)
    assert (budget.ordered, budget.rate_per_day) == (due(GPUS * 1_001), 0)
    assert world.escrow.available(grant_id) == UNLOCKED[0] - due(GPUS * 1_001)


def test_give_notice__time_before_it__can_be_drawn_for_seven_days(world, order_id):
    support.pass_time(HOUR)
    world.escrow.give_notice(order_id, sender=world.builder)
    support.pass_time(DRAW_SECONDS - 1)
    with boa.reverts("voucher is ahead of the lease"):
        world.draw_voucher(order_id, GPUS * HOUR + 1)
    with boa.env.anchor():
        assert world.draw_voucher(order_id, GPUS * HOUR) == PRICE * GPUS
    support.pass_time(1)
    with boa.reverts("order is over"):
        world.draw_voucher(order_id, GPUS * HOUR)


def test_give_notice__before_the_start__nothing_is_due(world, grant_id, offer_id):
    starts_at = support.now() + DAY
    order_id = world.order(grant_id, offer_id, starts_at=starts_at)
    support.pass_time(HOUR)
    world.escrow.give_notice(order_id, sender=world.builder)
    fields = logged(world.escrow)[0][1]
    assert (fields["ends_at"], fields["released"]) == (starts_at, RESERVED)
    assert world.escrow.budget(grant_id).ordered == 0
    support.pass_time(2 * DAY)
    with boa.reverts("voucher is ahead of the lease"):
        world.draw_voucher(order_id, 1)


def test_give_notice__in_the_first_second__nothing_is_due(world, grant_id, order_id):
    world.escrow.give_notice(order_id, sender=world.provider)
    assert world.escrow.order_of(order_id).reserved == 0
    assert world.escrow.available(grant_id) == UNLOCKED[0]


def test_give_notice__replacement_in_the_same_block__finds_its_budget(world, grant_id, offer_id):
    order_id = world.order(grant_id, offer_id)
    other = world.offer()
    with boa.reverts("budget is too small"):
        world.order(grant_id, other)
    world.escrow.give_notice(order_id, sender=world.builder)
    world.order(grant_id, other)
    assert world.escrow.budget(grant_id).ordered == RESERVED


@pytest.mark.parametrize("role", ["owner", "guardian", "stranger"])
def test_give_notice__anyone__once_the_lease_has_ended(world, grant_id, order_id, role):
    account = getattr(world, role)
    world.accept(grant_id)
    ends_at = world.escrow.order_of(order_id).ends_at
    support.warp_to(ends_at - 1)
    with boa.reverts("caller may not give notice"):
        world.escrow.give_notice(order_id, sender=account)
    support.pass_time(1)
    world.escrow.give_notice(order_id, sender=account)
    fields = logged(world.escrow)[0][1]
    # Nothing but the rate is free: all of it may still be drawn.
    assert (fields["ends_at"], fields["released"]) == (ends_at, 0)
    assert world.escrow.budget(grant_id).rate_per_day == 0
    assert world.draw_voucher(order_id, GPUS * LEASE_SECONDS) == RESERVED


@pytest.mark.parametrize("late", [0, 5 * DAY])
def test_give_notice__anyone__once_the_grant_is_over(world, grant_id, order_id, late):
    support.pass_time(HOUR)
    with boa.reverts("caller may not give notice"):
        world.escrow.give_notice(order_id, sender=world.stranger)
    world.terminate(grant_id)
    ended_at = support.now()
    support.pass_time(late)
    world.escrow.give_notice(order_id, sender=world.stranger)
    fields = logged(world.escrow)[0][1]
    assert (fields["ends_at"], fields["released"]) == (ended_at, RESERVED - due(GPUS * HOUR))


def test_give_notice__overdue_grant__not_by_anyone(world, grant_id, offer_id):
    """A vote may still move the date: until then the lease rests."""
    support.warp_to(world.due_at(grant_id) - HOUR)
    order_id = world.order(grant_id, offer_id)
    support.pass_time(2 * HOUR)
    with boa.reverts("caller may not give notice"):
        world.escrow.give_notice(order_id, sender=world.stranger)
    world.escrow.give_notice(order_id, sender=world.provider)
    # What it would earn if the date were moved stays reserved.
    assert world.escrow.order_of(order_id).reserved == due(GPUS * 2 * HOUR)
    with boa.reverts("voucher is ahead of the lease"):
        world.draw_voucher(order_id, GPUS * HOUR + 1)
    world.grants.move_due(grant_id, 1, support.now() + DAY, sender=world.owner)
    world.draw_voucher(order_id, GPUS * 2 * HOUR)


def test_give_notice__drawn_under_review_then_withdrawn_and_ended__keeps_what_was_paid(
    world, grant_id, offer_id
):
    """The end until which a lease earns never moves back: paid is paid."""
    due_at = world.due_at(grant_id)
    support.warp_to(due_at - HOUR)
    order_id = world.order(grant_id, offer_id)
    world.submit(grant_id)
    support.pass_time(3 * HOUR)
    paid = world.draw_voucher(order_id, GPUS * 3 * HOUR)
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    assert world.escrow.lease_ends_at(order_id) == support.now() > due_at
    support.pass_time(GRACE_SECONDS)
    world.grants.expire(grant_id)
    world.escrow.give_notice(order_id, sender=world.stranger)
    assert logged(world.escrow)[0][1]["ends_at"] == support.now() - GRACE_SECONDS
    world.escrow.close_order(order_id, sender=world.provider)
    found = world.escrow.order_of(order_id)
    assert found.reserved == found.paid == paid
    assert world.escrow.return_budget(grant_id) == COMPUTE_BUDGET - paid


def test_give_notice__new_recipient__instead_of_the_old_one(world, grant_id, order_id):
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    with boa.reverts("caller may not give notice"):
        world.escrow.give_notice(order_id, sender=world.builder)
    world.escrow.give_notice(order_id, sender=world.stranger)


def test_give_notice__twice_or_unknown__reverts(world, order_id):
    world.escrow.give_notice(order_id, sender=world.provider)
    with boa.reverts("order is stopped"):
        world.escrow.give_notice(order_id, sender=world.provider)
    for unknown in (0, order_id + 1):
        with boa.reverts("order is not open"):
            world.escrow.give_notice(unknown, sender=world.provider)
    world.escrow.close_order(order_id, sender=world.provider)
    with boa.reverts("order is not open"):
        world.escrow.give_notice(order_id, sender=world.provider)


@pytest.mark.parametrize("end", ["terminate", "expire"])
def test_give_notice__grant_ended_when_overdue__frees_all_after_its_date(
    world, grant_id, offer_id, end
):
    """An end revives no lease: what is due was due at the date."""
    due_at = world.due_at(grant_id)
    support.warp_to(due_at - HOUR)
    order_id = world.order(grant_id, offer_id)
    support.warp_to(due_at + GRACE_SECONDS)
    if end == "terminate":
        world.terminate(grant_id)
    else:
        world.grants.expire(grant_id)
    world.escrow.give_notice(order_id, sender=world.stranger)
    fields = logged(world.escrow)[0][1]
    assert (fields["ends_at"], fields["released"]) == (due_at, RESERVED - due(GPUS * HOUR))
    with boa.reverts("order is over"):
        world.draw_voucher(order_id, GPUS * HOUR)


# --- close_order ---


def test_close_order__by_its_provider__at_any_time_after_a_notice(world, grant_id, order_id):
    support.pass_time(HOUR)
    paid = world.draw_voucher(order_id, HOUR)
    with boa.reverts("order is not stopped"):
        world.escrow.close_order(order_id, sender=world.provider)
    world.escrow.give_notice(order_id, sender=world.provider)
    world.escrow.close_order(order_id, sender=world.provider)
    released = due(GPUS * HOUR) - paid
    assert logged(world.escrow) == [
        ("OrderClosed", {"order_id": order_id, "released": released}),
    ]
    found = world.escrow.order_of(order_id)
    assert (found.is_closed, found.reserved, found.paid) == (True, paid, paid)
    budget = world.escrow.budget(grant_id)
    assert (budget.ordered, budget.rate_per_day) == (paid, 0)
    assert world.escrow.available(grant_id) == UNLOCKED[0] - paid
    with boa.reverts("order is not open"):
        world.escrow.close_order(order_id, sender=world.provider)
    with boa.reverts("order is not open"):
        world.draw_voucher(order_id, GPUS * HOUR)


@pytest.mark.parametrize("role", ["owner", "guardian", "builder", "stranger"])
def test_close_order__by_anyone__seven_days_after_its_end(world, order_id, role):
    account = getattr(world, role)
    support.pass_time(HOUR)
    world.escrow.give_notice(order_id, sender=world.provider)
    support.pass_time(DRAW_SECONDS - 1)
    with boa.reverts("order may still be drawn"):
        world.escrow.close_order(order_id, sender=account)
    with boa.env.anchor():
        world.draw_voucher(order_id, GPUS * HOUR)
    support.pass_time(1)
    world.escrow.close_order(order_id, sender=account)


def test_close_order__ended_but_not_stopped__reverts(world, order_id):
    support.pass_time(LEASE_SECONDS + 2 * DRAW_SECONDS)
    with boa.reverts("order is not stopped"):
        world.escrow.close_order(order_id, sender=world.stranger)
    world.escrow.give_notice(order_id, sender=world.stranger)
    world.escrow.close_order(order_id, sender=world.stranger)


def test_close_order__unknown__reverts(world, order_id):
    for unknown in (0, order_id + 1):
        with boa.reverts("order is not open"):
            world.escrow.close_order(unknown)

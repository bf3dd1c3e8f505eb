"""ComputeEscrow: leases, what they reserve, and the caps that they keep to."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    COMPUTE_BUDGET,
    GPUS,
    HOUR,
    LEASE_SECONDS,
    MAX_PER_DAY,
    PRICE,
    REVIEW_SECONDS,
    UNLOCKED,
    USDC,
    logged,
)
from tests.support import DAY

RESERVED = -(-PRICE * GPUS * LEASE_SECONDS // HOUR)
RATE = PRICE * GPUS * 24
MAX_LEASE_SECONDS = 366 * DAY


def order(world, grant_id, offer_id, **changes) -> int:
    """A lease with all its arguments; any of them, and `sender`, by keyword."""
    sender = changes.pop("sender", world.builder)
    fields = {
        "gpus": 1,
        "starts_at": support.now(),
        "ends_at": support.now() + HOUR,
        "max_price": PRICE,
    }
    assert changes.keys() <= fields.keys()
    args = {**fields, **changes}.values()
    return world.escrow.order(grant_id, offer_id, *args, sender=sender)


# --- what an order is ---


def test_order__within_the_budget__reserved_and_logged(world, grant_id, offer_id):
    starts_at = support.now() + DAY
    order_id = world.order(grant_id, offer_id, starts_at=starts_at)
    assert logged(world.escrow) == [
        (
            "OrderOpened",
            {
                "order_id": order_id,
                "grant_id": grant_id,
                "provider": world.provider,
                "offer_id": offer_id,
                "gpus": GPUS,
                "starts_at": starts_at,
                "ends_at": starts_at + LEASE_SECONDS,
                "reserved": RESERVED,
            },
        )
    ]
    assert order_id == world.escrow.order_count() == 1
    assert world.escrow.order_of(order_id)._asdict() == {
        "grant_id": grant_id,
        "offer_id": offer_id,
        "provider": world.provider,
        "gpus": GPUS,
        "price_per_gpu_hour": PRICE,
        "starts_at": starts_at,
        "ends_at": starts_at + LEASE_SECONDS,
        "gpu_seconds": 0,
        "paid": 0,
        "reserved": RESERVED,
        "is_stopped": False,
        "is_closed": False,
    }
    budget = world.escrow.budget(grant_id)
    assert (budget.ordered, budget.rate_per_day) == (RESERVED, RATE)
    assert world.escrow.available(grant_id) == UNLOCKED[0] - RESERVED
    # Money moves when it was earned.
    assert world.treasury.commitment(budget.commitment_id).remaining == COMPUTE_BUDGET


def test_order__unknown__is_empty(world, order_id):
    for unknown in (0, order_id + 1):
        found = world.escrow.order_of(unknown)
        assert (found.grant_id, found.gpus, found.reserved, found.ends_at) == (0, 0, 0, 0)
        assert world.escrow.lease_ends_at(unknown) == 0


@pytest.mark.parametrize(
    ("price", "gpus", "seconds", "reserved"),
    [(1, 1, 1, 1), (1, 1, 3_600, 1), (1, 1, 3_601, 2), (3_599, 1, 1, 1), (3_601, 1, 1, 2)],
)
def test_order__reserve__is_rounded_up(world, grant_id, price, gpus, seconds, reserved):
    offer_id = world.offer(price=price)
    order_id = order(world, grant_id, offer_id, gpus=gpus, ends_at=support.now() + seconds)
    assert world.escrow.order_of(order_id).reserved == reserved


# --- who and when ---


@pytest.mark.parametrize("role", ["owner", "guardian", "provider", "stranger"])
def test_order__not_the_recipient__reverts(world, grant_id, offer_id, role):
    with boa.reverts("caller is not the recipient"):
        order(world, grant_id, offer_id, sender=getattr(world, role))


def test_order__application_or_unknown__reverts(world, application, offer_id):
    for not_approved in (application, 0, 99):
        with boa.reverts("caller is not the recipient"):
            order(world, not_approved, offer_id)


def test_order__new_recipient__orders_instead_of_the_old_one(world, grant_id, offer_id):
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    with boa.reverts("caller is not the recipient"):
        order(world, grant_id, offer_id)
    order(world, grant_id, offer_id, sender=world.stranger)


def test_order__milestone_overdue__reverts(world, grant_id, offer_id):
    support.warp_to(world.due_at(grant_id) - 1)
    with boa.env.anchor():
        order(world, grant_id, offer_id)
    support.pass_time(1)
    with boa.reverts("grant may not order"):
        order(world, grant_id, offer_id)
    world.grants.move_due(grant_id, 1, support.now() + 1, sender=world.owner)
    order(world, grant_id, offer_id)


def test_order__under_review__whatever_the_date(world, grant_id, offer_id):
    support.warp_to(world.due_at(grant_id) - 1)
    world.submit(grant_id)
    world.object(grant_id)
    support.pass_time(REVIEW_SECONDS)
    order(world, grant_id, offer_id)


@pytest.mark.parametrize("end", ["terminate", "finish"])
def test_order__grant_is_over__reverts(world, grant_id, offer_id, end):
    getattr(world, end)(grant_id)
    with boa.reverts("grant may not order"):
        order(world, grant_id, offer_id)
    assert world.escrow.available(grant_id) == 0


def test_order__last_accepted_but_not_drawn__reverts(world, at_last, offer_id):
    world.submit_model(at_last)
    support.pass_time(REVIEW_SECONDS - 1)
    with boa.env.anchor():
        order(world, at_last, offer_id)
    support.pass_time(1)
    with boa.reverts("grant may not order"):
        order(world, at_last, offer_id)


def test_order__bond_missing__nothing_is_unlocked(world, application, offer_id):
    world.approve(application)
    with boa.reverts("budget is too small"):
        order(world, application, offer_id)


def test_order__start__now_or_later(world, grant_id, offer_id):
    with boa.reverts("start has passed"):
        order(world, grant_id, offer_id, starts_at=support.now() - 1)
    order(world, grant_id, offer_id, starts_at=support.now())


def test_order__lease__of_a_second_to_a_year(world, grant_id):
    offer_id = world.offer(price=1)
    at = support.now()
    for ends_at in (at - 1, at):
        with boa.reverts("lease is empty"):
            order(world, grant_id, offer_id, ends_at=ends_at)
    order(world, grant_id, offer_id, ends_at=at + 1)
    order(world, grant_id, offer_id, ends_at=at + MAX_LEASE_SECONDS)
    with boa.reverts("lease is too long"):
        order(world, grant_id, offer_id, ends_at=at + MAX_LEASE_SECONDS + 1)


# --- what is offered ---


@pytest.mark.parametrize("gpus", [1, 4 * GPUS])
def test_order__as_many_gpus_as_are_offered__works(world, grant_id, offer_id, gpus):
    order(world, grant_id, offer_id, gpus=gpus)


def test_order__no_or_too_many_gpus__reverts(world, grant_id, offer_id):
    with boa.reverts("no GPUs"):
        order(world, grant_id, offer_id, gpus=0)
    with boa.reverts("too many GPUs"):
        order(world, grant_id, offer_id, gpus=4 * GPUS + 1)


def test_order__max_price__from_both_sides(world, grant_id, offer_id):
    with boa.reverts("price is too high"):
        order(world, grant_id, offer_id, max_price=PRICE - 1)
    order(world, grant_id, offer_id, max_price=PRICE)


def test_order__unknown_or_withdrawn_offer__reverts(world, grant_id, offer_id):
    world.escrow.withdraw_offer(offer_id, sender=world.provider)
    for bad in (0, offer_id, 99):
        with boa.reverts("offer is not active"):
            order(world, grant_id, bad)


def test_order__offer_in_another_asset__reverts(world, grant_id):
    other = support.deploy_asset("EURC")
    world.treasury.accept_asset(other, sender=world.owner)
    offer_id = world.offer(asset=other.address)
    with boa.reverts("offer is in another asset"):
        order(world, grant_id, offer_id)


def test_order__grant_without_budget__reverts(world, offer_id):
    amounts = [(30, step * 30 * DAY, *(0, 0, 0, False, 0, 0, b"\3" * 32)) for step in (1, 2, 3)]
    grant_id = world.active(kind=2, split=[], milestones=amounts, bond=9)
    with boa.reverts("offer is in another asset"):
        order(world, grant_id, offer_id)


# --- caps of the terms ---


@pytest.mark.parametrize("cap", [PRICE - 1, PRICE])
def test_order__price_cap_of_the_grant__from_both_sides(world, offer_id, cap):
    grant_id = world.active(max_price_per_gpu_hour=cap)
    if cap < PRICE:
        with boa.reverts("price is above the grant's"):
            order(world, grant_id, offer_id)
    else:
        order(world, grant_id, offer_id)


@pytest.mark.parametrize("cap", [RATE - 1, RATE])
def test_order__rate_cap_of_the_grant__from_both_sides(world, offer_id, cap):
    grant_id = world.active(max_compute_per_day=cap)
    if cap < RATE:
        with boa.reverts("rate is above the grant's"):
            order(world, grant_id, offer_id, gpus=GPUS)
    else:
        order(world, grant_id, offer_id, gpus=GPUS)


def test_order__rate_of_all_running_orders__counts(world, grant_id, offer_id):
    # MAX_PER_DAY is a little more than 41 GPUs of this price.
    most = MAX_PER_DAY // (PRICE * 24)
    order(world, grant_id, offer_id, gpus=32)
    with boa.reverts("rate is above the grant's"):
        order(world, grant_id, offer_id, gpus=most - 31)
    second = order(world, grant_id, offer_id, gpus=most - 32)
    assert world.escrow.budget(grant_id).rate_per_day == most * PRICE * 24
    with boa.reverts("rate is above the grant's"):
        order(world, grant_id, offer_id)
    # A notice frees the rate in the same block.
    world.escrow.give_notice(second, sender=world.provider)
    order(world, grant_id, offer_id, gpus=most - 32)


def test_order__lease_that_ended__counts_until_somebody_lets_it_go(world, grant_id, offer_id):
    order_id = order(world, grant_id, offer_id, gpus=32)
    support.pass_time(HOUR)
    with boa.reverts("rate is above the grant's"):
        order(world, grant_id, offer_id, gpus=32)
    world.escrow.give_notice(order_id, sender=world.stranger)
    order(world, grant_id, offer_id, gpus=32)


def test_order__all_that_is_unlocked__and_not_a_unit_more(world, grant_id):
    # One unit a second.
    offer_id = world.offer(price=3_600 * 30, gpus=2**20)
    seconds = 100 * DAY
    rest = UNLOCKED[0] - 30 * seconds * 76
    order(world, grant_id, offer_id, gpus=76, ends_at=support.now() + seconds)
    assert world.escrow.available(grant_id) == rest
    with boa.reverts("budget is too small"):
        order(world, grant_id, offer_id, ends_at=support.now() + rest // 30 + 1)
    order(world, grant_id, offer_id, ends_at=support.now() + rest // 30)
    assert world.escrow.available(grant_id) == rest % 30 == UNLOCKED[0] % 30


def test_order__next_milestone_in_turn__unlocks_more(world, grant_id, offer_id):
    """RESERVED is about 11,520 USDC: one order fits into what the first unlocks, not two."""
    assert RESERVED < UNLOCKED[0] < 2 * RESERVED
    world.order(grant_id, offer_id)
    with boa.reverts("budget is too small"):
        world.order(grant_id, offer_id)
    world.submit(grant_id)
    support.pass_time(REVIEW_SECONDS - 1)
    with boa.reverts("budget is too small"):
        world.order(grant_id, offer_id)
    support.pass_time(1)
    world.order(grant_id, offer_id)
    assert world.escrow.available(grant_id) == sum(UNLOCKED[:2]) - 2 * RESERVED


def test_order__after_a_rejection__what_is_unlocked_stays(world, grant_id, offer_id):
    world.submit(grant_id)
    world.decide(grant_id, 0)
    world.order(grant_id, offer_id)
    assert world.escrow.available(grant_id) == UNLOCKED[0] - RESERVED


# --- pause ---


def test_pause__stops_offers_and_orders_only(world, grant_id, offer_id, order_id):
    world.escrow.pause(sender=world.guardian)
    with boa.reverts("paused"):
        world.offer()
    with boa.reverts("paused"):
        world.order(grant_id, offer_id)
    support.pass_time(HOUR)
    assert world.draw_voucher(order_id, HOUR) == PRICE
    world.escrow.withdraw_offer(offer_id, sender=world.provider)
    world.escrow.give_notice(order_id, sender=world.provider)
    world.escrow.close_order(order_id, sender=world.provider)
    world.terminate(grant_id)
    world.escrow.return_budget(grant_id)
    world.active()
    world.escrow.unpause(sender=world.owner)
    world.offer()


def test_prices_of_this_file__are__what_the_names_say():
    assert (PRICE, MAX_PER_DAY) == (1_999_999, 2_000 * USDC)

"""ComputeEscrow: what leases emit, as ordered at first and as drawn in the end."""

import pytest

from tests import support
from tests.kits.grants import DRAW_SECONDS, GPUS, HOUR, LEASE_SECONDS, event_names
from tests.support import DAY


def grams(gpu_seconds, watts=700, pue_bps=12_000, grams_per_kwh=400) -> int:
    joules = gpu_seconds * watts * pue_bps // 10_000
    return joules * grams_per_kwh // 3_600_000


def emitted(world, grant_id) -> int:
    """By both views."""
    budget = world.escrow.budget(grant_id)
    assert world.escrow.carbon_grams(grant_id) == budget.carbon_grams
    return budget.carbon_grams


def test_carbon_grams__ordered__counts_the_whole_lease_at_once(world, grant_id, offer_id):
    assert emitted(world, grant_id) == 0
    starts_at = support.now() + DAY
    world.order(grant_id, offer_id, starts_at=starts_at)
    assert emitted(world, grant_id) == grams(GPUS * LEASE_SECONDS) > 0
    support.pass_time(LEASE_SECONDS)
    assert emitted(world, grant_id) == grams(GPUS * LEASE_SECONDS)


def test_carbon_grams__drawn__moves_nothing(world, grant_id, order_id):
    support.pass_time(DAY)
    for seconds in (1, 3_600, GPUS * HOUR, GPUS * DAY):
        world.draw_voucher(order_id, seconds)
        assert emitted(world, grant_id) == grams(GPUS * LEASE_SECONDS)


@pytest.mark.parametrize("seconds", [0, 1, 1_001, LEASE_SECONDS - 1])
def test_carbon_grams__notice__takes_off_what_is_not_due(world, grant_id, order_id, seconds):
    support.pass_time(seconds)
    world.escrow.give_notice(order_id, sender=world.provider)
    assert emitted(world, grant_id) == grams(GPUS * seconds)


def test_carbon_grams__notice_after_the_lease__takes_nothing_off(world, grant_id, order_id):
    world.accept(grant_id)
    support.pass_time(LEASE_SECONDS)
    world.escrow.give_notice(order_id, sender=world.stranger)
    assert emitted(world, grant_id) == grams(GPUS * LEASE_SECONDS)


def test_carbon_grams__notice_before_the_start__takes_all_off(world, grant_id, offer_id):
    order_id = world.order(grant_id, offer_id, starts_at=support.now() + DAY)
    world.escrow.give_notice(order_id, sender=world.builder)
    assert emitted(world, grant_id) == 0


@pytest.mark.parametrize("drawn", [0, 1, 5_000, GPUS * HOUR - 1, GPUS * HOUR])
def test_carbon_grams__closing__takes_off_what_was_not_drawn(world, grant_id, order_id, drawn):
    support.pass_time(HOUR)
    if drawn:
        world.draw_voucher(order_id, drawn)
    world.escrow.give_notice(order_id, sender=world.provider)
    assert emitted(world, grant_id) == grams(GPUS * HOUR)
    world.escrow.close_order(order_id, sender=world.provider)
    assert emitted(world, grant_id) == grams(drawn)


def test_carbon_grams__drawn_after_the_notice__stays_at_the_closing(world, grant_id, order_id):
    support.pass_time(HOUR)
    world.escrow.give_notice(order_id, sender=world.builder)
    support.pass_time(DRAW_SECONDS - 1)
    world.draw_voucher(order_id, 7_777)
    support.pass_time(1)
    world.escrow.close_order(order_id, sender=world.stranger)
    assert emitted(world, grant_id) == grams(7_777)


def test_carbon_grams__two_orders__each_rounded_down(world, grant_id):
    first = world.order(grant_id, world.offer(), gpus=1)
    other = {"watts": 333, "pue_bps": 10_001, "grams_per_kwh": 77}
    second = world.order(grant_id, world.offer(**other), gpus=1)
    whole = grams(LEASE_SECONDS) + grams(LEASE_SECONDS, **other)
    assert emitted(world, grant_id) == whole
    support.pass_time(100_000)
    world.escrow.give_notice(second, sender=world.provider)
    assert emitted(world, grant_id) == grams(LEASE_SECONDS) + grams(100_000, **other)
    for seconds in (77_777, 99_999):
        world.draw_voucher(first, seconds)
        world.draw_voucher(second, seconds)
    world.escrow.close_order(second, sender=world.provider)
    world.escrow.give_notice(first, sender=world.provider)
    world.escrow.close_order(first, sender=world.provider)
    assert emitted(world, grant_id) == grams(99_999) + grams(99_999, **other)


def test_carbon_grams__two_grants__each_has_its_own(world, grant_id, offer_id):
    other = world.active()
    world.order(grant_id, offer_id, gpus=1)
    world.order(other, offer_id, gpus=2, seconds=DAY)
    assert emitted(world, grant_id) == grams(LEASE_SECONDS)
    assert emitted(world, other) == grams(2 * DAY)


def test_carbon_grams__ended_grant__counts_what_may_still_be_drawn(world, grant_id, order_id):
    support.pass_time(DAY)
    world.terminate(grant_id)
    support.pass_time(DAY)
    world.escrow.give_notice(order_id, sender=world.stranger)
    assert emitted(world, grant_id) == grams(GPUS * DAY)


@pytest.mark.parametrize("change", [{"watts": 0}, {"grams_per_kwh": 0}])
def test_carbon_grams__of_a_grid_or_machine_without_any__stays_zero(world, grant_id, change):
    order_id = world.order(grant_id, world.offer(**change))
    support.pass_time(DAY)
    world.draw_voucher(order_id, GPUS * DAY)
    assert event_names(world.escrow) == ["VoucherDrawn", "CommitmentPaid", "Transfer"]
    world.escrow.give_notice(order_id, sender=world.provider)
    world.escrow.close_order(order_id, sender=world.provider)
    assert emitted(world, grant_id) == 0

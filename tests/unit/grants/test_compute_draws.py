"""ComputeEscrow: what a cumulative voucher pays, until when and to whom."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    COMPUTE_BUDGET,
    DRAW_SECONDS,
    GPUS,
    GRACE_SECONDS,
    GRANTS_PURPOSE,
    HOUR,
    LEASE_SECONDS,
    PRICE,
    REVIEW_SECONDS,
    TREASURY_FUNDS,
    logged,
    sign_voucher,
)
from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import DAY

WHOLE_LEASE = GPUS * LEASE_SECONDS
AHEAD = "voucher is ahead of the lease"


# --- what is paid ---


def test_draw__first_voucher__paid_to_the_provider_by_anyone(world, grant_id, order_id):
    support.pass_time(HOUR)
    signature = sign_voucher(world.escrow, order_id, 5_000)
    amount = PRICE * 5_000 // HOUR
    assert world.escrow.draw(order_id, 5_000, signature, sender=world.stranger) == amount
    assert logged(world.escrow) == [
        (
            "VoucherDrawn",
            {
                "order_id": order_id,
                "provider": world.provider,
                "gpu_seconds": 5_000,
                "amount": amount,
            },
        ),
        (
            "CommitmentPaid",
            {
                "commitment_id": 2,
                "receiver": world.provider,
                "asset": world.asset.address,
                "amount": amount,
            },
        ),
        (
            "Transfer",
            {"sender": world.treasury.address, "receiver": world.provider, "value": amount},
        ),
    ]
    assert world.asset.balanceOf(world.provider) == amount
    found = world.escrow.order_of(order_id)
    assert (found.gpu_seconds, found.paid) == (5_000, amount)
    budget = world.escrow.budget(grant_id)
    assert budget.ordered == found.reserved
    assert world.treasury.commitment(budget.commitment_id).remaining == COMPUTE_BUDGET - amount


def test_draw__later_vouchers__pay_the_difference(world, order_id):
    support.pass_time(HOUR)
    paid = [world.draw_voucher(order_id, seconds) for seconds in (1, 3_601, 7_777)]
    assert sum(paid) == PRICE * 7_777 // HOUR


@pytest.mark.parametrize("gpu_seconds", [0, 3_599, 3_600])
def test_draw__stale_voucher__reverts(world, order_id, gpu_seconds):
    support.pass_time(HOUR)
    world.draw_voucher(order_id, 3_600)
    with boa.reverts("voucher is stale"):
        world.draw_voucher(order_id, gpu_seconds)


def test_draw__worth_less_than_a_unit__reverts_and_stays_drawable(world, grant_id):
    order_id = world.order(grant_id, world.offer(price=1), gpus=1)
    support.pass_time(HOUR)
    with boa.reverts("nothing to draw"):
        world.draw_voucher(order_id, 3_599)
    assert world.draw_voucher(order_id, 3_600) == 1


def test_draw__unknown_order__reverts(world, order_id):
    for unknown in (0, order_id + 1):
        with boa.reverts("order is not open"):
            world.escrow.draw(unknown, 1, b"")


# --- at most GPUs x the time that passed ---


@pytest.mark.parametrize("seconds", [1, HOUR, LEASE_SECONDS // 2, LEASE_SECONDS - 1])
def test_draw__at_most__gpus_times_the_seconds_passed(world, order_id, seconds):
    support.pass_time(seconds)
    with boa.reverts(AHEAD):
        world.draw_voucher(order_id, GPUS * seconds + 1)
    assert world.draw_voucher(order_id, GPUS * seconds) == PRICE * GPUS * seconds // HOUR


def test_draw__in_the_first_second__nothing_has_passed(world, order_id):
    with boa.reverts(AHEAD):
        world.draw_voucher(order_id, 1)


def test_draw__before_the_start__nothing(world, grant_id, offer_id):
    order_id = world.order(grant_id, offer_id, starts_at=support.now() + DAY)
    for seconds in (HOUR, DAY - HOUR):
        support.pass_time(seconds)
        with boa.reverts(AHEAD):
            world.draw_voucher(order_id, 1)
    support.pass_time(1)
    with boa.reverts(AHEAD):
        world.draw_voucher(order_id, GPUS + 1)
    world.draw_voucher(order_id, GPUS)


@pytest.mark.parametrize("seconds", [0, DRAW_SECONDS - 1])
def test_draw__after_the_end__the_whole_lease_for_seven_days(world, grant_id, order_id, seconds):
    world.accept(grant_id)
    support.warp_to(world.escrow.order_of(order_id).ends_at + seconds)
    with boa.reverts(AHEAD):
        world.draw_voucher(order_id, WHOLE_LEASE + 1)
    paid = world.draw_voucher(order_id, WHOLE_LEASE)
    # The reserve is rounded up, what is earned down.
    assert paid == PRICE * WHOLE_LEASE // HOUR == world.escrow.order_of(order_id).reserved


def test_draw__after_seven_days__reverts(world, grant_id, order_id):
    world.accept(grant_id)
    support.warp_to(world.escrow.order_of(order_id).ends_at + DRAW_SECONDS)
    with boa.reverts("order is over"):
        world.draw_voucher(order_id, WHOLE_LEASE)


def test_draw__price_that_an_hour_does_not_divide__leaves_a_unit_at_most(world, grant_id):
    order_id = world.order(grant_id, world.offer(), gpus=1, seconds=3_601)
    support.pass_time(3_601)
    paid = world.draw_voucher(order_id, 3_601)
    assert paid == PRICE * 3_601 // HOUR == world.escrow.order_of(order_id).reserved - 1


# --- what a grant lets a lease earn ---


def test_draw__milestone_overdue__lease_has_stopped_at_its_date(world, grant_id, offer_id):
    due_at = world.due_at(grant_id)
    support.warp_to(due_at - HOUR)
    order_id = world.order(grant_id, offer_id)
    support.pass_time(2 * HOUR)
    assert world.escrow.lease_ends_at(order_id) == due_at
    with boa.reverts(AHEAD):
        world.draw_voucher(order_id, GPUS * HOUR + 1)
    with boa.env.anchor():
        world.draw_voucher(order_id, GPUS * HOUR)
    support.warp_to(due_at + DRAW_SECONDS - 1)
    with boa.env.anchor():
        world.draw_voucher(order_id, GPUS * HOUR)
    support.pass_time(1)
    with boa.reverts("order is over"):
        world.draw_voucher(order_id, GPUS * HOUR)
    # A vote that gives the milestone more time gives it to the lease as well.
    world.grants.move_due(grant_id, 1, support.now() + DAY, sender=world.owner)
    assert world.escrow.lease_ends_at(order_id) == support.now() + DAY
    world.draw_voucher(order_id, GPUS * (HOUR + DRAW_SECONDS))


def test_draw__under_review__earns_on_after_the_date(world, grant_id, offer_id):
    due_at = world.due_at(grant_id)
    support.warp_to(due_at - HOUR)
    order_id = world.order(grant_id, offer_id)
    world.submit(grant_id)
    support.pass_time(2 * HOUR)
    assert world.escrow.lease_ends_at(order_id) == world.escrow.order_of(order_id).ends_at
    world.draw_voucher(order_id, GPUS * 2 * HOUR)
    support.pass_time(HOUR)
    # Withdrawn, it is overdue: what was delivered stays earned, and no more is.
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    assert world.escrow.lease_ends_at(order_id) == support.now() == due_at + 2 * HOUR
    support.pass_time(HOUR)
    with boa.reverts(AHEAD):
        world.draw_voucher(order_id, GPUS * 3 * HOUR + 1)
    world.draw_voucher(order_id, GPUS * 3 * HOUR)


@pytest.mark.parametrize("end", ["terminate", "expire"])
def test_draw__ended_when_overdue__earns_nothing_after_the_date(world, offer_id, end):
    """Whoever ends a grant late pays for no machines that stood still since its date."""
    grant_id = world.active()
    due_at = world.due_at(grant_id)
    support.warp_to(due_at - HOUR)
    order_id = world.order(grant_id, offer_id)
    if end == "terminate":
        support.pass_time(3 * HOUR)
        world.terminate(grant_id)
        with boa.reverts(AHEAD):
            world.draw_voucher(order_id, GPUS * HOUR + 1)
        support.warp_to(due_at + DRAW_SECONDS - 1)
        world.draw_voucher(order_id, GPUS * HOUR)
    else:
        support.warp_to(due_at + GRACE_SECONDS)
        world.grants.expire(grant_id)
        with boa.reverts("order is over"):
            world.draw_voucher(order_id, GPUS * HOUR)
    assert world.escrow.lease_ends_at(order_id) == due_at


@pytest.mark.parametrize("late", [-HOUR, 0, HOUR])
def test_draw__terminated_under_review__earns_until_that_second(world, grant_id, offer_id, late):
    due_at = world.due_at(grant_id)
    support.warp_to(due_at - DAY)
    order_id = world.order(grant_id, offer_id)
    world.submit(grant_id)
    support.warp_to(due_at + late)
    world.terminate(grant_id)
    ended_at = support.now()
    assert world.escrow.lease_ends_at(order_id) == ended_at
    support.pass_time(DAY)
    with boa.reverts(AHEAD):
        world.draw_voucher(order_id, GPUS * (DAY + late) + 1)
    world.draw_voucher(order_id, GPUS * (DAY + late))


def test_draw__accepted__earns_until_the_next_date(world, grant_id, offer_id):
    ends_at = support.now() + 100 * DAY
    order_id = world.order(grant_id, offer_id, gpus=1, seconds=100 * DAY)
    assert world.escrow.lease_ends_at(order_id) == world.due_at(grant_id) < ends_at
    world.submit(grant_id)
    assert world.escrow.lease_ends_at(order_id) == ends_at
    support.pass_time(REVIEW_SECONDS)
    assert world.escrow.lease_ends_at(order_id) == world.due_at(grant_id, 2) < ends_at


def test_draw__terminated_grant__provider_is_paid_until_then(world, grant_id, order_id):
    support.pass_time(DAY)
    world.terminate(grant_id)
    ended_at = support.now()
    bond = world.applications.application(grant_id).bond
    returned = world.escrow.return_budget(grant_id)
    assert world.escrow.lease_ends_at(order_id) == ended_at
    support.warp_to(ended_at + DRAW_SECONDS - 1)
    with boa.reverts(AHEAD):
        world.draw_voucher(order_id, GPUS * DAY + 1)
    paid = world.draw_voucher(order_id, GPUS * DAY)
    support.pass_time(1)
    with boa.reverts("order is over"):
        world.draw_voucher(order_id, GPUS * DAY)
    world.escrow.give_notice(order_id, sender=world.stranger)
    world.escrow.close_order(order_id, sender=world.stranger)
    returned += world.escrow.return_budget(grant_id)
    assert paid + returned == COMPUTE_BUDGET
    assert world.free() == TREASURY_FUNDS - paid + bond


def test_draw__last_milestone_accepted__lease_has_stopped_with_it(world, at_last, offer_id):
    world.submit_model(at_last)
    order_id = world.order(at_last, offer_id)
    support.pass_time(REVIEW_SECONDS + HOUR)
    finished_at = support.now() - HOUR
    assert world.escrow.lease_ends_at(order_id) == finished_at
    with boa.reverts(AHEAD):
        world.draw_voucher(order_id, GPUS * REVIEW_SECONDS + 1)
    world.draw_voucher(order_id, GPUS * REVIEW_SECONDS)
    # Drawn as the grant's payments are, long after.
    world.grants.draw(at_last)
    assert world.escrow.lease_ends_at(order_id) == finished_at


# --- to a campaign ---


def test_draw__offer_of_a_pool__funds_its_campaign(world, grant_id):
    order_id = world.order(grant_id, world.offer(campaign_id=3))
    support.pass_time(HOUR)
    amount = world.draw_voucher(order_id, GPUS * HOUR)
    events = logged(world.escrow)
    assert [name for name, _ in events] == [
        *("VoucherDrawn", "CommitmentPaid", "Transfer", "Approval", "CampaignFunded", "Transfer"),
    ]
    assert events[1][1]["receiver"] == world.escrow.address
    assert events[4][1] == {
        "campaign_id": 3,
        "asset": world.asset.address,
        "payer": world.escrow.address,
        "amount": amount,
    }
    assert world.rewards.free(3, world.asset) == amount
    assert world.asset.balanceOf(world.rewards) == amount
    assert world.asset.balanceOf(world.escrow) == world.asset.balanceOf(world.provider) == 0
    assert world.asset.allowance(world.escrow, world.rewards) == 0
    support.pass_time(HOUR)
    world.draw_voucher(order_id, 2 * GPUS * HOUR)
    assert world.rewards.free(3, world.asset) == 2 * amount


def test_draw__campaign_of_an_asset_that_cannot_be_approved__reverts(world):
    odd = deploy_odd_asset()
    world.other_assets[odd.address] = odd
    world.treasury.accept_asset(odd, sender=world.owner)
    support.fund_and_approve(odd, world.owner, world.treasury, TREASURY_FUNDS)
    world.treasury.deposit(GRANTS_PURPOSE, odd, TREASURY_FUNDS, sender=world.owner)
    grant_id = world.active(asset=odd.address)
    order_id = world.order(grant_id, world.offer(asset=odd.address, campaign_id=1))
    support.pass_time(HOUR)
    odd.misbehave(Fault.RETURNS_FALSE, Entry.APPROVE)
    with boa.reverts("asset approval failed"):
        world.draw_voucher(order_id, GPUS * HOUR)
    odd.misbehave(Fault.RETURNS_NOTHING, Entry.ALL)
    amount = world.draw_voucher(order_id, GPUS * HOUR)
    assert world.rewards.free(1, odd) == amount == odd.balanceOf(world.rewards)

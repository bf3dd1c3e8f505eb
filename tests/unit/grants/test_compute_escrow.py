"""ComputeEscrow: offers, budgets, orders, and the return of what is left."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    COMPUTE_BUDGET,
    DRAW_SECONDS,
    DUES,
    GRACE_SECONDS,
    ORDERED_SECONDS,
    PRICE,
    TREASURY_FUNDS,
    logged,
    milestone_terms,
)
from tests.support import DAY, MAX_UINT, ZERO_ADDRESS

RESERVED = -(-PRICE * ORDERED_SECONDS // 3_600)


@pytest.fixture
def offer_id(world) -> int:
    return world.offer()


@pytest.fixture
def order_id(world, grant_id, offer_id) -> int:
    """An open order for a month."""
    return world.order(grant_id, offer_id)


# --- wiring ---


def test_constructor__zero_treasury__reverts():
    with boa.reverts("treasury is zero"):
        support.deploy("ComputeEscrow", ZERO_ADDRESS)


def test_constants__are__what_the_documents_say(world):
    assert world.escrow.DRAW_SECONDS() == 604_800
    assert world.escrow.TREASURY() == world.treasury.address


def test_set_grants__before_any_budget__changed_and_logged(world):
    world.escrow.set_grants(world.stranger, sender=world.owner)
    assert logged(world.escrow) == [
        ("GrantsChanged", {"old_grants": world.grants.address, "new_grants": world.stranger})
    ]
    assert world.escrow.grants() == world.stranger


def test_set_grants__zero__reverts(world):
    with boa.reverts("grants is zero"):
        world.escrow.set_grants(ZERO_ADDRESS, sender=world.owner)


def test_set_grants__after_the_first_budget__reverts(world, grant_id):
    with boa.reverts("a budget was opened"):
        world.escrow.set_grants(world.stranger, sender=world.owner)


@pytest.mark.parametrize("role", ["guardian", "builder", "provider", "stranger"])
def test_set_grants__not_the_owner__reverts(world, role):
    with boa.reverts("caller is not the owner"):
        world.escrow.set_grants(world.stranger, sender=getattr(world, role))


@pytest.mark.parametrize("role", ["owner", "guardian", "builder", "stranger"])
def test_budget_functions__not_the_grants__revert(world, grant_id, role):
    sender = getattr(world, role)
    with boa.reverts("caller is not the grants"):
        world.escrow.open_budget(9, 1, world.asset, 1, MAX_UINT, sender=sender)
    with boa.reverts("caller is not the grants"):
        world.escrow.extend_budget(grant_id, MAX_UINT, sender=sender)
    with boa.reverts("caller is not the grants"):
        world.escrow.close_budget(grant_id, sender=sender)


# --- offers ---


def test_register_offer__valid__stored_and_logged(world):
    offer_id = world.offer()
    ((name, fields),) = logged(world.escrow)
    assert name == "OfferRegistered"
    assert fields["offer_id"] == offer_id == world.escrow.offer_count() == 1
    assert fields["provider"] == world.provider
    assert fields["asset"] == world.asset.address
    expected = (*(world.provider, world.asset.address, PRICE, 400, True, "A100-40GB", "us-east"),)
    assert fields["offer"] == world.escrow.offer(offer_id) == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"provider": ZERO_ADDRESS}, "caller is not the provider"),
        ({"active": False}, "offer is not active"),
        ({"asset": ZERO_ADDRESS}, "asset is not accepted"),
        ({"price": 0}, "price is zero"),
        ({"hardware": ""}, "hardware is not named"),
    ],
)
def test_register_offer__bad_offer__reverts(world, changes, reason):
    with boa.reverts(reason):
        world.offer(**changes)


def test_withdraw_offer__by_its_provider__open_orders_stand(world, grant_id, offer_id, order_id):
    world.escrow.withdraw_offer(offer_id, sender=world.provider)
    assert logged(world.escrow) == [("OfferWithdrawn", {"offer_id": offer_id})]
    assert not world.escrow.offer(offer_id).active
    with boa.reverts("offer is not active"):
        world.order(grant_id, offer_id)
    assert world.draw_voucher(order_id, 3_600) == PRICE
    with boa.reverts("offer is not active"):
        world.escrow.withdraw_offer(offer_id, sender=world.provider)


@pytest.mark.parametrize("role", ["owner", "guardian", "builder", "stranger"])
def test_withdraw_offer__not_its_provider__reverts(world, offer_id, role):
    with boa.reverts("caller is not the provider"):
        world.escrow.withdraw_offer(offer_id, sender=getattr(world, role))


# --- orders ---


def test_order__within_the_budget__reserved_and_logged(world, grant_id, offer_id):
    expires_at = support.now() + DAY
    order_id = world.order(grant_id, offer_id, expires_at=expires_at)
    assert logged(world.escrow) == [
        (
            "OrderOpened",
            {
                "order_id": order_id,
                "grant_id": grant_id,
                "provider": world.provider,
                "offer_id": offer_id,
                "gpu_seconds": ORDERED_SECONDS,
                "amount": RESERVED,
                "expires_at": expires_at,
            },
        )
    ]
    assert order_id == world.escrow.order_count() == 1
    assert world.escrow.order_of(order_id) == (
        *(grant_id, offer_id, world.provider, world.builder, PRICE),
        *(ORDERED_SECONDS, 0, RESERVED, 0, expires_at, False),
    )
    assert world.escrow.budget(grant_id).ordered == RESERVED
    assert world.escrow.available(grant_id) == COMPUTE_BUDGET - RESERVED


def test_order__whole_budget_and_one_more__to_the_unit(world, grant_id):
    offer_id = world.offer(price=3_600)
    world.escrow.order(
        *(grant_id, offer_id, COMPUTE_BUDGET, support.now() + 1, 3_600), sender=world.builder
    )
    assert world.escrow.available(grant_id) == 0
    with boa.reverts("budget is too small"):
        world.order(grant_id, offer_id, gpu_seconds=1)


def test_order__expiry_at_the_end_of_the_budget__works(world, grant_id, offer_id):
    ends_at = world.escrow.budget(grant_id).ends_at
    with boa.reverts("expiry is after the budget"):
        world.order(grant_id, offer_id, expires_at=ends_at + 1)
    world.order(grant_id, offer_id, expires_at=ends_at)


def test_order__expiry_now__reverts(world, grant_id, offer_id):
    with boa.reverts("expiry has passed"):
        world.order(grant_id, offer_id, expires_at=support.now())


def test_order__price_above_the_maximum__reverts(world, grant_id, offer_id):
    for max_price, works in ((PRICE - 1, False), (PRICE, True)):
        args = (grant_id, offer_id, 3_600, support.now() + DAY, max_price)
        if works:
            world.escrow.order(*args, sender=world.builder)
        else:
            with boa.reverts("price is too high"):
                world.escrow.order(*args, sender=world.builder)


def test_order__no_time__reverts(world, grant_id, offer_id):
    with boa.reverts("no time is ordered"):
        world.order(grant_id, offer_id, gpu_seconds=0)


def test_order__unknown_offer__reverts(world, grant_id):
    for unknown in (0, 1):
        with boa.reverts("offer is not active"):
            world.order(grant_id, unknown)


def test_order__offer_in_another_asset__reverts(world, grant_id):
    other = support.deploy_asset("EURC")
    world.treasury.accept_asset(other, sender=world.owner)
    offer_id = world.offer(asset=other.address)
    with boa.reverts("offer is in another asset"):
        world.order(grant_id, offer_id)


def test_order__grant_without_budget__reverts(world, offer_id):
    grant_id = world.active(compute_budget=0)
    with boa.reverts("budget is closed"):
        world.order(grant_id, offer_id)


def test_order__budget_has_ended__reverts(world, grant_id, offer_id):
    support.warp_to(world.escrow.budget(grant_id).ends_at - 1)
    world.order(grant_id, offer_id, expires_at=support.now() + 1)
    support.pass_time(1)
    assert world.escrow.available(grant_id) == 0
    with boa.reverts("budget is closed"):
        world.order(grant_id, offer_id, expires_at=support.now() + 1)


@pytest.mark.parametrize("role", ["owner", "guardian", "provider", "stranger"])
def test_order__not_the_recipient__reverts(world, grant_id, offer_id, role):
    with boa.reverts("caller is not the recipient"):
        world.escrow.order(
            *(grant_id, offer_id, 1, support.now() + 1, PRICE), sender=getattr(world, role)
        )


def test_order__new_recipient__orders_instead_of_the_old_one(world, grant_id, offer_id):
    world.grants.propose_recipient(grant_id, world.stranger, sender=world.builder)
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    with boa.reverts("caller is not the recipient"):
        world.order(grant_id, offer_id)
    order_id = world.escrow.order(
        *(grant_id, offer_id, 1, support.now() + 1, PRICE), sender=world.stranger
    )
    assert world.escrow.order_of(order_id).builder == world.stranger


def test_pause__stops_offers_and_orders_only(world, grant_id, offer_id, order_id):
    world.escrow.pause(sender=world.guardian)
    with boa.reverts("paused"):
        world.offer()
    with boa.reverts("paused"):
        world.order(grant_id, offer_id)
    world.draw_voucher(order_id, 3_600)
    world.escrow.withdraw_offer(offer_id, sender=world.provider)
    world.escrow.close_order(order_id, sender=world.provider)
    world.terminate(grant_id)
    world.escrow.return_budget(grant_id)
    world.active()


# --- closing ---


def test_close_order__by_its_provider__reservation_is_free_again(world, grant_id, order_id):
    paid = world.draw_voucher(order_id, 36_000)
    world.escrow.close_order(order_id, sender=world.provider)
    assert logged(world.escrow) == [
        ("OrderClosed", {"order_id": order_id, "released": RESERVED - paid})
    ]
    assert world.escrow.order_of(order_id).closed
    assert world.escrow.budget(grant_id).ordered == paid
    assert world.escrow.available(grant_id) == COMPUTE_BUDGET - paid
    with boa.reverts("order is not open"):
        world.escrow.close_order(order_id, sender=world.provider)
    with boa.reverts("order is not open"):
        world.draw_voucher(order_id, 72_000)


def test_close_order__by_anyone__after_expiry_and_draw_time(world, order_id):
    support.warp_to(world.escrow.order_of(order_id).expires_at + DRAW_SECONDS - 1)
    for role in ("owner", "builder", "stranger"):
        with boa.reverts("order may still be drawn"):
            world.escrow.close_order(order_id, sender=getattr(world, role))
    support.pass_time(1)
    world.escrow.close_order(order_id, sender=world.stranger)


def test_close_order__unknown__reverts(world):
    for unknown in (0, 1):
        with boa.reverts("order is not open"):
            world.escrow.close_order(unknown)


def test_close_order__closed_budget__ends_the_order_early(world, grant_id, order_id):
    closed_at = support.now()
    world.terminate(grant_id)
    assert world.escrow.budget(grant_id).ends_at == closed_at + DRAW_SECONDS
    support.warp_to(closed_at + 2 * DRAW_SECONDS - 1)
    with boa.reverts("order may still be drawn"):
        world.escrow.close_order(order_id, sender=world.stranger)
    assert world.draw_voucher(order_id, 3_600) == PRICE
    support.pass_time(1)
    world.escrow.close_order(order_id, sender=world.stranger)


def test_close_budget__logged_and_stops_orders(world, grant_id, offer_id):
    world.terminate(grant_id)
    assert ("BudgetClosing", {"grant_id": grant_id, "ends_at": support.now() + DRAW_SECONDS}) in (
        logged(world.grants)
    )
    with boa.reverts("budget is closed"):
        world.order(grant_id, offer_id)
    assert world.escrow.available(grant_id) == 0


def test_close_budget__that_ended_before__keeps_its_end(world, grant_id):
    ends_at = world.escrow.budget(grant_id).ends_at
    support.warp_to(ends_at)
    world.grants.expire(grant_id)
    assert world.escrow.budget(grant_id).ends_at == ends_at


def test_close_budget__twice_or_without_budget__does_nothing(world, grant_id):
    for unknown in (grant_id, grant_id, 99):
        world.escrow.close_budget(unknown, sender=world.grants.address)
    assert logged(world.escrow) == []
    world.escrow.extend_budget(grant_id, MAX_UINT, sender=world.grants.address)
    assert world.escrow.budget(grant_id).ends_at == support.now() + DRAW_SECONDS


def test_extend_budget__later_only(world, grant_id):
    old_ends_at = world.escrow.budget(grant_id).ends_at
    for ends_at in (0, old_ends_at):
        world.escrow.extend_budget(grant_id, ends_at, sender=world.grants.address)
        assert logged(world.escrow) == []
    world.escrow.extend_budget(grant_id, old_ends_at + 1, sender=world.grants.address)
    assert logged(world.escrow) == [
        (
            "BudgetExtended",
            {"grant_id": grant_id, "old_ends_at": old_ends_at, "new_ends_at": old_ends_at + 1},
        )
    ]
    world.escrow.extend_budget(99, MAX_UINT, sender=world.grants.address)
    assert world.escrow.budget(99).ends_at == 0


def test_open_budget__twice__reverts(world, grant_id):
    with boa.reverts("budget exists"):
        world.escrow.open_budget(
            *(grant_id, 1, world.asset, 1, MAX_UINT), sender=world.grants.address
        )


# --- returns ---


def test_return_budget__after_its_end__all_that_no_order_holds(world, grant_id, order_id):
    paid = world.draw_voucher(order_id, 36_000)
    support.warp_to(world.escrow.budget(grant_id).ends_at - 1)
    with boa.reverts("budget has not ended"):
        world.escrow.return_budget(grant_id)
    support.pass_time(1)
    unordered = COMPUTE_BUDGET - RESERVED
    assert world.escrow.return_budget(grant_id, sender=world.stranger) == unordered
    assert logged(world.escrow)[0] == (
        *("BudgetReturned", {"grant_id": grant_id, "amount": unordered}),
    )
    with boa.reverts("nothing to return"):
        world.escrow.return_budget(grant_id)

    world.escrow.close_order(order_id, sender=world.stranger)
    assert world.escrow.return_budget(grant_id) == RESERVED - paid
    budget = world.escrow.budget(grant_id)
    assert (budget.ordered, budget.returned) == (paid, COMPUTE_BUDGET - paid)
    assert world.treasury.commitment(budget.commitment_id).remaining == 0


def test_return_budget__closed_grant__at_once(world, grant_id):
    world.terminate(grant_id)
    assert world.escrow.return_budget(grant_id) == COMPUTE_BUDGET
    assert world.free() == TREASURY_FUNDS


def test_return_budget__then_extended__no_second_life(world):
    grant_id = world.active(milestones=[milestone_terms(due_seconds=DUES[0])])
    offer_id = world.offer()
    support.pass_time(DUES[0] + GRACE_SECONDS)
    world.escrow.return_budget(grant_id)
    world.grants.move_due(grant_id, 1, support.now() + DAY, sender=world.owner)
    assert world.escrow.available(grant_id) == 0
    with boa.reverts("budget is too small"):
        world.order(grant_id, offer_id, gpu_seconds=1, expires_at=support.now() + 1)


def test_return_budget__no_budget__reverts(world):
    with boa.reverts("nothing to return"):
        world.escrow.return_budget(99)

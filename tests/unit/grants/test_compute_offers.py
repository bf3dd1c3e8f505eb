"""ComputeEscrow: wiring, offers and budgets."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    CAMPAIGNS,
    COMPUTE_BUDGET,
    GPUS,
    HOUR,
    PRICE,
    TREASURY_FUNDS,
    UNLOCKED,
    logged,
)
from tests.support import ZERO_ADDRESS

OFFER_FIELDS = {
    "price_per_gpu_hour": PRICE,
    "gpus": 4 * GPUS,
    "watts_per_gpu": 700,
    "pue_bps": 12_000,
    "grams_per_kwh": 400,
    "campaign_id": 0,
    "is_active": True,
    "hardware": "A100-40GB",
    "region": "us-east",
    "uri": "ipfs://offer",
}
ROLES = ["owner", "guardian", "builder", "stranger"]


# --- wiring ---


def test_constructor__zero_addresses__refused(world):
    with boa.reverts("treasury is zero"):
        support.deploy("ComputeEscrow", ZERO_ADDRESS, world.rewards)
    with boa.reverts("rewards is zero"):
        support.deploy("ComputeEscrow", world.treasury, ZERO_ADDRESS)
    assert world.escrow.TREASURY() == world.treasury.address
    assert world.escrow.REWARDS() == world.rewards.address


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
    world.terminate(grant_id)
    world.escrow.return_budget(grant_id)
    with boa.reverts("a budget was opened"):
        world.escrow.set_grants(world.stranger, sender=world.owner)


@pytest.mark.parametrize("role", [*ROLES[1:], "provider"])
def test_set_grants__not_the_owner__reverts(world, role):
    with boa.reverts("caller is not the owner"):
        world.escrow.set_grants(world.stranger, sender=getattr(world, role))


@pytest.mark.parametrize("role", ROLES)
def test_open_budget__not_the_grants__reverts(world, role):
    with boa.reverts("caller is not the grants"):
        world.escrow.open_budget(9, 1, world.asset, 1, sender=getattr(world, role))


def test_open_budget__twice__reverts(world, grant_id):
    with boa.reverts("budget exists"):
        world.escrow.open_budget(grant_id, 1, world.asset, 1, sender=world.grants.address)


# --- offers ---


def test_register_offer__valid__stored_and_logged(world):
    offer_id = world.offer()
    ((name, fields),) = logged(world.escrow)
    assert name == "OfferRegistered"
    offer = world.escrow.offer(offer_id)
    assert fields == {
        "offer_id": offer_id,
        "provider": world.provider,
        "asset": world.asset.address,
        "offer": offer,
    }
    assert offer_id == world.escrow.offer_count() == 1
    expected = {"provider": world.provider, "asset": world.asset.address, **OFFER_FIELDS}
    assert offer._asdict() == expected


def test_offer__unknown__is_empty(world):
    world.offer()
    for unknown in (0, 2):
        offer = world.escrow.offer(unknown)
        assert (offer.provider, offer.price_per_gpu_hour, offer.hardware) == (ZERO_ADDRESS, 0, "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_active": False}, "offer is not active"),
        ({"asset": ZERO_ADDRESS}, "asset is not accepted"),
        ({"price": 0}, "price is zero"),
        ({"gpus": 0}, "no GPUs"),
        ({"pue_bps": 9_999}, "pue is below one"),
        ({"hardware": ""}, "hardware is not named"),
        ({"campaign_id": CAMPAIGNS + 1}, "no such campaign"),
        ({"price": 2**96}, "price is too large"),
        ({"watts": 2**16}, "power is too large"),
        ({"pue_bps": 2**24}, "power is too large"),
        ({"grams_per_kwh": 2**24}, "power is too large"),
        ({"gpus": 2**24}, "too many GPUs"),
    ],
)
def test_register_offer__bad_offer__reverts(world, changes, reason):
    with boa.reverts(reason):
        world.offer(**changes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price": 1}, "price_per_gpu_hour"),
        ({"price": 2**96 - 1}, "price_per_gpu_hour"),
        ({"gpus": 1}, "gpus"),
        ({"gpus": 2**24 - 1}, "gpus"),
        ({"watts": 0}, "watts_per_gpu"),
        ({"watts": 2**16 - 1}, "watts_per_gpu"),
        ({"pue_bps": 10_000}, "pue_bps"),
        ({"pue_bps": 2**24 - 1}, "pue_bps"),
        ({"grams_per_kwh": 0}, "grams_per_kwh"),
        ({"grams_per_kwh": 2**24 - 1}, "grams_per_kwh"),
        ({"campaign_id": CAMPAIGNS}, "campaign_id"),
    ],
)
def test_register_offer__at_each_bound__kept_as_offered(world, changes, field):
    ((_, value),) = changes.items()
    assert getattr(world.escrow.offer(world.offer(**changes)), field) == value


@pytest.mark.parametrize("role", ROLES)
def test_register_offer__for_somebody_else__reverts(world, role):
    offer = (world.provider, world.asset.address, *OFFER_FIELDS.values())
    with boa.reverts("caller is not the provider"):
        world.escrow.register_offer(offer, sender=getattr(world, role))


def test_withdraw_offer__by_its_provider__open_orders_stand(world, grant_id, offer_id, order_id):
    world.escrow.withdraw_offer(offer_id, sender=world.provider)
    assert logged(world.escrow) == [("OfferWithdrawn", {"offer_id": offer_id})]
    expected = {"provider": world.provider, "asset": world.asset.address, **OFFER_FIELDS}
    assert world.escrow.offer(offer_id)._asdict() == {**expected, "is_active": False}
    with boa.reverts("offer is not active"):
        world.order(grant_id, offer_id)
    support.pass_time(HOUR)
    assert world.draw_voucher(order_id, GPUS * HOUR) == GPUS * PRICE
    with boa.reverts("offer is not active"):
        world.escrow.withdraw_offer(offer_id, sender=world.provider)


@pytest.mark.parametrize("role", ROLES)
def test_withdraw_offer__not_its_provider__reverts(world, offer_id, role):
    for unknown in (offer_id, 0, 99):
        with boa.reverts("caller is not the provider"):
            world.escrow.withdraw_offer(unknown, sender=getattr(world, role))


# --- budgets ---


def test_budget__opened__nothing_ordered(world, grant_id):
    assert world.escrow.budget(grant_id)._asdict() == {
        "commitment_id": 2,
        "asset": world.asset.address,
        "total": COMPUTE_BUDGET,
        "ordered": 0,
        "returned": 0,
        "rate_per_day": 0,
        "carbon_grams": 0,
    }
    assert world.escrow.available(grant_id) == UNLOCKED[0]


def test_budget__unknown_grant__is_empty(world):
    budget = world.escrow.budget(99)
    assert (budget.commitment_id, budget.total, budget.ordered) == (0, 0, 0)
    assert world.escrow.available(99) == world.escrow.carbon_grams(99) == 0


def test_available__each_milestone__unlocks_its_part(world, grant_id):
    """The third unlocks nothing more; what is accepted stays unlocked."""
    assert world.escrow.available(grant_id) == UNLOCKED[0]
    world.submit(grant_id)
    assert world.escrow.available(grant_id) == UNLOCKED[0]
    support.pass_time(7 * 86_400 - 1)
    assert world.escrow.available(grant_id) == UNLOCKED[0]
    support.pass_time(1)
    assert world.escrow.available(grant_id) == sum(UNLOCKED[:2])
    world.accept(grant_id)
    assert world.escrow.available(grant_id) == sum(UNLOCKED)


def test_available__bond_missing__nothing(world, application):
    world.approve(application)
    assert world.escrow.available(application) == 0
    world.post_bond(application)
    assert world.escrow.available(application) == UNLOCKED[0]


def test_available__overdue__nothing_until_a_vote_moves_the_date(world, grant_id):
    due_at = world.due_at(grant_id)
    support.warp_to(due_at - 1)
    assert world.escrow.available(grant_id) == UNLOCKED[0]
    support.pass_time(1)
    assert world.escrow.available(grant_id) == 0
    world.grants.move_due(grant_id, 1, support.now() + 1, sender=world.owner)
    assert world.escrow.available(grant_id) == UNLOCKED[0]


# --- returns ---


def test_return_budget__grant_is_over__all_that_no_order_holds(world, grant_id, order_id):
    with boa.reverts("grant is not over"):
        world.escrow.return_budget(grant_id)
    reserved = world.escrow.order_of(order_id).reserved
    support.pass_time(HOUR)
    paid = world.draw_voucher(order_id, GPUS * HOUR)
    world.terminate(grant_id)
    unordered = COMPUTE_BUDGET - reserved
    assert world.escrow.return_budget(grant_id, sender=world.stranger) == unordered
    events = logged(world.escrow)
    assert [name for name, _ in events] == ["BudgetReturned", "CommitmentReleased"]
    assert events[0][1] == {"grant_id": grant_id, "amount": unordered}
    with boa.reverts("nothing to return"):
        world.escrow.return_budget(grant_id)

    world.escrow.give_notice(order_id, sender=world.stranger)
    world.escrow.close_order(order_id, sender=world.provider)
    assert world.escrow.return_budget(grant_id) == reserved - paid
    budget = world.escrow.budget(grant_id)
    assert (budget.ordered, budget.returned) == (paid, COMPUTE_BUDGET - paid)
    assert world.treasury.commitment(budget.commitment_id).remaining == 0


@pytest.mark.parametrize("end", ["terminate", "finish"])
def test_return_budget__ended_without_orders__all_at_once(world, grant_id, end):
    free = world.free()
    getattr(world, end)(grant_id)
    before = world.free()
    assert world.escrow.return_budget(grant_id) == COMPUTE_BUDGET
    assert world.free() == before + COMPUTE_BUDGET
    assert free < TREASURY_FUNDS


def test_return_budget__expired__too(world, grant_id):
    support.warp_to(world.due_at(grant_id) + 14 * 86_400)
    with boa.reverts("grant is not over"):
        world.escrow.return_budget(grant_id)
    world.grants.expire(grant_id)
    assert world.escrow.return_budget(grant_id) == COMPUTE_BUDGET


def test_return_budget__last_accepted_but_not_drawn__too(world, at_last):
    world.submit_model(at_last)
    support.pass_time(7 * 86_400 - 1)
    with boa.reverts("grant is not over"):
        world.escrow.return_budget(at_last)
    support.pass_time(1)
    assert world.escrow.return_budget(at_last) == COMPUTE_BUDGET


def test_return_budget__application_or_unknown__reverts(world, application):
    for not_over in (application, 0, 99):
        with boa.reverts("grant is not over"):
            world.escrow.return_budget(not_over)

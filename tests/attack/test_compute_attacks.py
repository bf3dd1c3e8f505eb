"""Attacks on compute: vouchers, leases, caps and budgets. Each runs twice: on the contracts, and on
a mutant without the defence that it aims at.
"""

import random

import boa
import pytest

from tests import support
from tests.attack.grant_world import (
    Attacks,
    leased,
    make_world,
    own_offer,
)
from tests.kits.grants import (
    BOND,
    COMPUTE_BUDGET,
    DRAW_SECONDS,
    GRANTS_PURPOSE,
    HOUR,
    MAX_PER_DAY,
    PRICE,
    PROMISED,
    REVIEW_SECONDS,
    UNLOCKED,
    USDC,
    three_milestones,
)
from tests.support import DAY, works

attack = Attacks()
ESCROW = "ComputeEscrow"
GPUS = 4


@pytest.fixture(scope="module")
def world():
    return make_world()


# --- budgets and caps ---


@attack(ESCROW, ("budgets", "budget.ordered += more.ordered", "pass"))
def budget_overrun_by_parallel_orders(world):
    grant_id, offer_id = world.active(), world.offer()
    world.order(grant_id, offer_id, gpus=8)
    return works(world.order, grant_id, offer_id, gpus=8)


@attack(ESCROW, ("budgets", "budget.rate_per_day += more.rate_per_day", "pass"))
def rate_overrun_by_parallel_orders(world):
    """32 GPUs are the offer's; two orders of them cost more a day than the terms allow."""
    grant_id, offer_id = world.active(), world.offer()
    world.order(grant_id, offer_id, gpus=32, seconds=HOUR)
    return works(world.order, grant_id, offer_id, gpus=32, seconds=HOUR)


@attack(
    ESCROW,
    (
        ESCROW,
        'assert power.price_per_gpu_hour <= max_price, "price is above the grant\'s"',
        "pass",
    ),
)
def own_company_paid_forty_times_the_price(world):
    """Within what all leases may cost a day, which is another defence."""
    grant_id = world.active()
    offer_id, _ = own_offer(world, 80 * USDC)
    lease = (offer_id, 1, support.now(), support.now() + DAY, 80 * USDC)
    return works(world.escrow.order, grant_id, *lease, sender=world.builder)


@attack(
    "GrantApplications",
    (
        "grant_bounds",
        "assert terms.max_compute_per_day * MIN_COMPUTE_DAYS <= compute_budget, "
        '"compute is too fast"',
        "pass",
    ),
)
def first_unlock_turned_into_cash_in_an_hour(world):
    """One GPU of the builder's own company for an hour, at a price that the terms allow."""
    dear = {"max_price_per_gpu_hour": UNLOCKED[0], "max_compute_per_day": 24 * UNLOCKED[0]}
    if not works(world.apply, **dear):
        return False
    grant_id = world.active(**dear)
    offer_id, company = own_offer(world, UNLOCKED[0])
    lease = (offer_id, 1, support.now(), support.now() + HOUR, UNLOCKED[0])
    order_id = world.escrow.order(grant_id, *lease, sender=world.builder)
    support.pass_time(HOUR)
    world.draw_voucher(order_id, HOUR)
    return world.asset.balanceOf(company) == UNLOCKED[0]


@attack(
    "GrantApplications",
    (
        "grant_bounds",
        "assert first_unlocked <= terms.bond + compute_budget * FIRST_COMPUTE_BPS // BPS, "
        '"first compute is too large"',
        "pass",
    ),
)
def own_company_paid_more_than_the_bond_that_is_lost(world):
    """Before its first milestone: all that is unlocked, for a bond of a tenth."""
    milestones = three_milestones(compute_unlocked=COMPUTE_BUDGET)
    total = PROMISED + COMPUTE_BUDGET - UNLOCKED[0]
    return works(world.apply, milestones=milestones, bond=total // 10)


@attack(
    "TrainingGrants",
    (
        "TrainingGrants",
        "in_turn: uint256 = milestones._settled(grant_id).accepted + 1",
        "in_turn: uint256 = 16",
    ),
)
def compute_of_later_milestones_ordered_at_once(world):
    """A lease of more than the first milestone unlocks."""
    grant_id = world.active()
    gpus, seconds = 14, 40 * DAY
    assert UNLOCKED[0] < PRICE * gpus * seconds // HOUR < COMPUTE_BUDGET
    return works(world.order, grant_id, world.offer(), gpus=gpus, seconds=seconds)


@attack(
    "TrainingGrants",
    (
        "TrainingGrants",
        "if self.bond_commitment[grant_id] == 0:\n        return 0\n",
        "pass\n",
    ),
)
def compute_ordered_without_a_bond(world):
    grant_id = world.approved()
    return works(world.order, grant_id, world.offer(), gpus=1, seconds=DAY)


@attack(
    ESCROW,
    (
        ESCROW,
        "budgets.total[grant_id] - ordered - budgets.returned",
        "budgets.total[grant_id] - budgets.returned",
    ),
)
def reserved_money_returned_under_an_open_order(world):
    grant_id, order_id = leased(world)
    support.pass_time(HOUR)
    world.terminate(grant_id)
    world.escrow.return_budget(grant_id)
    return not works(world.draw_voucher, order_id, HOUR)


@attack(ESCROW, (ESCROW, 'assert self._rights(grant_id).is_over, "grant is not over"', "pass"))
def budget_of_a_running_grant_returned_by_a_stranger(world):
    grant_id = world.active()
    return works(world.escrow.return_budget, grant_id, sender=world.stranger)


@attack(
    ESCROW,
    (ESCROW, "released: uint256 = usage.reserved - due", "released: uint256 = usage.reserved"),
)
def delivered_time_set_free_by_a_notice(world):
    """Ordered anew, the provider's money would be promised twice."""
    grant_id, order_id = leased(world)
    support.pass_time(DAY)
    world.escrow.give_notice(order_id, sender=world.builder)
    return world.escrow.available(grant_id) > UNLOCKED[0] - GPUS * 24 * PRICE


@attack(
    ESCROW,
    (
        ESCROW,
        'assert block.timestamp >= lease.ends_at + DRAW_SECONDS, "order may still be drawn"',
        "pass",
    ),
)
def order_closed_in_front_of_the_providers_draw(world):
    _, order_id = leased(world)
    support.pass_time(HOUR)
    world.escrow.give_notice(order_id, sender=world.builder)
    works(world.escrow.close_order, order_id, sender=world.builder)
    return not works(world.draw_voucher, order_id, HOUR)


@attack(ESCROW, (ESCROW, 'assert lease.is_stopped, "order is not stopped"', "pass"))
def provider_leaves_and_blocks_the_rate(world):
    """Closed without a notice, its machines would count a day's cost for ever."""
    grant_id, offer_id = world.active(), world.offer()
    order_id = world.order(grant_id, offer_id, gpus=32, seconds=HOUR)
    works(world.escrow.close_order, order_id, sender=world.provider)
    return world.escrow.order_of(order_id).is_closed and not works(
        world.order, grant_id, offer_id, gpus=32, seconds=HOUR
    )


@attack(
    ESCROW,
    (
        ESCROW,
        "assert is_party or rights.is_over or block.timestamp >= lease.ends_at, "
        '"caller may not give notice"',
        "pass",
    ),
)
def running_lease_stopped_by_a_stranger(world):
    _, order_id = leased(world)
    return works(world.escrow.give_notice, order_id, sender=world.stranger)


@attack(ESCROW, (ESCROW, 'assert not lease.is_stopped, "order is stopped"', "pass"))
def notice_given_twice_frees_the_rate_of_others(world):
    grant_id, offer_id = world.active(), world.offer()
    first = world.order(grant_id, offer_id, gpus=16, seconds=HOUR)
    world.order(grant_id, offer_id, gpus=16, seconds=HOUR)
    for _ in range(2):
        works(world.escrow.give_notice, first, sender=world.builder)
    return world.escrow.budget(grant_id).rate_per_day < 16 * 24 * PRICE


# --- offers and wiring ---


@attack(ESCROW, (ESCROW, "if head.campaign_id == 0:", "if True:"))
def pool_keeps_what_its_offer_promised_to_its_miners(world):
    grant_id, offer_id = world.active(), world.offer(campaign_id=1)
    order_id = world.order(grant_id, offer_id, gpus=GPUS, seconds=DAY)
    support.pass_time(HOUR)
    world.draw_voucher(order_id, HOUR)
    return world.asset.balanceOf(world.provider) > 0


@attack(
    ESCROW,
    (
        ESCROW,
        'assert offer.campaign_id <= staticcall REWARDS.campaign_count(), "no such campaign"',
        "pass",
    ),
)
def offer_for_a_campaign_that_somebody_else_will_create(world):
    return works(world.offer, campaign_id=world.rewards.campaign_count() + 1)


@attack(ESCROW, (ESCROW, 'assert not budgets.in_use, "a budget was opened"', "pass"))
def other_grants_contract_orders_from_old_budgets(world):
    """Its grant of the same number is somebody else's."""
    grant_id, offer_id = world.active(), world.offer()
    named = (world.token, world.applications, world.treasury, world.escrow, world.ledger)
    fake = support.deploy("TrainingGrants", *named, world.evaluations, REVIEW_SECONDS, 1)
    works(world.escrow.set_grants, fake, sender=world.owner)
    return world.escrow.grants() == fake.address and grant_id == 1 and offer_id == 1


@pytest.mark.parametrize("name", attack.found)
def test_attack__contracts__hold(world, name):
    assert not attack.found[name].run(world)


@pytest.mark.parametrize("name", attack.found)
def test_attack__without_the_defence__succeeds(name):
    assert attack.found[name].gains_without_defence()


# --- what remains possible, and how much of it ---


@pytest.mark.parametrize("seed", range(5))
def test_builder_that_leases_from_itself__before_its_first_milestone__is_bounded(world, seed):
    """Price cap x GPUs x elapsed of what was unlocked, and the bond is gone."""
    dice = random.Random(seed)
    free = world.free()
    grant_id = world.active()
    # Beyond the cap there is no offer that it could order from.
    dear, _ = own_offer(world, 2 * USDC + 1)
    with boa.reverts("price is above the grant's"):
        lease = (dear, 1, support.now(), support.now() + DAY, 10 * USDC)
        world.escrow.order(grant_id, *lease, sender=world.builder)
    offer_id, company = own_offer(world, 2 * USDC)
    gpus, days = dice.randrange(1, 15), dice.randrange(1, 29)
    lease = (offer_id, gpus, support.now(), support.now() + days * DAY, 2 * USDC)
    order_id = world.escrow.order(grant_id, *lease, sender=world.builder)
    elapsed = dice.randrange(1, days * DAY)
    support.pass_time(elapsed)
    with boa.reverts("voucher is ahead of the lease"):
        world.draw_voucher(order_id, gpus * elapsed + 1)
    world.draw_voucher(order_id, gpus * elapsed)
    taken = world.asset.balanceOf(company)
    assert taken == 2 * USDC * gpus * elapsed // HOUR
    assert taken <= min(UNLOCKED[0], MAX_PER_DAY * elapsed // DAY)
    world.terminate(grant_id)
    world.escrow.give_notice(order_id, sender=world.stranger)
    support.pass_time(DRAW_SECONDS)
    world.escrow.close_order(order_id, sender=world.stranger)
    world.escrow.return_budget(grant_id, sender=world.stranger)
    assert world.free() == free - taken + BOND
    assert world.committed() == 0
    assert world.asset.balanceOf(world.builder) == 0


def test_donation__to_grants_or_escrow__changes_nothing(world):
    grant_id, order_id = leased(world)
    support.pass_time(HOUR)
    before = world.treasury.free(GRANTS_PURPOSE, world.asset), world.escrow.available(grant_id)
    for contract in (world.grants, world.escrow, world.treasury):
        world.asset.mint(contract, USDC)
    assert before == (
        world.treasury.free(GRANTS_PURPOSE, world.asset),
        world.escrow.available(grant_id),
    )
    assert world.draw_voucher(order_id, HOUR) == PRICE

"""Attacks on vouchers: whose they are, for which time, how often. Each runs twice: on the
contracts, and on a mutant without the defence that it aims at.
"""

import boa
import pytest

from tests import support
from tests.attack.grant_world import (
    Attacks,
    hand_over,
    leased,
    make_world,
    own_offer,
    sign,
)
from tests.kits.grants import DUES, GRACE_SECONDS, HOUR, PRICE, REVIEW_SECONDS
from tests.support import DAY, works

attack = Attacks()
ESCROW = "ComputeEscrow"
GPUS = 4


@pytest.fixture(scope="module")
def world():
    return make_world()


# --- vouchers ---


@attack(
    ESCROW,
    (
        "vouchers",
        "abi_encode(VOUCHER_TYPEHASH, order_id, gpu_seconds)",
        "abi_encode(VOUCHER_TYPEHASH, gpu_seconds)",
    ),
)
def voucher_replayed_on_another_order(world):
    grant_id, first = leased(world)
    second = world.order(grant_id, 1, gpus=GPUS, seconds=DAY)
    support.pass_time(HOUR)
    signature = sign(world.escrow, first, HOUR)
    world.escrow.draw(first, HOUR, signature)
    return works(world.escrow.draw, second, HOUR, signature)


NO_DOMAIN = (
    "vouchers",
    "eip712_domain_separator._hash_typed_data_v4(\n"
    "        keccak256(abi_encode(VOUCHER_TYPEHASH, order_id, gpu_seconds))\n    )",
    "keccak256(abi_encode(VOUCHER_TYPEHASH, order_id, gpu_seconds))",
)


@attack(ESCROW, NO_DOMAIN)
def voucher_replayed_on_another_contract(world):
    twin = make_world(ComputeEscrow=world.escrow.deployer)
    for suite in (world, twin):
        leased(suite)
    support.pass_time(HOUR)
    return works(twin.escrow.draw, 1, HOUR, sign(world.escrow, 1, HOUR))


@attack(ESCROW, NO_DOMAIN)
def voucher_replayed_on_another_chain(world):
    _, order_id = leased(world)
    support.pass_time(HOUR)
    signature = sign(world.escrow, order_id, HOUR)
    home = boa.env.evm.patch.chain_id
    boa.env.evm.patch.chain_id = home + 1
    try:
        return works(world.escrow.draw, order_id, HOUR, signature)
    finally:
        boa.env.evm.patch.chain_id = home


@attack(
    ESCROW,
    (ESCROW, 'assert gpu_seconds > usage.gpu_seconds, "voucher is stale"', "pass"),
    (ESCROW, "amount: uint256 = earned - usage.paid", "amount: uint256 = earned"),
)
def stale_voucher_drawn_again(world):
    _, order_id = leased(world)
    support.pass_time(HOUR)
    world.draw_voucher(order_id, HOUR)
    works(world.draw_voucher, order_id, HOUR)
    return world.asset.balanceOf(world.provider) > PRICE


@attack(
    ESCROW,
    (
        ESCROW,
        "assert (\n        gpu_seconds <= leases._gpu_seconds(lease, min(ends_at, block.timestamp))"
        '\n    ), "voucher is ahead of the lease"',
        "pass",
    ),
)
def budget_turned_into_cash_in_the_block_of_its_approval(world):
    """F5: the builder's company delivers a month of machines in a second."""
    grant_id = world.active()
    offer_id, company = own_offer(world)
    order_id = world.order(grant_id, offer_id, gpus=8)
    works(world.draw_voucher, order_id, 8 * 30 * DAY)
    return world.asset.balanceOf(company) > 0


@attack(
    ESCROW,
    (
        "leases",
        "lease.gpus * (max(until, lease.starts_at) - lease.starts_at)",
        "lease.gpus * until",
    ),
)
def machines_paid_before_they_start(world):
    grant_id = world.active()
    starts_at = support.now() + DAY
    order_id = world.order(grant_id, world.offer(), gpus=GPUS, starts_at=starts_at)
    support.pass_time(DAY)
    return works(world.draw_voucher, order_id, 1)


@attack(
    ESCROW,
    (
        ESCROW,
        "ends_at: uint256 = min(lease.ends_at, rights.stops_at)",
        "ends_at: uint256 = rights.stops_at",
    ),
)
def machines_paid_after_they_were_stopped(world):
    """What the notice set free is in another order by then."""
    _, order_id = leased(world)
    support.pass_time(HOUR)
    world.escrow.give_notice(order_id, sender=world.builder)
    support.pass_time(HOUR)
    return works(world.draw_voucher, order_id, 2 * GPUS * HOUR)


@attack(
    ESCROW,
    (
        ESCROW,
        "ends_at: uint256 = min(lease.ends_at, rights.stops_at)",
        "ends_at: uint256 = lease.ends_at",
    ),
)
def overdue_builder_keeps_spending(world):
    """F7: nothing was submitted until the due date; only a vote gives it more time."""
    _, order_id = leased(world, seconds=60 * DAY)
    support.pass_time(DUES[0] + DAY)
    return works(world.draw_voucher, order_id, GPUS * (DUES[0] + DAY))


@attack(
    ESCROW,
    (ESCROW, 'assert block.timestamp < rights.stops_at, "grant may not order"', "pass"),
)
def overdue_builder_keeps_ordering(world):
    grant_id = world.active()
    support.pass_time(DUES[0])
    return works(world.order, grant_id, world.offer(), gpus=1, seconds=DAY)


@attack(
    "TrainingGrants",
    (
        "milestones",
        "if progress.in_review or block.timestamp < progress.due_at:",
        "if False:",
    ),
)
def dismissed_builder_signs_the_reserve_away(world):
    """F6: the grant was terminated; what its leases had not come to is the DAO's."""
    grant_id, order_id = leased(world)
    world.terminate(grant_id)
    support.pass_time(5 * DAY)
    return works(world.draw_voucher, order_id, GPUS * 5 * DAY)


@attack(
    "TrainingGrants",
    (
        "milestones",
        "if progress.in_review or block.timestamp < progress.due_at:",
        "if True:",
    ),
)
def overdue_builder_ends_its_grant_to_be_paid_for_the_grace(world):
    """From the due date on nothing was earned, and the end of the grant may not change that."""
    grant_id, order_id = leased(world, seconds=90 * DAY)
    support.pass_time(DUES[0] + GRACE_SECONDS)
    world.grants.expire(grant_id, sender=world.builder)
    return works(world.draw_voucher, order_id, GPUS * (DUES[0] + GRACE_SECONDS))


def reviewed_beyond_its_due_date(world):
    """A grant, its lease and the GPU-seconds delivered; objected to, and overdue otherwise."""
    grant_id, order_id = leased(world, seconds=90 * DAY)
    support.pass_time(DUES[0] - 1)
    world.submit(grant_id)
    world.object(grant_id)
    support.pass_time(REVIEW_SECONDS + 2 * DAY)
    return grant_id, order_id, GPUS * (DUES[0] - 1 + REVIEW_SECONDS + 2 * DAY)


@attack(
    "TrainingGrants",
    (
        "milestones",
        "if progress.in_review or block.timestamp < progress.due_at:",
        "if block.timestamp < progress.due_at:",
    ),
)
def provider_loses_to_a_termination_what_it_delivered_in_review(world):
    grant_id, order_id, delivered = reviewed_beyond_its_due_date(world)
    world.terminate(grant_id)
    return not works(world.draw_voucher, order_id, delivered)


@attack(
    "TrainingGrants",
    (
        "TrainingGrants",
        "milestones._withdraw(grant_id, progress, block.timestamp)",
        "milestones._withdraw(grant_id, progress, 0)",
    ),
)
def provider_loses_to_a_withdrawal_what_it_delivered_in_review(world):
    grant_id, order_id, delivered = reviewed_beyond_its_due_date(world)
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    return not works(world.draw_voucher, order_id, delivered)


@attack(
    "TrainingGrants",
    (
        "TrainingGrants",
        "elif progress.state == convert(ITrainingGrants.GrantState.ACTIVE, uint256):",
        "else:",
    ),
)
def successor_revives_the_leases_of_an_ended_grant(world):
    grant_id, order_id = leased(world, seconds=60 * DAY)
    world.grants.replace_recipient(grant_id, world.builder, sender=world.owner)
    support.pass_time(14 * DAY)
    world.terminate(grant_id)
    support.pass_time(DAY)
    world.grants.accept_recipient(grant_id, sender=world.builder)
    support.pass_time(DAY)
    return works(world.draw_voucher, order_id, GPUS * 15 * DAY)


@attack(
    ESCROW,
    (ESCROW, 'assert block.timestamp < ends_at + DRAW_SECONDS, "order is over"', "pass"),
)
def voucher_signed_a_year_after_the_lease(world):
    """F6."""
    grant_id, order_id = leased(world)
    support.pass_time(10 * DAY)
    world.accept(grant_id)
    world.accept(grant_id)
    support.pass_time(60 * DAY)
    return works(world.draw_voucher, order_id, HOUR)


@attack(
    ESCROW,
    (
        ESCROW,
        "rights.recipient, vouchers._digest(order_id, gpu_seconds), signature",
        "(staticcall IGrantApplications(staticcall ITrainingGrants(self.grants).applications())"
        ".application(lease.grant_id)).recipient, "
        "vouchers._digest(order_id, gpu_seconds), signature",
    ),
)
def voucher_signed_by_a_former_recipient(world):
    grant_id, order_id = leased(world)
    hand_over(world, grant_id, world.stranger)
    support.pass_time(HOUR)
    return works(world.draw_voucher, order_id, HOUR)


@attack(
    ESCROW,
    (
        ESCROW,
        "assert signature_checks._is_valid(\n"
        "        rights.recipient, vouchers._digest(order_id, gpu_seconds), signature\n"
        '    ), "voucher is not the builder\'s"',
        "pass",
    ),
)
def voucher_that_nobody_signed(world):
    _, order_id = leased(world)
    support.pass_time(HOUR)
    return works(world.escrow.draw, order_id, HOUR, b"", sender=world.provider)


@pytest.mark.parametrize("name", attack.found)
def test_attack__contracts__hold(world, name):
    assert not attack.found[name].run(world)


@pytest.mark.parametrize("name", attack.found)
def test_attack__without_the_defence__succeeds(name):
    assert attack.found[name].gains_without_defence()

"""TrainingGrants: bonds, who posts them until when, and what happens without one."""

import boa
import pytest

from tests import odd_assets, support
from tests.kits.grants import (
    AMOUNTS,
    BOND,
    BOND_SECONDS,
    DATA,
    EXPIRED,
    GRACE_SECONDS,
    GRANTS_PURPOSE,
    PROMISED,
    TREASURY_FUNDS,
    UNLOCKED,
    event_names,
    logged,
    milestone_terms,
)
from tests.odd_assets import Entry, Fault
from tests.support import DAY


@pytest.mark.parametrize("role", ["builder", "owner", "stranger"])
def test_post_bond__by_anyone__the_treasury_keeps_it(world, application, role):
    world.approve(application)
    payer = getattr(world, role)
    before = world.asset.balanceOf(payer)
    world.post_bond(application, payer)
    events = logged(world.grants)
    assert [name for name, _ in events] == [
        *("BondPosted", "Transfer", "Approval", "Deposited", "Committed", "Transfer"),
    ]
    assert events[0][1] == {"grant_id": application, "payer": payer, "amount": BOND}
    assert world.is_bonded(application)
    assert world.grants.commitments(application) == (1, 3)
    assert world.treasury.commitment(3) == (
        *(world.grants.address, GRANTS_PURPOSE, world.asset.address, BOND),
    )
    assert world.asset.balanceOf(payer) == before
    assert world.asset.balanceOf(world.grants) == 0
    assert world.asset.allowance(world.grants, world.treasury) == 0
    assert world.grants.compute_unlocked(application) == UNLOCKED[0]
    # What was never free is taken from nobody, and no cap counts it.
    assert world.free() == TREASURY_FUNDS - PROMISED
    assert world.treasury.taken_lately(GRANTS_PURPOSE, world.asset) == PROMISED


def test_post_bond__twice__reverts(world, grant_id):
    with boa.reverts("bond is posted"):
        world.post_bond(grant_id)


def test_post_bond__not_active__reverts(world, application):
    for not_active in (0, application, 99):
        with boa.reverts("grant is not active"):
            world.grants.post_bond(not_active, sender=world.builder)
    world.approve(application)
    world.terminate(application)
    with boa.reverts("grant is not active"):
        world.grants.post_bond(application, sender=world.builder)


def test_post_bond__not_a_committer_any_more__reverts(world, application):
    world.approve(application)
    world.treasury.set_committer(world.grants, False, sender=world.owner)
    with boa.reverts("caller is not a committer"):
        world.post_bond(application)


def test_post_bond__too_little_approved__reverts(world, application):
    world.approve(application)
    support.fund_and_approve(world.asset, world.builder, world.grants, BOND - 1)
    with boa.reverts("allowance is too low"):
        world.grants.post_bond(application, sender=world.builder)


def plain_bond() -> dict:
    """A DATA grant with a bond of which a fee of 1 % is a unit."""
    milestones = [milestone_terms(250, step * 30 * DAY) for step in (1, 2, 3, 4)]
    return {"kind": DATA, "split": [], "milestones": milestones, "bond": 100}


@pytest.fixture
def odd_grant(world) -> tuple:
    """A grant in an asset whose faults the test chooses, and the asset; its bond is missing."""
    odd = odd_assets.deploy_odd_asset()
    world.treasury.accept_asset(odd, sender=world.owner)
    support.fund_and_approve(odd, world.owner, world.treasury, 10_000)
    world.treasury.deposit(GRANTS_PURPOSE, odd, 10_000, sender=world.owner)
    grant_id = world.approved(**plain_bond(), asset=odd.address)
    support.fund_and_approve(odd, world.builder, world.grants, 100)
    return odd, grant_id


@pytest.mark.parametrize(
    ("fault", "entry", "reason"),
    [
        (Fault.RETURNS_FALSE, Entry.TRANSFER_FROM, "asset transfer failed"),
        (Fault.RETURNS_FALSE, Entry.APPROVE, "asset approval failed"),
        (Fault.MOVES_NOTHING, Entry.TRANSFER_FROM, "asset took a fee"),
        (Fault.PAUSED, Entry.TRANSFER_FROM, "asset is paused"),
        (Fault.FEE_ON_RECEIVER, Entry.TRANSFER_FROM, "balance is too low"),
        (Fault.FEE_ON_SENDER, Entry.TRANSFER_FROM, "balance is too low"),
    ],
)
def test_post_bond__odd_asset__reverts(world, odd_grant, fault, entry, reason):
    odd, grant_id = odd_grant
    odd.misbehave(fault, entry)
    with boa.reverts(reason):
        world.grants.post_bond(grant_id, sender=world.builder)
    assert not world.is_bonded(grant_id)


def test_post_bond__asset_without_answers__works(world, odd_grant):
    odd, grant_id = odd_grant
    odd.misbehave(Fault.RETURNS_NOTHING | Fault.REVERTS_ON_REAPPROVAL, Entry.ALL)
    world.grants.post_bond(grant_id, sender=world.builder)
    assert world.is_bonded(grant_id)


def test_bond__missing__nothing_can_be_submitted_or_ordered(world, application, offer_id):
    world.approve(application)
    with boa.reverts("bond is not posted"):
        world.submit(application)
    with boa.reverts("budget is too small"):
        world.order(application, offer_id, seconds=1)
    world.post_bond(application)
    world.submit(application)
    world.order(application, offer_id)


def test_bond__missing_for_thirty_days__anyone_ends_the_grant(world):
    grant_id = world.approved(milestones=make_later())
    support.pass_time(BOND_SECONDS - 1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(grant_id, sender=world.stranger)
    support.pass_time(1)
    with boa.env.anchor():
        # Still in time, as long as nobody has ended it.
        world.post_bond(grant_id)
        with boa.reverts("grace has not passed"):
            world.grants.expire(grant_id, sender=world.stranger)
    world.grants.expire(grant_id, sender=world.stranger)
    assert event_names(world.grants) == ["CommitmentReleased", "GrantExpired"]
    assert logged(world.grants)[1][1] == {
        "grant_id": grant_id,
        "milestone": 1,
        "returned": sum(AMOUNTS),
    }
    assert world.grants.state(grant_id) == EXPIRED
    world.escrow.return_budget(grant_id)
    assert (world.free(), world.committed()) == (TREASURY_FUNDS, 0)


def test_bond__missing__dates_that_a_vote_moved_give_it_no_time(world, application):
    """It counts from the approval, whatever the due dates do."""
    world.approve(application)
    approved_at = support.now()
    due_at = world.due_at(application)
    world.grants.move_due(application, 1, due_at + 200 * DAY, sender=world.owner)
    support.warp_to(approved_at + BOND_SECONDS - 1)
    with boa.reverts("grace has not passed"):
        world.grants.expire(application)
    support.pass_time(1)
    with boa.env.anchor():
        world.grants.expire(application)
        assert world.grants.state(application) == EXPIRED
    # And no milestone can be late before its date for want of it.
    world.post_bond(application)
    with boa.reverts("grace has not passed"):
        world.grants.expire(application)


def test_post_bond__milestone_overdue__reverts(world, application):
    """A bond that is posted then would only be lost."""
    world.approve(application)
    due_at = world.due_at(application)
    support.warp_to(due_at - 1)
    with boa.env.anchor():
        world.post_bond(application)
        assert world.is_bonded(application)
    for late in (0, GRACE_SECONDS):
        support.warp_to(due_at + late)
        with boa.reverts("milestone is overdue"):
            world.post_bond(application)
    # More time by a vote is time for the bond as well.
    world.grants.move_due(application, 1, support.now() + 1, sender=world.owner)
    world.post_bond(application)


def make_later() -> list:
    """The milestones of `make_terms`, none due before the bond."""
    return [
        milestone_terms(AMOUNTS[0], 60 * DAY, compute_unlocked=UNLOCKED[0]),
        milestone_terms(AMOUNTS[1], 90 * DAY, compute_unlocked=UNLOCKED[1]),
        milestone_terms(AMOUNTS[2], 120 * DAY, model_required=True),
    ]

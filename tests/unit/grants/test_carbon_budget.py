"""TrainingGrants: what a grant emits, by its reports and its leases, and who then accepts."""

import boa
import pytest

from tests import support
from tests.kits.grants import (
    ACCEPTED,
    GPUS,
    HOUR,
    LEASE_SECONDS,
    OBJECTED,
    PHASE_SERVING,
    REVIEW_SECONDS,
    SUBMITTED,
)
from tests.support import MAX_UINT


@pytest.mark.parametrize(("budget", "over"), [(400, False), (399, True), (0, False)])
def test_submit__reported_carbon__above_the_budget_only_a_vote(world, budget, over):
    grant_id = world.active(carbon_budget_grams=budget)
    # 1,000 Wh at 400 g/kWh.
    world.submit(grant_id, report_id=world.report(grant_id, 1))
    found = world.grants.milestone(grant_id, 1)
    assert found.state == (OBJECTED if over else SUBMITTED)
    assert (found.accepts_at == MAX_UINT) == over
    support.pass_time(1_000 * REVIEW_SECONDS)
    assert world.state_of(grant_id) == (OBJECTED if over else ACCEPTED)


def test_submit__reports_of_all_milestones__count_together(world):
    grant_id = world.active(carbon_budget_grams=799)
    world.accept(grant_id, report_id=world.report(grant_id, 1))
    world.submit(grant_id, report_id=world.report(grant_id, 2))
    assert world.grants.milestone(grant_id, 2).accepts_at == MAX_UINT
    # A report of serving is a rate, and no part of it.
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    world.report(grant_id, 2, supersedes=2, energy_wh=900)
    world.report(grant_id, 2, phase=PHASE_SERVING, energy_wh=5_000)
    world.submit(grant_id)
    assert world.state_of(grant_id, 2) == SUBMITTED


def test_submit__leased_compute__above_the_budget_only_a_vote(world, offer_id):
    """It counts when it is leased, so nobody keeps below a budget by drawing late."""
    # A month of 8 GPUs of 700 W at a PUE of 1.2 and 400 g/kWh.
    grams = LEASE_SECONDS // HOUR * GPUS * 700 * 12 * 400 // 10_000
    for budget, accepts in ((grams, True), (grams - 1, False)):
        with boa.env.anchor():
            grant_id = world.active(carbon_budget_grams=budget)
            world.order(grant_id, offer_id)
            assert world.escrow.carbon_grams(grant_id) == grams
            world.submit(grant_id)
            assert (world.grants.milestone(grant_id, 1).accepts_at != MAX_UINT) == accepts


def test_submit__lease_that_was_stopped_and_closed__counts_no_longer(world, offer_id):
    grant_id = world.active(carbon_budget_grams=1)
    order_id = world.order(grant_id, offer_id)
    world.submit(grant_id)
    assert world.grants.milestone(grant_id, 1).accepts_at == MAX_UINT
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    world.escrow.give_notice(order_id, sender=world.provider)
    world.submit(grant_id)
    assert world.grants.milestone(grant_id, 1).accepts_at == MAX_UINT
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    world.escrow.close_order(order_id, sender=world.provider)
    assert world.escrow.carbon_grams(grant_id) == 0
    world.submit(grant_id)
    assert world.grants.milestone(grant_id, 1).accepts_at == support.now() + REVIEW_SECONDS


def test_submit__over_the_carbon_budget__may_be_withdrawn_and_handed_in_again(world):
    grant_id = world.active(carbon_budget_grams=399)
    report_id = world.report(grant_id, 1)
    world.submit(grant_id, report_id=report_id)
    world.grants.withdraw_submission(grant_id, sender=world.builder)
    better = world.report(grant_id, 1, supersedes=report_id, energy_wh=900)
    world.accept(grant_id, report_id=better)
    assert world.state_of(grant_id) == ACCEPTED

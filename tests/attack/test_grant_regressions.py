"""Regressions of the design of grants: what an audit found before, and what it says of the new one.

F1 to F13 and S1 to S6 are its numbers; those that an attack covers are in the words of the attack.
"""

import boa
import pytest
from eth_utils import keccak

from tests import support
from tests.attack.grant_world import (
    PART,
    SPACING_SECONDS,
    data_grant,
    data_terms,
    decision,
    escalate,
    holder,
    is_accepted_after,
    leased,
    make_world,
    object_by,
    objected,
    submit_now,
    to_the_last,
    with_governor,
    with_report,
)
from tests.kits.grants import (
    ACCEPTED,
    AMOUNTS,
    COMPUTE_BUDGET,
    DUES,
    ESCALATION_SECONDS,
    GRACE_SECONDS,
    GRANTS_PURPOSE,
    HOUR,
    PRICE,
    REASON,
    REVIEW_SECONDS,
    SUBMITTED,
    UNLOCKED,
    USDC,
    milestone_terms,
)
from tests.odd_assets import Entry, calldata_of, deploy_odd_asset, program_reentry
from tests.support import DAY, fund_and_approve, works

GPUS = 4


@pytest.fixture(scope="module")
def world():
    return make_world()


def test_f1__challenge_and_termination_in_one_batch__take_nothing_that_was_accepted(world):
    grant_id, report_id = with_report(world)
    world.accept(grant_id, report_id=report_id)
    support.pass_time(100 * DAY)
    accepted_at = world.grants.milestone(grant_id, 1).accepted_at
    world.ledger.challenge(report_id, REASON, sender=world.owner)
    assert world.state_of(grant_id) == ACCEPTED
    world.terminate(grant_id)
    assert world.grants.milestone(grant_id, 1).accepted_at == accepted_at
    assert world.grants.draw(grant_id) == PART


def test_f4__one_per_cent_at_every_milestone__delays_five_days_each(world):
    """And no more, whenever it objects, with a challenge of the report on top."""
    who = holder(world, "one per cent", 100)
    grant_id, report_id = with_report(world)
    world.challenge(report_id)
    world.submit(grant_id, report_id=report_id)
    begin = support.now()
    support.pass_time(REVIEW_SECONDS - 1)
    assert object_by(world, grant_id, who)
    assert world.grants.milestone(grant_id, 1).accepts_at == begin + REVIEW_SECONDS + 5 * DAY
    support.warp_to(begin + REVIEW_SECONDS + 5 * DAY)
    assert not object_by(world, grant_id, who)
    assert world.grants.draw(grant_id) == PART


def test_f9__governor_slower_than_the_window__still_decides(world):
    """A named proposal holds as long as that Governor takes; its last second is in time."""
    governor = with_governor(world)
    grant_id = objected(world)
    timelock = governor.timelock()
    for function, seconds in (("setVotingDelay", 30 * DAY), ("setVotingPeriod", 60 * DAY)):
        getattr(governor, function)(seconds, sender=timelock)
    support.pass_time(REVIEW_SECONDS)
    proposal = decision(world, governor, grant_id)
    assert escalate(world, grant_id)
    proposal.open().vote(world.owner).close()
    support.pass_time(7 * DAY)
    world.decide(grant_id, 0)
    assert world.grants.drawable(grant_id) == 0


def test_f10__challenge_that_is_cleared__leaves_the_objections_their_time(world):
    who = holder(world, "one per cent", 100)
    grant_id, report_id = with_report(world)
    world.submit(grant_id, report_id=report_id)
    world.challenge(report_id)
    assert world.state_of(grant_id) == SUBMITTED
    support.pass_time(REVIEW_SECONDS - 1)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    assert object_by(world, grant_id, who)
    assert not is_accepted_after(world, grant_id, ESCALATION_SECONDS)


def test_s5__report_challenged_again_and_again__costs_five_days_a_submission(world):
    """A challenge before the submission refuses nothing any more."""
    grant_id, report_id = with_report(world)
    world.challenge(report_id)
    better = world.report(grant_id, 1, supersedes=report_id)
    world.challenge(better)
    world.submit(grant_id, report_id=better)
    assert is_accepted_after(world, grant_id, REVIEW_SECONDS + ESCALATION_SECONDS)


def test_f13__silence__pays_a_third_and_the_next_vote_ends_it(world):
    """Worthless work that nobody looks at is paid: the bound is what one step is worth."""
    free = world.free()
    grant_id = data_grant(world)
    world.submit(grant_id, evidence=keccak(b"garbage"))
    support.pass_time(REVIEW_SECONDS)
    world.grants.draw(grant_id)
    world.terminate(grant_id)
    bond = 3 * PART // 10
    assert free - world.free() == PART - bond
    assert world.asset.balanceOf(world.builder) == PART
    assert PART == 40_000 * USDC


def test_s3__last_draw_by_a_stranger__cuts_no_lease_short(world):
    """The acceptance of the last milestone ends leases at its own second, whoever draws when; what
    was delivered until then is drawn for a week."""
    grant_id = world.active()
    to_the_last(world, grant_id)
    order_id = world.order(grant_id, world.offer(), gpus=GPUS, seconds=300 * DAY // 10)
    begin = support.now()
    world.submit_model(grant_id)
    support.pass_time(REVIEW_SECONDS + DAY)
    finished_at = world.grants.milestone(grant_id, 3).accepted_at
    assert world.escrow.lease_ends_at(order_id) == finished_at
    assert world.grants.draw(grant_id, sender=world.stranger) == sum(AMOUNTS)
    assert world.escrow.lease_ends_at(order_id) == finished_at
    world.escrow.give_notice(order_id, sender=world.stranger)
    with boa.reverts("order may still be drawn"):
        world.escrow.close_order(order_id, sender=world.stranger)
    assert world.draw_voucher(order_id, GPUS * (finished_at - begin)) > 0


def test_s4__provider_that_never_delivers__frees_the_budget_at_once(world):
    """Rate and reserve, in the block of the notice."""
    grant_id, offer_id = world.active(), world.offer()
    order_id = world.order(grant_id, offer_id, gpus=8)
    support.pass_time(HOUR)
    world.escrow.give_notice(order_id, sender=world.builder)
    assert world.escrow.available(grant_id) == UNLOCKED[0] - 8 * PRICE
    world.order(grant_id, offer_id, gpus=8, seconds=29 * DAY)


@pytest.fixture
def odd(world):
    """The world with an asset that calls back and has a black list, and a grant in it."""
    asset = deploy_odd_asset()
    world.other_assets[asset.address] = asset
    world.treasury.accept_asset(asset, sender=world.owner)
    fund_and_approve(asset, world.owner, world.treasury, 10 * PART)
    world.treasury.deposit(GRANTS_PURPOSE, asset, 10 * PART, sender=world.owner)
    # A quarter of what is free.
    milestones = [milestone_terms(PART // 2, due * DAY) for due in (30, 60, 90)]
    terms = data_terms(milestones=milestones, asset=asset.address)
    return world, asset, world.active(**terms)


def test_draw__reentered_by_the_token__pays_once(odd):
    world, asset, grant_id = odd
    world.accept(grant_id)
    again = calldata_of(world.grants, "draw", grant_id)
    program_reentry(asset, world.grants, again, entries=Entry.TRANSFER)
    world.grants.draw(grant_id)
    assert asset.balanceOf(world.builder) == PART // 2
    assert world.grants.milestone(grant_id, 1).paid == PART // 2


def test_f8__recipient_that_the_asset_refuses__is_replaced_by_vote_and_its_money_paid(odd):
    """What was accepted for a lost key or a blacklisted account is not stuck for ever."""
    world, asset, grant_id = odd
    world.accept(grant_id)
    asset.set_blacklisted(world.builder, True)
    with boa.reverts("account is blacklisted"):
        world.grants.draw(grant_id)
    world.terminate(grant_id)
    world.grants.replace_recipient(grant_id, world.stranger, sender=world.owner)
    support.pass_time(14 * DAY)
    world.grants.accept_recipient(grant_id, sender=world.stranger)
    world.grants.draw(grant_id)
    assert asset.balanceOf(world.stranger) == PART // 2
    assert world.treasury.committed(GRANTS_PURPOSE, asset) == 0


# --- faults that were found in the first version of these contracts, and mended ---


@pytest.mark.parametrize("end", ["expire", "terminate"])
def test_overdue_grant__ended__revives_no_lease(world, end):
    """From the due date on nothing was earned; the end of the grant may not change that."""
    grant_id, order_id = leased(world, seconds=90 * DAY)
    support.pass_time(DUES[0] + GRACE_SECONDS)
    stopped_at = world.escrow.lease_ends_at(order_id)
    if end == "expire":
        world.grants.expire(grant_id, sender=world.builder)
    else:
        world.terminate(grant_id)
    assert world.escrow.lease_ends_at(order_id) == stopped_at
    assert not works(world.draw_voucher, order_id, GPUS * (DUES[0] + GRACE_SECONDS))


def test_withdrawn_submission__after_the_due_date__takes_no_delivered_time(world):
    grant_id, order_id = leased(world, seconds=90 * DAY)
    support.pass_time(DUES[0] - 1)
    world.submit(grant_id)
    world.object(grant_id)
    support.pass_time(REVIEW_SECONDS + 2 * DAY)
    delivered = GPUS * (DUES[0] - 1 + REVIEW_SECONDS + 2 * DAY)
    works(world.grants.withdraw_submission, grant_id, sender=world.builder)
    assert works(world.draw_voucher, order_id, delivered)


def test_carbon_budget__vouchers_kept_until_after_the_submission__counts_them(world):
    grant_id, order_id = leased(world, seconds=20 * DAY, carbon_budget_grams=1_000)
    support.pass_time(20 * DAY)
    world.submit(grant_id)
    world.draw_voucher(order_id, GPUS * 20 * DAY)
    assert world.escrow.carbon_grams(grant_id) > 1_000
    support.pass_time(REVIEW_SECONDS)
    assert not works(world.grants.draw, grant_id)


def test_replacement_by_vote__of_a_builder_that_resubmits__comes_to_pass(world):
    grant_id = world.active()
    world.grants.replace_recipient(grant_id, world.stranger, sender=world.owner)
    world.submit(grant_id)
    for _ in range(5):
        support.pass_time(5 * DAY)
        works(world.grants.withdraw_submission, grant_id, sender=world.builder)
        works(world.submit, grant_id)
    assert works(world.grants.accept_recipient, grant_id, sender=world.stranger)


def test_silent_grant__submitted_as_early_as_possible__pays_weeks_apart(world):
    """Money leaves in steps that are three weeks apart: a fortnight, and a review."""
    grant_id = data_grant(world)
    for _ in range(3):
        support.pass_time(SPACING_SECONDS - 1)
        with boa.reverts("milestone is too early"):
            submit_now(world, grant_id)
        support.pass_time(1)
        submit_now(world, grant_id)
        support.pass_time(REVIEW_SECONDS)
        assert world.grants.draw(grant_id) == PART


def test_compute__terms_with_caps_as_high_as_the_budget__are_refused(world):
    """The third that is unlocked would become cash an hour after the vote."""
    world.apply(max_compute_per_day=COMPUTE_BUDGET // 7)
    dear = {"max_price_per_gpu_hour": UNLOCKED[0], "max_compute_per_day": 24 * UNLOCKED[0]}
    for changes in (dear, {"max_compute_per_day": COMPUTE_BUDGET // 7 + 1}):
        with boa.reverts("compute is too fast"):
            world.apply(**changes)

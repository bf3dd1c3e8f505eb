"""Attacks on grants, their compute budgets. Each runs twice: on the contracts,
where it must fail, and on a mutant without the defence that it aims at, where it must succeed.
"""

from typing import Any

import boa
import pytest
from eth_account import Account

from tests import support
from tests.attack.grant_world import Attacks, with_report
from tests.kits.grants import (
    AMOUNTS,
    BUILDER_KEY,
    COMPUTE_BUDGET,
    DECISION_SECONDS,
    GRANTS_PURPOSE,
    PRICE,
    REASON,
    REVIEW_SECONDS,
    make_world,
    milestone_terms,
)
from tests.odd_assets import Entry, calldata_of, deploy_odd_asset, program_reentry
from tests.support import DAY, fund_and_approve, works

attack = Attacks()


def sign(escrow: Any, order_id: int, gpu_seconds: int) -> bytes:
    """The builder's signature of whatever this escrow says that a voucher's digest is."""
    digest = escrow.voucher_digest(order_id, gpu_seconds)
    return bytes(Account.unsafe_sign_hash(digest, BUILDER_KEY).signature)


# --- terms ---


@attack(
    "TrainingGrants",
    (
        "TrainingGrants",
        'assert terms_hash == grant_terms.hash_of[grant_id], "terms hash does not match"',
        "",
    ),
)
def other_terms_approved_than_were_voted_on(world):
    voted_on = world.grants.terms_hash(world.apply(milestones=[milestone_terms(1)]))
    greedy = world.apply(milestones=[milestone_terms(10**12)])
    return works(world.grants.approve, greedy, voted_on, sender=world.owner)


@attack(
    "TrainingGrants",
    (
        "TrainingGrants",
        "assert self.grants[grant_id].status != ITrainingGrants.GrantState.APPLIED, "
        '"grant is not approved"',
        "",
    ),
)
def recipient_changed_between_review_and_approval(world):
    grant_id = world.apply()
    works(world.grants.propose_recipient, grant_id, world.stranger, sender=world.builder)
    works(world.grants.accept_recipient, grant_id, sender=world.stranger)
    world.approve(grant_id)
    return world.grants.recipient(grant_id) == world.stranger


# --- payments ---


@attack("TrainingGrants", ("milestones", "self.progress[grant_id].paid = accepted", ""))
def milestone_paid_twice(world):
    grant_id = world.active()
    world.accept(grant_id)
    world.grants.draw(grant_id)
    works(world.grants.draw, grant_id)
    return world.asset.balanceOf(world.builder) > AMOUNTS[0]


@attack(
    "TrainingGrants",
    (
        "milestones",
        "return self._accept(grant_id, block.timestamp)\n"
        "    self.progress[grant_id].in_review = False",
        "return self._accept(grant_id, block.timestamp)",
    ),
)
def rejected_work_paid_after_a_while(world):
    grant_id = world.active()
    world.submit(grant_id)
    world.object(grant_id)
    world.decide(grant_id, False)
    support.pass_time(DECISION_SECONDS)
    return works(world.grants.draw, grant_id)


@attack(
    "TrainingGrants",
    (
        "TrainingGrants",
        "self._settle(grant_id)\n    returned: uint256 = milestones._end(grant_id)\n"
        "    self.grants[grant_id].status = ITrainingGrants.GrantState.TERMINATED",
        "returned: uint256 = milestones._end(grant_id)\n"
        "    self.grants[grant_id].status = ITrainingGrants.GrantState.TERMINATED",
    ),
)
def termination_takes_back_what_was_earned(world):
    grant_id = world.active()
    world.accept(grant_id)
    world.terminate(grant_id)
    return not works(world.grants.draw, grant_id)


@attack(
    "TrainingGrants",
    ("milestones", "self.progress[grant_id].in_review = False\n    return g", "return g"),
)
def cancelled_work_paid_after_termination(world):
    grant_id = world.active()
    world.accept(grant_id)
    world.submit(grant_id, 2)
    world.terminate(grant_id)
    support.pass_time(REVIEW_SECONDS)
    return world.grants.drawable(grant_id) > AMOUNTS[0]


@attack(
    "TrainingGrants",
    (
        "milestones",
        'assert not self.progress[grant_id].in_review, "milestone is under review"',
        "pass",
    ),
)
def evidence_swapped_under_review(world):
    grant_id = world.active()
    world.submit(grant_id)
    world.object(grant_id)
    return works(world.submit, grant_id)


# --- objections ---


@attack(
    "TrainingGrants",
    (
        "milestones",
        "standing.accepted + 1 and standing.state == ITrainingGrants.MilestoneState.SUBMITTED",
        "standing.accepted + 1",
    ),
)
def objection_repeated_to_delay_for_ever(world):
    grant_id = world.active()
    world.submit(grant_id)
    world.object(grant_id)
    support.pass_time(DECISION_SECONDS - 1)
    works(world.object, grant_id)
    support.pass_time(1)
    return not works(world.grants.draw, grant_id)


@attack(
    "TrainingGrants",
    (
        "review_policy",
        "TOKEN.getPastVotes(account, block.timestamp - 1)",
        "TOKEN.getVotes(account)",
    ),
)
def objection_by_votes_of_this_very_second(world):
    world.give_votes(world.owner, 10**18)
    grant_id = world.active()
    world.submit(grant_id)
    world.token.delegate(world.stranger, sender=world.stranger)
    world.token.transfer(world.stranger, 10**18, sender=world.owner)
    return works(world.grants.object, grant_id, 1, REASON, sender=world.stranger)


@attack(
    "EnergyLedger",
    (
        "EnergyLedger",
        'assert is_owner or self.challenges[report_id].cleared_at == 0, "challenge was cleared"',
        "",
    ),
)
def challenge_repeated_by_the_guardian_to_delay_for_ever(world):
    grant_id, report_id = with_report(world)
    world.submit(grant_id, 1, report_id)
    world.challenge(report_id)
    world.ledger.clear_challenge(report_id, REASON, sender=world.owner)
    works(world.challenge, report_id)
    support.pass_time(REVIEW_SECONDS)
    return not works(world.grants.draw, grant_id)


# --- compute ---


@attack(
    "ComputeEscrow",
    (
        "vouchers",
        "abi_encode(VOUCHER_TYPEHASH, order_id, gpu_seconds)",
        "abi_encode(VOUCHER_TYPEHASH, gpu_seconds)",
    ),
)
def voucher_replayed_on_another_order(world):
    grant_id, offer_id = world.active(), world.offer()
    first, second = world.order(grant_id, offer_id), world.order(grant_id, offer_id)
    signature = sign(world.escrow, first, 3_600)
    world.escrow.draw(first, 3_600, signature)
    return works(world.escrow.draw, second, 3_600, signature)


NO_DOMAIN = (
    "vouchers",
    "eip712_domain_separator._hash_typed_data_v4(\n"
    "        keccak256(abi_encode(VOUCHER_TYPEHASH, order_id, gpu_seconds))\n    )",
    "keccak256(abi_encode(VOUCHER_TYPEHASH, order_id, gpu_seconds))",
)


@attack("ComputeEscrow", NO_DOMAIN)
def voucher_replayed_on_another_contract(world):
    twin = make_world(ComputeEscrow=world.escrow.deployer)
    for suite in (world, twin):
        suite.order(suite.active(), suite.offer())
    return works(twin.escrow.draw, 1, 3_600, sign(world.escrow, 1, 3_600))


@attack("ComputeEscrow", NO_DOMAIN)
def voucher_replayed_on_another_chain(world):
    order_id = world.order(world.active(), world.offer())
    signature = sign(world.escrow, order_id, 3_600)
    home = boa.env.evm.patch.chain_id
    boa.env.evm.patch.chain_id = home + 1
    try:
        return works(world.escrow.draw, order_id, 3_600, signature)
    finally:
        boa.env.evm.patch.chain_id = home


@attack(
    "ComputeEscrow",
    (
        "ComputeEscrow",
        'assert gpu_seconds > self.orders[order_id].drawn_gpu_seconds, "voucher is stale"',
        "",
    ),
    (
        "ComputeEscrow",
        "amount: uint256 = earned - self.orders[order_id].paid",
        "amount: uint256 = earned",
    ),
)
def stale_voucher_drawn_again(world):
    order_id = world.order(world.active(), world.offer())
    world.draw_voucher(order_id, 3_600)
    works(world.draw_voucher, order_id, 3_600)
    return world.asset.balanceOf(world.provider) > PRICE


@attack("ComputeEscrow", ("ComputeEscrow", "self.budgets[grant_id].ordered += amount", ""))
def budget_overrun_by_parallel_orders(world):
    grant_id, offer_id = world.active(), world.offer()
    whole_budget = COMPUTE_BUDGET * 3_600 // PRICE
    world.order(grant_id, offer_id, whole_budget)
    return works(world.order, grant_id, offer_id, whole_budget)


@attack(
    "ComputeEscrow",
    (
        "ComputeEscrow",
        "self.budgets[grant_id].ordered - self.budgets[grant_id].returned",
        "self.budgets[grant_id].returned",
    ),
)
def reserved_money_returned_under_an_open_order(world):
    grant_id = world.active()
    order_id = world.order(grant_id, world.offer())
    world.terminate(grant_id)
    world.escrow.return_budget(grant_id)
    return not works(world.draw_voucher, order_id, 3_600)


@attack(
    "ComputeEscrow",
    (
        "ComputeEscrow",
        'assert block.timestamp >= ends_at + DRAW_SECONDS, "order may still be drawn"',
        "pass",
    ),
)
def order_closed_in_front_of_the_providers_draw(world):
    order_id = world.order(world.active(), world.offer())
    works(world.escrow.close_order, order_id, sender=world.builder)
    return not works(world.draw_voucher, order_id, 3_600)


@attack(
    "ComputeEscrow",
    ("ComputeEscrow", "return self.budgets[grant_id].closed or ", "return "),
)
def ended_grant_keeps_its_compute_budget(world):
    grant_id = world.active()
    world.terminate(grant_id)
    return not works(world.escrow.return_budget, grant_id)


@attack("ComputeEscrow", ("ComputeEscrow", 'assert not self.in_use, "a budget was opened"', ""))
def other_grants_contract_orders_from_old_budgets(world):
    grant_id = world.active()
    fake = support.deploy(
        "TrainingGrants",
        *(world.token, world.treasury, world.escrow, world.ledger, world.grants.REWARDS()),
        *(REVIEW_SECONDS, 1),
    )
    fake.apply(world.grants.terms(grant_id), sender=world.builder)
    offer_id = world.offer()
    works(world.escrow.set_grants, fake, sender=world.owner)
    return world.escrow.grants() == fake.address and works(world.order, grant_id, offer_id)


@pytest.mark.parametrize("name", attack.found)
def test_attack__contracts__hold(name):
    assert not attack.found[name].gains()


@pytest.mark.parametrize("name", attack.found)
def test_attack__without_the_defence__succeeds(name):
    assert attack.found[name].gains_without_defence()


def test_draw__reentered_by_the_token__pays_once():
    world = make_world()
    asset = deploy_odd_asset()
    world.treasury.accept_asset(asset, sender=world.owner)
    fund_and_approve(asset, world.owner, world.treasury, 10 * AMOUNTS[0])
    world.treasury.deposit(GRANTS_PURPOSE, asset, 10 * AMOUNTS[0], sender=world.owner)
    grant_id = world.active(
        asset=asset.address,
        milestones=[milestone_terms(), milestone_terms(due_seconds=60 * DAY)],
        compute_budget=0,
    )
    world.accept(grant_id)
    again = calldata_of(world.grants, "draw", grant_id)
    program_reentry(asset, world.grants, again, entries=Entry.TRANSFER)
    world.grants.draw(grant_id)
    assert asset.balanceOf(world.builder) == AMOUNTS[0]
    assert world.grants.paid(grant_id) == AMOUNTS[0]

"""Attacks on contributor rewards: each gains nothing, and something without its defence."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import boa
import pytest
from boa import BoaError

from flywheel.rewards.merkle import keccak, leaf_hash
from tests.attack import mutants
from tests.kits.rewards import (
    CHALLENGE_SECONDS,
    REASON_HASH,
    Pool,
    claims_of,
    deploy_rewards,
    open_pool,
)
from tests.odd_assets import (
    REFUSED_FAULTS,
    Entry,
    Fault,
    calldata_of,
    deploy_odd_asset,
    program_reentry,
)
from tests.support import (
    account,
    deploy,
    deploy_asset,
    deployer_of,
    now,
    pass_time,
    reverts_otherwise,
)

# Of a refusal whose words are not told.
WHY = "each fault of the asset has words of its own, or none"

STEM = "ContributorRewards"
FUNDED = 1_000_000
EARNED = 700


class World:
    """A contract, a funded honest pool in which `worker` and `coworker` earned, and a thief."""

    def __init__(self, deployer: Any) -> None:
        self.deployer = deployer
        self.owner, self.guardian, self.payer = map(account, ("owner", "guardian", "payer"))
        self.publisher, self.thief = map(account, ("publisher", "thief"))
        self.worker, self.coworker = map(account, ("worker", "coworker"))
        self.rewards = self.new_contract()
        self.asset = deploy_asset()
        self.honest = self.new_pool(self.publisher)
        self.honest.fund(FUNDED)
        self.tree = self.honest.publish({self.worker: EARNED, self.coworker: EARNED})

    def new_contract(self) -> Any:
        contract = deploy_rewards(self.owner, self.deployer)
        until = now() + contract.MAX_GUARDIAN_SECONDS()
        contract.set_guardian(self.guardian, until, sender=self.owner)
        return contract

    def new_pool(self, publisher: str, asset: Any = None, rewards: Any = None) -> Pool:
        return open_pool(rewards or self.rewards, publisher, self.payer, asset or self.asset)

    @property
    def loot(self) -> int:
        return int(self.asset.balanceOf(self.thief))


# --- each attack returns what it gained: 0 is a failure ---


def root_above_funding(world: World) -> int:
    """The thief promises itself money that other campaigns hold."""
    own = world.new_pool(world.thief)
    with suppress(BoaError):
        own.claim(own.publish({world.thief: FUNDED}), world.thief)
    return world.loot


def leaves_above_total(world: World) -> int:
    """A root whose total is funded, but whose leaves add up to more."""
    own = world.new_pool(world.thief)
    own.fund(1)
    with suppress(BoaError):
        own.claim(own.publish({world.thief: FUNDED}, total=1), world.thief)
    return world.loot


def pending_root_overwritten(world: World) -> int:
    """The publisher swaps the root that everybody looked at in the last second of its window."""
    looked_at = world.honest.tree({world.worker: FUNDED})
    swapped = world.honest.tree({world.thief: FUNDED})
    world.honest.propose(looked_at.root, FUNDED)
    pass_time(CHALLENGE_SECONDS - 1)
    with suppress(BoaError):
        world.honest.propose(swapped.root, FUNDED)
    return int(world.honest.books.pending_root == swapped.root)


def window_skipped(world: World) -> int:
    """The publisher proposes and activates before anybody can look."""
    own = world.honest.tree({world.thief: FUNDED})
    world.honest.propose(own.root, FUNDED)
    with suppress(BoaError):
        world.honest.activate(own.root)
        world.honest.claim(own, world.thief)
    return world.loot


def cancelled_root_activated(world: World) -> int:
    """The root was thrown out, and is activated all the same."""
    own = world.honest.tree({world.thief: FUNDED})
    world.honest.propose(own.root, FUNDED)
    world.rewards.cancel_root(*world.honest.key, own.root, REASON_HASH, sender=world.guardian)
    pass_time(CHALLENGE_SECONDS)
    with suppress(BoaError):
        world.honest.activate(own.root)
        world.honest.claim(own, world.thief)
    return world.loot


def leaf_claimed_under_two_roots(world: World) -> int:
    """The worker claims its old leaf, and all of its new one on top."""
    world.honest.claim(world.tree, world.worker)
    later = world.honest.publish({world.worker: EARNED + 1, world.coworker: EARNED})
    world.honest.claim(later, world.worker)
    return int(world.asset.balanceOf(world.worker)) - EARNED - 1


def old_root_replayed(world: World) -> int:
    """A root under which the worker was paid becomes active again after a newer one."""
    world.honest.claim(world.tree, world.worker)
    world.honest.publish({world.worker: EARNED + 1, world.coworker: EARNED})
    world.honest.propose(world.tree.root, FUNDED)
    pass_time(CHALLENGE_SECONDS)
    world.honest.activate(world.tree.root)
    with suppress(BoaError):
        world.honest.claim(world.tree, world.worker)
    return int(world.asset.balanceOf(world.worker)) - EARNED


def proof_not_checked(world: World) -> int:
    """The thief has no leaf and lends itself the worker's proof."""
    with suppress(BoaError):
        world.rewards.claim(
            *world.honest.key, world.thief, EARNED, world.tree.proof_of(world.worker)
        )
    return world.loot


def paid_to_the_caller(world: World) -> int:
    """The thief makes the worker's claim and hopes for the money."""
    with suppress(BoaError):
        world.honest.claim(world.tree, world.worker, sender=world.thief)
    return world.loot


def pay_with_leaf(world: World, leaf: bytes, other: Pool) -> int:
    """A root of one leaf, made elsewhere for the thief, is active in `other`: is it paid there?"""
    other.fund(FUNDED)
    other.propose(leaf, FUNDED)
    pass_time(CHALLENGE_SECONDS)
    other.activate(leaf)
    with suppress(BoaError):
        other.rewards.claim(*other.key, world.thief, EARNED, [])
    return int(other.asset.balanceOf(world.thief))


def leaf_of_the_thief(world: World) -> bytes:
    """What is claimable once, in the honest pool."""
    return bytes(world.rewards.leaf(*world.honest.key, world.thief, EARNED))


def leaf_in_another_campaign(world: World) -> int:
    return pay_with_leaf(world, leaf_of_the_thief(world), world.new_pool(world.publisher))


def leaf_in_another_asset(world: World) -> int:
    other = replace(world.honest, asset=deploy_asset("DAI", 18))
    return pay_with_leaf(world, leaf_of_the_thief(world), other)


def leaf_in_another_contract(world: World) -> int:
    other = world.new_pool(world.publisher, rewards=world.new_contract())
    assert other.key == world.honest.key
    return pay_with_leaf(world, leaf_of_the_thief(world), other)


def leaf_on_another_chain(world: World) -> int:
    leaf = leaf_of_the_thief(world)
    home = boa.env.evm.patch.chain_id
    boa.env.evm.patch.chain_id = home + 1
    try:
        return pay_with_leaf(world, leaf, world.honest)
    finally:
        boa.env.evm.patch.chain_id = home


def claim_reentered(world: World) -> int:
    """A token with hooks claims from another campaign while its own claim pays."""
    odd = world.new_pool(world.publisher, deploy_odd_asset())
    odd.fund(FUNDED)
    tree = odd.publish({world.worker: EARNED})
    (inner,) = claims_of(world.tree, world.worker)
    payload = calldata_of(world.rewards, "claim", *world.honest.key, *inner)
    program_reentry(odd.asset, world.rewards, payload, entries=Entry.TRANSFER)
    odd.claim(tree, world.worker)
    return int(odd.asset.hook_succeeded())


def funding_reentered(world: World) -> int:
    """A token with hooks has the campaign's books read while the money is on its way."""
    odd = world.new_pool(world.publisher, deploy_odd_asset())
    payload = calldata_of(world.rewards, "distribution", *odd.key)
    program_reentry(odd.asset, world.rewards, payload, entries=Entry.TRANSFER_FROM)
    odd.fund(FUNDED)
    return int(odd.asset.hook_succeeded())


def donation_promised(world: World) -> int:
    """The thief promises itself a stray transfer."""
    own = world.new_pool(world.thief)
    world.asset.mint(world.rewards, FUNDED)
    with suppress(BoaError):
        own.claim(own.publish({world.thief: FUNDED}), world.thief)
    return world.loot


def money_never_delivered(world: World) -> int:
    """The thief funds with a fee token, so that the books say more than there is."""
    odd = world.new_pool(world.thief, deploy_odd_asset(Fault.MOVES_NOTHING, Entry.TRANSFER_FROM))
    with suppress(BoaError):
        odd.fund(FUNDED)
    return int(odd.books.funded)


@dataclass(frozen=True)
class Case(mutants.Case):
    stem: str = STEM


LEAF = "abi_encode(chain.id, self, campaign_id, asset, account, cumulative)"
CLEAR_AFTER_CANCEL = """    self._pending_of(campaign_id, asset, root)
    self._clear_pending(campaign_id, asset)"""
PULL_CHECK = """
    # Written as a sum so that a balance that fell fails this check and not an underflow.
    assert balance_after == balance_before + amount, "asset took a fee\""""
CASES = [
    Case(
        root_above_funding,
        "assert total <= self.books[campaign_id][asset].funded",
        "assert total <= MAX_FUNDED",
        module="root_book",
    ),
    Case(
        donation_promised,
        "assert total <= self.books[campaign_id][asset].funded",
        "assert total <= MAX_FUNDED",
        module="root_book",
    ),
    Case(
        leaves_above_total,
        "assert amount <= packed_root_totals._unpaid(totals)",
        "assert amount <= MAX_FUNDED",
        module="root_book",
    ),
    Case(
        pending_root_overwritten,
        'assert self.books[campaign_id][asset].pending == 0, "a root is pending"',
        "pass",
        module="root_book",
    ),
    Case(
        window_skipped,
        "assert block.timestamp >= packed_pending_root._activates_at(pending)",
        "assert block.timestamp > 0",
        module="root_book",
    ),
    Case(
        cancelled_root_activated,
        CLEAR_AFTER_CANCEL,
        CLEAR_AFTER_CANCEL.splitlines()[0],
        module="root_book",
    ),
    Case(
        leaf_claimed_under_two_roots,
        "amount: uint256 = cumulative - paid",
        "amount: uint256 = cumulative",
        module="root_book",
    ),
    Case(
        old_root_replayed,
        "if paid >= cumulative:",
        "paid = 0\n    if paid >= cumulative:",
        module="root_book",
    ),
    Case(
        proof_not_checked,
        "assert merkle_proofs._is_member(self.books[campaign_id][asset].active_root, leaf, proof)",
        "assert leaf != empty(bytes32)",
        module="root_book",
    ),
    Case(
        paid_to_the_caller,
        "asset_ledger._push(asset, account, amount)",
        "asset_ledger._push(asset, msg.sender, amount)",
    ),
    Case(
        leaf_in_another_campaign,
        LEAF,
        LEAF.replace("campaign_id", "MAX_FUNDED"),
        module="root_book",
    ),
    Case(leaf_in_another_asset, LEAF, LEAF.replace("asset", "MAX_FUNDED"), module="root_book"),
    Case(leaf_in_another_contract, LEAF, LEAF.replace("self", "MAX_FUNDED"), module="root_book"),
    Case(leaf_on_another_chain, LEAF, LEAF.replace("chain.id", "MAX_FUNDED"), module="root_book"),
    Case(claim_reentered, "# pragma nonreentrancy on", "# pragma nonreentrancy off"),
    Case(funding_reentered, "# pragma nonreentrancy on", "# pragma nonreentrancy off"),
    Case(money_never_delivered, PULL_CHECK, "", module="asset_ledger"),
]
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.attack.__name__)


@cases
def test_attack__defences_in_place__gains_nothing(case):
    assert case.attack(World(deployer_of(STEM))) == 0


@cases
def test_attack__without_its_defence__gains(case):
    assert case.attack(World(case.mutant())) > 0


# --- second preimage ---


def test_second_preimage__inner_node_as_leaf__needs_a_leaf_of_64_bytes():
    """The proof module takes any node for a leaf, so no leaf may be the hash of two nodes."""
    world = World(deployer_of(STEM))
    pool = world.honest
    earned = {account(f"contributor {number}"): EARNED + number for number in range(8)}
    tree = pool.publish(earned)
    module = deploy("MerkleHarness")
    for who in earned:
        leaf, (sibling, *rest) = leaf_hash(pool.domain(), who, earned[who]), tree.proof_of(who)
        left, right = sorted((leaf, sibling))
        assert module.is_member(tree.root, keccak(left + right), rest)
        # The 64 bytes under the node, read as the last two words of a leaf.
        forged = "0x" + left[-20:].hex(), int.from_bytes(right, "big")
        with boa.reverts("proof is invalid"):
            world.rewards.claim(*pool.key, *forged, rest)
        assert pool.rewards.leaf(*pool.key, *forged) != keccak(left + right)


def test_leaf__is_hashed_twice():
    """The hash of 32 bytes is never the hash of a pair."""
    world = World(deployer_of(STEM))
    who, cumulative = world.worker, EARNED
    encoded = world.honest.domain().encode() + bytes(12) + bytes.fromhex(who[2:])
    encoded += cumulative.to_bytes(32, "big")
    assert world.rewards.leaf(*world.honest.key, who, cumulative) == keccak(keccak(encoded))


# --- hostile assets harm themselves only ---


@pytest.mark.parametrize("fault", [*REFUSED_FAULTS, Fault.FEE_ON_SENDER])
def test_hostile_asset__stuck_in_the_same_campaign__others_are_paid(fault):
    world = World(deployer_of(STEM))
    odd = replace(world.honest, asset=deploy_odd_asset())
    odd.fund(FUNDED)
    tree = odd.publish({world.worker: EARNED})
    odd.asset.misbehave(fault, Entry.ALL)
    with reverts_otherwise(WHY):
        odd.claim(tree, world.worker)
    assert world.honest.claim(world.tree, world.worker) == EARNED


def test_hostile_asset__inflates_its_own_balance__reaches_no_other_asset():
    world = World(deployer_of(STEM))
    fake = world.new_pool(world.thief, deploy_odd_asset())
    fake.fund(2**127)
    fake.asset.rebase(world.rewards, 2**200)
    fake.claim(fake.publish({world.thief: 2**127}), world.thief)
    assert world.rewards.accounted(world.asset) == FUNDED
    with boa.reverts("total is above the funding"):
        replace(fake, asset=world.asset).propose(b"\1" * 32, 1)
    assert world.loot == 0


def test_hostile_asset__loses_its_balance__harms_its_own_claims_only():
    world = World(deployer_of(STEM))
    odd = world.new_pool(world.publisher, deploy_odd_asset())
    odd.fund(FUNDED)
    tree = odd.publish({world.worker: EARNED})
    odd.asset.rebase(world.rewards, EARNED - 1)
    with reverts_otherwise(WHY):
        odd.claim(tree, world.worker)
    assert world.honest.claim(world.tree, world.worker) == EARNED


def test_blacklisted_contributor__in_a_batch__others_are_paid_without_it():
    world = World(deployer_of(STEM))
    odd = world.new_pool(world.publisher, deploy_odd_asset())
    odd.fund(FUNDED)
    tree = odd.publish({world.worker: EARNED, world.coworker: EARNED})
    odd.asset.set_blacklisted(world.worker, True)
    with boa.reverts("account is blacklisted"):
        odd.rewards.claim_batch(*odd.key, claims_of(tree, world.worker, world.coworker))
    assert odd.rewards.claim_batch(*odd.key, claims_of(tree, world.coworker)) == EARNED
    odd.asset.set_blacklisted(world.worker, False)
    assert odd.claim(tree, world.worker) == EARNED

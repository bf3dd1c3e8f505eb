"""Claims, alone and in batches."""

from typing import Any

import boa
import pytest
from eth.exceptions import Revert
from eth_abi import encode
from eth_utils import function_signature_to_4byte_selector

from flywheel.rewards.labelling import demo_address
from flywheel.rewards.merkle import keccak, leaf_hash
from tests.kits.rewards import CHALLENGE_SECONDS, FUNDED, claims_of, deploy_rewards, event_list
from tests.odd_assets import HARMLESS_FAULTS, REFUSED_FAULTS, Entry, Fault, deploy_odd_asset
from tests.support import MAX_UINT, pass_time, reverts_silently

EARNED = 700
MORE = 1_000
OTHERS = 300


@pytest.fixture
def tree(pool, worker, coworker):
    return pool.publish({worker: EARNED, coworker: OTHERS})


def climb(leaf: bytes, proof: list[bytes]) -> bytes:
    """The root that `proof` leads `leaf` to."""
    node = leaf
    for sibling in proof:
        node = keccak(min(node, sibling) + max(node, sibling))
    return node


def raw_call(pool, function: str, types: list[str], *args: Any) -> None:
    """Calls with arguments that are longer than their type, which boa itself would refuse."""
    selector = function_signature_to_4byte_selector(f"{function}({','.join(types)})")
    key = (pool.campaign_id, pool.asset.address)
    boa.env.raw_call(pool.rewards.address, data=selector + encode(types, [*key, *args]))


def raw_claim(pool, *args: Any) -> None:
    raw_call(pool, "claim", ["uint256", "address", "address", "uint256", "bytes32[]"], *args)


def raw_claim_batch(pool, claims: list) -> None:
    raw_call(pool, "claim_batch", ["uint256", "address", "(address,uint256,bytes32[])[]"], claims)


def claimed_event(pool, account: str, amount: int) -> tuple:
    return (
        "RewardClaimed",
        {
            "campaign_id": pool.campaign_id,
            "asset": pool.asset.address,
            "account": account,
            "amount": amount,
        },
    )


# --- one claim ---


@pytest.mark.parametrize("role", ["worker", "stranger"])
def test_claim__by_anyone__pays_the_account(pool, tree, worker, request, role):
    sender = request.getfixturevalue(role)
    assert pool.claim(tree, worker, sender=sender) == EARNED
    assert event_list(pool.rewards) == [claimed_event(pool, worker, EARNED)]
    assert pool.asset.balanceOf(worker) == EARNED
    assert pool.claimed(worker) == EARNED
    assert pool.books.paid == EARNED
    assert pool.rewards.accounted(pool.asset) == FUNDED - EARNED
    assert pool.asset.balanceOf(pool.rewards) == FUNDED - EARNED


def test_claim__again__reverts(pool, tree, worker):
    pool.claim(tree, worker)
    with boa.reverts("nothing to claim"):
        pool.claim(tree, worker)


def test_claim__after_a_later_root__pays_the_difference(pool, tree, worker, coworker):
    pool.claim(tree, worker)
    later = pool.publish({worker: MORE, coworker: OTHERS})
    assert pool.claim(later, worker) == MORE - EARNED
    assert pool.asset.balanceOf(worker) == MORE
    assert pool.claim(later, coworker) == OTHERS


def test_claim__missed_a_root__pays_everything_at_once(pool, tree, worker, coworker):
    later = pool.publish({worker: MORE, coworker: OTHERS})
    assert pool.claim(later, worker) == MORE


def test_claim__leaf_fell_below_what_was_paid__reverts(pool, tree, worker, coworker):
    pool.claim(tree, worker)
    lower = pool.publish({worker: EARNED - 1, coworker: OTHERS + 1})
    with boa.reverts("nothing to claim"):
        pool.claim(lower, worker)


def test_claim__while_paused__pays(pool, tree, worker, guardian):
    pool.rewards.pause(sender=guardian)
    assert pool.claim(tree, worker) == EARNED


def test_claim__while_a_root_is_pending__is_proved_against_the_active_one(pool, tree, worker):
    later = pool.tree({worker: MORE})
    pool.propose(later.root, MORE)
    with boa.reverts("proof is invalid"):
        pool.claim(later, worker)
    assert pool.claim(tree, worker) == EARNED


def test_claim__no_root_yet__reverts(pool, worker):
    with boa.reverts("proof is invalid"):
        pool.claim(pool.tree({worker: EARNED}), worker)


@pytest.mark.parametrize("step", [-1, 1])
def test_claim__other_amount__reverts(pool, tree, worker, step):
    with boa.reverts("proof is invalid"):
        pool.rewards.claim(*pool.key, worker, EARNED + step, tree.proof_of(worker))


def test_claim__other_account__reverts(pool, tree, worker, stranger):
    with boa.reverts("proof is invalid"):
        pool.rewards.claim(*pool.key, stranger, EARNED, tree.proof_of(worker))


def test_claim__another_proof__reverts(pool, tree, worker, coworker):
    with boa.reverts("proof is invalid"):
        pool.rewards.claim(*pool.key, worker, EARNED, tree.proof_of(coworker))


def test_claim__largest_amount__reverts(pool, tree, worker):
    with boa.reverts("proof is invalid"):
        pool.rewards.claim(*pool.key, worker, MAX_UINT, tree.proof_of(worker))


def test_claim__one_leaf__needs_no_proof(pool, worker):
    alone = pool.publish({worker: EARNED})
    assert alone.proof_of(worker) == []
    assert pool.claim(alone, worker) == EARNED


def activate_leaf_with(pool, account: str, proof: list[bytes]) -> None:
    """Makes the root active that `proof` leads the account's leaf over EARNED to."""
    root = climb(pool.rewards.leaf(*pool.key, account, EARNED), proof)
    pool.propose(root, EARNED)
    pass_time(CHALLENGE_SECONDS)
    pool.activate(root)


@pytest.mark.parametrize("length", [1, 20, 31, 32])
def test_claim__proofs_up_to_32_hashes__are_accepted(pool, worker, length):
    proof = [keccak(bytes([step])) for step in range(length)]
    activate_leaf_with(pool, worker, proof)
    assert pool.rewards.claim(*pool.key, worker, EARNED, proof) == EARNED


def test_claim__proof_of_33_hashes__reverts(pool, worker):
    proof = [keccak(bytes([step])) for step in range(33)]
    activate_leaf_with(pool, worker, proof)
    with pytest.raises(Revert):
        raw_claim(pool, worker, EARNED, proof)


def test_claim__leaves_above_the_total__stop_at_the_total(pool, make_pool, worker, coworker):
    neighbour = make_pool(pool.asset)
    neighbour.fund(FUNDED)
    tree = pool.publish({worker: EARNED, coworker: OTHERS}, total=EARNED + OTHERS - 1)
    assert pool.claim(tree, worker) == EARNED
    with boa.reverts("claims exceed the total"):
        pool.claim(tree, coworker)
    assert pool.books.paid == EARNED
    raised = pool.publish({worker: EARNED, coworker: OTHERS})
    assert pool.claim(raised, coworker) == OTHERS
    assert pool.books.paid == pool.books.active_total == EARNED + OTHERS


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_claim__odd_but_honest_asset__pays(make_pool, worker, fault):
    odd = make_pool(deploy_odd_asset(fault))
    odd.fund(EARNED)
    odd.claim(odd.publish({worker: EARNED}), worker)
    assert odd.asset.balanceOf(worker) == EARNED


@pytest.mark.parametrize(
    ("fault", "reason"), [*REFUSED_FAULTS.items(), (Fault.FEE_ON_SENDER, "asset took a fee")]
)
def test_claim__asset_that_does_not_deliver__reverts_and_keeps_the_claim(
    make_pool, worker, fault, reason
):
    odd = make_pool(deploy_odd_asset())
    odd.fund(2 * EARNED)
    tree = odd.publish({worker: EARNED})
    odd.asset.misbehave(fault, Entry.ALL)
    with boa.reverts(reason) if reason else reverts_silently():
        odd.claim(tree, worker)
    assert odd.claimed(worker) == odd.books.paid == 0
    odd.asset.misbehave(Fault.NONE, Entry.ALL)
    assert odd.claim(tree, worker) == EARNED


# --- leaf ---


def test_leaf__equals_the_published_encoding(pool, worker):
    assert pool.rewards.leaf(*pool.key, worker, EARNED) == leaf_hash(pool.domain(), worker, EARNED)


def test_leaf__differs_by_chain_contract_campaign_asset_account_and_amount(
    pool, owner, worker, coworker
):
    twin = deploy_rewards(owner)
    key, asset = pool.campaign_id, pool.asset
    leaves = [
        pool.rewards.leaf(key, asset, worker, EARNED),
        pool.rewards.leaf(key + 1, asset, worker, EARNED),
        pool.rewards.leaf(key, worker, worker, EARNED),
        pool.rewards.leaf(key, asset, coworker, EARNED),
        pool.rewards.leaf(key, asset, worker, EARNED + 1),
        twin.leaf(key, asset, worker, EARNED),
    ]
    home = boa.env.evm.patch.chain_id
    boa.env.evm.patch.chain_id = home + 1
    try:
        leaves.append(pool.rewards.leaf(key, asset, worker, EARNED))
    finally:
        boa.env.evm.patch.chain_id = home
    assert len(set(leaves)) == 7


# --- batches ---


def test_claim_batch__by_anyone__pays_each_account(pool, tree, worker, coworker, stranger):
    batch = claims_of(tree, worker, coworker)
    assert pool.rewards.claim_batch(*pool.key, batch, sender=stranger) == EARNED + OTHERS
    assert event_list(pool.rewards) == [
        claimed_event(pool, worker, EARNED),
        claimed_event(pool, coworker, OTHERS),
    ]
    assert pool.asset.balanceOf(worker) == EARNED
    assert pool.asset.balanceOf(coworker) == OTHERS
    assert pool.books.paid == EARNED + OTHERS


def test_claim_batch__one_was_paid_before__passes_it_over(pool, tree, worker, coworker):
    pool.claim(tree, worker)
    assert pool.rewards.claim_batch(*pool.key, claims_of(tree, worker, coworker)) == OTHERS
    assert event_list(pool.rewards) == [claimed_event(pool, coworker, OTHERS)]


def test_claim_batch__same_claim_twice__pays_once(pool, tree, worker):
    assert pool.rewards.claim_batch(*pool.key, claims_of(tree, worker, worker)) == EARNED
    assert pool.asset.balanceOf(worker) == EARNED


def test_claim_batch__empty__pays_nothing(pool, tree):
    assert pool.rewards.claim_batch(*pool.key, []) == 0
    assert event_list(pool.rewards) == []


def test_claim_batch__one_proof_is_wrong__pays_nobody(pool, tree, worker, coworker):
    good, bad = claims_of(tree, worker, coworker)
    with boa.reverts("proof is invalid"):
        pool.rewards.claim_batch(*pool.key, [good, (bad[0], bad[1] + 1, bad[2])])
    assert pool.claimed(worker) == 0


def test_claim_batch__above_the_total__pays_nobody(pool, worker, coworker):
    tree = pool.publish({worker: EARNED, coworker: OTHERS}, total=EARNED + OTHERS - 1)
    with boa.reverts("claims exceed the total"):
        pool.rewards.claim_batch(*pool.key, claims_of(tree, worker, coworker))


def test_claim_batch__while_paused__pays(pool, tree, worker, guardian):
    pool.rewards.pause(sender=guardian)
    assert pool.rewards.claim_batch(*pool.key, claims_of(tree, worker)) == EARNED


def test_claim_batch__fifty__pays_all(pool):
    accounts = [demo_address(f"w{number}") for number in range(50)]
    tree = pool.publish(dict.fromkeys(accounts, EARNED))
    assert pool.rewards.claim_batch(*pool.key, claims_of(tree, *accounts)) == 50 * EARNED
    assert {pool.asset.balanceOf(account) for account in accounts} == {EARNED}


def test_claim_batch__fifty_one__reverts(pool, tree, worker):
    (item,) = claims_of(tree, worker)
    with pytest.raises(Revert):
        raw_claim_batch(pool, [item] * 51)
    raw_claim_batch(pool, [item] * 50)
    assert pool.claimed(worker) == EARNED

"""A single claim, its pages, its leaf, and what each way of claiming refuses."""

import boa
import pytest
from boa.util.abi import Address

from flywheel.rewards.leaves import Leaf, keccak, leaf_hash
from flywheel.rewards.shares import demo_address
from tests.kits.reward_claims import (
    LEAF,
    WAYS,
    claim_in_ways,
    claimed_event,
    opened_event,
    raw_call,
    refused_by_the_decoder,
)
from tests.kits.rewards import CHALLENGE_SECONDS, FUNDED, deploy_rewards, event_list
from tests.odd_assets import HARMLESS_FAULTS, REFUSED_FAULTS, Entry, Fault, deploy_odd_asset
from tests.support import MAX_UINT, pass_time, reverts_silently

EARNED = 700
OTHERS = 300
BOTH = EARNED + OTHERS
PAGE = 128
LAST_INDEX = 2**32 - 1


@pytest.fixture
def drop(pool, worker, coworker):
    return pool.publish({worker: EARNED, coworker: OTHERS})


@pytest.fixture(params=WAYS)
def claim_alone(request, pool, stranger):
    """Each way to claim one leaf: called with drop, leaf and proof."""
    return claim_in_ways(pool.rewards, stranger)[request.param]


def climb(node: bytes, proof: list[bytes]) -> bytes:
    """The root that `proof` leads `node` to."""
    for sibling in proof:
        node = keccak(min(node, sibling) + max(node, sibling))
    return node


def publish_two(pool, leaves: list[tuple[int, str, int, int]], total: int):
    """A drop of two leaves of any kind; returns its id, and each leaf with its proof."""
    first, second = (leaf_hash(pool.domain(), Leaf(*leaf)) for leaf in leaves)
    drop_id = pool.publish_root(climb(first, [second]), total)
    return drop_id, (leaves[0], [second]), (leaves[1], [first])


# --- claim ---


@pytest.mark.parametrize("role", ["worker", "stranger"])
def test_claim__first_of_its_page__opens_it_and_pays(pool, drop, worker, request, role):
    leaf = drop.leaf(worker)
    pool.claim(drop, worker, sender=request.getfixturevalue(role))
    assert event_list(pool.rewards) == [
        opened_event(drop.drop_id, 0, BOTH),
        claimed_event(drop.drop_id, worker, leaf.index, EARNED),
    ]
    assert pool.asset.balanceOf(worker) == EARNED
    assert pool.asset.balanceOf(pool.rewards) == FUNDED - EARNED
    assert pool.page(drop) == (OTHERS, 1 << leaf.index)
    assert pool.rewards.drop(drop.drop_id).unopened == 0
    assert pool.free == FUNDED - BOTH


def test_claim__second_of_its_page__only_pays(pool, drop, worker, coworker):
    pool.claim(drop, worker)
    pool.claim(drop, coworker)
    index = drop.leaf(coworker).index
    assert event_list(pool.rewards) == [claimed_event(drop.drop_id, coworker, index, OTHERS)]
    assert pool.page(drop) == (0, 3)
    assert pool.asset.balanceOf(coworker) == OTHERS


def test_claim__in_the_second_page__opens_that_page_alone(pool):
    drop = pool.publish({demo_address(f"w{number}"): 1 + number for number in range(PAGE + 2)})
    first, last = drop.tree.leaf(0), drop.tree.leaf(PAGE)
    pool.claim(drop, last.account)
    assert event_list(pool.rewards) == [
        opened_event(drop.drop_id, 1, last.page_total),
        claimed_event(drop.drop_id, Address(last.account), PAGE, last.amount),
    ]
    assert pool.page(drop, 0) == (0, 0)
    assert pool.page(drop, 1) == (last.page_total - last.amount, 1)
    assert pool.rewards.drop(drop.drop_id).unopened == first.page_total
    pool.claim(drop, first.account)
    assert pool.page(drop, 0) == (first.page_total - first.amount, 1)
    assert pool.rewards.drop(drop.drop_id).unopened == 0


def test_claim__all_leaves_of_two_pages__pays_each_and_leaves_nothing(pool):
    accounts = [demo_address(f"w{number}") for number in range(PAGE + 1)]
    drop = pool.publish({account: 1 + number for number, account in enumerate(accounts)})
    for account in accounts:
        pool.claim(drop, account)
    assert [pool.asset.balanceOf(account) for account in accounts] == list(range(1, PAGE + 2))
    assert pool.page(drop, 0) == (0, 2**PAGE - 1)
    assert pool.page(drop, 1) == (0, 1)
    assert pool.asset.balanceOf(pool.rewards) == pool.free


def test_claim__of_a_later_drop__is_another_leaf(pool, drop, worker):
    later = pool.publish({worker: EARNED})
    pool.claim(drop, worker)
    assert not pool.rewards.is_claimed(later.drop_id, later.leaf(worker).index)
    pool.claim(later, worker)
    assert pool.asset.balanceOf(worker) == 2 * EARNED


def test_claim__one_leaf__needs_no_proof(pool, worker):
    alone = pool.publish({worker: EARNED})
    assert alone.claim_of(worker)[1] == []
    pool.claim(alone, worker)
    assert pool.asset.balanceOf(worker) == EARNED


@pytest.mark.parametrize("length", [1, 20, 31, 32])
def test_claim__proofs_up_to_32_hashes__are_accepted(pool, worker, length):
    leaf = (0, worker, EARNED, EARNED)
    proof = [keccak(bytes([step])) for step in range(length)]
    drop_id = pool.publish_root(climb(leaf_hash(pool.domain(), Leaf(*leaf)), proof), EARNED)
    pool.rewards.claim(drop_id, leaf, proof)
    assert pool.asset.balanceOf(worker) == EARNED


def test_claim__proof_of_33_hashes__reverts(pool, worker):
    leaf = (0, worker, EARNED, EARNED)
    proof = [keccak(bytes([step])) for step in range(33)]
    drop_id = pool.publish_root(climb(leaf_hash(pool.domain(), Leaf(*leaf)), proof), EARNED)
    with refused_by_the_decoder():
        raw_call(pool.rewards, "claim", ["uint256", LEAF, "bytes32[]"], drop_id, leaf, proof)


def test_claim__leaf_of_nothing__is_refused_alone_and_recorded_in_a_batch(pool, worker):
    """No tree of ours has such a leaf; `claim` finds that no balance fell."""
    leaf = (0, worker, 0, 0)
    drop_id = pool.publish_leaf(leaf, EARNED)
    with boa.reverts("asset took a fee"):
        pool.rewards.claim(drop_id, leaf, [])
    assert pool.rewards.claim_batch(drop_id, [(leaf, [])]) == 0
    assert event_list(pool.rewards) == [
        opened_event(drop_id, 0, 0),
        claimed_event(drop_id, worker, 0, 0),
    ]
    assert pool.rewards.is_claimed(drop_id, 0)


# --- each way to claim ---


def test_each_way__good_leaf__opens_its_page_and_records_it(pool, drop, worker, claim_alone):
    leaf = drop.leaf(worker)
    claim_alone(drop.drop_id, *drop.claim_of(worker))
    assert event_list(pool.rewards)[:2] == [
        opened_event(drop.drop_id, 0, BOTH),
        claimed_event(drop.drop_id, worker, leaf.index, EARNED),
    ]
    assert pool.page(drop) == (OTHERS, 1 << leaf.index)
    assert pool.rewards.is_claimed(drop.drop_id, leaf.index)
    assert pool.asset.balanceOf(pool.rewards) == FUNDED - EARNED


def test_each_way__while_paused__pays(pool, drop, worker, guardian, claim_alone):
    pool.rewards.pause(sender=guardian)
    claim_alone(drop.drop_id, *drop.claim_of(worker))
    assert pool.asset.balanceOf(pool.rewards) == FUNDED - EARNED


@pytest.mark.parametrize("state", ["unknown", "pending", "withdrawn"])
def test_each_way__drop_that_is_not_active__reverts(pool, worker, claim_alone, state):
    found = pool.propose_leaves({worker: EARNED})
    pass_time(CHALLENGE_SECONDS)
    drop_id = found.drop_id
    if state == "unknown":
        drop_id += 1
    elif state == "withdrawn":
        pool.rewards.withdraw_drop(drop_id, sender=pool.publisher)
    with boa.reverts("drop is not active"):
        claim_alone(drop_id, *found.claim_of(worker))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda leaf: (leaf[0] ^ 1, *leaf[1:]), id="index"),
        pytest.param(lambda leaf: (leaf[0] + PAGE, *leaf[1:]), id="page"),
        pytest.param(lambda leaf: (*leaf[:2], leaf[2] + 1, leaf[3]), id="more"),
        pytest.param(lambda leaf: (*leaf[:2], leaf[2] - 1, leaf[3]), id="less"),
        pytest.param(lambda leaf: (*leaf[:3], leaf[3] - 1), id="total of the page"),
    ],
)
def test_each_way__changed_leaf__reverts(pool, make_pool, worker, coworker, claim_alone, change):
    drop = pool.publish({worker: EARNED, coworker: OTHERS}, total=FUNDED)
    leaf, proof = drop.claim_of(worker)
    with boa.reverts("proof is invalid"):
        claim_alone(drop.drop_id, change(leaf), proof)
    claim_alone(drop.drop_id, leaf, proof)


def test_each_way__leaf_of_another_account__reverts(pool, drop, worker, stranger, claim_alone):
    leaf, proof = drop.claim_of(worker)
    with boa.reverts("proof is invalid"):
        claim_alone(drop.drop_id, (leaf[0], stranger, *leaf[2:]), proof)


@pytest.mark.parametrize("spoil", ["none", "longer", "of the other"])
def test_each_way__another_proof__reverts(pool, drop, worker, coworker, claim_alone, spoil):
    leaf, proof = drop.claim_of(worker)
    others = drop.claim_of(coworker)[1]
    wrong = {"none": [], "longer": [*proof, b"\1" * 32], "of the other": others}[spoil]
    with boa.reverts("proof is invalid"):
        claim_alone(drop.drop_id, leaf, wrong)


def test_each_way__leaf_of_another_drop__reverts(pool, drop, worker, coworker, claim_alone):
    later = pool.publish({worker: EARNED, coworker: OTHERS})
    with boa.reverts("proof is invalid"):
        claim_alone(later.drop_id, *drop.claim_of(worker))


@pytest.mark.parametrize("way", ["claim", "claim_to"])
def test_claim__again__reverts(pool, drop, worker, stranger, way):
    claim_alone = claim_in_ways(pool.rewards, stranger)[way]
    pool.claim(drop, worker)
    with boa.reverts("claimed already"):
        claim_alone(drop.drop_id, *drop.claim_of(worker))
    assert pool.page(drop)[0] == OTHERS


@pytest.mark.parametrize("way", ["claim_batch", "claim_range", "claim_drops"])
def test_many_claims__one_that_is_paid__pays_nothing(pool, drop, worker, stranger, way):
    pool.claim(drop, worker)
    claim_alone = claim_in_ways(pool.rewards, stranger)[way]
    assert claim_alone(drop.drop_id, *drop.claim_of(worker)) == 0
    assert event_list(pool.rewards) == []
    assert pool.asset.balanceOf(worker) == EARNED


# --- pages ---


@pytest.mark.parametrize("index", [0, PAGE - 1, PAGE, LAST_INDEX])
def test_each_way__any_index_up_to_the_last__has_its_bit(pool, worker, claim_alone, index):
    leaf = (index, worker, EARNED, EARNED)
    drop_id = pool.publish_leaf(leaf, EARNED)
    claim_alone(drop_id, leaf, [])
    assert event_list(pool.rewards)[0] == opened_event(drop_id, index // PAGE, EARNED)
    assert pool.rewards.page(drop_id, index // PAGE) == (0, 1 << index % PAGE)
    neighbours = (index - 1, index + 1, index ^ PAGE)
    assert pool.rewards.is_claimed(drop_id, index)
    assert not any(pool.rewards.is_claimed(drop_id, one) for one in neighbours if one >= 0)


@pytest.mark.parametrize("index", [LAST_INDEX + 1, MAX_UINT])
def test_each_way__index_beyond_the_last__reverts(pool, worker, claim_alone, index):
    leaf = (index, worker, EARNED, EARNED)
    drop_id = pool.publish_leaf(leaf, EARNED)
    with boa.reverts("index is out of range"):
        claim_alone(drop_id, leaf, [])


@pytest.mark.parametrize("page_total", [EARNED + 1, 2**128, 2**128 + EARNED, MAX_UINT])
def test_each_way__page_above_the_drop__reverts(pool, worker, claim_alone, page_total):
    leaf = (0, worker, EARNED, page_total)
    drop_id = pool.publish_leaf(leaf, EARNED)
    with boa.reverts("pages exceed the drop"):
        claim_alone(drop_id, leaf, [])


@pytest.mark.parametrize("amount", [EARNED + 1, 2**128, 2**128 + EARNED, MAX_UINT])
def test_each_way__amount_above_the_page__reverts(pool, worker, claim_alone, amount):
    leaf = (0, worker, amount, EARNED)
    drop_id = pool.publish_leaf(leaf, FUNDED)
    with boa.reverts("claims exceed the page"):
        claim_alone(drop_id, leaf, [])


@pytest.mark.parametrize("excess", [0, 1])
def test_each_way__two_pages__share_what_the_drop_has(pool, worker, coworker, claim_alone, excess):
    leaves = [(0, worker, EARNED, EARNED), (PAGE, coworker, OTHERS, OTHERS + excess)]
    drop_id, first, second = publish_two(pool, leaves, BOTH)
    claim_alone(drop_id, *first)
    if excess == 0:
        claim_alone(drop_id, *second)
        assert event_list(pool.rewards)[0] == opened_event(drop_id, 1, OTHERS)
        return
    with boa.reverts("pages exceed the drop"):
        claim_alone(drop_id, *second)
    assert pool.rewards.drop(drop_id).unopened == OTHERS


@pytest.mark.parametrize("excess", [0, 1])
def test_each_way__two_leaves__share_what_their_page_has(
    pool, worker, coworker, claim_alone, excess
):
    leaves = [(0, worker, EARNED, BOTH), (1, coworker, OTHERS + excess, BOTH)]
    drop_id, first, second = publish_two(pool, leaves, FUNDED)
    claim_alone(drop_id, *first)
    if excess == 0:
        claim_alone(drop_id, *second)
        assert pool.rewards.page(drop_id, 0) == (0, 3)
        return
    with boa.reverts("claims exceed the page"):
        claim_alone(drop_id, *second)
    assert pool.rewards.page(drop_id, 0) == (OTHERS, 1)
    assert pool.rewards.drop(drop_id).unopened == FUNDED - BOTH


def test_each_way__leaves_disagree_about_their_page__first_claim_decides(
    pool, worker, coworker, claim_alone
):
    leaves = [(0, worker, EARNED, BOTH), (1, coworker, OTHERS, MAX_UINT)]
    drop_id, first, second = publish_two(pool, leaves, BOTH)
    with boa.reverts("pages exceed the drop"):
        claim_alone(drop_id, *second)
    claim_alone(drop_id, *first)
    claim_alone(drop_id, *second)
    assert pool.rewards.page(drop_id, 0) == (0, 3)


def test_each_way__two_leaves_of_one_index__pay_the_first(pool, worker, coworker, claim_alone):
    leaves = [(5, worker, EARNED, BOTH), (5, coworker, OTHERS, BOTH)]
    drop_id, first, second = publish_two(pool, leaves, BOTH)
    claim_alone(drop_id, *first)
    with boa.reverts("claimed already"):
        pool.rewards.claim(drop_id, *second)
    assert pool.rewards.page(drop_id, 0) == (OTHERS, 1 << 5)


def test_page__beyond_the_last__reverts(pool, drop):
    assert pool.rewards.page(drop.drop_id, 2**25 - 1) == (0, 0)
    for page in (2**25, MAX_UINT):
        with boa.reverts("index is out of range"):
            pool.rewards.page(drop.drop_id, page)


def test_is_claimed__beyond_the_last_index__is_false(pool, drop, worker):
    pool.claim(drop, worker)
    indexes = (LAST_INDEX, LAST_INDEX + 1, MAX_UINT)
    assert not any(pool.rewards.is_claimed(drop.drop_id, index) for index in indexes)


# --- assets ---


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
def test_each_way__odd_but_honest_asset__pays(make_pool, worker, stranger, fault, way):
    odd = make_pool(deploy_odd_asset(fault))
    odd.fund(EARNED)
    drop = odd.publish({worker: EARNED})
    claim_in_ways(odd.rewards, stranger)[way](drop.drop_id, *drop.claim_of(worker))
    assert odd.asset.balanceOf(odd.rewards) == 0
    assert odd.asset.balanceOf(stranger if way == "claim_to" else worker) == EARNED


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("fault", "reason"), [*REFUSED_FAULTS.items(), (Fault.FEE_ON_SENDER, "asset took a fee")]
)
def test_each_way__asset_that_does_not_deliver__reverts_and_keeps_the_claim(
    make_pool, worker, stranger, fault, reason, way
):
    odd = make_pool(deploy_odd_asset())
    odd.fund(2 * EARNED)
    drop = odd.publish({worker: EARNED})
    claim_alone = claim_in_ways(odd.rewards, stranger)[way]
    odd.asset.misbehave(fault, Entry.ALL)
    with boa.reverts(reason) if reason else reverts_silently():
        claim_alone(drop.drop_id, *drop.claim_of(worker))
    assert odd.page(drop) == (0, 0)
    assert odd.rewards.drop(drop.drop_id).unopened == EARNED
    odd.asset.misbehave(Fault.NONE, Entry.ALL)
    claim_alone(drop.drop_id, *drop.claim_of(worker))
    assert odd.page(drop) == (0, 1)


# --- leaf ---


def test_leaf__equals_the_published_encoding(pool, worker):
    domain, leaf = pool.domain(7), Leaf(300, worker, EARNED, BOTH)
    assert pool.rewards.leaf(domain.drop_id, leaf.argument) == leaf_hash(domain, leaf)


def test_leaf__differs_by_each_of_its_seven_values(pool, owner, worker, coworker):
    twin = deploy_rewards(owner)
    number, values = pool.domain().drop_id, (1, worker, EARNED, BOTH)
    leaves = [
        pool.rewards.leaf(number, values),
        pool.rewards.leaf(number + 1, values),
        pool.rewards.leaf(number + 2**48, values),
        pool.rewards.leaf(number + 2**96, values),
        pool.rewards.leaf(number, (2, worker, EARNED, BOTH)),
        pool.rewards.leaf(number, (1, coworker, EARNED, BOTH)),
        pool.rewards.leaf(number, (1, worker, EARNED + 1, BOTH)),
        pool.rewards.leaf(number, (1, worker, EARNED, BOTH + 1)),
        twin.leaf(number, values),
    ]
    home = boa.env.evm.patch.chain_id
    boa.env.evm.patch.chain_id = home + 1
    try:
        leaves.append(pool.rewards.leaf(number, values))
    finally:
        boa.env.evm.patch.chain_id = home
    assert len(set(leaves)) == len(leaves) == 10

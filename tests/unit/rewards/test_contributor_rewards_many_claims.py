"""Many claims at once: of many accounts, below one node of the tree, and of many drops."""

import boa
import pytest

from flywheel.rewards.leaves import Leaf
from flywheel.rewards.shares import demo_address
from tests.kits.reward_claims import (
    CLAIM,
    LEAF,
    PART,
    claimed_event,
    opened_event,
    raw_call,
    refused_by_the_decoder,
)
from tests.kits.reward_trees import WildTree
from tests.kits.rewards import FUNDED, claims_of, event_list
from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import ZERO_ADDRESS, deploy_asset, pass_time

EARNED = 700
OTHERS = 300
BOTH = EARNED + OTHERS
PAGE = 128


@pytest.fixture
def drop(pool, worker, coworker):
    return pool.publish({worker: EARNED, coworker: OTHERS})


def publish_wild(pool, leaves: list[Leaf], total: int) -> tuple[int, WildTree]:
    tree = WildTree(pool.domain(), tuple(leaves))
    return pool.publish_root(tree.root, total), tree


def wild_leaves(*indexes: int) -> list[Leaf]:
    """Leaves over EARNED of different accounts; each page has just what is given of it."""
    pages = [index // PAGE for index in indexes]
    return [
        Leaf(index, demo_address(f"place {place}"), EARNED, EARNED * pages.count(index // PAGE))
        for place, index in enumerate(indexes)
    ]


def lowered(events: list) -> list:
    return [(name, fields | {"account": str(fields["account"]).lower()}) for name, fields in events]


# --- claim_batch ---


def test_claim_batch__by_anyone__pays_each_account(pool, drop, worker, coworker, stranger):
    batch = claims_of(drop, worker, coworker)
    assert pool.rewards.claim_batch(drop.drop_id, batch, sender=stranger) == BOTH
    assert event_list(pool.rewards) == [
        opened_event(drop.drop_id, 0, BOTH),
        claimed_event(drop.drop_id, worker, drop.leaf(worker).index, EARNED),
        claimed_event(drop.drop_id, coworker, drop.leaf(coworker).index, OTHERS),
    ]
    assert pool.asset.balanceOf(worker) == EARNED
    assert pool.asset.balanceOf(coworker) == OTHERS
    assert pool.asset.balanceOf(pool.rewards) == FUNDED - BOTH
    assert pool.page(drop) == (0, 3)


def test_claim_batch__one_was_paid_before__passes_it_over(pool, drop, worker, coworker):
    pool.claim(drop, worker)
    assert pool.rewards.claim_batch(drop.drop_id, claims_of(drop, worker, coworker)) == OTHERS
    index = drop.leaf(coworker).index
    assert event_list(pool.rewards) == [claimed_event(drop.drop_id, coworker, index, OTHERS)]


def test_claim_batch__same_claim_twice__pays_once(pool, drop, worker):
    assert pool.rewards.claim_batch(drop.drop_id, claims_of(drop, worker, worker)) == EARNED
    assert pool.asset.balanceOf(worker) == EARNED


def test_claim_batch__forged_leaf_of_a_paid_index__is_passed_over(pool, drop, worker, stranger):
    """Whether a leaf is paid is seen by its index alone, before its proof is."""
    pool.claim(drop, worker)
    forged = (drop.leaf(worker).index, stranger, EARNED, BOTH)
    assert pool.rewards.claim_batch(drop.drop_id, [(forged, [])]) == 0
    assert pool.asset.balanceOf(stranger) == 0
    assert event_list(pool.rewards) == []


def test_claim_batch__empty__pays_nothing(pool, drop):
    assert pool.rewards.claim_batch(drop.drop_id, []) == 0
    assert event_list(pool.rewards) == []


def test_claim_batch__empty_for_an_unknown_drop__reverts(pool, drop):
    with boa.reverts("drop is not active"):
        pool.rewards.claim_batch(drop.drop_id + 1, [])


@pytest.mark.parametrize("bad_first", [True, False])
def test_claim_batch__one_proof_is_wrong__pays_nobody(pool, drop, worker, coworker, bad_first):
    good, (leaf, _) = claims_of(drop, worker, coworker)
    batch = [(leaf, []), good] if bad_first else [good, (leaf, [])]
    with boa.reverts("proof is invalid"):
        pool.rewards.claim_batch(drop.drop_id, batch)
    assert pool.page(drop) == (0, 0)


def test_claim_batch__leaves_above_their_page__pays_nobody(pool):
    first, second = wild_leaves(0, 1)
    leaves = [first, Leaf(1, second.account, EARNED + 1, 2 * EARNED)]
    drop_id, tree = publish_wild(pool, leaves, FUNDED)
    batch = [(leaf.argument, tree.proof(place)) for place, leaf in enumerate(leaves)]
    with boa.reverts("claims exceed the page"):
        pool.rewards.claim_batch(drop_id, batch)
    assert pool.rewards.claim_batch(drop_id, batch[:1]) == EARNED


def test_claim_batch__pages_above_the_drop__pays_nobody(pool):
    leaves = wild_leaves(0, PAGE)
    drop_id, tree = publish_wild(pool, leaves, 2 * EARNED - 1)
    batch = [(leaf.argument, tree.proof(place)) for place, leaf in enumerate(leaves)]
    with boa.reverts("pages exceed the drop"):
        pool.rewards.claim_batch(drop_id, batch)
    assert pool.rewards.claim_batch(drop_id, batch[1:]) == EARNED


def test_claim_batch__one_account_is_blacklisted__is_paid_without_it(make_pool, worker, coworker):
    odd = make_pool(deploy_odd_asset())
    odd.fund(BOTH)
    drop = odd.publish({worker: EARNED, coworker: OTHERS})
    odd.asset.set_blacklisted(coworker, True)
    with boa.reverts("account is blacklisted"):
        odd.rewards.claim_batch(drop.drop_id, claims_of(drop, worker, coworker))
    assert odd.rewards.claim_batch(drop.drop_id, claims_of(drop, worker)) == EARNED


def test_claim_batch__fifty__pays_all(pool):
    accounts = [demo_address(f"w{number}") for number in range(50)]
    drop = pool.publish(dict.fromkeys(accounts, EARNED))
    assert pool.rewards.claim_batch(drop.drop_id, claims_of(drop, *accounts)) == 50 * EARNED
    assert {pool.asset.balanceOf(account) for account in accounts} == {EARNED}
    assert pool.page(drop) == (0, 2**50 - 1)


def test_claim_batch__fifty_one__reverts(pool, drop, worker):
    types = ["uint256", f"{CLAIM}[]"]
    (item,) = claims_of(drop, worker)
    with refused_by_the_decoder():
        raw_call(pool.rewards, "claim_batch", types, drop.drop_id, [item] * 51)
    raw_call(pool.rewards, "claim_batch", types, drop.drop_id, [item] * 50)
    assert pool.asset.balanceOf(worker) == EARNED


# --- claim_range ---


@pytest.mark.parametrize("height", range(7))
def test_claim_range__any_power_of_two__pays_each_leaf(pool, stranger, height):
    leaves = wild_leaves(*range(PAGE))
    drop_id, tree = publish_wild(pool, leaves, EARNED * PAGE)
    place = (1 << 7 - height) - 1
    found, proof = tree.range(place, height)
    paid = pool.rewards.claim_range(drop_id, found, proof, sender=stranger)
    assert paid == EARNED << height
    expected = [claimed_event(drop_id, leaf[1], leaf[0], EARNED) for leaf in found]
    events = event_list(pool.rewards)
    assert events[0] == opened_event(drop_id, 0, EARNED * PAGE)
    assert lowered(events[1:]) == lowered(expected)
    assert {pool.asset.balanceOf(leaf[1]) for leaf in found} == {EARNED}
    bits = sum(1 << leaf[0] for leaf in found)
    assert pool.rewards.page(drop_id, 0) == (EARNED * (PAGE - len(found)), bits)


def test_claim_range__all_ranges_of_a_tree__pay_it_whole(pool):
    """300 leaves fill no whole tree: its ranges are of several sizes, and some cross pages."""
    drop = pool.publish({demo_address(f"w{number}"): 1 + number for number in range(300)})
    paid = [
        pool.rewards.claim_range(drop.drop_id, [leaf.argument for leaf in leaves], proof)
        for leaves, proof in drop.tree.ranges()
    ]
    assert sum(paid) == drop.tree.total
    assert all(pool.asset.balanceOf(account) == amount for account, amount in drop.tree.items())
    assert [pool.page(drop, number)[0] for number in range(3)] == [0, 0, 0]
    assert pool.asset.balanceOf(pool.rewards) == pool.free


def test_claim_range__pages_in_turn__keeps_each(pool):
    indexes = (0, PAGE, 1, PAGE + 1)
    drop_id, tree = publish_wild(pool, wild_leaves(*indexes), 4 * EARNED)
    leaves, proof = tree.range(0, 2)
    assert pool.rewards.claim_range(drop_id, leaves, proof) == 4 * EARNED
    events = event_list(pool.rewards)
    names = [(name, fields.get("index", fields.get("page"))) for name, fields in events]
    claimed = [("RewardClaimed", index) for index in indexes]
    assert names == [("PageOpened", 0), claimed[0], ("PageOpened", 1), *claimed[1:]]
    assert [pool.rewards.page(drop_id, page) for page in (0, 1)] == [(0, 3), (0, 3)]


@pytest.mark.parametrize("paid_place", range(4))
def test_claim_range__one_was_paid_before__passes_it_over(pool, paid_place):
    drop_id, tree = publish_wild(pool, wild_leaves(0, 1, PAGE, PAGE + 1), 4 * EARNED)
    leaves, proof = tree.range(0, 2)
    pool.rewards.claim(drop_id, leaves[paid_place], tree.proof(paid_place))
    assert pool.rewards.claim_range(drop_id, leaves, proof) == 3 * EARNED
    assert {pool.asset.balanceOf(leaf[1]) for leaf in leaves} == {EARNED}
    assert pool.rewards.claim_range(drop_id, leaves, proof) == 0
    assert event_list(pool.rewards) == []


def test_claim_range__leaf_stands_twice_in_the_tree__is_paid_once(pool):
    (leaf,) = wild_leaves(3)
    drop_id, tree = publish_wild(pool, [leaf, leaf], 2 * EARNED)
    assert pool.rewards.claim_range(drop_id, *tree.range(0, 1)) == EARNED
    assert pool.asset.balanceOf(leaf.account) == EARNED


@pytest.mark.parametrize("count", [0, 3, 5, 63])
def test_claim_range__no_power_of_two__reverts(pool, count):
    drop_id, tree = publish_wild(pool, wild_leaves(*range(64)), EARNED * 64)
    with boa.reverts("leaves are no whole subtree"):
        pool.rewards.claim_range(drop_id, tree.range(0, 6)[0][:count], [])


@pytest.mark.parametrize(
    ("places", "proof_of"),
    [((1, 2), 0), ((0, 1), 1), ((0, 2, 1, 3), None), ((0, 0), 0), ((0, 1), None)],
    ids=["no siblings", "proof of another node", "another order", "one twice", "no proof"],
)
def test_claim_range__leaves_that_are_no_node__revert(pool, places, proof_of):
    drop_id, tree = publish_wild(pool, wild_leaves(*range(4)), EARNED * 4)
    leaves = [tree.leaves[place].argument for place in places]
    proof = [] if proof_of is None else tree.proof(proof_of, 1)
    with boa.reverts("proof is invalid"):
        pool.rewards.claim_range(drop_id, leaves, proof)


def test_claim_range__one_leaf_is_changed__pays_nobody(pool):
    drop_id, tree = publish_wild(pool, wild_leaves(*range(4)), EARNED * 4)
    leaves, proof = tree.range(0, 2)
    leaves[3] = (*leaves[3][:2], EARNED - 1, leaves[3][3])
    with boa.reverts("proof is invalid"):
        pool.rewards.claim_range(drop_id, leaves, proof)
    assert pool.rewards.page(drop_id, 0) == (0, 0)


@pytest.mark.parametrize("place", [0, 1])
def test_claim_range__any_index_out_of_range__pays_nobody(pool, place):
    indexes = [0, 1]
    indexes[place] = 2**32
    leaves = [Leaf(index, demo_address(f"w{index}"), EARNED, EARNED) for index in indexes]
    drop_id, tree = publish_wild(pool, leaves, 2 * EARNED)
    with boa.reverts("index is out of range"):
        pool.rewards.claim_range(drop_id, *tree.range(0, 1))


def test_claim_range__leaves_above_their_page__pays_nobody(pool):
    first, second = wild_leaves(0, 1)
    leaves = [first, Leaf(1, second.account, EARNED + 1, 2 * EARNED)]
    drop_id, tree = publish_wild(pool, leaves, FUNDED)
    with boa.reverts("claims exceed the page"):
        pool.rewards.claim_range(drop_id, *tree.range(0, 1))


def test_claim_range__pages_above_the_drop__pays_nobody(pool):
    drop_id, tree = publish_wild(pool, wild_leaves(0, PAGE), 2 * EARNED - 1)
    with boa.reverts("pages exceed the drop"):
        pool.rewards.claim_range(drop_id, *tree.range(0, 1))


def test_claim_range__asset_takes_a_fee_of_the_sum__pays_nobody(make_pool):
    odd = make_pool(deploy_odd_asset())
    odd.fund(4 * EARNED)
    drop_id, tree = publish_wild(odd, wild_leaves(0, 1), 2 * EARNED)
    odd.asset.misbehave(Fault.FEE_ON_SENDER, Entry.ALL)
    with boa.reverts("asset took a fee"):
        odd.rewards.claim_range(drop_id, *tree.range(0, 1))


def test_claim_range__sixty_five_leaves_or_33_hashes__revert(pool):
    drop_id, tree = publish_wild(pool, wild_leaves(*range(64)), EARNED * 64)
    leaves, proof = tree.range(0, 6)
    types = ["uint256", f"{LEAF}[]", "bytes32[]"]
    for args in (([*leaves, leaves[0]], proof), (leaves, [b"\1" * 32] * 33)):
        with refused_by_the_decoder():
            raw_call(pool.rewards, "claim_range", types, drop_id, *args)
    raw_call(pool.rewards, "claim_range", types, drop_id, leaves, proof)
    assert pool.asset.balanceOf(leaves[63][1]) == EARNED


# --- claim_drops ---


def test_claim_drops__of_several_campaigns__pays_one_sum(pool, make_pool, worker, coworker, payer):
    neighbour = make_pool(pool.asset)
    neighbour.fund(FUNDED)
    drops = [
        pool.publish({worker: EARNED, coworker: OTHERS}),
        pool.publish({worker: OTHERS}),
        neighbour.publish({worker: 1, coworker: 2}),
    ]
    parts = [drop.part_of(worker) for drop in drops]
    assert pool.rewards.claim_drops(worker, parts, sender=payer) == BOTH + 1
    expected = []
    for drop in drops:
        leaf = drop.leaf(worker)
        expected.append(opened_event(drop.drop_id, 0, leaf.page_total))
        expected.append(claimed_event(drop.drop_id, worker, leaf.index, leaf.amount))
    assert event_list(pool.rewards) == expected
    transfers = [log for log in pool.rewards.get_logs() if type(log).__name__ == "Transfer"]
    assert len(transfers) == 1
    assert pool.asset.balanceOf(worker) == BOTH + 1
    assert pool.asset.balanceOf(pool.rewards) == 2 * FUNDED - BOTH - 1


def test_claim_drops__one_was_paid_before__passes_it_over(pool, drop, worker):
    later = pool.publish({worker: OTHERS})
    pool.claim(drop, worker)
    parts = [drop.part_of(worker), later.part_of(worker)]
    assert pool.rewards.claim_drops(worker, parts) == OTHERS
    assert event_list(pool.rewards) == [
        opened_event(later.drop_id, 0, OTHERS),
        claimed_event(later.drop_id, worker, 0, OTHERS),
    ]
    assert pool.rewards.claim_drops(worker, parts) == 0
    assert event_list(pool.rewards) == []


def test_claim_drops__same_part_twice__pays_once(pool, drop, worker):
    assert pool.rewards.claim_drops(worker, [drop.part_of(worker)] * 2) == EARNED
    assert pool.asset.balanceOf(worker) == EARNED


def test_claim_drops__two_leaves_of_one_drop__pays_both(pool, worker):
    leaves = [Leaf(index, worker, EARNED, 2 * EARNED) for index in (0, 1)]
    drop_id, tree = publish_wild(pool, leaves, 2 * EARNED)
    parts = [(drop_id, place, EARNED, 2 * EARNED, tree.proof(place)) for place in (0, 1)]
    assert pool.rewards.claim_drops(worker, parts) == 2 * EARNED


def test_claim_drops__none__reverts(pool, drop, worker):
    with boa.reverts("no claims"):
        pool.rewards.claim_drops(worker, [])


def test_claim_drops__of_two_assets__reverts(pool, make_pool, drop, worker):
    other = make_pool(deploy_asset())
    other.fund(EARNED)
    foreign = other.publish({worker: EARNED})
    with boa.reverts("drops pay different assets"):
        pool.rewards.claim_drops(worker, [drop.part_of(worker), foreign.part_of(worker)])


def test_claim_drops__one_is_not_active__pays_nothing(pool, drop, worker):
    pending = pool.propose_leaves({worker: OTHERS})
    pass_time(1)
    with boa.reverts("drop is not active"):
        pool.rewards.claim_drops(worker, [drop.part_of(worker), pending.part_of(worker)])
    assert pool.page(drop) == (0, 0)


@pytest.mark.parametrize("role", ["coworker", "stranger", None])
def test_claim_drops__for_another_account__reverts(pool, drop, worker, request, role):
    account = request.getfixturevalue(role) if role else ZERO_ADDRESS
    with boa.reverts("proof is invalid"):
        pool.rewards.claim_drops(account, [drop.part_of(worker)])


def test_claim_drops__paid_before_with_a_wrong_proof__reverts(pool, drop, worker):
    pool.claim(drop, worker)
    with boa.reverts("proof is invalid"):
        pool.rewards.claim_drops(worker, [(*drop.part_of(worker)[:4], [])])


def test_claim_drops__sixteen__pays_all_and_seventeen_revert(pool, worker):
    parts = [pool.publish({worker: EARNED}).part_of(worker) for _ in range(17)]
    types = ["address", f"{PART}[]"]
    with refused_by_the_decoder():
        raw_call(pool.rewards, "claim_drops", types, worker, parts)
    assert pool.rewards.claim_drops(worker, parts[:16]) == 16 * EARNED

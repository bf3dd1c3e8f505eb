"""Attacks on the claims of contributor rewards, in each of the five ways to make one: proofs,
leaves of elsewhere, receivers, signatures, and claims made twice."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import boa
import pytest
from boa import BoaError
from eth_account import Account

from flywheel.rewards.leaves import Leaf, keccak, leaf_hash
from tests.attack.reward_world import EARNED, FUNDED, STEM, WORKER_KEY, Case, World
from tests.kits.reward_claims import WAYS, claim_in_ways, sign_claim_to
from tests.kits.reward_trees import WildTree
from tests.kits.rewards import Pool, claims_of
from tests.support import account, deploy, deploy_asset, deployer_of, now

# --- each attack returns what it gained: 0 is a failure ---


def proof_not_checked(world: World, way: str) -> int:
    """The thief has no leaf and lends itself the worker's proof."""
    index, _, *amounts = world.drop.claim_of(world.worker)[0]
    forged, proof = (index, world.thief, *amounts), world.drop.claim_of(world.worker)[1]
    with suppress(BoaError):
        claim_in_ways(world.rewards, world.thief)[way](world.drop.drop_id, forged, proof)
    return world.loot


def claimed_twice(world: World, way: str) -> int:
    """The worker claims its leaf; somebody makes the same claim again. There is money left on the
    page, and in the drop."""
    leaf, proof = world.drop.claim_of(world.worker)
    world.honest.claim(world.drop, world.worker)
    call = claim_in_ways(world.rewards, world.worker)[way]
    with suppress(BoaError):
        call(world.drop.drop_id, leaf, proof)
    return world.balance(world.worker) - EARNED


def twice_in_one_call(world: World) -> int:
    """The same leaf stands twice in a batch, and in `claim_drops`."""
    claim, part, gained = world.drop.claim_of(world.worker), world.drop.part_of(world.worker), 0
    calls = (
        lambda: world.rewards.claim_batch(world.drop.drop_id, [claim] * 2),
        lambda: world.rewards.claim_drops(world.worker, [part] * 2),
    )
    for call in calls:
        with boa.env.anchor():
            call()
            gained += world.balance(world.worker) - EARNED
    return gained


def two_leaves_of_one_index(world: World) -> int:
    """A hidden second leaf of the same index, in one call with the first and in another."""
    own = world.new_pool(world.thief)
    own.fund(2 * EARNED)
    rows = [(0, world.thief, EARNED, 2 * EARNED)] * 2
    drop_id, tree = world.publish_wild(own, rows, 2 * EARNED)
    with suppress(BoaError):
        world.rewards.claim_range(drop_id, *tree.range(0, 1))
    with suppress(BoaError):
        world.claim(drop_id, tree, 1)
    return world.loot - EARNED


def caller_is_paid(world: World, way: str) -> int:
    """The thief makes the worker's claim and hopes for the money."""
    call = claim_in_ways(world.rewards, world.thief)[way]
    with suppress(BoaError), boa.env.prank(world.thief):
        call(world.drop.drop_id, *world.drop.claim_of(world.worker))
    # What the worker itself asks to be sent to the thief is no theft.
    return 0 if way == "claim_to" else world.loot


def third_leaf_of_a_pair(world: World) -> int:
    """A range of three: the node is that of the first two, the third was never in the tree."""
    rows = [(place, world.worker, 1, EARNED) for place in range(2)]
    drop_id, tree = world.publish_wild(world.honest, rows, EARNED)
    leaves, proof = tree.range(0, 1)
    forged = (2, world.thief, EARNED - 2, EARNED)
    with suppress(BoaError):
        world.rewards.claim_range(drop_id, [*leaves, forged], proof)
    return world.loot


def beyond_the_levels(world: World) -> int:
    """A range of 64: the node is that of the first 32, the others were never in the tree."""
    rows = [(place, world.worker, 1, EARNED) for place in range(32)]
    drop_id, tree = world.publish_wild(world.honest, rows, EARNED)
    leaves, proof = tree.range(0, 5)
    forged = [(32 + place, world.thief, 1, EARNED) for place in range(32)]
    with suppress(BoaError):
        world.rewards.claim_range(drop_id, leaves + forged, proof)
    return world.loot


def drops_of_different_assets(world: World) -> int:
    """The thief has a million of its own worthless token to claim, and claims it together with one
    unit of the real one, in which it would all be paid."""
    own = world.new_pool(world.thief)
    own.fund(1)
    junk = replace(own, asset=deploy_asset("JUNK", 6))
    junk.fund(EARNED)
    parts = [pool.publish({world.thief: pool.free}).part_of(world.thief) for pool in (own, junk)]
    with suppress(BoaError):
        world.rewards.claim_drops(world.thief, parts)
    return world.loot


def page_from_nowhere(world: World) -> int:
    """A leaf on each of two pages, of which each has the whole total."""
    own = world.new_pool(world.thief)
    own.fund(EARNED)
    rows = [(128 * page, world.thief, EARNED, EARNED) for page in range(2)]
    drop_id, tree = world.publish_wild(own, rows, EARNED)
    with suppress(BoaError):
        world.rewards.claim_range(drop_id, *tree.range(0, 1))
    for place in range(2):
        with suppress(BoaError):
            world.claim(drop_id, tree, place)
    return world.loot - EARNED


def overtaken(world: World, way: str) -> int:
    """The thief makes the worker's claim before a batch that is on its way, so that nobody else in
    it is paid. What they miss."""
    later = world.honest.publish({world.worker: EARNED})
    world.honest.claim(world.drop, world.worker, sender=world.thief)
    with suppress(BoaError):
        if way == "claim_batch":
            claims = claims_of(world.drop, world.worker, world.coworker)
            world.rewards.claim_batch(world.drop.drop_id, claims)
        elif way == "claim_range":
            ((leaves, proof),) = world.drop.tree.ranges()
            arguments = [leaf.argument for leaf in leaves]
            world.rewards.claim_range(world.drop.drop_id, arguments, proof)
        else:
            parts = [drop.part_of(world.worker) for drop in (world.drop, later)]
            world.rewards.claim_drops(world.worker, parts)
    paid = world.balance(world.worker) + world.balance(world.coworker)
    return 2 * EARNED - paid


# --- leaves made for elsewhere ---


def pay_with_node(world: World, node: bytes, leaf: tuple, other: Pool) -> int:
    """A root of one leaf of the thief, made for elsewhere, is active in `other`: is it paid?"""
    other.fund(FUNDED)
    drop_id = other.publish_root(node, FUNDED)
    for call in claim_in_ways(other.rewards, world.thief).values():
        with suppress(BoaError):
            call(drop_id, leaf, [])
    return world.balance(world.thief, other.asset)


def thiefs_leaf(world: World, number: int | None = None) -> tuple[bytes, tuple]:
    """A leaf of the honest campaign's next drop, or of another one."""
    leaf = (0, world.thief, EARNED, EARNED)
    drop_id = world.honest.domain(number).drop_id
    return bytes(world.rewards.leaf(drop_id, leaf)), leaf


def leaf_of_another_campaign(world: World) -> int:
    other = world.new_pool(world.publisher)
    return pay_with_node(world, *thiefs_leaf(world, other.next_number), other)


def leaf_of_another_asset(world: World) -> int:
    node, leaf = thiefs_leaf(world)
    world.honest.asset = deploy_asset("DAI", 18)
    return pay_with_node(world, node, leaf, world.honest)


def leaf_of_another_drop(world: World) -> int:
    return pay_with_node(world, *thiefs_leaf(world, world.drop.tree.domain.number), world.honest)


def leaf_of_another_contract(world: World) -> int:
    other = world.new_pool(world.publisher, rewards=world.new_contract())
    assert other.key == world.honest.key
    return pay_with_node(world, *thiefs_leaf(world, other.next_number), other)


@contextmanager
def other_chain() -> Iterator[None]:
    home = boa.env.evm.patch.chain_id
    boa.env.evm.patch.chain_id = home + 1
    try:
        yield
    finally:
        boa.env.evm.patch.chain_id = home


def leaf_of_another_chain(world: World) -> int:
    node, leaf = thiefs_leaf(world)
    with other_chain():
        return pay_with_node(world, node, leaf, world.honest)


# --- signatures ---


def replayed(world: World, signed: dict[str, Any], **used: Any) -> int:
    """The worker signed `signed`; the thief hands the signature in with `used` in its place. What
    anybody but the worker receives."""
    given = signed | used
    digest = world.rewards.claim_to_digest(*signed.values())
    signature = bytes(Account.unsafe_sign_hash(digest, WORKER_KEY).signature)
    drop = given.get("drop", world.drop)
    leaf, proof = drop.claim_of(world.worker)
    with suppress(BoaError):
        world.rewards.claim_to(
            drop.drop_id,
            leaf,
            proof,
            given["receiver"],
            given["deadline"],
            signature,
            sender=world.thief,
        )
    return world.balance(given["receiver"])


def order(world: World, **changes: Any) -> dict[str, Any]:
    """What the worker signs: its leaf for the thief, whom it owes so much."""
    made = {
        "drop_id": world.drop.drop_id,
        "index": world.drop.leaf(world.worker).index,
        "receiver": world.thief,
        "deadline": now() + 60,
    }
    return made | changes


def signature_for_another_drop(world: World) -> int:
    later = world.honest.publish({world.worker: EARNED})
    index = later.leaf(world.worker).index
    signed = order(world, index=index, deadline=now() + 60)
    return replayed(world, signed, drop=later)


def signature_for_another_index(world: World) -> int:
    return replayed(world, order(world, index=77))


def signature_for_another_receiver(world: World) -> int:
    return replayed(world, order(world, receiver=world.coworker), receiver=world.thief)


def signature_with_a_later_deadline(world: World) -> int:
    return replayed(world, order(world), deadline=now() + 61)


def signature_after_the_deadline(world: World) -> int:
    return replayed(world, order(world, deadline=now() - 1))


def signature_of_the_thief(world: World) -> int:
    digest_of = order(world)
    digest = world.rewards.claim_to_digest(*digest_of.values())
    signature = bytes(Account.unsafe_sign_hash(digest, b"\x0b" * 32).signature)
    leaf, proof = world.drop.claim_of(world.worker)
    receiver, deadline = digest_of["receiver"], digest_of["deadline"]
    with suppress(BoaError):
        world.rewards.claim_to(world.drop.drop_id, leaf, proof, receiver, deadline, signature)
    return world.loot


MEMBER = "if not merkle_proofs._is_member(drop_book.drops[drop_id].root, node, proof):"
OF_CLAIM_TO = f"    node: bytes32 = drop_book._leaf(drop_id, leaf)\n    {MEMBER}"
OF_RANGE = f"    node: bytes32 = drop_book._node_above(drop_id, leaves)\n    {MEMBER}"
OF_DROPS = "if not merkle_proofs._is_member(drop_book.drops[part.drop_id].root, node, part.proof):"
OF_BATCH = "if node != root:"
OF_CLAIM = "if node != drop_book.drops[drop_id].root:"
HASHED = "    return keccak256(abi_encode(keccak256(abi_encode(chain.id, self, drop_id, leaf))))"
SIGNED_VALUES = "CLAIM_TO_TYPEHASH, drop_id, index, receiver, deadline"
IS_NEW = "    if not is_new:\n        self._refuse_claimed()\n"
NEVER = "if node == empty(bytes32):"
PASSED_OVER = "        if not is_new:\n            continue\n"
SIGNED = (
    "assert signature_checks._is_valid(leaf.account, digest, signature), "
    '"signature is not the account\'s"'
)
SUBTREE = 'assert count > 0 and count & (count - 1) == 0, "leaves are no whole subtree"'
SEND = "self._send(asset, leaf.account, leaf.amount)"
TO_CALLER = SEND.replace("leaf.account", "msg.sender")
BATCH_SEND, RANGE_SEND = (f"{' ' * n}paid += leaf.amount\n{' ' * n}{SEND}" for n in (8, 12))


def leaf_case(attack: Any, old: str, new: str) -> Case:
    """Of the leaf's seven values one is not hashed."""
    return Case(attack, HASHED, HASHED.replace(old, new), module="drop_book")


def signed_case(attack: Any, name: str) -> Case:
    """Of what is signed one value is missing."""
    return Case(attack, SIGNED_VALUES, SIGNED_VALUES.replace(name, "MIN_HOLD_SECONDS"))


CASES = [
    Case(proof_not_checked, OF_CLAIM, NEVER, way="claim"),
    Case(proof_not_checked, OF_CLAIM_TO, OF_CLAIM_TO.replace(MEMBER, NEVER), way="claim_to"),
    Case(proof_not_checked, OF_BATCH, NEVER, way="claim_batch"),
    Case(proof_not_checked, OF_RANGE, OF_RANGE.replace(MEMBER, NEVER), way="claim_range"),
    Case(proof_not_checked, OF_DROPS, NEVER, way="claim_drops"),
    Case(claimed_twice, IS_NEW + "    asset", "    asset", way="claim"),
    Case(claimed_twice, IS_NEW + "    log", "    log", way="claim_to"),
    Case(claimed_twice, PASSED_OVER, "", way="claim_batch"),
    Case(claimed_twice, "if are_new & 1 != 0:", "if True:", way="claim_range"),
    Case(claimed_twice, "if is_new:", "if True:", way="claim_drops"),
    Case(twice_in_one_call, "if packed & claimed != 0:", "if packed == 1:", module="packed_page"),
    Case(
        two_leaves_of_one_index,
        "if packed & claimed != 0:",
        "if packed == 1:",
        module="packed_page",
    ),
    Case(
        caller_is_paid,
        "self._send(asset.address, leaf.account",
        "self._send(asset.address, msg.sender",
        way="claim",
    ),
    Case(caller_is_paid, BATCH_SEND, BATCH_SEND.replace(SEND, TO_CALLER), way="claim_batch"),
    Case(caller_is_paid, RANGE_SEND, RANGE_SEND.replace(SEND, TO_CALLER), way="claim_range"),
    Case(
        caller_is_paid,
        "self._pay(asset, account, paid)",
        "self._pay(asset, msg.sender, paid)",
        way="claim_drops",
    ),
    Case(third_leaf_of_a_pair, SUBTREE, "assert count > 0", module="drop_book"),
    Case(
        beyond_the_levels,
        "RANGE_LEVELS: constant(uint256) = 6",
        "RANGE_LEVELS: constant(uint256) = 5",
        module="drop_book",
    ),
    Case(overtaken, PASSED_OVER, "        assert is_new\n", way="claim_batch"),
    Case(
        overtaken,
        "if are_new & 1 != 0:",
        "assert are_new & 1 != 0\n        if True:",
        way="claim_range",
    ),
    Case(overtaken, "if is_new:", "assert is_new\n        if True:", way="claim_drops"),
    Case(
        drops_of_different_assets,
        'assert packed_drop_id._asset(part.drop_id) == asset, "drops pay different assets"',
    ),
    Case(
        page_from_nowhere,
        "self.drops[drop_id].head = packed_drop_head._less_unopened(head, page_total)",
        module="drop_book",
    ),
    leaf_case(leaf_of_another_campaign, "drop_id", "drop_id & ~((2**48 - 1) << 48)"),
    leaf_case(leaf_of_another_asset, "drop_id", "drop_id & (2**96 - 1)"),
    leaf_case(leaf_of_another_drop, "drop_id", "drop_id >> 48"),
    leaf_case(leaf_of_another_contract, "self", "MAX_PAGES"),
    leaf_case(leaf_of_another_chain, "chain.id", "MAX_PAGES"),
    signed_case(signature_for_another_drop, "drop_id"),
    signed_case(signature_for_another_index, "index"),
    signed_case(signature_for_another_receiver, "receiver"),
    signed_case(signature_with_a_later_deadline, "deadline"),
    Case(
        signature_after_the_deadline, 'assert block.timestamp <= deadline, "signature has expired"'
    ),
    Case(signature_of_the_thief, SIGNED),
]
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@cases
def test_attack__defences_in_place__gains_nothing(case):
    assert case.gain(deployer_of(STEM)) == 0


@cases
def test_attack__without_its_defence__gains(case):
    assert case.gain(case.mutant()) > 0


# --- second preimage ---


@pytest.fixture(scope="module")
def world() -> World:
    return World(deployer_of(STEM))


def eight_leaves(world: World) -> tuple[int, WildTree]:
    rows = [(place, account(f"contributor {place}"), 10 + place, EARNED) for place in range(8)]
    return world.publish_wild(world.honest, rows, EARNED)


@pytest.mark.parametrize("way", WAYS)
def test_second_preimage__inner_node_as_leaf__proves_nothing(world, way):
    """The proof module takes any node for a leaf, so no leaf may be the hash of two nodes."""
    drop_id, tree = eight_leaves(world)
    module = deploy("MerkleHarness")
    call = claim_in_ways(world.rewards, world.thief)[way]
    for place in range(4):
        left, right = sorted(tree.levels[0][2 * place : 2 * place + 2])
        node, proof = tree.levels[1][place], tree.proof(place, 1)
        assert node == keccak(left + right)
        assert module.is_member(tree.root, node, proof)
        # The 64 bytes under the node, read as the last two words of a leaf.
        words = int.from_bytes(left, "big"), int.from_bytes(right, "big")
        forged = (place, world.thief, *words)
        assert bytes(world.rewards.leaf(drop_id, forged)) != node
        with boa.reverts("proof is invalid"):
            call(drop_id, (place, world.thief, 1, EARNED), proof)


def test_second_preimage__leaves_of_a_lower_node__prove_nothing(world):
    """Leaves and proof must be of the same height: neither a child nor a parent of the node."""
    drop_id, tree = eight_leaves(world)
    for height, other in ((1, 2), (2, 1), (2, 3), (3, 2), (0, 1)):
        with boa.reverts("proof is invalid"):
            world.rewards.claim_range(drop_id, tree.range(0, height)[0], tree.proof(0, other))


def test_leaf__seven_words__are_hashed_twice(world):
    """The hash of 32 bytes is never the hash of a pair."""
    leaf = Leaf(5, world.worker, 7, 11)
    domain = world.honest.domain()
    encoded = (
        domain.encode() + (5).to_bytes(32, "big") + bytes(12) + bytes.fromhex(world.worker[2:])
    )
    encoded += (7).to_bytes(32, "big") + (11).to_bytes(32, "big")
    seen = bytes(world.rewards.leaf(domain.drop_id, leaf.argument))
    assert seen == keccak(keccak(encoded)) == leaf_hash(domain, leaf)


def test_signature__of_what_a_wallet_shows__pays_the_receiver(world):
    """Typed data, as wallets sign it, has the digest that the attacks sign."""
    leaf, proof = world.drop.claim_of(world.worker)
    signature = sign_claim_to(world.rewards, world.drop.drop_id, leaf[0], world.payer, WORKER_KEY)
    deadline = 2**256 - 1
    world.rewards.claim_to(
        world.drop.drop_id, leaf, proof, world.payer, deadline, signature, sender=world.thief
    )
    assert world.balance(world.payer) == EARNED

"""Merkle claims of contributors, out of a tree as deep as that of a million accounts."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.contracts import stranger
from benchmarks.peers_world import DAY, UNIT, World
from benchmarks.rows import FIRST, OURS, STEADY, Measured, bench
from flywheel.rewards.leaves import PAGE, Domain, Leaf, keccak
from flywheel.rewards.merkle import MAX_RANGE, RewardTree

DATASET = 1
REWARD = 100 * UNIT
CHALLENGE_SECONDS = 3 * DAY
CLAIM_SECONDS = 3 * 365 * DAY
# A tree of a million leaves has its leaves 19 and, most of them, 20 hashes below the root.
DEPTH = 20
HASH = b"\x22" * 32
BATCH = 50


@dataclass(frozen=True)
class TallTree:
    """The tree over a few leaves, put below enough others to be as deep as a large one.

    Only the hashes beside the path are needed to verify a proof, so these stand for the rest.
    """

    low: RewardTree
    above: list[bytes]

    @classmethod
    def build(cls, domain: Domain, leaves: Mapping[str, int], account: str) -> "TallTree":
        """With exactly DEPTH hashes in the proof of `account`, and one more or less in others."""
        low = RewardTree.build(domain, leaves)
        levels = range(DEPTH - len(low.proof(low.leaf_of(account).index)))
        return cls(low, [keccak(b"sibling" + bytes([level])) for level in levels])

    @property
    def root(self) -> bytes:
        node = self.low.root
        for sibling in self.above:
            node = keccak(min(node, sibling) + max(node, sibling))
        return node

    def claim_of(self, account: str) -> tuple[tuple[int, str, int, int], list[bytes]]:
        """Leaf and proof of an account."""
        leaf = self.low.leaf_of(account)
        return leaf.argument, [*self.low.proof(leaf.index), *self.above]


class Campaign:
    """A dataset's campaign in the mock stablecoin, and its drops."""

    def __init__(self, world: World, publisher: str, size: int) -> None:
        self.world, self.publisher = world, publisher
        self.rewards = world.suite["ContributorRewards"]
        description = (DATASET, HASH, "ipfs://dataset")
        terms = (publisher, CHALLENGE_SECONDS, description)
        receipt = self.rewards.send(publisher, "create_campaign", *terms)
        self.id = self.rewards.event(receipt, "CampaignCreated")[0]
        world.fund(publisher, "ContributorRewards")
        self.rewards.send(publisher, "fund", self.id, world.asset, 10 * size * REWARD)
        self.number = 0
        self.proposal_gas = 0

    def publish(self, leaves: Mapping[str, int], account: str) -> TallTree:
        """Makes a drop of `leaves` that can be claimed, tall enough for `account`."""
        asset = self.world.asset
        self.number += 1
        domain = Domain(
            self.world.node.chain_id, self.rewards.address, self.id, asset.address, self.number
        )
        tree = TallTree.build(domain, leaves, account)
        total = sum(leaves.values())
        terms = (self.number, asset, tree.root, total, CLAIM_SECONDS, HASH, HASH, "ipfs://leaves")
        self.proposal_gas = self.rewards.gas(self.publisher, "propose_drop", self.id, terms)
        self.world.node.pass_time(CHALLENGE_SECONDS)
        self.rewards.send(self.publisher, "activate_drop", domain.drop_id)
        return tree

    def claim_args(self, tree: TallTree, account: str) -> tuple[object, ...]:
        return (tree.low.domain.drop_id, *tree.claim_of(account))


def claims(world: World) -> tuple[int, int, int]:
    """Gas of the first claim of a fresh account and of its next one, out of another drop, each on a
    page that others have claimed from; and of a proposal."""
    publisher, alice = world.people(2)
    others = [stranger(f"contributor {number}") for number in range(7)]
    accounts = [alice, *others, *world.crowd.members]
    campaign = Campaign(world, publisher, len(accounts))
    gas = []
    for round_number in (1, 2):
        tree = campaign.publish(dict.fromkeys(accounts, round_number * REWARD), alice)
        rewards = campaign.rewards
        rewards.send(publisher, "claim", *campaign.claim_args(tree, others[0]))
        proven = (campaign.claim_args(tree, member) for member in world.crowd.members)
        world.crowd.all(rewards, "claim", proven)
        gas.append(rewards.gas(alice, "claim", *campaign.claim_args(tree, alice)))
    return gas[0], gas[1], campaign.proposal_gas


@bench("claim_reward_1m")
def claim_reward_1m(world: World) -> Measured:
    """By an account that holds the asset."""
    yield STEADY, OURS, claims(world)[1]


@bench("claim_reward_1m_first")
def claim_reward_1m_first(world: World) -> Measured:
    """By an account that never held the asset."""
    yield FIRST, OURS, claims(world)[0]


def _strangers(world: World, count: int) -> tuple[Campaign, TallTree, list[Leaf], str]:
    """A drop of accounts that never held the asset, the same part for each."""
    (publisher,) = world.people(1)
    accounts = [stranger(f"first claim {number}") for number in range(count)]
    campaign = Campaign(world, publisher, count)
    tree = campaign.publish(dict.fromkeys(accounts, REWARD), accounts[0])
    return campaign, tree, [tree.low.leaf(index) for index in range(count)], publisher


@bench("claim_reward_batch_50")
def claim_reward_batch_50(world: World) -> Measured:
    """For each of 50 accounts of one page, which is in use, that never held the asset."""
    campaign, tree, leaves, publisher = _strangers(world, PAGE)
    campaign.rewards.send(publisher, "claim", *campaign.claim_args(tree, leaves[0].account))
    proven = [tree.claim_of(leaf.account) for leaf in leaves[1::2][:BATCH]]
    args = (tree.low.domain.drop_id, proven)
    yield FIRST, OURS, campaign.rewards.gas(publisher, "claim_batch", *args) // BATCH


@bench("claim_reward_range_64")
def claim_reward_range_64(world: World) -> Measured:
    """For each of 64 neighbours that never held the asset."""
    campaign, tree, _, publisher = _strangers(world, 2 * MAX_RANGE)
    leaves, proof = next(tree.low.ranges())
    assert len(leaves) == MAX_RANGE
    args = (tree.low.domain.drop_id, [leaf.argument for leaf in leaves], [*proof, *tree.above])
    yield FIRST, OURS, campaign.rewards.gas(publisher, "claim_range", *args) // MAX_RANGE


@bench("propose_drop")
def propose_drop(world: World) -> Measured:
    """Of any number of accounts, by a publisher that has proposed one before."""
    yield STEADY, OURS, claims(world)[2]

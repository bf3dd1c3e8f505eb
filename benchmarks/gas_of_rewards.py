"""Merkle claims of contributors, out of a tree as deep as that of a million accounts."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.contracts import stranger
from benchmarks.peers_world import DAY, UNIT, World
from benchmarks.rows import FIRST, OURS, STEADY, Measured, bench
from flywheel.rewards.merkle import Domain, RewardTree, keccak

DATASET = 1
REWARD = 100 * UNIT
CHALLENGE_SECONDS = DAY
# A tree of a million leaves has its leaves 19 and, most of them, 20 hashes below the root.
DEPTH = 20
HASH = b"\x22" * 32


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
        levels = range(DEPTH - len(low.proof_of(account)))
        return cls(low, [keccak(b"sibling" + bytes([level])) for level in levels])

    @property
    def root(self) -> bytes:
        node = self.low.root
        for sibling in self.above:
            node = keccak(min(node, sibling) + max(node, sibling))
        return node

    def proof_of(self, account: str) -> list[bytes]:
        return [*self.low.proof_of(account), *self.above]


class Campaign:
    """A dataset's campaign in the mock stablecoin, and its published trees."""

    def __init__(self, world: World, publisher: str, size: int) -> None:
        self.world, self.publisher = world, publisher
        self.rewards = world.suite["ContributorRewards"]
        terms = (DATASET, publisher, CHALLENGE_SECONDS, HASH, "ipfs://dataset")
        receipt = self.rewards.send(publisher, "create_campaign", terms)
        self.id = self.rewards.event(receipt, "CampaignCreated")[0]
        world.fund(publisher, "ContributorRewards")
        self.rewards.send(publisher, "fund", self.id, world.asset, 10 * size * REWARD)

    def publish(self, leaves: Mapping[str, int], account: str) -> TallTree:
        """Makes the tree over `leaves` the active one, tall enough for `account`."""
        asset = self.world.asset
        domain = Domain(self.world.node.chain_id, self.rewards.address, self.id, asset.address)
        tree = TallTree.build(domain, leaves, account)
        root, total = tree.root, sum(leaves.values())
        proposal = (self.id, asset, root, total, HASH, "ipfs://leaves")
        self.rewards.send(self.publisher, "propose_root", *proposal)
        self.world.node.pass_time(CHALLENGE_SECONDS)
        self.rewards.send(self.publisher, "activate_root", self.id, asset, root)
        return tree

    def claim_args(
        self, tree: TallTree, leaves: Mapping[str, int], account: str
    ) -> tuple[object, ...]:
        return (self.id, self.world.asset, account, leaves[account], tree.proof_of(account))


def claims(world: World) -> tuple[int, int]:
    """Gas of the first claim of a fresh account and of its next one, under a newer root."""
    publisher, alice = world.people(2)
    others = [stranger(f"contributor {number}") for number in range(7)]
    accounts = [alice, *others, *world.crowd.members]
    campaign = Campaign(world, publisher, len(accounts))
    gas = []
    for round_number in (1, 2):
        leaves = dict.fromkeys(accounts, round_number * REWARD)
        tree = campaign.publish(leaves, alice)
        rewards = campaign.rewards
        rewards.send(publisher, "claim", *campaign.claim_args(tree, leaves, others[0]))
        members = world.crowd.members
        proven = (campaign.claim_args(tree, leaves, member) for member in members)
        world.crowd.all(rewards, "claim", proven)
        claim = campaign.claim_args(tree, leaves, alice)
        gas.append(rewards.gas(alice, "claim", *claim))
    return gas[0], gas[1]


@bench("claim_reward_1m")
def claim_reward_1m(world: World) -> Measured:
    """By an account that has claimed before."""
    yield STEADY, OURS, claims(world)[1]


@bench("claim_reward_1m_first")
def claim_reward_1m_first(world: World) -> Measured:
    """By an account that has neither claimed nor had the asset before."""
    yield FIRST, OURS, claims(world)[0]

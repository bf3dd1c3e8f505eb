"""What the tests of contributor rewards share: a campaign with its asset, and drops of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

import boa

from flywheel.rewards.leaves import Domain, Leaf, leaf_hash
from flywheel.rewards.merkle import RewardTree
from tests.support import DAY, deploy_asset, deployer_of, fund_and_approve, pass_time

CHALLENGE_SECONDS = 5 * DAY
CLAIM_SECONDS = 3 * 365 * DAY
# What a pool that has money holds, in units of its asset.
FUNDED = 1_000_000
CONTENT_HASH = b"\x11" * 32
CONTENT_URI = "ipfs://dataset"
LEAVES_HASH = b"\x22" * 32
MANIFEST_HASH = b"\x44" * 32
LEAVES_URI = "ipfs://leaves"
REASON_HASH = b"\x33" * 32


class Kind(IntFlag):
    """Mirror of `IContributorRewards.CampaignKind`."""

    DATASET = 1
    COMPUTE_POOL = 2
    COMPETITION = 4
    TESTING = 8


def description(kind: int = Kind.DATASET) -> tuple[int, bytes, str]:
    """A `Description` struct."""
    return (int(kind), CONTENT_HASH, CONTENT_URI)


def terms(
    publisher: str, kind: int = Kind.DATASET, challenge_seconds: int = CHALLENGE_SECONDS
) -> tuple[str, int, tuple[int, bytes, str]]:
    """The arguments of `create_campaign`."""
    return (publisher, challenge_seconds, description(kind))


def event_list(contract: Any) -> list[tuple[str, dict[str, Any]]]:
    """(name, arguments) of each event that `contract` itself emitted in its last call, in order."""
    return [
        (type(log).__name__, {k: v for k, v in log._asdict().items() if k != "address"})
        for log in contract.get_logs()
        if log.address == contract.address
    ]


@dataclass(frozen=True)
class Drop:
    """A drop on chain and its tree."""

    drop_id: int
    tree: RewardTree

    def leaf(self, account: str) -> Leaf:
        return self.tree.leaf_of(account)

    def claim_of(self, account: str) -> tuple[tuple[int, str, int, int], list[bytes]]:
        """Leaf and proof of an account: a `Claim` struct."""
        leaf = self.tree.leaf_of(account)
        return leaf.argument, self.tree.proof(leaf.index)

    def part_of(self, account: str) -> tuple[int, int, int, int, list[bytes]]:
        """A `Part` struct."""
        leaf = self.tree.leaf_of(account)
        proof = self.tree.proof(leaf.index)
        return self.drop_id, leaf.index, leaf.amount, leaf.page_total, proof


@dataclass
class Pool:
    """One campaign in one asset, and who runs it."""

    rewards: Any
    asset: Any
    campaign_id: int
    publisher: str
    payer: str

    @property
    def key(self) -> tuple[int, Any]:
        return self.campaign_id, self.asset

    @property
    def free(self) -> int:
        return int(self.rewards.free(*self.key))

    @property
    def next_number(self) -> int:
        return int(self.rewards.campaign(self.campaign_id).drop_count) + 1

    def domain(self, number: int | None = None) -> Domain:
        """Of the next drop unless another number is given."""
        return Domain(
            boa.env.evm.patch.chain_id,
            self.rewards.address,
            self.campaign_id,
            self.asset.address,
            self.next_number if number is None else number,
        )

    def tree(self, leaves: Mapping[str, int]) -> RewardTree:
        """Of the next drop."""
        return RewardTree.build(self.domain(), leaves)

    def fund(self, amount: int) -> None:
        fund_and_approve(self.asset, self.payer, self.rewards, amount)
        self.rewards.fund(*self.key, amount, sender=self.payer)

    def terms(self, root: bytes, total: int, **changes: Any) -> tuple[Any, ...]:
        """A `DropTerms` struct of the next drop."""
        found = {
            "number": self.next_number,
            "asset": self.asset.address,
            "root": root,
            "total": total,
            "claim_seconds": CLAIM_SECONDS,
            "leaves_hash": LEAVES_HASH,
            "manifest_hash": MANIFEST_HASH,
            "uri": LEAVES_URI,
        }
        assert found.keys() >= changes.keys()
        return tuple((found | changes).values())

    def propose(self, root: bytes, total: int, sender: str | None = None, **changes: Any) -> int:
        """Returns the drop's id."""
        found = self.terms(root, total, **changes)
        return int(
            self.rewards.propose_drop(self.campaign_id, found, sender=sender or self.publisher)
        )

    def propose_leaves(self, leaves: Mapping[str, int], total: int | None = None) -> Drop:
        """Proposes the tree of `leaves`; `total` is their sum unless given."""
        tree = self.tree(leaves)
        return Drop(self.propose(tree.root, tree.total if total is None else total), tree)

    def publish(self, leaves: Mapping[str, int], total: int | None = None) -> Drop:
        """Proposes the tree of `leaves`, waits, activates it."""
        drop = self.propose_leaves(leaves, total)
        pass_time(CHALLENGE_SECONDS)
        self.rewards.activate_drop(drop.drop_id, sender=self.payer)
        return drop

    def publish_root(self, root: bytes, total: int) -> int:
        """Proposes a root of any leaves, waits, activates it; returns the drop's id."""
        drop_id = self.propose(root, total)
        pass_time(CHALLENGE_SECONDS)
        self.rewards.activate_drop(drop_id, sender=self.payer)
        return drop_id

    def publish_leaf(self, leaf: tuple[int, str, int, int], total: int) -> int:
        """A drop of one leaf with any index and totals, which needs no proof; returns its id."""
        return self.publish_root(leaf_hash(self.domain(), Leaf(*leaf)), total)

    def page(self, drop: Drop, number: int = 0) -> tuple[int, int]:
        """What is left on a page, and the bits of who has claimed."""
        return tuple(self.rewards.page(drop.drop_id, number))

    def claim(self, drop: Drop, account: str, sender: str | None = None) -> None:
        self.rewards.claim(drop.drop_id, *drop.claim_of(account), sender=sender or self.payer)


def claims_of(drop: Drop, *accounts: str) -> list[tuple[tuple[int, str, int, int], list[bytes]]]:
    """`Claim` structs for a batch."""
    return [drop.claim_of(account) for account in accounts]


def deploy_rewards(owner: str, deployer: Any = None, token: Any = None) -> Any:
    """The contract, or the mutant that `deployer` compiles to, with a mock as governance token
    unless one is given."""
    token = token or deploy_asset("FLY", 18)
    with boa.env.prank(owner):
        return (deployer or deployer_of("ContributorRewards")).deploy(token)


def open_pool(rewards: Any, publisher: str, payer: str, asset: Any | None = None) -> Pool:
    """A new dataset campaign of `publisher`, with a new 6-decimals asset unless one is given."""
    campaign_id = rewards.create_campaign(*terms(publisher), sender=publisher)
    return Pool(rewards, asset or deploy_asset(), campaign_id, publisher, payer)

"""What the tests of contributor rewards share: a campaign with its asset, and trees for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

import boa

from flywheel.rewards.merkle import Domain, RewardTree
from tests.support import DAY, deploy_asset, deployer_of, fund_and_approve, pass_time

CHALLENGE_SECONDS = 2 * DAY
# What a pool that has money holds, in units of its asset.
FUNDED = 1_000_000
CONTENT_HASH = b"\x11" * 32
CONTENT_URI = "ipfs://dataset"
LEAVES_HASH = b"\x22" * 32
LEAVES_URI = "ipfs://leaves"
REASON_HASH = b"\x33" * 32


class Kind(IntFlag):
    """Mirror of `IContributorRewards.CampaignKind`."""

    DATASET = 1
    COMPUTE_POOL = 2


def terms(
    publisher: str, kind: int = Kind.DATASET, challenge_seconds: int = CHALLENGE_SECONDS
) -> tuple[int, str, int, bytes, str]:
    """A `Campaign` struct."""
    return (int(kind), publisher, challenge_seconds, CONTENT_HASH, CONTENT_URI)


def event_list(contract: Any) -> list[tuple[str, dict[str, Any]]]:
    """(name, arguments) of each event that `contract` itself emitted in its last call, in order."""
    return [
        (type(log).__name__, {k: v for k, v in log._asdict().items() if k != "address"})
        for log in contract.get_logs()
        if log.address == contract.address
    ]


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
    def books(self) -> Any:
        return self.rewards.distribution(*self.key)

    def claimed(self, account: str) -> int:
        return int(self.rewards.claimed(*self.key, account))

    def domain(self) -> Domain:
        chain_id = boa.env.evm.patch.chain_id
        return Domain(chain_id, self.rewards.address, self.campaign_id, self.asset.address)

    def tree(self, leaves: Mapping[str, int]) -> RewardTree:
        return RewardTree.build(self.domain(), leaves)

    def fund(self, amount: int) -> None:
        fund_and_approve(self.asset, self.payer, self.rewards, amount)
        self.rewards.fund(*self.key, amount, sender=self.payer)

    def propose(self, root: bytes, total: int, sender: str | None = None) -> None:
        self.rewards.propose_root(
            *self.key, root, total, LEAVES_HASH, LEAVES_URI, sender=sender or self.publisher
        )

    def activate(self, root: bytes, sender: str | None = None) -> None:
        self.rewards.activate_root(*self.key, root, sender=sender or self.payer)

    def publish(self, leaves: Mapping[str, int], total: int | None = None) -> RewardTree:
        """Proposes the tree of `leaves`, waits, activates it; `total` is their sum unless given."""
        tree = self.tree(leaves)
        self.propose(tree.root, tree.total if total is None else total)
        pass_time(CHALLENGE_SECONDS)
        self.activate(tree.root)
        return tree

    def claim(self, tree: RewardTree, account: str, sender: str | None = None) -> int:
        return int(
            self.rewards.claim(
                *self.key,
                account,
                tree.cumulative_of(account),
                tree.proof_of(account),
                sender=sender or self.payer,
            )
        )


def claims_of(tree: RewardTree, *accounts: str) -> list[tuple[str, int, list[bytes]]]:
    """`Claim` structs for a batch."""
    return [(a, tree.cumulative_of(a), tree.proof_of(a)) for a in accounts]


def deploy_rewards(owner: str, deployer: Any = None) -> Any:
    """The contract, or the mutant that `deployer` compiles to."""
    with boa.env.prank(owner):
        return (deployer or deployer_of("ContributorRewards")).deploy()


def open_pool(rewards: Any, publisher: str, payer: str, asset: Any | None = None) -> Pool:
    """A new dataset campaign of `publisher`, with a new 6-decimals asset unless one is given."""
    campaign_id = rewards.create_campaign(terms(publisher), sender=publisher)
    return Pool(rewards, asset or deploy_asset(), campaign_id, publisher, payer)

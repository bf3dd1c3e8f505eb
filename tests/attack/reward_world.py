"""What the attacks on contributor rewards share: a funded campaign, its people, and a thief."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from boa import BoaError
from eth_account import Account

from flywheel.rewards.leaves import Leaf
from tests.attack import mutants
from tests.kits.reward_trees import WildTree
from tests.kits.rewards import CHALLENGE_SECONDS, Drop, Pool, deploy_rewards, open_pool
from tests.support import account, deploy_asset, now, pass_time

STEM = "ContributorRewards"
# What the honest campaign has, half of which its first drop pays.
FUNDED = 1_000_000
EARNED = FUNDED // 4
WORKER_KEY = b"\x0a" * 32
YEAR = 365 * 86_400


@dataclass(frozen=True)
class Case(mutants.Case):
    """`way`: of those to make a claim, for an attack that is made in each."""

    stem: str = STEM
    way: str = ""

    @property
    def name(self) -> str:
        return " ".join((self.attack.__name__, self.way)).strip()

    def gain(self, deployer: Any) -> int:
        world = World(deployer)
        return int(self.attack(world, self.way) if self.way else self.attack(world))


class World:
    """A contract and a thief; an honest campaign whose `drop` pays EARNED each to `worker` and to
    `coworker`, and which has as much again that is free."""

    def __init__(self, deployer: Any) -> None:
        self.deployer = deployer
        self.owner, self.guardian, self.payer = map(account, ("owner", "guardian", "payer"))
        self.publisher, self.thief = map(account, ("publisher", "thief"))
        self.worker, self.coworker = Account.from_key(WORKER_KEY).address, account("coworker")
        self.rewards = self.new_contract()
        self.asset = deploy_asset()
        self.honest = self.new_pool(self.publisher)
        self.honest.fund(FUNDED)
        self.drop = self.honest.publish({self.worker: EARNED, self.coworker: EARNED})

    def new_contract(self) -> Any:
        contract = deploy_rewards(self.owner, self.deployer)
        self.appoint(contract)
        return contract

    def appoint(self, contract: Any = None) -> None:
        """Gives the guardian a new term."""
        contract = contract or self.rewards
        until = now() + contract.MAX_GUARDIAN_SECONDS()
        contract.set_guardian(self.guardian, until, sender=self.owner)

    def new_pool(self, publisher: str, asset: Any = None, rewards: Any = None) -> Pool:
        return open_pool(rewards or self.rewards, publisher, self.payer, asset or self.asset)

    def balance(self, who: str, asset: Any = None) -> int:
        return int((asset or self.asset).balanceOf(who))

    @property
    def loot(self) -> int:
        return self.balance(self.thief)

    def publish_wild(
        self, pool: Pool, rows: Iterable[tuple[int, str, int, int]], total: int
    ) -> tuple[int, WildTree]:
        """An active drop of any leaves; its id and its tree."""
        tree = WildTree(pool.domain(), tuple(Leaf(*row) for row in rows))
        return pool.publish_root(tree.root, total), tree

    def claim(self, drop_id: int, tree: WildTree, place: int) -> None:
        leaf = tree.leaves[place].argument
        self.rewards.claim(drop_id, leaf, tree.proof(place), sender=self.thief)

    def steal_with(self, pool: Pool, total: int, row: tuple[int, str, int, int]) -> int:
        """The thief publishes one leaf and claims it; what it has then."""
        with suppress(BoaError):
            self.claim(*self.publish_wild(pool, [row], total), 0)
        return self.loot


def wait_and_activate(pool: Pool, drop: Drop) -> None:
    pass_time(CHALLENGE_SECONDS)
    pool.rewards.activate_drop(drop.drop_id, sender=pool.payer)

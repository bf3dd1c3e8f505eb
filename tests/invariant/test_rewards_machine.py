"""I15: a drop pays no more than its total and no leaf twice, whatever its root says; what it does
not pay returns to its campaign; and all that is owed is there."""

from collections import Counter
from dataclasses import dataclass, field

import boa
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from flywheel.rewards.leaves import PAGE, Leaf
from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.kits.reward_trees import WildTree
from tests.kits.rewards import (
    CHALLENGE_SECONDS,
    CLAIM_SECONDS,
    REASON_HASH,
    Pool,
    deploy_rewards,
    open_pool,
)
from tests.support import DAY, account, deploy_asset, now, pass_time, reverts_otherwise, warp_to

# Of a refusal whose words are not told.
WHY = "the unit tests name each reason; here any leaf of any root is tried"

CAMPAIGNS = 2
ASSETS = 2
CONTRIBUTORS = 8
# Contributors are on four pages.
STRIDE = PAGE // 2
LARGEST = 10**24
PAYMENTS = ("claim", "claim_to", "claim_batch", "claim_range", "claim_drops")
HANDLERS = ("fund", "donate", "propose", "hold", "withdraw", "cancel", "activate", "end", *PAYMENTS)

pools = st.integers(0, CAMPAIGNS * ASSETS - 1)
contributors = st.integers(0, CONTRIBUTORS - 1)
# Chooses among those that a handler can work on.
picks = st.integers(0, 10**6)
amounts = st.one_of(st.integers(1, 100), st.integers(1, LARGEST))
# How free money is shared: a weight for each contributor, and for nobody.
weights = st.lists(st.integers(0, 20), min_size=CONTRIBUTORS + 1, max_size=CONTRIBUTORS + 1)
groups = st.lists(contributors, min_size=1, max_size=2 * CONTRIBUTORS)


@dataclass
class State:
    """A drop, and what became of it."""

    pool: Pool
    drop_id: int
    tree: WildTree
    total: int
    opens_at: int
    # False if the leaves have nothing to do with the total, or with each other.
    is_honest: bool
    state: str = "pending"
    is_held: bool = False
    ends_at: int = 0
    paid: set[int] = field(default_factory=set)
    returned: int = 0

    @property
    def pages(self) -> list[int]:
        return sorted({leaf.index // PAGE for leaf in self.tree.leaves})

    def left(self) -> int:
        """What the drop and its pages still have, as the contract says."""
        rewards = self.pool.rewards
        pages = sum(rewards.page(self.drop_id, page)[0] for page in self.pages)
        return int(rewards.drop(self.drop_id).unopened + pages)

    def is_payable(self, place: int) -> bool:
        leaf, rewards = self.tree.leaves[place], self.pool.rewards
        left, claimed = rewards.page(self.drop_id, leaf.index // PAGE)
        if self.state != "active" or place in self.paid or not leaf.amount:
            return False
        if claimed:
            return leaf.amount <= left
        unopened = rewards.drop(self.drop_id).unopened
        return leaf.amount <= leaf.page_total <= unopened

    def claim_of(self, place: int) -> tuple:
        return self.tree.leaves[place].argument, self.tree.proof(place)

    def due(self, places: range | list[int]) -> int:
        return sum(self.tree.leaves[place].amount for place in {*places} - self.paid)


class RewardsMachine(ChainMachine):
    handlers = HandlerCount()

    def set_up(self) -> None:
        self.owner, self.guardian = account("owner"), account("guardian")
        self.payer = account("payer")
        self.people = [account(f"contributor {number}") for number in range(CONTRIBUTORS)]
        self.rewards = deploy_rewards(self.owner)
        self.assets = [deploy_asset("USDC", 6), deploy_asset("FLY", 18)]
        self.pools: list[Pool] = []
        for number in range(CAMPAIGNS):
            publisher = account(f"publisher {number}")
            first = open_pool(self.rewards, publisher, self.payer, self.assets[0])
            second = Pool(self.rewards, self.assets[1], first.campaign_id, publisher, self.payer)
            self.pools += [first, second]
        self.drops: list[State] = []
        self.is_at_end = False
        self.funded: Counter[int] = Counter()
        self.donated: Counter[int] = Counter()
        self.received: Counter[tuple[int, str]] = Counter()

    def choose(self, pick: int, state: str) -> State | None:
        found = [drop for drop in self.drops if drop.state == state]
        return found[pick % len(found)] if found else None

    def pending(self, pick: int) -> State:
        """A drop that is up for challenge, a new one if there is none."""
        if drop := self.choose(pick, "pending"):
            return drop
        which = pick % len(self.pools)
        self.fund(which, 10 * CONTRIBUTORS)
        self.propose(which, [1] * CONTRIBUTORS + [0])
        return self.drops[-1]

    def active(self, pick: int) -> State:
        """A drop that pays, a new one if there is none."""
        if not self.choose(pick, "active"):
            self.publish(pick % len(self.pools), 10 * CONTRIBUTORS, [1] * CONTRIBUTORS + [0], [])
        return self.choose(pick, "active") or self.active(pick)

    def record(self, drop: State, places: range | list[int]) -> None:
        """The leaves were paid, those that were not before."""
        for place in {*places} - drop.paid:
            leaf = drop.tree.leaves[place]
            self.received[self.assets.index(drop.pool.asset), leaf.account] += leaf.amount
        drop.paid |= {*places}

    # --- money and drops ---

    @rule(which=pools, amount=amounts)
    def fund(self, which: int, amount: int) -> None:
        with self.handlers.counts("fund"):
            self.pools[which].fund(amount)
            self.funded[which] += amount

    @rule(which=st.integers(0, ASSETS - 1), amount=amounts)
    def donate(self, which: int, amount: int) -> None:
        with self.handlers.counts("donate"):
            self.assets[which].mint(self.rewards, amount)
            self.donated[which] += amount

    @rule(which=pools, parts=weights)
    def propose(self, which: int, parts: list[int]) -> None:
        """An honest publisher: pages and leaves add up to the total."""
        free = self.pools[which].free
        amounts = [free * part // (sum(parts) or 1) for part in parts[:-1]]
        pages: Counter[int] = Counter()
        for place, amount in enumerate(amounts):
            pages[place * STRIDE // PAGE] += amount
        totals = [pages[place * STRIDE // PAGE] for place in range(CONTRIBUTORS)]
        self.propose_leaves(which, amounts, totals, sum(amounts))

    @rule(which=pools, parts=weights, pages=weights, tenths=st.integers(1, 11))
    def propose_wrong_leaves(
        self, which: int, parts: list[int], pages: list[int], tenths: int
    ) -> None:
        """A publisher whose leaves, pages and total have nothing to do with each other."""
        free = self.pools[which].free
        leaves, totals = ([free * part // 30 for part in row[:-1]] for row in (parts, pages))
        self.propose_leaves(which, leaves, totals, free * tenths // 10, is_honest=False)

    def propose_leaves(
        self, which: int, amounts: list[int], pages: list[int], total: int, is_honest: bool = True
    ) -> None:
        pool = self.pools[which]
        rows = zip(self.people, amounts, pages, strict=True)
        leaves = [Leaf(place * STRIDE, *row) for place, row in enumerate(rows)]
        tree = WildTree(pool.domain(), tuple(leaves))
        if not 0 < total <= pool.free:
            with reverts_otherwise(WHY):
                pool.propose(tree.root, total)
            return
        with self.handlers.counts("propose"):
            drop_id, opens_at = pool.propose(tree.root, total), now() + CHALLENGE_SECONDS
            self.drops.append(State(pool, drop_id, tree, total, opens_at, is_honest))

    @rule(pick=picks)
    def hold(self, pick: int) -> None:
        drop = self.pending(pick)
        if drop.is_held:
            return
        self.rewards.set_guardian(self.guardian, now() + DAY, sender=self.owner)
        with self.handlers.counts("hold"):
            self.rewards.hold_drop(drop.drop_id, REASON_HASH, sender=self.guardian)
            drop.is_held, drop.opens_at = True, max(drop.opens_at, now() + 14 * DAY)

    @rule(pick=picks)
    def take_back(self, pick: int) -> None:
        """By its publisher, or by a vote."""
        drop = self.pending(pick)
        if pick % 2:
            with self.handlers.counts("withdraw"):
                self.rewards.withdraw_drop(drop.drop_id, sender=drop.pool.publisher)
                drop.state, drop.returned = "withdrawn", drop.total
        else:
            with self.handlers.counts("cancel"):
                self.rewards.cancel_drop(drop.drop_id, REASON_HASH, sender=self.owner)
                drop.state, drop.returned = "cancelled", drop.total

    @rule(pick=picks)
    def stop_an_active_drop(self, pick: int) -> None:
        """Nobody can: neither its publisher nor the owner nor the guardian."""
        drop = self.active(pick)
        with boa.reverts("drop is not pending"):
            self.rewards.withdraw_drop(drop.drop_id, sender=drop.pool.publisher)
        with boa.reverts("drop is not pending"):
            self.rewards.cancel_drop(drop.drop_id, REASON_HASH, sender=self.owner)

    @rule(seconds=st.integers(1, CHALLENGE_SECONDS))
    def wait(self, seconds: int) -> None:
        pass_time(seconds)

    @rule()
    def activate_all(self) -> None:
        """Everything whose window is over becomes active; what is early is refused."""
        for drop in self.drops:
            if drop.state != "pending":
                continue
            if now() < drop.opens_at:
                with boa.reverts("challenge window is open"):
                    self.rewards.activate_drop(drop.drop_id)
                continue
            with self.handlers.counts("activate"):
                self.rewards.activate_drop(drop.drop_id)
                drop.state, drop.ends_at = "active", now() + CLAIM_SECONDS

    @rule(which=pools, amount=amounts, parts=weights, claims=st.lists(picks, max_size=4))
    def publish(self, which: int, amount: int, parts: list[int], claims: list[int]) -> None:
        """A whole period: money comes in, is shared, the window passes, some claim."""
        self.fund(which, amount)
        self.propose(which, parts)
        pass_time(CHALLENGE_SECONDS)
        self.activate_all()
        for pick in claims:
            (self.claim_to if pick % 3 == 0 else self.claim)(pick)

    @rule(pick=picks)
    def end(self, pick: int) -> None:
        drop = self.active(pick)
        if now() < drop.ends_at:
            with boa.reverts("drop has not ended"):
                self.rewards.end_drop(drop.drop_id, drop.pages)
            warp_to(drop.ends_at)
        with self.handlers.counts("end"):
            left = drop.left()
            # First without the pages, which somebody may name later.
            drop.returned = self.rewards.end_drop(drop.drop_id, [])
            drop.returned += self.rewards.end_drop(drop.drop_id, drop.pages + drop.pages)
            drop.state = "ended"
            assert drop.returned == left

    # --- payments ---

    def payable(self, pick: int) -> tuple[State, int] | None:
        found = [(d, place) for d in self.drops for place in range(CONTRIBUTORS)]
        start = pick % (len(found) or 1)
        fitting = (pair for pair in found[start:] + found[:start] if pair[0].is_payable(pair[1]))
        return next(fitting, None)

    @rule(pick=picks)
    def claim(self, pick: int) -> None:
        if found := self.payable(pick):
            drop, place = found
            with self.handlers.counts("claim"):
                self.rewards.claim(drop.drop_id, *drop.claim_of(place), sender=self.payer)
                self.record(drop, [place])

    @rule(pick=picks)
    def claim_to(self, pick: int) -> None:
        """An account that asks for itself, so that what it receives can be counted."""
        if found := self.payable(pick):
            drop, place = found
            who, arguments = drop.tree.leaves[place].account, drop.claim_of(place)
            with self.handlers.counts("claim_to"):
                self.rewards.claim_to(drop.drop_id, *arguments, who, 0, b"", sender=who)
                self.record(drop, [place])

    @rule(pick=picks, place=contributors)
    def claim_too_much(self, pick: int, place: int) -> None:
        """Whoever was paid, or stands where the money does not reach, gets nothing."""
        if self.drops:
            drop = self.drops[pick % len(self.drops)]
            if not drop.is_payable(place):
                with reverts_otherwise(WHY):
                    self.rewards.claim(drop.drop_id, *drop.claim_of(place), sender=self.payer)

    def pay_several(self, name: str, drop: State, places: range | list[int], *args: object) -> None:
        """All at once. Without an honest publisher it may well be refused."""
        if not drop.is_honest:
            try:
                getattr(self.rewards, name)(drop.drop_id, *args)
            except boa.BoaError:
                return
            self.record(drop, places)
            return
        with self.handlers.counts(name):
            paid = getattr(self.rewards, name)(drop.drop_id, *args)
            assert paid == drop.due(places)
            self.record(drop, places)

    @rule(pick=picks, places=groups)
    def claim_batch(self, pick: int, places: list[int]) -> None:
        """Also of who was paid already, or is named twice."""
        drop = self.active(pick)
        claims = [drop.claim_of(place) for place in places]
        self.pay_several("claim_batch", drop, places, claims)

    @rule(pick=picks, height=st.integers(0, 3), which=contributors)
    def claim_range_and_drops(self, pick: int, height: int, which: int) -> None:
        """First all below a node, then what one of its accounts has in other drops."""
        drop, first = self.active(pick), which >> height << height
        arguments = drop.tree.range(which >> height, height)
        self.pay_several("claim_range", drop, range(first, first + (1 << height)), *arguments)
        self.claim_drops(which, drop.pool.asset)

    def claim_drops(self, place: int, asset: object) -> None:
        """An account's leaves of all honest drops of an asset, paid or not."""
        drops = [
            drop
            for drop in self.drops
            if drop.state == "active" and drop.is_honest and drop.pool.asset == asset
        ][:16]
        if not drops:
            return
        parts = []
        for drop in drops:
            (index, _, amount, page_total), proof = drop.claim_of(place)
            parts.append((drop.drop_id, index, amount, page_total, proof))
        with self.handlers.counts("claim_drops"):
            due = sum(drop.due([place]) for drop in drops)
            assert self.rewards.claim_drops(self.people[place], parts) == due
            for drop in drops:
                self.record(drop, [place])

    # --- what always holds ---

    def unfinished(self) -> list[State]:
        """That a drop of which everything returned has nothing left is looked at in the end."""
        return [drop for drop in self.drops if not drop.returned or self.is_at_end]

    @invariant()
    def a_drop_pays_its_total_at_most(self) -> None:
        for drop in self.unfinished():
            claimed = sum(drop.tree.leaves[place].amount for place in drop.paid)
            assert drop.left() + claimed + drop.returned == drop.total
            if drop.state == "active":
                bits = sum(self.rewards.page(drop.drop_id, p)[1] << p * PAGE for p in drop.pages)
                assert bits == sum(1 << place * STRIDE for place in drop.paid)

    @invariant()
    def every_unit_is_accounted_for(self) -> None:
        for number, asset in enumerate(self.assets):
            own = [which for which, pool in enumerate(self.pools) if pool.asset == asset]
            owed = sum(self.pools[which].free for which in own)
            owed += sum(drop.left() for drop in self.unfinished() if drop.pool.asset == asset)
            assert asset.balanceOf(self.rewards) == owed + self.donated[number]
            paid = sum(self.received[number, who] for who in self.people)
            assert owed + paid == sum(self.funded[which] for which in own)

    @invariant()
    def a_leaf_is_paid_once(self) -> None:
        for number, asset in enumerate(self.assets):
            for who in self.people:
                assert asset.balanceOf(who) == self.received[number, who]

    def check_at_end(self) -> None:
        """In honest drops everybody gets its leaf, and nothing is left."""
        for drop in self.drops:
            if drop.state != "active":
                continue
            for place in range(CONTRIBUTORS):
                if drop.is_payable(place):
                    self.rewards.claim(drop.drop_id, *drop.claim_of(place), sender=self.payer)
                    self.record(drop, [place])
            if drop.is_honest:
                assert drop.left() == 0
        self.is_at_end = True
        self.a_drop_pays_its_total_at_most()
        self.every_unit_is_accounted_for()
        self.a_leaf_is_paid_once()


def test_rewards_machine():
    run_machine(RewardsMachine, examples=25, steps=40)
    succeeded = RewardsMachine.handlers.succeeded
    assert min(succeeded[name] for name in HANDLERS) >= 3, succeeded

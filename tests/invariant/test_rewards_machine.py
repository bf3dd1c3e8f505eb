"""I15: what contributors are paid never exceeds their leaf, the active total, or the funding."""

from dataclasses import dataclass, field

import boa
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from flywheel.rewards.merkle import RewardTree
from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.kits.rewards import (
    CHALLENGE_SECONDS,
    REASON_HASH,
    Pool,
    claims_of,
    deploy_rewards,
    open_pool,
)
from tests.support import account, deploy_asset, now, pass_time, reverts_otherwise

# Of a refusal whose words are not told.
WHY = "the unit tests name each reason; here any root and any leaf are tried"

CAMPAIGNS = 3
ASSETS = 2
CONTRIBUTORS = 7
LARGEST = 10**24

HANDLERS = ("fund", "donate", "skim", "propose", "cancel", "activate", "claim", "claim_batch")

pools = st.integers(0, CAMPAIGNS * ASSETS - 1)
contributors = st.integers(0, CONTRIBUTORS - 1)
groups = st.lists(contributors, min_size=1, max_size=CONTRIBUTORS)
# Chooses among those that a handler can work on.
picks = st.integers(0, 10**6)
amounts = st.one_of(st.integers(1, 100), st.integers(1, LARGEST))
# How what is funded and not yet promised is shared: a weight for each contributor, and for nobody.
weights = st.lists(st.integers(0, 20), min_size=CONTRIBUTORS + 1, max_size=CONTRIBUTORS + 1)


@dataclass
class Model:
    """What one pool's books should say."""

    pool: Pool
    funded: int = 0
    paid: int = 0
    active: RewardTree | None = None
    active_total: int = 0
    pending: RewardTree | None = None
    pending_total: int = 0
    activates_at: int = 0
    claimed: dict[str, int] = field(default_factory=dict)
    # False once a publisher activated a root whose leaves exceed its total, or fall.
    is_honest: bool = True

    def leaf(self, who: str) -> int:
        return self.active.cumulative_of(who) if self.active else 0

    def due(self, who: str) -> int:
        return max(0, self.leaf(who) - self.claimed.get(who, 0))

    def is_payable(self, who: str) -> bool:
        return 0 < self.due(who) <= self.active_total - self.paid

    def pay(self, who: str) -> int:
        amount = self.due(who)
        self.claimed[who] = self.leaf(who)
        self.paid += amount
        return amount

    @property
    def books(self) -> tuple:
        nothing = b"\0" * 32
        return (
            self.funded,
            self.paid,
            self.active.root if self.active else nothing,
            self.active_total,
            self.pending.root if self.pending else nothing,
            self.pending_total,
            self.activates_at,
        )


class RewardsMachine(ChainMachine):
    handlers = HandlerCount()

    def set_up(self) -> None:
        self.owner, self.guardian = account("owner"), account("guardian")
        self.payer = account("payer")
        self.people = [account(f"contributor {number}") for number in range(CONTRIBUTORS)]
        self.rewards = deploy_rewards(self.owner)
        self.rewards.set_guardian(self.guardian, now() + 300 * 86_400, sender=self.owner)
        self.assets = [deploy_asset("USDC", 6), deploy_asset("FLY", 18)]
        self.models = []
        for number in range(CAMPAIGNS):
            first = open_pool(
                self.rewards, account(f"publisher {number}"), self.payer, self.assets[0]
            )
            second = Pool(
                self.rewards, self.assets[1], first.campaign_id, first.publisher, self.payer
            )
            self.models += [Model(first), Model(second)]
        self.donated = dict.fromkeys(range(ASSETS), 0)
        self.floors = [(0, 0, 0)] * len(self.models)

    def asset_number(self, model: Model) -> int:
        return self.assets.index(model.pool.asset)

    # --- handlers ---

    @rule(which=pools, amount=amounts)
    def fund(self, which: int, amount: int) -> None:
        model = self.models[which]
        with self.handlers.counts("fund"):
            model.pool.fund(amount)
            model.funded += amount

    @rule(which=st.integers(0, ASSETS - 1), amount=amounts)
    def donate(self, which: int, amount: int) -> None:
        with self.handlers.counts("donate"):
            self.assets[which].mint(self.rewards, amount)
            self.donated[which] += amount

    @rule(which=st.integers(0, ASSETS - 1))
    def skim(self, which: int) -> None:
        with self.handlers.counts("skim"):
            amount = self.rewards.skim(self.assets[which], self.owner, sender=self.owner)
            assert amount == self.donated[which]
            self.donated[which] = 0

    @rule(which=pools, parts=weights)
    def propose(self, which: int, parts: list[int]) -> None:
        """An honest publisher: nobody's leaf falls, the leaves add up to the total."""
        model = self.models[which]
        unpromised = model.funded - model.active_total
        leaves = {
            who: model.leaf(who) + unpromised * part // (sum(parts) or 1)
            for who, part in zip(self.people, parts, strict=False)
        }
        self.propose_leaves(model, leaves, sum(leaves.values()))

    @rule(which=pools, parts=weights, tenths=st.integers(0, 11))
    def propose_wrong_leaves(self, which: int, parts: list[int], tenths: int) -> None:
        """A publisher whose leaves and total have nothing to do with the past or the funding."""
        model = self.models[which]
        leaves = {who: part * LARGEST // 7 for who, part in zip(self.people, parts, strict=False)}
        self.propose_leaves(model, leaves, model.funded * tenths // 10)

    def propose_leaves(self, model: Model, leaves: dict[str, int], total: int) -> None:
        leaves = {who: amount for who, amount in leaves.items() if amount}
        if not leaves:
            return
        tree = model.pool.tree(leaves)
        if model.pending or not model.active_total <= total <= model.funded:
            with reverts_otherwise(WHY):
                model.pool.propose(tree.root, total)
            return
        with self.handlers.counts("propose"):
            model.pool.propose(tree.root, total)
            model.pending, model.pending_total = tree, total
            model.activates_at = now() + CHALLENGE_SECONDS

    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        pending = [model for model in self.models if model.pending]
        if not pending:
            return
        model = pending[pick % len(pending)]
        root = model.pending.root
        with self.handlers.counts("cancel"):
            self.rewards.cancel_root(*model.pool.key, root, REASON_HASH, sender=self.guardian)
            self.forget_pending(model)

    def forget_pending(self, model: Model) -> None:
        model.pending, model.pending_total, model.activates_at = None, 0, 0

    @rule(seconds=st.integers(1, CHALLENGE_SECONDS))
    def wait(self, seconds: int) -> None:
        pass_time(seconds)

    @rule()
    def activate_all(self) -> None:
        """Everything whose window is over becomes active; what is early is refused."""
        for model in self.models:
            if not model.pending:
                continue
            tree = model.pending
            if now() < model.activates_at:
                with boa.reverts("challenge window is open"):
                    model.pool.activate(tree.root)
                continue
            with self.handlers.counts("activate"):
                model.pool.activate(tree.root)
                falls = any(tree.cumulative_of(who) < model.leaf(who) for who in self.people)
                model.is_honest &= tree.total == model.pending_total and not falls
                model.active, model.active_total = tree, model.pending_total
                self.forget_pending(model)

    @rule(which=pools, amount=amounts, parts=weights, claims=st.lists(picks, max_size=4))
    def publish(self, which: int, amount: int, parts: list[int], claims: list[int]) -> None:
        """A whole period: money comes in, is shared, the window passes, some claim."""
        self.fund(which, amount)
        self.propose(which, parts)
        pass_time(CHALLENGE_SECONDS)
        self.activate_all()
        for pick in claims:
            self.claim(pick)

    @rule(pick=picks)
    def claim(self, pick: int) -> None:
        payable = [(m, who) for m in self.models for who in self.people if m.is_payable(who)]
        if not payable:
            return
        model, who = payable[pick % len(payable)]
        with self.handlers.counts("claim"):
            assert model.pool.claim(model.active, who) == model.pay(who)

    @rule(which=pools, who=contributors)
    def claim_too_much(self, which: int, who: int) -> None:
        """Whoever was paid, or stands in a root that promises more than its total, gets nothing."""
        model, person = self.models[which], self.people[who]
        if model.leaf(person) and not model.is_payable(person):
            with reverts_otherwise(WHY):
                model.pool.claim(model.active, person)

    @rule(pick=picks, who=groups)
    def claim_batch(self, pick: int, who: list[int]) -> None:
        """Of anybody with a leaf, also of who was paid already or is named twice."""
        active = [model for model in self.models if model.active]
        if not active:
            return
        model = active[pick % len(active)]
        named = [self.people[number] for number in who if model.leaf(self.people[number])]
        claims = claims_of(model.active, *named)
        if sum(map(model.due, set(named))) > model.active_total - model.paid:
            with boa.reverts("claims exceed the total"):
                self.rewards.claim_batch(*model.pool.key, claims)
            return
        with self.handlers.counts("claim_batch"):
            paid = self.rewards.claim_batch(*model.pool.key, claims)
            assert paid == sum(map(model.pay, named))

    # --- what always holds ---

    @invariant()
    def books_are_as_modelled_and_never_fall(self) -> None:
        for number, model in enumerate(self.models):
            books = model.pool.books
            assert tuple(books) == model.books
            assert books.paid <= books.active_total <= books.funded
            state = (books.paid, books.active_total, books.funded)
            assert all(new >= old for new, old in zip(state, self.floors[number], strict=True))
            self.floors[number] = state

    @invariant()
    def every_unit_is_accounted_for(self) -> None:
        for number, asset in enumerate(self.assets):
            own = [model for model in self.models if self.asset_number(model) == number]
            owed = sum(model.funded - model.paid for model in own)
            assert self.rewards.accounted(asset) == owed
            assert asset.balanceOf(self.rewards) == owed + self.donated[number]

    def check_at_end(self) -> None:
        self.everybody_claims()

    def everybody_claims(self) -> None:
        """In honest pools everybody gets what the active root says; in no pool more is paid."""
        received = {(n, who): 0 for n in range(ASSETS) for who in self.people}
        for model in self.models:
            for who in self.people:
                if model.is_payable(who):
                    assert model.pool.claim(model.active, who) == model.pay(who)
                assert model.pool.claimed(who) == model.claimed.get(who, 0)
                received[self.asset_number(model), who] += model.claimed.get(who, 0)
                if model.is_honest:
                    assert model.claimed.get(who, 0) == model.leaf(who)
            assert model.paid == sum(model.claimed.values()) <= model.active_total
            if model.is_honest:
                assert model.paid == model.active_total
        for (number, who), amount in received.items():
            assert self.assets[number].balanceOf(who) == amount
        self.every_unit_is_accounted_for()


def test_rewards_machine():
    run_machine(RewardsMachine, examples=25, steps=40)
    succeeded = RewardsMachine.handlers.succeeded
    assert min(succeeded[name] for name in HANDLERS) >= 3, succeeded

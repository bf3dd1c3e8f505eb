"""I12, I13, I16-I18, I20 and I22 over models, licences, their enforcement and the router at once.

After each step every figure of the contracts is that of two references: the book of
`flywheel.statement`, which knows the events alone, and `royalty_world`, which knows the calls
alone. Nobody's wallet ever holds more or less than the second one says.
"""

import random
from typing import Any

import boa
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from flywheel.models import lineage
from flywheel.models.lineage import BPS, TREASURY, Link
from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.invariant.enforcement_steps import ANSWER, DECISION, EnforcementSteps
from tests.invariant.license_steps import PERIOD, LicenseSteps
from tests.invariant.royalty_world import (
    CAMPAIGNS,
    HOLDERS,
    Assessment,
    Dispute,
    L,
    Model,
    N,
    R,
    World,
)
from tests.kits.licensing import EVIDENCE
from tests.kits.models import COMMIT_SECONDS, Kind, model_terms
from tests.kits.splits import plain_split, random_datasets, random_split
from tests.support import DAY, now

NOTICE = 14 * DAY
DERIVED = [kind for kind in Kind if kind != Kind.FOUNDATION]

WEIGHTS = {
    "register_root": 2,
    "derive": 7,
    "offer": 3,
    "retire": 1,
    "buy": 5,
    "report": 9,
    "pay": 8,
    "pay_the_router": 6,
    "enforce": 5,
    "terminate": 7,
    "surrender": 1,
    "renew": 5,
    "transfer": 4,
    "sublicense": 5,
    "end_sublicense": 4,
    "present": 1,
    "assess": 7,
    "answer": 8,
    "decide": 8,
    "release_bond": 2,
    "fill_bond": 3,
    "accuse": 1,
    "end_for_misuse": 1,
    "name_reporter": 1,
    "transfer_model": 1,
    "change_split": 2,
    "change_fee": 1,
    "refresh": 3,
    "settle": 6,
    "withdraw": 4,
    "donate": 1,
    "pause": 2,
    "wait": 10,
}


class RoyaltyMachine(LicenseSteps, EnforcementSteps, ChainMachine):
    handlers = HandlerCount()

    def set_up(self) -> None:
        self.world = World()
        self.dice, self.steps = random.Random(0), 0

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        """Some models with terms and licences: most steps need them."""
        self.dice.seed(seed)
        self.actor, self.asset = self.world.actors[0], self.world.assets[0]
        for step in ("register_root", "register_root", "offer", "offer", "offer", *4 * ["buy"]):
            self.actor = self.dice.choice(self.world.actors)
            getattr(self, step)()

    @rule(seed=st.integers(0, 2**32))
    def act(self, seed: int) -> None:
        self.steps += 1
        # So that the same seed again is another step: hypothesis likes to repeat its values.
        self.dice.seed(f"{seed} {self.steps}")
        (action,) = self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
        self.actor = self.dice.choice(self.world.actors)
        self.asset = self.dice.choice(self.world.assets)
        getattr(self, action)()
        self.world.check()
        if self.world.models:
            self.world.check_frozen(self.dice.choice(sorted(self.world.models)))
        if self.world.licenses:
            license_id = self.dice.choice(sorted(self.world.licenses))
            self.world.check_terms(license_id)
            self.world.check_rights(license_id)

    # --- models ---

    def register_root(self) -> None:
        who = self.dice.choice([self.actor, self.world.dao])
        self.register(who, Kind.FOUNDATION, [], [])

    def derive(self) -> None:
        """A child of the actor's models, and of others that it holds a licence or sublicence of."""
        world, dice = self.world, self.dice
        links: dict[int, tuple[Link, int, bool]] = {}
        kind = dice.choice(DERIVED)
        for parent_id, held in world.licenses.items():
            for number, who in world.users(parent_id):
                if who == self.actor:
                    share = held.terms.derivation_share_bps[kind.bit_length() - 1]
                    allowed = bool(held.terms.derivations & kind) and world.covers(number, who)
                    model_id = held.terms.model_id
                    links[model_id] = (Link(model_id, share), number, allowed)
        for model_id, model in world.models.items():
            if model.owner == self.actor:
                links[model_id] = (Link(model_id, own=True), 0, True)
        chosen = dice.sample(list(links.values()), min(len(links), dice.randint(1, 4)))
        if dice.random() < 0.8:
            chosen = [link for link in chosen if link[2]]
        given = [(link.parent, number) for link, number, _ in chosen]
        if all(allowed for _, _, allowed in chosen):
            self.register(self.actor, kind, [link for link, _, _ in chosen], given)
        else:
            with boa.reverts("license does not allow it"):
                self.send_registration(self.actor, self.new_model(kind, given))

    def new_model(self, kind: Kind, parents: list[tuple[int, int]]) -> Any:
        dice, world = self.dice, self.world
        return model_terms(
            kind=int(kind),
            parents=parents,
            weights_digest=dice.randbytes(32),
            split=random_split(dice, world.actors, CAMPAIGNS),
            datasets=random_datasets(dice, CAMPAIGNS),
        )

    def send_registration(self, who: str, terms: Any) -> int:
        registry = self.world.suite.registry
        if who != self.world.dao:
            commitment = registry.commitment(who, terms.weights_digest, terms.salt)
            self.world.call("ModelRegistry", "commit", commitment, sender=who)
            self.world.go_to(now() + COMMIT_SECONDS)
        return int(self.world.call("ModelRegistry", "register", terms, sender=who))

    def register(self, who: str, kind: Kind, links: list[Link], given: list[Any]) -> None:
        world, terms = self.world, self.new_model(kind, given)
        tables = {model_id: model.table for model_id, model in world.models.items()}
        try:
            table = lineage.table_of(links, tables, foundations=self.foundations())
        except ValueError as error:
            with boa.reverts(str(error)):
                self.send_registration(who, terms)
            return
        with self.handlers.counts("register"):
            # The minute of the commitment may end a licence.
            model_id = self.send_registration(who, terms)
            split = plain_split(terms.split, terms.datasets)
            is_free = who == world.dao
            fee = 0 if is_free else world.fee_bps
            model = Model(terms, who, table, split, fee, is_fee_free=is_free)
            world.models[model_id] = model
            model.frozen = world.frozen(model_id)
            assert model.frozen[2][1] == table

    def foundations(self) -> set[int]:
        models = self.world.models.items()
        return {number for number, model in models if model.terms.kind == Kind.FOUNDATION}

    def transfer_model(self) -> None:
        """Its next owner has its split and its fee; what was announced or offered ends."""
        world = self.world
        model_id, model = self.dice.choice(list(world.models.items()))
        to = self.dice.choice([*world.actors, world.dao])
        with self.handlers.counts("transfer_model"):
            arguments = (model.owner, to, model_id)
            world.call("ModelRegistry", "transferFrom", *arguments, sender=model.owner)
            model.owner, model.next_split = to, None
            ended = {number for number in world.offered if world.terms[number].model_id == model_id}
            world.offered -= ended

    def change_split(self) -> None:
        world = self.world
        model_id, model = self.dice.choice(list(world.models.items()))
        split = random_split(self.dice, world.actors, CAMPAIGNS)
        with self.handlers.counts("change_split"):
            world.call("ModelRegistry", "set_split", model_id, split, sender=model.owner)
            model.next_split = (now() + NOTICE, plain_split(split, model.terms.datasets))

    def change_fee(self) -> None:
        with self.handlers.counts("change_fee"):
            fee_bps = self.dice.randint(0, 500)
            self.world.vote("ModelRegistry", "set_protocol_fee", fee_bps)
            self.world.fee_bps = fee_bps

    def refresh(self) -> None:
        model_id = self.dice.choice(sorted(self.world.models))
        with self.handlers.counts("refresh"):
            self.world.call("ModelRegistry", "refresh", model_id, sender=self.actor)
            self.world.put_in_force(model_id)

    # --- payments, settlements and withdrawals ---

    def pay_the_router(self) -> None:
        world, model_id = self.world, self.dice.choice(sorted(self.world.models))
        amount = self.amount()
        world.fund(self.actor, self.asset, R, amount)
        with self.handlers.counts("pay_the_router"):
            arguments = (model_id, self.asset.address, amount, EVIDENCE)
            world.call(R, "pay", *arguments, sender=self.actor)
            world.spend(self.actor, self.asset, amount)
            world.receive(model_id, self.asset, amount)

    def settle(self) -> None:
        world, model_id = self.world, self.dice.choice(sorted(self.world.models))
        with self.handlers.counts("settle"):
            if self.dice.random() < 0.3:
                world.call(R, "settle_all", model_id, sender=self.actor)
                for asset in world.assets:
                    world.divide(model_id, asset.address)
            else:
                address = self.asset.address
                settled = world.call(R, "settle", model_id, address, sender=self.actor)
                assert settled == world.divide(model_id, address)

    def withdraw(self) -> None:
        kind = self.dice.choice(["credit", "refund", TREASURY, "campaign"])
        self.withdraw_one(kind, self.dice.choice(self.world.actors), self.asset)

    def withdraw_one(self, kind: str, who: str, asset: Any) -> None:
        """Anybody may send anybody what it is owed, to nobody else."""
        world, address, sender = self.world, asset.address, self.actor
        with self.handlers.counts("withdraw"):
            if kind == "credit":
                amount = world.owed.pop((who, address), 0)
                assert world.call(R, "withdraw", who, address, sender=sender) == amount
                world.spend(who, asset, -amount)
            elif kind == "refund":
                amount = world.refunds.pop((who, address), 0)
                assert world.call(N, "withdraw", who, address, sender=sender) == amount
                world.spend(who, asset, -amount)
            elif kind == TREASURY:
                amount = world.owed.pop((TREASURY, address), 0)
                assert world.call(R, "forward_income", address, sender=sender) == amount
            else:
                for i in range(1, CAMPAIGNS + 1):
                    amount = world.owed.pop((i, address), 0)
                    assert world.call(R, "forward_campaign", i, address, sender=sender) == amount

    # --- the world around ---

    def donate(self) -> None:
        name, amount = self.dice.choice(HOLDERS), self.amount()
        with self.handlers.counts("donate"):
            self.asset.mint(self.world.suite[name].address, amount)
            self.world.donated[name, self.asset.address] += amount

    def pause(self) -> None:
        """Nothing of what follows may notice it but `offer` and `buy`."""
        contract = self.world.suite.catalog
        last = contract.paused_until()
        ready = not last or now() >= last + 14 * DAY
        if ready and now() < contract.guardian_expires_at():
            with self.handlers.counts("pause"):
                self.world.vote("LicenseCatalog", "pause")

    def wait(self) -> None:
        """Some days, or to just before, at or after a licence's next due time."""
        edges = [
            held.book.next_due_at + offset
            for held in self.world.licenses.values()
            if held.book.has_next
            for offset in (-1, 0, 1)
        ]
        ahead = [edge for edge in edges if now() < edge < now() + 30 * DAY]
        if ahead and self.dice.random() < 0.6:
            self.world.go_to(self.dice.choice(ahead))
        else:
            self.world.go_to(now() + self.dice.choice([1, DAY, 9 * DAY, 25 * DAY]))

    # --- the end: everybody leaves ---

    def check_at_end(self) -> None:
        if self.world.licenses:
            self.leave()

    def leave(self) -> None:
        world = self.world
        for license_id, held in world.licenses.items():
            if held.ends_at is None:
                self.surrender_one(license_id, held)
            for period in self.waiting(held, Dispute):
                if self.dice.random() < 0.7:
                    self.end_dispute(license_id, held, period)
        last = max(held.ends_at for held in world.licenses.values())
        world.go_to(max(now(), last) + ANSWER + DECISION + 3 * PERIOD)
        # No exit notices.
        world.vote("LicenseCatalog", "set_guardian", world.dao, now() + DAY)
        world.vote("LicenseCatalog", "pause")
        for license_id, held in world.licenses.items():
            for period in self.waiting(held, Assessment):
                self.conclude(license_id, held, period)
            for period in self.waiting(held, Dispute):
                self.end_dispute(license_id, held, period)
            while held.book.has_next:
                args = (license_id, held.book.reported + 1, 0, EVIDENCE)
                world.call(L, "report", *args, sender=held.holder)
                held.book.report(0, 0)
            self.pay_all(license_id, held)
            self.release_one(license_id, held)
        for model_id in sorted(world.models, reverse=True):
            world.call(R, "settle_all", model_id, sender=self.actor)
            for asset in world.assets:
                world.divide(model_id, asset.address)
        for asset in world.assets:
            for who in world.actors:
                self.withdraw_one("credit", who, asset)
                self.withdraw_one("refund", who, asset)
            self.withdraw_one(TREASURY, "", asset)
            self.withdraw_one("campaign", "", asset)
        world.check()
        for model_id in world.models:
            world.check_frozen(model_id)
        for license_id in world.licenses:
            world.check_terms(license_id)
            world.check_rights(license_id)
        self.check_empty()

    def check_empty(self) -> None:
        """Nothing stays anywhere but what was given away, for a vote to skim, and with the router
        less than a block of what was paid for a model, and of what is its own."""
        world = self.world
        for asset in world.assets:
            waiting = [c[i, asset.address] for c in (world.paid, world.own) for i in world.models]
            assert max(waiting) < BPS
            for name, rest in ((R, sum(waiting)), (L, 0), (N, 0)):
                given = world.donated.pop((name, asset.address), 0)
                assert name == L or world.suite[name].accounted(asset.address) == rest
                if name == L:
                    # What strayed to the market is taken by LicenseEnforcement.
                    world.vote(L, "open_strays", asset.address)
                    assert world.vote(N, "skim_market", asset.address, world.dao) == given
                else:
                    assert world.vote(name, "skim", asset.address, world.dao) == given
                assert asset.balanceOf(world.suite[name].address) == rest


def test_royalty_machine():
    run_machine(RoyaltyMachine, examples=3, steps=60)

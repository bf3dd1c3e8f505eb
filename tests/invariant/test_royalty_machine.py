"""I12, I13, I16-I18, I20 and I22 over models, licences, their enforcement and the router at once.

After each step every figure of the contracts is that of two references: the book of
`flywheel.statement`, which knows the events alone, and `royalty_world`, which knows the calls
alone. Nobody's wallet ever holds more or less than the second one says.
"""

import random
from typing import Any

import boa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from flywheel import licensing_math, lineage
from flywheel.licensing_math import Account, Rates
from flywheel.lineage import TREASURY, Link
from tests.invariant.counting import HandlerCount, run_machine
from tests.invariant.royalty_world import (
    CAMPAIGNS,
    HOLDERS,
    Assessment,
    Dispute,
    L,
    License,
    Model,
    N,
    R,
    World,
)
from tests.support import DAY, fresh_chain, now, pass_time, warp_to
from tests.unit.licensing.market_kit import EVIDENCE, LEGAL_HASH, MAX_UINT, Terms
from tests.unit.models.registry_kit import COMMIT_SECONDS, Kind, model_terms
from tests.unit.models.split_kit import plain_split, random_datasets, random_split

PERIOD = 10 * DAY
CURE = 8 * DAY
TERM_PERIODS = 3
NOTICE = 14 * DAY
ANSWER = 14 * DAY
DECISION = 60 * DAY
STATUTE = 8
MAX_ENFORCED = 12
DERIVED = [kind for kind in Kind if kind != Kind.FOUNDATION]

WEIGHTS = {
    "register_root": 2,
    "derive": 8,
    "offer": 3,
    "retire": 1,
    "buy": 5,
    "report": 9,
    "pay": 8,
    "pay_the_router": 6,
    "enforce": 4,
    "terminate": 2,
    "surrender": 1,
    "renew": 4,
    "transfer": 3,
    "sublicense": 2,
    "end_sublicense": 1,
    "assess": 4,
    "answer": 5,
    "decide": 5,
    "release_bond": 2,
    "transfer_model": 1,
    "change_split": 2,
    "change_fee": 1,
    "refresh": 3,
    "settle": 6,
    "withdraw": 4,
    "donate": 2,
    "pause": 1,
    "wait": 8,
}


class RoyaltyMachine(RuleBasedStateMachine):
    handlers = HandlerCount()

    def __init__(self) -> None:
        super().__init__()
        self.chain = fresh_chain()
        self.chain.__enter__()
        self.world = World()
        self.dice, self.steps = random.Random(0), 0

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        """Some models with terms and licences: most steps need them."""
        self.dice.seed(seed)
        self.actor, self.asset = self.world.actors[0], self.world.assets[0]
        for step in ("register_root", "register_root", "offer", "offer", "offer", "buy", "buy"):
            self.actor = self.dice.choice(self.world.actors)
            getattr(self, step)()

    @rule(
        action=st.sampled_from([name for name, times in WEIGHTS.items() for _ in range(times)]),
        seed=st.integers(0, 2**32),
    )
    def act(self, action: str, seed: int) -> None:
        self.steps += 1
        # So that the same seed again is another step.
        self.dice.seed(f"{seed} {self.steps}")
        self.actor = self.dice.choice(self.world.actors)
        self.asset = self.dice.choice(self.world.assets)
        for held in self.world.licenses.values():
            held.book.pass_to(now())
        getattr(self, action)()
        self.world.check()
        if self.world.models:
            self.world.check_frozen(self.dice.choice(sorted(self.world.models)))
        if self.world.licenses:
            license_id = self.dice.choice(sorted(self.world.licenses))
            self.world.check_terms(license_id)
            self.world.check_rights(license_id)

    def picked(self, condition: Any = lambda held: True) -> list[tuple[int, License]]:
        """One of the licences that fit, or none."""
        fit = [item for item in self.world.licenses.items() if condition(item[1])]
        return [self.dice.choice(fit)] if fit else []

    def amount(self) -> int:
        return self.dice.choice([self.dice.randint(1, 30), self.dice.randint(1, 10**12)])

    def is_paused(self, name: str) -> bool:
        return now() < self.world.suite[name].paused_until()

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
                links[model_id] = (Link(model_id, sum(model.table.values()), own=True), 0, True)
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
            pass_time(COMMIT_SECONDS)
        return int(self.world.call("ModelRegistry", "register", terms, sender=who))

    def register(self, who: str, kind: Kind, links: list[Link], given: list[Any]) -> None:
        world, terms = self.world, self.new_model(kind, given)
        tables = {model_id: model.table for model_id, model in world.models.items()}
        try:
            table = lineage.table_of(links, tables)
        except ValueError as error:
            with boa.reverts(str(error)):
                self.send_registration(who, terms)
            return
        with self.handlers.counts("register"):
            # The minute of the commitment may end a licence.
            model_id = self.send_registration(who, terms)
            split = plain_split(terms.split, terms.datasets)
            model = Model(terms, who, table, split, world.fee_of(who))
            world.models[model_id] = model
            model.frozen = world.frozen(model_id)
            assert model.frozen[2][1] == table

    def transfer_model(self) -> None:
        """Its next owner has its terms, its split and, from a refresh on, its fee."""
        world = self.world
        model_id, model = self.dice.choice(list(world.models.items()))
        to = self.dice.choice([*world.actors, world.dao])
        with self.handlers.counts("transfer_model"):
            arguments = (model.owner, to, model_id)
            world.call("ModelRegistry", "transferFrom", *arguments, sender=model.owner)
            model.owner = to

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

    # --- terms and sales ---

    def offer(self) -> None:
        world, dice = self.world, self.dice
        model_id, model = dice.choice(list(world.models.items()))
        if self.is_paused("LicenseCatalog"):
            world.vote("LicenseCatalog", "unpause")
        periods = dice.random() < 0.85
        allowed = dice.choice([0, 255, 255, dice.randrange(256)])
        shares = [dice.randint(0, 1_800) if allowed >> kind & 1 else 0 for kind in range(8)]
        terms = Terms(
            model_id=model_id,
            asset=self.asset.address,
            upfront_fee=dice.choice([0, self.amount()]),
            bond=dice.choice([0, dice.randint(1, 3_000)]) if periods else 0,
            share_bps=dice.randint(0, 2_000) if periods else 0,
            price_per_unit=dice.randint(0, 9) if periods else 0,
            minimum_per_period=dice.randint(1, 1_000) if periods else 0,
            royalty_cap=dice.choice([0, 0, 30_000]) if periods else 0,
            late_bps_per_year=dice.choice([0, 1_111, 3_600]),
            period_seconds=PERIOD if periods else 0,
            grace_seconds=dice.choice([0, 4 * DAY, PERIOD]) if periods else 0,
            cure_seconds=CURE,
            term_seconds=dice.choice([0, TERM_PERIODS * PERIOD]),
            transferable=dice.random() < 0.8,
            sublicensable=dice.random() < 0.6,
            renewable=dice.random() < 0.6,
            derivations=allowed,
            derivation_share_bps=shares,
            field_of_use="",
            legal_hash=LEGAL_HASH,
            legal_uri=f"ipfs://{len(world.terms)}",
        )
        with self.handlers.counts("offer"):
            terms_id = world.call("LicenseCatalog", "offer_terms", terms, sender=model.owner)
            world.terms[terms_id] = terms
            world.offered.add(terms_id)

    def retire(self) -> None:
        world = self.world
        if len(world.offered) > 2:
            terms_id = self.dice.choice(sorted(world.offered))
            owner = world.models[world.terms[terms_id].model_id].owner
            with self.handlers.counts("retire"):
                world.call("LicenseCatalog", "retire_terms", terms_id, sender=owner)
                world.offered.discard(terms_id)

    def buy(self) -> None:
        world = self.world
        if not world.offered:
            return
        terms_id = self.dice.choice(sorted(world.offered))
        terms = world.terms[terms_id]
        asset = next(a for a in world.assets if a.address == terms.asset)
        cost, licensee = terms.upfront_fee + terms.bond, self.dice.choice(world.actors)
        arguments = (terms_id, licensee, cost, terms.share_bps, terms.price_per_unit)
        world.fund(self.actor, asset, L, cost)
        if self.is_paused(L):
            with boa.reverts("paused"):
                world.call(L, "buy", *arguments, sender=self.actor)
            return
        with self.handlers.counts("buy"):
            license_id = world.call(L, "buy", *arguments, sender=self.actor)
            world.spend(self.actor, asset, cost)
            world.receive(terms.model_id, asset, terms.upfront_fee)
            world.licenses[license_id] = self.new_license(terms_id, asset, licensee)

    def new_license(self, terms_id: int, asset: Any, licensee: str) -> License:
        terms = self.world.terms[terms_id]
        money = (terms.share_bps, terms.price_per_unit, terms.minimum_per_period)
        count = TERM_PERIODS if terms.term_seconds else None
        book = Account(
            Rates(*money, terms.royalty_cap),
            terms.late_bps_per_year,
            now(),
            terms.period_seconds,
            terms.grace_seconds,
            count if terms.period_seconds else 0,
            now(),
        )
        ends_at = now() + terms.term_seconds if terms.term_seconds else None
        return License(terms_id, terms, asset, licensee, book, terms.bond, ends_at)

    def renew(self) -> None:
        world = self.world

        def may(held: License) -> bool:
            offered = held.terms.renewable or held.terms_id in world.offered
            return bool(held.terms.term_seconds and offered and not held.ended_early)

        for license_id, held in self.picked(lambda held: may(held) and held.is_clear):
            refill = held.terms.bond - min(held.terms.bond, held.bond)
            cost = held.terms.upfront_fee + refill
            world.fund(held.holder, held.asset, L, cost)
            if self.is_paused(L):
                with boa.reverts("paused"):
                    world.call(L, "renew", license_id, cost, sender=held.holder)
                return
            with self.handlers.counts("renew"):
                world.call(L, "renew", license_id, cost, sender=held.holder)
                world.spend(held.holder, held.asset, cost)
                world.receive(held.terms.model_id, held.asset, held.terms.upfront_fee)
                held.bond += refill
                held.book.renew(held.ends_at, TERM_PERIODS if held.book.period else 0)
                held.ends_at = max(now(), held.ends_at) + held.terms.term_seconds
        for license_id, held in self.picked(lambda held: may(held) and not held.is_clear):
            with boa.reverts():
                world.call(L, "renew", license_id, MAX_UINT, sender=held.holder)

    def transfer(self) -> None:
        """A licence moves only when nothing is owed, missing or open in it."""
        world, to = self.world, self.dice.choice(self.world.actors)
        for license_id, held in self.picked(lambda held: held.terms.transferable):
            arguments = (held.holder, to, license_id)
            if not held.is_clear:
                with boa.reverts():
                    world.call(L, "transferFrom", *arguments, sender=held.holder)
                return
            with self.handlers.counts("transfer"):
                world.call(L, "transferFrom", *arguments, sender=held.holder)
                held.holder = to

    def sublicense(self) -> None:
        world = self.world
        covered = [i for i, held in world.licenses.items() if world.covers(i, held.holder)]
        for license_id in covered[self.dice.randrange(len(covered) or 1) :][:1]:
            held = world.licenses[license_id]
            arguments = (license_id, self.actor)
            if not held.terms.sublicensable:
                with boa.reverts("license is not sublicensable"):
                    world.call("LicenseRights", "sublicense", *arguments, sender=held.holder)
                return
            with self.handlers.counts("sublicense"):
                number = world.call("LicenseRights", "sublicense", *arguments, sender=held.holder)
                world.sublicenses[number] = (license_id, self.actor, True)

    def end_sublicense(self) -> None:
        world = self.world
        running = [number for number, (_, _, runs) in world.sublicenses.items() if runs]
        if running:
            number = self.dice.choice(running)
            parent, licensee, _ = world.sublicenses[number]
            sender = self.dice.choice([licensee, world.licenses[parent].holder])
            with self.handlers.counts("end_sublicense"):
                world.call("LicenseRights", "end_sublicense", number, sender=sender)
                world.sublicenses[number] = (parent, licensee, False)

    # --- reports and payments ---

    def report(self) -> None:
        """The next period, at its end or later, alone or with all that is owed."""
        for license_id, held in self.picked(lambda held: held.book.has_next):
            book = held.book
            ends_at = book.next_due_at - book.grace
            if ends_at > now() + PERIOD:
                return
            if ends_at > now():
                self.world.remember_rights()
                warp_to(ends_at)
            book.pass_to(now())
            figures = (self.dice.choice([0, self.dice.randrange(10**6)]), self.dice.randrange(100))
            arguments = (license_id, len(book.dues) + 1, figures[0], EVIDENCE)
            if self.dice.random() < 0.5:
                with self.handlers.counts("report"):
                    sent = (*arguments, figures[1])
                    due = self.world.call(L, "report", *sent, sender=held.holder)
                    assert due == book.report(*figures)
                return
            book.report(*figures)
            expected = book.outstanding
            self.world.fund(held.holder, held.asset, L, expected)
            with self.handlers.counts("report_and_pay"):
                sent = (*arguments, expected, figures[1])
                assert self.world.call(L, "report_and_pay", *sent, sender=held.holder) == expected
                self.book_payment(held, held.holder, expected)

    def pay(self) -> None:
        """Too little, just enough, more than enough, or ahead, by anybody."""
        for license_id, held in self.picked():
            owed = held.book.outstanding
            offered = self.dice.choice([1, owed // 2, owed, owed + self.amount()])
            ahead = self.dice.random() < 0.2 and offered < 10**6
            expected = offered if ahead else min(offered, owed)
            self.world.fund(self.actor, held.asset, L, offered)
            with self.handlers.counts("pay"):
                function = "prepay" if ahead else "pay"
                taken = self.world.call(L, function, license_id, offered, sender=self.actor)
                assert taken == expected
                self.book_payment(held, self.actor, expected, ahead)

    def book_payment(self, held: License, payer: str, amount: int, ahead: bool = False) -> None:
        if amount:
            held.book.pay(amount, ahead)
        self.world.spend(payer, held.asset, amount)
        self.world.receive(held.terms.model_id, held.asset, amount)

    def pay_the_router(self) -> None:
        world, model_id = self.world, self.dice.choice(sorted(self.world.models))
        amount = self.amount()
        world.fund(self.actor, self.asset, R, amount)
        with self.handlers.counts("pay_the_router"):
            arguments = (model_id, self.asset.address, amount, EVIDENCE)
            world.call(R, "pay", *arguments, sender=self.actor)
            world.spend(self.actor, self.asset, amount)
            world.receive(model_id, self.asset, amount)

    # --- enforcement ---

    def enforce(self) -> None:
        def is_late(held: License) -> bool:
            owed = held.book.overdue + held.book.interest
            return held.book.missing or min(held.bond, owed) > 0

        for license_id, held in self.picked(is_late):
            self.enforce_one(license_id, held)

    def enforce_one(self, license_id: int, held: License) -> None:
        book, booked = held.book, 0
        while book.missing and booked < MAX_ENFORCED:
            book.estimate()
            booked += 1
        amount = min(held.bond, book.overdue + book.interest)
        with self.handlers.counts("enforce"):
            result = self.world.call(N, "enforce", license_id, sender=self.actor)
            assert tuple(result) == (booked, amount)
        if amount:
            book.pay(amount)
        held.bond -= amount
        self.world.receive(held.terms.model_id, held.asset, amount)

    def terminate(self) -> None:
        """After the cure time, when reports are booked and the bond is used up, and not before."""
        for license_id, held in self.picked(lambda held: held.book.overdue_since != 0):
            book = held.book
            cured_until = book.overdue_since + CURE
            ripe = now() >= cured_until and not book.missing and held.bond == 0
            if not (ripe and held.is_running and not held.ended_early):
                with boa.reverts():
                    self.world.call(N, "terminate", license_id, sender=self.actor)
                return
            with self.handlers.counts("terminate"):
                self.world.call(N, "terminate", license_id, sender=self.actor)
                self.end(held, now())

    def surrender(self) -> None:
        def may(held: License) -> bool:
            return held.ends_at is None

        for license_id, held in self.picked(may):
            self.surrender_one(license_id, held)

    def surrender_one(self, license_id: int, held: License) -> None:
        period, start = held.book.period, held.book.start
        ends_at = start + ((now() - start) // period + 1) * period if period else now()
        with self.handlers.counts("surrender"):
            result = self.world.call(N, "surrender", license_id, sender=held.holder)
            assert result == ends_at
            self.end(held, ends_at)

    def end(self, held: License, ends_at: int) -> None:
        held.ends_at, held.ended_early = ends_at, True
        if held.book.period:
            held.book.count = (ends_at - held.book.start) // held.book.period

    def release_bond(self) -> None:
        """The bond of a licence that is over, back to who holds it, and not before."""
        for license_id, held in self.picked(lambda held: held.ends_at is not None):
            over = now() >= held.ends_at + held.book.period
            is_clear = not held.open and not held.book.has_next and not held.book.outstanding
            if over and is_clear:
                self.release_one(license_id, held)
            else:
                with boa.reverts():
                    self.world.call(N, "release_bond", license_id, sender=self.actor)

    def release_one(self, license_id: int, held: License) -> None:
        with self.handlers.counts("release_bond"):
            amount = self.world.call(N, "release_bond", license_id, sender=self.actor)
            assert amount == held.bond
            self.world.spend(held.holder, held.asset, -amount)
            held.bond = 0

    # --- assessments and disputes ---

    def assess(self) -> None:
        for license_id, held in self.picked(lambda held: held.book.dues and not held.open):
            book = held.book
            reported = len(book.dues)
            period = self.dice.randint(max(1, reported - STATUTE + 1), reported)
            figures = (self.dice.randrange(10**6), self.dice.randrange(100))
            known = book.dues[period - 1].amount
            due = licensing_math.due(book.rates, *figures, book.total - known)
            arguments = (license_id, period, *figures, EVIDENCE)
            if due == known:
                with boa.reverts("nothing changes"):
                    self.world.vote(N, "assess", *arguments)
                return
            with self.handlers.counts("assess"):
                assert self.world.vote(N, "assess", *arguments) == due
                book.decide(period, lowered=known - min(due, known))
                if due > known:
                    held.open = Assessment(period, due - known, now() + ANSWER)

    def answer(self) -> None:
        """The licensee concedes an assessment, disputes it, or disputes an estimate."""
        for license_id, held in self.picked(lambda held: not isinstance(held.open, Dispute)):
            found = held.open
            if found and (now() >= found.answer_until or self.dice.random() < 0.3):
                self.conclude(license_id, held)
            elif found:
                amount = self.dice.randint(1, found.extra)
                self.dispute(license_id, held, found.period, amount, found.extra)
            else:
                self.dispute_estimate(license_id, held)

    def conclude(self, license_id: int, held: License) -> None:
        found = held.open
        late = now() >= found.answer_until
        if not late and self.actor != held.holder:
            with boa.reverts("answer window is open"):
                self.world.call(N, "conclude", license_id, sender=self.actor)
        with self.handlers.counts("conclude"):
            sender = self.actor if late else held.holder
            self.world.call(N, "conclude", license_id, sender=sender)
            held.book.decide(found.period, raised=found.extra)
            held.open = None

    def dispute_estimate(self, license_id: int, held: License) -> None:
        book = held.book
        first = max(1, len(book.dues) - STATUTE + 1)
        periods = [
            period
            for period in range(first, len(book.dues) + 1)
            if book.estimated[period - 1] and period not in held.was_disputed
        ]
        for period in periods[-1:]:
            most = min(book.dues[period - 1].amount, sum(item.open for item in book.dues))
            if most:
                held.was_disputed.add(period)
                self.dispute(license_id, held, period, self.dice.randint(1, most), 0)

    def dispute(
        self, license_id: int, held: License, period: int, amount: int, raised: int
    ) -> None:
        self.world.fund(held.holder, held.asset, N, amount)
        with self.handlers.counts("dispute"):
            arguments = (license_id, period, amount, EVIDENCE)
            self.world.call(N, "dispute", *arguments, sender=held.holder)
            self.world.spend(held.holder, held.asset, amount)
            held.book.decide(period, raised=raised, escrowed=amount)
            held.open = Dispute(period, amount, held.holder, now() + DECISION)

    def decide(self) -> None:
        """A vote decides in part; without one all of it was owed."""
        for license_id, held in self.picked(lambda held: isinstance(held.open, Dispute)):
            self.end_dispute(license_id, held)

    def end_dispute(self, license_id: int, held: License) -> None:
        found = held.open
        upheld = found.amount
        with self.handlers.counts("decide"):
            if now() >= found.decide_until:
                self.world.call(N, "expire", license_id, sender=self.actor)
            else:
                upheld = self.dice.choice([0, found.amount, self.dice.randint(0, found.amount)])
                self.world.vote(N, "decide", license_id, upheld)
            rest = found.amount - upheld
            held.book.decide(found.period, lowered=rest, returned=rest)
            held.open = None
            self.world.refunds[found.account, held.asset.address] += rest
            self.world.receive(held.terms.model_id, held.asset, upheld)

    # --- settlements and withdrawals ---

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
        """Nothing of what follows may notice it but `offer`, `buy` and `renew`."""
        for name in (L, "LicenseCatalog"):
            contract = self.world.suite[name]
            last = contract.paused_until()
            ready = not last or now() >= last + 14 * DAY
            if ready and now() < contract.guardian_expires_at():
                with self.handlers.counts("pause"):
                    self.world.vote(name, "pause")

    def wait(self) -> None:
        """Some days, or to just before, at or after a licence's next due time."""
        self.world.remember_rights()
        edges = [
            held.book.next_due_at + offset
            for held in self.world.licenses.values()
            if held.book.has_next
            for offset in (-1, 0, 1)
        ]
        ahead = [edge for edge in edges if now() < edge < now() + 30 * DAY]
        if ahead and self.dice.random() < 0.6:
            warp_to(self.dice.choice(ahead))
        else:
            pass_time(self.dice.choice([1, DAY, 9 * DAY, 25 * DAY]))

    # --- the end: everybody leaves ---

    def teardown(self) -> None:
        try:
            if self.world.licenses:
                self.leave()
        finally:
            self.chain.__exit__(None, None, None)

    def leave(self) -> None:
        world = self.world
        for license_id, held in world.licenses.items():
            if held.ends_at is None:
                self.surrender_one(license_id, held)
        last = max(held.ends_at for held in world.licenses.values())
        warp_to(max(now(), last) + DECISION + 2 * PERIOD)
        for license_id, held in world.licenses.items():
            held.book.pass_to(now())
            if isinstance(held.open, Assessment):
                self.conclude(license_id, held)
            elif held.open:
                self.end_dispute(license_id, held)
            while held.book.missing:
                self.enforce_one(license_id, held)
            owed = held.book.outstanding
            world.fund(held.holder, held.asset, L, owed)
            assert world.call(L, "pay", license_id, owed, sender=held.holder) == owed
            self.book_payment(held, held.holder, owed)
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
        """Nothing stays anywhere but what was given away, for a vote to skim."""
        for name in HOLDERS:
            for asset in self.world.assets:
                given = self.world.donated.pop((name, asset.address), 0)
                assert self.world.suite[name].accounted(asset.address) == 0
                skimmed = self.world.vote(name, "skim", asset.address, self.world.dao)
                assert skimmed == given
                assert asset.balanceOf(self.world.suite[name].address) == 0


def test_royalty_machine():
    run_machine(RoyaltyMachine, examples=4, steps=45)

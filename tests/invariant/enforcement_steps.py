"""Steps of the royalty machine: missing reports, ends, bonds, assessments, disputes, votes."""

import boa

from flywheel import licensing_math
from tests.invariant.license_steps import CURE, Steps
from tests.invariant.royalty_world import Assessment, Dispute, License, N
from tests.support import DAY, now
from tests.unit.licensing.market_kit import EVIDENCE

ANSWER = 14 * DAY
DECISION = 60 * DAY
STATUTE = 8
MAX_ENFORCED = 12


class EnforcementSteps(Steps):
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
        late = self.picked(lambda held: held.book.overdue_since != 0)
        for license_id, held in self.picked(self.is_ripe) or late:
            if not self.is_ripe(held):
                with boa.reverts():
                    self.world.call(N, "terminate", license_id, sender=self.actor)
                self.exhaust(license_id, held)
            if self.is_ripe(held):
                with self.handlers.counts("terminate"):
                    self.world.call(N, "terminate", license_id, sender=self.actor)
                    self.end(held, now())

    def exhaust(self, license_id: int, held: License) -> None:
        """Lets the cure time pass and takes what the bond has."""
        self.world.go_to(held.book.overdue_since + CURE)
        if held.book.missing or min(held.bond, held.book.overdue + held.book.interest):
            self.enforce_one(license_id, held)

    def is_ripe(self, held: License) -> bool:
        book = held.book
        cured = not book.overdue_since or now() < book.overdue_since + CURE
        runs = held.is_running and not held.ended_early
        return not cured and not book.missing and held.bond == 0 and runs

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

        def has_answer(held: License) -> bool:
            return isinstance(held.open, Assessment) or self.disputable(held) > 0

        for license_id, held in self.picked(has_answer):
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

    def disputable(self, held: License) -> int:
        """The last estimated period that was not disputed yet and still owes something, or 0."""
        book, last = held.book, 0
        if held.open or not any(item.open for item in book.dues):
            return 0
        for period in range(max(1, len(book.dues) - STATUTE + 1), len(book.dues) + 1):
            is_open = book.estimated[period - 1] and period not in held.was_disputed
            if is_open and book.dues[period - 1].amount:
                last = period
        return last

    def dispute_estimate(self, license_id: int, held: License) -> None:
        book, period = held.book, self.disputable(held)
        most = min(book.dues[period - 1].amount, sum(item.open for item in book.dues))
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

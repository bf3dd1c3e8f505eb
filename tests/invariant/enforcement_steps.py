"""Steps of the royalty machine: missing reports, ends, bonds, assessments, disputes, votes."""

import boa

from tests.invariant.license_steps import CURE, Steps
from tests.invariant.royalty_world import Assessment, Dispute, License, N
from tests.kits.licensing import EVIDENCE
from tests.support import DAY, MAX_UINT, now

ANSWER = 14 * DAY
REFILL = 14 * DAY
# Without a Governor to ask.
DECISION = 120 * DAY


class EnforcementSteps(Steps):
    # --- enforcement ---

    def enforce(self) -> None:
        def is_late(held: License) -> bool:
            return held.book.can_estimate or self.drawable(held) > 0

        for license_id, held in self.picked(is_late):
            with self.handlers.counts("enforce"):
                expected = self.enforced(held)
                result = self.world.call(N, "enforce", license_id, sender=self.actor)
                assert tuple(result) == expected

    def enforced(self, held: License) -> tuple[int, int]:
        """Estimates and the bond's payment, in the books."""
        booked = held.book.estimate()
        amount = self.drawable(held)
        held.book.pay(amount)
        if amount:
            held.take_bond(amount)
        self.world.receive(held.terms.model_id, held.asset, amount)
        return booked, amount

    def fill_bond(self) -> None:
        """Anybody brings what is missing; nobody pays for a bond that is full."""
        for license_id, held in self.picked(lambda held: held.is_running):
            missing = held.terms.bond - held.bond
            if missing <= 0:
                with boa.reverts("bond is full"):
                    self.world.call(N, "fill_bond", license_id, MAX_UINT, sender=self.actor)
                continue
            self.world.fund(self.actor, held.asset, N, missing)
            with boa.reverts("amount is above the maximum"):
                self.world.call(N, "fill_bond", license_id, missing - 1, sender=self.actor)
            with self.handlers.counts("fill_bond"):
                arguments = (license_id, missing)
                assert self.world.call(N, "fill_bond", *arguments, sender=self.actor) == missing
                self.world.spend(self.actor, held.asset, missing)
                held.bond, held.short_since = held.terms.bond, 0

    def drawable(self, held: License) -> int:
        """What the bond pays now: nothing while an audit is open."""
        return 0 if held.open else min(held.bond, held.book.overdue + held.book.interest)

    def terminate(self) -> None:
        """After the cure time, and not before; what the bond pays may cure it, but for a while."""
        late = self.picked(lambda held: held.book.overdue_since != 0)
        for license_id, held in self.picked(self.is_ripe) or late:
            if not self.is_ripe(held):
                with boa.reverts(self.why_not_ripe(held)):
                    self.world.call(N, "terminate", license_id, sender=self.actor)
                self.world.go_to(held.book.overdue_since + CURE)
            if self.is_ripe(held):
                with self.handlers.counts("terminate"):
                    is_bond_late = self.is_bond_late(held)
                    self.enforced(held)
                    waits = held.open and not held.book.missing
                    waits = waits and 0 < held.bond >= held.book.overdue
                    if held.book.lapse and waits and not is_bond_late:
                        with boa.reverts("bond waits for an audit"):
                            self.world.call(N, "terminate", license_id, sender=self.actor)
                        return
                    ended = self.world.call(N, "terminate", license_id, sender=self.actor)
                    assert ended == (is_bond_late or bool(held.book.lapse))
                    if ended:
                        self.end(held, now())
                        self.world.lose(held.holder, held.terms)

    def is_ripe(self, held: License) -> bool:
        """A surrendered license runs on to its end: surrendering shields from nothing."""
        since = held.book.overdue_since
        is_overdue = bool(since) and now() >= since + CURE
        return held.is_running and (is_overdue or self.is_bond_late(held))

    def is_bond_late(self, held: License) -> bool:
        """Nobody filled it up in time."""
        return bool(held.short_since) and now() >= held.short_since + REFILL

    def why_not_ripe(self, held: License) -> str:
        return "license can still be cured" if held.is_running else "license has ended"

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
        held.book.end(ends_at)

    def release_bond(self) -> None:
        """The bond of a licence that is over, back to who holds it, and not before."""
        for license_id, held in self.picked(lambda held: held.ends_at is not None):
            over = now() >= held.ends_at + held.book.period
            is_clear = not held.book.has_next and not held.book.outstanding
            if over and is_clear and not held.is_held:
                self.release_one(license_id, held)
            else:
                is_kept = not over or held.is_held
                fault = "bond is still held" if is_kept else "license has arrears"
                with boa.reverts(fault):
                    self.world.call(N, "release_bond", license_id, sender=self.actor)

    def release_one(self, license_id: int, held: License) -> None:
        with self.handlers.counts("release_bond"):
            amount = self.world.call(N, "release_bond", license_id, sender=self.actor)
            assert amount == held.bond
            self.world.spend(held.holder, held.asset, -amount)
            held.bond = 0

    # --- assessments and disputes ---

    def assess(self) -> None:
        """Any booked period within its statute, but one that is assessed or in dispute."""
        for license_id, held in self.picked(lambda held: held.book.periods):
            book = held.book
            booked = len(book.periods)
            period = self.dice.randint(1, booked)
            figures = (self.dice.randrange(10**6), self.dice.randrange(100))
            auditor, cost = self.actor, self.dice.choice([0, self.dice.randint(1, 3_000)])
            audit = (auditor, cost) if cost else ()
            arguments = (license_id, period, *figures, EVIDENCE, *audit)
            known = book.periods[period - 1].amount
            due = book.due_for(period, *figures)
            is_own = book.periods[period - 1].reported
            fault = None
            if period in held.open:
                fault = "period is in dispute"
            elif not book.can_be_assessed(period):
                fault = "period is out of statute"
            elif due == known and is_own:
                fault = "nothing changes"
            if fault:
                with boa.reverts(fault):
                    self.world.vote(N, "assess", *arguments)
                return
            with self.handlers.counts("assess"):
                assert self.world.vote(N, "assess", *arguments) == due
                self.note(held, period)
                if not is_own:
                    held.known[period] = due
                if due <= known and is_own:
                    if not book.lapse:
                        held.paid[period] = max(known, held.paid.get(period, 0))
                    book.decide(period, due, held.paid_once(period))
                else:
                    held.open[period] = Assessment(due, now() + ANSWER, auditor, cost)

    def note(self, held: License, period: int) -> None:
        """An own report is remembered before a decision changes it."""
        item = held.book.periods[period - 1]
        if item.reported:
            held.said.setdefault(period, item.amount)

    def answer(self) -> None:
        """The licensee concedes an assessment, or disputes a part of it."""
        for license_id, held in self.picked(lambda held: self.waiting(held, Assessment)):
            period = self.dice.choice(self.waiting(held, Assessment))
            found = held.open[period]
            item = held.book.periods[period - 1]
            most = found.due - min(found.due, item.amount) if item.reported else 0
            if now() >= found.answer_until or not most or self.dice.random() < 0.3:
                self.conclude(license_id, held, period)
            else:
                self.dispute(license_id, held, period, self.dice.randint(1, most), most)

    def waiting(self, held: License, kind: type) -> list[int]:
        return [period for period, item in held.open.items() if isinstance(item, kind)]

    def conclude(self, license_id: int, held: License, period: int) -> None:
        found = held.open[period]
        late = now() >= found.answer_until
        if not late and self.actor != held.holder:
            with boa.reverts("answer window is open"):
                self.world.call(N, "conclude", license_id, period, sender=self.actor)
        with self.handlers.counts("conclude"):
            sender = self.actor if late else held.holder
            self.world.call(N, "conclude", license_id, period, sender=sender)
            del held.open[period]
            self.make_stand(held, period, found.due, found)

    def make_stand(
        self, held: License, period: int, due: int, found: Assessment | Dispute, *escrow: int
    ) -> int:
        """A finding becomes what is owed; a report that was far too short costs the bond."""
        item, before = held.book.periods[period - 1], held.book.periods[period - 1].amount
        self.note(held, period)
        stands = max(due, before) if item.reported else due
        after = held.book.decide(period, stands, held.paid_once(period), *escrow)
        known = max(held.said.get(period, -1), held.known.get(period, -1))
        if not item.cut and known >= 0 and (due - known) * 10 > due:
            audit_paid = min(found.audit_cost, held.bond // 2)
            self.world.refunds[found.auditor, held.asset.address] += audit_paid
            self.world.receive(held.terms.model_id, held.asset, held.bond - audit_paid)
            if held.bond:
                held.take_bond(held.bond)
            held.known[period] = found.due
        return max(0, after - before)

    def dispute(self, license_id: int, held: License, period: int, amount: int, most: int) -> None:
        found = held.open[period]
        self.world.fund(held.holder, held.asset, N, amount)
        with self.handlers.counts("dispute"):
            arguments = (license_id, period, amount, EVIDENCE)
            self.world.call(N, "dispute", *arguments, sender=held.holder)
            self.world.spend(held.holder, held.asset, amount)
            self.note(held, period)
            parts = (amount, found.due, held.holder, now(), now() + DECISION)
            held.open[period] = Dispute(*parts, found.auditor, found.audit_cost)
            if amount < most:
                self.make_stand(held, period, found.due - amount, found)

    def decide(self) -> None:
        """A vote decides in part; without one all of it was owed."""
        for license_id, held in self.picked(lambda held: self.waiting(held, Dispute)):
            period = self.dice.choice(self.waiting(held, Dispute))
            self.end_dispute(license_id, held, period)

    def end_dispute(self, license_id: int, held: License, period: int) -> None:
        found = held.open[period]
        upheld = found.amount
        with self.handlers.counts("decide"):
            if now() >= found.decide_until:
                self.world.call(N, "expire", license_id, period, sender=self.actor)
            else:
                upheld = self.dice.choice([0, found.amount, self.dice.randint(0, found.amount)])
                self.world.vote(N, "decide", license_id, period, found.opened_at, upheld)
            del held.open[period]
            due = found.due - found.amount + upheld
            raised = self.make_stand(held, period, due, found, upheld, found.opened_at)
            if period in held.known:
                held.known[period] = min(due, held.known[period])
            owed = min(upheld, raised, held.book.outstanding)
            held.book.pay(owed)
            self.world.refunds[found.account, held.asset.address] += found.amount - owed
            self.world.receive(held.terms.model_id, held.asset, owed)

    # --- misuse ---

    def accuse(self) -> None:
        def may(held: License) -> bool:
            return held.is_running and not held.ended_early and now() >= held.accused_until

        for license_id, held in self.picked(may):
            with self.handlers.counts("accuse"):
                self.world.vote(N, "accuse", license_id, EVIDENCE)
                held.accused_until = now() + ANSWER + DECISION
            with self.handlers.counts("answer_accusation"):
                self.world.call(N, "answer", license_id, EVIDENCE, sender=held.holder)

    def end_for_misuse(self) -> None:
        def may(held: License) -> bool:
            return held.is_running and not held.ended_early and now() < held.accused_until

        for license_id, held in self.picked(may):
            if now() < held.accused_until - DECISION:
                with boa.reverts("answer window is open"):
                    self.world.vote(N, "end_for_misuse", license_id, EVIDENCE)
                return
            with self.handlers.counts("end_for_misuse"):
                self.world.vote(N, "end_for_misuse", license_id, EVIDENCE)
                held.accused_until = 0
                self.end(held, now())
                self.world.lose(held.holder, held.terms)

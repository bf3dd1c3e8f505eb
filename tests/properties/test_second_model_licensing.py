"""P6: a second opinion on what a licence owes: random lives beside a sum over every tick."""

from random import Random

import boa
import pytest

from tests.kits.licensing import (
    EVIDENCE,
    MAX_UINT,
    add_model,
    deploy_suite,
    sell,
    three_way_split,
)
from tests.properties.license_by_ticks import TICK, Life
from tests.support import account, deploy, fresh_chain, fund_and_approve, now, warp_to

WINDOW = 14 * 86_400
# What happens in a life, the likelier ones named more often.
MOVES = (
    *("report", "report", "report", "pay", "pay", "prepay", "estimate", "enforce"),
    *("terminate", "assess", "conclude", "dispute", "renew", "fill"),
)


class Chain:
    """A suite whose owner is the arbiter, and a licensee that plays one life after another."""

    def __init__(self) -> None:
        self.owner, self.licensee, self.stranger = map(account, ("owner", "licensee", "stranger"))
        self.suite = deploy_suite(self.owner)
        add_model(self.suite, three_way_split(account("builder")))
        self.market, self.enforcement = self.suite.market, self.suite.enforcement
        votes = deploy("MockVoteTimes", 86_400, 5 * 86_400, 28_800, 2 * 86_400, 0)
        self.enforcement.set_governor(votes, sender=self.owner)
        self.asset = self.suite.asset
        # What lives before this one brought the model, and the dearest license they lost by a
        # breach, as the minimum of its period: no fee is asked for here.
        self.earlier, self.lost = 0, 0
        self.auditor, self.waits = account("auditor"), 0

    def live(self, dice: Random, steps: int) -> None:
        length = TICK * dice.randint(169, 230)
        grace = TICK * dice.randint(42, 80)
        life = Life(
            start=0,
            length=length,
            grace=grace,
            share=dice.choice((0, 1, 333, 10_000)),
            price=dice.choice((0, 7)),
            minimum=dice.choice((1, 999, 10**6)),
            cap=dice.choice((0, 0, 5_000, 10**7)),
            rate=dice.choice((0, 1_000, 3_600, 3_600)),
            ends=0,
            bond=dice.choice((0, 0, 2_000, 10**6)),
        )
        term = length * dice.randint(1, 20)
        if self.lost:
            self.earlier += 3 * life.minimum
            self.lost = 0 if life.minimum >= self.lost else self.lost
        self.id = sell(
            self.suite,
            self.licensee,
            share_bps=life.share,
            price_per_unit=life.price,
            minimum_per_period=life.minimum,
            royalty_cap=life.cap,
            late_bps_per_year=life.rate,
            period_seconds=length,
            grace_seconds=grace,
            cure_seconds=TICK * dice.randint(42, 100),
            term_seconds=term,
            bond=life.bond,
            renewable=True,
            upfront_fee=0,
        )
        fund_and_approve(self.asset, self.licensee, self.market, 10**15)
        life.start, life.ends, self.full_bond = now(), now() + term, life.bond
        self.life, self.dice, self.born = life, dice, now()
        # What own reports said of periods that were assessed since, what audits said, what
        # was paid before it was lowered, and which reports reached the cap.
        self.said: dict[int, int] = {}
        self.known: dict[int, int] = {}
        self.paid: dict[int, int] = {}
        self.cut: set[int] = set()
        # What audits cost, by the period of their assessment.
        self.costs: dict[int, int] = {}
        # Since when the bond is less than what was asked for; 0: it is not.
        self.short = 0
        self.term, self.ended_early = term, False
        self.cure = self.suite.catalog.terms(self.market.license(self.id).terms_id).cure_seconds
        for _ in range(steps):
            self.wait()
            life.look(now())
            name = dice.choice(MOVES)
            getattr(self, name)()
            self.compare(name)
        self.earlier += life.received

    def wait(self) -> None:
        life, dice, t = self.life, self.dice, now()
        n = life.reported + 1
        marks = [life.due_at(n) + dice.choice((-TICK, 0, 0, TICK)), life.end_of(n), t]
        later = [mark for mark in marks if mark >= t] if n <= life.last else [t]
        jump = t + TICK * int(2 ** dice.uniform(0, 8))
        warp_to(dice.choice([*later, jump]))

    def compare(self, name: str) -> None:
        life, t = self.life, now()
        life.look(t)
        got = self.market.license(self.id)
        ours = (life.reported, len(life.periods), life.due, life.paid, life.overdue(t))
        ours += (life.interest(t), life.since, life.ends)
        chain = (got.periods_reported, got.periods_booked, got.due, got.paid, got.overdue)
        chain += (got.interest, got.overdue_since, got.ends_at)
        assert ours == chain, (name, self.id)
        assert self.market.outstanding(self.id) == life.outstanding(t)
        assert self.market.is_in_good_standing(self.id) == (not life.since)
        assert self.enforcement.bond(self.id) == life.bond
        assert self.enforcement.bond_short_since(self.id) == self.short
        router = self.suite.router
        assert router.pending(1, self.asset) == self.earlier + life.received
        assert self.enforcement.refund(self.auditor, self.asset) == self.waits
        at = self.dice.randint(self.born, t)
        over = any(begin <= at < end for begin, end in life.lapses + life.gaps)
        if not life.since or at < life.since:
            assert self.market.lapsed_at(self.id, at) == over, at

    def report(self) -> None:
        life, dice, t = self.life, self.dice, now()
        n = life.reported + 1
        if not life.may_report(t):
            with boa.reverts("no period is left" if n > life.last else "period has not ended"):
                self.market.report(self.id, n, 0, EVIDENCE, sender=self.licensee)
            return
        figures = (dice.choice((0, 1, 12_345, 10**7)), dice.choice((0, 3)))
        due = self.market.report(self.id, n, figures[0], EVIDENCE, figures[1], sender=self.licensee)
        assert due == life.report(t, *figures)
        firm = sum(p.due for p in life.periods if p.own or p.decided)
        if life.cap and firm >= life.cap:
            self.cut.add(n)

    def pay(self) -> None:
        amount = self.dice.choice((0, 1, 700, 10**5, 10**9, self.life.outstanding(now())))
        paid = self.market.pay(self.id, amount, sender=self.licensee)
        assert paid == self.life.pay(now(), amount)

    def prepay(self) -> None:
        amount = self.dice.choice((1, 700, 10**5))
        if self.life.since:
            with boa.reverts("license is late"):
                self.market.prepay(self.id, amount, sender=self.licensee)
        else:
            self.market.prepay(self.id, amount, sender=self.licensee)
            self.life.prepay(now(), amount)

    def estimate(self) -> None:
        booked = self.market.estimate(self.id, sender=self.stranger)
        assert booked == self.life.estimate(now())

    def draw(self) -> int:
        life, t = self.life, now()
        # While an audit is open the bond stays whole.
        open_ = bool(life.assessments)
        used = 0 if open_ else min(life.bond, life.overdue(t) + life.interest(t))
        life.bond -= life.pay(t, used)
        if used:
            self.short = self.short or t
        return used

    def fill(self) -> None:
        life, missing = self.life, self.full_bond - self.life.bond
        fund_and_approve(self.asset, self.stranger, self.enforcement, missing)
        if now() >= life.ends or not missing:
            reason = "license has ended" if now() >= life.ends else "bond is full"
            with boa.reverts(reason):
                self.enforcement.fill_bond(self.id, MAX_UINT, sender=self.stranger)
            return
        assert self.enforcement.fill_bond(self.id, missing, sender=self.stranger) == missing
        life.bond, self.short = self.full_bond, 0

    def enforce(self) -> None:
        life, t = self.life, now()
        booked = life.estimate(t)
        used = self.draw()
        if not booked and not used:
            with boa.reverts("nothing to enforce"):
                self.enforcement.enforce(self.id, sender=self.stranger)
        else:
            assert self.enforcement.enforce(self.id, sender=self.stranger) == (booked, used)

    def terminate(self) -> None:
        life, t = self.life, now()
        unfilled = bool(self.short) and t >= self.short + WINDOW
        uncured = bool(life.since) and t >= life.since + self.cure
        if not (uncured or unfilled) or t >= life.ends:
            return
        life.estimate(t)
        self.draw()
        owed = life.overdue(t)
        held = life.since and life.assessments and not life.missing(t) and owed <= life.bond
        if held and not unfilled:
            with boa.reverts("bond waits for an audit"):
                self.enforcement.terminate(self.id, sender=self.stranger)
            return
        over = self.enforcement.terminate(self.id, sender=self.stranger)
        assert over == (unfilled or bool(life.since))
        if over:
            life.ends, self.ended_early = t, True
            self.lost = max(self.lost, life.minimum)
            self.report()

    def assess(self) -> None:
        life, dice, t = self.life, self.dice, now()
        if not life.periods or life.assessments:
            return
        n = dice.randint(1, len(life.periods))
        if not life.can_be_assessed(t, n):
            with boa.reverts("period is out of statute"):
                self.market.due_for(self.id, n, 0, 0)
            return
        revenue, units = dice.choice((0, 9_999, 10**6)), dice.choice((0, 50))
        due = life.capped(n, life.figures(n, revenue, units))
        period = life.periods[n - 1]
        assert self.market.due_for(self.id, n, revenue, units) == due
        if due == period.due and period.own:
            return
        cost = dice.choice((0, 1, 900, 10**6))
        audit = (self.auditor, cost) if cost else ()
        self.enforcement.assess(self.id, n, revenue, units, EVIDENCE, *audit, sender=self.owner)
        self.costs[n] = cost
        self.note(n)
        if not period.own:
            self.known[n] = due
        if due <= period.due and period.own:
            if not life.since:
                self.paid[n] = max(period.due, self.paid.get(n, 0))
            life.set_due(t, n, due, max(self.said[n], self.paid.get(n, 0)))
        else:
            life.assessments[n] = (due, t + WINDOW)

    def note(self, n: int) -> None:
        """What an own report says before a decision changes it."""
        period = self.life.periods[n - 1]
        if period.own:
            self.said.setdefault(n, period.due)

    def conclude(self) -> None:
        life, t = self.life, now()
        for n, (due, until) in list(life.assessments.items()):
            who = self.stranger if t >= until else self.licensee
            self.enforcement.conclude(self.id, n, sender=who)
            self.raise_due(n, due, due)
            del life.assessments[n]

    def raise_due(self, n: int, due: int, assessed: int, escrow: int = 0, since: int = 0) -> int:
        """What stands of an assessment; a report short by more than a tenth costs the bond."""
        life, period = self.life, self.life.periods[n - 1]
        before = period.due
        self.note(n)
        stands = max(before, due) if period.own else due
        once = max(self.said.get(n, 0), self.paid.get(n, 0))
        life.set_due(now(), n, stands, once, escrow, since)
        known = max(self.said.get(n, -1), self.known.get(n, -1))
        if n not in self.cut and known >= 0 and (due - known) * 10 > due:
            paid = min(self.costs[n], life.bond // 2)
            self.waits += paid
            self.short = self.short or (now() if life.bond else 0)
            life.received, life.bond = life.received + life.bond - paid, 0
            self.known[n] = assessed
        return max(0, period.due - before)

    def dispute(self) -> None:
        life, dice, t = self.life, self.dice, now()
        for n, (due, until) in list(life.assessments.items()):
            adds = due - life.periods[n - 1].due
            if t >= until or adds <= 0 or not life.periods[n - 1].own:
                continue
            amount = dice.randint(1, adds)
            fund_and_approve(self.asset, self.licensee, self.enforcement, amount)
            self.enforcement.dispute(self.id, n, amount, EVIDENCE, sender=self.licensee)
            self.note(n)
            if amount < adds:
                self.raise_due(n, due - amount, due)
            del life.assessments[n]
            self.compare("dispute")
            warp_to(t + TICK * dice.choice((0, 1, 30)))
            life.look(now())
            upheld = dice.choice((0, amount, amount // 2))
            self.enforcement.decide(self.id, n, t, upheld, sender=self.owner)
            raised = self.raise_due(n, due - amount + upheld, due, upheld, t)
            if n in self.known:
                self.known[n] = min(self.known[n], due - amount + upheld)
            t = now()
            back = amount - life.pay(t, min(upheld, raised, life.outstanding(t)))
            assert self.enforcement.withdraw(self.licensee, self.asset) == back

    def renew(self) -> None:
        life, t = self.life, now()
        ended = [n for n in range(1, life.last + 1) if life.end_of(n) <= t]
        ready = not life.outstanding(t) and not life.since and life.reported >= len(ended)
        if self.ended_early or not ready:
            with boa.reverts("license has ended" if self.ended_early else "license has arrears"):
                self.market.renew(self.id, MAX_UINT, sender=self.licensee)
            return
        self.market.renew(self.id, MAX_UINT, sender=self.licensee)
        gap = max(0, t - life.ends)
        if gap:
            life.gaps.append((life.ends, t))
        life.start, life.ends = life.start + gap, life.ends + gap + self.term
        life.bond, self.short = self.full_bond, 0


@pytest.mark.parametrize("seed", range(3))
def test_random_life__each_tick_summed__owes_what_the_market_says(seed):
    dice = Random(seed)
    with fresh_chain():
        chain = Chain()
        for _ in range(8):
            chain.live(dice, 25)

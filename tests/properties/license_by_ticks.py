"""A licence as `interfaces/ILicenseMarket.vyi` tells it, every tick of its debt summed one by one.

Written from the interface before the contract was read, and without the project's own reference. A
life moves in ticks; debt-seconds of a lapse are the debt of each tick times its length. Where the
interface left it open, what the market does was taken: a raise that credit covers bears interest
from its due time all the same, and of two decisions in one second each counts once.
`relief` are the amounts that bear no interest, with the ticks in which they do not: what lay in
escrow, and what only gave back what the own report had said, before the lapse.
"""

from dataclasses import dataclass, field
from itertools import accumulate

TICK = 14_401
YEAR = 365 * 86_400


def up(a: int, b: int) -> int:
    return -(-a // b)


@dataclass
class Period:
    due: int
    own: bool
    decided: bool = False
    reported_at: int = 0
    # The least that an own report may make of it: what an assessment said.
    floor: int = 0


@dataclass
class Life:
    """A licence as the interface tells it. `changes`: (second, period, what it owes more)."""

    start: int
    length: int
    grace: int
    share: int
    price: int
    minimum: int
    cap: int
    rate: int
    ends: int
    bond: int
    periods: list[Period] = field(default_factory=list)
    changes: list[tuple[int, int, int]] = field(default_factory=list)
    payments: list[tuple[int, int]] = field(default_factory=list)
    relief: list[tuple[int, int, int]] = field(default_factory=list)
    lapses: list[tuple[int, int]] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    since: int = 0
    # Number of changes before the decision that began the lapse.
    before: int = 0
    interest_paid: int = 0
    # Until when it is known that something was left.
    seen: int = 0
    received: int = 0
    assessments: dict[int, tuple[int, int]] = field(default_factory=dict)

    def end_of(self, n: int) -> int:
        return min(self.start + n * self.length, self.ends)

    def due_at(self, n: int) -> int:
        return self.end_of(n) + self.grace

    @property
    def last(self) -> int:
        return up(self.ends - self.start, self.length)

    @property
    def reported(self) -> int:
        return sum(period.own for period in self.periods)

    @property
    def due(self) -> int:
        return sum(period.due for period in self.periods)

    @property
    def paid(self) -> int:
        return sum(amount for _, amount in self.payments)

    def come_due(self, t: int) -> int:
        return sum(p.due for n, p in enumerate(self.periods, 1) if self.due_at(n) <= t)

    def overdue(self, t: int) -> int:
        return max(0, self.come_due(t) - self.paid)

    def missing(self, t: int) -> bool:
        return self.reported < self.last and self.due_at(self.reported + 1) <= t

    def look(self, t: int) -> None:
        """Finds the lapse that time alone ended, and the one that it began."""
        self.expire(t)
        self.seen = t
        if self.since:
            return
        done = max((end for _, end in self.lapses), default=0)
        for n in range(1, len(self.periods) + 2):
            d = self.due_at(min(n, self.last))
            if done <= d <= t and (self.overdue(d) or self.missing(d)):
                self.since = d
                return

    def expire(self, t: int) -> None:
        """Tick by tick, then second by second: the first one in which nothing is left."""
        for tick in range(self.seen, t + 1, TICK):
            low, high = tick - 1, min(tick + TICK - 1, t)
            if not self.since or self.is_left(high):
                continue
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self.is_left(middle) else (low, middle)
            self.close(high)

    def is_left(self, t: int) -> bool:
        return bool(self.overdue(t) or self.missing(t) or self.interest(t))

    def debt_seconds(self, t: int) -> int:
        """Tick by tick, from the first second that a change of this lapse reaches back to."""
        s = self.since
        levels: dict[int, int] = {s: -sum(a for at, a in self.payments if at < s)}
        for index, (at, n, more) in enumerate(self.changes):
            old = index < self.before or (at < s and self.due_at(n) <= s)
            since = s if old else self.due_at(n)
            levels[since] = levels.get(since, 0) + more
        for at, amount in self.payments:
            if at >= s:
                levels[at] = levels.get(at, 0) - amount
        for begin, over, amount in self.relief:
            levels[begin] = levels.get(begin, 0) - amount
            levels[over] = levels.get(over, 0) + amount
        first = min(levels)
        debts = list(accumulate(levels.get(tick, 0) for tick in range(first, t, TICK)))
        # The last tick may not be over.
        ahead = (first - t) % TICK
        return max(0, sum(debts) * TICK - (debts[-1] * ahead if debts else 0))

    def accrued(self, t: int) -> int:
        if not self.since:
            return 0
        return self.debt_seconds(t) * self.rate // (10_000 * YEAR)

    def interest(self, t: int) -> int:
        return max(0, self.accrued(t) - self.interest_paid)

    def outstanding(self, t: int) -> int:
        return max(0, self.due - self.paid) + self.interest(t)

    def close(self, t: int) -> None:
        if self.since and not self.is_left(t):
            self.lapses.append((self.since, t))
            self.since = self.before = self.interest_paid = 0
            self.relief.clear()

    def pay(self, t: int, amount: int) -> int:
        amount = min(amount, self.outstanding(t))
        first = min(amount, self.overdue(t))
        interest = min(amount - first, self.interest(t))
        self.payments.append((t, amount - interest))
        self.interest_paid += interest
        self.received += amount
        self.close(t)
        return amount

    def prepay(self, t: int, amount: int) -> None:
        self.payments.append((t, amount))
        self.received += amount

    def book(self, t: int, n: int, due: int, own: bool, decision: bool = False) -> int:
        """The due within the cap, in place of what the period owed."""
        if n > len(self.periods):
            self.periods.append(Period(0, own))
        period = self.periods[n - 1]
        due = self.capped(n, due, own or decision)
        self.changes.append((t, n, due - period.due))
        period.due, period.own = due, period.own or own
        period.decided = period.decided or decision
        return due

    def capped(self, n: int, due: int, own: bool = True) -> int:
        """Reports and decisions count each other only, estimates all that is booked."""
        rest = [p for k, p in enumerate(self.periods, 1) if k != n]
        others = sum(p.due for p in rest if not own or p.own or p.decided)
        return min(due, max(0, self.cap - others)) if self.cap else due

    def shrink(self, t: int) -> None:
        """Estimates beyond the cap give way, the last one first."""
        for n in range(len(self.periods), self.reported, -1):
            p, over = self.periods[n - 1], self.due - self.cap
            if self.cap and over > 0 and not p.decided:
                cut = min(over, p.due)
                self.changes.append((t, n, -cut))
                p.due -= cut

    def part(self, n: int, amount: int) -> int:
        """Of a shortened period its share of `amount`."""
        return up(amount * (self.end_of(n) - self.start - (n - 1) * self.length), self.length)

    def figures(self, n: int, revenue: int, units: int) -> int:
        owed = up(revenue * self.share, 10_000) + self.price * units
        return max(self.part(n, self.minimum), owed)

    def decided(self, t: int) -> None:
        """After a report or a decision, interest and credit even out."""
        if not self.since:
            return
        back = self.interest_paid - self.accrued(t)
        move = back if back > 0 else -min(self.interest(t), max(0, self.paid - self.due))
        self.payments.append((t, move))
        self.interest_paid -= move
        self.close(t)

    def may_report(self, t: int) -> bool:
        n = self.reported + 1
        if n > self.last:
            return False
        short = self.end_of(n) < self.start + n * self.length and n > 1
        return t >= (max(self.end_of(n), self.due_at(n - 1)) if short else self.end_of(n))

    def report(self, t: int, revenue: int, units: int) -> int:
        n = self.reported + 1
        due = self.capped(n, self.figures(n, revenue, units))
        if n <= len(self.periods):
            due = max(due, self.periods[n - 1].floor)
        due = self.book(t, n, due, True)
        self.periods[n - 1].reported_at = t
        self.shrink(t)
        self.decided(t)
        return due

    def estimate(self, t: int) -> int:
        booked = 0
        while len(self.periods) < self.last and len(self.periods) < self.reported + 16:
            n = len(self.periods) + 1
            if self.due_at(n) > t:
                break
            before = self.periods[-1].due if self.periods else 0
            self.book(t, n, self.part(n, max(self.minimum, up(before * 5, 4))), False)
            booked += 1
        return booked

    def can_be_assessed(self, t: int, n: int) -> bool:
        period, due_at = self.periods[n - 1], self.due_at(n)
        days_late = up(max(0, period.reported_at - due_at), 86_400)
        return not period.own or t < due_at + (days_late + 400) * 86_400

    def spare(self, t: int, n: int, old: int, said: int, escrow: int, since: int) -> None:
        """Units that bear no interest, or less: each by itself in what changes between two dues."""
        lapse, due_at, new = self.since or t, self.due_at(n), self.periods[n - 1].due
        first_held = max(old, new - escrow)
        for low, high, sign in ((old, new, 1), (new, old, -1)):
            for begin, end in ((low, min(high, said)), (max(low, said), high)):
                if end <= begin:
                    continue
                # What was said before counts from the lapse on.
                start = max(due_at, lapse) if end <= said else due_at
                self.relief.append((min(due_at, start), start, sign * (end - begin)))
                if sign > 0 and end > first_held:
                    paid_from = min(t, max(since, start))
                    self.relief.append((paid_from, t, end - max(begin, first_held)))

    def set_due(
        self, t: int, n: int, due: int, said: int = 0, escrow: int = 0, since: int = 0
    ) -> None:
        """A decision; `said` is what the own report had said."""
        period, old = self.periods[n - 1], self.periods[n - 1].due
        period.floor = self.book(t, n, due, period.own, True)
        if self.since or period.due > old:
            self.spare(t, n, old, said, escrow, since)
        self.shrink(t)
        # Also where credit covers it: the header counts a raise from its due time all the same.
        if not self.since and period.due > old:
            self.since, self.before = t, len(self.changes) - 1
        self.decided(t)

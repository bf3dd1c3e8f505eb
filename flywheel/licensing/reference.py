"""What licences owe, computed apart from the contracts: the reference their tests compare with.

All amounts are integers in units of the asset, times are unix seconds. The rules are those of
interfaces/ILicenseMarket.vyi.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise

BPS = 10_000
YEAR = 365 * 86_400
DAY = 86_400
# A reported period can be assessed for so long after its due time, or after its report if that
# came later.
STATUTE = 400 * DAY
MAX_DUE = 2**112 - 1
# Periods that are booked without an own report.
MAX_AHEAD = 16


@dataclass(frozen=True)
class Rates:
    """What one period costs. A cap of 0 is none."""

    share_bps: int
    price_per_unit: int
    minimum: int
    cap: int = 0


def due(rates: Rates, revenue: int, units: int, before: int) -> int:
    """What a period owes beside `before`, which the other periods owe: share rounded up + price x
    units, at least the minimum, within what the cap leaves."""
    share = -(-revenue * rates.share_bps // BPS)
    return _capped(rates, max(rates.minimum, share + rates.price_per_unit * units), before)


def estimate(rates: Rates, last_due: int, before: int) -> int:
    """What a missing report owes: a quarter above the period before, rounded up, at least the
    minimum."""
    return _capped(rates, min(MAX_DUE, max(rates.minimum, -(-last_due * 5 // 4))), before)


def interest(debt_seconds: int, late_bps_per_year: int) -> int:
    """Simple interest on debt x seconds, rounded down; none of what is below zero."""
    return max(0, debt_seconds) * late_bps_per_year // (BPS * YEAR)


def _capped(rates: Rates, amount: int, before: int) -> int:
    return min(amount, max(0, rates.cap - before)) if rates.cap else amount


@dataclass
class Period:
    """One booked period. `reported`: by the licensee itself."""

    due_at: int
    amount: int
    reported: bool
    assessed: bool = False
    # Its own report reached the cap.
    cut: bool = False
    days_late: int = 0


@dataclass
class Lapse:
    """A time out of good standing since `since`: what counts for its interest, each from a time."""

    since: int
    counts: list[tuple[int, int]]
    interest_paid: int = 0

    def debt_seconds(self, time: int) -> int:
        return sum(amount * max(0, time - when) for when, amount in self.counts)


@dataclass
class Account:
    """One licence, period by period and movement by movement: no totals, no line, no packing, so
    that it errs differently. `count` is the number of periods, None without an end."""

    rates: Rates
    late_bps: int
    start: int
    period: int
    grace: int
    count: int | None
    now: int = 0
    periods: list[Period] = field(default_factory=list)
    lapse: Lapse | None = None
    lapses: list[tuple[int, int]] = field(default_factory=list)
    paid: int = 0
    ended_at: int | None = None

    def pass_to(self, time: int) -> None:
        """Lets time pass: it ends a lapse once credit has paid its interest, and begins one at the
        first due time that finds a debt or no report."""
        self._expire(time)
        self.now = time
        if self.lapse is None:
            times = [item.due_at for item in self.periods if item.due_at <= time]
            times = [when for when in times if self._balance_at(when) > 0]
            if self.missing:
                times.append(self.next_due_at)
            if times:
                since = min(times)
                self.lapse = Lapse(since, [(since, self._balance_at(since))])

    # --- moves ---

    def report(self, revenue: int, units: int) -> int:
        number = self.reported + 1
        amount = self.due_for(number, revenue, units)
        if number > len(self.periods):
            self.periods.append(Period(self.due_at(number), 0, True))
        item = self.periods[number - 1]
        item.reported = True
        item.days_late = max(0, -(-(self.now - item.due_at) // DAY))
        if item.assessed:
            amount = max(amount, item.amount)
        item.cut = 0 < self.rates.cap <= self._firm_beside(number) + amount
        self._change(item, amount)
        return amount

    def estimate(self) -> int:
        """Books what is missing; returns how many periods."""
        booked = 0
        while self.can_estimate:
            number = len(self.periods) + 1
            rates = self._rates_of(number)
            raised = self._part_of(number, -(-self._amount_of(number - 1) * 5 // 4))
            amount = _capped(rates, min(MAX_DUE, max(rates.minimum, raised)), self.total)
            self.periods.append(Period(self.due_at(number), 0, False))
            self._change(self.periods[-1], amount, settle=False)
            booked += 1
        return booked

    def pay(self, amount: int, ahead: bool = False) -> int:
        """Takes what is outstanding, or all of it ahead; returns what was taken."""
        taken = amount if ahead else min(amount, self.outstanding)
        part = min(taken - min(taken, self.overdue), self.interest)
        self._move_principal(taken - part)
        if self.lapse:
            self.lapse.interest_paid += part
        self._cure()
        return taken

    def decide(
        self, number: int, due: int, own_due: int = 0, escrow: int = 0, escrow_since: int = 0
    ) -> int:
        """A decision about a booked period; returns what it owes. What changes of `own_due` counts
        from the lapse on; `escrow`, the last part of a raise, as paid from `escrow_since` to now.
        """
        item = self.periods[number - 1]
        amount = _capped(self.rates, min(MAX_DUE, due), self._firm_beside(number))
        if self.lapse is None and amount > item.amount:
            waiting = [(i.due_at, i.amount) for i in self.periods if i.due_at > self.now]
            balance = self._balance_at(self.now)
            self.lapse = Lapse(self.now, [(self.now, balance), *waiting])
        if self.lapse:
            begin, since = max(self.lapse.since, item.due_at), max(escrow_since, item.due_at)
            own_change = min(amount, own_due) - min(item.amount, own_due)
            self.lapse.counts += [(item.due_at, -own_change), (begin, own_change)]
            deposit = min(escrow, max(0, amount - item.amount))
            own_part = min(amount, own_due) - min(amount - deposit, own_due)
            for part, start in ((own_part, max(since, begin)), (deposit - own_part, since)):
                self.lapse.counts += [(min(self.now, start), -part), (self.now, part)]
        item.assessed = True
        self._change(item, amount)
        return amount

    def end(self, ends_at: int) -> None:
        self.ended_at = ends_at
        self.count = -(-(ends_at - self.start) // self.period) if self.period else 0
        self._cure()

    def renew(self, ends_at: int, periods: int) -> None:
        """Another term of `periods` after `ends_at`; time since then is not licensed and moves the
        calendar on."""
        gap = max(0, self.now - ends_at)
        if gap:
            self.lapses.append((ends_at, self.now))
        self.start += gap
        for item in self.periods:
            item.due_at += gap
        self.count = (self.count or 0) + periods

    # --- where it stands ---

    def can_be_assessed(self, number: int) -> bool:
        """Whether a booked period is within its statute."""
        item = self.periods[number - 1]
        return not item.reported or self.now < item.due_at + item.days_late * DAY + STATUTE

    @property
    def total(self) -> int:
        return sum(item.amount for item in self.periods)

    @property
    def reported(self) -> int:
        return sum(item.reported for item in self.periods)

    @property
    def overdue(self) -> int:
        return max(0, self._balance_at(self.now))

    @property
    def accrued(self) -> int:
        return self._accrued_at(self.now)

    @property
    def interest(self) -> int:
        return self._interest_at(self.now)

    @property
    def outstanding(self) -> int:
        return max(0, self.total - self.paid) + self.interest

    @property
    def overdue_since(self) -> int:
        return self.lapse.since if self.lapse else 0

    def ends_at(self, number: int) -> int:
        end = self.start + number * self.period
        return end if self.ended_at is None else min(end, self.ended_at)

    def due_for(self, number: int, revenue: int, units: int) -> int:
        """What a period owes by these figures."""
        return due(self._rates_of(number), revenue, units, self._firm_beside(number))

    def due_at(self, number: int) -> int:
        return self.ends_at(number) + self.grace

    def opens_at(self, number: int) -> int:
        """From when on a period may be reported."""
        end = self.ends_at(number)
        if end == self.start + number * self.period:
            return end
        return max(end, self.start + (number - 1) * self.period + self.grace)

    @property
    def next_due_at(self) -> int:
        return self.due_at(self.reported + 1)

    @property
    def next_opens_at(self) -> int:
        return self.opens_at(self.reported + 1)

    @property
    def has_next(self) -> bool:
        return self.count is None or self.reported < self.count

    @property
    def missing(self) -> bool:
        return self.has_next and self.now >= self.next_due_at

    @property
    def can_estimate(self) -> bool:
        number = len(self.periods) + 1
        exists = self.count is None or number <= self.count
        is_full = len(self.periods) - self.reported >= MAX_AHEAD
        return exists and not is_full and self.now >= self.due_at(number)

    def stood_at(self, time: int) -> bool:
        """Whether the licence was in good standing at `time`, as far as is known now."""
        if self.lapse and time >= self.lapse.since:
            return False
        return not any(since <= time < until for since, until in self.lapses)

    # --- parts ---

    def _part_of(self, number: int, amount: int) -> int:
        """What `amount` per whole period is for a shortened one, rounded up."""
        start = self.start + (number - 1) * self.period
        return -(-amount * (self.ends_at(number) - start) // self.period)

    def _rates_of(self, number: int) -> Rates:
        minimum = self._part_of(number, self.rates.minimum)
        return Rates(self.rates.share_bps, self.rates.price_per_unit, minimum, self.rates.cap)

    def _amount_of(self, number: int) -> int:
        return self.periods[number - 1].amount if 0 < number <= len(self.periods) else 0

    def _firm_beside(self, number: int) -> int:
        """What the other periods owe by report or decision: estimates give way to the cap."""
        others = enumerate(self.periods, 1)
        return sum(i.amount for n, i in others if n != number and (i.reported or i.assessed))

    def _balance_at(self, time: int) -> int:
        """Dues whose time has come by `time`, less all principal paid; below zero: credit."""
        return sum(item.amount for item in self.periods if item.due_at <= time) - self.paid

    def _change(self, item: Period, amount: int, settle: bool = True) -> None:
        if self.lapse:
            self.lapse.counts.append((item.due_at, amount - item.amount))
        item.amount = amount
        if settle and self.lapse:
            self._shrink()
            returned = max(0, self.lapse.interest_paid - self.accrued)
            part = min(max(0, self.paid - self.total), self.interest)
            self.lapse.interest_paid += part - returned
            self._move_principal(returned - part)
            self._cure()

    def _shrink(self) -> None:
        """Takes from the estimates what is above the cap, from the last one first."""
        for item in reversed(self.periods[self.reported :]):
            excess = max(0, self.total - self.rates.cap) if self.rates.cap else 0
            if excess and not item.assessed:
                cut = min(item.amount, excess)
                self._change(item, item.amount - cut, settle=False)

    def _move_principal(self, amount: int) -> None:
        self.paid += amount
        if self.lapse:
            self.lapse.counts.append((self.now, -amount))

    def _expire(self, time: int) -> None:
        """Ends the lapse in the first second from now to `time` in which nothing is left of it."""
        dues = [item.due_at for item in self.periods] + [self.next_due_at]
        marks = sorted({self.now, time + 1, *(at for at in dues if self.now < at <= time)})
        for begin, end in pairwise(marks):
            if self.lapse is None or self._balance_at(begin) > 0:
                continue
            if (self.has_next and begin >= self.next_due_at) or self._interest_at(end - 1) > 0:
                continue
            # With credit interest falls as long as no due time comes.
            seconds = range(begin, end)
            first = bisect_left(seconds, True, key=lambda at: self._interest_at(at) == 0)
            self.lapses.append((self.lapse.since, seconds[first]))
            self.lapse = None

    def _accrued_at(self, time: int) -> int:
        return interest(self.lapse.debt_seconds(time), self.late_bps) if self.lapse else 0

    def _interest_at(self, time: int) -> int:
        return max(0, self._accrued_at(time) - self.lapse.interest_paid) if self.lapse else 0

    def _cure(self) -> None:
        if self.lapse and not (self.overdue or self.interest or self.missing):
            if self.now > self.lapse.since:
                self.lapses.append((self.lapse.since, self.now))
            self.lapse = None

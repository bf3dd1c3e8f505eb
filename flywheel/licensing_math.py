"""What licences owe, computed apart from the contracts: the reference their tests compare with.

All amounts are integers in units of the asset, times are unix seconds. The rules are those of
interfaces/ILicenseMarket.vyi.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

BPS = 10_000
YEAR = 365 * 86_400


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


def estimate(rates: Rates, last_due: int, last_estimated: bool, before: int) -> int:
    """What a missing report owes: a quarter above the last reported period, rounded up, at least
    the minimum."""
    raised = last_due if last_estimated else -(-last_due * 5 // 4)
    return _capped(rates, max(rates.minimum, raised), before)


def interest(debt_seconds: int, late_bps_per_year: int) -> int:
    """Simple interest on debt x seconds, rounded down."""
    return debt_seconds * late_bps_per_year // (BPS * YEAR)


def _capped(rates: Rates, amount: int, before: int) -> int:
    return min(amount, max(0, rates.cap - before)) if rates.cap else amount


@dataclass
class Due:
    """One period's debt: overdue from `due_at` on, `open` until paid."""

    due_at: int
    amount: int
    open: int


@dataclass
class Account:
    """One licence, debt by debt: no totals, no packing, so that it errs differently.

    `debt_seconds` counts each open amount for each second in which it is overdue.
    """

    rates: Rates
    late_bps: int
    start: int
    period: int
    grace: int
    count: int | None
    now: int = 0
    dues: list[Due] = field(default_factory=list)
    estimated: list[bool] = field(default_factory=list)
    debt_seconds: int = 0
    interest_paid: int = 0
    credit: int = 0
    paid: int = 0
    lapses: list[tuple[int, int]] = field(default_factory=list)
    overdue_since: int = 0

    def pass_to(self, time: int) -> None:
        """Lets time pass: every open debt counts its overdue seconds."""
        for item in self.dues:
            self.debt_seconds += item.open * max(0, time - max(self.now, item.due_at))
        self.now = time
        if not self.overdue_since:
            self.overdue_since = self._first_overdue()

    def report(self, revenue: int, units: int) -> int:
        return self._book(due(self.rates, revenue, units, self.total), False)

    def estimate(self) -> int:
        last = self.dues[-1].amount if self.dues else 0
        was_estimated = self.estimated[-1] if self.estimated else False
        return self._book(estimate(self.rates, last, was_estimated, self.total), True)

    def pay(self, amount: int, ahead: bool = False) -> int:
        """Takes what is outstanding, or all of it ahead; returns what was taken."""
        taken = amount if ahead else min(amount, self.outstanding)
        left = taken
        left -= self._pay_dues(left, lambda item: item.due_at <= self.now)
        part = min(left, self.interest)
        self.interest_paid += part
        left -= part
        left -= self._pay_dues(left, lambda item: True)
        self.credit += left
        self.paid += taken - part
        self._cure()
        return taken

    def decide(
        self, period: int, raised: int = 0, lowered: int = 0, escrowed: int = 0, returned: int = 0
    ) -> None:
        """A vote changes what a period owes, a dispute what counts as paid. What is overdue by that
        alone is so from now on."""
        self.dues[period - 1].amount += raised - lowered
        self.paid += escrowed - returned
        left = self.paid
        for item in self.dues:
            item.open = item.amount - min(item.amount, left)
            left -= item.amount - item.open
        self.credit = left
        self._cure()
        if not self.overdue_since and self.overdue:
            self.overdue_since = self.now

    def renew(self, ends_at: int, periods: int) -> None:
        """Another term of `periods` after `ends_at`; time since then is not licensed and moves the
        calendar on."""
        gap = max(0, self.now - ends_at)
        if gap:
            self.lapses.append((ends_at, self.now))
        self.start += gap
        for item in self.dues:
            item.due_at += gap
        self.count = (self.count or 0) + periods

    @property
    def total(self) -> int:
        return sum(item.amount for item in self.dues)

    @property
    def overdue(self) -> int:
        return sum(item.open for item in self.dues if item.due_at <= self.now)

    @property
    def interest(self) -> int:
        return interest(self.debt_seconds, self.late_bps) - self.interest_paid

    @property
    def outstanding(self) -> int:
        return sum(item.open for item in self.dues) + self.interest

    @property
    def next_due_at(self) -> int:
        return self.start + (len(self.dues) + 1) * self.period + self.grace

    @property
    def has_next(self) -> bool:
        return self.count is None or len(self.dues) < self.count

    @property
    def missing(self) -> bool:
        return self.has_next and self.now >= self.next_due_at

    def stood_at(self, time: int) -> bool:
        """Whether the licence was in good standing at `time`, as far as is known now."""
        if self.overdue_since and time >= self.overdue_since:
            return False
        return not any(since <= time < until for since, until in self.lapses)

    def _book(self, amount: int, estimated: bool) -> int:
        item = Due(self.next_due_at, amount, amount)
        covered = min(self.credit, amount)
        self.credit -= covered
        item.open -= covered
        self.debt_seconds += item.open * max(0, self.now - item.due_at)
        self.dues.append(item)
        self.estimated.append(estimated)
        self._cure()
        return amount

    def _pay_dues(self, amount: int, which: Callable[[Due], bool]) -> int:
        left = amount
        for item in self.dues:
            if which(item):
                part = min(left, item.open)
                item.open -= part
                left -= part
        return amount - left

    def _first_overdue(self) -> int:
        times = [item.due_at for item in self.dues if item.open and item.due_at <= self.now]
        if self.missing:
            times.append(self.next_due_at)
        return min(times, default=0)

    def _cure(self) -> None:
        if self.overdue_since and not (self.overdue or self.interest or self.missing):
            if self.now > self.overdue_since:
                self.lapses.append((self.overdue_since, self.now))
            self.overdue_since = 0

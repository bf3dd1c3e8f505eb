"""What a licence's next periods cost, and why: quotes, reports and dry runs say the same.

Amounts are integers in units of the terms' asset, times unix seconds. The rules are those of
interfaces/ILicenseMarket.vyi, computed by `reference`.
"""

from dataclasses import dataclass

from flywheel import amounts
from flywheel.amounts import Unit
from flywheel.licensing import reference
from flywheel.licensing.offer_terms import LicenceTerms
from flywheel.licensing.reference import Rates

# Interest runs on between reading and mining; this much of it may be taken on top, if it is due.
SLACK_SECONDS = 3_600


def slack(owed: int, late_bps_per_year: int) -> int:
    """Interest of a little delay: the chain rounds once where readers round in parts."""
    return reference.interest(owed * SLACK_SECONDS, late_bps_per_year) + 2


@dataclass(frozen=True)
class Cost:
    """One period: what it owes, what is paid with it, and why."""

    due: int
    interest: int
    credit: int  # of what was paid before, used now
    arrears: int  # principal of earlier periods, paid now
    to_pay: int
    max_amount: int  # with the interest of a little delay
    why: str


def why(rates: Rates, revenue: int, units: int, before: int, unit: Unit) -> tuple[int, str]:
    """Due of a period beside `before`, which the other periods owe, and how it comes about."""
    due = reference.due(rates, revenue, units, before)
    parts = []
    if rates.share_bps:
        of_revenue = reference.due(Rates(rates.share_bps, 0, 0), revenue, 0, 0)
        share = amounts.show_bps(rates.share_bps)
        parts.append(f"share: {share} of {unit.show(revenue)} is {unit.show(of_revenue)}")
    if rates.price_per_unit:
        metered = rates.price_per_unit * units
        price = unit.show(rates.price_per_unit)
        parts.append(f"metered: {units:,} units at {price} are {unit.show(metered)}")
    uncapped = Rates(rates.share_bps, rates.price_per_unit, rates.minimum)
    if reference.due(Rates(*_prices(rates), 0), revenue, units, 0) < rates.minimum:
        parts.append(f"the minimum is {unit.show(rates.minimum)}")
    if due < reference.due(uncapped, revenue, units, 0):
        parts.append(f"the cap of {unit.show(rates.cap)} leaves {unit.show(due)}")
    return due, "; ".join(parts) or "nothing is owed for periods"


def _prices(rates: Rates) -> tuple[int, int]:
    return rates.share_bps, rates.price_per_unit


@dataclass
class Outlook:
    """Where a licence stands at `now`; `report` moves it on as a report and its payment would."""

    terms: LicenceTerms
    unit: Unit
    now: int
    due: int
    paid: int
    interest: int
    next_period: int  # 0: none is left
    next_ends_at: int
    next_due_at: int
    last_period: int | None  # None: perpetual
    # What the next period and those after it owe by estimate; a report replaces the first, and
    # the last ones give way where a royalty cap is reached.
    estimates: tuple[int, ...] = ()
    # Periods of which an assessment stands that a report can only raise: they do not give way.
    assessed: frozenset[int] = frozenset()

    @property
    def next_estimate(self) -> int:
        return self.estimates[0] if self.estimates else 0

    def ends_at(self, period: int) -> int:
        """When a later period ends and may be reported."""
        return self.next_ends_at + (period - self.next_period) * self.terms.period_seconds

    def due_at(self, period: int) -> int:
        return self.next_due_at + (period - self.next_period) * self.terms.period_seconds

    def cost(self, revenue: int, units: int) -> Cost:
        """Of reporting the next period now and paying all that is then outstanding."""
        firm = self.due - sum(self.estimates)
        beside = firm + self._assessed_later
        due, reason = why(self.terms.rates, revenue, units, beside, self.unit)
        if self.next_period in self.assessed and due < self.next_estimate:
            due = self.next_estimate
            reason = f"it was assessed at {self.unit.show(due)}, which a report can only raise"
        before = firm + sum(self._left_beside(firm + due))
        arrears = max(0, before - self.paid)
        owed = max(0, before + due - self.paid)
        late = max(0, self.now - self.next_due_at) if self.next_period else 0
        rate = self.terms.late_bps_per_year
        fresh = owed - arrears
        # The interest of an estimate counts already, whether that is paid or not: only the
        # difference changes it, less the credit that was there.
        credit = max(0, self.paid - self.due)
        grown = reference.interest(max(0, due - self.next_estimate - credit) * late, rate)
        less = reference.interest(max(0, self.next_estimate - due) * late, rate)
        interest = max(0, self.interest + grown - less)
        extra = 0
        if rate and owed and (arrears or self.now + SLACK_SECONDS >= self.next_due_at):
            extra = slack(owed, rate)
        return Cost(
            due=due,
            interest=interest,
            credit=due - fresh,
            arrears=arrears,
            to_pay=owed + interest,
            max_amount=owed + interest + extra,
            why=reason,
        )

    def report(self, revenue: int, units: int) -> Cost:
        """`cost`, and the licence as it stands afterwards."""
        cost = self.cost(revenue, units)
        firm = self.due - sum(self.estimates) + cost.due
        self.estimates = self._left_beside(firm)
        self.due = firm + sum(self.estimates)
        self.paid = max(self.paid, self.due)
        self.interest = 0
        self.next_ends_at = self.ends_at(self.next_period + 1)
        self.next_due_at += self.terms.period_seconds
        self.next_period += 1
        if self.last_period is not None and self.next_period > self.last_period:
            self.next_period = 0
        return cost

    @property
    def _assessed_later(self) -> int:
        later = enumerate(self.estimates[1:], self.next_period + 1)
        return sum(amount for period, amount in later if period in self.assessed)

    def _left_beside(self, firm: int) -> tuple[int, ...]:
        """What the cap leaves of the estimates after the next period; the last give way first."""
        room = sum(self.estimates)
        if self.terms.rates.cap:
            room = self.terms.rates.cap - firm - self._assessed_later
        left = []
        for period, amount in enumerate(self.estimates[1:], self.next_period + 1):
            if period in self.assessed:
                left.append(amount)
            else:
                left.append(min(amount, max(0, room)))
                room -= left[-1]
        return tuple(left)

"""LicenseMarket against the reference of `flywheel.licensing.reference`, in random lives."""

import os
import random

import boa
import pytest

from flywheel.licensing.reference import Account, Rates
from tests.kits.licensing import (
    EVIDENCE,
    FEE,
    GRACE,
    MINIMUM,
    PERIOD,
    SHARE_BPS,
    pay,
    sell,
)
from tests.support import DAY, fund_and_approve, now, warp_to

FACTOR = int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
LATE_BPS = 3_600
PRICE = 3
STEPS = 60
SPANS = [1, DAY, 9 * DAY, 23 * DAY, 40 * DAY]


class Life:
    """A license and its reference, moved together by the dice."""

    def __init__(self, suite, licensee, payer, seed):
        self.suite, self.market, self.licensee, self.payer = suite, suite.market, licensee, payer
        self.dice = random.Random(seed)
        cap, self.minimum = [(0, MINIMUM), (9_000_000, MINIMUM), (0, 0), (3_000_000, 0)][seed % 4]
        terms = {"late_bps_per_year": LATE_BPS, "price_per_unit": PRICE, "term_seconds": 0}
        terms |= {"royalty_cap": cap, "minimum_per_period": self.minimum, "bond": 1}
        self.license_id = sell(suite, licensee, **terms)
        rates = Rates(SHARE_BPS, PRICE, self.minimum, cap)
        self.model = Account(rates, LATE_BPS, now(), PERIOD, GRACE, None, now())
        self.paid = FEE
        self.instants = []
        with boa.env.prank(suite.owner):
            self.market.set_enforcement(suite.owner)

    def step(self):
        model, dice = self.model, self.dice
        warp_to(now() + dice.choice(SPANS))
        model.pass_to(now())
        self.instants.append((now(), model.overdue_since == 0))
        names = ["report"] * 4 + ["pay", "pay", "ahead", "estimate", "decide"]
        if len(self.instants) > STEPS * 3 // 4 and model.ended_at is None:
            names.append("end")
        getattr(self, dice.choice(names))()
        self.check()

    def report(self):
        if not self.model.has_next or now() < self.model.next_opens_at:
            return
        figures = (self.dice.choice([0, self.dice.randrange(10**7)]), self.dice.randrange(1_000))
        period = self.model.reported + 1
        args = (self.license_id, period, figures[0], EVIDENCE)
        due = self.model.report(*figures)
        if self.dice.random() < 0.5:
            with boa.env.prank(self.licensee):
                assert self.market.report(*args, figures[1]) == due
            return
        owed = self.model.outstanding
        fund_and_approve(self.suite.asset, self.licensee, self.market.address, owed)
        with boa.env.prank(self.licensee):
            assert self.market.report_and_pay(*args, owed, figures[1]) == self.model.pay(owed)
        self.paid += owed

    def pay(self):
        amount = self.dice.choice([1, 10**5, 10**9])
        taken = pay(self.suite, self.payer, self.license_id, amount)
        assert taken == self.model.pay(amount)
        self.paid += taken

    def ahead(self):
        amount = self.dice.randrange(1, 10**5)
        fund_and_approve(self.suite.asset, self.payer, self.market.address, amount)
        with boa.env.prank(self.payer):
            if self.model.lapse:
                with boa.reverts("license is late"):
                    self.market.prepay(self.license_id, amount)
                return
            self.market.prepay(self.license_id, amount)
        self.model.pay(amount, ahead=True)
        self.paid += amount

    def estimate(self):
        assert self.market.estimate(self.license_id) == self.model.estimate()

    def decide(self):
        if not self.model.periods:
            return
        booked = len(self.model.periods)
        period = self.dice.randint(max(1, booked - 5), booked)
        due = self.dice.choice([self.dice.randrange(10**6), 10**5, 0])
        own_due = self.dice.choice([0, 0, 10**3, 10**5])
        escrow = (self.dice.choice([0, 0, 10**4, 10**6]), now() - self.dice.choice(SPANS))
        with boa.env.prank(self.suite.owner):
            answer = self.market.set_due(self.license_id, period, due, own_due, *escrow)
        assert answer == self.model.decide(period, due, own_due, *escrow)

    def end(self):
        with boa.env.prank(self.suite.owner):
            self.market.end(self.license_id, now())
        self.model.end(now())

    def check(self):
        state, model = self.market.license(self.license_id), self.model
        assert (state.periods_reported, state.periods_booked) == (
            model.reported,
            len(model.periods),
        )
        assert (state.due, state.paid) == (model.total, model.paid)
        assert state.overdue_since == model.overdue_since
        assert (state.overdue, state.interest) == (model.overdue, model.interest)
        assert self.market.outstanding(self.license_id) == model.outstanding
        assert self.suite.router.pending(1, self.suite.asset.address) == self.paid


@pytest.mark.parametrize("seed", range(4 * FACTOR))
def test_license__random_life__equals_the_reference(suite, market, licensee, payer, seed):
    life = Life(suite, licensee, payer, seed)
    for _ in range(STEPS):
        life.step()
    for time, _ in life.instants:
        covered = suite.rights.is_covered(life.license_id, licensee, 0, time)
        runs = life.model.ended_at is None or time < life.model.ended_at
        assert covered == (runs and life.model.stood_at(time))
    assert suite.asset.balanceOf(market.address) == 0


def test_license__worked_example_of_the_interface__is_what_happens(suite, market, licensee, payer):
    terms = {"late_bps_per_year": 3_600, "term_seconds": 0, "bond": 10_000}
    license_id = sell(suite, licensee, **terms)
    start = now()

    def state():
        return market.license(license_id)

    def at(day):
        warp_to(start + day * DAY)

    at(40)
    assert state().overdue_since == start + 40 * DAY
    at(41)
    assert market.estimate(license_id) == 1
    assert market.outstanding(license_id) == 50
    at(70)
    assert market.estimate(license_id) == 1
    assert state().due == 50 + 63
    at(80)
    assert tuple(suite.enforcement.enforce(license_id)) == (0, 115)
    assert not market.is_in_good_standing(license_id)
    at(90)
    fund_and_approve(suite.asset, licensee, market.address, 10_000)
    with boa.env.prank(licensee):
        assert market.report_and_pay(license_id, 1, 20_000, EVIDENCE, 10_000) == 997
    assert not market.is_in_good_standing(license_id)
    at(99)
    with boa.env.prank(licensee):
        assert market.report(license_id, 2, 400, EVIDENCE) == 50
    assert market.is_in_good_standing(license_id)
    assert state().paid - state().due == 13
    for day, covered in ((39, True), (40, False), (98, False), (99, True)):
        assert suite.rights.is_covered(license_id, licensee, 0, start + day * DAY) == covered

"""LicenseMarket against the reference of `flywheel.licensing_math`, to the wei, in random lives."""

import random

import boa
import pytest

from flywheel.licensing_math import Account, Rates
from tests.support import DAY, fund_and_approve, now, warp_to
from tests.unit.licensing.market_kit import (
    EVIDENCE,
    FEE,
    GRACE,
    MINIMUM,
    PERIOD,
    SHARE_BPS,
    pay,
    sell,
)

LATE_BPS = 1_234
PRICE = 3
STEPS = 60


@pytest.mark.parametrize("seed", range(4))
def test_license__random_life__equals_the_reference(suite, market, licensee, payer, seed):
    dice = random.Random(seed)
    terms = {"late_bps_per_year": LATE_BPS, "price_per_unit": PRICE, "term_seconds": 0}
    cap = (0, 9_000_000)[seed % 2]
    license_id = sell(suite, licensee, royalty_cap=cap, **terms)
    rates = Rates(SHARE_BPS, PRICE, MINIMUM, cap)
    model = Account(rates, LATE_BPS, now(), PERIOD, GRACE, None, now())
    paid, instants = FEE, []
    for _ in range(STEPS):
        warp_to(now() + dice.choice([1, DAY, 9 * DAY, 23 * DAY, 40 * DAY]))
        model.pass_to(now())
        instants.append((now(), model.overdue_since == 0))
        period = len(model.dues) + 1
        step = dice.choice(["report", "report", "pay", "ahead", "estimate"])
        if step == "report" and now() >= model.next_due_at - GRACE:
            figures = (dice.randrange(10**7), dice.randrange(1_000))
            with boa.env.prank(licensee):
                due = market.report(license_id, period, figures[0], EVIDENCE, figures[1])
            assert due == model.report(*figures)
        elif step == "estimate" and model.missing:
            assert market.estimate(license_id) == model.estimate()
        elif step == "pay":
            amount = dice.choice([1, 10**5, 10**9])
            taken = pay(suite, payer, license_id, amount)
            assert taken == model.pay(amount)
            paid += taken
        elif step == "ahead":
            amount = dice.randrange(1, 10**5)
            fund_and_approve(suite.asset, payer, market.address, amount)
            with boa.env.prank(payer):
                market.prepay(license_id, amount)
            model.pay(amount, ahead=True)
            paid += amount
        state = market.license(license_id)
        assert (state.due, state.paid) == (model.total, model.paid)
        assert (state.overdue, state.interest) == (model.overdue, model.interest)
        assert state.overdue_since == model.overdue_since
        assert market.outstanding(license_id) == model.outstanding
        assert suite.router.pending(1, suite.asset.address) == paid
    for time, _ in instants:
        assert suite.rights.is_covered(license_id, licensee, 0, time) == model.stood_at(time)
    assert suite.asset.balanceOf(market.address) == market.accounted(suite.asset.address) == 0

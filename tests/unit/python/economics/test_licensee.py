"""The best report: its cost beside a simulation of audits, and what bonds and rates change."""

import numpy as np
import pytest

from flywheel.economics import licensee
from flywheel.economics.assumptions import Assumptions

BONDED = licensee.Deal(bond=6, is_forfeited=True)
BARE = licensee.Deal(bond=6, is_forfeited=False)


def simulated_cost(report: float, audits: float, deal: licensee.Deal, world: Assumptions) -> float:
    """Period by period, one audit after another, as a licensee would live it."""
    random = np.random.default_rng(1)
    chance = 1 - (1 - audits) ** (30 / 365)
    unaudited: list[float] = []
    paid = 0.0
    periods = 120_000
    extra = (world.late_rate - world.money_rate) * 30 / 365
    for is_audited in random.random(periods) < chance:
        paid += report
        unaudited.append(1 - report)
        if not is_audited:
            continue
        # The oldest first; the last 13 periods are within 400 days.
        reach = unaudited[-13:]
        owed = sum(due * (1 + extra * age) for age, due in enumerate(reversed(reach), 1))
        paid += min(owed, world.licence_value)
        if 1 - report > 0.1 and deal.is_forfeited:
            paid += deal.bond
        unaudited = []
    return paid / periods


@pytest.mark.parametrize("audits", [0.1, 0.4, 0.8])
@pytest.mark.parametrize("report", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("deal", [BONDED, BARE])
def test_cost__any_report__is_that_of_a_simulation(report, audits, deal):
    world = Assumptions()

    assert licensee.cost(report, audits, deal, world) == pytest.approx(
        simulated_cost(report, audits, deal, world), rel=0.04
    )


def test_cost__honest_report__is_the_due():
    assert licensee.cost(1, 0.5, BONDED, Assumptions()) == 1
    assert licensee.cost(0.4, 0, BONDED, Assumptions()) == 0.4


@pytest.mark.parametrize("audits", [0.01, 0.1, 0.3, 0.6, 0.9])
def test_best_report__nothing_forfeited__is_the_minimum_at_every_rate(audits):
    assert licensee.best_report(audits, BARE, Assumptions()) == 0.1


def test_best_report__bond_and_enough_audits__is_within_a_tenth():
    rate = licensee.honest_rate(BONDED, Assumptions())

    assert rate is not None
    assert licensee.best_report(rate, BONDED, Assumptions()) == 0.9
    assert licensee.best_report(rate - 0.01, BONDED, Assumptions()) == 0.1


def test_honest_rate__larger_bond_or_minimum__is_lower():
    rates = [
        licensee.honest_rate(licensee.Deal(bond, True), Assumptions()) for bond in (1, 3, 6, 12)
    ]
    assert None not in rates
    assert rates == sorted(rates, reverse=True)  # type: ignore[type-var]

    low, high = (
        licensee.honest_rate(BONDED, Assumptions(least_report=least)) for least in (0.1, 0.75)
    )
    assert low is not None
    assert high is not None
    assert high < low


def test_honest_rate__worthless_licence__is_none():
    world = Assumptions(licence_value=0)

    assert licensee.honest_rate(licensee.Deal(0, True), world) is None

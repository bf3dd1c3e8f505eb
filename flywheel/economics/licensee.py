"""The report that costs a licensee least, against the rate of audits and the size of its bond."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from flywheel.economics.assumptions import Assumptions
from flywheel.economics.rules import PERIOD, STATUTE, TOLERANCE, YEAR

# How finely the reports are tried, and the audit rates.
STEPS = 100


@dataclass(frozen=True)
class Deal:
    """A licence: what a proof costs besides what was owed. The bond is in dues of one period.

    `period` is in seconds.
    """

    bond: float
    is_forfeited: bool
    period: int = PERIOD


def cost(report: float, audits: float, deal: Deal, assumptions: Assumptions) -> float:
    """Mean cost of a period, in dues, for who reports the part `report` of what is due.

    `audits` is the chance that a year brings an audit. It finds the unaudited periods of the last
    400 days; the licensee then pays what was missing with the late rate, less what the money earned
    meanwhile, or gives the licence up if that is less. The bond is lost besides if more than a
    tenth was missing.
    """
    periods_a_year = YEAR / deal.period
    reach = STATUTE // deal.period
    chance = 1 - (1 - audits) ** (1 / periods_a_year) if audits < 1 else 1.0
    missing = 1 - report
    if missing <= 0 or chance <= 0:
        return report
    # The chance that a run of n unaudited periods ends with its audit; the last of these stands for
    # all longer runs, of which an audit finds no more.
    found = np.arange(1, reach + 1)
    odds = chance * (1 - chance) ** (found - 1)
    odds[-1] = (1 - chance) ** (reach - 1)
    spread = (assumptions.late_rate - assumptions.money_rate) / periods_a_year
    owed = missing * found * (1 + spread * (found + 1) / 2)
    paid = np.minimum(owed, assumptions.licence_value * PERIOD / deal.period)
    is_proven = missing > TOLERANCE + 1e-9
    if is_proven and deal.is_forfeited:
        paid = paid + deal.bond
    # Mean payment of a run over its mean length in periods, 1 / chance.
    return report + float(np.sum(odds * paid)) * chance


@cache
def best_report(audits: float, deal: Deal, assumptions: Assumptions) -> float:
    """The report, as part of what is due, with the least cost; of equals the most honest."""
    reports = [
        report / STEPS
        for report in range(STEPS, 0, -1)
        if report / STEPS >= assumptions.least_report
    ]
    return min(reports, key=lambda report: round(cost(report, audits, deal, assumptions), 12))


@cache
def honest_rate(deal: Deal, assumptions: Assumptions) -> float | None:
    """Least yearly chance of an audit, in whole per cent, whose best report is within a tenth.

    None if there is none below one.
    """
    for percent in range(100):
        if best_report(percent / 100, deal, assumptions) >= 1 - TOLERANCE:
            return percent / 100
    return None


def audit_worth(bond: float) -> float:
    """The dearest audit, in dues, that is paid back to its payer when it proves a shortfall."""
    return bond / 2

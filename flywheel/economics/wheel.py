"""How long the wheel turns: many lives of a Treasury that pays grants from what models earn."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from flywheel.economics.assumptions import Assumptions
from flywheel.economics.rules import Rules

LIVES = 4_000
QUARTERS_A_YEAR = 4
SEED = 20_260_101


@dataclass(frozen=True)
class Plan:
    """How a DAO plays: one grant a quarter of at most `grant_size` of what is free for grants.

    Holders get their part unless less than `floor` is free; `start` is what the first round brings.
    Both are in USD.
    """

    grant_size: float
    holders: float
    grants: float
    start: float
    floor: float

    @classmethod
    def of(cls, rules: Rules) -> "Plan":
        """The policy of a file, with grants as large as their cap."""
        grants = min(rules.grants, 1 - rules.holders)
        return cls(rules.grant_cap, rules.holders, grants, rules.start, rules.floor)

    @property
    def reserve(self) -> float:
        """The reserve's part of income."""
        return max(0.0, 1 - self.holders - self.grants)


@dataclass(frozen=True)
class Outcome:
    """Of all lives: the part that ended, the mean number of grants, holders' mean income in USD."""

    ended: float
    grants: float
    holders_income: float


@cache
def play(plan: Plan, assumptions: Assumptions, lives: int = LIVES) -> Outcome:
    """Plays `lives` lives with one seed.

    In each quarter the DAO gives a grant of `grant_size` of the free money, at least a typical
    grant, if it has that much. It fails with `grant_failure`; else its model earns, over its life,
    the grant times a lognormal multiple, halving each `licence_half_life`. Income is split by the
    policy; the reserve is kept. A life has ended when neither the free money nor what the living
    models will still bring to grants pays another typical grant.
    """
    random = np.random.default_rng(SEED)
    free = np.full(lives, plan.start, dtype=float)
    # What the models of a life will still earn, in all.
    ahead = np.zeros(lives)
    ended = np.zeros(lives, dtype=bool)
    holders_income = np.zeros(lives)
    count = np.zeros(lives)
    decay = 0.5 ** (1 / (assumptions.licence_half_life * QUARTERS_A_YEAR))
    mean_log = -(assumptions.income_spread**2) / 2
    for _ in range(round(assumptions.years * QUARTERS_A_YEAR)):
        wanted = np.maximum(free * plan.grant_size, assumptions.typical_grant)
        grant = np.where((free >= assumptions.typical_grant) & ~ended, np.minimum(wanted, free), 0)
        free -= grant
        count += grant > 0
        works = random.random(lives) >= assumptions.grant_failure
        multiple = assumptions.income_multiple * np.exp(
            mean_log + assumptions.income_spread * random.standard_normal(lives)
        )
        income = ahead * (1 - decay)
        ahead = ahead * decay + grant * works * multiple
        for_holders = np.where(free < plan.floor, 0.0, income * plan.holders)
        holders_income += for_holders
        reserve = income * plan.reserve
        free += income - for_holders - reserve
        ended |= _free_if_nothing_were_granted(free, ahead, plan) < assumptions.typical_grant
    return Outcome(float(ended.mean()), float(count.mean()), float(holders_income.mean()))


def _free_if_nothing_were_granted(free: np.ndarray, ahead: np.ndarray, plan: Plan) -> np.ndarray:
    """What would be free for grants once all `ahead` has been earned, USD.

    Up to the floor grants get all but the reserve's part, above it their own.
    """
    below = np.minimum(np.maximum(plan.floor - free, 0), ahead * (1 - plan.reserve))
    above = ahead - below / (1 - plan.reserve) if plan.reserve < 1 else ahead
    return free + below + above * (1 - plan.reserve - plan.holders)

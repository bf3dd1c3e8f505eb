"""What changes when one rule of the file is another: one row for each rule and other value."""

from dataclasses import dataclass, replace

from flywheel.economics import takeover, wheel
from flywheel.economics.assumptions import Assumptions
from flywheel.economics.rules import DAY, Rules

# A quiet and a usual vote, and a DAO that is small enough to fail.
TURNOUTS = (0.05, 0.2)
# What the first round of the small one brings, in typical grants.
SMALL_START = 10
# Field of Rules => values to try instead.
OTHERS: dict[str, tuple[float, ...]] = {
    "quorum": (0.05, 0.2),
    "strict_quorum": (0.15, 0.4),
    "strict_majority": (0.6, 0.8),
    "spend_cap": (0.02, 0.1),
    "grant_cap": (0.1, 0.5),
    "voting_delay": (DAY, 4 * DAY),
    "voting_period": (3 * DAY, 14 * DAY),
    "timelock_delay": (2 * DAY, 14 * DAY),
    "strict_delay": (7 * DAY, 30 * DAY),
    "holders": (0.0, 0.5),
    # In typical grants.
    "floor": (0.0, 5.0),
}


@dataclass(frozen=True)
class Change:
    """One rule with one value: gains at each of TURNOUTS as parts of the value of all tokens."""

    rule: str
    value: float
    is_other: bool
    ordinary_gains: tuple[float, ...]
    strict_gains: tuple[float, ...]
    ordinary_seconds: int
    strict_seconds: int
    ended: float


def changes(rules: Rules, assumptions: Assumptions) -> list[Change]:
    """The rules as they are, then each other value."""
    rows = [_change("all as in the file", 0, False, rules, assumptions)]
    for rule, values in OTHERS.items():
        for other in values:
            value = other * assumptions.typical_grant if rule == "floor" else other
            kept = type(getattr(rules, rule))(value)
            changed = replace(rules, **{rule: kept})
            if rule == "holders":
                # What holders do not get goes to grants; the reserve's part stays.
                changed = replace(changed, grants=rules.grants + rules.holders - kept)
            rows.append(_change(rule, value, True, changed, assumptions))
    return rows


def _change(
    rule: str, value: float, is_other: bool, rules: Rules, assumptions: Assumptions
) -> Change:
    _, ordinary, strict = takeover.votes(rules, assumptions)
    plan = replace(wheel.Plan.of(rules), start=SMALL_START * assumptions.typical_grant)
    return Change(
        rule,
        value,
        is_other,
        _gains(ordinary, assumptions),
        _gains(strict, assumptions),
        rules.ordinary_seconds,
        rules.strict_seconds,
        wheel.play(plan, assumptions).ended,
    )


def _gains(vote: takeover.Vote, assumptions: Assumptions) -> tuple[float, ...]:
    return tuple(takeover.by_market(vote, turnout, assumptions).gain for turnout in TURNOUTS)

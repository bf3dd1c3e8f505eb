"""What it costs to buy a vote, and what it can then take, against the turnout of the others."""

import math
from dataclasses import dataclass

from flywheel.economics.assumptions import Assumptions
from flywheel.economics.rules import DAY, YEAR, Rules

# What is counted as an attack's booty: what has left within these days of the execution.
WINDOW = 30 * DAY
SIMPLE_MAJORITY = 0.5


@dataclass(frozen=True)
class Vote:
    """A class of proposals: what it needs, how long it takes, and what it can take in 30 days."""

    name: str
    quorum: float
    majority: float
    seconds: int
    part_of_free: float


def votes(rules: Rules, assumptions: Assumptions) -> tuple[Vote, Vote, Vote]:
    """Without the rules of this page, and with them an ordinary and a strict proposal."""
    capped = rules.spend_cap + (
        rules.grant_cap * assumptions.grants_share * assumptions.first_payment
    )
    return (
        Vote("no rules", rules.quorum, SIMPLE_MAJORITY, rules.ordinary_seconds, 1.0),
        Vote("ordinary", rules.quorum, SIMPLE_MAJORITY, rules.ordinary_seconds, min(1.0, capped)),
        Vote(
            "strict",
            max(rules.quorum, rules.strict_quorum),
            rules.strict_majority,
            rules.strict_seconds,
            1.0,
        ),
    )


def share_needed(vote: Vote, turnout: float) -> float:
    """Part of all tokens that passes `vote` while `turnout` of the others vote against it.

    With the share a and the others' turnout t: a >= quorum, and a >= majority * (a + t * (1 - a)).
    """
    against = vote.majority * turnout
    return max(vote.quorum, against / (1 - vote.majority + against))


@dataclass(frozen=True)
class Attack:
    """Parts of the value of all tokens before it; `gain` is what is left when all is paid."""

    share: float
    price: float
    taken: float
    gain: float


def by_market(vote: Vote, turnout: float, assumptions: Assumptions) -> Attack:
    """The tokens are bought where others trade, and sold there at the price that is left.

    Buying the share s raises the price to exp(s / depth), so a share a costs
    depth * (exp(a / depth) - 1) of the value of all tokens; selling runs the same way down.
    """
    share = share_needed(vote, turnout)
    price = assumptions.depth * math.expm1(share / assumptions.depth)
    resale = (1 - assumptions.token_loss) * _proceeds(share, assumptions)
    taken = vote.part_of_free * assumptions.free_money
    return Attack(share, price, taken, taken + resale - price * (1 + _interest(vote, assumptions)))


def by_round(vote: Vote, turnout: float, assumptions: Assumptions) -> Attack | None:
    """The tokens are bought in a round, at its price; what was paid is then in the Treasury too.

    None if the round is too small for it. A share a of all tokens, with those of the round, costs
    a / (1 - a) of the value of all tokens before it.
    """
    share = share_needed(vote, turnout)
    if share > assumptions.round_size:
        return None
    price = share / (1 - share)
    resale = (1 - assumptions.token_loss) * (1 + price) * _proceeds(share, assumptions)
    taken = vote.part_of_free * (assumptions.free_money + price)
    return Attack(share, price, taken, taken + resale - price * (1 + _interest(vote, assumptions)))


def safe_turnout(vote: Vote, assumptions: Assumptions) -> float | None:
    """Least turnout of the others, in whole per cent, from which no purchase in a market pays.

    None if it pays at every turnout.
    """
    paying = [
        percent for percent in range(101) if by_market(vote, percent / 100, assumptions).gain > 0
    ]
    first = max(paying, default=-1) + 1
    return None if first > 100 else first / 100


def _proceeds(share: float, assumptions: Assumptions) -> float:
    return -assumptions.depth * math.expm1(-share / assumptions.depth)


def _interest(vote: Vote, assumptions: Assumptions) -> float:
    return assumptions.money_rate * (vote.seconds + WINDOW) / YEAR

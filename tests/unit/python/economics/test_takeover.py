"""The price of a vote: the part that it needs, counted in tokens; its price, in steps."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flywheel.economics import takeover
from flywheel.economics.assumptions import Assumptions
from tests.kits.economics import RULES

TOKENS = 1_000_000
CLASSES = takeover.votes(RULES, Assumptions())
NO_RULES, ORDINARY, STRICT = CLASSES


def passes(vote: takeover.Vote, attacker: int, turnout: float) -> bool:
    """Counts ballots as the Governor does, but lets an equal number pass."""
    against = (TOKENS - attacker) * turnout
    return (
        attacker >= vote.quorum * TOKENS - 1e-6
        and attacker >= vote.majority * (attacker + against) - 1e-6
    )


@given(turnout=st.floats(0, 1), vote=st.sampled_from(CLASSES))
def test_share_needed__any_turnout__is_the_least_that_passes(turnout, vote):
    share = takeover.share_needed(vote, turnout)

    assert passes(vote, math.ceil(share * TOKENS), turnout)
    assert not passes(vote, math.floor(share * TOKENS) - 1, turnout)


@given(turnout=st.floats(0, 1), vote=st.sampled_from(CLASSES))
def test_by_market__any_turnout__price_is_the_sum_of_small_purchases(turnout, vote):
    world = Assumptions(depth=0.5)
    attack = takeover.by_market(vote, turnout, world)
    steps = 2_000
    bought = (attack.share * (step + 0.5) / steps for step in range(steps))
    price = sum(math.exp(share / world.depth) for share in bought) * attack.share / steps

    assert attack.price == pytest.approx(price, rel=1e-4)


def test_by_market__more_votes_against__earns_less():
    for vote in CLASSES:
        gains = [
            takeover.by_market(vote, percent / 100, Assumptions()).gain for percent in range(101)
        ]
        assert gains == sorted(gains, reverse=True)


def test_by_market__caps__take_the_profit_that_no_rules_leave():
    turnout = 0.2

    assert takeover.by_market(NO_RULES, turnout, Assumptions()).gain > 0.5
    assert takeover.by_market(ORDINARY, turnout, Assumptions()).gain < 0
    assert takeover.by_market(STRICT, turnout, Assumptions()).gain < 0


def test_by_round__share_above_the_round__is_impossible():
    turnout = 0.1
    share = takeover.share_needed(STRICT, turnout)

    assert takeover.by_round(STRICT, turnout, Assumptions(round_size=share)) is not None
    assert takeover.by_round(STRICT, turnout, Assumptions(round_size=share - 0.001)) is None


def test_by_round__all_taken__brings_the_price_back():
    attack = takeover.by_round(NO_RULES, 0.1, Assumptions(money_rate=0, token_loss=1))

    assert attack is not None
    assert attack.gain == pytest.approx(1)
    assert attack.price == pytest.approx(1 / 9)


def test_safe_turnout__each_class__is_where_the_gain_turns():
    for vote in CLASSES:
        turnout = takeover.safe_turnout(vote, Assumptions())
        assert turnout is not None
        assert takeover.by_market(vote, turnout, Assumptions()).gain <= 0
        assert takeover.by_market(vote, turnout - 0.01, Assumptions()).gain > 0


def test_safe_turnout__free_purchase__is_none():
    assert takeover.safe_turnout(NO_RULES, Assumptions(free_money=10, depth=1)) is None

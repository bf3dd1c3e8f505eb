"""The lives of the wheel: sure ends, sure survivals, and what makes them longer."""

from dataclasses import replace

import pytest

from flywheel.economics import wheel
from flywheel.economics.assumptions import Assumptions

PLAN = wheel.Plan(grant_size=0.25, holders=0.2, grants=0.7, start=2e6, floor=200_000)
WORLD = Assumptions()


def test_play__same_plan_twice__same_outcome():
    assert wheel.play(PLAN, WORLD) == wheel.play(PLAN, WORLD)


def test_play__no_grant_ever_fails_and_income_is_sure__never_ends():
    world = replace(WORLD, grant_failure=0, income_spread=0, income_multiple=2)

    assert wheel.play(PLAN, world).ended == 0


def test_play__every_grant_fails__always_ends_and_pays_nobody():
    outcome = wheel.play(PLAN, replace(WORLD, grant_failure=1))

    assert outcome.ended == 1
    assert outcome.holders_income == 0


def test_play__one_grant_of_all_with_certain_income__counts_to_the_dollar():
    """One grant in the first quarter; the income of the second quarter is split once."""
    world = replace(
        WORLD,
        grant_failure=0,
        income_spread=0,
        income_multiple=1,
        years=0.5,
        licence_half_life=0.25,
    )
    plan = replace(PLAN, grant_size=1, start=1_000_000, floor=0)

    # Half of the million arrives in a half-life of a quarter, and a fifth of it is theirs.
    assert wheel.play(plan, world, lives=3).holders_income == pytest.approx(100_000)


def test_play__floor_above_what_is_free__pays_holders_nothing():
    plan = replace(PLAN, floor=1e12)

    assert wheel.play(plan, WORLD).holders_income == 0
    assert wheel.play(replace(plan, floor=0), WORLD).holders_income > 0


@pytest.mark.parametrize("failure", [0.2, 0.4, 0.6])
def test_play__larger_grants__end_sooner(failure):
    world = replace(WORLD, grant_failure=failure)
    ends = [
        wheel.play(replace(PLAN, grant_size=size), world).ended for size in (0.1, 0.25, 0.5, 1.0)
    ]

    assert ends == sorted(ends)
    assert ends[-1] > ends[0] + 0.2


def test_play__floor__keeps_wheels_turning():
    greedy = replace(PLAN, holders=0.8, grants=0.1)

    with_floor, without = (
        wheel.play(replace(greedy, floor=floor), WORLD).ended for floor in (200_000, 0)
    )
    assert with_floor < without - 0.1

"""TrainingGrants against a small model of its own: streams, decisions in part and ends.

The model knows nothing of progress or packing: a milestone has an amount, a stream, a second of
acceptance and what it earned. It says what must have been paid and given back by any second.
"""

from dataclasses import dataclass

import boa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import support
from tests.kits.grants import (
    DATA,
    NOTHING,
    REVIEW_SECONDS,
    TREASURY_FUNDS,
    WHOLE,
    milestone_terms,
)
from tests.support import DAY

DAYS = st.integers(0, 6 * DAY)
PARTS = st.one_of(
    st.sampled_from([NOTHING, 1, 3_333, 9_999, WHOLE]),
    st.integers(0, WHOLE),
)
# What happens to the milestone in turn: time accepts it, or a vote decides, and then a draw or not.
STEP = st.tuples(st.one_of(st.none(), PARTS), DAYS, st.booleans())


@dataclass
class Promise:
    """A milestone: units, seconds, and once it is accepted its second and what it earned."""

    amount: int
    stream: int
    accepted_at: int | None = None
    earned: int = 0

    def released(self, until: int) -> int:
        if self.accepted_at is None:
            return 0
        elapsed = until - self.accepted_at
        return self.earned if elapsed >= self.stream else self.earned * elapsed // self.stream


@dataclass
class Model:
    """What the Treasury holds for a grant, and what has left it."""

    promises: list[Promise]
    bond: int
    paid: int = 0
    returned: int = 0
    bond_paid: int = 0
    bond_lost: int = 0
    ended_at: int | None = None

    @property
    def total(self) -> int:
        return sum(one.amount for one in self.promises)

    def turn(self) -> Promise | None:
        return next((one for one in self.promises if one.accepted_at is None), None)

    def drawable(self, now: int) -> int:
        until = now if self.ended_at is None else self.ended_at
        return sum(one.released(until) for one in self.promises) - self.paid

    def accept(self, now: int, pay_bps: int) -> None:
        one = self.turn()
        one.accepted_at = now
        one.earned = one.amount * pay_bps // WHOLE
        self.returned += one.amount - one.earned

    def draw(self, now: int) -> int:
        amount = self.drawable(now)
        self.paid += amount
        is_done = self.turn() is None and all(
            one.released(now) == one.earned for one in self.promises
        )
        if is_done and self.ended_at is None and not self.bond_paid:
            self.bond_paid = self.bond
        return amount

    def end(self, now: int) -> None:
        self.ended_at = now
        self.returned = self.total - sum(one.released(now) for one in self.promises)
        self.bond_lost = self.bond

    def committed(self) -> int:
        bond = self.bond - self.bond_paid - self.bond_lost
        return self.total - self.paid - self.returned + bond


@pytest.mark.deep
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    amounts=st.lists(st.integers(1, 40), min_size=3, max_size=5),
    unit=st.sampled_from([1, 7, 10**6]),
    streams=st.lists(st.one_of(st.just(0), st.integers(1, 30 * DAY)), min_size=5, max_size=5),
    steps=st.lists(STEP, min_size=1, max_size=8),
    ends=st.booleans(),
    late=st.integers(0, 60 * DAY),
)
def test_payments__any_way_through_a_grant__are_what_the_model_says(
    world, amounts, unit, streams, steps, ends, late
):
    amounts = within_bounds(amounts, unit)
    with boa.env.anchor():
        model, grant_id = start(world, amounts, streams)
        for pay_bps, seconds, draws in steps:
            if model.turn() is None:
                break
            advance(world, grant_id, model, pay_bps, seconds)
            check(world, grant_id, model)
            if draws:
                draw(world, grant_id, model)
        if ends and not model.bond_paid:
            world.terminate(grant_id)
            model.end(support.now())
            check(world, grant_id, model)
        support.pass_time(late)
        draw(world, grant_id, model)
        if model.ended_at is not None or model.turn() is None:
            # In the end each unit was paid or has been given back.
            support.pass_time(30 * DAY)
            draw(world, grant_id, model)
            assert world.committed() == 0
            assert model.paid + model.returned == model.total
            assert model.bond_paid + model.bond_lost == model.bond


def within_bounds(amounts: list[int], unit: int) -> list[int]:
    """The amounts, made to keep to the thirds and the tenth."""
    total = sum(amounts)
    if max(amounts) * 3 > total or amounts[-1] * 10 < total:
        amounts = [amounts[0]] * len(amounts)
    return [amount * unit for amount in amounts]


def start(world, amounts: list[int], streams: list[int]) -> tuple[Model, int]:
    # Far apart, so that no date comes in the way of the steps.
    milestones = [
        milestone_terms(amount, 200 * DAY * (index + 1), stream_seconds=streams[index])
        for index, amount in enumerate(amounts)
    ]
    bond = -(-sum(amounts) // 10)
    grant_id = world.active(kind=DATA, split=[], milestones=milestones, bond=bond)
    promises = [Promise(*pair) for pair in zip(amounts, streams, strict=False)]
    return Model(promises, bond), grant_id


def advance(world, grant_id, model, pay_bps: int | None, seconds: int) -> None:
    """Submits; time accepts it (`pay_bps` is None) or a vote decides after `seconds`."""
    world.submit(grant_id)
    if pay_bps is None:
        support.pass_time(REVIEW_SECONDS + seconds)
        model.accept(support.now() - seconds, WHOLE)
        return
    support.pass_time(seconds)
    world.decide(grant_id, pay_bps)
    if pay_bps:
        model.accept(support.now(), pay_bps)


def draw(world, grant_id, model) -> None:
    """Draws if the model says that there is anything, a bond included; else it is refused."""
    before = world.asset.balanceOf(world.builder)
    bond_before = model.bond_paid
    amount = model.draw(support.now())
    bond = model.bond_paid - bond_before
    if amount or bond:
        assert world.grants.draw(grant_id) == amount
    else:
        with boa.reverts("nothing to draw"):
            world.grants.draw(grant_id)
    assert world.asset.balanceOf(world.builder) == before + amount + bond
    check(world, grant_id, model)


def check(world, grant_id, model) -> None:
    assert world.grants.drawable(grant_id) == model.drawable(support.now())
    assert world.committed() == model.committed()
    assert world.free() == TREASURY_FUNDS - model.total + model.returned + model.bond_lost
    for number, one in enumerate(model.promises, start=1):
        found = world.grants.milestone(grant_id, number)
        assert (found.accepted_at, found.earned) == (one.accepted_at or 0, one.earned)
        assert found.paid <= found.earned <= found.amount == one.amount
    paid = [world.grants.milestone(grant_id, n + 1).paid for n in range(len(model.promises))]
    assert sum(paid) == model.paid


@pytest.mark.parametrize("pay_bps", [1, 3_333, WHOLE])
def test_model__one_milestone__by_hand(pay_bps):
    """The model itself, against figures worked out by hand."""
    model = Model([Promise(30_000, 100), Promise(30_000, 0)], bond=6_000)
    model.accept(1_000, pay_bps)
    earned = {1: 3, 3_333: 9_999, WHOLE: 30_000}[pay_bps]
    assert model.returned == 30_000 - earned
    assert model.draw(1_050) == earned // 2
    model.end(1_075)
    assert model.draw(9_999) == earned * 3 // 4 - earned // 2
    assert model.committed() == 0

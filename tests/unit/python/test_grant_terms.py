"""Bounds of applications in Python, each beside the figure that still passes."""

from dataclasses import replace

import pytest

from flywheel.grants import grant_terms
from flywheel.grants.grant_terms import GrantTerms, MilestoneTerms, Share
from flywheel.states import GrantKind, ReceiverKind

DAY = 86_400
FIRST = MilestoneTerms("a", 10, 28 * DAY, compute_unlocked=18)
THIRD = MilestoneTerms("b", 10, 42 * DAY, compute_unlocked=30)
LAST = MilestoneTerms("c", 10, 56 * DAY, compute_unlocked=12, model_required=True)
TERMS = GrantTerms(
    kind=GrantKind.TRAINING,
    purpose=2,
    bond=9,
    carbon_budget_grams=0,
    max_price_per_gpu_hour=1,
    max_compute_per_day=1,
    milestones=(FIRST, THIRD, LAST),
    split=(Share(ReceiverKind.TREASURY, 10_000),),
    max_owed_bps=5_000,
    terms_hash=b"\1" * 32,
    terms_uri="ipfs://terms",
)

# The name in the file of what the terms call otherwise.
PLACES = {"amount": "amount", "compute_unlocked": "compute"}


def changed(index: int, **changes: object) -> GrantTerms:
    milestones = list(TERMS.milestones)
    milestones[index] = replace(milestones[index], **changes)  # type: ignore[arg-type]
    return replace(TERMS, milestones=tuple(milestones))


def found(terms: GrantTerms) -> list[tuple[str | int, ...]]:
    return [fault.where for fault in grant_terms.faults(terms, str)]


def test_faults__terms_at_every_bound__have_none():
    assert found(TERMS) == []
    assert (TERMS.total, TERMS.compute_budget, TERMS.milestones_total) == (90, 60, 30)


@pytest.mark.parametrize(
    ("terms", "where"),
    [
        (replace(TERMS, milestones=()), ("milestones",)),
        (changed(0, due_seconds=28 * DAY - 1), ("milestones", 0, "due")),
        (changed(1, due_seconds=42 * DAY - 1), ("milestones", 1, "due")),
        (changed(2, due_seconds=5 * 365 * DAY + 1), ("milestones", 2, "due")),
        (
            replace(TERMS, max_compute_per_day=TERMS.compute_budget // 7 + 1),
            ("max_compute_per_day",),
        ),
        (changed(0, stream_seconds=730 * DAY + 1), ("milestones", 0, "stream")),
        (changed(0, compute_unlocked=19), ("milestones", 0, "compute")),
        (changed(1, compute_unlocked=31), ("milestones", 1, "compute")),
        (changed(2, amount=2), ("milestones", 2, "amount")),
        (changed(2, model_required=False), ("milestones", 2, "model")),
        (replace(TERMS, bond=8), ("bond",)),
        (replace(TERMS, max_price_per_gpu_hour=0), ("max_price_per_gpu_hour",)),
        (replace(TERMS, max_compute_per_day=0), ("max_compute_per_day",)),
        (replace(TERMS, split=()), ("split",)),
        (replace(TERMS, split=(Share(ReceiverKind.TREASURY, 9_999),)), ("split",)),
        (replace(TERMS, kind=GrantKind.SERVING), ("milestones", 2, "model")),
        (replace(TERMS, kind=GrantKind.SERVING), ("split",)),
        (replace(TERMS, max_owed_bps=5_001), ("max_owed_bps",)),
    ],
)
def test_faults__beyond_one_bound__names_its_place(terms, where):
    assert where in found(terms)


def test_faults__amount_above_a_third__is_told_with_the_third():
    fault, *_ = grant_terms.faults(changed(0, amount=60), lambda units: f"{units} USDC")
    assert fault.where == ("milestones", 0, "amount")
    assert fault.reason == (
        "at most a third of milestones and compute, which is half of all else of them: at most "
        "40 USDC"
    )


@pytest.mark.parametrize("size", [1, 7, 1_000_003])
@pytest.mark.parametrize(
    ("index", "name", "value", "step"),
    [
        (0, "amount", 80, 1),
        (1, "compute_unlocked", 50, 1),
        (0, "compute_unlocked", 25, 1),
        (2, "amount", 1, -1),
        (None, "bond", 3, -1),
        (None, "max_compute_per_day", 30, 1),
    ],
)
def test_faults__figure_that_is_told__is_the_last_that_passes(index, name, value, step, size):
    """Whoever follows a figure is not told another one, and a unit beyond it is too much."""
    items = tuple(
        replace(item, amount=item.amount * size, compute_unlocked=item.compute_unlocked * size)
        for item in TERMS.milestones
    )
    large = replace(TERMS, milestones=items, bond=TERMS.bond * size + size // 3)

    def with_value(units: int) -> GrantTerms:
        if index is None:
            return replace(large, **{name: units})  # type: ignore[arg-type]
        changed_item = replace(items[index], **{name: units})  # type: ignore[arg-type]
        return replace(large, milestones=(*items[:index], changed_item, *items[index + 1 :]))

    def figures(terms: GrantTerms) -> list[int]:
        where = (name,) if index is None else ("milestones", index, PLACES[name])
        told = grant_terms.faults(terms, lambda units: f"<{units}>")
        return [
            int(item.reason.split("<")[-1].split(">")[0]) for item in told if item.where == where
        ]

    (told,) = figures(with_value(value * size))
    assert figures(with_value(told)) == []
    assert figures(with_value(told + step)) == [told]


def test_unlocked__first_milestone__gets_fifteen_per_cent_and_the_bond():
    assert grant_terms.unlocked(100_000, 13_000, 30_000, 3) == [28_000, 36_000, 36_000]
    # Never above a third, nor above all there is.
    assert grant_terms.unlocked(100_000, 90_000, 30_000, 3)[0] == 43_333
    assert grant_terms.unlocked(7, 0, 10**6, 4) == [1, 2, 2, 2]
    assert grant_terms.unlocked(5, 0, 10, 1) == [5]


@pytest.mark.parametrize("budget", [0, 1, 99_999, 10**12 + 7])
def test_unlocked__any_budget__sums_up(budget):
    for count in range(1, 17):
        assert sum(grant_terms.unlocked(budget, 1_000, 50_000, count)) == budget

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
    assert fault.reason == "at most a third of milestones and compute, here 46 USDC"


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

"""A second model of docs/reference/rewards.md, for tests of the production code against it.

It is slow and obvious on purpose: plain loops over plain dictionaries, whole numbers where the
document has them, and Python's floats (IEEE doubles) only for the quality, in the order of
operations that the document gives. It was written from the document alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from unicodedata import normalize

# A share of judges is counted in this many parts; up to 16 others divide it without a rest.
PARTS = 2**4 * 9 * 5 * 7 * 11 * 13
POINTS_OF_AN_APPEAL = 1_000


class Judgement(NamedTuple):
    """One row: a worker gave a task a label at a time, in seconds."""

    worker: str
    task: str
    label: str
    time: int = 0


@dataclass(frozen=True)
class ModelRule:
    """The fields of `inputs/rule.yaml` with their defaults."""

    judges: int = 3
    most_judges: int = 0
    confidence: float = 1.0
    full_at: float = 0.125
    gold_least: int = 20


# What is left of the rows: task -> person -> label.
Judgements = dict[str, dict[str, str]]

# One worker's labels that count, each with its reference.
Judged = list[tuple[str, dict[str, int]]]


class Agreement(NamedTuple):
    """What a worker's quality is made of."""

    counted: int
    kappa: float
    # Whether there are enough judgements of gold tasks, so that `kappa` is of these only.
    is_by_gold: bool


def name(text: str) -> str:
    """Names are compared without white space around them and with composed accents."""
    return normalize("NFC", text.strip())


def name_order(worker: str) -> bytes:
    """Workers are ordered by the UTF-8 bytes of their names."""
    return worker.encode("utf-8")


def under_their_persons(
    rows: Iterable[Judgement], persons: dict[str, str] | None
) -> list[Judgement]:
    """Step 1, with names as they are compared: what a worker says is said by its person."""
    person_of = {name(worker): name(person) for worker, person in (persons or {}).items()}
    said = []
    for row in rows:
        worker = name(row.worker)
        person = person_of.get(worker, worker)
        said.append(Judgement(person, name(row.task), name(row.label), row.time))
    return said


def judgements_that_are_left(
    said: list[Judgement], rule: ModelRule, tasks: set[str] | None
) -> Judgements:
    """Steps 2, 3 and 4, one after the other."""
    # Step 2: the earliest of a person and task, if the earliest name one label only.
    of_both: dict[tuple[str, str], list[Judgement]] = {}
    for row in said:
        of_both.setdefault((row.worker, row.task), []).append(row)
    one_each: list[Judgement] = []
    for (person, task), rows in of_both.items():
        earliest = min(row.time for row in rows)
        labels = {row.label for row in rows if row.time == earliest}
        if len(labels) == 1:
            one_each.append(Judgement(person, task, labels.pop(), earliest))

    # Step 3: only the listed tasks, if there is a list.
    if tasks is not None:
        one_each = [row for row in one_each if row.task in tasks]

    # Step 4: the first so many by time, with those of the same second as the last of them.
    of_task: dict[str, list[Judgement]] = {}
    for row in one_each:
        of_task.setdefault(row.task, []).append(row)
    left: Judgements = {}
    for task, rows in of_task.items():
        if rule.most_judges != 0 and len(rows) > rule.most_judges:
            last = sorted(row.time for row in rows)[rule.most_judges - 1]
            rows = [row for row in rows if row.time <= last]
        left[task] = {row.worker: row.label for row in rows}
    return left


def reference(
    labels: dict[str, str], gold: str | None, worker: str, rule: ModelRule
) -> dict[str, int] | None:
    """The distribution that a judgement is held against, in parts, or None if it does not count."""
    if gold is not None:
        return {gold: PARTS}
    others = [label for judge, label in labels.items() if judge != worker]
    if len(others) < rule.judges - 1:
        return None
    return {k: PARTS * others.count(k) // len(others) for k in set(others)}


def kappa_at(judged: Judged, z: float) -> float:
    """Kappa at the lower bound at z standard errors."""
    n = len(judged)
    if n == 0:
        return 0.0
    agreed = sum(r.get(label, 0) for label, r in judged)
    chance = 0
    for k in {label for label, _r in judged}:
        said = sum(1 for label, _r in judged if label == k)
        chance += said * sum(r.get(k, 0) for _label, r in judged)

    # From here on IEEE doubles, in the order of the document. Python divides one whole number by
    # another to the nearest double, however large they are.
    o = agreed / (PARTS * n)
    e = chance / (PARTS * n * n)
    if e >= 1:
        return 0.0
    margin = z * math.sqrt(o * (1 - o) / n + z * z / (4 * n * n))
    low = (o + z * z / (2 * n) - margin) / (1 + z * z / n)
    return (low - e) / (1 - e)


def agreement(judged: Judged, judged_by_gold: Judged, rule: ModelRule) -> Agreement:
    """K of a worker: of gold tasks only if it judged enough of them, else of all that counts."""
    is_by_gold = rule.gold_least != 0 and len(judged_by_gold) >= rule.gold_least
    kappa = kappa_at(judged_by_gold if is_by_gold else judged, float(rule.confidence))
    return Agreement(len(judged), kappa, is_by_gold)


def quality_of(kappa: float, rule: ModelRule) -> int:
    """The quality in thousandths of an agreement above chance."""
    return math.floor(1000 * min(1, max(0, kappa / float(rule.full_at))))


def model_judged(
    rows: Iterable[Judgement],
    rule: ModelRule,
    gold: dict[str, str] | None = None,
    tasks: set[str] | None = None,
    persons: dict[str, str] | None = None,
) -> dict[str, tuple[Judged, Judged]]:
    """Worker -> (all of its judgements that count, those of them on tasks with a gold answer)."""
    answers = {name(task): name(label) for task, label in (gold or {}).items()}
    listed = None if tasks is None else {name(task) for task in tasks}
    said = under_their_persons(rows, persons)
    left = judgements_that_are_left(said, rule, listed)
    judged_of = {}
    for worker in sorted({row.worker for row in said}, key=name_order):
        judged: Judged = []
        judged_by_gold: Judged = []
        for task, labels in left.items():
            if worker in labels:
                r = reference(labels, answers.get(task), worker, rule)
                if r is not None:
                    judged.append((labels[worker], r))
                    if task in answers:
                        judged_by_gold.append((labels[worker], r))
        judged_of[worker] = (judged, judged_by_gold)
    return judged_of


def model_agreements(
    rows: Iterable[Judgement],
    rule: ModelRule,
    gold: dict[str, str] | None = None,
    tasks: set[str] | None = None,
    persons: dict[str, str] | None = None,
) -> dict[str, Agreement]:
    """Worker -> what its quality is made of; see `model_scores`."""
    return {
        worker: agreement(judged, judged_by_gold, rule)
        for worker, (judged, judged_by_gold) in model_judged(
            rows, rule, gold, tasks, persons
        ).items()
    }


def model_scores(
    rows: Iterable[Judgement],
    rule: ModelRule,
    gold: dict[str, str] | None = None,
    tasks: set[str] | None = None,
    persons: dict[str, str] | None = None,
) -> dict[str, tuple[int, int]]:
    """Worker -> (judgements that count, quality in thousandths).

    A worker of `persons` is in it under its person's name. All of the rows are in it, also those of
    whom no judgement counts.
    """
    agreements = model_agreements(rows, rule, gold, tasks, persons)
    return {
        worker: (one.counted, quality_of(one.kappa, rule)) for worker, one in agreements.items()
    }


def model_points(scores: dict[str, tuple[int, int]], appeals: dict[str, int]) -> dict[str, int]:
    """Worker -> points; `appeals` says how many of a worker's were accepted."""
    points = {worker: n * quality for worker, (n, quality) in scores.items()}
    for worker, accepted in appeals.items():
        points[worker] = points.get(worker, 0) + POINTS_OF_AN_APPEAL * accepted
    return points


def model_units(points: dict[str, int], budget: int) -> dict[str, int]:
    """Worker -> units of the budget, which are zero for some."""
    total = sum(points.values())
    if total == 0:
        raise ValueError("there is no drop without any points")
    units = {}
    before = 0
    points_so_far = 0
    for worker in sorted(points, key=name_order):
        points_so_far += points[worker]
        together = budget * points_so_far // total
        units[worker] = together - before
        before = together
    return units


def model_leaves(units: dict[str, int], accounts: dict[str, str]) -> dict[str, int]:
    """Address in lower case -> units; a worker with units and without an address is a KeyError."""
    leaves: dict[str, int] = {}
    for worker, amount in units.items():
        if amount != 0:
            account = accounts[worker].lower()
            leaves[account] = leaves.get(account, 0) + amount
    return leaves

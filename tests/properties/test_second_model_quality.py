"""P7: the quality of labelling beside a second plain-Python model, written from the text alone.

Jobs are random: repeated and contradictory judgements, equal and different times, several spellings
of a name, gold answers, lists of tasks, persons with several accounts, and rules that differ from
the default. The production code reads them from CSV files whose rows are in any order. It refuses
files without rows, persons who are workers of another person, and times before 1970, so there are
none of these.

In crowds with a ring, workers who agree in secret on one random answer, gold answers contradict
what others say, and the tests make sure that they do.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unicodedata import normalize

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from flywheel.rewards import scoring
from flywheel.rewards.judgements import Job
from flywheel.rewards.rules import LabelRule
from tests.properties.quality_model import (
    Agreement,
    Judgement,
    ModelRule,
    agreement,
    kappa_bounds,
    model_agreements,
    model_judged,
    model_scores,
    quality_of,
)

EXAMPLES = 300 * int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
FIRST = int(os.environ.get("FLYWHEEL_FIRST_SEED", "0"))
RINGS = 10 * int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
CROWDS = 10 * int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
REAL = Path(__file__).parents[2] / "data" / "adult-content-labels"

WORKERS = ("a", "b", "\u00e9", "Z", "w 5", "10", "9")
TASKS = tuple(f"t{number}" for number in range(12))
LABELS = ("G", "X", "\u00f6", "1")
NOON = 1_800_000_000


class World(NamedTuple):
    """A job, a rule, and how the files say it."""

    rows: list[Judgement]
    rule: ModelRule
    gold: dict[str, str] | None
    tasks: set[str] | None
    persons: dict[str, str] | None
    column_time: bool
    iso: bool


def write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def time_text(seconds: int, iso: bool) -> str:
    if not iso:
        return str(seconds)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def production_scores(world: World) -> dict[str, tuple[int, int]]:
    rule = world.rule
    with TemporaryDirectory() as name:
        folder = Path(name)
        columns: tuple[str, ...] = ("worker", "task", "label")
        lines: list[tuple[object, ...]] = [row[:3] for row in world.rows]
        if world.column_time:
            columns = (*columns, "time")
            lines = [(*row[:3], time_text(row.time, world.iso)) for row in world.rows]
        labels = write(folder / "labels.csv", columns, lines)
        gold = tasks = persons = None
        if world.gold is not None:
            gold = write(folder / "gold.csv", ("task", "label"), world.gold.items())
        if world.tasks is not None:
            tasks = write(folder / "tasks.csv", ("task",), ((task,) for task in world.tasks))
        if world.persons is not None:
            persons = write(folder / "persons.csv", ("worker", "person"), world.persons.items())
        with Job(labels, gold=gold, tasks=tasks, persons=persons) as job:
            scores = scoring.score(
                job,
                LabelRule(
                    judges=rule.judges,
                    most_judges=rule.most_judges,
                    confidence=rule.confidence,
                    full_at=rule.full_at,
                ),
            )
            return {item.worker: (item.counted, item.quality) for item in scores.workers}


def expected_scores(world: World) -> dict[str, tuple[int, int]]:
    return model_scores(world.rows, world.rule, world.gold, world.tasks, world.persons)


def agreements_of(world: World) -> dict[str, Agreement]:
    return model_agreements(world.rows, world.rule, world.gold, world.tasks, world.persons)


def contradicted(world: World) -> set[str]:
    """The workers of whom only judgements on tasks with gold answers count."""
    return {worker for worker, one in agreements_of(world).items() if one.is_contradicted}


def spellings(text: str) -> st.SearchStrategy[str]:
    """The name as it is, nearly always; else with white space or with its accents apart."""
    apart = normalize("NFD", text)
    return st.sampled_from([text] * 6 + [f" {text}", f"{text}\t ", apart, f" {apart} "])


RULES = st.builds(
    ModelRule,
    judges=st.one_of(st.integers(2, 4), st.integers(2, 8), st.just(100)),
    most_judges=st.one_of(st.just(0), st.integers(1, 4), st.just(100)),
    confidence=st.one_of(st.sampled_from([0.0, 0.5, 1.0, 10.0]), st.floats(0, 10)),
    full_at=st.one_of(st.sampled_from([0.01, 0.125, 1.0]), st.floats(0.01, 1)),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    workers = WORKERS[: draw(st.integers(2, 7))]
    tasks = TASKS[: draw(st.integers(1, 12))]
    labels = LABELS[: draw(st.integers(1, 4))]
    rule = draw(RULES)
    times = draw(
        st.sampled_from([st.just(NOON), st.integers(NOON, NOON + 3), st.integers(0, 4 * 10**9)])
    )

    # Each worker says something of most tasks, and some say more than one thing.
    said = [
        (worker, task, label)
        for worker in workers
        for task in tasks
        if (label := draw(st.sampled_from([*labels, *labels, None]))) is not None
    ]
    some = st.tuples(st.sampled_from(workers), st.sampled_from(tasks), st.sampled_from(labels))
    said += draw(st.lists(some, min_size=0 if said else 1, max_size=6))
    rows = [Judgement(*(draw(spellings(text)) for text in one), draw(times)) for one in said]

    times_differ = len({row.time for row in rows}) > 1
    column_time = times_differ or rule.most_judges != 0 or draw(st.booleans())
    of_gold = st.sampled_from([*tasks, "of nobody"])
    gold = draw(
        st.none() | st.dictionaries(of_gold, st.sampled_from([*labels, "unsaid"]), min_size=1)
    )
    listed = draw(st.none() | st.sets(st.sampled_from([*tasks, "of nobody"]), min_size=1))
    persons = None
    if draw(st.booleans()):
        # A person is somebody new, or a worker of the rows that is not somebody else itself.
        of_persons = st.sampled_from([*workers, "nobody"])
        accounts = draw(st.sets(of_persons, min_size=1, max_size=5))
        heads = sorted({"p", "\u00e4", *workers} - accounts)
        persons = {
            draw(spellings(account)): draw(st.sampled_from(heads)) for account in sorted(accounts)
        }
    return World(
        rows=draw(st.permutations(rows)),
        rule=rule,
        gold=gold,
        tasks=listed,
        persons=persons,
        column_time=column_time,
        iso=draw(st.booleans()),
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(worlds())
def test_quality__when_a_job_is_small__then_production_and_the_model_say_the_same(world):
    assert production_scores(world) == expected_scores(world)
    event(f"contradicted by gold: {len(contradicted(world))}")


def crowd(seed: int) -> World:
    """Many judges of a task, so that the shares of the others are no whole numbers of parts."""
    dice = Random(seed)
    workers = [f"w{number}" for number in range(dice.randint(18, 60))]
    care = {worker: dice.random() for worker in workers}
    labels = [f"l{number}" for number in range(dice.randint(2, 6))]
    rows = []
    for task in range(dice.randint(20, 60)):
        truth = dice.choice(labels)
        for worker in workers:
            for _ in range(dice.choice((0, 1, 1, 1, 1, 2))):
                label = truth if dice.random() < care[worker] else dice.choice(labels)
                rows.append(Judgement(worker, f"t{task}", label, NOON + dice.randint(0, 99)))
    dice.shuffle(rows)
    rule = ModelRule(
        judges=dice.choice((2, 3, 20, 30)),
        most_judges=dice.choice((0, 0, 10, 20, 30)),
        confidence=dice.choice((0.0, 1.0, dice.uniform(0, 10))),
        full_at=dice.choice((0.125, 1.0, dice.uniform(0.01, 1))),
    )
    gold = {f"t{number}": dice.choice(labels) for number in range(dice.choice((0, 5, 50)))} or None
    tasks = {f"t{number}" for number in range(30)} if dice.random() < 0.5 else None
    people = dice.sample(workers, dice.choice((0, 5, 12)))
    persons = {worker: f"p{dice.randint(0, 3)}" for worker in people} or None
    return World(rows, rule, gold, tasks, persons, True, dice.random() < 0.5)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + CROWDS))
def test_quality__when_a_crowd_judges__then_production_and_the_model_say_the_same(seed):
    world = crowd(seed)
    assert production_scores(world) == expected_scores(world)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + CROWDS))
def test_quality__when_pay_in_full_is_one_step_of_a_double_away__then_both_say_so(seed):
    # With `full_at` of exactly a worker's agreement its quality is 1000, and with the next larger
    # double 999: any other order of the operations would show for some of the workers.
    world = crowd(seed)
    rule = replace(world.rule, confidence=1.0 + seed % 63 / 7)
    agreements = agreements_of(world._replace(rule=rule))
    worthy = [worker for worker, one in agreements.items() if 0.01 <= one.kappa < 1]
    for worker in worthy[:8]:
        exact = agreements[worker].kappa
        for full_at, quality in ((exact, 1000), (math.nextafter(exact, 2), 999)):
            close = world._replace(rule=replace(rule, full_at=full_at))
            assert expected_scores(close)[worker][1] == quality
            assert production_scores(close) == expected_scores(close)


def crowd_with_a_ring(seed: int) -> World:
    """A ring gives one random answer to each task, and 30 to 60 tasks have gold answers.

    Most judges are of the ring, so others agree with its members, but experts do not. Some members
    look at a task now and then, which brings them near to what is just no contradiction.
    """
    dice = Random(seed)
    labels = [f"l{number}" for number in range(dice.randint(2, 5))]
    with_gold = dice.randint(30, 60)
    tasks = with_gold + dice.randint(120, 180)
    ring = [f"r{number}" for number in range(dice.randint(10, 16))]
    honest = [f"h{number}" for number in range(dice.randint(2, 4))]
    looks = {worker: dice.choice((0.0, 0.1, 0.2, 0.4, 0.8)) for worker in ring}
    looks.update(dict.fromkeys(ring[:6], 0.0))
    care = {worker: dice.uniform(0.3, 1) for worker in honest}
    truths = [dice.choice(labels) for _ in range(tasks)]
    answers = [dice.choice(labels) for _ in range(tasks)]
    # A ring with more luck than chance gives it might not be contradicted.
    while sum(map(str.__eq__, answers[:with_gold], truths)) > with_gold / len(labels):
        answers = [dice.choice(labels) for _ in range(tasks)]
    gold = {f"t{task}": truths[task] for task in range(with_gold)}
    rows = []
    for task, (truth, agreed) in enumerate(zip(truths, answers, strict=True)):
        for worker in (*ring, *honest):
            if dice.random() < 0.1:
                continue
            label = agreed
            if worker in looks:
                # Nobody of the ring knows which tasks have gold, but some guess well.
                if task < with_gold and dice.random() < looks[worker]:
                    label = truth
            else:
                label = truth if dice.random() < care[worker] else dice.choice(labels)
            rows.append(Judgement(worker, f"t{task}", label, NOON + dice.randint(0, 99)))
            if dice.random() < 0.02:
                again = dice.choice(labels)
                rows.append(Judgement(worker, f"t{task}", again, NOON + dice.randint(0, 99)))
    dice.shuffle(rows)
    rule = ModelRule(
        judges=dice.choice((2, 3, 6)),
        most_judges=dice.choice((0, 0, 0, 12)),
        confidence=dice.choice((0.0, 1.0, dice.random())),
        full_at=dice.choice((0.125, 1.0, dice.uniform(0.125, 1))),
    )
    listed = {f"t{number}" for number in range(5, tasks)} if dice.random() < 0.3 else None
    persons = {ring[0]: "p", ring[1]: "p"} if dice.random() < 0.3 else None
    return World(rows, rule, gold, listed, persons, True, dice.random() < 0.5)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + RINGS))
def test_quality__when_gold_contradicts_a_ring__then_production_and_the_model_say_the_same(
    seed, record_property
):
    world = crowd_with_a_ring(seed)
    agreements = agreements_of(world)
    caught = contradicted(world)
    record_property("contradicted", len(caught))
    print(f"{len(caught)} of {len(agreements)} contradicted")
    assert 0 < len(caught) < len(agreements)
    # It matters: of all of their judgements they would have another quality.
    judged_of = model_judged(world.rows, world.rule, world.gold, world.tasks, world.persons)
    expected = expected_scores(world)
    paid_otherwise = {
        worker
        for worker in caught
        if quality_of(kappa_bounds(judged_of[worker][0], world.rule.confidence)[0], world.rule)
        != expected[worker][1]
    }
    record_property("paid otherwise", len(paid_otherwise))
    print(f"{len(paid_otherwise)} paid otherwise")
    assert paid_otherwise
    assert production_scores(world) == expected


def edge_of_contradiction(world: World, worker: str) -> tuple[float, float] | None:
    """Two neighbouring doubles of `confidence`: gold contradicts with the first of them only."""

    def is_contradicted(confidence: float) -> bool:
        rule = replace(world.rule, confidence=confidence)
        return agreement(judged, by_gold, rule).is_contradicted

    judged, by_gold = model_judged(world.rows, world.rule, world.gold, world.tasks, world.persons)[
        worker
    ]
    least, most = 0.0, 10.0
    if not is_contradicted(least) or is_contradicted(most):
        return None
    while math.nextafter(least, most) < most:
        middle = (least + most) / 2
        if is_contradicted(middle):
            least = middle
        else:
            most = middle
    return least, most


@pytest.mark.parametrize("seed", range(FIRST, FIRST + RINGS))
def test_quality__when_a_contradiction_is_one_step_of_a_double_away__then_both_say_so(seed):
    # The larger `confidence`, the lower what others say, until gold does not contradict it. Any
    # other order of the operations, or "not above" for "below", would show for some of the workers.
    # In full at 1, qualities with and without gold only are far apart.
    world = crowd_with_a_ring(seed)
    world = world._replace(rule=replace(world.rule, full_at=1.0))
    edges = {
        worker: edge
        for worker in sorted({row.worker for row in world.rows if row.worker.startswith("r")})
        if worker not in (world.persons or {})
        and (edge := edge_of_contradiction(world, worker)) is not None
    }
    assert len(edges) >= 3
    for worker, edge in list(edges.items())[:3]:
        qualities = []
        for confidence in edge:
            close = world._replace(rule=replace(world.rule, confidence=confidence))
            expected = expected_scores(close)
            assert production_scores(close) == expected
            qualities.append(expected[worker][1])
        assert qualities[0] < qualities[1]


@pytest.mark.parametrize("with_gold", [False, True])
def test_quality__when_the_job_is_the_real_one__then_production_and_the_model_say_the_same(
    with_gold,
):
    with (REAL / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Judgement(line["worker"], line["task"], line["label"]) for line in csv.DictReader(file)
        ]
    with (REAL / "gold.csv").open(encoding="utf-8", newline="") as file:
        gold = {line["task"]: line["label"] for line in csv.DictReader(file)}
    assert len(rows) == 92_721
    assert len(gold) == 333
    world = World(rows, ModelRule(), gold if with_gold else None, None, None, False, False)
    scores = production_scores(world)
    assert len(scores) == 825
    assert scores == expected_scores(world)

"""P7: the quality of labelling beside a second plain-Python model, written from the text alone.

Jobs are random: repeated and contradictory judgements, equal and different times, several spellings
of a name, gold answers, lists of tasks, persons with several accounts, and rules that differ from
the default. The production code reads them from CSV files whose rows are in any order. It refuses
files without rows, persons who are workers of another person, and times before 1970, so there are
none of these.

Times are digits without leading zeros, or ISO. Workers with enough judgements of gold tasks
(`gold_least`) are paid by these alone; the tests make sure that there are such workers and others,
and that it changes what they are paid.
"""

from __future__ import annotations

import csv
import math
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flywheel.rewards import scoring
from flywheel.rewards.judgements import Job
from flywheel.rewards.rules import LabelRule
from tests.properties.quality_model import (
    Agreement,
    Judgement,
    ModelRule,
    kappa_at,
    model_agreements,
    model_judged,
    model_scores,
    quality_of,
)

EXAMPLES = 100 * int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
FIRST = int(os.environ.get("FLYWHEEL_FIRST_SEED", "0"))
RINGS = 6 * int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
CROWDS = 6 * int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
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
                    gold_least=rule.gold_least,
                ),
            )
            return {item.worker: (item.counted, item.quality) for item in scores.workers}


def expected_scores(world: World) -> dict[str, tuple[int, int]]:
    return model_scores(world.rows, world.rule, world.gold, world.tasks, world.persons)


def agreements_of(world: World) -> dict[str, Agreement]:
    return model_agreements(world.rows, world.rule, world.gold, world.tasks, world.persons)


class Sides(NamedTuple):
    """Workers with judgements of gold tasks, by whether these alone decide what they are paid."""

    by_gold: set[str]
    by_all: set[str]
    # Those of both who would be paid otherwise if it were the other way round.
    differ: set[str]


def sides(world: World) -> Sides:
    judged_of = model_judged(world.rows, world.rule, world.gold, world.tasks, world.persons)
    by_gold, by_all, differ = set(), set(), set()
    for worker, one in agreements_of(world).items():
        both = judged_of[worker]
        if not both[1]:
            assert not one.is_by_gold
            continue
        (by_gold if one.is_by_gold else by_all).add(worker)
        z = world.rule.confidence
        if len({quality_of(kappa_at(judged, z), world.rule) for judged in both}) > 1:
            differ.add(worker)
    return Sides(by_gold, by_all, differ)


def spellings(text: str) -> st.SearchStrategy[str]:
    """The name as it is, nearly always; else with white space or with its accents apart."""
    apart = normalize("NFD", text)
    return st.sampled_from([text] * 6 + [f" {text}", f"{text}\t ", apart, f" {apart} "])


RULES = st.builds(
    ModelRule,
    judges=st.one_of(st.integers(2, 4), st.integers(2, 8), st.just(100)),
    most_judges=st.one_of(st.just(0), st.integers(1, 4), st.just(100)),
    confidence=st.one_of(st.sampled_from([0.0, 0.5, 1.0, 10.0]), st.floats(0, 1), st.floats(0, 10)),
    full_at=st.one_of(st.sampled_from([0.01, 0.125, 1.0]), st.floats(0.01, 1)),
    gold_least=st.one_of(st.integers(0, 12), st.integers(1, 4)),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    workers = WORKERS[: draw(st.integers(2, 7))]
    tasks = TASKS[: draw(st.one_of(st.integers(1, 12), st.integers(10, 12)))]
    labels = LABELS[: draw(st.integers(1, 4))]
    rule = draw(RULES)
    times = draw(
        st.sampled_from([st.just(NOON), st.integers(NOON, NOON + 3), st.integers(0, 4 * 10**9)])
    )

    # Each worker says something of most tasks, and some say more than one thing. They agree, more
    # or less, on what experts may see as they do or not.
    agreed = {task: draw(st.sampled_from(labels)) for task in tasks}
    agree = draw(st.sampled_from([0, 0, 2, 8]))
    said = [
        (worker, task, label)
        for worker in workers
        for task in tasks
        if (label := draw(st.sampled_from([*[agreed[task]] * agree, *labels, *labels, None])))
        is not None
    ]
    some = st.tuples(st.sampled_from(workers), st.sampled_from(tasks), st.sampled_from(labels))
    said += draw(st.lists(some, min_size=0 if said else 1, max_size=6))
    rows = [Judgement(*one, draw(times)) for one in said]
    for number in draw(st.lists(st.integers(0, len(rows) - 1), max_size=12)):
        spelled = (draw(spellings(text)) for text in said[number])
        rows[number] = Judgement(*spelled, rows[number].time)

    times_differ = len({row.time for row in rows}) > 1
    column_time = times_differ or rule.most_judges != 0 or draw(st.booleans())
    of_gold = st.sampled_from([*tasks, "of nobody"])
    gold = draw(
        st.none() | st.dictionaries(of_gold, st.sampled_from([*labels, "unsaid"]), min_size=1)
    )
    if draw(st.booleans()):
        # Experts see many tasks, some of them as the workers do.
        gold = {
            task: draw(st.sampled_from([agreed[task], *labels]))
            for task in draw(st.permutations(tasks))[: draw(st.integers(1, len(tasks)))]
        }
    listed = draw(
        st.none() | st.none() | st.sets(st.sampled_from([*tasks, "of nobody"]), min_size=1)
    )
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


def test_quality__when_a_job_is_small__then_production_and_the_model_say_the_same():
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(worlds())
    def both_say_the_same(world: World) -> None:
        assert production_scores(world) == expected_scores(world)
        by_gold, by_all, differ = sides(world)
        seen["by gold"] += bool(by_gold)
        seen["by all"] += bool(by_all)
        seen["by all, never by gold"] += bool(by_all and world.rule.gold_least == 0)
        seen["otherwise paid"] += bool(differ)

    both_say_the_same()
    print(dict(seen))
    assert seen["by gold"] > 0
    assert seen["by all"] > 0


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
        gold_least=dice.randint(0, 12),
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
    for worker in worthy[:6]:
        exact = agreements[worker].kappa
        for full_at, quality in ((exact, 1000), (math.nextafter(exact, 2), 999)):
            close = world._replace(rule=replace(rule, full_at=full_at))
            assert expected_scores(close)[worker][1] == quality
            assert production_scores(close) == expected_scores(close)


def crowd_with_a_ring(seed: int) -> World:
    """A ring gives one random answer to each task, and 30 to 60 tasks have gold answers.

    Most judges are of the ring, so others agree with its members, but experts do not. Some judge
    few tasks, so that they meet few gold answers, or none.
    """
    dice = Random(seed)
    labels = [f"l{number}" for number in range(dice.randint(2, 5))]
    with_gold = dice.randint(30, 60)
    tasks = with_gold + dice.randint(120, 180)
    ring = [f"r{number}" for number in range(dice.randint(10, 16))]
    honest = [f"h{number}" for number in range(dice.randint(2, 4))]
    # The parts of the tasks with and without gold that each judges.
    diligence = {
        worker: (dice.choice((0.03, 0.1, 0.2, 0.3, 0.9)), dice.choice((0.3, 0.9)))
        for worker in (*ring, *honest)
    }
    diligence.update({ring[2]: (0.02, 0.9), ring[3]: (0.9, 0.9), ring[4]: (0.9, 0.9)})
    looks = {worker: dice.choice((0.0, 0.1, 0.2, 0.4, 0.8)) for worker in ring}
    looks.update(dict.fromkeys(ring[:6], 0.0))
    care = {worker: dice.uniform(0.3, 1) for worker in honest}
    truths = [dice.choice(labels) for _ in range(tasks)]
    answers = [dice.choice(labels) for _ in range(tasks)]
    gold = {f"t{task}": truths[task] for task in range(with_gold)}
    rows = []
    for task, (truth, agreed) in enumerate(zip(truths, answers, strict=True)):
        for worker in (*ring, *honest):
            if dice.random() >= diligence[worker][0 if task < with_gold else 1]:
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
        gold_least=dice.randint(4, 12),
    )
    listed = {f"t{number}" for number in range(5, tasks)} if dice.random() < 0.3 else None
    persons = {ring[0]: "p", ring[1]: "p"} if dice.random() < 0.3 else None
    return World(rows, rule, gold, listed, persons, True, dice.random() < 0.5)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + RINGS))
def test_quality__when_some_of_a_ring_are_paid_by_gold__then_production_and_the_model_say_the_same(
    seed, record_property
):
    world = crowd_with_a_ring(seed)
    by_gold, by_all, differ = sides(world)
    record_property("by gold", len(by_gold))
    record_property("by all", len(by_all))
    record_property("by gold, otherwise paid", len(by_gold & differ))
    record_property("by all, otherwise paid", len(by_all & differ))
    print(f"by gold {len(by_gold)}, by all {len(by_all)}, otherwise paid {len(differ)}")
    assert by_gold & differ
    assert by_all
    expected = expected_scores(world)
    assert production_scores(world) == expected
    # `gold_least` of 0 is never, as one that nobody reaches is.
    never = world._replace(rule=replace(world.rule, gold_least=0))
    beyond = world._replace(rule=replace(world.rule, gold_least=10_000))
    assert expected_scores(never) == expected_scores(beyond) != expected
    assert production_scores(never) == production_scores(beyond) == expected_scores(never)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + RINGS))
def test_quality__when_one_gold_task_is_missing__then_both_say_so(seed):
    # By gold alone from as many gold tasks on as a worker judged, and not from one more. In full at
    # 1, what a member of the ring is paid with and without gold only is far apart.
    world = crowd_with_a_ring(seed)
    world = world._replace(rule=replace(world.rule, full_at=1.0))
    judged_of = model_judged(world.rows, world.rule, world.gold, world.tasks, world.persons)
    _, _, differ = sides(world)
    at_the_edge = [worker for worker in sorted(differ) if len(judged_of[worker][1]) > 1]
    assert len(at_the_edge) >= 3
    for worker in at_the_edge[:3]:
        enough = len(judged_of[worker][1])
        qualities = []
        for gold_least in (enough, enough + 1):
            close = world._replace(rule=replace(world.rule, gold_least=gold_least))
            expected = expected_scores(close)
            assert production_scores(close) == expected
            qualities.append(expected[worker][1])
        assert qualities[0] != qualities[1]


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

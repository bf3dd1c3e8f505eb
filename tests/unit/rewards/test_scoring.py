"""Quality of workers: by hand, beside kept libraries, one result however it is run."""

import csv
import itertools
import random
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import duckdb
import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from flywheel.errors import FlywheelError
from flywheel.rewards import scoring, suspicions
from flywheel.rewards.inputs import JobFiles
from flywheel.rewards.judgements import Job
from flywheel.rewards.rules import LabelRule
from flywheel.rewards.scoring import PARTS, Counts, Score
from tests.support import ROOT

DATA = ROOT / "data/adult-content-labels"
# Whatever was measured is paid, in thousandths.
PLAIN = LabelRule(confidence=0.0, full_at=1.0)
NOTHING = Counts(0, 0, 0)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "labels.csv"


def write(path: Path, rows: Iterable[Iterable[object]], header: str = "worker,task,label") -> Path:
    with path.open("w", newline="") as file:
        file.write(f"{header}\n")
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def job(*rows: str) -> list[list[str]]:
    """Judgements written as "worker task label"."""
    return [row.split() for row in rows]


def score(path: Path, rule: LabelRule = PLAIN, **files: Path) -> Score:
    with Job(path, **files) as opened:
        return scoring.score(opened, rule)


def qualities(found: Score) -> dict[str, tuple[int, int]]:
    return {item.worker: (item.counted, item.quality) for item in found.workers}


# --- which judgements count ---


def test_score__fewer_judges_than_the_rule_wants__count_for_nothing(path):
    write(path, job("a t1 G", "b t1 G", "a t2 X", "b t2 X"))
    assert qualities(score(path)) == {"a": (0, 0), "b": (0, 0)}
    two = LabelRule(judges=2, confidence=0.0, full_at=1.0)
    assert qualities(score(path, two)) == {"a": (2, 1000), "b": (2, 1000)}


def test_score__contradiction_at_one_time__counts_for_nothing(path):
    write(path, job("a t1 G", "a t1 X", "b t1 G", "c t1 G", "d t1 G"))
    assert score(path).judgements == 3
    assert qualities(score(path))["a"] == (0, 0)


def test_score__times__the_earliest_judgement_stands(path):
    rows = [("a", "t1", "X", "1970-01-01T00:00:09Z"), ("a", "t1", "G", 8), ("a", "t1", "G", 8)]
    rows += [(name, "t1", "G", 1) for name in "bcd"] + [(name, "t2", "X", 1) for name in "bcd"]
    found = score(write(path, rows, "worker,task,label,time"))
    assert (found.rows, found.judgements) == (9, 7)
    assert qualities(found)["a"] == (1, 0)
    assert qualities(found)["b"] == (2, 1000)


def test_score__most_judges__late_ones_count_for_nothing(path):
    rows = [(name, "t1", "G", second) for second, name in enumerate("abcd")]
    rows += [("e", "t1", "G", 3), ("f", "t1", "G", 4)]
    write(path, rows, "worker,task,label,time")
    found = score(path, LabelRule(most_judges=4))
    # d and e came in the same second, the last that counts.
    assert found.judgements == 5
    assert qualities(found)["f"] == (0, 0)


def test_open__most_judges_without_times__is_refused(path, tmp_path):
    write(path, job("a t1 G"))
    rule = tmp_path / "rule.yaml"
    rule.write_text("most_judges: 3\n")
    with pytest.raises(FlywheelError, match="most_judges needs to know who came first"):
        JobFiles(path, rule=rule).open()


def test_score__tasks_of_the_job__others_are_left_out(path, tmp_path):
    write(path, job(*(f"{name} {task} G" for name in "abc" for task in ("t1", "mine"))))
    tasks = tmp_path / "tasks.csv"
    tasks.write_text("task\nt1\n")
    assert {counted for counted, _ in qualities(score(path, tasks=tasks)).values()} == {1}


def test_score__persons__are_one_judge_and_are_paid_once(path, tmp_path):
    rows = [f"{name} t{task} {label}" for task, label in enumerate("GXGX") for name in "abc"]
    rows += [f"d t{task} {label}" for task, label in enumerate("GXXG")]
    write(path, job(*rows))
    persons = tmp_path / "persons.csv"
    persons.write_text("worker,person\nb,a\nc,a\n")
    two = LabelRule(judges=2, confidence=0.0, full_at=1.0)
    found = qualities(score(path, two, persons=persons))
    # One judge beside d: half of four answers agree, which is what chance gives.
    assert found == {"a": (4, 0), "d": (4, 0)}


def test_persons__person_who_is_said_to_be_another__is_refused(path, tmp_path):
    write(path, job("a t1 G"))
    persons = tmp_path / "persons.csv"
    persons.write_text("worker,person\na,b\nc,a\nd,d\n")
    with pytest.raises(FlywheelError, match="line 3: 'a' is said to be 'b' itself"):
        score(path, persons=persons)


def test_score__gold__is_the_only_reference_of_its_task(path, tmp_path):
    # Three agree on what the experts refuse; one alone is right.
    rows = [f"{name} t{task} G" for task in range(4) for name in "abc"]
    rows += [f"d t{task} {label}" for task, label in enumerate("XGXG")]
    write(path, job(*rows))
    gold = tmp_path / "gold.csv"
    gold.write_text("task,label\nt0,X\nt1,G\nt2,X\nt3,G\nnobody,X\n")
    found = qualities(score(path, gold=gold))
    assert found["d"] == (4, 1000)
    assert {found[name] for name in "abc"} == {(4, 0)}


# --- the figures ---


def test_quality_of__by_hand__is_the_documented_formula():
    # 60 of 100 agree, 40 of 100 by chance: kappa is 1/3. Wilson with z = 1: (0.6 + 1/200 -
    # sqrt(0.24 / 100 + 1 / 40000)) / 1.01 = 0.5502, so (0.5502 - 0.4) / 0.6 / 0.5 = 0.5006.
    rule = LabelRule(confidence=1.0, full_at=0.5)
    counts = Counts(100, 60 * PARTS, 4_000 * PARTS)
    assert scoring.kappa_of(counts)[0] == pytest.approx(1 / 3)
    assert scoring.quality_of(counts, NOTHING, rule) == 500


@pytest.mark.parametrize(
    ("counted", "agreed", "expected"), [(0, 0, 0), (5, 5, 25), (5, 0, 25), (10, 2, 80)]
)
def test_quality_of__nothing_above_chance__is_nothing(counted, agreed, expected):
    counts = Counts(counted, agreed * PARTS, expected * PARTS)
    assert scoring.quality_of(counts, NOTHING, PLAIN) == 0


@pytest.mark.parametrize(
    ("gold_count", "gold_right", "quality"),
    # The others vouch for kappa 0.506. Of gold tasks half are right by chance: 12 of 20 are kappa
    # 0.2, 19 of 20 are 0.9. Below twenty of them the experts do not decide alone.
    [(20, 10, 0), (20, 12, 199), (20, 19, 899), (19, 0, 506), (19, 19, 506)],
)
def test_quality_of__enough_gold__the_experts_alone_decide(gold_count, gold_right, quality):
    counts = Counts(10_000, 7_530 * PARTS, 10_000 * 5_000 * PARTS)
    gold = Counts(gold_count, gold_right * PARTS, gold_count * gold_count * PARTS // 2)
    assert scoring.quality_of(counts, gold, PLAIN) == quality


def test_quality_of__experts_that_never_decide_alone__count_as_others_do():
    never = LabelRule(confidence=0.0, full_at=1.0, gold_least=0)
    counts = Counts(10_000, 7_530 * PARTS, 10_000 * 5_000 * PARTS)
    gold = Counts(5_000, 2_500 * PARTS, 5_000 * 2_500 * PARTS)
    assert scoring.quality_of(counts, gold, never) == 506


def random_job(seed: int) -> list[tuple[str, str, str]]:
    """Workers of different care, up to 16 judges of a task, four labels of which one is common."""
    chance = random.Random(seed)
    names = [f"w{number}" for number in range(chance.randint(5, 17))]
    care = {name: chance.random() for name in names}
    rows = []
    for task in range(chance.randint(10, 60)):
        truth = chance.choice("GGGGPRX")
        for name in chance.sample(names, chance.randint(1, min(17, len(names)))):
            said = truth if chance.random() < care[name] else chance.choice("GGPRX")
            rows.append((name, f"t{task}", said))
    return rows


@pytest.mark.parametrize("seed", range(20))
def test_score__agreement__is_scikit_learns_kappa(path, seed):
    """Each judgement beside each other one of its task, weighed so that all weigh alike."""
    rows = random_job(seed)
    tasks: dict[str, list[tuple[str, str]]] = {}
    for worker, task, label in rows:
        tasks.setdefault(task, []).append((worker, label))
    found = score(write(path, rows))
    for item in found.workers:
        own, others, weights = [], [], []
        for said in tasks.values():
            mine = [label for worker, label in said if worker == item.worker]
            rest = [label for worker, label in said if worker != item.worker]
            if mine and len(rest) >= 2:
                own += mine * len(rest)
                others += rest
                weights += [1 / len(rest)] * len(rest)
        if not own or len({*own, *others}) < 2:
            continue
        kappa = cohen_kappa_score(own, others, sample_weight=weights)
        if np.isfinite(kappa):
            assert item.agreement == pytest.approx(kappa, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_score__alpha__is_krippendorffs(path, seed):
    rows = random_job(seed)
    names = sorted({worker for worker, _, _ in rows})
    tasks = sorted({task for _, task, _ in rows})
    table = np.full((len(names), len(tasks)), np.nan)
    for worker, task, label in rows:
        table[names.index(worker), tasks.index(task)] = "GPRX".index(label)
    expected = krippendorff.alpha(table, level_of_measurement="nominal")
    assert float(score(write(path, rows)).alpha) == pytest.approx(expected, abs=1e-12)


def test_score__classes__say_how_often_others_agree(path):
    write(path, job("a t1 G", "b t1 G", "c t1 X", "a t2 X", "b t2 X", "c t2 X"))
    found = {item.label: (item.judgements, item.agreement) for item in score(path).classes}
    assert found == {"G": (2, Fraction(1, 2)), "X": (4, Fraction(3, 4))}


# --- the real job ---


@pytest.fixture(scope="module")
def real() -> Score:
    return score(DATA / "labels.csv", LabelRule())


def test_score__real_job__has_the_figures_of_its_readme(real):
    text = (DATA / "README.md").read_text(encoding="utf-8")
    judgements = real.judgements
    spam = [item for item in real.workers if item.judgements > 1_500 and item.quality < 500]
    work = sum(item.judgements for item in spam)
    points = sum(item.points for item in real.workers)
    paid = sum(1 for item in real.workers if item.points)
    part = 100 * sum(item.points for item in spam) / points
    assert f"{real.rows:,} judgements by {len(real.workers)} paid crowd workers" in text
    assert f"of the {real.rows:,} rows, {judgements:,} count" in text
    assert f"alpha is {float(real.alpha):.3f}" in text
    assert f"{paid} of the {len(real.workers)} workers have points" in text
    busiest = sorted(real.workers, key=lambda item: -item.judgements)[:10]
    assert all(item in busiest for item in spam)
    assert f"{len(spam)} of the ten busiest workers" in text
    assert f"{100 * work / judgements:.1f} % of the work" in text
    assert f"{part:.1f} % of the points" in text


def test_score__order_of_rows_and_threads__same_result(path, real):
    lines = (DATA / "labels.csv").read_text().splitlines()
    rows = lines[1:]
    random.Random(1).shuffle(rows)
    path.write_text("\n".join([lines[0], *rows]) + "\n")
    with Job(path) as opened:
        opened.database.execute("SET threads = 1")
        assert scoring.score(opened, LabelRule()) == real


def test_score__little_memory__same_result(path, real):
    with Job(DATA / "labels.csv", memory="60MB") as opened:
        assert scoring.score(opened, LabelRule()) == real


def test_score__parquet__same_result(tmp_path, real):
    path = tmp_path / "labels.parquet"
    duckdb.read_csv(str(DATA / "labels.csv"), all_varchar=True).write_parquet(str(path))
    assert score(path, LabelRule()) == real


def test_score__file_that_is_not_plain__same_result(path, real):
    text = (DATA / "labels.csv").read_text()
    path.write_text(text.replace("w0001,", '"w0001",', 1))
    assert score(path, LabelRule()) == real


def test_write__read_again__is_the_same_job(path, real):
    with Job(DATA / "labels.csv") as opened:
        opened.write(path)
    assert score(path, LabelRule()) == real


# --- suspicions ---


def suspected(path: Path) -> list[suspicions.Suspicion]:
    with Job(path) as opened:
        scoring.score(opened, LabelRule())
        return suspicions.find(opened.database)


def test_suspicions__two_copies_among_five__are_listed_and_nobody_else(path):
    chance = random.Random(2)
    rows = []
    for task in range(300):
        truth, copied = chance.choice("GPRX"), chance.choice("GPRX")
        rows += [(name, f"t{task}", copied) for name in ("x", "y")]
        rows += [
            (name, f"t{task}", truth if chance.random() < 0.7 else chance.choice("GPRX"))
            for name in "abcde"
        ]
    found = suspected(write(path, rows))
    assert [(item.one, item.other) for item in found] == [("x", "y")]
    assert (found[0].tasks, found[0].agreed) == (300, 300)


def test_suspicions__few_common_tasks__are_none(path):
    rows = [
        (name, f"t{task}", label)
        for task in range(suspicions.MIN_TASKS - 1)
        for name, label in zip("xyab", "GGPR", strict=True)
    ]
    assert suspected(write(path, rows)) == []


def test_suspicions__tasks_with_very_many_judges__cost_nothing(path):
    """Whoever fills tasks with accounts cannot make the report take for ever."""
    names = [f"w{number}" for number in range(suspicions.MAX_JUDGES + 1)]
    rows = itertools.product(names, [f"t{task}" for task in range(40)], "G")
    assert suspected(write(path, rows)) == []


# --- Parquet ---


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 'a' AS worker, 't' AS task, 1 AS label", "column label is no text"),
        ("SELECT 'a' AS worker, 't' AS label, 'G' AS task", "has the columns worker,label,task"),
        ("SELECT 'a' AS worker, 't' AS task, NULL::VARCHAR AS label", "1 rows have no label"),
        ("SELECT 'a' AS worker, 't' AS task, 'G' AS label WHERE false", "has no rows"),
        ("SELECT 'a' AS worker, 't' AS task, 'G' AS label, 'noon' AS time", "1 rows have no time"),
        ("SELECT 'a' AS worker, 't' AS task, ' ' AS label", "label .* holds nothing"),
        ("SELECT 'a' AS worker, 't' AS task, 'G' || chr(8203) AS label", r"holds U\+200B"),
    ],
)
def test_parquet__faulty__is_refused(tmp_path, query, said):
    path = tmp_path / "labels.parquet"
    duckdb.sql(query).write_parquet(str(path))
    with pytest.raises(FlywheelError, match=said):
        Job(path)


def test_parquet__no_parquet__is_refused(tmp_path):
    path = tmp_path / "labels.parquet"
    path.write_bytes(b"worker,task,label\n")
    with pytest.raises(FlywheelError, match="is no Parquet file"):
        Job(path)


def test_parquet__names_spelt_in_two_ways__are_one(tmp_path):
    path = tmp_path / "labels.parquet"
    duckdb.sql(
        "SELECT unnest(['caf' || chr(233), 'cafe' || chr(769) || ' ']) AS worker, "
        "unnest(['t1', 't2']) AS task, 'G' AS label"
    ).write_parquet(str(path))
    assert [item.worker for item in score(path).workers] == ["caf\u00e9"]


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("noon", "line 2: time 'noon' is no time"),
        ("2027-13-01T00:00:00Z", "is no time"),
        ("1969-01-01T00:00:00Z", "is before 1970"),
        ("999999999999", "is no time"),
        ("-5", "is no time"),
        ("1.5", "is no time"),
    ],
)
def test_times__faulty__are_told_with_their_line(path, time, said):
    write(path, [("a", "t1", "G", time)], "worker,task,label,time")
    with pytest.raises(FlywheelError, match=said):
        Job(path)

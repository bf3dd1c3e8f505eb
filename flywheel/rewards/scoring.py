"""How good each worker of a labelling job is: agreement with others, corrected for chance.

docs/reference/rewards.md defines every figure, and the order in which doubles are computed. The
counting is SQL over whole numbers, so neither the order of rows nor the number of threads changes a
result; DuckDB spills to disk what does not fit into memory.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from flywheel.rewards.judgements import Job
from flywheel.rewards.rules import LabelRule

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Parts of one: shares of up to 16 others are whole numbers of them.
PARTS = 720_720
# Of a quality that is paid in full.
FULL = 1_000


@dataclass(frozen=True, slots=True)
class WorkerScore:
    """`judgements` of a worker, of these `counted`, and of these `gold` on tasks that experts
    answered; `quality` from 0 to `FULL`; `agreement`: Cohen's kappa as it was measured."""

    worker: str
    judgements: int
    counted: int
    gold: int
    quality: int
    agreement: float

    @property
    def points(self) -> int:
        return self.counted * self.quality


@dataclass(frozen=True)
class ClassScore:
    """A label: how often it was given, and the share of other judges of the same tasks who agree
    where it was."""

    label: str
    judgements: int
    agreement: Fraction


@dataclass(frozen=True)
class Score:
    """Figures of a job. `alpha` is Krippendorff's, for nominal labels; None where there is nothing
    to compare."""

    rows: int
    judgements: int
    tasks: int
    workers: list[WorkerScore]
    classes: list[ClassScore]
    alpha: Fraction | None


def score(job: Job, rule: LabelRule) -> Score:
    """The figures of all workers who appear in the job, in the order of their names."""
    database = job.database
    _count_judgements(database, rule)
    _count_references(database, rule)
    return Score(
        rows=_number(database, "SELECT count(*) FROM coded"),
        judgements=_number(database, "SELECT count(*) FROM judgement"),
        tasks=_number(database, "SELECT count(*) FROM task_size"),
        workers=_workers(database, rule),
        classes=_classes(database),
        alpha=_alpha(database),
    )


def _count_judgements(database: "DuckDBPyConnection", rule: LabelRule) -> None:
    """judgement (worker, task, label): at most one of each worker and task; task_label and
    task_size count them."""
    database.execute("""
        CREATE TEMP TABLE earliest AS
        SELECT * FROM (SELECT DISTINCT worker, task, label, moment FROM coded)
        QUALIFY moment = min(moment) OVER (PARTITION BY worker, task)
    """)
    database.execute("""
        CREATE TEMP TABLE judgement AS
        SELECT worker, task, min(label) AS label, any_value(moment) AS moment FROM earliest
        GROUP BY worker, task HAVING count(*) = 1
    """)
    database.execute("DROP TABLE earliest")
    if rule.most_judges:
        database.execute(
            """
            CREATE OR REPLACE TEMP TABLE judgement AS SELECT * FROM judgement
            QUALIFY rank() OVER (PARTITION BY task ORDER BY moment) <= ?
            """,
            [rule.most_judges],
        )
    database.execute("""
        CREATE TEMP TABLE task_label AS
        SELECT task, label, count(*) AS judges FROM judgement GROUP BY task, label
    """)
    database.execute("""
        CREATE TEMP TABLE task_size AS
        SELECT task, sum(judges)::BIGINT AS judges FROM task_label GROUP BY task
    """)


def _count_references(database: "DuckDBPyConnection", rule: LabelRule) -> None:
    """worker_label (worker, label, is_gold, given, parts, agreed): how often a worker said a label,
    the sum of its references' parts for it, and of these what falls to judgements that said it;
    those on tasks with a gold answer apart."""
    database.execute(
        """
        CREATE TEMP TABLE counted AS
        SELECT j.worker, j.task, j.label, g.label AS gold, s.judges - 1 AS others
        FROM judgement j JOIN task_size s USING (task) LEFT JOIN gold g USING (task)
        WHERE g.label IS NOT NULL OR s.judges >= ?
        """,
        [rule.judges],
    )
    database.execute(f"""
        CREATE TEMP TABLE reference AS
        SELECT k.worker, t.label, t.label = k.label AS is_own, false AS is_gold,
               {PARTS} * (t.judges - (t.label = k.label)::BIGINT) // k.others AS parts
        FROM counted k JOIN task_label t USING (task) WHERE k.gold IS NULL
        UNION ALL SELECT worker, gold, gold = label, true, {PARTS} FROM counted
        WHERE gold IS NOT NULL
    """)
    database.execute("""
        CREATE TEMP TABLE worker_label AS
        SELECT worker, label, is_gold, coalesce(given, 0) AS given, coalesce(parts, 0) AS parts,
               coalesce(agreed, 0) AS agreed
        FROM (
            SELECT worker, label, gold IS NOT NULL AS is_gold, count(*) AS given
            FROM counted GROUP BY worker, label, is_gold
        ) FULL JOIN (
            SELECT worker, label, is_gold, sum(parts)::BIGINT AS parts,
                   coalesce(sum(parts) FILTER (is_own), 0)::BIGINT AS agreed
            FROM reference GROUP BY worker, label, is_gold
        ) USING (worker, label, is_gold)
    """)
    database.execute("DROP TABLE reference")


@dataclass(frozen=True, slots=True)
class Counts:
    """`counted` judgements; `agreed`: parts of their references for the labels that were given;
    `expected`: over all labels, how often it was given times the references' parts for it."""

    counted: int
    agreed: int
    expected: int


def _workers(database: "DuckDBPyConnection", rule: LabelRule) -> list[WorkerScore]:
    sums = "sum(given)::BIGINT AS given, sum(agreed)::BIGINT AS agreed"
    rows = database.execute(f"""
        WITH everything AS (
            SELECT worker, {sums}, sum(given::HUGEINT * parts) AS expected FROM (
                SELECT worker, label, {sums}, sum(parts)::BIGINT AS parts
                FROM worker_label GROUP BY worker, label
            ) GROUP BY worker
        ), experts AS (
            SELECT worker, {sums}, sum(given::HUGEINT * parts) AS expected
            FROM worker_label WHERE is_gold GROUP BY worker
        )
        SELECT w.name, coalesce(j.own, 0),
               coalesce(k.given, 0), coalesce(k.agreed, 0), coalesce(k.expected, 0),
               coalesce(g.given, 0), coalesce(g.agreed, 0), coalesce(g.expected, 0)
        FROM worker w
        LEFT JOIN (SELECT worker, count(*) AS own FROM judgement GROUP BY worker) j
            ON j.worker = w.id
        LEFT JOIN everything k ON k.worker = w.id
        LEFT JOIN experts g ON g.worker = w.id
        ORDER BY w.id
    """)
    found = []
    while some := rows.fetchmany(10_000):
        for name, own, *numbers in some:
            counts, gold = Counts(*map(int, numbers[:3])), Counts(*map(int, numbers[3:]))
            quality, kappa = quality_of(counts, gold, rule), kappa_of(counts)[0]
            found.append(WorkerScore(name, own, counts.counted, gold.counted, quality, kappa))
    return found


def quality_of(counts: Counts, gold: Counts, rule: LabelRule) -> int:
    """From 0 to `FULL`. `gold`: of the counts, those on tasks with a gold answer.

    Of a worker whom the experts can tell, what its fellows say does not count.
    """
    is_told = 0 < rule.gold_least <= gold.counted
    _, low = kappa_of(gold if is_told else counts, rule.confidence)
    return math.floor(FULL * min(1.0, max(0.0, low / rule.full_at)))


def kappa_of(counts: Counts, z: float = 0.0) -> tuple[float, float]:
    """Cohen's kappa, and its lower bound at z standard errors; 0 where there is nothing to measure.

    Every operation is one that IEEE 754 rounds in one way only.
    """
    n = counts.counted
    if n == 0:
        return 0.0, 0.0
    observed = counts.agreed / (PARTS * n)
    chance = counts.expected / (PARTS * n * n)
    if chance >= 1.0:
        return 0.0, 0.0
    spread = z * math.sqrt(observed * (1.0 - observed) / n + z * z / (4 * n * n))
    low = (observed + z * z / (2 * n) - spread) / (1.0 + z * z / n)
    return (observed - chance) / (1.0 - chance), (low - chance) / (1.0 - chance)


def _classes(database: "DuckDBPyConnection") -> list[ClassScore]:
    rows = database.execute("""
        SELECT name, s.judges, sum(t.judges)::BIGINT, sum(t.judges * (t.judges - 1))::BIGINT
        FROM task_label t JOIN task_size s USING (task) JOIN label ON label.id = t.label
        GROUP BY name, s.judges ORDER BY name
    """).fetchall()
    given: dict[str, int] = {}
    agreed: dict[str, Fraction] = {}
    compared: dict[str, int] = {}
    for name, size, judges, pairs in rows:
        given[name] = given.get(name, 0) + judges
        if size > 1:
            agreed[name] = agreed.get(name, Fraction(0)) + Fraction(pairs, size - 1)
            compared[name] = compared.get(name, 0) + judges
    return [
        ClassScore(name, given[name], agreed.get(name, Fraction(0)) / max(1, compared.get(name, 0)))
        for name in given
    ]


def _alpha(database: "DuckDBPyConnection") -> Fraction | None:
    """Krippendorff's alpha for nominal labels (K. Krippendorff, "Content Analysis", 2004): over
    tasks with two judgements and more, 1 - observed disagreement / expected one."""
    rows = database.execute("""
        SELECT s.judges, sum(t.judges)::BIGINT,
               sum(t.judges * (s.judges - t.judges))::BIGINT
        FROM task_label t JOIN task_size s USING (task) WHERE s.judges > 1 GROUP BY s.judges
    """).fetchall()
    given = database.execute("""
        SELECT sum(t.judges)::BIGINT FROM task_label t JOIN task_size s USING (task)
        WHERE s.judges > 1 GROUP BY t.label
    """).fetchall()
    total = sum(judges for _, judges, _ in rows)
    expected = sum(count * (total - count) for (count,) in given)
    if expected == 0:
        return None
    observed = sum((Fraction(differ, size - 1) for size, _, differ in rows), Fraction(0))
    return 1 - observed * (total - 1) / expected


def _number(database: "DuckDBPyConnection", query: str) -> int:
    found = database.execute(query).fetchone()
    assert found is not None
    return int(found[0])

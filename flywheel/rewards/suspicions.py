"""Pairs of workers who agree far more with each other than each of them does with the others.

They copy, or are one person; or they are two good workers among poor ones. So a suspicion costs
nobody anything: it is for the curator to look at.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MIN_TASKS = 30
# A task with more judges would be compared with itself too often, and whoever fills tasks with
# accounts could make any report take for ever.
MAX_JUDGES = 100
# Of the tasks on which one would expect two workers to differ, the share on which they agree.
MIN_SHARE_PERCENT = 40
MIN_SIGMAS = 6
_PARTS = 720_720


@dataclass(frozen=True)
class Suspicion:
    """Two workers, their common tasks, and on how many of them they say the same; `expected`: on
    how many one would think so, as each agrees with the others of these tasks."""

    one: str
    other: str
    tasks: int
    agreed: int
    expected: float


def find(database: "DuckDBPyConnection") -> list[Suspicion]:
    """The suspicions of a job that was scored, the strongest first."""
    _share_judgements(database)
    rows = database.execute(
        f"""
        WITH pair AS (
            SELECT a.worker AS one, b.worker AS other, count(*) AS tasks,
                   count(*) FILTER (a.label = b.label) AS agreed,
                   sum(a.share + b.share) AS expected,
                   sum((a.share + b.share) * ({2 * _PARTS} - a.share - b.share)) AS variance
            FROM shared a JOIN shared b ON a.task = b.task AND a.worker < b.worker
            GROUP BY one, other HAVING count(*) >= {MIN_TASKS}
        ), compared AS (
            SELECT *, {2 * _PARTS}::HUGEINT * agreed - expected AS above,
                   {2 * _PARTS}::HUGEINT * tasks - expected AS apart FROM pair
        )
        SELECT one.name, other.name, tasks, agreed, expected::DOUBLE / {2 * _PARTS}
        FROM compared JOIN worker one ON one.id = one JOIN worker other ON other.id = other
        WHERE apart > 0 AND above > 0 AND above * 100 >= apart * {MIN_SHARE_PERCENT}
          AND above * above >= variance * {MIN_SIGMAS**2}
        ORDER BY above * above::DOUBLE / (variance + 1) DESC, one.name, other.name
        """
    ).fetchall()
    return [Suspicion(*row) for row in rows]


def _share_judgements(database: "DuckDBPyConnection") -> None:
    """shared (worker, task, label, share): judgements of workers with enough of them, and the
    share of the task's other judges who say the same."""
    database.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE shared AS
        SELECT j.worker, j.task, j.label, {_PARTS} * (t.judges - 1) // (s.judges - 1) AS share
        FROM judgement j JOIN task_label t USING (task, label) JOIN task_size s USING (task)
        WHERE s.judges BETWEEN 2 AND {MAX_JUDGES}
        """
    )
    database.execute(
        f"""
        DELETE FROM shared WHERE worker NOT IN
            (SELECT worker FROM shared GROUP BY worker HAVING count(*) >= {MIN_TASKS})
        """
    )

"""Judgements of a labelling job: how they are read, and what of them the others agree with."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pandas as pd

from flywheel.rewards.job_tables import read_table


def read_labels(path: Path) -> pd.DataFrame:
    """Judgements of a job: columns worker, task, label (text), a row each, in the file's order."""
    return read_table(path, ("worker", "task", "label"))


def read_gold(path: Path) -> pd.DataFrame:
    """Experts' answers: columns task, label (text); one row per task."""
    return read_table(path, ("task", "label"), "task")


def first_judgements(labels: pd.DataFrame) -> pd.DataFrame:
    """`labels` without a worker's later judgements of a task it had judged already."""
    return labels.drop_duplicates(["worker", "task"])


def consensus(labels: pd.DataFrame) -> pd.DataFrame:
    """Columns task, label: the labels with most first judgements of each task.

    Majority vote, every worker one vote per task. All labels of a tie are consensus, so a task may
    have several rows: no coin decides who is paid.
    """
    votes = first_judgements(labels).groupby(["task", "label"], as_index=False).size()
    most = votes.groupby("task")["size"].transform("max")
    return votes.loc[votes["size"] == most, ["task", "label"]].reset_index(drop=True)


def accepted_work(labels: pd.DataFrame) -> pd.DataFrame:
    """Columns worker, judgements, accepted (counts), a row per worker in the order of names.

    A first judgement is accepted when its label is consensus; later judgements of the same task by
    the same worker count for nothing.
    """
    judgements = first_judgements(labels).merge(
        consensus(labels).assign(accepted=1), on=["task", "label"], how="left"
    )
    work = judgements.groupby("worker").agg(
        judgements=("task", "size"), accepted=("accepted", "count")
    )
    return work.reset_index()


@dataclass(frozen=True)
class JobReport:
    """Figures of a labelling job. `gold_*` count the experts' tasks that somebody judged."""

    rows: int
    repeats: int
    workers: int
    tasks: int
    accepted: int
    workers_with_accepted: int
    tied_tasks: int
    gold_tasks: int
    gold_right: int  # the majority is the experts' label
    gold_tied_right: int  # it is among the labels of a tie
    accuracy: Fraction  # a tie counts its chance: one in the number of tied labels


def report(labels: pd.DataFrame, gold: pd.DataFrame | None = None) -> JobReport:
    """The figures of a job; those against the experts are zero without `gold`."""
    work = accepted_work(labels)
    winners = consensus(labels)
    ways = winners.groupby("task").size()
    known = pd.DataFrame(columns=["task", "label"], dtype=str) if gold is None else gold
    judged = int(known["task"].isin(ways.index).sum())
    # Of each task whose experts' label is among the winners: how many labels share the win.
    right_ways = ways.reindex(winners.merge(known, on=["task", "label"])["task"])
    chances = sum((Fraction(1, int(n)) for n in right_ways), Fraction(0))
    return JobReport(
        rows=len(labels),
        repeats=len(labels) - len(first_judgements(labels)),
        workers=len(work),
        tasks=len(ways),
        accepted=int(work["accepted"].sum()),
        workers_with_accepted=int((work["accepted"] > 0).sum()),
        tied_tasks=int((ways > 1).sum()),
        gold_tasks=judged,
        gold_right=int((right_ways == 1).sum()),
        gold_tied_right=int((right_ways > 1).sum()),
        accuracy=chances / judged if judged else Fraction(0),
    )

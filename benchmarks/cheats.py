"""What cheats earn on the real labelling job of data/, by the rule of drops and by majority.

`make cheats` prints it, and ends with status 1 if one earns more than it may. Each cheat adds rows
to the job. Its fair share is its part of all judgements.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from flywheel.console.output import Output
from flywheel.rewards import scoring
from flywheel.rewards.judgements import Job, read_gold, read_labels
from flywheel.rewards.rules import LabelRule

DATA = Path(__file__).resolve().parent.parent / "data" / "adult-content-labels"
# Of what a cheat's part of all judgements would be worth.
MOST_OF_SHARE = 1.5
# Of the pot, for one account that says the same everywhere.
MOST_OF_POT = 0.02
SEATS = 10
RING = 9
# Names of cheats' accounts, beside the w0001 of the job.
CHEAT = "cheat"


@dataclass(frozen=True)
class Cheat:
    """Rows that are added to the job; `is_ring`: its accounts say the same, and a curator who sees
    that writes them into persons.csv."""

    name: str
    rows: pd.DataFrame
    is_ring: bool = False
    has_own_tasks: bool = False


class Measured(NamedTuple):
    """Parts: of all judgements; and of the pot by majority, by the rule, by the rule with the
    experts' answers, once the curator has named a ring or listed the job's tasks, and with a number
    of seats a task."""

    work: float
    majority: float
    rule: float
    gold: float
    named: float | None
    seats: float


def main() -> int:
    output = Output()
    output.table(*_methods())
    rows, missed = [], []
    honest = _honest()
    for cheat in cheats(honest):
        found = _measure(honest, cheat)
        rows.append((cheat.name, *map(_shown, found)))
        is_over = found.rule > MOST_OF_SHARE * found.work
        if is_over or (cheat.name == "commonest label, by 1" and found.rule > MOST_OF_POT):
            missed.append(cheat.name)
    columns = ("Cheat", "Work", "Majority", "Rule", "Gold", "Named", f"{SEATS} seats")
    output.table("What cheats get of the pot", columns, rows)
    for name in missed:
        print(f"Too much: {name}", file=sys.stderr)
    return 1 if missed else 0


def _shown(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _measure(honest: pd.DataFrame, cheat: Cheat) -> "Measured":
    accounts = set(cheat.rows["worker"])
    everything = pd.concat([honest, cheat.rows])
    files: dict[str, Any] = {}
    if cheat.is_ring:
        files["persons"] = pd.DataFrame({"worker": sorted(accounts), "person": CHEAT})
    if cheat.has_own_tasks:
        files["tasks"] = honest[["task"]].drop_duplicates()
    named = _share(_points(everything, **files), {*accounts, CHEAT}) if files else None
    timed = pd.concat([honest.assign(time="0"), cheat.rows.assign(time="1")])
    return Measured(
        _part(everything, accounts),
        _share(by_majority(everything), accounts),
        _share(_points(everything), accounts),
        _share(_points(everything, gold=read_gold(DATA / "gold.csv")), accounts),
        named,
        _share(_points(timed, LabelRule(most_judges=SEATS)), accounts),
    )


def _part(rows: pd.DataFrame, accounts: set[str]) -> float:
    """Of all judgements; a second one of a task by the same worker is none."""
    first = rows.drop_duplicates(["worker", "task"])
    return float(first["worker"].isin(accounts).mean())


def _share(points: dict[str, int], accounts: set[str]) -> float:
    return sum(points.get(name, 0) for name in accounts) / max(1, sum(points.values()))


def _points(rows: pd.DataFrame, rule: LabelRule | None = None, **files: Any) -> dict[str, int]:
    return {item.worker: item.points for item in scores(rows, rule, **files)}


def scores(
    rows: pd.DataFrame, rule: LabelRule | None = None, **files: Any
) -> list[scoring.WorkerScore]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows.to_csv(folder / "labels.csv", index=False)
        for file, table in files.items():
            table.to_csv(folder / f"{file}.csv", index=False)
        given: dict[str, Any] = {file: folder / f"{file}.csv" for file in files}
        with Job(folder / "labels.csv", **given) as job:
            return scoring.score(job, rule or LabelRule()).workers


def by_majority(rows: pd.DataFrame) -> dict[str, int]:
    """Judgements that are the commonest label of their task: what many platforms pay for."""
    first = rows.drop_duplicates(["worker", "task"])
    votes = first.groupby(["task", "label"]).size()
    best = votes[votes == votes.groupby("task").transform("max")].index
    right = pd.MultiIndex.from_frame(first[["task", "label"]]).isin(best)
    counts = pd.Series(right, index=first["worker"]).groupby(level=0).sum()
    return {str(worker): int(count) for worker, count in counts.items()}


def _honest() -> pd.DataFrame:
    return read_labels(DATA / "labels.csv").reset_index(drop=True)


# --- how good each way to tell good work is ---


def _methods() -> tuple[str, tuple[str, ...], list[tuple[str, str, str]]]:
    """Spearman's correlation of a worker's figure with how often it says what the experts say,
    over workers with eight gold tasks and more; and with kappa on these."""
    honest, gold = _honest(), read_gold(DATA / "gold.csv")
    right = honest.drop_duplicates(["worker", "task"]).merge(gold, on="task", suffixes=("", "_g"))
    right["is_right"] = right["label"] == right["label_g"]
    known = right.groupby("worker")["is_right"].agg(["size", "mean"])
    kappas = {str(worker): _kappa(said) for worker, said in right.groupby("worker")}
    known = known.assign(kappa=pd.Series(kappas))[known["size"] >= 8]
    first = honest.drop_duplicates(["worker", "task"]).groupby("worker").size()
    found = scores(honest)
    majority = pd.Series(by_majority(honest)) / first
    figures: dict[str, pd.Series] = {
        "agrees with the majority": majority,
        "kappa beside the others": pd.Series({item.worker: item.agreement for item in found}),
        "quality that is paid": pd.Series({item.worker: item.quality for item in found}),
    }
    figures.update(_dawid_skene(honest))
    rows = []
    for name, figure in figures.items():
        table = known.join(figure.rename("figure"))
        ranks = table.rank().corr()["figure"]
        rows.append((name, f"{ranks['mean']:.2f}", f"{ranks['kappa']:.2f}"))
    title = f"{len(known)} workers with gold tasks: rank correlation of figures"
    return title, ("Figure", "With right answers", "With kappa on gold"), rows


def _kappa(said: pd.DataFrame) -> float:
    observed = (said["label"] == said["label_g"]).mean()
    own, expert = (said[name].value_counts(normalize=True) for name in ("label", "label_g"))
    chance = float((own * expert).sum())
    return 0.0 if chance >= 1 else (observed - chance) / (1 - chance)


def _dawid_skene(honest: pd.DataFrame) -> dict[str, pd.Series]:
    """Informedness by the confusion matrices of Dawid and Skene, if crowd-kit is installed."""
    try:
        from crowdkit.aggregation import DawidSkene
    except ImportError:
        return {}
    first = honest.drop_duplicates(["worker", "task"])
    model = DawidSkene(n_iter=100).fit(first)
    errors = model.errors_.fillna(0)
    diagonal = [errors.loc[(slice(None), label), label].droplevel(1) for label in errors.columns]
    recall = pd.concat(diagonal, axis=1).mean(axis=1)
    return {"Dawid and Skene, mean recall": recall}


# --- the cheats ---


def cheats(honest: pd.DataFrame) -> Iterator[Cheat]:
    chance = np.random.default_rng(7)
    tasks = np.array(sorted(honest["task"].unique()))
    labels = honest["label"].value_counts(normalize=True)
    common = labels.index[0]

    def random(count: int) -> np.ndarray:
        return chance.choice(labels.index.to_numpy(), count, p=labels.to_numpy())

    for accounts in (1, 9, 110, 1_104):
        yield Cheat(f"commonest label, by {accounts:,}", _dealt(tasks, common, accounts))
    for accounts in (1, 110, 1_104):
        said = random(len(tasks))
        yield Cheat(f"random labels, by {accounts:,}", _dealt(tasks, said, accounts))
    uniform = chance.choice(labels.index.to_numpy(), len(tasks))
    shared = random(len(tasks))
    for size, said, what in [
        (3, shared, "random"),
        (RING, shared, "random"),
        (RING, uniform, "odd"),
    ]:
        yield Cheat(f"{size} give one {what} answer", _ring(tasks, said, size), is_ring=True)
    for size, accounts in [(3, 20), (RING, 20), (RING, 100)]:
        dealt = _dealt_ring(tasks, shared, size, accounts)
        yield Cheat(f"{size} x {accounts} accounts do so", dealt, is_ring=True)
    for size in (RING, 20):
        partly = _partly(tasks, shared, random, size, chance)
        yield Cheat(f"{size} agree on 15 % only", partly, is_ring=True)
    for name, worker in [("good", _best(honest)), ("busy", _busiest(honest))]:
        own = honest[honest["worker"] == worker]
        copied = _ring(own["task"].to_numpy(), own["label"].to_numpy(), RING)
        yield Cheat(f"{RING} copy a {name} worker", copied, is_ring=True)
    own_tasks = np.array([f"own{number:05}" for number in range(5_000)])
    made_up = _ring(own_tasks, random(5_000), 3)
    yield Cheat("3 with tasks of their own", made_up, is_ring=True, has_own_tasks=True)
    votes = honest.groupby(["task", "label"]).size().sort_values(ascending=False)
    majority = votes.reset_index().drop_duplicates("task").set_index("task")["label"]
    late = majority.loc[tasks].to_numpy()
    yield Cheat("late, 1 copies the majority", _dealt(tasks, late, 1))
    yield Cheat(f"late, {RING} copy the majority", _ring(tasks, late, RING), is_ring=True)


def _dealt(tasks: np.ndarray, said: "np.ndarray | str", accounts: int) -> pd.DataFrame:
    """Each task once; the tasks are dealt to the accounts. Nine accounts do all tasks each."""
    if accounts == RING:
        return _ring(tasks, np.full(len(tasks), said), RING)
    numbers = np.arange(len(tasks)) * accounts // len(tasks)
    workers = [f"{CHEAT}{number}" for number in numbers]
    return pd.DataFrame({"worker": workers, "task": tasks, "label": said})


def _ring(tasks: np.ndarray, said: np.ndarray, size: int) -> pd.DataFrame:
    return pd.concat(
        pd.DataFrame({"worker": f"{CHEAT}{number}", "task": tasks, "label": said})
        for number in range(size)
    )


def _dealt_ring(tasks: np.ndarray, said: np.ndarray, size: int, accounts: int) -> pd.DataFrame:
    """A ring of which each member deals its tasks out to a number of accounts."""
    numbers = np.arange(len(tasks)) * accounts // len(tasks)
    return pd.concat(
        pd.DataFrame(
            {"worker": [f"{CHEAT}{seat}-{n}" for n in numbers], "task": tasks, "label": said}
        )
        for seat in range(size)
    )


def _partly(
    tasks: np.ndarray,
    said: np.ndarray,
    random: Callable[[int], np.ndarray],
    size: int,
    chance: np.random.Generator,
) -> pd.DataFrame:
    """A ring that agrees on 15 % of the tasks and clicks at random elsewhere."""
    agreed = chance.random(len(tasks)) < 0.15
    return pd.concat(
        pd.DataFrame(
            {
                "worker": f"{CHEAT}{number}",
                "task": tasks,
                "label": np.where(agreed, said, random(len(tasks))),
            }
        )
        for number in range(size)
    )


@cache
def _ranked() -> tuple[scoring.WorkerScore, ...]:
    return tuple(sorted(scores(_honest()), key=lambda item: (-item.points, item.worker)))


def _best(honest: pd.DataFrame) -> str:
    return _ranked()[0].worker


def _busiest(honest: pd.DataFrame) -> str:
    return max(_ranked(), key=lambda item: item.judgements).worker


if __name__ == "__main__":
    sys.exit(main())

"""What a curator reads before it builds a drop: who is how good, and who looks like one person."""

from collections.abc import Iterator

from flywheel.rewards import scoring, suspicions
from flywheel.rewards.inputs import JobFiles
from flywheel.rewards.rules import LabelRule
from flywheel.rewards.scoring import Score, WorkerScore
from flywheel.rewards.suspicions import Suspicion
from flywheel.shown import Part, Record, Remark, Shown, Table

# Rows of a table for people; programs get all.
MOST = 20


def in_full(files: JobFiles) -> Iterator[Part]:
    """Raises `FlywheelError` with all faults of a file and their lines."""
    with files.open() as job:
        found = scoring.score(job, files.read_rule())
        suspected = suspicions.find(job.database)
    yield Record("Job", _fields(found))
    yield Table(
        "Labels",
        ("Label", "Given", "Others agree"),
        [(item.label, item.judgements, _percent(float(item.agreement))) for item in found.classes],
    )
    points = sum(item.points for item in found.workers) or 1
    paid = sorted(
        (item for item in found.workers if item.points),
        key=lambda item: (-item.points, item.worker),
    )
    unpaid = sorted(
        (item for item in found.workers if not item.points),
        key=lambda item: (-item.counted, item.worker),
    )
    for workers, title in [
        (paid, f"Workers with points: {len(paid)}, those with most"),
        (unpaid, f"Without points: {len(unpaid)}, those with most judgements"),
    ]:
        if workers:
            rows = [_row(item, points) for item in workers[:MOST]]
            yield Table(title, ("Worker", "Counted", "Gold", "Agreement", "Quality", "Pot"), rows)
    yield from _remarks(found, files.read_rule())
    if suspected:
        yield _suspects(suspected, {item.worker: item for item in found.workers})
        yield Remark(
            "They agree far more with each other than each with the others. Good workers among "
            "poor ones do so too: look at gold before you write them into persons.csv."
        )


def _fields(found: Score) -> dict[str, object]:
    alpha = found.alpha
    return {
        "Rows": found.rows,
        "Judgements": found.judgements,
        "Tasks": found.tasks,
        "Workers": len(found.workers),
        "With points": sum(1 for item in found.workers if item.points),
        "Krippendorff's alpha": "none" if alpha is None else f"{float(alpha):.3f}",
    }


def _remarks(found: Score, rule: LabelRule) -> Iterator[Remark]:
    told = [item for item in found.workers if 0 < rule.gold_least <= item.gold]
    if any(item.gold for item in found.workers):
        yield Remark(
            f"{len(told)} of {len(found.workers)} workers judged {rule.gold_least} gold tasks and "
            "more, and are paid by what the experts say alone."
        )


def _row(item: WorkerScore, points: int) -> tuple[object, ...]:
    return (
        item.worker,
        item.counted,
        item.gold,
        f"{item.agreement:.3f}",
        item.quality,
        _percent(item.points / points),
    )


def _suspects(suspected: list[Suspicion], workers: dict[str, WorkerScore]) -> Table:
    return Table(
        f"Suspicions: {len(suspected)} pairs, the strongest first",
        ("One", "Other", "Tasks", "Same", "Expected", "Qualities"),
        [
            (
                item.one,
                item.other,
                item.tasks,
                _percent(item.agreed / item.tasks),
                _percent(item.expected / item.tasks),
                f"{workers[item.one].quality}, {workers[item.other].quality}",
            )
            for item in suspected[:MOST]
        ],
    )


def _percent(share: float) -> Shown:
    return Shown(f"{100 * share:.1f} %", round(share, 6))

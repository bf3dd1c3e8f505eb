"""From a labelling job to the metadata of its dataset."""

from datetime import UTC, datetime
from pathlib import Path

from flywheel.errors import fix
from flywheel.rewards import datasets, job_files, scoring
from flywheel.rewards.datasets import Dataset, Facts, RecordSet
from flywheel.rewards.inputs import JobFiles
from flywheel.rewards.judgements import COLUMNS, PARQUET, TIMED_COLUMNS


def write(
    path: Path,
    labels: Path,
    gold: Path | None,
    *,
    name: str,
    description: str,
    licence: str,
    creator: str,
    url: str,
    version: str,
    models: tuple[str, ...] = (),
) -> tuple[Dataset, bool]:
    """Writes the metadata of the job to `path`; returns them, and whether mlcroissant checked them.

    Raises `FlywheelError` with all faults of a file, and for a value that is not what its field is
    for.
    """
    if labels.suffix == PARQUET:
        raise fix(f"{labels} is Parquet, whose columns are not described yet", "Describe its CSV")
    given = JobFiles(labels, gold=gold)
    with given.open() as job:
        found = scoring.score(job, given.read_rule())
        columns = TIMED_COLUMNS if job.has_times else COLUMNS
    files = [labels] if gold is None else [labels, gold]
    tables = [RecordSet("labels", labels.name, columns)]
    if gold is not None:
        tables.append(RecordSet("gold", gold.name, ("task", "label")))
    dataset = Dataset(
        name=name,
        description=description or f"Labels of {len(found.workers):,} workers.",
        licence=licence,
        creator=creator,
        url=url,
        version=version,
        published=datetime.now(UTC).date(),
        files=tuple(map(datasets.file_of, files)),
        record_sets=tuple(tables),
        facts=Facts(
            contributors=len(found.workers),
            judgements=found.judgements,
            tasks=found.tasks,
            alpha="" if found.alpha is None else f"{float(found.alpha):.3f}",
            models=models,
        ),
    )
    text = datasets.describe(dataset)
    with job_files.replaced(path) as file:
        file.write(text.encode())
    return dataset, datasets.check(path)


def content_hash(path: Path) -> bytes:
    """What the chain keeps of metadata. Raises `FlywheelError` if they are none."""
    datasets.read(path)
    return datasets.content_hash(path.read_bytes())

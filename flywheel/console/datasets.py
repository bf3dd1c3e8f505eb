"""The metadata of a dataset: ape run rewards describe."""

from pathlib import Path

import click

from flywheel.console import cli as shared
from flywheel.console.labelling import FILE

# Added to the group `rewards`.
group = click.Group()


@shared.reading(group)
@click.argument("labels", type=FILE)
@click.argument("croissant", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="Of the dataset.")
@click.option("--description", default="", help="What it is, in a sentence or two.")
@click.option("--licence", required=True, help="An SPDX identifier such as CC-BY-4.0, or a URL.")
@click.option("--creator", required=True, help="Who made it, or curates it.")
@click.option("--url", required=True, help="Where it is described.")
@click.option("--version", default="1.0.0", show_default=True, help="Of this edition.")
@click.option("--model", "models", multiple=True, help="One that was trained on it; repeatable.")
@click.option("--gold", type=FILE, help="CSV task,label: experts' answers; published with it.")
def describe(
    output: shared.Output,
    labels: Path,
    croissant: Path,
    gold: Path | None,
    **said: str | tuple[str, ...],
) -> None:
    """Write Croissant metadata of the job in LABELS to CROISSANT: for hubs, and for the chain.

    Figures in it are counted from the files. With mlcroissant installed it is checked with it.
    """
    from flywheel.rewards import describing
    from flywheel.shown import yes

    dataset, is_checked = describing.write(croissant, labels, gold, **said)  # type: ignore[arg-type]
    facts = dataset.facts
    output.record(
        f"Dataset {dataset.name}",
        {
            "Licence": dataset.licence,
            "Contributors": facts.contributors,
            "Judgements": facts.judgements,
            "Tasks": facts.tasks,
            "Krippendorff's alpha": facts.alpha or "none",
            "Content hash": f"0x{describing.content_hash(croissant).hex()}",
            "Checked with mlcroissant": yes(is_checked),
            "Written to": str(croissant),
        },
    )

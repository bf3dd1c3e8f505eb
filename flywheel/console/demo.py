"""Plays a scenario and accounts for every unit: ape run demo --scenario mpt-7b."""

import json
import sys
from pathlib import Path

import click

from flywheel.console import cli as shared
from flywheel.console.output import FORMATS, Output


@click.command(cls=shared.Command)
@click.option("--scenario", default="mpt-7b", show_default=True, help="Name or YAML file.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/demo"),
    show_default=True,
    help="Where summary.json and the published rewards go.",
)
@click.option("--format", "output_format", type=click.Choice(FORMATS), default="table")
def cli(scenario: str, out: Path, output_format: str) -> None:
    """Raise, vote, train, license, earn, share: one turn of the wheel."""
    if not play(scenario, out, Output(output_format)):
        sys.exit(1)


def play(name: str, out: Path, output: Output) -> bool:
    """Plays one scenario and writes `out/summary.json`; whether everything adds up."""
    from flywheel import story

    summary = story.play_scenario(name, out, output)
    path = out / "summary.json"
    path.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    output.say(f"Summary in {path}; conserved: {str(summary['conserved']).lower()}.")
    return bool(summary["conserved"])

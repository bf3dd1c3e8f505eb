"""The kinds of work that a drop may pay, by the rule: labels, reports, a ranking, units."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from flywheel.errors import fix
from flywheel.rewards import inputs, rules
from flywheel.rewards.earnings import Files
from flywheel.rewards.inputs import JobFiles
from flywheel.rewards.ranking_files import RankingFiles
from flywheel.rewards.report_files import ReportFiles
from flywheel.rewards.unit_files import UnitFiles

_CLASSES: dict[str, Any] = {
    found.kind: found for found in (JobFiles, ReportFiles, RankingFiles, UnitFiles)
}


def given(file: Path, rule: Path | None = None, **options: Path | None) -> Files:
    """The files of a kind of work that somebody gives: its main one, the rule that says which kind
    it is (labels without one), others by their names. Raises `FlywheelError` for one that the kind
    has not."""
    kind = rules.LABELS if rule is None else rules.kind_of(rule)
    files = _CLASSES[kind]
    taken = {field.name for field in fields(files)} - {"results", "seen"}
    for name, path in options.items():
        if path is not None and name not in taken:
            raise fix(f"Work of the kind {kind} has no --{name}", "Leave it out")
    made: Files = files(file, rule=rule, **{k: v for k, v in options.items() if k in taken})
    return made


def published(folder: Path) -> Files:
    """The files in the folder `inputs` of a publication."""
    rule = inputs.known(folder, inputs.RULE)
    kind = rules.LABELS if rule is None else rules.kind_of(rule)
    made: Files = _CLASSES[kind].published(folder)
    return made

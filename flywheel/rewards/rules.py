"""Rules by which work becomes points: one file of each drop says all of it.

docs/reference/rewards.md explains each field. The `kind` of a rule says which work it pays.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from eth_utils import to_checksum_address

from flywheel import documents
from flywheel.chain.connection import ZERO_ADDRESS
from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_yaml, texts, values
from flywheel.reading.texts import shown
from flywheel.rewards import job_files

LABELS, REPORTS, RANKING, UNITS = "labels", "reports", "ranking", "units"


@dataclass(frozen=True)
class LabelRule:
    """Pays labels by their agreement with others, above chance."""

    kind: ClassVar = LABELS
    judges: int = 3
    most_judges: int = 0
    confidence: float = 1.0
    full_at: float = 0.125
    gold_least: int = 20


@dataclass(frozen=True)
class ReportRule:
    """Pays accepted reports: the points of each severity."""

    kind: ClassVar = REPORTS
    points: dict[str, int]


@dataclass(frozen=True)
class RankingRule:
    """Pays claims of a benchmark by their rank. `prizes` are parts, the first rank's first;
    `least_score`: the worst that is paid, in millionths; `is_higher_better`: as the benchmark on
    chain has it, None until it was read there; `least_lead`: by how much a later claim has to be
    better, in millionths."""

    kind: ClassVar = RANKING
    benchmark: int
    prizes: tuple[int, ...]
    least_score: int | None = None
    is_higher_better: bool | None = None
    least_lead: int = 0


@dataclass(frozen=True)
class UnitRule:
    """Pays units of work that `threshold` of the `validators` have signed."""

    kind: ClassVar = UNITS
    validators: tuple[str, ...]
    threshold: int


Rule = LabelRule | ReportRule | RankingRule | UnitRule
R = TypeVar("R", LabelRule, ReportRule, RankingRule, UnitRule)


def kind_of(path: Path) -> str:
    """The kind that a rule's file names; labels if it names none. Raises `FlywheelError`."""
    document = strict_yaml.load(texts.read_text(path), path)
    kind = document.get("kind", LABELS) if isinstance(document, dict) else LABELS
    if not isinstance(kind, str) or kind not in _MAKERS:
        remedy = f"Write one of {', '.join(_MAKERS)}"
        raise documents.misfit(path, ["kind"], f"there is no kind '{shown(kind)}'. {remedy}")
    return kind


def read(path: Path) -> Rule:
    """The rule in a YAML file; a field that is not there has its default. Raises `FlywheelError`
    with all faults and their lines."""
    kind = kind_of(path)
    document = documents.load(path, f"rule-{kind}")
    document.pop("kind", None)
    return _MAKERS[kind](path, document)


def read_as(path: Path, wanted: type[R]) -> R:
    """As `read`, for one kind; `FlywheelError` for another."""
    rule = read(path)
    if not isinstance(rule, wanted):
        raise fix(f"{path} is a rule of the kind {rule.kind}", f"Give one of {wanted.kind}")
    return rule


def text_of(rule: Rule) -> str:
    """The rule with all its fields, as `read` takes it."""
    fields: dict[str, Any] = {"kind": rule.kind}
    for name, value in asdict(rule).items():
        if value is not None:
            fields[name] = list(value) if isinstance(value, tuple) else value
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True)


def _label_rule(_: Path, document: dict[str, Any]) -> LabelRule:
    kinds = LabelRule.__annotations__
    return LabelRule(**{name: kinds[name](value) for name, value in document.items()})


def _report_rule(path: Path, document: dict[str, Any]) -> ReportRule:
    points: dict[str, int] = {}
    faults = []
    for written, value in document["points"].items():
        try:
            name = job_files.value_of(written, "severity")
            if name in points:
                raise fix(f"the severity '{shown(name)}' is there already", "Keep one of them")
            points[name] = int(value)
        except FlywheelError as error:
            faults.append((("points", written), str(error)))
    documents.refuse(path, faults)
    return ReportRule(points)


def _ranking_rule(path: Path, document: dict[str, Any]) -> RankingRule:
    prizes = tuple(map(int, document.pop("prizes")))
    documents.refuse(
        path,
        [
            (("prizes", rank), "a later rank has a larger prize: whoever does worse would get more")
            for rank in range(1, len(prizes))
            if prizes[rank] > prizes[rank - 1]
        ],
    )
    for name in ("benchmark", "least_score", "least_lead"):
        if name in document:
            # The schema takes 3.0 for a whole number, too.
            document[name] = int(document[name])
    return RankingRule(prizes=prizes, **document)


def _unit_rule(path: Path, document: dict[str, Any]) -> UnitRule:
    validators: list[str] = []
    faults: list[tuple[tuple[str | int, ...], str]] = []
    for place, written in enumerate(document["validators"]):
        try:
            account = str(to_checksum_address(values.address(written)))
            if account == ZERO_ADDRESS:
                raise fix("nobody signs for the zero address", "Name a validator's account")
            if account in validators:
                raise fix(f"{account} is there already", "Name each validator once")
            validators.append(account)
        except FlywheelError as error:
            faults.append((("validators", place), str(error)))
    threshold = int(document["threshold"])
    if threshold > len(document["validators"]):
        reason = f"{threshold} of {len(document['validators'])} validators can never sign"
        faults.append((("threshold",), reason))
    documents.refuse(path, faults)
    return UnitRule(tuple(validators), threshold)


_MAKERS: dict[str, Callable[[Path, dict[str, Any]], Rule]] = {
    LABELS: _label_rule,
    REPORTS: _report_rule,
    RANKING: _ranking_rule,
    UNITS: _unit_rule,
}

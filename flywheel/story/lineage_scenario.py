"""Scenarios of models that were made from each other: checked YAML, in contract units."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flywheel import amounts, documents
from flywheel.errors import FlywheelError
from flywheel.models.kinds import ModelKind
from flywheel.reading import texts
from flywheel.story import scenario
from flywheel.story.parts import Licence, Licensee, Scenario

# What the registry allows as the sum of a model's links.
MAX_OWED_BPS = 5_000


@dataclass(frozen=True)
class Family:
    """What models of a family ask of models derived from them, by the kind of the derived one."""

    derivative_fee: int
    shares: dict[ModelKind, int]
    legal_uri: str


@dataclass(frozen=True)
class OpenModel:
    """A model as its card describes it; `parents` by name, `is_dao` and the floor assumed."""

    name: str
    kind: ModelKind
    parents: tuple[str, ...]
    family: str
    card_licence: str
    fact: str
    source: str
    is_dao: bool
    floor_bps: int

    @property
    def maker(self) -> str:
        """Who published it."""
        return self.name.split("/")[0]


@dataclass(frozen=True)
class Lineages:
    """`story`: the DAO and its supporters, the licensees and the terms that they buy."""

    story: Scenario
    assumptions: tuple[str, ...]
    protocol_fee_bps: int
    families: dict[str, Family]
    models: tuple[OpenModel, ...]
    licensed: dict[str, str]
    """Licensee -> model."""

    @property
    def licence(self) -> Licence:
        assert self.story.licence is not None
        return self.story.licence

    @property
    def licensees(self) -> tuple[Licensee, ...]:
        return self.story.licensees

    @property
    def makers(self) -> tuple[str, ...]:
        """Publishers that own their models, in the order of their first one."""
        return tuple(dict.fromkeys(item.maker for item in self.models if not item.is_dao))

    def model(self, name: str) -> OpenModel:
        return next(item for item in self.models if item.name == name)

    def is_own(self, parent: str, child: OpenModel) -> bool:
        """Whether `child` belongs to who owns `parent`, and so needs no licence of it."""
        owner = self.model(parent)
        return owner.is_dao == child.is_dao and (child.is_dao or owner.maker == child.maker)

    def derivatives(self, name: str) -> list[OpenModel]:
        """Models made from this one that need a licence of it."""
        return [
            item for item in self.models if name in item.parents and not self.is_own(name, item)
        ]


def is_one(path: Path) -> bool:
    """Whether the file is a scenario of models, and not a story of one."""
    try:
        text = texts.read_text(path)
    except FlywheelError:
        # Whoever loads it is told what is wrong with it.
        return False
    return any(line.rstrip() == "models:" for line in text.splitlines())


def load(path: Path) -> Lineages:
    """Reads and checks a scenario. Raises `FlywheelError` with file, line and reason."""
    data = documents.load(path, "lineages")
    story = scenario.read(_story(data), path)
    decimals = story.suite.asset.decimals
    lineages = Lineages(
        story=story,
        assumptions=tuple(data["assumptions"]),
        protocol_fee_bps=data["protocol_fee_bps"],
        families={
            name: Family(
                derivative_fee=amounts.to_units(item["derivative_fee"], decimals),
                shares={ModelKind[kind.upper()]: bps for kind, bps in item["derivations"].items()},
                legal_uri=item["legal_uri"],
            )
            for name, item in data["families"].items()
        },
        models=tuple(_model(item) for item in data["models"]),
        licensed={item["name"]: item["model"] for item in data["licensees"]},
    )
    _check(lineages, path)
    return lineages


def _story(data: dict[str, Any]) -> dict[str, Any]:
    """What a scenario of models shares with other stories."""
    sources = [{"fact": item["fact"], "url": _source(item)} for item in data["models"]]
    shared = {key: data[key] for key in ("name", "title", "suite", "supporters", "licence")}
    licensees = [{key: item[key] for key in ("name", "revenue")} for item in data["licensees"]]
    return {**shared, "sources": sources, "licensees": licensees}


def _source(item: dict[str, Any]) -> str:
    return str(item.get("source", f"https://huggingface.co/{item['id']}"))


def _model(item: dict[str, Any]) -> OpenModel:
    return OpenModel(
        name=item["id"],
        kind=ModelKind[item["kind"].upper()],
        parents=tuple(item.get("parents", ())),
        family=item["family"],
        card_licence=item["card_licence"],
        fact=item["fact"],
        source=_source(item),
        is_dao=item.get("owner") == "dao",
        floor_bps=item.get("floor_bps", 0),
    )


def _check(lineages: Lineages, path: Path) -> None:
    """What a schema cannot say. Raises `FlywheelError`."""
    before: dict[str, OpenModel] = {}
    everybody = {item.name for item in lineages.story.supporters} | set(lineages.licensed)
    for index, item in enumerate(lineages.models):
        reason = _problem(lineages, item, before, everybody)
        if reason:
            raise documents.misfit(path, ["models", index], f"{item.name} {reason}")
        before[item.name] = item
    for index, (name, model) in enumerate(lineages.licensed.items()):
        if model not in before:
            reason = f"{name} licenses {model}, which is not among the models"
            raise documents.misfit(path, ["licensees", index, "model"], reason)


def _problem(
    lineages: Lineages, item: OpenModel, before: dict[str, OpenModel], taken: set[str]
) -> str:
    """Why a model cannot be registered after those `before` it; empty if it can."""
    if item.name in before:
        return "is there twice"
    if item.family not in lineages.families:
        return f"is of family '{item.family}', which is not among the families"
    if item.maker in taken:
        return f"is published by '{item.maker}', which is a supporter or licensee, too"
    if item.parents and item.kind == ModelKind.FOUNDATION:
        return "is a foundation and has parents"
    if item.is_dao and (item.parents or any(not other.is_dao for other in before.values())):
        return "belongs to the DAO: then it has no parents here and stands before all others"
    if item.floor_bps and not (item.is_dao and item.kind == ModelKind.FOUNDATION):
        return "has a floor: only a foundation of the DAO gets one here"
    owed = 0
    for parent in item.parents:
        if parent not in before:
            return f"has the parent {parent}, which does not stand before it"
        if lineages.is_own(parent, item):
            continue
        shares = lineages.families[before[parent].family].shares
        if item.kind not in shares:
            return f"is a {item.kind.word}, which {parent} does not allow"
        owed += shares[item.kind]
    if owed > MAX_OWED_BPS:
        return f"owes {amounts.show_bps(owed)}, at most {amounts.show_bps(MAX_OWED_BPS)} is allowed"
    return ""

"""Scenarios: checked YAML stories, in contract units."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flywheel import amounts, documents
from flywheel.chain.folders import ROOT
from flywheel.deploy import parameters
from flywheel.deploy.parameters import Parameters
from flywheel.errors import fix
from flywheel.states import Support

SCENARIOS = ROOT / "scenarios"
SUPPORT = {"for": Support.FOR, "against": Support.AGAINST, "abstain": Support.ABSTAIN, "none": None}


@dataclass(frozen=True)
class Supporter:
    name: str
    contribution: int
    vote: Support | None
    permit: bool


@dataclass(frozen=True)
class Provider:
    """A compute provider; the price is in units of the asset per GPU-hour."""

    name: str
    hardware: str
    price_per_gpu_hour: int
    gpu_hours: int
    delivered_gpu_hours: int
    region: str
    grid_grams_per_kwh: int


@dataclass(frozen=True)
class Milestone:
    title: str
    amount: int
    due_seconds: int
    energy_report: bool
    compute_percent: int
    fails_first: bool


@dataclass(frozen=True)
class Grant:
    builder: str
    terms_uri: str
    compute_budget: int
    milestones: tuple[Milestone, ...]
    treasury_bps: int
    builder_bps: int
    dataset_bps: int


@dataclass(frozen=True)
class Energy:
    """How the run's energy is estimated; the duration is the training's wall-clock time."""

    gpu_watts: int
    pue_bps: int
    duration_seconds: int
    method: str


@dataclass(frozen=True)
class Model:
    name: str
    card_uri: str


@dataclass(frozen=True)
class Dataset:
    labels: Path
    uri: str


@dataclass(frozen=True)
class Licence:
    upfront_fee: int
    share_bps: int
    minimum_per_period: int
    period_seconds: int
    grace_seconds: int
    legal_uri: str


@dataclass(frozen=True)
class Licensee:
    name: str
    revenue: tuple[int, ...]


@dataclass(frozen=True)
class Scenario:
    """One story; amounts in units of its asset, times in seconds; what is absent is not played.

    `has_allow_list`: the first round is open to the supporters only.
    """

    name: str
    title: str
    sources: tuple[tuple[str, str], ...]
    suite: Parameters
    supporters: tuple[Supporter, ...]
    has_allow_list: bool
    providers: tuple[Provider, ...]
    grant: Grant | None
    energy: Energy | None
    model: Model | None
    dataset: Dataset | None
    licence: Licence | None
    licensees: tuple[Licensee, ...]


def names() -> list[str]:
    """Scenarios that come with the project."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def find(name_or_path: str) -> Path:
    """Path of a scenario by name, or of a file given as a path. Raises `FlywheelError`."""
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml"):
        return path
    found = SCENARIOS / f"{name_or_path}.yaml"
    if not found.exists():
        raise fix(
            f"There is no scenario '{name_or_path}'",
            f"Choose one of {', '.join(names())}, or give the path of a YAML file",
        )
    return found


def load(name_or_path: str) -> Scenario:
    """Reads and checks a scenario. Raises `FlywheelError` with file, line and reason."""
    path = find(name_or_path)
    return read(documents.load(path, "scenario"), path)


def read(data: dict[str, Any], path: Path) -> Scenario:
    """Reads a document that fits the schema; `path` is named in errors, `FlywheelError`."""
    suite = parameters.from_document(data["suite"], str(path))
    scenario = _Reader(data, suite).scenario()
    _check_first_round(scenario, path)
    _check(scenario, str(path))
    return scenario


class _Reader:
    """Turns a checked document into a `Scenario`."""

    def __init__(self, data: dict[str, Any], suite: Parameters) -> None:
        self.data = data
        self.suite = suite

    def units(self, text: str | int) -> int:
        return amounts.to_units(text, self.suite.asset.decimals)

    def scenario(self) -> Scenario:
        data = self.data
        energy, model, dataset = data.get("energy"), data.get("model"), data.get("dataset")
        return Scenario(
            name=data["name"],
            title=data["title"],
            sources=tuple((source["fact"], source["url"]) for source in data["sources"]),
            suite=self.suite,
            supporters=tuple(
                Supporter(
                    name=item["name"],
                    contribution=self.units(item["contribution"]),
                    vote=SUPPORT[item.get("vote", "none")],
                    permit=item.get("permit", False),
                )
                for item in data["supporters"]
            ),
            has_allow_list="allow_list" in data,
            providers=tuple(self._provider(item) for item in data.get("providers", [])),
            grant=self._grant(data["grant"]) if "grant" in data else None,
            energy=Energy(
                energy["gpu_watts"],
                energy["pue_bps"],
                amounts.seconds(energy["duration"]),
                energy["method"],
            )
            if energy
            else None,
            model=Model(**model) if model else None,
            dataset=Dataset(ROOT / dataset["labels"], dataset["uri"]) if dataset else None,
            licence=self._licence(data["licence"]) if "licence" in data else None,
            licensees=tuple(
                Licensee(item["name"], tuple(map(self.units, item["revenue"])))
                for item in data.get("licensees", [])
            ),
        )

    def _provider(self, item: dict[str, Any]) -> Provider:
        return Provider(
            name=item["name"],
            hardware=item["hardware"],
            price_per_gpu_hour=self.units(item["price_per_gpu_hour"]),
            gpu_hours=item["gpu_hours"],
            delivered_gpu_hours=item.get("delivered_gpu_hours", item["gpu_hours"]),
            region=item["region"],
            grid_grams_per_kwh=item["grid_grams_per_kwh"],
        )

    def _grant(self, item: dict[str, Any]) -> Grant:
        return Grant(
            builder=item["builder"],
            terms_uri=item["terms_uri"],
            compute_budget=self.units(item["compute_budget"]),
            milestones=tuple(
                Milestone(
                    title=milestone["title"],
                    amount=self.units(milestone["amount"]),
                    due_seconds=amounts.seconds(milestone["due"]),
                    energy_report=milestone.get("energy_report", False),
                    compute_percent=milestone.get("compute_percent", 0),
                    fails_first=milestone.get("fails_first", False),
                )
                for milestone in item["milestones"]
            ),
            treasury_bps=item["split"]["treasury_bps"],
            builder_bps=item["split"]["builder_bps"],
            dataset_bps=item["split"]["dataset_bps"],
        )

    def _licence(self, item: dict[str, Any]) -> Licence:
        return Licence(
            upfront_fee=self.units(item["upfront_fee"]),
            share_bps=item["share_bps"],
            minimum_per_period=self.units(item["minimum_per_period"]),
            period_seconds=amounts.seconds(item["period"]),
            grace_seconds=amounts.seconds(item["grace"]),
            legal_uri=item["legal_uri"],
        )


def _check_first_round(scenario: Scenario, path: Path) -> None:
    """Raises `FlywheelError` with the line for terms of the first round that cannot be played."""
    first, place = scenario.suite.genesis_round, ["suite", "genesis_round"]
    if any(first.allow_list_root):
        raise documents.misfit(
            path,
            [*place, "allow_list_root"],
            "the root depends on where a story deploys: write 'allow_list: supporters' instead",
        )
    if first.vesting_seconds and scenario.grant:
        raise documents.misfit(
            path,
            [*place, "vesting"],
            "a story with vesting ends with its claims: leave grant out, or vesting",
        )


def _check(scenario: Scenario, origin: str) -> None:
    """What a schema cannot say. Raises `FlywheelError`."""
    everybody = [
        *(item.name for item in scenario.supporters),
        *(item.name for item in scenario.providers),
        *(item.name for item in scenario.licensees),
        *([scenario.grant.builder] if scenario.grant else []),
    ]
    twice = sorted({name for name in everybody if everybody.count(name) > 1})
    if twice:
        raise fix(f"{origin}: the name '{twice[0]}' is used twice", "Give everybody a name")
    grant = scenario.grant
    if grant is None:
        return
    if grant.treasury_bps + grant.builder_bps + grant.dataset_bps != amounts.BPS:
        raise fix(f"{origin}: grant.split does not sum to 10000", "Make its parts sum to 10000")
    if grant.dataset_bps and scenario.dataset is None:
        raise fix(
            f"{origin}: grant.split pays a dataset, but there is no dataset section",
            "Add the section, or set dataset_bps to 0",
        )
    ordered = sum(item.price_per_gpu_hour * item.gpu_hours for item in scenario.providers)
    if ordered > grant.compute_budget:
        raise fix(
            f"{origin}: the providers' GPU-hours cost more than grant.compute_budget",
            f"Raise the budget to at least {amounts.show(ordered, scenario.suite.asset.decimals)}",
        )
    percents = [milestone.compute_percent for milestone in grant.milestones]
    if percents != sorted(percents):
        raise fix(
            f"{origin}: grant.milestones compute_percent falls", "Write cumulative percentages"
        )

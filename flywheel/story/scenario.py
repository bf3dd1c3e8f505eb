"""Scenarios: YAML stories, read and checked."""

from pathlib import Path
from typing import Any

from flywheel import amounts, documents
from flywheel.chain.folders import ROOT
from flywheel.deploy import parameters
from flywheel.deploy.parameters import Parameters
from flywheel.errors import fix
from flywheel.grants import grant_terms
from flywheel.states import GrantKind, Support
from flywheel.story import scenario_checks
from flywheel.story.parts import (
    Base,
    Dataset,
    Energy,
    Grant,
    Job,
    Licence,
    Licensee,
    Milestone,
    Model,
    Provider,
    Scenario,
    Serving,
    Supporter,
)

SCENARIOS = ROOT / "scenarios"
SUPPORT = {"for": Support.FOR, "against": Support.AGAINST, "abstain": Support.ABSTAIN, "none": None}


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
    scenario_checks.refuse(scenario, path)
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
            energy=self._energy(energy) if energy else None,
            model=Model(**model) if model else None,
            dataset=self._dataset(dataset) if dataset else None,
            licence=self._licence(data["licence"]) if "licence" in data else None,
            licensees=tuple(
                Licensee(item["name"], tuple(map(self.units, item["revenue"])))
                for item in data.get("licensees", [])
            ),
            base=self._base(data["base"]) if "base" in data else None,
            serving=self._serving(data["serving"]) if "serving" in data else None,
        )

    def _dataset(self, item: dict[str, Any]) -> Dataset:
        gold = ROOT / item["gold"] if "gold" in item else None
        return Dataset(ROOT / item["labels"], item["uri"], gold)

    def _base(self, item: dict[str, Any]) -> Base:
        derivation = item["derivation"]
        return Base(
            maker=item["maker"],
            model=Model(**item["model"]),
            run=self._provider(item["run"]),
            energy=self._energy(item["energy"]),
            fee=self.units(derivation["fee"]),
            share_bps=derivation["share_bps"],
            legal_uri=derivation["legal_uri"],
        )

    def _serving(self, item: dict[str, Any]) -> Serving:
        job = Job(
            GrantKind.SERVING,
            self._grant(item["grant"]),
            tuple(map(self._provider, item["providers"])),
            self._energy(item["energy"]),
        )
        return Serving(job, item["tokens_per_second"], item["busy_percent"])

    def _energy(self, item: dict[str, Any]) -> Energy:
        return Energy(
            item["gpu_watts"], item["pue_bps"], amounts.seconds(item["duration"]), item["method"]
        )

    def _provider(self, item: dict[str, Any]) -> Provider:
        return Provider(
            name=item["name"],
            hardware=item["hardware"],
            price_per_gpu_hour=self.units(item["price_per_gpu_hour"]),
            gpus=item["gpus"],
            gpu_hours=item.get("gpu_hours", 0),
            delivered_gpu_hours=item.get("delivered_gpu_hours", item.get("gpu_hours", 0)),
            region=item["region"],
            grid_grams_per_kwh=item["grid_grams_per_kwh"],
            dies_at_percent=item.get("dies_at_percent"),
            replaced_by=item.get("replaced_by", ""),
        )

    def _grant(self, item: dict[str, Any]) -> Grant:
        milestones = tuple(map(self._milestone, item["milestones"]))
        total = sum(each.amount + each.compute_unlocked for each in milestones)
        bond = self.units(item["bond"]) if "bond" in item else grant_terms.least_bond(total)
        split = item.get("split", {})
        return Grant(
            builder=item["builder"],
            terms_uri=item["terms_uri"],
            bond=bond,
            carbon_budget_grams=amounts.to_units(
                item.get("carbon_budget_kg", 0), grant_terms.GRAM_DECIMALS
            ),
            max_price_per_gpu_hour=self.units(item["max_price_per_gpu_hour"]),
            max_compute_per_day=self.units(item["max_compute_per_day"]),
            milestones=milestones,
            stops_after=item.get("stops_after", 0),
            treasury_bps=split.get("treasury_bps", 0),
            builder_bps=split.get("builder_bps", 0),
            dataset_bps=split.get("dataset_bps", 0),
        )

    def _milestone(self, item: dict[str, Any]) -> Milestone:
        return Milestone(
            title=item["title"],
            amount=self.units(item["amount"]),
            due_seconds=amounts.seconds(item["due"]),
            stream_seconds=amounts.seconds(item.get("stream", 0)),
            compute_unlocked=self.units(item.get("compute", 0)),
            energy_report=item.get("energy_report", False),
            compute_percent=item.get("compute_percent", 0),
            fails_first=item.get("fails_first", False),
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

"""Scenarios: checked YAML stories, in contract units."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils import keccak

from flywheel import amounts, documents
from flywheel.chain.folders import ROOT
from flywheel.deploy import parameters
from flywheel.deploy.parameters import Parameters
from flywheel.energy.figures import Phase
from flywheel.errors import fix
from flywheel.grants import grant_terms
from flywheel.grants.grant_terms import Share
from flywheel.states import GrantKind, ReceiverKind, Support

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
    """A compute provider; the price is in units of the asset per GPU-hour.

    Ordered are `gpu_hours` in all, in the steps of the milestones. When `dies_at_percent` of the
    compute is done it stops, and `replaced_by`, who may stand by with no hours of its own, delivers
    the rest of its hours.
    """

    name: str
    hardware: str
    price_per_gpu_hour: int
    gpus: int
    gpu_hours: int
    delivered_gpu_hours: int
    region: str
    grid_grams_per_kwh: int
    dies_at_percent: int | None
    replaced_by: str


@dataclass(frozen=True)
class Milestone:
    """`compute_percent` of all compute is done when it is submitted."""

    title: str
    amount: int
    due_seconds: int
    stream_seconds: int
    compute_unlocked: int
    energy_report: bool
    compute_percent: int
    fails_first: bool


@dataclass(frozen=True)
class Grant(grant_terms.Milestones):
    """`stops_after`: the milestone after which the builder delivers nothing more, 0 if none."""

    builder: str
    terms_uri: str
    bond: int
    carbon_budget_grams: int
    max_price_per_gpu_hour: int
    max_compute_per_day: int
    milestones: tuple[Milestone, ...]
    stops_after: int
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
    _check_grant(scenario, path)
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
            treasury_bps=item["split"]["treasury_bps"],
            builder_bps=item["split"]["builder_bps"],
            dataset_bps=item["split"]["dataset_bps"],
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
    percents = [milestone.compute_percent for milestone in grant.milestones]
    if percents != sorted(percents):
        raise fix(
            f"{origin}: grant.milestones compute_percent falls", "Write cumulative percentages"
        )
    known = {item.name for item in scenario.providers}
    for item in scenario.providers:
        if (item.dies_at_percent is None) != (not item.replaced_by):
            raise fix(
                f"{origin}: {item.name} has only one of dies_at_percent and replaced_by",
                "Give both, or neither",
            )
        if item.replaced_by and item.replaced_by not in known - {item.name}:
            raise fix(
                f"{origin}: no other provider is called '{item.replaced_by}'",
                "Name one of the section providers",
            )


def terms_of(scenario: Scenario, builder: str, campaign_id: int) -> grant_terms.GrantTerms:
    """What the builder of a story applies with."""
    grant = scenario.grant
    assert grant is not None
    shares = (
        Share(ReceiverKind.TREASURY, grant.treasury_bps),
        Share(ReceiverKind.ACCOUNT, grant.builder_bps, account=builder),
        Share(ReceiverKind.CAMPAIGN, grant.dataset_bps, campaign_id=campaign_id),
    )
    return grant_terms.GrantTerms(
        kind=GrantKind.TRAINING,
        purpose=scenario.suite.genesis_round.purpose,
        bond=grant.bond,
        carbon_budget_grams=grant.carbon_budget_grams,
        max_price_per_gpu_hour=grant.max_price_per_gpu_hour,
        max_compute_per_day=grant.max_compute_per_day,
        milestones=tuple(
            grant_terms.MilestoneTerms(
                title=item.title,
                amount=item.amount,
                due_seconds=item.due_seconds,
                stream_seconds=item.stream_seconds,
                compute_unlocked=item.compute_unlocked,
                energy_phase=Phase.TRAINING if item.energy_report else grant_terms.NO_PHASE,
                model_required=item is grant.milestones[-1],
            )
            for item in grant.milestones
        ),
        split=tuple(share for share in shares if share.bps),
        terms_hash=bytes(keccak(text=grant.terms_uri)),
        terms_uri=grant.terms_uri,
    )


def _check_grant(scenario: Scenario, path: Path) -> None:
    """Raises `FlywheelError` with the line of what the contracts would refuse of the grant, and of
    compute that a milestone does not unlock."""
    grant = scenario.grant
    if grant is None:
        return

    def money(units: int) -> str:
        return amounts.show(units, scenario.suite.asset.decimals, scenario.suite.asset.symbol)

    terms = terms_of(scenario, grant_terms.ZERO_ADDRESS, 1)
    for fault in grant_terms.faults(terms, money):
        raise documents.misfit(path, ["grant", *fault.where], fault.reason)
    unlocked = 0
    for index, milestone in enumerate(grant.milestones):
        unlocked += milestone.compute_unlocked
        cost = sum(
            item.price_per_gpu_hour * item.gpu_hours * milestone.compute_percent // 100
            for item in scenario.providers
        )
        if cost > unlocked:
            where: list[str | int] = ["grant", "milestones", index, "compute"]
            why = f"the GPU-hours up to it cost more than is unlocked: {money(cost)}"
            raise documents.misfit(path, where, why)
    if grant.stops_after >= len(grant.milestones):
        raise documents.misfit(path, ["grant", "stops_after"], "there is no milestone after it")

"""What a story is made of, in contract units: amounts in units of its asset, times in seconds."""

from dataclasses import dataclass
from pathlib import Path

from flywheel import amounts
from flywheel.deploy.parameters import Parameters
from flywheel.energy.estimate import Estimate
from flywheel.grants import grant_terms
from flywheel.states import GrantKind, Support


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

    def estimate(self, gpu_seconds: int, provider: Provider) -> Estimate:
        """What that GPU time of a provider takes, at full power on its grid."""
        grid = provider.grid_grams_per_kwh
        return Estimate(gpu_seconds, self.gpu_watts, self.pue_bps, grid)


@dataclass(frozen=True)
class Job:
    """Work that a grant pays: on whose machines, and how their energy is estimated."""

    kind: GrantKind
    grant: Grant
    providers: tuple[Provider, ...]
    energy: Energy

    @property
    def names(self) -> list[str]:
        return [self.grant.builder, *(item.name for item in self.providers)]


@dataclass(frozen=True)
class Serving:
    """A grant that keeps the model running once it is there: all providers run all the time.

    A GPU gives `tokens_per_second` while it is busy, which is `busy_percent` of the time.
    """

    job: Job
    tokens_per_second: int
    busy_percent: int

    def tokens(self, gpu_seconds: int) -> int:
        """Tokens served in that GPU time, rounded down."""
        return gpu_seconds * self.tokens_per_second * self.busy_percent // 100

    def gpu_seconds(self, tokens: int) -> int:
        """GPU time for that many tokens, rounded up."""
        return -(-tokens * 100 // (self.tokens_per_second * self.busy_percent))


@dataclass(frozen=True)
class Model:
    name: str
    card_uri: str


@dataclass(frozen=True)
class Base:
    """A model of somebody else that the story's is fine-tuned from.

    `run`: the machines of its training from scratch and what they cost, as published.
    """

    maker: str
    model: Model
    run: Provider
    energy: Energy
    fee: int
    share_bps: int
    legal_uri: str

    @property
    def training_cost(self) -> int:
        return self.run.gpu_hours * self.run.price_per_gpu_hour


@dataclass(frozen=True)
class Dataset:
    labels: Path
    uri: str
    gold: Path | None = None


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
    base: Base | None
    serving: Serving | None

    @property
    def training(self) -> Job | None:
        if self.grant is None or self.energy is None:
            return None
        return Job(GrantKind.TRAINING, self.grant, self.providers, self.energy)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """What grants pay, in the order of the story."""
        serving = self.serving.job if self.serving else None
        return tuple(job for job in (self.training, serving) if job is not None)

    @property
    def names(self) -> list[str]:
        """Everybody who acts."""
        return [
            *(item.name for item in self.supporters),
            *(name for job in self.jobs for name in job.names),
            *(item.name for item in self.licensees),
            *([self.base.maker] if self.base else []),
        ]

    def money(self, units: int) -> str:
        return amounts.show(units, self.suite.asset.decimals, self.suite.asset.symbol)

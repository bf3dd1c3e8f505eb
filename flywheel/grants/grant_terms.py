"""Terms of a grant, and the bounds that GrantApplications puts on them. Needs no chain."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from eth_utils import keccak

from flywheel import amounts
from flywheel.energy.figures import Phase
from flywheel.states import GrantKind, ReceiverKind

DAY = 86_400
ZERO_ADDRESS = "0x" + "00" * 20
# As the contract has them.
MAX_DUE_SECONDS = 5 * 365 * DAY
MIN_SPACING_SECONDS = 14 * DAY
MAX_STREAM_SECONDS = 2 * 365 * DAY
# Of the whole grant: the most that one milestone pays or unlocks, and the least bond; of all
# milestones: the least that the last one pays.
MAX_PART = 3
MIN_BOND_PART = 10
MIN_LAST_PART = 10
# The fewest days in which all compute can be spent.
MIN_COMPUTE_DAYS = 7
MAX_TOTAL = 2**100 - 1
# What all ancestors of a model may get of its revenue.
MAX_OWED_BPS = 5_000
# Grams of a kilogram, as decimals.
GRAM_DECIMALS = 3
# What the first milestone unlocks of compute beside the bond at most: a builder that takes it and
# leaves has gained 15 % of the compute and no more.
FIRST_COMPUTE_BPS = 1_500

NO_PHASE = Phase(0)

Money = Callable[[int], str]


@dataclass(frozen=True)
class Share:
    """One receiver of a model's revenue."""

    kind: ReceiverKind
    bps: int
    account: str = ZERO_ADDRESS
    campaign_id: int = 0

    @property
    def argument(self) -> tuple[int, str, int, int]:
        return int(self.kind), self.account, self.campaign_id, self.bps


@dataclass(frozen=True)
class MilestoneTerms:
    """Amounts in units of the asset, times in seconds, a score in millionths."""

    title: str
    amount: int
    due_seconds: int
    stream_seconds: int = 0
    compute_unlocked: int = 0
    energy_phase: Phase = NO_PHASE
    model_required: bool = False
    benchmark_id: int = 0
    required_score: int = 0

    @property
    def argument(self) -> tuple[int, int, int, int, int, bool, int, int, bytes]:
        return (
            self.amount,
            self.due_seconds,
            self.stream_seconds,
            self.compute_unlocked,
            int(self.energy_phase),
            self.model_required,
            self.benchmark_id,
            self.required_score,
            bytes(keccak(text=self.title)),
        )


class Milestones:
    """Sums for whatever has `milestones` with an `amount` and what they unlock of compute."""

    milestones: tuple[Any, ...]

    @property
    def milestones_total(self) -> int:
        return sum(item.amount for item in self.milestones)

    @property
    def compute_budget(self) -> int:
        return sum(item.compute_unlocked for item in self.milestones)

    @property
    def total(self) -> int:
        return self.milestones_total + self.compute_budget


@dataclass(frozen=True)
class GrantTerms(Milestones):
    """Terms of a grant; amounts in units of the asset.

    `max_owed_bps`: what all ancestors of its models may get of their revenue, before the split.
    """

    kind: GrantKind
    purpose: int
    bond: int
    carbon_budget_grams: int
    max_price_per_gpu_hour: int
    max_compute_per_day: int
    milestones: tuple[MilestoneTerms, ...]
    split: tuple[Share, ...]
    max_owed_bps: int
    terms_hash: bytes
    terms_uri: str

    def argument(self, recipient: str, asset: str) -> tuple[object, ...]:
        """`IGrantApplications.GrantTerms`."""
        return (
            int(self.kind),
            recipient,
            asset,
            self.purpose,
            self.bond,
            self.carbon_budget_grams,
            self.max_price_per_gpu_hour,
            self.max_compute_per_day,
            [item.argument for item in self.milestones],
            [share.argument for share in self.split],
            self.max_owed_bps,
            self.terms_hash,
            self.terms_uri,
        )


def least_bond(total: int) -> int:
    """A tenth of milestones and compute, rounded up."""
    return -(-total // MIN_BOND_PART)


def first_compute(compute_budget: int, bond: int) -> int:
    """The most that the first milestone unlocks of compute: 15 % of it and the bond."""
    return compute_budget * FIRST_COMPUTE_BPS // amounts.BPS + bond


def most_of_a_third(total: int, part: int) -> int:
    """The most that `part` may become if all else of `total` stays: a third is half of the rest."""
    return (total - part) // (MAX_PART - 1)


def most_of_first_compute(compute_budget: int, bond: int, first: int) -> int:
    """The most that `first` may become if the bond and all else of the compute stay."""
    rest = compute_budget - first
    return (bond * amounts.BPS + rest * FIRST_COMPUTE_BPS) // (amounts.BPS - FIRST_COMPUTE_BPS)


def unlocked(compute_budget: int, bond: int, amounts_due: int, count: int) -> list[int]:
    """What each of `count` milestones unlocks of a compute budget if the terms do not say it.

    The first unlocks 15 % of it and the bond, the others the rest in equal parts. `amounts_due` is
    the sum of all milestones: none unlocks more than a third of it and the compute, if that leaves
    the others no more than that either.
    """
    if count == 1:
        return [compute_budget]
    most = (amounts_due + compute_budget) // MAX_PART
    first = min(first_compute(compute_budget, bond), most, compute_budget)
    each, rest = divmod(compute_budget - first, count - 1)
    return [first, each + rest, *[each] * (count - 2)]


class Fault(NamedTuple):
    """What the contract would refuse: the place in the terms, and why in words."""

    where: tuple[str | int, ...]
    reason: str


def faults(terms: GrantTerms, money: Money) -> Iterator[Fault]:
    """Every bound that `terms` break, as `grant_bounds` of the contracts has them."""
    if not terms.milestones:
        yield Fault(("milestones",), "there are none")
        return
    if terms.total > MAX_TOTAL:
        yield Fault(("milestones",), "milestones and compute are below 2^100 units in all")
    due_seconds = MIN_SPACING_SECONDS
    for index, item in enumerate(terms.milestones):
        yield from _milestone_faults(terms, index, due_seconds, money)
        due_seconds = item.due_seconds
    if due_seconds > MAX_DUE_SECONDS:
        yield _at(len(terms.milestones) - 1, "due", "the last one may be due after 5 years at most")
    last = terms.milestones[-1]
    if last.amount * MIN_LAST_PART < terms.milestones_total:
        others = terms.milestones_total - last.amount
        least = money(-(-others // (MIN_LAST_PART - 1)))
        why = (
            "the last one pays a tenth of all milestones or more, which is a ninth of the others: "
            f"at least {least}"
        )
        yield _at(len(terms.milestones) - 1, "amount", why)
    if terms.bond < least_bond(terms.total):
        why = (
            f"a tenth of milestones and compute or more: at least {money(least_bond(terms.total))}"
        )
        yield Fault(("bond",), why)
    yield from _training_faults(terms)
    if terms.compute_budget and not terms.max_price_per_gpu_hour:
        yield Fault(("max_price_per_gpu_hour",), "compute needs a highest price of a GPU-hour")
    if terms.compute_budget and not terms.max_compute_per_day:
        yield Fault(("max_compute_per_day",), "compute needs a cap of what it may cost a day")
    if terms.max_compute_per_day * MIN_COMPUTE_DAYS > terms.compute_budget > 0:
        most = money(terms.compute_budget // MIN_COMPUTE_DAYS)
        why = f"at most a seventh of all compute: at most {most}"
        yield Fault(("max_compute_per_day",), why)
    yield from split_faults(terms.split)


def _milestone_faults(terms: GrantTerms, index: int, before: int, money: Money) -> Iterator[Fault]:
    item, half = terms.milestones[index], "which is half of all else of them: at most"
    if not item.amount:
        yield _at(index, "amount", "a milestone pays more than nothing")
    if item.due_seconds < before + MIN_SPACING_SECONDS:
        least = "14 days after the one before" if index else "28 days after the approval"
        yield _at(index, "due", f"a milestone is due {least}, or later")
    if item.stream_seconds > MAX_STREAM_SECONDS:
        yield _at(index, "stream", "an amount is released within 730 days")
    if item.amount * MAX_PART > terms.total:
        most = money(most_of_a_third(terms.total, item.amount))
        why = f"at most a third of milestones and compute, {half} {most}"
        yield _at(index, "amount", why)
    unlocks = item.compute_unlocked
    if index == 0 and unlocks > first_compute(terms.compute_budget, terms.bond):
        most = money(most_of_first_compute(terms.compute_budget, terms.bond, unlocks))
        why = f"the first unlocks the bond and 15 % of all compute at most: at most {most}"
        yield _at(index, "compute", why)
    if unlocks * MAX_PART > terms.total:
        most = money(most_of_a_third(terms.total, unlocks))
        why = (
            f"unlocks {money(unlocks)}: at most a third of milestones and compute, {half} {most}. "
            "Spread it over more milestones"
        )
        yield _at(index, "compute", why)


def _training_faults(terms: GrantTerms) -> Iterator[Fault]:
    is_training = terms.kind == GrantKind.TRAINING
    for index, item in enumerate(terms.milestones):
        if item.model_required and not is_training:
            yield _at(index, "model", "only a grant of the kind training makes a model")
    if is_training and not terms.milestones[-1].model_required:
        why = "the last milestone of a training hands in its model: write 'model: true'"
        yield _at(len(terms.milestones) - 1, "model", why)
    if is_training and not terms.split:
        yield Fault(("split",), "a training says who gets what its models earn")
    if terms.split and not is_training:
        yield Fault(("split",), "only a grant of the kind training has models that earn")
    if not 0 <= terms.max_owed_bps <= MAX_OWED_BPS:
        yield Fault(("max_owed_bps",), f"ancestors may get 0 to {MAX_OWED_BPS} basis points")


def split_faults(split: tuple[Share, ...]) -> Iterator[Fault]:
    """What is wrong with a split, an empty one apart."""
    seen = set()
    for index, share in enumerate(split):
        if not 0 < share.bps <= amounts.BPS:
            yield Fault(("split", index, "bps"), "a share is 1 to 10000 basis points")
        receiver = share.argument[:3]
        if receiver in seen:
            yield Fault(("split", index, "to"), "this receiver has a share already")
        seen.add(receiver)
    if split and sum(share.bps for share in split) != amounts.BPS:
        yield Fault(("split",), "its parts do not sum to 10000")


def _at(index: int, name: str, reason: str) -> Fault:
    return Fault(("milestones", index, name), reason)

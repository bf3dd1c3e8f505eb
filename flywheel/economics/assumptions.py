"""What the model assumes of the world. A knob: make economics ARGS="--set token_loss=0.3"."""

from dataclasses import dataclass, field, fields, replace
from typing import Any

from flywheel.economics.rules import Rules
from flywheel.errors import fix


def _knob(value: float, least: float, most: float, meaning: str, basis: str) -> float:
    metadata = {"least": least, "most": most, "meaning": meaning, "basis": basis}
    return field(default=value, metadata=metadata)


@dataclass(frozen=True)
class Assumptions:
    """Shares are of one, times in years, money in USD; every field has bounds, meaning and basis.

    The basis says where the value is from. Most are choices: nobody has published what open models
    earn, or what an attack on a DAO of their owners costs.
    """

    token_loss: float = _knob(
        *(0.5, 0, 1, "part of the token's price that an attack destroys"),
        "a choice",
    )
    money_rate: float = _knob(
        *(0.128, 0, 1, "what money costs, a year"),
        "a choice: 12 % that is compounded all through the year",
    )
    depth: float = _knob(
        *(0.1, 0.01, 1, "share of all tokens whose purchase raises the price 2.7 times"),
        "a choice: read it from the market of your token",
    )
    free_money: float = _knob(
        *(1, 0.01, 10, "the Treasury's free money, as part of the value of all tokens"),
        "a choice: a DAO that is worth what it has",
    )
    grants_share: float = _knob(
        *(0.7, 0, 1, "part of the free money in the purposes that grants are paid from"),
        "a choice: as `parameters/mainnet.yaml` splits income",
    )
    first_payment: float = _knob(
        *(1, 0.01, 1, "part of a grant that is paid within 30 days of its approval"),
        "above the worst case: terms allow a third by day 21, and compute by the hour",
    )
    round_size: float = _knob(
        *(0.25, 0.01, 0.95, "tokens that one buyer can get in a round, as part of all then"),
        "a choice: limit it by `max_contribution` and `hard_cap`",
    )
    least_report: float = _knob(
        *(0.1, 0, 0.9, "the minimum of a period, as part of what is truly due"),
        "a choice: terms whose minimum nearly does not count",
    )
    late_rate: float = _knob(
        *(0.18, 0, 1, "interest of what a licensee still owes, a year"),
        "the presets with a share",
    )
    licence_value: float = _knob(
        *(24, 0, 1_000, "what a licence is worth to its licensee, in dues of 30 days"),
        "a choice: two years of dues",
    )
    grant_failure: float = _knob(
        *(0.4, 0, 1, "grants of which nothing comes that earns"),
        "a choice",
    )
    income_multiple: float = _knob(
        *(1.6, 0, 100, "mean income of a model over its life, as a multiple of its grant"),
        "a choice: with it 0.96 of a grant comes back on average, failures counted",
    )
    income_spread: float = _knob(
        *(1.2, 0, 3, "standard deviation of the logarithm of that income"),
        "a choice: half of the models earn less than 0.78 of their grant, a tenth more than 3.6",
    )
    licence_half_life: float = _knob(
        *(2, 0.1, 50, "years in which a model's income halves"),
        "a choice",
    )
    typical_grant: float = _knob(
        *(200_000, 1, 1e9, "cost of the smallest useful training, USD"),
        "`holders_floor` of the file; without one what a model of 7B parameters costs",
    )
    years: float = _knob(
        *(10, 1, 50, "length of a life of the wheel"),
        "a choice",
    )

    @classmethod
    def of(cls, rules: Rules) -> "Assumptions":
        """The default world, with the typical grant that the rules name as the holders' floor."""
        return cls(typical_grant=rules.floor) if rules.floor >= 1 else cls()


def _axis(values: tuple[float, ...], least: float, most: float, meaning: str) -> tuple[float, ...]:
    return field(default=values, metadata={"least": least, "most": most, "meaning": meaning})


@dataclass(frozen=True)
class Axes:
    """Which rows and columns the tables have. Shares are of one; at most nine values each."""

    turnouts: tuple[float, ...] = _axis(
        (0.05, 0.1, 0.2, 0.3, 0.4), 0, 1, "part of the others that votes against"
    )
    audit_rates: tuple[float, ...] = _axis(
        (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7), 0, 1, "chance that a year brings an audit"
    )
    bonds: tuple[float, ...] = _axis((0, 1, 3, 6, 12), 0, 1_000, "bond, in dues of 30 days")
    minima: tuple[float, ...] = _axis(
        (0.1, 0.25, 0.5, 0.75), 0, 0.9, "minimum of a period, as part of its due"
    )
    grant_sizes: tuple[float, ...] = _axis(
        (1, 0.5, 0.25, 0.1), 0.01, 1, "a grant, as part of the free money"
    )
    failures: tuple[float, ...] = _axis((0.2, 0.4, 0.6), 0, 1, "grants that fail")
    starts: tuple[float, ...] = _axis(
        (5, 10, 25, 125), 1, 1e6, "what the first round brings, in typical grants"
    )
    holders: tuple[float, ...] = _axis((0, 0.2, 0.5, 0.8), 0, 1, "holders' part of income")
    multiples: tuple[float, ...] = _axis(
        (0.8, 1.2, 1.6, 2.4), 0, 100, "mean income of a model, as a multiple of its grant"
    )


KNOBS = fields(Assumptions)
AXES = fields(Axes)
MAX_VALUES = 9


def with_knobs(
    assumptions: Assumptions, axes: Axes, settings: tuple[str, ...]
) -> tuple[Assumptions, Axes]:
    """Both with each `name=value` set, an axis as `name=value,value`.

    Raises `FlywheelError` for what is no such knob or no such value.
    """
    knobs = {knob.name: knob for knob in KNOBS}
    lists = {axis.name: axis for axis in AXES}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name in knobs:
            assumptions = replace(assumptions, **{name: _value(knobs[name], text)})
        elif name in lists:
            texts = text.split(",")
            if len(texts) > MAX_VALUES:
                raise fix(f"{name} has {len(texts)} values", f"Write at most {MAX_VALUES}")
            axes = replace(axes, **{name: tuple(_value(lists[name], one) for one in texts)})
        else:
            known = ", ".join((*knobs, *lists))
            raise fix(f"'{name}' is no knob of the model", f"Use one of {known}")
    return assumptions, axes


def _value(knob: Any, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise fix(
            f"'{knob.name}={text}' has no number", f"Write for example {knob.name}=0.3"
        ) from None
    least, most = knob.metadata["least"], knob.metadata["most"]
    if not least <= value <= most:
        raise fix(f"{knob.name} is {text}", f"Write a number from {least:g} to {most:g}")
    return value

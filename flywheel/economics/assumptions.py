"""What the model assumes of the world. A knob: make economics ARGS="--set token_loss=0.3"."""

from dataclasses import dataclass, field, fields, replace

from flywheel.errors import fix


def _knob(value: float, least: float, most: float, meaning: str) -> float:
    return field(default=value, metadata={"least": least, "most": most, "meaning": meaning})


@dataclass(frozen=True)
class Assumptions:
    """Shares are of one, times in years, money in USD; every field has bounds and a meaning."""

    token_loss: float = _knob(0.5, 0, 1, "part of the token's price that an attack destroys")
    money_rate: float = _knob(0.128, 0, 1, "what money costs, a year")
    depth: float = _knob(
        0.1, 0.01, 1, "share of all tokens whose purchase raises the price 2.7 times"
    )
    free_money: float = _knob(
        1, 0.01, 10, "the Treasury's free money, as part of the value of all tokens"
    )
    grants_share: float = _knob(
        0.7, 0, 1, "part of the free money in the purposes that grants are paid from"
    )
    first_payment: float = _knob(
        1, 0.01, 1, "part of a grant that is paid within 30 days of its approval"
    )
    round_size: float = _knob(
        0.25, 0.01, 0.95, "tokens that one buyer can get in a round, as part of all with the round"
    )
    least_report: float = _knob(
        0.1, 0, 0.9, "the minimum of a period, as part of what is truly due"
    )
    late_rate: float = _knob(0.18, 0, 1, "interest of what a licensee still owes, a year")
    licence_value: float = _knob(
        24, 0, 1_000, "what a licence is worth to its licensee, in dues of 30 days"
    )
    grant_failure: float = _knob(0.4, 0, 1, "grants of which nothing comes that earns")
    income_multiple: float = _knob(
        1.6, 0, 100, "mean income of a model over its life, as a multiple of its grant"
    )
    income_spread: float = _knob(1.2, 0, 3, "standard deviation of the logarithm of that income")
    licence_half_life: float = _knob(2, 0.1, 50, "years in which a model's income halves")
    typical_grant: float = _knob(200_000, 1, 1e9, "cost of the smallest useful training, USD")
    years: float = _knob(10, 1, 50, "length of a life of the wheel")


KNOBS = fields(Assumptions)


def with_knobs(assumptions: Assumptions, settings: tuple[str, ...]) -> Assumptions:
    """`assumptions` with each `name=value` set. Raises `FlywheelError` for what is no such knob."""
    known = {knob.name: knob for knob in KNOBS}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name not in known:
            raise fix(f"'{name}' is no knob of the model", f"Use one of {', '.join(known)}")
        try:
            value = float(text)
        except ValueError:
            raise fix(f"'{setting}' has no number", f"Write for example {name}=0.3") from None
        least, most = known[name].metadata["least"], known[name].metadata["most"]
        if not least <= value <= most:
            raise fix(f"{name} is {text}", f"Write a number from {least:g} to {most:g}")
        assumptions = replace(assumptions, **{name: value})
    return assumptions

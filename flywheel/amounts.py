"""Exact amounts and durations: what people write and what contracts take."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext

from flywheel.errors import fix
from flywheel.shown import Shown

BPS = 10_000
# A uint256 has 78 digits; below, nothing is rounded in the precision used here.
MAX_DIGITS = 80
# Commas group thousands and nothing else: "12,5" is not an amount, and never 125.
_AMOUNT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+(_\d+)*|(?=\.\d))(\.\d+)?")
_UNITS = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
}


def to_units(text: str | int | Decimal, decimals: int) -> int:
    """Smallest units of a written amount: `to_units("12.5", 6) == 12_500_000`.

    Commas may group thousands, underscores any digits. Raises `FlywheelError` for what is not a
    number, is negative, or has more decimals than the asset: nothing is ever rounded.
    """
    written = f"{text:f}" if isinstance(text, Decimal) else str(text).strip()
    if not _AMOUNT.fullmatch(written):
        raise fix(f"'{text}' is not an amount", "Write a number such as 12.5 or 1,000")
    cleaned = written.replace(",", "").replace("_", "")
    if len(cleaned) > MAX_DIGITS:
        raise fix(f"'{cleaned[:20]}...' has {len(cleaned)} digits", f"Write at most {MAX_DIGITS}")
    with localcontext() as context:
        context.prec = 100
        value = Decimal(cleaned)
        if value < 0:
            raise fix(f"'{text}' is not a positive amount", "Write a number such as 12.5")
        scaled = value.scaleb(decimals)
        if scaled != scaled.to_integral_value():
            raise fix(
                f"'{text}' has more than {decimals} decimals", f"Round it to {decimals} decimals"
            )
        return int(scaled)


def from_units(units: int, decimals: int) -> Decimal:
    """The exact amount in whole assets, without trailing zeros."""
    with localcontext() as context:
        context.prec = 100
        return Decimal(units).scaleb(-decimals)


def show(units: int, decimals: int, symbol: str = "") -> Shown:
    """An exact amount for people: `show(12_500_000, 6, "USDC") == "12.5 USDC"`."""
    sign = "-" if units < 0 else ""
    whole, rest = divmod(abs(units), 10**decimals)
    text = f"{sign}{whole:,}"
    if rest:
        text += "." + f"{rest:0{decimals}d}".rstrip("0")
    return Shown(f"{text} {symbol}".rstrip(), units, symbol)


@dataclass(frozen=True)
class Unit:
    """An asset that money is counted in."""

    address: str
    symbol: str
    decimals: int

    def show(self, units: int) -> Shown:
        """Units for people: "12.5 USDC"."""
        return show(units, self.decimals, self.symbol)

    def units(self, text: str | int) -> int:
        """Units of "12.5" or "12.5 USDC". Raises `FlywheelError`, also for another symbol."""
        number, _, symbol = str(text).strip().partition(" ")
        if symbol.strip() not in ("", self.symbol):
            raise fix(
                f"'{text}' is not in {self.symbol}", f"Write for example '12.5 {self.symbol}'"
            )
        return to_units(number, self.decimals)


def seconds(text: str | int) -> int:
    """Seconds of a written duration, `7 days` or `1 day 12 hours`; an `int` is seconds already.

    Raises `FlywheelError`, also for "30", of which nobody knows whether it means days or seconds.
    """
    if isinstance(text, int):
        if text < 0:
            raise fix(f"'{text}' is not a duration", "Write for example '7 days'")
        return text
    words = text.strip()
    if len(words) > MAX_DIGITS:
        raise fix(f"'{words[:20]}...' is too long a duration", "Write for example '7 days'")
    if words == "0":
        return 0
    if words.isdecimal():
        raise fix(f"'{words}' has no unit of time", f"Write for example '{words} days'")
    matches = re.findall(r"([\d.]+)\s*([a-z]+)", words)
    if not matches or re.sub(r"([\d.]+)\s*([a-z]+)|[\s,]+|and", "", words):
        raise fix(f"'{text}' is not a duration", "Write for example '7 days' or '36 hours'")
    total = Decimal(0)
    for number, unit in matches:
        size = _UNITS.get(unit.removesuffix("s"))
        if size is None:
            raise fix(f"'{unit}' is no unit of time", f"Use one of {', '.join(_UNITS)}")
        try:
            total += Decimal(number) * size
        except InvalidOperation:
            raise fix(f"'{number}' is not a number", "Write for example '9.5 days'") from None
    if total != total.to_integral_value():
        raise fix(f"'{text}' is no whole number of seconds", "Write for example '36 hours'")
    return int(total)


def show_duration(total: int) -> Shown:
    """A duration for people, in its two largest units: `1 day 12 hours`."""
    shown = [f"{count:,} {unit}{'s' if count > 1 else ''}" for unit, count in _largest_units(total)]
    return Shown(" ".join(shown) or "0 seconds", total)


def is_told_whole(total: int) -> bool:
    """Whether the two largest units of a duration leave nothing out."""
    return sum(count * _UNITS[unit] for unit, count in _largest_units(total)) == total


def _largest_units(total: int) -> list[tuple[str, int]]:
    """The two largest units of a duration, weeks apart, and how many there are of each."""
    found = []
    for unit, size in sorted(_UNITS.items(), key=lambda item: -item[1]):
        if unit != "week":
            count, total = divmod(total, size)
            if count:
                found.append((unit, count))
    return found[:2]


def show_bps(bps: int) -> Shown:
    """Basis points as per cent: `show_bps(1_250) == "12.5 %"`."""
    return Shown(f"{Decimal(bps) / 100:f} %", bps)

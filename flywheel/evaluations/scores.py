"""Scores in millionths: what people write, what contracts take, and how a measured one is cut."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from flywheel import amounts
from flywheel.errors import FlywheelError, fix
from flywheel.reading.texts import shown
from flywheel.shown import Shown

DECIMALS = 6
# As the contract has it.
MAX_SCORE = 10**27


def show(millionths: int) -> Shown:
    """A score for people: `show(457_791) == "0.457791"`."""
    return amounts.show(millionths, DECIMALS)


def parse(text: str) -> int:
    """Millionths of a written score, such as "0.5" or "-1.25". Raises `FlywheelError`."""
    written = text.strip()
    size = amounts.to_units(written.removeprefix("-"), DECIMALS)
    return _bounded(-size if written.startswith("-") else size, text)


def cut(value: Decimal, higher_is_better: bool) -> int:
    """Millionths of a measured value, rounded to the worse side: a claim never overstates.

    Raises `FlywheelError` for NaN, infinity, and what no contract keeps.
    """
    if not value.is_finite():
        raise fix(f"The score is {value}, which is no number", "Measure it again")
    if value and value.adjusted() > 40:
        # Beyond the largest score by far: its digits are not written out.
        raise _too_large(value)
    rounding = ROUND_FLOOR if higher_is_better else ROUND_CEILING
    with localcontext() as context:
        context.prec = 100
        return _bounded(int(value.scaleb(DECIMALS).to_integral_value(rounding)), value)


def _bounded(millionths: int, written: object) -> int:
    if abs(millionths) > MAX_SCORE:
        raise _too_large(written)
    return millionths


def _too_large(written: object) -> FlywheelError:
    return fix(f"The score {shown(written)} is too large", f"Write at most {show(MAX_SCORE)}")

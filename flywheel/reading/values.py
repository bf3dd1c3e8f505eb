"""Single values that people write: numbers and addresses, from any kind of file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from flywheel.errors import FlywheelError, fix
from flywheel.reading.texts import shown

MAX_UINT256 = 2**256 - 1
# Python turns at most 4,300 digits into a number; a uint256 has 78.
MAX_DIGITS = 78
# What programs write of a measurement: 12, 0.5, 1.25e-05.
_MEASUREMENT = re.compile(r"-?[0-9]+(\.[0-9]*)?([eE][-+]?([0-9]{1,4}))?")
_MAX_EXPONENT = 99
_WHOLE = re.compile(r"[0-9]+(_[0-9]+)*")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_HEXADECIMAL = re.compile(r"(0x)?(([0-9a-fA-F]{2})*)")
# How deep lists and mappings of a file may lie in each other. Parsers follow them by calling
# themselves; where the limit of Python was raised, as compilers do, a deep file ends the process.
MAX_DEPTH = 50
# More than anybody mends in one go; the rest is counted.
MAX_SHOWN = 200


@dataclass(frozen=True)
class Fault:
    """What is wrong, and in which line of the file."""

    line: int
    text: str


def whole_number(value: object, what: str, maximum: int = MAX_UINT256) -> int:
    """A whole number from 0 to `maximum`, written in digits or an `int`. Raises `FlywheelError`."""
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _WHOLE.fullmatch(value):
        digits = value.replace("_", "").lstrip("0") or "0"
        number = int(digits) if len(digits) <= MAX_DIGITS else MAX_UINT256 + 1
    else:
        raise fix(f"{what} '{shown(value)}' is no whole number", "Write digits")
    if number < 0:
        raise fix(f"{what} '{shown(value)}' is negative", "Write 0 or more")
    if number > maximum:
        largest = f"{maximum:,}" if maximum < 2**64 else f"2^{maximum.bit_length()} - 1"
        raise fix(f"{what} {shown(value)} is too large", f"Write at most {largest}")
    return number


def measurement(value: str, what: str, maximum: int) -> Fraction:
    """A number from 0 to `maximum` as a program writes it, without loss. Raises `FlywheelError`."""
    match = _MEASUREMENT.fullmatch(value)
    if match is None:
        raise fix(f"{what} '{shown(value)}' is no number", "Write digits, such as 12.5")
    if len(value) > MAX_DIGITS or int(match[3] or 0) > _MAX_EXPONENT:
        raise fix(f"{what} '{shown(value)}' is beyond any measurement", "Check what wrote it")
    number = Fraction(Decimal(value))
    if number < 0:
        raise fix(f"{what} '{shown(value)}' is negative", "Write 0 or more")
    if number > maximum:
        raise fix(f"{what} {shown(value)} is too large", f"At most {maximum:,} makes sense")
    return number


def address(value: object, what: str = "") -> str:
    """An address as it is written: 0x and 40 digits, whose capitals, if it mixes them, are the
    checksum of EIP-55: a slip of the hand there would pay somebody else. Raises `FlywheelError`."""
    named = f"{what} '{shown(value)}'".lstrip()
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise fix(f"{named} is not an address", "Write 0x and 40 hexadecimal digits")
    if has_slip(value):
        raise fix(
            f"{named} is not an address: its capitals do not fit its digits",
            "Copy it again; it has a slip",
        )
    return value


def has_slip(address: str) -> bool:
    """Whether an address mixes capitals that are not the checksum of EIP-55 of its digits."""
    digits = address[2:]
    if digits in (digits.lower(), digits.upper()):
        return False
    from eth_utils import is_checksum_address

    return not is_checksum_address(address)


def hexadecimal(value: object, what: str) -> bytes:
    """Bytes written as hexadecimal digits, with or without 0x. Raises `FlywheelError`."""
    match = _HEXADECIMAL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise fix(f"{what} '{shown(value)}' is not hexadecimal", "Write 0x and pairs of digits")
    return bytes.fromhex(match[2])


def refuse_all(path: Path, faults: Sequence[Fault]) -> None:
    """Raises one `FlywheelError` that lists the faults with their lines, if there are any."""
    if not faults:
        return
    ordered = sorted(faults, key=lambda fault: fault.line)
    lines = [f"{path}, line {fault.line}: {fault.text}" for fault in ordered[:MAX_SHOWN]]
    if len(ordered) > MAX_SHOWN:
        lines.append(f"{path} has {len(ordered) - MAX_SHOWN} faults more.")
    raise FlywheelError("\n".join(lines))

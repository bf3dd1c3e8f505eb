"""JSON without what parsers silently change: names given twice, NaN, numbers that lose digits."""

import json
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from flywheel.errors import FlywheelError, fix
from flywheel.reading import texts
from flywheel.reading.texts import line_at, shown
from flywheel.reading.values import MAX_DEPTH, MAX_DIGITS

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]')
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]')
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _Repeated(Exception):
    """A name stands twice in one object."""


def read(path: Path, remedy: str, what: str = "") -> Any:
    """What the file says. Raises `FlywheelError` with file, line, reason and `remedy`; `what` says
    what that makes of the file, such as "is no voucher"."""
    return loads(texts.read_text(path), path, remedy, what)


def loads(
    text: str, path: Path | str, remedy: str, what: str = "", is_measured: bool = False
) -> Any:
    """What `text` says; `path` names it in errors. Raises `FlywheelError`.

    `is_measured`: a program wrote down what it measured. Fractions are read as `Decimal`, and so
    are NaN and Infinity, which such programs write where they measured nothing: the reader refuses
    them where it wants a number.
    """
    line = 0
    try:
        _refuse_depth(text)
        value = json.loads(
            text,
            object_pairs_hook=_mapping,
            parse_constant=Decimal if is_measured else _constant,
            parse_int=_whole,
            parse_float=_decimal if is_measured else _fraction,
        )
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False, default=str).encode()
        return value
    except json.JSONDecodeError as error:
        line, reason = line_at(text[: error.pos]), f"this is not JSON: {error.msg}"
    except _Repeated:
        line, reason = _repeated(text)
    except UnicodeEncodeError:
        line, reason = line_at(text[: _surrogate_at(text)]), "half a character is written here"
    except FlywheelError as error:
        reason = str(error)
    if what:
        place = f"{path} {what}: line {line}" if line else f"{path} {what}"
    else:
        place = f"{path}, line {line}" if line else f"{path}"
    raise fix(f"{place}: {reason}", remedy)


def _refuse_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _BRACKET.finditer(text):
        depth += 1 if token[0] in "[{" else -1 if token[0] in "]}" else 0
        if depth > MAX_DEPTH:
            raise FlywheelError("it is nested too deeply")


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Repeated
    return found


def _constant(text: str) -> None:
    raise FlywheelError(f"{text} is no number")


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS + 1:
        raise FlywheelError(f"the number {shown(text, 30)} is too long")
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    try:
        is_kept = len(text) <= MAX_DIGITS and Decimal(repr(value)) == Decimal(text)
    except InvalidOperation:
        # An exponent beyond any that a Decimal has.
        is_kept = False
    if not is_kept:
        raise FlywheelError(f"the number {shown(text, 30)} has more digits than are kept of it")
    return value


def _decimal(text: str) -> Decimal:
    _fraction(text)
    return Decimal(text)


def _repeated(text: str) -> tuple[int, str]:
    """In which line a name is there for the second time, and what to say of it."""
    open_: list[dict[str, int] | None] = []
    name = ""
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found in "{[":
            open_.append({} if found == "{" else None)
        elif found in "}]":
            open_.pop()
        elif found[0] == '"':
            name = json.loads(found)
        elif found == ":" and open_ and open_[-1] is not None:
            before = open_[-1].setdefault(name, token.start())
            if before != token.start():
                first = line_at(text[:before])
                reason = f"'{shown(name)}' was given in line {first} already"
                return line_at(text[: token.start()]), reason
    return 0, "a name was given twice"


def _surrogate_at(text: str) -> int:
    match = _SURROGATE.search(text)
    return match.start() if match else 0

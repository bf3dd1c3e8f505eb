"""Files that hold something signed, which whoever has the file may submit."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from flywheel.chain import connection
from flywheel.errors import FlywheelError, fix
from flywheel.reading import strict_json
from flywheel.reading.texts import shown

T = TypeVar("T")


def save(path: Path, content: dict[str, Any]) -> None:
    """Writes it as JSON; makes the folder if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read(path: Path, what: str, remedy: str, made_of: Callable[[dict[str, Any]], T]) -> T:
    """What `made_of` makes of the object in a file. `FlywheelError` for anything else, and for what
    `made_of` refuses, says that the file is no `what`."""
    content = strict_json.read(path, remedy, f"is no {what}")
    try:
        if not isinstance(content, dict):
            raise FlywheelError("it is no object with names")
        return made_of(content)
    except FlywheelError as error:
        raise fix(f"{path} is no {what}: {error}", remedy) from None


def require_names(found: dict[str, Any], names: Iterable[str]) -> None:
    """Raises `FlywheelError` unless `found` has exactly these names: what a file says beyond them
    would be shown by an editor and not be done."""
    for name in names:
        if name not in found:
            raise FlywheelError(f"it has no '{name}'")
    for name in found:
        if name not in names:
            raise FlywheelError(f"it has an unknown '{shown(name)}'")


def require_here(chain_id: int, contract: str, ours: str) -> None:
    """Raises `FlywheelError` unless it was signed for this chain and for our contract."""
    here = connection.chain_id()
    if chain_id != here:
        raise fix(f"It is for chain {chain_id}, this is chain {here}", "Use its chain")
    if contract.lower() != ours.lower():
        raise fix(f"It is for the contract {contract}, not for ours", "Use its deployment")

"""Files that hold something signed, which whoever has the file may submit."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flywheel.chain import connection
from flywheel.errors import FlywheelError, fix
from flywheel.reading.texts import shown


def save(path: Path, content: dict[str, Any]) -> None:
    """Writes it as JSON; makes the folder if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


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

"""Validators of a pool of machines, and files that they signed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from eth_account import Account

from flywheel.rewards import unit_files
from flywheel.rewards.leaves import Domain


def validator(number: int) -> Any:
    """A key that signs as an account of Ape does."""
    key = Account.from_key(bytes([0xA0 + number]) * 32)

    def sign_message(message: Any) -> Any:
        whole = bytes(key.sign_message(message).signature)
        return SimpleNamespace(v=whole[64], r=whole[:32], s=whole[32:64])

    return SimpleNamespace(address=key.address, sign_message=sign_message)


def write_rule(path: Path, validators: list[Any], threshold: int) -> Path:
    named = "".join(f"- '{item.address}'\n" for item in validators)
    path.write_text(f"kind: units\nvalidators:\n{named}threshold: {threshold}\n", encoding="utf-8")
    return path


def write_units(path: Path, units: dict[str, object]) -> Path:
    lines = ("worker,units", *(f"{worker},{count}" for worker, count in units.items()))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def sign(drop: Domain, units: Path, to: Path, *validators: Any) -> Path:
    """Each adds its line."""
    for item in validators:
        unit_files.sign(drop, units, to, item)
    return to

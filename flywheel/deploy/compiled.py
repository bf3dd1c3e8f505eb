"""What `make compile` left: the ABI and byte code of every contract, and whose sources they are of.

Ape's own project would read and check all of it for each command, and compile what it thinks has
changed. Here a contract is read when it is asked for, and nothing is compiled: `make compile` does
that, and a stamp beside the byte code says which sources it was made from.
"""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from flywheel.chain.folders import ROOT
from flywheel.errors import fix

MANIFEST = "__local__.json"
STAMP = "flywheel.stamp"
SOURCE_FOLDERS = ("contracts", "interfaces")
SOURCE_SUFFIXES = {".vy", ".vyi", ".json"}
# The lock file pins the compiler and the libraries that the contracts import.
SETTINGS = ("ape-config.yaml", "requirements.lock")
REMEDY = "Run 'make compile'"


# --- contracts ---


def contract_type(name: str) -> Any:
    """Ape's description of contract `name`, with its ABI and byte code.

    Raises `FlywheelError` if the project or this contract is not compiled.
    """
    return _contract_type(ROOT, name)


def description(root: Path, name: str) -> dict[str, Any]:
    """The same as JSON, with `abi`, `userdoc`, `devdoc` and `runtimeBytecode`."""
    found: dict[str, Any] | None = _manifest(root).get(name)
    if found is None:
        raise fix(f"Contract {name} is not compiled", REMEDY)
    return found


@cache
def _contract_type(root: Path, name: str) -> Any:
    from ethpm_types import ContractType

    return ContractType.model_validate(description(root, name))


@cache
def _manifest(root: Path) -> dict[str, Any]:
    """Contract name -> its description as JSON."""
    path = root / ".build" / MANIFEST
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())["contractTypes"]
    except FileNotFoundError:
        raise fix("The contracts are not compiled", REMEDY) from None
    except (ValueError, KeyError, TypeError):
        raise fix(f"{path.relative_to(root)} is damaged", REMEDY) from None
    return found


# --- whether they are those of the sources ---


def digest(root: Path, files: Iterable[Path]) -> str:
    """SHA-256 over the relative names and the contents of `files`, in the order of their names."""
    total = hashlib.sha256()
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{file.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()


def sources(root: Path) -> list[Path]:
    """Every file that the byte code depends on."""
    found = [root / name for name in SETTINGS if (root / name).is_file()]
    for folder in SOURCE_FOLDERS:
        for file in (root / folder).rglob("*"):
            if file.suffix in SOURCE_SUFFIXES and file.is_file():
                found.append(file)
    return found


def state(root: Path) -> str:
    """What the stamp must say: a digest of the sources and one of the byte code built from them.

    The second half catches an Ape command that was given by hand and rewrote the cache in between.
    """
    build = root / ".build"
    return f"{digest(root, sources(root))} {digest(root, build.glob('*.json'))}\n"


def is_current(root: Path) -> bool:
    """Whether the byte code in `root` is that of its sources, as they are now."""
    stamp = root / ".build" / STAMP
    return stamp.is_file() and stamp.read_text() == state(root)


def require_current() -> None:
    """Raises `FlywheelError` unless the compiled byte code is that of the sources."""
    root = ROOT
    if not (root / ".build" / MANIFEST).is_file():
        raise fix("The contracts are not compiled", REMEDY)
    if not is_current(root):
        raise fix("The compiled byte code is not that of the sources", REMEDY)

"""The contracts of sol/ with OpenZeppelin's from npm, compiled by npm's solc."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.contracts import Artifact
from flywheel.chain.devnet import ROOT
from flywheel.errors import fix
from tools.solidity import compile_solidity

SOURCES = Path(__file__).resolve().parent / "sol"


def version(package: str) -> str:
    """Version of an installed npm package."""
    manifest = ROOT / "node_modules" / package / "package.json"
    if not manifest.is_file():
        raise fix(f"{package} is not installed", "Run 'make setup-node'")
    return str(json.loads(manifest.read_text(encoding="utf-8"))["version"])


@cache
def compiled() -> dict[str, dict[str, Any]]:
    """Contract -> abi, bytecode. Compiling takes some ten seconds, the cache none."""
    return compile_solidity(sorted(SOURCES.glob("*.sol")))


def artifact(name: str) -> Artifact:
    return Artifact(**compiled()[name])

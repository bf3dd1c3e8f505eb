"""The contracts of sol/ with OpenZeppelin's from npm, compiled by npm's solc, once per version."""

import hashlib
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.contracts import Artifact
from flywheel.devnet import ROOT
from flywheel.errors import fix

SOURCES = Path(__file__).resolve().parent / "sol"
CACHE = ROOT / ".cache" / "benchmarks"
SETTINGS = {"optimizer": {"enabled": True, "runs": 200}, "evmVersion": "cancun"}


def version(package: str) -> str:
    """Version of an installed npm package."""
    manifest = ROOT / "node_modules" / package / "package.json"
    if not manifest.is_file():
        raise fix(f"{package} is not installed", "Run 'make setup-node'")
    return str(json.loads(manifest.read_text(encoding="utf-8"))["version"])


def sources() -> list[Path]:
    return sorted(SOURCES.glob("*.sol"))


def key() -> str:
    """Changes with everything that the byte code depends on."""
    total = hashlib.sha256(json.dumps(SETTINGS).encode())
    for file in (*sources(), SOURCES / "compile.cjs"):
        total.update(f"{file.name}\0".encode() + file.read_bytes())
    total.update(f"{version('solc')} {version('@openzeppelin/contracts')}".encode())
    return total.hexdigest()[:16]


@cache
def compiled() -> dict[str, Any]:
    """Contract -> abi, bytecode. Compiling takes some ten seconds, the cache none."""
    path = CACHE / f"solidity-{key()}.json"
    if not path.is_file():
        print("bench: compiling OpenZeppelin's contracts", flush=True)
        command = ["node", str(SOURCES / "compile.cjs"), str(ROOT), json.dumps(SETTINGS)]
        done = subprocess.run(
            [*command, *map(str, sources())], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise fix(f"solc failed:\n{done.stderr}", "Correct benchmarks/sol")
        CACHE.mkdir(parents=True, exist_ok=True)
        path.write_text(done.stdout, encoding="utf-8")
    return dict(json.loads(path.read_text(encoding="utf-8"))["contracts"])


def artifact(name: str) -> Artifact:
    return Artifact.of(compiled()[name])

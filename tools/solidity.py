"""Byte code of the Solidity contracts that tests compare ours with, by npm's solc.

The output is kept under .cache, by a digest of the sources, the locked packages and the compiler's
settings; nothing is compiled twice.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.paths import ROOT

COMPILER = ROOT / "tools" / "compile_solidity.mjs"
CACHE = ROOT / ".cache" / "solidity"
SETTINGS = {
    "evmVersion": "cancun",
    "optimizer": {"enabled": True, "runs": 200},
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]}},
}


def compile_solidity(sources: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """Contracts by name, each with `abi` and `bytecode` (init code, bytes).

    Every contract is listed that the sources or what they import define; names are unique in what
    the project compiles. Raises RuntimeError with the compiler's messages.
    """
    request = json.dumps(
        {
            "language": "Solidity",
            "sources": {
                source.relative_to(ROOT).as_posix(): {"content": source.read_text()}
                for source in sorted(sources)
            },
            "settings": SETTINGS,
        }
    )
    versions = (ROOT / "package-lock.json").read_text() + COMPILER.read_text()
    digest = hashlib.sha256(f"{request}\n{versions}".encode()).hexdigest()
    kept = CACHE / f"{digest}.json"
    if not kept.is_file():
        contracts = _compile(request)
        CACHE.mkdir(parents=True, exist_ok=True)
        # Two processes may compile at once; a rename leaves no half file.
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(contracts))
        part.replace(kept)
    contracts = json.loads(kept.read_text())
    return {
        name: {"abi": contract["abi"], "bytecode": bytes.fromhex(contract["bytecode"])}
        for name, contract in contracts.items()
    }


def _compile(request: str) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        ["node", str(COMPILER), "--standard-json"],
        input=request,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"solc did not run (make setup-node installs it):\n{done.stderr}")
    output = json.loads(done.stdout)
    errors = [e["formattedMessage"] for e in output.get("errors", []) if e["severity"] == "error"]
    if errors:
        raise RuntimeError("\n".join(errors))
    return {
        name: {"abi": contract["abi"], "bytecode": contract["evm"]["bytecode"]["object"]}
        for contracts in output["contracts"].values()
        for name, contract in contracts.items()
    }

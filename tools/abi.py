"""Writes abi/: the whole ABI of each deployable, with its typed errors and its NatSpec.

`abi/<Contract>.json` has `contractName`, `abi`, `userdoc` and `devdoc`, as the tools of Ethereum
read them. The ABI has what the contract inherits from its modules, and the errors that are in its
byte code: Vyper lists none of those that are raised with `raw_revert`. `abi/index.json` lists the
contracts, and their addresses by chain id from the journals in deployments/.
"""

import json
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from eth_utils import keccak

from flywheel.deploy.compiled import description
from tools import paths
from tools.bytecode import PROCESSES, run_vyper

FOLDER = "abi"
# A typed error is in CamelCase; `method_id` of a function is a call.
_ERROR = re.compile(r'method_id\("([A-Z][A-Z0-9]*[a-z]\w*)\(([^")]*)\)"')
_PUSH4 = b"\x63"


def typed_errors(root: Path = paths.ROOT) -> dict[str, list[str]]:
    """Name -> ABI types of every typed error that a source raises."""
    found = {}
    for source in paths.vyper_sources(root):
        for name, types in _ERROR.findall(source.read_text(encoding="utf-8")):
            found[name] = types.split(",") if types else []
    return found


def errors_in(runtime: bytes, errors: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The ABI entries of the errors whose selector the code pushes."""
    return [
        {"type": "error", "name": name, "inputs": [{"name": "", "type": kind} for kind in types]}
        for name, types in sorted(errors.items())
        if _PUSH4 + keccak(text=f"{name}({','.join(types)})")[:4] in runtime
    ]


def document(source: Path, errors: dict[str, list[str]], root: Path = paths.ROOT) -> dict[str, Any]:
    """What abi/<Contract>.json holds. Raises `FlywheelError` if the contract is not compiled."""
    compiled = description(root, source.stem)
    code = bytes.fromhex(compiled["runtimeBytecode"]["bytecode"].removeprefix("0x"))
    functions, details = _natspec(root / "interfaces" / f"I{source.stem}.vyi", root)
    return {
        "contractName": source.stem,
        "abi": [*compiled["abi"], *errors_in(code, errors)],
        "userdoc": _with_methods(compiled["userdoc"], functions),
        "devdoc": _with_methods(compiled["devdoc"], details),
    }


def _natspec(interface: Path, root: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The NatSpec of an interface's functions, for users and for developers: contracts have theirs
    there. Vyper gives it for contracts only, so it gets one whose functions do nothing."""
    text = re.sub(
        r"^    \.\.\.$", '    raise "interface"', interface.read_text(), flags=re.MULTILINE
    )
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / f"{interface.stem}.vy"
        made.write_text(text, encoding="utf-8")
        userdoc, devdoc = run_vyper(str(made), "userdoc,devdoc", root, "-p", ".")
    return json.loads(userdoc).get("methods", {}), json.loads(devdoc).get("methods", {})


def _with_methods(document: dict[str, Any], methods: dict[str, Any]) -> dict[str, Any]:
    return {**document, "methods": {**methods, **document.get("methods", {})}}


def index(names: list[str], root: Path = paths.ROOT) -> dict[str, Any]:
    """The contracts, and by chain id where the journals say that they are."""
    deployments = {}
    for journal in sorted((root / "deployments").glob("*.json")):
        entries = json.loads(journal.read_text(encoding="utf-8")).get("contracts", {})
        deployments[journal.stem] = {
            name: entry["address"] for name, entry in sorted(entries.items())
        }
    return {"contracts": names, "deployments": deployments}


def write(folder: Path, root: Path = paths.ROOT) -> list[str]:
    """Writes the files; returns the names of the contracts."""
    sources = [item for item in paths.deployables(root) if not paths.is_mock(item, root)]
    errors = typed_errors(root)
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(PROCESSES) as pool:
        documents = list(pool.map(lambda source: document(source, errors, root), sources))
    for item in documents:
        path = folder / f"{item['contractName']}.json"
        path.write_text(json.dumps(item, indent=1) + "\n", encoding="utf-8")
    names = sorted(item["contractName"] for item in documents)
    (folder / "index.json").write_text(json.dumps(index(names, root), indent=1) + "\n")
    return names


if __name__ == "__main__":
    made = write(paths.ROOT / FOLDER)
    sys.stdout.write(f"{len(made)} contracts in {FOLDER}/, and {FOLDER}/index.json\n")

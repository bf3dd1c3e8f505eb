"""Actions by name: from a checked file or from the command line, never as raw calldata."""

import json
from pathlib import Path
from typing import Any

from flywheel import documents
from flywheel.chain.calldata import Function
from flywheel.deploy.suite import CONTRACTS, Suite
from flywheel.errors import FlywheelError, fix
from flywheel.governance.proposals import Action
from flywheel.wording.arguments import Misfit, Reader
from flywheel.wording.describe import Words


def read(suite: Suite, path: Path) -> tuple[str, str, list[Action]]:
    """Title, text and actions of a YAML file. Raises `FlywheelError` with file, line and reason."""
    data = documents.load(path, "actions")
    words = Words(suite)
    actions = []
    for number, item in enumerate(data["actions"]):
        where: list[str | int] = ["actions", number]
        try:
            actions.append(
                build(words, item["contract"], item["function"], item.get("arguments") or {})
            )
        except Misfit as error:
            raise documents.misfit(path, where + error.path, str(error)) from None
    return data["title"], data.get("text", "").strip(), actions


def write(path: Path, title: str, actions: list[dict[str, Any]]) -> None:
    """Writes what `read` reads. Raises `FlywheelError` where that cannot be written."""
    import yaml

    # Amounts are texts that know more; a file has the texts.
    document = json.loads(json.dumps({"title": title, "actions": actions}))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
    except OSError as error:
        raise fix(f"Cannot write {path}: {error.strerror}", "Give another --out") from None


def build(words: Words, contract: str, name: str, written: dict[str, Any]) -> Action:
    """One action. Raises `Misfit` if the function or an argument does not fit."""
    function = _function(words, contract, name, written)
    target = str(words.suite[contract].address)
    try:
        data = Reader(words.lexicon).encode(function, written)
    except Misfit as error:
        raise Misfit(["arguments", *error.path], str(error)) from None
    return Action(target, data, words.call(target, data))


def from_pairs(suite: Suite, call: str, pairs: dict[str, Any]) -> Action:
    """The action of "Contract.function" with its arguments. Raises `FlywheelError`."""
    contract, _, name = call.partition(".")
    try:
        return build(Words(suite), contract, name, pairs)
    except Misfit as error:
        where = ".".join(map(str, error.path[1:]))
        raise FlywheelError(f"{call}{f', {where}' if where else ''}: {error}.") from None


def _function(words: Words, contract: str, name: str, written: dict[str, Any]) -> Function:
    if contract not in (*CONTRACTS, "Asset"):
        raise Misfit(
            ["contract"], f"there is no contract '{contract}': write one of {', '.join(CONTRACTS)}"
        )
    found = words.interface(contract).named(name)
    if not found:
        names = sorted({item.name for item in words.interface(contract).functions})
        raise Misfit(
            ["function"], f"{contract} has no function '{name}': write one of {', '.join(names)}"
        )
    fitting = [item for item in found if {part["name"] for part in item.inputs} == set(written)]
    return (fitting or found)[0]

"""What the Safe app does with a batch file: shows its fields, encodes them, sends its bytes."""

import json
import time
from pathlib import Path
from typing import Any

from eth_abi import encode

from flywheel.chain.calldata import canonical
from tests.scripts import nodes

SAFE = "0x5aFE000000000000000000000000000000000001"


def record(dao: nodes.Node, line: str, path: Path) -> dict:
    """The file that a command writes for the Safe; the chain must not have moved."""
    before = dao.height()
    said = json.loads(dao.succeed(f"{line} $M --safe {path} --safe-address {SAFE} --format json"))
    assert dao.height() == before
    document: dict = json.loads(path.read_text())
    assert said["file"] == str(path)
    assert said["transactions"] == len(document["transactions"])
    assert document["meta"]["createdFromSafeAddress"] == SAFE
    assert document["chainId"] == "1337"
    return document


def send_as_the_safe(dao: nodes.Node, document: dict) -> None:
    """What the Safe does with the file."""
    calls = [(item["to"], item["data"], item["value"]) for item in document["transactions"]]
    send_as(dao, SAFE, calls)


def send_as(dao: nodes.Node, sender: str, calls: list[tuple[str, str, str]]) -> None:
    """Calls (target, data, value) from an account whose key nobody has; all must succeed."""
    dao.rpc("anvil_setBalance", sender, hex(10**18))
    dao.rpc("anvil_impersonateAccount", sender)
    for target, data, value in calls:
        # An estimate is for the time of the latest block: what interest costs later is not in it.
        call = {"from": sender, "to": target, "data": data, "gas": hex(3_000_000)}
        sent = dao.rpc("eth_sendTransaction", {**call, "value": hex(int(value))})
        assert _receipt(dao, sent)["status"] == "0x1"
    dao.rpc("anvil_stopImpersonatingAccount", sender)


def _receipt(dao: nodes.Node, sent: str) -> dict:
    """anvil mines at once, but answers before it has."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if found := dao.rpc("eth_getTransactionReceipt", sent):
            return dict(found)
        time.sleep(0.02)
    raise AssertionError("not mined")


def as_the_app_encodes(item: dict) -> str:
    """Arguments from the form's fields: what the app makes of `contractInputsValues`."""
    inputs = item["contractMethod"]["inputs"]
    values = [item["contractInputsValues"][part["name"]] for part in inputs]
    fields = [_parsed(part, value) for part, value in zip(inputs, values, strict=True)]
    return encode([canonical(part) for part in inputs], fields).hex()


def _parsed(part: dict, value: Any) -> Any:
    kind = part["type"]
    if kind.endswith("]"):
        element = {**part, "type": kind[: kind.rindex("[")]}
        items = json.loads(value) if isinstance(value, str) else value
        return [_parsed(element, item) for item in items]
    if kind == "tuple":
        items = json.loads(value) if isinstance(value, str) else value
        return [_parsed(sub, item) for sub, item in zip(part["components"], items, strict=True)]
    if kind.startswith(("uint", "int")):
        return int(value)
    if kind == "bool":
        return value if isinstance(value, bool) else json.loads(value)
    if kind.startswith("bytes"):
        return bytes.fromhex(value[2:])
    return value

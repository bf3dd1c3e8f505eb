"""Calls from any account on a copy of the chain's state: nothing is sent and no key is needed.

`eth_simulateV1` (geth, reth, Nethermind, anvil) runs many calls after one another in one block that
is thrown away, at a time of our choice. A node without it is asked with `eth_call`, call by call,
where no call sees what the one before it did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flywheel import chain, reverts


class Engine(Enum):
    TOGETHER = "one after the other on a copy of the state"
    ALONE = "each alone on the state of now"


@dataclass(frozen=True)
class Call:
    sender: str
    target: str
    data: bytes
    value: int = 0


@dataclass(frozen=True)
class Outcome:
    """Whether a call would succeed; `output` is what it returns, `reason` why it would not."""

    ok: bool
    output: bytes = b""
    reason: str = ""


class _Unsupported(Exception):
    """The node does not know the method."""


def run(calls: Sequence[Call], at: int | None = None) -> tuple[list[Outcome], Engine]:
    """What each call would do at the time `at` (the next block's unless given), in this order."""
    try:
        return _together(calls, at), Engine.TOGETHER
    except _Unsupported:
        return [_alone(call) for call in calls], Engine.ALONE


def _together(calls: Sequence[Call], at: int | None) -> list[Outcome]:
    if chain.provider().name == "test":
        raise _Unsupported
    time = max(at or 0, chain.now() + 1)
    request = {
        "blockStateCalls": [
            {
                "blockOverrides": {"time": hex(time)},
                "calls": [_transaction(call) for call in calls],
            }
        ],
        "validation": False,
    }
    answer = _ask("eth_simulateV1", [request, "latest"])
    if "result" not in answer:
        raise _Unsupported(answer)
    return [_outcome(item) for item in answer["result"][0]["calls"]]


def _alone(call: Call) -> Outcome:
    if chain.provider().name == "test":
        return _alone_embedded(call)
    answer = _ask("eth_call", [_transaction(call), "latest"])
    if "result" in answer:
        return Outcome(True, bytes.fromhex(answer["result"].removeprefix("0x")))
    error = answer.get("error") or {}
    return _failed(error.get("data"), str(error.get("message", "")))


def _alone_embedded(call: Call) -> Outcome:
    """The embedded chain takes calls from any account, and tells errors by raising them."""
    try:
        output = chain.provider().web3.eth.call(
            {
                "from": call.sender,
                "to": call.target,
                "data": "0x" + call.data.hex(),
                "value": call.value,
            }
        )
    except Exception as error:
        return Outcome(False, reason=reverts.reason(error))
    return Outcome(True, bytes(output))


def _ask(method: str, parameters: list[Any]) -> dict[str, Any]:
    """The node's whole answer, its errors included: Ape's own way loses their data."""
    answer: dict[str, Any] = chain.provider().web3.provider.make_request(method, parameters)
    return answer


def _transaction(call: Call) -> dict[str, str]:
    return {
        "from": call.sender,
        "to": call.target,
        "data": "0x" + call.data.hex(),
        "value": hex(call.value),
    }


def _outcome(item: dict[str, Any]) -> Outcome:
    if int(str(item["status"]), 16) == 1:
        return Outcome(True, bytes.fromhex(str(item["returnData"]).removeprefix("0x")))
    error = item.get("error") or {}
    return _failed(error.get("data") or item.get("returnData"), str(error.get("message", "")))


def _failed(data: Any, message: str) -> Outcome:
    raw = bytes.fromhex(str(data or "").removeprefix("0x"))
    return Outcome(False, raw, reverts.of_data(raw) or message or "no reason given")

"""Calls from any account on a copy of the chain's state: nothing is sent and no key is needed.

`eth_simulateV1` (geth, reth, Nethermind, anvil) runs many calls after one another in one block that
is thrown away, at a time of our choice; on the embedded chain its virtual machine does the same. A
node that refuses the method, in whatever words, is asked with `eth_call`, call by call, where no
call sees what the one before did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flywheel.chain import connection, node, reverts
from flywheel.errors import FlywheelError

# Above the base fee of any block of the embedded chain.
EMBEDDED_GAS, EMBEDDED_GAS_PRICE = 20_000_000, 10**12
# What a node's error is about when it is about the calls, by the method's specification: a revert,
# a nonce, a fee, gas, funds, a block that is full, a sender that is a contract, code that is too
# long; and JSON-RPC's code of a transaction that is rejected. Any other error refuses the method.
ABOUT_THE_CALLS = (3, -32003, -32015, *range(-38015, -38009), -38024, -38025)
# More than there is of any native currency, and what a balance can hold beside.
MOST_SENT = 2**128


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


@dataclass(frozen=True)
class Attempt:
    """`refused`: the number (from 1) of the first call that would fail, 0 if none would, and its
    `reason`. `together`: whether the node ran them one after the other."""

    refused: int
    reason: str
    together: bool


class _Unsupported(Exception):
    """The node does not run calls after one another."""


def run(calls: Sequence[Call], at: int | None = None) -> tuple[list[Outcome], Engine]:
    """What each call would do at the time `at` (the next block's unless given), in this order."""
    try:
        return _together(calls, at), Engine.TOGETHER
    except _Unsupported:
        return [_alone(call) for call in calls], Engine.ALONE


def attempt(calls: Sequence[Call]) -> Attempt:
    """Tries calls, and tells the first that the chain would refuse.

    A node that runs each alone says something of the first one only: it alone is called on the
    state that it will meet.
    """
    outcomes, engine = run(calls)
    together = engine == Engine.TOGETHER
    for number, outcome in enumerate(outcomes if together else outcomes[:1], start=1):
        if not outcome.ok:
            return Attempt(number, outcome.reason, together)
    return Attempt(0, "", together)


def require(sender: str, calls: Sequence[tuple[Any, ...]]) -> None:
    """Tries calls, each a method with its arguments, one after the other from `sender`.

    Raises `FlywheelError` with the reason of the first that the chain would refuse. Says nothing
    while calls are recorded for a Safe, which are tried together at the end, nor on a node that
    cannot run them together.
    """
    if connection.is_recording() or node.is_embedded():
        return
    asked = [
        Call(sender, str(method.contract.address), bytes(method.encode_input(*arguments)))
        for method, *arguments in calls
    ]
    tried = attempt(asked)
    if tried.together and tried.refused:
        raise FlywheelError(reverts.explain_reason(tried.reason))


def _together(calls: Sequence[Call], at: int | None) -> list[Outcome]:
    from flywheel.chain.patient import NodeGaveUp

    time = max(at or 0, connection.now() + 1)
    if node.is_embedded():
        return _embedded(calls, time)
    request = {
        "blockStateCalls": [
            {
                "blockOverrides": {"time": hex(time)},
                "stateOverrides": _funded(calls),
                "calls": [_transaction(call) for call in calls],
            }
        ],
        "validation": False,
    }
    try:
        answer = node.ask("eth_simulateV1", [request, "latest"])
    except NodeGaveUp as error:
        raise _Unsupported(str(error)) from error
    if "result" in answer:
        return _outcomes(answer["result"], len(calls))
    refusal = node.Refused(answer.get("error"))
    if refusal.code not in ABOUT_THE_CALLS:
        raise _Unsupported(refusal.said)
    return [Outcome(False, b"", f"the node refuses to run it: {refusal.said}") for _ in calls]


def _outcomes(result: Any, count: int) -> list[Outcome]:
    """Raises `_Unsupported` if the node answers in a form of its own."""
    try:
        outcomes = [_outcome(item) for item in result[0]["calls"]]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _Unsupported(str(error)) from error
    if len(outcomes) != count:
        raise _Unsupported(f"{len(outcomes)} outcomes of {count} calls")
    return outcomes


def _funded(calls: Sequence[Call]) -> dict[str, dict[str, str]]:
    """Who executes a proposal sends what its calls send along: the senders have it here."""
    sent: dict[str, int] = {}
    for call in calls:
        sent[call.sender] = sent.get(call.sender, 0) + call.value
    return {
        sender: {"balance": hex(min(amount, MOST_SENT))}
        for sender, amount in sent.items()
        if amount
    }


def _alone(call: Call) -> Outcome:
    answer = node.ask("eth_call", [_transaction(call), "latest"])
    if "result" in answer:
        return Outcome(True, bytes.fromhex(answer["result"].removeprefix("0x")))
    error = answer.get("error") or {}
    return _failed(error.get("data"), str(error.get("message", "")))


def _embedded(calls: Sequence[Call], time: int) -> list[Outcome]:
    """On the embedded chain, which has no such method: on a state of its virtual machine that is
    never written back. It asks every sender for gas, so each is given some there."""
    from eth.vm.spoof import SpoofTransaction
    from eth_utils import to_canonical_address

    machine = connection.provider().evm_backend.chain.get_vm()
    state = machine.state
    state.execution_context._timestamp = time
    outcomes = []
    for call in calls:
        sender = to_canonical_address(call.sender)
        state.set_balance(sender, state.get_balance(sender) + EMBEDDED_GAS * EMBEDDED_GAS_PRICE)
        transaction = machine.create_unsigned_transaction(
            nonce=state.get_nonce(sender),
            gas_price=EMBEDDED_GAS_PRICE,
            gas=EMBEDDED_GAS,
            to=to_canonical_address(call.target),
            value=call.value,
            data=call.data,
        )
        done = state.apply_transaction(SpoofTransaction(transaction, from_=sender))
        output = bytes(done.output)
        outcomes.append(_failed(output.hex(), "") if done.is_error else Outcome(True, output))
    return outcomes


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

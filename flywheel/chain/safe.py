"""What a command would send, as a batch file of the Safe's Transaction Builder.

The format, its checksum and what the Safe app does with them: docs/decisions/safe.md.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ape.api.address import BaseAddress
from eth_utils import keccak, to_checksum_address

from flywheel.chain import connection, reverts
from flywheel.chain.calldata import canonical
from flywheel.chain.strict_abi import decode
from flywheel.chain.unsent import Unsent, carries_unknown
from flywheel.errors import FlywheelError, fix
from flywheel.shown import Part, Record, Remark, numbered

# Of the app that this format was read from; the app does not compare it.
BUILDER_VERSION = "1.18.0"
MAX_TRANSACTIONS = 100


class SafeAccount(BaseAddress):
    """A Safe as the sender of a command: it has an address and no key."""

    def __init__(self, address: str) -> None:
        self._address = to_checksum_address(address)

    @property
    def address(self) -> Any:
        return self._address

    def __str__(self) -> str:
        return str(self._address)

    def sign_message(self, *_: Any, **__: Any) -> Any:
        raise fix("A Safe signs nothing here", "Use the form of this command that only sends")

    def deploy(self, *_: Any, **__: Any) -> Any:
        raise fix("A Safe's batch cannot deploy contracts", "Deploy from an account")


@dataclass
class Batch:
    """Transactions that a command recorded, in order."""

    path: Path
    safe: str
    texts: list[str] = field(default_factory=list)
    transactions: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, bytes, int]] = field(default_factory=list)
    was_read: bool = False

    def record(self, method: Any, args: tuple[Any, ...], value: int = 0) -> Unsent:
        """Adds one call. Raises `FlywheelError` if it needs the result of an earlier one."""
        data = bytes(method.encode_input(*args))
        if self.was_read and carries_unknown(data):
            raise self.entangled()
        if len(self.transactions) >= MAX_TRANSACTIONS:
            raise fix(
                f"A batch of more than {MAX_TRANSACTIONS} transactions does not fit into a block",
                "Do it in parts",
            )
        abi = _method_abi(method, data)
        target = str(method.contract.address)
        self.calls.append((target, data, value))
        self.transactions.append(
            {
                "to": target,
                "value": str(value),
                "data": "0x" + data.hex(),
                "contractMethod": {
                    "inputs": [_input(item) for item in abi["inputs"]],
                    "name": abi["name"],
                    "payable": abi["stateMutability"] == "payable",
                },
                "contractInputsValues": _values(abi["inputs"], data[4:]),
            }
        )
        return Unsent(self)

    def entangled(self) -> FlywheelError:
        return fix(
            f"Transaction {len(self.transactions) + 1} needs the result of one before it, which "
            "a Safe is yet to send",
            "Do it from an account, or in two steps",
        )

    def document(self, created_at: int) -> dict[str, Any]:
        """The file's content. `created_at` in milliseconds."""
        return with_checksum(
            {
                "version": "1.0",
                "chainId": str(connection.chain_id()),
                "createdAt": created_at,
                "meta": {
                    "name": self.texts[0] if self.texts else "Flywheel",
                    "description": "; ".join(self.texts),
                    "txBuilderVersion": BUILDER_VERSION,
                    "createdFromSafeAddress": self.safe,
                    "createdFromOwnerAddress": "",
                },
                "transactions": self.transactions,
            }
        )


@contextmanager
def recording(batch: Batch, tell: Callable[[Part], None]) -> Iterator[None]:
    """Records what the block sends, checks it against the chain, writes the file, tells of it.

    Raises `FlywheelError` if the block sends nothing, if a transaction depends on the result of
    another, or if the chain would refuse one when the Safe sends it.
    """
    with connection.recorder(batch):
        try:
            yield
        except FlywheelError:
            raise
        except Exception as error:
            if not batch.transactions:
                raise
            raise batch.entangled() from error
    if not batch.transactions:
        if batch.texts:
            raise fix("There is nothing for the Safe to send", "See the remarks above")
        tell(Remark("Nothing was sent, so no file for the Safe was written."))
        return
    checked = _check(batch)
    write(batch)
    calls = [f"{item['contractMethod']['name']} on {item['to']}" for item in batch.transactions]
    fields = {
        "File": str(batch.path),
        "Safe": batch.safe,
        "Chain": connection.chain_id(),
        "Transactions": len(batch.transactions),
        "Calls": numbered(calls),
        "Checked": checked,
        "Next": "Safe app > Transaction Builder > drag the file in",
    }
    tell(Record("For the Safe, not sent", fields))


def write(batch: Batch) -> None:
    import time

    text = json.dumps(batch.document(int(time.time() * 1000)), indent=2, ensure_ascii=False)
    try:
        batch.path.parent.mkdir(parents=True, exist_ok=True)
        batch.path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise fix(f"Cannot write {batch.path}: {error.strerror}", "Give another --safe") from None


def _check(batch: Batch) -> str:
    """Runs the batch on a copy of the chain's state, from the Safe, where the node can."""
    from flywheel.chain import simulation

    calls = [simulation.Call(batch.safe, *call) for call in batch.calls]
    tried = simulation.attempt(calls)
    if tried.refused:
        why = reverts.explain_reason(tried.reason)
        raise FlywheelError(f"Transaction {tried.refused} of the Safe would fail, no file. {why}")
    if tried.together or len(calls) == 1:
        return "the chain would accept it from this Safe now"
    return "the chain would accept the first; this node cannot try the others"


# --- the format ---


def checksum(document: dict[str, Any]) -> str:
    """keccak256 of the document as the Transaction Builder writes it: keys sorted and listed before
    their values, the name of the batch left out, no checksum in it."""
    meta = {key: item for key, item in document["meta"].items() if key != "checksum"}
    bare = {**document, "meta": {**meta, "name": None}}
    return "0x" + keccak(text=_serialized(bare)).hex()


def with_checksum(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "meta": {**document["meta"], "checksum": checksum(document)}}


def _serialized(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_serialized, value))}]"
    if isinstance(value, dict):
        keys = sorted(value)
        members = "".join(f"{_serialized(value[key])}," for key in keys)
        return f"{{{_json(keys)}{members}}}"
    return _json(value)


def _json(value: Any) -> str:
    """As JSON.stringify writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _method_abi(method: Any, data: bytes) -> dict[str, Any]:
    """The ABI entry of the overload that `data` calls."""
    for item in method.abis:
        if keccak(text=item.selector)[:4] == data[:4]:
            found: dict[str, Any] = item.model_dump(by_alias=True)
            return found
    raise AssertionError("the call was encoded with one of these")


def _input(item: dict[str, Any]) -> dict[str, Any]:
    shown = {"internalType": item["type"], "name": item["name"], "type": item["type"]}
    if item.get("components"):
        shown["components"] = [_input(part) for part in item["components"]]
    return shown


def _values(inputs: list[dict[str, Any]], arguments: bytes) -> dict[str, str]:
    """Arguments by name, each as text: what the app shows in its form fields."""
    values = decode([canonical(item) for item in inputs], arguments)
    return {
        item["name"]: _field(item["type"], value)
        for item, value in zip(inputs, values, strict=True)
    }


def _field(kind: str, value: Any) -> str:
    plain = _plain(value)
    return plain if isinstance(plain, str) else _json(plain)


def _plain(value: Any) -> Any:
    """Numbers as text, so that none loses digits in JavaScript."""
    if isinstance(value, bool):
        return value
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str) and value[:2] == "0x" and len(value) == 42:
        return str(to_checksum_address(value))
    return str(value)

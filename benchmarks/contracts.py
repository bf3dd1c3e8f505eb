"""Contracts on the node: their calls encoded from their ABIs, without Ape and its overhead."""

import json
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from eth_abi import decode, encode
from eth_utils import keccak, to_checksum_address
from eth_utils.abi import (
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
    get_abi_input_types,
    get_abi_output_types,
)

from benchmarks.node import Call, Node, Receipt
from flywheel.chain.devnet import ROOT
from flywheel.errors import fix


@dataclass(frozen=True)
class Artifact:
    """ABI and deployment code of one contract."""

    abi: list[dict[str, Any]]
    bytecode: bytes

    @classmethod
    def of(cls, compiled: dict[str, Any]) -> "Artifact":
        return cls(compiled["abi"], bytes.fromhex(compiled["bytecode"].removeprefix("0x")))


@cache
def _manifest() -> dict[str, Any]:
    path = ROOT / ".build" / "__local__.json"
    if not path.is_file():
        raise fix("The contracts are not compiled", "Run 'make compile'")
    return dict(json.loads(path.read_text(encoding="utf-8"))["contractTypes"])


def ours(name: str) -> Artifact:
    """What `make compile` made of contracts/**/<name>.vy."""
    compiled = _manifest()[name]
    code = compiled["deploymentBytecode"]["bytecode"]
    return Artifact.of({"abi": compiled["abi"], "bytecode": code})


@dataclass(frozen=True)
class Contract:
    """A contract at an address of one node."""

    node: Node
    address: str
    artifact: Artifact

    @cached_property
    def _functions(self) -> dict[tuple[str, int], dict[str, Any]]:
        return {
            (entry["name"], len(entry["inputs"])): entry
            for entry in self.artifact.abi
            if entry["type"] == "function"
        }

    def data(self, function: str, *args: Any) -> bytes:
        """Calldata. Contracts among `args` stand for their addresses."""
        abi: Any = self._functions[function, len(args)]
        return function_abi_to_4byte_selector(abi) + _encoded(abi, args)

    def tx(self, sender: str, function: str, *args: Any) -> Call:
        return Call(sender, self.address, self.data(function, *args))

    def send(self, sender: str, function: str, *args: Any) -> Receipt:
        return self.node.send(self.tx(sender, function, *args))

    def gas(self, sender: str, function: str, *args: Any) -> int:
        """`gasUsed` of one transaction in a block of its own."""
        return self.send(sender, function, *args).gas_used

    def read(self, function: str, *args: Any) -> Any:
        """What a view answers: one value, or a tuple."""
        call = Call(self.node.accounts[0], self.address, self.data(function, *args))
        abi: Any = self._functions[function, len(args)]
        values = decode(get_abi_output_types(abi), self.node.call(call))
        return values[0] if len(values) == 1 else values

    def event(self, receipt: Receipt, name: str) -> tuple[Any, ...]:
        """The indexed values (as numbers) of this contract's one event `name` in `receipt`."""
        (abi,) = (e for e in self.artifact.abi if e["type"] == "event" and e["name"] == name)
        topic = "0x" + event_abi_to_log_topic(abi).hex()  # type: ignore[arg-type]
        (log,) = (
            log
            for log in receipt.logs
            if log["topics"][0] == topic and to_checksum_address(log["address"]) == self.address
        )
        return tuple(int(value, 16) for value in log["topics"][1:])


def deploy(node: Node, sender: str, artifact: Artifact, *args: Any) -> Contract:
    constructors: list[Any] = [e for e in artifact.abi if e["type"] == "constructor"]
    arguments = _encoded(constructors[0], args) if constructors else b""
    receipt = node.send(Call(sender, None, artifact.bytecode + arguments))
    assert receipt.contract is not None
    return Contract(node, to_checksum_address(receipt.contract), artifact)


def _encoded(abi: Any, args: tuple[Any, ...]) -> bytes:
    return encode(get_abi_input_types(abi), [_plain(value) for value in args])


def _plain(value: Any) -> Any:
    if isinstance(value, Contract):
        return value.address
    if isinstance(value, list | tuple):
        return type(value)(_plain(part) for part in value)
    return value


def stranger(seed: str) -> str:
    """An address that nobody has the key of."""
    return str(to_checksum_address(keccak(text=seed)[12:]))

"""Calldata by the suite's ABIs: decoded with names, and encoded from names."""

from dataclasses import dataclass
from typing import Any

from eth_abi import encode
from eth_abi.grammar import TupleType, parse
from eth_utils import keccak, to_checksum_address

from flywheel.chain.strict_abi import decode

Abi = dict[str, Any]


class Account(str):
    """An address, by its ABI type: a string may look like one."""


def canonical(parameter: Abi) -> str:
    """ABI type as signatures have it: structs as tuples of their members."""
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    members = ",".join(canonical(item) for item in parameter["components"])
    return f"({members}){kind.removeprefix('tuple')}"


@dataclass(frozen=True)
class Function:
    """One function of a contract that changes state."""

    contract: str
    name: str
    inputs: tuple[Abi, ...]
    payable: bool = False

    @property
    def types(self) -> list[str]:
        return [canonical(item) for item in self.inputs]

    @property
    def signature(self) -> str:
        return f"{self.name}({','.join(self.types)})"

    @property
    def selector(self) -> bytes:
        return bytes(keccak(text=self.signature)[:4])

    def encode(self, values: list[Any]) -> bytes:
        return self.selector + encode(self.types, values)


@dataclass(frozen=True)
class DecodedCall:
    """A call with its arguments by name; structs are dictionaries.

    `exact` is false for calldata that no ordinary encoder writes, such as hidden trailing bytes.
    """

    function: Function
    arguments: dict[str, Any]
    exact: bool


class Interface:
    """The functions of one contract by selector, and its views by name."""

    def __init__(self, contract: str, abi: list[Abi]) -> None:
        self.contract = contract
        functions = [item for item in abi if item["type"] == "function"]
        self.views = [item for item in functions if item["stateMutability"] in ("view", "pure")]
        self.functions = [
            Function(
                contract,
                str(item["name"]),
                tuple(item["inputs"]),
                item["stateMutability"] == "payable",
            )
            for item in functions
            if item not in self.views
        ]
        self.by_selector = {item.selector: item for item in self.functions}

    def named(self, name: str) -> list[Function]:
        """The functions of that name: several if it is overloaded."""
        return [item for item in self.functions if item.name == name]

    def decode(self, data: bytes) -> DecodedCall | None:
        """The call, or None if this contract has no such function or the arguments do not parse."""
        function = self.by_selector.get(bytes(data[:4]))
        if function is None:
            return None
        try:
            values = decode(function.types, data[4:])
        except Exception:
            return None
        arguments = {
            item["name"]: _named(item, value)
            for item, value in zip(function.inputs, values, strict=True)
        }
        return DecodedCall(function, arguments, function.encode(list(values)) == bytes(data))


def interface_of(name: str, contract: Any) -> Interface:
    """Of a contract as Ape knows it."""
    return Interface(name, [item.model_dump(by_alias=True) for item in contract.contract_type.abi])


def _named(parameter: Abi, value: Any) -> Any:
    kind = str(parameter["type"])
    if kind.endswith("]"):
        element = {**parameter, "type": kind[: kind.rindex("[")]}
        return [_named(element, item) for item in value]
    if kind == "tuple":
        return {
            item["name"]: _named(item, part)
            for item, part in zip(parameter["components"], value, strict=True)
        }
    return marked(kind, value)


def marked(kind: str, value: Any) -> Any:
    """A value of the canonical ABI type `kind`, with every address in it an `Account`."""
    parsed = parse(kind)
    if parsed.is_array:
        return [marked(parsed.item_type.to_type_str(), item) for item in value]
    if isinstance(parsed, TupleType):
        parts = zip(parsed.components, value, strict=True)
        return tuple(marked(part.to_type_str(), item) for part, item in parts)
    return Account(to_checksum_address(value)) if kind == "address" else value

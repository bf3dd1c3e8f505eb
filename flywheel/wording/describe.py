"""A proposal's calls in words: a describer or a phrase per function, else names and units.

Nothing that a call carries is left unsaid, and what nobody can read is said loudly.
"""

import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flywheel import amounts
from flywheel.chain.calldata import Abi, DecodedCall, Interface, interface_of
from flywheel.chain.connection import ZERO_ADDRESS
from flywheel.deploy.suite import Suite
from flywheel.printable import on_one_line
from flywheel.rewards.leaves import parts_of
from flywheel.wording.kinds import ZERO, Kind, kind_of
from flywheel.wording.lexicon import Lexicon, same
from flywheel.wording.phrases import phrase_of
from flywheel.wording.special import DESCRIBERS

UNKNOWN = "UNKNOWN CALL"
MAKE_PURPOSES = {("Treasury", "create_purpose"), ("Treasury", "create_round_purpose")}


@dataclass
class Words:
    """Describes calls on one deployment."""

    suite: Suite
    interfaces: dict[str, Interface] = field(default_factory=dict)
    depth: int = 0

    def __post_init__(self) -> None:
        self.lexicon = Lexicon(self.suite)

    def inside(self) -> "Words":
        """For the calls that a call carries."""
        return Words(self.suite, self.interfaces, self.depth + 1)

    def interface(self, name: str) -> Interface:
        if name not in self.interfaces:
            self.interfaces[name] = interface_of(name, self.suite[name])
        return self.interfaces[name]

    def contract_at(self, target: str) -> str | None:
        """Name of the contract of the suite at `target`; any accepted asset is an "Asset"."""
        name = self.lexicon.contracts.get(target.lower())
        if name is None and any(same(target, asset) for asset in self.lexicon.accepted):
            return "Asset"
        return name

    def call(self, target: str, data: bytes, value: int = 0) -> str:
        """One call in words, one line, never empty; starts with `UNKNOWN` if it cannot be read."""
        sent = f", and SEND {amounts.show(value, 18, 'ETH')} along" if value else ""
        return on_one_line(self._call(target, data) + sent)

    def decode(self, target: str, data: bytes) -> DecodedCall | None:
        name = self.contract_at(target)
        return self.interface(name).decode(data) if name else None

    def _call(self, target: str, data: bytes) -> str:
        name = self.contract_at(target)
        if name is None:
            return f"{UNKNOWN} to {target}, which is no part of this DAO: 0x{data.hex()}"
        decoded = self.interface(name).decode(data)
        if decoded is None:
            where = f"the asset {target}" if name == "Asset" else name
            fault = "which has no such function"
            if bytes(data[:4]) in self.interface(name).by_selector:
                fault = "with arguments that cannot be read"
            return f"{UNKNOWN} to {where}, {fault}: 0x{data.hex()}"
        try:
            said = self.decoded(decoded, target)
        except Exception as error:
            # Whoever made the call chose its arguments. It can be voted on all the same.
            return f"{UNKNOWN} to {name}, not described ({type(error).__name__}): 0x{data.hex()}"
        if (name, decoded.function.name) in MAKE_PURPOSES:
            self.lexicon.made.append(str(decoded.arguments["name"]))
        if not decoded.exact:
            said += f" [UNUSUAL ENCODING, read it yourself: 0x{data.hex()}]"
        return said

    def decoded(self, call: DecodedCall, target: str) -> str:
        key = (call.function.contract, call.function.name)
        if key in DESCRIBERS:
            return DESCRIBERS[key](self, call)
        phrase = phrase_of(*key)
        # An overload, or another release, may have other arguments than the phrase names.
        if phrase is None or not _names(phrase) <= {
            leaf.path for leaf in leaves(call.function.inputs)
        }:
            return self.by_names(call)
        asset = target if call.function.contract == "Asset" else None
        return self.fill(phrase, call, asset)

    def by_names(self, call: DecodedCall) -> str:
        """The fallback: the function, and its arguments by name and in their units."""
        listed = ", ".join(
            f"{leaf.name} {self._show(leaf, call, None)}" for leaf in leaves(call.function.inputs)
        )
        return f"call {call.function.contract}.{call.function.name}" + (
            f" with {listed}" if listed else ""
        )

    def fill(self, phrase: str, call: DecodedCall, asset: str | None) -> str:
        """The phrase with its arguments, then in brackets the arguments that it leaves out."""
        found = {leaf.path: leaf for leaf in leaves(call.function.inputs)}
        said, used = "", set()
        for literal, name, _, _ in string.Formatter().parse(phrase):
            said += literal
            if name == "contract":
                said += call.function.contract
            elif name is not None:
                used.add(name)
                said += self._show(found[name], call, asset)
        rest = [leaf for path, leaf in found.items() if path not in used]
        # Money has said its asset.
        if any(self._kind(found[name], call) == Kind.MONEY for name in used):
            rest = [leaf for leaf in rest if self._kind(leaf, call) != Kind.ASSET]
        if not rest:
            return said
        listed = ", ".join(f"{leaf.name} {self._show(leaf, call, asset)}" for leaf in rest)
        return f"{said} ({listed})"

    def _kind(self, leaf: "Leaf", call: DecodedCall) -> Kind:
        return kind_of(call.function.contract, call.function.name, leaf.name, leaf.element)

    def _show(self, leaf: "Leaf", call: DecodedCall, asset: str | None) -> str:
        value = leaf.of(call.arguments)
        said = ZERO.get((call.function.contract, call.function.name), {}).get(leaf.name)
        if said is not None and _is_zero(value):
            return said
        return self.lexicon.show(value, self._kind(leaf, call), asset or self.asset_of(call))

    def asset_of(self, call: DecodedCall) -> str | None:
        """The asset that a call counts its money in, if it names one."""
        for leaf in leaves(call.function.inputs):
            if leaf.name == "asset" and leaf.element == "address":
                return str(leaf.of(call.arguments))
            if leaf.name == "drop_id":
                return parts_of(leaf.of(call.arguments)).asset
        return None


def _is_zero(value: Any) -> bool:
    return value == 0 or value == ZERO_ADDRESS


def _names(phrase: str) -> set[str]:
    """The arguments that a phrase names."""
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name} - {"contract"}


@dataclass(frozen=True)
class Leaf:
    """An argument, or a member of a struct: "terms.price"."""

    path: str
    type: str

    @property
    def name(self) -> str:
        return self.path.rsplit(".", 1)[-1]

    @property
    def element(self) -> str:
        return self.type.split("[", 1)[0]

    def of(self, arguments: dict[str, Any]) -> Any:
        value: Any = arguments
        for part in self.path.split("."):
            value = value[part]
        return value


def leaves(inputs: tuple[Abi, ...] | list[Abi], prefix: str = "") -> Iterator[Leaf]:
    """Every argument that is no struct, and every member of a struct; arrays stay whole."""
    for item in inputs:
        path = f"{prefix}{item['name']}"
        if item["type"] == "tuple":
            yield from leaves(item["components"], f"{path}.")
        else:
            yield Leaf(path, str(item["type"]))

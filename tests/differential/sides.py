"""One call, made on ours and on OpenZeppelin's, and whether the two did the same.

Both live on one titanoboa chain, so that they see the same clock. Both get the same selector and
the same arguments, encoded once by the ABI's rules and not by either compiler, and everything that
comes back is compared byte by byte: success, what is returned or the error's data, and each log.
What must differ, because it is or depends on an address (the contracts themselves, proposal ids,
operation ids), is entered as an alias and replaced in what the peer answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boa
from boa import BoaError
from eth_abi import encode
from eth_utils import function_signature_to_4byte_selector, to_canonical_address

OURS = "ours"
PEER = "peer"

# Values, or how to make them from a side ("ours", "peer").
PerSide = Any


def per_side(value: PerSide, side: str) -> Any:
    return value(side) if callable(value) else value


def types_of(signature: str) -> list[str]:
    """Argument types of "f(address,uint256[])"."""
    inner = signature[signature.index("(") + 1 : -1]
    return inner.split(",") if inner else []


def calldata(signature: str, args: tuple[Any, ...] = ()) -> bytes:
    return function_signature_to_4byte_selector(signature) + encode(types_of(signature), args)


def error(signature: str, *args: Any) -> bytes:
    """Revert data of a typed error, or of "Error(string)" and "Panic(uint256)"."""
    return calldata(signature, args)


def reason(text: str) -> bytes:
    return error("Error(string)", text)


@dataclass(frozen=True)
class Log:
    emitter: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Outcome:
    """What one call did."""

    ok: bool
    output: bytes
    logs: tuple[Log, ...] = ()

    def failed_with(self, data: bytes) -> bool:
        return not self.ok and self.output == data

    def __str__(self) -> str:
        logs = "".join(
            f"\n    {log.emitter.hex()} {[topic.hex() for topic in log.topics]} {log.data.hex()}"
            for log in self.logs
        )
        return f"{'returned' if self.ok else 'reverted'} {self.output.hex() or 'nothing'}{logs}"


@dataclass(frozen=True)
class Call:
    """One call on both, and what came of it; the peer's outcome is in terms of our addresses."""

    contract: str
    signature: str
    ours: Outcome
    peer: Outcome

    @property
    def function(self) -> str:
        return self.signature.split("(")[0]

    @property
    def agrees(self) -> bool:
        return self.ours == self.peer

    def __str__(self) -> str:
        return f"{self.contract}.{self.signature}\n  ours: {self.ours}\n  peer: {self.peer}"


# Returns the name of the difference that a call shows, or None.
Explanation = Callable[[Call], str | None]


@dataclass
class Sides:
    """Contracts by name on either side, and what stands for what."""

    addresses: dict[str, dict[str, str]] = field(default_factory=dict)
    aliases: list[tuple[bytes, bytes]] = field(default_factory=list)

    def add(self, name: str, ours: str, peer: str) -> None:
        self.addresses[name] = {OURS: str(ours), PEER: str(peer)}
        self.alias(to_canonical_address(str(ours)), to_canonical_address(str(peer)))

    def of(self, name: str) -> Callable[[str], str]:
        """The contract's address on a side, for arguments."""
        return lambda side: self.addresses[name][side]

    def alias(self, ours: bytes, peer: bytes) -> None:
        """From now on `peer` counts as `ours` in what the peer answers."""
        if ours != peer and (ours, peer) not in self.aliases:
            self.aliases.append((ours, peer))

    def try_call(
        self,
        contract: str,
        signature: str,
        args: PerSide = (),
        sender: PerSide = None,
        value: int = 0,
        static: bool = False,
    ) -> Call:
        """Calls both; `args` and `sender` may be functions of the side."""
        outcomes = {
            side: self.run(
                side,
                self.addresses[contract][side],
                calldata(signature, tuple(per_side(args, side))),
                per_side(sender, side),
                value,
                static,
            )
            for side in (OURS, PEER)
        }
        return Call(contract, signature, outcomes[OURS], outcomes[PEER])

    def call(self, contract: str, signature: str, args: PerSide = (), **kwargs: Any) -> Outcome:
        """Calls both, which must agree."""
        call = self.try_call(contract, signature, args, **kwargs)
        assert call.agrees, f"a difference without a name in {call}"
        return call.ours

    def view(self, contract: str, signature: str, args: PerSide = ()) -> Outcome:
        return self.call(contract, signature, args, static=True)

    def run(
        self,
        side: str,
        to: str,
        data: bytes,
        sender: str | None = None,
        value: int = 0,
        static: bool = False,
    ) -> Outcome:
        """One call on one side, in terms of our addresses."""
        done = boa.env.execute_code(
            to_address=to, sender=sender, value=value, data=data, is_modifying=not static
        )
        logs = () if done.is_error else done.get_raw_log_entries()
        translate = self._to_ours if side == PEER else bytes
        return Outcome(
            ok=not done.is_error,
            output=translate(done.output),
            logs=tuple(
                Log(
                    translate(address),
                    tuple(translate(topic.to_bytes(32, "big")) for topic in topics),
                    translate(data),
                )
                for _, address, topics, data in logs
            ),
        )

    def _to_ours(self, data: bytes) -> bytes:
        for ours, peer in self.aliases:
            data = data.replace(peer, ours)
        return data


def must(outcome: Outcome) -> Outcome:
    """For steps that only prepare a test."""
    if not outcome.ok:
        raise BoaError(f"a call that prepares the test {outcome}")
    return outcome

"""Others by the thousand, each an account of its own, so that a row can be measured among them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

from benchmarks import peers
from benchmarks.contracts import Contract, deploy, stranger
from benchmarks.node import Node
from flywheel.deploy.artifacts import create_address

# Members moved by one transaction.
CHUNK = 250
# Stands in calldata where the member's address is to be.
_MEMBER = stranger("a member of the crowd")


@dataclass(frozen=True)
class Crowd:
    """Contracts that hold, vote, pay and claim like anybody. An empty crowd does nothing."""

    contract: Contract | None = None
    sender: str = ""
    members: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, node: Node, sender: str, size: int) -> "Crowd":
        contract = deploy(node, sender, peers.artifact("Crowd"))
        for start in range(0, size, CHUNK):
            contract.send(sender, "grow", min(CHUNK, size - start))
        # A contract counts what it creates from 1.
        members = [create_address(contract.address, number + 1) for number in range(size)]
        return cls(contract, sender, members)

    @property
    def address(self) -> str:
        assert self.contract is not None
        return self.contract.address

    def each(self, target: Contract, function: str, *args: Any | EllipsisType) -> None:
        """Each member sends the call; `...` among the arguments stands for its own address."""
        if self.contract is None:
            return
        data = target.data(function, *(_MEMBER if arg is ... else arg for arg in args))
        holes = [4 + 32 * place for place, arg in enumerate(args) if arg is ...]
        for start in range(0, len(self.members), CHUNK):
            stop = min(start + CHUNK, len(self.members))
            self.contract.send(self.sender, "each", target, data, holes, start, stop)

    def for_each(self, target: Contract, function: str, *args: Any | EllipsisType) -> None:
        """The crowd's contract sends a call for each member, whose address `...` stands for."""
        self.all(
            target,
            function,
            (tuple(one if arg is ... else arg for arg in args) for one in self.members),
        )

    def all(self, target: Contract, function: str, calls: Iterable[tuple[Any, ...]]) -> None:
        """The crowd's contract sends these calls."""
        if self.contract is None:
            return
        data = [target.data(function, *args) for args in calls]
        for start in range(0, len(data), CHUNK):
            self.contract.send(self.sender, "all", target, data[start : start + CHUNK])

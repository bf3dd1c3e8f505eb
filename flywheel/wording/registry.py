"""Where the functions register whose words need more than a phrase."""

from collections.abc import Callable
from typing import Protocol

from flywheel.chain.calldata import DecodedCall
from flywheel.deploy.suite import Suite
from flywheel.wording.lexicon import Lexicon


class Words(Protocol):
    """What a describer has at hand: `wording.describe.Words`."""

    suite: Suite
    depth: int
    lexicon: Lexicon

    def inside(self) -> "Words":
        """For the calls that a call carries."""

    def call(self, target: str, data: bytes, value: int = 0) -> str:
        """One call in words."""

    def by_names(self, call: DecodedCall) -> str:
        """The function, and its arguments by name and in their units."""

    def fill(self, phrase: str, call: DecodedCall, asset: str | None) -> str:
        """The phrase with its arguments."""


Describer = Callable[[Words, DecodedCall], str]
# (contract, function) -> what the call does.
DESCRIBERS: dict[tuple[str, str], Describer] = {}


def describer(contract: str, function: str) -> Callable[[Describer], Describer]:
    """Registers the words of one function. What it returns stands alone: it says all arguments."""

    def register(found: Describer) -> Describer:
        DESCRIBERS[contract, function] = found
        return found

    return register

"""Where the functions register whose words need more than a phrase."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from flywheel.wording.calldata import DecodedCall

if TYPE_CHECKING:
    from flywheel.wording.describe import Words

Describer = Callable[["Words", DecodedCall], str]
# (contract, function) -> what the call does.
DESCRIBERS: dict[tuple[str, str], Describer] = {}


def describer(contract: str, function: str) -> Callable[[Describer], Describer]:
    """Registers the words of one function. What it returns stands alone: it says all arguments."""

    def register(found: Describer) -> Describer:
        DESCRIBERS[contract, function] = found
        return found

    return register

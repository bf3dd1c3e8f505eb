"""The deliberate differences from OpenZeppelin by name, and which of them a call shows.

docs/DIFFERENCES.md says what each is and why. `test_named_differences.py` shows that each still
occurs; the machines excuse a call that disagrees by one of these names only.
"""

import re
from collections import Counter

from eth_utils import keccak

from tests.differential.sides import Call, error, reason
from tools.paths import ROOT

DOCUMENT = ROOT / "docs" / "DIFFERENCES.md"


def documented(section: str) -> set[str]:
    """Names listed under a heading of the document, which begins with `section`."""
    text = DOCUMENT.read_text()
    (part,) = [p for p in re.split(r"^## ", text, flags=re.M) if p.startswith(section)]
    return set(re.findall(r"^- `([a-z0-9-]+)`: ", part, flags=re.M))


OWN_LOG = {
    "queue": "ProposalQueued(uint256,uint256)",
    "execute": "ProposalExecuted(uint256)",
}
EXTENDED = keccak(text="ProposalExtended(uint256,uint64)")
OUT_OF_RANGE = error("Panic(uint256)", 0x32)


def explain(call: Call) -> str | None:
    """Name of the difference that shows in `call`, from the call alone; None for none."""
    ours, peer = call.ours, call.peer
    beyond = call.function == "checkpoints" and peer.failed_with(OUT_OF_RANGE)
    if beyond and ours.failed_with(reason("no such checkpoint")):
        return "checkpoint-index"
    # The Governor's own log stands first and not last; all else is in the same order.
    if call.function in OWN_LOG and ours.ok and peer.ok and ours.output == peer.output:
        turned = ours.logs == (*peer.logs[-1:], *peer.logs[:-1])
        if turned and ours.logs[0].topics[0] == keccak(text=OWN_LOG[call.function]):
            return "governor-logs-first"
    # The same ballot, and after it our deadline moves.
    is_ballot = call.function.startswith("castVote") and ours.ok and peer.ok
    if is_ballot and ours.output == peer.output and ours.logs[:-1] == peer.logs:
        return "late-swing" if ours.logs[-1].topics[0] == EXTENDED else None
    return None


class Excuses:
    """Which differences showed how often in a machine's run."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def check(self, call: Call, *expected: str) -> None:
        """Both agree, or the call shows a named difference: one that `explain` sees, or one of
        `expected`, which the caller derived from what it knows about the state."""
        if call.agrees:
            return
        name = explain(call)
        if name is None and len(expected) == 1:
            (name,) = expected
        assert name is not None, f"a difference without a name in {call}"
        self.seen[name] += 1

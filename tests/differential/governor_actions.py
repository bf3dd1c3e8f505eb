"""What the proposals of the governor's machine do, and how its ballots are signed."""

from collections.abc import Callable
from typing import Any

from eth_abi import decode

from tests.differential.sides import OURS, PEER, calldata
from tests.differential.world import (
    STRICT_MAJORITY_BPS,
    STRICT_QUORUM_BPS,
    THRESHOLD,
    Action,
    Proposal,
    Signer,
    World,
    typed_digest,
)
from tests.support import DAY, now

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
STORE = "store(uint256)"
# Ordinary, as the target is the treasury of our Governor's table.
SPEND = "spend(uint256,address,address,uint256)"
PAYEE = "0x" + "33" * 20

ACTIONS: dict[str, Callable[[], list[Action]]] = {
    "spend": lambda: [Action("target", SPEND, (1, PAYEE, PAYEE, 7))],
    "spend twice": lambda: [Action("target", SPEND, (1, PAYEE, PAYEE, i)) for i in (8, 9)],
    "pay": lambda: [Action("target", STORE, (8,), value=5), Action("target", STORE, (9,))],
    "refuse": lambda: [Action("target", STORE, (1,)), Action("target", "refuse()")],
    "silent": lambda: [Action("target", "refuse_silently()")],
    "poor": lambda: [Action("token", "transfer(address,uint256)", ("0x" + "11" * 20, 5))],
    "delay": lambda: [Action("governor", "setVotingDelay(uint48)", (DAY,))],
    "period": lambda: [Action("governor", "setVotingPeriod(uint32)", (3 * DAY,))],
    "threshold": lambda: [Action("governor", "setProposalThreshold(uint256)", (THRESHOLD // 2,))],
    "quorum": lambda: [Action("governor", "updateQuorumNumerator(uint256)", (377,))],
    "too much": lambda: [Action("governor", "updateQuorumNumerator(uint256)", (10_001,))],
    "timelock": lambda: [Action("timelock", "updateDelay(uint256)", (DAY,))],
    "extension": lambda: [Action("governor", "setLateQuorumVoteExtension(uint48)", (2 * DAY,))],
    "extend too much": lambda: [
        Action("governor", "setLateQuorumVoteExtension(uint48)", (6 * DAY,))
    ],
    "relay": lambda: [
        Action("governor", "relay(address,uint256,bytes)", ("0x" + "22" * 20, 0, b""))
    ],
    "relay refused": lambda: [
        Action(
            "governor",
            "relay(address,uint256,bytes)",
            lambda side: ("0x" + "22" * 20, 1, b""),
        )
    ],
    "empty": list,
}
# All others are strict.
ORDINARY = ("spend", "spend twice", "empty")


def view_number(world: World, proposal: Proposal, view: str) -> int:
    """A view of a proposal on which both agree."""
    return world.number("governor", f"{view}(uint256)", lambda side: (proposal.id(side),))


def class_decides(world: World, proposal: Proposal, supply: int) -> bool:
    """Whether a strict proposal may fare otherwise than by OpenZeppelin's rules: its votes suffice
    there only, or a late ballot reaches one quorum and not the other."""
    if proposal.kind in ORDINARY:
        return False
    deadline = view_number(world, proposal, "proposalDeadline")
    if now() <= deadline:
        return now() + proposal.extension > deadline
    call = world.view("governor", "proposalVotes(uint256)", lambda side: (proposal.id(side),))
    against, in_favour, abstaining = decode(["uint256"] * 3, call.output)
    share = max(proposal.numerator, STRICT_QUORUM_BPS)
    plain, strict = (
        in_favour > against
        and (in_favour + abstaining) * 10_000 >= supply * quorum
        and in_favour * 10_000 >= (in_favour + against) * majority
        for quorum, majority in ((proposal.numerator, 0), (share, STRICT_MAJORITY_BPS))
    )
    return plain != strict


def spoilt_ballot(
    world: World,
    side: str,
    signers: list[Signer],
    by: int,
    kind: str,
    values: dict[str, Any],
    fault: str | None,
) -> bytes:
    """The ballot's signature by signer `by`, or by the wallet after the last, spoilt by `fault`."""
    where = {OURS: PEER, PEER: OURS}[side] if fault == "domain" else side
    domain = world.domain("governor", where)
    if by == len(signers):
        digest = typed_digest(domain, kind, values)
        accepted = b"\x01" * (64 if fault == "short" else 65)
        wallet = world.of("wallet")(side)
        data = calldata("accept(bytes32,bytes)", (digest, accepted))
        world.run(side, wallet, data)
        return b"\x02" * 65 if fault in ("signer", "s", "v") else accepted
    signer = signers[(by + 1) % len(signers) if fault == "signer" else by]
    signature = bytes(signer.sign(domain, kind, values).signature)
    r, s, v = signature[:32], signature[32:64], signature[64]
    if fault == "s":
        s = (2 * HALF_ORDER + 1 - int.from_bytes(s, "big")).to_bytes(32, "big")
        v = 55 - v
    if fault == "v":
        v -= 27
    return r + s + bytes([v])[: 0 if fault == "short" else 1]

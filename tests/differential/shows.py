"""How a deliberate difference from OpenZeppelin is shown, and the steps on the way."""

from collections.abc import Callable

import boa

from tests.differential.governor_actions import PAYEE, SPEND
from tests.differential.sides import (
    Call,
    must,
)
from tests.differential.world import (
    BATCH,
    ETHER,
    THRESHOLD,
    Action,
    Proposal,
    Signer,
    World,
)
from tests.support import now, pass_time, warp_to

PROPOSE = "propose(address[],uint256[],bytes[],string)"
SCHEDULE = "schedule(address,uint256,bytes,bytes32,bytes32,uint256)"
EXECUTE = "execute(address,uint256,bytes,bytes32,bytes32)"
OPERATION = ["address", "uint256", "bytes", "bytes32", "bytes32"]
NO_ID = b"\0" * 32
SUPPLY = 10**6 * ETHER
# Odd, so that shares of the supply are not whole.
ODD = 10_001
PENDING, ACTIVE, CANCELED, DEFEATED, SUCCEEDED, QUEUED, EXPIRED, EXECUTED = range(8)
UNEXPECTED = "GovernorUnexpectedProposalState(uint256,uint8,bytes32)"

Show = Callable[[World], None]
SHOWN: dict[str, Show] = {}


def difference(name: str) -> Callable[[Show], Show]:
    """Enters what shows that the difference `name` occurs."""

    def enter(show: Show) -> Show:
        assert name not in SHOWN
        SHOWN[name] = show
        return show

    return enter


def stock(world: World) -> None:
    world.mint(whale(), SUPPLY - 2 * THRESHOLD)
    world.mint(small(), 2 * THRESHOLD)
    for holder in (whale(), small()):
        must(world.call("token", "delegate(address)", (holder,), sender=holder))
    boa.env.set_balance(whale(), 10**18)
    pass_time(1)


def whale() -> str:
    return Signer("whale").address


def small() -> str:
    return Signer("small").address


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


# --- steps of a proposal, on which both agree unless said ---


def proposal_of(world: World, *actions: Action, by: str | None = None) -> Proposal:
    proposal = Proposal(world, list(actions) or [Action("target", SPEND, (1, PAYEE, PAYEE, 7))])
    args = lambda side: (*proposal.batch(side), proposal.description)  # noqa: E731
    must(world.call("governor", PROPOSE, args, sender=by or whale()))
    return proposal


def vote(world: World, proposal: Proposal, by: str, support: int = 1) -> None:
    args = lambda side: (proposal.id(side), support)  # noqa: E731
    warp_to(max(now(), view(world, proposal, "proposalSnapshot") + 1))
    must(world.call("governor", "castVote(uint256,uint8)", args, sender=by))


def view(world: World, proposal: Proposal, name: str) -> int:
    return world.number("governor", f"{name}(uint256)", lambda side: (proposal.id(side),))


def succeeded(world: World, *actions: Action) -> Proposal:
    proposal = proposal_of(world, *actions)
    vote(world, proposal, whale())
    warp_to(view(world, proposal, "proposalDeadline") + 1)
    return proposal


def step(world: World, function: str, proposal: Proposal, by: str | None = None) -> Call:
    signature = f"{function}({BATCH})"
    return world.try_call("governor", signature, proposal.args, sender=by or whale())


def queued(world: World, *actions: Action) -> Proposal:
    proposal = succeeded(world, *actions)
    call = step(world, "queue", proposal)
    assert call.ours.ok
    assert call.peer.ok
    return proposal


def executed(world: World, *actions: Action) -> Call:
    """Both have queued and, after the delay, tried to execute the actions."""
    proposal = queued(world, *actions)
    warp_to(view(world, proposal, "proposalEta"))
    return step(world, "execute", proposal)


def states(world: World, proposal: Proposal) -> tuple[int, int]:
    call = world.try_call("governor", "state(uint256)", lambda side: (proposal.id(side),))
    return int.from_bytes(call.ours.output, "big"), int.from_bytes(call.peer.output, "big")


def only_peer(call: Call, ours: bytes | None = None) -> None:
    """The peer accepts what ours refuses, with the revert data `ours` if given."""
    assert call.peer.ok, f"{call}"
    assert not call.ours.ok, f"{call}"
    assert ours is None or call.ours.output == ours, f"{call}"


def only_ours(call: Call, peer: bytes | None = None) -> None:
    assert call.ours.ok, f"{call}"
    assert not call.peer.ok, f"{call}"
    assert peer is None or call.peer.output == peer, f"{call}"

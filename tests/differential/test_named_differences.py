"""Each deliberate difference from OpenZeppelin still shows, exactly as docs/DIFFERENCES.md says.

A difference that no longer occurs fails here, and one that occurs without a name fails in the
machines.
"""

from collections.abc import Callable
from typing import Any

import boa
import pytest
from eth.exceptions import Revert
from eth_abi import encode
from eth_abi.exceptions import EncodingError as EncodeError
from eth_utils import keccak

from tests.differential import differences
from tests.differential.sides import (
    OURS,
    PEER,
    Call,
    PerSide,
    calldata,
    error,
    must,
    per_side,
    reason,
)
from tests.differential.world import (
    BATCH,
    ETHER,
    GRACE,
    MIN_DELAY,
    QUORUM_BPS,
    THRESHOLD,
    Action,
    Proposal,
    Signer,
    World,
    deploy_peer,
    deploy_token,
    deploy_world,
)
from tests.support import DAY, ZERO_ADDRESS, account, deploy, now, pass_time, warp_to

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


@pytest.fixture(scope="module")
def world(_chain_of_the_module) -> World:
    """Two holders with votes: `whale` has all but what `small`, a proposer, has."""
    world = deploy_world()
    stock(world)
    return world


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
    proposal = Proposal(world, list(actions) or [Action("target", "store(uint256)", (7,))])
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


# --- token ---


@difference("checkpoint-index")
def checkpoint_index(world: World) -> None:
    call = world.try_call("token", "checkpoints(address,uint32)", (whale(), 5))
    assert call.ours.output == reason("no such checkpoint")
    assert call.peer.output == error("Panic(uint256)", 0x32)


@difference("supply-limit")
def supply_limit(world: World) -> None:
    other = World()
    deploy_token(other, max_supply=0)
    args = (whale(), 2**96)
    call = other.try_call("token", "mint(address,uint256)", args, sender=other.minter)
    only_peer(call, error("ERC20ExceededSafeSupply(uint256,uint256)", 2**96, 2**96 - 1))
    call = other.try_call("token", "mint(address,uint256)", (whale(), 2**208), sender=other.minter)
    limit = error("ERC20ExceededSafeSupply(uint256,uint256)", 2**208 + 2**96, 2**208 - 1)
    assert call.peer.output == limit


@difference("name-length")
def name_length(world: World) -> None:
    types = ["string", "string", "uint256"]
    deploy("GovernanceToken", "n" * 50, "FLY", now(), 30 * DAY)
    with pytest.raises(Revert):
        deploy_peer("PeerToken", types, "n" * 32, "FLY", 0)
    deploy_peer("PeerToken", types, "Flywheel", "S" * 11, 0)
    for texts in (("n" * 51, "FLY"), ("Flywheel", "S" * 11)):
        with pytest.raises((boa.BoaError, EncodeError)):
            deploy("GovernanceToken", *texts, now(), 30 * DAY)


# --- Governor ---


@difference("governor-logs-first")
def governor_logs_first(world: World) -> None:
    proposal = succeeded(world)
    for function in ("queue", "execute"):
        call = step(world, function, proposal)
        assert call.ours.ok
        assert not call.agrees
        assert differences.explain(call) == "governor-logs-first"
        pass_time(MIN_DELAY)


@difference("quorum-rounded-up")
def quorum_rounded_up(world: World) -> None:
    world.mint(small(), 1)
    pass_time(1)
    call = world.try_call("governor", "quorum(uint256)", (now() - 1,))
    floor = (SUPPLY + 1) * QUORUM_BPS // 10_000
    assert call.ours.output == word(floor + 1)
    assert call.peer.output == word(floor)


@difference("quorum-minimum")
def quorum_minimum(world: World) -> None:
    other = deploy_world(quorum_minimum=SUPPLY)
    stock(other)
    call = other.try_call("governor", "quorum(uint256)", (now() - 1,))
    assert call.ours.output == word(SUPPLY)
    assert call.peer.output == word(SUPPLY * QUORUM_BPS // 10_000)
    proposal = succeeded(other)
    assert states(other, proposal) == (DEFEATED, SUCCEEDED)


@difference("treasury-does-not-count")
def treasury_does_not_count(world: World) -> None:
    data = calldata("set_treasury(address)", (whale(),))
    must(world.run(OURS, world.of("token")(OURS), data))
    pass_time(1)
    call = world.try_call("governor", "quorum(uint256)", (now() - 1,))
    assert call.ours.output == word(2 * THRESHOLD * QUORUM_BPS // 10_000)
    assert call.peer.output == word(SUPPLY * QUORUM_BPS // 10_000)
    assert world.view("token", "getPastTotalSupply(uint256)", (now() - 1,)).output == word(SUPPLY)


@difference("frozen-settings")
def frozen_settings(world: World) -> None:
    change = queued(world, Action("governor", "updateQuorumNumerator(uint256)", (5_000,)))
    warp_to(view(world, change, "proposalEta"))
    later = proposal_of(world, by=small())
    assert step(world, "execute", change).ours.ok
    # A fiftieth of the supply votes: enough for the quorum of before, not for that of now.
    must(world.call("token", "transfer(address,uint256)", (small(), SUPPLY // 20), sender=whale()))
    vote(world, later, small())
    warp_to(view(world, later, "proposalDeadline") + 1)
    assert states(world, later) == (SUCCEEDED, DEFEATED)


@difference("expiry")
def expiry(world: World) -> None:
    proposal = queued(world)
    warp_to(view(world, proposal, "proposalEta") + GRACE - 1)
    assert states(world, proposal) == (QUEUED, QUEUED)
    pass_time(1)
    assert states(world, proposal) == (EXPIRED, QUEUED)
    call = step(world, "execute", proposal)
    only_peer(call, error(UNEXPECTED, proposal.id(OURS), EXPIRED, word(1 << QUEUED)))


@difference("success-expiry")
def success_expiry(world: World) -> None:
    proposal = succeeded(world)
    warp_to(view(world, proposal, "proposalDeadline") + GRACE)
    assert states(world, proposal) == (SUCCEEDED, SUCCEEDED)
    pass_time(1)
    assert states(world, proposal) == (EXPIRED, SUCCEEDED)
    only_peer(step(world, "queue", proposal))


@difference("live-proposals")
def live_proposals(world: World) -> None:
    other = deploy_world(max_live=1)
    stock(other)
    proposal_of(other)
    batch = ([other.of("target")(OURS)], [0], [b""], "a second one")
    only_peer(
        other.try_call("governor", PROPOSE, batch, sender=whale()),
        reason("too many live proposals"),
    )


@difference("unknown-functions")
def unknown_functions(world: World) -> None:
    call = world.try_call("governor", "noSuchFunction()")
    assert call.ours.failed_with(error("GovernorDisabledDeposit()"))
    assert call.peer.failed_with(b"")


@difference("cancel-below-threshold")
def cancel_below_threshold(world: World) -> None:
    proposal = proposal_of(world, by=small())
    args = (whale(), 2 * THRESHOLD)
    must(world.call("token", "transfer(address,uint256)", args, sender=small()))
    pass_time(1)
    call = step(world, "cancel", proposal)
    only_ours(call, error("GovernorUnableToCancel(uint256,address)", proposal.id(OURS), whale()))


@difference("guardian-cancels")
def guardian_cancels(world: World) -> None:
    guardian = account("guardian")
    data = calldata("set_guardian(address,uint256)", (guardian, now() + 100 * DAY))
    timelock = world.of("timelock")(OURS)
    must(world.run(OURS, world.of("governor")(OURS), data, sender=timelock))
    proposal = queued(world)
    only_ours(step(world, "cancel", proposal, guardian))
    assert states(world, proposal) == (CANCELED, QUEUED)


@difference("setting-bounds")
def setting_bounds(world: World) -> None:
    for setter, value, refusal in (
        ("setVotingDelay(uint48)", 0, reason("voting delay is too short")),
        ("setVotingDelay(uint48)", 31 * DAY, reason("voting delay is too long")),
        ("setVotingPeriod(uint32)", 1, error("GovernorInvalidVotingPeriod(uint256)", 1)),
        ("setProposalThreshold(uint256)", SUPPLY, reason("proposal threshold is too high")),
        (
            "updateQuorumNumerator(uint256)",
            99,
            error("GovernorInvalidQuorumFraction(uint256,uint256)", 99, 10_000),
        ),
    ):
        with boa.env.anchor():
            only_peer(executed(world, Action("governor", setter, (value,))), refusal)


@difference("setters-by-caller")
def setters_by_caller(world: World) -> None:
    call = world.try_call("governor", "setVotingDelay(uint48)", (DAY,), sender=world.of("timelock"))
    only_ours(call, error("Panic(uint256)", 0x31))


@difference("batch-limits")
def batch_limits(world: World) -> None:
    target = world.of("target")(OURS)
    for targets, payload, text in (
        ([target] * 11, b"", "eleven actions"),
        ([target], b"\0" * 1_665, "long calldata"),
        ([target], b"", "d" * 4_097),
    ):
        args = (targets, [0] * len(targets), [payload] * len(targets), text)
        only_peer(world.try_call("governor", PROPOSE, args, sender=whale()), b"")
    proposal = proposal_of(world)
    warp_to(view(world, proposal, "proposalSnapshot") + 1)
    args = lambda side: (proposal.id(side), 1, "r" * 1_025)  # noqa: E731
    call = world.try_call(
        "governor", "castVoteWithReason(uint256,uint8,string)", args, sender=whale()
    )
    only_peer(call, b"")


@difference("no-other-timelock")
def no_other_timelock(world: World) -> None:
    action = Action("governor", "updateTimelock(address)", (account("another"),))
    call = executed(world, action)
    assert call.peer.ok
    assert not call.ours.ok


# --- Timelock ---


def scheduled(world: World, target: PerSide, payload: bytes) -> Call:
    """One operation, run after its delay: on both, which agree until it runs."""

    def args(side: str) -> tuple[Any, ...]:
        return per_side(target, side), 0, payload, NO_ID, NO_ID

    world.alias(
        *(keccak(encode(OPERATION, args(side))) for side in (OURS, PEER)),
    )
    signature, sender = SCHEDULE, world.proposer
    must(world.call("timelock", signature, lambda s: (*args(s), MIN_DELAY), sender=sender))
    pass_time(MIN_DELAY)
    return world.try_call("timelock", EXECUTE, args, sender=sender)


@difference("operation-expiry")
def operation_expiry(world: World) -> None:
    args = (small(), 0, b"", NO_ID, NO_ID)
    operation = world.view("timelock", "hashOperation(address,uint256,bytes,bytes32,bytes32)", args)
    schedule = lambda: world.try_call(  # noqa: E731
        "timelock", SCHEDULE, (*args, MIN_DELAY), sender=world.proposer
    )
    assert schedule().agrees
    pass_time(MIN_DELAY + GRACE)
    call = world.try_call("timelock", "getOperationState(bytes32)", (operation.output,))
    assert (call.ours.output, call.peer.output) == (word(0), word(2))
    only_ours(schedule())


@difference("delay-bounds")
def delay_bounds(world: World) -> None:
    args = (small(), 0, b"", NO_ID, NO_ID, 31 * DAY)
    call = world.try_call("timelock", SCHEDULE, args, sender=world.proposer)
    only_peer(call, reason("delay is too long"))
    for delay, refusal in ((0, "delay is too short"), (31 * DAY, "delay is too long")):
        with boa.env.anchor():
            update = Action("timelock", "updateDelay(uint256)", (delay,))
            only_peer(executed(world, update), reason(refusal))


@difference("empty-code")
def empty_code(world: World) -> None:
    call = scheduled(world, small(), b"\x12\x34\x56\x78")
    only_peer(call, error("AddressEmptyCode(address)", small()))


@difference("no-batch-in-a-batch")
def no_batch_in_a_batch(world: World) -> None:
    callers = [deploy("GovernedTarget") for _ in range(2)]
    world.add("caller", *(caller.address for caller in callers))
    inner = (small(), 0, b"", NO_ID, word(1))
    args = (*inner, MIN_DELAY)
    must(world.call("timelock", SCHEDULE, args, sender=world.proposer))
    for side, caller in zip((OURS, PEER), callers, strict=True):
        caller.arm(world.of("timelock")(side), calldata(EXECUTE, inner))
    scheduled(world, world.of("caller"), calldata("call_back()"))
    assert [caller.callback_succeeded() for caller in callers] == [False, True]


@difference("long-revert-data")
def long_revert_data(world: World) -> None:
    loud = account("loud")
    # PUSH2 600, PUSH0, REVERT
    boa.env.set_code(loud, bytes.fromhex("6102585ffd"))
    call = scheduled(world, loud, b"")
    assert (len(call.ours.output), len(call.peer.output)) == (512, 600)


@difference("timelock-stays-admin")
def timelock_stays_admin(world: World) -> None:
    args = lambda side: (NO_ID, world.of("timelock")(side))  # noqa: E731
    call = world.try_call(
        "timelock", "revokeRole(bytes32,address)", args, sender=world.of("timelock")
    )
    only_peer(call, reason("timelock must stay admin"))


@difference("deployer-logs")
def deployer_logs(world: World) -> None:
    deployer = str(boa.env.eoa)
    logs = deploy("Timelock", MIN_DELAY, [], [], ZERO_ADDRESS).get_logs()
    about = [type(log).__name__ for log in logs if str(getattr(log, "account", "")) == deployer]
    assert about == ["RoleGranted", "RoleRevoked"]


# --- the list ---


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_difference__listed__still_occurs(world, name):
    SHOWN[name](world)


def test_document__lists_exactly_the_differences_that_are_shown():
    sections = ("The token", "The Governor", "The Timelock")
    listed = set().union(*(differences.documented(section) for section in sections))
    assert listed == set(SHOWN)

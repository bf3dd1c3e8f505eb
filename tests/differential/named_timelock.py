"""The deliberate differences of the Timelock."""

from typing import Any

import boa
from eth_abi import encode
from eth_utils import keccak

from tests.differential.shows import (
    EXECUTE,
    NO_ID,
    OPERATION,
    SCHEDULE,
    difference,
    executed,
    only_ours,
    only_peer,
    small,
    word,
)
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
    GRACE,
    MIN_DELAY,
    Action,
    World,
)
from tests.support import DAY, ZERO_ADDRESS, account, deploy, pass_time

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


@difference("timelock-batch-limits")
def timelock_batch_limits(world: World) -> None:
    for targets, payload in (([small()] * 11, b""), ([small()], b"\0" * 1_665)):
        args = (targets, [0] * len(targets), [payload] * len(targets), NO_ID, NO_ID, MIN_DELAY)
        call = world.try_call(
            "timelock",
            "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)",
            args,
            sender=world.proposer,
        )
        only_peer(call, b"")


@difference("timelock-unknown-functions")
def timelock_unknown_functions(world: World) -> None:
    call = world.try_call("timelock", "noSuchFunction()")
    assert call.ours.failed_with(reason("no such function"))
    assert call.peer.failed_with(b"")


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

"""Scheduling, executing, cancelling and expiry of the Timelock's operations."""

import boa
import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.kits.governance import (
    DONE,
    GRACE,
    MAX_DELAY,
    MIN_DELAY,
    NO_PREDECESSOR,
    READY,
    SALT,
    UNEXPECTED_OPERATION,
    UNSET,
    WAITING,
    Batch,
    bits,
    role,
    schedule,
)
from tests.support import (
    DAY,
    deploy,
    logged,
    now,
    pass_time,
    reverts_otherwise,
    reverts_with,
    warp_to,
)

# Of a refusal whose words are not told.
WHY = "the target's own answer, or out of gas"

# A flag of the mock `Hostile`.
REVERTS_WITH_100_KB = 8


@pytest.fixture
def batch(target):
    return Batch().add(target, "store", 7).add(target, "fill", 1)


def execute(timelock, batch, salt=SALT, predecessor=NO_PREDECESSOR, **kwargs):
    timelock.executeBatch(*batch.args, predecessor, salt, **kwargs)


def ready(timelock, proposer, batch, **kwargs):
    operation = schedule(timelock, proposer, batch, **kwargs)
    pass_time(MIN_DELAY)
    return operation


def single(batch):
    """The first call of `batch` as the arguments of `schedule` and `execute`."""
    return batch.targets[0], batch.amounts[0], batch.payloads[0], NO_PREDECESSOR, SALT


# --- schedule ---


def test_schedule_batch__by_the_proposer__logs_each_call_and_the_salt(
    timelock, proposer, target, batch
):
    operation = schedule(timelock, proposer, batch)
    assert logged(timelock) == [
        *(
            ("CallScheduled", operation, i, target.address, 0, payload, NO_PREDECESSOR, MIN_DELAY)
            for i, payload in enumerate(batch.payloads)
        ),
        ("CallSalt", operation, SALT),
    ]
    assert timelock.getTimestamp(operation) == timelock.eta(operation) == now() + MIN_DELAY
    assert timelock.hashOperationBatch(*batch.args, NO_PREDECESSOR, SALT) == operation


def test_schedule__by_the_proposer__logs_one_call(timelock, proposer, target, batch):
    target_, amount, payload, predecessor, salt = single(batch)
    types = ["address", "uint256", "bytes", "bytes32", "bytes32"]
    operation = keccak(encode(types, single(batch)))
    timelock.schedule(*single(batch), MIN_DELAY + 5, sender=proposer)
    assert logged(timelock) == [
        ("CallScheduled", operation, 0, target_, amount, payload, predecessor, MIN_DELAY + 5),
        ("CallSalt", operation, salt),
    ]
    assert timelock.hashOperation(*single(batch)) == operation
    assert timelock.getTimestamp(operation) == now() + MIN_DELAY + 5


def test_schedule__without_salt__logs_no_salt(timelock, proposer, batch):
    schedule(timelock, proposer, batch, salt=b"\0" * 32)
    assert [name for name, *_ in logged(timelock)] == ["CallScheduled"] * 2
    timelock.schedule(*single(batch)[:4], b"\0" * 32, MIN_DELAY, sender=proposer)
    assert [name for name, *_ in logged(timelock)] == ["CallScheduled"]


@pytest.mark.parametrize("function", ["schedule", "scheduleBatch"])
def test_schedule__by_others__reverts(timelock, batch, owner, stranger, function):
    args = single(batch) if function == "schedule" else (*batch.args, NO_PREDECESSOR, SALT)
    error = "AccessControlUnauthorizedAccount(address,bytes32)"
    for account in (owner, stranger):
        with reverts_with(timelock, error, account, role("PROPOSER_ROLE")):
            getattr(timelock, function)(*args, MIN_DELAY, sender=account)


def test_schedule__twice__reverts_until_it_is_cancelled(timelock, proposer, batch):
    operation = schedule(timelock, proposer, batch)
    with reverts_with(timelock, UNEXPECTED_OPERATION, operation, bits(UNSET)):
        schedule(timelock, proposer, batch)
    timelock.cancel(operation, sender=proposer)
    schedule(timelock, proposer, batch)
    assert timelock.getOperationState(operation) == WAITING


def test_schedule__at_the_bounds_of_the_delay__is_half_strict(timelock, proposer, batch):
    error = "TimelockInsufficientDelay(uint256,uint256)"
    for delay in (0, MIN_DELAY - 1):
        with reverts_with(timelock, error, delay, MIN_DELAY):
            timelock.schedule(*single(batch), delay, sender=proposer)
    with boa.reverts("delay is too long"):
        timelock.schedule(*single(batch), MAX_DELAY + 1, sender=proposer)
    timelock.schedule(*single(batch), MAX_DELAY, sender=proposer)


@pytest.mark.parametrize("shorten", ["targets", "amounts", "payloads"])
@pytest.mark.parametrize("function", ["scheduleBatch", "executeBatch"])
def test_batch__of_uneven_lengths__reverts(timelock, proposer, batch, shorten, function):
    getattr(batch, shorten).pop()
    lengths = len(batch.targets), len(batch.payloads), len(batch.amounts)
    delay = (MIN_DELAY,) if function == "scheduleBatch" else ()
    error = "TimelockInvalidOperationLength(uint256,uint256,uint256)"
    with reverts_with(timelock, error, *lengths):
        getattr(timelock, function)(*batch.args, NO_PREDECESSOR, SALT, *delay, sender=proposer)


def test_schedule_batch__of_the_largest_size__can_be_executed(timelock, proposer, target):
    payload = target.store.prepare_calldata(3)
    full = Batch()
    for _ in range(10):
        full.add_raw(target.address, payload + b"\1" * (1_664 - len(payload)))
    ready(timelock, proposer, full)
    execute(timelock, full)
    assert target.stored() == 3


@pytest.mark.parametrize(("calls", "size"), [(11, 36), (1, 1_665)])
def test_schedule_batch__beyond_the_largest_size__reverts(timelock, proposer, target, calls, size):
    large = Batch([target.address] * calls, [0] * calls, [b"\1" * size] * calls)
    types = ["address[]", "uint256[]", "bytes[]", "bytes32", "bytes32", "uint256"]
    data = encode(types, [*large.args, NO_PREDECESSOR, SALT, MIN_DELAY])
    selector = timelock.scheduleBatch.prepare_calldata([], [], [], SALT, SALT, 0)[:4]
    computation = boa.env.execute_code(timelock.address, sender=proposer, data=selector + data)
    assert computation.is_error
    assert computation.output == b""


# --- states ---


def test_operation__as_time_passes__is_waiting_ready_and_expired(timelock, proposer, batch):
    def seen():
        return (
            timelock.getOperationState(operation),
            timelock.isOperation(operation),
            timelock.isOperationPending(operation),
            timelock.isOperationReady(operation),
            timelock.isOperationDone(operation),
        )

    operation = batch.operation()
    assert seen() == (UNSET, False, False, False, False)
    assert timelock.getTimestamp(operation) == timelock.eta(operation) == 0
    schedule(timelock, proposer, batch)
    eta = timelock.eta(operation)
    waiting = (WAITING, True, True, False, False)
    assert seen() == waiting
    warp_to(eta - 1)
    assert seen() == waiting
    is_ready = (READY, True, True, True, False)
    for moment in (eta, eta + GRACE - 1):
        warp_to(moment)
        assert seen() == is_ready
    warp_to(eta + GRACE)
    assert seen() == (UNSET, False, False, False, False)
    assert timelock.getTimestamp(operation) == eta


def test_operation__once_executed__is_done_for_ever(timelock, proposer, batch):
    operation = ready(timelock, proposer, batch)
    eta = timelock.eta(operation)
    execute(timelock, batch)
    pass_time(GRACE + DAY)
    assert timelock.getOperationState(operation) == DONE
    assert timelock.isOperation(operation)
    assert timelock.isOperationDone(operation)
    assert not timelock.isOperationPending(operation)
    assert timelock.getTimestamp(operation) == 1
    assert timelock.eta(operation) == eta
    with reverts_with(timelock, UNEXPECTED_OPERATION, operation, bits(UNSET)):
        schedule(timelock, proposer, batch)


# --- execute ---


def test_execute_batch__when_ready__calls_in_order_and_logs(
    timelock, proposer, target, stranger, batch
):
    operation = ready(timelock, proposer, batch)
    execute(timelock, batch, sender=stranger)
    assert logged(timelock) == [
        ("CallExecuted", operation, i, target.address, 0, payload)
        for i, payload in enumerate(batch.payloads)
    ]
    assert (target.stored(), target.filled(0)) == (7, 1)


def test_execute__when_ready__calls_and_logs(timelock, proposer, target, batch):
    timelock.schedule(*single(batch), MIN_DELAY, sender=proposer)
    pass_time(MIN_DELAY)
    operation = timelock.hashOperation(*single(batch))
    timelock.execute(*single(batch))
    assert logged(timelock) == [
        ("CallExecuted", operation, 0, target.address, 0, batch.payloads[0])
    ]
    assert target.stored() == 7
    with reverts_with(timelock, UNEXPECTED_OPERATION, operation, bits(READY)):
        timelock.execute(*single(batch))


@pytest.mark.parametrize("moment", [MIN_DELAY - 1, MIN_DELAY + GRACE])
def test_execute__a_second_off_the_window__reverts(timelock, proposer, batch, moment):
    operation = schedule(timelock, proposer, batch)
    pass_time(moment)
    with reverts_with(timelock, UNEXPECTED_OPERATION, operation, bits(READY)):
        execute(timelock, batch)


@pytest.mark.parametrize("moment", [MIN_DELAY, MIN_DELAY + GRACE - 1])
def test_execute__at_the_ends_of_the_window__succeeds(timelock, proposer, target, batch, moment):
    schedule(timelock, proposer, batch)
    pass_time(moment)
    execute(timelock, batch)
    assert target.stored() == 7


def test_execute__twice__reverts(timelock, proposer, batch):
    operation = ready(timelock, proposer, batch)
    execute(timelock, batch)
    with reverts_with(timelock, UNEXPECTED_OPERATION, operation, bits(READY)):
        execute(timelock, batch)


def test_execute__expired_then_scheduled_again__waits_once_more(timelock, proposer, batch):
    operation = ready(timelock, proposer, batch)
    pass_time(GRACE)
    schedule(timelock, proposer, batch)
    with reverts_with(timelock, UNEXPECTED_OPERATION, operation, bits(READY)):
        execute(timelock, batch)
    pass_time(MIN_DELAY)
    execute(timelock, batch)


def test_execute__before_its_predecessor__reverts(timelock, proposer, target, batch):
    first = ready(timelock, proposer, batch)
    second = Batch().add(target, "store", 9)
    ready(timelock, proposer, second, predecessor=first)
    error = "TimelockUnexecutedPredecessor(bytes32)"
    with reverts_with(timelock, error, first):
        execute(timelock, second, predecessor=first)
    execute(timelock, batch)
    execute(timelock, second, predecessor=first)
    assert target.stored() == 9


@pytest.mark.parametrize("function", ["execute", "executeBatch"])
def test_execute__with_named_executors__is_for_them_only(
    make_timelock, proposer, holder, stranger, batch, function
):
    timelock = make_timelock(executors=(holder,))
    ready(timelock, proposer, batch)
    timelock.schedule(*single(batch), MIN_DELAY, sender=proposer)
    pass_time(MIN_DELAY)
    args = single(batch) if function == "execute" else (*batch.args, NO_PREDECESSOR, SALT)
    error = "AccessControlUnauthorizedAccount(address,bytes32)"
    with reverts_with(timelock, error, stranger, role("EXECUTOR_ROLE")):
        getattr(timelock, function)(*args, sender=stranger)
    getattr(timelock, function)(*args, sender=holder)


def test_execute__when_a_call_fails__undoes_the_batch_and_keeps_it_ready(
    timelock, proposer, target
):
    failing = Batch().add(target, "store", 7).add(target, "refuse")
    operation = ready(timelock, proposer, failing)
    with boa.reverts("target refuses"):
        execute(timelock, failing)
    assert target.stored() == 0
    assert timelock.isOperationReady(operation)


def test_execute__when_a_call_fails_silently__reverts_with_failed_call(timelock, proposer, target):
    failing = Batch().add(target, "refuse_silently")
    ready(timelock, proposer, failing)
    with reverts_with(timelock, "FailedCall()"):
        execute(timelock, failing)


def test_execute__of_calldata_without_code__reverts(timelock, proposer, stranger):
    failing = Batch().add_raw(stranger, b"\1\2\3\4")
    ready(timelock, proposer, failing)
    with reverts_with(timelock, "AddressEmptyCode(address)", stranger):
        execute(timelock, failing)


def test_execute__with_value__pays_out_of_what_is_sent_and_held(timelock, proposer, payer, target):
    receiver = boa.env.generate_address("receiver")
    paying = Batch().add_raw(receiver, b"", amount=5).add(target, "store", 2, amount=3)
    ready(timelock, proposer, paying)
    boa.env.set_balance(timelock.address, 6)
    with reverts_with(timelock, "FailedCall()"):
        execute(timelock, paying)
    execute(timelock, paying, value=2, sender=payer)
    assert boa.env.get_balance(receiver) == 5
    assert boa.env.get_balance(target.address) == 3
    assert boa.env.get_balance(timelock.address) == 0


def test_execute__of_a_target_that_returns_100_kb__bounds_what_is_copied(timelock, proposer):
    hostile = Batch().add_raw(deploy("Hostile", REVERTS_WITH_100_KB).address, b"\1\2\3\4")
    ready(timelock, proposer, hostile)
    with reverts_otherwise(WHY):
        execute(timelock, hostile)
    assert len(timelock._computation.output) == 512


# --- cancel ---


@pytest.mark.parametrize("elapsed", [0, MIN_DELAY, MIN_DELAY + GRACE - 1])
def test_cancel__while_pending__is_final_for_this_schedule(timelock, proposer, batch, elapsed):
    operation = schedule(timelock, proposer, batch)
    eta = timelock.eta(operation)
    pass_time(elapsed)
    timelock.cancel(operation, sender=proposer)
    assert logged(timelock) == [("Cancelled", operation)]
    assert timelock.getTimestamp(operation) == 0
    assert timelock.eta(operation) == eta
    assert not timelock.isOperation(operation)
    with reverts_with(timelock, UNEXPECTED_OPERATION, operation, bits(READY)):
        execute(timelock, batch)


def test_cancel__of_what_is_not_pending__reverts(timelock, proposer, batch):
    operation = batch.operation()

    def refused():
        with reverts_with(timelock, UNEXPECTED_OPERATION, operation, bits(WAITING, READY)):
            timelock.cancel(operation, sender=proposer)

    refused()
    schedule(timelock, proposer, batch)
    timelock.cancel(operation, sender=proposer)
    refused()
    ready(timelock, proposer, batch)
    pass_time(GRACE)
    refused()
    ready(timelock, proposer, batch)
    execute(timelock, batch)
    refused()


def test_cancel__by_others__reverts(timelock, proposer, stranger, batch):
    operation = schedule(timelock, proposer, batch)
    error = "AccessControlUnauthorizedAccount(address,bytes32)"
    with reverts_with(timelock, error, stranger, role("CANCELLER_ROLE")):
        timelock.cancel(operation, sender=stranger)


# --- re-entry ---


@pytest.mark.parametrize("function", ["executeBatch", "execute"])
def test_execute__from_inside_a_batch__is_locked(timelock, proposer, target, function):
    """No call of a batch can start another one, nor the same one again."""
    looping = Batch().add(target, "call_back")
    other = Batch().add(target, "store", 1)
    operation = ready(timelock, proposer, looping)
    timelock.schedule(*single(other), MIN_DELAY, sender=proposer)
    pass_time(MIN_DELAY)
    args = single(other) if function == "execute" else (*looping.args, NO_PREDECESSOR, SALT)
    target.arm(timelock.address, getattr(timelock, function).prepare_calldata(*args))
    execute(timelock, looping)
    assert not target.callback_succeeded()
    assert target.callback_answer() == b""
    assert target.stored() == 0
    assert timelock.isOperationDone(operation)


def test_state__read_from_inside_a_batch__is_done_already(timelock, proposer, target):
    looping = Batch().add(target, "call_back")
    operation = ready(timelock, proposer, looping)
    payload = timelock.getOperationState.prepare_calldata(operation)
    target.arm(timelock.address, payload)
    execute(timelock, looping)
    assert target.callback_succeeded()
    assert int.from_bytes(target.callback_answer(), "big") == DONE


def test_schedule_and_cancel__from_inside_a_batch__are_open_to_role_holders(
    timelock, proposer, owner, target, batch
):
    for name in ("PROPOSER_ROLE", "CANCELLER_ROLE"):
        timelock.grantRole(role(name), timelock.address, sender=owner)
    doomed = schedule(timelock, proposer, batch, salt=b"\6" * 32)
    nested = Batch().add(timelock, "cancel", doomed)
    nested.add(timelock, "scheduleBatch", *batch.args, NO_PREDECESSOR, SALT, MIN_DELAY)
    ready(timelock, proposer, nested, salt=b"\7" * 32)
    execute(timelock, nested, salt=b"\7" * 32)
    assert timelock.getTimestamp(doomed) == 0
    assert timelock.getOperationState(batch.operation()) == WAITING


def test_execute__out_of_gas_inside__stays_ready(timelock, proposer, target):
    hungry = Batch().add(target, "fill", 50)
    operation = ready(timelock, proposer, hungry)
    with reverts_otherwise(WHY):
        execute(timelock, hungry, gas=700_000)
    assert timelock.isOperationReady(operation)
    assert target.filled(0) == 0
    execute(timelock, hungry)
    assert target.filled(49) == 1

"""Construction, roles, the delay's bounds, receiving, and the ABI of the Timelock."""

import boa
import pytest

from tests.kits.governance import (
    MAX_DELAY,
    MIN_DELAY,
    NO_PREDECESSOR,
    SALT,
    Batch,
    role,
    run_as_timelock,
    schedule,
)
from tests.support import DAY, ZERO_ADDRESS, deploy, logged, pass_time, reverts_with, typed_error

ADMIN = role("DEFAULT_ADMIN_ROLE")
PROPOSER = role("PROPOSER_ROLE")
UNAUTHORIZED = "AccessControlUnauthorizedAccount(address,bytes32)"


def run(timelock, proposer, batch):
    """The batch through schedule, delay and execution."""
    schedule(timelock, proposer, batch)
    pass_time(MIN_DELAY)
    timelock.executeBatch(*batch.args, NO_PREDECESSOR, SALT)


# --- construction ---


def test_init__gives_each_role_and_leaves_the_deployer_none(owner, proposer, holder):
    timelock = deploy("Timelock", MIN_DELAY, [proposer], [holder], ZERO_ADDRESS, sender=owner)
    members = {
        "DEFAULT_ADMIN_ROLE": timelock.address,
        "PROPOSER_ROLE": proposer,
        "CANCELLER_ROLE": proposer,
        "EXECUTOR_ROLE": holder,
    }
    for name, member in members.items():
        assert getattr(timelock, name)() == role(name)
        assert timelock.getRoleAdmin(role(name)) == ADMIN
        for account in (timelock.address, proposer, holder, owner, ZERO_ADDRESS):
            assert timelock.hasRole(role(name), account) == (account == member)
    assert timelock.getMinDelay() == MIN_DELAY
    assert timelock.MIN_DELAY_FLOOR() == DAY
    assert timelock.MAX_DELAY() == MAX_DELAY
    assert timelock.GRACE_SECONDS() == 14 * DAY


@pytest.mark.parametrize(
    ("min_delay", "reason"), [(0, "delay is zero"), (MAX_DELAY + 1, "delay is too long")]
)
def test_init__with_a_delay_out_of_bounds__reverts(min_delay, reason):
    with boa.reverts(reason):
        deploy("Timelock", min_delay, [], [], ZERO_ADDRESS)


@pytest.mark.parametrize(("min_delay", "floor"), [(1, 1), (DAY, DAY), (MAX_DELAY, DAY)])
def test_init__sets_the_floor_for_ever(make_timelock, min_delay, floor):
    assert make_timelock(min_delay).MIN_DELAY_FLOOR() == floor


# --- delay ---


def test_update_delay__by_a_vote__changes_it_while_the_batch_runs(timelock, proposer):
    run(timelock, proposer, Batch().add(timelock, "updateDelay", 3 * DAY))
    assert ("MinDelayChange", MIN_DELAY, 3 * DAY) in logged(timelock)
    assert timelock.getMinDelay() == 3 * DAY


def test_update_delay__by_others__reverts(timelock, owner, proposer, stranger):
    for account in (owner, proposer, stranger):
        with reverts_with(timelock, "TimelockUnauthorizedCaller(address)", account):
            timelock.updateDelay(3 * DAY, sender=account)


def test_update_delay__at_its_bounds__is_inclusive(timelock):
    for delay, reason in ((DAY - 1, "delay is too short"), (MAX_DELAY + 1, "delay is too long")):
        with boa.reverts(reason):
            run_as_timelock(timelock, timelock, "updateDelay", delay)
    for delay in (DAY, MAX_DELAY):
        run_as_timelock(timelock, timelock, "updateDelay", delay)
        assert timelock.getMinDelay() == delay


# --- roles ---


def test_grant_and_revoke_role__by_the_admin__log_once(timelock, owner, stranger):
    timelock.grantRole(PROPOSER, stranger, sender=owner)
    assert logged(timelock) == [("RoleGranted", PROPOSER, stranger, owner)]
    timelock.grantRole(PROPOSER, stranger, sender=owner)
    assert logged(timelock) == []
    timelock.revokeRole(PROPOSER, stranger, sender=owner)
    assert logged(timelock) == [("RoleRevoked", PROPOSER, stranger, owner)]
    assert not timelock.hasRole(PROPOSER, stranger)


def test_grant_role__by_a_vote__works_while_the_batch_runs(timelock, proposer, stranger):
    batch = Batch().add(timelock, "grantRole", PROPOSER, stranger)
    run(timelock, proposer, batch.add(timelock, "revokeRole", PROPOSER, proposer))
    assert timelock.hasRole(PROPOSER, stranger)
    assert not timelock.hasRole(PROPOSER, proposer)


@pytest.mark.parametrize("function", ["grantRole", "revokeRole"])
def test_roles__changed_by_others__revert(timelock, proposer, stranger, function):
    for account in (proposer, stranger):
        with reverts_with(timelock, UNAUTHORIZED, account, ADMIN):
            getattr(timelock, function)(PROPOSER, stranger, sender=account)


def test_renounce_role__by_the_deployer__leaves_no_admin_but_the_timelock(
    timelock, owner, stranger
):
    timelock.renounceRole(ADMIN, owner, sender=owner)
    assert logged(timelock) == [("RoleRevoked", ADMIN, owner, owner)]
    with reverts_with(timelock, UNAUTHORIZED, owner, ADMIN):
        timelock.grantRole(PROPOSER, stranger, sender=owner)


def test_renounce_role__for_another__reverts(timelock, owner, stranger):
    with reverts_with(timelock, "AccessControlBadConfirmation()"):
        timelock.renounceRole(ADMIN, owner, sender=stranger)


def test_admin_role__of_the_timelock_itself__cannot_be_taken_away(timelock, owner):
    with boa.reverts("timelock must stay admin"):
        timelock.revokeRole(ADMIN, timelock.address, sender=owner)
    with boa.reverts("timelock must stay admin"):
        run_as_timelock(timelock, timelock, "renounceRole", ADMIN, timelock.address)


# --- receiving and ABI ---


def test_currency__is_accepted_plainly_and_refused_with_data(timelock, payer):
    boa.env.raw_call(timelock.address, sender=payer, value=5)
    assert boa.env.get_balance(timelock.address) == 5
    data = b"\1\2\3\4"
    call = boa.env.execute_code(timelock.address, sender=payer, value=5, data=data)
    assert call.output == typed_error("Error(string)", "no such function")
    assert boa.env.get_balance(timelock.address) == 5


def test_tokens__sent_safely__are_accepted(timelock, stranger):
    args = (stranger, stranger, 1)
    assert timelock.onERC721Received(*args, b"") == bytes.fromhex("150b7a02")
    assert timelock.onERC1155Received(*args, 1, b"") == bytes.fromhex("f23a6e61")
    batch = timelock.onERC1155BatchReceived(stranger, stranger, [1], [1], b"")
    assert batch == bytes.fromhex("bc197c81")


@pytest.mark.parametrize(
    ("interface_id", "supported"),
    [("01ffc9a7", True), ("7965db0b", True), ("4e2312e0", True), ("ffffffff", False)],
)
def test_supports_interface__of_the_known_ids(timelock, interface_id, supported):
    assert timelock.supportsInterface(bytes.fromhex(interface_id)) == supported

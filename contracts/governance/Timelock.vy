# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Timelock
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Owns the whole suite and makes the calls that a vote decided, after a delay, once, within a grace window.
@dev OpenZeppelin TimelockController's ABI, events and typed errors on snekmate's `access_control`. Why it does not
     stand on snekmate's `timelock_controller`, and where it differs from OpenZeppelin: docs/decisions/timelock.md.

     Reentrancy: no batch starts inside another one, so a predecessor is complete before its successor begins.
     What a batch may need while it runs is open to it: changing the delay and roles, scheduling and cancelling,
     receiving currency and tokens, and every view. An operation is marked as done before its first call, so all
     of these find the final state.
@custom:invariant No call is made but by an operation that waited at least the shortest delay of when it was scheduled,
                  and the Timelock always administers its own roles.
@custom:halt Nothing halts it. A CANCELLER_ROLE holder stops single operations; a vote replaces role holders.
"""

from contracts.governance import calls
from contracts.governance import limits
from contracts.governance import operations
from contracts.governance import token_receiver
from interfaces import ITimelock
from snekmate.auth import access_control

implements: ITimelock

initializes: access_control
initializes: operations

exports: (
    access_control.DEFAULT_ADMIN_ROLE,
    access_control.getRoleAdmin,
    access_control.hasRole,
    token_receiver.onERC721Received,
    token_receiver.onERC1155Received,
    token_receiver.onERC1155BatchReceived,
)

PROPOSER_ROLE: public(constant(bytes32)) = keccak256("PROPOSER_ROLE")
EXECUTOR_ROLE: public(constant(bytes32)) = keccak256("EXECUTOR_ROLE")
CANCELLER_ROLE: public(constant(bytes32)) = keccak256("CANCELLER_ROLE")

MAX_INITIAL_HOLDERS: constant(uint256) = 16

SUPPORTED_INTERFACES: constant(bytes4[3]) = [
    0x01ffc9a7,  # IERC165
    0x7965db0b,  # IAccessControl
    0x4e2312e0,  # IERC1155Receiver
]


@deploy
def __init__(
    min_delay: uint256,
    proposers: DynArray[address, MAX_INITIAL_HOLDERS],
    executors: DynArray[address, MAX_INITIAL_HOLDERS],
    admin: address,
):
    """
    @param min_delay Shortest delay in seconds, in [1, 30 days]. Below a day, it becomes the floor for ever.
    @param proposers Accounts that may schedule and cancel.
    @param executors Accounts that may execute; the zero address stands for everybody.
    @param admin Account that may grant and revoke roles at once until it renounces, or zero for none.
    """
    access_control.__init__()
    access_control._revoke_role(access_control.DEFAULT_ADMIN_ROLE, msg.sender)
    access_control._grant_role(access_control.DEFAULT_ADMIN_ROLE, self)
    if admin != empty(address):
        access_control._grant_role(access_control.DEFAULT_ADMIN_ROLE, admin)
    for proposer: address in proposers:
        access_control._grant_role(PROPOSER_ROLE, proposer)
        access_control._grant_role(CANCELLER_ROLE, proposer)
    for executor: address in executors:
        access_control._grant_role(EXECUTOR_ROLE, executor)
    operations.__init__(min_delay)


# --- execution ---

@external
@payable
def execute(
    target: address, amount: uint256, payload: Bytes[limits.MAX_CALLDATA_BYTES], predecessor: bytes32, salt: bytes32
):
    self._only_executor()
    id: bytes32 = keccak256(abi_encode(target, amount, payload, predecessor, salt))
    operations._mark_done(id, predecessor)
    calls._call(target, amount, payload)
    log ITimelock.CallExecuted(id=id, index=0, target=target, value=amount, data=payload)


@external
@payable
def executeBatch(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    payloads: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    predecessor: bytes32,
    salt: bytes32,
):
    self._only_executor()
    self._check_lengths(len(targets), len(payloads), len(amounts))
    id: bytes32 = keccak256(abi_encode(targets, amounts, payloads, predecessor, salt))
    operations._mark_done(id, predecessor)
    for i: uint256 in range(len(targets), bound=limits.MAX_ACTIONS):
        calls._call(targets[i], amounts[i], payloads[i])
        log ITimelock.CallExecuted(id=id, index=i, target=targets[i], value=amounts[i], data=payloads[i])


# --- scheduling ---

@external
@reentrant
def schedule(
    target: address,
    amount: uint256,
    payload: Bytes[limits.MAX_CALLDATA_BYTES],
    predecessor: bytes32,
    salt: bytes32,
    delay: uint256,
):
    self._only_role(PROPOSER_ROLE)
    id: bytes32 = keccak256(abi_encode(target, amount, payload, predecessor, salt))
    operations._schedule(id, delay)
    log ITimelock.CallScheduled(
        id=id, index=0, target=target, value=amount, data=payload, predecessor=predecessor, delay=delay
    )
    if salt != empty(bytes32):
        log ITimelock.CallSalt(id=id, salt=salt)


@external
@reentrant
def scheduleBatch(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    payloads: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    predecessor: bytes32,
    salt: bytes32,
    delay: uint256,
):
    self._only_role(PROPOSER_ROLE)
    self._check_lengths(len(targets), len(payloads), len(amounts))
    id: bytes32 = keccak256(abi_encode(targets, amounts, payloads, predecessor, salt))
    operations._schedule(id, delay)
    for i: uint256 in range(len(targets), bound=limits.MAX_ACTIONS):
        log ITimelock.CallScheduled(
            id=id,
            index=i,
            target=targets[i],
            value=amounts[i],
            data=payloads[i],
            predecessor=predecessor,
            delay=delay,
        )
    if salt != empty(bytes32):
        log ITimelock.CallSalt(id=id, salt=salt)


@external
@reentrant
def cancel(id: bytes32):
    self._only_role(CANCELLER_ROLE)
    operations._cancel(id)
    log ITimelock.Cancelled(id=id)


@external
@reentrant
def updateDelay(delay: uint256):
    if msg.sender != self:
        raw_revert(abi_encode(msg.sender, method_id=method_id("TimelockUnauthorizedCaller(address)")))
    operations._set_min_delay(delay)


# --- roles ---

@external
@reentrant
def grantRole(role: bytes32, account: address):
    self._only_role(access_control.getRoleAdmin[role])
    access_control._grant_role(role, account)


@external
@reentrant
def revokeRole(role: bytes32, account: address):
    self._only_role(access_control.getRoleAdmin[role])
    self._check_keeps_own_admin_role(role, account)
    access_control._revoke_role(role, account)


@external
@reentrant
def renounceRole(role: bytes32, account: address):
    if msg.sender != account:
        raw_revert(method_id("AccessControlBadConfirmation()"))
    self._check_keeps_own_admin_role(role, account)
    access_control._revoke_role(role, account)


# --- receiving ---

@external
@payable
@reentrant
def __default__():
    """
    @dev Accepts the native currency, which operations may pay out; a call of an unknown function fails.
    """
    assert len(msg.data) == 0, "no such function"


# --- views ---

@external
@view
@reentrant
def isOperation(id: bytes32) -> bool:
    return operations._state(id) != operations.UNSET


@external
@view
@reentrant
def isOperationPending(id: bytes32) -> bool:
    state: uint8 = operations._state(id)
    return state == operations.WAITING or state == operations.READY


@external
@view
@reentrant
def isOperationReady(id: bytes32) -> bool:
    return operations._state(id) == operations.READY


@external
@view
@reentrant
def isOperationDone(id: bytes32) -> bool:
    return operations._state(id) == operations.DONE


@external
@view
@reentrant
def getOperationState(id: bytes32) -> uint8:
    return operations._state(id)


@external
@view
@reentrant
def getTimestamp(id: bytes32) -> uint256:
    return operations._timestamp(id)


@external
@view
@reentrant
def eta(id: bytes32) -> uint256:
    return operations._eta(id)


@external
@view
@reentrant
def getMinDelay() -> uint256:
    return operations.min_delay


@external
@view
@reentrant
def hashOperation(
    target: address, amount: uint256, payload: Bytes[limits.MAX_CALLDATA_BYTES], predecessor: bytes32, salt: bytes32
) -> bytes32:
    return keccak256(abi_encode(target, amount, payload, predecessor, salt))


@external
@view
@reentrant
def hashOperationBatch(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    payloads: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    predecessor: bytes32,
    salt: bytes32,
) -> bytes32:
    return keccak256(abi_encode(targets, amounts, payloads, predecessor, salt))


@external
@view
@reentrant
def MIN_DELAY_FLOOR() -> uint256:
    return operations.MIN_DELAY_FLOOR


@external
@view
@reentrant
def MAX_DELAY() -> uint256:
    return operations.MAX_DELAY


@external
@view
@reentrant
def GRACE_SECONDS() -> uint256:
    return operations.GRACE_SECONDS


@external
@view
@reentrant
def supportsInterface(interface_id: bytes4) -> bool:
    return interface_id in SUPPORTED_INTERFACES


# --- internals ---

@internal
@view
def _only_role(role: bytes32):
    if not access_control.hasRole[role][msg.sender]:
        raw_revert(
            abi_encode(msg.sender, role, method_id=method_id("AccessControlUnauthorizedAccount(address,bytes32)"))
        )


@internal
@view
def _only_executor():
    if not access_control.hasRole[EXECUTOR_ROLE][empty(address)]:
        self._only_role(EXECUTOR_ROLE)


@internal
@view
def _check_keeps_own_admin_role(role: bytes32, account: address):
    assert role != access_control.DEFAULT_ADMIN_ROLE or account != self, "timelock must stay admin"


@internal
@pure
def _check_lengths(targets: uint256, payloads: uint256, amounts: uint256):
    if targets != payloads or targets != amounts:
        raw_revert(
            abi_encode(
                targets,
                payloads,
                amounts,
                method_id=method_id("TimelockInvalidOperationLength(uint256,uint256,uint256)"),
            )
        )

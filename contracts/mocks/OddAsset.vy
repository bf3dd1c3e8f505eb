# pragma version 0.4.3
# pragma nonreentrancy off
"""
@title Odd asset
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice An ERC-20 whose faults are switched on one by one: everything that tokens in the wild do to their callers.
@dev Behaves like a plain token until `misbehave`, `set_blacklisted`, `rebase` or `program_hook` is called. Anybody
     may mint and misconfigure. tests/odd_assets.py mirrors the two flags and lists the usual combinations.
     Unlocked on purpose: its hook re-enters, and what it re-enters reads its balances.
"""

from ethereum.ercs import IERC20

# Where a fault shows.
flag Entry:
    TRANSFER
    TRANSFER_FROM
    APPROVE


flag Fault:
    RETURNS_NOTHING  # like USDT
    RETURNS_FALSE
    RETURNS_GARBAGE  # a word that is neither 0 nor 1
    RETURNS_SHORT  # 31 bytes
    MOVES_NOTHING  # and says that it did
    FEE_ON_RECEIVER  # the receiver gets FEE_BPS less
    FEE_ON_SENDER  # the sender loses FEE_BPS more
    PAUSED  # reverts with a reason
    REVERTS  # reverts without one
    BURNS_GAS  # takes all gas that it gets
    REVERTS_ON_ZERO
    REVERTS_OVER_96_BITS  # large amounts and approvals, like UNI
    REVERTS_ON_REAPPROVAL  # non-zero to non-zero, like USDT
    NOTIFIES_RECEIVER  # calls a receiving contract, whose revert counts, like ERC-777


event HookCalled:
    success: bool
    response: Bytes[1_024]


FEE_BPS: public(constant(uint256)) = 100

name: public(String[50])
symbol: public(String[16])
decimals: public(immutable(uint8))
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
is_blacklisted: public(HashMap[address, bool])

faults: HashMap[Entry, Fault]

# The programmed call, made on each of `hook_entries` until `hook_calls_left` is used up.
hook_target: address
hook_payload: Bytes[4_096]
hook_entries: Entry
hook_is_strict: bool
hook_runs_first: bool
hook_calls_left: public(uint256)
hook_succeeded: public(bool)
hook_response: public(Bytes[1_024])


@deploy
def __init__(name_: String[50], symbol_: String[16], decimals_: uint8):
    self.name = name_
    self.symbol = symbol_
    decimals = decimals_


# --- switches ---


@external
def misbehave(faults: Fault, entries: Entry):
    """
    @notice Shows exactly `faults` at `entries` from now on; empty faults make it plain again.
    """
    if Entry.TRANSFER in entries:
        self.faults[Entry.TRANSFER] = faults
    if Entry.TRANSFER_FROM in entries:
        self.faults[Entry.TRANSFER_FROM] = faults
    if Entry.APPROVE in entries:
        self.faults[Entry.APPROVE] = faults


@external
def set_blacklisted(account: address, blacklisted: bool):
    """
    @notice A blacklisted account neither sends nor receives, like on USDC.
    """
    self.is_blacklisted[account] = blacklisted


@external
def rebase(account: address, new_balance: uint256):
    """
    @notice Changes a balance with no transfer.
    """
    self.totalSupply = self.totalSupply + new_balance - self.balanceOf[account]
    self.balanceOf[account] = new_balance


@external
def program_hook(
    target: address, payload: Bytes[4_096], entries: Entry, calls: uint256, runs_first: bool, is_strict: bool
):
    """
    @notice Calls `target` with `payload` during the next `calls` uses of `entries`.
    @param runs_first True calls before the balances move (ERC-777's tokensToSend), false after (tokensReceived).
    @param is_strict True bubbles a revert of the hook up; false records it in `hook_succeeded` and `hook_response`.
    """
    self.hook_target = target
    self.hook_payload = payload
    self.hook_entries = entries
    self.hook_calls_left = calls
    self.hook_runs_first = runs_first
    self.hook_is_strict = is_strict


@external
def mint(to: address, amount: uint256):
    self.totalSupply += amount
    self.balanceOf[to] += amount
    log IERC20.Transfer(sender=empty(address), receiver=to, value=amount)


# --- ERC-20 ---


@external
@raw_return
def transfer(to: address, amount: uint256) -> Bytes[32]:
    self._move(Entry.TRANSFER, msg.sender, to, amount)
    return self._reply(Entry.TRANSFER)


@external
@raw_return
def transferFrom(owner: address, to: address, amount: uint256) -> Bytes[32]:
    allowed: uint256 = self.allowance[owner][msg.sender]
    assert allowed >= amount, "allowance is too low"
    if allowed != max_value(uint256):
        self.allowance[owner][msg.sender] = allowed - amount
    self._move(Entry.TRANSFER_FROM, owner, to, amount)
    return self._reply(Entry.TRANSFER_FROM)


@external
@raw_return
def approve(spender: address, amount: uint256) -> Bytes[32]:
    self._fail_if_told(Entry.APPROVE, amount)
    if Fault.REVERTS_ON_REAPPROVAL in self.faults[Entry.APPROVE]:
        assert amount == 0 or self.allowance[msg.sender][spender] == 0, "approval is not zero"
    if Fault.MOVES_NOTHING not in self.faults[Entry.APPROVE]:
        self.allowance[msg.sender][spender] = amount
    log IERC20.Approval(owner=msg.sender, spender=spender, value=amount)
    self._run_hook(Entry.APPROVE)
    return self._reply(Entry.APPROVE)


# --- internals ---


@internal
def _move(entry: Entry, owner: address, to: address, amount: uint256):
    self._fail_if_told(entry, amount)
    assert not self.is_blacklisted[owner] and not self.is_blacklisted[to], "account is blacklisted"
    if self.hook_runs_first:
        self._run_hook(entry)
    faults: Fault = self.faults[entry]
    fee: uint256 = amount * FEE_BPS // 10_000
    taken: uint256 = amount
    given: uint256 = amount
    if Fault.FEE_ON_SENDER in faults:
        taken += fee
    if Fault.FEE_ON_RECEIVER in faults:
        given -= fee
    if Fault.MOVES_NOTHING in faults:
        taken = 0
        given = 0
    assert self.balanceOf[owner] >= taken, "balance is too low"
    self.balanceOf[owner] -= taken
    self.balanceOf[to] += given
    self.totalSupply = self.totalSupply + given - taken
    log IERC20.Transfer(sender=owner, receiver=to, value=given)
    if not self.hook_runs_first:
        self._run_hook(entry)
    if Fault.NOTIFIES_RECEIVER in faults and to.is_contract:
        raw_call(to, method_id("tokensReceived()"))


@internal
@view
def _fail_if_told(entry: Entry, amount: uint256):
    faults: Fault = self.faults[entry]
    assert Fault.PAUSED not in faults, "asset is paused"
    assert Fault.REVERTS not in faults
    if Fault.REVERTS_ON_ZERO in faults:
        assert amount > 0, "amount is zero"
    if Fault.REVERTS_OVER_96_BITS in faults:
        assert amount < 2 ** 96, "amount is over 96 bits"
    # An invalid opcode takes everything that the caller passed on.
    assert Fault.BURNS_GAS not in faults, UNREACHABLE


@internal
def _run_hook(entry: Entry):
    if self.hook_calls_left == 0 or entry not in self.hook_entries:
        return
    self.hook_calls_left -= 1
    success: bool = False
    response: Bytes[1_024] = b""
    success, response = raw_call(self.hook_target, self.hook_payload, max_outsize=1_024, revert_on_failure=False)
    self.hook_succeeded = success
    self.hook_response = response
    log HookCalled(success=success, response=response)
    assert success or not self.hook_is_strict, "hook failed"


@internal
@view
def _reply(entry: Entry) -> Bytes[32]:
    faults: Fault = self.faults[entry]
    if Fault.RETURNS_NOTHING in faults:
        return b""
    if Fault.RETURNS_FALSE in faults:
        return abi_encode(False)
    if Fault.RETURNS_GARBAGE in faults:
        return abi_encode(convert(2, uint256))
    if Fault.RETURNS_SHORT in faults:
        return slice(abi_encode(True), 0, 31)
    return abi_encode(True)

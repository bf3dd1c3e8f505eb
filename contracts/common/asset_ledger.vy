# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Asset ledger
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a contract owes, per ERC-20 asset, apart from what it happens to hold.
@dev Every asset that enters or leaves a contract of the suite does so through this module, so a stray transfer never
     counts as income. Tokens that return nothing are accepted, tokens that return false are refused. What comes in must
     arrive whole. Of what goes out only the sender's balance is checked: if a token takes a fee from the receiver, the
     receiver gets less than is recorded as paid, and a token may begin to do so at any time. docs/RISKS.md says so.
@custom:invariant balanceOf(self) >= accounted(asset), for every asset that keeps the balances it reports.
"""

from ethereum.ercs import IERC20

from interfaces import ITreasury

# Gas that one payment in a batch may use: three times what the most expensive known stablecoin needs, and too little to
# let a hostile receiver use up the gas of the payments after its own.
TRY_GAS: constant(uint256) = 200_000

# Asset => token units that this contract owes to somebody. Reentrant, because in the middle of a skim the Treasury
# reads it (`is_solvent`).
accounted: reentrant(public(HashMap[address, uint256]))
# Balance of the asset at the first half of a hand-over. The reentrancy lock keeps two hand-overs apart.
balance_at_hand_over: transient(uint256)


@internal
def _pull(asset: address, payer: address, amount: uint256):
    """
    @dev Takes exactly `amount` from `payer`, which must have approved this contract. Zero moves nothing.
    """
    if amount == 0:
        return
    self.accounted[asset] += amount
    balance_before: uint256 = staticcall IERC20(asset).balanceOf(self)
    assert extcall IERC20(asset).transferFrom(payer, self, amount, default_return_value=True), "asset transfer failed"
    balance_after: uint256 = staticcall IERC20(asset).balanceOf(self)
    # Written as a sum so that a balance that fell fails this check and not an underflow.
    assert balance_after == balance_before + amount, "asset took a fee"


@internal
def _push(asset: address, receiver: address, amount: uint256):
    """
    @dev Pays `amount` out of what is accounted for. Zero moves nothing. The balance must fall, and by no more than
         `amount`: a token that charges the sender on top would eat what others are owed. It may fall by less, if the
         receiver sends some back at once: that is a surplus, which a vote may skim.
    """
    if amount == 0:
        return
    self.accounted[asset] -= amount
    balance_before: uint256 = staticcall IERC20(asset).balanceOf(self)
    assert extcall IERC20(asset).transfer(receiver, amount, default_return_value=True), "asset transfer failed"
    balance_after: uint256 = staticcall IERC20(asset).balanceOf(self)
    self._check_paid(balance_before, balance_after, amount)


@internal
def _try_push(asset: address, receiver: address, amount: uint256) -> bool:
    """
    @dev As `_push`, but if the asset refuses, nothing changes and it returns False. It still reverts if the asset
         agreed and more than `amount` or nothing left, or if it refused and anything left. `amount` must not be zero.
    """
    self.accounted[asset] -= amount
    balance_before: uint256 = staticcall IERC20(asset).balanceOf(self)
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        asset,
        abi_encode(receiver, amount, method_id=method_id("transfer(address,uint256)")),
        max_outsize=32,
        gas=TRY_GAS,
        revert_on_failure=False,
    )
    balance_after: uint256 = staticcall IERC20(asset).balanceOf(self)
    if success and (len(answer) == 0 or (len(answer) == 32 and convert(answer, uint256) == 1)):
        self._check_paid(balance_before, balance_after, amount)
        return True
    self.accounted[asset] += amount
    assert balance_after >= balance_before, "asset took a fee"
    return False


@internal
def _begin_hand_over(asset: address, target: address, amount: uint256):
    """
    @dev First half of passing `amount` on to another contract of the suite, which pulls it between the halves: the
         money is no longer accounted for here, and `target` may take exactly `amount`.
    """
    self.accounted[asset] -= amount
    self.balance_at_hand_over = staticcall IERC20(asset).balanceOf(self)
    assert extcall IERC20(asset).approve(target, amount, default_return_value=True), "asset approval failed"


@internal
@view
def _end_hand_over(asset: address, amount: uint256):
    """
    @dev Second half: the target took all of `amount` and nothing else.
    """
    balance_after: uint256 = staticcall IERC20(asset).balanceOf(self)
    assert balance_after + amount == self.balance_at_hand_over, "asset was not handed over"


@internal
def _forward(asset: address, payer: address, target: address, amount: uint256):
    """
    @dev Moves exactly `amount` from `payer`, which approved this contract, straight to `target`. Nothing is accounted
         for here, which saves four writes of storage. If `target` is a contract of the suite that owes the amount to
         somebody, it accounts for it with `_record_arrived`.
    """
    balance_before: uint256 = staticcall IERC20(asset).balanceOf(target)
    assert extcall IERC20(asset).transferFrom(payer, target, amount, default_return_value=True), "asset transfer failed"
    balance_after: uint256 = staticcall IERC20(asset).balanceOf(target)
    assert balance_before + amount == balance_after, "asset took a fee"


@internal
def _record_arrived(asset: address, amount: uint256):
    """
    @dev Accounts for `amount` that a trusted contract of the suite says it has just sent or minted here. If that were
         not so, it could at most account for a stray donation, never for what is owed already.
    """
    self.accounted[asset] += amount
    assert staticcall IERC20(asset).balanceOf(self) >= self.accounted[asset], "asset did not arrive"


@internal
def _release_burned(asset: address, amount: uint256):
    """
    @dev Stops accounting for `amount`, which the caller burns in its next step.
    """
    self.accounted[asset] -= amount


@internal
def _disown(asset: address, amount: uint256):
    """
    @dev Stops accounting for `amount` that is owed to nobody any more: a vote may skim it.
    """
    self.accounted[asset] -= amount


@internal
def _skim(asset: address, receiver: address, treasury: address) -> uint256:
    """
    @dev Sends what nobody is owed to `receiver`, which is not this contract, and returns how much, in units of `asset`.
         After it, all that is owed must still be here, in `asset` and in every asset that the Treasury accepts, because
         a token may have a second address that is not known here. With the zero address as `treasury` only the payment
         itself is checked, as by `_push`.
    """
    self._check_receiver(receiver)
    surplus: uint256 = self._surplus(asset)
    if surplus > 0:
        self.accounted[asset] += surplus
        self._push(asset, receiver, surplus)
        if treasury != empty(address):
            assert staticcall ITreasury(treasury).is_solvent(self), "skim takes what is owed"
    return surplus


@internal
@view
def _check_receiver(receiver: address):
    assert receiver != empty(address), "receiver is zero"
    assert receiver != self, "receiver is the payer"


@internal
@pure
def _check_paid(balance_before: uint256, balance_after: uint256, amount: uint256):
    # Written as a sum so that a balance that fell by too much fails this check and not an underflow.
    assert balance_after < balance_before and balance_after + amount >= balance_before, "asset took a fee"


@internal
@view
def _surplus(asset: address) -> uint256:
    """
    @dev Units held above what is owed; zero if the token reduced the balance by itself.
    """
    held: uint256 = staticcall IERC20(asset).balanceOf(self)
    owed: uint256 = self.accounted[asset]
    if held <= owed:
        return 0
    return held - owed

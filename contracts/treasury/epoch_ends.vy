# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Epoch ends
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What the grants had free at the end of an epoch, however early or late older epochs are closed.
@dev Closing an old epoch credits the grants at a moment that anybody chooses. So `_at_end` keeps the free money at the
     end of an epoch less all that closings had credited by then, and a read adds what they have credited by now. Epochs
     are closed oldest first, so when one is closed the credits so far are exactly those of all older epochs.
     Example: 100 are free at the end of epoch 5. Epoch 4 is closed in epoch 6 only, which credits 30. Epoch 5 is judged
     by 130, as if epoch 4 had been closed in time.
     Sums wrap around, so that no amount of a hostile asset can stop a payment or a closing.
@custom:invariant The figure of an epoch that is over changes no more once every older epoch is closed.
"""

from interfaces import IGovernanceToken

# One full epoch passes between the one in which a policy or a floor is voted and the first one it applies to.
NOTICE_EPOCHS: constant(uint256) = 2

TOKEN: public(immutable(address))

# Asset => last epoch in which the free money of the grants changed or income came; zero for none.
_touched_in: HashMap[address, uint256]
# Asset => units that closings have credited to the grants.
_credited: HashMap[address, uint256]
# Asset => epoch of a touch before the last one => free money at its end less what closings had credited by then.
_at_end: HashMap[address, HashMap[uint256, uint256]]


@deploy
def __init__(token: address):
    """
    @param token Governance token, whose epochs count.
    """
    TOKEN = token


@internal
def _touch(asset: address, free: uint256):
    """
    @dev To be called before `free`, the free money of the grants, changes, and with the first income of an epoch.
    """
    now: uint256 = self._current_epoch()
    before: uint256 = self._touched_in[asset]
    if before == now:
        return
    self._touched_in[asset] = now
    if before != 0:
        self._at_end[asset][before] = unsafe_sub(free, self._credited[asset])


@internal
def _credit_from_closing(asset: address, amount: uint256):
    self._credited[asset] = unsafe_add(self._credited[asset], amount)


@internal
@view
def _free_at_end(epoch: uint256, asset: address, free: uint256) -> uint256:
    """
    @dev What the grants had free at the end of `epoch`, an epoch with income: with the credits of all older epochs that
         are closed by now, without its own. `free` is what they have free now.
    """
    # Not touched since `epoch` ended: what is free now was free then.
    if self._touched_in[asset] <= epoch:
        return free
    return unsafe_add(self._at_end[asset][epoch], self._credited[asset])


@internal
@view
def _current_epoch() -> uint256:
    """
    @dev The running epoch by the token's calendar; an epoch is over exactly when a later one runs.
    """
    return staticcall IGovernanceToken(TOKEN).epoch_at(block.timestamp)


@internal
@view
def _first_after_notice() -> uint256:
    """
    @dev The first epoch that a policy or a floor which is voted now applies to.
    """
    return unsafe_add(self._current_epoch(), NOTICE_EPOCHS)

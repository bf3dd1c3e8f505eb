# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Epoch ends
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What the next grants had free as an epoch ended, whoever closes what when.
@dev A closing credits the grants with money of an epoch that may be long over, at a moment that anybody chooses. So the
     books are kept without those credits: what is written for an epoch is the free money as it ended less all that
     closings had credited until then, and who asks adds what closings of older epochs have credited by now. Closings
     go oldest first, so that sum is the same whether they came early, late or all together.
     Example: 100 are free as epoch 5 ends and epoch 4 is closed in epoch 6 only, which credits 30. Epoch 5 is judged by
     130, as it would have been had epoch 4 been closed in time.
     Sums wrap around, so that no amount of a hostile asset can stop a payment or a closing.
@custom:invariant The figure of an epoch that is over changes no more once every older epoch is closed.
"""

from interfaces import IGovernanceToken

# One full epoch passes between the one in which a policy or a floor is voted and the first one it applies to.
NOTICE_EPOCHS: constant(uint256) = 2

TOKEN: public(immutable(address))

# Asset => last epoch in which the free money of the grants was about to change, or income came; zero for none.
_touched_in: HashMap[address, uint256]
# Asset => units that closings have credited to the grants.
_credited: HashMap[address, uint256]
# Asset => epoch that was touched, and is not the last => free money as it ended less what closings had credited.
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
    @dev What the grants had free as `epoch` ended, an epoch with income, with all that older epochs brought them and
         without what it brings them itself. `free` is what they have free now.
    """
    # Since the first income of `epoch` nothing changed: what is free now, without later credits of older epochs, was so.
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

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Safety
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A guardian with an expiry may stop new obligations for a while; nothing here can stop an exit.
@dev Each deployable calls `_check_running` only in functions that create an obligation. A pause never stops the owner:
     what a vote decided can run for as long as its operation in the Timelock is ready.
@custom:invariant A guardian's pause lasts at most MAX_PAUSE_SECONDS, and the next one cannot start before
     MAX_PAUSE_SECONDS have passed since its end, so a lost guardian key cannot halt the suite for ever.
"""

from contracts.common import governed
from contracts.common import guardians

uses: governed

initializes: guardians

exports: (guardians.MAX_GUARDIAN_SECONDS, guardians.guardian, guardians.guardian_expires_at)

event Paused:
    account: indexed(address)
    until: uint256


event Unpaused:
    account: indexed(address)


# Two weeks: time to look, to warn and to propose. By parameters/mainnet.yaml a vote takes 16 days, a strict one 23, so
# the pause ends before what a vote decides about it can run.
MAX_PAUSE_SECONDS: public(constant(uint256)) = 14 * 86_400
# Unix time at which the last pause ended or will end; zero before the first.
paused_until: public(uint256)


@deploy
def __init__():
    guardians.__init__()


@external
def set_guardian(new_guardian: address, expires_at: uint256):
    """
    @notice Names the guardian, or none with the zero address.
    @dev Authority: the owner.
    @param new_guardian The account that may pause.
    @param expires_at Unix time at which its power ends, at most MAX_GUARDIAN_SECONDS from now.
    @custom:reverts `caller is not the owner`, `guardian expiry is too far`.
    """
    governed._only_owner()
    guardians._set(new_guardian, expires_at)


@external
def pause():
    """
    @notice Stops new obligations for MAX_PAUSE_SECONDS. Refunds, claims, payments and settlements go on.
    @dev Authority: the guardian.
    @custom:reverts `caller is not the guardian`, `pause is too soon`.
    """
    self._pause()


@external
def unpause():
    """
    @notice Ends a pause early.
    @dev Authority: the owner. The guardian must then wait MAX_PAUSE_SECONDS from now before the next pause.
    @custom:reverts `caller is not the owner`, `not paused`.
    """
    self._unpause()


@internal
def _pause() -> uint256:
    """
    @dev Returns the first second after the pause.
    """
    self._only_guardian()
    last_until: uint256 = self.paused_until
    assert last_until == 0 or block.timestamp >= last_until + MAX_PAUSE_SECONDS, "pause is too soon"
    until: uint256 = block.timestamp + MAX_PAUSE_SECONDS
    self.paused_until = until
    log Paused(account=msg.sender, until=until)
    return until


@internal
def _unpause():
    governed._only_owner()
    assert block.timestamp < self.paused_until, "not paused"
    self.paused_until = block.timestamp
    log Unpaused(account=msg.sender)


@internal
@view
def _check_running():
    assert block.timestamp >= self.paused_until or governed._is_owner(), "paused"


@internal
@view
def _only_guardian():
    assert guardians._is_guardian(msg.sender), "caller is not the guardian"

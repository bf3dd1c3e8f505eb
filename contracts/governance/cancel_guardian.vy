# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Cancel guardian
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice An account that may cancel proposals, and nothing else, until a set time. The deployment names the first, for
        the days in which few have claimed their tokens; later ones are named by vote.
@custom:invariant The guardian's power ends at most MAX_GUARDIAN_SECONDS after the deployment or the vote that gave it.
"""

from contracts.governance import governor_links as links
from interfaces import IGovernor

uses: links

# Every admin power has a sunset; a vote may renew it.
MAX_GUARDIAN_SECONDS: constant(uint256) = 366 * 86_400

guardian: reentrant(public(address))
guardian_expires_at: reentrant(public(uint256))


@deploy
def __init__(first_guardian: address, expires_at: uint256):
    self._set(first_guardian, expires_at)


@external
@reentrant
def set_guardian(new_guardian: address, expires_at: uint256):
    links._only_timelock()
    self._set(new_guardian, expires_at)


@internal
def _set(new_guardian: address, expires_at: uint256):
    assert expires_at <= block.timestamp + MAX_GUARDIAN_SECONDS, "guardian expiry is too far"
    old_guardian: address = self.guardian
    self.guardian = new_guardian
    self.guardian_expires_at = expires_at
    log IGovernor.GuardianChanged(old_guardian=old_guardian, new_guardian=new_guardian, expires_at=expires_at)


@internal
@view
def _is_guardian(account: address) -> bool:
    return account == self.guardian and block.timestamp < self.guardian_expires_at

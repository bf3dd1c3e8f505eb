# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Guardians
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice An account that holds one power until a set time: what it may, and who names it, says the module that uses this.
@dev The getters are `reentrant`: nothing changes who it is in the middle of a call of somebody else.
@custom:invariant The guardian's power ends at most MAX_GUARDIAN_SECONDS after it was given.
"""

event GuardianChanged:
    old_guardian: indexed(address)
    new_guardian: indexed(address)
    expires_at: uint256


# Every admin power has a sunset; a vote may renew it.
MAX_GUARDIAN_SECONDS: public(constant(uint256)) = 366 * 86_400

guardian: reentrant(public(address))
guardian_expires_at: reentrant(public(uint256))


@deploy
def __init__():
    pass


@internal
def _set(new_guardian: address, expires_at: uint256):
    assert expires_at <= block.timestamp + MAX_GUARDIAN_SECONDS, "guardian expiry is too far"
    old_guardian: address = self.guardian
    self.guardian = new_guardian
    self.guardian_expires_at = expires_at
    log GuardianChanged(old_guardian=old_guardian, new_guardian=new_guardian, expires_at=expires_at)


@internal
@view
def _is_guardian(account: address) -> bool:
    return account == self.guardian and account != empty(address) and block.timestamp < self.guardian_expires_at

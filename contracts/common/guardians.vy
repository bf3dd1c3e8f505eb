# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Guardians
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice An account that holds one power until a set time. The module that uses this one says which power, and who names
        the account.
@dev The getters are `reentrant`: each reads one value, which is final as soon as it is written.
@custom:invariant The guardian's power ends at most MAX_GUARDIAN_SECONDS after it was given.
"""

event GuardianChanged:
    old_guardian: indexed(address)
    new_guardian: indexed(address)
    expires_at: uint256


# A guardian's power always ends; a vote may renew it.
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

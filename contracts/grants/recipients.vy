# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Recipients
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who builds each grant and is paid, and who is to take its place.
@dev The present recipient may name a successor, or a vote may, for a key that is lost or an account that the asset
     refuses. Either has to accept; one that a vote named not before REPLACEMENT_SECONDS have passed, in which the
     present one may draw what is its own and answer.
@custom:invariant Nobody becomes a recipient who did not accept.
"""

from interfaces import ITrainingGrants

REPLACEMENT_SECONDS: constant(uint256) = 14 * 86_400

# Grant id => who builds it; zero before the approval.
recipient: HashMap[uint256, address]
# Grant id => who may take its place, and from when if a vote named it.
pending: HashMap[uint256, address]
replaces_at: HashMap[uint256, uint256]


@deploy
def __init__():
    pass


@internal
def _set_first(grant_id: uint256, recipient: address):
    self.recipient[grant_id] = recipient


@internal
def _propose(grant_id: uint256, new_recipient: address, replaces_at: uint256):
    self.pending[grant_id] = new_recipient
    self.replaces_at[grant_id] = replaces_at
    log ITrainingGrants.RecipientProposed(grant_id=grant_id, new_recipient=new_recipient, replaces_at=replaces_at)


@internal
def _replace(grant_id: uint256, new_recipient: address):
    assert self.recipient[grant_id] != empty(address), "grant is not approved"
    replaces_at: uint256 = 0
    if new_recipient != empty(address):
        replaces_at = block.timestamp + REPLACEMENT_SECONDS
    self._propose(grant_id, new_recipient, replaces_at)


@internal
def _accept(grant_id: uint256, account: address):
    assert account == self.pending[grant_id], "caller is not proposed"
    assert block.timestamp >= self.replaces_at[grant_id], "notice has not passed"
    old_recipient: address = self.recipient[grant_id]
    self.recipient[grant_id] = account
    self.pending[grant_id] = empty(address)
    self.replaces_at[grant_id] = 0
    log ITrainingGrants.RecipientChanged(
        grant_id=grant_id, old_recipient=old_recipient, new_recipient=account
    )


@internal
@view
def _check(grant_id: uint256, account: address):
    assert account == self.recipient[grant_id], "caller is not the recipient"


@internal
@view
def _check_not_replaced(grant_id: uint256):
    """
    @dev What a vote began the present recipient cannot undo by naming somebody else.
    """
    assert self.replaces_at[grant_id] == 0, "a vote named a successor"

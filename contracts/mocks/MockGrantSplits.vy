# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Mock grant splits
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The part of TrainingGrants and of GrantApplications that the model registry asks: who may register a grant's
        models, their split, and what they may owe.
"""

from interfaces import ITrainingGrants

recipient: public(HashMap[uint256, address])
max_owed_bps: public(HashMap[uint256, uint256])
_splits: HashMap[uint256, DynArray[ITrainingGrants.Share, 8]]


@external
def set_grant(grant_id: uint256, recipient: address, split: DynArray[ITrainingGrants.Share, 8]):
    """
    @notice Makes `grant_id` one of `recipient`, with any split, well formed or not.
    """
    self.recipient[grant_id] = recipient
    self._splits[grant_id] = split


@external
def set_max_owed(grant_id: uint256, max_owed_bps: uint256):
    """
    @notice Lets ancestors of the grant's models get so much.
    """
    self.max_owed_bps[grant_id] = max_owed_bps


@external
@view
def may_register_model(grant_id: uint256, account: address) -> bool:
    return account != empty(address) and self.recipient[grant_id] == account


@external
@view
def applications() -> address:
    return self


@external
@view
def split(grant_id: uint256) -> DynArray[ITrainingGrants.Share, 8]:
    return self._splits[grant_id]

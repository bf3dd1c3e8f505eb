# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Links of the registry
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The contracts that the registry asks: grants, campaigns, licenses and the router. A vote may replace them.
"""

from contracts.common import governed
from contracts.common import packed_share
from interfaces import IContributorRewards
from interfaces import IGrantApplications
from interfaces import IModelRegistry
from interfaces import ITrainingGrants

uses: governed

grants: public(address)
# How many TrainingGrants there were: the ids of two of them say nothing of each other.
_grants_number: uint256
rewards: public(address)
rights: public(address)
router: public(address)


@deploy
def __init__(grants_: address):
    """
    @param grants_ The TrainingGrants contract, not zero.
    """
    self._set_grants(grants_)


@external
def set_grants(new_grants: address):
    governed._only_owner()
    self._set_grants(new_grants)


@external
def set_rewards(new_rewards: address):
    governed._only_owner()
    self.rewards = new_rewards
    self._log_links()


@external
def set_rights(new_rights: address):
    governed._only_owner()
    self.rights = new_rights
    self._log_links()


@external
def set_router(new_router: address):
    governed._only_owner()
    self.router = new_router
    self._log_links()


@internal
@view
def _check_campaign(campaign_id: uint256):
    """
    @dev Refuses an id without a campaign: whoever created it later could publish its drops and take the share. Without
         a ContributorRewards every id that fits a share passes.
    """
    max_id: uint256 = packed_share.RECEIVER_MASK
    if self.rewards != empty(address):
        max_id = staticcall IContributorRewards(self.rewards).campaign_count()
    assert campaign_id > 0 and campaign_id <= max_id, "no such campaign"


@internal
@view
def _granted_split(grant_id: uint256, account: address) -> DynArray[ITrainingGrants.Share, 8]:
    """
    @dev The split that was voted for the models of a grant. Refuses who may not register them, and a grant that is no
         training: it has no split.
    """
    split: DynArray[ITrainingGrants.Share, 8] = staticcall self._applications().split(grant_id)
    may_register: bool = staticcall ITrainingGrants(self.grants).may_register_model(grant_id, account)
    assert may_register and len(split) > 0, "caller may not register"
    return split


@internal
@view
def _check_owed(grant_id: uint256, owed_bps: uint256):
    """
    @dev The split that was voted divides what ancestors leave, and the builder chooses the ancestors.
    """
    assert owed_bps <= staticcall self._applications().max_owed_bps(grant_id), "ancestors get too much"


@internal
@view
def _applications() -> IGrantApplications:
    return IGrantApplications(staticcall ITrainingGrants(self.grants).applications())


@internal
def _set_grants(new_grants: address):
    assert new_grants != empty(address), "grants is zero"
    old_grants: address = self.grants
    # The same one again would count as another one: the models of its grants would be nobody's.
    assert new_grants != old_grants, "grants is the same"
    self.grants = new_grants
    self._grants_number += 1
    log IModelRegistry.GrantsChanged(old_grants=old_grants, new_grants=new_grants)


@internal
def _log_links():
    log IModelRegistry.LinksChanged(rewards=self.rewards, rights=self.rights, router=self.router)

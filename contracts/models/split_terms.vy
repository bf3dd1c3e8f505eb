# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Terms of splits
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which splits and which datasets a model may have, in their packed form.
@dev No state. Shares of contracts of the suite are refused: money would be stuck there or fall to a vote.
"""

from snekmate.auth import ownable

from contracts.common import packed_share
from contracts.common import shares
from contracts.models import registry_links
from interfaces import IModelRegistry
from interfaces import ITrainingGrants

uses: ownable
uses: registry_links

BPS: constant(uint256) = 10_000


@internal
@view
def _pack_datasets(datasets: DynArray[IModelRegistry.Dataset, 8]) -> DynArray[uint256, 8]:
    """
    @dev One packed share for each dataset, its bps the weight. Refuses campaigns that do not exist, and weights that do
         not sum to 10_000.
    """
    packed: DynArray[uint256, 8] = []
    if len(datasets) == 0:
        return packed
    total: uint256 = 0
    for dataset: IModelRegistry.Dataset in datasets:
        total += dataset.weight_bps
        registry_links._check_campaign(dataset.campaign_id)
        packed.append(
            packed_share._pack(
                packed_share.Share(receiver=dataset.campaign_id, bps=dataset.weight_bps, kind=0)
            )
        )
    assert total == BPS, "weights do not sum to 10000"
    return packed


@internal
@view
def _pack_split(split: DynArray[ITrainingGrants.Share, 8], datasets: DynArray[uint256, 8]) -> DynArray[uint256, 16]:
    """
    @dev A split, checked, as packed shares.
    """
    shares._check_split(split, 0)
    for share: ITrainingGrants.Share in split:
        if share.campaign_id > 0:
            registry_links._check_campaign(share.campaign_id)
    return shares._pack_split(split, datasets)


@internal
@view
def _check_receivers(split: DynArray[ITrainingGrants.Share, 8], lineage: address):
    """
    @dev Refuses a share of a contract of the suite: the DAO has its own kind of share. Most are known by their
         owner; those without one are listed.
    """
    for share: ITrainingGrants.Share in split:
        account: address = share.account
        if account == empty(address):
            continue
        is_of_suite: bool = account in [self, ownable.owner, registry_links.rights, lineage]
        if account.is_contract and not is_of_suite:
            success: bool = False
            answer: Bytes[32] = b""
            success, answer = raw_call(
                account,
                method_id("owner()"),
                max_outsize=32,
                is_static_call=True,
                revert_on_failure=False,
            )
            is_of_suite = success and answer == abi_encode(ownable.owner)
        assert not is_of_suite, "receiver is of the suite"

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Shares
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Revenue splits: when a split is well formed, and how it is stored, as a list of packed shares.
@dev No state. A share names the Treasury, one account or one campaign, never two of them.
@custom:invariant The shares of `_pack_split` sum to 10_000 bps if the split was checked and the weights sum to 10_000.
"""

from contracts.common import packed_share
from interfaces import ITrainingGrants

BPS: constant(uint256) = 10_000


@internal
@pure
def _check_split(split: DynArray[ITrainingGrants.Share, 8], min_campaign_id: uint256):
    """
    @dev Refuses a split that is not 1 to 8 shares above zero, each with its own receiver, of 10_000 bps in total. With
         a `min_campaign_id` of 0 a share may name campaign 0, which stands for the datasets of a model.
    """
    assert len(split) > 0, "split is empty"
    total: uint256 = 0
    keys: DynArray[uint256, 8] = []
    for share: ITrainingGrants.Share in split:
        # Bounded before the sum, so that a wrong split fails with its reason and not with an overflow.
        assert share.bps > 0 and share.bps <= BPS, "share is out of range"
        total += share.bps
        key: uint256 = self._key(share, min_campaign_id)
        assert key not in keys, "share receiver is repeated"
        keys.append(key)
    assert total == BPS, "split does not sum to 10000 bps"


@internal
@pure
def _pack_split(split: DynArray[ITrainingGrants.Share, 8], datasets: DynArray[uint256, 8]) -> DynArray[uint256, 16]:
    """
    @dev A checked split as a list of packed shares: a settlement reads them all, and reading storage is most of its
         cost. The share of campaign 0 is divided between `datasets`, packed shares whose bps are weights of 10_000 in
         total. Each part is rounded down, and the first dataset with a weight gets the rest, so that no packed share
         has 0 bps. Reverts if that share has no datasets to go to.
    """
    packed: DynArray[uint256, 16] = []
    for share: ITrainingGrants.Share in split:
        key: uint256 = self._key(share, 0)
        if key != packed_share.CAMPAIGN_KEY:
            packed.append(packed_share._with_bps(key, share.bps))
            continue
        assert len(datasets) > 0, "model names no dataset"
        rest: uint256 = share.bps
        first: uint256 = len(packed)
        for dataset: uint256 in datasets:
            weight: uint256 = packed_share._bps(dataset)
            part: uint256 = share.bps * weight // BPS
            rest -= part
            # The first dataset with a weight is listed even if its part is 0: then a rest above zero goes to it below.
            if part > 0 or (weight > 0 and len(packed) == first):
                campaign: uint256 = packed_share.CAMPAIGN_KEY | packed_share._receiver(dataset)
                packed.append(packed_share._with_bps(campaign, part))
        packed[first] = packed_share._with_bps(packed[first], packed_share._bps(packed[first]) + rest)
    return packed


@internal
@pure
def _unpack_split(packed: DynArray[uint256, 16]) -> DynArray[ITrainingGrants.Share, 16]:
    """
    @dev Packed shares as a split. The share of campaign 0 does not come back: it is divided between the datasets.
    """
    split: DynArray[ITrainingGrants.Share, 16] = []
    for one: uint256 in packed:
        share: ITrainingGrants.Share = empty(ITrainingGrants.Share)
        kind: uint256 = packed_share._kind(one)
        receiver: uint256 = packed_share._receiver(one)
        share.kind = convert(kind, ITrainingGrants.ReceiverKind)
        share.bps = packed_share._bps(one)
        if kind == packed_share.ACCOUNT:
            share.account = convert(convert(receiver, uint160), address)
        else:
            share.campaign_id = receiver
        split.append(share)
    return split


@internal
@pure
def _key(share: ITrainingGrants.Share, min_campaign_id: uint256) -> uint256:
    """
    @dev The packed share without its bps. Refuses a share whose fields do not fit its kind.
    """
    account: uint256 = convert(share.account, uint256)
    kind: uint256 = convert(share.kind, uint256)
    fits: bool = False
    if kind == packed_share.TREASURY:
        fits = account == 0 and share.campaign_id == 0
    elif kind == packed_share.ACCOUNT:
        fits = account != 0 and share.campaign_id == 0
    elif kind == packed_share.CAMPAIGN:
        fits = (
            account == 0
            and share.campaign_id >= min_campaign_id
            and share.campaign_id <= packed_share.RECEIVER_MASK
        )
    assert fits, "share receiver is wrong"
    return packed_share._pack(packed_share.Share(receiver=account | share.campaign_id, bps=0, kind=kind))

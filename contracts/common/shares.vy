# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Shares
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Revenue splits: when one is well formed, how an amount divides by it, and its form in one word per share.
@dev No state. A share names the Treasury, one account or one campaign, never two of them.
@custom:invariant The shares of `_pack` sum to 10_000 bps for every checked split and every checked list of datasets.
"""

from interfaces import ITrainingGrants

BPS: constant(uint256) = 10_000
# A packed share is kind << 176 | bps << 160 | receiver. The receiver is an account or a campaign, so both have 160
# bits; the kinds are 1, 2 and 4, the members of ReceiverKind in their order.
RECEIVER_BITS: constant(uint256) = 160
KIND_SHIFT: constant(uint256) = 176
TREASURY: constant(uint256) = 1
ACCOUNT: constant(uint256) = 2
CAMPAIGN: constant(uint256) = 4
MAX_RECEIVER: constant(uint256) = 2**160 - 1
# Above the kind a word is free for whoever stores it.
MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1


@internal
@pure
def _check_split(split: DynArray[ITrainingGrants.Share, 8], least_campaign_id: uint256):
    """
    @dev Refuses a split that is not 1 to 8 shares above zero, each with its own receiver, of 10_000 bps in total. With
         a `least_campaign_id` of 0 one campaign share may stand for the datasets of a model.
    """
    assert len(split) > 0, "split is empty"
    total: uint256 = 0
    receivers: DynArray[uint256, 8] = []
    for share: ITrainingGrants.Share in split:
        # Bounded before the sum, so that a wrong split fails with its reason and not with an overflow.
        assert share.bps > 0 and share.bps <= BPS, "share is out of range"
        total += share.bps
        receiver: uint256 = self._receiver(share, least_campaign_id)
        assert receiver not in receivers, "share receiver is repeated"
        receivers.append(receiver)
    assert total == BPS, "split does not sum to 10000 bps"


@internal
@pure
def _pack(split: DynArray[ITrainingGrants.Share, 8], datasets: DynArray[uint256, 8]) -> DynArray[uint256, 16]:
    """
    @dev A checked split as one word per share: a settlement reads them all, and storage is most of what it costs. The
         share of campaign 0 is divided between `datasets`, packed shares whose bps are weights of 10_000 in total:
         rounded down, the rest to the first that has a weight, so that no word has a share of 0. Refuses that share when
         there are no datasets.
    """
    words: DynArray[uint256, 16] = []
    for share: ITrainingGrants.Share in split:
        receiver: uint256 = self._receiver(share, 0)
        if receiver != CAMPAIGN << KIND_SHIFT:
            words.append(receiver | (share.bps << RECEIVER_BITS))
            continue
        assert len(datasets) > 0, "model names no dataset"
        rest: uint256 = share.bps
        first: uint256 = len(words)
        for dataset: uint256 in datasets:
            weight: uint256 = self._bps(dataset)
            part: uint256 = share.bps * weight // BPS
            # A first part of 0 was rounded down, so a rest is added to it below.
            if part > 0 or (weight > 0 and len(words) == first):
                words.append((CAMPAIGN << KIND_SHIFT) | (part << RECEIVER_BITS) | self._campaign_id(dataset))
            rest -= part
        words[first] += rest << RECEIVER_BITS
    return words


@internal
@pure
def _unpack(words: DynArray[uint256, 16]) -> DynArray[ITrainingGrants.Share, 16]:
    """
    @dev The split that `_pack` made `words` of.
    """
    split: DynArray[ITrainingGrants.Share, 16] = []
    for word: uint256 in words:
        share: ITrainingGrants.Share = empty(ITrainingGrants.Share)
        share.kind = convert(self._kind(word), ITrainingGrants.ReceiverKind)
        share.bps = self._bps(word)
        if self._kind(word) == ACCOUNT:
            share.account = self._account(word)
        else:
            share.campaign_id = self._campaign_id(word)
        split.append(share)
    return split


@internal
@pure
def _kind(word: uint256) -> uint256:
    return (word >> KIND_SHIFT) & MASK_8


@internal
@pure
def _bps(word: uint256) -> uint256:
    return (word >> RECEIVER_BITS) & MASK_16


@internal
@pure
def _account(word: uint256) -> address:
    """
    @dev The receiver of an account's share.
    """
    return convert(convert(word & MAX_RECEIVER, uint160), address)


@internal
@pure
def _campaign_id(word: uint256) -> uint256:
    """
    @dev The receiver of a campaign's share; 0 of the Treasury's.
    """
    return word & MAX_RECEIVER


@internal
@pure
def _receiver(share: ITrainingGrants.Share, least_campaign_id: uint256) -> uint256:
    """
    @dev Kind and receiver in one word, different for different receivers. Refuses a share whose fields do not fit
         its kind.
    """
    account: uint256 = convert(share.account, uint256)
    kind: uint256 = convert(share.kind, uint256)
    fits: bool = False
    if kind == TREASURY:
        fits = account == 0 and share.campaign_id == 0
    elif kind == ACCOUNT:
        fits = account != 0 and share.campaign_id == 0
    elif kind == CAMPAIGN:
        fits = account == 0 and share.campaign_id >= least_campaign_id and share.campaign_id <= MAX_RECEIVER
    assert fits, "share receiver is wrong"
    return account | share.campaign_id | (kind << KIND_SHIFT)

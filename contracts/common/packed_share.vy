# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed share
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice One share of a revenue split: who gets how many basis points of it.
@dev No state. The bits above the kind are for whoever stores the share; the functions here ignore them.
     [0..159]   receiver     an account as a number, or the id of a campaign; 0 for the Treasury
     [160..175] bps          basis points of the split; for a dataset, its weight of 10_000
     [176..183] kind         TREASURY, ACCOUNT or CAMPAIGN: the members of ReceiverKind
"""

struct Share:
    receiver: uint256
    bps: uint256
    kind: uint256


TREASURY: constant(uint256) = 1
ACCOUNT: constant(uint256) = 2
CAMPAIGN: constant(uint256) = 4

RECEIVER_MASK: constant(uint256) = 2**160 - 1
BPS_OFFSET: constant(uint256) = 160
BPS_MASK: constant(uint256) = 2**16 - 1
KIND_OFFSET: constant(uint256) = 176
KIND_MASK: constant(uint256) = 2**8 - 1
KEY_MASK: constant(uint256) = (KIND_MASK << KIND_OFFSET) | RECEIVER_MASK
TREASURY_KEY: constant(uint256) = TREASURY << KIND_OFFSET
# The kind without a receiver: to be joined by `|` with an account or the id of a campaign.
ACCOUNT_KEY: constant(uint256) = ACCOUNT << KIND_OFFSET
CAMPAIGN_KEY: constant(uint256) = CAMPAIGN << KIND_OFFSET
# The kind of a model, which no split names: it stands for an ancestor in the events of a settlement.
MODEL_KEY: constant(uint256) = 8 << KIND_OFFSET


@internal
@pure
def _pack(share: Share) -> uint256:
    assert share.receiver <= RECEIVER_MASK and share.bps <= BPS_MASK and share.kind <= KIND_MASK, "share is too large"
    return share.receiver | (share.bps << BPS_OFFSET) | (share.kind << KIND_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Share:
    return Share(receiver=self._receiver(packed), bps=self._bps(packed), kind=self._kind(packed))


@internal
@pure
def _receiver(packed: uint256) -> uint256:
    return packed & RECEIVER_MASK


@internal
@pure
def _bps(packed: uint256) -> uint256:
    return (packed >> BPS_OFFSET) & BPS_MASK


@internal
@pure
def _kind(packed: uint256) -> uint256:
    return (packed >> KIND_OFFSET) & KIND_MASK


@internal
@pure
def _key(packed: uint256) -> uint256:
    """
    @dev Kind and receiver alone, different for different receivers: the packed share without its bps.
    """
    return packed & KEY_MASK


@internal
@pure
def _with_bps(packed: uint256, bps: uint256) -> uint256:
    """
    @dev The share with other basis points. The caller has bounded `bps` by 10_000.
    """
    return (packed & ~(BPS_MASK << BPS_OFFSET)) | (bps << BPS_OFFSET)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed head of a split
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The first slot of a split in force: its first share, and the figures of the split and its model.
@dev No state.
     [0..183]   share            the first packed share
     [184..191] share_count      shares of the split, 1 to 15
     [192..207] fee_bps          protocol fee in force for the model
     [208..215] ancestor_count   entries of its table of ancestors; 0 spares a settlement the read
"""

struct SplitHead:
    share: uint256
    share_count: uint256
    fee_bps: uint256
    ancestor_count: uint256


SHARE_MASK: constant(uint256) = 2**184 - 1
SHARE_COUNT_OFFSET: constant(uint256) = 184
SHARE_COUNT_MASK: constant(uint256) = 2**8 - 1
FEE_BPS_OFFSET: constant(uint256) = 192
FEE_BPS_MASK: constant(uint256) = 2**16 - 1
ANCESTOR_COUNT_OFFSET: constant(uint256) = 208
ANCESTOR_COUNT_MASK: constant(uint256) = 2**8 - 1


@internal
@pure
def _pack(head: SplitHead) -> uint256:
    assert head.share <= SHARE_MASK and head.share_count <= SHARE_COUNT_MASK, "split is too large"
    assert head.fee_bps <= FEE_BPS_MASK and head.ancestor_count <= ANCESTOR_COUNT_MASK, "fee is too large"
    return (
        head.share
        | (head.share_count << SHARE_COUNT_OFFSET)
        | (head.fee_bps << FEE_BPS_OFFSET)
        | (head.ancestor_count << ANCESTOR_COUNT_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> SplitHead:
    return SplitHead(
        share=self._share(packed),
        share_count=self._share_count(packed),
        fee_bps=self._fee_bps(packed),
        ancestor_count=self._ancestor_count(packed),
    )


@internal
@pure
def _share(packed: uint256) -> uint256:
    return packed & SHARE_MASK


@internal
@pure
def _share_count(packed: uint256) -> uint256:
    return (packed >> SHARE_COUNT_OFFSET) & SHARE_COUNT_MASK


@internal
@pure
def _fee_bps(packed: uint256) -> uint256:
    return (packed >> FEE_BPS_OFFSET) & FEE_BPS_MASK


@internal
@pure
def _ancestor_count(packed: uint256) -> uint256:
    return (packed >> ANCESTOR_COUNT_OFFSET) & ANCESTOR_COUNT_MASK


@internal
@pure
def _with_fee_bps(packed: uint256, fee_bps: uint256) -> uint256:
    """
    @dev `fee_bps` is bounded by 500.
    """
    return (packed & ~(FEE_BPS_MASK << FEE_BPS_OFFSET)) | (fee_bps << FEE_BPS_OFFSET)

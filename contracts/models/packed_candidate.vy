# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed candidate
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice An ancestor while LineageRules works out what it gets.
@dev No state. The lowest three fields are those of a packed ancestor: `_as_ancestor` makes an entry of a table of them.
     [0..39]    model_id        of the ancestor; never zero
     [40..54]   share_bps       what licensed links give it; after `_sum_up` all that it gets
     [55]       is_foundation   the ancestor is of the kind FOUNDATION
     [56..63]   link            index of the first link that led to it
     [64..79]   floor_bps       floor of the ancestor
     [80]       is_parent       it is a direct parent under a license
     [96..111]  own_share_bps   the most that a link to a parent of the same owner gives it
"""

from contracts.models import packed_ancestor

struct Candidate:
    model_id: uint256
    share_bps: uint256
    is_foundation: bool
    link: uint256
    floor_bps: uint256
    is_parent: bool
    own_share_bps: uint256


MODEL_ID_MASK: constant(uint256) = packed_ancestor.MODEL_ID_MASK
SHARE_BPS_OFFSET: constant(uint256) = packed_ancestor.SHARE_BPS_OFFSET
SHARE_BPS_MASK: constant(uint256) = packed_ancestor.SHARE_BPS_MASK
IS_FOUNDATION: constant(uint256) = packed_ancestor.IS_FOUNDATION
LINK_OFFSET: constant(uint256) = 56
LINK_MASK: constant(uint256) = 2**8 - 1
FLOOR_BPS_OFFSET: constant(uint256) = 64
FLOOR_BPS_MASK: constant(uint256) = 2**16 - 1
IS_PARENT: constant(uint256) = 1 << 80
OWN_SHARE_BPS_OFFSET: constant(uint256) = 96
OWN_SHARE_BPS_MASK: constant(uint256) = 2**16 - 1
# Not zero in a candidate that is never dropped: it has a floor or is a direct parent under a license.
KEPT_MASK: constant(uint256) = (FLOOR_BPS_MASK << FLOOR_BPS_OFFSET) | IS_PARENT


@internal
@pure
def _pack(candidate: Candidate) -> uint256:
    assert candidate.model_id <= MODEL_ID_MASK and candidate.share_bps <= SHARE_BPS_MASK, "candidate is too large"
    assert candidate.link <= LINK_MASK and candidate.floor_bps <= FLOOR_BPS_MASK, "floor is too large"
    assert candidate.own_share_bps <= OWN_SHARE_BPS_MASK, "own share is too large"
    packed: uint256 = (
        candidate.model_id
        | (candidate.share_bps << SHARE_BPS_OFFSET)
        | (candidate.link << LINK_OFFSET)
        | (candidate.floor_bps << FLOOR_BPS_OFFSET)
        | (candidate.own_share_bps << OWN_SHARE_BPS_OFFSET)
    )
    if candidate.is_foundation:
        packed |= IS_FOUNDATION
    if candidate.is_parent:
        packed |= IS_PARENT
    return packed


@internal
@pure
def _unpack(packed: uint256) -> Candidate:
    return Candidate(
        model_id=self._model_id(packed),
        share_bps=self._share_bps(packed),
        is_foundation=self._is_foundation(packed),
        link=self._link(packed),
        floor_bps=self._floor_bps(packed),
        is_parent=packed & IS_PARENT != 0,
        own_share_bps=self._own_share_bps(packed),
    )


@internal
@pure
def _model_id(packed: uint256) -> uint256:
    return packed & MODEL_ID_MASK


@internal
@pure
def _share_bps(packed: uint256) -> uint256:
    return (packed >> SHARE_BPS_OFFSET) & SHARE_BPS_MASK


@internal
@pure
def _is_foundation(packed: uint256) -> bool:
    return packed & IS_FOUNDATION != 0


@internal
@pure
def _link(packed: uint256) -> uint256:
    return (packed >> LINK_OFFSET) & LINK_MASK


@internal
@pure
def _floor_bps(packed: uint256) -> uint256:
    return (packed >> FLOOR_BPS_OFFSET) & FLOOR_BPS_MASK


@internal
@pure
def _own_share_bps(packed: uint256) -> uint256:
    return (packed >> OWN_SHARE_BPS_OFFSET) & OWN_SHARE_BPS_MASK


@internal
@pure
def _is_kept(packed: uint256) -> bool:
    return packed & KEPT_MASK != 0


@internal
@pure
def _add_share(packed: uint256, share_bps: uint256) -> uint256:
    """
    @dev Cannot overflow: the links, four at most, give 20_000 bps at most, which fit the 15 bits of a share.
    """
    return packed + (share_bps << SHARE_BPS_OFFSET)


@internal
@pure
def _with_own_share_bps(packed: uint256, own_share_bps: uint256) -> uint256:
    return (packed & ~(OWN_SHARE_BPS_MASK << OWN_SHARE_BPS_OFFSET)) | (own_share_bps << OWN_SHARE_BPS_OFFSET)


@internal
@pure
def _as_ancestor(packed: uint256, share_bps: uint256) -> uint256:
    """
    @dev The packed ancestor that a candidate becomes, with `share_bps`.
    """
    return (packed & (MODEL_ID_MASK | IS_FOUNDATION)) | (share_bps << SHARE_BPS_OFFSET)

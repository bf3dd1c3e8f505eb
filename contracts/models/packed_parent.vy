# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed parent
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A model that another was made from, and under which license.
@dev No state. Two of them share a slot, each WIDTH bits wide.
     [0..39]    model_id     of the parent; never zero
     [40..103]  license_id   that the child was made under; 0 if parent and child had one owner
     [104..119] share_bps    basis points of what is paid for the child that the parent and its ancestors get
"""

struct Parent:
    model_id: uint256
    license_id: uint256
    share_bps: uint256


WIDTH: constant(uint256) = 120
MASK: constant(uint256) = 2**WIDTH - 1
MODEL_ID_MASK: constant(uint256) = 2**40 - 1
LICENSE_ID_OFFSET: constant(uint256) = 40
LICENSE_ID_MASK: constant(uint256) = 2**64 - 1
SHARE_BPS_OFFSET: constant(uint256) = 104
SHARE_BPS_MASK: constant(uint256) = 2**16 - 1


@internal
@pure
def _pack(parent: Parent) -> uint256:
    assert parent.model_id <= MODEL_ID_MASK and parent.license_id <= LICENSE_ID_MASK, "parent is too large"
    assert parent.share_bps <= SHARE_BPS_MASK, "share of a parent is too large"
    return parent.model_id | (parent.license_id << LICENSE_ID_OFFSET) | (parent.share_bps << SHARE_BPS_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Parent:
    return Parent(
        model_id=packed & MODEL_ID_MASK,
        license_id=(packed >> LICENSE_ID_OFFSET) & LICENSE_ID_MASK,
        share_bps=(packed >> SHARE_BPS_OFFSET) & SHARE_BPS_MASK,
    )


@internal
@pure
def _at(pair: uint256, place: uint256) -> uint256:
    """
    @dev The packed parent at `place` 0 or 1 of a slot.
    """
    return (pair >> (WIDTH * place)) & MASK


@internal
@pure
def _put(pair: uint256, place: uint256, packed: uint256) -> uint256:
    """
    @dev `pair` with `packed` at `place`, which was empty.
    """
    return pair | (packed << (WIDTH * place))

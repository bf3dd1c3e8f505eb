# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed voting end
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice When voting on one live proposal of an account ends.
@dev No state. Eight packed ends share a slot, each WIDTH bits wide.
     [0..31]    elapsed   seconds from the Governor's deployment to the end of voting; 0 for an empty place
"""

struct VotingEnd:
    elapsed: uint256


WIDTH: constant(uint256) = 32
PLACES: constant(uint256) = 8
ELAPSED_MASK: constant(uint256) = 2**WIDTH - 1


@internal
@pure
def _pack(voting_end: VotingEnd) -> uint256:
    assert voting_end.elapsed <= ELAPSED_MASK, "clock is out of range"
    return voting_end.elapsed


@internal
@pure
def _unpack(packed: uint256) -> VotingEnd:
    return VotingEnd(elapsed=packed & ELAPSED_MASK)


@internal
@pure
def _at(voting_ends: uint256, place: uint256) -> uint256:
    """
    @dev The packed end at `place` 0 to 7 of a slot.
    """
    return (voting_ends >> unsafe_mul(place, WIDTH)) & ELAPSED_MASK


@internal
@pure
def _put(voting_ends: uint256, place: uint256, packed: uint256) -> uint256:
    """
    @dev The slot `voting_ends` with `packed` at `place` instead of what was there.
    """
    offset: uint256 = unsafe_mul(place, WIDTH)
    return (voting_ends & ~(ELAPSED_MASK << offset)) | (packed << offset)

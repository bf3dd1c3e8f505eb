# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed counters
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How many proposals and how many versions of the settings there were.
@dev No state.
     [0..31]    proposals   how many were made
     [32..63]   version     number of the settings that hold for the next proposal, counted from 1
     [64]       is_used     whether a proposal was made under that version; then it must not change any more
"""

struct Counters:
    proposals: uint256
    version: uint256
    is_used: bool


PROPOSALS_MASK: constant(uint256) = 2**32 - 1
VERSION_OFFSET: constant(uint256) = 32
VERSION_MASK: constant(uint256) = 2**32 - 1
IS_USED_OFFSET: constant(uint256) = 64
IS_USED: constant(uint256) = 1 << IS_USED_OFFSET


@internal
@pure
def _pack(counters: Counters) -> uint256:
    assert counters.proposals <= PROPOSALS_MASK and counters.version <= VERSION_MASK, "counter is too large"
    packed: uint256 = counters.proposals | (counters.version << VERSION_OFFSET)
    return packed | IS_USED if counters.is_used else packed


@internal
@pure
def _unpack(packed: uint256) -> Counters:
    return Counters(
        proposals=self._proposals(packed), version=self._version(packed), is_used=self._is_used(packed)
    )


@internal
@pure
def _proposals(packed: uint256) -> uint256:
    return packed & PROPOSALS_MASK


@internal
@pure
def _version(packed: uint256) -> uint256:
    return (packed >> VERSION_OFFSET) & VERSION_MASK


@internal
@pure
def _is_used(packed: uint256) -> bool:
    return (packed >> IS_USED_OFFSET) & 1 != 0


@internal
@pure
def _add_proposal(packed: uint256) -> uint256:
    """
    @dev Counts one more proposal, made under the current version. The caller has checked that its number fits.
    """
    return (packed + 1) | IS_USED


@internal
@pure
def _begin_version(packed: uint256, version: uint256) -> uint256:
    """
    @dev Makes `version`, which the caller has bounded and no proposal has used, the current one.
    """
    return (packed & PROPOSALS_MASK) | (version << VERSION_OFFSET)

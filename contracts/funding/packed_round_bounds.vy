# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed bounds of a round
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How much an account may contribute.
@dev No state.
     [0..127]   min_contribution  units of the asset per contribution at least, unless it fills the cap
     [128..255] max_contribution  units of the asset per account at most; 0 for no limit
"""

from contracts.common import refusals

struct Bounds:
    min_contribution: uint256
    max_contribution: uint256

MIN_CONTRIBUTION_MASK: constant(uint256) = 2**128 - 1
MAX_CONTRIBUTION_OFFSET: constant(uint256) = 128
MAX_CONTRIBUTION_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(bounds: Bounds) -> uint256:
    if bounds.min_contribution > MIN_CONTRIBUTION_MASK or bounds.max_contribution > MAX_CONTRIBUTION_MASK:
        refusals._refuse("round is too large")
    return bounds.min_contribution | (bounds.max_contribution << MAX_CONTRIBUTION_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Bounds:
    return Bounds(
        min_contribution=packed & MIN_CONTRIBUTION_MASK,
        max_contribution=packed >> MAX_CONTRIBUTION_OFFSET,
    )

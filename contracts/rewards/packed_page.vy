# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed page of a drop
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What 128 neighbours of a drop may still claim together, and who of them has claimed.
@dev No state. A page that nobody has claimed from is zero.
     [0..127]   claimed  one bit for each leaf of the page, the lowest for the first
     [128..255] left     units of the asset
"""

# Leaf `i` is on page `i // LEAVES`, at place `i & PLACE_MASK`.
LEAVES: constant(uint256) = 128
PLACE_MASK: constant(uint256) = LEAVES - 1
CLAIMED_MASK: constant(uint256) = 2**128 - 1
LEFT_OFFSET: constant(uint256) = 128


@internal
@pure
def _opened(total: uint256) -> uint256:
    """
    @dev A page of which nothing is claimed. `total` is below 2**128: a drop cannot have more.
    """
    return total << LEFT_OFFSET


@internal
@pure
def _left(packed: uint256) -> uint256:
    return packed >> LEFT_OFFSET


@internal
@pure
def _claimed(packed: uint256) -> uint256:
    return packed & CLAIMED_MASK


@internal
@pure
def _is_claimed(packed: uint256, index: uint256) -> bool:
    return packed & (1 << (index & PLACE_MASK)) != 0


@internal
@pure
def _after_claim(packed: uint256, index: uint256, amount: uint256) -> uint256:
    """
    @dev The page after leaf `index` was paid `amount`. What is left bounds it, whatever the leaves add up to. Zero,
         which no page with a claim is, if that leaf was paid before.
    """
    claimed: uint256 = 1 << (index & PLACE_MASK)
    if packed & claimed != 0:
        return 0
    assert amount <= packed >> LEFT_OFFSET, "claims exceed the page"
    return unsafe_sub(packed, amount << LEFT_OFFSET) | claimed

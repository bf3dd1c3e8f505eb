# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed tally
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The votes for and against a proposal. Abstentions, which are rare, have a slot of their own.
@dev No state.
     [0..95]    against     votes against, token wei
     [96..191]  in_favour   votes for, token wei
"""

struct Tally:
    against: uint256
    in_favour: uint256


AGAINST_MASK: constant(uint256) = 2**96 - 1
IN_FAVOUR_OFFSET: constant(uint256) = 96
IN_FAVOUR_MASK: constant(uint256) = 2**96 - 1


@internal
@pure
def _pack(tally: Tally) -> uint256:
    assert tally.against <= AGAINST_MASK and tally.in_favour <= IN_FAVOUR_MASK, "tally is too large"
    return tally.against | (tally.in_favour << IN_FAVOUR_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Tally:
    return Tally(against=self._against(packed), in_favour=self._in_favour(packed))


@internal
@pure
def _against(packed: uint256) -> uint256:
    return packed & AGAINST_MASK


@internal
@pure
def _in_favour(packed: uint256) -> uint256:
    return (packed >> IN_FAVOUR_OFFSET) & IN_FAVOUR_MASK


@internal
@pure
def _add(packed: uint256, support: uint8, votes: uint256) -> uint256:
    """
    @dev Adds votes to one side: `support` 0 is against, 1 is for. A side cannot exceed the supply, below 2**96, unless
         the token is broken; then this reverts.
    """
    offset: uint256 = unsafe_mul(convert(support, uint256), IN_FAVOUR_OFFSET)
    assert ((packed >> offset) & AGAINST_MASK) + votes <= AGAINST_MASK, "more votes than tokens"
    return unsafe_add(packed, votes << offset)


@internal
@pure
def _subtract(packed: uint256, support: uint8, votes: uint256) -> uint256:
    """
    @dev The tally before `votes` were added to the side that `support` names, 0 or 1.
    """
    return unsafe_sub(packed, votes << unsafe_mul(convert(support, uint256), IN_FAVOUR_OFFSET))

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed threshold
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The votes that a proposer needs, and the time at which the version of the settings with that threshold began.
@dev No state.
     [0..95]    votes   token wei
     [96..255]  since   Unix time at which the version began
"""

struct Threshold:
    votes: uint256
    since: uint256


VOTES_MASK: constant(uint256) = 2**96 - 1
SINCE_OFFSET: constant(uint256) = 96
SINCE_MASK: constant(uint256) = 2**160 - 1


@internal
@pure
def _pack(threshold: Threshold) -> uint256:
    assert threshold.votes <= VOTES_MASK and threshold.since <= SINCE_MASK, "threshold is too large"
    return threshold.votes | (threshold.since << SINCE_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Threshold:
    return Threshold(votes=self._votes(packed), since=self._since(packed))


@internal
@pure
def _votes(packed: uint256) -> uint256:
    return packed & VOTES_MASK


@internal
@pure
def _since(packed: uint256) -> uint256:
    return packed >> SINCE_OFFSET


@internal
@view
def _from_now(votes: uint256) -> uint256:
    """
    @dev A version that begins now, with a threshold of `votes`, which the caller has bounded.
    """
    return votes | (block.timestamp << SINCE_OFFSET)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Live proposals
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How many proposals of one account may wait for their vote at the same time.
@dev A word per proposer holds the ends of voting of up to eight proposals, 32 bits each. A lane is free once its end
     has passed. A late-quorum extension lengthens it. Two lanes of one end are alike, so it does not matter which of
     them is found. The bound is fixed at deployment.
@custom:invariant Where there is a bound, no account has more proposals whose end of voting lies ahead.
"""

LANES: constant(uint256) = 8
LANE_BITS: constant(uint256) = 32
LANE: constant(uint256) = 2**32 - 1

# Proposer => ends of voting, 8 times 32 bits of seconds since the Governor's origin, 0 for none.
lanes: HashMap[address, uint256]

# Live proposals that one account may have; zero for any number.
MAX_LIVE: immutable(uint256)


@deploy
def __init__(most: uint256):
    assert most <= LANES, "too many live proposals allowed"
    MAX_LIVE = most


@external
@view
@reentrant
def max_live_proposals() -> uint256:
    return MAX_LIVE


@internal
def _enter(proposer: address, elapsed: uint256, ends: uint256):
    """
    @dev Takes a lane until `ends`, where there is a bound. Both times are seconds since the origin, of 32 bits.
    """
    if MAX_LIVE == 0:
        return
    word: uint256 = self.lanes[proposer]
    live: uint256 = 0
    free: uint256 = 0
    for i: uint256 in range(LANES):
        end: uint256 = (word >> (i * LANE_BITS)) & LANE
        if end != 0 and end >= elapsed:
            live += 1
        else:
            free = i * LANE_BITS
    assert live < MAX_LIVE, "too many live proposals"
    self.lanes[proposer] = (word & ~(LANE << free)) | (ends << free)


@internal
def _leave(proposer: address, ends: uint256):
    """
    @dev Frees a lane that lasts until `ends`, if there is one.
    """
    self._replace(proposer, ends, 0)


@internal
def _prolong(proposer: address, ends: uint256, later: uint256):
    """
    @dev Lets a lane that lasts until `ends` last until `later`, or as long as a lane can.
    """
    self._replace(proposer, ends, min(later, LANE))


@internal
def _replace(proposer: address, ends: uint256, new_end: uint256):
    word: uint256 = self.lanes[proposer]
    for i: uint256 in range(LANES):
        offset: uint256 = i * LANE_BITS
        if (word >> offset) & LANE == ends:
            self.lanes[proposer] = (word & ~(LANE << offset)) | (new_end << offset)
            return

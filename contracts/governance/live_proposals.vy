# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Live proposals
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How many proposals of one account may wait for the end of their vote at the same time.
@dev A slot per proposer has eight places, each with the end of voting on one proposal. A place is free once its end has
     passed. Two places with one end are alike, so it does not matter which of them is found. The bound is fixed at
     deployment.
@custom:invariant Where there is a bound, no account has more proposals whose end of voting lies ahead.
"""

from contracts.governance import packed_voting_end

# Proposer => eight times packed_voting_end.
voting_ends: HashMap[address, uint256]

# Live proposals that one account may have; zero for any number.
MAX_LIVE: immutable(uint256)


@deploy
def __init__(max_live: uint256):
    assert max_live <= packed_voting_end.PLACES, "too many live proposals allowed"
    MAX_LIVE = max_live


@external
@view
@reentrant
def max_live_proposals() -> uint256:
    return MAX_LIVE


@internal
def _add(proposer: address, elapsed: uint256, voting_end: uint256):
    """
    @dev Gives a proposal a place until `voting_end`, where there is a bound. Both times are seconds since the Governor's
         deployment, and the caller has checked that they fit a place.
    """
    if MAX_LIVE == 0:
        return
    voting_ends: uint256 = self.voting_ends[proposer]
    live: uint256 = 0
    free_place: uint256 = 0
    for place: uint256 in range(packed_voting_end.PLACES):
        end: uint256 = packed_voting_end._at(voting_ends, place)
        if end != 0 and end >= elapsed:
            live = unsafe_add(live, 1)
        else:
            free_place = place
    assert live < MAX_LIVE, "too many live proposals"
    self.voting_ends[proposer] = packed_voting_end._put(voting_ends, free_place, voting_end)


@internal
def _remove(proposer: address, voting_end: uint256):
    """
    @dev Frees a place that is taken until `voting_end`, if there is one.
    """
    self._replace(proposer, voting_end, 0)


@internal
def _prolong(proposer: address, voting_end: uint256, later_end: uint256):
    """
    @dev Lets a place that is taken until `voting_end` be taken until `later_end`, or for as long as its width allows.
    """
    self._replace(proposer, voting_end, min(later_end, packed_voting_end.ELAPSED_MASK))


@internal
def _replace(proposer: address, voting_end: uint256, new_end: uint256):
    voting_ends: uint256 = self.voting_ends[proposer]
    for place: uint256 in range(packed_voting_end.PLACES):
        if packed_voting_end._at(voting_ends, place) == voting_end:
            self.voting_ends[proposer] = packed_voting_end._put(voting_ends, place, new_end)
            return

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Live proposals
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How many proposals of one account may exist at the same time whose voting has not ended.
@dev Each proposer has a slot of eight places; a place holds the end of voting on one proposal. A place is free if it is
     zero or its end has passed. Two places with the same end are interchangeable: it does not matter which one is
     found. The bound is fixed at the deployment.
@custom:invariant Where there is a bound, no account has more than MAX_LIVE proposals whose voting has not ended.
"""

from contracts.governance import packed_voting_end

# Proposer => its slot: eight packed voting ends.
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
    @dev Gives a proposal a place until `voting_end`, if there is a bound. Both times are seconds since the Governor's
         deployment; the caller has checked that they fit a place.
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
    @dev Frees the place whose end is `voting_end`, if there is one.
    """
    self._replace(proposer, voting_end, 0)


@internal
def _prolong(proposer: address, voting_end: uint256, later_end: uint256):
    """
    @dev Moves the end of a place, if there is one, from `voting_end` to `later_end`, or to the latest end that fits.
    """
    self._replace(proposer, voting_end, min(later_end, packed_voting_end.ELAPSED_MASK))


@internal
def _replace(proposer: address, voting_end: uint256, new_end: uint256):
    voting_ends: uint256 = self.voting_ends[proposer]
    for place: uint256 in range(packed_voting_end.PLACES):
        if packed_voting_end._at(voting_ends, place) == voting_end:
            self.voting_ends[proposer] = packed_voting_end._put(voting_ends, place, new_end)
            return

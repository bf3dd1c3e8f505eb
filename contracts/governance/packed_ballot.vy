# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed ballot
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How one account voted on one proposal.
@dev No state. The ballots of one account on 128 proposals with consecutive numbers share a slot, each WIDTH bits wide.
     [0..1]     choice   0 while the account has not voted, else 1 more than its support
"""

struct Ballot:
    choice: uint256


WIDTH: constant(uint256) = 2
PLACES: constant(uint256) = 128
CHOICE_MASK: constant(uint256) = 2**WIDTH - 1


@internal
@pure
def _pack(ballot: Ballot) -> uint256:
    assert ballot.choice <= CHOICE_MASK, "choice is too large"
    return ballot.choice


@internal
@pure
def _unpack(packed: uint256) -> Ballot:
    return Ballot(choice=packed & CHOICE_MASK)


@internal
@pure
def _at(ballots: uint256, number: uint256) -> uint256:
    """
    @dev The packed ballot on the proposal with that number; `ballots` is the slot in which it is.
    """
    return (ballots >> unsafe_mul(number % PLACES, WIDTH)) & CHOICE_MASK


@internal
@pure
def _put(ballots: uint256, number: uint256, packed: uint256) -> uint256:
    """
    @dev The slot `ballots` with `packed` at the place of that number, which must be empty.
    """
    return ballots | (packed << unsafe_mul(number % PLACES, WIDTH))

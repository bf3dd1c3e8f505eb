# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed claim
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Who claims which score.
@dev No state. The score is raised: `scores` says by how much.
     [0..159]   claimant       who filed the claim; zero for a claim that does not exist
     [160..255] raised_score   the score, raised
"""

struct Claimed:
    claimant: address
    raised_score: uint256


CLAIMANT_MASK: constant(uint256) = 2**160 - 1
RAISED_SCORE_OFFSET: constant(uint256) = 160
RAISED_SCORE_MASK: constant(uint256) = 2**96 - 1


@internal
@pure
def _pack(claimed: Claimed) -> uint256:
    assert claimed.raised_score <= RAISED_SCORE_MASK, "score is too large"
    return convert(claimed.claimant, uint256) | (claimed.raised_score << RAISED_SCORE_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Claimed:
    return Claimed(claimant=self._claimant(packed), raised_score=self._raised_score(packed))


@internal
@pure
def _claimant(packed: uint256) -> address:
    return convert(convert(packed & CLAIMANT_MASK, uint160), address)


@internal
@pure
def _raised_score(packed: uint256) -> uint256:
    return packed >> RAISED_SCORE_OFFSET

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Scores
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Scores in millionths, some below zero, and the form in which they are kept: raised by SHIFT, so that none is.
@dev No state. A raised score keeps the order of scores, and fits 96 bits.
"""

# A thousand million million million in whole units: beyond any metric, and below SHIFT.
MAX_SCORE: public(constant(int256)) = 10**27
# Half of what 96 bits hold.
SHIFT: constant(int256) = 2**95


@internal
@pure
def _raised(score: int256) -> uint256:
    assert score >= -MAX_SCORE and score <= MAX_SCORE, "score is too large"
    return convert(score + SHIFT, uint256)


@internal
@pure
def _lowered(raised: uint256) -> int256:
    return convert(raised, int256) - SHIFT

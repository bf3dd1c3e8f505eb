# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed benchmark
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The figures of a benchmark: its scale, which way is better, and how many attestations a claim about it needs.
@dev No state. Scores are raised: `scores` says by how much.
     [0..7]     threshold          attestations that make a claim attested; zero for a benchmark that does not exist
     [8]        higher_is_better   whether a higher score is the better one
     [16..111]  raised_min         the lowest score, raised
     [112..207] raised_max         the highest score, raised
"""

struct Figures:
    threshold: uint256
    higher_is_better: bool
    raised_min: uint256
    raised_max: uint256


THRESHOLD_MASK: constant(uint256) = 2**8 - 1
HIGHER_IS_BETTER_OFFSET: constant(uint256) = 8
HIGHER_IS_BETTER_MASK: constant(uint256) = 1
RAISED_MIN_OFFSET: constant(uint256) = 16
RAISED_MIN_MASK: constant(uint256) = 2**96 - 1
RAISED_MAX_OFFSET: constant(uint256) = 112
RAISED_MAX_MASK: constant(uint256) = 2**96 - 1


@internal
@pure
def _pack(figures: Figures) -> uint256:
    assert figures.threshold <= THRESHOLD_MASK, "threshold is out of range"
    assert max(figures.raised_min, figures.raised_max) <= RAISED_MAX_MASK, "scale is too wide"
    return (
        figures.threshold
        | (convert(figures.higher_is_better, uint256) << HIGHER_IS_BETTER_OFFSET)
        | (figures.raised_min << RAISED_MIN_OFFSET)
        | (figures.raised_max << RAISED_MAX_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Figures:
    return Figures(
        threshold=self._threshold(packed),
        higher_is_better=self._higher_is_better(packed),
        raised_min=self._raised_min(packed),
        raised_max=self._raised_max(packed),
    )


@internal
@pure
def _threshold(packed: uint256) -> uint256:
    return packed & THRESHOLD_MASK


@internal
@pure
def _higher_is_better(packed: uint256) -> bool:
    return (packed >> HIGHER_IS_BETTER_OFFSET) & HIGHER_IS_BETTER_MASK != 0


@internal
@pure
def _raised_min(packed: uint256) -> uint256:
    return (packed >> RAISED_MIN_OFFSET) & RAISED_MIN_MASK


@internal
@pure
def _raised_max(packed: uint256) -> uint256:
    return (packed >> RAISED_MAX_OFFSET) & RAISED_MAX_MASK


@internal
@pure
def _with_threshold(packed: uint256, threshold: uint256) -> uint256:
    """
    @dev `threshold` is bounded by benchmarks.MAX_THRESHOLD.
    """
    return (packed & ~THRESHOLD_MASK) | threshold

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed proposing terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The settings that making a proposal depends on, and since when this version of all settings has held.
@dev No state. A setter takes the old value of its field away by exclusive or, and puts the new one there likewise.
     [0..95]    threshold   votes that a proposer needs, token wei
     [96..135]  since       Unix time from which this version has held
     [136..167] delay       seconds from the proposal to its snapshot
     [168..199] period      seconds from the snapshot to the end of voting, without extensions
"""

struct ProposingTerms:
    threshold: uint256
    since: uint256
    delay: uint256
    period: uint256


THRESHOLD_MASK: constant(uint256) = 2**96 - 1
SINCE_OFFSET: constant(uint256) = 96
SINCE_MASK: constant(uint256) = 2**40 - 1
DELAY_OFFSET: constant(uint256) = 136
DELAY_MASK: constant(uint256) = 2**32 - 1
PERIOD_OFFSET: constant(uint256) = 168
PERIOD_MASK: constant(uint256) = 2**32 - 1


@internal
@pure
def _pack(terms: ProposingTerms) -> uint256:
    assert terms.threshold <= THRESHOLD_MASK, "proposal threshold is too high"
    assert terms.since <= SINCE_MASK, "clock is out of range"
    assert terms.delay <= DELAY_MASK and terms.period <= PERIOD_MASK, "terms are too large"
    return (
        terms.threshold
        | (terms.since << SINCE_OFFSET)
        | (terms.delay << DELAY_OFFSET)
        | (terms.period << PERIOD_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> ProposingTerms:
    return ProposingTerms(
        threshold=self._threshold(packed),
        since=self._since(packed),
        delay=self._delay(packed),
        period=self._period(packed),
    )


@internal
@pure
def _threshold(packed: uint256) -> uint256:
    return packed & THRESHOLD_MASK


@internal
@pure
def _since(packed: uint256) -> uint256:
    return (packed >> SINCE_OFFSET) & SINCE_MASK


@internal
@pure
def _delay(packed: uint256) -> uint256:
    return (packed >> DELAY_OFFSET) & DELAY_MASK


@internal
@pure
def _period(packed: uint256) -> uint256:
    return (packed >> PERIOD_OFFSET) & PERIOD_MASK


@internal
@pure
def _with_threshold(packed: uint256, threshold: uint256) -> uint256:
    """
    @dev `threshold` is bounded by a tenth of the supply, which is below 2**96.
    """
    return packed ^ self._threshold(packed) ^ threshold


@internal
@pure
def _with_since(packed: uint256, since: uint256) -> uint256:
    """
    @dev `since` is the time of a block: 40 bits last for 34,000 years.
    """
    return packed ^ ((self._since(packed) ^ since) << SINCE_OFFSET)


@internal
@pure
def _with_delay(packed: uint256, delay: uint256) -> uint256:
    """
    @dev `delay` is bounded by 30 days.
    """
    return packed ^ ((self._delay(packed) ^ delay) << DELAY_OFFSET)


@internal
@pure
def _with_period(packed: uint256, period: uint256) -> uint256:
    """
    @dev `period` is bounded by 60 days.
    """
    return packed ^ ((self._period(packed) ^ period) << PERIOD_OFFSET)

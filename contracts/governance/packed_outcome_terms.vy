# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed outcome terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The settings that the outcome of a vote depends on.
@dev No state. A setter takes the old value of its field away by exclusive or, and puts the new one there likewise.
     [0..31]    quorum_bps   share of what could vote that must vote for or abstain, of 10_000, rounded up
     [32..63]   extension    seconds of voting that a late and decisive ballot leaves to everybody else
     [64..159]  min_quorum   the quorum where the share is less, token wei
"""

struct OutcomeTerms:
    quorum_bps: uint256
    extension: uint256
    min_quorum: uint256


QUORUM_BPS_MASK: constant(uint256) = 2**32 - 1
EXTENSION_OFFSET: constant(uint256) = 32
EXTENSION_MASK: constant(uint256) = 2**32 - 1
MIN_QUORUM_OFFSET: constant(uint256) = 64
MIN_QUORUM_MASK: constant(uint256) = 2**96 - 1


@internal
@pure
def _pack(terms: OutcomeTerms) -> uint256:
    assert terms.quorum_bps <= QUORUM_BPS_MASK and terms.extension <= EXTENSION_MASK, "terms are too large"
    assert terms.min_quorum <= MIN_QUORUM_MASK, "quorum minimum is too high"
    return terms.quorum_bps | (terms.extension << EXTENSION_OFFSET) | (terms.min_quorum << MIN_QUORUM_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> OutcomeTerms:
    return OutcomeTerms(
        quorum_bps=self._quorum_bps(packed), extension=self._extension(packed), min_quorum=self._min_quorum(packed)
    )


@internal
@pure
def _quorum_bps(packed: uint256) -> uint256:
    return packed & QUORUM_BPS_MASK


@internal
@pure
def _extension(packed: uint256) -> uint256:
    return (packed >> EXTENSION_OFFSET) & EXTENSION_MASK


@internal
@pure
def _min_quorum(packed: uint256) -> uint256:
    return (packed >> MIN_QUORUM_OFFSET) & MIN_QUORUM_MASK


@internal
@pure
def _with_quorum_bps(packed: uint256, quorum_bps: uint256) -> uint256:
    """
    @dev `quorum_bps` is bounded by 10_000.
    """
    return packed ^ self._quorum_bps(packed) ^ quorum_bps


@internal
@pure
def _with_extension(packed: uint256, extension: uint256) -> uint256:
    """
    @dev `extension` is bounded by 30 days.
    """
    return packed ^ ((self._extension(packed) ^ extension) << EXTENSION_OFFSET)


@internal
@pure
def _with_min_quorum(packed: uint256, min_quorum: uint256) -> uint256:
    """
    @dev `min_quorum` is bounded by half of the supply, which is below 2**96.
    """
    return packed ^ ((self._min_quorum(packed) ^ min_quorum) << MIN_QUORUM_OFFSET)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed voting terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The settings that a vote runs under.
@dev No state. The Governor has no room for a getter and a setter of each field: `_field` and `_with_field_at` take the
     offset of the field.
     [0..31]    delay        seconds from a proposal to its snapshot
     [32..63]   period       seconds from the snapshot to the end of voting, without extensions
     [64..95]   quorum_bps   share of what could vote that must vote for or abstain, of 10_000, rounded up
     [96..127]  extension    seconds that a late and decisive ballot leaves for voting, within the limit of late_quorum
     [128..255] min_quorum   least quorum, token wei, below 2**96; it counts for at most half of what could vote
"""

struct VotingTerms:
    delay: uint256
    period: uint256
    quorum_bps: uint256
    extension: uint256
    min_quorum: uint256


DELAY_OFFSET: constant(uint256) = 0
PERIOD_OFFSET: constant(uint256) = 32
QUORUM_BPS_OFFSET: constant(uint256) = 64
EXTENSION_OFFSET: constant(uint256) = 96
MIN_QUORUM_OFFSET: constant(uint256) = 128
# The mask of each field below the quorum minimum.
FIELD_MASK: constant(uint256) = 2**32 - 1
MIN_QUORUM_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(terms: VotingTerms) -> uint256:
    assert terms.delay <= FIELD_MASK and terms.period <= FIELD_MASK, "time is too long"
    assert terms.quorum_bps <= FIELD_MASK and terms.min_quorum <= MIN_QUORUM_MASK, "quorum is too high"
    assert terms.extension <= FIELD_MASK, "vote extension is too long"
    return (
        terms.delay
        | (terms.period << PERIOD_OFFSET)
        | (terms.quorum_bps << QUORUM_BPS_OFFSET)
        | (terms.extension << EXTENSION_OFFSET)
        | (terms.min_quorum << MIN_QUORUM_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> VotingTerms:
    return VotingTerms(
        delay=self._field(packed, DELAY_OFFSET),
        period=self._field(packed, PERIOD_OFFSET),
        quorum_bps=self._field(packed, QUORUM_BPS_OFFSET),
        extension=self._field(packed, EXTENSION_OFFSET),
        min_quorum=self._min_quorum(packed),
    )


@internal
@pure
def _field(packed: uint256, offset: uint256) -> uint256:
    """
    @dev The field at `offset`.
    """
    if offset == MIN_QUORUM_OFFSET:
        return packed >> MIN_QUORUM_OFFSET
    return (packed >> offset) & FIELD_MASK


@internal
@pure
def _min_quorum(packed: uint256) -> uint256:
    return packed >> MIN_QUORUM_OFFSET


@internal
@pure
def _with_field_at(packed: uint256, offset: uint256, old: uint256, new: uint256) -> uint256:
    """
    @dev The terms with `new`, which fits, at `offset` in place of `old`, which is there now.
    """
    return packed ^ ((old ^ new) << offset)

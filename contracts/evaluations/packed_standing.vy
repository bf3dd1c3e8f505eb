# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed standing
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The benchmark of a claim, and the times of what became of it.
@dev No state. Times are Unix seconds.
     [0..63]    benchmark_id   zero for a claim that does not exist
     [64..103]  claimed_at     when it was filed
     [104..143] attested_at    when it reached the threshold, zero before
     [144..183] voided_at      when a vote voided it, zero if none did
"""

struct Standing:
    benchmark_id: uint256
    claimed_at: uint256
    attested_at: uint256
    voided_at: uint256


BENCHMARK_ID_MASK: constant(uint256) = 2**64 - 1
CLAIMED_AT_OFFSET: constant(uint256) = 64
CLAIMED_AT_MASK: constant(uint256) = 2**40 - 1
ATTESTED_AT_OFFSET: constant(uint256) = 104
ATTESTED_AT_MASK: constant(uint256) = 2**40 - 1
VOIDED_AT_OFFSET: constant(uint256) = 144
VOIDED_AT_MASK: constant(uint256) = 2**40 - 1


@internal
@pure
def _pack(standing: Standing) -> uint256:
    assert standing.benchmark_id <= BENCHMARK_ID_MASK, "benchmark id is too large"
    assert (
        standing.claimed_at <= CLAIMED_AT_MASK
        and standing.attested_at <= ATTESTED_AT_MASK
        and standing.voided_at <= VOIDED_AT_MASK
    ), "time is too large"
    return (
        standing.benchmark_id
        | (standing.claimed_at << CLAIMED_AT_OFFSET)
        | (standing.attested_at << ATTESTED_AT_OFFSET)
        | (standing.voided_at << VOIDED_AT_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Standing:
    return Standing(
        benchmark_id=self._benchmark_id(packed),
        claimed_at=self._claimed_at(packed),
        attested_at=self._attested_at(packed),
        voided_at=self._voided_at(packed),
    )


@internal
@pure
def _benchmark_id(packed: uint256) -> uint256:
    return packed & BENCHMARK_ID_MASK


@internal
@pure
def _claimed_at(packed: uint256) -> uint256:
    return (packed >> CLAIMED_AT_OFFSET) & CLAIMED_AT_MASK


@internal
@pure
def _attested_at(packed: uint256) -> uint256:
    return (packed >> ATTESTED_AT_OFFSET) & ATTESTED_AT_MASK


@internal
@pure
def _voided_at(packed: uint256) -> uint256:
    return (packed >> VOIDED_AT_OFFSET) & VOIDED_AT_MASK


@internal
@pure
def _with_attested_at(packed: uint256, attested_at: uint256) -> uint256:
    """
    @dev `attested_at` is a block's time, below 2^40.
    """
    return (packed & ~(ATTESTED_AT_MASK << ATTESTED_AT_OFFSET)) | (attested_at << ATTESTED_AT_OFFSET)


@internal
@pure
def _with_voided_at(packed: uint256, voided_at: uint256) -> uint256:
    """
    @dev `voided_at` is a block's time, below 2^40.
    """
    return (packed & ~(VOIDED_AT_MASK << VOIDED_AT_OFFSET)) | (voided_at << VOIDED_AT_OFFSET)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed tenure
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How often the token of a model has moved, and when last.
@dev No state. Kept as the tag of the model's token (see tagged_tokens).
     [0..39]    since        unix second of the last move; 0 before the first one
     [40..95]   number       moves so far
"""

struct Tenure:
    since: uint256
    number: uint256


SINCE_MASK: constant(uint256) = 2**40 - 1
NUMBER_OFFSET: constant(uint256) = 40
NUMBER_MASK: constant(uint256) = 2**56 - 1


@internal
@pure
def _pack(tenure: Tenure) -> uint256:
    assert tenure.since <= SINCE_MASK and tenure.number <= NUMBER_MASK, "tenure is too large"
    return tenure.since | (tenure.number << NUMBER_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Tenure:
    return Tenure(since=self._since(packed), number=self._number(packed))


@internal
@pure
def _since(packed: uint256) -> uint256:
    return packed & SINCE_MASK


@internal
@pure
def _number(packed: uint256) -> uint256:
    return (packed >> NUMBER_OFFSET) & NUMBER_MASK

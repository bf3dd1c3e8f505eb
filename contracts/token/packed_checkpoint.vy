# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed checkpoint
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice One entry of a trace: an amount, and the second from which on it held.
@dev No state. Two of them fit a slot, each WIDTH bits wide.
     [0..95]    amount    token wei
     [96..127]  elapsed   seconds since the deployment, for 136 years
"""

struct Checkpoint:
    amount: uint256
    elapsed: uint256


WIDTH: constant(uint256) = 128
MASK: constant(uint256) = 2**WIDTH - 1
AMOUNT_MASK: constant(uint256) = 2**96 - 1
ELAPSED_OFFSET: constant(uint256) = 96
ELAPSED_MASK: constant(uint256) = 2**32 - 1


@internal
@pure
def _pack(checkpoint: Checkpoint) -> uint256:
    assert checkpoint.amount <= AMOUNT_MASK, "votes are too many"
    assert checkpoint.elapsed <= ELAPSED_MASK, "clock is out of range"
    return checkpoint.amount | (checkpoint.elapsed << ELAPSED_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Checkpoint:
    return Checkpoint(amount=self._amount(packed), elapsed=self._elapsed(packed))


@internal
@pure
def _amount(packed: uint256) -> uint256:
    return packed & AMOUNT_MASK


@internal
@pure
def _elapsed(packed: uint256) -> uint256:
    return (packed >> ELAPSED_OFFSET) & ELAPSED_MASK


@internal
@pure
def _at(pair: uint256, place: uint256) -> uint256:
    """
    @dev The packed checkpoint at `place` 0 or 1 of a slot; 0 for none.
    """
    return (pair >> (WIDTH * place)) & MASK


@internal
@pure
def _put(pair: uint256, place: uint256, packed: uint256) -> uint256:
    """
    @dev `pair` with the packed checkpoint in the low bits of `packed` at `place`, which was empty.
    """
    return pair | ((packed & MASK) << (WIDTH * place))

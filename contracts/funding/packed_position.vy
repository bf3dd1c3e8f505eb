# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed position
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What an account paid into a round, and what was handed out for it.
@dev No state.
     [0..111]   paid        units of the asset; 0 again once a failed or cancelled round has refunded them
     [112..207] tokens_out  token wei that were handed out
     [208..210] flags       members of the constants below
"""

from contracts.common import refusals

struct Position:
    paid: uint256
    tokens_out: uint256
    flags: uint256

SURPLUS_PAID: constant(uint256) = 1
SETTLED: constant(uint256) = 2
# The position was moved: `positions._holders` says who holds it.
MOVED: constant(uint256) = 4

PAID_MASK: constant(uint256) = 2**112 - 1
TOKENS_OUT_OFFSET: constant(uint256) = 112
TOKENS_OUT_MASK: constant(uint256) = 2**96 - 1
FLAGS_OFFSET: constant(uint256) = 208
FLAGS_MASK: constant(uint256) = 2**3 - 1


@internal
@pure
def _pack(position: Position) -> uint256:
    if position.paid > PAID_MASK or position.tokens_out > TOKENS_OUT_MASK or position.flags > FLAGS_MASK:
        refusals._refuse("position is too large")
    return position.paid | (position.tokens_out << TOKENS_OUT_OFFSET) | (position.flags << FLAGS_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Position:
    return Position(
        paid=packed & PAID_MASK,
        tokens_out=(packed >> TOKENS_OUT_OFFSET) & TOKENS_OUT_MASK,
        flags=(packed >> FLAGS_OFFSET) & FLAGS_MASK,
    )


@internal
@pure
def _paid(packed: uint256) -> uint256:
    return packed & PAID_MASK


@internal
@pure
def _tokens_out(packed: uint256) -> uint256:
    return (packed >> TOKENS_OUT_OFFSET) & TOKENS_OUT_MASK


@internal
@pure
def _has(packed: uint256, flag: uint256) -> bool:
    return packed & (flag << FLAGS_OFFSET) != 0


@internal
@pure
def _add_flag(packed: uint256, flag: uint256) -> uint256:
    return packed | (flag << FLAGS_OFFSET)


@internal
@pure
def _add_tokens(packed: uint256, amount: uint256) -> uint256:
    """
    @dev No carry into the flags: an account gets no more tokens than there are, 96 bits.
    """
    return packed + (amount << TOKENS_OUT_OFFSET)

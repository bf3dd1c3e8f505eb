# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed settled part of a round
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How much of a round is settled: refunded, or all its tokens and surplus handed out.
@dev No state.
     [0..127]   paid        units of the asset paid in by accounts that are settled
     [128..255] tokens_out  token wei handed out
"""

from contracts.common import refusals

struct Settled:
    paid: uint256
    tokens_out: uint256

PAID_MASK: constant(uint256) = 2**128 - 1
TOKENS_OUT_OFFSET: constant(uint256) = 128
TOKENS_OUT_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(settled: Settled) -> uint256:
    if settled.paid > PAID_MASK or settled.tokens_out > TOKENS_OUT_MASK:
        refusals._refuse("round is too large")
    return settled.paid | (settled.tokens_out << TOKENS_OUT_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Settled:
    return Settled(
        paid=packed & PAID_MASK,
        tokens_out=packed >> TOKENS_OUT_OFFSET,
    )


@internal
@pure
def _paid(packed: uint256) -> uint256:
    return packed & PAID_MASK


@internal
@pure
def _tokens_out(packed: uint256) -> uint256:
    return packed >> TOKENS_OUT_OFFSET


@internal
@pure
def _add_paid(packed: uint256, amount: uint256) -> uint256:
    """
    @dev Cannot carry into tokens_out: the sum is at most what was raised, which has 112 bits.
    """
    return packed + amount


@internal
@pure
def _subtract_paid(packed: uint256, amount: uint256) -> uint256:
    """
    @dev Undoes `_add_paid`.
    """
    return packed - amount


@internal
@pure
def _add_tokens(packed: uint256, amount: uint256) -> uint256:
    """
    @dev The sum is at most what the round minted, which has 96 bits.
    """
    return packed + (amount << TOKENS_OUT_OFFSET)

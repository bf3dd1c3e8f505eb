# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed sales of a model
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a sale asks about its model: whether an exclusive license keeps others out, and whether there ever was a
        breach.
@dev No state.
     [0..63]   terms_id    terms of the exclusive license that keeps others from being sold; 0: none
     [64..103] sold_at     unix second in which it was sold
     [104]     had_breach  whether a license of the model was ever lost by a breach
"""

struct ModelSales:
    terms_id: uint256
    sold_at: uint256
    had_breach: bool


TERMS_ID_MASK: constant(uint256) = 2**64 - 1
SOLD_AT_OFFSET: constant(uint256) = 64
SOLD_AT_MASK: constant(uint256) = 2**40 - 1
HAD_BREACH: constant(uint256) = 1 << 104


@internal
@pure
def _pack(sales: ModelSales) -> uint256:
    assert sales.terms_id <= TERMS_ID_MASK and sales.sold_at <= SOLD_AT_MASK, "too many terms"
    packed: uint256 = sales.terms_id | (sales.sold_at << SOLD_AT_OFFSET)
    if sales.had_breach:
        packed |= HAD_BREACH
    return packed


@internal
@pure
def _unpack(packed: uint256) -> ModelSales:
    return ModelSales(
        terms_id=packed & TERMS_ID_MASK,
        sold_at=(packed >> SOLD_AT_OFFSET) & SOLD_AT_MASK,
        had_breach=packed & HAD_BREACH != 0,
    )


@internal
@pure
def _terms_id(packed: uint256) -> uint256:
    return packed & TERMS_ID_MASK


@internal
@pure
def _sold_at(packed: uint256) -> uint256:
    return (packed >> SOLD_AT_OFFSET) & SOLD_AT_MASK


@internal
@pure
def _had_breach(packed: uint256) -> bool:
    return packed & HAD_BREACH != 0


@internal
@pure
def _with_exclusive(packed: uint256, terms_id: uint256, sold_at: uint256) -> uint256:
    """
    @dev `packed` with the exclusive license that is sold now. It had none: a second one cannot be sold beside it.
    """
    return packed | terms_id | (sold_at << SOLD_AT_OFFSET)


@internal
@pure
def _without_exclusive(packed: uint256) -> uint256:
    return packed & HAD_BREACH


@internal
@pure
def _with_had_breach(packed: uint256) -> uint256:
    return packed | HAD_BREACH

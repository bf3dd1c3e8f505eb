# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed revenue
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What waits to be divided for a model in one asset. Ancestors and the protocol fee have their parts in what was
        paid, not in what is the model's own.
@dev No state.
     [0..126]   paid         token units paid for the model; part of what the router accounts for, so below 2**127
     [127..253] own          token units that are the model's own: what earlier divisions left, and what descendants
                             brought; also part of what the router accounts for
     [254]      is_used      set by the first money, so that the slot never returns to zero and later payments cost less
     [255]      is_checked   a payment found the model registered and the asset accepted; nothing else sets it
"""

struct Revenue:
    paid: uint256
    own: uint256
    is_used: bool
    is_checked: bool


MAX_AMOUNT: constant(uint256) = 2**127 - 1
PAID_MASK: constant(uint256) = MAX_AMOUNT
OWN_OFFSET: constant(uint256) = 127
OWN_MASK: constant(uint256) = MAX_AMOUNT
USED: constant(uint256) = 1 << 254
CHECKED: constant(uint256) = 1 << 255


@internal
@pure
def _pack(revenue: Revenue) -> uint256:
    assert revenue.paid <= PAID_MASK and revenue.own <= OWN_MASK, "revenue is too large"
    packed: uint256 = revenue.paid | (revenue.own << OWN_OFFSET)
    if revenue.is_used:
        packed |= USED
    if revenue.is_checked:
        packed |= CHECKED
    return packed


@internal
@pure
def _unpack(packed: uint256) -> Revenue:
    return Revenue(
        paid=self._paid(packed),
        own=self._own(packed),
        is_used=packed & USED != 0,
        is_checked=self._is_checked(packed),
    )


@internal
@pure
def _paid(packed: uint256) -> uint256:
    return packed & PAID_MASK


@internal
@pure
def _own(packed: uint256) -> uint256:
    return (packed >> OWN_OFFSET) & OWN_MASK


@internal
@pure
def _is_checked(packed: uint256) -> bool:
    return packed & CHECKED != 0


@internal
@pure
def _add_paid(packed: uint256, amount: uint256) -> uint256:
    """
    @dev `packed` after `amount` was paid; the caller bounds the sum.
    """
    return (packed + amount) | USED


@internal
@pure
def _add_own(packed: uint256, amount: uint256) -> uint256:
    """
    @dev `packed` after a descendant brought `amount`; the caller bounds the sum.
    """
    return (packed + (amount << OWN_OFFSET)) | USED


@internal
@pure
def _with_is_checked(packed: uint256) -> uint256:
    """
    @dev `packed` after a payment looked up that the model and the asset may be paid.
    """
    return packed | CHECKED


@internal
@pure
def _with_rest(packed: uint256, paid: uint256, own: uint256) -> uint256:
    """
    @dev `packed` after a division that leaves `paid` and `own`, each below 10_000.
    """
    return (packed & (USED | CHECKED)) | paid | (own << OWN_OFFSET)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed pot
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The pot of one epoch: its amount, and the balance-seconds that share it.
@dev No state.
     [0..119]   eligible      balance-seconds that share the pot: a supply below 2**96 for less than 2**24 seconds
     [120..247] amount        units of the asset
     [248]      is_recycled   the pot is closed and pays nobody any more
"""

struct Pot:
    eligible: uint256
    amount: uint256
    is_recycled: bool


ELIGIBLE_MASK: constant(uint256) = 2**120 - 1
AMOUNT_OFFSET: constant(uint256) = 120
AMOUNT_MASK: constant(uint256) = 2**128 - 1
IS_RECYCLED: constant(uint256) = 1 << 248


@internal
@pure
def _pack(pot: Pot) -> uint256:
    self._check_fits(pot.amount, pot.eligible)
    packed: uint256 = pot.eligible | (pot.amount << AMOUNT_OFFSET)
    if pot.is_recycled:
        packed |= IS_RECYCLED
    return packed


@internal
@pure
def _unpack(packed: uint256) -> Pot:
    return Pot(eligible=self._eligible(packed), amount=self._amount(packed), is_recycled=self._is_recycled(packed))


@internal
@pure
def _eligible(packed: uint256) -> uint256:
    return packed & ELIGIBLE_MASK


@internal
@pure
def _amount(packed: uint256) -> uint256:
    return (packed >> AMOUNT_OFFSET) & AMOUNT_MASK


@internal
@pure
def _is_recycled(packed: uint256) -> bool:
    return packed & IS_RECYCLED != 0


@internal
@pure
def _with_is_recycled(packed: uint256) -> uint256:
    """
    @dev `packed` after the pot was closed.
    """
    return packed | IS_RECYCLED


@internal
@pure
def _part(packed: uint256, seconds: uint256) -> uint256:
    """
    @dev What a holder of `seconds` of the eligible balance-seconds gets of the pot, rounded down. A closed pot gives
         nothing, and so does a missing one: 0 / 0 is 0. The product is below 2**248.
    """
    if packed >= IS_RECYCLED:
        return 0
    return unsafe_div(unsafe_mul(packed >> AMOUNT_OFFSET, seconds), packed & ELIGIBLE_MASK)


@internal
@pure
def _check_fits(amount: uint256, eligible: uint256):
    """
    @dev Refuses figures that do not fit the layout.
    """
    assert amount <= AMOUNT_MASK and eligible <= ELIGIBLE_MASK, "pot does not fit"

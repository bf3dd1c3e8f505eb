# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed rests of two pots
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What was not paid out yet of two pots, that of an even epoch and that of the next one. Two share a slot, because
        these writes are most of what a claim of many epochs costs.
@dev No state.
     [0..127]   even   units of the asset left in the pot of the even epoch
     [128..255] odd    units of the asset left in the pot of the odd epoch
"""

struct PotRests:
    even: uint256
    odd: uint256


EVEN_MASK: constant(uint256) = 2**128 - 1
ODD_OFFSET: constant(uint256) = 128
ODD_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(rests: PotRests) -> uint256:
    assert rests.even <= EVEN_MASK and rests.odd <= ODD_MASK, "rest does not fit"
    return rests.even | (rests.odd << ODD_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> PotRests:
    return PotRests(even=self._even(packed), odd=self._odd(packed))


@internal
@pure
def _even(packed: uint256) -> uint256:
    return packed & EVEN_MASK


@internal
@pure
def _odd(packed: uint256) -> uint256:
    return packed >> ODD_OFFSET


@internal
@pure
def _rest(packed: uint256, epoch: uint256) -> uint256:
    """
    @dev Units of the asset left in the pot of `epoch`.
    """
    return (packed >> (epoch % 2 * ODD_OFFSET)) & EVEN_MASK


@internal
@pure
def _credit(packed: uint256, epoch: uint256, amount: uint256) -> uint256:
    """
    @dev `packed` with a rest of `amount`, below 2**128, for `epoch`, which had none.
    """
    return packed + (amount << (epoch % 2 * ODD_OFFSET))


@internal
@pure
def _debit(packed: uint256, epoch: uint256, amount: uint256) -> uint256:
    """
    @dev `packed` after `amount` of the pot of `epoch` was paid. It cannot be more than the rest while the
         balance-seconds of all holders sum to what the token says; the check keeps a fault of the token in one pot.
    """
    offset: uint256 = epoch % 2 * ODD_OFFSET
    assert amount <= (packed >> offset) & EVEN_MASK, "pot is exhausted"
    return unsafe_sub(packed, amount << offset)

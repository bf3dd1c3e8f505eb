# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed floor
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A floor of the holders, and from when on it is in force.
@dev No state.
     [0..191]   amount       units of the asset that the grants must have free
     [192..255] from_epoch   first epoch in which it is in force; 0 if there is no floor
"""

struct Floor:
    amount: uint256
    from_epoch: uint256


AMOUNT_MASK: constant(uint256) = 2**192 - 1
FROM_EPOCH_OFFSET: constant(uint256) = 192
FROM_EPOCH_MASK: constant(uint256) = 2**64 - 1


@internal
@pure
def _pack(holders_floor: Floor) -> uint256:
    assert holders_floor.amount <= AMOUNT_MASK and holders_floor.from_epoch <= FROM_EPOCH_MASK, "floor is too high"
    return holders_floor.amount | (holders_floor.from_epoch << FROM_EPOCH_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Floor:
    return Floor(amount=self._amount(packed), from_epoch=self._from_epoch(packed))


@internal
@pure
def _amount(packed: uint256) -> uint256:
    return packed & AMOUNT_MASK


@internal
@pure
def _from_epoch(packed: uint256) -> uint256:
    return packed >> FROM_EPOCH_OFFSET

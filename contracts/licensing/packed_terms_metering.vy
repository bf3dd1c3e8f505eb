# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed metering of license terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a unit costs, and how much royalty a license owes at most. Zero unless the flag METERED is set.
@dev No state. `license_terms` bounds both fields before they are packed.
     [0..95]   price_per_unit  token units for each unit that is reported
     [96..255] royalty_cap     token units that all periods together owe at most; 0: no cap
"""

struct Metering:
    price_per_unit: uint256
    royalty_cap: uint256


PRICE_PER_UNIT_MASK: constant(uint256) = 2**96 - 1
ROYALTY_CAP_OFFSET: constant(uint256) = 96
ROYALTY_CAP_MASK: constant(uint256) = 2**160 - 1


@internal
@pure
def _pack(metering: Metering) -> uint256:
    assert metering.price_per_unit <= PRICE_PER_UNIT_MASK, "price is too large"
    assert metering.royalty_cap <= ROYALTY_CAP_MASK, "cap is too large"
    return metering.price_per_unit | (metering.royalty_cap << ROYALTY_CAP_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Metering:
    return Metering(
        price_per_unit=packed & PRICE_PER_UNIT_MASK,
        royalty_cap=packed >> ROYALTY_CAP_OFFSET,
    )


@internal
@pure
def _price_per_unit(packed: uint256) -> uint256:
    return packed & PRICE_PER_UNIT_MASK


@internal
@pure
def _royalty_cap(packed: uint256) -> uint256:
    return packed >> ROYALTY_CAP_OFFSET

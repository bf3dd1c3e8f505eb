# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed sale of license terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a license costs when it is bought or renewed.
@dev No state. `license_terms` bounds both fields before they are packed.
     [0..127]   upfront_fee  token units paid to the model for each term
     [128..255] bond         token units that LicenseEnforcement holds
"""

struct Sale:
    upfront_fee: uint256
    bond: uint256


UPFRONT_FEE_MASK: constant(uint256) = 2**128 - 1
BOND_OFFSET: constant(uint256) = 128
BOND_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(sale: Sale) -> uint256:
    assert sale.upfront_fee <= UPFRONT_FEE_MASK, "fee is too large"
    assert sale.bond <= BOND_MASK, "bond is too large"
    return sale.upfront_fee | (sale.bond << BOND_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Sale:
    return Sale(
        upfront_fee=packed & UPFRONT_FEE_MASK,
        bond=packed >> BOND_OFFSET,
    )


@internal
@pure
def _upfront_fee(packed: uint256) -> uint256:
    return packed & UPFRONT_FEE_MASK


@internal
@pure
def _bond(packed: uint256) -> uint256:
    return packed >> BOND_OFFSET

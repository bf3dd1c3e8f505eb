# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed offer
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How many licenses were sold under the terms, and in which tenure of the model's owner they were offered.
@dev No state.
     [0..31]  sold    licenses sold under terms with a maximum; 0 for other terms
     [32..95] tenure  1 + number of the tenure in which the terms were offered last; 0: they are not offered
"""

struct Offer:
    sold: uint256
    tenure: uint256


SOLD_MASK: constant(uint256) = 2**32 - 1
TENURE_OFFSET: constant(uint256) = 32
TENURE_MASK: constant(uint256) = 2**64 - 1


@internal
@pure
def _pack(offer: Offer) -> uint256:
    assert offer.sold <= SOLD_MASK and offer.tenure <= TENURE_MASK, "offer is too large"
    return offer.sold | (offer.tenure << TENURE_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Offer:
    return Offer(
        sold=packed & SOLD_MASK,
        tenure=(packed >> TENURE_OFFSET) & TENURE_MASK,
    )


@internal
@pure
def _sold(packed: uint256) -> uint256:
    return packed & SOLD_MASK


@internal
@pure
def _tenure(packed: uint256) -> uint256:
    return (packed >> TENURE_OFFSET) & TENURE_MASK


@internal
@pure
def _with_tenure(packed: uint256, tenure: uint256) -> uint256:
    """
    @dev `tenure` is 1 + the number of a tenure, which has 56 bits, or 0.
    """
    return (packed & ~(TENURE_MASK << TENURE_OFFSET)) | (tenure << TENURE_OFFSET)


@internal
@pure
def _add_sold(packed: uint256) -> uint256:
    """
    @dev `packed` after one more license was sold; the caller bounds the number by the limit of the terms.
    """
    return packed + 1

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed presentation
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which license an account presented for a model, and since when.
@dev No state.
     [0..63]   license_id  a license of the market, or a sublicense
     [64..103] since       unix second from which it counts
"""

struct Presentation:
    license_id: uint256
    since: uint256


LICENSE_ID_MASK: constant(uint256) = 2**64 - 1
SINCE_OFFSET: constant(uint256) = 64
SINCE_MASK: constant(uint256) = 2**40 - 1


@internal
@pure
def _pack(presentation: Presentation) -> uint256:
    assert presentation.license_id <= LICENSE_ID_MASK and presentation.since <= SINCE_MASK, "license id is too large"
    return presentation.license_id | (presentation.since << SINCE_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Presentation:
    return Presentation(
        license_id=packed & LICENSE_ID_MASK,
        since=(packed >> SINCE_OFFSET) & SINCE_MASK,
    )


@internal
@pure
def _license_id(packed: uint256) -> uint256:
    return packed & LICENSE_ID_MASK


@internal
@pure
def _since(packed: uint256) -> uint256:
    return (packed >> SINCE_OFFSET) & SINCE_MASK

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed limits of an offer
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice To whom, until when and how often licenses are sold under the terms. Zero unless the flag LIMITED is set.
@dev No state.
     [0..159]   licensee      the only account that may buy; zero: anybody
     [160..199] until         first unix second in which none is sold any more; 0: no end
     [200..231] max_licenses  licenses that are ever sold at most; 0: no limit
"""

struct OfferLimits:
    licensee: address
    until: uint256
    max_licenses: uint256


LICENSEE_MASK: constant(uint256) = 2**160 - 1
UNTIL_OFFSET: constant(uint256) = 160
UNTIL_MASK: constant(uint256) = 2**40 - 1
MAX_LICENSES_OFFSET: constant(uint256) = 200
MAX_LICENSES_MASK: constant(uint256) = 2**32 - 1


@internal
@pure
def _pack(limits: OfferLimits) -> uint256:
    assert limits.until <= UNTIL_MASK and limits.max_licenses <= MAX_LICENSES_MASK, "limit is too large"
    return (
        convert(limits.licensee, uint256)
        | (limits.until << UNTIL_OFFSET)
        | (limits.max_licenses << MAX_LICENSES_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> OfferLimits:
    return OfferLimits(
        licensee=convert(convert(packed & LICENSEE_MASK, uint160), address),
        until=(packed >> UNTIL_OFFSET) & UNTIL_MASK,
        max_licenses=(packed >> MAX_LICENSES_OFFSET) & MAX_LICENSES_MASK,
    )


@internal
@pure
def _licensee(packed: uint256) -> address:
    return convert(convert(packed & LICENSEE_MASK, uint160), address)


@internal
@pure
def _until(packed: uint256) -> uint256:
    return (packed >> UNTIL_OFFSET) & UNTIL_MASK


@internal
@pure
def _max_licenses(packed: uint256) -> uint256:
    return (packed >> MAX_LICENSES_OFFSET) & MAX_LICENSES_MASK

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed license
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The 96-bit tag beside the owner of a license: its terms, its calendar and how many of its periods are booked.
@dev No state.
     [0..33]  origin        unix second from which periods count; without periods the begin of the latest term
     [34..45] reported      periods that the licensee reported itself
     [46..50] ahead         periods that are booked by estimate beyond those
     [51..63] terms_bought  terms since `origin`; without periods always 1
     [64..69] flags         members of the constants below
     [70..95] terms_id      the terms it was bought under
"""

from contracts.common import refusals

struct License:
    origin: uint256
    reported: uint256
    ahead: uint256
    terms_bought: uint256
    flags: uint256
    terms_id: uint256


# The license was out of good standing when it was last stored.
LATE: constant(uint256) = 1
# The license was ended early; license_book stores when.
ENDED: constant(uint256) = 2
# The origin was moved by a renewal: a late one, or any one of a license without periods. license_book keeps the start.
SHIFTED: constant(uint256) = 4

ORIGIN_MASK: constant(uint256) = 2**34 - 1
REPORTED_OFFSET: constant(uint256) = 34
REPORTED_MASK: constant(uint256) = 2**12 - 1
AHEAD_OFFSET: constant(uint256) = 46
AHEAD_MASK: constant(uint256) = 2**5 - 1
TERMS_BOUGHT_OFFSET: constant(uint256) = 51
TERMS_BOUGHT_MASK: constant(uint256) = 2**13 - 1
FLAGS_OFFSET: constant(uint256) = 64
FLAGS_MASK: constant(uint256) = 2**6 - 1
TERMS_ID_OFFSET: constant(uint256) = 70
TERMS_ID_MASK: constant(uint256) = 2**26 - 1


@internal
@pure
def _pack(license: License) -> uint256:
    if license.origin > ORIGIN_MASK or license.reported > REPORTED_MASK or license.terms_bought > TERMS_BOUGHT_MASK:
        refusals._refuse("license is too old")
    if license.ahead > AHEAD_MASK or license.flags > FLAGS_MASK or license.terms_id > TERMS_ID_MASK:
        refusals._refuse("license is too large")
    return (
        license.origin
        | (license.reported << REPORTED_OFFSET)
        | (license.ahead << AHEAD_OFFSET)
        | (license.terms_bought << TERMS_BOUGHT_OFFSET)
        | (license.flags << FLAGS_OFFSET)
        | (license.terms_id << TERMS_ID_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> License:
    return License(
        origin=packed & ORIGIN_MASK,
        reported=(packed >> REPORTED_OFFSET) & REPORTED_MASK,
        ahead=(packed >> AHEAD_OFFSET) & AHEAD_MASK,
        terms_bought=(packed >> TERMS_BOUGHT_OFFSET) & TERMS_BOUGHT_MASK,
        flags=(packed >> FLAGS_OFFSET) & FLAGS_MASK,
        terms_id=(packed >> TERMS_ID_OFFSET) & TERMS_ID_MASK,
    )

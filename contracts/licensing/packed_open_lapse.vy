# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed open lapse
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A time out of good standing that is not over, as it was when the license was last stored.
@dev No state. Means something only while the license is marked late.
     [0..39]    since          first unix second of it
     [40..199]  interest_paid  token units of interest paid in it
     [200..255] stored_at      unix second in which it was stored
"""

from contracts.common import refusals

struct OpenLapse:
    since: uint256
    interest_paid: uint256
    stored_at: uint256


SINCE_MASK: constant(uint256) = 2**40 - 1
INTEREST_PAID_OFFSET: constant(uint256) = 40
INTEREST_PAID_MASK: constant(uint256) = 2**160 - 1
STORED_AT_OFFSET: constant(uint256) = 200
STORED_AT_MASK: constant(uint256) = 2**56 - 1


@internal
@pure
def _pack(lapse: OpenLapse) -> uint256:
    """
    @dev interest_paid fits: at most 36 % a year of less than 2**128, for less than 2**40 seconds, is below 2**142.
    """
    if lapse.since > SINCE_MASK or lapse.interest_paid > INTEREST_PAID_MASK or lapse.stored_at > STORED_AT_MASK:
        refusals._refuse("lapse is too large")
    return (
        lapse.since | (lapse.interest_paid << INTEREST_PAID_OFFSET) | (lapse.stored_at << STORED_AT_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> OpenLapse:
    return OpenLapse(
        since=packed & SINCE_MASK,
        interest_paid=(packed >> INTEREST_PAID_OFFSET) & INTEREST_PAID_MASK,
        stored_at=packed >> STORED_AT_OFFSET,
    )

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed past lapse
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A time in which a license was not in good standing, and which is over.
@dev No state.
     [0..39]  since  first unix second of it
     [40..79] until  first unix second in good standing again
"""

from contracts.common import refusals

struct PastLapse:
    since: uint256
    until: uint256


SINCE_MASK: constant(uint256) = 2**40 - 1
UNTIL_OFFSET: constant(uint256) = 40
UNTIL_MASK: constant(uint256) = 2**40 - 1


@internal
@pure
def _pack(lapse: PastLapse) -> uint256:
    if lapse.since > SINCE_MASK or lapse.until > UNTIL_MASK:
        refusals._refuse("lapse is too late")
    return lapse.since | (lapse.until << UNTIL_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> PastLapse:
    return PastLapse(
        since=packed & SINCE_MASK,
        until=(packed >> UNTIL_OFFSET) & UNTIL_MASK,
    )


@internal
@pure
def _since(packed: uint256) -> uint256:
    return packed & SINCE_MASK


@internal
@pure
def _until(packed: uint256) -> uint256:
    return (packed >> UNTIL_OFFSET) & UNTIL_MASK

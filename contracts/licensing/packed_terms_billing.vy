# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed billing of license terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice In which asset, by which share and in which periods a license is billed, and what its terms allow.
@dev No state. `license_terms` bounds every field before it is packed. Each report and payment reads this and the scope.
     [0..159]   asset           what fees, bonds and royalties are paid in; never zero
     [160..175] share_bps       basis points of the revenue of a period
     [176..207] period_seconds  length of a period; 0 without periods
     [208..239] grace_seconds   time after the end of a period in which it is reported and paid
     [240..255] flags           members of the constants below
"""

struct Billing:
    asset: address
    share_bps: uint256
    period_seconds: uint256
    grace_seconds: uint256
    flags: uint256


# Members of `flags`: what the licensee may do, and which of the other packed values are not empty.
TRANSFERABLE: constant(uint256) = 1
SUBLICENSABLE: constant(uint256) = 2
RENEWABLE: constant(uint256) = 4
# The terms have a price per unit or a cap; without this flag nobody reads the packed metering.
METERED: constant(uint256) = 8
# The terms bound the number of licenses, the time of sale or the buyer; without it a sale reads no packed limits.
LIMITED: constant(uint256) = 16
# These are the fields of that name in ILicenseCatalog.Terms; APPROVAL is approval_required.
EXCLUSIVE: constant(uint256) = 32
APPROVAL: constant(uint256) = 64
SHARE_ALIKE: constant(uint256) = 128
ATTRIBUTION: constant(uint256) = 256

ASSET_MASK: constant(uint256) = 2**160 - 1
SHARE_BPS_OFFSET: constant(uint256) = 160
SHARE_BPS_MASK: constant(uint256) = 2**16 - 1
PERIOD_SECONDS_OFFSET: constant(uint256) = 176
PERIOD_SECONDS_MASK: constant(uint256) = 2**32 - 1
GRACE_SECONDS_OFFSET: constant(uint256) = 208
GRACE_SECONDS_MASK: constant(uint256) = 2**32 - 1
FLAGS_OFFSET: constant(uint256) = 240
FLAGS_MASK: constant(uint256) = 2**16 - 1


@internal
@pure
def _pack(billing: Billing) -> uint256:
    assert billing.share_bps <= SHARE_BPS_MASK and billing.flags <= FLAGS_MASK, "share is too large"
    assert billing.period_seconds <= PERIOD_SECONDS_MASK, "period is too long"
    assert billing.grace_seconds <= GRACE_SECONDS_MASK, "grace is too long"
    return (
        convert(billing.asset, uint256)
        | (billing.share_bps << SHARE_BPS_OFFSET)
        | (billing.period_seconds << PERIOD_SECONDS_OFFSET)
        | (billing.grace_seconds << GRACE_SECONDS_OFFSET)
        | (billing.flags << FLAGS_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Billing:
    return Billing(
        asset=convert(convert(packed & ASSET_MASK, uint160), address),
        share_bps=(packed >> SHARE_BPS_OFFSET) & SHARE_BPS_MASK,
        period_seconds=(packed >> PERIOD_SECONDS_OFFSET) & PERIOD_SECONDS_MASK,
        grace_seconds=(packed >> GRACE_SECONDS_OFFSET) & GRACE_SECONDS_MASK,
        flags=packed >> FLAGS_OFFSET,
    )


@internal
@pure
def _asset(packed: uint256) -> address:
    return convert(convert(packed & ASSET_MASK, uint160), address)


@internal
@pure
def _period_seconds(packed: uint256) -> uint256:
    return (packed >> PERIOD_SECONDS_OFFSET) & PERIOD_SECONDS_MASK


@internal
@pure
def _flags(packed: uint256) -> uint256:
    return packed >> FLAGS_OFFSET

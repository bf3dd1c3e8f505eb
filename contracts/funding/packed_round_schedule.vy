# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed schedule of a round
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice When a round runs, in which asset, and its flags.
@dev No state.
     [0..159]   asset        what is contributed
     [160..199] starts_at    first unix second of contributions
     [200..239] ends_at      first unix second without contributions, no pause counted
     [240..244] flags        members of the constants below
     [245..255] first_pause  index of the first pause that may move the end; enough for 78 years
"""

from contracts.common import refusals

struct Schedule:
    asset: address
    starts_at: uint256
    ends_at: uint256
    flags: uint256
    first_pause: uint256

FINALIZED: constant(uint256) = 1
CANCELLED: constant(uint256) = 2
# Its tokens no longer count in tokens_reserved: it is finalized, cancelled, or failed and released.
RELEASED: constant(uint256) = 4
PRO_RATA: constant(uint256) = 8
ALLOW_LIST: constant(uint256) = 16

ASSET_MASK: constant(uint256) = 2**160 - 1
STARTS_AT_OFFSET: constant(uint256) = 160
STARTS_AT_MASK: constant(uint256) = 2**40 - 1
ENDS_AT_OFFSET: constant(uint256) = 200
ENDS_AT_MASK: constant(uint256) = 2**40 - 1
FLAGS_OFFSET: constant(uint256) = 240
FLAGS_MASK: constant(uint256) = 2**5 - 1
FIRST_PAUSE_OFFSET: constant(uint256) = 245
FIRST_PAUSE_MASK: constant(uint256) = 2**11 - 1


@internal
@pure
def _pack(schedule: Schedule) -> uint256:
    if (
        schedule.starts_at > STARTS_AT_MASK
        or schedule.ends_at > ENDS_AT_MASK
        or schedule.flags > FLAGS_MASK
        or schedule.first_pause > FIRST_PAUSE_MASK
    ):
        refusals._refuse("round is too large")
    return (
        convert(schedule.asset, uint256)
        | (schedule.starts_at << STARTS_AT_OFFSET)
        | (schedule.ends_at << ENDS_AT_OFFSET)
        | (schedule.flags << FLAGS_OFFSET)
        | (schedule.first_pause << FIRST_PAUSE_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Schedule:
    return Schedule(
        asset=convert(convert(packed & ASSET_MASK, uint160), address),
        starts_at=(packed >> STARTS_AT_OFFSET) & STARTS_AT_MASK,
        ends_at=(packed >> ENDS_AT_OFFSET) & ENDS_AT_MASK,
        flags=(packed >> FLAGS_OFFSET) & FLAGS_MASK,
        first_pause=packed >> FIRST_PAUSE_OFFSET,
    )


@internal
@pure
def _flags(packed: uint256) -> uint256:
    return (packed >> FLAGS_OFFSET) & FLAGS_MASK


@internal
@pure
def _add_flags(packed: uint256, flags: uint256) -> uint256:
    """
    @dev `flags` are members of the constants.
    """
    return packed | (flags << FLAGS_OFFSET)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed vesting of a round
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How the tokens of a round vest. The last three are unix seconds, 0 until they are known.
@dev No state.
     [0..39]    cliff_seconds    seconds from starts_at in which nothing vests
     [40..79]   vesting_seconds  seconds from starts_at until all has vested
     [80..119]  finalized_at     when the round was finalized
     [120..159] starts_at        when the vesting begins: the end of the round, which may lie ahead
     [160..199] ended_at         when all that was left vested at once, as the purpose was wound down
"""

from contracts.common import refusals

struct Vesting:
    cliff_seconds: uint256
    vesting_seconds: uint256
    finalized_at: uint256
    starts_at: uint256
    ended_at: uint256

CLIFF_SECONDS_MASK: constant(uint256) = 2**40 - 1
VESTING_SECONDS_OFFSET: constant(uint256) = 40
VESTING_SECONDS_MASK: constant(uint256) = 2**40 - 1
FINALIZED_AT_OFFSET: constant(uint256) = 80
FINALIZED_AT_MASK: constant(uint256) = 2**40 - 1
STARTS_AT_OFFSET: constant(uint256) = 120
STARTS_AT_MASK: constant(uint256) = 2**40 - 1
ENDED_AT_OFFSET: constant(uint256) = 160
ENDED_AT_MASK: constant(uint256) = 2**40 - 1


@internal
@pure
def _pack(vesting: Vesting) -> uint256:
    if (
        vesting.cliff_seconds > CLIFF_SECONDS_MASK
        or vesting.vesting_seconds > VESTING_SECONDS_MASK
        or vesting.finalized_at > FINALIZED_AT_MASK
        or vesting.starts_at > STARTS_AT_MASK
        or vesting.ended_at > ENDED_AT_MASK
    ):
        refusals._refuse("vesting is too large")
    return (
        vesting.cliff_seconds
        | (vesting.vesting_seconds << VESTING_SECONDS_OFFSET)
        | (vesting.finalized_at << FINALIZED_AT_OFFSET)
        | (vesting.starts_at << STARTS_AT_OFFSET)
        | (vesting.ended_at << ENDED_AT_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Vesting:
    return Vesting(
        cliff_seconds=packed & CLIFF_SECONDS_MASK,
        vesting_seconds=(packed >> VESTING_SECONDS_OFFSET) & VESTING_SECONDS_MASK,
        finalized_at=(packed >> FINALIZED_AT_OFFSET) & FINALIZED_AT_MASK,
        starts_at=(packed >> STARTS_AT_OFFSET) & STARTS_AT_MASK,
        ended_at=(packed >> ENDED_AT_OFFSET) & ENDED_AT_MASK,
    )


@internal
@pure
def _pack_terms(cliff_seconds: uint256, vesting_seconds: uint256) -> uint256:
    """
    @dev A vesting that has not begun.
    """
    if cliff_seconds > CLIFF_SECONDS_MASK or vesting_seconds > VESTING_SECONDS_MASK:
        refusals._refuse("vesting is too long")
    return cliff_seconds | (vesting_seconds << VESTING_SECONDS_OFFSET)


@internal
@pure
def _begin(packed: uint256, finalized_at: uint256, starts_at: uint256) -> uint256:
    """
    @dev Only for terms as `_pack_terms` packs them: the two fields are zero.
    """
    return packed | (finalized_at << FINALIZED_AT_OFFSET) | (starts_at << STARTS_AT_OFFSET)


@internal
@pure
def _end(packed: uint256, ended_at: uint256) -> uint256:
    """
    @dev Only for a vesting that was not ended: the field is zero.
    """
    return packed | (ended_at << ENDED_AT_OFFSET)

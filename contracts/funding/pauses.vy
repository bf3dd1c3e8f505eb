# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Pauses of rounds
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The guardian's pause, and how far it moves the end of a round: by as long as it stopped contributions.
@dev A pause that begins after the end of a round moves nothing, so no round that is over opens again.
@custom:invariant Pauses follow each other with at least MAX_PAUSE_SECONDS between two, and only the last may still run.
"""

from contracts.common import safety
from contracts.funding import packed_pause

uses: safety

# Fewer pauses than this can move one round: it waits and lasts 732 days at most, not counting its pauses, and at least
# two weeks of that pass between two of them.
MAX_PAUSES: constant(uint256) = 64

# Each a packed_pause, the oldest first. There are never so many.
_pauses: DynArray[uint256, 2**32]


@external
def pause():
    """
    @notice Stops contributions of all but the owner for MAX_PAUSE_SECONDS. The end of a round that is not over moves by
            as much of its time as the pause takes.
    @dev Authority: the guardian.
    @custom:reverts `caller is not the guardian`, `pause is too soon`.
    """
    until: uint256 = safety._pause()
    self._pauses.append(packed_pause._pack(packed_pause.Pause(began=block.timestamp, until=until)))


@external
def unpause():
    """
    @notice Ends a pause early; ends of rounds are moved by what it lasted only.
    @dev Authority: the owner. The guardian's waiting time counts from now.
    @custom:reverts `caller is not the owner`, `not paused`.
    """
    safety._unpause()
    number: uint256 = len(self._pauses) - 1
    last: packed_pause.Pause = packed_pause._unpack(self._pauses[number])
    last.until = block.timestamp
    self._pauses[number] = packed_pause._pack(last)


@internal
@view
def _first_pause_of_new_round() -> uint256:
    """
    @dev Index of the first pause that can move the end of a round opened now: the one that runs, or else the next.
    """
    count: uint256 = len(self._pauses)
    if block.timestamp < safety.paused_until:
        return count - 1
    return count


@internal
@view
def _end_with_pauses(starts_at: uint256, ends_at: uint256, first_pause: uint256) -> uint256:
    """
    @dev End of a round that can be moved by the pauses from index `first_pause` on. Each one that overlaps with the
         time in which the round is open adds the overlap. Example: open in [100, 200), paused in [150, 170): it ends
         at 220.
    """
    if safety.paused_until <= starts_at:
        return ends_at
    end: uint256 = ends_at
    count: uint256 = len(self._pauses)
    for i: uint256 in range(MAX_PAUSES):
        if first_pause + i >= count:
            break
        pause: packed_pause.Pause = packed_pause._unpack(self._pauses[first_pause + i])
        if pause.began >= end:
            break
        if pause.until > starts_at:
            end += pause.until - max(pause.began, starts_at)
    return end

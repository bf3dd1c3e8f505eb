# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed entry of the vesting calendar
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which rounds vest from a given second on.
@dev No state.
     [0..39]   since  unix second
     [40..231] ids    up to eight round ids of 24 bits, the newest lowest, the others in no order; a 0 ends them
"""

from contracts.common import refusals

struct Entry:
    since: uint256
    ids: uint256

MAX_IDS: constant(uint256) = 8
ID_WIDTH: constant(uint256) = 24
ID_MASK: constant(uint256) = 2**ID_WIDTH - 1

SINCE_MASK: constant(uint256) = 2**40 - 1
IDS_OFFSET: constant(uint256) = 40
IDS_MASK: constant(uint256) = 2**192 - 1


@internal
@pure
def _pack(entry: Entry) -> uint256:
    if entry.since > SINCE_MASK or entry.ids > IDS_MASK:
        refusals._refuse("too many rounds vest")
    return entry.since | (entry.ids << IDS_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> Entry:
    return Entry(
        since=packed & SINCE_MASK,
        ids=(packed >> IDS_OFFSET) & IDS_MASK,
    )


@internal
@pure
def _since(packed: uint256) -> uint256:
    return packed & SINCE_MASK


@internal
@pure
def _ids(packed: uint256) -> uint256:
    return (packed >> IDS_OFFSET) & IDS_MASK


@internal
@pure
def _add_id(ids: uint256, round_id: uint256) -> uint256:
    """
    @dev Not checked: ids count up from 1, so they never need 24 bits. A caller of RoundRules with other ids spoils its
         own calendar only.
    """
    return (ids << ID_WIDTH) | round_id


@internal
@pure
def _lowest_id(ids: uint256) -> uint256:
    """
    @dev The id in the lowest place, 0 if there is none.
    """
    return ids & ID_MASK


@internal
@pure
def _without_lowest(ids: uint256) -> uint256:
    return ids >> ID_WIDTH


@internal
@pure
def _count_ids(ids: uint256) -> uint256:
    rest: uint256 = ids
    count: uint256 = 0
    for _: uint256 in range(MAX_IDS):
        if rest == 0:
            break
        count += 1
        rest >>= ID_WIDTH
    return count

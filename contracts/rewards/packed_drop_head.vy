# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed head of a drop
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What of a drop no page has received yet, and its times.
@dev No state. The time is zero for a drop that never was, was withdrawn or cancelled.
     [0..127]   unopened       units of the asset
     [128..167] turns_at       unix second: while it is pending, of its earliest activation; afterwards, of its end
     [168..207] claim_seconds  how long it can be claimed, from its activation
     [208]      is_held        whether a guardian has held it
"""

struct DropHead:
    unopened: uint256
    turns_at: uint256
    claim_seconds: uint256
    is_held: bool


UNOPENED_MASK: constant(uint256) = 2**128 - 1
TURNS_AT_OFFSET: constant(uint256) = 128
TURNS_AT_MASK: constant(uint256) = 2**40 - 1
CLAIM_SECONDS_OFFSET: constant(uint256) = 168
CLAIM_SECONDS_MASK: constant(uint256) = 2**40 - 1
IS_HELD_OFFSET: constant(uint256) = 208
IS_HELD_MASK: constant(uint256) = 1


@internal
@pure
def _pack(head: DropHead) -> uint256:
    assert (
        head.unopened <= UNOPENED_MASK
        and head.turns_at <= TURNS_AT_MASK
        and head.claim_seconds <= CLAIM_SECONDS_MASK
    ), "drop is too large"
    return (
        head.unopened
        | (head.turns_at << TURNS_AT_OFFSET)
        | (head.claim_seconds << CLAIM_SECONDS_OFFSET)
        | (convert(head.is_held, uint256) << IS_HELD_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> DropHead:
    return DropHead(
        unopened=self._unopened(packed),
        turns_at=(packed >> TURNS_AT_OFFSET) & TURNS_AT_MASK,
        claim_seconds=(packed >> CLAIM_SECONDS_OFFSET) & CLAIM_SECONDS_MASK,
        is_held=(packed >> IS_HELD_OFFSET) & IS_HELD_MASK != 0,
    )


@internal
@pure
def _unopened(packed: uint256) -> uint256:
    return packed & UNOPENED_MASK


@internal
@pure
def _less_unopened(packed: uint256, amount: uint256) -> uint256:
    """
    @dev `packed` after a page received `amount`, which is at most `_unopened`.
    """
    return packed - amount

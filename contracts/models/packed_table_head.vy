# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed head of an ancestor table
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The first of the four slots of a table of ancestors: its entries, and the figures of the whole table.
@dev No state.
     [0..223]   entries          four packed ancestors, lowest first
     [224..231] ancestor_count   entries in the whole table, 0 to 16
     [232..247] owed_bps         sum of their shares, 0 to 5_000
     [248..255] parent_count     models that the child was made from, 0 to 4
"""

struct TableHead:
    entries: uint256
    ancestor_count: uint256
    owed_bps: uint256
    parent_count: uint256


ENTRIES_MASK: constant(uint256) = 2**224 - 1
ANCESTOR_COUNT_OFFSET: constant(uint256) = 224
ANCESTOR_COUNT_MASK: constant(uint256) = 2**8 - 1
OWED_BPS_OFFSET: constant(uint256) = 232
OWED_BPS_MASK: constant(uint256) = 2**16 - 1
PARENT_COUNT_OFFSET: constant(uint256) = 248
PARENT_COUNT_MASK: constant(uint256) = 2**8 - 1


@internal
@pure
def _pack(head: TableHead) -> uint256:
    assert head.entries <= ENTRIES_MASK and head.ancestor_count <= ANCESTOR_COUNT_MASK, "table is too large"
    assert head.owed_bps <= OWED_BPS_MASK and head.parent_count <= PARENT_COUNT_MASK, "table owes too much"
    return (
        head.entries
        | (head.ancestor_count << ANCESTOR_COUNT_OFFSET)
        | (head.owed_bps << OWED_BPS_OFFSET)
        | (head.parent_count << PARENT_COUNT_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> TableHead:
    return TableHead(
        entries=packed & ENTRIES_MASK,
        ancestor_count=self._ancestor_count(packed),
        owed_bps=self._owed_bps(packed),
        parent_count=self._parent_count(packed),
    )


@internal
@pure
def _ancestor_count(packed: uint256) -> uint256:
    return (packed >> ANCESTOR_COUNT_OFFSET) & ANCESTOR_COUNT_MASK


@internal
@pure
def _owed_bps(packed: uint256) -> uint256:
    return (packed >> OWED_BPS_OFFSET) & OWED_BPS_MASK


@internal
@pure
def _parent_count(packed: uint256) -> uint256:
    return packed >> PARENT_COUNT_OFFSET


@internal
@pure
def _with_parent_count(packed: uint256, parent_count: uint256) -> uint256:
    """
    @dev `parent_count` is bounded by 4.
    """
    return (packed & ~(PARENT_COUNT_MASK << PARENT_COUNT_OFFSET)) | (parent_count << PARENT_COUNT_OFFSET)

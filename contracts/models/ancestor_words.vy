# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Words of ancestor tables
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice A table of at most 16 ancestors in four words of four entries each, lowest first, until a zero.
@dev No state. An entry:
     [0..39]    model_id       never zero
     [40..54]   share          basis points of what is paid for the child, at most 5_000
     [55]       is_foundation  the ancestor is of the kind FOUNDATION: an entry of it may have a share of 0
     The first word above its entries:
     [224..231] count          of entries in the whole table
     [232..247] owed           sum of the shares, in basis points
"""

MAX_ANCESTORS: constant(uint256) = 16
ENTRY_WIDTH: constant(uint256) = 56
ENTRY_MASK: constant(uint256) = 2**56 - 1
ID_MASK: constant(uint256) = 2**40 - 1
SHARE_OFFSET: constant(uint256) = 40
SHARE_MASK: constant(uint256) = 2**15 - 1
FOUNDATION: constant(uint256) = 2**55
COUNT_OFFSET: constant(uint256) = 224
COUNT_MASK: constant(uint256) = 2**8 - 1
OWED_OFFSET: constant(uint256) = 232


@internal
@pure
def _entries(words: uint256[4]) -> DynArray[uint256, MAX_ANCESTORS]:
    """
    @dev The entries of the table, in its order.
    """
    entries: DynArray[uint256, MAX_ANCESTORS] = []
    left: uint256 = self._count(words[0])
    for word: uint256 in words:
        for index: uint256 in range(4):
            if left == 0:
                return entries
            entries.append((word >> (ENTRY_WIDTH * index)) & ENTRY_MASK)
            left -= 1
    return entries


@internal
@pure
def _share(entry: uint256) -> uint256:
    return (entry >> SHARE_OFFSET) & SHARE_MASK


@internal
@pure
def _head(count: uint256, owed: uint256) -> uint256:
    """
    @dev Number and sum of the entries, in their place in the first word. At most 16 and 5_000.
    """
    return (count << COUNT_OFFSET) | (owed << OWED_OFFSET)


@internal
@pure
def _count(first_word: uint256) -> uint256:
    return (first_word >> COUNT_OFFSET) & COUNT_MASK


@internal
@pure
def _owed(first_word: uint256) -> uint256:
    return first_word >> OWED_OFFSET

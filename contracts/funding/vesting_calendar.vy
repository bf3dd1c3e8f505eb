# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Vesting calendar
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which rounds vested at which time, so that the quorum can leave out tokens that nobody could claim then.
@dev At most MAX_VESTING_ROUNDS rounds of one rounds contract vest at once. A round that is finalized before all of it
     has vested adds an entry with all rounds that vest from then on. For any second the last entry up to it is read;
     rounds of it that had vested by then count 0.
@custom:invariant The entries' times strictly increase. No more than MAX_VESTING_ROUNDS ids are in an entry.
"""

from contracts.funding import packed_calendar_entry

MAX_VESTING_ROUNDS: constant(uint256) = packed_calendar_entry.MAX_IDS
# Steps of a binary search in up to 2**32 entries, as many as the list can hold.
MAX_STEPS: constant(uint256) = 33


# How one round vests: token wei, and Unix seconds.
struct RoundVesting:
    minted: uint256
    starts_at: uint256
    cliff_at: uint256
    full_at: uint256   # when all has vested by the terms; sets the slope
    ends_at: uint256   # the same, or sooner if the purpose was wound down


# Rounds contract => round => how it vests.
_vesting_of: HashMap[address, HashMap[uint256, RoundVesting]]
# Rounds contract => a packed entry each.
_entries: HashMap[address, DynArray[uint256, 2**32]]


# --- changes ---


@internal
def _begin(rounds: address, round_id: uint256, vesting: RoundVesting):
    """
    @dev Adds an entry for a round that is finalized now and has not vested in full.
    """
    self._vesting_of[rounds][round_id] = vesting
    ids: uint256 = packed_calendar_entry._add_id(self._still_vesting(rounds), round_id)
    entry: uint256 = packed_calendar_entry._pack(packed_calendar_entry.Entry(since=block.timestamp, ids=ids))
    length: uint256 = len(self._entries[rounds])
    if length > 0 and packed_calendar_entry._since(self._entries[rounds][length - 1]) == block.timestamp:
        self._entries[rounds][length - 1] = entry
    else:
        self._entries[rounds].append(entry)


@internal
def _end(rounds: address, round_id: uint256):
    """
    @dev Ends the vesting of a round now. Answers for earlier seconds stay the same.
    """
    vesting: RoundVesting = self._vesting_of[rounds][round_id]
    if block.timestamp < vesting.ends_at:
        vesting.ends_at = block.timestamp
        self._vesting_of[rounds][round_id] = vesting


# --- reads ---


@internal
@view
def _unvested_at(rounds: address, timepoint: uint256) -> uint256:
    """
    @dev Token wei of all rounds together that had not vested at `timepoint`; never more than the rounds contract held
         then.
    """
    low: uint256 = 0
    high: uint256 = len(self._entries[rounds])
    for _: uint256 in range(MAX_STEPS):
        if low >= high:
            break
        middle: uint256 = (low + high) // 2
        if packed_calendar_entry._since(self._entries[rounds][middle]) <= timepoint:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return 0
    ids: uint256 = packed_calendar_entry._ids(self._entries[rounds][low - 1])
    total: uint256 = 0
    for _: uint256 in range(MAX_VESTING_ROUNDS):
        if ids == 0:
            break
        round_id: uint256 = packed_calendar_entry._lowest_id(ids)
        total += self._unvested(self._vesting_of[rounds][round_id], timepoint)
        ids = packed_calendar_entry._without_lowest(ids)
    return total


@internal
@view
def _still_vesting(rounds: address) -> uint256:
    """
    @dev Ids of the rounds that vest now, as in an entry.
    """
    length: uint256 = len(self._entries[rounds])
    if length == 0:
        return 0
    ids: uint256 = packed_calendar_entry._ids(self._entries[rounds][length - 1])
    kept: uint256 = 0
    for _: uint256 in range(MAX_VESTING_ROUNDS):
        if ids == 0:
            break
        round_id: uint256 = packed_calendar_entry._lowest_id(ids)
        if block.timestamp < self._vesting_of[rounds][round_id].ends_at:
            kept = packed_calendar_entry._add_id(kept, round_id)
        ids = packed_calendar_entry._without_lowest(ids)
    return kept


@internal
@pure
def _unvested(vesting: RoundVesting, timepoint: uint256) -> uint256:
    """
    @dev Token wei of a round that had not vested at `timepoint`, rounded up: what `_vested` of vesting.vy leaves.
    """
    if timepoint >= vesting.ends_at:
        return 0
    if timepoint < vesting.cliff_at:
        return vesting.minted
    passed: uint256 = timepoint - vesting.starts_at
    return vesting.minted - vesting.minted * passed // (vesting.full_at - vesting.starts_at)

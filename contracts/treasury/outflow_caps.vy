# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Outflow caps
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How much an ordinary vote may take within 30 days, and what was taken in that time.
@dev Outflows are counted per calendar day (UTC): today and the 30 days before. So each counts for 30 days at least and
     for less than 31. The cap is a share of free + taken, which is what would be free without the outflows of the
     window: many small outflows are bounded as one large one. What comes back stays counted as taken but is free again,
     so it raises the cap by its share. What is out in net never exceeds that share of what would be free without any
     outflow.
     Example: 1,000 are free and the cap is 5 %. 30 go out, then 20, then nothing until the 30 leave the window. If all
     50 come back, the cap is 52 and 2 more may go.
@custom:invariant `_taken` is the sum of what was recorded today and in the 30 days before.
                  At most 31 days are kept per purpose and asset.
"""

from contracts.treasury import packed_outflow_day
from contracts.treasury import packed_outflow_window

MAX_SPEND_CAP_BPS: constant(uint256) = 1_000
MAX_GRANT_CAP_BPS: constant(uint256) = 5_000
BPS: constant(uint256) = 10_000
DAY: constant(uint256) = 86_400
# Today and the 30 days before: every second of the last 30 days is in one of them.
WINDOW_DAYS: constant(uint256) = 31
# Direct spends are counted over all purposes, whose ids begin with 1.
ALL_PURPOSES: constant(uint256) = 0

spend_cap_bps: public(uint256)
grant_cap_bps: public(uint256)
# Purpose or ALL_PURPOSES => asset => packed_outflow_window.
_windows: HashMap[uint256, HashMap[address, uint256]]
# Purpose or ALL_PURPOSES => asset => ring of packed_outflow_day.
_days: HashMap[uint256, HashMap[address, uint256[WINDOW_DAYS]]]


@deploy
def __init__(spend_cap_bps: uint256, grant_cap_bps: uint256):
    self._set(spend_cap_bps, grant_cap_bps)


@internal
def _set(spend_cap_bps: uint256, grant_cap_bps: uint256):
    """
    @dev Zero is valid: then every outflow takes the strict vote.
    """
    assert spend_cap_bps <= MAX_SPEND_CAP_BPS and grant_cap_bps <= MAX_GRANT_CAP_BPS, "cap is too high"
    self.spend_cap_bps = spend_cap_bps
    self.grant_cap_bps = grant_cap_bps


@internal
def _record(purpose: uint256, asset: address, amount: uint256):
    """
    @dev Records an outflow of today, of `amount` above zero.
    """
    window: packed_outflow_window.OutflowWindow = self._window(purpose, asset)
    window.total += amount
    today: uint256 = block.timestamp // DAY
    # Of the days before today at most 30 count, so there is always a place.
    place: uint256 = unsafe_add(window.first, unsafe_add(window.count, WINDOW_DAYS - 1)) % WINDOW_DAYS
    latest: uint256 = self._days[purpose][asset][place]
    if window.count == 0 or packed_outflow_day._day(latest) != today:
        place = unsafe_add(place, 1) % WINDOW_DAYS
        latest = packed_outflow_day._empty_of(today)
        window.count = unsafe_add(window.count, 1)
    self._windows[purpose][asset] = packed_outflow_window._pack(window)
    # The total of the window bounds what was taken on one of its days.
    self._days[purpose][asset][place] = unsafe_add(latest, amount)


@internal
@view
def _taken(purpose: uint256, asset: address) -> uint256:
    """
    @dev Units taken today and in the 30 days before.
    """
    return self._window(purpose, asset).total


@internal
@view
def _room(purpose: uint256, asset: address, free: uint256, cap_bps: uint256) -> uint256:
    """
    @dev What may leave now of `free` money, rounded down: zero if as much as the cap has left already.
    """
    taken: uint256 = self._taken(purpose, asset)
    base: uint256 = free + taken
    # In two parts, so that the product cannot overflow: `cap_bps` is below BPS.
    cap: uint256 = unsafe_add(unsafe_mul(base // BPS, cap_bps), unsafe_mul(base % BPS, cap_bps) // BPS)
    return unsafe_sub(cap, min(cap, taken))


@internal
@view
def _window(purpose: uint256, asset: address) -> packed_outflow_window.OutflowWindow:
    """
    @dev The window as of today, without the days that are more than 30 days before today.
    """
    window: packed_outflow_window.OutflowWindow = packed_outflow_window._unpack(self._windows[purpose][asset])
    today: uint256 = block.timestamp // DAY
    for _: uint256 in range(WINDOW_DAYS):
        if window.count == 0:
            break
        oldest: uint256 = self._days[purpose][asset][window.first]
        if unsafe_add(packed_outflow_day._day(oldest), WINDOW_DAYS) > today:
            break
        window.total = unsafe_sub(window.total, packed_outflow_day._amount(oldest))
        window.first = unsafe_add(window.first, 1) % WINDOW_DAYS
        window.count = unsafe_sub(window.count, 1)
    return window

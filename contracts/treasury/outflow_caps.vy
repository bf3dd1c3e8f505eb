# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Outflow caps
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice How much an ordinary vote may take within 30 days, and what was taken in that time.
@dev What leaves is counted by calendar day (UTC): today's and that of the 30 days before. So each outflow counts for 30
     days at least and for less than 31. A cap is a share of what would be free had nothing been taken in that time: an
     outflow in pieces is bounded as one in a whole. What comes back stays counted, and being free again raises the cap
     by its part: what is out in net never passes the cap of what there would be had nothing been taken. Example: of
     1,000 free, with a cap of 5 %, 30 go out, then 20, and no unit more until the 30 are out of the window; if all 50
     are given back, 2 more may go.
@custom:invariant What `_taken` tells is the sum of what was recorded today and in the 30 days before.
                  At most 31 days are kept per purpose and asset.
"""

MAX_SPEND_CAP_BPS: constant(uint256) = 1_000
MAX_GRANT_CAP_BPS: constant(uint256) = 5_000
BPS: constant(uint256) = 10_000
DAY: constant(uint256) = 86_400
# Today and the 30 days before: every second of the last 30 days is in one of them.
WINDOW_DAYS: constant(uint256) = 31
# Direct spends are counted over all purposes, whose ids begin with 1.
ALL_PURPOSES: constant(uint256) = 0

# Layout of the sum of a window, lowest first:
# [0..191]    total   units taken on the days that are kept
# [192..199]  first   place of the oldest of them in the ring
# [200..207]  count   how many are kept
# Layout of a day, lowest first:
# [0..191]    amount  units taken on it
# [192..255]  day     days since 1970
AMOUNT_MASK: constant(uint256) = 2**192 - 1
FIRST_OFFSET: constant(uint256) = 192
COUNT_OFFSET: constant(uint256) = 200
PLACE_MASK: constant(uint256) = 2**8 - 1
DAY_OFFSET: constant(uint256) = 192

spend_cap_bps: public(uint256)
grant_cap_bps: public(uint256)
# Purpose or ALL_PURPOSES => asset => packed sum of the window.
_sums: HashMap[uint256, HashMap[address, uint256]]
# Purpose or ALL_PURPOSES => asset => ring of packed days.
_days: HashMap[uint256, HashMap[address, uint256[WINDOW_DAYS]]]


@deploy
def __init__(spend_cap_bps: uint256, grant_cap_bps: uint256):
    self._set(spend_cap_bps, grant_cap_bps)


@internal
def _set(spend_cap_bps: uint256, grant_cap_bps: uint256):
    """
    @dev Zero is valid: then every outflow takes the stricter vote.
    """
    assert spend_cap_bps <= MAX_SPEND_CAP_BPS and grant_cap_bps <= MAX_GRANT_CAP_BPS, "cap is too high"
    self.spend_cap_bps = spend_cap_bps
    self.grant_cap_bps = grant_cap_bps


@internal
def _record(purpose: uint256, asset: address, amount: uint256):
    """
    @dev Books an outflow of today, of `amount` above zero.
    """
    total: uint256 = 0
    first: uint256 = 0
    count: uint256 = 0
    total, first, count = self._window(purpose, asset)
    total += amount
    assert total <= AMOUNT_MASK, "outflow is too large"
    today: uint256 = block.timestamp // DAY
    # Of a day before today at most 30 are kept, so there is always a place.
    place: uint256 = unsafe_add(first, unsafe_add(count, WINDOW_DAYS - 1)) % WINDOW_DAYS
    packed: uint256 = self._days[purpose][asset][place]
    if count == 0 or packed >> DAY_OFFSET != today:
        place = unsafe_add(place, 1) % WINDOW_DAYS
        packed = today << DAY_OFFSET
        count = unsafe_add(count, 1)
    # The sum bounds the day.
    self._days[purpose][asset][place] = unsafe_add(packed, amount)
    self._sums[purpose][asset] = (count << COUNT_OFFSET) | (first << FIRST_OFFSET) | total


@internal
@view
def _taken(purpose: uint256, asset: address) -> uint256:
    """
    @dev Units taken today and in the 30 days before.
    """
    total: uint256 = 0
    first: uint256 = 0
    count: uint256 = 0
    total, first, count = self._window(purpose, asset)
    return total


@internal
@view
def _room(purpose: uint256, asset: address, free: uint256, cap_bps: uint256) -> uint256:
    """
    @dev What may leave now of `free` money, rounded down: zero if as much as the cap has left already.
    """
    taken: uint256 = self._taken(purpose, asset)
    base: uint256 = free + taken
    # Twice, so that no amount overflows: `cap_bps` is below BPS.
    cap: uint256 = unsafe_add(unsafe_mul(base // BPS, cap_bps), unsafe_mul(base % BPS, cap_bps) // BPS)
    return unsafe_sub(cap, min(cap, taken))


@internal
@view
def _window(purpose: uint256, asset: address) -> (uint256, uint256, uint256):
    """
    @dev Total, first and count of the packed sum, without the days that are over.
    """
    packed: uint256 = self._sums[purpose][asset]
    total: uint256 = packed & AMOUNT_MASK
    first: uint256 = (packed >> FIRST_OFFSET) & PLACE_MASK
    count: uint256 = packed >> COUNT_OFFSET
    today: uint256 = block.timestamp // DAY
    for _: uint256 in range(WINDOW_DAYS):
        if count == 0:
            break
        oldest: uint256 = self._days[purpose][asset][first]
        if (oldest >> DAY_OFFSET) + WINDOW_DAYS > today:
            break
        total = unsafe_sub(total, oldest & AMOUNT_MASK)
        first = unsafe_add(first, 1) % WINDOW_DAYS
        count = unsafe_sub(count, 1)
    return total, first, count

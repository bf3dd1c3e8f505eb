# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed figures of a pending root
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What a root that waits for its activation gives in all, and when its challenge window ends.
@dev No state.
     [0..127]   total          units of the asset
     [128..255] activates_at   unix second from which on it may be activated; 0 if no root is pending
"""

struct PendingRoot:
    total: uint256
    activates_at: uint256


TOTAL_MASK: constant(uint256) = 2**128 - 1
ACTIVATES_AT_OFFSET: constant(uint256) = 128
ACTIVATES_AT_MASK: constant(uint256) = 2**128 - 1


@internal
@pure
def _pack(pending: PendingRoot) -> uint256:
    assert pending.total <= TOTAL_MASK and pending.activates_at <= ACTIVATES_AT_MASK, "pending root is too large"
    return pending.total | (pending.activates_at << ACTIVATES_AT_OFFSET)


@internal
@pure
def _unpack(packed: uint256) -> PendingRoot:
    return PendingRoot(total=self._total(packed), activates_at=self._activates_at(packed))


@internal
@pure
def _total(packed: uint256) -> uint256:
    return packed & TOTAL_MASK


@internal
@pure
def _activates_at(packed: uint256) -> uint256:
    return packed >> ACTIVATES_AT_OFFSET

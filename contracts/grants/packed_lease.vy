# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed lease
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which machines an order rents, for which grant, from when to when.
@dev No state. Times are Unix seconds.
     [0..63]    grant_id     zero for an unknown order
     [64..127]  offer_id     whose machines they are
     [128..151] gpus         how many
     [152..191] starts_at    when they begin to earn
     [192..231] ends_at      earlier than ordered after a notice
     [232..232] is_stopped   whether its rate is free again
     [233..233] is_closed    whether nothing can be drawn any more
"""

struct Lease:
    grant_id: uint256
    offer_id: uint256
    gpus: uint256
    starts_at: uint256
    ends_at: uint256
    is_stopped: bool
    is_closed: bool


GRANT_ID_MASK: constant(uint256) = 2**64 - 1
OFFER_ID_OFFSET: constant(uint256) = 64
OFFER_ID_MASK: constant(uint256) = 2**64 - 1
GPUS_OFFSET: constant(uint256) = 128
GPUS_MASK: constant(uint256) = 2**24 - 1
STARTS_AT_OFFSET: constant(uint256) = 152
STARTS_AT_MASK: constant(uint256) = 2**40 - 1
ENDS_AT_OFFSET: constant(uint256) = 192
ENDS_AT_MASK: constant(uint256) = 2**40 - 1
IS_STOPPED_OFFSET: constant(uint256) = 232
IS_STOPPED_MASK: constant(uint256) = 2**1 - 1
IS_CLOSED_OFFSET: constant(uint256) = 233
IS_CLOSED_MASK: constant(uint256) = 2**1 - 1


@internal
@pure
def _pack(lease: Lease) -> uint256:
    assert lease.grant_id <= GRANT_ID_MASK, "grant id is too large"
    assert lease.offer_id <= OFFER_ID_MASK, "offer id is too large"
    assert lease.gpus <= GPUS_MASK, "too many GPUs"
    assert lease.starts_at <= STARTS_AT_MASK and lease.ends_at <= ENDS_AT_MASK, "time is too large"
    return (
        lease.grant_id
        | (lease.offer_id << OFFER_ID_OFFSET)
        | (lease.gpus << GPUS_OFFSET)
        | (lease.starts_at << STARTS_AT_OFFSET)
        | (lease.ends_at << ENDS_AT_OFFSET)
        | (convert(lease.is_stopped, uint256) << IS_STOPPED_OFFSET)
        | (convert(lease.is_closed, uint256) << IS_CLOSED_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Lease:
    return Lease(
        grant_id=self._grant_id(packed),
        offer_id=self._offer_id(packed),
        gpus=self._gpus(packed),
        starts_at=self._starts_at(packed),
        ends_at=self._ends_at(packed),
        is_stopped=self._is_stopped(packed),
        is_closed=self._is_closed(packed),
    )


@internal
@pure
def _grant_id(packed: uint256) -> uint256:
    return packed & GRANT_ID_MASK


@internal
@pure
def _offer_id(packed: uint256) -> uint256:
    return (packed >> OFFER_ID_OFFSET) & OFFER_ID_MASK


@internal
@pure
def _gpus(packed: uint256) -> uint256:
    return (packed >> GPUS_OFFSET) & GPUS_MASK


@internal
@pure
def _starts_at(packed: uint256) -> uint256:
    return (packed >> STARTS_AT_OFFSET) & STARTS_AT_MASK


@internal
@pure
def _ends_at(packed: uint256) -> uint256:
    return (packed >> ENDS_AT_OFFSET) & ENDS_AT_MASK


@internal
@pure
def _is_stopped(packed: uint256) -> bool:
    return convert((packed >> IS_STOPPED_OFFSET) & IS_STOPPED_MASK, bool)


@internal
@pure
def _is_closed(packed: uint256) -> bool:
    return convert((packed >> IS_CLOSED_OFFSET) & IS_CLOSED_MASK, bool)

# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed derivation of license terms
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Which kinds of models may be derived under the terms, for which shares, and how long a debt can be cured.
@dev No state. Kinds are the members of ModelKind, the first one is bit 0. `license_terms` bounds every field before
     it is packed.
     [0..127]   shares        basis points that a derived model owes: 16 bits for each kind, the first kind lowest
     [128..135] kinds         the kinds that are allowed, a bit each
     [136..255] cure_seconds  seconds from the first overdue one until anyone may terminate
"""

struct Derivation:
    shares: uint256
    kinds: uint256
    cure_seconds: uint256


KINDS: constant(uint256) = 8
SHARE_WIDTH: constant(uint256) = 16
SHARE_MASK: constant(uint256) = 2**SHARE_WIDTH - 1
SHARES_MASK: constant(uint256) = 2**128 - 1
KINDS_OFFSET: constant(uint256) = 128
KINDS_MASK: constant(uint256) = 2**8 - 1
CURE_SECONDS_OFFSET: constant(uint256) = 136
CURE_SECONDS_MASK: constant(uint256) = 2**120 - 1


@internal
@pure
def _pack(derivation: Derivation) -> uint256:
    assert derivation.shares <= SHARES_MASK and derivation.kinds <= KINDS_MASK, "derivation is too large"
    assert derivation.cure_seconds <= CURE_SECONDS_MASK, "cure is too long"
    return (
        derivation.shares
        | (derivation.kinds << KINDS_OFFSET)
        | (derivation.cure_seconds << CURE_SECONDS_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Derivation:
    return Derivation(
        shares=packed & SHARES_MASK,
        kinds=(packed >> KINDS_OFFSET) & KINDS_MASK,
        cure_seconds=packed >> CURE_SECONDS_OFFSET,
    )


@internal
@pure
def _kinds(packed: uint256) -> uint256:
    return (packed >> KINDS_OFFSET) & KINDS_MASK


@internal
@pure
def _cure_seconds(packed: uint256) -> uint256:
    return packed >> CURE_SECONDS_OFFSET


@internal
@pure
def _pack_shares(share_bps: uint256[KINDS]) -> uint256:
    """
    @dev The field `shares`: the basis points of each kind.
    """
    shares: uint256 = 0
    for number: uint256 in range(KINDS):
        assert share_bps[number] <= SHARE_MASK, "share is too large"
        shares |= share_bps[number] << (SHARE_WIDTH * number)
    return shares


@internal
@pure
def _unpack_shares(packed: uint256) -> uint256[KINDS]:
    share_bps: uint256[KINDS] = empty(uint256[KINDS])
    for number: uint256 in range(KINDS):
        share_bps[number] = (packed >> (SHARE_WIDTH * number)) & SHARE_MASK
    return share_bps


@internal
@pure
def _allows(packed: uint256, kind: uint256) -> bool:
    """
    @dev Whether models of `kind`, the value of exactly one member of ModelKind, may be derived.
    """
    if kind == 0 or kind > KINDS_MASK or kind & (kind - 1) != 0:
        return False
    return (packed >> KINDS_OFFSET) & kind != 0


@internal
@pure
def _share_of_kind(packed: uint256, kind: uint256) -> uint256:
    """
    @dev Basis points that a derived model of `kind` owes; the caller asked `_allows` before.
    """
    shares: uint256 = packed
    member: uint256 = kind
    for _: uint256 in range(KINDS):
        if member == 1:
            break
        member >>= 1
        shares >>= SHARE_WIDTH
    return shares & SHARE_MASK

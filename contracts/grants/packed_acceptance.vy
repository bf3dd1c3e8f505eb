# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Packed acceptance
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice What an accepted milestone has earned, and how much of it was paid.
@dev No state. Money is in units of the grant's asset.
     [0..39]    accepted_at   Unix seconds, zero before
     [40..143]  earned        the amount, or the part of it that a vote accepted
     [144..247] paid          of that
"""

struct Acceptance:
    accepted_at: uint256
    earned: uint256
    paid: uint256


ACCEPTED_AT_MASK: constant(uint256) = 2**40 - 1
EARNED_OFFSET: constant(uint256) = 40
EARNED_MASK: constant(uint256) = 2**104 - 1
PAID_OFFSET: constant(uint256) = 144
PAID_MASK: constant(uint256) = 2**104 - 1


@internal
@pure
def _pack(acceptance: Acceptance) -> uint256:
    assert acceptance.accepted_at <= ACCEPTED_AT_MASK, "time is too large"
    assert acceptance.earned <= EARNED_MASK and acceptance.paid <= PAID_MASK, "amount is too large"
    return (
        acceptance.accepted_at
        | (acceptance.earned << EARNED_OFFSET)
        | (acceptance.paid << PAID_OFFSET)
    )


@internal
@pure
def _unpack(packed: uint256) -> Acceptance:
    return Acceptance(
        accepted_at=self._accepted_at(packed),
        earned=self._earned(packed),
        paid=self._paid(packed),
    )


@internal
@pure
def _accepted_at(packed: uint256) -> uint256:
    return packed & ACCEPTED_AT_MASK


@internal
@pure
def _earned(packed: uint256) -> uint256:
    return (packed >> EARNED_OFFSET) & EARNED_MASK


@internal
@pure
def _paid(packed: uint256) -> uint256:
    return (packed >> PAID_OFFSET) & PAID_MASK

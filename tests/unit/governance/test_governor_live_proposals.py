"""The bound on proposals of one account whose end of voting lies ahead."""

import boa
import pytest

from tests.kits.governance import (
    ACTIVE,
    CANCELED,
    LATE_EXTENSION,
    THRESHOLD,
    Batch,
    Proposal,
    run_as_timelock,
    set_votes,
)
from tests.support import DAY, now, warp_to

REFUSED = "too many live proposals"


@pytest.fixture
def bound(make_governor, target, proposer):
    """Makes a Governor with that bound, and what proposes there."""

    def make(most):
        governor = make_governor(max_live=most)

        def propose(name, sender=proposer):
            return Proposal(governor, Batch().spend(target), name, sender).propose()

        return governor, propose

    return make


@pytest.mark.parametrize("most", [1, 2, 8])
def test_propose__at_the_bound__waits_for_the_end_of_a_vote(bound, most):
    governor, propose = bound(most)
    first = propose("first")
    boa.env.time_travel(seconds=10)
    for i in range(1, most):
        propose(f"number {i}")
    with boa.reverts(REFUSED):
        propose("one more")
    warp_to(governor.proposalDeadline(first.id))
    assert first.state == ACTIVE
    with boa.reverts(REFUSED):
        propose("one more")
    boa.env.time_travel(seconds=1)
    propose("one more")
    if most > 1:
        with boa.reverts(REFUSED):
            propose("another")


def test_propose__by_another_account__has_a_bound_of_its_own(votes, bound, stranger):
    set_votes(votes, stranger, THRESHOLD)
    _, propose = bound(1)
    propose("mine")
    propose("theirs", sender=stranger)
    with boa.reverts(REFUSED):
        propose("theirs again", sender=stranger)


def test_cancel__of_a_live_proposal__makes_room(bound, proposer):
    _, propose = bound(1)
    propose("first").cancel(proposer)
    propose("second")
    with boa.reverts(REFUSED):
        propose("third")


def test_cancel__of_an_earlier_proposal__makes_no_room_twice(timelock, bound, voter, stranger):
    """A vote that has ended does not free the lane of another one when it is cancelled."""
    governor, propose = bound(1)
    old = propose("old").open().vote(voter).close()
    propose("new")
    run_as_timelock(timelock, governor, "set_guardian", stranger, now() + DAY)
    assert old.cancel(stranger).state == CANCELED
    with boa.reverts(REFUSED):
        propose("one more")


@pytest.mark.parametrize("which", [0, 1, 2])
def test_cancel__of_one_of_several__frees_its_own_lane(bound, proposer, which):
    """The lane that is freed is that of the cancelled proposal, not the first that is found."""
    governor, propose = bound(3)
    made = []
    for i in range(3):
        made.append(propose(f"number {i}"))
        boa.env.time_travel(seconds=100)
    made.pop(which).cancel(proposer)
    propose("in its place")
    for proposal in made:
        with boa.reverts(REFUSED):
            propose("one too many")
        warp_to(governor.proposalDeadline(proposal.id) + 1)
        propose(f"after {proposal.description}")


def test_cancel__under_vote__makes_room(votes, bound, proposer, stranger):
    _, propose = bound(1)
    proposal = propose("first").open()
    set_votes(votes, proposer, 0)
    assert proposal.cancel(stranger).state == CANCELED
    set_votes(votes, proposer, THRESHOLD)
    propose("second")


def extended_by_a_late_quorum(governor, proposal, voter):
    """Opens the vote and reaches its quorum in the last second; returns the second after the
    first deadline."""
    proposal.open()
    first_deadline = governor.proposalDeadline(proposal.id)
    warp_to(first_deadline)
    proposal.vote(voter)
    assert governor.proposalDeadline(proposal.id) == first_deadline + LATE_EXTENSION
    warp_to(first_deadline + 1)


def test_extension__keeps_the_lane_until_the_vote_ends(bound, voter):
    governor, propose = bound(1)
    proposal = propose("first")
    extended_by_a_late_quorum(governor, proposal, voter)
    with boa.reverts(REFUSED):
        propose("during the extension")
    warp_to(governor.proposalDeadline(proposal.id))
    with boa.reverts(REFUSED):
        propose("in its last second")
    boa.env.time_travel(seconds=1)
    propose("after it")


def test_cancel__of_an_extended_proposal__makes_room(timelock, bound, voter, stranger):
    governor, propose = bound(1)
    proposal = propose("first")
    extended_by_a_late_quorum(governor, proposal, voter)
    run_as_timelock(timelock, governor, "set_guardian", stranger, now() + DAY)
    proposal.cancel(stranger)
    propose("second")


def test_cancel__of_an_extended_proposal__frees_no_other_lane(
    timelock, votes, bound, voter, stranger
):
    """An extension ends in the same second as another vote of the same proposer."""
    governor, propose = bound(2)
    first = propose("first")
    boa.env.time_travel(seconds=LATE_EXTENSION // 2)
    second = propose("second")
    first.open()
    warp_to(governor.proposalDeadline(second.id) - LATE_EXTENSION)
    first.vote(voter)
    assert governor.proposalDeadline(first.id) == governor.proposalDeadline(second.id)
    warp_to(governor.proposalDeadline(second.id) - 1)
    run_as_timelock(timelock, governor, "set_guardian", stranger, now() + DAY)
    first.cancel(stranger)
    propose("third")
    with boa.reverts(REFUSED):
        propose("fourth")


def test_bound__of_zero__is_none(bound):
    governor, propose = bound(0)
    assert governor.max_live_proposals() == 0
    for i in range(10):
        propose(f"number {i}")

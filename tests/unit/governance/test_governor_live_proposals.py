"""The bound on proposals of one account whose end of voting lies ahead."""

import boa
import pytest

from tests.support import warp_to
from tests.unit.governance.governance_support import (
    ACTIVE,
    THRESHOLD,
    Batch,
    Proposal,
    run_as_timelock,
    set_votes,
)

REFUSED = "too many live proposals"


@pytest.fixture
def bound(governor, timelock):
    def set_to(most):
        run_as_timelock(timelock, governor, "set_max_live_proposals", most)

    return set_to


@pytest.fixture
def propose(make_proposal):
    def make(name, **kwargs):
        return make_proposal(description=name, **kwargs).propose()

    return make


@pytest.mark.parametrize("most", [1, 2, 8])
def test_propose__at_the_bound__waits_for_the_end_of_a_vote(governor, bound, propose, most):
    bound(most)
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


def test_propose__by_another_account__has_a_bound_of_its_own(votes, bound, propose, stranger):
    set_votes(votes, stranger, THRESHOLD)
    bound(1)
    propose("mine")
    propose("theirs", sender=stranger)
    with boa.reverts(REFUSED):
        propose("theirs again", sender=stranger)


def test_cancel__of_a_live_proposal__makes_room(bound, propose, proposer):
    bound(1)
    propose("first").cancel(proposer)
    propose("second")
    with boa.reverts(REFUSED):
        propose("third")


def test_cancel__of_an_earlier_proposal__makes_no_room_twice(
    governor, timelock, votes, bound, propose, proposer, stranger
):
    """A vote that has ended does not free the lane of another one when it is cancelled."""
    bound(1)
    old = propose("old").open().vote(stranger).close()
    propose("new")
    votes.set_votes(proposer, 0)
    boa.env.time_travel(seconds=1)
    with pytest.raises(boa.BoaError):
        old.cancel(stranger)
    set_votes(votes, proposer, THRESHOLD)
    with boa.reverts(REFUSED):
        propose("one more")


def test_bound__of_zero__is_none(bound, propose):
    bound(0)
    for i in range(10):
        propose(f"number {i}")


def test_bound__set_later__does_not_count_earlier_proposals(bound, propose):
    propose("before")
    bound(1)
    propose("first")
    with boa.reverts(REFUSED):
        propose("second")


def test_bound__raised_and_lowered__counts_what_is_live(bound, propose):
    bound(3)
    for i in range(3):
        propose(f"number {i}")
    bound(1)
    with boa.reverts(REFUSED):
        propose("at one")
    bound(4)
    propose("at four")


def test_refused_proposal__leaves_no_trace(governor, bound, make_proposal, target):
    bound(1)
    make_proposal().propose()
    other = Proposal(governor, Batch().add(target, "store", 9), "Nine", make_proposal().proposer)
    with boa.reverts(REFUSED):
        other.propose()
    assert governor.proposal_count() == 1
    assert governor.proposalSnapshot(other.id) == 0

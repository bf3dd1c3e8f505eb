"""The late-quorum extension: who reaches the quorum in the last moment gives time to answer."""

import pytest

from tests.kits.governance import (
    ABSTAIN,
    ACTIVE,
    AGAINST,
    DEFEATED,
    FOR,
    LATE_EXTENSION,
    ORDINARY,
    QUORUM,
    SUCCEEDED,
    VOTING_PERIOD,
    run_as_timelock,
    set_votes,
)
from tests.support import DAY, account, events, logged, now, pass_time, warp_to


@pytest.fixture
def crowd(votes, holder, contributor, stranger):
    """`holder` has the quorum, the other two a wei each, all of them before the snapshot."""
    for person, weight in ((holder, QUORUM), (contributor, 1), (stranger, QUORUM - 1)):
        votes.set_votes(person, weight)
    return holder, contributor, stranger


def at(governor, proposal, before_the_end):
    """Proposes, and goes to so many seconds before the first deadline, which it returns."""
    proposal.propose()
    deadline = governor.proposalDeadline(proposal.id)
    warp_to(deadline - before_the_end)
    return deadline


@pytest.mark.parametrize("support", [FOR, ABSTAIN])
@pytest.mark.parametrize("before_the_end", [LATE_EXTENSION - 1, 1, 0])
def test_quorum__reached_late__extends_voting(governor, proposal, crowd, support, before_the_end):
    deadline = at(governor, proposal, before_the_end)
    proposal.vote(crowd[0], support)
    extended = now() + LATE_EXTENSION
    assert extended > deadline
    assert logged(governor) == [
        ("VoteCast", crowd[0], proposal.id, support, QUORUM, ""),
        ("ProposalExtended", proposal.id, extended),
    ]
    assert governor.proposalDeadline(proposal.id) == extended
    warp_to(extended)
    assert proposal.state == ACTIVE
    pass_time(1)
    assert proposal.state == (SUCCEEDED if support == FOR else DEFEATED)


@pytest.mark.parametrize("before_the_end", [LATE_EXTENSION, LATE_EXTENSION + 1, VOTING_PERIOD - 1])
def test_quorum__reached_in_time__extends_nothing(governor, proposal, crowd, before_the_end):
    deadline = at(governor, proposal, before_the_end)
    proposal.vote(crowd[0])
    assert not events(governor, "ProposalExtended")
    assert governor.proposalDeadline(proposal.id) == deadline
    # Not by later ballots either: the quorum is reached once.
    warp_to(deadline)
    proposal.vote(crowd[1])
    assert not events(governor, "ProposalExtended")
    assert governor.proposalDeadline(proposal.id) == deadline


def test_quorum__reached_by_the_last_wei__extends_at_that_ballot(governor, proposal, crowd):
    deadline = at(governor, proposal, 10)
    proposal.vote(crowd[2], ABSTAIN)
    assert governor.proposalDeadline(proposal.id) == deadline
    proposal.vote(crowd[1], FOR)
    assert governor.proposalDeadline(proposal.id) == now() + LATE_EXTENSION


def test_votes_against__late__extend_nothing(governor, proposal, crowd):
    deadline = at(governor, proposal, 0)
    proposal.vote(crowd[0], AGAINST)
    assert governor.proposalDeadline(proposal.id) == deadline


def test_extended_voting__is_never_extended_again(governor, proposal, crowd):
    at(governor, proposal, 0)
    proposal.vote(crowd[0])
    extended = governor.proposalDeadline(proposal.id)
    warp_to(extended)
    proposal.vote(crowd[1]).vote(crowd[2])
    assert governor.proposalDeadline(proposal.id) == extended
    pass_time(1)
    assert proposal.state == SUCCEEDED


def test_answer_in_the_extension__decides(governor, proposal, crowd, voter):
    at(governor, proposal, 0)
    proposal.vote(crowd[0])
    pass_time(LATE_EXTENSION)
    proposal.vote(voter, AGAINST).close()
    assert proposal.state == DEFEATED


def test_ballot_of_no_weight__once_the_quorum_is_reached__extends_nothing(
    governor, proposal, crowd, guardian
):
    deadline = at(governor, proposal, LATE_EXTENSION)
    proposal.vote(crowd[0])
    warp_to(deadline)
    proposal.vote(guardian)
    assert governor.proposalDeadline(proposal.id) == deadline


@pytest.mark.parametrize("changed", [0, 2 * DAY])
def test_extension__changed_later__does_not_change_a_proposal(
    governor, timelock, proposal, crowd, changed
):
    at(governor, proposal, 0)
    run_as_timelock(timelock, governor, "setLateQuorumVoteExtension", changed)
    proposal.vote(crowd[0])
    assert governor.proposalDeadline(proposal.id) == now() + LATE_EXTENSION


def test_extension__of_zero__extends_nothing(governor, timelock, proposal, crowd):
    run_as_timelock(timelock, governor, "setLateQuorumVoteExtension", 0)
    deadline = at(governor, proposal, 0)
    proposal.vote(crowd[0])
    assert governor.proposalDeadline(proposal.id) == deadline


def test_extensions__of_the_longest_period__fit(governor, timelock, votes, proposal, crowd):
    """Three of 30 days after a period of 60: the last second of a field of 24 bits is far."""
    run_as_timelock(timelock, governor, "setVotingPeriod", 60 * DAY)
    run_as_timelock(timelock, governor, "setLateQuorumVoteExtension", 30 * DAY)
    swingers = [account(f"swinger {i}") for i in range(4)]
    for i, swinger in enumerate(swingers):
        set_votes(votes, swinger, QUORUM << i)
    deadline = at(governor, proposal, 0)
    snapshot = governor.proposalSnapshot(proposal.id)
    for i, swinger in enumerate(swingers):
        proposal.vote(swinger, FOR if i % 2 == 0 else AGAINST)
        moved = deadline + 30 * DAY * min(i + 1, 3)
        assert governor.proposalDeadline(proposal.id) == moved
        warp_to(moved)
    assert moved == snapshot + 150 * DAY
    assert governor.proposalSnapshot(proposal.id) == snapshot
    assert governor.proposalProposer(proposal.id) == proposal.proposer
    assert governor.ballot(proposal.id, swingers[0]) == (True, FOR)
    assert governor.proposal_class(proposal.id) == ORDINARY

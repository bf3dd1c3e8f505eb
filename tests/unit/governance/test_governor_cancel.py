"""Who may cancel what, and when."""

import boa
import pytest

from tests.kits.governance import (
    ACTIVE,
    CANCELED,
    DEFEATED,
    EXECUTED,
    EXPIRED,
    PENDING,
    QUEUED,
    SUCCEEDED,
    THRESHOLD,
    UNEXPECTED_STATE,
    Batch,
    Proposal,
    bits,
    run_as_timelock,
    set_votes,
)
from tests.support import DAY, logged, now, pass_time, reverts_with, warp_to

LIVE = [PENDING, ACTIVE, SUCCEEDED, QUEUED]
FINAL = [CANCELED, DEFEATED, EXPIRED, EXECUTED]
UNABLE = "GovernorUnableToCancel(uint256,address)"


@pytest.fixture
def appointed(governor, timelock, guardian):
    """The guardian, in office for a year."""
    run_as_timelock(timelock, governor, "set_guardian", guardian, now() + 365 * DAY)
    return guardian


def test_cancel__by_the_proposer_while_pending__is_final(governor, proposal, proposer):
    proposal.propose()
    warp_to(governor.proposalSnapshot(proposal.id))
    proposal.cancel(proposer)
    assert logged(governor) == [("ProposalCanceled", proposal.id)]
    pass_time(30 * DAY)
    assert proposal.state == CANCELED


@pytest.mark.parametrize("state", [ACTIVE, SUCCEEDED, QUEUED, DEFEATED, EXECUTED])
def test_cancel__by_the_proposer_later__reverts(governor, proposal, proposer, voter, state):
    proposal.advance(state, voter)
    with reverts_with(governor, UNABLE, proposal.id, proposer):
        proposal.cancel(proposer)


@pytest.mark.parametrize("state", LIVE)
def test_cancel__by_strangers__reverts(governor, proposal, voter, stranger, state):
    proposal.advance(state, voter)
    for account in (voter, stranger):
        with reverts_with(governor, UNABLE, proposal.id, account):
            proposal.cancel(account)


@pytest.mark.parametrize("state", [PENDING, ACTIVE])
def test_cancel__once_the_proposer_is_below_the_threshold__is_for_anybody(
    governor, votes, proposal, proposer, voter, stranger, state
):
    proposal.advance(state, voter)
    set_votes(votes, proposer, THRESHOLD)
    with reverts_with(governor, UNABLE, proposal.id, stranger):
        proposal.cancel(stranger)
    votes.set_votes(proposer, THRESHOLD - 1)
    with reverts_with(governor, UNABLE, proposal.id, stranger):
        proposal.cancel(stranger)
    pass_time(1)
    proposal.cancel(stranger)
    assert proposal.state == CANCELED


@pytest.mark.parametrize("state", [SUCCEEDED, QUEUED, DEFEATED, EXPIRED, EXECUTED])
def test_cancel__of_a_decision_by_a_proposer_that_gave_up_its_votes__reverts(
    governor, votes, proposal, proposer, voter, stranger, state
):
    """A proposer lets its own proposal pass, drops below the threshold and would undo the vote."""
    proposal.advance(state, voter)
    set_votes(votes, proposer, 0)
    for account in (proposer, stranger):
        with reverts_with(governor, UNABLE, proposal.id, account):
            proposal.cancel(account)
        with reverts_with(governor, UNABLE, proposal.id, account):
            governor.cancel_by_id(proposal.id, sender=account)
    assert proposal.state == state


def test_cancel__in_the_last_second_of_voting__is_for_anybody_below_the_threshold(
    governor, votes, proposal, proposer, voter, stranger
):
    proposal.advance(ACTIVE, voter)
    set_votes(votes, proposer, 0)
    warp_to(governor.proposalDeadline(proposal.id))
    with boa.env.anchor():
        pass_time(1)
        with reverts_with(governor, UNABLE, proposal.id, stranger):
            proposal.cancel(stranger)
    proposal.cancel(stranger)
    assert proposal.state == CANCELED


def test_cancel__after_the_threshold_was_raised__goes_by_the_old_one(
    governor, timelock, proposal, stranger
):
    proposal.propose()
    run_as_timelock(timelock, governor, "setProposalThreshold", 10 * THRESHOLD)
    with reverts_with(governor, UNABLE, proposal.id, stranger):
        proposal.cancel(stranger)


@pytest.mark.parametrize("state", LIVE)
def test_cancel__by_the_guardian__is_final(governor, appointed, proposal, voter, state):
    proposal.advance(state, voter).cancel(appointed)
    assert ("ProposalCanceled", proposal.id) in logged(governor)
    pass_time(30 * DAY)
    assert proposal.state == CANCELED


@pytest.mark.parametrize("state", FINAL)
def test_cancel__of_what_is_final__reverts(governor, appointed, proposal, voter, state):
    proposal.advance(state, voter)
    with reverts_with(governor, UNEXPECTED_STATE, proposal.id, state, bits(*LIVE)):
        proposal.cancel(appointed)
    assert proposal.state == state


def test_cancel__of_a_queued_proposal__cancels_its_operation(
    governor, timelock, appointed, proposal, voter
):
    proposal.advance(QUEUED, voter).wait()
    eta = now()
    proposal.cancel(appointed)
    assert logged(governor) == [
        ("ProposalCanceled", proposal.id),
        ("Cancelled", proposal.operation),
    ]
    assert not timelock.isOperation(proposal.operation)
    assert governor.proposalEta(proposal.id) == eta
    with reverts_with(governor, UNEXPECTED_STATE, proposal.id, CANCELED, bits(QUEUED)):
        proposal.execute()


def test_cancel__by_the_guardian__ends_with_its_term(governor, appointed, proposal):
    proposal.propose()
    warp_to(governor.guardian_expires_at())
    with reverts_with(governor, UNABLE, proposal.id, appointed):
        proposal.cancel(appointed)


def test_cancel__in_the_last_second_of_the_guardian__succeeds(
    governor, timelock, guardian, proposal
):
    run_as_timelock(timelock, governor, "set_guardian", guardian, now() + 10)
    proposal.propose()
    pass_time(9)
    proposal.cancel(guardian)


def test_cancel__by_a_replaced_guardian__reverts(governor, timelock, appointed, proposal, stranger):
    run_as_timelock(timelock, governor, "set_guardian", stranger, now() + DAY)
    proposal.propose()
    with reverts_with(governor, UNABLE, proposal.id, appointed):
        proposal.cancel(appointed)


@pytest.mark.parametrize("state", LIVE)
def test_cancel__by_the_guardian_of_its_own_replacement__reverts(
    governor, appointed, make_proposal, voter, state
):
    batch = Batch().add(governor, "set_guardian", voter, 0)
    proposal = make_proposal(batch).advance(state, voter)
    with reverts_with(governor, UNABLE, proposal.id, appointed):
        proposal.cancel(appointed)
    assert proposal.state == state


def test_cancel__by_the_guardian_of_its_replacement_and_more__succeeds(
    governor, appointed, make_proposal, target, voter
):
    """Nothing hides behind the exception: one action of another kind, and it does not hold."""
    replace = ("set_guardian", voter, 0)
    for batch in (
        Batch().add(governor, *replace).add(target, "store", 1),
        Batch().add(governor, *replace).add(governor, *replace),
        Batch().add(governor, "setVotingDelay", 3 * DAY),
        Batch().add_raw(governor.address, b"\1\2\3"),
        Batch().add_raw(target.address, governor.set_guardian.prepare_calldata(voter, 0)),
    ):
        proposal = make_proposal(batch).propose().cancel(appointed)
        assert proposal.state == CANCELED


def test_cancel_by_id__by_the_proposer_while_pending__is_final(governor, proposal, proposer):
    proposal.propose()
    governor.cancel_by_id(proposal.id, sender=proposer)
    assert logged(governor) == [("ProposalCanceled", proposal.id)]
    assert proposal.state == CANCELED
    with reverts_with(governor, UNABLE, proposal.id, proposer):
        governor.cancel_by_id(proposal.id, sender=proposer)


def test_cancel_by_id__by_the_guardian_or_strangers__reverts(
    governor, appointed, proposal, stranger
):
    proposal.propose()
    for account in (appointed, stranger):
        with reverts_with(governor, UNABLE, proposal.id, account):
            governor.cancel_by_id(proposal.id, sender=account)


def test_cancel_by_id__once_the_proposer_is_below_the_threshold__is_for_anybody(
    governor, votes, proposal, proposer, voter, stranger
):
    proposal.advance(ACTIVE, voter)
    set_votes(votes, proposer, THRESHOLD - 1)
    governor.cancel_by_id(proposal.id, sender=stranger)
    assert proposal.state == CANCELED


def test_guardian__of_the_deployment__cancels_from_the_first_day(
    make_governor, target, proposer, guardian
):
    governor = make_governor(guardian=guardian, guardian_expires_at=now() + 366 * DAY)
    assert (governor.guardian(), governor.guardian_expires_at()) == (guardian, now() + 366 * DAY)
    batch = Batch().add(target, "store", 7)
    proposal = Proposal(governor, batch, "Store seven", proposer).propose().open()
    assert proposal.cancel(guardian).state == CANCELED


def test_guardian__of_the_deployment__ends_within_a_year(make_governor, guardian):
    with boa.reverts("guardian expiry is too far"):
        make_governor(guardian=guardian, guardian_expires_at=now() + 366 * DAY + 1)


def test_cancel__of_an_unknown_proposal__reverts(governor, appointed, proposal):
    with reverts_with(governor, "GovernorNonexistentProposal(uint256)", proposal.id):
        proposal.cancel(appointed)
    with reverts_with(governor, "GovernorNonexistentProposal(uint256)", proposal.id):
        governor.cancel_by_id(proposal.id)


def test_guardian__has_no_other_power(governor, timelock, appointed):
    with reverts_with(governor, "GovernorOnlyExecutor(address)", appointed):
        governor.set_guardian(appointed, now() + 366 * DAY, sender=appointed)
    with reverts_with(governor, "GovernorOnlyExecutor(address)", appointed):
        governor.setVotingDelay(3 * DAY, sender=appointed)

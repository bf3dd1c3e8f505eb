"""Attacks on the Governor and its Timelock that need more than one wrong call."""

import pytest

from tests.kits.governance import (
    ACTIVE,
    CANCELED,
    EXECUTED,
    FOR,
    MIN_DELAY,
    NO_PREDECESSOR,
    PENDING,
    QUEUED,
    QUORUM,
    READY,
    SALT,
    SUCCEEDED,
    SUPPLY,
    THRESHOLD,
    UNEXPECTED_OPERATION,
    UNEXPECTED_STATE,
    Batch,
    Proposal,
    bits,
    role,
    schedule,
    set_votes,
)
from tests.support import (
    DAY,
    deploy,
    logged,
    pass_time,
    reverts_otherwise,
    reverts_with,
    typed_error,
)

UNABLE = "GovernorUnableToCancel(uint256,address)"
UNAUTHORIZED = "AccessControlUnauthorizedAccount(address,bytes32)"


@pytest.fixture
def call_back(governor, make_proposal, target, voter):
    """A proposal that calls a contract which calls back; queued, ready and armed."""

    def make(callee, payload):
        batch = Batch().add(target, "call_back")
        target.arm(callee.address, payload)
        return make_proposal(batch).advance(QUEUED, voter).wait()

    return make


def test_flash_loan__of_votes__weighs_nothing(governor, votes, proposal, stranger):
    """Votes held only in the second of the proposal or of the ballot."""
    votes.set_votes(stranger, SUPPLY)
    proposal.propose()
    votes.set_votes(stranger, 0)
    proposal.open()
    votes.set_votes(stranger, SUPPLY)
    proposal.vote(stranger)
    votes.set_votes(stranger, 0)
    assert governor.proposalVotes(proposal.id) == (0, 0, 0)


def test_front_run__of_a_protected_proposal__fails(governor, votes, make_proposal, stranger):
    """Another proposer copies the batch and the description, to cancel it or to own it."""
    set_votes(votes, stranger, THRESHOLD)
    victim = make_proposal()
    victim.description += f"#proposer={victim.proposer}"
    thief = Proposal(governor, victim.batch, victim.description, stranger)
    with reverts_with(governor, "GovernorRestrictedProposer(address)", stranger):
        thief.propose()
    victim.propose()
    with reverts_with(governor, "GovernorUnableToCancel(uint256,address)", victim.id, stranger):
        thief.cancel(stranger)
    assert victim.state == PENDING


def test_front_run__of_an_unprotected_proposal__costs_another_description(
    governor, votes, make_proposal, stranger
):
    set_votes(votes, stranger, THRESHOLD)
    stolen = make_proposal(sender=stranger).propose().cancel(stranger)
    again = make_proposal(description=f"{stolen.description} again").propose()
    assert (stolen.state, again.state) == (CANCELED, PENDING)


@pytest.mark.parametrize(
    ("function", "expected"), [("queue", SUCCEEDED), ("execute", QUEUED), ("cancel", None)]
)
def test_re_entry__of_the_governor_with_the_executing_proposal__finds_it_executed(
    call_back, governor, target, function, expected
):
    proposal = call_back(governor, b"")
    payload = getattr(governor, function).prepare_calldata(*proposal.args)
    target.arm(governor.address, payload)
    proposal.execute()
    assert not target.callback_succeeded()
    if expected is None:
        refusal = typed_error(UNABLE, proposal.id, target.address)
    else:
        refusal = typed_error(UNEXPECTED_STATE, proposal.id, EXECUTED, bits(expected))
    assert target.callback_answer() == refusal
    assert proposal.state == EXECUTED


def test_execute__of_calls_to_the_governor__makes_them(
    governor, votes, timelock, make_proposal, voter, proposer
):
    """The DAO proposes, votes and queues by vote, as with OpenZeppelin's Governor."""
    votes.set_votes(timelock.address, 2 * THRESHOLD)
    to_queue = make_proposal(description="to queue").advance(SUCCEEDED, voter)
    own = make_proposal(description="the DAO's own", sender=timelock.address)
    batch = Batch().add(governor, "queue", *to_queue.args)
    batch.add(governor, "propose", *own.batch.args, own.description)
    main = make_proposal(batch, description="act on the Governor").advance(QUEUED, voter).wait()
    main.execute()
    assert (to_queue.state, own.state, main.state) == (QUEUED, PENDING, EXECUTED)


def test_re_entry__of_the_timelock_from_an_execution__is_locked(
    call_back, governor, timelock, target
):
    proposal = call_back(timelock, b"")
    args = (*proposal.batch.args, NO_PREDECESSOR, proposal.salt)
    target.arm(timelock.address, timelock.executeBatch.prepare_calldata(*args))
    proposal.execute()
    assert not target.callback_succeeded()
    assert target.callback_answer() == b""


def test_state__read_from_inside_its_execution__is_executed(call_back, governor, target):
    proposal = call_back(governor, b"")
    target.arm(governor.address, governor.state.prepare_calldata(proposal.id))
    proposal.execute()
    assert target.callback_succeeded()
    assert int.from_bytes(target.callback_answer(), "big") == EXECUTED


def test_setters__called_back_by_a_target__are_not_the_timelocks(call_back, governor, target):
    proposal = call_back(governor, governor.setVotingDelay.prepare_calldata(3 * DAY))
    proposal.execute()
    assert not target.callback_succeeded()
    assert governor.votingDelay() != 3 * DAY


def test_leftover_admin__once_renounced__cannot_touch_the_timelock(
    timelock, governor, owner, proposal
):
    admin = role("DEFAULT_ADMIN_ROLE")
    timelock.renounceRole(admin, owner, sender=owner)
    for function in ("grantRole", "revokeRole"):
        with reverts_with(timelock, UNAUTHORIZED, owner, admin):
            getattr(timelock, function)(role("PROPOSER_ROLE"), owner, sender=owner)
    with reverts_with(timelock, UNAUTHORIZED, owner, role("PROPOSER_ROLE")):
        schedule(timelock, owner, proposal.batch)


def test_governor__without_its_roles__can_neither_queue_nor_cancel(
    timelock, governor, owner, proposal, voter
):
    proposal.advance(SUCCEEDED, voter)
    timelock.revokeRole(role("PROPOSER_ROLE"), governor.address, sender=owner)
    with reverts_with(governor, UNAUTHORIZED, governor.address, role("PROPOSER_ROLE")):
        proposal.queue()
    assert governor.proposalEta(proposal.id) == 0


def test_governors__of_one_timelock__never_make_the_same_operation(
    make_governor, make_proposal, voter
):
    first, second = make_proposal(), make_proposal()
    second.governor = make_governor()
    assert first.id == second.id
    assert first.operation != second.operation
    first.advance(QUEUED, voter)
    second.advance(QUEUED, voter)


def test_operation__of_a_proposal__cannot_be_scheduled_with_other_calls(
    timelock, governor, make_proposal, target, voter
):
    """A queued id stands for its calls: the same salt with another batch is unknown."""
    proposal = make_proposal().advance(QUEUED, voter).wait()
    other = Batch().add(target, "store", 8)
    unknown = other.operation(proposal.salt)
    with reverts_with(timelock, UNEXPECTED_OPERATION, unknown, bits(READY)):
        timelock.executeBatch(*other.args, NO_PREDECESSOR, proposal.salt)
    other_proposal = Proposal(governor, other, proposal.description, proposal.proposer)
    with reverts_with(governor, "GovernorNonexistentProposal(uint256)", other_proposal.id):
        other_proposal.execute()


@pytest.mark.parametrize("gas", [150_000, 400_000, 900_000])
def test_execution__with_too_little_gas__leaves_the_proposal_executable(
    make_proposal, target, voter, gas
):
    """The 63/64 left after a call that ran out must not count the proposal as executed."""
    proposal = make_proposal(Batch().add(target, "fill", 50)).advance(QUEUED, voter).wait()
    with reverts_otherwise("out of gas has no words"):
        proposal.execute(gas=gas)
    assert proposal.state == QUEUED
    proposal.execute()
    assert target.filled(49) == 1


def test_late_vote__that_moves_away_afterwards__counts_once(governor, votes, proposal, holder):
    votes.set_votes(holder, QUORUM)
    proposal.propose().open()
    pass_time(4 * DAY)
    proposal.vote(holder)
    set_votes(votes, holder, 0)
    proposal.close()
    assert governor.proposalVotes(proposal.id) == (0, QUORUM, 0)


def test_relay_of_power__through_a_contract_voter__is_one_ballot(votes, governor, proposal):
    actor = deploy("Actor")
    votes.set_votes(actor.address, QUORUM)
    proposal.propose().open()
    payload = governor.castVote.prepare_calldata(proposal.id, FOR)
    actor.act(governor.address, payload)
    with reverts_with(actor, "GovernorAlreadyCastVote(address)", actor.address):
        actor.act(governor.address, payload)
    assert governor.proposalVotes(proposal.id) == (0, QUORUM, 0)
    assert proposal.state == ACTIVE


def test_predecessor__cannot_be_overtaken_from_inside_itself(timelock, proposer, target):
    """A successor does not run in the middle of the batch that it waits for."""
    first = Batch().add(target, "call_back").add(target, "store", 1)
    before = schedule(timelock, proposer, first)
    second = Batch().add(target, "store", 2)
    schedule(timelock, proposer, second, predecessor=before)
    pass_time(MIN_DELAY)
    overtake = timelock.executeBatch.prepare_calldata(*second.args, before, SALT)
    target.arm(timelock.address, overtake)
    timelock.executeBatch(*first.args, NO_PREDECESSOR, SALT)
    assert not target.callback_succeeded()
    timelock.executeBatch(*second.args, before, SALT)
    assert target.stored() == 2


def test_proposals__spammed__do_not_raise_the_cost_of_a_vote(governor, make_proposal, voter):
    """Gas of a ballot does not depend on how many proposals there are."""

    def gas_of_vote(description):
        proposal = make_proposal(description=description).propose().open()
        proposal.vote(voter)
        assert logged(governor)
        return governor._computation.get_gas_used()

    gas_of_vote("warm up")
    before = gas_of_vote("before")
    for i in range(40):
        make_proposal(description=f"spam {i}").propose()
    assert gas_of_vote("after ") <= before * 1.01

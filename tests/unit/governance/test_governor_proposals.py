"""The life of a proposal: propose, states at each boundary second, queue, execute."""

import boa
import pytest
from eth_utils import keccak

from tests.kits.governance import (
    ABSTAIN,
    ACTIVE,
    AGAINST,
    CANCELED,
    DEFEATED,
    ETHER,
    EXECUTED,
    EXPIRED,
    FOR,
    GRACE,
    MIN_DELAY,
    NO_PREDECESSOR,
    PENDING,
    QUEUED,
    QUORUM,
    SUCCEEDED,
    SUPPLY,
    THRESHOLD,
    UNEXPECTED_STATE,
    VOTING_DELAY,
    VOTING_PERIOD,
    Batch,
    bits,
    set_votes,
)
from tests.support import DAY, ZERO_ADDRESS, logged, now, pass_time, reverts_with, warp_to

STATES = range(8)


@pytest.fixture
def cast_votes(votes):
    """One ballot by a fresh account of so many votes, which it must have before the snapshot."""

    def give(weight):
        account = boa.env.generate_address()
        votes.set_votes(account, weight)
        return account

    return give


# --- propose ---


def test_propose__by_enough_votes__logs_and_records(governor, proposal, proposer):
    proposed_at = now()
    proposal.propose()
    snapshot = proposed_at + VOTING_DELAY
    batch = proposal.batch
    assert logged(governor) == [
        (
            "ProposalCreated",
            proposal.id,
            proposer,
            batch.targets,
            batch.amounts,
            [""],
            batch.payloads,
            snapshot,
            snapshot + VOTING_PERIOD,
            proposal.description,
        )
    ]
    assert governor.proposalSnapshot(proposal.id) == snapshot
    assert governor.proposalDeadline(proposal.id) == snapshot + VOTING_PERIOD
    assert governor.proposalProposer(proposal.id) == proposer
    assert governor.proposalEta(proposal.id) == 0
    assert governor.proposalVotes(proposal.id) == (0, 0, 0)
    assert governor.proposalNeedsQueuing(proposal.id)
    assert governor.proposal_operation(proposal.id) == NO_PREDECESSOR
    assert governor.proposal_count() == 1
    assert governor.hashProposal(*proposal.args) == proposal.id
    assert governor.getProposalId(*proposal.args) == proposal.id


def test_views__of_a_proposal_that_does_not_exist__are_zero_or_revert(governor, voter):
    assert governor.proposalSnapshot(1) == governor.proposalDeadline(1) == 0
    assert governor.proposalEta(1) == 0
    assert governor.proposalProposer(1) == ZERO_ADDRESS
    assert governor.proposalVotes(1) == (0, 0, 0)
    assert not governor.hasVoted(1, voter)
    assert governor.ballot(1, voter) == (False, 0)
    for view in (governor.state, governor.proposal_quorum):
        with reverts_with(governor, "GovernorNonexistentProposal(uint256)", 1):
            view(1)


@pytest.mark.parametrize("shorten", ["targets", "amounts", "payloads"])
def test_propose__with_uneven_lengths__reverts(governor, proposal, target, shorten):
    proposal.batch.add(target, "store", 8)
    getattr(proposal.batch, shorten).pop()
    batch = proposal.batch
    lengths = len(batch.targets), len(batch.payloads), len(batch.amounts)
    error = "GovernorInvalidProposalLength(uint256,uint256,uint256)"
    with reverts_with(governor, error, *lengths):
        proposal.propose()


def test_propose__of_nothing__reverts(governor, make_proposal):
    error = "GovernorInvalidProposalLength(uint256,uint256,uint256)"
    with reverts_with(governor, error, 0, 0, 0):
        governor.propose([], [], [], "Nothing", sender=make_proposal().proposer)


def test_propose__of_the_largest_size__can_be_executed(make_proposal, target, voter):
    payload = target.store.prepare_calldata(3)
    batch = Batch()
    for _ in range(10):
        batch.add_raw(target.address, payload + b"\1" * (1_664 - len(payload)))
    make_proposal(batch, "d" * 4_096).advance(EXECUTED, voter)
    assert target.stored() == 3


def test_propose__twice__reverts_in_every_state(governor, make_proposal, voter):
    for state in STATES:
        proposal = make_proposal(description=f"To state {state}").advance(state, voter)
        assert proposal.state == state
        with reverts_with(governor, UNEXPECTED_STATE, proposal.id, state, bits()):
            proposal.propose()


def test_propose__at_the_threshold__counts_votes_of_the_last_second(
    governor, votes, make_proposal, stranger
):
    proposal = make_proposal(sender=stranger)
    error = "GovernorInsufficientProposerVotes(address,uint256,uint256)"
    set_votes(votes, stranger, THRESHOLD - 1)
    with reverts_with(governor, error, stranger, THRESHOLD - 1, THRESHOLD):
        proposal.propose()
    votes.set_votes(stranger, THRESHOLD)
    # Votes of this very second, a flash loan's, do not count.
    with reverts_with(governor, error, stranger, THRESHOLD - 1, THRESHOLD):
        proposal.propose()
    pass_time(1)
    proposal.propose()


@pytest.mark.parametrize("supply", [1, 9, 10, 11, THRESHOLD - 1, THRESHOLD, 10 * THRESHOLD - 11])
def test_propose__little_circulates__more_than_a_tenth_of_it_is_enough(
    governor, votes, make_proposal, stranger, voter, supply
):
    """Burning and redeeming never end proposals for good."""
    votes.set_supply(supply)
    set_votes(votes, stranger, supply // 10)
    proposal = make_proposal(sender=stranger)
    error = "GovernorInsufficientProposerVotes(address,uint256,uint256)"
    with reverts_with(governor, error, stranger, supply // 10, supply // 10 + 1):
        proposal.propose()
    set_votes(votes, stranger, supply // 10 + 1)
    proposal.propose()
    # It stays the proposer's as long as that is so.
    unable = "GovernorUnableToCancel(uint256,address)"
    with reverts_with(governor, unable, proposal.id, voter):
        proposal.cancel(voter)
    set_votes(votes, stranger, supply // 10)
    proposal.cancel(voter)


def test_propose__nothing_circulates__is_for_nobody(governor, votes, make_proposal, stranger):
    votes.set_supply(0)
    pass_time(1)
    error = "GovernorInsufficientProposerVotes(address,uint256,uint256)"
    with reverts_with(governor, error, stranger, 0, 1):
        make_proposal(sender=stranger).propose()


def test_propose__without_threshold__is_for_anybody(make_governor, make_proposal, stranger):
    proposal = make_proposal(sender=stranger)
    proposal.governor = make_governor(proposal_threshold=0)
    assert proposal.propose().state == PENDING


# --- the proposer's suffix ---


def suffix(address):
    return f"#proposer={address}"


@pytest.mark.parametrize("spell", [str, str.lower, lambda text: "0x" + text[2:].upper()])
def test_propose__with_the_suffix_of_another__reverts(
    governor, make_proposal, proposer, voter, spell
):
    description = "Mine " + suffix(spell(proposer))
    with reverts_with(governor, "GovernorRestrictedProposer(address)", voter):
        make_proposal(description=description, sender=voter).propose()
    make_proposal(description=description).propose()


@pytest.mark.parametrize(
    "description",
    [
        "",
        "#proposer=",
        "text " + suffix("0x" + "11" * 19 + "1g"),
        "text " + suffix("0X" + "11" * 20),
        "text " + suffix("0x" + "11" * 20) + " ",
        "text #Proposer=0x" + "11" * 20,
        suffix("0x" + "11" * 20)[1:],
    ],
)
def test_propose__with_no_proper_suffix__is_for_anybody(make_proposal, description):
    make_proposal(description=description).propose()


def test_propose__of_nothing_but_a_suffix__is_restricted(governor, make_proposal, proposer, voter):
    with reverts_with(governor, "GovernorRestrictedProposer(address)", voter):
        make_proposal(description=suffix(proposer), sender=voter).propose()


# --- states, second by second ---


def test_state__second_by_second__follows_openzeppelin(governor, proposal, voter):
    proposal.propose()
    snapshot = governor.proposalSnapshot(proposal.id)
    deadline = governor.proposalDeadline(proposal.id)
    for moment, state in (
        (now(), PENDING),
        (snapshot, PENDING),
        (snapshot + 1, ACTIVE),
        (deadline, ACTIVE),
        (deadline + 1, DEFEATED),
    ):
        warp_to(moment)
        assert proposal.state == state


def test_state__of_a_queued_proposal__expires_after_the_grace_window(governor, proposal, voter):
    proposal.advance(QUEUED, voter)
    eta = governor.proposalEta(proposal.id)
    for moment, state in (
        (eta - 1, QUEUED),
        (eta, QUEUED),
        (eta + GRACE - 1, QUEUED),
        (eta + GRACE, EXPIRED),
        (eta + 400 * DAY, EXPIRED),
    ):
        warp_to(moment)
        assert proposal.state == state
    with reverts_with(governor, UNEXPECTED_STATE, proposal.id, EXPIRED, bits(QUEUED)):
        proposal.execute()
    with reverts_with(governor, UNEXPECTED_STATE, proposal.id, EXPIRED, bits(SUCCEEDED)):
        proposal.queue()


def test_state__of_a_victory_that_nobody_queues__expires(governor, proposal, voter):
    proposal.advance(SUCCEEDED, voter)
    deadline = governor.proposalDeadline(proposal.id)
    for moment, state in (
        (deadline + GRACE, SUCCEEDED),
        (deadline + GRACE + 1, EXPIRED),
        (deadline + 400 * DAY, EXPIRED),
    ):
        warp_to(moment)
        assert proposal.state == state
    with reverts_with(governor, UNEXPECTED_STATE, proposal.id, EXPIRED, bits(SUCCEEDED)):
        proposal.queue()


def test_queue__in_the_last_second__succeeds(governor, proposal, voter):
    proposal.advance(SUCCEEDED, voter)
    warp_to(governor.proposalDeadline(proposal.id) + GRACE)
    assert proposal.queue().state == QUEUED
    pass_time(MIN_DELAY + GRACE - 1)
    assert proposal.state == QUEUED


@pytest.mark.parametrize("moment", [0, VOTING_PERIOD - 1])
def test_vote__in_the_first_and_last_second__counts(governor, proposal, voter, moment):
    proposal.propose().open()
    pass_time(moment)
    proposal.vote(voter).close()
    assert proposal.state == SUCCEEDED


@pytest.mark.parametrize("state", [DEFEATED, CANCELED, EXPIRED, EXECUTED])
def test_state__once_final__stays(proposal, voter, state):
    proposal.advance(state, voter)
    pass_time(400 * DAY)
    assert proposal.state == state


# --- outcome ---


@pytest.mark.parametrize(
    ("against", "in_favour", "abstaining", "state"),
    [
        (0, QUORUM - 1, 0, DEFEATED),
        (0, QUORUM, 0, SUCCEEDED),
        (0, 1, QUORUM - 2, DEFEATED),
        (0, 1, QUORUM - 1, SUCCEEDED),
        (QUORUM, QUORUM, QUORUM, DEFEATED),
        (QUORUM, QUORUM + 1, 0, SUCCEEDED),
        (QUORUM, QUORUM - 1, QUORUM, DEFEATED),
        (QUORUM, 0, 0, DEFEATED),
        (0, 0, QUORUM, DEFEATED),
    ],
)
def test_outcome__at_its_edges(
    governor, proposal, cast_votes, against, in_favour, abstaining, state
):
    weights = {AGAINST: against, FOR: in_favour, ABSTAIN: abstaining}
    voters = {support: cast_votes(weight) for support, weight in weights.items()}
    proposal.propose().open()
    for support, account in voters.items():
        proposal.vote(account, support)
    assert governor.proposalVotes(proposal.id) == (against, in_favour, abstaining)
    assert governor.proposal_quorum(proposal.id) == QUORUM
    proposal.close()
    assert proposal.state == state


def test_quorum__of_an_uneven_supply__is_rounded_up(governor, votes, make_proposal, cast_votes):
    votes.set_supply(SUPPLY + 1)
    short, enough = cast_votes(QUORUM), cast_votes(QUORUM + 1)
    first, second = make_proposal(description="first"), make_proposal(description="second")
    first.propose()
    second.propose().open()
    first.vote(short)
    second.vote(enough).close()
    assert governor.proposal_quorum(first.id) == QUORUM + 1
    assert (first.state, second.state) == (DEFEATED, SUCCEEDED)


@pytest.mark.parametrize(("weight", "state"), [(9_999, DEFEATED), (10_000, SUCCEEDED)])
def test_quorum__of_a_small_supply__is_the_minimum(
    governor, votes, proposal, cast_votes, weight, state
):
    votes.set_supply(20_000 * ETHER)
    account = cast_votes(weight * ETHER)
    proposal.propose().open().vote(account).close()
    assert governor.proposal_quorum(proposal.id) == 10_000 * ETHER
    assert proposal.state == state


def test_quorum__reads_the_supply_at_the_snapshot(governor, votes, proposal, cast_votes):
    account = cast_votes(QUORUM)
    proposal.propose()
    warp_to(governor.proposalSnapshot(proposal.id) + 1)
    votes.set_supply(100 * SUPPLY)
    proposal.vote(account).close()
    assert governor.proposal_quorum(proposal.id) == QUORUM
    assert governor.quorum(now() - 1) == 100 * QUORUM
    assert proposal.state == SUCCEEDED


# --- queue and execute ---


def test_queue__of_a_success__schedules_the_operation(governor, timelock, proposal, voter):
    proposal.advance(SUCCEEDED, voter)
    proposal.queue()
    eta = now() + MIN_DELAY
    payload = proposal.batch.payloads[0]
    called = proposal.batch.targets[0]
    scheduled = (proposal.operation, 0, called, 0, payload, NO_PREDECESSOR, MIN_DELAY)
    assert logged(governor) == [
        ("ProposalQueued", proposal.id, eta),
        ("CallScheduled", *scheduled),
        ("CallSalt", proposal.operation, proposal.salt),
    ]
    assert governor.proposal_operation(proposal.id) == proposal.operation
    assert governor.proposalEta(proposal.id) == timelock.getTimestamp(proposal.operation) == eta


@pytest.mark.parametrize("state", sorted(set(STATES) - {SUCCEEDED}))
def test_queue__in_any_other_state__reverts(governor, proposal, voter, state):
    proposal.advance(state, voter)
    with reverts_with(governor, UNEXPECTED_STATE, proposal.id, state, bits(SUCCEEDED)):
        proposal.queue()


def test_execute__when_ready__calls_and_stays_executed(governor, target, proposal, voter, stranger):
    proposal.advance(QUEUED, voter).wait()
    eta = now()
    governor.execute(*proposal.args, sender=stranger)
    payload = proposal.batch.payloads[0]
    assert logged(governor) == [
        ("ProposalExecuted", proposal.id),
        ("CallExecuted", proposal.operation, 0, target.address, 0, payload),
    ]
    assert target.stored() == 7
    assert proposal.state == EXECUTED
    assert governor.proposalEta(proposal.id) == eta


@pytest.mark.parametrize("state", sorted(set(STATES) - {QUEUED}))
def test_execute__in_any_other_state__reverts(governor, proposal, voter, state):
    proposal.advance(state, voter)
    with reverts_with(governor, UNEXPECTED_STATE, proposal.id, state, bits(QUEUED)):
        proposal.execute()


def test_execute__a_second_early__reverts(governor, timelock, proposal, voter):
    proposal.advance(QUEUED, voter)
    warp_to(governor.proposalEta(proposal.id) - 1)
    error = "TimelockUnexpectedOperationState(bytes32,bytes32)"
    with reverts_with(governor, error, proposal.operation, bits(2)):
        proposal.execute()


@pytest.mark.parametrize("function", ["queue", "execute", "cancel"])
def test_batch_functions__of_an_unknown_proposal__revert(governor, proposal, function):
    with reverts_with(governor, "GovernorNonexistentProposal(uint256)", proposal.id):
        getattr(governor, function)(*proposal.args)


def test_execute__with_value__reaches_the_target(make_proposal, target, voter, payer):
    batch = Batch().add(target, "store", 7, amount=3)
    proposal = make_proposal(batch).advance(QUEUED, voter).wait()
    proposal.execute(value=3, sender=payer)
    assert boa.env.get_balance(target.address) == 3


def test_execute__directly_in_the_timelock__shows_as_executed(
    governor, timelock, proposal, voter, stranger
):
    proposal.advance(QUEUED, voter).wait()
    args = (*proposal.batch.args, NO_PREDECESSOR, proposal.salt)
    timelock.executeBatch(*args, sender=stranger)
    assert proposal.state == EXECUTED
    with reverts_with(governor, UNEXPECTED_STATE, proposal.id, EXECUTED, bits(QUEUED)):
        proposal.execute()


def test_cancel__directly_in_the_timelock__shows_as_canceled(
    governor, timelock, proposal, voter, proposer
):
    proposal.advance(QUEUED, voter)
    timelock.cancel(proposal.operation, sender=proposer)
    assert proposal.state == CANCELED
    assert governor.proposalEta(proposal.id) > 0
    pass_time(MIN_DELAY + GRACE)
    assert proposal.state == CANCELED


def test_execute__with_a_failing_call__stays_queued(make_proposal, target, voter):
    proposal = make_proposal(Batch().add(target, "refuse")).advance(QUEUED, voter).wait()
    with boa.reverts("target refuses"):
        proposal.execute()
    assert proposal.state == QUEUED


def test_batches__of_several_calls__run_in_order(make_proposal, target, voter):
    batch = Batch().add(target, "store", 1).add(target, "fill", 2).add(target, "store", 3)
    make_proposal(batch).advance(EXECUTED, voter)
    assert (target.stored(), target.filled(1)) == (3, 1)


def test_salt__holds_the_governor_and_the_description(governor, proposal):
    assert proposal.salt[20:] == keccak(text=proposal.description)[20:]

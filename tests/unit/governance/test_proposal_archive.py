"""Proposals kept on chain, read, queued and executed by id."""

import boa
import pytest
from eth_abi import encode

from tests.kits.governance import ACTIVE, EXECUTED, QUEUED, SUCCEEDED, UNEXPECTED_STATE, Batch, bits
from tests.support import ZERO_ADDRESS, deploy, logged, reverts_with

NONEXISTENT = "GovernorNonexistentProposal(uint256)"


@pytest.fixture(scope="module")
def archive(governor):
    return deploy("ProposalArchive", governor.address)


def details(proposal):
    return (*proposal.batch.args, proposal.description_hash)


@pytest.fixture
def largest(target):
    payload = target.store.prepare_calldata(3)
    batch = Batch()
    for i in range(10):
        batch.add_raw(target.address, payload + bytes([i + 1]) * (1_664 - len(payload)))
    return batch


def test_keep__of_a_proposal__makes_it_readable(archive, governor, proposal, stranger):
    proposal.propose()
    assert archive.keep(*proposal.args, sender=stranger) == proposal.id
    log = logged(archive)
    keeper = archive.keeper_of(proposal.id)
    assert log == [("ProposalKept", proposal.id, keeper)]
    assert archive.proposalCount() == 1
    assert archive.proposalDetails(proposal.id) == details(proposal)
    assert archive.proposalDetailsAt(0) == (proposal.id, *details(proposal))
    # The keeper alone answers like `proposalDetails`, whatever it is called with.
    encoded = encode(["address[]", "uint256[]", "bytes[]", "bytes32"], proposal.args)
    for data in (b"", b"\1\2\3\4"):
        assert boa.env.raw_call(keeper, data=data).output == encoded
    assert archive.GOVERNOR() == governor.address


def test_keep__of_the_largest_proposal__can_be_executed(archive, make_proposal, largest, voter):
    proposal = make_proposal(largest, "d" * 4_096).advance(SUCCEEDED, voter)
    archive.keep(*proposal.args)
    assert archive.proposalDetails(proposal.id) == details(proposal)
    archive.queue(proposal.id)
    proposal.wait()
    archive.execute(proposal.id)
    assert proposal.state == EXECUTED


def test_keep__of_what_was_not_proposed__reverts(archive, proposal):
    with reverts_with(archive, NONEXISTENT, proposal.id):
        archive.keep(*proposal.args)


def test_keep__twice__reverts(archive, proposal, stranger):
    proposal.propose()
    archive.keep(*proposal.args)
    with boa.reverts("proposal is kept already"):
        archive.keep(*proposal.args, sender=stranger)


def test_views__of_what_is_not_kept__revert(archive, proposal):
    proposal.propose()
    assert archive.proposalCount() == 0
    assert archive.keeper_of(proposal.id) == ZERO_ADDRESS
    for call in (archive.proposalDetails, archive.queue, archive.execute):
        with reverts_with(archive, NONEXISTENT, proposal.id):
            call(proposal.id)
    with boa.reverts("no such proposal is kept"):
        archive.proposalDetailsAt(0)


def test_details__of_several__stay_in_order(archive, make_proposal):
    made = [make_proposal(description=f"Number {i}").propose() for i in range(3)]
    for proposal in reversed(made):
        archive.keep(*proposal.args)
    assert archive.proposalCount() == 3
    for i, proposal in enumerate(reversed(made)):
        assert archive.proposalDetailsAt(i) == (proposal.id, *details(proposal))
    with boa.reverts("no such proposal is kept"):
        archive.proposalDetailsAt(3)


def test_queue_and_execute__by_id__are_the_governors(
    archive, governor, make_proposal, target, voter, stranger
):
    batch = Batch().add(target, "store", 8, amount=5)
    proposal = make_proposal(batch).advance(ACTIVE, voter).vote(voter)
    archive.keep(*proposal.args)
    with reverts_with(archive, UNEXPECTED_STATE, proposal.id, ACTIVE, bits(SUCCEEDED)):
        archive.queue(proposal.id)
    proposal.close()
    archive.queue(proposal.id, sender=stranger)
    assert proposal.state == QUEUED
    proposal.wait()
    boa.env.set_balance(stranger, 5)
    archive.execute(proposal.id, sender=stranger, value=5)
    assert proposal.state == EXECUTED
    assert (target.stored(), boa.env.get_balance(target.address)) == (8, 5)
    assert boa.env.get_balance(archive.address) == 0
    with reverts_with(archive, UNEXPECTED_STATE, proposal.id, EXECUTED, bits(QUEUED)):
        archive.execute(proposal.id)

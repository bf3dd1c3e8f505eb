"""Ballots with a reason and parameters, by transaction and by signature."""

import pytest
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tests.kits.governance import (
    ABSTAIN,
    AGAINST,
    BALLOT,
    EXTENDED_BALLOT,
    FOR,
    INVALID_SIGNATURE,
    SIGNED_VOTES,
    SUPPLY,
    ballot_domain,
)
from tests.support import deploy, logged, now, pass_time, reverts_with

REASON, PARAMS = "because", b"\x01\x02"


@pytest.fixture
def fields(active, signer):
    return {
        "proposalId": active.id,
        "support": FOR,
        "voter": signer.address,
        "nonce": 0,
        "reason": REASON,
        "params": PARAMS,
    }


def cast(governor, proposal, voter, signature, reason=REASON, params=PARAMS):
    args = (proposal.id, FOR, voter, reason, params, signature)
    return governor.castVoteWithReasonAndParamsBySig(*args)


@pytest.mark.parametrize("support", [AGAINST, FOR, ABSTAIN])
def test_cast_vote_with_params__logs_them_and_counts(governor, active, voter, support):
    reason, params = "r" * 1_024, b"\x07" * 1_024
    args = (active.id, support, reason, params)
    assert governor.castVoteWithReasonAndParams(*args, sender=voter) == SUPPLY // 2
    weight = SUPPLY // 2
    assert logged(governor) == [
        ("VoteCastWithParams", voter, active.id, support, weight, reason, params)
    ]
    assert governor.ballot(active.id, voter) == (True, support)
    assert governor.proposalVotes(active.id)[support] == weight
    with reverts_with(governor, "GovernorAlreadyCastVote(address)", voter):
        governor.castVoteWithReasonAndParams(*args, sender=voter)


def test_cast_vote_with_params__without_any__is_a_plain_ballot(governor, active, voter):
    governor.castVoteWithReasonAndParams(active.id, FOR, REASON, b"", sender=voter)
    assert logged(governor) == [("VoteCast", voter, active.id, FOR, SUPPLY // 2, REASON)]


def test_cast_vote_with_params__of_another_kind__reverts(governor, active, voter):
    with reverts_with(governor, "GovernorInvalidVoteType()"):
        governor.castVoteWithReasonAndParams(active.id, 3, REASON, PARAMS, sender=voter)


def test_cast_vote_with_params__on_an_unknown_proposal__reverts(governor, voter):
    with reverts_with(governor, "GovernorNonexistentProposal(uint256)", 5):
        governor.castVoteWithReasonAndParams(5, FOR, REASON, PARAMS, sender=voter)


def test_cast_vote_with_params__late__extends_too(governor, active, voter):
    active.close()
    pass_time(-1)
    governor.castVoteWithReasonAndParams(active.id, FOR, REASON, PARAMS, sender=voter)
    assert [name for name, *_ in logged(governor)] == ["VoteCastWithParams", "ProposalExtended"]


def test_get_votes_with_params__are_those_without(governor, voter):
    assert governor.getVotesWithParams(voter, now() - 1, PARAMS) == SUPPLY // 2


def test_extended_ballot__signed__counts_once(governor, active, signer, fields, stranger):
    signature = signer.sign_typed_data(ballot_domain(governor), EXTENDED_BALLOT, fields).signature
    assert cast(governor, active, signer.address, signature) == SIGNED_VOTES
    assert logged(governor) == [
        ("VoteCastWithParams", signer.address, active.id, FOR, SIGNED_VOTES, REASON, PARAMS)
    ]
    assert (governor.nonces(signer.address), governor.nonces(stranger)) == (1, 0)
    with reverts_with(governor, INVALID_SIGNATURE, signer.address):
        cast(governor, active, signer.address, signature)
    assert governor.nonces(signer.address) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"proposalId": 1},
        {"support": AGAINST},
        {"voter": "0x" + "22" * 20},
        {"nonce": 1},
        {"reason": "another"},
        {"params": b""},
    ],
)
def test_extended_ballot__of_other_content__reverts(governor, active, signer, fields, change):
    message = fields | change
    signature = signer.sign_typed_data(ballot_domain(governor), EXTENDED_BALLOT, message).signature
    with reverts_with(governor, INVALID_SIGNATURE, signer.address):
        cast(governor, active, signer.address, signature)
    assert governor.nonces(signer.address) == 0


@pytest.mark.parametrize(
    "domain", [{"chainId": 5}, {"verifyingContract": "0x" + "22" * 20}, {"version": "2"}]
)
def test_extended_ballot__of_another_domain__reverts(governor, active, signer, fields, domain):
    domain = ballot_domain(governor, **domain)
    signature = signer.sign_typed_data(domain, EXTENDED_BALLOT, fields).signature
    with reverts_with(governor, INVALID_SIGNATURE, signer.address):
        cast(governor, active, signer.address, signature)


def test_ballot_types__do_not_pass_for_each_other(governor, active, signer, fields):
    domain = ballot_domain(governor)
    plain = {key: fields[key] for key in ("proposalId", "support", "voter", "nonce")}
    short = signer.sign_typed_data(domain, BALLOT, plain).signature
    empty = fields | {"reason": "", "params": b""}
    long = signer.sign_typed_data(domain, EXTENDED_BALLOT, empty).signature
    with reverts_with(governor, INVALID_SIGNATURE, signer.address):
        cast(governor, active, signer.address, short, "", b"")
    with reverts_with(governor, INVALID_SIGNATURE, signer.address):
        governor.castVoteBySig(active.id, FOR, signer.address, long)
    # One nonce for both: the one that is used makes the other void.
    governor.castVoteBySig(active.id, FOR, signer.address, short)
    with reverts_with(governor, INVALID_SIGNATURE, signer.address):
        cast(governor, active, signer.address, long, "", b"")


def test_extended_ballot__of_a_wallet__is_its_own_to_judge(governor, votes, proposal):
    wallet = deploy("MockWallet")
    votes.set_votes(wallet.address, SIGNED_VOTES)
    proposal.propose().open()
    message = {
        "proposalId": proposal.id,
        "support": FOR,
        "voter": wallet.address,
        "nonce": 0,
        "reason": REASON,
        "params": PARAMS,
    }
    signable = encode_typed_data(ballot_domain(governor), EXTENDED_BALLOT, message)
    digest = keccak(b"\x19" + signable.version + signable.header + signable.body)
    wallet.accept(digest, b"\1" * 130)
    with reverts_with(governor, INVALID_SIGNATURE, wallet.address):
        cast(governor, proposal, wallet.address, b"\1" * 65)
    assert cast(governor, proposal, wallet.address, b"\1" * 130) == SIGNED_VOTES

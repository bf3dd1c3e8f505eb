"""Ballots, by transaction and by signature."""

import boa
import pytest
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tests.kits.governance import (
    ABSTAIN,
    ACTIVE,
    AGAINST,
    BALLOT,
    FOR,
    INVALID_SIGNATURE,
    SIGNED_VOTES,
    SUCCEEDED,
    SUPPLY,
    UNEXPECTED_STATE,
    ballot_domain,
    bits,
)
from tests.support import account, deploy, logged, now, pass_time, reverts_with

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
# Flags of the mock `Hostile`.
REVERTS, BURNS_GAS, RETURNS_100_KB = 1, 2, 4


@pytest.fixture
def sign(governor, signer, active):
    """The signer's ballot in favour, with fields of message or domain replaced."""

    def make(signed_by=signer, domain=None, **message):
        fields = {
            "proposalId": active.id,
            "support": FOR,
            "voter": signed_by.address,
            "nonce": governor.nonces(signed_by.address),
        } | message
        return signed_by.sign_typed_data(ballot_domain(governor, **(domain or {})), BALLOT, fields)

    return make


def refused(governor, proposal, voter, signature, support=FOR):
    with reverts_with(governor, INVALID_SIGNATURE, voter):
        governor.castVoteBySig(proposal.id, support, voter, signature)
    assert governor.nonces(voter) == 0
    assert not governor.hasVoted(proposal.id, voter)


# --- by transaction ---


@pytest.mark.parametrize("support", [AGAINST, FOR, ABSTAIN])
def test_cast_vote__while_active__counts_and_logs(governor, active, voter, support):
    weight = SUPPLY // 2
    assert governor.castVote(active.id, support, sender=voter) == weight
    assert logged(governor) == [("VoteCast", voter, active.id, support, weight, "")]
    assert governor.proposalVotes(active.id)[support] == weight
    assert sum(governor.proposalVotes(active.id)) == weight
    assert governor.hasVoted(active.id, voter)
    assert governor.ballot(active.id, voter) == (True, support)


def test_cast_vote_with_reason__logs_the_reason(governor, active, voter):
    reason = "r" * 1_024
    assert governor.castVoteWithReason(active.id, FOR, reason, sender=voter) == SUPPLY // 2
    assert logged(governor) == [("VoteCast", voter, active.id, FOR, SUPPLY // 2, reason)]


@pytest.mark.parametrize("first", [AGAINST, FOR, ABSTAIN])
@pytest.mark.parametrize("second", [AGAINST, FOR, ABSTAIN])
def test_cast_vote__twice__reverts(governor, active, voter, first, second):
    active.vote(voter, first)
    tally = governor.proposalVotes(active.id)
    with reverts_with(governor, "GovernorAlreadyCastVote(address)", voter):
        active.vote(voter, second)
    assert governor.proposalVotes(active.id) == tally


@pytest.mark.parametrize("support", [3, 255])
def test_cast_vote__of_another_kind__reverts(governor, active, voter, support):
    with reverts_with(governor, "GovernorInvalidVoteType()"):
        active.vote(voter, support)


@pytest.mark.parametrize("state", sorted(set(range(8)) - {ACTIVE}))
def test_cast_vote__in_any_other_state__reverts(governor, proposal, voter, state):
    proposal.advance(state, voter)
    with reverts_with(governor, UNEXPECTED_STATE, proposal.id, state, bits(ACTIVE)):
        proposal.vote(voter)


def test_cast_vote__on_an_unknown_proposal__reverts(governor, voter):
    with reverts_with(governor, "GovernorNonexistentProposal(uint256)", 5):
        governor.castVote(5, FOR, sender=voter)


def test_cast_vote__without_votes__is_recorded_with_no_weight(governor, active, stranger):
    assert governor.castVote(active.id, FOR, sender=stranger) == 0
    assert governor.hasVoted(active.id, stranger)


def test_cast_vote__counts_votes_at_the_snapshot_only(governor, votes, proposal, holder):
    proposal.propose()
    votes.set_votes(holder, 5)
    proposal.open()
    votes.set_votes(holder, 500)
    pass_time(10)
    assert governor.castVote(proposal.id, FOR, sender=holder) == 5
    assert governor.getVotes(holder, governor.proposalSnapshot(proposal.id)) == 5
    assert governor.getVotes(holder, now() - 1) == 500


def test_cast_vote__with_votes_moved_on__counts_them_once(
    governor, votes, proposal, holder, contributor
):
    """Votes that vote, move to another account and vote again weigh nothing there."""
    votes.set_votes(holder, 100)
    proposal.propose().open().vote(holder)
    votes.set_votes(holder, 0)
    votes.set_votes(contributor, 100)
    pass_time(1)
    proposal.vote(contributor)
    assert governor.proposalVotes(proposal.id) == (0, 100, 0)


def test_ballots__of_one_voter_on_many_proposals__do_not_touch_each_other(
    governor, make_proposal, voter
):
    """More proposals than share a word of ballots, voted on out of order."""
    proposals = [make_proposal(description=f"Proposal {i}").propose() for i in range(130)]
    proposals[-1].open()
    chosen = {127: FOR, 0: AGAINST, 126: ABSTAIN, 128: FOR, 129: ABSTAIN, 1: FOR}
    for index, support in chosen.items():
        proposals[index].vote(voter, support)
    for index, proposal in enumerate(proposals):
        expected = (True, chosen[index]) if index in chosen else (False, 0)
        assert governor.ballot(proposal.id, voter) == expected
    assert governor.proposal_count() == 130


def test_cast_vote__beyond_any_supply__does_not_spill_into_the_other_side(
    governor, votes, proposal, holder, voter
):
    votes.set_votes(holder, 2**96 - 1)
    proposal.propose().open().vote(holder, AGAINST)
    with boa.reverts("more votes than tokens"):
        proposal.vote(voter, AGAINST)
    assert governor.proposalVotes(proposal.id) == (2**96 - 1, 0, 0)


# --- by signature ---


def test_cast_vote_by_sig__by_the_voter__counts_once(governor, active, signer, sign, stranger):
    signature = sign().signature
    args = active.id, FOR, signer.address, signature
    assert governor.castVoteBySig(*args, sender=stranger) == SIGNED_VOTES
    assert logged(governor) == [("VoteCast", signer.address, active.id, FOR, SIGNED_VOTES, "")]
    assert governor.nonces(signer.address) == 1
    assert governor.nonces(stranger) == 0
    with reverts_with(governor, INVALID_SIGNATURE, signer.address):
        governor.castVoteBySig(*args)
    with reverts_with(governor, "GovernorAlreadyCastVote(address)", signer.address):
        governor.castVoteBySig(active.id, FOR, signer.address, sign().signature)
    assert governor.nonces(signer.address) == 1


@pytest.mark.parametrize(
    "domain",
    [
        {"chainId": 5},
        {"verifyingContract": "0x" + "22" * 20},
        {"name": "Another Governor"},
        {"version": "2"},
    ],
)
def test_cast_vote_by_sig__of_another_domain__reverts(governor, active, signer, sign, domain):
    refused(governor, active, signer.address, sign(domain=domain).signature)


@pytest.mark.parametrize(
    "message", [{"proposalId": 1}, {"support": AGAINST}, {"voter": "0x" + "22" * 20}, {"nonce": 1}]
)
def test_cast_vote_by_sig__of_another_ballot__reverts(governor, active, signer, sign, message):
    refused(governor, active, signer.address, sign(**message).signature)


def test_cast_vote_by_sig__for_another_voter__reverts(governor, active, signer, sign, voter):
    refused(governor, active, voter, sign().signature)
    refused(governor, active, voter, sign(voter=voter).signature)


def test_cast_vote_by_sig__malleated__reverts(governor, active, signer, sign):
    """The other signature of the same ballot, with the high s, is refused."""
    signed = sign()
    r, s = signed.r.to_bytes(32, "big"), (CURVE_ORDER - signed.s).to_bytes(32, "big")
    refused(governor, active, signer.address, r + s + bytes([27 + (28 - signed.v)]))


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_cast_vote_by_sig__with_v_out_of_range__reverts(governor, active, signer, sign, v):
    refused(governor, active, signer.address, sign().signature[:64] + bytes([v]))


@pytest.mark.parametrize("length", [0, 1, 64, 66, 1_024])
def test_cast_vote_by_sig__of_another_length__reverts(governor, active, signer, sign, length):
    refused(governor, active, signer.address, (sign().signature + b"\0" * 1_024)[:length])


def test_cast_vote_by_sig__for_the_zero_address__reverts(governor, active):
    refused(governor, active, "0x" + "00" * 20, b"\0" * 64 + b"\x1b")


def test_cast_vote_by_sig__before_voting__keeps_the_nonce(governor, proposal, signer):
    proposal.propose()
    message = {"proposalId": proposal.id, "support": FOR, "voter": signer.address, "nonce": 0}
    signature = signer.sign_typed_data(ballot_domain(governor), BALLOT, message).signature
    with reverts_with(governor, UNEXPECTED_STATE, proposal.id, 0, bits(ACTIVE)):
        governor.castVoteBySig(proposal.id, FOR, signer.address, signature)
    assert governor.nonces(signer.address) == 0
    proposal.open()
    governor.castVoteBySig(proposal.id, FOR, signer.address, signature)


# --- by accounts with a key and code (EIP-7702) ---


@pytest.mark.parametrize("code", [b"\0", b"\xef\x01\x00" + b"\x11" * 20], ids=["code", "7702"])
def test_cast_vote_by_sig__by_the_key_of_an_account_with_code__counts(
    governor, active, signer, sign, code
):
    """Its code knows nothing of ERC-1271; what the key signed still counts."""
    boa.env.set_code(signer.address, code)
    governor.castVoteBySig(active.id, FOR, signer.address, sign().signature)
    assert governor.proposalVotes(active.id) == (0, SIGNED_VOTES, 0)


def test_cast_vote_by_sig__by_another_key_for_an_account_with_code__reverts(
    governor, active, signer, sign, voter
):
    boa.env.set_code(voter, b"\0")
    refused(governor, active, voter, bytes(sign().signature))


# --- by contracts ---


@pytest.fixture
def wallet(votes):
    wallet = deploy("MockWallet")
    votes.set_votes(wallet.address, SIGNED_VOTES)
    pass_time(1)
    return wallet


def ballot_digest(governor, proposal, support, voter, nonce):
    message = {"proposalId": proposal.id, "support": support, "voter": voter, "nonce": nonce}
    signable = encode_typed_data(ballot_domain(governor), BALLOT, message)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


@pytest.mark.parametrize("length", [0, 65, 130, 1_024])
def test_cast_vote_by_sig__of_a_wallet_that_agrees__counts(governor, wallet, proposal, length):
    """Any signature, of a Safe's two signers for example, is the wallet's to judge."""
    proposal.propose().open()
    signature = b"\1" * length
    wallet.accept(ballot_digest(governor, proposal, ABSTAIN, wallet.address, 0), signature)
    args = proposal.id, ABSTAIN, wallet.address, signature
    if length:
        with reverts_with(governor, INVALID_SIGNATURE, wallet.address):
            governor.castVoteBySig(*args[:3], signature[1:])
    assert governor.castVoteBySig(*args) == SIGNED_VOTES
    assert governor.proposalVotes(proposal.id) == (0, 0, SIGNED_VOTES)
    with reverts_with(governor, INVALID_SIGNATURE, wallet.address):
        governor.castVoteBySig(*args)


# Answers with the first bytes of ERC-1271's magic word: PUSH4 magic, SHL 224, MSTORE, RETURN.
ANSWERS = "631626ba7e60e01b5f5260{:02x}5ff3"


@pytest.mark.parametrize(("length", "counts"), [(0, False), (4, False), (31, False), (32, True)])
def test_cast_vote_by_sig__of_a_wallet_that_answers_shortly__counts_from_a_whole_word(
    governor, active, votes, length, counts
):
    wallet = account("short wallet")
    votes.set_votes(wallet, SIGNED_VOTES)
    boa.env.set_code(wallet, bytes.fromhex(ANSWERS.format(length)))
    if counts:
        # Its votes are of after the snapshot.
        assert governor.castVoteBySig(active.id, FOR, wallet, b"\1" * 65) == 0
        assert governor.hasVoted(active.id, wallet)
    else:
        refused(governor, active, wallet, b"\1" * 65)


def test_cast_vote_by_sig__of_a_wallet_that_disagrees__reverts(governor, wallet, active):
    refused(governor, active, wallet.address, b"\1" * 65)


@pytest.mark.parametrize("mood", [REVERTS, BURNS_GAS, RETURNS_100_KB])
def test_cast_vote_by_sig__of_a_hostile_wallet__reverts(governor, active, mood):
    refused(governor, active, deploy("Hostile", mood).address, b"\1" * 65)


def test_cast_vote__passes_with_signed_and_sent_ballots(governor, active, signer, sign, voter):
    governor.castVoteBySig(active.id, FOR, signer.address, sign().signature)
    active.vote(voter).close()
    assert active.state == SUCCEEDED
    assert governor.proposalVotes(active.id) == (0, SIGNED_VOTES + SUPPLY // 2, 0)

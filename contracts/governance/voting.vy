# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Voting
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The ways to cast a ballot: by transaction or by signature, with a reason, with parameters.
@dev OpenZeppelin's ABI has `params` for counting modules that need them. Counting here needs none: they are only
     logged, as OpenZeppelin's GovernorCountingSimple does.
"""

from contracts.common import signature_checks
from contracts.governance import governor_errors as errors
from contracts.governance import governor_links as links
from contracts.governance import late_quorum
from contracts.governance import packed_proposal
from contracts.governance import proposal_book as book
from contracts.governance import proposal_states as states
from contracts.governance import signed_ballots
from interfaces import IGovernor

uses: book
uses: late_quorum
uses: links
uses: signed_ballots
uses: states

MAX_REASON_BYTES: constant(uint256) = 1_024
MAX_PARAMS_BYTES: constant(uint256) = 1_024


@external
def castVote(proposal_id: uint256, support: uint8) -> uint256:
    return self._cast(proposal_id, msg.sender, support, "", b"")


@external
def castVoteWithReason(proposal_id: uint256, support: uint8, reason: String[MAX_REASON_BYTES]) -> uint256:
    return self._cast(proposal_id, msg.sender, support, reason, b"")


@external
def castVoteWithReasonAndParams(
    proposal_id: uint256, support: uint8, reason: String[MAX_REASON_BYTES], params: Bytes[MAX_PARAMS_BYTES]
) -> uint256:
    return self._cast(proposal_id, msg.sender, support, reason, params)


@external
def castVoteBySig(
    proposal_id: uint256, support: uint8, voter: address, signature: Bytes[signature_checks.MAX_SIGNATURE_BYTES]
) -> uint256:
    nonce: uint256 = signed_ballots._use_nonce(voter)
    signed_ballots._check(
        voter,
        keccak256(abi_encode(signed_ballots.BALLOT_TYPEHASH, proposal_id, support, voter, nonce)),
        signature,
    )
    return self._cast(proposal_id, voter, support, "", b"")


@external
def castVoteWithReasonAndParamsBySig(
    proposal_id: uint256,
    support: uint8,
    voter: address,
    reason: String[MAX_REASON_BYTES],
    params: Bytes[MAX_PARAMS_BYTES],
    signature: Bytes[signature_checks.MAX_SIGNATURE_BYTES],
) -> uint256:
    nonce: uint256 = signed_ballots._use_nonce(voter)
    signed_ballots._check(
        voter,
        keccak256(
            abi_encode(
                signed_ballots.EXTENDED_BALLOT_TYPEHASH,
                proposal_id,
                support,
                voter,
                nonce,
                keccak256(reason),
                keccak256(params),
            )
        ),
        signature,
    )
    return self._cast(proposal_id, voter, support, reason, params)


@external
@view
@reentrant
def getVotes(account: address, timepoint: uint256) -> uint256:
    return links._votes(account, timepoint)


@external
@view
@reentrant
def getVotesWithParams(account: address, timepoint: uint256, params: Bytes[MAX_PARAMS_BYTES]) -> uint256:
    return links._votes(account, timepoint)


# --- internals ---

@internal
def _cast(
    proposal_id: uint256,
    voter: address,
    support: uint8,
    reason: String[MAX_REASON_BYTES],
    params: Bytes[MAX_PARAMS_BYTES],
) -> uint256:
    """
    @dev Records the voter's one ballot and returns its weight: the voter's votes at the snapshot, token wei.
    """
    record: uint256 = book._record_of(proposal_id)
    errors._check_state(proposal_id, states._state_of(proposal_id, record), errors.ONLY_ACTIVE)
    weight: uint256 = links._votes(voter, book._snapshot(record))
    book._record_ballot(proposal_id, packed_proposal._number(record), voter, support, weight)
    if len(params) == 0:
        log IGovernor.VoteCast(voter=voter, proposalId=proposal_id, support=support, weight=weight, reason=reason)
    else:
        log IGovernor.VoteCastWithParams(
            voter=voter, proposalId=proposal_id, support=support, weight=weight, reason=reason, params=params
        )
    late_quorum._extend_if_decisive(proposal_id, record, support, weight)
    return weight

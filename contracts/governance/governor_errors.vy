# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Governor errors
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice The numbers of OpenZeppelin's proposal states and supports, and its typed errors, for clients that decode them.
@dev Each function but `_check_state` always reverts.
"""

PENDING: constant(uint8) = 0
ACTIVE: constant(uint8) = 1
CANCELED: constant(uint8) = 2
DEFEATED: constant(uint8) = 3
SUCCEEDED: constant(uint8) = 4
QUEUED: constant(uint8) = 5
EXPIRED: constant(uint8) = 6
EXECUTED: constant(uint8) = 7

# OpenZeppelin's VoteType: 0 against, 1 for, 2 abstain. The code names the two that it asks for.
AGAINST: constant(uint8) = 0
ABSTAIN: constant(uint8) = 2

# `expectedStates` has bit n set for each allowed state n.
ONLY_ACTIVE: constant(uint256) = 1 << 1
ONLY_SUCCEEDED: constant(uint256) = 1 << 4
ONLY_QUEUED: constant(uint256) = 1 << 5
# Pending, active, succeeded, queued. Not defeated: that is final already.
CANCELABLE: constant(uint256) = (1 << 0) | (1 << 1) | (1 << 4) | (1 << 5)


@internal
@pure
def _check_state(proposal_id: uint256, state: uint8, allowed: uint256):
    """
    @dev Refuses a proposal whose state is not among the `allowed` bits.
    """
    if (1 << convert(state, uint256)) & allowed == 0:
        raw_revert(
            abi_encode(
                proposal_id,
                state,
                allowed,
                method_id=method_id("GovernorUnexpectedProposalState(uint256,uint8,bytes32)"),
            )
        )


@internal
@pure
def _nonexistent(proposal_id: uint256):
    raw_revert(abi_encode(proposal_id, method_id=method_id("GovernorNonexistentProposal(uint256)")))


@internal
@pure
def _already_cast(voter: address):
    raw_revert(abi_encode(voter, method_id=method_id("GovernorAlreadyCastVote(address)")))


@internal
@pure
def _invalid_vote_type():
    raw_revert(method_id("GovernorInvalidVoteType()"))


@internal
@pure
def _invalid_signature(voter: address):
    raw_revert(abi_encode(voter, method_id=method_id("GovernorInvalidSignature(address)")))


@internal
@pure
def _restricted_proposer(proposer: address):
    raw_revert(abi_encode(proposer, method_id=method_id("GovernorRestrictedProposer(address)")))


@internal
@pure
def _insufficient_votes(proposer: address, votes: uint256, threshold: uint256):
    raw_revert(
        abi_encode(
            proposer,
            votes,
            threshold,
            method_id=method_id("GovernorInsufficientProposerVotes(address,uint256,uint256)"),
        )
    )


@internal
@pure
def _invalid_length(targets: uint256, calldatas: uint256, amounts: uint256):
    raw_revert(
        abi_encode(
            targets,
            calldatas,
            amounts,
            method_id=method_id("GovernorInvalidProposalLength(uint256,uint256,uint256)"),
        )
    )


@internal
@pure
def _unable_to_cancel(proposal_id: uint256, account: address):
    raw_revert(abi_encode(proposal_id, account, method_id=method_id("GovernorUnableToCancel(uint256,address)")))


@internal
@pure
def _disabled_deposit():
    raw_revert(method_id("GovernorDisabledDeposit()"))


@internal
@pure
def _inconsistent_clock():
    raw_revert(method_id("ERC6372InconsistentClock()"))


@internal
@pure
def _only_executor(account: address):
    raw_revert(abi_encode(account, method_id=method_id("GovernorOnlyExecutor(address)")))


@internal
@pure
def _invalid_voting_period(period: uint256):
    raw_revert(abi_encode(period, method_id=method_id("GovernorInvalidVotingPeriod(uint256)")))


@internal
@pure
def _extension_too_large(extension: uint256, max_extension: uint256):
    raw_revert(
        abi_encode(
            extension,
            max_extension,
            method_id=method_id("GovernorPreventLateQuorumVoteExtensionTooLarge(uint256,uint256)"),
        )
    )


@internal
@pure
def _invalid_quorum(numerator: uint256, denominator: uint256):
    raw_revert(
        abi_encode(
            numerator, denominator, method_id=method_id("GovernorInvalidQuorumFraction(uint256,uint256)")
        )
    )

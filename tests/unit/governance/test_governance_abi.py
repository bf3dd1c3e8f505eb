"""Selectors and event topics equal OpenZeppelin's, so that its clients work unchanged."""

import pytest
from eth_utils import keccak
from vyper.compiler.output import build_abi_output

from tests.support import deployer_of

BATCH = "address[],uint256[],bytes[]"

GOVERNOR_FUNCTIONS = f"""
propose({BATCH},string) queue({BATCH},bytes32) execute({BATCH},bytes32) cancel({BATCH},bytes32)
castVote(uint256,uint8) castVoteWithReason(uint256,uint8,string)
castVoteBySig(uint256,uint8,address,bytes)
castVoteWithReasonAndParams(uint256,uint8,string,bytes)
castVoteWithReasonAndParamsBySig(uint256,uint8,address,string,bytes,bytes)
EXTENDED_BALLOT_TYPEHASH() getVotesWithParams(address,uint256,bytes) relay(address,uint256,bytes)
lateQuorumVoteExtension() setLateQuorumVoteExtension(uint48) quorumNumerator(uint256)
state(uint256) proposalVotes(uint256) hasVoted(uint256,address) quorum(uint256) votingDelay()
votingPeriod() proposalThreshold() proposalSnapshot(uint256) proposalDeadline(uint256)
proposalProposer(uint256) proposalEta(uint256) proposalNeedsQueuing(uint256)
hashProposal({BATCH},bytes32) getProposalId({BATCH},bytes32) getVotes(address,uint256) clock()
CLOCK_MODE() COUNTING_MODE() name() version() nonces(address) eip712Domain() BALLOT_TYPEHASH()
token() timelock() supportsInterface(bytes4) quorumNumerator() quorumDenominator()
setVotingDelay(uint48) setVotingPeriod(uint32) setProposalThreshold(uint256)
updateQuorumNumerator(uint256)
""".split()

GOVERNOR_EVENTS = [
    "ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)",
    "ProposalQueued(uint256,uint256)",
    "ProposalExecuted(uint256)",
    "ProposalCanceled(uint256)",
    "VoteCast(address,uint256,uint8,uint256,string)",
    "VoteCastWithParams(address,uint256,uint8,uint256,string,bytes)",
    "ProposalExtended(uint256,uint64)",
    "LateQuorumVoteExtensionSet(uint64,uint64)",
    "VotingDelaySet(uint256,uint256)",
    "VotingPeriodSet(uint256,uint256)",
    "ProposalThresholdSet(uint256,uint256)",
    "QuorumNumeratorUpdated(uint256,uint256)",
]

# OpenZeppelin's GovernorStorage, beside the Governor; `cancel(uint256)` is `cancel_by_id` there.
ARCHIVE_FUNCTIONS = [
    "queue(uint256)",
    "execute(uint256)",
    "proposalCount()",
    "proposalDetails(uint256)",
    "proposalDetailsAt(uint256)",
]

TIMELOCK_FUNCTIONS = f"""
schedule(address,uint256,bytes,bytes32,bytes32,uint256)
scheduleBatch({BATCH},bytes32,bytes32,uint256) execute(address,uint256,bytes,bytes32,bytes32)
executeBatch({BATCH},bytes32,bytes32) cancel(bytes32)
hashOperation(address,uint256,bytes,bytes32,bytes32) hashOperationBatch({BATCH},bytes32,bytes32)
isOperation(bytes32) isOperationPending(bytes32) isOperationReady(bytes32) isOperationDone(bytes32)
getTimestamp(bytes32) getOperationState(bytes32) getMinDelay() updateDelay(uint256)
PROPOSER_ROLE() EXECUTOR_ROLE() CANCELLER_ROLE() DEFAULT_ADMIN_ROLE() hasRole(bytes32,address)
getRoleAdmin(bytes32) grantRole(bytes32,address) revokeRole(bytes32,address)
renounceRole(bytes32,address) supportsInterface(bytes4)
onERC721Received(address,address,uint256,bytes)
onERC1155Received(address,address,uint256,uint256,bytes)
onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)
""".split()

TIMELOCK_EVENTS = [
    "CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)",
    "CallExecuted(bytes32,uint256,address,uint256,bytes)",
    "CallSalt(bytes32,bytes32)",
    "Cancelled(bytes32)",
    "MinDelayChange(uint256,uint256)",
    "RoleGranted(bytes32,address,address)",
    "RoleRevoked(bytes32,address,address)",
]

# Event => names of its indexed fields, where it has any.
INDEXED = {
    "VoteCast": ["voter"],
    "VoteCastWithParams": ["voter"],
    "ProposalExtended": ["proposalId"],
    "CallScheduled": ["id", "index"],
    "CallExecuted": ["id", "index"],
    "CallSalt": ["id"],
    "Cancelled": ["id"],
    "RoleGranted": ["role", "account", "sender"],
    "RoleRevoked": ["role", "account", "sender"],
}


def entries(stem, kind):
    abi = build_abi_output(deployer_of(stem).compiler_data)
    return [entry for entry in abi if entry["type"] == kind]


def signature(entry):
    return f"{entry['name']}({','.join(field['type'] for field in entry['inputs'])})"


@pytest.mark.parametrize(
    ("stem", "functions"),
    [
        ("Governor", GOVERNOR_FUNCTIONS),
        ("ProposalArchive", ARCHIVE_FUNCTIONS),
        ("Timelock", TIMELOCK_FUNCTIONS),
    ],
)
def test_functions__have_openzeppelins_selectors(stem, functions):
    assert set(functions) <= {signature(entry) for entry in entries(stem, "function")}


@pytest.mark.parametrize(
    ("stem", "names"), [("Governor", GOVERNOR_EVENTS), ("Timelock", TIMELOCK_EVENTS)]
)
def test_events__have_openzeppelins_topics_and_indexed_fields(stem, names):
    ours = {signature(entry): entry for entry in entries(stem, "event")}
    assert set(names) <= set(ours)
    for name in names:
        indexed = [field["name"] for field in ours[name]["inputs"] if field["indexed"]]
        assert indexed == INDEXED.get(ours[name]["name"], [])


def test_ballot_typehash__is_openzeppelins(governor):
    text = "Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)"
    assert governor.BALLOT_TYPEHASH() == keccak(text=text)


def test_extended_ballot_typehash__is_openzeppelins(governor):
    text = "Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce"
    text = f"Extended{text},string reason,bytes params)"
    assert governor.EXTENDED_BALLOT_TYPEHASH() == keccak(text=text)

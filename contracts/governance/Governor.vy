# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Governor
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Token holders propose and vote on batches of calls; what passes goes through the Timelock.
@dev OpenZeppelin Governor 5.x's ABI, events and typed errors, with the differences that docs/decisions/governor.md
     lists. A proposal keeps the delay, period, threshold and quorum rule it was made under; votes and the supply are
     read at its snapshot, which lies in the future when it is made.

     Every view and every setter is open to re-entry: the Governor calls out only after it has written its state,
     and the vote that changes a setting may itself be running under `execute`.
@custom:invariant One ballot per account and proposal. A proposal that is defeated, cancelled, expired or executed stays
                  so. Nothing is called but through the Timelock, after its delay.
@custom:halt Nothing halts it. A guardian named by vote may cancel proposals until its term ends.
"""

from contracts.governance import cancel_guardian
from contracts.governance import governor_errors as errors
from contracts.governance import governor_links as links
from contracts.governance import limits
from contracts.governance import proposal_book as book
from contracts.governance import proposal_states as states
from contracts.governance import proposer_suffix
from contracts.governance import signed_ballots
from contracts.governance import voting_settings
from interfaces import IGovernor
from snekmate.utils import eip712_domain_separator

implements: IGovernor

initializes: links
initializes: voting_settings[links := links]
initializes: cancel_guardian[links := links]
initializes: book
initializes: states[book := book, links := links, voting_settings := voting_settings]
initializes: eip712_domain_separator
initializes: signed_ballots[eip712_domain_separator := eip712_domain_separator]

exports: (
    links.__interface__,
    voting_settings.__interface__,
    states.__interface__,
    cancel_guardian.__interface__,
    signed_ballots.__interface__,
    eip712_domain_separator.eip712Domain,
)

COUNTING_MODE: reentrant(public(constant(String[32]))) = "support=bravo&quorum=for,abstain"
CLOCK_MODE: reentrant(public(constant(String[14]))) = "mode=timestamp"
version: reentrant(public(constant(String[1]))) = "1"
name: reentrant(public(immutable(String[50])))

# The Timelock's batch functions are called with encoded arguments: a typed call would hand over, and pay memory for,
# the longest batch that is allowed, whatever the length of this one.
SCHEDULE_BATCH: constant(bytes4) = method_id(
    "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)", output_type=bytes4
)
EXECUTE_BATCH: constant(bytes4) = method_id(
    "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)", output_type=bytes4
)

MAX_DESCRIPTION_BYTES: constant(uint256) = 4_096
MAX_REASON_BYTES: constant(uint256) = 1_024

# High 20 bytes: this contract, so that two Governors of one Timelock never make the same operation.
SALT_PREFIX: immutable(uint256)


@deploy
def __init__(
    name_: String[50],
    token_: address,
    timelock_: address,
    voting_delay: uint256,
    voting_period: uint256,
    proposal_threshold: uint256,
    quorum_numerator: uint256,
    quorum_minimum: uint256,
):
    """
    @param name_ Name for people and of the EIP-712 domain.
    @param token_ The GovernanceToken.
    @param timelock_ The Timelock; it must give this contract PROPOSER_ROLE and CANCELLER_ROLE.
    @param voting_delay Seconds from a proposal to its snapshot, in [1, 30 days]; a day or more in production.
    @param voting_period Seconds of voting, in [1, 60 days]; three days or more in production.
    @param proposal_threshold Votes a proposer needs, token wei.
    @param quorum_numerator Share of the supply that must vote for or abstain, of 10_000, in [100, 5_000].
    @param quorum_minimum Least quorum whatever the supply, token wei, above zero.
    """
    name = name_
    SALT_PREFIX = convert(self, uint256) << 96
    eip712_domain_separator.__init__(name_, "1")
    book.__init__()
    links.__init__(token_, timelock_)
    voting_settings.__init__(
        voting_settings.Settings(
            voting_delay=voting_delay,
            voting_period=voting_period,
            quorum_bps=quorum_numerator,
            proposal_threshold=proposal_threshold,
            quorum_minimum=quorum_minimum,
        )
    )


# --- proposals ---

@external
def propose(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description: String[MAX_DESCRIPTION_BYTES],
) -> uint256:
    if len(description) >= proposer_suffix.SUFFIX_LENGTH:
        tail: String[proposer_suffix.SUFFIX_LENGTH] = slice(
            description, len(description) - proposer_suffix.SUFFIX_LENGTH, proposer_suffix.SUFFIX_LENGTH
        )
        if not proposer_suffix._allows(msg.sender, convert(tail, Bytes[proposer_suffix.SUFFIX_LENGTH])):
            errors._restricted_proposer(msg.sender)
    number: uint256 = 0
    version_: uint256 = 0
    number, version_ = voting_settings._next_proposal()
    settings: voting_settings.Settings = voting_settings._settings(version_)
    if settings.proposal_threshold > 0:
        votes: uint256 = links._votes(msg.sender, block.timestamp - 1)
        if votes < settings.proposal_threshold:
            errors._insufficient_votes(msg.sender, votes, settings.proposal_threshold)
    count: uint256 = len(targets)
    if count != len(amounts) or count != len(calldatas) or count == 0:
        errors._invalid_length(count, len(calldatas), len(amounts))
    proposal_id: uint256 = convert(
        keccak256(abi_encode(targets, amounts, calldatas, keccak256(description))), uint256
    )
    if book.records[proposal_id] != 0:
        errors._expect(proposal_id, states._state(proposal_id), 0)
    snapshot: uint256 = block.timestamp + settings.voting_delay
    book._create(proposal_id, msg.sender, snapshot, settings.voting_period, number, version_)
    signatures: DynArray[String[1], limits.MAX_ACTIONS] = []
    for _: uint256 in range(count, bound=limits.MAX_ACTIONS):
        signatures.append("")
    log IGovernor.ProposalCreated(
        proposalId=proposal_id,
        proposer=msg.sender,
        targets=targets,
        values=amounts,
        signatures=signatures,
        calldatas=calldatas,
        voteStart=snapshot,
        voteEnd=snapshot + settings.voting_period,
        description=description,
    )
    return proposal_id


@external
def queue(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description_hash: bytes32,
) -> uint256:
    proposal_id: uint256 = convert(keccak256(abi_encode(targets, amounts, calldatas, description_hash)), uint256)
    errors._expect(proposal_id, states._state(proposal_id), errors.ONLY_SUCCEEDED)
    delay: uint256 = staticcall links.TIMELOCK.getMinDelay()
    salt: bytes32 = self._salt(description_hash)
    operation: bytes32 = keccak256(abi_encode(targets, amounts, calldatas, empty(bytes32), salt))
    book._queue(proposal_id, operation)
    log IGovernor.ProposalQueued(proposalId=proposal_id, etaSeconds=block.timestamp + delay)
    raw_call(
        links.TIMELOCK.address,
        abi_encode(targets, amounts, calldatas, empty(bytes32), salt, delay, method_id=SCHEDULE_BATCH),
    )
    return proposal_id


@external
@payable
def execute(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description_hash: bytes32,
) -> uint256:
    proposal_id: uint256 = convert(keccak256(abi_encode(targets, amounts, calldatas, description_hash)), uint256)
    errors._expect(proposal_id, states._state(proposal_id), errors.ONLY_QUEUED)
    log IGovernor.ProposalExecuted(proposalId=proposal_id)
    raw_call(
        links.TIMELOCK.address,
        abi_encode(
            targets, amounts, calldatas, empty(bytes32), self._salt(description_hash), method_id=EXECUTE_BATCH
        ),
        value=msg.value,
    )
    return proposal_id


@external
def cancel(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description_hash: bytes32,
) -> uint256:
    proposal_id: uint256 = convert(keccak256(abi_encode(targets, amounts, calldatas, description_hash)), uint256)
    state: uint8 = states._state(proposal_id)
    if not self._may_cancel(proposal_id, state, msg.sender):
        errors._unable_to_cancel(proposal_id, msg.sender)
    errors._expect(proposal_id, state, errors.CANCELABLE)
    book._cancel(proposal_id)
    log IGovernor.ProposalCanceled(proposalId=proposal_id)
    if state == errors.QUEUED:
        extcall links.TIMELOCK.cancel(book.operations[proposal_id])
    return proposal_id


# --- votes ---

@external
def castVote(proposal_id: uint256, support: uint8) -> uint256:
    return self._cast(proposal_id, msg.sender, support, "")


@external
def castVoteWithReason(proposal_id: uint256, support: uint8, reason: String[MAX_REASON_BYTES]) -> uint256:
    return self._cast(proposal_id, msg.sender, support, reason)


@external
def castVoteBySig(
    proposal_id: uint256, support: uint8, voter: address, signature: Bytes[signed_ballots.MAX_SIGNATURE_BYTES]
) -> uint256:
    signed_ballots._use(proposal_id, support, voter, signature)
    return self._cast(proposal_id, voter, support, "")


# --- views ---

@external
@view
@reentrant
def getVotes(account: address, timepoint: uint256) -> uint256:
    return links._votes(account, timepoint)


@external
@view
@reentrant
def hashProposal(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description_hash: bytes32,
) -> uint256:
    return convert(keccak256(abi_encode(targets, amounts, calldatas, description_hash)), uint256)


@external
@view
@reentrant
def getProposalId(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description_hash: bytes32,
) -> uint256:
    return convert(keccak256(abi_encode(targets, amounts, calldatas, description_hash)), uint256)


@external
@view
@reentrant
def clock() -> uint48:
    return convert(block.timestamp, uint48)


@external
@view
@reentrant
def supportsInterface(interface_id: bytes4) -> bool:
    return interface_id == 0x01ffc9a7


# --- internals ---

@internal
def _cast(
    proposal_id: uint256, voter: address, support: uint8, reason: String[MAX_REASON_BYTES]
) -> uint256:
    record: uint256 = book._record(proposal_id)
    errors._expect(proposal_id, states._state_of(proposal_id, record), errors.ONLY_ACTIVE)
    weight: uint256 = links._votes(voter, book._snapshot(record))
    book._cast(proposal_id, book._number(record), voter, support, weight)
    log IGovernor.VoteCast(voter=voter, proposalId=proposal_id, support=support, weight=weight, reason=reason)
    return weight


@internal
@view
def _may_cancel(proposal_id: uint256, state: uint8, account: address) -> bool:
    """
    @dev The guardian; the proposer while voting has not begun; anybody once the proposer has fewer votes than the
         threshold it proposed under.
    """
    if cancel_guardian._is_guardian(account):
        return True
    record: uint256 = book.records[proposal_id]
    proposer: address = book._proposer(record)
    if state == errors.PENDING and account == proposer:
        return True
    settings: voting_settings.Settings = voting_settings._settings(book._version(record))
    return links._votes(proposer, block.timestamp - 1) < settings.proposal_threshold


@internal
@view
def _salt(description_hash: bytes32) -> bytes32:
    return convert(SALT_PREFIX ^ convert(description_hash, uint256), bytes32)

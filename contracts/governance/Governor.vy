# pragma version 0.4.3
# pragma nonreentrancy on
# pragma optimize codesize
"""
@title Governor
@license GNU Affero General Public License v3.0 only
@author Flywheel
@notice Token holders propose and vote on batches of calls; what passes goes through the Timelock.
@dev The ABI, events and typed errors are those of OpenZeppelin Governor 5.x; docs/decisions/governor.md lists the
     differences. A proposal keeps the delay, period, extension, threshold and quorum rule that held when it was made.
     Votes and supply are read at its snapshot, one voting delay later.

     `execute`, `relay`, every view and every setter are open to re-entry: actions may propose, vote, queue or change a
     setting here while they run under `execute`. All state is written before a call that can change anything. Only
     static calls come earlier, among them the ERC-1271 check of a ballot, which is made after the nonce is used up.
@custom:invariant Each account casts at most one ballot per proposal. Defeated, executed, and cancelled here are final.
                  A proposal that expired or was cancelled in the Timelock comes back only if a holder of PROPOSER_ROLE
                  schedules the same operation there again. Every action runs through the Timelock, after its delay.
@custom:halt Nobody halts it. Until its term ends, a guardian may cancel any proposal but one whose only action is
             `set_guardian` here. 136 years after the deployment `propose` reverts: a snapshot has 32 bits.
"""

from contracts.common import guardians
from contracts.governance import calls
from contracts.governance import cancel_guardian
from contracts.governance import classes
from contracts.governance import governor_errors as errors
from contracts.governance import governor_links as links
from contracts.governance import late_quorum
from contracts.governance import limits
from contracts.governance import live_proposals
from contracts.governance import packed_proposal
from contracts.governance import packed_voting_terms
from contracts.governance import proposal_book as book
from contracts.governance import proposal_states as states
from contracts.governance import proposer_suffix
from contracts.governance import settings_book
from contracts.governance import signed_ballots
from contracts.governance import voting
from contracts.governance import voting_settings
from interfaces import IGovernor
from snekmate.utils import eip712_domain_separator

implements: IGovernor

initializes: links
initializes: settings_book
initializes: voting_settings[links := links, settings_book := settings_book]
initializes: cancel_guardian[links := links]
uses: guardians
initializes: book
initializes: live_proposals
initializes: classes
initializes: states[book := book, classes := classes, links := links, settings_book := settings_book]
initializes: late_quorum[
    book := book,
    classes := classes,
    links := links,
    live_proposals := live_proposals,
    settings_book := settings_book,
]
initializes: eip712_domain_separator
initializes: signed_ballots[eip712_domain_separator := eip712_domain_separator]
initializes: voting[
    book := book, late_quorum := late_quorum, links := links, signed_ballots := signed_ballots, states := states
]

exports: (
    links.__interface__,
    voting_settings.__interface__,
    states.__interface__,
    classes.__interface__,
    live_proposals.__interface__,
    cancel_guardian.__interface__,
    voting.__interface__,
    signed_ballots.__interface__,
    eip712_domain_separator.eip712Domain,
)

COUNTING_MODE: reentrant(public(constant(String[32]))) = "support=bravo&quorum=for,abstain"
CLOCK_MODE: reentrant(public(constant(String[14]))) = "mode=timestamp"
version: reentrant(public(constant(String[1]))) = "1"
name: reentrant(public(immutable(String[50])))

# These two are called with encoded arguments. A typed call would reserve memory for the longest batch that is allowed,
# whatever the length of the batch at hand.
SCHEDULE_BATCH: constant(bytes4) = method_id(
    "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)", output_type=bytes4
)
EXECUTE_BATCH: constant(bytes4) = method_id(
    "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)", output_type=bytes4
)

SET_GUARDIAN: constant(bytes4) = method_id("set_guardian(address,uint256)", output_type=bytes4)

# Selectors and ids are compared as uint256: as a bytes4 each constant takes 32 bytes of code, as a number 4.
IERC165: constant(bytes4) = 0x01ffc9a7
IGOVERNOR_BEFORE_5_5: constant(bytes4) = 0x65455a86  # Without getProposalId.
IGOVERNOR: constant(bytes4) = 0xcdbdfcee
# OpenZeppelin's Governor claims this interface although it refuses every token; so does this one.
IERC1155_RECEIVER: constant(bytes4) = 0x4e2312e0

MAX_DESCRIPTION_BYTES: constant(uint256) = 4_096
# A year is time enough for every contributor to claim.
MAX_OPENS_AFTER: constant(uint256) = 366 * 86_400

# Unix time from which on proposals no longer wait until most tokens have left the rounds.
OPENS_AT: reentrant(public(immutable(uint256)))


@deploy
def __init__(
    name_: String[50],
    token_: address,
    timelock_: address,
    rounds_: address,
    voting_delay: uint256,
    voting_period: uint256,
    proposal_threshold: uint256,
    quorum_numerator: uint256,
    quorum_minimum: uint256,
    late_extension: uint256,
    max_live: uint256,
    guardian_: address,
    guardian_expires_at_: uint256,
    strict_quorum_bps: uint256,
    strict_majority_bps: uint256,
    strict_delay: uint256,
    opens_after: uint256,
    grants: address,
    license_catalog: address,
    treasury: address,
):
    """
    @param name_ Name for people and of the EIP-712 domain.
    @param token_ The GovernanceToken.
    @param timelock_ The Timelock; it must give this contract PROPOSER_ROLE and CANCELLER_ROLE.
    @param rounds_ The FundingRounds whose unvested tokens the quorum leaves out; the zero address for none.
    @param voting_delay Seconds from a proposal to its snapshot, in [1, 30 days]; a day or more in production.
    @param voting_period Seconds of voting, in [1, 60 days]; three days or more in production.
    @param proposal_threshold Votes a proposer needs, token wei.
    @param quorum_numerator Share of what could vote that must vote for or abstain, of 10_000, in [100, 5_000].
    @param quorum_minimum Quorum where the share is less, token wei, above zero. It counts for at most half of what
           could vote.
    @param late_extension Seconds that a late ballot must leave for voting if it reaches the quorum or turns the
           majority; at most the period, and at most 30 days.
    @param max_live Proposals of one account whose voting has not ended that may exist at once, up to 8; 0 for no bound.
    @param guardian_ Account that may cancel proposals from the first day; the zero address for none.
    @param guardian_expires_at_ Unix time at which the guardian's power ends, at most MAX_GUARDIAN_SECONDS from now.
    @param strict_quorum_bps Least quorum of a strict proposal, in basis points of what could vote, in [1_500, 4_000].
    @param strict_majority_bps Least share of votes for among those for and against a strict proposal, in basis points,
           in [6_000, 8_000].
    @param strict_delay Seconds from queueing a strict proposal to its execution, up to 30 days. The Timelock's shortest
           delay applies where it is longer.
    @param opens_after Seconds from the deployment, up to 366 days, during which nobody can propose before more than
           half of all tokens have left the rounds.
    @param grants The TrainingGrants; `approve` and `decide` there are ordinary.
    @param license_catalog The LicenseCatalog; `retire_terms` there is ordinary, `offer_terms` is strict.
    @param treasury The Treasury; `spend` there is ordinary.
    """
    name = name_
    eip712_domain_separator.__init__(name_, "1")
    assert opens_after <= MAX_OPENS_AFTER, "first days are too long"
    OPENS_AT = block.timestamp + opens_after
    book.__init__()
    live_proposals.__init__(max_live)
    classes.__init__(
        grants, license_catalog, treasury, strict_quorum_bps, strict_majority_bps, strict_delay
    )
    links.__init__(token_, timelock_, rounds_)
    cancel_guardian.__init__(guardian_, guardian_expires_at_)
    voting_settings.__init__(
        voting_delay, voting_period, quorum_numerator, late_extension, quorum_minimum, proposal_threshold
    )


# --- proposals ---

@external
def propose(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description: String[MAX_DESCRIPTION_BYTES],
) -> uint256:
    if len(description) >= proposer_suffix.LENGTH:
        # A slice would copy the whole description; this reads its last 52 bytes in place, as two overlapping numbers.
        end: uint256 = len(description)
        head: uint256 = extract32(
            convert(description, Bytes[MAX_DESCRIPTION_BYTES]), end - proposer_suffix.LENGTH, output_type=uint256
        )
        tail: uint256 = extract32(convert(description, Bytes[MAX_DESCRIPTION_BYTES]), end - 32, output_type=uint256)
        if not proposer_suffix._allows(msg.sender, head, tail):
            errors._restricted_proposer(msg.sender)
    if block.timestamp < OPENS_AT:
        assert links._most_tokens_left_rounds(), "most tokens wait in rounds"
    number: uint256 = 0
    version_: uint256 = 0
    number, version_ = settings_book._number_proposal()
    votes: uint256 = 0
    needed: uint256 = 0
    votes, needed = links._votes_and_needed(msg.sender, settings_book._threshold(version_))
    if votes < needed:
        errors._insufficient_votes(msg.sender, votes, needed)
    count: uint256 = len(targets)
    if count != len(amounts) or count != len(calldatas) or count == 0:
        errors._invalid_length(count, len(calldatas), len(amounts))
    proposal_id: uint256 = convert(
        keccak256(abi_encode(targets, amounts, calldatas, keccak256(description))), uint256
    )
    if book.records[proposal_id] != 0:
        errors._check_state(proposal_id, states._state(proposal_id), 0)
    is_strict: bool = False
    signatures: DynArray[String[1], limits.MAX_ACTIONS] = []
    for i: uint256 in range(count, bound=limits.MAX_ACTIONS):
        signatures.append("")
        if amounts[i] != 0 or len(calldatas[i]) < 4:
            is_strict = True
        elif not classes._is_ordinary(targets[i], convert(slice(calldatas[i], 0, 4), uint256)):
            is_strict = True
    elapsed: uint256 = book._elapsed()
    terms: uint256 = settings_book.voting_terms[version_]
    snapshot: uint256 = elapsed + packed_voting_terms._field(terms, packed_voting_terms.DELAY_OFFSET)
    duration: uint256 = packed_voting_terms._field(terms, packed_voting_terms.PERIOD_OFFSET)
    deadline: uint256 = snapshot + duration
    # Both the snapshot here and the end of voting in live_proposals have 32 bits; the later of the two bounds both.
    assert deadline <= packed_proposal.SNAPSHOT_MASK, "clock is out of range"
    book._record_proposal(
        proposal_id,
        packed_proposal._pack_new(
            packed_proposal.Proposal(
                proposer=msg.sender,
                snapshot=snapshot,
                duration=duration,
                number=number,
                is_strict=is_strict,
                version=version_,
                is_canceled=False,
            )
        ),
    )
    live_proposals._add(msg.sender, elapsed, deadline)
    log IGovernor.ProposalCreated(
        proposalId=proposal_id,
        proposer=msg.sender,
        targets=targets,
        values=amounts,
        signatures=signatures,
        calldatas=calldatas,
        voteStart=unsafe_add(book.ORIGIN, snapshot),
        voteEnd=unsafe_add(book.ORIGIN, deadline),
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
    record: uint256 = book._record_of(proposal_id)
    errors._check_state(proposal_id, states._state_of(proposal_id, record), errors.ONLY_SUCCEEDED)
    delay: uint256 = classes._delay(packed_proposal._is_strict(record), staticcall links.TIMELOCK.getMinDelay())
    salt: bytes32 = self._salt(description_hash)
    operation: bytes32 = keccak256(abi_encode(targets, amounts, calldatas, empty(bytes32), salt))
    book._record_operation(proposal_id, operation)
    log IGovernor.ProposalQueued(proposalId=proposal_id, etaSeconds=block.timestamp + delay)
    raw_call(
        links.TIMELOCK.address,
        abi_encode(targets, amounts, calldatas, empty(bytes32), salt, delay, method_id=SCHEDULE_BATCH),
    )
    return proposal_id


@external
@payable
@reentrant
def execute(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description_hash: bytes32,
) -> uint256:
    proposal_id: uint256 = convert(keccak256(abi_encode(targets, amounts, calldatas, description_hash)), uint256)
    errors._check_state(proposal_id, states._state(proposal_id), errors.ONLY_QUEUED)
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
    # The guardian cannot cancel a proposal whose only action is `set_guardian` here, or it could cancel every one that
    # replaces it.
    replaces_guardian: bool = False
    if len(targets) == 1 and len(calldatas) == 1 and targets[0] == self and len(calldatas[0]) >= 4:
        replaces_guardian = convert(slice(calldatas[0], 0, 4), uint256) == convert(SET_GUARDIAN, uint256)
    proposal_id: uint256 = self._id(targets, amounts, calldatas, description_hash)
    self._cancel(proposal_id, not replaces_guardian and guardians._is_guardian(msg.sender))
    return proposal_id


@external
def cancel_by_id(proposal_id: uint256):
    self._cancel(proposal_id, False)


# --- what actions may call ---

@external
@payable
@reentrant
def relay(target: address, amount: uint256, payload: Bytes[limits.MAX_CALLDATA_BYTES]):
    links._only_timelock()
    calls._call(target, amount, payload)


@external
@view
@reentrant
def require_gas(least: uint256):
    assert msg.gas >= least, "too little gas"


# --- receiving ---

@external
@payable
@reentrant
def __default__():
    """
    @dev Refuses the native currency, the receiver hooks of ERC-721 and ERC-1155 and every unknown function. What is
         meant for the DAO belongs in the Timelock or the Treasury.
    """
    errors._disabled_deposit()


# --- views ---

@external
@view
@reentrant
def hashProposal(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description_hash: bytes32,
) -> uint256:
    return self._id(targets, amounts, calldatas, description_hash)


@external
@view
@reentrant
def getProposalId(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description_hash: bytes32,
) -> uint256:
    return self._id(targets, amounts, calldatas, description_hash)


@external
@view
@reentrant
def clock() -> uint48:
    return convert(block.timestamp, uint48)


@external
@view
@reentrant
def supportsInterface(interface_id: bytes4) -> bool:
    id: uint256 = convert(interface_id, uint256)
    if id == convert(IGOVERNOR, uint256) or id == convert(IGOVERNOR_BEFORE_5_5, uint256):
        return True
    return id == convert(IERC165, uint256) or id == convert(IERC1155_RECEIVER, uint256)


# --- internals ---

@internal
@pure
def _id(
    targets: DynArray[address, limits.MAX_ACTIONS],
    amounts: DynArray[uint256, limits.MAX_ACTIONS],
    calldatas: DynArray[Bytes[limits.MAX_CALLDATA_BYTES], limits.MAX_ACTIONS],
    description_hash: bytes32,
) -> uint256:
    """
    @dev For the views and for cancelling. `propose`, `queue` and `execute` write it out, because an internal call
         copies its arguments.
    """
    return convert(keccak256(abi_encode(targets, amounts, calldatas, description_hash)), uint256)


@internal
def _cancel(proposal_id: uint256, is_guardian: bool):
    record: uint256 = book._record_of(proposal_id)
    state: uint8 = states._state_of(proposal_id, record)
    if not (is_guardian or self._may_cancel(record, state, msg.sender)):
        errors._unable_to_cancel(proposal_id, msg.sender)
    errors._check_state(proposal_id, state, errors.CANCELABLE)
    book._cancel(proposal_id, record)
    live_proposals._remove(packed_proposal._proposer(record), packed_proposal._deadline(record))
    log IGovernor.ProposalCanceled(proposalId=proposal_id)
    if state == errors.QUEUED:
        extcall links.TIMELOCK.cancel(book.operations[proposal_id])


@internal
@view
def _may_cancel(record: uint256, state: uint8, account: address) -> bool:
    """
    @dev The proposer may cancel while the proposal is pending. Anybody may cancel while it is pending or active and its
         proposer has fewer votes than a proposer needs, by the threshold of that proposal. Once it has passed, the
         decision is the voters'.
    """
    proposer: address = packed_proposal._proposer(record)
    if state == errors.PENDING and account == proposer:
        return True
    if state != errors.PENDING and state != errors.ACTIVE:
        return False
    votes: uint256 = 0
    needed: uint256 = 0
    votes, needed = links._votes_and_needed(proposer, settings_book._threshold(packed_proposal._version(record)))
    return votes < needed


@internal
@view
def _salt(description_hash: bytes32) -> bytes32:
    """
    @dev The description's hash with this contract's address mixed into the high 20 bytes by exclusive or, so that two
         Governors of one Timelock never make the same operation.
    """
    return convert(
        convert(convert(convert(self, bytes20), bytes32), uint256) ^ convert(description_hash, uint256), bytes32
    )

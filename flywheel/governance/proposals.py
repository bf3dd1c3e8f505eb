"""Holders: propose named actions, vote, queue, execute."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from flywheel import amounts
from flywheel.chain import any_text, connection, logs
from flywheel.chain.strict_abi import decode
from flywheel.deploy.suite import Suite, first_block
from flywheel.errors import fix
from flywheel.states import ProposalState, Support
from flywheel.wording.describe import Words

if TYPE_CHECKING:
    from ape.api import AccountAPI

# What the Governor takes.
MAX_DESCRIPTION_BYTES = 4_096


@dataclass(frozen=True)
class Action:
    """One call that a proposal makes, and what it does in words."""

    target: str
    calldata: bytes
    words: str
    value: int = 0


@dataclass(frozen=True)
class Proposal:
    """A proposal as the Governor's four-array functions take it."""

    proposal_id: int
    proposer: str
    targets: list[str]
    values: list[int]
    calldatas: list[bytes]
    description: str
    # Of its bytes, which need be no UTF-8.
    description_hash: bytes
    vote_start: int
    vote_end: int

    @property
    def arguments(self) -> tuple[list[str], list[int], list[bytes], bytes]:
        return self.targets, self.values, self.calldatas, self.description_hash

    @property
    def title(self) -> str:
        return self.description.splitlines()[0] if self.description else ""


def action(contract: Any, method: str, *args: Any, words: str) -> Action:
    """A call of `method` on `contract` for a proposal."""
    calldata = bytes(getattr(contract, method).encode_input(*args))
    return Action(str(contract.address), calldata, words)


def propose(
    suite: Suite, proposer: "AccountAPI", title: str, actions: list[Action], text: str = ""
) -> Proposal:
    """Proposes `actions`. The description is the title, the actions in words, and `text`.

    It ends with the proposer, so that nobody else can propose the same first and cancel it.
    """
    listed = "\n".join(f"- {item.words}" for item in actions)
    body = f"{title}\n\n{listed}" + (f"\n\n{text}" if text else "")
    description = f"{body}\n\n#proposer={proposer.address}"
    if (size := len(description.encode())) > MAX_DESCRIPTION_BYTES:
        raise fix(
            f"The description has {size:,} bytes, {MAX_DESCRIPTION_BYTES:,} are allowed",
            "Shorten the text, or publish it and propose its address",
        )
    targets = [item.target for item in actions]
    values = [item.value for item in actions]
    calldatas = [item.calldata for item in actions]
    receipt = connection.send(
        suite.governor.propose, targets, values, calldatas, description, sender=proposer
    )
    log = connection.event_of(receipt, suite.governor.ProposalCreated)
    return _proposal(log)


def find(suite: Suite, proposal_id: int) -> Proposal:
    """The proposal with that id, from the Governor's events; `FlywheelError` if there is none."""
    for proposal in history(suite):
        if proposal.proposal_id == proposal_id:
            return proposal
    raise fix(f"There is no proposal {proposal_id}", "List the proposals with 'ape run vote show'")


def history(suite: Suite) -> list[Proposal]:
    """All proposals of the Governor, oldest first."""
    return [_proposal(log) for log in logs.of_event(suite.governor.ProposalCreated, first_block())]


def _proposal(log: Any) -> Proposal:
    arguments = log.event_arguments
    description = str(arguments["description"])
    raw = description.encode()
    if any_text.UNREADABLE in description:
        raw = _description_bytes(log)
    return Proposal(
        proposal_id=int(arguments["proposalId"]),
        proposer=str(arguments["proposer"]),
        targets=[str(target) for target in arguments["targets"]],
        values=[int(value) for value in arguments["values"]],
        calldatas=[bytes(data) for data in arguments["calldatas"]],
        description=description,
        description_hash=bytes(keccak(raw)),
        vote_start=int(arguments["voteStart"]),
        vote_end=int(arguments["voteEnd"]),
    )


def _description_bytes(log: Any) -> bytes:
    """The description as it is on chain: the last of the event's fields, none of which is indexed.

    The encoding of `bytes` is that of `string`.
    """
    receipt = connection.provider().web3.eth.get_transaction_receipt(log.transaction_hash)
    (data,) = [raw["data"] for raw in receipt["logs"] if raw["logIndex"] == log.log_index]
    types = [*("uint256", "address", "address[]", "uint256[]", "string[]"), "bytes[]"]
    return bytes(decode([*types, "uint256", "uint256", "bytes"], data)[-1])


def describe(suite: Suite, proposal: Proposal) -> list[str]:
    """What a proposal really does: each call in words, by the suite's own ABIs.

    The description is only what its proposer says. A call that cannot be decoded says so.
    """
    words = Words(suite)
    return [
        words.call(target, data, value)
        for target, value, data in zip(
            proposal.targets, proposal.values, proposal.calldatas, strict=True
        )
    ]


# --- classes ---


def is_strict(suite: Suite, actions: list[Action]) -> bool:
    """Whether a proposal of these actions would be strict, by the Governor's own table."""
    is_ordinary = suite.governor.is_ordinary
    return not all(
        item.value == 0
        and len(item.calldata) >= 4
        and connection.call(is_ordinary, item.target, item.calldata[:4])
        for item in actions
    )


def is_strict_proposal(suite: Suite, proposal_id: int) -> bool:
    """Whether an existing proposal is strict."""
    return int(connection.call(suite.governor.proposal_class, proposal_id)) == 1


def delay(suite: Suite, strict: bool) -> int:
    """Seconds from queueing to execution of a proposal of that class."""
    shortest = int(connection.call(suite.timelock.getMinDelay))
    return max(shortest, int(suite.governor.STRICT_DELAY())) if strict else shortest


def class_words(suite: Suite, strict: bool) -> str:
    """A class and what it needs: its share of what could vote, its majority, its delay."""
    governor = suite.governor
    quorum, majority = int(governor.quorumNumerator()), "more for than against"
    if strict:
        quorum = max(quorum, int(governor.STRICT_QUORUM_BPS()))
        share = amounts.show_bps(int(governor.STRICT_MAJORITY_BPS()))
        majority = f"{share} of for and against"
    wait = amounts.show_duration(delay(suite, strict))
    return (
        f"{'strict' if strict else 'ordinary'}: a quorum of at least {amounts.show_bps(quorum)} "
        f"of what could vote, {majority}, {wait} from queueing to execution"
    )


def life_seconds(suite: Suite, strict: bool) -> int:
    """From a proposal to its execution at the earliest."""
    governor = suite.governor
    voting = int(governor.votingDelay()) + int(governor.votingPeriod())
    return voting + delay(suite, strict) + 2


def executable_from(suite: Suite, proposal: Proposal) -> int:
    """The earliest time at which a proposal can be executed, as things stand."""
    wait = delay(suite, is_strict_proposal(suite, proposal.proposal_id))
    match state(suite, proposal.proposal_id):
        case ProposalState.QUEUED:
            return int(suite.governor.proposalEta(proposal.proposal_id))
        case ProposalState.PENDING | ProposalState.ACTIVE:
            deadline = int(suite.governor.proposalDeadline(proposal.proposal_id))
            return deadline + 1 + wait
        case ProposalState.SUCCEEDED:
            return connection.now() + 1 + wait
    return connection.now() + 1


def state(suite: Suite, proposal_id: int) -> ProposalState:
    return ProposalState(connection.call(suite.governor.state, proposal_id))


def votes(suite: Suite, proposal_id: int) -> dict[Support, int]:
    """Token wei per choice."""
    against, in_favour, abstain = connection.call(suite.governor.proposalVotes, proposal_id)
    return {Support.FOR: in_favour, Support.AGAINST: against, Support.ABSTAIN: abstain}


def cast(
    suite: Suite, voter: "AccountAPI", proposal_id: int, support: Support, reason: str = ""
) -> int:
    """Casts a ballot; returns its weight in token wei."""
    if reason:
        receipt = connection.send(
            suite.governor.castVoteWithReason, proposal_id, support, reason, sender=voter
        )
    else:
        receipt = connection.send(suite.governor.castVote, proposal_id, support, sender=voter)
    return int(connection.event_of(receipt, suite.governor.VoteCast).weight)


def queue(suite: Suite, caller: "AccountAPI", proposal: Proposal) -> int:
    """Queues a won proposal in the Timelock; returns the time from which it can be executed."""
    connection.send(suite.governor.queue, *proposal.arguments, sender=caller)
    return int(suite.governor.proposalEta(proposal.proposal_id))


def execute(suite: Suite, caller: "AccountAPI", proposal: Proposal) -> Any:
    """Executes a queued proposal after its delay; returns the receipt."""
    return connection.send(suite.governor.execute, *proposal.arguments, sender=caller)


def cancel(suite: Suite, caller: "AccountAPI", proposal: Proposal) -> None:
    """Cancels a proposal: its proposer before the vote, its guardian, or anyone once the proposer
    has too few votes."""
    connection.send(suite.governor.cancel, *proposal.arguments, sender=caller)


def delegate(suite: Suite, holder: "AccountAPI", delegatee: str) -> int:
    """Gives the votes of `holder`'s tokens to `delegatee`; returns how many, in token wei."""
    connection.send(connection.method(suite.token, "delegate"), delegatee, sender=holder)
    return int(suite.token.balanceOf(holder.address))

"""Whether a proposal can be voted on, queued or executed now, said before anything is sent.

Each function raises `FlywheelError` with the reason in words and what to do; the order is: wrong
thing, wrong time, wrong person.
"""

from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.governance import proposals
from flywheel.governance.proposals import Proposal
from flywheel.states import ProposalState
from flywheel.wording.lexicon import in_time

OVER = {
    ProposalState.CANCELED: "was cancelled",
    ProposalState.DEFEATED: "was defeated",
    ProposalState.EXPIRED: "was not executed in time and has expired",
    ProposalState.EXECUTED: "is executed already",
}


def require_ballot(suite: Suite, proposal: Proposal, voter: str) -> int:
    """The weight of the ballot that `voter` may cast now, in token wei; may be zero."""
    now, state = connection.now(), proposals.state(suite, proposal.proposal_id)
    if state == ProposalState.PENDING:
        raise fix(f"Voting starts {in_time(proposal.vote_start + 1, now)}", "Come back then")
    if state != ProposalState.ACTIVE:
        end = int(suite.governor.proposalDeadline(proposal.proposal_id))
        ended = f"Voting ended {in_time(end, now)}" if end < now else "Voting is over"
        raise fix(f"{ended}: the proposal {_stands(state)}", "See 'ape run vote show'")
    if connection.call(suite.governor.hasVoted, proposal.proposal_id, voter):
        raise fix(f"{voter} has voted", "A ballot cannot be changed")
    return int(connection.call(suite.governor.getVotes, voter, proposal.vote_start))


def require_won(suite: Suite, proposal: Proposal) -> None:
    """Unless it can be queued."""
    state = proposals.state(suite, proposal.proposal_id)
    if state in (ProposalState.PENDING, ProposalState.ACTIVE):
        end = int(suite.governor.proposalDeadline(proposal.proposal_id))
        raise fix(f"Voting ends {in_time(end, connection.now())}", "Queue it then, if it is won")
    if state != ProposalState.SUCCEEDED:
        raise fix(f"The proposal {_stands(state)}", "See 'ape run vote show'")


def require_due(suite: Suite, proposal: Proposal) -> None:
    """Unless it can be executed."""
    state = proposals.state(suite, proposal.proposal_id)
    if state == ProposalState.SUCCEEDED:
        raise fix("The proposal is won and not queued", "Queue it: 'ape run vote queue'")
    if state in (ProposalState.PENDING, ProposalState.ACTIVE):
        raise _too_early(suite, proposal)
    if state != ProposalState.QUEUED:
        raise fix(f"The proposal {_stands(state)}", "See 'ape run vote show'")
    if connection.now() < int(suite.governor.proposalEta(proposal.proposal_id)):
        raise _too_early(suite, proposal)


def _too_early(suite: Suite, proposal: Proposal) -> FlywheelError:
    due = proposals.executable_from(suite, proposal)
    when = in_time(due, connection.now())
    return fix(f"The proposal can be executed {when} at the earliest", "Come back then")


def _stands(state: ProposalState) -> str:
    return OVER.get(state, f"is {state.name.lower()}")

"""Holders review: objections, and what votes decide about grants."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from flywheel import amounts
from flywheel.chain import connection
from flywheel.deploy.suite import Suite
from flywheel.errors import fix
from flywheel.governance import proposals
from flywheel.governance.proposals import Action, Proposal
from flywheel.grants import applications
from flywheel.grants.milestones import time_of
from flywheel.wording.describe import Words
from flywheel.wording.lexicon import show_time

if TYPE_CHECKING:
    from ape.api import AccountAPI


@dataclass(frozen=True)
class Objection:
    """Token wei that objected so far, and until when that holds the review; None: only a vote
    accepts the milestone any more."""

    total_votes: int
    accepts_at: int | None


def hash_of(reason: str) -> bytes:
    """What the chain keeps of a published reason."""
    return bytes(keccak(text=reason))


def object_to(
    suite: Suite, holder: "AccountAPI", grant_id: int, milestone: int, reason: str
) -> Objection:
    """Objects to the submission under review."""
    receipt = connection.send(
        suite.grants.object, grant_id, milestone, hash_of(reason), sender=holder
    )
    log = connection.event_of(receipt, suite.grants.MilestoneObjected)
    accepts_at = connection.call(suite.grants.milestone, grant_id, milestone).accepts_at
    return Objection(int(log.total_votes), time_of(int(accepts_at)))


def in_review(suite: Suite, grant_id: int) -> tuple[int, Any]:
    """The milestone in turn and its number. Raises `FlywheelError` if none is under review."""
    told = applications.require(suite, grant_id)
    number = int(connection.call(suite.grants.milestone_in_turn, grant_id))
    if number <= int(told.milestone_count):
        found = connection.call(suite.grants.milestone, grant_id, number)
        if int(found.accepts_at):
            return number, found
    raise fix(
        f"No milestone of grant {grant_id} is under review",
        f"See what is next with 'ape run grants show {grant_id}'",
    )


def escalate(suite: Suite, caller: "AccountAPI", grant_id: int, proposal: Proposal) -> int:
    """Names the proposal that decides about the submission under review; returns until when that
    holds it. Raises `FlywheelError` if the proposal does anything else."""
    number, found = in_review(suite, grant_id)
    values = _decision_of(suite, proposal, grant_id, number, int(found.submission))
    receipt = connection.send(
        suite.grants.escalate,
        grant_id,
        number,
        values["pay_bps"],
        values["reason_hash"],
        proposal.description_hash,
        sender=caller,
    )
    return int(connection.event_of(receipt, suite.grants.ReviewEscalated).held_until)


def _decision_of(
    suite: Suite, proposal: Proposal, grant_id: int, milestone: int, submission: int
) -> dict[str, Any]:
    """The arguments of `decide` that a proposal carries, and nothing else."""
    remedy = f"Propose it with 'ape run vote propose-decision {grant_id} {milestone}'"
    calls = [
        Words(suite).decode(target, data)
        for target, data in zip(proposal.targets, proposal.calldatas, strict=True)
    ]
    call = calls[0] if len(calls) == 1 and not any(proposal.values) else None
    is_decision = call is not None and (call.function.contract, call.function.name) == (
        "TrainingGrants",
        "decide",
    )
    if call is None or not is_decision:
        raise fix(f"'{proposal.title}' does more, or something else, than decide", remedy)
    values = call.arguments
    about = (int(values["grant_id"]), int(values["milestone"]), int(values["submission"]))
    if about != (grant_id, milestone, submission):
        raise fix(
            f"'{proposal.title}' decides about submission {about[2]} of milestone {about[1]} of "
            f"grant {about[0]}, under review is submission {submission} of milestone {milestone}",
            remedy,
        )
    return dict(values)


# --- what votes do ---


def decision(suite: Suite, grant_id: int, milestone: int, pay_bps: int, reason: str) -> Action:
    """The action that decides about the submission of a milestone under review."""
    number, found = in_review(suite, grant_id)
    if number != milestone:
        raise fix(
            f"Milestone {milestone} of grant {grant_id} is not under review",
            f"Milestone {number} is",
        )
    verb = f"accept {amounts.show_bps(pay_bps)} of" if pay_bps else "reject"
    submission = int(found.submission)
    return proposals.action(
        suite.grants,
        "decide",
        grant_id,
        milestone,
        submission,
        pay_bps,
        hash_of(reason),
        words=f"{verb} submission {submission} of milestone {milestone} of grant {grant_id}: "
        f"{reason}",
    )


def termination(suite: Suite, grant_id: int, reason: str) -> Action:
    """The action that ends a grant; its bond is lost."""
    told = applications.require(suite, grant_id)
    return proposals.action(
        suite.grants,
        "terminate",
        grant_id,
        hash_of(reason),
        words=f"terminate grant {grant_id}, whose bond of {suite.money(told.bond)} is lost: "
        f"{reason}",
    )


def delay(suite: Suite, grant_id: int, seconds: int) -> Action:
    """The action that gives the milestone in turn, and those after it, so much more time."""
    told = applications.require(suite, grant_id)
    number = int(connection.call(suite.grants.milestone_in_turn, grant_id))
    if number > int(told.milestone_count):
        raise fix(f"No milestone of grant {grant_id} is in turn", "There is nothing to move")
    due_at = int(connection.call(suite.grants.milestone, grant_id, number).due_at) + seconds
    return proposals.action(
        suite.grants,
        "move_due",
        grant_id,
        number,
        due_at,
        words=f"move the end of milestone {number} of grant {grant_id}, and those after it, by "
        f"{amounts.show_duration(seconds)} to {show_time(due_at)}",
    )


def replacement(suite: Suite, grant_id: int, new_recipient: str) -> Action:
    """The action that names a successor of a grant's recipient."""
    applications.require(suite, grant_id)
    return proposals.action(
        suite.grants,
        "replace_recipient",
        grant_id,
        new_recipient,
        words=f"let {new_recipient} take grant {grant_id} over 14 days after the vote",
    )

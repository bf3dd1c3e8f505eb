"""What happens next with a grant: when, who has to act, and with which command. Pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass

from flywheel.grants.progress import ACCEPTED, APPLICATION_SECONDS, UNDER_REVIEW, Grant, Stage
from flywheel.states import GrantState, MilestoneState
from flywheel.wording.lexicon import show_time

RECIPIENT, HOLDERS, ANYBODY = "the recipient", "holders", "anybody"


@dataclass(frozen=True)
class Step:
    """`at` is the last or the first moment of it, None for now. `command` has the arguments that
    are known."""

    at: int | None
    what: str
    who: str
    command: str = ""


def steps(grant: Grant, now: int) -> list[Step]:
    """What can or has to happen, in the order of time; what may be done now comes first."""
    found = [*_before(grant), *_turn(grant, now), *_money(grant, now), *_successor(grant)]
    return sorted(found, key=lambda step: step.at or 0)


def _before(grant: Grant) -> Iterator[Step]:
    """Until the grant is approved and its bond posted."""
    if grant.state == GrantState.APPLIED:
        at = grant.applied_at + APPLICATION_SECONDS
        command = f"ape run vote propose-grant {grant.grant_id}"
        yield Step(at, "a vote approves it before then, or it lapses", HOLDERS, command)
    if grant.state == GrantState.ACTIVE and not grant.is_bonded:
        command = f"ape run grants bond {grant.grant_id}"
        yield Step(
            grant.bond_until,
            f"the bond of {grant.unit.show(grant.bond)} is posted before then, or anybody may end "
            "the grant; nothing is submitted or ordered without it",
            ANYBODY,
            command,
        )


def _turn(grant: Grant, now: int) -> Iterator[Step]:
    """The milestone in turn."""
    stage = grant.current
    if stage is None:
        return
    if stage.state in UNDER_REVIEW:
        yield from _review(grant, stage)
    elif now < stage.due_at:
        needs = f" with {', '.join(stage.needs)}" if stage.needs else ""
        opens = f", from {show_time(grant.opens_at)} on" if now < grant.opens_at else ""
        yield Step(
            stage.due_at,
            f"milestone {stage.number} is submitted before then{opens}{needs}",
            RECIPIENT,
            f"ape run grants submit {grant.grant_id}",
        )
    else:
        ends_at = stage.due_at + grant.grace_seconds
        what = f"milestone {stage.number} is overdue: only a vote can move its date"
        yield Step(None, what, HOLDERS, f"ape run vote propose-delay {grant.grant_id}")
        yield Step(
            ends_at, "anybody may end it", ANYBODY, f"ape run grants expire {grant.grant_id}"
        )


def _review(grant: Grant, stage: Stage) -> Iterator[Step]:
    name = f"submission {stage.submission} of milestone {stage.number}"
    decide = f"ape run vote propose-decision {grant.grant_id} {stage.number}"
    if stage.accepts_at is None:
        yield Step(None, f"only a vote decides about {name}", HOLDERS, decide)
        yield Step(
            None,
            "or it is withdrawn, to be submitted again",
            RECIPIENT,
            f"ape run grants withdraw {grant.grant_id}",
        )
        return
    if stage.state == MilestoneState.SUBMITTED:
        command = f"ape run grants object {grant.grant_id}"
        what = f"{name} is accepted, unless holders object before then"
        yield Step(stage.accepts_at, what, HOLDERS, command)
    elif grant.named_proposal is None:
        what = (
            f"objections hold {name} until then; a proposal that decides about it, named before "
            "then, holds it longer"
        )
        command = f"{decide}, then ape run grants escalate {grant.grant_id}"
        yield Step(stage.accepts_at, what, HOLDERS, command)
    else:
        what = f"the vote named for {name} decides before then, or it is accepted"
        command = f"ape run vote show {grant.named_proposal}"
        yield Step(stage.accepts_at, what, HOLDERS, command)


def _money(grant: Grant, now: int) -> Iterator[Step]:
    if grant.drawable:
        yield Step(
            None,
            f"{grant.unit.show(grant.drawable)} can be drawn for the recipient",
            ANYBODY,
            f"ape run grants draw {grant.grant_id}",
        )
    for stage in grant.stages:
        running = stage.state in ACCEPTED and stage.streams_until > now
        if running and grant.state == GrantState.ACTIVE:
            released = stage.earned * (now - stage.accepted_at) // stage.stream_seconds
            yield Step(
                stage.streams_until,
                f"milestone {stage.number} is released until then, {grant.unit.show(released)} of "
                f"{grant.unit.show(stage.earned)} so far",
                "time",
            )


def _successor(grant: Grant) -> Iterator[Step]:
    if grant.pending_recipient is not None:
        yield Step(
            grant.replaces_at or None,
            f"{grant.pending_recipient} may take the grant over"
            + ("" if grant.replaces_at else ", not during a review"),
            "the successor",
            f"ape run grants accept {grant.grant_id}",
        )


def dates(grant: Grant, now: int) -> list[tuple[int, str, str]]:
    """Every date that a calendar should hold: time, a key that stays the same, and what it is."""
    found = [
        (step.at, f"step-{index}", step.what)
        for index, step in enumerate(steps(grant, now))
        if step.at is not None and step.at > now
    ]
    for stage in grant.stages:
        later = grant.current is not None and stage.number > grant.current.number
        if later and stage.due_at > now:
            what = f"milestone {stage.number} is due, {grant.unit.show(stage.amount)}"
            found.append((stage.due_at, f"due-{stage.number}", what))
    turn = grant.current
    if turn is not None and turn.state not in UNDER_REVIEW and turn.due_at > now:
        ends_at = turn.due_at + grant.grace_seconds
        found.append((ends_at, f"grace-{turn.number}", "from then on anybody may end the grant"))
    return sorted(found)

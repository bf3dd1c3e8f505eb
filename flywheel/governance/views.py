"""Proposals for people and programs: all of them, one in full, and what one would change."""

from collections.abc import Iterator
from typing import Any

from flywheel import amounts
from flywheel.chain import connection, simulation
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.governance import attack_cost, proposals
from flywheel.governance.effects import Effects
from flywheel.governance.proposals import Proposal
from flywheel.shown import Part, Record, Remark, Shown, Table, numbered
from flywheel.states import ProposalState, Support
from flywheel.wording.lexicon import show_time


def find(suite: Suite, text: str) -> Proposal:
    """A proposal by its number in the list or by its id."""
    past = proposals.history(suite)
    if not text.isdigit():
        raise fix(f"'{text}' is no proposal", "Give its number or id from 'ape run vote show'")
    number = int(text)
    if 1 <= number <= len(past):
        return past[number - 1]
    return proposals.find(suite, number)


def overview(suite: Suite) -> Iterator[Part]:
    """All proposals, and what an attack by vote would cost."""
    rows = []
    past = proposals.history(suite)
    for number, proposal in enumerate(past, start=1):
        state = proposals.state(suite, proposal.proposal_id)
        counted = proposals.votes(suite, proposal.proposal_id)
        votes = Shown("\n".join(_tally(suite, counted)), _by_choice(counted))
        kind = _class(suite, proposal)
        following = _next(suite, proposal, state)
        rows.append((number, proposal.title, kind, state.name, votes, following))
    yield Table("Proposals", ("Number", "Title", "Class", "State", "Votes", "Next"), rows)
    yield from _attack_cost(suite, past)


def _attack_cost(suite: Suite, past: list[Proposal]) -> Iterator[Remark]:
    """What the last turnouts of the history would make an attack by vote cost."""
    yield from map(Remark, attack_cost.sentences(suite, attack_cost.exposure(suite, past)))


def _class(suite: Suite, proposal: Proposal) -> str:
    return "strict" if proposals.is_strict_proposal(suite, proposal.proposal_id) else "ordinary"


def _tally(suite: Suite, counted: dict[Support, int]) -> list[str]:
    """The choices that somebody made."""
    return [
        f"{suite.tokens(weight)} {side.name.lower()}" for side, weight in counted.items() if weight
    ]


def _by_choice(counted: dict[Support, int]) -> dict[str, int]:
    """Token wei by the name of the choice."""
    return {side.name.lower(): weight for side, weight in counted.items()}


def _next(suite: Suite, proposal: Proposal, state: ProposalState) -> str:
    """What can be done next, and when."""
    now = connection.now()
    match state:
        case ProposalState.PENDING:
            return f"vote in {_about(proposal.vote_start + 1 - now)}"
        case ProposalState.ACTIVE:
            end = int(suite.governor.proposalDeadline(proposal.proposal_id))
            return f"vote within {_about(end - now)}"
        case ProposalState.SUCCEEDED:
            return "queue"
        case ProposalState.QUEUED:
            wait = int(suite.governor.proposalEta(proposal.proposal_id)) - now
            return f"execute in {_about(wait)}" if wait > 0 else "execute"
    return ""


def _about(seconds: int) -> str:
    """A duration in its largest unit."""
    return " ".join(amounts.show_duration(seconds).split()[:2])


def in_full(suite: Suite, proposal: Proposal) -> Iterator[Part]:
    """One proposal in full: what it really does stands above what its proposer says."""
    number = proposal.proposal_id
    state = proposals.state(suite, number)
    counted = proposals.votes(suite, number)
    strict = proposals.is_strict_proposal(suite, number)
    eta = int(suite.governor.proposalEta(number))
    if state in (ProposalState.PENDING, ProposalState.ACTIVE, ProposalState.SUCCEEDED):
        eta = proposals.executable_from(suite, proposal)
    fields: dict[str, Any] = {
        "Id": str(number),
        "State": state.name,
        "Class": proposals.class_words(suite, strict),
        "Next": _next(suite, proposal, state),
        "Proposer": proposal.proposer,
        "Voting starts": show_time(proposal.vote_start),
        "Voting ends": show_time(int(suite.governor.proposalDeadline(number))),
        **({"Can be executed from": show_time(eta)} if eta else {}),
        **{side.name.capitalize(): suite.tokens(weight) for side, weight in counted.items()},
        "Quorum": _quorum(suite, proposal, counted),
        "Majority": _majority(suite, counted, strict),
        "Really does": numbered(proposals.describe(suite, proposal)),
        "Proposer says": proposal.description,
    }
    yield Record(proposal.title, fields)
    if state in (ProposalState.PENDING, ProposalState.ACTIVE):
        yield from _attack_cost(suite, proposals.history(suite))


def _quorum(suite: Suite, proposal: Proposal, counted: dict[Support, int]) -> str:
    if connection.now() <= proposal.vote_start:
        return "known when voting starts"
    needed = int(suite.governor.proposal_quorum(proposal.proposal_id))
    cast = counted[Support.FOR] + counted[Support.ABSTAIN]
    missing = needed - cast
    state = "reached" if missing <= 0 else f"{suite.tokens(missing)} missing"
    return f"{suite.tokens(needed)}, {state}"


def _majority(suite: Suite, counted: dict[Support, int], strict: bool) -> str:
    """Which part of for and against is for, what is needed, and whether that is reached."""
    in_favour, against = counted[Support.FOR], counted[Support.AGAINST]
    if in_favour + against == 0:
        return "no ballot for or against yet"
    part = in_favour / (in_favour + against)
    if strict:
        needed_bps = int(suite.governor.STRICT_MAJORITY_BPS())
        reached = in_favour * amounts.BPS >= needed_bps * (in_favour + against)
        needed = f"{amounts.show_bps(needed_bps)} needed"
    else:
        reached, needed = in_favour > against, "more than half needed"
    return f"{part:.2%} for, {needed}, {'reached' if reached else 'not reached'}"


def calls(said: list[str]) -> Iterator[Remark]:
    """What a proposal really does, before anybody confirms."""
    for number, line in enumerate(said, start=1):
        yield Remark(f"Action {number}: {line}")


def changes(title: str, said: list[str], effects: Effects) -> Iterator[Part]:
    """What actions would change. Raises `FlywheelError` if one of them would fail."""
    yield from calls(said)
    if effects.changes is None:
        yield from _each_alone(said, effects)
        return
    if effects.failed:
        raise FlywheelError(
            f"Action {effects.failed} would fail: {effects.reason}. "
            "All actions are executed, or none."
        )
    yield Remark("All actions would succeed.")
    yield Table(
        f"What '{title}' would change",
        ("Where", "What", "Before", "After"),
        [(item.where, item.what, item.before, item.after) for item in effects.changes],
    )


def _each_alone(said: list[str], effects: Effects) -> Iterator[Part]:
    yield Remark(
        "This node cannot run calls after one another (it lacks eth_simulateV1). Each action was "
        f"tried by itself, {simulation.Engine.ALONE.value}: one that builds on an earlier one may "
        "seem to fail, and what would change is not known."
    )
    yield Table(
        "Actions",
        ("Action", "Does", "Would"),
        [
            (number, line, "succeed" if outcome.ok else f"fail: {outcome.reason}")
            for number, (line, outcome) in enumerate(zip(said, effects.outcomes, strict=True), 1)
        ],
    )

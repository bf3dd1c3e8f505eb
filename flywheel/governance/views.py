"""What `ape run vote` prints: the proposals, one in full, and what one would change."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flywheel import amounts
from flywheel.chain import connection, simulation
from flywheel.console.output import Output
from flywheel.deploy.suite import Suite
from flywheel.errors import FlywheelError, fix
from flywheel.governance import attack_cost, ballots, proposals
from flywheel.governance.effects import Effects
from flywheel.governance.proposals import Proposal, ProposalState
from flywheel.wording.lexicon import show_time

if TYPE_CHECKING:
    from ape.api import AccountAPI


def find(suite: Suite, text: str) -> Proposal:
    """A proposal by its number in the list or by its id."""
    past = proposals.history(suite)
    if not text.isdigit():
        raise fix(f"'{text}' is no proposal", "Give its number or id from 'ape run vote show'")
    number = int(text)
    if 1 <= number <= len(past):
        return past[number - 1]
    return proposals.find(suite, number)


def show_all(output: Output, suite: Suite) -> None:
    """All proposals as a table; people get the votes below each other, programs in columns."""
    rows = []
    past = proposals.history(suite)
    for number, proposal in enumerate(past, start=1):
        state = proposals.state(suite, proposal.proposal_id)
        counted = proposals.votes(suite, proposal.proposal_id)
        votes: tuple[str, ...] = tuple(map(suite.tokens, counted.values()))
        if output.format == "table":
            votes = ("\n".join(_tally(suite, counted)),)
        kind = _class(suite, proposal)
        following = _next(suite, proposal, state)
        rows.append((number, proposal.title, kind, state.name, *votes, following))
    sides = ("Votes",) if output.format == "table" else ("For", "Against", "Abstain")
    output.table("Proposals", ("Number", "Title", "Class", "State", *sides, "Next"), rows)
    _say_attack_cost(output, suite, past)


def _say_attack_cost(output: Output, suite: Suite, past: list[Proposal]) -> None:
    """What the last turnouts of the history would make an attack by vote cost."""
    for line in attack_cost.sentences(suite, attack_cost.exposure(suite, past)):
        output.say(line)


def _class(suite: Suite, proposal: Proposal) -> str:
    return "strict" if proposals.is_strict_proposal(suite, proposal.proposal_id) else "ordinary"


def _tally(suite: Suite, counted: dict[proposals.Support, int]) -> list[str]:
    """The choices that somebody made."""
    return [
        f"{suite.tokens(weight)} {side.name.lower()}" for side, weight in counted.items() if weight
    ]


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


def show_one(output: Output, suite: Suite, proposal: Proposal) -> None:
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
        "Really does": listed(output, proposals.describe(suite, proposal)),
        "Proposer says": proposal.description,
    }
    output.record(proposal.title, fields)
    if state in (ProposalState.PENDING, ProposalState.ACTIVE):
        _say_attack_cost(output, suite, proposals.history(suite))


def _quorum(suite: Suite, proposal: Proposal, counted: dict[proposals.Support, int]) -> str:
    if connection.now() <= proposal.vote_start:
        return "known when voting starts"
    needed = int(suite.governor.proposal_quorum(proposal.proposal_id))
    cast = counted[proposals.Support.FOR] + counted[proposals.Support.ABSTAIN]
    missing = needed - cast
    state = "reached" if missing <= 0 else f"{suite.tokens(missing)} missing"
    return f"{suite.tokens(needed)}, {state}"


def _majority(suite: Suite, counted: dict[proposals.Support, int], strict: bool) -> str:
    """Which part of for and against is for, what is needed, and whether that is reached."""
    in_favour, against = counted[proposals.Support.FOR], counted[proposals.Support.AGAINST]
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


def say_calls(output: Output, suite: Suite, proposal: Proposal) -> None:
    """What the proposal really does, before anybody confirms."""
    for number, line in enumerate(proposals.describe(suite, proposal), start=1):
        output.say(f"Action {number}: {line}")


def listed(output: Output, lines: list[str]) -> Any:
    """Numbered for people, a list for programs."""
    if output.format == "json":
        return lines
    if len(lines) == 1:
        return lines[0]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def show_effects(output: Output, title: str, said: list[str], effects: Effects) -> None:
    """What actions would change. Raises `FlywheelError` if one of them would fail."""
    for number, line in enumerate(said, start=1):
        output.say(f"Action {number}: {line}")
    if effects.changes is None:
        _show_alone(output, said, effects)
        return
    if effects.failed:
        raise FlywheelError(
            f"Action {effects.failed} would fail: {effects.reason}. "
            "All actions are executed, or none."
        )
    output.say("All actions would succeed.")
    output.table(
        f"What '{title}' would change",
        ("Where", "What", "Before", "After"),
        [(item.where, item.what, item.before, item.after) for item in effects.changes],
    )


def _show_alone(output: Output, said: list[str], effects: Effects) -> None:
    output.say(
        "This node cannot run calls after one another (it lacks eth_simulateV1). Each action was "
        f"tried by itself, {simulation.Engine.ALONE.value}: one that builds on an earlier one may "
        "seem to fail, and what would change is not known."
    )
    output.table(
        "Actions",
        ("Action", "Does", "Would"),
        [
            (number, line, "succeed" if outcome.ok else f"fail: {outcome.reason}")
            for number, (line, outcome) in enumerate(zip(said, effects.outcomes, strict=True), 1)
        ],
    )


def submit_all(
    output: Output,
    suite: Suite,
    caller: "AccountAPI",
    signed: list[tuple[Path, ballots.Signed]],
) -> None:
    """Submits each and prints what became of it. Raises `FlywheelError` if none was taken."""
    rows, refused = [], []
    for path, item in signed:
        try:
            done = ballots.submit(suite, caller, item)
        except FlywheelError as error:
            refused.append(error)
            done = str(error)
        rows.append((path.name, item.signer, f"{item.kind}: {done}"))
    if len(refused) == len(signed) == 1:
        raise refused[0]
    output.table("Submitted", ("File", "Signer", "Result"), rows)
    if len(refused) == len(signed):
        raise fix("None was taken", "See the reasons above")

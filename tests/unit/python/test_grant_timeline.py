"""What is said to come next, for each standing of a grant."""

from dataclasses import replace

import pytest

from flywheel.amounts import Unit
from flywheel.grants import timeline
from flywheel.grants.progress import Grant, Stage
from flywheel.states import GrantState, MilestoneState

DAY = 86_400
NOW = 100 * DAY
FIRST = Stage(
    number=1,
    state=MilestoneState.LOCKED,
    amount=1_000_000,
    due_at=NOW + 10 * DAY,
    stream_seconds=0,
    compute_unlocked=0,
    submission=0,
    submitted_at=0,
    accepts_at=0,
    objection_votes=0,
    energy_report_id=0,
    accepted_at=0,
    earned=0,
    paid=0,
    needs=("an energy report",),
)
SECOND = replace(FIRST, number=2, due_at=NOW + 40 * DAY, needs=())
GRANT = Grant(
    grant_id=7,
    state=GrantState.ACTIVE,
    unit=Unit("0x" + "11" * 20, "USDC", 6),
    purpose="models",
    recipient="0x" + "22" * 20,
    pending_recipient=None,
    replaces_at=0,
    applied_at=NOW - 30 * DAY,
    bond=500_000,
    is_bonded=True,
    milestones_total=2_000_000,
    compute_budget=0,
    carbon_budget_grams=0,
    terms_uri="ipfs://terms",
    approved_at=NOW - 20 * DAY,
    grace_seconds=14 * DAY,
    in_turn=1,
    drawable=0,
    named_proposal=None,
    stages=(FIRST, SECOND),
)


def with_first(**changes: object) -> Grant:
    return replace(GRANT, stages=(replace(FIRST, **changes), SECOND))  # type: ignore[arg-type]


def reviewed(**changes: object) -> Grant:
    told = {"submission": 3, "accepts_at": NOW + 5 * DAY, "state": MilestoneState.SUBMITTED}
    return with_first(**{**told, **changes})


OBJECTED = {"state": MilestoneState.OBJECTED}


@pytest.mark.parametrize(
    ("grant", "at", "said", "who", "command"),
    [
        (
            replace(GRANT, state=GrantState.APPLIED),
            NOW + 150 * DAY,
            "a vote approves it before then, or it lapses",
            "holders",
            "ape run vote propose-grant 7",
        ),
        (
            replace(GRANT, is_bonded=False),
            NOW + 10 * DAY,
            "the bond of 0.5 USDC is posted before then",
            "anybody",
            "ape run grants bond 7",
        ),
        (
            GRANT,
            NOW + 10 * DAY,
            "milestone 1 is submitted before then with an energy report",
            "the recipient",
            "ape run grants submit 7",
        ),
        (
            with_first(due_at=NOW),
            None,
            "milestone 1 is overdue: only a vote can move its date",
            "holders",
            "ape run vote propose-delay 7",
        ),
        (
            reviewed(),
            NOW + 5 * DAY,
            "submission 3 of milestone 1 is accepted, unless holders object before then",
            "holders",
            "ape run grants object 7",
        ),
        (
            reviewed(**OBJECTED),
            NOW + 5 * DAY,
            "objections hold submission 3 of milestone 1 until then",
            "holders",
            "ape run vote propose-decision 7 1, then ape run grants escalate 7",
        ),
        (
            replace(reviewed(**OBJECTED), named_proposal=5),
            NOW + 5 * DAY,
            "the vote named for submission 3 of milestone 1 decides before then",
            "holders",
            "ape run vote show 5",
        ),
        (
            reviewed(accepts_at=None, **OBJECTED),
            None,
            "only a vote decides about submission 3 of milestone 1",
            "holders",
            "ape run vote propose-decision 7 1",
        ),
        (
            replace(GRANT, drawable=250_000),
            None,
            "0.25 USDC can be drawn for the recipient",
            "anybody",
            "ape run grants draw 7",
        ),
    ],
)
def test_steps__of_a_standing__begin_with_it(grant, at, said, who, command):
    first = timeline.steps(grant, NOW)[0]
    assert first.what.startswith(said)
    assert (first.at, first.who, first.command) == (at, who, command)


def test_steps__stream__tell_what_is_released():
    stage = replace(
        FIRST,
        state=MilestoneState.ACCEPTED,
        accepted_at=NOW - DAY,
        stream_seconds=4 * DAY,
        earned=1_000_000,
    )
    steps = timeline.steps(replace(GRANT, in_turn=2, stages=(stage, SECOND)), NOW)
    assert steps[0].what == "milestone 1 is released until then, 0.25 USDC of 1 USDC so far"
    assert steps[0].at == NOW + 3 * DAY


@pytest.mark.parametrize("state", [GrantState.LAPSED, GrantState.COMPLETED, GrantState.TERMINATED])
def test_steps__of_what_is_over__are_none(state):
    assert timeline.steps(replace(GRANT, state=state), NOW) == []


def test_dates__of_a_grant__are_its_deadlines_in_order():
    assert timeline.dates(GRANT, NOW) == [
        (NOW + 10 * DAY, "step-0", "milestone 1 is submitted before then with an energy report"),
        (NOW + 24 * DAY, "grace-1", "from then on anybody may end the grant"),
        (NOW + 40 * DAY, "due-2", "milestone 2 is due, 1 USDC"),
    ]


@pytest.mark.parametrize(
    ("state", "is_bonded", "said"),
    [
        (GrantState.APPLIED, False, "not posted"),
        (GrantState.ACTIVE, False, "not posted"),
        (GrantState.ACTIVE, True, "posted"),
        (GrantState.COMPLETED, True, "returned"),
        (GrantState.TERMINATED, True, "lost"),
        (GrantState.EXPIRED, True, "lost"),
        (GrantState.EXPIRED, False, "not posted"),
    ],
)
def test_bond__each_end__says_where_it_is(state, is_bonded, said):
    assert replace(GRANT, state=state, is_bonded=is_bonded).bond_is == said

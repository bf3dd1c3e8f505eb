"""Grants for people and programs: all of them, one as a timeline, terms before they are sent."""

from collections.abc import Iterable, Iterator
from typing import Any

from flywheel import amounts
from flywheel.chain import connection
from flywheel.grants import timeline
from flywheel.grants.grant_terms import GrantTerms, Money
from flywheel.grants.progress import Grant, Stage
from flywheel.shown import NEVER, Part, Record, Remark, Shown, Table
from flywheel.wording.lexicon import show_time

NOW = Shown("now", None)
BY_VOTE = Shown("by vote", None)


def overview(grants: Iterable[Grant]) -> Iterator[Part]:
    """All grants."""
    rows = [
        (
            grant.grant_id,
            grant.state.name,
            grant.recipient,
            grant.purpose,
            grant.unit.show(grant.total),
            grant.unit.show(grant.paid),
            grant.terms_uri,
        )
        for grant in grants
    ]
    columns = ("Grant", "State", "Recipient", "Purpose", "Total", "Paid", "Terms")
    yield Table("Grants", columns, rows)


def in_full(grant: Grant) -> Iterator[Part]:
    """One grant: what it is, its milestones, and what happens next."""
    now = connection.now()
    yield Record(f"Grant {grant.grant_id}", _head(grant))
    yield Table(
        "Milestones",
        ("No", "State", "Amount", "Earned", "Paid", "Due", "Accepted"),
        [_row(grant, stage) for stage in grant.stages],
    )
    yield Table(
        "What happens next",
        ("When", "What", "Who", "Command"),
        [
            (NOW if step.at is None else show_time(step.at), step.what, step.who, step.command)
            for step in timeline.steps(grant, now)
        ],
    )


def _head(grant: Grant) -> dict[str, Any]:
    money = grant.unit.show
    fields: dict[str, Any] = {
        "State": grant.state.name,
        "Recipient": grant.recipient,
        "Purpose": grant.purpose,
        "Milestones and compute": money(grant.total),
        "Compute": money(grant.compute_budget),
        "Bond": money(grant.bond),
        "Bond is": grant.bond_is,
        "Paid": money(grant.paid),
        "Drawable": money(grant.drawable),
        "Terms": grant.terms_uri,
    }
    if grant.carbon_budget_grams:
        text = f"{grant.carbon_budget_grams:,} gCO2e"
        fields["Carbon budget"] = Shown(text, grant.carbon_budget_grams)
    return fields


def _row(grant: Grant, stage: Stage) -> tuple[Any, ...]:
    money = grant.unit.show
    return (
        stage.number,
        stage.state.name,
        money(stage.amount),
        money(stage.earned),
        money(stage.paid),
        show_time(stage.due_at) if stage.due_at else NEVER,
        _acceptance(stage),
    )


def _acceptance(stage: Stage) -> Shown:
    """When it was accepted, or will be by time."""
    if stage.accepts_at is None:
        return BY_VOTE
    return show_time(stage.accepted_at or stage.accepts_at)


def for_programs(grant: Grant) -> dict[str, Any]:
    """The same as one object."""
    now = connection.now()
    return {
        **_head(grant),
        "Milestones": [
            {
                "milestone": stage.number,
                "state": stage.state.name,
                "amount": stage.amount,
                "compute_unlocked": stage.compute_unlocked,
                "earned": stage.earned,
                "paid": stage.paid,
                "due": show_time(stage.due_at),
                "accepted": _acceptance(stage),
                "submission": stage.submission,
                "objection_votes": stage.objection_votes,
                "energy_report": stage.energy_report_id,
            }
            for stage in grant.stages
        ],
        "Next": [
            {
                "when": NOW if step.at is None else show_time(step.at),
                "what": str(step.what),
                "who": step.who,
                "command": step.command,
            }
            for step in timeline.steps(grant, now)
        ],
    }


def terms_in_words(terms: GrantTerms, money: Money) -> Iterator[Part]:
    """What is asked for and promised, before anything is sent: defaults are filled in."""
    for number, item in enumerate(terms.milestones, start=1):
        extra = f", and unlocks {money(item.compute_unlocked)} of compute" * bool(
            item.compute_unlocked
        )
        yield Remark(
            f"Milestone {number} pays {money(item.amount)}, due "
            f"{amounts.show_duration(item.due_seconds)} after the approval{extra}: {item.title}"
        )

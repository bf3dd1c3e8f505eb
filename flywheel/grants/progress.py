"""Where a grant stands: its terms and its milestones as the contracts have them now."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flywheel.amounts import Unit
from flywheel.chain import connection, logs
from flywheel.deploy.suite import Suite, first_block
from flywheel.grants import applications
from flywheel.grants.milestones import time_of
from flywheel.states import GrantState, MilestoneState
from flywheel.treasury import assets

DAY = 86_400
# As the contracts have them.
APPLICATION_SECONDS = 180 * DAY
# Between an acceptance, or the approval, and the next submission.
SPACING_SECONDS = 14 * DAY
BOND_SECONDS = 30 * DAY
UNDER_REVIEW = (MilestoneState.SUBMITTED, MilestoneState.OBJECTED)
ACCEPTED = (MilestoneState.ACCEPTED, MilestoneState.PAID)


@dataclass(frozen=True)
class Stage:
    """One milestone now; money in units of the grant's asset, times in Unix seconds, 0 for what has
    not happened. `accepts_at` is None if only a vote accepts it."""

    number: int
    state: MilestoneState
    amount: int
    due_at: int
    stream_seconds: int
    compute_unlocked: int
    submission: int
    submitted_at: int
    accepts_at: int | None
    objection_votes: int
    energy_report_id: int
    accepted_at: int
    earned: int
    paid: int
    needs: tuple[str, ...]

    @property
    def streams_until(self) -> int:
        """When all that it earned is released; 0 before it is accepted."""
        return self.accepted_at + self.stream_seconds if self.accepted_at else 0


@dataclass(frozen=True)
class Grant:
    """One grant now."""

    grant_id: int
    state: GrantState
    unit: Unit
    purpose: str
    recipient: str
    pending_recipient: str | None
    replaces_at: int
    applied_at: int
    bond: int
    # Whether the bond was ever posted.
    is_bonded: bool
    milestones_total: int
    compute_budget: int
    carbon_budget_grams: int
    terms_uri: str
    approved_at: int
    grace_seconds: int
    in_turn: int
    drawable: int
    named_proposal: int | None
    stages: tuple[Stage, ...]

    @property
    def total(self) -> int:
        return self.milestones_total + self.compute_budget

    @property
    def paid(self) -> int:
        return sum(stage.paid for stage in self.stages)

    @property
    def current(self) -> Stage | None:
        """The milestone in turn of a grant that runs."""
        if self.state != GrantState.ACTIVE or self.in_turn > len(self.stages):
            return None
        return self.stages[self.in_turn - 1]

    @property
    def bond_is(self) -> str:
        """Where the bond is: "not posted", "posted", "returned" or "lost"."""
        if not self.is_bonded:
            return "not posted"
        ended = "returned" if self.state == GrantState.COMPLETED else "lost"
        return "posted" if self.state == GrantState.ACTIVE else ended

    @property
    def bond_until(self) -> int:
        """From when anybody may end the grant for want of its bond."""
        return self.approved_at + BOND_SECONDS

    @property
    def opens_at(self) -> int:
        """From when the milestone in turn may be submitted."""
        before = self.stages[self.in_turn - 2].accepted_at if self.in_turn > 1 else self.approved_at
        return before + SPACING_SECONDS


def read(suite: Suite, grant_id: int) -> Grant:
    """One grant. Raises `FlywheelError` if there is none of this number."""
    return _read(suite, grant_id, applications.require(suite, grant_id))


def _read(suite: Suite, grant_id: int, told: Any) -> Grant:
    """A grant of which somebody has read the `Application`."""
    terms = connection.call(suite.applications.terms, grant_id)
    grants = suite.grants
    pending, replaces_at = connection.call(grants.pending_recipient, grant_id)
    state = GrantState(connection.call(grants.state, grant_id))
    stages = tuple(
        _stage(suite, grant_id, number, item)
        for number, item in enumerate(terms.milestones, start=1)
    )
    in_turn = int(connection.call(grants.milestone_in_turn, grant_id))
    approved_at, grace_seconds = connection.call(grants.approval, grant_id)
    return Grant(
        grant_id=grant_id,
        state=state,
        unit=assets.unit_of(suite, str(told.asset)),
        purpose=str(suite.treasury.purpose_name(told.purpose)),
        recipient=str(connection.call(grants.recipient, grant_id)),
        pending_recipient=str(pending) if int(str(pending), 16) else None,
        replaces_at=int(replaces_at),
        applied_at=int(told.applied_at),
        bond=int(told.bond),
        is_bonded=connection.call(grants.commitments, grant_id)[1] != 0,
        milestones_total=int(told.milestones_total),
        compute_budget=int(told.compute_budget),
        carbon_budget_grams=int(terms.carbon_budget_grams),
        terms_uri=str(terms.terms_uri),
        approved_at=int(approved_at),
        grace_seconds=int(grace_seconds),
        in_turn=in_turn,
        drawable=int(connection.call(grants.drawable, grant_id)),
        named_proposal=_named(suite, grant_id, stages, in_turn),
        stages=stages,
    )


def every(suite: Suite) -> Iterator[Grant]:
    """All grants, oldest first."""
    for grant_id in range(1, int(connection.call(suite.applications.application_count)) + 1):
        yield _read(suite, grant_id, connection.call(suite.applications.application, grant_id))


def _stage(suite: Suite, grant_id: int, number: int, terms: Any) -> Stage:
    found = connection.call(suite.grants.milestone, grant_id, number)
    return Stage(
        number=number,
        state=MilestoneState(found.state),
        amount=int(found.amount),
        due_at=int(found.due_at),
        stream_seconds=int(terms.stream_seconds),
        compute_unlocked=int(terms.compute_unlocked),
        submission=int(found.submission),
        submitted_at=int(found.submitted_at),
        accepts_at=time_of(int(found.accepts_at)),
        objection_votes=int(found.objection_votes),
        energy_report_id=int(found.energy_report_id),
        accepted_at=int(found.accepted_at),
        earned=int(found.earned),
        paid=int(found.paid),
        needs=tuple(_needs(terms)),
    )


def _needs(terms: Any) -> Iterator[str]:
    """What a submission has to name."""
    if int(terms.energy_phase):
        yield "an energy report"
    if terms.model_required:
        yield "the model"
    if int(terms.benchmark_id):
        yield f"a score of benchmark {terms.benchmark_id}"


def _named(suite: Suite, grant_id: int, stages: tuple[Stage, ...], in_turn: int) -> int | None:
    """Id of the proposal that holds the submission under review, if one was named."""
    if in_turn > len(stages) or stages[in_turn - 1].state != MilestoneState.OBJECTED:
        return None
    topics = {"grant_id": grant_id, "milestone": in_turn}
    for log in logs.of_event(suite.grants.ReviewEscalated, first_block(), topics=topics):
        if int(log.submission) == stages[in_turn - 1].submission:
            return int(log.proposal_id)
    return None

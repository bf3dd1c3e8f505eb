"""Grants in plain Python, written from interfaces/ITrainingGrants.vyi and IGrantApplications."""

from dataclasses import dataclass, field

from tests.kits.grants import (
    BOND_SECONDS,
    DECISIVE_BPS,
    ESCALATION_SECONDS,
    GRACE_SECONDS,
    OBJECTION_BPS,
    RESUBMIT_SECONDS,
    REVIEW_SECONDS,
)
from tests.support import DAY, MAX_UINT

BPS = 10_000
# Between the approval, or an acceptance, and the next submission.
SPACING_SECONDS = 14 * DAY
ACTIVE, COMPLETED, TERMINATED, EXPIRED = "active", "completed", "terminated", "expired"


@dataclass
class Review:
    """What is known of the submission in turn. Times are Unix seconds, 0 for never."""

    number: int
    submitted_at: int
    needs_vote: bool
    objected: bool
    votes: int = 0
    objectors: set[str] = field(default_factory=set)
    held_until: int = 0

    def accepts_at(self) -> int:
        """When time alone accepts it."""
        if self.needs_vote:
            return MAX_UINT
        end = self.submitted_at + REVIEW_SECONDS
        if self.objected:
            end += ESCALATION_SECONDS
        return max(end, self.held_until)

    def object(self, who: str, votes: int, supply: int, is_officer: bool = False) -> None:
        assert who not in self.objectors
        self.objectors.add(who)
        self.votes += votes
        if is_officer or self.votes * BPS >= supply * OBJECTION_BPS:
            self.objected = True
        if votes and self.votes * BPS >= supply * DECISIVE_BPS:
            self.needs_vote = True


@dataclass
class Step:
    """A milestone as its terms have it."""

    amount: int
    due_seconds: int
    stream_seconds: int
    unlocked: int


@dataclass
class Grant:
    """An approved grant."""

    number: int
    builder: str
    steps: list[Step]
    bond: int
    approved_at: int
    kind: str
    grace: int = GRACE_SECONDS
    is_bonded: bool = False
    state: str = ACTIVE
    starts_at: int = 0
    due_at: int = 0
    review: Review | None = None
    finished_at: int = 0
    ended_at: int = 0
    # Of each accepted milestone: (second, earned); of each, what was paid.
    accepted: list[tuple[int, int]] = field(default_factory=list)
    paid: list[int] = field(default_factory=list)
    submissions: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.starts_at = self.approved_at
        self.due_at = self.starts_at + self.steps[0].due_seconds

    @property
    def in_turn(self) -> int:
        return len(self.accepted) + 1

    @property
    def all_accepted(self) -> bool:
        return len(self.accepted) == len(self.steps)

    @property
    def is_over(self) -> bool:
        return self.all_accepted or self.ended_at != 0

    def settle(self, now: int) -> None:
        """What time has accepted by `now`."""
        if self.review and now >= self.review.accepts_at():
            self.accept(self.review.accepts_at(), self.steps[self.in_turn - 1].amount)

    def accept(self, second: int, earned: int) -> None:
        self.accepted.append((second, earned))
        self.paid.append(0)
        self.review = None
        if self.all_accepted:
            self.finished_at = second
        else:
            due_at = self.starts_at + self.steps[self.in_turn - 1].due_seconds
            self.due_at = max(due_at, second + SPACING_SECONDS + RESUBMIT_SECONDS)

    def submits_from(self) -> int:
        """When the milestone in turn may be submitted at the earliest."""
        last_step_at = self.accepted[-1][0] if self.accepted else self.approved_at
        return last_step_at + SPACING_SECONDS

    def may_submit(self, now: int) -> bool:
        if not self.is_bonded or self.review or self.all_accepted:
            return False
        return self.submits_from() <= now < self.due_at

    def submit(self, now: int, needs_vote: bool, objected: bool) -> None:
        number = self.submissions.get(self.in_turn, 0) + 1
        self.submissions[self.in_turn] = number
        self.review = Review(number, now, needs_vote, objected)

    def withdraw(self, now: int) -> None:
        self.review = None
        self.due_at = max(self.due_at, now)

    def succeed(self, heir: str, now: int) -> None:
        """The successor that a vote named takes over, from a review if there is one."""
        self.builder = heir
        if self.state == ACTIVE:
            self.withdraw(now + RESUBMIT_SECONDS)

    def decide(self, now: int, pay_bps: int) -> None:
        if pay_bps:
            self.accept(now, self.steps[self.in_turn - 1].amount * pay_bps // BPS)
        else:
            self.review = None
            self.due_at = max(self.due_at, now + RESUBMIT_SECONDS)

    def move_due(self, new_due_at: int) -> None:
        self.starts_at += new_due_at - self.due_at
        self.due_at = new_due_at

    def released(self, now: int) -> list[int]:
        """Of each accepted milestone, by `now` or by the end of the grant."""
        until = self.ended_at or now
        found = []
        for (second, earned), step in zip(self.accepted, self.steps, strict=False):
            elapsed = until - second
            if elapsed >= step.stream_seconds:
                found.append(earned)
            else:
                found.append(earned * elapsed // step.stream_seconds)
        return found

    def drawable(self, now: int) -> int:
        return sum(self.released(now)) - sum(self.paid)

    def draw(self, now: int) -> tuple[int, int]:
        """What goes to the builder: for milestones, and the bond."""
        amount, self.paid = self.drawable(now), self.released(now)
        everything = [earned for _, earned in self.accepted]
        if self.state == ACTIVE and self.all_accepted and self.paid == everything:
            self.state = COMPLETED
            return amount, self.bond
        return amount, 0

    def end(self, now: int, state: str) -> None:
        self.state, self.ended_at, self.review = state, now, None

    def may_expire(self, now: int) -> bool:
        if self.state != ACTIVE or self.review or self.all_accepted:
            return False
        waits = not self.is_bonded and now >= self.approved_at + BOND_SECONDS
        return waits or now >= self.due_at + self.grace

    def unlocked(self) -> int:
        """Units of compute that orders may reserve in all."""
        if not self.is_bonded:
            return 0
        return sum(step.unlocked for step in self.steps[: self.in_turn])

    def committed(self, now: int) -> int:
        """What the Treasury keeps for the milestones and the bond."""
        if self.ended_at:
            return self.drawable(now)
        waiting = sum(step.amount for step in self.steps[len(self.accepted) :])
        owed = sum(earned for _, earned in self.accepted) - sum(self.paid)
        bond = self.bond if self.is_bonded and self.state == ACTIVE else 0
        return waiting + owed + bond

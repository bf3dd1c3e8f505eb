"""A second model of training grants and compute leases, written from the interfaces alone.

It keeps what happened as one list of events, in order, and computes each figure from them anew.
Nothing is a running total. Where several reasons to refuse a call hold, any of them may be named,
so each question about a call is answered by the set of the reasons that hold.
"""

from itertools import count
from types import SimpleNamespace
from typing import Any

from tests.kits import grants as kit
from tests.kits.grants import (
    ACCEPTED,
    ACTIVE,
    APPLIED,
    CANCELLED,
    COMPLETED,
    EXPIRED,
    LAPSED,
    LOCKED,
    OBJECTED,
    PAID,
    SUBMITTED,
    TERMINATED,
)
from tests.support import DAY, MAX_UINT

BPS = 10_000
HOUR = 3_600
LATE_SECONDS = 28 * DAY
MAX_DELAY_SECONDS = 365 * DAY
MAX_LEASE_SECONDS = 366 * DAY
GRANT_CAP_BPS = 2_500
ENDINGS = {"terminated": TERMINATED, "expired": EXPIRED}
NOBODY = "0x" + "00" * 20


def holding(*reasons: tuple[bool, str]) -> set[str]:
    """The reasons that hold."""
    return {reason for holds, reason in reasons if holds}


class GrantsByEvents:
    """What happened, and what it comes to. Seconds are unix time, amounts units of the asset."""

    def __init__(self, owner: str, guardian: str, guardian_until: int, funds: dict[int, int]):
        self.owner, self.guardian, self.guardian_until = owner, guardian, guardian_until
        self.funds = funds
        self.events: list[Any] = []
        self.offers: dict[int, Any] = {}

    def record(self, at: int, name: str, **facts: Any) -> None:
        self.events.append(SimpleNamespace(at=at, name=name, **facts))

    def past(self, *names: str, **wanted: Any) -> list[Any]:
        """The events of these names, in order, whose facts are the wanted ones."""
        return [
            event
            for event in self.events
            if event.name in names
            and all(getattr(event, key) == value for key, value in wanted.items())
        ]

    def first(self, *names: str, **wanted: Any) -> Any:
        return next(iter(self.past(*names, **wanted)), None)

    # --- votes ---

    def votes(self, account: str, second: int) -> int:
        moves = [m for m in self.past("moved votes") if m.at <= second]
        gained = sum(m.amount for m in moves if m.to == account)
        return gained - sum(m.amount for m in moves if m.sender == account)

    def supply(self, second: int) -> int:
        minted = self.past("moved votes", sender=NOBODY)
        return sum(m.amount for m in minted if m.at <= second)

    def reaches_alone(self, account: str, second: int) -> bool:
        """Whether an account reaches the threshold whatever its votes."""
        is_guardian = account == self.guardian and second < self.guardian_until
        return account == self.owner or is_guardian

    # --- the grant ---

    def grants(self) -> list[int]:
        return [event.grant for event in self.past("applied")]

    def terms(self, grant: int) -> Any:
        return self.first("applied", grant=grant).terms

    def approval(self, grant: int) -> Any:
        return self.first("approved", grant=grant)

    def end(self, grant: int) -> Any:
        return self.first(*ENDINGS, grant=grant)

    def until(self, grant: int, second: int) -> int:
        """Nothing is accepted or released once a grant has ended."""
        end = self.end(grant)
        return second if end is None else min(second, end.at)

    def state(self, grant: int, second: int) -> int:
        if self.approval(grant) is None:
            applied_at = self.first("applied", grant=grant).at
            return LAPSED if second >= applied_at + kit.APPLICATION_SECONDS else APPLIED
        if (end := self.end(grant)) is not None:
            return ENDINGS[end.name]
        return COMPLETED if self.past("drawn", grant=grant, is_last=True) else ACTIVE

    def recipient(self, grant: int) -> str:
        taken = self.past("succeeded", grant=grant)
        return taken[-1].account if taken else self.terms(grant).recipient

    def pending(self, grant: int) -> Any:
        """The event that named who may take the grant over, None if nobody may."""
        named = self.past("proposed", "named", "succeeded", grant=grant)
        is_open = named and named[-1].name != "succeeded" and named[-1].account != NOBODY
        return named[-1] if is_open else None

    def is_bonded(self, grant: int) -> bool:
        return self.first("bonded", grant=grant) is not None

    def length(self, grant: int) -> int:
        return len(self.terms(grant).amounts)

    # --- submissions ---

    def submission(self, grant: int, milestone: int) -> Any:
        made = self.past("submitted", grant=grant, milestone=milestone)
        return made[-1] if made else None

    def closing(self, submission: Any) -> Any:
        """The decision or the withdrawal that ended a review, None if nothing did."""
        keys = {"grant": submission.grant, "milestone": submission.milestone}
        return self.first("decided", "withdrawn", number=submission.number, **keys)

    def objections(self, submission: Any) -> list[Any]:
        keys = {"grant": submission.grant, "milestone": submission.milestone}
        return self.past("objected", number=submission.number, **keys)

    def objection_votes(self, submission: Any) -> int:
        return sum(objection.votes for objection in self.objections(submission))

    def is_held(self, submission: Any) -> bool:
        supply, threshold = self.supply(submission.at - 1), self.approval(submission.grant).bps
        alone = any(objection.alone for objection in self.objections(submission))
        return alone or self.objection_votes(submission) * BPS >= threshold * supply

    def is_decisive(self, submission: Any) -> bool:
        of_supply = kit.DECISIVE_BPS * self.supply(submission.at - 1)
        return submission.needs_vote or self.objection_votes(submission) * BPS >= of_supply

    def accepts_at(self, submission: Any) -> int:
        """When time alone accepts a submission that is left alone from now on."""
        if self.is_decisive(submission):
            return MAX_UINT
        review_ends_at = int(submission.at + self.approval(submission.grant).review)
        return review_ends_at + kit.ESCALATION_SECONDS * self.is_held(submission)

    def accepted_at(self, grant: int, milestone: int, second: int) -> int | None:
        submission = self.submission(grant, milestone)
        if submission is None:
            return None
        closing = self.closing(submission)
        if closing is not None:
            is_accepted = closing.name == "decided" and closing.pay_bps > 0
            return closing.at if is_accepted else None
        accepts_at = self.accepts_at(submission)
        return accepts_at if accepts_at <= self.until(grant, second) else None

    def in_turn(self, grant: int, second: int) -> int:
        return next(k for k in count(1) if not self._is_done(grant, k, second))

    def _is_done(self, grant: int, milestone: int, second: int) -> bool:
        is_one = milestone <= self.length(grant)
        return is_one and self.accepted_at(grant, milestone, second) is not None

    def all_accepted(self, grant: int, second: int) -> bool:
        return self.in_turn(grant, second) > self.length(grant)

    def in_review(self, grant: int, second: int) -> Any:
        """The submission under review, None if there is none."""
        if self.state(grant, second) != ACTIVE:
            return None
        return self._reviewed(grant, second)

    def _reviewed(self, grant: int, second: int) -> Any:
        submission = self.submission(grant, self.in_turn(grant, second))
        is_open = submission is not None and self.closing(submission) is None
        return submission if is_open else None

    # --- dates ---

    def due_at(self, grant: int, milestone: int, second: int) -> int:
        approval = self.approval(grant)
        if approval is None:
            return 0
        due_at = int(approval.at + self.terms(grant).dues[milestone - 1])
        moves = self.past("due moved", grant=grant)
        due_at += sum(move.later_by for move in moves if move.milestone < milestone)
        before = self.accepted_at(grant, milestone - 1, second) if milestone > 1 else None
        if before is not None:
            due_at = max(due_at, before + LATE_SECONDS)
        names = ("due moved", "decided", "withdrawn", "given time")
        for event in self.past(*names, grant=grant, milestone=milestone):
            if event.name == "due moved":
                due_at += event.later_by
            elif event.name == "withdrawn":
                due_at = max(due_at, event.at)
            elif event.name == "given time" or event.pay_bps == 0:
                due_at = max(due_at, event.at + kit.RESUBMIT_SECONDS)
        return due_at

    def ready_at(self, grant: int, second: int) -> int:
        """The first second in which the milestone in turn may be submitted."""
        milestone = self.in_turn(grant, second)
        before = self.accepted_at(grant, milestone - 1, second) if milestone > 1 else None
        return int((before or self.approval(grant).at) + kit.SPACING_SECONDS)

    def expires_at(self, grant: int, second: int) -> int:
        """The first second in which anybody may end a grant that is not in review."""
        grace_ends_at = self.due_at(grant, self.in_turn(grant, second), second) + kit.GRACE_SECONDS
        if self.is_bonded(grant):
            return grace_ends_at
        return min(grace_ends_at, self.approval(grant).at + kit.BOND_SECONDS)

    def is_overdue(self, grant: int, second: int) -> bool:
        return second >= self.due_at(grant, self.in_turn(grant, second), second)

    def stops_at(self, grant: int, second: int) -> int:
        """Until when leases earn."""
        second = self.until(grant, second)
        if self.all_accepted(grant, second):
            last = self.accepted_at(grant, self.length(grant), second)
            assert last is not None
            return last
        if self._reviewed(grant, second) is not None:
            stops_at = MAX_UINT
        else:
            stops_at = self.due_at(grant, self.in_turn(grant, second), second)
        return stops_at if self.end(grant) is None else min(stops_at, second)

    def is_over(self, grant: int, second: int) -> bool:
        if self.approval(grant) is None:
            return False
        return self.end(grant) is not None or self.all_accepted(grant, second)

    # --- the money of milestones ---

    def earned(self, grant: int, milestone: int, second: int) -> int:
        if self.accepted_at(grant, milestone, second) is None:
            return 0
        closing = self.closing(self.submission(grant, milestone))
        pay_bps = BPS if closing is None else closing.pay_bps
        return int(self.terms(grant).amounts[milestone - 1] * pay_bps // BPS)

    def released(self, grant: int, milestone: int, second: int) -> int:
        second = self.until(grant, second)
        accepted_at = self.accepted_at(grant, milestone, second)
        if accepted_at is None:
            return 0
        stream = self.terms(grant).streams[milestone - 1]
        passed = min(second - accepted_at, stream)
        earned = self.earned(grant, milestone, second)
        return int(earned * passed // stream) if stream else earned

    def parts(self, grant: int, second: int) -> list[int]:
        """What each milestone has released."""
        numbers = range(1, self.length(grant) + 1)
        return [self.released(grant, milestone, second) for milestone in numbers]

    def paid(self, grant: int) -> list[int]:
        """What each milestone was paid: a draw pays all that is released."""
        draws = self.past("drawn", grant=grant)
        return draws[-1].parts if draws else [0] * self.length(grant)

    def drawable(self, grant: int, second: int) -> int:
        return sum(self.parts(grant, second)) - sum(self.paid(grant))

    def is_paid_off(self, grant: int, second: int) -> bool:
        """Whether a draw in this second pays the last unit of an active grant."""
        return self.state(grant, second) == ACTIVE and all(self.let_go(grant, second))

    def promised(self, grant: int, second: int) -> int:
        """What the Treasury keeps for milestones."""
        if self.approval(grant) is None:
            return 0
        if self.end(grant) is not None:
            return self.drawable(grant, second)
        left = 0
        for milestone, amount in enumerate(self.terms(grant).amounts, 1):
            is_accepted = self.accepted_at(grant, milestone, second) is not None
            left += self.earned(grant, milestone, second) if is_accepted else amount
        return left - sum(self.paid(grant))

    def bond_kept(self, grant: int, second: int) -> int:
        is_kept = self.is_bonded(grant) and self.state(grant, second) == ACTIVE
        return int(self.terms(grant).bond) if is_kept else 0

    def milestone(self, grant: int, number: int, second: int) -> dict[str, Any]:
        """The fields of the view that a second model can know."""
        accepted_at = self.accepted_at(grant, number, second)
        submission = self.submission(grant, number)
        is_reviewed = submission is not None and submission is self.in_review(grant, second)
        return {
            "state": self.milestone_state(grant, number, second),
            "amount": self.terms(grant).amounts[number - 1],
            "due_at": self.due_at(grant, number, second),
            "submission": submission.number if submission else 0,
            "submitted_at": submission.at if submission else 0,
            "accepts_at": self.accepts_at(submission) if is_reviewed else 0,
            "objection_votes": self.objection_votes(submission) if submission else 0,
            "energy_report_id": 0,
            "evidence_hash": submission.evidence if submission else b"\0" * 32,
            "accepted_at": accepted_at or 0,
            "earned": self.earned(grant, number, second),
            "paid": self.paid(grant)[number - 1],
        }

    def milestone_state(self, grant: int, number: int, second: int) -> int:
        if self.accepted_at(grant, number, second) is not None:
            return PAID if self._is_drawn_to_the_end(grant, number) else ACCEPTED
        if self.end(grant) is not None:
            return CANCELLED
        submission = self.submission(grant, number)
        if submission is None or submission is not self.in_review(grant, second):
            return LOCKED
        is_stopped = self.is_held(submission) or self.is_decisive(submission)
        return OBJECTED if is_stopped else SUBMITTED

    def _is_drawn_to_the_end(self, grant: int, number: int) -> bool:
        """Whether a draw came after it and all before it had released all."""
        draws = self.past("drawn", grant=grant)
        return bool(draws) and all(draws[-1].to_the_end[:number])

    def let_go(self, grant: int, second: int) -> list[bool]:
        """Which milestones are accepted and have released all that they earned."""
        return [
            self.accepted_at(grant, milestone, second) is not None
            and self.released(grant, milestone, second) == self.earned(grant, milestone, second)
            for milestone in range(1, self.length(grant) + 1)
        ]

    # --- leases ---

    def order(self, order: int) -> Any:
        return self.first("ordered", order=order)

    def orders(self, grant: int) -> list[int]:
        return [event.order for event in self.past("ordered", grant=grant)]

    def notice(self, order: int) -> Any:
        return self.first("stopped", order=order)

    def is_closed(self, order: int) -> bool:
        return self.first("closed", order=order) is not None

    def ends_at(self, order: int) -> int:
        """As ordered, or as the notice set it."""
        notice = self.notice(order)
        return int(self.order(order).until if notice is None else notice.ends_at)

    def stopped_at(self, order: int, second: int) -> int:
        """The end that a notice sets: never before the start, nor after a grant that is over. An
        overdue grant does not count, as a vote may still give it time."""
        made = self.order(order)
        is_over = self.is_over(made.grant, second)
        stops_at = self.stops_at(made.grant, second) if is_over else second
        return int(max(made.starts_at, min(second, made.until, stops_at)))

    def lease_ends_at(self, order: int, second: int) -> int:
        return min(self.ends_at(order), self.stops_at(self.order(order).grant, second))

    def price(self, order: int) -> int:
        return int(self.offers[self.order(order).offer].price)

    def gpu_seconds(self, order: int) -> int:
        """Drawn so far."""
        return max((event.gpu_seconds for event in self.past("voucher", order=order)), default=0)

    def worth(self, order: int, gpu_seconds: int) -> int:
        return self.price(order) * gpu_seconds // HOUR

    def leased(self, order: int) -> int:
        """GPU-seconds from the start to the end that is known."""
        made = self.order(order)
        return int(made.gpus * max(0, self.ends_at(order) - made.starts_at))

    def delivered(self, order: int, second: int) -> int:
        """The most GPU-seconds that a voucher may state."""
        made = self.order(order)
        until = min(second, self.lease_ends_at(order, second))
        return int(made.gpus * max(0, until - made.starts_at))

    def lease_paid(self, order: int) -> int:
        return self.worth(order, self.gpu_seconds(order))

    def reserved(self, order: int) -> int:
        if self.is_closed(order):
            return self.lease_paid(order)
        return -(-self.price(order) * self.leased(order) // HOUR)

    def ordered(self, grant: int) -> int:
        return sum(self.reserved(order) for order in self.orders(grant))

    def rate_per_day(self, grant: int) -> int:
        runs = [order for order in self.orders(grant) if self.notice(order) is None]
        return sum(self.price(order) * self.order(order).gpus * 24 for order in runs)

    def unlocked(self, grant: int, second: int) -> int:
        if not self.is_bonded(grant):
            return 0
        return sum(self.terms(grant).unlocked[: self.in_turn(grant, second)])

    def available(self, grant: int, second: int) -> int:
        return self.unlocked(grant, second) - self.ordered(grant)

    def may_order(self, grant: int, second: int) -> bool:
        return self.state(grant, second) == ACTIVE and second < self.stops_at(grant, second)

    def available_now(self, grant: int, second: int) -> int:
        return self.available(grant, second) if self.may_order(grant, second) else 0

    def returned(self, grant: int) -> int:
        return sum(event.amount for event in self.past("returned", grant=grant))

    def returnable(self, grant: int) -> int:
        return sum(self.terms(grant).unlocked) - self.ordered(grant) - self.returned(grant)

    def compute_left(self, grant: int) -> int:
        """What the Treasury keeps for leases."""
        if self.approval(grant) is None:
            return 0
        paid = sum(self.lease_paid(order) for order in self.orders(grant))
        return sum(self.terms(grant).unlocked) - self.returned(grant) - paid

    def carbon_grams(self, grant: int) -> int:
        grams = 0
        for order in self.orders(grant):
            offer = self.offers[self.order(order).offer]
            is_closed = self.is_closed(order)
            seconds = self.gpu_seconds(order) if is_closed else self.leased(order)
            watt_seconds = seconds * offer.watts * offer.pue_bps
            grams += watt_seconds * offer.grams_per_kwh // (BPS * HOUR * 1_000)
        return grams

    # --- the Treasury and everybody else ---

    def approved(self, purpose: int) -> list[int]:
        return [g for g in self.grants() if self.approval(g) and self.terms(g).purpose == purpose]

    def committed(self, purpose: int, second: int) -> int:
        figures = (self.promised, self.bond_kept)
        chosen = self.approved(purpose)
        leases = sum(self.compute_left(grant) for grant in chosen)
        return leases + sum(figure(grant, second) for grant in chosen for figure in figures)

    def free(self, purpose: int, second: int) -> int:
        """What was given and lost to it, less what is promised and what was paid."""
        left = self.funds[purpose] - self.committed(purpose, second)
        for grant in self.approved(purpose):
            paid = sum(self.paid(grant))
            paid += sum(self.lease_paid(order) for order in self.orders(grant))
            is_in = self.is_bonded(grant) and self.state(grant, second) != COMPLETED
            left += self.terms(grant).bond * is_in - paid
        return left

    def grantable(self, purpose: int, second: int) -> int:
        first_day = second // DAY - 30
        lately = [g for g in self.approved(purpose) if self.approval(g).at // DAY >= first_day]
        taken = sum(self.cost(grant) for grant in lately)
        return max(0, (self.free(purpose, second) + taken) * GRANT_CAP_BPS // BPS - taken)

    def cost(self, grant: int) -> int:
        return sum(self.terms(grant).amounts) + sum(self.terms(grant).unlocked)

    def treasury_has(self, second: int) -> int:
        return sum(self.free(p, second) + self.committed(p, second) for p in self.funds)

    def received(self, account: str) -> int:
        """What an account was paid, less the bonds that it paid."""
        got = sum(e.amount for e in self.past("drawn", account=account))
        got += sum(e.bond for e in self.past("drawn", account=account))
        for event in self.past("ordered"):
            if self.offers[event.offer].payee == account:
                got += self.lease_paid(event.order)
        return got - sum(e.amount for e in self.past("bonded", payer=account))

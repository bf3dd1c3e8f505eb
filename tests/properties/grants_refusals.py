"""Why a call of grants or leases must be refused, by the second model of `grants_by_events`.

Each function gives the set of all reasons that hold; the empty set says that the call must pass.
Which of several is named first is not promised by the interfaces.
"""

from typing import Any

from tests.kits import grants as kit
from tests.kits.grants import ACTIVE, APPLIED, LAPSED
from tests.properties.grants_by_events import (
    BPS,
    MAX_DELAY_SECONDS,
    MAX_LEASE_SECONDS,
    GrantsByEvents,
    holding,
)

NOT_ACTIVE = "grant is not active"
IN_REVIEW = "milestone is under review"
NOT_IN_REVIEW = "milestone is not in review"
NOT_OWNER = "caller is not the owner"
NOT_RECIPIENT = "caller is not the recipient"
OVERDUE = "milestone is overdue"
ALL_ACCEPTED = "every milestone is accepted"


class Refusals(GrantsByEvents):
    """The model, asked about calls. `second` is when, `sender` who calls."""

    # --- terms and approvals ---

    def of_terms(self, terms: Any) -> set[str]:
        amounts, unlocked = sum(terms.amounts), sum(terms.unlocked)
        total = amounts + unlocked
        gaps = [b - a for a, b in zip(terms.dues, terms.dues[1:], strict=False)]
        is_close = terms.dues[0] < 28 * kit.DAY or any(gap < 14 * kit.DAY for gap in gaps)
        is_capped = terms.max_price > 0 and terms.max_day > 0
        return holding(
            (is_close, "milestones are too close"),
            (3 * max(terms.amounts) > total, "milestone is above a third"),
            (3 * max(terms.unlocked) > total, "compute is above a third"),
            (terms.unlocked[0] > terms.bond + unlocked * 15 // 100, "first compute is too large"),
            (10 * terms.amounts[-1] < amounts, "last milestone is too small"),
            (10 * terms.bond < total, "bond is below a tenth"),
            (unlocked > 0 and not is_capped, "compute has no caps"),
            (unlocked > 0 and 7 * terms.max_day > unlocked, "compute is too fast"),
        )

    def of_approval(self, grant: int, second: int, sender: str, is_beyond: bool) -> set[str]:
        purpose, cost = self.terms(grant).purpose, self.cost(grant)
        is_free = cost <= self.free(purpose, second)
        is_within = is_beyond or cost <= self.grantable(purpose, second)
        return holding(
            (sender != self.owner, NOT_OWNER),
            (self.state(grant, second) != APPLIED, "grant is not applied for"),
            (is_beyond and not is_free, "free money is too low"),
            (not is_within, "grant is above the cap"),
        )

    def of_bond(self, grant: int, second: int) -> set[str]:
        if self.state(grant, second) != ACTIVE:
            return {NOT_ACTIVE}
        return holding(
            (not self.all_accepted(grant, second) and self.is_overdue(grant, second), OVERDUE),
            (self.is_bonded(grant), "bond is posted"),
        )

    # --- milestones ---

    def builder(self, grant: int) -> str | None:
        """Who may act for a grant: nobody before its approval."""
        return None if self.approval(grant) is None else self.recipient(grant)

    def of_submission(self, grant: int, second: int, sender: str) -> set[str]:
        who = holding((sender != self.builder(grant), NOT_RECIPIENT))
        if self.state(grant, second) != ACTIVE:
            return who | {NOT_ACTIVE}
        who |= holding((not self.is_bonded(grant), "bond is not posted"))
        if self.all_accepted(grant, second):
            return who | {ALL_ACCEPTED}
        if self.in_review(grant, second):
            return who | {IN_REVIEW}
        return who | holding(
            (self.is_overdue(grant, second), OVERDUE),
            (second < self.ready_at(grant, second), "milestone is too early"),
        )

    def of_review(self, grant: int, milestone: int, second: int) -> set[str]:
        """What every step on a submission under review asks for."""
        if self.state(grant, second) != ACTIVE:
            return {NOT_ACTIVE}
        reviewed = self.in_review(grant, second)
        is_this = reviewed is not None and reviewed.milestone == milestone
        return holding((not is_this, NOT_IN_REVIEW))

    def of_withdrawal(self, grant: int, second: int, sender: str) -> set[str]:
        who = holding((sender != self.builder(grant), NOT_RECIPIENT))
        return who | self.of_review(grant, self.in_turn(grant, second), second)

    def of_objection(self, grant: int, milestone: int, second: int, sender: str) -> set[str]:
        reasons = self.of_review(grant, milestone, second)
        if reasons:
            return reasons
        reviewed = self.in_review(grant, second)
        has_objected = any(o.account == sender for o in self.objections(reviewed))
        is_nobody = not self.votes(sender, reviewed.at - 1)
        is_nobody = is_nobody and not self.reaches_alone(sender, second)
        return holding(
            (has_objected, "account has objected"), (is_nobody, "no votes to object with")
        )

    def of_decision(
        self, grant: int, milestone: int, number: int, pay_bps: int, second: int, sender: str
    ) -> set[str]:
        reasons = holding(
            (sender != self.owner, NOT_OWNER), (pay_bps > BPS, "part is above the whole")
        )
        reasons |= self.of_review(grant, milestone, second)
        reviewed = self.in_review(grant, second)
        is_other = reviewed is not None and reviewed.number != number
        return reasons | holding((is_other, "another submission"))

    def of_draw(self, grant: int, second: int) -> set[str]:
        if self.approval(grant) is None:
            return {"nothing to draw"}
        is_something = self.drawable(grant, second) > 0 or self.is_paid_off(grant, second)
        return holding((not is_something, "nothing to draw"))

    def of_termination(self, grant: int, second: int, sender: str) -> set[str]:
        is_active = self.state(grant, second) == ACTIVE
        return holding((sender != self.owner, NOT_OWNER), (not is_active, NOT_ACTIVE))

    def of_expiry(self, grant: int, second: int) -> set[str]:
        if self.state(grant, second) != ACTIVE:
            return {NOT_ACTIVE}
        if self.all_accepted(grant, second):
            return {ALL_ACCEPTED}
        if self.in_review(grant, second):
            return {IN_REVIEW}
        return holding((second < self.expires_at(grant, second), "grace has not passed"))

    def of_move(
        self, grant: int, milestone: int, new_due_at: int, second: int, sender: str
    ) -> set[str]:
        who = holding((sender != self.owner, NOT_OWNER))
        if self.state(grant, second) != ACTIVE:
            return who | {NOT_ACTIVE}
        in_turn = self.in_turn(grant, second)
        if self.all_accepted(grant, second) or milestone != in_turn:
            reviewed = holding((self.in_review(grant, second) is not None, IN_REVIEW))
            return who | reviewed | {"milestone is not in turn"}
        due_at = self.due_at(grant, milestone, second)
        return who | holding(
            (self.in_review(grant, second) is not None, IN_REVIEW),
            (new_due_at <= max(due_at, second), "due date is not later"),
            (new_due_at > due_at + MAX_DELAY_SECONDS, "due date is too far"),
        )

    # --- recipients ---

    def of_proposal(self, grant: int, sender: str) -> set[str]:
        pending = self.pending(grant)
        by_vote = pending is not None and pending.name == "named"
        return holding(
            (sender != self.builder(grant), NOT_RECIPIENT), (by_vote, "a vote named a successor")
        )

    def of_naming(self, grant: int, second: int, sender: str) -> set[str]:
        is_approved = self.state(grant, second) not in (APPLIED, LAPSED)
        return holding(
            (sender != self.owner, NOT_OWNER), (not is_approved, "grant is not approved")
        )

    def of_succession(self, grant: int, second: int, sender: str) -> set[str]:
        pending = self.pending(grant)
        by_vote = pending is not None and pending.name == "named"
        is_reviewed = self.approval(grant) and self.in_review(grant, second)
        return holding(
            (pending is None or pending.account != sender, "caller is not proposed"),
            (by_vote and second < pending.replaces_at, "notice has not passed"),
            (bool(is_reviewed) and not by_vote, IN_REVIEW),
        )

    # --- leases ---

    def of_order(self, wanted: Any, second: int, sender: str) -> set[str]:
        grant, offer = wanted.grant, self.offers[wanted.offer]
        reasons = holding(
            (sender != self.builder(grant), NOT_RECIPIENT),
            (not offer.is_active, "offer is not active"),
            (not any(self.terms(grant).unlocked), "offer is in another asset"),
            (offer.price > wanted.max_price, "price is too high"),
            (offer.price > self.terms(grant).max_price, "price is above the grant's"),
            (wanted.gpus == 0, "no GPUs"),
            (wanted.gpus > offer.gpus, "too many GPUs"),
            (wanted.starts_at < second, "start has passed"),
            (wanted.until <= wanted.starts_at, "lease is empty"),
            (wanted.until > wanted.starts_at + MAX_LEASE_SECONDS, "lease is too long"),
        )
        if not self.may_order(grant, second):
            return reasons | {"grant may not order"}
        gpu_seconds = wanted.gpus * max(0, wanted.until - wanted.starts_at)
        reserved = -(-offer.price * gpu_seconds // kit.HOUR)
        rate = self.rate_per_day(grant) + offer.price * wanted.gpus * 24
        return reasons | holding(
            (reserved > self.available(grant, second), "budget is too small"),
            (rate > self.terms(grant).max_day, "rate is above the grant's"),
        )

    def of_voucher(self, order: int, gpu_seconds: int, second: int, signer: str) -> set[str]:
        if self.is_closed(order):
            return {"order is not open"}
        over_at = self.lease_ends_at(order, second) + kit.DRAW_SECONDS
        adds = self.worth(order, gpu_seconds) - self.lease_paid(order)
        is_builders = signer == self.recipient(self.order(order).grant)
        is_ahead = gpu_seconds > self.delivered(order, second)
        return holding(
            (second >= over_at, "order is over"),
            (gpu_seconds <= self.gpu_seconds(order), "voucher is stale"),
            (is_ahead, "voucher is ahead of the lease"),
            (not is_builders, "voucher is not the builder's"),
            (adds == 0, "nothing to draw"),
        )

    def of_notice(self, order: int, second: int, sender: str) -> set[str]:
        if self.is_closed(order):
            return {"order is not open"}
        made = self.order(order)
        may = sender in (self.offers[made.offer].provider, self.recipient(made.grant))
        may |= second >= self.ends_at(order) or self.is_over(made.grant, second)
        return holding(
            (self.notice(order) is not None, "order is stopped"),
            (not may, "caller may not give notice"),
        )

    def of_closing(self, order: int, second: int, sender: str) -> set[str]:
        if self.is_closed(order):
            return {"order is not open"}
        if self.notice(order) is None:
            return {"order is not stopped"}
        is_provider = sender == self.offers[self.order(order).offer].provider
        is_over = second >= self.ends_at(order) + kit.DRAW_SECONDS
        return holding((not is_provider and not is_over, "order may still be drawn"))

    def of_return(self, grant: int, second: int) -> set[str]:
        if not self.is_over(grant, second):
            return {"grant is not over"}
        return holding((self.returnable(grant) == 0, "nothing to return"))

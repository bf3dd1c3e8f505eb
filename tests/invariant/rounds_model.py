"""What funding rounds must do, written down a second time and in the simplest way: no packing, no
ledger, every contributor's payments kept for ever."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.unit.funding.rounds_support import FINALIZE_SECONDS, TOKEN, State


@dataclass
class RoundModel:
    """One round. Amounts in units of its asset, tokens in token wei."""

    terms: dict[str, Any]
    paid: Counter[str] = field(default_factory=Counter)
    settled: set[str] = field(default_factory=set)
    finalized: bool = False
    cancelled: bool = False
    released: bool = False

    @property
    def raised(self) -> int:
        return self.paid.total()

    @property
    def room(self) -> int:
        return self.terms["hard_cap"] - self.raised

    @property
    def settled_amount(self) -> int:
        return sum(self.paid[account] for account in self.settled)

    @property
    def accepted(self) -> int:
        return min(self.raised, self.terms["hard_cap"])

    @property
    def proceeds(self) -> int:
        """What the Treasury gets: of an over-subscribed round less what rounding gives back."""
        if self.raised <= self.terms["hard_cap"]:
            return self.raised
        return self.accepted - min(self.accepted, len(self.paid) - 1)

    def used(self, account: str) -> int:
        return self.paid[account] * self.accepted // self.raised

    def surplus(self, account: str) -> int:
        return self.paid[account] - self.used(account)

    def tokens_of(self, account: str) -> int:
        return self.tokens_for(self.used(account))

    def tokens_for(self, amount: int) -> int:
        return amount * TOKEN // self.terms["price"]

    def state(self, now: int) -> State:
        if self.cancelled:
            return State.CANCELLED
        if self.finalized:
            return State.FINALIZED
        if now < self.terms["starts_at"]:
            return State.PENDING
        is_full = not self.terms["is_pro_rata"] and self.tokens_for(self.room) == 0
        if now < self.terms["ends_at"] and not is_full:
            return State.OPEN
        in_time = now < self.terms["ends_at"] + FINALIZE_SECONDS
        if in_time and (is_full or self.raised >= self.terms["soft_goal"]):
            return State.SUCCEEDED
        return State.FAILED

    def taken(self, account: str, amount: int) -> int:
        """What an open round takes of an offer; 0 if it refuses it."""
        is_pro_rata = self.terms["is_pro_rata"]
        taken = amount if is_pro_rata else min(amount, self.room)
        maximum = self.terms["max_contribution"]
        if taken < self.terms["min_contribution"] and (is_pro_rata or taken != self.room):
            return 0
        if maximum and self.paid[account] + taken > maximum:
            return 0
        return taken

    def pending(self, account: str) -> int:
        """Paid and neither claimed nor refunded."""
        return 0 if account in self.settled else self.paid[account]

    def tokens_claimed(self) -> dict[str, int]:
        """By account, once the round is finalized."""
        if not self.finalized:
            return {}
        return {account: self.tokens_of(account) for account in self.settled}

    def tokens_outstanding(self) -> int:
        """Minted and neither claimed nor burned."""
        if not self.finalized or self.settled == self.paid.keys():
            return 0
        return self.tokens_for(self.accepted) - sum(self.tokens_claimed().values())

    def asset_owed(self) -> int:
        if not self.finalized:
            return self.raised - self.settled_amount
        if self.settled == self.paid.keys():
            return 0
        return self.raised - self.proceeds - sum(map(self.surplus, self.settled))

    def surplus_left(self) -> int:
        """What a round of which everybody is settled leaves to a vote to skim."""
        return self.raised - self.proceeds - sum(map(self.surplus, self.paid))

    def tokens_reserved(self) -> int:
        return 0 if self.released else self.tokens_for(self.terms["hard_cap"])

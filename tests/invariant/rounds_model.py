"""What funding rounds and wind-downs must do, written down a second time and in the simplest way:
no packing, no ledger, every contributor's payments kept for ever."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.kits.funding import FINALIZE_SECONDS, TOKEN, State


@dataclass
class WindDownModel:
    """How the money of one round goes back. Amounts in units of the asset."""

    starts_at: int = 0
    min_pool: int = 0
    pool: int = 0
    closes_at: int = 0
    returned: int = 0
    burned: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)

    @property
    def accounted(self) -> int:
        return self.pool - self.paid.total() - self.returned

    def is_open(self, now: int) -> bool:
        return self.pool > 0 and now < self.closes_at


@dataclass
class RoundModel:
    """One round. Amounts in units of its asset, tokens in token wei."""

    terms: dict[str, Any]
    # Who may contribute; empty for everybody.
    listed: tuple[str, ...] = ()
    paid: Counter[str] = field(default_factory=Counter)
    # Who got back what it paid, or its surplus if the round is finalized.
    refunded: set[str] = field(default_factory=set)
    tokens_out: Counter[str] = field(default_factory=Counter)
    wind_down: WindDownModel = field(default_factory=WindDownModel)
    # First second after the pauses that it met, and when the vesting was ended.
    ends_at: int = 0
    # The end that held when it was finalized: a later pause moves no vesting of a full round.
    vests_from: int = 0
    vesting_ended: bool = False
    finalized_at: int = 0
    cancelled: bool = False
    released: bool = False

    @property
    def finalized(self) -> bool:
        return self.finalized_at > 0

    @property
    def raised(self) -> int:
        return self.paid.total()

    @property
    def room(self) -> int:
        return self.terms["hard_cap"] - self.raised

    @property
    def accepted(self) -> int:
        return min(self.raised, self.terms["hard_cap"])

    @property
    def proceeds(self) -> int:
        """What the Treasury gets: of an over-subscribed round less what rounding gives back."""
        if self.raised <= self.terms["hard_cap"]:
            return self.raised
        return self.accepted - min(self.accepted, len(self.paid) - 1)

    @property
    def minted(self) -> int:
        return self.tokens_for(self.accepted)

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
        if now < self.ends_at and not is_full:
            return State.OPEN
        in_time = now < self.ends_at + FINALIZE_SECONDS
        if in_time and (is_full or self.raised >= self.terms["soft_goal"]):
            return State.SUCCEEDED
        return State.FAILED

    def edges(self) -> list[int]:
        """The seconds at which something changes by itself."""
        ends_at = self.ends_at
        edges = [self.terms["starts_at"], ends_at, ends_at + FINALIZE_SECONDS]
        if self.finalized:
            vests = self.vests_from
            edges += [vests + self.terms[key] for key in ("cliff_seconds", "vesting_seconds")]
        return edges

    # --- contributing ---

    def is_allowed(self, account: str) -> bool:
        return not self.listed or account in self.listed

    def taken(self, account: str, amount: int) -> int:
        """What an open round takes of an offer; 0 if it refuses it."""
        if not self.is_allowed(account):
            return 0
        is_pro_rata = self.terms["is_pro_rata"]
        taken = amount if is_pro_rata else min(amount, self.room)
        maximum = self.terms["max_contribution"]
        if taken < self.terms["min_contribution"] and (is_pro_rata or taken != self.room):
            return 0
        if maximum and self.paid[account] + taken > maximum:
            return 0
        return taken

    # --- one contributor ---

    def used(self, account: str) -> int:
        return self.paid[account] * self.accepted // self.raised if self.raised else 0

    def surplus(self, account: str) -> int:
        return self.paid[account] - self.used(account)

    def tokens_of(self, account: str) -> int:
        return self.tokens_for(self.used(account))

    def held(self, account: str) -> int:
        """Token wei that the round still holds for it, vested or not."""
        return self.tokens_of(account) - self.tokens_out[account]

    def claimable(self, account: str, now: int) -> int:
        if not self.finalized:
            return 0
        elapsed, duration = now - self.vests_from, self.terms["vesting_seconds"]
        vested = self.tokens_of(account)
        if not duration or self.vesting_ended:
            elapsed = duration
        if elapsed < self.terms["cliff_seconds"]:
            vested = 0
        elif elapsed < duration:
            vested = vested * elapsed // duration
        return vested - self.tokens_out[account]

    def refundable(self, account: str, now: int) -> int:
        if account in self.refunded:
            return 0
        if self.finalized:
            return self.surplus(account)
        return self.paid[account] if self.state(now) in State.FAILED | State.CANCELLED else 0

    def position(self, account: str) -> tuple[Any, ...]:
        """As the view gives it: a refund of all that was paid leaves nothing to tell."""
        if not self.finalized and account in self.refunded:
            return (0, 0, 0, 0, account)
        return (
            self.paid[account],
            self.used(account),
            self.tokens_of(account),
            self.tokens_out[account],
            account,
        )

    # --- all contributors ---

    def is_settled(self, account: str) -> bool:
        if not self.finalized:
            return account in self.refunded
        has_surplus = self.surplus(account) > 0 and account not in self.refunded
        return not has_surplus and self.held(account) == 0

    @property
    def all_settled(self) -> bool:
        return self.raised > 0 and all(map(self.is_settled, self.paid))

    @property
    def settled_amount(self) -> int:
        return sum(self.paid[account] for account in self.paid if self.is_settled(account))

    def tokens_outstanding(self) -> int:
        """Minted and neither handed out nor burned."""
        if not self.finalized or self.all_settled:
            return 0
        return self.minted - self.tokens_out.total()

    def asset_owed(self) -> int:
        if not self.finalized:
            return self.raised - sum(self.paid[account] for account in self.refunded)
        if self.all_settled:
            return 0
        return self.surplus_left()

    def surplus_left(self) -> int:
        """Kept back and not refunded; once everybody is settled, for a vote to skim."""
        return self.raised - self.proceeds - sum(map(self.surplus, self.refunded))

    def tokens_reserved(self) -> int:
        return 0 if self.released else self.tokens_for(self.terms["hard_cap"])

    def worth(self, tokens: int) -> int:
        """What `tokens` of this round are due out of the pool."""
        return self.wind_down.pool * tokens // self.minted if self.wind_down.pool else 0

    def unvested(self, now: int) -> int:
        """Token wei that nobody could claim, if the round holds any that vest."""
        if not self.finalized or self.vesting_ended or not self.terms["vesting_seconds"]:
            return 0
        elapsed, duration = now - self.vests_from, self.terms["vesting_seconds"]
        if elapsed >= duration:
            return 0
        if elapsed < self.terms["cliff_seconds"]:
            return self.minted
        return self.minted - self.minted * elapsed // duration

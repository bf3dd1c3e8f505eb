"""A second plain-Python model of one funding round, written from the interfaces alone.

Seconds are counted and nothing is kept that follows from payments and time.
"""

from dataclasses import dataclass, field

ONE = 10**18
FINALIZE = 30 * 86_400
PEOPLE = ("ada", "bo", "cy", "di")


@dataclass
class Payer:
    paid: int = 0
    used: int = 0
    tokens: int = 0
    out: int = 0
    holder: str = ""
    is_refunded: bool = False
    burned: int = 0
    redeemed: int = 0


@dataclass
class SecondModel:
    """One round, its people, and what is left of its purpose."""

    price: int
    goal: int
    cap: int
    least: int
    most: int
    starts_at: int
    seconds: int
    is_pro_rata: bool
    cliff: int
    vesting: int
    paused: list[tuple[int, int]] = field(default_factory=list)
    payers: dict[str, Payer] = field(default_factory=lambda: {p: Payer(holder=p) for p in PEOPLE})
    is_cancelled: bool = False
    proceeds: int = 0
    minted: int = 0
    finalized_at: int = 0
    vests_from: int = 0
    vesting_ended_at: int = 0
    pool: int = 0
    pool_returned: int = 0
    free: int = 0
    closes_at: int = 0

    @property
    def raised(self) -> int:
        return sum(payer.paid for payer in self.payers.values())

    def ends_at(self) -> int:
        """The first second by which as many unpaused ones passed as the round lasts."""
        second, open_for = self.starts_at, 0
        while True:
            if open_for == self.seconds:
                return second
            # Whole stretches of paused seconds are passed at once, open ones one by one.
            until = max((b for a, b in self.paused if a <= second < b), default=second)
            if until > second:
                second = until
                continue
            second, open_for = second + 1, open_for + 1

    def is_paused(self, at: int) -> bool:
        return any(a <= at < b for a, b in self.paused)

    def is_full(self) -> bool:
        return not self.is_pro_rata and (self.cap - self.raised) * ONE // self.price == 0

    def state(self, at: int) -> int:
        """PENDING, OPEN, SUCCEEDED, FINALIZED, FAILED, CANCELLED as powers of two."""
        if self.is_cancelled or self.finalized_at:
            return 32 if self.is_cancelled else 8
        if at < self.starts_at:
            return 1
        end = self.ends_at()
        if not self.is_full() and at < end:
            return 2
        return 4 if self.raised >= self.goal and at < end + FINALIZE else 16

    def fits(self, person: str, amount: int, least: int, at: int) -> int:
        """What a contribution takes; 0 if it is refused."""
        payer = self.payers[person]
        if self.is_paused(at) or self.state(at) != 2:
            return 0
        taken = amount if self.is_pro_rata else min(amount, self.cap - self.raised)
        if taken < least or (self.most and payer.paid + taken > self.most):
            return 0
        if taken < self.least and (self.is_pro_rata or taken < self.cap - self.raised):
            return 0
        return taken

    def finalize(self, at: int) -> None:
        raised, people = self.raised, sum(p.paid > 0 for p in self.payers.values())
        is_over = raised > self.cap
        self.proceeds = self.free = self.cap - (people - 1) if is_over else raised
        self.minted = min(raised, self.cap) * ONE // self.price
        self.finalized_at, self.vests_from = at, self.ends_at()
        for payer in self.payers.values():
            payer.used = payer.paid * self.cap // raised if is_over else payer.paid
            payer.tokens = payer.used * ONE // self.price

    def vested(self, tokens: int, at: int) -> int:
        if self.vesting_ended_at:
            return tokens
        passed = at - self.vests_from
        if passed < self.cliff or (passed < 0 and self.vesting):
            return 0
        return tokens if passed >= self.vesting else tokens * passed // self.vesting

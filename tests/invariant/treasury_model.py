"""Treasury and HolderIncome in plain Python: who has what, by sums over all that happened."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from tests.invariant.token_model import TokenModel
from tests.support import CAPS, DAY

RESERVE, GRANTS = 1, 2
BPS = 10_000


@dataclass
class Promise:
    """A commitment: what is left of it for its controller to pay or release."""

    controller: str
    purpose: int
    asset: str
    remaining: int


class MoneyModel:
    """Amounts are units of the asset that is named beside them."""

    def __init__(self, tokens: TokenModel, holders_bps: int, grants_bps: int) -> None:
        self.tokens = tokens
        self.policies = {1: (holders_bps, grants_bps)}
        self.free: Counter[tuple[int, str]] = Counter()
        self.promises: list[Promise] = []
        # Second, purpose or 0 for direct spends, asset, units.
        self.outflows: list[tuple[int, int, str, int]] = []
        self.income: Counter[tuple[int, str]] = Counter()
        self.closed: set[tuple[int, str]] = set()
        self.pots: dict[tuple[int, str], int] = {}
        self.carried: Counter[str] = Counter()
        self.settled_to: Counter[str] = Counter()
        # Asset => epoch => what it carries of its own; and what the next roll gives to grants.
        self.carried_of: dict[str, dict[int, int]] = defaultdict(dict)
        self.lapsed: Counter[str] = Counter()
        self.made_at: dict[tuple[int, str], int] = {}
        self.recycled: dict[tuple[int, str], int] = {}
        self.in_kind: Counter[str] = Counter()
        self.claimed: dict[tuple[str, int, str], int] = {}
        self.donated: Counter[tuple[str, str]] = Counter()

    # --- Treasury ---

    def policy_at(self, epoch: int) -> tuple[int, int]:
        return self.policies[max(start for start in self.policies if start <= epoch)]

    def committed(self, purpose: int, asset: str) -> int:
        return sum(p.remaining for p in self.promises if (p.purpose, p.asset) == (purpose, asset))

    def unclosed(self, asset: str) -> int:
        return sum(
            n for (e, a), n in self.income.items() if a == asset and (e, a) not in self.closed
        )

    def owned(self, asset: str) -> int:
        """All the Treasury has of `asset` but donations."""
        free = sum(n for (_, a), n in self.free.items() if a == asset)
        promised = sum(p.remaining for p in self.promises if p.asset == asset)
        return free + promised + self.unclosed(asset)

    def room(self, purpose: int, asset: str, moment: int) -> int:
        """What an ordinary vote may take: of a purpose for grants, or by direct spends for 0."""
        today = moment // DAY
        taken = sum(
            amount
            for second, of_purpose, of_asset, amount in self.outflows
            if (of_purpose, of_asset) == (purpose, asset) and second // DAY >= today - 30
        )
        free = sum(n for (p, a), n in self.free.items() if a == asset and purpose in (0, p))
        cap_bps = CAPS[1] if purpose else CAPS[0]
        return max(0, (free + taken) * cap_bps // BPS - taken)

    def close(self, epoch: int, asset: str, moment: int) -> tuple[int, int, int]:
        """Returns what goes to holders, grants and reserve."""
        amount = self.income[epoch, asset]
        holders_bps, grants_bps = self.policy_at(epoch)
        to_holders, to_grants = amount * holders_bps // BPS, amount * grants_bps // BPS
        to_reserve = amount - to_holders - to_grants
        self.closed.add((epoch, asset))
        self.free[GRANTS, asset] += to_grants
        self.free[RESERVE, asset] += to_reserve
        if to_holders:
            self.roll(asset, epoch, moment)
            self.settle(epoch, asset, to_holders, moment)
        return to_holders, to_grants, to_reserve

    def first_unclosed(self, asset: str) -> int:
        earning = [e for (e, a), n in self.income.items() if a == asset and n]
        return min((e for e in earning if (e, asset) not in self.closed), default=0)

    def roll(self, asset: str, until: int, moment: int) -> None:
        """Carried money looks for holders in the epochs before `until`, twelve of them at most."""
        while self.carried[asset] and self.settled_to[asset] + 1 < until:
            self.settle(self.settled_to[asset] + 1, asset, 0, moment)

    def settle(self, epoch: int, asset: str, amount: int, moment: int) -> None:
        self.settled_to[asset] = epoch
        eligible, supply = self.eligible(epoch, moment), self.tokens.supply_seconds(epoch, moment)
        if eligible == 0 or 10 * eligible < supply:
            if amount:
                self.carried_of[asset][epoch] = amount
            over = self.carried_of[asset].pop(epoch - 12, 0)
            self.lapsed[asset] += over
            self.carried[asset] += amount - over
        else:
            self.carried_of[asset].clear()
            self.pots[epoch, asset] = amount + self.carried.pop(asset, 0)
            self.made_at[epoch, asset] = moment

    def recycle(self, epoch: int, asset: str) -> int:
        rest = self.pots[epoch, asset] - self.claimed_of(epoch, asset)
        self.recycled[epoch, asset] = rest
        self.free[GRANTS, asset] += rest
        return rest

    # --- HolderIncome ---

    def eligible(self, epoch: int, moment: int) -> int:
        return sum(
            self.tokens.balance_seconds(a, epoch, moment) for a in list(self.tokens.eligible)
        )

    def entitlement(self, account: str, epoch: int, asset: str, moment: int) -> int:
        pot = self.pots.get((epoch, asset), 0)
        if pot == 0 or (epoch, asset) in self.recycled:
            return 0
        held = self.tokens.balance_seconds(account, epoch, moment)
        return pot * held // self.eligible(epoch, moment)

    def claim(self, account: str, asset: str, epochs: range, moment: int) -> int:
        """Returns what the account is paid for the epochs it was not paid for yet."""
        total = 0
        for epoch in epochs:
            amount = self.entitlement(account, epoch, asset, moment)
            if amount > 0 and (account, epoch, asset) not in self.claimed:
                self.claimed[account, epoch, asset] = amount
                total += amount
        return total

    def claimed_of(self, epoch: int, asset: str) -> int:
        return sum(n for (_, e, a), n in self.claimed.items() if (e, a) == (epoch, asset))

    def paid_to(self, account: str, asset: str) -> int:
        return sum(n for (who, _, a), n in self.claimed.items() if (who, a) == (account, asset))

    def owed_to_holders(self, asset: str) -> int:
        pots = sum(n for (_, a), n in self.pots.items() if a == asset)
        paid = sum(n for (_, _, a), n in self.claimed.items() if a == asset)
        recycled = sum(n for (_, a), n in self.recycled.items() if a == asset)
        return pots - paid - recycled + self.carried[asset] + self.lapsed[asset]

    def give_lapsed(self, asset: str) -> None:
        self.free[GRANTS, asset] += self.lapsed.pop(asset, 0)

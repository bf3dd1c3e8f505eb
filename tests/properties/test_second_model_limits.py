"""P6 for the limits: random lives of the Treasury beside a second model in plain Python.

The model lists every outflow with its second, and every change of what the next grants have free
with its epoch. It knows no days, rings or running sums but the one of the rule: an outflow counts
on its own day and the thirty after it.
"""

import os
import random
from collections import defaultdict
from typing import Any

import boa
import pytest

from tests.kits import treasury as kit
from tests.kits.treasury import BPS, GRANTS, GRANTS_BPS, HOLDERS_BPS, RESERVE
from tests.support import DAY, ZERO_ADDRESS, account, deploy_asset, fresh_chain, now, warp_to

LIVES = 4 * int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
STEPS = 120
ALL = 0
PURPOSES = (RESERVE, GRANTS, 3)


class SecondModel:
    """One asset. What happened, in order; every figure is computed from it anew."""

    def __init__(self) -> None:
        # Second, purpose or ALL, units.
        self.outflows: list[tuple[int, int, int]] = []
        self.free: dict[int, int] = defaultdict(int)
        self.caps = {True: kit.SPEND_CAP_BPS, False: kit.GRANT_CAP_BPS}
        self.income: dict[int, int] = defaultdict(int)
        # Epoch, and by how much what the grants have free changed in it, but for closings.
        self.changes: list[tuple[int, int]] = []
        self.floors: dict[int, int] = {}
        self.parts: dict[int, tuple[int, int, int]] = {}

    def change(self, purpose: int, epoch: int, amount: int) -> None:
        self.free[purpose] += amount
        if purpose == GRANTS:
            self.changes.append((epoch, amount))

    def taken(self, purpose: int, second: int) -> int:
        first_day = second // DAY - 30
        return sum(n for at, p, n in self.outflows if p == purpose and at // DAY >= first_day)

    def room(self, purpose: int, second: int) -> int:
        free = sum(self.free.values()) if purpose == ALL else self.free[purpose]
        taken = self.taken(purpose, second)
        return max(0, (free + taken) * self.caps[purpose == ALL] // BPS - taken)

    def floor(self, epoch: int) -> int:
        return self.floors.get(max((e for e in self.floors if e <= epoch), default=0), 0)

    def split(self, epoch: int) -> tuple[int, int, int]:
        """What an epoch gives to holders, grants and reserve, whoever closes it when."""
        if epoch not in self.parts:
            amount = self.income[epoch]
            to_holders, to_grants = amount * HOLDERS_BPS // BPS, amount * GRANTS_BPS // BPS
            to_reserve = amount - to_holders - to_grants
            older = sum(self.split(e)[1] for e in sorted(self.income) if e < epoch)
            at_end = sum(n for e, n in self.changes if e <= epoch) + older
            if at_end < self.floor(epoch):
                to_grants, to_holders = to_grants + to_holders, 0
            self.parts[epoch] = (to_holders, to_grants, to_reserve)
        return self.parts[epoch]


class Life:
    """One random life on the contracts and in the model."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.owner, self.committer = account("owner"), account("committer")
        self.controller, self.payee = account("controller"), account("payee")
        self.token = kit.deploy_mock_token()
        money = kit.deploy_money(self.token, self.owner)
        self.treasury = money.treasury
        self.asset = kit.accept(self.treasury, self.owner, deploy_asset())
        self.router = kit.income_source(self.treasury, self.owner)
        with boa.env.prank(self.owner):
            self.treasury.set_committer(self.committer, True)
            assert self.treasury.create_purpose("compute") == 3
        for epoch in range(1, 200):
            self.token.set_balance_seconds(account("holder"), epoch, 1)
        self.model = SecondModel()
        self.promises: list[list[int]] = []
        self.laziness = self.random.choice((0.0, 0.5, 0.97))
        self.refused = self.taken = self.skipped = self.paid = 0

    def live(self) -> None:
        steps = (self.deposit, self.earn, self.spend, self.spend, self.commit, self.commit)
        steps += (self.release, self.pay, self.move, self.wind_down, self.set_caps, self.set_floor)
        steps += (self.close, self.close)
        for _ in range(STEPS):
            jump = self.random.choice((0, 0, 1, 3_600, DAY, 3 * DAY, 29 * DAY, 30 * DAY, 31 * DAY))
            target = now() + jump
            if self.random.random() < 0.3:  # the last second of a day, or the first
                target = -(-target // DAY) * DAY - self.random.randint(0, 1)
            warp_to(max(now(), target))
            self.random.choice(steps)()
            self.compare()
        for epoch in self.unclosed():
            self.close_one(epoch)
        self.compare()

    # --- steps ---

    def deposit(self) -> None:
        purpose, amount = self.random.choice(PURPOSES), self.random.choice((1, 999, 10**6))
        kit.deposit(self.treasury, self.asset, self.payee, purpose, amount)
        self.model.change(purpose, self.epoch(), amount)

    def earn(self) -> None:
        amount = self.random.choice((1, 7, 10_007, 10**6))
        self.model.income[kit.earn(self.treasury, self.asset, self.router, amount)] += amount

    def spend(self) -> None:
        purpose = self.random.choice(PURPOSES)
        amount = self.amount(ALL, purpose)
        self.out("spend", ALL, purpose, (self.payee, amount), self.owner, amount)

    def commit(self) -> None:
        purpose = self.random.choice(PURPOSES)
        amount = self.amount(purpose, purpose)
        if self.out("commit", purpose, purpose, (amount, self.controller), self.committer, amount):
            self.promises.append([purpose, amount])

    def amount(self, key: int, purpose: int) -> int:
        """At the edges of the cap, or anything that is free."""
        room = self.model.room(key, now())
        free = self.model.free[purpose]
        some = self.random.randint(0, free) if self.random.random() < 0.2 else 0
        return max(1, self.random.choice((1, room, room + 1, room // 3, some)))

    def out(
        self, name: str, key: int, purpose: int, rest: tuple[Any, ...], sender: str, amount: int
    ) -> bool:
        """Tries the ordinary function, sometimes then the other one; whether money went."""
        room, free = self.model.room(key, now()), self.model.free[purpose]
        reason = "grant is above the cap" if name == "commit" else "spend is above the cap"
        arguments = (purpose, self.asset, *rest)
        if amount > room:
            self.refused += 1
            with boa.reverts(reason):
                getattr(self.treasury, name)(*arguments, sender=sender)
            if self.random.random() < 0.6:
                return False
            name = f"{name}_beyond_cap"
        if amount > free:
            with boa.reverts("free money is too low"):
                getattr(self.treasury, name)(*arguments, sender=sender)
            return False
        getattr(self.treasury, name)(*arguments, sender=sender)
        self.model.outflows.append((now(), key, amount))
        self.model.change(purpose, self.epoch(), -amount)
        self.taken += 1
        return True

    def release(self) -> None:
        for number, (purpose, left) in self.some_promise():
            amount = self.random.randint(0, left)
            self.treasury.release_commitment(number, amount, sender=self.controller)
            self.promises[number - 1][1] -= amount
            self.model.change(purpose, self.epoch(), amount)

    def pay(self) -> None:
        for number, (_, left) in self.some_promise():
            amount = self.random.randint(0, left)
            self.treasury.pay_commitment(number, self.payee, amount, sender=self.controller)
            self.promises[number - 1][1] -= amount

    def some_promise(self) -> list[tuple[int, tuple[int, int]]]:
        if not self.promises:
            return []
        number = self.random.randint(1, len(self.promises))
        purpose, left = self.promises[number - 1]
        return [(number, (purpose, left))]

    def move(self) -> None:
        one, other = self.random.choice(PURPOSES), self.random.choice(PURPOSES)
        amount = self.random.randint(0, self.model.free[one])
        if amount:
            self.treasury.move_free(one, other, self.asset, amount, sender=self.owner)
            self.model.change(one, self.epoch(), -amount)
            self.model.change(other, self.epoch(), amount)

    def wind_down(self) -> None:
        """Takes free money past every cap, and counts in none."""
        amount = self.random.randint(0, self.model.free[3])
        if amount:
            self.treasury.allow_wind_down(3, self.asset, self.controller, sender=self.owner)
            assert self.treasury.grantable(3, self.asset) == 0
            self.treasury.release_for_wind_down(3, self.asset, amount, sender=self.controller)
            self.treasury.allow_wind_down(3, self.asset, ZERO_ADDRESS, sender=self.owner)
            self.model.change(3, self.epoch(), -amount)

    def set_caps(self) -> None:
        spends, grants = self.random.choice(((500, 2_500), (1_000, 5_000), (0, 0), (137, 1)))
        self.treasury.set_caps(spends, grants, sender=self.owner)
        self.model.caps = {True: spends, False: grants}

    def set_floor(self) -> None:
        free = self.model.free[GRANTS]
        floor = self.random.choice((0, 1, free, free + 1, 2 * free))
        first = self.treasury.set_holders_floor(self.asset, floor, sender=self.owner)
        is_first = not self.model.floors and not self.model.income
        assert first == (1 if is_first else self.epoch() + 2)
        self.model.floors[first] = floor

    def close(self) -> None:
        """Some of the epochs that are over, the oldest first, as the Treasury takes them."""
        for epoch in self.unclosed():
            if epoch == self.epoch() or self.random.random() <= self.laziness:
                return
            self.close_one(epoch)

    # --- reading ---

    def epoch(self) -> int:
        return kit.running_epoch(self.treasury)

    def unclosed(self) -> list[int]:
        closed = self.treasury.is_closed
        return [e for e in sorted(self.model.income) if not closed(e, self.asset)]

    def close_one(self, epoch: int) -> None:
        if epoch == self.epoch():
            kit.end_epoch(self.treasury)
        self.treasury.close_epoch(epoch, self.asset)
        rows = {row[0]: row[1:] for row in kit.event_rows(self.treasury)}
        to_holders, to_grants, to_reserve = self.model.split(epoch)
        assert rows["EpochClosed"][2:] == (to_holders, to_grants, to_reserve)
        would_get = self.model.income[epoch] * HOLDERS_BPS // BPS
        assert ("HoldersSkipped" in rows) == (to_holders < would_get)
        self.skipped += to_holders < would_get
        self.paid += to_holders > 0
        self.model.free[GRANTS] += to_grants
        self.model.free[RESERVE] += to_reserve

    def compare(self) -> None:
        for purpose in PURPOSES:
            assert self.treasury.free(purpose, self.asset) == self.model.free[purpose]
            assert self.treasury.grantable(purpose, self.asset) == self.model.room(purpose, now())
        assert self.treasury.spendable(self.asset) == self.model.room(ALL, now())
        for key in (ALL, *PURPOSES):
            assert self.treasury.taken_lately(key, self.asset) == self.model.taken(key, now())


TRIED: list[tuple[int, int, int, int]] = []


@pytest.mark.parametrize("seed", range(LIVES))
def test_limits__random_life__is_that_of_the_second_model(seed):
    with fresh_chain():
        life = Life(seed)
        life.live()
        TRIED.append((life.refused, life.taken, life.skipped, life.paid))


def test_limits__random_lives__tried_both_sides_of_each():
    """Else the comparison says little: refusals and outflows, parts skipped and parts paid."""
    if TRIED:
        assert all(sum(figures) >= 2 for figures in zip(*TRIED, strict=True)), TRIED

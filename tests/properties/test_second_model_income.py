"""P6: holders' income beside a second plain-Python model, written from the interfaces alone.

It keeps every balance second by second and sums them up; nothing in it is a formula over time.
Lives are random: mints, transfers, burns, exclusions, policies, income of two assets of which
one refuses for a while, and pushes by anybody at any time. Pots, claims and what the next grants
get must be the model's to the unit, whenever somebody closed, pushed, rolled or claimed.
"""

import os
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import boa
import pytest

from tests.odd_assets import deploy_odd_asset
from tests.support import CAPS, DAY, account, deploy, fresh_chain, fund_and_approve, now, warp_to

LIVES = 2 * int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
FIRST = int(os.environ.get("FLYWHEEL_FIRST_SEED", "0"))
EPOCH = DAY
STEPS = 70
BUSY_EPOCHS = 18
ROLLS = 12
BPS = 10_000
PEOPLE = ("ada", "bo", "cy", "vault")
SCALES = (1, 7, 1_000, 10**9, 10**24)


@dataclass
class SecondModel:
    """Balances per second, and what an epoch's money comes to."""

    began_at: int
    policies: dict[int, tuple[int, int]]
    balances: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 0))
    excluded: set[str] = field(default_factory=set)
    announced: dict[str, tuple[bool, int]] = field(default_factory=dict)
    seconds: dict[str, list[int]] = field(default_factory=lambda: {p: [] for p in PEOPLE})
    supply: list[int] = field(default_factory=list)
    income: dict[str, dict[int, int]] = field(
        default_factory=lambda: {"usd": defaultdict(int), "odd": defaultdict(int)}
    )

    def live_to(self, second: int) -> None:
        passed = second - self.began_at - len(self.supply)
        for person in PEOPLE:
            held = 0 if person in self.excluded else self.balances[person]
            self.seconds[person] += [held] * passed
        self.supply += [sum(self.balances.values())] * passed

    def epoch(self) -> int:
        return len(self.supply) // EPOCH + 1

    def of(self, person: str, epoch: int) -> int:
        return sum(self.seconds[person][(epoch - 1) * EPOCH : epoch * EPOCH])

    def eligible(self, epoch: int) -> int:
        return sum(self.of(person, epoch) for person in PEOPLE)

    def of_supply(self, epoch: int) -> int:
        return sum(self.supply[(epoch - 1) * EPOCH : epoch * EPOCH])

    def announce(self, person: str, flag: bool) -> None:
        if not any(self.balances.values()):
            (self.excluded.add if flag else self.excluded.discard)(person)
            self.announced.pop(person, None)
        else:
            self.announced[person] = (flag, self.epoch() + 2)

    def may_apply(self, person: str) -> bool:
        return person in self.announced and self.epoch() >= self.announced[person][1]

    def apply(self, person: str) -> None:
        flag, _ = self.announced.pop(person)
        (self.excluded.add if flag else self.excluded.discard)(person)

    def policy(self, epoch: int) -> tuple[int, int]:
        return self.policies[max(first for first in self.policies if first <= epoch)]

    def outcome(self, asset: str) -> tuple[dict[int, int], int, int]:
        """Pots by epoch; what the next grants get, what the reserve gets."""
        pots: dict[int, int] = defaultdict(int)
        grants = reserve = 0
        shared = {
            e: 0 < self.of_supply(e) <= 10 * self.eligible(e)
            for e in range(1, len(self.supply) // EPOCH + 1)
        }
        for epoch, amount in self.income[asset].items():
            holders_bps, grants_bps = self.policy(epoch)
            holders, of_grants = amount * holders_bps // BPS, amount * grants_bps // BPS
            grants, reserve = grants + of_grants, reserve + amount - holders - of_grants
            for later in range(epoch, epoch + ROLLS + 1):
                if shared.get(later) and holders:
                    pots[later] += holders
                    break
            else:
                grants += holders
        return pots, grants, reserve


class Life:
    """One random life on the contracts and in the model."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.owner, self.people = account("owner"), {name: account(name) for name in PEOPLE}
        with boa.env.prank(self.owner):
            self.token = deploy("GovernanceToken", "Flywheel", "FLY", now(), EPOCH)
            self.treasury = deploy("Treasury", self.token, 5_000, 4_000, *CAPS)
            self.income = deploy("HolderIncome", self.token, self.treasury)
            self.treasury.set_holder_income(self.income)
            self.token.set_minter(self.owner, 2**96 - 1)
            self.treasury.set_income_source(self.owner, True)
            self.assets = {
                "usd": deploy("MockAsset", "usd", "USD", 6),
                "odd": deploy_odd_asset(),
            }
            for asset in self.assets.values():
                self.treasury.accept_asset(asset)
        self.model = SecondModel(now(), {1: (5_000, 4_000)})
        self.scale = self.random.choice(SCALES)
        self.odd_share = self.random.random()
        self.claims: list[tuple[str, str, int, int, list[int], int]] = []
        self.asked = self.refused = 0

    def live(self) -> None:
        steps = (self.mint, self.move, self.burn, self.announce, self.apply, self.set_policy)
        steps += (self.earn, self.earn, self.push, self.claim, self.claim, self.block, self.look)
        if self.random.random() < 0.5:
            self.announce("vault", True)
            self.mint("vault")
        for _ in range(STEPS):
            jump = self.random.choice((0, 1, 977, EPOCH // 3, EPOCH // 2, EPOCH))
            target = now() + jump
            if self.random.random() < 0.2:  # to the boundary, and the second before or after it
                target = self.token.epoch_start(self.model.epoch() + 1) + self.random.randint(0, 2)
                target -= 1
            if target < self.model.began_at + BUSY_EPOCHS * EPOCH:
                warp_to(max(target, now()))
            self.model.live_to(now())
            self.random.choice(steps)()
        self.end()

    def mint(self, person: str | None = None) -> None:
        person = person or self.random.choice(PEOPLE)
        amount = self.random.randint(0, 12 if person == "vault" else 3) * self.scale
        self.token.mint(self.people[person], amount, sender=self.owner)
        self.model.balances[person] += amount

    def move(self) -> None:
        sender, to = self.random.choice(PEOPLE), self.random.choice(PEOPLE)
        amount = self.random.randint(0, self.model.balances[sender])
        self.token.transfer(self.people[to], amount, sender=self.people[sender])
        self.model.balances[sender] -= amount
        self.model.balances[to] += amount

    def burn(self) -> None:
        person = self.random.choice(PEOPLE)
        amount = self.random.randint(0, self.model.balances[person])
        self.token.burn(amount, sender=self.people[person])
        self.model.balances[person] -= amount

    def announce(self, person: str | None = None, flag: bool | None = None) -> None:
        person = person or self.random.choice(PEOPLE)
        flag = self.random.random() < 0.5 if flag is None else flag
        self.token.set_excluded(self.people[person], flag, sender=self.owner)
        self.model.announce(person, flag)

    def apply(self) -> None:
        for person in PEOPLE:
            if self.model.may_apply(person):
                self.token.apply_exclusion(self.people[person])
                self.model.apply(person)
            else:
                is_announced = person in self.model.announced
                refusal = "notice has not ended" if is_announced else "no exclusion is announced"
                with boa.reverts(refusal):
                    self.token.apply_exclusion(self.people[person])
            assert self.token.is_excluded(self.people[person]) == (person in self.model.excluded)

    def set_policy(self) -> None:
        holders = self.random.choice((0, 1, 3_333, 5_000))
        grants = self.random.choice((4_000, 4_999, 10_000 - holders))
        self.treasury.set_policy(holders, grants, sender=self.owner)
        self.model.policies[self.model.epoch() + 2] = (holders, grants)

    def earn(self) -> None:
        name = self.random.choice(tuple(self.assets))
        amount = self.random.choice((1, 2, 3, 10_007, 10**13))
        fund_and_approve(self.assets[name], self.owner, self.treasury, amount)
        self.treasury.receive_income(self.assets[name], amount, sender=self.owner)
        self.model.income[name][self.model.epoch()] += amount

    def attempt(self, call: Any, *args: Any) -> bool:
        try:
            call(*args, sender=self.people["cy"])
        except boa.BoaError:
            return False
        return True

    def push(self) -> None:
        """Anybody's calls, in any order, as often as somebody likes."""
        for _ in range(self.random.randint(1, 4)):
            asset = self.assets[self.random.choice(tuple(self.assets))]
            which = self.random.randrange(3)
            if which == 0:
                self.attempt(self.treasury.close_epoch, self.treasury.first_unclosed(asset), asset)
            elif which == 1:
                self.attempt(self.treasury.push_holders, asset)
            else:
                self.income.roll(asset)

    def claim(self) -> None:
        person, name = self.random.choice(PEOPLE), self.random.choice(tuple(self.assets))
        first, count = self.random.randint(1, self.model.epoch()), self.random.randint(1, 26)
        if name == "odd" and self.random.random() < self.odd_share:
            return
        seen = self.income.history(self.people[person], self.assets[name], first, count)
        arguments = (self.people[person], self.assets[name], first, count)
        due = self.income.claimable(*arguments)
        try:
            paid = self.income.claim(*arguments)
        except boa.BoaError:
            assert name == "odd"  # which refuses
            return
        assert paid == due
        fresh = [0 if share.claimed else share.pot for share in seen]
        self.claims.append((person, name, first, count, fresh, paid))

    def block(self) -> None:
        """The odd asset refuses HolderIncome, or no more."""
        self.assets["odd"].set_blacklisted(self.income, self.random.random() < 0.5)

    def look(self) -> None:
        epoch, person = self.random.randint(1, self.model.epoch()), self.random.choice(PEOPLE)
        of_person = self.token.balance_seconds(self.people[person], epoch)
        assert of_person == self.model.of(person, epoch)
        assert self.token.eligible_balance_seconds(epoch) == self.model.eligible(epoch)
        assert self.token.supply_balance_seconds(epoch) == self.model.of_supply(epoch)
        for asset in self.assets.values():
            for ledger in (self.treasury, self.income):
                assert asset.balanceOf(ledger) == ledger.accounted(asset)

    def end(self) -> None:
        """Thirteen epochs later everything is pushed; then everybody is paid."""
        self.assets["odd"].set_blacklisted(self.income, False)
        warp_to(self.model.began_at + (BUSY_EPOCHS + ROLLS + 2) * EPOCH)
        self.model.live_to(now())
        last = self.model.epoch() - 1
        for asset in self.assets.values():
            while epoch := self.treasury.first_unclosed(asset):
                self.treasury.close_epoch(epoch, asset)
            while self.attempt(self.treasury.push_holders, asset):
                pass
            for _ in range(3):
                self.income.roll(asset)
        due = {person: [self.model.of(person, e) for e in range(1, last + 1)] for person in PEOPLE}
        for name, asset in self.assets.items():
            pots, grants, reserve = self.model.outcome(name)
            assert {e: p for e in range(1, last + 1) if (p := self.income.pot(e, asset))} == pots
            paid: dict[str, int] = defaultdict(int)
            for person, of_asset, first, _, fresh, amount in self.claims:
                if of_asset != name:
                    continue
                for epoch, pot in enumerate(fresh, first):
                    assert pot in (0, pots.get(epoch, 0))
                assert amount == sum(
                    pot * due[person][epoch - 1] // self.model.eligible(epoch)
                    for epoch, pot in enumerate(fresh, first)
                    if pot
                )
                paid[person] += amount
            for person in PEOPLE:
                whole = {
                    e: p * due[person][e - 1] // self.model.eligible(e) for e, p in pots.items()
                }
                for first in range(1, last + 1, 26):
                    paid[person] += self.income.claim(self.people[person], asset, first, 26)
                assert paid[person] == sum(whole.values()) == asset.balanceOf(self.people[person])
            assert (self.treasury.free(2, asset), self.treasury.free(1, asset)) == (grants, reserve)
            assert self.income.accounted(asset) == sum(pots.values()) - sum(paid.values())


@pytest.mark.parametrize("seed", range(FIRST, FIRST + LIVES))
def test_income__random_life__is_that_of_the_second_model(seed):
    with fresh_chain():
        Life(seed).live()

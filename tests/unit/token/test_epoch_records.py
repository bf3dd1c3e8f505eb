"""Where the records of epochs stand and how they are found: random lives beside a plain list."""

import random
from typing import Any

import boa
import pytest

from tests.support import DAY, account, deploy, fresh_chain, now, warp_to

LIVES = 12
MOVES = 30
EPOCH = DAY
MAX_RANGE = 26
# So long nobody moves, in epochs: mostly short, now and then years.
GAPS = (0, 0, 1, 1, 2, 3, 7, 8, 15, 16, 31, 64, 100, 255, 1_000, 4_096)

PLACES = """
# pragma version 0.4.3
from contracts.token import packed_closing

@external
@pure
def place(epoch: uint256, next_epoch: uint256) -> uint256:
    return packed_closing._place(epoch, next_epoch)
"""


class Life:
    """One holder whose balance is set again and again, and a list of what it was since when."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.owner, self.holder, self.other = map(account, ("owner", "holder", "other"))
        self.genesis = now() - self.random.choice([0, 1, EPOCH - 1, 40 * EPOCH])
        self.token = deploy("GovernanceToken", "T", "T", self.genesis, EPOCH, sender=self.owner)
        self.token.set_minter(self.owner, 2**90, sender=self.owner)
        self.token.mint(self.other, 2**80, sender=self.owner)
        self.history: list[tuple[int, int]] = []
        self.held = 0

    def live(self) -> None:
        for _ in range(MOVES):
            gap = self.random.choice(GAPS) * EPOCH
            edge = self.genesis + ((now() + gap - self.genesis) // EPOCH) * EPOCH
            anywhere = self.random.randrange(EPOCH)
            warp_to(max(now(), edge + self.random.choice([0, 1, anywhere, EPOCH - 1])))
            if self.held and self.random.random() < 0.3:
                self.pay(self.held)
            elif self.held and self.random.random() < 0.5:
                self.pay(self.random.randint(1, self.held))
            else:
                amount = self.random.choice([1, 10**18, 2**70])
                self.token.transfer(self.holder, amount, sender=self.other)
                self.note(self.held + amount)

    def pay(self, amount: int) -> None:
        self.token.transfer(self.other, amount, sender=self.holder)
        self.note(self.held - amount)

    def note(self, held: int) -> None:
        self.held = held
        self.history.append((now(), held))

    def seconds(self, epoch: int) -> int:
        """Balance-seconds of the epoch so far, from the list."""
        began = self.genesis + (epoch - 1) * EPOCH
        until = min(began + EPOCH, now())
        total = 0
        ends = [since for since, _ in self.history[1:]] + [now()]
        for (since, held), end in zip(self.history, ends, strict=True):
            total += held * max(0, min(end, until) - max(since, began))
        return total if epoch > 0 else 0

    def epochs(self) -> list[int]:
        """Those of the changes with their neighbours, the first ones, and any others."""
        running = (now() - self.genesis) // EPOCH + 1
        near = [(since - self.genesis) // EPOCH + 1 for since, _ in self.history]
        found = {0, 1, 2, running, running + 1, running + 1_000}
        found |= {epoch + step for epoch in near for step in (-1, 0, 1)}
        found |= {self.random.randint(1, running) for _ in range(20)}
        return sorted(epoch for epoch in found if epoch >= 0)


@pytest.mark.parametrize("seed", range(LIVES))
def test_balance_seconds__random_life_with_long_gaps__is_that_of_the_list(seed):
    with fresh_chain():
        life = Life(seed)
        life.live()
        for epoch in life.epochs():
            assert life.token.balance_seconds(life.holder, epoch) == life.seconds(epoch), epoch


@pytest.mark.parametrize("seed", range(LIVES))
def test_balance_seconds_range__random_life_with_long_gaps__is_that_of_the_list(seed):
    with fresh_chain():
        life = Life(1_000 + seed)
        life.live()
        for epoch in life.epochs():
            count = life.random.choice([0, 1, 2, 12, MAX_RANGE])
            found = life.token.balance_seconds_range(life.holder, epoch, count)
            assert found == [life.seconds(epoch + index) for index in range(count)], epoch


@pytest.fixture(scope="module")
def places(_chain_of_the_module) -> Any:
    return boa.loads(PLACES)


def _roundest(epoch: int, next_epoch: int) -> int:
    """By looking at all of them."""
    return max(range(epoch, next_epoch), key=lambda number: number & -number)


def test_place__each_small_interval__is_the_roundest_number(places):
    for epoch in range(1, 40):
        for next_epoch in range(epoch + 1, 41):
            assert places.place(epoch, next_epoch) == _roundest(epoch, next_epoch)


def test_place__large_intervals__are_the_roundest_number(places):
    rng = random.Random(1)
    for _ in range(100):
        epoch = rng.randrange(1, 2**20 - 3_000)
        next_epoch = epoch + rng.randrange(1, 3_000)
        assert places.place(epoch, next_epoch) == _roundest(epoch, next_epoch)
    assert places.place(1, 2**20 - 1) == 2**19

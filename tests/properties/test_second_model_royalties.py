"""P6: a second opinion on what models earn: block by block, share by share, table by table.

Follows `interfaces/IRoyaltyRouter.vyi`, `ILineageRules.vyi` and `IModelRegistry.vyi`. Money is
divided one block of 10,000 units at a time; each block is dealt out unit by unit to its receivers.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import boa
import pytest
from eth.codecs.abi.exceptions import DecodeError

from tests.kits.lineage import World
from tests.kits.models import (
    Kind,
    account_share,
    campaign_share,
    register,
    treasury_share,
)
from tests.support import account, fresh_chain

BLOCK = 10_000


@dataclass
class Model:
    owner: str
    foundation: bool
    split: list[tuple[object, int]]
    free: bool
    fee: int = 0
    table: dict[int, int] = field(default_factory=dict)
    pending: int = 0
    own: int = 0


class Books:
    """Models by their number, floors, and what everybody is owed, as the interfaces tell it."""

    def __init__(self) -> None:
        self.models: dict[int, Model] = {}
        self.floors: Counter[int] = Counter()
        self.credits: Counter[object] = Counter()

    def table(self, links: list[tuple[int, int | None]]) -> dict[int, int] | None:
        """Share by ancestor; links are (parent, licensed share or None if own). None: refused."""
        licensed: Counter[int] = Counter()
        own: Counter[int] = Counter()
        maker: dict[int, int] = {}
        for parent, share in links:
            given = [
                (a, b if share is None else share * b // BLOCK)
                for a, b in self.models[parent].table.items()
            ]
            rest = 0 if share is None else share - sum(part for _, part in given)
            for ancestor, part in [*given, (parent, rest)]:
                if part or self.models[ancestor].foundation:
                    maker.setdefault(ancestor, parent)
                if share is None:
                    own[ancestor] = max(own[ancestor], part)
                else:
                    licensed[ancestor] += part
        entries = {a: licensed[a] + own[a] for a in maker}
        direct = {parent for parent, share in links if share is not None}
        while len(entries) > 16:
            loose = [a for a in entries if not self.floors[a] and a not in direct]
            if not loose:
                return None
            goes = min(loose, key=lambda a: entries[a])
            left = entries.pop(goes)
            heir = maker[goes]
            if heir not in entries:
                heir = max(entries, key=lambda a: entries[a])
            entries[heir] += left
        owed = {a: max(share, self.floors[a]) for a, share in entries.items()}
        return owed if sum(owed.values()) <= 5_000 else None

    def pay(self, number: int, amount: int) -> None:
        self.models[number].pending += amount

    def settle(self, number: int) -> int:
        """One block after another."""
        model, divided = self.models[number], 0
        while model.pending >= BLOCK:
            model.pending -= BLOCK
            dealt = model.fee + sum(model.table.values())
            self.credits["treasury"] += model.fee
            for ancestor, share in model.table.items():
                self.models[ancestor].own += share
            model.own += BLOCK - dealt
            divided += dealt
        while model.own >= BLOCK:
            model.own -= BLOCK
            divided += BLOCK
            for receiver, bps in model.split:
                self.credits[receiver] += bps
        return divided


class Life:
    """Random models, payments, settlements and refreshes on a chain and in the books."""

    def __init__(self, dice: Random) -> None:
        self.dice, self.books, self.world = dice, Books(), World()
        self.router, self.registry = self.world.router, self.world.registry
        self.asset, self.owner = self.world.asset, self.world.owner
        self.makers = [account(f"maker {n}") for n in range(3)]
        for _ in range(2):
            self.world.suite.rewards.create_campaign(
                account("publisher"), 7 * 86_400, (1, b"\xda" * 32, "ipfs://d")
            )
        self.fee = 0

    def split(self) -> tuple[list, list]:
        dice = self.dice
        receivers = ["treasury", 1, 2, *self.makers]
        who = dice.sample(receivers, dice.randint(1, len(receivers)))
        cuts = sorted(dice.sample(range(1, BLOCK), len(who) - 1))
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, BLOCK], strict=True)]
        shares, ours = [], []
        for name, bps in zip(who, parts, strict=True):
            if name == "treasury":
                shares.append(treasury_share(bps))
            elif isinstance(name, int):
                shares.append(campaign_share(name, bps))
            else:
                shares.append(account_share(name, bps))
            ours.append((name, bps))
        return shares, ours

    def model(self) -> None:
        dice, books = self.dice, self.books
        maker = dice.choice([*self.makers, self.owner])
        numbers = list(books.models)
        parents = dice.sample(numbers, min(len(numbers), dice.choice((0, 1, 1, 2, 3, 4))))
        links = []
        for parent in parents:
            is_own = books.models[parent].owner == maker and dice.random() < 0.7
            links.append((parent, None if is_own else dice.choice((0, 1, 3, 700, 1_500, 5_000))))
        table = books.table(links)
        named = [
            (p, 0 if s is None else self.world.rights.grant(p, maker, s, 255)) for p, s in links
        ]
        shares, ours = self.split()
        terms = {
            "split": shares,
            "parents": named,
            "kind": Kind.FINE_TUNE if links else Kind.FOUNDATION,
        }
        if table is None:
            # titanoboa cannot always render the failed call.
            with pytest.raises((boa.BoaError, DecodeError)):
                register(self.registry, maker, **terms)
            return
        number = register(self.registry, maker, **terms)
        free = maker == self.owner
        model = Model(maker, not links, ours, free, 0 if free else self.fee, table)
        books.models[number] = model
        assert self.world.table(number) == table, (number, links)

    def pay(self) -> None:
        number = self.dice.choice(list(self.books.models))
        amount = int(10 ** self.dice.uniform(0, 6.3)) if self.dice.random() < 0.8 else BLOCK
        self.world.earn(number, amount)
        self.books.pay(number, amount)

    def settle(self) -> None:
        number = self.dice.choice(list(self.books.models))
        assert self.router.settle(number, self.asset) == self.books.settle(number)

    def refresh(self) -> None:
        number = self.dice.choice(list(self.books.models))
        self.registry.refresh(number)
        self.books.settle(number)
        model = self.books.models[number]
        model.fee = 0 if model.free else self.fee

    def change_fee(self) -> None:
        self.fee = self.dice.choice((0, 1, 250, 500))
        self.registry.set_protocol_fee(self.fee, sender=self.owner)

    def change_floor(self) -> None:
        found = [n for n, model in self.books.models.items() if model.foundation]
        number, bps = self.dice.choice(found), self.dice.choice((0, 1, 100, 500))
        self.registry.set_floor(number, bps, sender=self.owner)
        self.books.floors[number] = bps

    def compare(self) -> None:
        books, router, asset = self.books, self.router, self.asset
        owed = 0
        for number, model in books.models.items():
            assert router.pending(number, asset) == model.pending
            assert router.own_pending(number, asset) == model.own
            owed += model.pending + model.own
        for receiver in self.makers:
            assert router.credit(receiver, asset) == books.credits[receiver]
        assert router.treasury_credit(asset) == books.credits["treasury"]
        for campaign in (1, 2):
            assert router.campaign_credit(campaign, asset) == books.credits[campaign]
        owed += sum(books.credits.values())
        assert router.accounted(asset) == self.world.suite.asset.balanceOf(router) == owed

    def play(self, steps: int) -> None:
        self.model()
        moves = [self.model, self.model, self.pay, self.pay, self.settle, self.settle]
        moves += [self.refresh, self.change_fee, self.change_floor]
        for _ in range(steps):
            self.dice.choice(moves)()
            if self.dice.random() < 0.2:
                self.compare()
        for number in sorted(self.books.models, reverse=True):
            assert self.router.settle(number, self.asset) == self.books.settle(number)
        self.compare()


@pytest.mark.parametrize("seed", range(3))
def test_random_life__block_by_block__everybody_has_what_the_router_says(seed):
    with fresh_chain():
        Life(Random(seed)).play(90)

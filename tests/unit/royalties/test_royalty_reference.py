"""I13 at length: thousands of payments over one random family of models, beside plain Python.

Direct payments, reports of licences and settlements in random order, while splits and the protocol
fee change under them. What every receiver is owed and what waits for every model is worked out by
`flywheel.models.lineage` and `flywheel.licensing.reference` and must be the same to the unit.
"""

import os
import random
from collections import Counter

import boa
import pytest

from flywheel.licensing.reference import Account, Rates
from flywheel.models import lineage
from flywheel.models.lineage import TREASURY, Link
from tests.kits.licensing import (
    EVIDENCE,
    MAX_UINT,
    add_campaign,
    deploy_suite,
    license_terms,
)
from tests.kits.models import BPS, Kind, register
from tests.kits.splits import plain_split, random_datasets, random_split
from tests.kits.treasury import accept
from tests.support import DAY, account, deploy, deploy_asset, now, pass_time, warp_to

MODELS = 32
FOUNDATIONS = 8
LICENSES = 8
CAMPAIGNS = 4
MAX_ANCESTORS = 16
LATE_BPS = 1_111
NOTICE = 14 * DAY
PERIOD = 28 * DAY
DERIVED = [kind for kind in Kind if kind != Kind.FOUNDATION]
DEEP = int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
# Of one life.
PAYMENTS = 600 if DEEP == 1 else 2_000


class Family:
    """A suite, its models and licences, and what plain Python says about them."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.dao, self.payer = account("dao"), account("payer")
        self.people = [account(f"person {number}") for number in range(6)]
        self.suite = deploy_suite(self.dao)
        self.registry, self.router = self.suite.registry, self.suite.router
        self.assets = [self.suite.asset, deploy_asset("DAI", 18)]
        accept(self.suite.treasury, self.dao, self.assets[1])
        for asset in self.assets:
            asset.mint(self.payer, 2**200)
            for spender in (self.router, self.suite.market):
                asset.approve(spender.address, MAX_UINT, sender=self.payer)
        self.rights = deploy("MockDerivations")
        self.registry.set_rights(self.rights.address, sender=self.dao)
        self.registry.set_rewards(self.suite.rewards.address, sender=self.dao)
        for _ in range(CAMPAIGNS):
            add_campaign(self.suite)
        self.tables, self.owners, self.floors, self.splits, self.fees = {}, {}, {}, {}, {}
        self.datasets, self.next_splits, self.fee = {}, {}, 0
        self.foundations: set[int] = set()
        # Model, asset => paid, its own; receiver, asset => owed.
        self.paid, self.own, self.owed = Counter(), Counter(), Counter()
        self.withdrawn, self.licenses = Counter(), {}

    # --- models ---

    def add_model(self) -> None:
        dice = self.dice
        who = dice.choice([*self.people, self.dao])
        # Of the youngest, so that lineages grow deep.
        youngest = sorted(self.tables)[-12:] if len(self.tables) >= FOUNDATIONS else []
        parents = dice.sample(youngest, min(len(youngest), dice.choice([0, 1, 3, 4, 4])))
        links, given = [], []
        kind = dice.choice(DERIVED if parents else list(Kind))
        for parent in parents:
            if self.owners[parent] == who:
                links.append(Link(parent, own=True))
                given.append((parent, 0))
            else:
                links.append(Link(parent, dice.randint(1, 1_100)))
                share = links[-1].share_bps
                given.append((parent, self.rights.grant(parent, who, share, int(kind))))
        datasets = random_datasets(dice, CAMPAIGNS)
        split = random_split(dice, self.people, CAMPAIGNS)
        terms = {"kind": int(kind), "parents": given, "split": split, "datasets": datasets}
        try:
            table = lineage.table_of(links, self.tables, self.floors, self.foundations)
        except ValueError as error:
            with boa.reverts(str(error)):
                register(self.registry, who, **terms)
            return
        model_id = register(self.registry, who, **terms)
        found = {item.model_id: item.share_bps for item in self.registry.ancestors(model_id)}
        assert found == table
        self.tables[model_id], self.owners[model_id] = table, who
        self.datasets[model_id] = datasets
        self.splits[model_id] = plain_split(split, datasets)
        self.fees[model_id] = 0 if who == self.dao else self.fee
        if kind == Kind.FOUNDATION:
            self.foundations.add(model_id)
        if kind == Kind.FOUNDATION and dice.random() < 0.3:
            self.floors[model_id] = dice.randint(1, 90)
            self.registry.set_floor(model_id, self.floors[model_id], sender=self.dao)

    # --- licences ---

    def sell(self) -> None:
        dice = self.dice
        model_id, asset = dice.choice(sorted(self.tables)), dice.choice(self.assets)
        rates = Rates(dice.randint(0, BPS), dice.randint(0, 99), dice.randint(1, 10**6))
        rates = Rates(rates.share_bps, rates.price_per_unit, rates.minimum, dice.choice([0, 10**8]))
        fee, grace = dice.randint(1, 10**9), dice.choice([7, 14, 28]) * DAY
        terms = license_terms(
            self.suite,
            model_id=model_id,
            asset=asset.address,
            upfront_fee=fee,
            share_bps=rates.share_bps,
            price_per_unit=rates.price_per_unit,
            minimum_per_period=rates.minimum,
            royalty_cap=rates.cap,
            late_bps_per_year=LATE_BPS,
            period_seconds=PERIOD,
            grace_seconds=grace,
            term_seconds=0,
        )
        terms_id = self.suite.catalog.offer_terms(terms, sender=self.owners[model_id])
        arguments = (terms_id, self.suite.catalog.terms_hash(terms_id), fee)
        license_id = self.suite.market.buy(*arguments, sender=self.payer)
        self.receive(model_id, asset, fee)
        book = Account(rates, LATE_BPS, now(), PERIOD, grace, None, now())
        self.licenses[license_id] = (model_id, asset, book)

    def report(self) -> None:
        """The next period of a licence, in time or late, and all that it owes by then."""
        dice = self.dice
        license_id = dice.choice(sorted(self.licenses))
        model_id, asset, book = self.licenses[license_id]
        late = dice.choice([0, 1, PERIOD])
        warp_to(max(now(), book.start + (book.reported + 1) * PERIOD + late))
        book.pass_to(now())
        revenue, units = dice.choice([0, self.odd_amount()]), dice.randrange(1_000)
        period = book.reported + 1
        book.report(revenue, units)
        expected = book.pay(book.outstanding)
        arguments = (license_id, period, revenue, EVIDENCE, expected, units)
        assert self.suite.market.report_and_pay(*arguments, sender=self.payer) == expected
        self.receive(model_id, asset, expected)

    # --- money ---

    def odd_amount(self) -> int:
        dice = self.dice
        return dice.choice([dice.randint(1, 30), dice.randint(1, 10**12), dice.randint(1, 2**100)])

    def receive(self, model_id, asset, amount) -> None:
        self.paid[model_id, asset.address] += amount

    def pay(self) -> None:
        model_id, asset = self.dice.choice(sorted(self.tables)), self.dice.choice(self.assets)
        amount = self.odd_amount()
        self.router.pay(model_id, asset.address, amount, EVIDENCE, sender=self.payer)
        self.receive(model_id, asset, amount)

    def divide(self, model_id, address) -> int:
        """A settlement in plain Python."""
        key = (model_id, address)
        waited = self.paid[key] + self.own[key]
        parts = lineage.divide(
            self.paid[key],
            self.own[key],
            self.tables[model_id],
            self.splits[model_id],
            self.fees[model_id],
        )
        self.paid[key], self.own[key] = parts.pending, parts.own
        credited = sum(parts.ancestors.values()) + sum(parts.receivers.values())
        assert credited == waited - parts.pending - parts.own
        for ancestor, part in parts.ancestors.items():
            self.own[ancestor, address] += part
        for receiver, part in parts.receivers.items():
            self.owed[receiver, address] += part
        return credited

    def settle(self) -> None:
        model_id = self.dice.choice(sorted(self.tables))
        address = self.dice.choice(self.assets).address
        assert self.router.settle(model_id, address) == self.divide(model_id, address)
        receiver = self.dice.choice(self.splits[model_id]).receiver
        assert self.credit(receiver, address) == self.owed[receiver, address]

    def credit(self, receiver, address) -> int:
        if receiver == TREASURY:
            return self.router.treasury_credit(address)
        if isinstance(receiver, int):
            return self.router.campaign_credit(receiver, address)
        return self.router.credit(receiver, address)

    def withdraw(self) -> None:
        receiver = self.dice.choice([*self.people, TREASURY, *range(1, CAMPAIGNS + 1)])
        asset = self.dice.choice(self.assets)
        expected = self.owed.pop((receiver, asset.address), 0)
        if receiver == TREASURY:
            taken = self.router.forward_income(asset.address)
        elif isinstance(receiver, int):
            taken = self.router.forward_campaign(receiver, asset.address)
        else:
            taken = self.router.withdraw(receiver, asset.address)
        assert taken == expected

    # --- changes of what is in force ---

    def change_split(self) -> None:
        model_id = self.dice.choice(sorted(self.tables))
        split = random_split(self.dice, self.people, CAMPAIGNS)
        self.registry.set_split(model_id, split, sender=self.owners[model_id])
        self.next_splits[model_id] = (
            now() + NOTICE,
            plain_split(split, self.datasets[model_id]),
        )
        pass_time(self.dice.choice([DAY, NOTICE]))
        self.refresh(self.dice.choice([model_id, *self.next_splits]))

    def change_fee(self) -> None:
        self.fee = self.dice.randint(0, 500)
        self.registry.set_protocol_fee(self.fee, sender=self.dao)
        self.refresh(self.dice.choice(sorted(self.tables)))

    def refresh(self, model_id) -> None:
        """Divides all that waits by what was in force, then puts in force what is due."""
        self.registry.refresh(model_id)
        for asset in self.assets:
            self.divide(model_id, asset.address)
        self.fees[model_id] = 0 if self.owners[model_id] == self.dao else self.fee
        if model_id in self.next_splits and self.next_splits[model_id][0] <= now():
            self.splits[model_id] = self.next_splits.pop(model_id)[1]

    # --- the whole ---

    def check(self) -> None:
        """Every figure of the router, and that they are all there is."""
        for asset in self.assets:
            address = asset.address
            receivers = [*self.people, TREASURY, *range(1, CAMPAIGNS + 1)]
            for receiver in receivers:
                assert self.credit(receiver, address) == self.owed[receiver, address]
            for model_id in self.tables:
                assert self.router.pending(model_id, address) == self.paid[model_id, address]
                assert self.router.own_pending(model_id, address) == self.own[model_id, address]
            figures = [*self.paid.items(), *self.own.items(), *self.owed.items()]
            whole = sum(amount for (_, where), amount in figures if where == address)
            assert self.router.accounted(address) == whole == asset.balanceOf(self.router.address)


@pytest.mark.parametrize("seed", range(DEEP))
def test_router__hundreds_of_payments__match_the_reference_to_the_unit(seed):
    with boa.env.anchor():
        family = Family(seed)
        # Some families are wide before they are deep: they grow until one table is full.
        while len(family.tables) < MODELS or max(map(len, family.tables.values())) < MAX_ANCESTORS:
            family.add_model()
        sizes = [len(table) for table in family.tables.values()]
        assert (min(sizes), max(sizes)) == (0, MAX_ANCESTORS)
        for _ in range(LICENSES):
            family.sell()
        steps = [family.settle] * 8 + [family.withdraw, family.change_fee, family.change_split]
        for number in range(PAYMENTS):
            (family.report if number % 8 == 0 else family.pay)()
            if number % 4 == 0:
                family.dice.choice(steps)()
            if number % 400 == 0:
                family.check()
        assert any(book.lapses for _, _, book in family.licenses.values())
        for model_id in sorted(family.tables, reverse=True):
            family.refresh(model_id)
        family.check()
        assert max((family.paid | family.own).values()) < BPS

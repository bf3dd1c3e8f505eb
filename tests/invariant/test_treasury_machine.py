"""I13, I14 (claims), I18 and I21: buckets, promises and holders' pots against plain sums."""

from typing import Any

import boa
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.invariant.token_model import TokenModel
from tests.invariant.treasury_model import BPS, MoneyModel, Promise
from tests.kits import treasury as kit
from tests.support import (
    DAY,
    EPOCH_SECONDS,
    account,
    deploy_asset,
    now,
    pass_time,
    warp_to,
)

HOLDERS = 6
PURPOSES = (kit.RESERVE, kit.GRANTS, 3)
MAX_EPOCHS_PER_CLAIM = 26
RECYCLE_SECONDS = 730 * DAY

# How often each handler comes up. One rule draws from it: hypothesis leaves whole rules out of most
# examples.
WEIGHTS = {
    "transfer": 6,
    "mint": 1,
    "toggle_exclusion": 1,
    "wait": 5,
    "earn": 5,
    "deposit": 3,
    "donate": 1,
    "set_policy": 1,
    "spend": 1,
    "move_free": 1,
    "commit": 3,
    "pay": 2,
    "release": 2,
    "close": 6,
    "claim": 5,
    "roll": 1,
    "recycle": 2,
    "give_in_kind": 1,
    "spend_in_kind": 1,
    "overdraw": 1,
    "close_too_early_or_twice": 1,
}
# These run no code of the two contracts, so nothing is checked after them.
MONEYLESS = {"transfer", "mint", "toggle_exclusion", "wait"}

amounts = st.one_of(st.integers(1, 9), st.integers(1, 10**24))
# Shares of what there is, in 10_000ths: least, all, any.
parts = st.one_of(st.sampled_from([1, BPS]), st.integers(1, BPS))


def _part(amount: int, part: int) -> int:
    """At least one unit of an amount above zero."""
    return max(1, amount * part // BPS)


class TreasuryMachine(ChainMachine):
    handlers = HandlerCount()

    def set_up(self) -> None:
        self.owner = account("owner")
        self.stranger = account("stranger")
        self.payee = account("payee")
        self.committer = account("committer")
        self.controllers = [account("grants"), account("compute")]
        self.holders = [account(f"holder {i}") for i in range(HOLDERS)]
        self.token = kit.deploy_token(self.owner)
        self.money = kit.deploy_money(self.token, self.owner)
        self.treasury, self.income = self.money.treasury, self.money.income
        self.assets = [
            kit.accept(self.treasury, self.owner, deploy_asset(symbol, decimals))
            for symbol, decimals in (("USDC", 6), ("DAI", 18))
        ]
        self.router = kit.income_source(self.treasury, self.owner)
        self.treasury.set_committer(self.committer, True, sender=self.owner)
        self.treasury.create_purpose("compute", sender=self.owner)
        self.gift = deploy_asset("GIFT", 18)
        self.tokens = TokenModel(self.token.GENESIS(), EPOCH_SECONDS)
        self.model = MoneyModel(self.tokens, kit.HOLDERS_BPS, kit.GRANTS_BPS)

    # --- what there is to choose from: at most one of it is picked ---

    @property
    def epoch(self) -> int:
        return self.tokens.epoch_at(now())

    def picked(self, choice: list) -> list:
        return [choice[self.pick % len(choice)]] if choice else []

    def closable(self) -> list[tuple[int, Any]]:
        """Of each asset the one past epoch that may be closed next."""
        found = [(self.model.first_unclosed(asset.address), asset) for asset in self.assets]
        return [(epoch, asset) for epoch, asset in found if 0 < epoch < self.epoch]

    def some_free_money(self) -> list[tuple[int, str, int]]:
        """Purpose, asset and a part of what is free there."""
        filled = sorted(key for key, amount in self.model.free.items() if amount > 0)
        return [(*key, _part(self.model.free[key], self.part)) for key in self.picked(filled)]

    def some_promise(self) -> list[tuple[int, Promise]]:
        """Id and record of a commitment with something left."""
        live = [(i, p) for i, p in enumerate(self.model.promises, 1) if p.remaining > 0]
        return self.picked(live)

    @initialize(
        amounts=st.lists(st.integers(0, 2**80), min_size=HOLDERS, max_size=HOLDERS),
        late=st.booleans(),
    )
    def issue(self, amounts: list[int], late: bool) -> None:
        """Late: the first epoch passes with nobody to share in it, but with income."""
        if late:
            for asset in self.assets:
                self.receive(asset, 10**12 + 7)
            kit.end_epoch(self.treasury)
        for holder, amount in zip(self.holders, amounts, strict=True):
            if amount > 0:
                self.token.mint(holder, amount, sender=self.owner)
                self.tokens.mint(now(), holder, amount)

    @rule(
        action=st.sampled_from([name for name, times in WEIGHTS.items() for _ in range(times)]),
        pick=st.integers(0, 10**6),
        who=st.integers(0, HOLDERS - 1),
        to=st.integers(0, HOLDERS - 1),
        amount=amounts,
        part=parts,
    )
    def act(self, action: str, pick: int, who: int, to: int, amount: int, part: int) -> None:
        self.pick, self.part, self.amount = pick, part, amount
        self.who, self.to = self.holders[who], self.holders[to]
        self.asset = self.assets[to % 2]
        self.purpose = PURPOSES[who % len(PURPOSES)]
        getattr(self, action)()
        if action not in MONEYLESS:
            self.check_treasury()
            self.check_holders_pots()

    # --- the token and time ---

    def transfer(self) -> None:
        if self.tokens.balances[self.who] == 0:
            return
        amount = _part(self.tokens.balances[self.who], self.part)
        with self.handlers.counts("transfer"):
            self.token.transfer(self.to, amount, sender=self.who)
            self.tokens.transfer(now(), self.who, self.to, amount)

    def mint(self) -> None:
        with self.handlers.counts("mint"):
            self.token.mint(self.to, self.amount, sender=self.owner)
            self.tokens.mint(now(), self.to, self.amount)

    def toggle_exclusion(self) -> None:
        excluded = self.who not in self.tokens.excluded
        with self.handlers.counts("toggle_exclusion"):
            self.token.internal._set_excluded(self.who, excluded)
            self.tokens.set_excluded(now(), self.who, excluded)

    def wait(self) -> None:
        """Some days, or to the second before, of, or after the begin of an epoch."""
        offset = self.pick % 4 - 1
        if offset > 1:
            pass_time(self.part * DAY // 500)
        else:
            boundary = self.token.epoch_start(self.epoch + 1 + self.part % 2)
            warp_to(max(now(), boundary + offset))

    # --- money in ---

    def receive(self, asset: Any, amount: int) -> None:
        epoch = kit.earn(self.treasury, asset, self.router, amount)
        self.model.income[epoch, asset.address] += amount

    def earn(self) -> None:
        with self.handlers.counts("earn"):
            self.receive(self.asset, self.amount)

    def deposit(self) -> None:
        with self.handlers.counts("deposit"):
            kit.deposit(self.treasury, self.asset, self.stranger, self.purpose, self.amount)
            self.model.free[self.purpose, self.asset.address] += self.amount

    def donate(self) -> None:
        target = (self.treasury, self.income)[self.pick % 2].address
        with self.handlers.counts("donate"):
            self.asset.mint(target, self.amount)
            self.model.donated[target, self.asset.address] += self.amount

    # --- governance ---

    def set_policy(self) -> None:
        holders_bps = self.pick % 5_001
        grants_bps = 4_000 + (BPS - holders_bps - 4_000) * self.part // BPS
        with self.handlers.counts("set_policy"):
            start = self.treasury.set_policy(holders_bps, grants_bps, sender=self.owner)
            assert start == self.epoch + 2
            self.model.policies[start] = (holders_bps, grants_bps)

    def spend(self) -> None:
        for purpose, asset, amount in self.some_free_money():
            with self.handlers.counts("spend"):
                function = self.within_cap("spend", 0, asset, amount)
                function(purpose, asset, self.payee, amount, sender=self.owner)
                self.model.free[purpose, asset] -= amount
                self.model.outflows.append((now(), 0, asset, amount))

    def within_cap(self, function: str, purpose: int, asset: str, amount: int) -> Any:
        """The ordinary function if the model leaves room for it, else the one beyond the cap."""
        view = self.treasury.grantable if purpose else self.treasury.spendable
        room = self.model.room(purpose, asset, now())
        assert view(*((purpose, asset) if purpose else (asset,))) == room
        return getattr(self.treasury, function if amount <= room else f"{function}_beyond_cap")

    def move_free(self) -> None:
        for purpose, asset, amount in self.some_free_money():
            with self.handlers.counts("move_free"):
                self.treasury.move_free(purpose, self.purpose, asset, amount, sender=self.owner)
                self.model.free[purpose, asset] -= amount
                self.model.free[self.purpose, asset] += amount

    # --- promises ---

    def commit(self) -> None:
        controller = self.controllers[self.pick % 2]
        for purpose, asset, amount in self.some_free_money():
            with self.handlers.counts("commit"):
                function = self.within_cap("commit", purpose, asset, amount)
                found = function(purpose, asset, amount, controller, sender=self.committer)
                self.model.free[purpose, asset] -= amount
                self.model.outflows.append((now(), purpose, asset, amount))
                self.model.promises.append(Promise(controller, purpose, asset, amount))
                assert found == len(self.model.promises)

    def pay(self) -> None:
        for index, promise in self.some_promise():
            amount = _part(promise.remaining, self.part)
            with self.handlers.counts("pay"):
                self.treasury.pay_commitment(index, self.payee, amount, sender=promise.controller)
                promise.remaining -= amount
            assert self.treasury.commitment(index).remaining == promise.remaining

    def release(self) -> None:
        for index, promise in self.some_promise():
            amount = _part(promise.remaining, self.part)
            with self.handlers.counts("release"):
                self.treasury.release_commitment(index, amount, sender=promise.controller)
                promise.remaining -= amount
                self.model.free[promise.purpose, promise.asset] += amount
            assert self.treasury.commitment(index).remaining == promise.remaining

    # --- epochs and claims ---

    def close(self) -> None:
        for epoch, asset in self.picked(self.closable()):
            with self.handlers.counts("close"):
                self.close_and_compare(epoch, asset)

    def claim(self) -> None:
        first, count = 1 + self.pick % self.epoch, 1 + self.part % MAX_EPOCHS_PER_CLAIM
        with self.handlers.counts("claim"):
            self.claim_and_compare(self.who, self.asset, first, count)

    def roll(self) -> None:
        with self.handlers.counts("roll"):
            self.roll_and_compare(self.asset)

    def roll_and_compare(self, asset: Any) -> None:
        limit = self.model.first_unclosed(asset.address) or self.epoch
        until = min(limit, self.epoch)
        self.model.roll(asset.address, until, now())
        while (
            self.income.carried(asset.address) and self.income.settled_to(asset.address) + 1 < until
        ):
            self.income.roll(asset.address, sender=self.stranger)
        self.income.roll(asset.address, sender=self.stranger)
        self.model.give_lapsed(asset.address)
        assert self.income.settled_to(asset.address) == self.model.settled_to[asset.address]

    def recycle(self) -> None:
        """Also jumps two years ahead, now and then."""
        pots = sorted(key for key in self.model.made_at if key not in self.model.recycled)
        for epoch, asset in self.picked(pots):
            due = self.model.made_at[epoch, asset] + RECYCLE_SECONDS
            if now() < due:
                with boa.reverts("pot is too young"):
                    self.income.recycle(epoch, asset, sender=self.stranger)
                if self.part % 5:
                    return
                warp_to(due)
            with self.handlers.counts("recycle"):
                self.recycle_and_compare(epoch, asset)

    def recycle_and_compare(self, epoch: int, asset: str) -> None:
        amount = self.income.recycle(epoch, asset, sender=self.stranger)
        assert amount == self.model.recycle(epoch, asset)
        assert self.income.is_recycled(epoch, asset)

    def give_in_kind(self) -> None:
        with self.handlers.counts("give_in_kind"):
            self.gift.mint(self.stranger, self.amount)
            self.gift.approve(self.treasury.address, self.amount, sender=self.stranger)
            self.treasury.receive_in_kind(self.gift.address, self.amount, sender=self.stranger)
            self.model.in_kind[self.gift.address] += self.amount

    def spend_in_kind(self) -> None:
        held = self.model.in_kind[self.gift.address]
        if held:
            amount = _part(held, self.part)
            with self.handlers.counts("spend_in_kind"):
                self.treasury.spend_in_kind(
                    self.gift.address, self.payee, amount, sender=self.owner
                )
                self.model.in_kind[self.gift.address] -= amount

    def close_and_compare(self, epoch: int, asset: Any) -> None:
        amount = self.model.income[epoch, asset.address]
        # More than 26 epochs behind it has to be called.
        self.roll_and_compare(asset)
        self.treasury.close_epoch(epoch, asset.address, sender=self.stranger)
        parts_found = next(
            row[3:] for row in kit.event_rows(self.treasury) if row[0] == "EpochClosed"
        )
        assert sum(parts_found) == amount
        assert parts_found == self.model.close(epoch, asset.address, now())

    def claim_and_compare(self, holder: str, asset: Any, first: int, count: int) -> None:
        claimable = self.income.claimable(holder, asset.address, first, count)
        paid = self.income.claim(holder, asset.address, first, count, sender=self.stranger)
        expected = self.model.claim(holder, asset.address, range(first, first + count), now())
        assert claimable == paid == expected
        assert asset.balanceOf(holder) == self.model.paid_to(holder, asset.address)
        for epoch in range(first, min(first + count, self.epoch)):
            self.check_pot(epoch, asset.address)

    def check_pot(self, epoch: int, asset: str) -> None:
        claimed = self.income.claimed_total(epoch, asset)
        assert claimed == self.model.claimed_of(epoch, asset)
        assert claimed <= self.income.pot(epoch, asset) == self.model.pots.get((epoch, asset), 0)

    # --- what must be refused whenever it is tried ---

    def overdraw(self) -> None:
        asset = self.asset.address
        excess = self.model.free[self.purpose, asset] + 1
        spends = (self.purpose, asset, self.payee)
        with boa.reverts("free money is too low"):
            self.treasury.spend_beyond_cap(*spends, excess, sender=self.owner)
        with boa.reverts("free money is too low"):
            self.treasury.commit_beyond_cap(
                self.purpose, asset, excess, self.payee, sender=self.committer
            )
        with boa.reverts("spend is above the cap"):
            more = self.model.room(0, asset, now()) + 1
            self.treasury.spend(*spends, more, sender=self.owner)
        with boa.reverts("grant is above the cap"):
            more = self.model.room(self.purpose, asset, now()) + 1
            self.treasury.commit(self.purpose, asset, more, self.payee, sender=self.committer)
        for index, promise in self.some_promise():
            with boa.reverts("commitment is too low"):
                self.treasury.pay_commitment(
                    index, self.payee, promise.remaining + 1, sender=promise.controller
                )
            other = next(c for c in self.controllers if c != promise.controller)
            with boa.reverts("caller is not the controller"):
                self.treasury.release_commitment(index, 1, sender=other)

    def close_too_early_or_twice(self) -> None:
        with boa.reverts("epoch is not over"):
            self.treasury.close_epoch(self.epoch, self.asset.address)
        for epoch, asset in self.picked(sorted(self.model.closed)):
            with boa.reverts("epoch is closed already"):
                self.treasury.close_epoch(epoch, asset)

    # --- what must hold after each step ---

    def check_treasury(self) -> None:
        """I21 and I18, by the contract's own views and by the model."""
        for asset in self.assets:
            address = asset.address
            free = [self.treasury.free(purpose, address) for purpose in PURPOSES]
            committed = [self.treasury.committed(purpose, address) for purpose in PURPOSES]
            unclosed = self.treasury.unclosed_income(address)
            assert free == [self.model.free[purpose, address] for purpose in PURPOSES]
            assert committed == [self.model.committed(purpose, address) for purpose in PURPOSES]
            assert unclosed == self.model.unclosed(address)
            assert self.treasury.total_free(address) == sum(free)
            assert self.treasury.total_committed(address) == sum(committed)
            accounted = self.treasury.accounted(address)
            assert accounted == sum(free) + sum(committed) + unclosed == self.model.owned(address)
            donated = self.model.donated[self.treasury.address, address]
            assert asset.balanceOf(self.treasury.address) == accounted + donated
            buckets = (sum(free), sum(committed), unclosed, 0, 0)
            statement = (accounted + donated, accounted, *buckets)
            assert tuple(self.treasury.statement(address)) == statement
            assert self.treasury.first_unclosed(address) == self.model.first_unclosed(address)
        in_kind = self.model.in_kind[self.gift.address]
        assert self.treasury.in_kind(self.gift.address) == in_kind
        assert self.gift.balanceOf(self.treasury.address) == in_kind

    def check_holders_pots(self) -> None:
        for asset in self.assets:
            accounted = self.income.accounted(asset.address)
            assert accounted == self.model.owed_to_holders(asset.address)
            assert self.income.carried(asset.address) == self.model.carried[asset.address]
            donated = self.model.donated[self.income.address, asset.address]
            assert asset.balanceOf(self.income.address) == accounted + donated

    # --- the end of an example: everybody leaves ---

    def check_at_end(self) -> None:
        kit.end_epoch(self.treasury)
        while self.closable():
            for epoch, asset in self.closable():
                self.close_and_compare(epoch, asset)
        for asset in self.assets:
            self.roll_and_compare(asset)
            for holder in self.holders:
                for first in range(1, self.epoch, MAX_EPOCHS_PER_CLAIM):
                    self.claim_and_compare(holder, asset, first, MAX_EPOCHS_PER_CLAIM)
            self.check_dust(asset)
        self.recycle_the_dust()
        self.empty_the_treasury()
        for asset in self.assets:
            assert self.treasury.accounted(asset.address) == 0
            for contract in (self.treasury, self.income):
                donated = self.model.donated[contract.address, asset.address]
                assert contract.skim(asset.address, self.owner, sender=self.owner) == donated
            assert asset.balanceOf(self.treasury.address) == 0

    def check_dust(self, asset: Any) -> None:
        """Of each pot less than a unit per claimant stays, and nothing else but what is carried."""
        dust = 0
        for epoch in range(1, self.epoch):
            claimants = sum(
                self.token.balance_seconds(holder, epoch) > 0 for holder in self.holders
            )
            pot = self.income.pot(epoch, asset.address)
            rest = pot - self.income.claimed_total(epoch, asset.address)
            if (epoch, asset.address) in self.model.recycled:
                continue
            assert rest == 0 if claimants == 0 else rest < claimants
            dust += rest
        carried = self.income.carried(asset.address)
        assert self.income.accounted(asset.address) == dust + carried

    def recycle_the_dust(self) -> None:
        """It is the next grants' money: with that, only what is carried stays."""
        pass_time(RECYCLE_SECONDS)
        for epoch, asset in sorted(self.model.made_at.keys() - self.model.recycled.keys()):
            self.recycle_and_compare(epoch, asset)
        for asset in self.assets:
            carried = self.income.carried(asset.address)
            assert self.income.accounted(asset.address) == carried
        self.check_treasury()

    def empty_the_treasury(self) -> None:
        for index, promise in enumerate(self.model.promises, 1):
            self.treasury.pay_commitment(
                index, self.payee, promise.remaining, sender=promise.controller
            )
        for purpose in PURPOSES:
            for asset in self.assets:
                amount = self.treasury.free(purpose, asset.address)
                if amount > 0:
                    self.treasury.spend_beyond_cap(
                        purpose, asset.address, self.payee, amount, sender=self.owner
                    )


def test_treasury_machine():
    run_machine(TreasuryMachine, examples=10, steps=50)

"""I9, I10, I13, I14, I16-I18, I20 and I22 over token, rounds, Treasury and holders' income at once.

The book of `flywheel.statement` follows every event and must show what every view shows (I22): the
machine needs no second model of the contracts. What the book cannot know is checked beside.
"""

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from flywheel.deploy.suite import Suite
from flywheel.statement import Book
from tests.invariant.booked import Booked
from tests.invariant.counting import ChainMachine, HandlerCount, run_machine
from tests.odd_assets import Entry, Fault, deploy_odd_asset
from tests.support import (
    CAPS,
    DAY,
    EPOCH_SECONDS,
    account,
    deploy,
    deploy_asset,
    fund_and_approve,
    now,
    pass_time,
    reverts_otherwise,
    warp_to,
)

ACTORS = 8
TOKEN = 10**18
PRICES = (500_000, TOKEN // 7, 3 * TOKEN)
ROUND_SECONDS = 10 * DAY
FINALIZE_SECONDS = 30 * DAY
RECYCLE_SECONDS = 730 * DAY
MAX_EPOCHS = 26
GRANTS = 2
# Neither pro rata nor an allow-list nor vesting: the machine of the rounds plays those.
FIRST_COME = (False, b"\0" * 32, 0, 0)
PENDING, OPEN, SUCCEEDED, FINALIZED, FAILED, CANCELLED = (1 << bit for bit in range(6))

WEIGHTS = {
    "open_round": 2,
    "contribute": 8,
    "conclude": 6,
    "leave_round": 8,
    "transfer": 4,
    "toggle_exclusion": 2,
    "wait": 6,
    "earn": 6,
    "close": 6,
    "claim": 6,
    "claim_to": 1,
    "recycle": 2,
    "commit": 2,
    "pay": 2,
    "spend": 1,
    "donate": 1,
    "pause": 1,
    "break_the_asset": 1,
}


class MoneyMachine(Booked, ChainMachine):
    handlers = HandlerCount()

    def set_up(self) -> None:
        self.owner, self.router = account("owner"), account("router")
        self.actors = [account(f"actor {number}") for number in range(ACTORS)]
        token = deploy(
            "GovernanceToken", "Flywheel", "FLY", now(), EPOCH_SECONDS, sender=self.owner
        )
        treasury = deploy("Treasury", token, 4_000, 4_000, *CAPS, sender=self.owner)
        income = deploy("HolderIncome", token, treasury, sender=self.owner)
        rules = deploy("RoundRules", token, treasury, sender=self.owner)
        rounds = deploy("FundingRounds", rules, sender=self.owner)
        redemptions = deploy("Redemptions", rounds, sender=self.owner)
        self.suite = Suite(
            {
                "GovernanceToken": token,
                "Treasury": treasury,
                "HolderIncome": income,
                "FundingRounds": rounds,
                "Redemptions": redemptions,
            }
        )
        self.names = {str(c.address): name for name, c in self.suite.contracts.items()}
        self.book, self.rounds_opened = Book(), 0
        self.assets = [deploy_asset("USDC", 6), deploy_odd_asset(Fault.RETURNS_NOTHING)]
        self.donated: Counter[tuple[str, str]] = Counter()
        self.paid_in: Counter[tuple[str, str]] = Counter()
        # Round, actor => how often it left, and with what.
        self.exits: Counter[tuple[int, str]] = Counter()
        for asset in self.assets:
            self.owners("Treasury", "accept_asset", asset)
        self.owners("Treasury", "set_holder_income", income)
        self.owners("Treasury", "set_income_source", self.router, True)
        self.owners("Treasury", "set_committer", self.owner, True)
        self.owners("GovernanceToken", "set_minter", rounds, 2**95)
        self.owners("FundingRounds", "set_redemptions", redemptions)
        for contract in (treasury, income, rounds, redemptions):
            self.owners("GovernanceToken", "set_excluded", contract, True)
        self.owners("FundingRounds", "set_guardian", self.owner, now() + 366 * DAY)

    # --- calls ---

    def owners(self, name: str, function: str, *args: Any) -> Any:
        return self.call(name, function, *args, sender=self.owner)

    @property
    def epoch(self) -> int:
        return int(self.suite.token.epoch_at(now()))

    def rounds_in(self, states: int) -> list[int]:
        every = range(1, self.rounds_opened + 1)
        return [i for i in every if self.suite.rounds.state(i) & states]

    def picked(self, choice: list[Any]) -> list[Any]:
        return [choice[self.pick % len(choice)]] if choice else []

    def part(self, amount: int) -> int:
        return max(1, amount * self.share // 100)

    # --- steps ---

    @initialize(amount=st.integers(1, 10**6))
    def begin(self, amount: int) -> None:
        """Two rounds, with money in them: most steps need holders."""
        self.pick = self.share = 0
        for number, asset in enumerate(self.assets):
            self.asset, self.pick, self.share = asset, number, 20
            self.open_round()
            for actor in self.actors[number::2]:
                self.actor, self.amount = actor, amount
                self.contribute()

    @rule(
        action=st.sampled_from([name for name, times in WEIGHTS.items() for _ in range(times)]),
        pick=st.integers(0, 10**6),
        actor=st.integers(0, ACTORS - 1),
        share=st.integers(1, 100),
        amount=st.one_of(st.integers(1, 9), st.integers(1, 10**12)),
    )
    def act(self, action: str, pick: int, actor: int, share: int, amount: int) -> None:
        self.pick, self.share, self.amount = pick, share, amount
        self.actor, self.asset = self.actors[actor], self.assets[pick % 2]
        getattr(self, action)()
        self.check()

    def open_round(self) -> None:
        price = PRICES[self.pick % len(PRICES)]
        least = -(-price // TOKEN)
        hard_cap = max(least, 10**7 * least)
        terms = (
            self.asset.address,
            price,
            max(1, hard_cap * self.share // 10_000_000),
            hard_cap,
            least,
            0,
            now(),
            now() + ROUND_SECONDS,
            # Each round fills a purpose of its own.
            self.owners("Treasury", "create_round_purpose", "a model", self.suite.rounds),
            *FIRST_COME,
            b"\1" * 32,
            "ipfs://terms",
        )
        with self.handlers.counts("open_round"):
            self.owners("FundingRounds", "open_round", terms)
            self.rounds_opened += 1

    def contribute(self) -> None:
        if now() < self.suite.rounds.paused_until():
            return
        for round_id in self.picked(self.rounds_in(OPEN)):
            terms = self.suite.rounds.round(round_id).terms
            asset = next(a for a in self.assets if a.address == terms.asset)
            offered = terms.min_contribution + self.amount
            fund_and_approve(asset, self.actor, self.suite.rounds.address, offered)
            self.paid_in[self.actor, asset.address] += offered
            with self.handlers.counts("contribute"):
                taken = self.call(
                    "FundingRounds", "contribute", round_id, offered, sender=self.actor
                )
                assert 0 < taken <= offered

    def conclude(self) -> None:
        for round_id in self.picked(self.rounds_in(OPEN | SUCCEEDED)):
            warp_to(max(now(), self.suite.rounds.round(round_id).terms.ends_at))
            if self.share > 90 and self.rounds_in(SUCCEEDED):
                # Nobody finalizes in time: it pays back.
                pass_time(FINALIZE_SECONDS)
            if self.suite.rounds.state(round_id) & SUCCEEDED:
                with self.handlers.counts("conclude"):
                    self.call("FundingRounds", "finalize", round_id, sender=self.actor)

    def leave_round(self) -> None:
        for round_id in self.picked(self.rounds_in(FINALIZED | FAILED | CANCELLED)):
            self.leave(round_id, self.actor)

    def leave(self, round_id: int, actor: str) -> None:
        """Its tokens or its refund, in full, by anybody, once."""
        rounds = self.suite.rounds
        paid = rounds.contribution(round_id, actor)
        if paid == 0 or self.exits[round_id, actor]:
            return
        terms = rounds.round(round_id).terms
        asset = next(a for a in self.assets if a.address == terms.asset)
        before = (asset.balanceOf(actor), self.suite.token.balanceOf(actor))
        is_final = rounds.state(round_id) & FINALIZED
        with self.handlers.counts("leave_round"):
            function = "claim" if is_final else "refund"
            self.call("FundingRounds", function, round_id, actor, sender=self.actors[0])
        got = (asset.balanceOf(actor) - before[0], self.suite.token.balanceOf(actor) - before[1])
        assert got == ((0, paid * TOKEN // terms.price) if is_final else (paid, 0))
        self.exits[round_id, actor] += 1
        assert rounds.claimable(round_id, actor) == 0
        assert rounds.contribution(round_id, actor) == (paid if is_final else 0)
        with reverts_otherwise("the unit tests name each reason; here any position is tried"):
            getattr(rounds, function)(round_id, actor)

    def transfer(self) -> None:
        held = self.suite.token.balanceOf(self.actor)
        if held:
            to = self.actors[self.pick % ACTORS]
            with self.handlers.counts("transfer"):
                amount = self.part(held)
                self.call("GovernanceToken", "transfer", to, amount, sender=self.actor)

    def toggle_exclusion(self) -> None:
        excluded = not self.suite.token.is_excluded(self.actor)
        with self.handlers.counts("toggle_exclusion"):
            self.suite.token.internal._set_excluded(self.actor, excluded)

    def wait(self) -> None:
        """Some days, or to the second before, of, or after the begin of an epoch."""
        if self.pick % 3 == 0:
            pass_time(self.share * DAY // 5)
        else:
            boundary = self.suite.token.epoch_start(self.epoch + 1 + self.share % 2)
            warp_to(max(now(), boundary + self.pick % 4 - 1))

    def earn(self) -> None:
        fund_and_approve(self.asset, self.router, self.suite.treasury.address, self.amount)
        with self.handlers.counts("earn"):
            arguments = (self.asset.address, self.amount)
            self.call("Treasury", "receive_income", *arguments, sender=self.router)

    def close(self) -> None:
        self.close_oldest(self.asset)

    def close_oldest(self, asset: Any) -> bool:
        address = asset.address
        epoch = self.suite.treasury.first_unclosed(address)
        if not 0 < epoch < self.epoch:
            return False
        self.roll(asset, epoch)
        earned = self.suite.treasury.income(epoch, address)
        held = asset.balanceOf(self.suite.treasury.address)
        free = self.suite.treasury.total_free(address)
        with self.handlers.counts("close"):
            self.call("Treasury", "close_epoch", epoch, address, sender=self.actors[0])
        to_holders = held - asset.balanceOf(self.suite.treasury.address)
        assert to_holders + self.suite.treasury.total_free(address) - free == earned
        return True

    def roll(self, asset: Any, until: int) -> None:
        income, address = self.suite.income, asset.address
        while income.carried(address) and income.settled_to(address) + 1 < until:
            self.call("HolderIncome", "roll", address, sender=self.actors[0])
        self.call("HolderIncome", "roll", address, sender=self.actors[0])

    def claim(self) -> None:
        with self.handlers.counts("claim"):
            first = 1 + self.pick % self.epoch
            self.claim_and_check(self.actor, first, 1 + self.share % MAX_EPOCHS)

    def claim_and_check(self, actor: str, first: int, count: int) -> None:
        assets = [asset.address for asset in self.assets]
        due = [self.suite.income.claimable(actor, asset, first, count) for asset in assets]
        before = [asset.balanceOf(actor) for asset in self.assets]
        arguments = (actor, assets, first, count)
        assert self.call("HolderIncome", "claim_assets", *arguments, sender=self.router) == due
        gained = [a.balanceOf(actor) - b for a, b in zip(self.assets, before, strict=True)]
        assert gained == due
        assert [self.suite.income.claimable(actor, asset, first, count) for asset in assets] == [
            0,
            0,
        ]

    def claim_to(self) -> None:
        claimer, receiver = self.actors[self.pick % ACTORS], self.actors[self.share % ACTORS]
        with self.handlers.counts("claim_to"):
            self.call("HolderIncome", "set_claimer", claimer, sender=self.actor)
            arguments = (self.actor, [self.asset.address], 1, MAX_EPOCHS, receiver)
            self.call("HolderIncome", "claim_to", *arguments, sender=claimer)

    def recycle(self) -> None:
        address, income = self.asset.address, self.suite.income
        pots = [e for e in range(1, self.epoch) if income.recyclable_at(e, address)]
        for epoch in self.picked([e for e in pots if not income.is_recycled(e, address)]):
            if self.share > 60:
                warp_to(max(now(), income.recyclable_at(epoch, address)))
            if now() >= income.recyclable_at(epoch, address):
                with self.handlers.counts("recycle"):
                    self.call("HolderIncome", "recycle", epoch, address, sender=self.actor)

    def commit(self) -> None:
        """To grants, out of incomes or out of what a round brought."""
        treasury, address = self.suite.treasury, self.asset.address
        purposes = range(GRANTS, treasury.purpose_count() + 1)
        for purpose in self.picked([i for i in purposes if treasury.free(i, address)]):
            with self.handlers.counts("commit"):
                free = treasury.free(purpose, address)
                amount, room = self.part(free), treasury.grantable(purpose, address)
                name = "commit" if amount <= room else "commit_beyond_cap"
                self.owners("Treasury", name, purpose, address, amount, self.router)

    def pay(self) -> None:
        treasury = self.suite.treasury
        for number in self.picked(list(range(1, treasury.commitment_count() + 1))):
            left = treasury.commitment(number).remaining
            if left:
                with self.handlers.counts("pay"):
                    half = self.part(left) // 2
                    self.call("Treasury", "release_commitment", number, half, sender=self.router)
                    arguments = (number, self.actor, self.part(left - half))
                    self.call("Treasury", "pay_commitment", *arguments, sender=self.router)

    def spend(self) -> None:
        free = self.suite.treasury.free(1, self.asset.address)
        if free:
            with self.handlers.counts("spend"):
                amount, room = self.part(free), self.suite.treasury.spendable(self.asset)
                name = "spend" if amount <= room else "spend_beyond_cap"
                self.owners("Treasury", name, 1, self.asset.address, self.actor, amount)

    def donate(self) -> None:
        name = ("Treasury", "HolderIncome", "FundingRounds")[self.pick % 3]
        with self.handlers.counts("donate"):
            self.asset.mint(self.suite[name].address, self.amount)
            self.donated[name, self.asset.address] += self.amount

    def pause(self) -> None:
        """Nothing of what follows may notice it but `contribute`."""
        rounds = self.suite.rounds
        if now() < rounds.guardian_expires_at() and (
            not rounds.paused_until() or now() >= rounds.paused_until() + 14 * DAY
        ):
            with self.handlers.counts("pause"):
                self.owners("FundingRounds", "pause")

    def break_the_asset(self) -> None:
        """While one asset is paused, claims of the other go on; nothing is lost by the failure."""
        odd, sound = self.assets[1], self.assets[0]
        odd.misbehave(Fault.PAUSED, Entry.MOVES)
        with self.handlers.counts("break_the_asset"):
            arguments = (self.actor, sound.address, 1, MAX_EPOCHS)
            self.call("HolderIncome", "claim", *arguments, sender=self.router)
        self.check()
        odd.misbehave(Fault.RETURNS_NOTHING, Entry.ALL)

    # --- what must hold ---

    def check(self) -> None:
        assert self.differences() == []
        for name in ("Treasury", "HolderIncome", "FundingRounds"):
            for asset in self.assets:
                held = asset.balanceOf(self.suite[name].address)
                owed = self.suite[name].accounted(asset.address)
                assert held == owed + self.donated[name, asset.address]
        token = self.suite.token
        everybody = [*self.actors, *self.names]
        for epoch in range(max(1, self.epoch - 1), self.epoch + 1):
            summed = sum(token.balance_seconds(who, epoch) for who in everybody)
            assert summed == token.eligible_balance_seconds(epoch)
        assert max(self.exits.values(), default=0) <= 1
        self.check_rounds()

    def check_rounds(self) -> None:
        rounds, owed = self.suite.rounds, Counter[str]()
        for round_id in range(1, self.rounds_opened + 1):
            found = rounds.round(round_id)
            assert found.raised <= found.terms.hard_cap
            if not found.finalized_at:
                owed[found.terms.asset] += sum(
                    rounds.contribution(round_id, a) for a in self.actors
                )
        for asset in self.assets:
            assert rounds.accounted(asset.address) == owed[asset.address]

    # --- the end: everybody leaves ---

    def check_at_end(self) -> None:
        for round_id in range(1, self.rounds_opened + 1):
            warp_to(max(now(), self.suite.rounds.round(round_id).terms.ends_at))
        for round_id in self.rounds_in(SUCCEEDED):
            self.call("FundingRounds", "finalize", round_id, sender=self.actors[0])
        for round_id in range(1, self.rounds_opened + 1):
            for actor in self.actors:
                self.leave(round_id, actor)
        warp_to(self.suite.token.epoch_start(self.epoch + 1))
        for asset in self.assets:
            while self.close_oldest(asset):
                pass
            self.roll(asset, self.epoch)
        for actor in self.actors:
            for first in range(1, self.epoch, MAX_EPOCHS):
                self.claim_and_check(actor, first, MAX_EPOCHS)
        for asset in self.assets:
            self.empty(asset)
        self.check()
        # Of the tokens nothing waits, and nobody left a round twice or not at all.
        assert self.suite.token.balanceOf(self.suite.rounds.address) == 0

    def empty(self, asset: Any) -> None:
        """The dust of the pots is the next grants'; after the last vote nothing stays but what is
        carried for holders who do not exist yet, and donations for a vote to skim."""
        address, income, treasury = asset.address, self.suite.income, self.suite.treasury
        pass_time(RECYCLE_SECONDS)
        for epoch in range(1, income.settled_to(address) + 1):
            if income.recyclable_at(epoch, address) and not income.is_recycled(epoch, address):
                rest = income.pot(epoch, address) - income.claimed_total(epoch, address)
                assert rest < len(self.actors)
                self.call("HolderIncome", "recycle", epoch, address, sender=self.actors[0])
        for number in range(1, treasury.commitment_count() + 1):
            found = treasury.commitment(number)
            if found.asset == address:
                arguments = (number, found.remaining)
                self.call("Treasury", "release_commitment", *arguments, sender=self.router)
        for purpose in range(1, treasury.purpose_count() + 1):
            free = treasury.free(purpose, address)
            if free:
                self.owners("Treasury", "spend_beyond_cap", purpose, address, self.owner, free)
        for name in ("Treasury", "HolderIncome", "FundingRounds"):
            skimmed = self.owners(name, "skim", address, self.owner)
            assert skimmed == self.donated.pop((name, address), 0)
        assert asset.balanceOf(treasury.address) == 0 == asset.balanceOf(self.suite.rounds.address)
        assert asset.balanceOf(income.address) == income.carried(address)


def test_money_machine():
    run_machine(MoneyMachine, examples=4, steps=40)

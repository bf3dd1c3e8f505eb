"""P6: funding rounds and redemptions beside a second plain-Python model, from the interfaces alone.

The model knows people, payments and seconds: it counts the unpaused seconds one by one to find a
round's end, and asks for every claim what has vested in the seconds that passed. Lives are
small and random: first come and pro rata, vesting, pauses, moved positions, failures, wind-downs
with money that comes free later. Every wallet must be the model's to the unit after every step.
"""

import os
import random
from collections import defaultdict
from typing import Any

import pytest

from tests.kits.funding import RoundsSuite, deploy_rounds_suite
from tests.properties.second_round import FINALIZE, ONE, PEOPLE, Payer, SecondModel
from tests.support import (
    DAY,
    account,
    fresh_chain,
    fund_and_approve,
    now,
    reverts_otherwise,
    warp_to,
)

LIVES = 4 * int(os.environ.get("FLYWHEEL_EXAMPLES", "1"))
FIRST = int(os.environ.get("FLYWHEEL_FIRST_SEED", "0"))
STEPS = 45
PAUSE = 14 * DAY


class Life:
    """One random life of one round on the contracts and in the model."""

    def __init__(self, seed: int) -> None:
        self.random = pick = random.Random(seed)
        self.people = {name: account(name) for name in PEOPLE}
        self.suite: RoundsSuite = deploy_rounds_suite(account("owner"), minter_cap=2**95)
        self.guardian = account("guardian")
        self.suite.rounds.set_guardian(self.guardian, now() + 366 * DAY, sender=self.suite.owner)
        self.wallets: dict[str, int] = defaultdict(int)  # units of the asset
        self.tokens: dict[str, int] = defaultdict(int)
        price = pick.choice((1, 3, 10**6, 7 * 10**17, ONE))
        cap = pick.choice((10, 97, 1_000, 10**9 + 7))
        vesting = pick.choice((0, 0, 10, 997, 100 * DAY))
        self.model = SecondModel(
            price=price,
            goal=pick.choice((1, cap // 2, cap)),
            cap=cap,
            least=pick.choice((1, 2, max(cap // 10, 1))),
            most=pick.choice((0, 0, cap // 2 + 1)),
            starts_at=now() + pick.choice((0, 1, 40)),
            seconds=pick.choice((30, 61, 200)),
            is_pro_rata=pick.random() < 0.5,
            cliff=pick.choice((0, vesting // 3, vesting)),
            vesting=vesting,
        )
        m = self.model
        m.least = max(m.least, 1 if price <= ONE else 2)
        self.round_id = self.suite.open(
            price=price, soft_goal=m.goal, hard_cap=cap, min_contribution=m.least,
            max_contribution=m.most, starts_at=m.starts_at, ends_at=m.starts_at + m.seconds,
            is_pro_rata=m.is_pro_rata, cliff_seconds=m.cliff, vesting_seconds=vesting,
        )  # fmt: skip
        self.purpose = self.suite.rounds.round(self.round_id).terms.purpose
        self.done: dict[str, int] = defaultdict(int)

    def calls(self, is_right: bool, contract: Any, function: str, *args: Any, sender: str) -> Any:
        """The call, which must succeed exactly if `is_right`."""
        self.done[f"{function} {is_right}"] += 1
        call = getattr(contract, function)
        if is_right:
            return call(*args, sender=sender)
        with reverts_otherwise("the model says that it fails, not with which words"):
            call(*args, sender=sender)
        return None

    def live(self) -> None:
        steps = [self.contribute] * 4 + [self.claim] * 3 + [self.refund, self.finalize, self.pause]
        steps += [self.unpause, self.move, self.begin, self.spend, self.top_up, self.collect]
        steps += [self.redeem] * 3 + [self.close]
        if self.random.random() < 0.15:
            steps.append(self.cancel)
        for _ in range(STEPS):
            m = self.model
            jumps = [0, 0, 1, 7, 20, m.vesting // 7]
            is_settled = m.finalized_at or m.is_cancelled
            jump = self.random.choice(jumps)
            if self.random.random() < (0.1 if is_settled else 0.2):  # to an edge
                edges = [m.ends_at() - 1, m.ends_at(), m.ends_at() + FINALIZE]
                edges += [m.vests_from + m.cliff, m.vests_from + m.vesting, m.closes_at]
                edges += [b for _, b in m.paused]
                later = [edge for edge in edges if edge >= now()]
                jump = min(later) - now() if later else jump
            warp_to(now() + jump)
            self.random.choice(steps)()
            self.look()

    def contribute(self) -> None:
        m, person = self.model, self.random.choice(PEOPLE)
        amount = self.random.choice((1, m.least, m.cap // 3 + 1, m.cap, 2 * m.cap, m.goal))
        least = self.random.choice((0, 0, amount))
        taken = m.fits(person, amount, least, now())
        fund_and_approve(self.suite.asset, self.people[person], self.suite.rounds, amount)
        self.wallets[person] += amount - taken
        args = (self.round_id, amount, least)
        self.calls(taken > 0, self.suite.rounds, "contribute", *args, sender=self.people[person])
        m.payers[person].paid += taken

    def finalize(self) -> None:
        is_right = self.model.state(now()) == 4
        rounds = self.suite.rounds
        self.calls(is_right, rounds, "finalize", self.round_id, sender=self.guardian)
        if is_right:
            self.model.finalize(now())

    def cancel(self) -> None:
        is_right = self.model.state(now()) in (1, 2, 4)
        rounds = self.suite.rounds
        self.calls(is_right, rounds, "cancel", self.round_id, sender=self.suite.owner)
        self.model.is_cancelled |= is_right

    def pause(self) -> None:
        too_soon = any(now() < b + PAUSE for _, b in self.model.paused)
        if too_soon or now() >= self.suite.rounds.guardian_expires_at():
            return
        self.suite.rounds.pause(sender=self.guardian)
        self.model.paused.append((now(), now() + PAUSE))

    def unpause(self) -> None:
        if self.model.is_paused(now()):
            self.suite.rounds.unpause(sender=self.suite.owner)
            self.model.paused[-1] = (self.model.paused[-1][0], now())

    def due(self, person: str) -> int:
        m, payer = self.model, self.model.payers[person]
        return m.vested(payer.tokens, now()) - payer.out if m.finalized_at else 0

    def surplus(self, person: str) -> int:
        """Refundable now: all of a round that is none, the surplus of one that is."""
        m, payer = self.model, self.model.payers[person]
        if payer.is_refunded or m.state(now()) not in (8, 16, 32):
            return 0
        return payer.paid - payer.used if m.finalized_at else payer.paid

    def pay_tokens(self, person: str) -> None:
        payer = self.model.payers[person]
        self.tokens[payer.holder] += self.due(person)
        payer.out += self.due(person)

    def pay_surplus(self, person: str) -> None:
        payer = self.model.payers[person]
        self.wallets[payer.holder] += self.surplus(person)
        payer.is_refunded = self.surplus(person) > 0 or payer.is_refunded

    def claim(self) -> None:
        person = self.random.choice(PEOPLE)
        is_right = bool(self.model.finalized_at) and self.due(person) + self.surplus(person) > 0
        args = (self.round_id, self.people[person])
        self.calls(is_right, self.suite.rounds, "claim", *args, sender=self.guardian)
        if is_right:
            self.pay_tokens(person)
            self.pay_surplus(person)

    def refund(self) -> None:
        person = self.random.choice(PEOPLE)
        args = (self.round_id, self.people[person])
        is_right = self.surplus(person) > 0
        self.calls(is_right, self.suite.rounds, "refund", *args, sender=self.guardian)
        self.pay_surplus(person)

    def move(self) -> None:
        person, to = self.random.choice(PEOPLE), self.random.choice(PEOPLE)
        payer = self.model.payers[person]
        if self.model.state(now()) in (1, 2) or payer.paid == 0 or payer.is_refunded:
            return
        args = (self.round_id, self.people[person], self.people[to])
        self.suite.rounds.move_position(*args, sender=self.people[payer.holder])
        payer.holder = to

    def begin(self) -> None:
        """Notice and beginning in one step; only what is free then, at most what was brought."""
        m, suite = self.model, self.suite
        if not m.finalized_at or m.closes_at or self.random.random() < 0.6:
            return
        suite.treasury.allow_wind_down(
            self.purpose, suite.asset, suite.redemptions, sender=suite.owner
        )
        least = self.random.choice((1, m.free, min(m.free + 1, m.proceeds)))
        if not least:
            return
        suite.redemptions.announce(self.round_id, least, sender=suite.owner)
        args = ("begin", self.round_id)
        self.calls(False, suite.redemptions, *args, sender=self.guardian)
        warp_to(now() + 14 * DAY + self.random.choice((0, 9 * DAY)))
        self.calls(m.free >= least, suite.redemptions, *args, sender=self.guardian)
        if m.free >= least:
            m.pool, m.free = m.free, 0
            m.vesting_ended_at, m.closes_at = now(), now() + 730 * DAY

    def spend(self) -> None:
        """A grant takes money, and gives some back."""
        m, suite = self.model, self.suite
        if not m.free or self.random.random() < 0.5:
            return
        if not suite.treasury.is_committer(suite.owner):
            suite.treasury.set_committer(suite.owner, True, sender=suite.owner)
        part = self.random.randint(1, m.free)
        asset = suite.asset
        self.kept = suite.treasury.commit_beyond_cap(
            self.purpose, asset, part, suite.owner, sender=suite.owner
        )
        m.free -= part

    def top_up(self) -> None:
        m, suite = self.model, self.suite
        if getattr(self, "kept", 0) and self.random.random() < 0.5:
            left = suite.treasury.commitment(self.kept).remaining
            back = self.random.randint(0, left)
            suite.treasury.release_commitment(self.kept, back, sender=suite.owner)
            m.free += back
        more = min(m.free, m.proceeds - m.pool)
        is_right = now() < m.closes_at and more > 0
        self.calls(is_right, suite.redemptions, "top_up", self.round_id, sender=self.guardian)
        if is_right:
            m.pool, m.free = m.pool + more, m.free - more
            m.closes_at = max(m.closes_at, now() + 180 * DAY)

    def owed(self, payer: Payer) -> int:
        return self.model.pool * payer.burned // self.model.minted - payer.redeemed

    def collect(self) -> None:
        person = self.random.choice(PEOPLE)
        payer = self.model.payers[person]
        owed = self.owed(payer) if self.model.minted else 0
        args = (self.round_id, self.people[person])
        self.calls(owed > 0, self.suite.redemptions, "collect", *args, sender=self.guardian)
        payer.redeemed += owed
        self.wallets[payer.holder] += owed

    def redeem(self) -> None:
        m, suite, person = self.model, self.suite, self.random.choice(PEOPLE)
        payer = m.payers[person]
        holder = payer.holder
        tokens = self.random.choice((1, payer.tokens // 3, payer.tokens - payer.burned))
        if not m.minted or tokens == 0:
            return
        has = self.tokens[holder] + (self.due(person) if m.closes_at else 0)
        pays = m.pool * (payer.burned + tokens) // m.minted - payer.redeemed
        is_right = now() < m.closes_at and tokens <= has and pays > 0
        is_right = is_right and payer.burned + tokens <= payer.tokens
        suite.token.approve(suite.redemptions, 2**256 - 1, sender=self.people[holder])
        args = (self.round_id, self.people[person], tokens, 0, self.people[holder])
        self.calls(is_right, suite.redemptions, "redeem", *args, sender=self.people[holder])
        if is_right:
            if self.due(person) or self.surplus(person):
                self.pay_tokens(person)
                self.pay_surplus(person)
            self.tokens[holder] -= tokens
            payer.burned, payer.redeemed = payer.burned + tokens, payer.redeemed + pays
            self.wallets[holder] += pays

    def close(self) -> None:
        """At the end what no burned token has a right to goes back."""
        m = self.model
        if not m.closes_at or now() < m.closes_at or m.pool_returned:
            return
        burned = sum(payer.burned for payer in m.payers.values())
        back = m.pool - -(-m.pool * burned // m.minted)
        redemptions = self.suite.redemptions
        self.calls(back > 0, redemptions, "close", self.round_id, sender=self.guardian)
        m.pool_returned, m.free = back, m.free + back

    def look(self) -> None:
        m, suite = self.model, self.suite
        assert suite.rounds.state(self.round_id) == m.state(now())
        assert suite.treasury.free(self.purpose, suite.asset) == m.free
        for name, address in self.people.items():
            assert suite.asset.balanceOf(address) == self.wallets[name], name
            assert suite.token.balanceOf(address) == self.tokens[name], name
            assert suite.rounds.claimable(self.round_id, address) == self.due(name), name
            assert suite.rounds.refundable(self.round_id, address) == self.surplus(name), name
        for ledger in (suite.rounds, suite.redemptions, suite.treasury):
            assert suite.asset.balanceOf(ledger) >= ledger.accounted(suite.asset)
        if m.finalized_at:
            unvested = m.minted - m.vested(m.minted, now())
            assert suite.rounds.unvested_at(now()) == unvested


@pytest.mark.parametrize("seed", range(FIRST, FIRST + LIVES))
def test_rounds__random_life__is_that_of_the_second_model(seed):
    with fresh_chain():
        Life(seed).live()

"""The contracts of a random life of grants, the second model beside them, and calls on both."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import boa
from eth_abi import decode

from tests.kits import grants as kit
from tests.kits.grants import GRANTS_PURPOSE, PRICE, USDC
from tests.properties.grants_by_events import NOBODY
from tests.properties.grants_refusals import Refusals
from tests.support import DAY, account, now

SMALL_PURPOSE, SMALL_FUNDS = 3, 1_000_000 * USDC
KEYS = (b"\x0b" * 32, b"\x0c" * 32, b"\x0d" * 32)
HASHES = [bytes([number]) * 32 for number in range(1, 6)]
RICH = 10**15
# Of a whole: what voters have, at, below and above the thresholds of 1 % and 5 %.
ONE_IN_100, FIVE_IN_100 = 10**18, 5 * 10**18
WHOLE = 100 * ONE_IN_100
STANDARD_LEASE = (8, 10 * DAY)
PASSED: Counter[str] = Counter()
REFUSED: Counter[str] = Counter()


@dataclass
class Attempt:
    """A call, the reasons to refuse it by the model, and what to note down if it passed."""

    name: str
    reasons: set[str]
    call: Callable[[], Any]
    record: Callable[[Any], None]


def reason_of(error: Any) -> str:
    """The words that a call was refused with."""
    return str(decode(["string"], bytes(error.call_trace.computation.output)[4:])[0])


class Stage:
    """The contracts, the accounts and the model."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = kit.make_world()
        self.keys = {kit.keyed_account(key): key for key in KEYS}
        self.builders = list(self.keys)
        world = self.world
        with boa.env.prank(world.owner):
            assert world.treasury.create_purpose("small") == SMALL_PURPOSE
            world.asset.mint(world.owner, SMALL_FUNDS)
            world.asset.approve(world.treasury, SMALL_FUNDS)
            world.treasury.deposit(SMALL_PURPOSE, world.asset, SMALL_FUNDS)
        world.asset.mint(world.stranger, RICH)
        world.asset.approve(world.grants, RICH, sender=world.stranger)
        funds = {GRANTS_PURPOSE: kit.TREASURY_FUNDS, SMALL_PURPOSE: SMALL_FUNDS}
        until = now() + 366 * DAY
        self.model = Refusals(world.owner, world.guardian, until, funds)
        self.accounts = [*self.builders, world.stranger, world.provider, account("second")]
        self.accounts += [world.rewards.address, world.owner, world.guardian]
        self.give_votes()
        self.make_offers()
        self.restless = self.random.random() < 0.2

    def give_votes(self) -> None:
        """The sum of all votes is in some lives no multiple of 10,000."""
        odd = self.random.choice((0, 0, 0, 9_999))
        parts = {"speck": ONE_IN_100 - 1, "mote": 1, "one": ONE_IN_100, "none": 0}
        parts |= {"four": FIVE_IN_100 - 1, "five": FIVE_IN_100}
        parts["whale"] = WHOLE + odd - sum(parts.values())
        self.voters = [account(name) for name in parts]
        for voter, amount in zip(self.voters, parts.values(), strict=True):
            if amount:
                self.model.record(now(), "moved votes", sender=NOBODY, to=voter, amount=amount)
            self.world.give_votes(voter, amount)

    def make_offers(self) -> None:
        world, second = self.world, self.accounts[len(self.builders) + 2]
        wanted = [(world.provider, PRICE, 0), (second, 7, 0), (world.provider, PRICE - 3, 1)]
        wanted.append((second, PRICE, 0))
        for provider, price, campaign in wanted:
            number = world.offer(price, provider=provider, campaign_id=campaign)
            payee = world.rewards.address if campaign else provider
            is_active = number < len(wanted)
            self.model.offers[number] = SimpleNamespace(
                provider=provider,
                payee=payee,
                price=price,
                gpus=4 * kit.GPUS,
                watts=700,
                pue_bps=12_000,
                grams_per_kwh=400,
                is_active=is_active,
            )
        world.escrow.withdraw_offer(len(wanted), sender=second)

    # --- calls ---

    def attempt(self, attempt: Attempt, keep: bool = True) -> bool:
        """Makes the call; whether it passed."""
        if attempt.reasons:
            found = self.refusal(attempt)
            assert found in attempt.reasons, (attempt.name, found, attempt.reasons)
            REFUSED[found] += 1
            return False
        result = attempt.call()
        PASSED[attempt.name] += 1
        if keep:
            attempt.record(result)
        return True

    def refusal(self, attempt: Attempt) -> str:
        """The words that a call is refused with, empty if it passes."""
        try:
            attempt.call()
        except boa.BoaError as error:
            return reason_of(error)
        return ""

    def noted(self, name: str, **facts: Any) -> Callable[[Any], None]:
        """What records an event of this second."""
        return lambda _: self.model.record(now(), name, **facts)

    def anyone(self, first: str) -> str:
        """Mostly the one who may."""
        others = (self.world.stranger, self.world.provider, *self.builders)
        return first if self.random.random() < 0.9 else self.random.choice(others)

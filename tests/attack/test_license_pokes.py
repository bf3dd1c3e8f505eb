"""A call that moves nothing changes nothing: licences, poked at by a stranger.

The functions and the views come from the ABIs, so that a new one is poked at and looked at, too.
"""

import random
from typing import Any

import boa
import pytest
from boa import BoaError

from tests.attack.license_world import ENFORCEMENT, LATE_BPS, MARKET, World
from tests.kits.licensing import (
    DUE,
    EVIDENCE,
    GRACE,
    PERIOD,
    REVENUE,
    buy,
    offer,
)
from tests.support import DAY, ZERO_ADDRESS, account, fund_and_approve, now, warp_to

# What anybody may do for others; again in the same second it moves nothing.
RIGHTS = {
    (MARKET, "estimate"),
    (ENFORCEMENT, "enforce"),
    (ENFORCEMENT, "terminate"),
    (ENFORCEMENT, "release_bond"),
    (ENFORCEMENT, "conclude"),
    (ENFORCEMENT, "expire"),
    (ENFORCEMENT, "withdraw"),
}
# What a stranger changes about its own accounts only.
OWN = {(MARKET, "setApprovalForAll")}
BIG = 10**9


class Poked(World):
    """Licences in each state that interest, reports and decisions can leave them in."""

    def __init__(self, mutant: Any = None) -> None:
        super().__init__(MARKET, mutant)
        self.stranger = account("poking stranger")
        terms = {"late_bps_per_year": LATE_BPS, "term_seconds": 0, "bond": BIG}
        bonded = offer(self.suite, **terms)
        self.late, self.marked, self.missing, self.assessed, self.ahead = (
            buy(self.suite, self.licensee, bonded) for _ in range(5)
        )
        self.late_alone = self.sell(**(terms | {"bond": 0}))
        self.end_period(1)
        for license_id in (self.late, self.marked, self.assessed, self.ahead, self.late_alone):
            self.report(1, license_id, revenue=20 * BIG)
        fund_and_approve(self.asset, self.licensee, self.market.address, 10 * BIG)
        for license_id in (self.assessed, self.ahead):
            self.market.pay(license_id, 10 * BIG, sender=self.licensee)
        self.market.prepay(self.ahead, 7, sender=self.licensee)
        warp_to(now() + GRACE + 3 * DAY + 1)
        self.market.pay(self.marked, BIG // 2, sender=self.licensee)
        self.assess(1, 30 * BIG, self.assessed)

    def contracts(self) -> list[tuple[str, Any]]:
        return [(MARKET, self.market), (ENFORCEMENT, self.enforcement)]

    # --- arguments by the names of the ABI ---

    def values(self, name: str, kind: str) -> list[Any]:
        """What is passed for an input of this name when looking."""
        if name in ("license_id", "token_id"):
            return list(range(1, self.market.license_count() + 2))
        if name == "period":
            return [0, 1, 2]
        if name == "at":
            return [now() - 2 * PERIOD, now() - DAY, now()]
        if kind == "address":
            return [self.licensee, self.stranger, self.asset.address]
        return [zero(kind)]

    def views(self) -> dict[Any, Any]:
        """Every view of both contracts, and what everybody has."""
        seen: dict[Any, Any] = {}
        for stem, contract in self.contracts():
            for function in functions(contract, ("view",)):
                for args in self.products(function):
                    seen[stem, function["name"], args] = outcome(
                        getattr(contract, function["name"]), *args
                    )
        people = (self.licensee, self.stranger, self.market, self.enforcement, self.suite.router)
        for who in people:
            address = getattr(who, "address", who)
            seen["balance", address] = self.asset.balanceOf(address)
        return seen

    def products(self, function: dict[str, Any]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = [()]
        for item in function["inputs"]:
            rows = [(*row, v) for row in rows for v in self.values(item["name"], item["type"])]
        return rows

    def pokes(self) -> list[tuple[str, Any, tuple[Any, ...]]]:
        """Each function that may change state, for each licence, with nothing in it."""
        calls = []
        for stem, contract in self.contracts():
            for function in functions(contract, ("nonpayable", "payable")):
                names = [item["name"] for item in function["inputs"]]
                by_license = "license_id" in names or "token_id" in names
                for license_id in range(1, self.market.license_count() + 1 if by_license else 2):
                    args = tuple(
                        license_id
                        if item["name"] in ("license_id", "token_id")
                        else self.licensee
                        if item["name"] in ("account", "owner")
                        else self.asset.address
                        if item["name"] == "asset"
                        else zero(item["type"])
                        for item in function["inputs"]
                    )
                    calls.append((stem, function["name"], args))
        return calls

    def poke(self, stem: str, name: str, args: tuple[Any, ...]) -> None:
        contract = dict(self.contracts())[stem]
        outcome(getattr(contract, name), *args, sender=self.stranger)


def functions(contract: Any, mutability: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        item
        for item in contract.abi
        if item["type"] == "function" and item["stateMutability"] in mutability
    ]


def zero(kind: str) -> Any:
    if kind.endswith("]"):
        return []
    if kind == "address":
        return ZERO_ADDRESS
    if kind == "bool":
        return False
    if kind == "string":
        return ""
    if kind.startswith("bytes"):
        return b"\0" * int(kind[5:] or 0)
    return 0


def outcome(function: Any, *args: Any, **how: Any) -> Any:
    """What a call answers, or that it was refused."""
    try:
        return function(*args, **how)
    except BoaError:
        return "refused"


@pytest.fixture(scope="module")
def poked():
    return Poked()


def test_pokes__zero_by_a_stranger_twice_in_a_second__change_nothing(poked):
    before = poked.views()
    by_function: dict[Any, list[Any]] = {}
    for stem, name, args in poked.pokes():
        if (stem, name) not in RIGHTS | OWN:
            by_function.setdefault((stem, name), []).append(args)
    assert len(by_function) > 20
    for (stem, name), rows in by_function.items():
        for args in rows + rows:
            poked.poke(stem, name, args)
        assert poked.views() == before, (stem, name)


@pytest.mark.deep
def test_rights_of_everybody__again_in_the_same_second__come_to_rest(poked):
    for stem, name, args in poked.pokes():
        if (stem, name) not in RIGHTS:
            continue
        with boa.env.anchor():
            before = poked.views()
            for _ in range(20):
                poked.poke(stem, name, args)
                after = poked.views()
                if after == before:
                    break
                before = after
            assert after == before, (stem, name, args)


def lives(poked: Poked, seed: int, with_pokes: bool) -> dict[Any, Any]:
    """The same payments and reports at the same seconds, with pokes between them or without."""
    dice, noise = random.Random(seed), random.Random(seed + 1)
    start = poked.market.license(poked.late).starts_at
    ids = (poked.late, poked.marked, poked.late_alone, poked.ahead)
    steps = sorted(dice.randrange(now() + 1 - start, 3 * PERIOD) for _ in range(8))
    edges = [n * PERIOD + g + o for n in (2, 3) for g in (0, GRACE) for o in (-1, 0, 1)]
    fund_and_approve(poked.asset, poked.licensee, poked.market.address, 10**15)
    quiet = [p for p in poked.pokes() if (p[0], p[1]) not in RIGHTS | OWN]
    for step in sorted({*steps, *edges}):
        if start + step < now():
            continue
        warp_to(start + step)
        if with_pokes:
            for poke in noise.sample(quiet, 12):
                poked.poke(*poke)
            for license_id in ids:
                poked.poke(MARKET, "pay", (license_id, 0))
                poked.poke(MARKET, "prepay", (license_id, 0))
        if step in steps:
            license_id, amount = dice.choice(ids), dice.choice([1, DUE, BIG // 7, BIG])
            period = poked.market.next_period(license_id)[0]
            if dice.random() < 0.5:
                outcome(poked.market.pay, license_id, amount, sender=poked.licensee)
            else:
                outcome(
                    poked.market.report,
                    license_id,
                    period,
                    REVENUE,
                    EVIDENCE,
                    sender=poked.licensee,
                )
    return poked.views()


@pytest.mark.parametrize("seed", range(3))
def test_pokes__at_every_edge_of_a_random_life__leave_all_sums_equal(poked, seed):
    with boa.env.anchor():
        quiet = lives(poked, seed, with_pokes=False)
    with boa.env.anchor():
        assert lives(poked, seed, with_pokes=True) == quiet


def reason_of(function: Any, *args: Any, sender: str) -> str:
    """How a call ends for `sender`: its reason, or nothing."""
    with boa.env.anchor():
        try:
            function(*args, sender=sender)
        except BoaError as error:
            return str(error).replace(sender, "sender").split("\n\n")[0]
    return ""


def test_former_holder_and_its_reporter__every_function__are_strangers(poked):
    """Who sold a licence keeps no power over it: each call ends as a stranger's does."""
    with boa.env.anchor():
        seller, buyer, reporter = account("seller"), account("buyer"), account("reporter")
        license_id = buy(poked.suite, seller, poked.market.license(poked.license_id).terms_id)
        poked.market.set_reporter(license_id, reporter, sender=seller)
        poked.market.approve(reporter, license_id, sender=seller)
        poked.market.transferFrom(seller, buyer, license_id, sender=seller)
        calls = [
            (stem, name, args)
            for stem, name, args in poked.pokes()
            if args and args[0] == license_id and (stem, name) not in OWN
        ]
        assert len(calls) > 15
        contracts = dict(poked.contracts())
        for stem, name, args in calls:
            function = getattr(contracts[stem], name)
            as_stranger = reason_of(function, *args, sender=poked.stranger)
            for former in (seller, reporter):
                assert reason_of(function, *args, sender=former) == as_stranger, (stem, name)

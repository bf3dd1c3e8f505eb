"""Attacks on pro-rata rounds, allow-lists, batches and wind-downs: they fail on the contract and
succeed without the defence. Each mutant serves several attacks, to compile fewer."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.attack.mutants import mutate_all
from tests.attack.test_round_attacks import Attack, Change, MakeSuite, make_suite_on, reverts
from tests.odd_assets import Entry, Fault, Mood, deploy_odd_asset
from tests.support import DAY, account, deploy, deployer_of, now, pass_time
from tests.unit.funding.rounds_support import NOTICE_SECONDS, TERMS, TOKEN, USDC, RoundsSuite

CAP = TERMS["hard_cap"]
MINIMUM = TERMS["min_contribution"]
ATTACKS: dict[str, Attack] = {}


def attack(*changes: Change) -> Callable[[Callable[[MakeSuite], bool]], Any]:
    """Registers an attack that `changes` of the source would let through."""

    def register(run: Callable[[MakeSuite], bool]) -> Callable[[MakeSuite], bool]:
        ATTACKS[run.__name__] = Attack(run, changes)
        return run

    return register


BOOKS = (
    ("round_book", "            self._contributions[round_id][account] += SURPLUS_FLAG\n", ""),
    (
        "round_book",
        "        self._contributions[round_id][account] -= SURPLUS_FLAG\n",
        "        pass\n",
    ),
    ("round_book", "min(live.hard_cap, live.contributors - 1)", "0"),
    (
        "round_book",
        "schedule: uint256 = self._rounds[round_id].schedule\n    if",
        "schedule: uint256 = live.schedule\n    if",
    ),
)
GATES = (
    ("FundingRounds", "abi_encode(chain.id, self, round_id, account)", "abi_encode(account)"),
    ("asset_ledger", "        gas=TRY_GAS,\n", ""),
    ("FundingRounds", "assert amount > 0 and amount >= min_out", "assert amount >= min_out"),
    ("wind_downs", " and block.timestamp >= record.starts_at", ""),
)


@attack(*BOOKS)
def surplus_refunded_twice(make_suite: MakeSuite) -> bool:
    suite = make_suite()
    attacker, other = account("attacker"), account("other")
    round_id = suite.open_now(is_pro_rata=True)
    for who in (attacker, other):
        suite.pay(round_id, who, 2 * CAP)
    suite.end_successful(round_id)
    for _ in range(2):
        reverts(partial(suite.rounds.refund, round_id, attacker))
    return suite.asset.balanceOf(attacker) > 3 * CAP // 2


@attack(*BOOKS)
def surplus_dust_missing_for_the_last(make_suite: MakeSuite) -> bool:
    """Three parts of a cap that three does not divide: what they round up to must be there."""
    suite = make_suite()
    names = [account(f"dust {i}") for i in range(3)]
    round_id = suite.open_now(is_pro_rata=True)
    for name in names:
        suite.pay(round_id, name, CAP + 1)
    suite.end_successful(round_id)
    return any(reverts(partial(suite.rounds.refund, round_id, name)) for name in names)


@attack(*BOOKS)
def reservation_released_twice_in_a_batch(make_suite: MakeSuite) -> bool:
    suite, crowd = make_suite(), [account(f"crowd {i}") for i in range(2)]
    failed = suite.open_now()
    suite.open(starts_at=now() + 60 * 86_400)
    for name in crowd:
        suite.pay(failed, name, MINIMUM)
    suite.warp_to_end(failed)
    reserved = suite.rounds.tokens_reserved() // 2
    reverts(lambda: suite.rounds.refund_batch(failed, crowd))
    return suite.rounds.tokens_reserved() < reserved


@attack(*GATES)
def allow_list_of_another_round_replayed(make_suite: MakeSuite) -> bool:
    """The second round repeats the root of the first: its list must not be that of the first."""
    suite, attacker = make_suite(), account("attacker")
    first = suite.rounds.allow_list_leaf(1, attacker)
    suite.open_now(allow_list_root=first)
    second = suite.open_now(allow_list_root=first)
    return not reverts(lambda: suite.pay(second, attacker, MINIMUM))


@attack(*GATES)
def batch_blocked_by_a_gas_burner(make_suite: MakeSuite) -> bool:
    suite, victim = make_suite(asset=deploy_odd_asset()), account("victim")
    hostile = deploy("Hostile", Mood.BURNS_GAS).address
    round_id = suite.open_now()
    for contributor in (hostile, victim):
        suite.pay(round_id, contributor, 100 * USDC)
    suite.warp_to_end(round_id)
    suite.asset.misbehave(Fault.NOTIFIES_RECEIVER, Entry.TRANSFER)
    batch = [hostile] * 3 + [victim]
    reverts(lambda: suite.rounds.refund_batch(round_id, batch, gas=1_500_000))
    return suite.asset.balanceOf(victim) == 0


def wound_down(suite: RoundsSuite, *people: str, seconds: int = NOTICE_SECONDS) -> int:
    """A round of two people, half each, whose purpose is wound down in full."""
    purpose = suite.treasury.create_purpose("a model", sender=suite.owner)
    round_id = suite.open_now(purpose=purpose)
    for who in people:
        suite.pay(round_id, who, CAP // 2)
    suite.rounds.finalize(round_id)
    suite.treasury.allow_wind_down(purpose, suite.asset, suite.rounds, sender=suite.owner)
    suite.rounds.announce_wind_down(purpose, suite.asset, 0, sender=suite.owner)
    pass_time(seconds)
    suite.rounds.wind_down(1)
    return round_id


@attack(*GATES)
def burned_for_nothing(make_suite: MakeSuite) -> bool:
    suite, victim = make_suite(), account("victim")
    round_id = wound_down(suite, victim, account("other"))
    return not reverts(lambda: suite.rounds.redeem(round_id, 1, 0, sender=victim))


@attack(*GATES)
def notice_skipped(make_suite: MakeSuite) -> bool:
    suite = make_suite()
    people = (account("first"), account("second"))
    return not reverts(lambda: wound_down(suite, *people, seconds=NOTICE_SECONDS - 1))


ALLOTMENT = ("wind_downs", 'assert redeemed <= allotted, "', 'assert allotted >= 0, "')


@attack(ALLOTMENT)
def redeemed_twice(make_suite: MakeSuite) -> bool:
    """Once with its own tokens, once with those of the victim, which sold them."""
    suite, attacker, victim = make_suite(), account("attacker"), account("victim")
    round_id = wound_down(suite, attacker, victim)
    half = suite.tokens_for(round_id, CAP // 2)
    suite.rounds.redeem(round_id, half, 0, sender=attacker)
    suite.rounds.claim(round_id, victim)
    suite.token.transfer(attacker, half, sender=victim)
    suite.token.approve(suite.rounds, half, sender=attacker)
    return not reverts(lambda: suite.rounds.redeem(round_id, half, 0, sender=attacker))


@attack(ALLOTMENT)
def redeemed_with_tokens_bought_elsewhere(make_suite: MakeSuite) -> bool:
    suite, buyer = make_suite(), account("buyer")
    round_id = wound_down(suite, account("first"), account("second"))
    suite.token.set_minter(suite.owner, CAP * TOKEN, sender=suite.owner)
    suite.token.mint(buyer, 1_000 * TOKEN, sender=suite.owner)
    suite.token.approve(suite.rounds, 1_000 * TOKEN, sender=buyer)
    return not reverts(lambda: suite.rounds.redeem(round_id, 1_000 * TOKEN, 0, sender=buyer))


# --- votes before their time ---

EARLY = (
    (
        "round_book",
        "assert self._state_of(live) == IFundingRounds.RoundState.SUCCEEDED,",
        "assert live.raised > 0,",
    ),
    (
        "round_book",
        "    if elapsed < vesting & round_terms.TIME_MASK:\n        vested = 0\n"
        "    elif elapsed < duration:\n",
        "    if elapsed < duration and elapsed > duration:\n",
    ),
)


def votes_of(suite: RoundsSuite, round_id: int, attacker: str) -> int:
    """What the attacker can vote with, by itself or through the rounds, after a claim."""
    reverts(lambda: suite.rounds.claim(round_id, attacker))
    return int(suite.token.getVotes(attacker) + suite.token.getVotes(suite.rounds))


@attack(*EARLY)
def votes_bought_in_a_round_that_is_not_over(make_suite: MakeSuite) -> bool:
    """The attacker votes with tokens of a round that will fail, and gets its money back later."""
    suite, attacker = make_suite(), account("attacker")
    round_id = suite.open_now()
    suite.pay(round_id, attacker, MINIMUM)
    votes = votes_of(suite, round_id, attacker)
    reverts(lambda: suite.rounds.finalize(round_id))
    return votes + votes_of(suite, round_id, attacker) > 0


@attack(*EARLY)
def votes_with_tokens_that_have_not_vested(make_suite: MakeSuite) -> bool:
    """Before the cliff, and halfway for more than the half."""
    suite, attacker = make_suite(), account("attacker")
    vesting = {"cliff_seconds": 30 * DAY, "vesting_seconds": 100 * DAY}
    round_id = suite.open_now(**vesting)
    suite.pay(round_id, attacker, CAP)
    suite.rounds.finalize(round_id)
    pass_time(30 * DAY - 1)
    before_cliff = votes_of(suite, round_id, attacker)
    pass_time(20 * DAY + 1)
    return before_cliff > 0 or votes_of(suite, round_id, attacker) > suite.tokens_for(
        round_id, CAP // 2
    )


# --- both tests ---


@pytest.mark.parametrize("name", ATTACKS)
def test_attack__contract__holds(name):
    assert not ATTACKS[name].run(make_suite_on(deployer_of("FundingRounds")))


@pytest.mark.parametrize("name", ATTACKS)
def test_attack__without_the_defence__succeeds(name):
    mutant = mutate_all("FundingRounds", ATTACKS[name].changes)
    assert ATTACKS[name].run(make_suite_on(mutant))

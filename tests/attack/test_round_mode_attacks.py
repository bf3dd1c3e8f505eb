"""Attacks on pro-rata rounds, allow-lists, batches and wind-downs: they fail on the contract and
succeed without the defence. Each mutant serves several attacks, to compile fewer."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.attack.mutants import mutate_all
from tests.attack.test_round_attacks import Attack, Change, MakeSuite, reverts, suites
from tests.kits.funding import NOTICE_SECONDS, TERMS, TOKEN, USDC, RoundsSuite
from tests.odd_assets import Entry, Fault, Mood, deploy_odd_asset
from tests.support import DAY, MAX_UINT, account, deploy, now, pass_time

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
    ("positions", "packed_position._add_flag(packed, packed_position.SURPLUS_PAID)", "packed"),
    ("round_book", "min(core.hard_cap, core.contributors - 1)", "0"),
    (
        "round_book",
        "flags: uint256 = packed_round_schedule._flags(self._rounds[round_id].schedule)",
        "flags: uint256 = core.flags",
    ),
)
GATES = (
    ("FundingRounds", "abi_encode(chain.id, self, round_id, account)", "abi_encode(account)"),
    ("asset_ledger", "        gas=TRY_GAS,\n", ""),
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


# --- wind-downs: mutants of Redemptions ---

REDEMPTION_ATTACKS: dict[str, Attack] = {}
# What each mutant lets through, in the order of the checks.
NOTICE = ("wind_downs", " and block.timestamp >= record.starts_at", "")
EXPIRY = ("wind_downs", "block.timestamp < record.expires_at", "record.expires_at > 0")
ALLOTMENT = ("wind_downs", "assert tokens <= allotted - total", "assert allotted >= 0")
HOLDER = (
    "Redemptions",
    "assert msg.sender == position.holder",
    "assert msg.sender != empty(address)",
)
NOTHING = ("Redemptions", "assert amount > 0 and amount >= min_out", "assert amount >= min_out")
PAID_TWICE = ("wind_downs", "self._paid[round_id][account] += amount", "pass")
REST = (
    "wind_downs",
    "record.pool - self._worth(round_id, record.tokens_burned, minted)",
    "record.pool - record.paid",
)


def redemption_attack(*changes: Change) -> Callable[[Callable[[MakeSuite], bool]], Any]:
    def register(run: Callable[[MakeSuite], bool]) -> Callable[[MakeSuite], bool]:
        REDEMPTION_ATTACKS[run.__name__] = Attack(run, changes)
        return run

    return register


def wound_down(suite: RoundsSuite, *people: str, seconds: int = NOTICE_SECONDS) -> int:
    """A round of two people, half each, whose purpose is wound down with half of its money."""
    round_id = suite.open_now()
    for who in people:
        suite.pay(round_id, who, CAP // 2)
    suite.rounds.finalize(round_id)
    purpose, owner = suite.opened[round_id]["purpose"], suite.owner
    suite.treasury.set_committer(owner, True, sender=owner)
    suite.treasury.commit_beyond_cap(purpose, suite.asset, CAP // 2, owner, sender=owner)
    suite.treasury.allow_wind_down(purpose, suite.asset, suite.redemptions, sender=owner)
    suite.redemptions.announce(round_id, 1, sender=owner)
    pass_time(seconds)
    suite.redemptions.begin(round_id)
    for who in people:
        suite.token.approve(suite.redemptions, MAX_UINT, sender=who)
    return round_id


def redeem(suite: RoundsSuite, round_id: int, who: str, tokens: int, of: str = "") -> bool:
    """Whether `who` could burn tokens on a position, its own unless it is `of` another."""
    call = partial(suite.redemptions.redeem, round_id, of or who, tokens, 0, who, sender=who)
    return not reverts(call)


@redemption_attack(NOTICE)
def notice_skipped(make_suite: MakeSuite) -> bool:
    suite, people = make_suite(), (account("first"), account("second"))
    return not reverts(lambda: wound_down(suite, *people, seconds=NOTICE_SECONDS - 1))


@redemption_attack(EXPIRY)
def stale_announcement_used(make_suite: MakeSuite) -> bool:
    suite, people = make_suite(), (account("first"), account("second"))
    return not reverts(lambda: wound_down(suite, *people, seconds=900 * DAY))


@redemption_attack(NOTHING)
def burned_for_nothing(make_suite: MakeSuite) -> bool:
    suite, victim = make_suite(), account("victim")
    return redeem(suite, wound_down(suite, victim, account("other")), victim, 1)


@redemption_attack(ALLOTMENT)
def redeemed_with_tokens_bought_elsewhere(make_suite: MakeSuite) -> bool:
    """Once with its own tokens, once with those of the victim, which sold them."""
    suite, attacker, victim = make_suite(), account("attacker"), account("victim")
    round_id = wound_down(suite, attacker, victim)
    half = suite.tokens_for(round_id, CAP // 2)
    assert redeem(suite, round_id, attacker, half)
    suite.rounds.claim(round_id, victim)
    suite.token.transfer(attacker, half, sender=victim)
    return redeem(suite, round_id, attacker, half)


@redemption_attack(HOLDER)
def redeemed_on_the_position_of_another(make_suite: MakeSuite) -> bool:
    suite, attacker, victim = make_suite(), account("attacker"), account("victim")
    round_id = wound_down(suite, attacker, victim)
    suite.rounds.claim(round_id, attacker)
    return redeem(suite, round_id, attacker, TOKEN, of=victim)


@redemption_attack(PAID_TWICE)
def collected_twice(make_suite: MakeSuite) -> bool:
    suite, attacker = make_suite(), account("attacker")
    round_id = wound_down(suite, attacker, account("other"))
    assert redeem(suite, round_id, attacker, suite.tokens_for(round_id, CAP // 2))
    return not reverts(lambda: suite.redemptions.collect(round_id, attacker))


@redemption_attack(REST)
def closed_over_what_is_owed(make_suite: MakeSuite) -> bool:
    """What came in later for tokens that are burned already is theirs, also after the end."""
    suite, victim = make_suite(), account("victim")
    round_id = wound_down(suite, victim, account("other"))
    assert redeem(suite, round_id, victim, suite.tokens_for(round_id, CAP // 2))
    suite.treasury.release_commitment(1, CAP // 2, sender=suite.owner)
    suite.redemptions.top_up(round_id)
    pass_time(731 * DAY)
    suite.redemptions.close(round_id)
    return reverts(lambda: suite.redemptions.collect(round_id, victim))


@pytest.mark.parametrize("name", REDEMPTION_ATTACKS)
def test_redemption_attack__contract__holds(name):
    assert not REDEMPTION_ATTACKS[name].run(suites())


@pytest.mark.parametrize("name", REDEMPTION_ATTACKS)
def test_redemption_attack__without_the_defence__succeeds(name):
    mutant = mutate_all("Redemptions", REDEMPTION_ATTACKS[name].changes)
    assert REDEMPTION_ATTACKS[name].run(suites(Redemptions=mutant))


# --- votes before their time ---

EARLY = (
    (
        "round_book",
        "if self._state_of(core) != IFundingRounds.RoundState.SUCCEEDED:",
        "if core.raised == 0:",
    ),
    (
        "vesting",
        "    if vesting.vesting_seconds == 0 or",
        "    if vesting.vesting_seconds >= 0 or",
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
    reverts(lambda: suite.rounds.finalize(round_id))
    suite.warp_to_end(round_id, 30 * DAY - 1)
    before_cliff = votes_of(suite, round_id, attacker)
    pass_time(20 * DAY + 1)
    return before_cliff > 0 or votes_of(suite, round_id, attacker) > suite.tokens_for(
        round_id, CAP // 2
    )


# --- both tests ---


@pytest.mark.parametrize("name", ATTACKS)
def test_attack__contract__holds(name):
    assert not ATTACKS[name].run(suites())


@pytest.mark.parametrize("name", ATTACKS)
def test_attack__without_the_defence__succeeds(name):
    mutant = mutate_all("FundingRounds", ATTACKS[name].changes)
    assert ATTACKS[name].run(suites(FundingRounds=mutant))

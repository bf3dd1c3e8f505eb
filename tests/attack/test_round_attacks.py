"""Attacks on FundingRounds. Each runs twice: on the contract, where it must fail, and on a mutant
without the defence that it aims at, where it must succeed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import boa
import pytest
from eth_account import Account

from tests.attack.mutants import SOLVENT, check_changes, mutate_all
from tests.kits.funding import (
    FINALIZE_SECONDS,
    TERMS,
    TOKEN,
    USDC,
    RoundsSuite,
    State,
    deploy_rounds_suite,
    sign_permit,
)
from tests.odd_assets import Entry, Fault, Mood, deploy_odd_asset
from tests.support import ZERO_ADDRESS, account, deploy, now, pass_time

CAP = TERMS["hard_cap"]
GOAL = TERMS["soft_goal"]
MINIMUM = TERMS["min_contribution"]

MakeSuite = Callable[..., RoundsSuite]
# File stem, defence, what stands in its place.
Change = tuple[str, str, str]


@dataclass(frozen=True)
class Attack:
    """`run` returns whether the attacker got what it wanted; `stem` is what is mutated."""

    run: Callable[[MakeSuite], bool]
    changes: tuple[Change, ...]
    stem: str = "FundingRounds"

    def __post_init__(self) -> None:
        check_changes(self.changes)


ATTACKS: dict[str, Attack] = {}


def attack(
    *changes: Change, stem: str = "FundingRounds"
) -> Callable[[Callable[[MakeSuite], bool]], Any]:
    """Registers an attack that `changes` of the source of `stem` would let through."""

    def register(run: Callable[[MakeSuite], bool]) -> Callable[[MakeSuite], bool]:
        ATTACKS[run.__name__] = Attack(run, changes, stem)
        return run

    return register


def reverts(call: Callable[[], Any]) -> bool:
    try:
        call()
    except boa.BoaError:
        return True
    return False


# --- money that cannot be had back ---


@attack(
    (
        "round_book",
        "    if block.timestamp < core.ends_at + FINALIZE_SECONDS:",
        "    if core.ends_at > 0:",
    )
)
def proceeds_stuck_behind_a_blacklisted_treasury(make_suite: MakeSuite) -> bool:
    suite, victim = make_suite(asset=deploy_odd_asset()), account("victim")
    round_id = suite.open_now()
    suite.pay(round_id, victim, CAP)
    suite.asset.set_blacklisted(suite.treasury, True)
    pass_time(10 * FINALIZE_SECONDS)
    assert reverts(lambda: suite.rounds.finalize(round_id))
    return reverts(lambda: suite.rounds.refund(round_id, victim))


@attack(
    (
        "settlements",
        "is_delegated: bool = raw_call(\n"
        '            TOKEN, abi_encode(holder, method_id=method_id("delegate_default(address)")),'
        " revert_on_failure=False\n        )",
        "extcall IGovernanceToken(TOKEN).delegate_default(holder)",
    )
)
def tokens_stuck_behind_a_lost_minter_role(make_suite: MakeSuite) -> bool:
    suite, victim = make_suite(), account("victim")
    round_id = suite.open_now()
    suite.pay(round_id, victim, CAP)
    suite.rounds.finalize(round_id)
    suite.token.set_minter(suite.rounds, 0, sender=suite.owner)
    return reverts(lambda: suite.rounds.claim(round_id, victim))


@attack(("RoundRules", "assert reserved + needed <=", "assert needed <="), stem="RoundRules")
def tokens_promised_twice(make_suite: MakeSuite) -> bool:
    """Two full rounds for one minter cap: the second could not deliver."""
    suite, victim = make_suite(minter_cap=CAP * TOKEN // TERMS["price"]), account("victim")
    first = suite.open_now()
    if reverts(suite.open_now):
        return False
    second = first + 1
    suite.opened[second] = suite.opened[first]
    for round_id in (first, second):
        suite.pay(round_id, victim, CAP)
    suite.rounds.finalize(first)
    return reverts(lambda: suite.rounds.finalize(second))


@attack(
    (
        "round_book",
        "    if flags & packed_round_schedule.RELEASED != 0:\n        return 0\n",
        "",
    )
)
def reservation_released_twice(make_suite: MakeSuite) -> bool:
    """Releasing a failed round again would take away what a live one has reserved."""
    suite = make_suite()
    failed = suite.open_now()
    suite.open(starts_at=now() + 60 * 86_400)
    suite.warp_to_end(failed)
    reserved = suite.rounds.tokens_reserved() // 2
    for _ in range(2):
        suite.rounds.release_reservation(failed)
    return suite.rounds.tokens_reserved() < reserved


@attack(
    (
        "FundingRounds",
        "positions := positions, round_book := round_book]",
        "positions := positions, round_book := round_book, safety := safety]",
    ),
    ("settlements", "uses: round_book\n", "uses: round_book\nuses: safety\n"),
    (
        "settlements",
        "from contracts.common import refusals\n",
        "from contracts.common import refusals\nfrom contracts.common import safety\n",
    ),
    (
        "settlements",
        "    has_surplus: bool",
        "    safety._check_running()\n    has_surplus: bool",
    ),
)
def refunds_paused_by_the_guardian(make_suite: MakeSuite) -> bool:
    suite, victim = make_suite(), account("victim")
    round_id = suite.open_now()
    suite.pay(round_id, victim, MINIMUM)
    suite.warp_to_end(round_id)
    suite.rounds.set_guardian(suite.owner, now() + 86_400, sender=suite.owner)
    suite.rounds.pause(sender=suite.owner)
    return reverts(lambda: suite.rounds.refund(round_id, victim))


# --- totals ---


@attack(("round_book", "taken = min(amount, room)", "taken = amount"))
def over_funding_race(make_suite: MakeSuite) -> bool:
    """Two contributors send the whole gap in the same block."""
    suite = make_suite()
    round_id = suite.open_now()
    suite.pay(round_id, account("first"), CAP - 100 * USDC)
    for name in ("second", "third"):
        reverts(partial(suite.pay, round_id, account(name), 150 * USDC))
    return suite.rounds.round(round_id).raised > CAP


@attack(
    (
        "round_book",
        "if not fills_cap and taken <",
        "if taken <",
    )
)
def goal_out_of_reach_through_the_minimum(make_suite: MakeSuite) -> bool:
    """The attacker leaves a gap below the minimum contribution."""
    suite, helper = make_suite(), account("helper")
    round_id = suite.open_now(soft_goal=CAP)
    suite.pay(round_id, account("attacker"), CAP - 1)
    reverts(partial(suite.pay, round_id, helper, MINIMUM))
    suite.warp_to_end(round_id)
    return suite.state(round_id) == State.FAILED


@attack(
    (
        "round_book",
        "round_terms._tokens_for(core.hard_cap - core.raised, core.price) == 0",
        "core.hard_cap == core.raised",
    )
)
def goal_out_of_reach_through_the_price(make_suite: MakeSuite) -> bool:
    """The attacker leaves a gap that would mint nothing, so that nobody in his senses fills it."""
    suite, attacker = make_suite(), account("attacker")
    round_id = suite.open_now(price=3 * TOKEN, min_contribution=3, soft_goal=3_000, hard_cap=3_000)
    suite.pay(round_id, attacker, 2_998)
    suite.warp_to_end(round_id)
    return suite.state(round_id) == State.FAILED


@attack(
    (
        "round_terms",
        "terms.min_contribution <= terms.hard_cap and mints > 0",
        "terms.min_contribution <= terms.hard_cap",
    ),
    stem="RoundRules",
)
def dust_swallowed(make_suite: MakeSuite) -> bool:
    """A contribution that mints nothing: its owner would pay for air."""
    suite, victim = make_suite(), account("victim")
    terms = {"price": 3 * TOKEN, "min_contribution": 2, "soft_goal": 3_000, "hard_cap": 3_000}
    if reverts(partial(suite.open_now, **terms)):
        return False
    round_id = 1
    suite.opened[round_id] = suite.terms(starts_at=now(), **terms)
    suite.pay(round_id, victim, 2)
    suite.pay(round_id, account("attacker"), CAP)
    suite.rounds.finalize(round_id)
    return suite.rounds.claimable(round_id, victim) == 0


@attack(
    (
        "round_terms",
        "    return amount * TOKEN_UNIT // price",
        "    return (amount * TOKEN_UNIT + price - 1) // price",
    )
)
def dust_split_to_round_up(make_suite: MakeSuite) -> bool:
    """Many small contributions must not claim more than was minted for their sum."""
    suite = make_suite()
    round_id = suite.open_now(price=3 * TOKEN, min_contribution=4, soft_goal=12, hard_cap=12)
    accounts = [account(f"dust {i}") for i in range(3)]
    for name in accounts:
        suite.pay(round_id, name, 4)
    suite.rounds.finalize(round_id)
    return any(reverts(partial(suite.rounds.claim, round_id, name)) for name in accounts)


@attack(
    (
        "round_book",
        "block.timestamp < core.ends_at and not",
        "block.timestamp <= core.ends_at and not",
    )
)
def contribution_at_the_deadline(make_suite: MakeSuite) -> bool:
    """In the second in which a failed round may be refunded, nobody may turn it into a success."""
    suite = make_suite()
    round_id = suite.open_now()
    suite.pay(round_id, account("victim"), GOAL - MINIMUM)
    suite.warp_to_end(round_id)
    return not reverts(lambda: suite.pay(round_id, account("attacker"), MINIMUM))


@attack(
    (
        "round_book",
        "if self._state_of(core) != IFundingRounds.RoundState.SUCCEEDED:",
        "if core.raised < core.soft_goal:",
    )
)
def finalized_over_refunds(make_suite: MakeSuite) -> bool:
    """Refunded after the deadline, the attacker finalizes: other rounds would pay the Treasury."""
    suite, attacker = make_suite(), account("attacker")
    round_id, other = suite.open_now(), suite.open_now(ends_at=now() + 100 * 86_400)
    suite.pay(round_id, attacker, GOAL)
    suite.pay(other, account("victim"), GOAL)
    harmed = False
    for offset in (-1, 0, 1):
        suite.warp_to_end(round_id, FINALIZE_SECONDS + offset)
        with boa.env.anchor():
            refunded = not reverts(lambda: suite.rounds.refund(round_id, attacker))
            finalized = not reverts(lambda: suite.rounds.finalize(round_id))
            harmed |= refunded and finalized
    return harmed


@attack(
    (
        "positions",
        "    self._positions[round_id][account] = 0\n",
        "",
    )
)
def refunded_twice(make_suite: MakeSuite) -> bool:
    suite, attacker = make_suite(), account("attacker")
    round_id = suite.open_now()
    suite.pay(round_id, attacker, 100 * USDC)
    suite.pay(round_id, account("victim"), 100 * USDC)
    suite.warp_to_end(round_id)
    for _ in range(2):
        reverts(lambda: suite.rounds.refund(round_id, attacker))
    return suite.asset.balanceOf(attacker) > 100 * USDC


@attack(
    (
        "round_book",
        'refusals._refuse("account maximum exceeded")',
        "pass",
    )
)
def maximum_split_over_calls(make_suite: MakeSuite) -> bool:
    suite, attacker = make_suite(), account("attacker")
    round_id = suite.open_now(max_contribution=100 * USDC)
    for _ in range(3):
        reverts(lambda: suite.pay(round_id, attacker, 50 * USDC))
    return suite.rounds.contribution(round_id, attacker) > 100 * USDC


# --- tokens and allowances ---


@attack(
    ("asset_ledger", "    owed: uint256 = self.accounted[asset]\n", "    owed: uint256 = 0\n"),
    ("asset_ledger", SOLVENT, "pass"),
)
def contributions_skimmed(make_suite: MakeSuite) -> bool:
    """The owner donates a wei and skims."""
    suite = make_suite()
    suite.pay(suite.open_now(), account("victim"), 100 * USDC)
    suite.asset.mint(suite.rounds, 1)
    suite.rounds.skim(suite.asset, suite.owner, sender=suite.owner)
    return suite.asset.balanceOf(suite.owner) > 1


@attack(
    (
        "asset_ledger",
        "an underflow.\n    assert balance_after == balance_before + amount",
        "an underflow.\n    assert balance_after > balance_before",
    )
)
def fee_token_leaves_the_last_one_short(make_suite: MakeSuite) -> bool:
    suite = make_suite(asset=deploy_odd_asset(Fault.FEE_ON_RECEIVER, Entry.TRANSFER_FROM))
    round_id = suite.open_now()
    victims = [account("victim"), account("second victim")]
    for victim in victims:
        reverts(partial(suite.pay, round_id, victim, 100 * USDC))
    suite.warp_to_end(round_id)
    paid = [victim for victim in victims if suite.rounds.refundable(round_id, victim) > 0]
    return any(reverts(partial(suite.rounds.refund, round_id, victim)) for victim in paid)


@attack(
    (
        "FundingRounds",
        "is_permitted: bool = raw_call(asset, permit_call, revert_on_failure=False)",
        "raw_call(asset, permit_call)",
    )
)
def permit_front_run(make_suite: MakeSuite) -> bool:
    """The attacker copies the permit out of the mempool and spends its nonce first."""
    suite, victim = make_suite(), Account.from_key(b"\x09" * 32)
    round_id, deadline = suite.open_now(), now() + 60
    suite.asset.mint(victim.address, MINIMUM)
    permit = sign_permit(suite.asset, victim, suite.rounds.address, MINIMUM, deadline)
    suite.asset.permit(
        victim.address, suite.rounds, MINIMUM, deadline, *permit, sender=account("attacker")
    )
    return reverts(
        lambda: suite.rounds.contribute_with_permit(
            round_id, MINIMUM, MINIMUM, deadline, *permit, [], sender=victim.address
        )
    )


PUSH_TOKENS = "        asset_ledger._push(TOKEN, holder, tokens)\n"
SETTLE, RETURN = (
    "        self._close_out(round_id, core, account)\n",
    "    return tokens, surplus\n",
)
DELEGATE_COMMENT = "        # May fail: this contract"


@attack(
    ("settlements", PUSH_TOKENS + SETTLE + RETURN, RETURN),
    ("settlements", DELEGATE_COMMENT, PUSH_TOKENS + SETTLE + DELEGATE_COMMENT),
)
def delegation_starved_of_gas(make_suite: MakeSuite) -> bool:
    """Someone claims for the victim with so little gas that only the delegation fails."""
    suite, victim = make_suite(), account("victim")
    round_id = suite.open_now()
    suite.pay(round_id, victim, 100 * USDC)
    suite.pay(round_id, account("other"), CAP)
    suite.rounds.finalize(round_id)
    for gas in range(20_000, 200_000, 3_000):
        with boa.env.anchor():
            if reverts(partial(suite.rounds.claim, round_id, victim, gas=gas)):
                continue
            if suite.token.delegates(victim) == ZERO_ADDRESS:
                return True
    return False


# --- both tests ---


def suites(**mutants: Any) -> MakeSuite:
    return partial(deploy_rounds_suite, account("governance"), **mutants)


@pytest.mark.parametrize("name", ATTACKS)
def test_attack__contract__holds(name):
    assert not ATTACKS[name].run(suites())


@pytest.mark.parametrize("name", ATTACKS)
def test_attack__without_the_defence__succeeds(name):
    found = ATTACKS[name]
    assert found.run(suites(**{found.stem: mutate_all(found.stem, found.changes)}))


# --- hostile contributors: there is no defence to take out, since each is paid on its own ---


@pytest.mark.parametrize("mood", Mood)
def test_refund__hostile_contract__blocks_only_itself(mood):
    suite = suites()(asset=deploy_odd_asset())
    hostile, victims = deploy("Hostile", mood), [account(f"victim {i}") for i in range(2)]
    round_id = suite.open_now()
    for contributor in (victims[0], hostile.address, victims[1]):
        suite.pay(round_id, contributor, 100 * USDC)
    suite.warp_to_end(round_id)
    suite.asset.misbehave(Fault.NOTIFIES_RECEIVER, Entry.TRANSFER)
    is_paid = not reverts(lambda: suite.rounds.refund(round_id, hostile))
    assert is_paid == (mood == Mood.RETURNS_100_KB)
    for victim in victims:
        assert suite.rounds.refund(round_id, victim) == 100 * USDC
        assert suite.asset.balanceOf(victim) == 100 * USDC
    assert suite.rounds.refundable(round_id, hostile) == (0 if is_paid else 100 * USDC)


def test_refund__blacklisted_contributor__blocks_only_itself():
    suite = suites()(asset=deploy_odd_asset())
    round_id, listed, victim = suite.open_now(), account("listed"), account("victim")
    for contributor in (listed, victim):
        suite.pay(round_id, contributor, 100 * USDC)
    suite.warp_to_end(round_id)
    suite.asset.set_blacklisted(listed, True)
    with boa.reverts("account is blacklisted"):
        suite.rounds.refund(round_id, listed)
    assert suite.rounds.refund(round_id, victim) == 100 * USDC
    suite.asset.set_blacklisted(listed, False)
    assert suite.rounds.refund(round_id, listed) == 100 * USDC

"""Reentrancy across the suite: an asset with hooks calls back from every movement of money.

Into a contract whose call is running: the lock. Into any other: the end is that of the two calls
made one after the other. test_round_reentrancy.py and the attack tests of the single contracts
show what happens without the lock.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import boa
import pytest

from tests.attack.test_access import actions_of, changing_functions
from tests.busy_suite import USDC, Action, BusySuite, deploy_busy_suite
from tests.odd_assets import Entry, deploy_odd_asset, program_reentry

TOOK_A_FEE = "asset took a fee"
# A batch caps the gas of each transfer: a hook that needs more fails with its transfer, and the
# account stays owed.
PASSES_OVER = {"FundingRounds.refund_batch"}
PASSED_OVER = "passed over"
# A hashed slot, as of a balance, is above any that the compiler numbers.
FIRST_HASHED_SLOT = 2**64
# Contract and slot => value.
Slots = dict[tuple[str, int], int]


@dataclass(frozen=True)
class Move:
    """A call that moves the asset, and the contracts that are locked while the asset is called."""

    key: str
    entry: Entry
    locked: tuple[str, ...]


def move(key: str, *others: str, entry: Entry = Entry.MOVES) -> Move:
    return Move(key, entry, (key.split(".")[0], *others))


MOVES = (
    move("FundingRounds.contribute"),
    move("FundingRounds.refund"),
    move("FundingRounds.finalize", entry=Entry.APPROVE),
    move("FundingRounds.finalize", "Treasury"),
    move("FundingRounds.refund_batch"),
    move("FundingRounds.refund_to"),
    move("FundingRounds.skim"),
    move("Redemptions.begin", "Treasury"),
    move("Redemptions.redeem"),
    move("Redemptions.skim"),
    move("Treasury.deposit"),
    move("Treasury.close_epoch", entry=Entry.APPROVE),
    move("Treasury.close_epoch", "HolderIncome"),
    move("Treasury.spend"),
    move("Treasury.spend_beyond_cap"),
    move("Treasury.skim"),
    move("TrainingGrants.draw", "Treasury"),
    move("TrainingGrants.draw/finished", "Treasury"),
    move("TrainingGrants.post_bond"),
    move("TrainingGrants.post_bond", entry=Entry.APPROVE),
    move("ComputeEscrow.draw", "Treasury"),
    move("ComputeEscrow.draw/campaign", "Treasury"),
    move("ComputeEscrow.draw/campaign", entry=Entry.APPROVE),
    move("ComputeEscrow.draw/campaign", "ContributorRewards", entry=Entry.TRANSFER_FROM),
    move("HolderIncome.claim"),
    move("HolderIncome.skim"),
    move("RoyaltyRouter.pay"),
    move("RoyaltyRouter.withdraw"),
    move("RoyaltyRouter.forward_income", entry=Entry.APPROVE),
    move("RoyaltyRouter.forward_income", "Treasury"),
    move("RoyaltyRouter.forward_campaign", entry=Entry.APPROVE),
    move("RoyaltyRouter.forward_campaign", "ContributorRewards"),
    move("RoyaltyRouter.skim"),
    move("LicenseMarket.buy"),
    move("LicenseMarket.buy/bonded"),
    move("LicenseMarket.pay"),
    move("LicenseMarket.report_and_pay"),
    move("LicenseEnforcement.enforce", entry=Entry.APPROVE),
    move("LicenseEnforcement.enforce", "LicenseMarket"),
    move("LicenseEnforcement.dispute"),
    move("LicenseEnforcement.decide", entry=Entry.APPROVE),
    move("LicenseEnforcement.withdraw"),
    move("LicenseEnforcement.skim"),
    move("LicenseEnforcement.skim_market"),
    move("ContributorRewards.fund"),
    move("ContributorRewards.claim"),
    move("ContributorRewards.claim_to"),
    move("ContributorRewards.claim_batch"),
    move("ContributorRewards.claim_range"),
    move("ContributorRewards.claim_drops"),
)
# What the asset itself can do with effect: what is open to all, and what money can buy.
CALLS = (
    "FundingRounds.contribute",
    "FundingRounds.finalize",
    "FundingRounds.claim",
    "FundingRounds.claim_batch",
    "FundingRounds.refund",
    "FundingRounds.refund_batch",
    "Redemptions.begin",
    "FundingRounds.release_reservation",
    "Treasury.deposit",
    "Treasury.close_epoch",
    "HolderIncome.claim",
    "HolderIncome.roll",
    "TrainingGrants.draw",
    "TrainingGrants.draw/finished",
    "TrainingGrants.expire",
    "TrainingGrants.post_bond",
    "ComputeEscrow.draw",
    "ComputeEscrow.draw/campaign",
    "ComputeEscrow.give_notice/ended",
    "ComputeEscrow.return_budget",
    "RoyaltyRouter.pay",
    "RoyaltyRouter.settle",
    "RoyaltyRouter.withdraw",
    "RoyaltyRouter.forward_income",
    "RoyaltyRouter.forward_campaign",
    "LicenseMarket.buy",
    "LicenseMarket.pay",
    "LicenseEnforcement.enforce",
    "LicenseEnforcement.withdraw",
    "ContributorRewards.fund",
    "ContributorRewards.activate_drop",
    "ContributorRewards.claim",
    "ContributorRewards.claim_batch",
    "ContributorRewards.claim_range",
    "ContributorRewards.claim_drops",
)
# The market sends the money straight to the router and compares the router's balance before and
# after, while the router itself is open: a payment whose own token moves that balance fails whole.
# The same holds for a bond, which moves before the fee, at LicenseEnforcement.
PAYMENTS = (
    "LicenseMarket.buy",
    "LicenseMarket.pay",
    "LicenseMarket.report_and_pay",
    "LicenseEnforcement.enforce",
)
ROUTER_MOVES = (
    "RoyaltyRouter.pay",
    "RoyaltyRouter.withdraw",
    "RoyaltyRouter.forward_income",
    "RoyaltyRouter.forward_campaign",
)
REFUSED = {(payment, call) for payment in PAYMENTS for call in ROUTER_MOVES}
REFUSED |= {("LicenseMarket.buy/bonded", "LicenseEnforcement.withdraw")}


def name_of(move: Move) -> str:
    return f"{move.key}-{move.entry.name}"


@pytest.fixture(scope="module")
def busy() -> BusySuite:
    busy = deploy_busy_suite(deploy_odd_asset())
    asset, suite = busy.suite.asset, busy.suite
    asset.mint(asset, 1_000_000 * USDC)
    spenders = ("FundingRounds", "Treasury", "RoyaltyRouter", "LicenseMarket", "ContributorRewards")
    spenders += ("TrainingGrants",)
    for stem in spenders:
        asset.approve(suite[stem], 1_000_000 * USDC, sender=asset.address)
    return busy


@pytest.fixture(scope="module")
def known() -> dict[Any, Slots]:
    """What undisturbed calls change, by their senders and functions."""
    return {}


# --- machinery ---


def call_by_asset(busy: BusySuite, key: str) -> Action:
    return replace(busy.actions[key], sender=busy.suite.asset.address)


def changes(busy: BusySuite, run: Callable[[], Any]) -> tuple[Slots, Any]:
    """Every storage slot that `run` leaves changed, with its value, and what `run` returned; then
    all is undone. Of the asset only what is hashed: the hook's own notes are not."""
    env, asset = boa.env, str(busy.suite.asset.address)
    seen, env.sstore_trace = env.sstore_trace, {}
    try:
        with env.anchor():
            result = run()
            slots = {
                (str(address), slot): env.get_storage(address, slot)
                for address, touched in env.sstore_trace.items()
                for slot in touched
                if str(address) != asset or slot > FIRST_HASHED_SLOT
            }
    finally:
        for address, touched in env.sstore_trace.items():
            seen.setdefault(address, set()).update(touched)
        env.sstore_trace = seen
    return {key: new for key, new in slots.items() if new != env.get_storage(*key)}, result


def one_after_the_other(busy: BusySuite, known: dict[Any, Slots], *actions: Action) -> Slots:
    """What the calls change, undisturbed; `known` remembers it."""
    keys = tuple((action.calldata(busy.suite), action.stem, action.sender) for action in actions)
    if keys in known:
        return known[keys]

    def run() -> None:
        for action in actions:
            try:
                action.run(busy.suite)
            except boa.BoaError:
                # What the first call has used up is no longer there for the second.
                assert action is actions[-1]

    known[keys] = changes(busy, run)[0]
    return known[keys]


def reentered(
    busy: BusySuite, move: Move, payload: bytes, target: str, *, runs_first: bool = False
) -> tuple[Slots, str, bytes | None]:
    """What `move` changed, why it failed if it did, and what the hook got: None for success."""
    asset, response = busy.suite.asset, None

    def run() -> str:
        nonlocal response
        program_reentry(
            asset, busy.suite[target], payload, entries=move.entry, runs_first=runs_first
        )
        try:
            busy.actions[move.key].run(busy.suite)
        except boa.BoaError as error:
            return str(error)
        if asset.hook_calls_left() > 0:
            assert move.key in PASSES_OVER, "the hook did not run"
            return PASSED_OVER
        response = None if asset.hook_succeeded() else bytes(asset.hook_response())
        return ""

    slots, failure = changes(busy, run)
    return slots, failure, response


# --- into a contract whose call is running ---


def locked_functions(busy: BusySuite, stem: str) -> list[Action]:
    return [
        action
        for function in changing_functions(busy.suite[stem])
        for action in actions_of(busy, stem, function)
    ]


@pytest.mark.parametrize("move", MOVES, ids=name_of)
def test_running_contract__reentered__is_locked(busy, move):
    for stem in move.locked:
        for action in locked_functions(busy, stem):
            payload = action.calldata(busy.suite)
            _, failure, response = reentered(busy, move, payload, stem)
            # The lock gives no reason, every check of a contract does.
            name = f"{stem}.{action.function}"
            if name == "Treasury.push_from_closing":
                # Open inside of a closing, and to the Treasury itself only.
                assert failure == ""
                assert b"caller is not the treasury" in response
                continue
            assert (failure, response) == ("", b""), name


@pytest.mark.parametrize("stem", sorted({stem for move in MOVES for stem in move.locked}))
def test_running_contract__payload_outside_a_call__reaches_the_contract(busy, stem):
    """Without this a malformed payload would pass for a locked one."""
    asset = busy.suite.asset.address
    for action in locked_functions(busy, stem):
        payload = action.calldata(busy.suite)
        with boa.env.anchor():
            result = boa.env.execute_code(busy.suite[stem].address, sender=asset, data=payload)
        assert not result.is_error or result.output != b"", action.function


# --- into the others ---


def deep_if_not_moving(move: Move) -> Any:
    """Calls from an asset's `transfer` and `transferFrom` always, from the others in deep runs."""
    marks = () if move.entry == Entry.MOVES else pytest.mark.deep
    return pytest.param(move, id=name_of(move), marks=marks)


@pytest.mark.parametrize(
    "runs_first",
    [
        pytest.param(False, id="after"),
        pytest.param(True, id="before", marks=pytest.mark.deep),
    ],
)
@pytest.mark.parametrize("move", map(deep_if_not_moving, MOVES))
def test_other_contract__reentered__ends_like_two_calls_in_a_row(busy, known, move, runs_first):
    moving = busy.actions[move.key]
    alone = one_after_the_other(busy, known, moving)
    for key in CALLS:
        called = call_by_asset(busy, key)
        payload = called.calldata(busy.suite)
        after, failure, response = reentered(
            busy, move, payload, called.stem, runs_first=runs_first
        )
        if failure == PASSED_OVER:
            assert after == {}, key
            continue
        if move.entry == Entry.MOVES and (move.key, key) in REFUSED:
            assert TOOK_A_FEE in failure, key
            assert after == {}
            continue
        assert failure == "", key
        if (move.key.split(".")[0], key) == ("HolderIncome", "Treasury.close_epoch"):
            # HolderIncome runs and cannot take its part, which waits; the rest is closed.
            assert response is None
            continue
        if response is None:
            in_a_row = one_after_the_other(busy, known, moving, called)
            if after != in_a_row:
                assert after == one_after_the_other(busy, known, called, moving), key
        else:
            assert response == b"", key
            assert after == alone, key


def test_other_contract__reentered__most_calls_get_through(busy):
    """Else the test above would be about the lock only."""
    claim = move("HolderIncome.claim")
    refused = set()
    for key in CALLS:
        called = call_by_asset(busy, key)
        payload = called.calldata(busy.suite)
        if reentered(busy, claim, payload, called.stem)[2] is not None:
            refused.add(key)
    assert refused == {"HolderIncome.claim", "HolderIncome.roll"}

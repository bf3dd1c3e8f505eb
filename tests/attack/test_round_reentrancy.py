"""Reentrancy into FundingRounds from each transfer of a hooked asset."""

from collections.abc import Callable
from typing import Any

import boa
import pytest
from eth_abi import encode
from eth_utils import function_signature_to_4byte_selector

from tests.attack.mutants import check_changes, mutate_all
from tests.kits.funding import TERMS, USDC, RoundsSuite, deploy_rounds_suite
from tests.odd_assets import Entry, calldata_of, deploy_odd_asset, program_reentry
from tests.support import account, deployer_of, fund_and_approve

CAP = TERMS["hard_cap"]
PAID = 100 * USDC
# Views of what never changes, and of the owner, whom no function of a hooked asset can change.
UNLOCKED = {
    "FINALIZE_SECONDS",
    "MAX_GUARDIAN_SECONDS",
    "MAX_PAUSE_SECONDS",
    "MAX_ROUND_SECONDS",
    "MAX_VESTING_SECONDS",
    "RULES",
    "TOKEN",
    "TREASURY",
    "owner",
    "guardian",
    "guardian_expires_at",
    # What its own callees ask for in the middle of a call; both change before anything is moved.
    "accounted",
    "state",
}
OFF = ("# pragma nonreentrancy on", "# pragma nonreentrancy off")
LOCKS = (
    ("FundingRounds", *OFF),
    ("settlements", *OFF),
    # Without the pragma the compiler refuses what is exempt from it.
    ("FundingRounds", "@reentrant\ndef state(", "def state("),
)


def hooked_suite(deployer: Any = None) -> RoundsSuite:
    return deploy_rounds_suite(
        account("governance"), asset=deploy_odd_asset(), FundingRounds=deployer
    )


# --- every entry into every function ---


def type_of(item: dict[str, Any]) -> str:
    """ABI type of an input, structs spelled out."""
    if not item["type"].startswith("tuple"):
        return item["type"]
    return f"({','.join(map(type_of, item['components']))}){item['type'][5:]}"


def zero_of(item: dict[str, Any]) -> Any:
    """A value that decodes: what the call would do does not matter if it is locked out."""
    if item["type"] == "tuple":
        return tuple(map(zero_of, item["components"]))
    zeros = {"address": "0x" + "00" * 20, "string": "", "bytes32": b"", "bool": False}
    if item["type"].endswith("[]"):
        return []
    return zeros.get(item["type"], 1)


def payloads(contract: Any) -> dict[str, bytes]:
    """A well-formed call of each function in the ABI, by name."""
    calls = {}
    for entry in contract.abi:
        if entry["type"] != "function":
            continue
        types = [type_of(item) for item in entry["inputs"]]
        selector = function_signature_to_4byte_selector(f"{entry['name']}({','.join(types)})")
        calls[entry["name"]] = selector + encode(types, [zero_of(i) for i in entry["inputs"]])
    return calls


CONTRIBUTOR = account("contributor")


def contribute(suite: RoundsSuite) -> Callable[[], Any]:
    round_id = suite.open_now()
    fund_and_approve(suite.asset, CONTRIBUTOR, suite.rounds, PAID)
    return lambda: suite.rounds.contribute(round_id, PAID, sender=CONTRIBUTOR)


def refund(suite: RoundsSuite) -> Callable[[], Any]:
    round_id = suite.open_now()
    suite.pay(round_id, CONTRIBUTOR, PAID)
    suite.rounds.cancel(round_id, sender=suite.owner)
    return lambda: suite.rounds.refund(round_id, CONTRIBUTOR)


def finalize(suite: RoundsSuite) -> Callable[[], Any]:
    round_id = suite.open_now()
    suite.pay(round_id, CONTRIBUTOR, CAP)
    return lambda: suite.rounds.finalize(round_id)


def skim(suite: RoundsSuite) -> Callable[[], Any]:
    suite.open_now()
    suite.asset.mint(suite.rounds, 1)
    return lambda: suite.rounds.skim(suite.asset, suite.owner, sender=suite.owner)


# What sets the stage and returns the call that moves the asset, and where the hook sits.
MOVES = [
    (contribute, Entry.TRANSFER_FROM),
    (refund, Entry.TRANSFER),
    (finalize, Entry.APPROVE),
    (finalize, Entry.TRANSFER_FROM),
    (skim, Entry.TRANSFER),
]


def call_hooked(
    suite: RoundsSuite, move: Callable[[], Any], entry: Entry, payload: bytes
) -> tuple[bool, bytes]:
    """What the hook's call of `payload` got during `move`, which is undone."""
    with boa.env.anchor():
        program_reentry(suite.asset, suite.rounds, payload, entries=entry)
        move()
        assert suite.asset.hook_calls_left() == 0, "the hook did not run"
        return suite.asset.hook_succeeded(), suite.asset.hook_response()


@pytest.mark.parametrize(("stage", "entry"), MOVES)
def test_every_function__reentered__is_locked(stage, entry):
    suite = hooked_suite()
    move = stage(suite)
    for name, payload in payloads(suite.rounds).items():
        succeeded, response = call_hooked(suite, move, entry, payload)
        assert succeeded == (name in UNLOCKED), name
        # The lock gives no reason, every check of the contract does.
        assert succeeded or response == b"", name


@pytest.mark.parametrize(("stage", "entry"), MOVES)
def test_every_function__without_the_lock__is_reached(stage, entry):
    suite = hooked_suite(mutate_all("FundingRounds", LOCKS))
    move = stage(suite)
    for name in ("contribute", "refund", "claim", "finalize", "open_round", "round_count"):
        succeeded, response = call_hooked(suite, move, entry, payloads(suite.rounds)[name])
        assert succeeded or response != b"", name


# --- a second refund out of the first ---

EFFECTS_FIRST = (
    "settlements",
    """    amount: uint256 = positions._record_refund(round_id, core, account)
    self._check_due(amount)
    asset_ledger._push(core.asset, receiver, amount)
    self._conclude_refund(round_id, core, account, amount)
    return amount
""",
    """    amount: uint256 = positions._paid(round_id, account)
    asset_ledger._push(core.asset, receiver, amount)
    if positions._paid(round_id, account) > 0:
        amount = positions._record_refund(round_id, core, account)
        self._conclude_refund(round_id, core, account, amount)
    return amount
""",
)
BOUNDED_DELTA = ("asset_ledger", " and balance_after + amount >= balance_before", "")
check_changes((*LOCKS, EFFECTS_FIRST, BOUNDED_DELTA))


def profit_of_reentering_refund(deployer: Any, *, runs_first: bool) -> int:
    """What the attacker gets beyond its own money, in units of the asset."""
    suite, attacker = hooked_suite(deployer), account("attacker")
    round_id = suite.open_now()
    for contributor in (attacker, account("victim")):
        suite.pay(round_id, contributor, PAID)
    suite.warp_to_end(round_id)
    payload = calldata_of(suite.rounds, "refund", round_id, attacker)
    program_reentry(
        suite.asset, suite.rounds, payload, entries=Entry.TRANSFER, runs_first=runs_first
    )
    try:
        suite.rounds.refund(round_id, attacker)
    except boa.BoaError:
        return 0
    return suite.asset.balanceOf(attacker) - PAID


@pytest.mark.parametrize("runs_first", [False, True])
@pytest.mark.parametrize(
    "removed",
    [(), (EFFECTS_FIRST, BOUNDED_DELTA), (*LOCKS, BOUNDED_DELTA), (*LOCKS, EFFECTS_FIRST)],
    ids=["no layer", "all but the lock", "all but the order", "all but the balance check"],
)
def test_refund__reentered__each_layer_alone_holds(removed, runs_first):
    deployer = mutate_all("FundingRounds", removed) if removed else deployer_of("FundingRounds")
    assert profit_of_reentering_refund(deployer, runs_first=runs_first) == 0


@pytest.mark.parametrize("runs_first", [False, True])
def test_refund__reentered_without_any_layer__is_paid_twice(runs_first):
    mutant = mutate_all("FundingRounds", (*LOCKS, EFFECTS_FIRST, BOUNDED_DELTA))
    assert profit_of_reentering_refund(mutant, runs_first=runs_first) == PAID

"""P2 and P3: whoever pokes at the suite in between, everybody ends up with the same, to the unit.

One random life of the busy suite is lived twice: the same people make the same calls in the same
seconds, with a stranger's pokes between them or without. At the end everything that anybody may
push is pushed until nothing moves; then every wallet, vote and promise must be equal.
"""

import os
import random
from typing import Any

import boa
import pytest

from tests.attack.test_access import ACCESS, ANYBODY
from tests.busy_grants import GRANT_MODEL
from tests.busy_suite import DAO_MODEL, SALT, BusySuite, deploy_busy_suite
from tests.properties.empty_calls import Call, empty_calls, run
from tests.support import DAY, EPOCH_SECONDS, now, warp_to

# When it is called decides something, and the interface says so: (contract, function) => what.
MATTER = {
    ("RoyaltyRouter", "forward_income"): "the epoch in which the income counts",
    ("TrainingGrants", "expire"): "ends a grant that is overdue or whose bond is missing",
    ("TrainingGrants", "escalate"): "holds a review for a proposal about it",
    ("ComputeEscrow", "return_budget"): "what a grant that ended leaves is free again",
    ("ContributorRewards", "activate_drop"): "from when a drop can be claimed, and so until when",
    ("LicenseMarket", "estimate"): "books a debt that stands until the report comes",
    ("LicenseEnforcement", "enforce"): "books estimates and pays out of the bond",
    ("LicenseEnforcement", "terminate"): "ends a licence that could still be cured",
    ("LicenseEnforcement", "expire"): "ends a dispute that nobody decided",
    ("LicenseEnforcement", "release_bond"): "a bond may be assessed until it is released",
    ("FundingRounds", "finalize"): "a success that nobody finalizes in time is a failure",
    ("FundingRounds", "cancel_unmintable"): "ends a round that a vote could still let be minted",
    ("FundingRounds", "claim"): "from when its holder's tokens vote and earn",
    ("FundingRounds", "claim_batch"): "as claim",
    ("Redemptions", "begin"): "which money is free then",
    ("Redemptions", "top_up"): "what comes free is shared only if it is called in time",
    ("GovernanceToken", "apply_exclusion"): "from which epoch on an account earns nothing",
    ("Redemptions", "close"): "ends the time in which tokens can be redeemed",
    ("LicenseCatalog", "end_exclusivity"): "from when others may buy",
    ("ModelRegistry", "refresh"): "from when a scheduled split or a new fee counts",
    ("HolderIncome", "recycle"): "ends the time in which a pot can be claimed",
}
# What people do here only at the end: who sends money on to somebody else sends what nobody has
# pushed to itself by then, and income counts in the epoch in which it is forwarded.
LAST = {
    *(("FundingRounds", "refund_to"), ("FundingRounds", "move_position")),
    *(("Redemptions", "collect_to"), ("HolderIncome", "claim_to")),
    *(("HolderIncome", "set_claimer"), ("RoyaltyRouter", "forward_income")),
}
# A life is long, and only one here; `make test-deep` lives more.
SEEDS = range(int(os.environ.get("FLYWHEEL_EXAMPLES", "1")))
DAYS = 150
STEPS = 40
POKES_PER_STEP = 12


@pytest.fixture(scope="module")
def busy() -> BusySuite:
    return deploy_busy_suite()


def open_functions() -> list[tuple[str, str]]:
    return [
        (stem, key)
        for stem, functions in ACCESS.items()
        for key, rule in functions.items()
        if rule == ANYBODY and "/" not in key
    ]


@pytest.fixture(scope="module")
def pokes(busy) -> list[Call]:
    """What a stranger tries: every open function with every id, but for those that matter."""
    stranger = busy.people["stranger"]
    return [
        call
        for stem, key in open_functions()
        if (stem, key) not in MATTER
        for call in empty_calls(busy, stem, key, stranger)
    ]


@pytest.fixture(scope="module")
def last_calls(busy) -> list[Call]:
    """What pushes everything to whom it belongs, in the order of the wheel."""
    stranger = busy.people["stranger"]
    return [
        call
        for stem, key in open_functions()
        if (stem, key) not in (("HolderIncome", "recycle"),)
        for call in empty_calls(busy, stem, key, stranger)
    ]


def boundaries(start: int) -> list[int]:
    """The ends of epochs, and the seconds around them: where accruals change their step."""
    first = start - start % EPOCH_SECONDS
    return [
        first + n * EPOCH_SECONDS + offset
        for n in range(1, DAYS // 30 + 2)
        for offset in (-1, 0, 1)
        if first + n * EPOCH_SECONDS + offset > start + 1
    ]


def plan_of(busy: BusySuite, seed: int) -> list[tuple[int, Call]]:
    """Valid calls of people who act for themselves, at random seconds."""
    dice = random.Random(seed)
    contracts = {str(item.address) for item in busy.suite.contracts.values()}
    calls = [
        Call(*key.split("/")[0].split("."), action.args, action.sender)
        for key, action in busy.actions.items()
        if action.sender not in contracts and tuple(key.split("/")[0].split(".")) not in LAST
    ]
    seconds = sorted(dice.randrange(now() + 1, now() + DAYS * DAY) for _ in range(STEPS))
    return [
        (second, dice.choice(calls) if dice.random() < 0.5 else odd_call(busy, dice))
        for second in seconds
    ]


def odd_call(busy: BusySuite, dice: random.Random) -> Call:
    """A payment or a transfer of an amount that no share divides."""
    people, asset = busy.people, busy.suite.asset.address
    amount = dice.choice((1, 7, 9_999, 10_001, dice.randrange(1, 10**9)))
    if dice.random() < 0.7:
        args = (dice.choice((DAO_MODEL, GRANT_MODEL)), asset, amount, SALT)
        return Call("RoyaltyRouter", "pay", args, people["payer"])
    return Call("GovernanceToken", "transfer", (people["heir"], amount), people["holder"])


def live(busy: BusySuite, seed: int, pokes: list[Call], last_calls: list[Call]) -> dict[Any, Any]:
    """Lives one life; with `pokes`, a stranger makes some of them before each step."""
    noise = random.Random(seed + 1_000)
    plan = [*plan_of(busy, seed), *((second, None) for second in boundaries(now()))]
    for second, call in sorted(plan, key=lambda step: step[0]):
        if second > now():
            warp_to(second)
        for poke in noise.sample(pokes, POKES_PER_STEP) if pokes else ():
            run(busy, poke)
        if call is not None:
            run(busy, call)
    warp_to(now() + 2 * EPOCH_SECONDS)
    for _ in range(3):
        for call in last_calls:
            run(busy, call)
    return holdings(busy)


def holdings(busy: BusySuite) -> dict[Any, Any]:
    """What everybody has in the end: assets, tokens, votes."""
    suite, found = busy.suite, {}
    for name, person in busy.people.items():
        if name != "stranger":
            found[name, "asset"] = suite.asset.balanceOf(person)
            found[name, "token"] = suite.token.balanceOf(person)
            found[name, "votes"] = suite.token.getVotes(person)
    for name, contract in suite.contracts.items():
        found[name, "asset"] = suite.asset.balanceOf(contract)
        found[name, "token"] = suite.token.balanceOf(contract)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_life__with_a_strangers_pokes__ends_as_without(busy, pokes, last_calls, seed):
    with boa.env.anchor():
        quiet = live(busy, seed, [], last_calls)
    with boa.env.anchor():
        poked = live(busy, seed, pokes, last_calls)
    assert {k: (quiet[k], poked[k]) for k in quiet if quiet[k] != poked[k]} == {}


def test_matter__names_open_functions():
    assert set(MATTER) <= set(open_functions())

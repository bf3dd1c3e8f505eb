"""Treasury and HolderIncome with tokens that misbehave, at each place where money moves."""

from collections.abc import Callable
from typing import Any, NamedTuple

import boa
import pytest

from tests.attack.mutants import check_changes, mutate_all
from tests.kits import treasury as kit
from tests.odd_assets import (
    HARMLESS_FAULTS,
    REFUSED_FAULTS,
    Entry,
    Fault,
    calldata_of,
    deploy_odd_asset,
    program_reentry,
)
from tests.support import CAPS, account, deploy, reverts_otherwise

AMOUNT = 10_000


class Scene(NamedTuple):
    """A Treasury with free, committed and unclosed money, and a pot that waits for its holder."""

    asset: Any
    treasury: Any
    income: Any
    owner: str
    payer: str
    router: str
    holder: str
    payee: str


def _stage(treasury_deployer: Any = None) -> Scene:
    asset = deploy_odd_asset()
    owner, payer, holder = account("owner"), account("payer"), account("holder")
    token = kit.deploy_mock_token()
    if treasury_deployer is None:
        token, treasury, income = kit.deploy_money(token, owner)
    else:
        with boa.env.prank(owner):
            treasury = treasury_deployer.deploy(
                token.address, kit.HOLDERS_BPS, kit.GRANTS_BPS, *CAPS
            )
        income = deploy("HolderIncome", token.address, treasury.address, sender=owner)
        treasury.set_holder_income(income.address, sender=owner)
    kit.accept(treasury, owner, asset)
    router = kit.income_source(treasury, owner)
    treasury.set_committer(owner, True, sender=owner)
    kit.deposit(treasury, asset, payer, kit.GRANTS, 10 * AMOUNT)
    treasury.commit_beyond_cap(kit.GRANTS, asset.address, 5 * AMOUNT, owner, sender=owner)
    for epoch in (1, 2):
        token.set_balance_seconds(holder, epoch, 1)
        kit.earn(treasury, asset, router, AMOUNT)
        kit.end_epoch(treasury)
    treasury.close_epoch(1, asset.address)
    for account_ in (payer, router):
        asset.mint(account_, 4 * AMOUNT)
        asset.approve(treasury.address, 4 * AMOUNT, sender=account_)
    asset.mint(treasury.address, AMOUNT)
    asset.mint(income.address, AMOUNT)
    return Scene(asset, treasury, income, owner, payer, router, holder, account("payee"))


@pytest.fixture(scope="module")
def scene():
    return _stage()


# Each movement of money, and where in the token it runs.
MOVEMENTS: dict[str, tuple[Entry, Callable[[Scene], Any]]] = {
    "deposit": (
        Entry.TRANSFER_FROM,
        lambda s: s.treasury.deposit(kit.RESERVE, s.asset.address, AMOUNT, sender=s.payer),
    ),
    "receive_income": (
        Entry.TRANSFER_FROM,
        lambda s: s.treasury.receive_income(s.asset.address, AMOUNT, sender=s.router),
    ),
    "close_epoch": (
        Entry.TRANSFER_FROM,
        lambda s: s.treasury.close_epoch(2, s.asset.address, sender=s.payer),
    ),
    "spend": (
        Entry.TRANSFER,
        lambda s: s.treasury.spend_beyond_cap(
            kit.GRANTS, s.asset.address, s.payee, AMOUNT, sender=s.owner
        ),
    ),
    "pay_commitment": (
        Entry.TRANSFER,
        lambda s: s.treasury.pay_commitment(1, s.payee, AMOUNT, sender=s.owner),
    ),
    "claim": (
        Entry.TRANSFER,
        lambda s: s.income.claim(s.holder, s.asset.address, 1, 1, sender=s.payer),
    ),
}
SKIMS: dict[str, Callable[[Scene], Any]] = {
    "treasury": lambda s: s.treasury.skim(s.asset.address, s.payee, sender=s.owner),
    "income": lambda s: s.income.skim(s.asset.address, s.payee, sender=s.owner),
}
# How much the Treasury and HolderIncome hold more, or less, after each movement.
CHANGES = {
    "deposit": (AMOUNT, 0),
    "receive_income": (AMOUNT, 0),
    "close_epoch": (-4_000, 4_000),
    "spend": (-AMOUNT, 0),
    "pay_commitment": (-AMOUNT, 0),
    "claim": (0, -4_000),
}


def _holdings(scene: Scene) -> list[int]:
    return [
        figure
        for contract in (scene.treasury, scene.income)
        for figure in (
            scene.asset.balanceOf(contract.address),
            contract.accounted(scene.asset.address),
        )
    ]


@pytest.mark.parametrize("fault", HARMLESS_FAULTS)
@pytest.mark.parametrize("name", MOVEMENTS)
def test_harmless_fault__moves_exactly(scene, name, fault):
    before = _holdings(scene)
    scene.asset.misbehave(fault, Entry.ALL)
    MOVEMENTS[name][1](scene)
    moved = [after - figure for after, figure in zip(_holdings(scene), before, strict=True)]
    treasury_change, income_change = CHANGES[name]
    assert moved == [treasury_change, treasury_change, income_change, income_change]


@pytest.mark.parametrize("fault", REFUSED_FAULTS)
@pytest.mark.parametrize("name", MOVEMENTS)
def test_refused_fault__reverts_and_changes_nothing(scene, name, fault):
    entry, move = MOVEMENTS[name]
    before = _holdings(scene)
    scene.asset.misbehave(fault, entry)
    if name == "close_epoch":
        _check_waits(scene)
    else:
        _check_reverts(REFUSED_FAULTS[fault], lambda: move(scene))
    assert _holdings(scene) == before
    # Nothing is lost by it: the same movement succeeds once the token behaves.
    scene.asset.misbehave(Fault.NONE, Entry.ALL)
    if name == "close_epoch":
        assert scene.treasury.push_holders(scene.asset.address) == 4_000
    else:
        move(scene)


def _check_waits(scene: Scene) -> None:
    """The closing succeeds, only the holders' part stays where it is."""
    MOVEMENTS["close_epoch"][1](scene)
    assert scene.treasury.is_closed(2, scene.asset.address)
    assert scene.treasury.waiting_part(2, scene.asset.address) == 4_000
    assert scene.asset.allowance(scene.treasury, scene.income) == 0


def _check_reverts(reason: str | None, call: Callable[[], Any]) -> None:
    with boa.reverts(reason) if reason else reverts_otherwise("the asset gives no reason"):
        call()


@pytest.mark.parametrize("name", ["deposit", "receive_income"])
def test_fee_on_receiver__is_refused_on_the_way_in(scene, name):
    scene.asset.misbehave(Fault.FEE_ON_RECEIVER, Entry.ALL)
    with boa.reverts("asset took a fee"):
        MOVEMENTS[name][1](scene)


@pytest.mark.parametrize("name", ["spend", "pay_commitment", "claim"])
def test_fee_on_receiver__is_the_receivers_on_the_way_out(scene, name):
    scene.asset.misbehave(Fault.FEE_ON_RECEIVER, Entry.ALL)
    MOVEMENTS[name][1](scene)
    for contract in (scene.treasury, scene.income):
        assert scene.asset.balanceOf(contract.address) >= contract.accounted(scene.asset.address)


@pytest.mark.parametrize("name", ["spend", "pay_commitment", "claim"])
def test_fee_on_sender__may_not_eat_what_others_are_owed(scene, name):
    scene.asset.misbehave(Fault.FEE_ON_SENDER, Entry.ALL)
    with boa.reverts("asset took a fee"):
        MOVEMENTS[name][1](scene)


@pytest.mark.parametrize("name", SKIMS)
def test_fee_on_sender__may_not_be_skimmed_out_of_the_ledger(scene, name):
    scene.asset.misbehave(Fault.FEE_ON_SENDER, Entry.ALL)
    with boa.reverts("asset took a fee"):
        SKIMS[name](scene)


@pytest.mark.parametrize(
    ("fault", "entry", "reason"),
    [
        (Fault.FEE_ON_SENDER, Entry.ALL, "asset was not handed over"),
        (Fault.FEE_ON_RECEIVER, Entry.ALL, "asset took a fee"),
        (Fault.RETURNS_FALSE, Entry.APPROVE, "asset approval failed"),
        (Fault.REVERTS, Entry.APPROVE, None),
        (Fault.MOVES_NOTHING, Entry.APPROVE, "allowance is too low"),
    ],
)
def test_close_epoch__hand_over_that_fails__waits_and_says_why(scene, fault, entry, reason):
    before = _holdings(scene)
    scene.asset.misbehave(fault, entry)
    _check_waits(scene)
    assert _holdings(scene) == before
    _check_reverts(reason, lambda: scene.treasury.push_holders(scene.asset.address))


def test_rebase_down__stops_at_what_is_there(scene):
    """The ledger keeps what is owed; the last to leave a token that shrank waits for the rest."""
    scene.asset.rebase(scene.treasury.address, AMOUNT)
    MOVEMENTS["spend"][1](scene)
    with boa.reverts("balance is too low"):
        MOVEMENTS["pay_commitment"][1](scene)
    assert scene.treasury.skim(scene.asset.address, scene.payee, sender=scene.owner) == 0


def test_rebase_up__is_a_donation(scene):
    before = scene.treasury.accounted(scene.asset.address)
    scene.asset.rebase(scene.treasury.address, before + 7)
    assert scene.treasury.skim(scene.asset.address, scene.payee, sender=scene.owner) == 7
    assert scene.treasury.accounted(scene.asset.address) == before


# --- re-entry from the token's hook ---

OFF = ("# pragma nonreentrancy on", "# pragma nonreentrancy off")
UNLOCKED = (
    *(
        (stem, *OFF)
        for stem in ("Treasury", "outflows", "buckets", "asset_ledger", "income_policy")
    ),
    # Without the pragma the compiler refuses what is exempt from it.
    ("Treasury", "@reentrant\ndef push_from_closing(", "def push_from_closing("),
    ("Treasury", "@reentrant\ndef is_solvent(", "def is_solvent("),
    (
        "asset_ledger",
        "reentrant(public(HashMap[address, uint256]))",
        "public(HashMap[address, uint256])",
    ),
)
check_changes(UNLOCKED)

# Calls that would succeed on their own: the function that needs no role, and a view of each module.
REENTRIES: dict[str, Callable[[Scene], tuple[Any, bytes]]] = {
    "close_epoch": lambda s: (
        s.treasury,
        calldata_of(s.treasury, "close_epoch", 2, s.asset.address),
    ),
    "free": lambda s: (
        s.treasury,
        calldata_of(s.treasury, "free", kit.GRANTS, s.asset.address),
    ),
    "policy_at": lambda s: (s.treasury, calldata_of(s.treasury, "policy_at", 1)),
}


@pytest.mark.parametrize("reentry", REENTRIES)
@pytest.mark.parametrize("name", ["deposit", "receive_income", "spend", "pay_commitment"])
@pytest.mark.parametrize("runs_first", [True, False])
def test_reentry__into_the_treasury__is_locked(scene, name, reentry, runs_first):
    program_reentry(scene.asset, *REENTRIES[reentry](scene), runs_first=runs_first)
    MOVEMENTS[name][1](scene)
    assert scene.asset.hook_calls_left() == 0
    assert not scene.asset.hook_succeeded()


@pytest.mark.parametrize("function", ["claim", "claimable"])
@pytest.mark.parametrize("name", ["claim", "close_epoch"])
def test_reentry__into_holder_income__is_locked(scene, name, function):
    payload = calldata_of(scene.income, function, scene.holder, scene.asset.address, 1, 1)
    program_reentry(scene.asset, scene.income, payload)
    MOVEMENTS[name][1](scene)
    assert scene.asset.hook_calls_left() == 0
    assert not scene.asset.hook_succeeded()


def test_reentry__into_the_treasury_while_holder_income_pulls__is_locked(scene):
    program_reentry(scene.asset, *REENTRIES["free"](scene))
    MOVEMENTS["close_epoch"][1](scene)
    assert scene.asset.hook_calls_left() == 0
    assert not scene.asset.hook_succeeded()


def test_reentry__unlocked_mutant__is_entered():
    mutant = mutate_all("Treasury", UNLOCKED)
    scene = _stage(mutant)
    # The views: what moves money would still meet the ledger's check of the balance.
    for name in ("free", "policy_at"):
        program_reentry(scene.asset, *REENTRIES[name](scene), runs_first=True)
        MOVEMENTS["deposit"][1](scene)
        assert scene.asset.hook_succeeded()

"""Treasury and HolderIncome: what each kind of odd token does at each entry point that moves it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import boa
import pytest

from tests.kits import treasury as kit
from tests.odd_assets import NAMED_FAULTS, REASONS, Entry, Fault, deploy_odd_asset
from tests.support import account, fund_and_approve, pass_time, reverts_otherwise

AMOUNT = 10_000
DONATION = 777
SHARE = AMOUNT * kit.HOLDERS_BPS // kit.BPS
RECYCLE_SECONDS = 730 * 86_400

# --- the table: kind of token x kind of movement => what happens ---

# "still" moves money between accounts of the books only: the token has no say.
TABLE = """
kind                  | in      | handed  | out     | skim    | still
plain                 | ok      | ok      | ok      | ok      | ok
no return value       | ok      | ok      | ok      | ok      | ok
false, moves          | failed  | approve | failed  | failed  | ok
false, stays          | failed  | approve | failed  | failed  | ok
garbage, moves        | reverts | reverts | reverts | reverts | ok
garbage, stays        | reverts | reverts | reverts | reverts | ok
short, moves          | reverts | reverts | reverts | reverts | ok
true, stays           | fee     | allow   | fee     | fee     | ok
fee on receiver       | fee     | fee     | ok      | ok      | ok
fee on sender         | ok      | short   | fee     | fee     | ok
paused                | paused  | paused  | paused  | paused  | ok
reverts               | reverts | reverts | reverts | reverts | ok
burns gas             | reverts | reverts | reverts | reverts | ok
reverts on zero       | ok      | ok      | ok      | ok      | ok
reverts over 96 bits  | ok      | ok      | ok      | ok      | ok
reverts on reapproval | ok      | ok      | ok      | ok      | ok
hook of the receiver  | reverts | reverts | ok      | ok      | ok
blacklists            | black   | black   | black   | black   | ok
rebased down          | ok      | low     | low     | nothing | ok
rebased up            | ok      | ok      | ok      | more    | ok
"""


class Scene(NamedTuple):
    """A moment in which each entry point that moves money has something to move."""

    asset: Any  # accepted
    gift: Any  # not accepted, held in kind
    treasury: Any
    income: Any
    owner: str
    payer: str
    router: str
    holder: str
    payee: str


@pytest.fixture(scope="module")
def scene() -> Scene:
    asset, gift = deploy_odd_asset(), deploy_odd_asset()
    owner, payer, holder = account("owner"), account("payer"), account("holder")
    token, treasury, income = kit.deploy_money(kit.deploy_mock_token(), owner)
    kit.accept(treasury, owner, asset)
    router = kit.income_source(treasury, owner)
    with boa.env.prank(owner):
        treasury.set_committer(owner, True)
    kit.deposit(treasury, asset, payer, kit.GRANTS, 10 * AMOUNT)
    with boa.env.prank(owner):
        treasury.commit_beyond_cap(kit.GRANTS, asset.address, 5 * AMOUNT, owner)
        treasury.allow_wind_down(kit.GRANTS, asset.address, owner)
    fund_and_approve(gift, payer, treasury.address, AMOUNT)
    treasury.receive_in_kind(gift.address, AMOUNT, sender=payer)
    # Epoch 1 has a pot, the money of epoch 2 waits for epoch 3, epoch 4 is not closed.
    for epoch in (1, 2, 3, 4):
        if epoch != 2:
            token.set_balance_seconds(holder, epoch, 1)
        if epoch != 3:
            kit.earn(treasury, asset, router, AMOUNT)
        kit.end_epoch(treasury)
    for epoch in (1, 2):
        treasury.close_epoch(epoch, asset.address)
    pass_time(RECYCLE_SECONDS)
    for coin in (asset, gift):
        for who in (payer, router):
            fund_and_approve(coin, who, treasury.address, AMOUNT)
            coin.mint(who, AMOUNT)  # out of which to pay a fee on the sender
        for contract in (treasury, income):
            coin.mint(contract.address, DONATION)
    return Scene(asset, gift, treasury, income, owner, payer, router, holder, account("payee"))


# Entry point => column of the table, call, and what it changes in Treasury and HolderIncome.
MOVES: dict[str, tuple[str, Callable[[Scene], Any], int, int]] = {
    "deposit": (
        "in",
        lambda s: s.treasury.deposit(kit.RESERVE, s.asset.address, AMOUNT, sender=s.payer),
        AMOUNT,
        0,
    ),
    "receive_income": (
        "in",
        lambda s: s.treasury.receive_income(s.asset.address, AMOUNT, sender=s.router),
        AMOUNT,
        0,
    ),
    "receive_in_kind": (
        "in",
        lambda s: s.treasury.receive_in_kind(s.gift.address, AMOUNT, sender=s.payer),
        AMOUNT,
        0,
    ),
    "close_epoch and fund": (
        "handed",
        lambda s: s.treasury.close_epoch(4, s.asset.address, sender=s.payer),
        -SHARE,
        SHARE,
    ),
    "recycle": (
        "handed",
        lambda s: s.income.recycle(1, s.asset.address, sender=s.payer),
        SHARE,
        -SHARE,
    ),
    "spend": (
        "out",
        lambda s: s.treasury.spend_beyond_cap(
            kit.GRANTS, s.asset.address, s.payee, AMOUNT, sender=s.owner
        ),
        -AMOUNT,
        0,
    ),
    "pay_commitment": (
        "out",
        lambda s: s.treasury.pay_commitment(1, s.payee, AMOUNT, sender=s.owner),
        -AMOUNT,
        0,
    ),
    "spend_in_kind": (
        "out",
        lambda s: s.treasury.spend_in_kind(s.gift.address, s.payee, AMOUNT, sender=s.owner),
        -AMOUNT,
        0,
    ),
    "release_for_wind_down": (
        "out",
        lambda s: s.treasury.release_for_wind_down(
            kit.GRANTS, s.asset.address, AMOUNT, sender=s.owner
        ),
        -AMOUNT,
        0,
    ),
    "claim": (
        "out",
        lambda s: s.income.claim(s.holder, s.asset.address, 1, 1, sender=s.payer),
        0,
        -SHARE,
    ),
    "claim_assets": (
        "out",
        lambda s: s.income.claim_assets(s.holder, [s.asset.address], 1, 1, sender=s.payer),
        0,
        -SHARE,
    ),
    "claim_to": (
        "out",
        lambda s: s.income.claim_to(s.holder, [s.asset.address], 1, 1, s.payee, sender=s.holder),
        0,
        -SHARE,
    ),
    "skim of the Treasury": (
        "skim",
        lambda s: s.treasury.skim(s.asset.address, s.payee, sender=s.owner),
        -DONATION,
        0,
    ),
    "skim of HolderIncome": (
        "skim",
        lambda s: s.income.skim(s.asset.address, s.payee, sender=s.owner),
        0,
        -DONATION,
    ),
    "roll": ("still", lambda s: s.income.roll(s.asset.address, sender=s.payer), 0, 0),
    "move_free": (
        "still",
        lambda s: s.treasury.move_free(
            kit.GRANTS, kit.RESERVE, s.asset.address, AMOUNT, sender=s.owner
        ),
        0,
        0,
    ),
    "release_commitment": (
        "still",
        lambda s: s.treasury.release_commitment(1, AMOUNT, sender=s.owner),
        0,
        0,
    ),
}


def cells() -> list[tuple[str, str, str]]:
    """Kind, entry point and result, read from the table."""
    header, *rows = ([cell.strip() for cell in row.split("|")] for row in TABLE.split("\n")[1:-1])
    results = [dict(zip(header, row, strict=True)) for row in rows]
    return [
        (row["kind"], move, row[column[0]]) for row in results for move, column in MOVES.items()
    ]


def spoil(s: Scene, kind: str) -> None:
    """Turns both assets into one of this kind, everywhere at once."""
    for coin in (s.asset, s.gift):
        if kind == "blacklists":
            for who in (s.payer, s.router, s.owner, s.holder, s.payee):
                coin.set_blacklisted(who, True)
            for contract in (s.treasury, s.income):
                coin.set_blacklisted(contract.address, True)
        elif kind.startswith("rebased"):
            for contract in (s.treasury, s.income):
                held = coin.balanceOf(contract.address)
                coin.rebase(contract.address, 0 if kind == "rebased down" else held + AMOUNT)
        else:
            coin.misbehave(NAMED_FAULTS[kind], Entry.ALL)


def figures(s: Scene) -> list[int]:
    """Balance and ledger of both contracts, both assets together."""
    return [
        sum(read(coin) for coin in (s.asset, s.gift))
        for contract in (s.treasury, s.income)
        for read in (
            lambda coin, contract=contract: coin.balanceOf(contract.address),
            lambda coin, contract=contract: contract.accounted(coin.address),
        )
    ]


@pytest.mark.parametrize(("kind", "move", "result"), cells())
def test_table__kind_of_token__does_what_it_says(scene, kind, move, result):
    column, call, of_treasury, of_income = MOVES[move]
    with boa.env.anchor():
        spoil(scene, kind)
        before = figures(scene)
        if result in REASONS and move.startswith("close_epoch"):
            # The closing succeeds; what the asset refuses to hand over waits, and says why.
            call(scene)
            assert figures(scene) == before
            call = lambda s: s.treasury.push_holders(s.asset.address)  # noqa: E731
        if result in REASONS:
            reason = REASONS[result]
            with boa.reverts(reason) if reason else reverts_otherwise("the asset gives no reason"):
                call(scene)
            of_treasury = of_income = 0
        else:
            call(scene)
            if result == "nothing":
                of_treasury = of_income = 0
            elif result == "more":
                of_treasury, of_income = (
                    change and change - AMOUNT for change in (of_treasury, of_income)
                )
        owed = (0, 0) if column == "skim" else (of_treasury, of_income)
        moved = [after - figure for after, figure in zip(figures(scene), before, strict=True)]
        assert moved == [of_treasury, owed[0], of_income, owed[1]]


def test_table__every_fault_of_a_token__has_a_row():
    shown = {fault for kind in NAMED_FAULTS.values() for fault in Fault if fault and fault in kind}
    assert shown == {fault for fault in Fault if fault}
    assert {kind for kind, _, _ in cells()} >= NAMED_FAULTS.keys()

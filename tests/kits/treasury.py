"""Treasury and HolderIncome, deployed and wired for the tests of every folder that needs them."""

from typing import Any, NamedTuple

import boa

from tests.support import (
    CAPS,
    EPOCH_SECONDS,
    account,
    deploy,
    fund_and_approve,
    now,
    pass_time,
    warp_to,
)

RESERVE, GRANTS = 1, 2
HOLDERS_BPS, GRANTS_BPS, RESERVE_BPS = 4_000, 4_000, 2_000
SPEND_CAP_BPS, GRANT_CAP_BPS = CAPS
BPS = 10_000
ONE = 10**18
SUPPLY_CAP = 2**96 - 1


class Money(NamedTuple):
    """The contracts income passes through."""

    token: Any
    treasury: Any
    income: Any


def deploy_mock_token() -> Any:
    """A token whose balance-seconds the test sets; epoch 1 begins now."""
    return deploy("MockEpochToken", now(), EPOCH_SECONDS)


def deploy_token(owner: str) -> Any:
    """The real governance token; epoch 1 begins now and `owner` may mint."""
    token = deploy("GovernanceToken", "Flywheel", "FLY", now(), EPOCH_SECONDS, sender=owner)
    with boa.env.prank(owner):
        token.set_minter(owner, SUPPLY_CAP)
    return token


def deploy_money(
    token: Any, owner: str, holders_bps: int = HOLDERS_BPS, grants_bps: int = GRANTS_BPS
) -> Money:
    """A Treasury and a HolderIncome that know each other, owned by `owner`, with no asset yet."""
    treasury = deploy("Treasury", token.address, holders_bps, grants_bps, *CAPS, sender=owner)
    income = deploy("HolderIncome", token.address, treasury.address, sender=owner)
    with boa.env.prank(owner):
        treasury.set_holder_income(income.address)
    return Money(token, treasury, income)


def accept(treasury: Any, owner: str, asset: Any) -> Any:
    """Accepts `asset` and returns it."""
    with boa.env.prank(owner):
        treasury.accept_asset(asset.address)
    return asset


def income_source(treasury: Any, owner: str, name: str = "router") -> str:
    """An account that may book income."""
    source = account(name)
    with boa.env.prank(owner):
        treasury.set_income_source(source, True)
    return source


def earn(treasury: Any, asset: Any, source: str, amount: int) -> int:
    """Books freshly minted `amount` as income of the running epoch, which is returned."""
    epoch = running_epoch(treasury)
    fund_and_approve(asset, source, treasury.address, amount)
    with boa.env.prank(source):
        treasury.receive_income(asset.address, amount)
    return epoch


def deposit(treasury: Any, asset: Any, payer: str, purpose: int, amount: int) -> None:
    """Deposits freshly minted `amount` as free money of `purpose`."""
    fund_and_approve(asset, payer, treasury.address, amount)
    with boa.env.prank(payer):
        treasury.deposit(purpose, asset.address, amount)


def running_epoch(treasury: Any) -> int:
    return (now() - _token_of(treasury).GENESIS()) // EPOCH_SECONDS + 1


def end_epoch(treasury: Any) -> int:
    """Moves to the first second after the running epoch; returns the epoch that ended."""
    epoch = running_epoch(treasury)
    warp_to(_token_of(treasury).GENESIS() + epoch * EPOCH_SECONDS)
    return epoch


def pass_epochs(count: int) -> None:
    pass_time(count * EPOCH_SECONDS)


def event_rows(contract: Any) -> list[tuple[Any, ...]]:
    """All events of the last call on `contract`, as (name, arguments in order)."""
    return [(type(entry).__name__, *entry[1:]) for entry in contract.get_logs()]


def transfer_row(sender: Any, receiver: Any, amount: int) -> tuple[Any, ...]:
    """The row of an ERC-20 movement between addresses or contracts."""
    return ("Transfer", _address(sender), _address(receiver), amount)


def _address(account_or_contract: Any) -> str:
    return getattr(account_or_contract, "address", account_or_contract)


def _token_of(treasury: Any) -> Any:
    return boa.env.lookup_contract(treasury.TOKEN())

"""Holders: close epochs, claim the time-weighted share of the income."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flywheel import chain
from flywheel.suite import Suite

if TYPE_CHECKING:
    from ape.api import AccountAPI

MAX_EPOCHS_PER_CLAIM = 26


@dataclass(frozen=True)
class Closing:
    """How the income of one epoch was split, in units of the asset."""

    epoch: int
    holders: int
    grants: int
    reserve: int


def current_epoch(suite: Suite) -> int:
    return int(suite.token.epoch_at(chain.now()))


def closable_epochs(suite: Suite) -> list[int]:
    """Ended epochs with income in the asset that is not split yet."""
    asset = suite.asset.address
    return [
        epoch
        for epoch in range(1, current_epoch(suite))
        if suite.treasury.income(epoch, asset) and not suite.treasury.is_closed(epoch, asset)
    ]


def close_epoch(suite: Suite, caller: "AccountAPI", epoch: int) -> Closing:
    """Splits the income of an ended epoch among holders, next grants and reserve."""
    receipt = chain.send(suite.treasury.close_epoch, epoch, suite.asset.address, sender=caller)
    log = chain.event_of(receipt, suite.treasury.EpochClosed)
    return Closing(epoch, int(log.to_holders), int(log.to_grants), int(log.to_reserve))


def claim(
    suite: Suite, caller: "AccountAPI", account: str, first_epoch: int, last_epoch: int
) -> int:
    """Brings `account` its share of the epochs first..last; returns units."""
    total = 0
    for start in range(first_epoch, last_epoch + 1, MAX_EPOCHS_PER_CLAIM):
        count = min(MAX_EPOCHS_PER_CLAIM, last_epoch + 1 - start)
        if not chain.call(suite.income.claimable, account, suite.asset.address, start, count):
            continue
        receipt = chain.send(
            suite.income.claim, account, suite.asset.address, start, count, sender=caller
        )
        total += sum(int(log.amount) for log in suite.income.IncomeClaimed.from_receipt(receipt))
    return total

"""Holders: close epochs, claim the time-weighted share of the income, asset by asset."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flywheel.chain import connection
from flywheel.deploy.suite import Suite

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
    return int(suite.token.epoch_at(connection.now()))


def closable_epochs(suite: Suite, asset: str) -> list[int]:
    """Ended epochs with income in the asset that is not split yet."""
    return [
        epoch
        for epoch in range(1, current_epoch(suite))
        if suite.treasury.income(epoch, asset) and not suite.treasury.is_closed(epoch, asset)
    ]


def close_epoch(suite: Suite, caller: "AccountAPI", epoch: int, asset: str) -> Closing:
    """Splits the income of an ended epoch among holders, next grants and reserve."""
    receipt = connection.send(suite.treasury.close_epoch, epoch, asset, sender=caller)
    log = connection.event_of(receipt, suite.treasury.EpochClosed)
    return Closing(epoch, int(log.to_holders), int(log.to_grants), int(log.to_reserve))


def push_holders(suite: Suite, caller: "AccountAPI", asset: str) -> int:
    """Hands on the oldest holders' part that did not reach HolderIncome; returns units, 0 if none
    waits."""
    if not int(suite.treasury.first_waiting(asset)):
        return 0
    receipt = connection.send(suite.treasury.push_holders, asset, sender=caller)
    return int(connection.event_of(receipt, suite.treasury.HoldersPushed).amount)


def claimable(suite: Suite, account: str, asset: str, first_epoch: int, last_epoch: int) -> int:
    """Units that `account` has not claimed of the closed epochs first..last."""
    return sum(
        int(connection.call(suite.income.claimable, account, asset, start, count))
        for start, count in _calls(first_epoch, last_epoch)
    )


def _calls(first_epoch: int, last_epoch: int) -> Iterator[tuple[int, int]]:
    """First epochs and their numbers, each as many as one call takes."""
    for start in range(first_epoch, last_epoch + 1, MAX_EPOCHS_PER_CLAIM):
        yield start, min(MAX_EPOCHS_PER_CLAIM, last_epoch + 1 - start)


def claim(
    suite: Suite,
    caller: "AccountAPI",
    account: str,
    asset: str,
    first_epoch: int,
    last_epoch: int,
    receiver: str | None = None,
) -> int:
    """Brings `account` its share of the epochs first..last; returns units.

    With a `receiver` that one is paid; the caller is then the account or its claimer.
    """
    total = 0
    for start, count in _calls(first_epoch, last_epoch):
        if not connection.call(suite.income.claimable, account, asset, start, count):
            continue
        call: tuple[Any, ...]
        if receiver is None:
            call = (suite.income.claim, account, asset, start, count)
        else:
            call = (suite.income.claim_to, account, [asset], start, count, receiver)
        receipt = connection.send(*call, sender=caller)
        for log in connection.events_of(receipt, suite.income.IncomeClaimed):
            total += sum(map(int, log.amounts))
    return total


@dataclass(frozen=True)
class Share:
    """An account's part of the pot of one epoch, in units of the asset."""

    epoch: int
    pot: int
    amount: int
    state: str


def history(suite: Suite, account: str, asset: str) -> list[Share]:
    """All pots of the asset up to the running epoch, oldest first."""
    shares = []
    last = current_epoch(suite)
    for start, count in _calls(1, last):
        # `history` of a contract is Ape's own list of its transactions.
        for row in connection.call(
            connection.view(suite.income, "history"), account, asset, start, count
        ):
            if row.pot:
                state = "claimed" if row.claimed else "recycled" if row.recycled else "open"
                shares.append(Share(int(row.epoch), int(row.pot), int(row.amount), state))
    return shares


def set_claimer(suite: Suite, holder: "AccountAPI", claimer: str) -> None:
    """Lets `claimer` have the holder's income paid out; the zero address ends that."""
    connection.send(suite.income.set_claimer, claimer, sender=holder)


def carried(suite: Suite, asset: str) -> int:
    """Units of pots that nobody could claim and that wait to be moved on by `roll`."""
    return int(connection.call(suite.income.carried, asset))


def roll(suite: Suite, caller: "AccountAPI", asset: str) -> int:
    """Moves carried money on to the next epoch that makes a pot; returns the last one settled."""
    connection.send(suite.income.roll, asset, sender=caller)
    return int(connection.call(suite.income.settled_to, asset))


def recyclable_epochs(suite: Suite, asset: str) -> list[int]:
    """Epochs whose pots have waited long enough and still hold something."""
    moment = connection.now()
    return [
        epoch
        for epoch in range(1, current_epoch(suite))
        if 0 < suite.income.recyclable_at(epoch, asset) <= moment
        and not suite.income.is_recycled(epoch, asset)
        and suite.income.pot(epoch, asset) > suite.income.claimed_total(epoch, asset)
    ]


def recycle(suite: Suite, caller: "AccountAPI", epoch: int, asset: str) -> int:
    """Gives what nobody claimed of a pot to the next grants; returns units."""
    receipt = connection.send(suite.income.recycle, epoch, asset, sender=caller)
    return int(connection.event_of(receipt, suite.income.PotRecycled).amount)

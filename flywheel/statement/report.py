"""The statement of an epoch: what the Treasury had, got, gave and has, per asset."""

from collections.abc import Iterable
from dataclasses import dataclass

from flywheel.errors import fix
from flywheel.royalties.receivers import TREASURY, parts
from flywheel.statement.book import Book, Event
from flywheel.statement.entries import apply

# Event of the Treasury => what it is called, and its sign.
MOVEMENTS = {
    "Deposited": ("Deposited", 1),
    "IncomeReceived": ("Income of models", 1),
    "Spent": ("Spent by vote", -1),
    "CommitmentPaid": ("Paid out of commitments", -1),
    "WindDownReleased": ("Paid back to contributors", -1),
    "HoldersWait": ("Holders' part that waits", 1),
    "HoldersPushed": ("Holders' part that waited, pushed", -1),
    "ReceivedInKind": ("Received in kind", 1),
    "SpentInKind": ("Spent in kind", -1),
}
# What changes the place of money inside the Treasury, or promises it.
NOTES = {
    "Moved": "Moved between purposes",
    "Committed": "Committed",
    "CommitmentReleased": "Released from commitments",
}


@dataclass(frozen=True)
class Line:
    """`kind`: balance, movement or note. Movements lead from the opening to the closing balance."""

    kind: str
    words: str
    amount: int


def rebuild(events: Iterable[Event], until: int | None = None) -> Book:
    """The book of all events before the Unix time `until`, or of all.

    Raises `FlywheelError` where an event refers to something that no event before it made.
    """
    book = Book()
    for event in events:
        if until is None or event.timestamp < until:
            try:
                apply(book, event)
            except KeyError as error:
                raise fix(
                    f"{event.contract}.{event.name} in block {event.block} refers to "
                    f"{error.args[0]}, which no event before it made",
                    "The node leaves events out: ask another one",
                ) from error
    return book


def summary(book: Book) -> dict[str, int]:
    """How many figures the book has of each contract."""
    counts: dict[str, int] = {}
    for key in book.figures:
        counts[key[0]] = counts.get(key[0], 0) + 1
    return counts


def epoch_report(events: list[Event], asset: str, start: int, end: int) -> list[Line]:
    """The Treasury's statement of `asset` over [start, end), in units of the asset."""
    inside = [event for event in events if start <= event.timestamp < end]
    opening = rebuild(events, start).figures["Treasury", "accounted", asset]
    closing = rebuild(events, end).figures["Treasury", "accounted", asset]
    lines = [Line("balance", "Opening balance", opening)]
    lines += _movements(inside, asset)
    lines += [Line("balance", "Closing balance", closing)]
    lines += _notes(inside, asset)
    return lines


def _movements(events: list[Event], asset: str) -> list[Line]:
    lines = []
    for name, (words, sign) in MOVEMENTS.items():
        amount = sum(e.amount for e in _of("Treasury", name, events, asset))
        if amount:
            lines.append(Line("movement", words, sign * amount))
    for event in _of("Treasury", "EpochClosed", events, asset):
        if event.to_holders:
            words = f"To the holders' pot of epoch {event.epoch}"
            lines.append(Line("movement", words, -event.to_holders))
    skimmed = sum(e.amount for e in _of("Treasury", "Skimmed", events, asset))
    if skimmed:
        lines.append(Line("note", "Skimmed (donations, in no balance)", skimmed))
    return lines


def _notes(events: list[Event], asset: str) -> list[Line]:
    lines = []
    by_model: dict[int, int] = {}
    for event in _of("RoyaltyRouter", "RoyaltySettled", events, asset):
        for kind, _, amount in parts(event.parts):
            if kind == TREASURY:
                by_model[event.model_id] = by_model.get(event.model_id, 0) + amount
    lines += [
        Line("note", f"Earned by model {model}", amount)
        for model, amount in sorted(by_model.items())
    ]
    for event in _of("Treasury", "EpochClosed", events, asset):
        for part in ("holders", "grants", "reserve"):
            words = f"Split of epoch {event.epoch}: {part}"
            lines.append(Line("note", words, event.arguments[f"to_{part}"]))
    for event in _of("Treasury", "HoldersSkipped", events, asset):
        words = f"Holders' part of epoch {event.epoch} to the grants, which were below the floor"
        lines.append(Line("note", words, event.amount))
    for name, words in NOTES.items():
        amount = sum(e.amount for e in _of("Treasury", name, events, asset))
        if amount:
            lines.append(Line("note", words, amount))
    return lines


def _of(contract: str, name: str, events: list[Event], asset: str) -> list[Event]:
    return [
        event
        for event in events
        if (event.contract, event.name) == (contract, name) and event.asset == asset
    ]

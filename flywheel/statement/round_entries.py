"""Entries of FundingRounds: contributions, tokens, surpluses and wind-downs.

What an event leaves out follows from earlier ones: the tokens of an account from the terms, the
wind-down of a round from the order in which rounds were finalized.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flywheel.statement.book import Book, Event

F = "FundingRounds"
TOKEN_UNIT = 10**18


@dataclass(frozen=True)
class Terms:
    """What later entries need of a round."""

    asset: str
    purpose: int
    price: int
    hard_cap: int

    def tokens_for(self, units: int) -> int:
        return units * TOKEN_UNIT // self.price


def _terms(book: Book, e: Event) -> Terms:
    found: Terms = book.memory[F, e.round_id]
    return found


def _accounted(book: Book, asset: str, amount: int) -> None:
    book.add(amount, F, "accounted", asset)


def _opened(book: Book, e: Event) -> None:
    # web3 makes a mapping of a struct, boa a tuple.
    by_name = isinstance(e.terms, Mapping)
    price, hard_cap = (e.terms[key] for key in (("price", "hard_cap") if by_name else (1, 3)))
    terms = Terms(e.asset, e.purpose, int(price), int(hard_cap))
    book.memory[F, e.round_id] = terms
    book.add(terms.tokens_for(terms.hard_cap), F, "tokens reserved")


def _unreserve(book: Book, e: Event) -> None:
    terms = _terms(book, e)
    book.add(-terms.tokens_for(terms.hard_cap), F, "tokens reserved")


def _released(book: Book, e: Event) -> None:
    book.add(-e.amount, F, "tokens reserved")


def _contributed(book: Book, e: Event) -> None:
    if not book.figures[F, "contribution", e.round_id, e.account]:
        book.add(1, F, "contributors", e.round_id)
    book.add(e.amount, F, "contribution", e.round_id, e.account)
    book.add(e.amount, F, "raised", e.round_id)
    _accounted(book, _terms(book, e).asset, e.amount)


def _finalized(book: Book, e: Event) -> None:
    terms = _terms(book, e)
    _accounted(book, terms.asset, -e.proceeds)
    _unreserve(book, e)
    book.add(e.proceeds, F, "proceeds", e.round_id)
    book.add(e.raised - e.proceeds, F, "surplus left", e.round_id)
    book.add(e.tokens_minted, F, "unclaimed tokens", e.round_id)
    number = _running(book, terms.purpose, terms.asset)
    book.memory[F, "wind-down of", e.round_id] = number
    book.add(e.proceeds, F, "wind-down raised", number)


def _tokens_claimed(book: Book, e: Event) -> None:
    book.add(e.amount, F, "tokens out", e.round_id, e.account)
    book.add(-e.amount, F, "unclaimed tokens", e.round_id)


def _refunded(book: Book, e: Event) -> None:
    if (F, "wind-down of", e.round_id) in book.memory:
        book.add(-e.amount, F, "surplus left", e.round_id)
    else:
        book.add(-e.amount, F, "contribution", e.round_id, e.account)
    _accounted(book, _terms(book, e).asset, -e.amount)


def _surplus_left(book: Book, e: Event) -> None:
    book.add(-e.amount, F, "surplus left", e.round_id)
    _accounted(book, _terms(book, e).asset, -e.amount)


def _remainder_burned(book: Book, e: Event) -> None:
    book.add(-e.amount, F, "unclaimed tokens", e.round_id)


# --- wind-downs ---


def _running(book: Book, purpose: int, asset: str) -> int:
    """Id of the wind-down that pays back what is finalized now; the next one if none runs."""
    key = (F, "running", purpose, asset)
    if not book.memory.get(key):
        number = book.memory.get((F, "wind-downs"), 0) + 1
        book.memory[F, "wind-downs"] = number
        book.memory[key] = number
        book.memory[F, "wind-down", number] = (purpose, asset)
    return int(book.memory[key])


def _announced(book: Book, e: Event) -> None:
    number = _running(book, e.purpose, e.asset)
    book.put(e.least, F, "wind-down least", number)
    book.put(e.starts_at, F, "wind-down starts", number)


def _wound_down(book: Book, e: Event) -> None:
    purpose, asset = book.memory[F, "wind-down", e.wind_down_id]
    book.memory[F, "running", purpose, asset] = 0
    book.put(0, F, "wind-down starts", e.wind_down_id)
    book.add(e.pool, F, "wind-down pool", e.wind_down_id)
    _accounted(book, asset, e.pool)


def _redeemed(book: Book, e: Event) -> None:
    terms = _terms(book, e)
    # What the round still holds for the account is burned first.
    held = _allotted(book, e, terms) - book.figures[F, "tokens out", e.round_id, e.account]
    from_round = min(e.tokens, held)
    book.add(from_round, F, "tokens out", e.round_id, e.account)
    book.add(-from_round, F, "unclaimed tokens", e.round_id)
    book.add(e.tokens, F, "tokens redeemed", e.round_id, e.account)
    book.add(e.amount, F, "wind-down paid", book.memory[F, "wind-down of", e.round_id])
    _accounted(book, terms.asset, -e.amount)


def _allotted(book: Book, e: Event, terms: Terms) -> int:
    """Token wei that the round gives to the account in all."""
    paid = book.figures[F, "contribution", e.round_id, e.account]
    raised = book.figures[F, "raised", e.round_id]
    return terms.tokens_for(paid * min(raised, terms.hard_cap) // raised if raised else 0)


def _closed(book: Book, e: Event) -> None:
    _, asset = book.memory[F, "wind-down", e.wind_down_id]
    book.add(e.returned, F, "wind-down returned", e.wind_down_id)
    _accounted(book, asset, -e.returned)


ROUND_APPLIERS: dict[str, Callable[[Book, Event], None]] = {
    "RoundOpened": _opened,
    "Contributed": _contributed,
    "RoundFinalized": _finalized,
    "RoundCancelled": _unreserve,
    "ReservationReleased": _released,
    "TokensClaimed": _tokens_claimed,
    "Refunded": _refunded,
    "SurplusLeft": _surplus_left,
    "RemainderBurned": _remainder_burned,
    "WindDownAnnounced": _announced,
    "WoundDown": _wound_down,
    "Redeemed": _redeemed,
    "WindDownClosed": _closed,
}

"""Entries of FundingRounds and Redemptions: contributions, tokens, surpluses and wind-downs.

What an event leaves out, such as the asset, follows from the terms of the round.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flywheel.statement.book import Book, Event

F, R = "FundingRounds", "Redemptions"
TOKEN_UNIT = 10**18


@dataclass(frozen=True)
class Terms:
    """What later entries need of a round."""

    asset: str
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
    terms = Terms(e.asset, int(price), int(hard_cap))
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
    book.memory[F, "finalized", e.round_id] = True


def _tokens_claimed(book: Book, e: Event) -> None:
    book.add(e.amount, F, "tokens out", e.round_id, e.account)
    book.add(-e.amount, F, "unclaimed tokens", e.round_id)


def _refunded(book: Book, e: Event) -> None:
    if (F, "finalized", e.round_id) in book.memory:
        book.add(-e.amount, F, "surplus left", e.round_id)
    else:
        book.add(-e.amount, F, "contribution", e.round_id, e.account)
    _accounted(book, _terms(book, e).asset, -e.amount)


def _surplus_left(book: Book, e: Event) -> None:
    book.add(-e.amount, F, "surplus left", e.round_id)
    _accounted(book, _terms(book, e).asset, -e.amount)


def _remainder_burned(book: Book, e: Event) -> None:
    book.add(-e.amount, F, "unclaimed tokens", e.round_id)


# --- redemptions ---


def _announced(book: Book, e: Event) -> None:
    book.put(e.min_pool, R, "minimum", e.round_id)
    book.put(e.starts_at, R, "starts", e.round_id)


def _withdrawn(book: Book, e: Event) -> None:
    book.put(0, R, "minimum", e.round_id)
    book.put(0, R, "starts", e.round_id)


def _filled(book: Book, e: Event) -> None:
    book.add(e.amount, R, "pool", e.round_id)
    book.add(e.amount, R, "accounted", _terms(book, e).asset)


def _redeemed(book: Book, e: Event) -> None:
    book.add(e.tokens, R, "burned", e.round_id, e.account)
    book.add(e.tokens, R, "tokens burned", e.round_id)


def _redemption_paid(book: Book, e: Event) -> None:
    book.add(e.amount, R, "paid", e.round_id)
    book.add(-e.amount, R, "accounted", _terms(book, e).asset)


def _closed(book: Book, e: Event) -> None:
    book.add(e.returned, R, "returned", e.round_id)
    book.add(-e.returned, R, "accounted", _terms(book, e).asset)


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
}
REDEMPTION_APPLIERS: dict[str, Callable[[Book, Event], None]] = {
    "WindDownAnnounced": _announced,
    "WindDownWithdrawn": _withdrawn,
    "PoolFilled": _filled,
    "Redeemed": _redeemed,
    "RedemptionPaid": _redemption_paid,
    "WindDownClosed": _closed,
}

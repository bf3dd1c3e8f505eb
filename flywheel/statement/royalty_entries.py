"""Entries of RoyaltyRouter: what models received, what they inherited, whom it was credited to."""

from collections.abc import Iterator, Mapping

from eth_utils import to_checksum_address

from flywheel.statement.book import Applier, Book, Event

R = "RoyaltyRouter"
# Kinds of receivers in RoyaltySettled, as interfaces/IRoyaltyRouter.vyi has them.
KIND_SHIFT = 176
TREASURY, ACCOUNT, CAMPAIGN, ANCESTOR = 1, 2, 4, 8


def parts(settled: Event) -> Iterator[tuple[int, int, int]]:
    """Of RoyaltySettled, each receiver's `(kind, id, units)`; an account's id is its address."""
    for part in settled.parts:
        receiver, amount = part.values() if isinstance(part, Mapping) else part
        yield receiver >> KIND_SHIFT, receiver & (2**KIND_SHIFT - 1), amount


def _received(book: Book, e: Event) -> None:
    book.add(e.amount, R, "pending", e.model_id, e.asset)
    book.add(e.amount, R, "accounted", e.asset)


def _settled(book: Book, e: Event) -> None:
    inherited = book.take_all(R, "inherited", e.model_id, e.asset)
    book.add(inherited - e.amount, R, "pending", e.model_id, e.asset)
    for kind, number, amount in parts(e):
        if kind == TREASURY:
            book.add(amount, R, "treasury credit", e.asset)
        elif kind == ACCOUNT:
            account = to_checksum_address(number.to_bytes(20, "big"))
            book.add(amount, R, "credit", account, e.asset)
        elif kind == CAMPAIGN:
            book.add(amount, R, "campaign credit", number, e.asset)
        elif kind == ANCESTOR:
            book.add(amount, R, "inherited", number, e.asset)


def _withdrawn(book: Book, e: Event) -> None:
    book.add(-e.amount, R, "credit", e.account, e.asset)
    book.add(-e.amount, R, "accounted", e.asset)


def _income_forwarded(book: Book, e: Event) -> None:
    book.add(-e.amount, R, "treasury credit", e.asset)
    book.add(-e.amount, R, "accounted", e.asset)


def _campaign_forwarded(book: Book, e: Event) -> None:
    book.add(-e.amount, R, "campaign credit", e.campaign_id, e.asset)
    book.add(-e.amount, R, "accounted", e.asset)


ROUTER_APPLIERS: dict[str, Applier] = {
    "RoyaltyReceived": _received,
    "RoyaltySettled": _settled,
    "Withdrawn": _withdrawn,
    "IncomeForwarded": _income_forwarded,
    "CampaignForwarded": _campaign_forwarded,
}
